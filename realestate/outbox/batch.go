package outbox

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
)

// A batch is claimed in one statement, and what the handler took of it is marked in
// one. Until then it would come again if the process ended, so that a batch is small
// where the handler is slow: it grows from one event while all of it takes a moment.
const (
	moment    = 20 * time.Millisecond
	batchMost = 1000
)

// ticks is the clock of this process, for how long something takes; what is written has
// the time of the database.
var ticks = time.Now

// sized is the size of the batch after one that the handler was at for so long.
func (d *drainer) sized(size, events int, busy time.Duration) int {
	switch {
	case busy > moment:
		return max(1, size/2)
	case events >= min(size, d.Batch):
		return min(2*size, batchMost)
	}
	return size
}

// batch delivers what was claimed. When it stops in the middle, what the handler took
// is marked and the rest is given back. It returns how long the handler was at it.
func (d *drainer) batch(ctx context.Context, events []handed, token leaseToken) (time.Duration, error) {
	b := taking{drainer: d, token: token, since: ticks(), marked: ticks()}
	for len(events) > 0 {
		n := 1
		for n < len(events) && events[n].AggregateID == events[0].AggregateID && events[n].AggregateType == events[0].AggregateType {
			n++
		}
		if err := b.aggregate(ctx, events[:n], events[n:]); err != nil {
			// The others are not to wait for the end of the lease. It is a favor:
			// what stops this stops the relay too, and the lease ends by itself.
			_ = b.giveBack(context.WithoutCancel(ctx), events[n:])
			return b.busy, errors.Join(err, b.mark(context.WithoutCancel(ctx)))
		}
		events = events[n:]
	}
	return b.busy, b.mark(context.WithoutCancel(ctx))
}

// taking is a batch at work.
type taking struct {
	*drainer
	token         leaseToken
	since, marked time.Time     // when the leases began, when events were marked last
	begun         bool          // the first event has been handed to the handler
	busy          time.Duration // of the handler
	taken         []Message     // by the handler, not marked yet
	lost          map[id.Of[Message]]bool
}

// aggregate delivers the events of one aggregate. rest are those behind it in the
// batch, of others.
func (b *taking) aggregate(ctx context.Context, run, rest []handed) error {
	if !run[0].fresh {
		if err := b.mark(context.WithoutCancel(ctx)); err != nil {
			return err
		}
		return b.follow(ctx, run[0].Message, b.token)
	}
	for i := range run {
		if err := ctx.Err(); err != nil {
			return errors.Join(err, b.giveBack(context.WithoutCancel(ctx), run[i:]))
		}
		if err := b.renew(ctx, run[i:], rest); err != nil {
			return err
		}
		if b.lost[run[i].ID] {
			return b.giveBack(context.WithoutCancel(ctx), run[i:]) // it is another's, who comes to what is behind it
		}
		taken, err := b.take(ctx, run[i].Message)
		if !taken || err != nil {
			return errors.Join(err, b.giveBack(context.WithoutCancel(ctx), run[i+1:]))
		}
		if ticks().Sub(b.marked) > moment {
			if err := b.mark(context.WithoutCancel(ctx)); err != nil {
				return err
			}
		}
	}
	return nil
}

// take gives an event to the handler, and records what came of it if it was not taken.
func (b *taking) take(ctx context.Context, e Message) (bool, error) {
	handling, cancel := context.WithDeadline(ctx, b.since.Add(b.Lease))
	defer cancel()
	start := ticks()
	err := b.handle(handling, e)
	b.busy += ticks().Sub(start)
	switch {
	case err == nil: // whatever has happened to ctx
		b.taken = append(b.taken, e)
		return true, nil
	case ctx.Err() != nil: // the relay was stopped, which is not the event's fault
		return false, errors.Join(ctx.Err(), b.release(context.WithoutCancel(ctx), []Message{e}, b.token, 1))
	}
	text := b.text(err)
	if handling.Err() != nil {
		text = "lease_over"
	}
	b.result.Failed++
	return false, b.fail(ctx, e, b.token, text, e.Attempts >= b.MaxAttempts)
}

// ours are the aggregates a, ?types and ?aggregates, whose first undelivered event is under
// the lease ?token. Where it is under another's, what is behind it is no longer this relay's
// either: its lease ran out, and the other one is on its way through the aggregate.
const ours = `WITH ours AS MATERIALIZED (SELECT a.* FROM unnest(?types::text[], ?aggregates::uuid[]) AS a (aggregate_type, aggregate_id)
		WHERE (SELECT p.lease_token FROM freehold.outbox p WHERE ` + undelivered + ` ORDER BY p.position LIMIT 1) = ?token)`

// named are the arguments of a statement on events, which stand aggregate by aggregate.
func (b *taking) named(events []Message) leaseArgs {
	args := b.args(b.token)
	args.IDs = store.TextArray(events, func(e *Message) string { return e.ID.String() })
	of := slices.CompactFunc(slices.Clone(events), func(a, b Message) bool {
		return a.AggregateID == b.AggregateID && a.AggregateType == b.AggregateType
	})
	args.Types = store.TextArray(of, func(e *Message) string { return store.ArrayText(e.AggregateType) })
	args.Aggregates = store.TextArray(of, func(e *Message) string { return e.AggregateID.String() })
	return args
}

// stillOurs holds for the events e of ?ids that this relay still has.
const stillOurs = `e.id = ANY (?ids::uuid[]) AND e.lease_token = ?token AND e.delivered_at IS NULL
	AND e.aggregate_type = ours.aggregate_type AND e.aggregate_id = ours.aggregate_id`

// mark marks what the handler took as delivered, unless it is another's by now.
func (b *taking) mark(ctx context.Context) error {
	b.marked = ticks()
	if len(b.taken) == 0 {
		return nil
	}
	var done []id.Of[Message]
	err := store.Read(ctx, b.db, b.db.NewRaw(ours+` UPDATE freehold.outbox e SET delivered_at = statement_timestamp(), last_error = NULL,
			lease_owner = NULL, lease_token = NULL, leased_until = NULL FROM ours WHERE `+stillOurs+` RETURNING e.id`, b.named(b.taken)), &done)
	if err != nil {
		return store.Err(err, nil)
	}
	b.result.Delivered += len(done)
	b.result.Lost += len(b.taken) - len(done)
	b.taken = nil
	return nil
}

// renew has the leases of what is left begin anew when a tenth of their time is over,
// and learns which of them are another's by now.
func (b *taking) renew(ctx context.Context, run, rest []handed) error {
	if first := !b.begun; first || ticks().Sub(b.since) < b.Lease/10 {
		b.begun = true
		return nil
	}
	if err := b.mark(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	b.lost = map[id.Of[Message]]bool{}
	var left []Message
	for _, e := range slices.Concat(run, rest) {
		left = append(left, e.Message)
		b.lost[e.ID] = true
	}
	var kept []id.Of[Message]
	err := store.Read(ctx, b.db, b.db.NewRaw(ours+` UPDATE freehold.outbox e SET `+setLease+` FROM ours WHERE `+stillOurs+` RETURNING e.id`, b.named(left)), &kept)
	if err != nil {
		return store.Err(err, nil)
	}
	b.since = ticks()
	for _, v := range kept {
		delete(b.lost, v)
	}
	return nil
}

// giveBack ends the leases of events that were not begun.
func (b *taking) giveBack(ctx context.Context, events []handed) error {
	var counted, others []Message
	for i := range events {
		if events[i].fresh {
			counted = append(counted, events[i].Message)
		} else {
			others = append(others, events[i].Message)
		}
	}
	return errors.Join(b.release(ctx, counted, b.token, 1), b.release(ctx, others, b.token, 0))
}
