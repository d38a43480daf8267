package renovations

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// The conditions of change orders.
var (
	// ErrOrderNotFound: there is no such change order.
	ErrOrderNotFound = fault.New(fault.NotFound, "change_order_not_found", "there is no such change order")
	// ErrOrderDecided: the change order waits for no decision.
	ErrOrderDecided = fault.New(fault.Illegal, "change_order_decided", "the change order waits for no decision")
	// ErrOrderState: what a change order says of its decision is not its status.
	ErrOrderState = fault.New(fault.Invalid, "change_order_state_inconsistent", "a decided change order says by whom and when").On("status")
	// ErrSecondPerson: who asked for a change order does not decide it.
	ErrSecondPerson = fault.New(fault.Forbidden, "change_order_second_person", "somebody else decides than who asked").On("actor_id")
	// ErrBudgetBelowZero: the change order takes more out of the budget than is in it.
	ErrBudgetBelowZero = fault.New(fault.Invalid, "change_order_below_zero", "more is dropped than the budget holds").On("amount")
)

const aggregateOrder = "change_order"

// ChangeOrderStatus says where a change order is.
type ChangeOrderStatus string

// The change order statuses.
const (
	OrderPending  ChangeOrderStatus = "pending"
	OrderApproved ChangeOrderStatus = "approved"
	OrderRejected ChangeOrderStatus = "rejected"
)

// Valid reports whether s is one of the statuses.
func (s ChangeOrderStatus) Valid() bool {
	return s == OrderPending || s == OrderApproved || s == OrderRejected
}

// BudgetChange is a change order on the budget of a project: one person asks for it and
// others agree. The approved budget of the project stays what it was; [Service.ProjectBudget]
// adds what was agreed to. A [ChangeOrder] is what a report told of one.
type BudgetChange struct {
	bun.BaseModel `bun:"table:renovations.change_orders,alias:co" json:"-"`

	ID          id.Of[BudgetChange] `bun:"id,pk" json:"id"`
	ProjectID   id.Of[Project]      `bun:"project_id" json:"project_id"`
	Number      *string             `bun:"number" json:"number"`
	Description string              `bun:"description" json:"description"`
	Amount      money.Amount        `bun:"amount" json:"amount"` // below zero where work is dropped
	Status      ChangeOrderStatus   `bun:"status" json:"status"`
	RequestedBy id.Of[auth.User]    `bun:"requested_by" json:"requested_by"`
	DecidedBy   *id.Of[auth.User]   `bun:"decided_by" json:"decided_by"` // the last who had to
	DecidedAt   *time.Time          `bun:"decided_at" json:"decided_at"`
	Version     int64               `bun:"version" json:"version"`
	CreatedAt   time.Time           `bun:"created_at" json:"created_at"`
	UpdatedAt   time.Time           `bun:"updated_at" json:"updated_at"`
}

// budgetChanges is the repository of BudgetChange rows, newest first.
var budgetChanges = store.Repo[BudgetChange]{
	NotFound:    ErrOrderNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(o *BudgetChange) (time.Time, string) { return o.CreatedAt, o.ID.String() }),
}

// ChangeOrder reads a change order. It returns [ErrOrderNotFound].
func (s *Service) ChangeOrder(ctx context.Context, db bun.IDB, order id.Of[BudgetChange]) (*BudgetChange, error) {
	return budgetChanges.Get(ctx, db, order)
}

// ChangeOrderFilter narrows a list of change orders; the zero value takes all.
type ChangeOrderFilter struct {
	ProjectID *id.Of[Project]
	Status    ChangeOrderStatus // "" is any
}

// ChangeOrders lists change orders, the newest first, a page at a time.
func (s *Service) ChangeOrders(ctx context.Context, db bun.IDB, f ChangeOrderFilter, r page.Request) (page.Page[BudgetChange], error) {
	var c check.Fields
	if check.Maybe(&c, "status", f.Status); c.Err() != nil {
		return page.Page[BudgetChange]{}, c.Err()
	}
	return budgetChanges.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery {
		if f.ProjectID != nil {
			q = q.Where("co.project_id = ?", *f.ProjectID)
		}
		if f.Status != "" {
			q = q.Where("co.status = ?", f.Status)
		}
		return q
	})
}
