package investments

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// ReceiveCallParams is money that came in on a line of a call.
type ReceiveCallParams struct {
	IdempotencyKey string
	LineID         id.Of[CapitalCallLine]
	Amount         money.Amount // zero is all that is outstanding on the line
	Date           date.Date    // the day it counts from; after the due date it is late and welcome
	Reference      string       // of the bank
	ActorID        id.Of[auth.User]
}

// ReceiveCall records money for one line of an issued call, in whole or in
// part, in time or late, as [Commitments.ReceiveContribution] does for its subscription. The call
// is completed when every line is received. Money that names no line goes
// through Fund, which fills the lines in the order of their due dates.
//
// It locks what Fund locks. It returns what Fund returns, [ErrCallState] or
// [ErrCapitalCallNotFound]. The same key and request again return the line as
// it is then.
func (s *Commitments) ReceiveCall(ctx context.Context, db bun.IDB, p ReceiveCallParams) (*CapitalCallLine, error) {
	var f check.Fields
	f.Given("line_id", p.LineID)
	f.NotNegative("amount", p.Amount)
	f.GivenWithin("date", p.Date, s.days())
	f.Given("actor_id", p.ActorID)
	if err := f.Err(); err != nil {
		return nil, err
	}
	once := store.Keyed[CapitalCallLine]{Scope: s.scope, Verb: "investments.receive_call", Params: p, Kind: "capital_call_line", Result: p.LineID}
	among := &receiving{once: store.Keyed[Subscription]{Scope: once.Scope, Verb: once.Verb, Params: p, Kind: once.Kind, Result: id.Cast[Subscription](once.Result)}, verb: VerbReceiveCall,
		params: ReceiveContributionParams{Amount: p.Amount, Date: p.Date, Reference: p.Reference, ActorID: p.ActorID}, line: &p.LineID}
	out, err := s.receive(ctx, db, among, "s.id = (SELECT l.subscription_id FROM investments.capital_call_lines l WHERE l.id = ?)", p.LineID, func(ctx context.Context) (out received, err error) {
		out.line, err = store.RunOnce(ctx, db, once, capitalCallLines.Get, func(tx bun.IDB) (*CapitalCallLine, error) { return s.receiveCall(ctx, tx, p) })
		return out, err
	})
	return out.line, err
}

func (s *Commitments) receiveCall(ctx context.Context, tx bun.IDB, p ReceiveCallParams) (*CapitalCallLine, error) {
	known, err := capitalCallLines.Get(ctx, tx, p.LineID) // unlocked, to learn what it is of
	if err != nil {
		return nil, err
	}
	var o *Offering
	var call *CapitalCall
	var line *CapitalCallLine
	var sub *Subscription
	err = store.Together(ctx, tx,
		offeringOf(ctx, &o, known.CapitalCallID),
		store.Into(&call, func(tx bun.IDB) (*CapitalCall, error) { return capitalCalls.Lock(ctx, tx, known.CapitalCallID) }),
		store.Into(&line, func(tx bun.IDB) (*CapitalCallLine, error) { return capitalCallLines.Lock(ctx, tx, p.LineID) }),
		store.Into(&sub, func(tx bun.IDB) (*Subscription, error) { return subscriptions.Lock(ctx, tx, known.SubscriptionID) }))
	switch {
	case err != nil:
		return nil, err
	case o == nil:
		return nil, ErrOfferingNotFound
	case call.Status != CallStatusIssued:
		return nil, ErrCallState.With("it is %s", call.Status)
	}
	amount, err := line.receives(p.Amount)
	if err != nil {
		return nil, err
	}
	err = s.receiveContribution(ctx, tx, VerbReceiveCall, o, sub, ReceiveContributionParams{SubscriptionID: line.SubscriptionID, Amount: amount, Date: p.Date,
		Reference: p.Reference, ActorID: p.ActorID}, &line.ID, store.Into(&line, func(tx bun.IDB) (*CapitalCallLine, error) { return capitalCallLines.Get(ctx, tx, p.LineID) }))
	return line, err
}

// receives decides how much a receipt of amount is; zero is all that is
// outstanding. It touches no database.
func (l *CapitalCallLine) receives(amount money.Amount) (money.Amount, error) {
	left, err := l.Outstanding()
	switch {
	case err != nil:
		return amount, err
	case left.IsZero():
		return amount, ErrCallState.With("the line is %s", l.Status)
	case amount.IsZero():
		return left, nil
	case left.Less(amount):
		return amount, ErrOverfunded.With("%s of %s is outstanding", left, l.Amount)
	}
	return amount, nil
}

// Outstanding is what the line still waits for: nothing once it is received or
// cancelled.
func (l *CapitalCallLine) Outstanding() (money.Amount, error) {
	if l.Status == CallLineStatusReceived || l.Status == CallLineStatusCancelled {
		return money.Zero, nil
	}
	return l.Amount.Sub(l.Received)
}

// askedOf reads what issued calls still ask of a subscription, the line that is named
// first and then what is due first.
func askedOf(ctx context.Context, tx bun.IDB, sub *Subscription, named *id.Of[CapitalCallLine]) ([]CapitalCallLine, error) {
	return capitalCallLines.All(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Join("JOIN investments.capital_calls AS cc ON cc.id = cl.capital_call_id").Where("cl.subscription_id = ?", sub.ID).
			Where("cc.status = ?", CallStatusIssued).Where("cl.status IN ('open', 'partial')").OrderExpr("cl.id IS NOT DISTINCT FROM ?::uuid DESC, cc.due_date, cc.number", named)
	})
}

// fillLines counts a receipt on lines, in their order, and returns those that it reaches.
// More than they ask for is money in advance. It touches no database.
func fillLines(lines []CapitalCallLine, amount money.Amount, on date.Date, at time.Time) (filled []CapitalCallLine, err error) {
	for i := range lines {
		if amount.IsZero() {
			return lines[:i], nil
		}
		if amount, err = lines[i].fill(amount, on, at); err != nil {
			return nil, err
		}
	}
	return lines, nil
}

// writeLines are the parts that bring lines to the database, and complete the calls that
// wait for nothing since.
func (s *Commitments) writeLines(ctx context.Context, o id.Of[Offering], filled []CapitalCallLine, completed *[]id.Of[CapitalCall]) (parts []store.Part) {
	for i := range filled {
		parts = append(parts, func(tx bun.IDB) error {
			return capitalCallLines.Update(ctx, tx, &filled[i], "received", "received_date", "status", "version")
		})
	}
	if len(filled) > 0 {
		parts = append(parts, store.Into(completed, func(tx bun.IDB) ([]id.Of[CapitalCall], error) { return completeCalls(ctx, tx, o) }))
	}
	return parts
}

// fill counts a receipt, or as much of it as the line asks for, and returns what
// is left of it. It touches no database.
func (l *CapitalCallLine) fill(amount money.Amount, on date.Date, at time.Time) (rest money.Amount, err error) {
	left, err := l.Outstanding()
	if err != nil {
		return amount, err
	}
	part := money.Min(left, amount)
	if l.Received, err = l.Received.Add(part); err != nil {
		return amount, err
	}
	l.Status, l.ReceivedDate, l.UpdatedAt = CallLineStatusPartial, &on, at
	if part == left {
		l.Status = CallLineStatusReceived
	}
	l.Version++
	return amount.Sub(part)
}

// completeCalls ends the issued calls of an offering that wait for nothing, and
// returns them. The caller holds the offering's lock.
func completeCalls(ctx context.Context, tx bun.IDB, o id.Of[Offering]) (completed []id.Of[CapitalCall], err error) {
	err = store.Read(ctx, tx, tx.NewRaw(`UPDATE investments.capital_calls c SET status = 'completed', version = c.version + 1
		WHERE c.opportunity_id = ? AND c.status = 'issued' AND NOT EXISTS (SELECT 1 FROM investments.capital_call_lines l
			WHERE l.capital_call_id = c.id AND l.status IN ('open', 'partial')) RETURNING c.id`, o), &completed)
	return completed, store.Err(err, constraints)
}

// closeCallLines ends what calls still ask of a subscription that ends, and
// returns the calls that wait for nothing since.
func (s *Commitments) closeCallLines(ctx context.Context, tx bun.IDB, sub *Subscription) ([]id.Of[CapitalCall], error) {
	n, err := store.Write(ctx, tx, tx.NewRaw(`UPDATE investments.capital_call_lines SET status = 'cancelled', version = version + 1
		WHERE subscription_id = ? AND status IN ('open', 'partial')`, sub.ID))
	if err != nil || n == 0 {
		return nil, store.Err(err, constraints)
	}
	return completeCalls(ctx, tx, sub.OfferingID)
}

// CapitalCall reads a call. It returns [ErrCapitalCallNotFound].
func (s *Commitments) CapitalCall(ctx context.Context, db bun.IDB, v id.Of[CapitalCall]) (*CapitalCall, error) {
	return capitalCalls.Get(ctx, db, v)
}

// CapitalCalls lists the calls of an offering, the newest first.
func (s *Commitments) CapitalCalls(ctx context.Context, db bun.IDB, o id.Of[Offering], r page.Request) (page.Page[CapitalCall], error) {
	return capitalCalls.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("cc.opportunity_id = ?", o) })
}

// CallLines lists what a call asks of each subscription, in their order.
func (s *Commitments) CallLines(ctx context.Context, db bun.IDB, v id.Of[CapitalCall], r page.Request) (page.Page[CapitalCallLine], error) {
	return capitalCallLines.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("cl.capital_call_id = ?", v) })
}

// LateCallLines lists the lines of an offering's issued calls that were due
// before a day and still wait for money.
func (s *Commitments) LateCallLines(ctx context.Context, db bun.IDB, o id.Of[Offering], asOf date.Date, r page.Request) (page.Page[CapitalCallLine], error) {
	return capitalCallLines.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("cl.status IN ('open', 'partial')").Where(`EXISTS (SELECT 1 FROM investments.capital_calls c
			WHERE c.id = cl.capital_call_id AND c.opportunity_id = ? AND c.status = 'issued' AND c.due_date < ?)`, o, asOf)
	})
}
