package investments

import (
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
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
	bun.BaseModel `bun:"table:investments.transfers,alias:tr"`

	ID             id.Of[Transfer]            `bun:"id,pk"`
	Kind           TransferKind               `bun:"kind"`
	OfferingID     *id.Of[Offering]           `bun:"opportunity_id"`
	PropertyID     id.Of[properties.Property] `bun:"property_id"`
	FromPositionID id.Of[Position]            `bun:"from_investment_id"`
	ToPositionID   *id.Of[Position]           `bun:"to_investment_id"`
	ToInvestorID   id.Of[auth.User]           `bun:"to_investor_id"`
	ToAccountID    *id.Of[Account]            `bun:"to_account_id"`
	ToShareClass   *string                    `bun:"to_share_class"`

	// The part of each balance that moves.
	Fraction decimal.Decimal  `bun:"fraction"`
	Units    *decimal.Decimal `bun:"units"`

	// What the receiver paid, where it is known; else the rate of return takes the
	// unreturned capital that moved.
	Price *money.Amount `bun:"price"`

	// Contributed capital that moved, known when the transfer is done.
	Amount        *money.Amount          `bun:"amount"`
	EffectiveDate date.Date              `bun:"effective_date"`
	Status        TransferStatus         `bun:"status"`
	Reason        *string                `bun:"reason"`
	JournalID     *id.Of[ledger.Journal] `bun:"journal_id"`
	CreatedBy     *id.Of[auth.User]      `bun:"created_by"`
	ApprovedBy    *id.Of[auth.User]      `bun:"approved_by"`
	CompletedAt   *time.Time             `bun:"completed_at"`
	Version       int64                  `bun:"version"`
	CreatedAt     time.Time              `bun:"created_at"`
	UpdatedAt     time.Time              `bun:"updated_at"`
}
