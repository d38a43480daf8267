package investments

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// RequestWriteOffParams is what should be given up of what a payee owes.
type RequestWriteOffParams struct {
	IdempotencyKey string
	OfferingID     id.Of[Offering]
	// Who owes it: a position, or the account of a promote or fee. One of them.
	PositionID *id.Of[Position]
	AccountID  *id.Of[Account]
	Amount     money.Amount
	Date       date.Date // the day it is given up
	Reason     string
	ActorID    id.Of[auth.User]
}

// RequestWriteOff asks to give up what a payee owes of an offering
// ([Distributions.Recoverables]), in whole or in part. Nothing is booked until as many
// others agree as the policy asks for ([Capital.ApproveWriteOff]).
//
// It locks the offering. It returns [ErrOverRecovered] for more than is owed,
// [ErrReversalDate] for a day before it was, [ErrActorParty] or [ErrOfferingNotFound]. The
// same key and request again return the first write-off.
func (s *Capital) RequestWriteOff(ctx context.Context, db bun.IDB, p RequestWriteOffParams) (*WriteOff, error) {
	var f check.Fields
	f.Given("offering_id", p.OfferingID)
	f.Check((p.PositionID == nil) != (p.AccountID == nil), "position_id", check.Required, "a position or an account is needed, not both")
	f.Above("amount", p.Amount)
	f.GivenWithin("date", p.Date, s.days())
	f.Check(p.Reason != "", "reason", check.Required, "a write-off has a reason")
	f.Given("actor_id", p.ActorID)
	if err := f.Err(); err != nil {
		return nil, err
	}
	v := id.New[WriteOff]()
	return store.RunOnce(ctx, db, store.Keyed[WriteOff]{Scope: s.scope, Verb: "investments.request_write_off", Params: p, Kind: "write_off", Result: v}, writeOffs.Get,
		func(tx bun.IDB) (*WriteOff, error) { return s.requestWriteOff(ctx, tx, v, p) })
}

func (s *Capital) requestWriteOff(ctx context.Context, tx bun.IDB, v id.Of[WriteOff], p RequestWriteOffParams) (*WriteOff, error) {
	o, err := lockOffering(ctx, tx, p.OfferingID)
	if err != nil {
		return nil, err
	}
	owed, _, err := owedBy(ctx, tx, o.ID, p.PositionID, p.AccountID)
	if err != nil {
		return nil, err
	}
	if _, err := settleOwed(owed, p.Amount, p.Date); err != nil {
		return nil, err
	}
	now := s.now()
	w := &WriteOff{ID: v, OfferingID: o.ID, InvestorID: owed[0].InvestorID, AccountID: owed[0].AccountID, PositionID: p.PositionID, Amount: p.Amount,
		EffectiveDate: p.Date, Reason: p.Reason, Status: WriteOffPending, RequestedBy: p.ActorID, Version: 1, CreatedAt: now, UpdatedAt: now}
	if err := s.acts(ctx, tx, VerbRequestWriteOff, p.ActorID, w.matter()); err != nil {
		return nil, err
	}
	if err := writeOffs.Insert(ctx, tx, w); err != nil {
		return nil, err
	}
	return w, s.hooks.Emit(ctx, tx, now, store.Event(aggregateWriteOff, w.ID,
		WriteOffRequested{OfferingID: o.ID, Amount: w.Amount, Date: w.EffectiveDate, RequestedBy: w.RequestedBy}))
}

// matter is what a decision about it is about: nobody who owes decides.
func (w *WriteOff) matter() matter {
	m := ofHolder(w.ID, w.InvestorID, w.AccountID)
	m.owner = id.Of[auth.User]{}
	return m
}

// WriteOff reads a write-off. It returns [ErrWriteOffNotFound].
func (s *Capital) WriteOff(ctx context.Context, db bun.IDB, v id.Of[WriteOff]) (*WriteOff, error) {
	return writeOffs.Get(ctx, db, v)
}

// WriteOffFilter narrows a list of write-offs; the zero value is all of them.
type WriteOffFilter struct {
	OfferingID *id.Of[Offering]
	Status     WriteOffStatus // "" is any
}

// WriteOffs lists write-offs, the newest first.
func (s *Capital) WriteOffs(ctx context.Context, db bun.IDB, f WriteOffFilter, r page.Request) (page.Page[WriteOff], error) {
	return writeOffs.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery {
		if f.OfferingID != nil {
			q = q.Where("wo.opportunity_id = ?", *f.OfferingID)
		}
		if f.Status != "" {
			q = q.Where("wo.status = ?", f.Status)
		}
		return q
	})
}
