package investments

import (
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// TransferKind says why a position moves.
type TransferKind string

// The kinds of transfer.
const (
	TransferSale       TransferKind = "transfer"   // to another account of the same class
	TransferConversion TransferKind = "conversion" // to another class
	TransferCorrection TransferKind = "correction" // to put an error right
)

// The conditions of transfers.
var (
	// ErrTransferNotFound: there is no such transfer.
	ErrTransferNotFound = fault.New(fault.NotFound, "transfer_not_found", "there is no such transfer")
	// ErrTransferEnds: a transfer goes from a position to itself.
	ErrTransferEnds = fault.New(fault.Invalid, "transfer_to_itself", "a transfer goes to another position").On("to_position_id")
	// ErrTransferState: a completed transfer lacks its position, amount or time.
	ErrTransferState = fault.New(fault.Invalid, "transfer_state_inconsistent", "a completed transfer names the position, the amount and the time").On("status")
)

// transfers is the repository of Transfer rows, newest first.
var transfers = store.Repo[Transfer]{
	NotFound:    ErrTransferNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(r *Transfer) (time.Time, string) { return r.CreatedAt, r.ID.String() }),
}

// Valid reports whether t is one of the kinds of transfer.
func (t TransferKind) Valid() bool {
	switch t {
	case TransferSale, TransferConversion, TransferCorrection:
		return true
	}
	return false
}

// TransferStatus says where a transfer is.
type TransferStatus string

// The transfer statuses.
const (
	TransferStatusPending   TransferStatus = "pending"
	TransferStatusApproved  TransferStatus = "approved"
	TransferStatusCompleted TransferStatus = "completed"
	TransferStatusCancelled TransferStatus = "cancelled"
	TransferStatusReversed  TransferStatus = "reversed"
)

// Valid reports whether t is one of the transfer statuses.
func (t TransferStatus) Valid() bool {
	switch t {
	case TransferStatusPending, TransferStatusApproved, TransferStatusCompleted, TransferStatusCancelled, TransferStatusReversed:
		return true
	}
	return false
}

// Transfer moves a position, or the fraction of it that is given, as of a date.
// Contributed capital and units move rounded, accrued balances exactly; past
// distributions stay with the transferor. Amount, the contributed capital that moved,
// and the receiving position are known when it is completed.
type Transfer struct {
	bun.BaseModel `bun:"table:investments.transfers,alias:tr" json:"-"`

	ID             id.Of[Transfer]            `bun:"id,pk" json:"id"`
	Kind           TransferKind               `bun:"kind" json:"kind"`
	OfferingID     *id.Of[Offering]           `bun:"opportunity_id" json:"offering_id"`
	PropertyID     id.Of[properties.Property] `bun:"property_id" json:"property_id"`
	FromPositionID id.Of[Position]            `bun:"from_investment_id" json:"from_position_id"`
	ToPositionID   *id.Of[Position]           `bun:"to_investment_id" json:"to_position_id"`
	ToInvestorID   id.Of[auth.User]           `bun:"to_investor_id" json:"to_investor_id"`
	ToAccountID    *id.Of[Account]            `bun:"to_account_id" json:"to_account_id"`
	ToShareClass   *string                    `bun:"to_share_class" json:"to_share_class"`

	// The part of each balance that moves.
	Fraction decimal.Decimal  `bun:"fraction" json:"fraction"`
	Units    *decimal.Decimal `bun:"units" json:"units"`

	// What the receiver paid, where it is known; else the rate of return takes the
	// unreturned capital that moved.
	Price *money.Amount `bun:"price" json:"price"`

	// Contributed capital that moved, known when the transfer is done.
	Amount        *money.Amount          `bun:"amount" json:"amount"`
	EffectiveDate date.Date              `bun:"effective_date" json:"effective_date"`
	Status        TransferStatus         `bun:"status" json:"status"`
	Reason        *string                `bun:"reason" json:"reason"`
	JournalID     *id.Of[ledger.Journal] `bun:"journal_id" json:"journal_id"`
	CreatedBy     *id.Of[auth.User]      `bun:"created_by" json:"created_by"`
	ApprovedBy    *id.Of[auth.User]      `bun:"approved_by" json:"approved_by"`
	CompletedAt   *time.Time             `bun:"completed_at" json:"completed_at"`
	Version       int64                  `bun:"version" json:"version"`
	CreatedAt     time.Time              `bun:"created_at" json:"created_at"`
	UpdatedAt     time.Time              `bun:"updated_at" json:"updated_at"`
}
