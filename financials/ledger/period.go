package ledger

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// PeriodStatus says whether a period still takes ordinary journals.
type PeriodStatus string

// The period statuses.
const (
	PeriodStatusOpen   PeriodStatus = "open"
	PeriodStatusClosed PeriodStatus = "closed"
)

// Valid reports whether p is one of the period statuses.
func (p PeriodStatus) Valid() bool {
	switch p {
	case PeriodStatusOpen, PeriodStatusClosed:
		return true
	}
	return false
}

// The conditions of periods.
var (
	// ErrPeriodNotFound: there is no such period.
	ErrPeriodNotFound = fault.New(fault.NotFound, "period_not_found", "there is no such period")
	// ErrPeriodExists: the book has a period that starts on this day.
	ErrPeriodExists = fault.New(fault.Conflict, "period_exists", "the book has a period that starts on this day").On("period_start")
	// ErrPeriodReversed: a period ends before it starts.
	ErrPeriodReversed = fault.New(fault.Invalid, fault.CodeInverted, "the period ends before it starts").On("period_end")
	// ErrPeriodClosing: a closed period has the time of its closing, an open
	// one has none.
	ErrPeriodClosing = fault.New(fault.Invalid, "period_closing_inconsistent", "a closed period, and no other, has a time of closing").On("closed_at")
	// ErrCloseOrder: a book is closed forwards, one day or more at a time, and
	// reopened backwards, the last period first.
	ErrCloseOrder = fault.New(fault.Illegal, "close_out_of_order", "a book is closed forwards and reopened backwards").On("period_end")
)

// Period is an accounting period of a book and who closed it. What refuses
// back-dated journals is [Book].ClosedThrough; the periods are its record.
type Period struct {
	bun.BaseModel `bun:"table:financials.periods,alias:lp" json:"-"`

	ID          id.Of[Period]     `bun:"id,pk" json:"id"`
	BookID      id.Of[Book]       `bun:"book_id,pk" json:"book_id"`
	PeriodStart date.Date         `bun:"period_start" json:"period_start"`
	PeriodEnd   date.Date         `bun:"period_end" json:"period_end"`
	Status      PeriodStatus      `bun:"status" json:"status"`
	ClosedAt    *time.Time        `bun:"closed_at" json:"closed_at"`
	ClosedBy    *id.Of[auth.User] `bun:"closed_by" json:"closed_by"`
	Version     int64             `bun:"version" json:"version"`
	CreatedAt   time.Time         `bun:"created_at" json:"created_at"`
	UpdatedAt   time.Time         `bun:"updated_at" json:"updated_at"`
}

// periods is the repository of Period rows, by their first day.
var periods = store.Repo[Period]{
	NotFound:    ErrPeriodNotFound,
	Constraints: constraints,
	Within:      "book_id",
	Sort: store.Sort[Period]{
		Columns: []store.Column{{Name: "period_start", Type: "date"}, {Name: "id", Type: "uuid"}},
		Key:     func(p *Period) []string { return []string{p.PeriodStart.String(), p.ID.String()} },
	},
}

// Periods lists the periods of a book that were ever closed, by their first
// day.
func (s *Service) Periods(ctx context.Context, db bun.IDB, book id.Of[Book]) ([]Period, error) {
	return periods.All(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("lp.book_id = ?", book).OrderExpr("lp.period_start")
	})
}

// PeriodClosed says that a book is closed through a day.
type PeriodClosed struct {
	PeriodID    id.Of[Period]     `json:"period_id"`
	PeriodStart date.Date         `json:"period_start"`
	PeriodEnd   date.Date         `json:"period_end"`
	ClosedBy    *id.Of[auth.User] `json:"closed_by,omitempty"`
}

// EventType names the event.
func (PeriodClosed) EventType() (string, int) { return "ledger.period_closed", 1 }

// PeriodReopened says that journals may be dated in a closed period again.
type PeriodReopened struct {
	PeriodID    id.Of[Period]     `json:"period_id"`
	PeriodStart date.Date         `json:"period_start"`
	PeriodEnd   date.Date         `json:"period_end"`
	ReopenedBy  *id.Of[auth.User] `json:"reopened_by,omitempty"`
}

// EventType names the event.
func (PeriodReopened) EventType() (string, int) { return "ledger.period_reopened", 1 }
