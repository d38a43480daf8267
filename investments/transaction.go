package investments

import (
	"context"
	"iter"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// TransactionType says what moved an investor's cash.
type TransactionType string

// The transaction types.
const (
	TransactionInvestment      TransactionType = "investment"
	TransactionDistribution    TransactionType = "distribution"
	TransactionFee             TransactionType = "fee"
	TransactionReturnOfCapital TransactionType = "return_of_capital"
	TransactionRefund          TransactionType = "refund"
	TransactionWithholding     TransactionType = "withholding"
	TransactionTransferIn      TransactionType = "transfer_in"
	TransactionTransferOut     TransactionType = "transfer_out"
	TransactionAdjustment      TransactionType = "adjustment"
	TransactionLoanPaid        TransactionType = "loan_paid"     // of a distribution, to a partner who lent
	TransactionLoanReceived    TransactionType = "loan_received" // out of what a distribution gave a partner who borrowed
)

// The conditions of transactions.
var (
	// ErrTransactionNotFound: there is no such transaction.
	ErrTransactionNotFound = fault.New(fault.NotFound, "transaction_not_found", "there is no such transaction")
	// ErrTransactionReversed: the transaction has been reversed.
	ErrTransactionReversed = fault.New(fault.Conflict, "transaction_reversed", "the transaction has been reversed already").On("reverses_id")
	// ErrTransactionExists: a transaction has this idempotency key.
	ErrTransactionExists = fault.New(fault.Conflict, "transaction_exists", "a transaction has this key").On("idempotency_key")
	// ErrTransactionCompletion: the time of completion on a transaction that is
	// not completed.
	ErrTransactionCompletion = fault.New(fault.Invalid, "transaction_completion_inconsistent", "only a completed transaction has a time of completion").On("completed_at")
)

// transactions is the repository of Transaction rows, by the day they count from.
var transactions = store.Repo[Transaction]{
	NotFound:    ErrTransactionNotFound,
	Constraints: constraints,
	Sort: store.Sort[Transaction]{
		Columns: []store.Column{{Name: "effective_date", Type: "date"}, {Name: "id", Type: "uuid"}},
		Key:     func(t *Transaction) []string { return []string{t.EffectiveDate.String(), t.ID.String()} },
	},
}

// Valid reports whether t is one of the transaction types.
func (t TransactionType) Valid() bool {
	switch t {
	case TransactionInvestment, TransactionDistribution, TransactionFee, TransactionReturnOfCapital, TransactionRefund, TransactionWithholding, TransactionTransferIn, TransactionTransferOut, TransactionAdjustment,
		TransactionLoanPaid, TransactionLoanReceived:
		return true
	}
	return false
}

// TransactionStatus says whether a transaction is settled.
type TransactionStatus string

// The transaction statuses.
const (
	TransactionStatusPending   TransactionStatus = "pending"
	TransactionStatusCompleted TransactionStatus = "completed"
	TransactionStatusFailed    TransactionStatus = "failed"
)

// Valid reports whether t is one of the transaction statuses.
func (t TransactionStatus) Valid() bool {
	switch t {
	case TransactionStatusPending, TransactionStatusCompleted, TransactionStatusFailed:
		return true
	}
	return false
}

// Transaction is one movement of an investor's cash. Rows are append-only: a pending
// one settles once, as completed or failed; a completed one is reversed by another,
// whose amount is negative and which names it. CommandID is shared by all rows of
// one command.
type Transaction struct {
	bun.BaseModel `bun:"table:investments.transactions,alias:tx" json:"-"`

	ID         id.Of[Transaction] `bun:"id,pk" json:"id"`
	InvestorID id.Of[auth.User]   `bun:"investor_id" json:"investor_id"`
	AccountID  *id.Of[Account]    `bun:"account_id" json:"account_id"`
	PositionID *id.Of[Position]   `bun:"investment_id" json:"position_id"`
	Type       TransactionType    `bun:"column:type" json:"type"`

	// Negative in a reversal.
	Amount          money.Amount      `bun:"amount" json:"amount"`
	Currency        string            `bun:"currency" json:"currency"`
	EffectiveDate   date.Date         `bun:"effective_date" json:"effective_date"`
	ReferenceNumber *string           `bun:"reference_number" json:"reference_number"`
	Description     *string           `bun:"description" json:"description"`
	Status          TransactionStatus `bun:"status" json:"status"`
	CompletedAt     *time.Time        `bun:"completed_at" json:"completed_at"`

	// What the cash belongs to
	SubscriptionID     *id.Of[Subscription]     `bun:"subscription_id" json:"subscription_id"`
	DistributionLineID *id.Of[DistributionLine] `bun:"distribution_line_id" json:"distribution_line_id"`
	JournalID          *id.Of[ledger.Journal]   `bun:"journal_id" json:"journal_id"`
	ReversesID         *id.Of[Transaction]      `bun:"reverses_id" json:"reverses_id"`

	// One command may write many lines.
	CommandID      *id.Of[ledger.Command] `bun:"command_id" json:"command_id"`
	IdempotencyKey *string                `bun:"idempotency_key" json:"idempotency_key"`
	Metadata       map[string]any         `bun:"metadata,type:jsonb,nullzero" json:"metadata"`
	CreatedAt      time.Time              `bun:"created_at" json:"created_at"`
}

// describe says what a transaction is, in words.
func (t *Transaction) describe() string {
	if t.Description != nil && *t.Description != "" {
		return *t.Description
	}
	switch t.Type {
	case TransactionInvestment:
		return "contribution"
	case TransactionDistribution:
		return "distribution"
	case TransactionFee:
		return "fee"
	case TransactionReturnOfCapital:
		return "return of capital"
	case TransactionRefund:
		return "refund of a contribution"
	case TransactionWithholding:
		return "tax withheld"
	case TransactionTransferIn:
		return "transfer received"
	case TransactionTransferOut:
		return "transfer given"
	case TransactionLoanPaid:
		return "paid to a partner who lent"
	case TransactionLoanReceived:
		return "received from a partner who borrowed"
	}
	return string(t.Type)
}

// described is t with a description, its own or that of its type.
func (t Transaction) described() Transaction {
	t.Description = ptr(t.describe())
	return t
}

// Transactions lists the movements of an investor's cash by the day they count
// from.
func (s *Reports) Transactions(ctx context.Context, db bun.IDB, investor id.Of[auth.User], r page.Request) (page.Page[Transaction], error) {
	return transactions.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("tx.investor_id = ?", investor) })
}

// AllTransactions walks all pages of [Reports.Transactions].
func (s *Reports) AllTransactions(ctx context.Context, db bun.IDB, investor id.Of[auth.User]) iter.Seq2[Transaction, error] {
	return page.All(ctx, func(ctx context.Context, r page.Request) (page.Page[Transaction], error) {
		return s.Transactions(ctx, db, investor, r)
	})
}
