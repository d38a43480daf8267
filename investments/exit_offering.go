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

// ExitOfferingParams is an offering whose property was sold.
type ExitOfferingParams struct {
	IdempotencyKey string
	OfferingID     id.Of[Offering]
	Date           date.Date // the day of the exit, not before the last movement
	WriteOff       bool      // there were no proceeds: what was not returned is lost
	ActorID        id.Of[auth.User]
}

// ExitOffering closes all funded positions of an offering after the proceeds of
// its sale were paid. What the sale paid a position, gross, less the
// capital that other distributions had not returned is its realized gain, or
// loss. What a true-up of a sale makes good counts there whatever distribution pays it,
// and what the sale's own distribution makes good of others does not. The gain is posted to [AccountRealized], and what was allocated as unrealized is
// released. Contributed capital, units and ownership stay on the positions, as
// what was held at the end.
//
// Distributions of the exited offering, such as an escrow or a holdback that is
// released, may follow and go to who held at the end. Their total counts in the
// positions' returns at once. One of sale proceeds changes the realized gains,
// and so does a reversal: ExitOffering with another key then posts the
// differences, and leaves the dates of exit as they are.
//
// It locks the offering and its positions. It returns [ErrOfferingState] unless
// the raise has ended, [ErrExitUnpaid], [ErrExitOpen], [ErrExitBehind],
// [ErrNoProceeds], [ErrNothingToExit], [ledger.ErrPeriodClosed] or
// [ErrOfferingNotFound]. The same key and request again return the exit as it is
// then, which after its reversal is [ErrNotExited].
func (s *Capital) ExitOffering(ctx context.Context, db bun.IDB, p ExitOfferingParams) (*Exit, error) {
	var f check.Fields
	f.Given("offering_id", p.OfferingID)
	f.GivenWithin("date", p.Date, s.days())
	f.Given("actor_id", p.ActorID)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return store.RunOnce(ctx, db, store.Keyed[Offering]{Scope: s.scope, Verb: "investments.exit_offering", Params: p, Kind: "offering", Result: p.OfferingID},
		s.Exit, func(tx bun.IDB) (*Exit, error) {
			if err := s.exitOffering(ctx, tx, p); err != nil {
				return nil, err
			}
			return s.Exit(ctx, tx, p.OfferingID)
		})
}

func (s *Capital) exitOffering(ctx context.Context, tx bun.IDB, p ExitOfferingParams) error {
	o, err := lockOffering(ctx, tx, p.OfferingID)
	if err != nil {
		return err
	}
	if err := s.acts(ctx, tx, VerbExitOffering, p.ActorID, about(o.ID)); err != nil {
		return err
	}
	if o.Status != OfferingStatusClosed && o.Status != OfferingStatusFunded {
		return ErrOfferingState.With("it is %s", o.Status)
	}
	if err := p.ready(ctx, tx); err != nil {
		return err
	}
	rows, err := leavers(ctx, tx, o.ID)
	if err != nil {
		return err
	}
	b, err := s.bookOf(ctx, tx, o)
	if err != nil {
		return err
	}
	entries, moved, event, err := p.leave(s.booked(o.ID, b, id.Of[ledger.Journal]{}, p.Date), b, rows)
	if err != nil {
		return err
	}
	if len(entries) > 0 {
		j, err := s.ledger.Post(ctx, tx, ledger.PostParams{BookID: b.id, EffectiveDate: p.Date, Description: "exit", CommandID: id.New[ledger.Command](),
			SourceType: sourceExit, SourceID: id.Cast[ledger.Source](o.ID), Actor: actor(p.ActorID), Entries: entries})
		if err != nil {
			return err
		}
		for i := range moved {
			moved[i].JournalID = j.ID
		}
		if err := movements.InsertAll(ctx, tx, moved); err != nil {
			return err
		}
	}
	if err := settle(ctx, tx, o.ID, b, &p.Date); err != nil {
		return err
	}
	left := make([]id.Of[Position], len(rows))
	for i := range rows {
		left[i] = rows[i].id
	}
	if err := followReturns(ctx, tx, left); err != nil {
		return err
	}
	if err := s.refreshHolders(ctx, tx, o.ID, p.Date); err != nil {
		return err
	}
	return s.hooks.Emit(ctx, tx, s.now(), store.Event("offering", o.ID, *event))
}

// ready reports what stands against the exit. The caller holds the offering's
// lock, behind which all of it changes.
func (p *ExitOfferingParams) ready(ctx context.Context, tx bun.IDB) error {
	var is struct{ Unpaid, Open, Behind, Sold bool }
	err := store.Read(ctx, tx, tx.NewRaw(`SELECT
			EXISTS (SELECT 1 FROM investments.distributions d WHERE d.opportunity_id = ?0 AND (d.status IN ('pending', 'approved', 'processing', 'failed')
				OR d.status = 'completed' AND EXISTS (SELECT 1 FROM investments.investor_distributions l
					WHERE l.distribution_id = d.id AND l.payment_status IN ('pending', 'sent', 'failed')))) AS unpaid,
			EXISTS (SELECT 1 FROM investments.subscriptions WHERE opportunity_id = ?0 AND status IN ('open', 'waitlisted')) AS open,
			EXISTS (SELECT 1 FROM investments.transactions t JOIN investments.property_investments p ON p.id = t.investment_id
				WHERE p.opportunity_id = ?0 AND t.status = 'completed' AND t.effective_date > ?1)
			OR EXISTS (SELECT 1 FROM investments.distributions WHERE opportunity_id = ?0 AND status NOT IN ('cancelled', 'reversed') AND distribution_date > ?1)
			OR EXISTS (SELECT 1 FROM financials.journals WHERE source_id = ?0 AND effective_date > ?1
				AND source_type IN ('allocation:unrealized_change', 'allocation reversal', 'exit', 'exit reversal')) AS behind,
			EXISTS (SELECT 1 FROM investments.distributions WHERE opportunity_id = ?0 AND status = 'completed' AND distribution_type = 'sale_proceeds') AS sold`,
		p.OfferingID, p.Date), &is)
	switch {
	case err != nil:
		return store.Err(err, constraints)
	case is.Unpaid:
		return ErrExitUnpaid
	case is.Open:
		return ErrExitOpen
	case is.Behind:
		return ErrExitBehind
	case !is.Sold && !p.WriteOff:
		return ErrNoProceeds
	}
	return nil
}

// leave turns what positions gained into postings and movements, and sums it up. It
// touches no database.
func (p *ExitOfferingParams) leave(at booking, b book, rows []leaver) (entries []ledger.Entry, moved []Movement, event *OfferingExited, err error) {
	event = &OfferingExited{OfferingID: p.OfferingID, Date: p.Date, WriteOff: p.WriteOff}
	for i := range rows {
		r := &rows[i]
		gain, err := r.Realized.Sub(r.booked)
		if err != nil {
			return nil, nil, nil, err
		}
		for _, x := range []struct {
			code   string
			kind   history.Kind
			amount money.Amount
		}{{AccountRealized, history.Realized, gain}, {AccountUnrealized, history.Unrealized, r.unrealized.Neg()}} {
			if e, ok := b.toPosition(x.code, r.id, x.amount); ok {
				entries, moved = append(entries, e), append(moved, at.movement(r.id, x.kind, x.amount))
			}
		}
		if r.funded || !gain.IsZero() || !r.unrealized.IsZero() {
			event.Positions++
		}
		if event.RealizedGains, err = event.RealizedGains.Add(gain); err != nil {
			return nil, nil, nil, err
		}
		if event.UnrealizedReleased, err = event.UnrealizedReleased.Add(r.unrealized); err != nil {
			return nil, nil, nil, err
		}
	}
	if event.Positions == 0 {
		return nil, nil, nil, ErrNothingToExit
	}
	return entries, moved, event, nil
}

// ReverseExitParams is an exit that should not have been.
type ReverseExitParams struct {
	IdempotencyKey string
	OfferingID     id.Of[Offering]
	Date           date.Date // the day the reversal counts from, not before the exit
	Reason         string
	ActorID        id.Of[auth.User]
}

// ReverseExit undoes the exit of an offering: its journals are mirrored, so that
// realized gains are zero again and unrealized ones what they were, and the
// positions that left with their capital are funded again. Distributions stay as
// they are. Somebody else has asked for it, with this date and reason, by
// [Capital.RequestExitReversal]; who agrees is as with [Distributions.Reverse].
//
// It locks the offering. It returns [ErrNotExited], [ErrReversalDate],
// [ErrReversalNotRequested], [ErrApprovalChanged], [ErrReversalSelfApproval],
// [ledger.ErrPeriodClosed] or [ErrOfferingNotFound]. The same key and request
// again return the offering.
func (s *Capital) ReverseExit(ctx context.Context, db bun.IDB, p ReverseExitParams) (*Offering, error) {
	if err := s.reversalFields("offering_id", p.OfferingID, p.Date, p.Reason, p.ActorID); err != nil {
		return nil, err
	}
	return store.RunOnce(ctx, db, store.Keyed[Offering]{Scope: s.scope, Verb: "investments.reverse_exit", Params: p, Kind: "offering", Result: p.OfferingID}, offerings.Get,
		func(tx bun.IDB) (*Offering, error) { return s.reverseExit(ctx, tx, p) })
}

func (s *Capital) reverseExit(ctx context.Context, tx bun.IDB, p ReverseExitParams) (*Offering, error) {
	o, err := lockOffering(ctx, tx, p.OfferingID)
	if err != nil {
		return nil, err
	}
	if err := s.acts(ctx, tx, VerbReverseExit, p.ActorID, about(o.ID)); err != nil {
		return nil, err
	}
	exit, err := s.Exit(ctx, tx, o.ID)
	if err != nil {
		return nil, err
	}
	if p.Date.Before(exit.Date) {
		return nil, ErrReversalDate
	}
	r, err := s.agree(ctx, tx, VerbReverseExit, exitReversal(o.ID, exit, p.Date, p.Reason), p.ActorID)
	if err != nil {
		return nil, err
	}
	if waitsFor(r) {
		return o, s.hooks.Emit(ctx, tx, s.now(), store.Event(aggregateOffering, o.ID, ExitReversalAgreed{p.ActorID, r.Agreed(), r.Required}))
	}
	var posted []id.Of[ledger.Journal]
	err = store.Read(ctx, tx, tx.NewRaw(`SELECT j.id FROM financials.journals j WHERE j.source_id = ? AND j.source_type = ?
		AND NOT EXISTS (SELECT 1 FROM financials.journals r WHERE r.reverses_id = j.id AND r.book_id = j.book_id) ORDER BY j.id DESC`, o.ID, sourceExit), &posted)
	if err != nil {
		return nil, store.Err(err, constraints)
	}
	b, err := s.bookOf(ctx, tx, o)
	if err != nil {
		return nil, err
	}
	for _, j := range posted { // the exit, and what adjusted it later: a few at most
		back, err := s.ledger.Reverse(ctx, tx, ledger.ReverseParams{JournalID: j, EffectiveDate: p.Date, Description: p.Reason,
			SourceType: sourceExitReversal, SourceID: id.Cast[ledger.Source](o.ID), Actor: actor(p.ActorID)})
		if err != nil {
			return nil, err
		}
		if err := s.booked(o.ID, b, back.ID, p.Date).reverse(ctx, tx, "m.journal_id = ?", j); err != nil {
			return nil, err
		}
	}
	if err := settle(ctx, tx, o.ID, b, nil); err != nil {
		return nil, err
	}
	if err := s.refreshHolders(ctx, tx, o.ID, p.Date); err != nil {
		return nil, err
	}
	return o, s.hooks.Emit(ctx, tx, s.now(), store.Event("offering", o.ID, ExitReversed{OfferingID: o.ID, Date: p.Date, Positions: exit.Positions}))
}
