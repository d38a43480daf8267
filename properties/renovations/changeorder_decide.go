package renovations

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/approval"
	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// ChangeOrderRequested says that somebody asks to change the budget of a project.
type ChangeOrderRequested struct {
	ProjectID   id.Of[Project]   `json:"project_id"`
	Amount      money.Amount     `json:"amount"`
	RequestedBy id.Of[auth.User] `json:"requested_by"`
}

// EventType names the event.
func (ChangeOrderRequested) EventType() (string, int) { return "renovations.change_order_requested", 1 }

// ChangeOrderDecided says what became of a change order.
type ChangeOrderDecided struct {
	ProjectID id.Of[Project]    `json:"project_id"`
	Status    ChangeOrderStatus `json:"status"`
	Amount    money.Amount      `json:"amount"`
	DecidedBy id.Of[auth.User]  `json:"decided_by"`
}

// EventType names the event.
func (ChangeOrderDecided) EventType() (string, int) { return "renovations.change_order_decided", 1 }

// RequestChangeOrderParams is a change to the budget of a project.
type RequestChangeOrderParams struct {
	ID          id.Of[BudgetChange] // zero makes a new one
	ProjectID   id.Of[Project]
	Number      string // the contractor's, at most 50 characters
	Description string
	Amount      money.Amount // below zero where work is dropped
	ActorID     id.Of[auth.User]
}

// RequestChangeOrder asks to change the budget of a project that is approved, on hold or in
// progress. It counts when others agree ([Service.ApproveChangeOrder]). It locks the
// property and the project. It returns [ErrProjectNotFound], [ErrProjectStatus],
// [auth.ErrActorInactive] or the field errors. Run again with the same id and params, it
// returns the change order as it is then.
func (s *Service) RequestChangeOrder(ctx context.Context, db bun.IDB, p RequestChangeOrderParams) (*BudgetChange, error) {
	var f check.Fields
	f.Given("project_id", p.ProjectID)
	f.Text("number", p.Number, 50)
	f.Required("description", p.Description, check.Long)
	f.Check(!p.Amount.IsZero(), "amount", check.Required, "an amount other than zero is required")
	f.Given("actor_id", p.ActorID)
	if err := f.Err(); err != nil {
		return nil, err
	}
	now := s.now()
	o := &BudgetChange{ID: p.ID.OrNew(), ProjectID: p.ProjectID, Number: store.Optional(p.Number), Description: p.Description, Amount: p.Amount,
		Status: OrderPending, RequestedBy: p.ActorID, Version: 1, CreatedAt: now, UpdatedAt: now}
	c := store.Creation[BudgetChange]{Verb: "renovations.request_change_order", Params: p, Chosen: p.ID, Kind: aggregateOrder, Rows: budgetChanges}
	return store.CreateOnce(ctx, db, c, func(tx bun.IDB) (*BudgetChange, error) {
		project, err := s.lock(ctx, tx, p.ProjectID)
		if err != nil {
			return nil, err
		}
		if err := project.takesOrders(); err != nil {
			return nil, err
		}
		if err := s.acts(ctx, tx, VerbRequestChangeOrder, p.ActorID, project); err != nil {
			return nil, err
		}
		if err := budgetChanges.Insert(ctx, tx, o); err != nil {
			return nil, err
		}
		return o, s.hooks.Emit(ctx, tx, now, store.Event(aggregateOrder, o.ID, ChangeOrderRequested{o.ProjectID, o.Amount, o.RequestedBy}))
	})
}

// takesOrders reports why the budget of a project does not change: it has none yet, or it
// has ended.
func (p *Project) takesOrders() error {
	switch p.Status {
	case ProjectStatusApproved, ProjectStatusInProgress, ProjectStatusOnHold:
		return nil
	}
	return ErrProjectStatus.With("%s", p.Status)
}

// ApproveChangeOrderParams is one person's agreement.
type ApproveChangeOrderParams struct {
	OrderID id.Of[BudgetChange]
	ActorID id.Of[auth.User]
}

// ApproveChangeOrder records that somebody agrees to a change order, other than who asked;
// with as many as [Config.OrderApprovals] it is approved. Approving again by the
// same person changes nothing. It locks the property, the project and the order. It returns
// [ErrSecondPerson], [ErrOrderDecided], [ErrBudgetBelowZero], [ErrProjectStatus],
// [auth.ErrActorInactive] or [ErrOrderNotFound].
func (s *Service) ApproveChangeOrder(ctx context.Context, db bun.IDB, p ApproveChangeOrderParams) (*BudgetChange, error) {
	return s.decide(ctx, db, VerbApproveChangeOrder, p.OrderID, approval.Decision{By: id.Cast[approval.Person](p.ActorID), Approved: true})
}

// RejectChangeOrderParams says no to a change order.
type RejectChangeOrderParams struct {
	OrderID id.Of[BudgetChange]
	ActorID id.Of[auth.User]
	Reason  string
}

// RejectChangeOrder refuses a change order: the budget stays what it was. Rejecting again
// by the same person changes nothing. It locks and returns what
// [Service.ApproveChangeOrder] locks and returns.
func (s *Service) RejectChangeOrder(ctx context.Context, db bun.IDB, p RejectChangeOrderParams) (*BudgetChange, error) {
	var f check.Fields
	f.Required("reason", p.Reason, check.Long)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return s.decide(ctx, db, VerbRejectChangeOrder, p.OrderID, approval.Decision{By: id.Cast[approval.Person](p.ActorID), Note: &p.Reason})
}

// round is what people decide about.
func (o *BudgetChange) round() approval.Matter {
	return approval.Matter{Kind: aggregateOrder, ID: id.Cast[approval.Subject](o.ID), Action: "change_order", RequestedBy: id.Cast[approval.Person](o.RequestedBy)}
}

func (s *Service) decide(ctx context.Context, db bun.IDB, verb Verb, order id.Of[BudgetChange], say approval.Decision) (*BudgetChange, error) {
	by := id.Cast[auth.User](say.By)
	if by.IsZero() {
		return nil, auth.ErrActorRequired
	}
	var o *BudgetChange
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		known, err := budgetChanges.Get(ctx, tx, order) // unlocked, to learn the project
		if err != nil {
			return err
		}
		project, err := s.lock(ctx, tx, known.ProjectID)
		if err != nil {
			return err
		}
		if o, err = budgetChanges.Lock(ctx, tx, order); err != nil {
			return err
		}
		if err := s.acts(ctx, tx, verb, by, project); err != nil {
			return err
		}
		switch {
		case o.Status != OrderPending:
			return o.decided(ctx, tx, say)
		case o.RequestedBy == by:
			return ErrSecondPerson
		}
		if err := project.takesOrders(); err != nil && say.Approved {
			return err
		}
		return s.say(ctx, tx, project, o, say)
	})
	if err != nil {
		return nil, err
	}
	return o, nil
}

// decided reports a change order that waits for no decision, unless the person is one of
// those who decided it so.
func (o *BudgetChange) decided(ctx context.Context, tx bun.IDB, say approval.Decision) error {
	if said, err := approval.Said(ctx, tx, o.round(), say); err != nil || said && (o.Status == OrderApproved) == say.Approved {
		return err
	}
	return ErrOrderDecided.With("it is %s", o.Status)
}

// say records a decision, and lets the change order follow where it settles it.
func (s *Service) say(ctx context.Context, tx bun.IDB, project *Project, o *BudgetChange, say approval.Decision) error {
	now, round := s.now(), o.round()
	round.Required, say.At = s.approvals, now
	if settled, err := approval.Settle(ctx, tx, round, o, say); err != nil || !settled {
		return err
	}
	by := id.Cast[auth.User](say.By)
	o.Status, o.DecidedBy, o.DecidedAt = OrderRejected, &by, &now
	if say.Approved {
		o.Status = OrderApproved
		b, err := s.ProjectBudget(ctx, tx, project.ID)
		if err != nil {
			return err
		}
		if after, err := b.Revised.Add(o.Amount); err != nil || after.Less(money.Zero) {
			return ErrBudgetBelowZero
		}
	}
	o.Version++
	if err := budgetChanges.Save(ctx, tx, o, &o.UpdatedAt, "status", "decided_by", "decided_at", "version"); err != nil {
		return err
	}
	return s.hooks.Emit(ctx, tx, now, store.Event(aggregateOrder, o.ID, ChangeOrderDecided{o.ProjectID, o.Status, o.Amount, by}))
}
