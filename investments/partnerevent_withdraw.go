package investments

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
)

// WithdrawPartnerEventParams is an event that was entered by mistake.
type WithdrawPartnerEventParams struct {
	IdempotencyKey string
	EventID        id.Of[PartnerEvent]
	Date           date.Date // of the books, where the event was booked
	Reason         string    // no personal data
	ActorID        id.Of[auth.User]
}

// WithdrawPartnerEvent takes back an event that was entered by mistake: it never
// was. What was booked for it is booked back. Distributions that followed it are a
// changed past; see [Distributions.Review].
//
// It locks the offering. It returns [ErrPartnerEventWithdrawn], [ErrActorParty] for an
// owner of a position that the event is about, [ErrReversalDate]
// for a day before the event, [ErrLoanRepaid] for a loan with repayments, [ledger.ErrPeriodClosed], [ErrPartnerEventNotFound],
// or what the history says that cannot do without it. The same key and request
// again return the event.
func (s *Positions) WithdrawPartnerEvent(ctx context.Context, db bun.IDB, p WithdrawPartnerEventParams) (*PartnerEvent, error) {
	var f check.Fields
	f.Given("event_id", p.EventID)
	f.GivenHappened("date", p.Date, check.NewDays(s.now(), 0))
	f.Required("reason", p.Reason, 1000)
	f.Given("actor_id", p.ActorID)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return store.RunOnce(ctx, db, store.Keyed[PartnerEvent]{Scope: s.scope, Verb: "investments.withdraw_partner_event", Params: p, Kind: "partner_event", Result: p.EventID}, partnerEvents.Get,
		func(tx bun.IDB) (*PartnerEvent, error) { return s.withdraw(ctx, tx, p) })
}

// matter is the event as what a verb is about: the owners of the positions that it is
// between are its parties.
func (e *PartnerEvent) matter() matter {
	var between []id.Of[Position]
	for _, p := range []*id.Of[Position]{e.PositionID, e.LenderID} {
		if p != nil {
			between = append(between, *p)
		}
	}
	m := about(e.OfferingID)
	if len(between) > 0 {
		x := of("investments.property_investments", between...)
		m.party, m.args = x.party, x.args
	}
	return m
}

func (s *Positions) withdraw(ctx context.Context, tx bun.IDB, p WithdrawPartnerEventParams) (*PartnerEvent, error) {
	o, e, err := lockUnderOffering(ctx, tx, p.EventID, partnerEvents.Lock)
	if err != nil {
		return nil, err
	}
	if err := s.acts(ctx, tx, VerbWithdrawPartnerEvent, p.ActorID, e.matter()); err != nil {
		return nil, err
	}
	now := s.now()
	switch {
	case e.WithdrawnAt != nil:
		return nil, ErrPartnerEventWithdrawn
	case e.JournalID != nil && p.Date.Before(e.EffectiveDate):
		return nil, ErrReversalDate
	}
	repaid, err := store.Exists(ctx, tx, tx.NewSelect().Model((*PartnerEvent)(nil)).Where("loan_id = ?", e.ID).Where("withdrawn_at IS NULL"))
	switch {
	case err != nil:
		return nil, store.Err(err, constraints)
	case repaid:
		return nil, ErrLoanRepaid
	}
	if e.JournalID != nil {
		b, err := s.bookOf(ctx, tx, o)
		if err != nil {
			return nil, err
		}
		j, err := s.ledger.Reverse(ctx, tx, ledger.ReverseParams{JournalID: *e.JournalID, EffectiveDate: p.Date, Description: "event between partners withdrawn",
			SourceType: "partner_event", SourceID: id.Cast[ledger.Source](e.ID), CommandID: id.New[ledger.Command](), Actor: actor(p.ActorID)})
		if err != nil {
			return nil, err
		}
		e.WithdrawalJournalID = &j.ID
		if err := s.booked(o.ID, b, j.ID, p.Date).reverse(ctx, tx, "m.partner_event_id = ?", e.ID); err != nil {
			return nil, err
		}
	}
	e.WithdrawnAt, e.WithdrawnBy, e.WithdrawalReason = &now, &p.ActorID, &p.Reason
	if err := partnerEvents.Update(ctx, tx, e, "withdrawn_at", "withdrawn_by", "withdrawal_reason", "withdrawal_journal_id"); err != nil {
		return nil, err
	}
	if err := takes(ctx, tx, o, e.EffectiveDate); err != nil {
		return nil, err
	}
	if e.Kind == PartnerEventSideLetter {
		if err := transfersFit(ctx, tx, o.ID); err != nil {
			return nil, err
		}
	}
	return e, s.hooks.Emit(ctx, tx, now, store.Event(aggregateOffering, o.ID, PartnerEventWithdrawn{e.ID, e.Kind, e.EffectiveDate, e.WithdrawalJournalID}))
}
