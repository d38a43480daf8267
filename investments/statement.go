package investments

import (
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// StatementType is the kind of an investor statement.
type StatementType string

// The statement types.
const (
	StatementMonthly   StatementType = "monthly"
	StatementQuarterly StatementType = "quarterly"
	StatementAnnual    StatementType = "annual"
	StatementTax       StatementType = "tax"
)

// The conditions of statements.
var (
	// ErrStatementNotFound: there is no such statement.
	ErrStatementNotFound = fault.New(fault.NotFound, "investor_statement_not_found", "there is no such statement")
	// ErrStatementExists: the investor has a statement of this type and period.
	ErrStatementExists = fault.New(fault.Conflict, "investor_statement_exists", "the investor has a statement of this type and period").On("period_start")
	// ErrStatementPeriod: a statement's period ends before it starts.
	ErrStatementPeriod = fault.New(fault.Invalid, fault.CodeInverted, "the period ends before it starts").On("period_end")
)

// statements is the repository of Statement rows, newest first.
var statements = store.Repo[Statement]{
	NotFound:    ErrStatementNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(r *Statement) (time.Time, string) { return r.CreatedAt, r.ID.String() }),
}

// Valid reports whether s is one of the statement types.
func (s StatementType) Valid() bool {
	switch s {
	case StatementMonthly, StatementQuarterly, StatementAnnual, StatementTax:
		return true
	}
	return false
}

// StatementStatus says whether a statement may still change.
type StatementStatus string

// The statement statuses.
const (
	StatementStatusDraft StatementStatus = "draft"
	StatementStatusFinal StatementStatus = "final"
	StatementStatusSent  StatementStatus = "sent"
)

// Valid reports whether s is one of the statement statuses.
func (s StatementStatus) Valid() bool {
	switch s {
	case StatementStatusDraft, StatementStatusFinal, StatementStatusSent:
		return true
	}
	return false
}

// StatementSummary is the investor's capital account over the period, all positions
// together:
//
//	closing = opening + contributions + transfers + income + unrealized change
//	        + realized gains + adjustments - fees - distributions
//
// Contributions are net of refunds, transfers what came less what went, and
// distributions net of those that were reversed, all on their dates and gross. Paid
// is what of them was paid in the period, which is what tax totals add up; the
// difference to the distributions is what DeclaredNotPaid grew by since
// OpeningNotPaid.
type StatementSummary struct {
	Opening          money.Amount `json:"opening"`
	Contributions    money.Amount `json:"contributions"`
	Transfers        money.Amount `json:"transfers"`
	Distributions    money.Amount `json:"distributions"`
	Fees             money.Amount `json:"fees"`
	Income           money.Amount `json:"income"`
	UnrealizedChange money.Amount `json:"unrealized_change"`
	RealizedGains    money.Amount `json:"realized_gains"`
	Adjustments      money.Amount `json:"adjustments"`
	Closing          money.Amount `json:"closing"`
	Paid             money.Amount `json:"paid"`
	OpeningNotPaid   money.Amount `json:"opening_not_paid"`
	DeclaredNotPaid  money.Amount `json:"declared_not_paid"`
	Recovered        money.Amount `json:"recovered"` // of reversed payments
	WrittenOff       money.Amount `json:"written_off"`
}

// StatementTransaction is one movement of cash in the period.
type StatementTransaction struct {
	Date        date.Date        `json:"date"`
	Type        TransactionType  `json:"type"`
	Amount      money.Amount     `json:"amount"`
	Position    *id.Of[Position] `json:"position,omitempty"`
	Description string           `json:"description,omitempty"`
}

// StatementHolding is one position at the end of the period.
//
// Invested and Unreturned are contributed capital and what of it was not returned
// by then.
type StatementHolding struct {
	Position     id.Of[Position]  `json:"position"`
	Name         string           `json:"name"`
	ShareClass   string           `json:"share_class"`
	Invested     money.Amount     `json:"invested"`
	Unreturned   money.Amount     `json:"unreturned"`
	Units        *decimal.Decimal `json:"units,omitempty"`
	Distributed  money.Amount     `json:"distributed"`
	CurrentValue *money.Amount    `json:"current_value,omitempty"`
	// Reserves is what the offering keeps back in all of its reserves by then, of
	// everybody's money; nil in a preview by a session that sees some investor's rows only.
	Reserves *money.Amount `json:"reserves,omitempty"`
}

// StatementPerformance is the investor's performance to the end of the period.
// Rates and multiples are fractions, nil where undefined.
type StatementPerformance struct {
	IRR            *decimal.Decimal `json:"irr,omitempty"`
	IRRUnique      bool             `json:"irr_unique"`
	CashOnCash     *decimal.Decimal `json:"cash_on_cash,omitempty"`
	EquityMultiple *decimal.Decimal `json:"equity_multiple,omitempty"`
}

// Statement is an investor's statement for a period. DocumentHash is the SHA-256 of
// the document in hexadecimal.
type Statement struct {
	bun.BaseModel `bun:"table:investments.statements,alias:st" json:"-"`

	ID          id.Of[Statement] `bun:"id,pk" json:"id"`
	InvestorID  id.Of[auth.User] `bun:"investor_id" json:"investor_id"`
	Currency    string           `bun:"currency" json:"currency"`
	Type        StatementType    `bun:"column:type" json:"type"`
	PeriodStart date.Date        `bun:"period_start" json:"period_start"`
	PeriodEnd   date.Date        `bun:"period_end" json:"period_end"`

	// Content
	Summary      *StatementSummary      `bun:"summary,type:jsonb,nullzero" json:"summary"`
	Transactions []StatementTransaction `bun:"transactions,type:jsonb,nullzero" json:"transactions"`
	Holdings     []StatementHolding     `bun:"holdings,type:jsonb,nullzero" json:"holdings"`
	Performance  *StatementPerformance  `bun:"performance,type:jsonb,nullzero" json:"performance"`

	// Document
	DocumentURL *string `bun:"document_url" json:"document_url"`

	// SHA-256 in hexadecimal
	DocumentHash *string         `bun:"document_hash" json:"document_hash"`
	Status       StatementStatus `bun:"status" json:"status"`
	SentAt       *time.Time      `bun:"sent_at" json:"sent_at"`
	ViewedAt     *time.Time      `bun:"viewed_at" json:"viewed_at"`
	Version      int64           `bun:"version" json:"version"`
	CreatedAt    time.Time       `bun:"created_at" json:"created_at"`
	UpdatedAt    time.Time       `bun:"updated_at" json:"updated_at"`
}
