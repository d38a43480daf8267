package investments

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/approval"
	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/history"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// ApproveWriteOffParams is one person's agreement to a write-off.
type ApproveWriteOffParams struct {
	WriteOffID id.Of[WriteOff]
	ActorID    id.Of[auth.User] // who agrees
}

// ApproveWriteOff records that somebody agrees to a write-off. When as many people as
// the policy asks for have agreed, none of them who asked for it and none who owes
// it, the debt is booked against [AccountWrittenOff], the earliest first, and the
// history of the position says so. Approving again by the same person changes nothing.
//
// It locks the offering and the write-off. It returns [ErrSecondPerson],
// [ErrActorParty], [ErrWriteOffDecided], [ErrOverRecovered] where less is owed by now,
// [ledger.ErrPeriodClosed] or [ErrWriteOffNotFound].
func (s *Capital) ApproveWriteOff(ctx context.Context, db bun.IDB, p ApproveWriteOffParams) (*WriteOff, error) {
	return s.decideWriteOff(ctx, db, p.WriteOffID, approval.Decision{By: id.Cast[approval.Person](p.ActorID), Approved: true})
}

// RejectWriteOffParams says no to a write-off.
type RejectWriteOffParams struct {
	WriteOffID id.Of[WriteOff]
	ActorID    id.Of[auth.User] // who rejects
	Reason     string
}

// RejectWriteOff refuses a write-off: what is owed stays owed. Rejecting again by the
// same person changes nothing. It returns what [Capital.ApproveWriteOff]
// returns.
func (s *Capital) RejectWriteOff(ctx context.Context, db bun.IDB, p RejectWriteOffParams) (*WriteOff, error) {
	if p.Reason == "" {
		return nil, fault.New(fault.Invalid, check.Required, "a rejection has a reason").On("reason")
	}
	return s.decideWriteOff(ctx, db, p.WriteOffID, approval.Decision{By: id.Cast[approval.Person](p.ActorID), Note: &p.Reason})
}

func (s *Capital) decideWriteOff(ctx context.Context, db bun.IDB, v id.Of[WriteOff], say approval.Decision) (*WriteOff, error) {
	by := id.Cast[auth.User](say.By)
	if by.IsZero() {
		return nil, ErrActorRequired
	}
	var out *WriteOff
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		o, w, err := lockUnderOffering(ctx, tx, v, writeOffs.Lock)
		if err != nil {
			return err
		}
		out = w
		switch {
		case w.Status != WriteOffPending:
			return w.decided(ctx, tx, say)
		case w.RequestedBy == by:
			return ErrSecondPerson
		}
		verb := VerbRejectWriteOff
		if say.Approved {
			verb = VerbApproveWriteOff
		}
		if err := s.acts(ctx, tx, verb, by, w.matter()); err != nil {
			return err
		}
		return s.sayWriteOff(ctx, tx, o, w, say)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// round is what people decide about.
func (w *WriteOff) round() approval.Matter {
	return approval.Matter{Kind: aggregateWriteOff, ID: id.Cast[approval.Subject](w.ID), Action: "write_off", RequestedBy: id.Cast[approval.Person](w.RequestedBy)}
}

// decided reports a write-off that waits for no decision, unless the person is one of
// those who decided it so.
func (w *WriteOff) decided(ctx context.Context, tx bun.IDB, say approval.Decision) error {
	if said, err := approval.Said(ctx, tx, w.round(), say); err != nil || said && (w.Status == WriteOffApproved) == say.Approved {
		return err
	}
	return ErrWriteOffDecided.With("it is %s", w.Status)
}

// sayWriteOff records a decision, and lets the write-off follow where it settles it.
func (s *Capital) sayWriteOff(ctx context.Context, tx bun.IDB, o *Offering, w *WriteOff, say approval.Decision) error {
	now, round := s.now(), w.round()
	round.Required, _ = s.approvals.requires(w.Amount) // who asks is never the one, whatever the policy
	say.At = now
	if settled, err := approval.Settle(ctx, tx, round, w, say); err != nil || !settled {
		return err
	}
	by := id.Cast[auth.User](say.By)
	w.Status, w.DecidedBy, w.DecidedAt, w.UpdatedAt = WriteOffRejected, &by, &now, now
	var event store.Payload = WriteOffRefused{OfferingID: o.ID, DecidedBy: by}
	if say.Approved {
		j, err := s.bookWriteOff(ctx, tx, o, w)
		if err != nil {
			return err
		}
		w.Status, w.JournalID = WriteOffApproved, &j
		event = WriteOffBooked{OfferingID: o.ID, Amount: w.Amount, Date: w.EffectiveDate, DecidedBy: by, JournalID: j}
	}
	w.Version++
	if err := writeOffs.Update(ctx, tx, w, "status", "decided_by", "decided_at", "journal_id", "version"); err != nil {
		return err
	}
	return s.hooks.Emit(ctx, tx, now, store.Event(aggregateWriteOff, w.ID, event))
}

// bookWriteOff posts what is given up.
func (s *Capital) bookWriteOff(ctx context.Context, tx bun.IDB, o *Offering, w *WriteOff) (id.Of[ledger.Journal], error) {
	var none id.Of[ledger.Journal]
	b, err := s.bookOf(ctx, tx, o)
	if err != nil {
		return none, err
	}
	account := w.AccountID
	if w.PositionID != nil {
		account = nil
	}
	owed, debtor, err := owedBy(ctx, tx, o.ID, w.PositionID, account)
	if err != nil {
		return none, err
	}
	parts, err := settleOwed(owed, w.Amount, w.EffectiveDate)
	if err != nil {
		return none, err
	}
	command := id.New[ledger.Command]()
	j, err := s.ledger.Post(ctx, tx, ledger.PostParams{BookID: b.id, EffectiveDate: w.EffectiveDate, Description: w.Reason, CommandID: command, Actor: actor(*w.DecidedBy),
		SourceType: aggregateWriteOff, SourceID: id.Cast[ledger.Source](w.ID),
		Entries: []ledger.Entry{{Debit: b.account(AccountWrittenOff), Credit: b.account(AccountRecovery), Amount: w.Amount, Subledger: debtor}}})
	if err != nil {
		return none, err
	}
	settled := make([]settledDebt, len(parts))
	for i, part := range parts {
		settled[i] = settledDebt{debt: &owed[i], amount: part.Amount, kind: history.WriteOff}
	}
	return j.ID, s.settleDebts(ctx, tx, o.Currency, s.booked(o.ID, b, j.ID, w.EffectiveDate), command, "written off", "", settled)
}
