package investments

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/history"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// AllocateParams is a result of an offering to share among its positions.
type AllocateParams struct {
	IdempotencyKey string
	OfferingID     id.Of[Offering]
	Kind           AllocationKind
	Amount         money.Amount // not zero; fees are above zero
	Date           date.Date    // the last day of the period; who holds then has a part
	Description    string       // such as "Q1 2026"
	ActorID        id.Of[auth.User]
}

// Allocate shares net income or a loss, an unrealized change in value, or fees
// of a period among the positions that are held at the end of a day: by units
// where every position has units, else by contributed capital, with the largest
// remainder, so that the parts sum to the amount. It is one journal with a
// posting per position, against [AccountAllocated], and moves no cash.
//
// A loss takes no capital account below zero while others are above it on the day,
// and one beyond all capital is [ErrLossBeyondCapital], unless the terms in force
// say otherwise.
//
// Holdings are those of the day, also when contributions, transfers or the exit
// lie after it. An unrealized change follows a position through transfers and is
// released by the exit, so that it cannot be dated behind them.
//
// It locks the offering. It returns [ErrNoPositions], [ErrLossBeyondCapital],
// [ErrAllocationBehind], [ErrOfferingState], [ledger.ErrPeriodClosed] or
// [ErrOfferingNotFound]. The same key and request again return the allocation.
func (s *Capital) Allocate(ctx context.Context, db bun.IDB, p AllocateParams) (*Allocation, error) {
	var f check.Fields
	f.Given("offering_id", p.OfferingID)
	check.One(&f, "kind", p.Kind)
	f.Check(!p.Amount.IsZero() && (p.Kind != AllocationFees || p.Amount.Sign() > 0), "amount", check.OutOfRange, "an amount is not zero, and fees are above zero")
	f.GivenWithin("date", p.Date, s.days())
	f.Given("actor_id", p.ActorID)
	if err := f.Err(); err != nil {
		return nil, err
	}
	v := id.New[Allocation]()
	return store.RunOnce(ctx, db, store.Keyed[Allocation]{Scope: s.scope, Verb: "investments.allocate", Params: p, Kind: "allocation", Result: v},
		s.Allocation, func(tx bun.IDB) (*Allocation, error) {
			if err := s.allocate(ctx, tx, v, p); err != nil {
				return nil, err
			}
			return s.Allocation(ctx, tx, v)
		})
}

func (s *Capital) allocate(ctx context.Context, tx bun.IDB, v id.Of[Allocation], p AllocateParams) error {
	o, err := lockOffering(ctx, tx, p.OfferingID)
	if err != nil {
		return err
	}
	if err := s.acts(ctx, tx, VerbAllocate, p.ActorID, about(o.ID)); err != nil {
		return err
	}
	if o.Status == OfferingStatusDraft || o.Status == OfferingStatusCancelled {
		return ErrOfferingState.With("it is %s", o.Status)
	}
	if p.Kind == AllocationUnrealized {
		if err := aheadOfMoves(ctx, tx, o.ID, p.Date); err != nil {
			return err
		}
	}
	held, err := holdingsOn(ctx, tx, o.ID, p.Date)
	if err != nil {
		return err
	}
	shared, err := shareOut(held, p.Amount)
	if err != nil {
		return err
	}
	if p.Kind == AllocationIncome && p.Amount.Sign() < 0 {
		if err := p.shareLoss(ctx, tx, held, &shared); err != nil {
			return err
		}
	}
	b, err := s.bookOf(ctx, tx, o)
	if err != nil {
		return err
	}
	entries := p.Kind.entries(b, held, shared.parts)
	j, err := s.ledger.Post(ctx, tx, ledger.PostParams{ID: id.Cast[ledger.Journal](v), BookID: b.id, EffectiveDate: p.Date,
		Description: p.Description, SourceType: sourceAllocation + string(p.Kind), SourceID: id.Cast[ledger.Source](o.ID),
		Actor: actor(p.ActorID), Entries: entries})
	if err != nil {
		return err
	}
	at := s.booked(o.ID, b, j.ID, p.Date)
	if err := movements.InsertAll(ctx, tx, p.Kind.movements(at, held, shared.parts)); err != nil {
		return err
	}
	if err := s.restate(ctx, tx, o, b, at, p.Date, p.ActorID); err != nil {
		return err
	}
	if p.Kind == AllocationUnrealized {
		if err := followLedger(ctx, tx, o, b); err != nil {
			return err
		}
	}
	return s.hooks.Emit(ctx, tx, s.now(), store.Event("offering", o.ID, IncomeAllocated{AllocationID: v, OfferingID: o.ID, Kind: p.Kind,
		Amount: p.Amount, Date: p.Date, Basis: shared.basis, Positions: len(entries)}))
}

// entries turns parts into postings; nothing is posted for a part of zero. It
// touches no database.
func (k AllocationKind) entries(b book, held []Position, parts []money.Amount) []ledger.Entry {
	entries := make([]ledger.Entry, 0, len(parts))
	for i, part := range parts {
		if k == AllocationFees {
			part = part.Neg() // they lessen capital
		}
		if e, ok := b.toPosition(k.account(), held[i].ID, part); ok {
			entries = append(entries, e)
		}
	}
	return entries
}

// movements are the same parts as the history has them. It touches no database.
func (k AllocationKind) movements(at booking, held []Position, parts []money.Amount) []Movement {
	kind := history.Income
	switch k {
	case AllocationUnrealized:
		kind = history.Unrealized
	case AllocationFees:
		kind = history.Fee
	}
	out := make([]Movement, 0, len(parts))
	for i, part := range parts {
		if !part.IsZero() {
			out = append(out, at.movement(held[i].ID, kind, part))
		}
	}
	return out
}

// toPosition is the posting that adds an amount to a position's capital on an
// account, or takes it away when it is below zero; false for zero.
func (b book) toPosition(code string, pos id.Of[Position], amount money.Amount) (ledger.Entry, bool) {
	return b.between(b.account(AccountAllocated), code, pos, amount)
}

func (b book) between(from id.Of[ledger.Account], code string, pos id.Of[Position], amount money.Amount) (ledger.Entry, bool) {
	e := ledger.Entry{Debit: from, Credit: b.account(code), Amount: amount.Abs(), Subledger: id.Cast[ledger.Subledger](pos)}
	if amount.Sign() < 0 {
		e.Debit, e.Credit = e.Credit, e.Debit
	}
	return e, !amount.IsZero()
}

// aheadOfMoves reports a transfer after a day, or an exit, that took unrealized
// value along.
func aheadOfMoves(ctx context.Context, tx bun.IDB, o id.Of[Offering], day date.Date) error {
	var behind bool
	err := store.Read(ctx, tx, tx.NewRaw(`SELECT EXISTS (SELECT 1 FROM investments.transfers WHERE opportunity_id = ?0 AND status = 'completed' AND effective_date > ?1)
		OR EXISTS (SELECT 1 FROM investments.property_investments WHERE opportunity_id = ?0 AND status = 'exited' AND investment_amount > 0 AND deleted_at IS NULL)`,
		o, day), &behind)
	if err != nil {
		return store.Err(err, constraints)
	}
	if behind {
		return ErrAllocationBehind
	}
	return nil
}

// ReverseAllocationParams is an allocation to undo.
type ReverseAllocationParams struct {
	IdempotencyKey string
	AllocationID   id.Of[Allocation]
	Date           date.Date // the day the reversal counts from
	Reason         string
	ActorID        id.Of[auth.User]
}

// ReverseAllocation undoes an allocation, once, by a mirror journal that names
// it. A transfer that is recorded after that takes nothing of the allocation
// along, whatever its day.
//
// It locks the offering. It returns [ErrAllocationReversed], [ErrReversalDate],
// [ErrAllocationBehind] for an unrealized change whose value has passed on with a
// transfer or was released by the exit, [ledger.ErrPeriodClosed] or
// [ErrAllocationNotFound]. The same key and request again return the allocation.
func (s *Capital) ReverseAllocation(ctx context.Context, db bun.IDB, p ReverseAllocationParams) (*Allocation, error) {
	if err := s.reversalFields("allocation_id", p.AllocationID, p.Date, p.Reason, p.ActorID); err != nil {
		return nil, err
	}
	return store.RunOnce(ctx, db, store.Keyed[Allocation]{Scope: s.scope, Verb: "investments.reverse_allocation", Params: p, Kind: "allocation", Result: p.AllocationID},
		s.Allocation, func(tx bun.IDB) (*Allocation, error) {
			if err := s.reverseAllocation(ctx, tx, p); err != nil {
				return nil, err
			}
			return s.Allocation(ctx, tx, p.AllocationID)
		})
}

func (s *Capital) reverseAllocation(ctx context.Context, tx bun.IDB, p ReverseAllocationParams) error {
	o, a, err := lockOfJournal(ctx, tx, p.AllocationID, s.Allocation, func(a *Allocation) id.Of[Offering] { return a.OfferingID })
	if err != nil {
		return err
	}
	if err := s.acts(ctx, tx, VerbReverseAllocation, p.ActorID, about(o.ID)); err != nil {
		return err
	}
	switch {
	case a.ReversedBy != nil:
		return ErrAllocationReversed
	case p.Date.Before(a.Date):
		return ErrReversalDate
	}
	b, err := s.bookOf(ctx, tx, o)
	if err != nil {
		return err
	}
	if a.Kind == AllocationUnrealized {
		if err := aheadOfMoves(ctx, tx, o.ID, a.Date); err != nil {
			return err
		}
	}
	j, err := s.ledger.Reverse(ctx, tx, ledger.ReverseParams{JournalID: id.Cast[ledger.Journal](a.ID), EffectiveDate: p.Date, Description: p.Reason,
		SourceType: sourceReversal, SourceID: id.Cast[ledger.Source](o.ID), Actor: actor(p.ActorID)})
	if err != nil {
		return err
	}
	at := s.booked(o.ID, b, j.ID, p.Date)
	if err := at.reverse(ctx, tx, "m.journal_id = ? AND m.kind IN ('income', 'unrealized', 'fee')", a.ID); err != nil {
		return err
	}
	if err := s.restate(ctx, tx, o, b, at, a.Date, p.ActorID); err != nil {
		return err
	}
	if a.Kind == AllocationUnrealized {
		if err := followLedger(ctx, tx, o, b); err != nil {
			return err
		}
	}
	return s.hooks.Emit(ctx, tx, s.now(), store.Event("offering", o.ID, AllocationReversed{AllocationID: a.ID, OfferingID: o.ID, Kind: a.Kind,
		Amount: a.Amount, Date: p.Date}))
}
