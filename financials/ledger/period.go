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
	bun.BaseModel `bun:"table:financials.periods,alias:lp"`

	ID          id.Of[Period]     `bun:"id,pk"`
	BookID      id.Of[Book]       `bun:"book_id"`
	PeriodStart date.Date         `bun:"period_start"`
	PeriodEnd   date.Date         `bun:"period_end"`
	Status      PeriodStatus      `bun:"status"`
	ClosedAt    *time.Time        `bun:"closed_at"`
	ClosedBy    *id.Of[auth.User] `bun:"closed_by"`
	Version     int64             `bun:"version"`
	CreatedAt   time.Time         `bun:"created_at"`
	UpdatedAt   time.Time         `bun:"updated_at"`
}
