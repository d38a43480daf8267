package investments

import (
	"encoding/json"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// DistributionType is the source or cadence of a distribution.
type DistributionType string

// The distribution types.
const (
	DistributionMonthlyIncome DistributionType = "monthly_income"
	DistributionQuarterly     DistributionType = "quarterly"
	DistributionRefinance     DistributionType = "refinance"
	DistributionSaleProceeds  DistributionType = "sale_proceeds"
)

// The conditions of distributions and their lines.
var (
	// ErrDistributionNotFound: there is no such distribution.
	ErrDistributionNotFound = fault.New(fault.NotFound, "distribution_not_found", "there is no such distribution")
	// ErrLineNotFound: there is no such line of a distribution.
	ErrLineNotFound = fault.New(fault.NotFound, "distribution_line_not_found", "there is no such line")
	// ErrLineExists: the distribution has a line for this position, or for this
	// account and role.
	ErrLineExists = fault.New(fault.Conflict, "distribution_line_exists", "the distribution pays this payee already")
	// ErrDistributionPurpose: a distribution has neither type nor character.
	ErrDistributionPurpose = fault.New(fault.Invalid, "distribution_purpose_missing", "a distribution has a type or a character").On("distribution_type")
	// ErrAliases: two names of one fact of a distribution disagree.
	ErrAliases = fault.New(fault.Invalid, "distribution_aliases_disagree", "two names of one fact disagree")
	// ErrDistributionReversal: a reversed distribution, and no other, has the
	// time of its reversal.
	ErrDistributionReversal = fault.New(fault.Invalid, "distribution_reversal_inconsistent", "a reversed distribution, and no other, has the time of its reversal").On("reversed_at")
	// ErrDistributionTerms: terms without the offering that they belong to.
	ErrDistributionTerms = fault.New(fault.Invalid, "distribution_terms_inconsistent", "terms belong to an offering").On("terms_id")
	// ErrLineBilled: a line is billed if and only if it is below zero, and then nothing
	// is withheld of it or set off.
	ErrLineBilled = fault.New(fault.Invalid, "distribution_line_billed_mismatch", "a line is billed where it is below zero, and nothing else happens to it").On("payment_status")
	// ErrLineNet: a line's net is not gross less withholding and what is set off.
	ErrLineNet = fault.New(fault.Invalid, "distribution_line_net_mismatch", "net is gross less withholding and what is set off, with what goes to or comes from other partners").On("net_distribution")
	// ErrAdjustmentReason: an adjustment without a reason.
	ErrAdjustmentReason = fault.New(fault.Invalid, fault.CodeRequired, "an adjustment needs a reason").On("adjustment_reason")
)

// distributions is the repository of Distribution rows, newest first.
var distributions = store.Repo[Distribution]{
	NotFound:    ErrDistributionNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(r *Distribution) (time.Time, string) { return r.CreatedAt, r.ID.String() }),
}

// calculations is the repository of Calculation rows; they are found by their distribution.
var calculations = store.Repo[Calculation]{
	NotFound:    ErrDistributionNotFound,
	Constraints: constraints,
}

// distributionLines is the repository of DistributionLine rows, by id, which is
// the order in which they were written.
var distributionLines = store.Repo[DistributionLine]{
	NotFound:    ErrLineNotFound,
	Constraints: constraints,
	Sort: store.Sort[DistributionLine]{
		Columns: []store.Column{{Name: "id", Type: "uuid"}},
		Key:     func(l *DistributionLine) []string { return []string{l.ID.String()} },
	},
}

// lineTiers is the repository of LineTier rows; they are found by their line.
var lineTiers = store.Repo[LineTier]{
	NotFound:    ErrLineNotFound,
	Constraints: constraints,
}

// Valid reports whether d is one of the distribution types.
func (d DistributionType) Valid() bool {
	switch d {
	case DistributionMonthlyIncome, DistributionQuarterly, DistributionRefinance, DistributionSaleProceeds:
		return true
	}
	return false
}

// Character is the tax character of a distribution.
type Character string

// The characters.
const (
	CharacterDividend        Character = "dividend"
	CharacterInterest        Character = "interest"
	CharacterReturnOfCapital Character = "return_of_capital"
	CharacterCapitalGain     Character = "capital_gain"
)

// Valid reports whether c is one of the characters.
func (c Character) Valid() bool {
	switch c {
	case CharacterDividend, CharacterInterest, CharacterReturnOfCapital, CharacterCapitalGain:
		return true
	}
	return false
}

// Method is how a distribution is split.
type Method string

// The methods.
const (
	MethodProRata   Method = "pro_rata"  // by units, else by contributed capital
	MethodWaterfall Method = "waterfall" // by the tiers of the offering's terms
	MethodPreferred Method = "preferred" // the preferred return first, then pro rata
)

// Valid reports whether m is one of the methods.
func (m Method) Valid() bool {
	switch m {
	case MethodProRata, MethodWaterfall, MethodPreferred:
		return true
	}
	return false
}

// DistributionStatus says where a distribution is.
type DistributionStatus string

// The distribution statuses.
const (
	DistributionStatusPending    DistributionStatus = "pending"
	DistributionStatusApproved   DistributionStatus = "approved"
	DistributionStatusProcessing DistributionStatus = "processing"
	DistributionStatusCompleted  DistributionStatus = "completed"
	DistributionStatusFailed     DistributionStatus = "failed"
	DistributionStatusCancelled  DistributionStatus = "cancelled"
	DistributionStatusReversed   DistributionStatus = "reversed"
)

// Valid reports whether d is one of the distribution statuses.
func (d DistributionStatus) Valid() bool {
	switch d {
	case DistributionStatusPending, DistributionStatusApproved, DistributionStatusProcessing, DistributionStatusCompleted, DistributionStatusFailed, DistributionStatusCancelled, DistributionStatusReversed:
		return true
	}
	return false
}

// Distribution is cash that goes from a property or offering to its investors. What
// each one gets is in its lines, which sum to TotalAmount exactly. It is never
// deleted: before payment it is cancelled, afterwards reversed.
//
// PaymentDate, PerShareAmount and ProcessedAt are earlier names of DistributionDate,
// PerUnitAmount and ProcessedDate. Leave one of a pair nil when inserting and the
// database fills it; two that disagree are [ErrAliases].
type Distribution struct {
	bun.BaseModel `bun:"table:investments.distributions,alias:di" json:"-"`

	ID         id.Of[Distribution]        `bun:"id,pk" json:"id"`
	PropertyID id.Of[properties.Property] `bun:"property_id" json:"property_id"`
	OfferingID *id.Of[Offering]           `bun:"opportunity_id" json:"offering_id"`

	// Source or cadence, and tax character: two facts, of which one at least is known.
	DistributionType *DistributionType `bun:"distribution_type" json:"distribution_type"`
	Character        *Character        `bun:"column:type" json:"character"`

	// payment_date is the earlier name of distribution_date.
	DistributionDate date.Date    `bun:"distribution_date" json:"distribution_date"`
	PaymentDate      *date.Date   `bun:"payment_date" json:"payment_date"`
	RecordDate       *date.Date   `bun:"record_date" json:"record_date"`
	TotalAmount      money.Amount `bun:"total_amount" json:"total_amount"`
	Currency         string       `bun:"currency" json:"currency"`

	// Informational, the lines are the authority; per_share_amount is the earlier name.
	PerUnitAmount     *decimal.Decimal     `bun:"per_unit_amount" json:"per_unit_amount"`
	PerShareAmount    *decimal.Decimal     `bun:"per_share_amount" json:"per_share_amount"`
	CalculationMethod *Method              `bun:"calculation_method" json:"calculation_method"`
	TermsID           *id.Of[TermsVersion] `bun:"terms_id" json:"terms_id"`
	Status            DistributionStatus   `bun:"status" json:"status"`
	StatusReason      *string              `bun:"status_reason" json:"status_reason"`

	// processed_at is the earlier name of processed_date.
	ProcessedDate *time.Time `bun:"processed_date" json:"processed_date"`
	ProcessedAt   *time.Time `bun:"processed_at" json:"processed_at"`

	// Supporting data
	PropertyNOI  *money.Amount    `bun:"property_noi" json:"property_noi"`
	ExpenseRatio *decimal.Decimal `bun:"expense_ratio" json:"expense_ratio"`
	Notes        *string          `bun:"notes" json:"notes"`

	// Who asked for it and who approved it
	CreatedBy  *id.Of[auth.User] `bun:"created_by" json:"created_by"`
	ApprovedBy *id.Of[auth.User] `bun:"approved_by" json:"approved_by"`
	ApprovedAt *time.Time        `bun:"approved_at" json:"approved_at"`

	// The distribution that this one puts right.
	CorrectsID *id.Of[Distribution] `bun:"corrects_id" json:"corrects_id"`

	// What of the property's cash may be distributed, by which it was declared.
	WorksheetID          *id.Of[financials.Worksheet] `bun:"worksheet_id" json:"worksheet_id"`
	DeclarationJournalID *id.Of[ledger.Journal]       `bun:"declaration_journal_id" json:"declaration_journal_id"`
	ReversalJournalID    *id.Of[ledger.Journal]       `bun:"reversal_journal_id" json:"reversal_journal_id"`
	ReversedAt           *time.Time                   `bun:"reversed_at" json:"reversed_at"`
	Version              int64                        `bun:"version" json:"version"`
	CreatedAt            time.Time                    `bun:"created_at" json:"created_at"`
	UpdatedAt            time.Time                    `bun:"updated_at" json:"updated_at"`
}

// Calculation is how a distribution was computed: the frozen inputs with their
// hash, the state that it was computed from, and the trace that explains every
// cent. It is never changed.
type Calculation struct {
	bun.BaseModel `bun:"table:investments.distribution_calculations,alias:dc" json:"-"`

	DistributionID id.Of[Distribution] `bun:"distribution_id,pk" json:"distribution_id"`
	MethodVersion  string              `bun:"method_version" json:"method_version"`

	// Amount, dates, terms and the hash of the opening state.
	Inputs json.RawMessage `bun:"inputs,type:jsonb,nullzero" json:"inputs"`

	// SHA-256 of the inputs as the database writes them; nil in a preview.
	InputsHash []byte `bun:"inputs_hash" json:"inputs_hash"`

	// Tier by tier: the need, the cash before and after, the rule in words.
	Trace json.RawMessage `bun:"trace,type:jsonb,nullzero" json:"trace"`

	// By terms the binary form of a [waterfall.State], pro rata the weights by
	// position.
	OpeningState []byte `bun:"opening_state" json:"opening_state"`

	// The state after it, of those by terms from which the next one can go on, with an
	// index of its accounts ([waterfall.StateIndex]).
	ClosingState []byte `bun:"closing_state" json:"closing_state"`
	ClosingIndex []byte `bun:"closing_index" json:"-"`

	// Adjustments, advances and whether it was of the last sale; nil is none of them.
	Extras    json.RawMessage `bun:"extras,type:jsonb,nullzero" json:"extras"`
	CreatedAt time.Time       `bun:"created_at" json:"created_at"`

	// What is on record and was computed from; nil when something of the past is
	// still to be made good.
	HistoryHash []byte `bun:"history_hash" json:"history_hash"`

	// Of that what is no capital, and how often capital had come late by then.
	TermsHash   []byte `bun:"terms_hash" json:"-"`
	LateChanges *int64 `bun:"late_changes" json:"-"`
}
