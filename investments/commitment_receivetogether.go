package investments

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/acting"
	"github.com/freehold-go/freehold/internal/convoy"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// receiving is one receipt among others. Its lane, and of a call's line its subscription, are
// known when it is not alone.
type receiving struct {
	once   store.Keyed[Subscription]
	verb   Verb
	params ReceiveContributionParams
	line   *id.Of[CapitalCallLine] // that it names
	lane   lane
}

// received is what a receipt brings back: the line only where it names one.
type received struct {
	sub  *Subscription
	line *CapitalCallLine
}

type receipt = convoy.Member[*receiving, received]

// receive records a receipt alone, or with others of its offering and actor, which share a
// transaction. Its subscription is what a condition on s says.
func (s *Commitments) receive(ctx context.Context, db bun.IDB, r *receiving, of string, v any, alone func(ctx context.Context) (received, error)) (received, error) {
	return s.receipts.DoFound(ctx, db, func(ctx context.Context) (lane, error) {
		r.lane.actor = r.params.ActorID
		err := store.Read(ctx, db, db.NewRaw("SELECT s.opportunity_id, s.id FROM investments.subscriptions s WHERE "+of, v), &r.lane.offering, &r.params.SubscriptionID)
		return r.lane, err
	}, r, alone, s.receiveTogether)
}

// receiveTogether is [Commitments.ReceiveContribution] and [Commitments.ReceiveCall] of several
// receipts at once. A second receipt of a subscription, or of its position, goes alone: each has
// a row of its own in the history, and what comes back is as it was behind it.
func (s *Commitments) receiveTogether(ctx context.Context, db *bun.DB, all []*receipt) error {
	on := present(all, func(r *receiving) id.Of[Subscription] { return r.params.SubscriptionID })
	return together(ctx, db, on, func(r *receiving) store.Keyed[Subscription] { return r.once },
		func(tx bun.IDB, on []*receipt) ([]received, []bool, error) { return s.receiveEach(ctx, tx, on) })
}

// receiveEach records receipts of one offering by one actor. With [errWithout] it has written
// nothing, and fit says which of them would be right.
func (s *Commitments) receiveEach(ctx context.Context, tx bun.IDB, on []*receipt) (out []received, fit []bool, err error) {
	lane, receipts := on[0].Params.lane, make([]Receipt, len(on))
	for i, m := range on {
		p := &m.Params.params
		receipts[i] = Receipt{p.SubscriptionID, p.Amount, p.Date, p.Reference}
	}
	var own []struct{ ID id.Of[Subscription] }
	b, err := s.loadBatch(ctx, tx, lane.offering, receipts, nil,
		func(tx bun.IDB) error {
			_, err := acting.Read(ctx, tx, lane.actor, "")
			return err
		},
		func(tx bun.IDB) (err error) {
			own, err = store.Rows[struct{ ID id.Of[Subscription] }](ctx, tx, `SELECT s.id FROM investments.subscriptions s
				LEFT JOIN investments.investor_accounts a ON a.id = s.account_id
				WHERE s.id = ANY ($1::uuid[]) AND (s.investor_id = $2 OR a.joint_investor_id = $2)`,
				store.TextArray(receipts, func(r *Receipt) string { return r.SubscriptionID.String() }), lane.actor.String())
			return err
		})
	if err != nil {
		return nil, nil, err
	}
	now := s.now()
	told := make([]store.Telling, len(on))
	out, fit, b.amounts = make([]received, len(on)), make([]bool, len(on)), make([]money.Amount, len(on))
	paid := map[id.Of[Position]]bool{}
	for i, m := range on {
		sub := b.subs[receipts[i].SubscriptionID]
		if sub == nil || sub.PositionID == nil || paid[*sub.PositionID] {
			continue
		}
		party := slices.ContainsFunc(own, func(v struct{ ID id.Of[Subscription] }) bool { return v.ID == sub.ID })
		if may, err := s.permitsBeside(m.Ctx, tx, m.Params.verb, lane.actor, ofSubscription(sub), party); err != nil {
			return nil, nil, err
		} else if !may {
			continue
		}
		var line *CapitalCallLine
		if named := m.Params.line; named != nil {
			if line = b.line(*named); line == nil {
				continue
			}
		}
		if b.amounts[i], err = b.receive(&receipts[i], line, now); err != nil {
			continue
		}
		fit[i], out[i].sub, paid[*sub.PositionID] = true, ptr(*sub), true
		told[i] = store.Telling{Ctx: m.Ctx, Actor: actor(lane.actor), Events: []store.Emission{store.Event(aggregateSubscription, sub.ID,
			sub.receipt(m.Params.line, b.amounts[i], receipts[i].Date))}}
	}
	if slices.Contains(fit, false) {
		return nil, fit, errWithout
	}
	writes := slices.Concat(b.writes(ctx), s.bookContributions(ctx, b, receipts, lane.actor, func(int) id.Of[ledger.Command] { return id.New[ledger.Command]() }))
	if len(b.filled) > 0 {
		if err := store.Together(ctx, tx, writes...); err != nil {
			return nil, nil, err
		}
		for _, call := range b.ended {
			by := &told[b.lastOf(call, receipts)]
			by.Events = append(by.Events, callsCompleted(lane.offering, []id.Of[CapitalCall]{call})...)
		}
		if err := b.readLines(ctx, tx, on, out); err != nil {
			return nil, nil, err
		}
		writes = nil
	}
	return out, fit, s.hooks.EmitEach(ctx, tx, now, writes, told)
}

// lastOf is the last receipt, each of another subscription, that filled a line of a call.
func (b *receiptBatch) lastOf(call id.Of[CapitalCall], receipts []Receipt) (last int) {
	for i := range receipts {
		if slices.ContainsFunc(b.lines[receipts[i].SubscriptionID], func(l *CapitalCallLine) bool { return l.CapitalCallID == call && b.filled[l.ID] }) {
			last = i
		}
	}
	return last
}

// line is an open line of an issued call; nil is none.
func (b *receiptBatch) line(v id.Of[CapitalCallLine]) *CapitalCallLine {
	for i := range b.lineRows {
		if b.lineRows[i].ID == v {
			return &b.lineRows[i]
		}
	}
	return nil
}

// readLines brings the lines that receipts name as they are now.
func (b *receiptBatch) readLines(ctx context.Context, tx bun.IDB, on []*receipt, out []received) error {
	named := store.TextArray(on, func(m **receipt) string {
		if v := (*m).Params.line; v != nil {
			return v.String()
		}
		return ""
	})
	rows, err := capitalCallLines.All(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("cl.id = ANY (?::uuid[])", named) })
	for i, m := range on {
		for k := range rows {
			if m.Params.line != nil && rows[k].ID == *m.Params.line {
				out[i].line = &rows[k]
			}
		}
	}
	return err
}
