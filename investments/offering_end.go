package investments

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// The conditions of ending an offering.
var (
	// ErrOfferingHoldsMoney: money of investors is in the offering.
	ErrOfferingHoldsMoney = fault.New(fault.Illegal, "offering_holds_money", "money of investors must be refunded first")
	// ErrRaiseIncomplete: commitments are outstanding, or the smallest raise is
	// not reached.
	ErrRaiseIncomplete = fault.New(fault.Illegal, "raise_incomplete", "the raise is not complete")
)

// CompleteRaiseParams is a closed offering whose money has all come in.
type CompleteRaiseParams struct {
	OfferingID id.Of[Offering]
	ActorID    id.Of[auth.User]
}

// CompleteRaise records that the raise of a closed offering is complete: all that
// was committed has come in, and no less than the smallest raise. Nobody waits
// any longer; who is still on the waitlist is cancelled. Funding a funded
// offering changes nothing. It locks the offering. It returns
// [ErrRaiseIncomplete], [ErrOfferingState] or [ErrOfferingNotFound].
func (s *Offerings) CompleteRaise(ctx context.Context, db bun.IDB, p CompleteRaiseParams) (*Offering, error) {
	if p.ActorID.IsZero() {
		return nil, ErrActorRequired
	}
	var out *Offering
	v := p.OfferingID
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		if out, err = lockOffering(ctx, tx, v); err != nil {
			return err
		}
		if err := s.acts(ctx, tx, VerbCompleteRaise, p.ActorID, about(v)); err != nil || out.Status == OfferingStatusFunded {
			return err
		}
		var open int
		err = store.Read(ctx, tx, tx.NewSelect().Model((*Subscription)(nil)).ColumnExpr("count(*)").Where("opportunity_id = ?", v).
			Where("status = ?", SubscriptionStatusOpen), &open)
		switch {
		case err != nil:
			return store.Err(err, constraints)
		case open > 0:
			return ErrRaiseIncomplete.With("%d subscriptions are outstanding", open)
		case out.AmountRaised.IsZero() || out.MinimumRaise != nil && out.AmountRaised.Less(*out.MinimumRaise):
			return ErrRaiseIncomplete.With("%s is raised", out.AmountRaised)
		}
		ended, _, err := s.endCommitments(ctx, tx, v, "the raise is complete")
		if err != nil {
			return err
		}
		out, err = s.moveOffering(ctx, tx, VerbCompleteRaise, v, p.ActorID, OfferingStatusFunded, OfferingStatusClosed, func(o *Offering) store.Payload {
			return RaiseCompleted{o.AmountRaised, o.InvestorCount, ended}
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// CancelOfferingParams is an offering to cancel.
type CancelOfferingParams struct {
	OfferingID id.Of[Offering]
	Reason     string
	ActorID    id.Of[auth.User]
}

// Cancel calls an offering off: its commitments, its waitlist and its
// calls are cancelled, and its positions with them. It holds no money of
// investors, or has refunded it ([Commitments.RefundContribution]). Cancelling again
// changes nothing. It locks the offering. It returns [ErrOfferingHoldsMoney],
// [ErrOfferingState] for a funded one, or [ErrOfferingNotFound].
func (s *Offerings) Cancel(ctx context.Context, db bun.IDB, p CancelOfferingParams) (*Offering, error) {
	if p.ActorID.IsZero() {
		return nil, ErrActorRequired
	}
	var out *Offering
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		if out, err = lockOffering(ctx, tx, p.OfferingID); err != nil {
			return err
		}
		if err := s.acts(ctx, tx, VerbCancelOffering, p.ActorID, about(out.ID)); err != nil || out.Status == OfferingStatusCancelled {
			return err
		}
		if out.Status == OfferingStatusFunded {
			return ErrOfferingState.With("it is %s", out.Status)
		}
		var held bool
		err = store.Read(ctx, tx, tx.NewRaw(`SELECT EXISTS (SELECT 1 FROM investments.subscriptions WHERE opportunity_id = ?0 AND received <> refunded)
			OR EXISTS (SELECT 1 FROM investments.property_investments WHERE opportunity_id = ?0 AND status IN ('funded', 'exited') AND deleted_at IS NULL)`, p.OfferingID), &held)
		if err != nil {
			return store.Err(err, constraints)
		}
		if held {
			return ErrOfferingHoldsMoney
		}
		ended, calls, err := s.endCommitments(ctx, tx, p.OfferingID, p.Reason)
		if err != nil {
			return err
		}
		_, err = store.Write(ctx, tx, tx.NewRaw(`UPDATE investments.property_investments SET status = 'cancelled', investment_amount = 0
			WHERE opportunity_id = ? AND status IN ('pending', 'committed') AND deleted_at IS NULL`, p.OfferingID))
		if err != nil {
			return store.Err(err, constraints)
		}
		out.Status, out.CommittedAmount, out.UpdatedAt = OfferingStatusCancelled, money.Zero, s.now()
		out.Version++
		if err := offerings.Update(ctx, tx, out, "status", "committed_amount", "version"); err != nil {
			return err
		}
		return s.hooks.Emit(ctx, tx, out.UpdatedAt, store.Event(aggregateOffering, out.ID, OfferingCancelled{ended, calls}))
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// endCommitments cancels the subscriptions that wait or are open, and the calls
// and lines that still ask for something. It returns how many subscriptions and
// calls there were.
func (s *Offerings) endCommitments(ctx context.Context, tx bun.IDB, o id.Of[Offering], reason string) (ended, calls int, err error) {
	err = store.Scan(ctx, tx, []any{&ended, &calls}, `WITH ended AS (UPDATE investments.subscriptions SET status = 'cancelled', cancelled_at = $2, cancel_reason = $3, version = version + 1
			WHERE opportunity_id = $1 AND status IN ('waitlisted', 'open') RETURNING 1),
		calls AS (UPDATE investments.capital_calls SET status = 'cancelled', version = version + 1
			WHERE opportunity_id = $1 AND status IN ('draft', 'issued') RETURNING 1),
		lines AS (UPDATE investments.capital_call_lines l SET status = 'cancelled', version = l.version + 1
			FROM investments.capital_calls c WHERE c.id = l.capital_call_id AND c.opportunity_id = $1 AND l.status IN ('open', 'partial'))
		SELECT (SELECT count(*) FROM ended), (SELECT count(*) FROM calls)`,
		o.String(), store.TimeKey(s.now()), optional(reason))
	return ended, calls, err
}
