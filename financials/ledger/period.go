package ledger

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
)

// PeriodStatus says whether a period still takes ordinary journals.
type PeriodStatus string

// The period statuses.
const (
	PeriodOpen   PeriodStatus = "open"
	PeriodClosed PeriodStatus = "closed"
)

// Valid reports whether p is one of the period statuses.
func (p PeriodStatus) Valid() bool {
	switch p {
	case PeriodOpen, PeriodClosed:
		return true
	}
	return false
}

// Period is an accounting period of a book and who closed it. What refuses
// back-dated journals is [Book].ClosedThrough; the periods are its record.
type Period struct {
	bun.BaseModel `bun:"table:financials.periods,alias:lp" json:"-"`

	ID          id.Of[Period]     `bun:"id,pk" json:"id"`
	BookID      id.Of[Book]       `bun:"book_id" json:"book_id"`
	PeriodStart date.Date         `bun:"period_start" json:"period_start"`
	PeriodEnd   date.Date         `bun:"period_end" json:"period_end"`
	Status      PeriodStatus      `bun:"status" json:"status"`
	ClosedAt    *time.Time        `bun:"closed_at" json:"closed_at"`
	ClosedBy    *id.Of[auth.User] `bun:"closed_by" json:"closed_by"`
	Version     int64             `bun:"version" json:"version"`
	CreatedAt   time.Time         `bun:"created_at" json:"created_at"`
	UpdatedAt   time.Time         `bun:"updated_at" json:"updated_at"`
}
