package investments

import (
	"context"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// The conditions of capital calls.
var (
	// ErrNothingToCall: all that was committed is called or received.
	ErrNothingToCall = fault.New(fault.Illegal, "nothing_to_call", "nothing of the commitments is uncalled")
	// ErrOvercalled: the call asks for more than is uncalled.
	ErrOvercalled = fault.New(fault.Illegal, "overcalled", "the call asks for more than is uncalled")
	// ErrCallState: the call's status does not allow the verb.
	ErrCallState = fault.New(fault.Illegal, "capital_call_state", "the call's status does not allow it")
)

// CallCapitalParams is an installment to call. Either Fraction or Amount is
// given.
type CallCapitalParams struct {
	IdempotencyKey string
	OfferingID     id.Of[Offering]
	Fraction       *decimal.Decimal // of every commitment
	Amount         *money.Amount    // in total
	DueDate        date.Date
	Notes          string
	ActorID        id.Of[auth.User]
}

func (p *CallCapitalParams) validate(days check.Days) error {
	var f check.Fields
	f.Given("offering_id", p.OfferingID)
	f.Check((p.Fraction == nil) != (p.Amount == nil), "amount", check.Required, "either a fraction or an amount is needed")
	f.Part("fraction", p.Fraction, FractionDecimals)
	f.Check(p.Amount == nil || p.Amount.Sign() > 0, "amount", check.OutOfRange, "an amount is above zero")
	f.GivenWithin("due_date", p.DueDate, days)
	f.Given("actor_id", p.ActorID)
	return f.Err()
}

// CallCapital drafts the next call of an offering over its open subscriptions,
// a line each. A fraction is of every commitment; an amount is split pro rata
// to the commitments. Both are exact to the cent by largest remainder, and
// nobody is asked for more than they have left: what a fraction would ask beyond
// that is not called, what an amount would is spread over the others. Several
// calls make the installments. Nothing is due before [Commitments.IssueCall].
//
// It locks the offering. It returns [ErrNothingToCall], [ErrOvercalled],
// [ErrOfferingState] or [ErrOfferingNotFound]. The same key and request again
// return the first call.
func (s *Commitments) CallCapital(ctx context.Context, db bun.IDB, p CallCapitalParams) (*CapitalCall, error) {
	if err := p.validate(s.days()); err != nil {
		return nil, err
	}
	now := s.now()
	call := &CapitalCall{ID: id.New[CapitalCall](), OfferingID: p.OfferingID, DueDate: p.DueDate, Status: CallStatusDraft, Notes: optional(p.Notes),
		CreatedBy: &p.ActorID, Version: 1, CreatedAt: now, UpdatedAt: now}
	return store.RunOnce(ctx, db, store.Keyed[CapitalCall]{Scope: s.scope, Verb: "investments.call_capital", Params: p, Kind: "capital_call", Result: call.ID}, capitalCalls.Get, func(tx bun.IDB) (*CapitalCall, error) {
		return call, s.callCapital(ctx, tx, p, call)
	})
}

func (s *Commitments) callCapital(ctx context.Context, tx bun.IDB, p CallCapitalParams, call *CapitalCall) error {
	o, err := lockOffering(ctx, tx, p.OfferingID)
	if err != nil {
		return err
	}
	if err := s.acts(ctx, tx, VerbCallCapital, p.ActorID, about(call.ID)); err != nil {
		return err
	}
	if o.Status == OfferingStatusDraft || o.Status == OfferingStatusCancelled {
		return ErrOfferingState.With("it is %s", o.Status)
	}
	subs, err := subscriptions.All(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("s.opportunity_id = ?", o.ID).Where("s.status = ?", SubscriptionStatusOpen).Where("s.called < s.amount").OrderExpr("s.id")
	})
	if err != nil {
		return err
	}
	parts, err := callParts(subs, p.Fraction, p.Amount)
	if err != nil {
		return err
	}
	lines := make([]CapitalCallLine, 0, len(subs))
	for i := range subs {
		if parts[i].IsZero() {
			continue
		}
		if call.TotalAmount, err = call.TotalAmount.Add(parts[i]); err != nil {
			return err
		}
		lines = append(lines, CapitalCallLine{ID: id.New[CapitalCallLine](), CapitalCallID: call.ID, SubscriptionID: subs[i].ID,
			InvestorID: subs[i].InvestorID, Amount: parts[i], Status: CallLineStatusOpen, Version: 1, CreatedAt: call.CreatedAt, UpdatedAt: call.UpdatedAt})
	}
	if len(lines) == 0 {
		return ErrNothingToCall
	}
	err = store.Read(ctx, tx, tx.NewSelect().Model((*CapitalCall)(nil)).ColumnExpr("COALESCE(max(number), 0) + 1").Where("opportunity_id = ?", o.ID), &call.Number)
	if err != nil {
		return store.Err(err, constraints)
	}
	if err := capitalCalls.Insert(ctx, tx, call); err != nil {
		return err
	}
	if err := capitalCallLines.InsertAll(ctx, tx, lines); err != nil {
		return err
	}
	return s.hooks.Emit(ctx, tx, call.CreatedAt, store.Event(aggregateCall, call.ID,
		CapitalCallDrafted{o.ID, call.Number, call.TotalAmount, len(lines), call.DueDate, call.CreatedBy}))
}

// callParts divides a call over subscriptions, in their order. It touches no
// database.
func callParts(subs []Subscription, fraction *decimal.Decimal, total *money.Amount) ([]money.Amount, error) {
	left := make([]money.Amount, len(subs))
	committed, uncalled := money.Zero, money.Zero
	var err error
	for i := range subs {
		if left[i], err = subs[i].Amount.Sub(subs[i].Called); err != nil {
			return nil, err
		}
		if uncalled, err = uncalled.Add(left[i]); err != nil {
			return nil, err
		}
		if committed, err = committed.Add(subs[i].Amount); err != nil {
			return nil, err
		}
	}
	if uncalled.IsZero() {
		return nil, ErrNothingToCall
	}
	if fraction != nil {
		t, err := committed.MulRate(*fraction)
		if err != nil {
			return nil, err
		}
		parts, err := money.Allocate(t, callShares(subs, nil))
		for i := range parts {
			parts[i] = money.Min(parts[i], left[i])
		}
		return parts, err
	}
	if uncalled.Less(*total) {
		return nil, ErrOvercalled.With("%s is uncalled", uncalled).On("amount")
	}
	return spread(subs, left, *total)
}

// spread splits total by commitment, none above what it has left: who would be
// gives all of it, and the others share the rest anew.
func spread(subs []Subscription, left []money.Amount, total money.Amount) ([]money.Amount, error) {
	full := make([]bool, len(subs))
	for {
		rest := total
		for i := range subs {
			if full[i] {
				rest, _ = rest.Sub(left[i]) // within the total
			}
		}
		parts, err := money.Allocate(rest, callShares(subs, full))
		if err != nil {
			return nil, err
		}
		again := false
		for i := range parts {
			if full[i] {
				parts[i] = left[i]
			} else if left[i].Less(parts[i]) {
				full[i], again = true, true
			}
		}
		if !again {
			return parts, nil
		}
	}
}

// callShares weighs subscriptions by their commitment, those that are full not
// at all.
func callShares(subs []Subscription, full []bool) []money.Share {
	shares := make([]money.Share, len(subs))
	for i := range subs {
		shares[i].ID = string(subs[i].ID[:])
		if full == nil || !full[i] {
			shares[i].Weight = subs[i].Amount.Decimal()
		}
	}
	return shares
}

// IssueCallParams is a drafted capital call to give notice of.
type IssueCallParams struct {
	CallID     id.Of[CapitalCall]
	NoticeDate date.Date // the day of the notice
	ActorID    id.Of[auth.User]
}

// IssueCall makes a drafted call due: from the day of the notice its lines count
// as called. Issuing an issued call changes nothing. It locks the offering and
// the call. It returns [ErrOvercalled] when since the draft a subscription was
// ended, or called or paid further than the line leaves room for,
// [ErrCallSchedule], [ErrCallState] or [ErrCapitalCallNotFound].
func (s *Commitments) IssueCall(ctx context.Context, db bun.IDB, p IssueCallParams) (*CapitalCall, error) {
	var f check.Fields
	f.GivenWithin("notice_date", p.NoticeDate, s.days())
	f.Given("actor_id", p.ActorID)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return s.changeCall(ctx, db, VerbIssueCall, p.CallID, p.ActorID, func(tx bun.IDB, call *CapitalCall) (bool, error) {
		switch {
		case call.Status == CallStatusIssued:
			return false, nil
		case call.Status != CallStatusDraft:
			return false, ErrCallState.With("it is %s", call.Status)
		case call.DueDate.Before(p.NoticeDate):
			return false, ErrCallSchedule
		}
		call.Status, call.NoticeDate = CallStatusIssued, &p.NoticeDate
		var short int
		err := store.Read(ctx, tx, tx.NewRaw(`WITH asked AS (SELECT subscription_id, amount FROM investments.capital_call_lines WHERE capital_call_id = ? AND status = 'open'),
			moved AS (UPDATE investments.subscriptions s SET called = s.called + a.amount, version = s.version + 1 FROM asked a
				WHERE s.id = a.subscription_id AND s.status = 'open' AND s.called + a.amount <= s.amount RETURNING 1)
			SELECT (SELECT count(*) FROM asked) - (SELECT count(*) FROM moved)`, call.ID), &short)
		if err != nil {
			return false, store.Err(err, constraints)
		}
		if short > 0 {
			return false, ErrOvercalled.With("%d of its lines have no room", short)
		}
		return true, nil
	})
}

// CancelCallParams is a call to withdraw.
type CancelCallParams struct {
	CallID  id.Of[CapitalCall]
	ActorID id.Of[auth.User]
}

// CancelCall withdraws a call. What came in on it stays; what did not is no
// longer called. Cancelling again changes nothing; a completed call is
// [ErrCallState]. It locks the offering and the call.
func (s *Commitments) CancelCall(ctx context.Context, db bun.IDB, p CancelCallParams) (*CapitalCall, error) {
	return s.changeCall(ctx, db, VerbCancelCall, p.CallID, p.ActorID, func(tx bun.IDB, call *CapitalCall) (bool, error) {
		if call.Status == CallStatusCancelled {
			return false, nil
		}
		if call.Status == CallStatusCompleted {
			return false, ErrCallState.With("it is %s", call.Status)
		}
		if call.Status == CallStatusIssued {
			_, err := store.Write(ctx, tx, tx.NewRaw(`UPDATE investments.subscriptions s SET called = s.called - (l.amount - l.received), version = s.version + 1
				FROM investments.capital_call_lines l
				WHERE l.capital_call_id = ? AND l.status IN ('open', 'partial') AND s.id = l.subscription_id`, call.ID))
			if err != nil {
				return false, store.Err(err, constraints)
			}
		}
		_, err := store.Write(ctx, tx, tx.NewRaw(`UPDATE investments.capital_call_lines SET status = 'cancelled', version = version + 1
			WHERE capital_call_id = ? AND status IN ('open', 'partial')`, call.ID))
		call.Status = CallStatusCancelled
		return true, store.Err(err, constraints)
	})
}

// changeCall locks a call behind its offering and lets decide change it.
func (s *Commitments) changeCall(ctx context.Context, db bun.IDB, verb Verb, v id.Of[CapitalCall], by id.Of[auth.User], decide func(bun.IDB, *CapitalCall) (changed bool, err error)) (*CapitalCall, error) {
	if by.IsZero() {
		return nil, ErrActorRequired
	}
	var call *CapitalCall
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		if call, err = lockCall(ctx, tx, v); err != nil {
			return err
		}
		if err := s.acts(ctx, tx, verb, by, about(call.ID)); err != nil {
			return err
		}
		changed, err := decide(tx, call)
		if err != nil || !changed {
			return err
		}
		call.UpdatedAt = s.now()
		call.Version++
		if err := capitalCalls.Update(ctx, tx, call, "status", "notice_date", "version"); err != nil {
			return err
		}
		return s.hooks.Emit(ctx, tx, call.UpdatedAt, store.Event(aggregateCall, call.ID, call.change()))
	})
	if err != nil {
		return nil, err
	}
	return call, nil
}

// change is the event of the status that a verb has given the call.
func (c *CapitalCall) change() store.Payload {
	if c.Status == CallStatusIssued {
		return CapitalCallIssued{c.OfferingID, c.Number, c.TotalAmount, c.NoticeDate, c.DueDate}
	}
	return CapitalCallCancelled{c.OfferingID, c.Number}
}

// lockCall locks a capital call behind its offering.
func lockCall(ctx context.Context, tx bun.IDB, v id.Of[CapitalCall]) (*CapitalCall, error) {
	_, call, err := lockUnderOffering(ctx, tx, v, capitalCalls.Lock)
	return call, err
}
