package investments

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// The conditions of write-offs.
var (
	// ErrWriteOffNotFound: there is no such write-off.
	ErrWriteOffNotFound = fault.New(fault.NotFound, "write_off_not_found", "there is no such write-off")
	// ErrWriteOffDecided: the write-off waits for no decision.
	ErrWriteOffDecided = fault.New(fault.Illegal, "write_off_decided", "the write-off waits for no decision")
)

// ErrWriteOffState: what a write-off says of its decision is not its status.
var ErrWriteOffState = fault.New(fault.Invalid, "write_off_state_inconsistent", "a decided write-off says by whom and when, and an approved one its journal").On("status")

// WriteOffStatus says where a write-off is.
type WriteOffStatus string

// The write-off statuses.
const (
	WriteOffPending  WriteOffStatus = "pending"
	WriteOffApproved WriteOffStatus = "approved"
	WriteOffRejected WriteOffStatus = "rejected"
)

// writeOffs is the repository of WriteOff rows, newest first.
var writeOffs = store.Repo[WriteOff]{
	NotFound:    ErrWriteOffNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(r *WriteOff) (time.Time, string) { return r.CreatedAt, r.ID.String() }),
}

// Valid reports whether s is one of the statuses.
func (s WriteOffStatus) Valid() bool {
	switch s {
	case WriteOffPending, WriteOffApproved, WriteOffRejected:
		return true
	}
	return false
}

// WriteOff is what is given up of what a payee of distributions owes
// ([Recoverable]): the offering bears it, as an expense of its book. It is asked for by
// one person and approved by others.
type WriteOff struct {
	bun.BaseModel `bun:"table:investments.write_offs,alias:wo" json:"-"`

	ID         id.Of[WriteOff] `bun:"id,pk" json:"id"`
	OfferingID id.Of[Offering] `bun:"opportunity_id" json:"offering_id"`

	// Who owes it: a position, or the account of a promote or fee.
	InvestorID    id.Of[auth.User]       `bun:"investor_id" json:"investor_id"`
	AccountID     *id.Of[Account]        `bun:"account_id" json:"account_id"`
	PositionID    *id.Of[Position]       `bun:"investment_id" json:"position_id"`
	Amount        money.Amount           `bun:"amount" json:"amount"`
	EffectiveDate date.Date              `bun:"effective_date" json:"effective_date"`
	Reason        string                 `bun:"reason" json:"reason"`
	Status        WriteOffStatus         `bun:"status" json:"status"`
	RequestedBy   id.Of[auth.User]       `bun:"requested_by" json:"requested_by"`
	DecidedBy     *id.Of[auth.User]      `bun:"decided_by" json:"decided_by"` // the last who had to
	DecidedAt     *time.Time             `bun:"decided_at" json:"decided_at"`
	JournalID     *id.Of[ledger.Journal] `bun:"journal_id" json:"journal_id"`
	Version       int64                  `bun:"version" json:"version"`
	CreatedAt     time.Time              `bun:"created_at" json:"created_at"`
	UpdatedAt     time.Time              `bun:"updated_at" json:"updated_at"`
}
