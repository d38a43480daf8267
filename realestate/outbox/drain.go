package outbox

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// errLeaseLost: the event is another relay's by now.
var errLeaseLost = fault.New(fault.Conflict, "lease_lost", "another relay has the event by now")

// leaseToken is what a relay shows to end a lease.
type leaseToken = id.Of[Relay]

// drainer is one run of a relay.
type drainer struct {
	Relay
	db *bun.DB
	// handle takes events that many are marked of at once, else deliver marks each.
	handle  Handler
	deliver func(ctx context.Context, e Message, token leaseToken) (next *Message, err error)
	result  DrainResult
}

func (r Relay) drainer(db *bun.DB) (*drainer, error) {
	r, err := r.withDefaults()
	if err != nil {
		return nil, err
	}
	return &drainer{Relay: r, db: db}, nil
}

// drain claims and delivers until there is nothing to claim.
func (d *drainer) drain(ctx context.Context) error {
	for size := 1; ; {
		if err := ctx.Err(); err != nil {
			return err
		}
		token := id.New[Relay]()
		events, err := d.claim(ctx, token, size)
		if err != nil || len(events) == 0 {
			return err
		}
		busy, err := d.batch(ctx, events, token)
		if err != nil {
			return err
		}
		size = d.sized(size, len(events), busy)
	}
}

// follow delivers an event that was claimed, and those of its aggregate behind
// it, up to a batch.
func (d *drainer) follow(ctx context.Context, e Message, token leaseToken) error {
	if err := ctx.Err(); err != nil {
		return errors.Join(err, d.release(context.WithoutCancel(ctx), []Message{e}, token, 0))
	}
	if e.Attempts >= d.MaxAttempts { // no attempt came to an end: the process did, every time
		return d.fail(ctx, e, token, "no_outcome", true)
	}
	held, err := d.begin(ctx, &e, token)
	if err != nil || !held {
		return err
	}
	for n := 1; ; n++ {
		next, err := d.attempt(ctx, e, token)
		switch {
		case err != nil || next == nil:
			return err
		case n == d.Batch || ctx.Err() != nil:
			return errors.Join(ctx.Err(), d.release(context.WithoutCancel(ctx), []Message{*next}, token, 1))
		}
		e = *next
	}
}

// attempt gives an event to the handler, whose time is the lease, and records
// what came of it. next is the event behind it, begun already.
func (d *drainer) attempt(ctx context.Context, e Message, token leaseToken) (next *Message, err error) {
	handling, cancel := context.WithTimeout(ctx, d.Lease)
	defer cancel()
	next, err = d.deliver(handling, e, token)
	var refused refusal
	switch {
	case err == nil:
		d.result.Delivered++
		return next, nil
	case errors.Is(err, errLeaseLost):
		d.result.Lost++
		return nil, nil
	case ctx.Err() != nil: // the relay was stopped, which is not the event's fault
		return nil, errors.Join(ctx.Err(), d.release(context.WithoutCancel(ctx), []Message{e}, token, 1))
	case errors.As(err, &refused):
		err = refused.error
	case errors.Is(err, fault.Unknown): // it may be delivered; the end of the lease tells
		return nil, err
	}
	text := d.text(err)
	if handling.Err() != nil {
		text = "lease_over"
	}
	d.result.Failed++
	return nil, d.fail(ctx, e, token, text, e.Attempts >= d.MaxAttempts)
}

// eventRow is an event as the statements below return it.
type eventRow struct {
	ID            id.Of[Message]
	AggregateType string
	AggregateID   id.Of[Aggregate]
	Position      int64
	Type          string
	Version       int
	Payload       []byte
	Actor         string
	OccurredAt    time.Time
	Attempts      int
	Next          bool
	Fresh         bool
}

func (r *eventRow) event() Message {
	return Message{ID: r.ID, AggregateType: r.AggregateType, AggregateID: r.AggregateID, Position: r.Position, Type: r.Type, Version: r.Version,
		Payload: r.Payload, Actor: r.Actor, OccurredAt: r.OccurredAt.UTC(), Attempts: r.Attempts}
}

// eventColumns are those of eventRow.
const eventColumns = `e.id, e.aggregate_type, e.aggregate_id, e.position, e.type, e.version, e.payload, e.actor, e.occurred_at, e.attempts`

// undelivered are the events p of the aggregate of a that are not delivered. The first of
// them is the only one that may be handed out: all before it are delivered, or were pruned.
const undelivered = `p.aggregate_type = a.aggregate_type AND p.aggregate_id = a.aggregate_id AND p.delivered_at IS NULL`

// isDue holds for an event that may be handed out. A lease moves available_at to
// its end, so that events under lease are out of the way of whoever looks for
// others.
const isDue = `delivered_at IS NULL AND dead_at IS NULL AND available_at <= statement_timestamp()`

// stillDue is isDue of an event that its key has found. It is written so that no
// partial index lures the planner away from that key: of a table that is mostly
// delivered events, it expects the pending ones to be none.
const stillDue = `COALESCE(e.delivered_at, e.dead_at) IS NULL AND e.available_at <= statement_timestamp()`

// setLease starts a lease or has it begin anew, by the database's clock.
const setLease = `lease_owner = ?owner, lease_token = ?token, leased_until = statement_timestamp() + ?lease::interval,
	available_at = statement_timestamp() + ?lease::interval`

// leaseAll puts the events that heads selects under lease, and behind those that are
// handed out for the first time the events of their aggregates that are too. Nobody
// else hands those out while the one before them is not delivered. They are counted as
// attempts here; any other event has its attempt counted when it begins.
func leaseAll(heads string) string {
	return `WITH ` + heads + `,
		behind AS MATERIALIZED (SELECT r.id, r.n FROM heads CROSS JOIN LATERAL (
				SELECT f.id, row_number() OVER (ORDER BY f.position) AS n, bool_and(f.fresh) OVER (ORDER BY f.position) AS fresh
				FROM (SELECT e.id, e.position, e.attempts = 0 AND e.lease_token IS NULL AND ` + stillDue + ` AS fresh FROM freehold.outbox e
					WHERE e.aggregate_type = heads.aggregate_type AND e.aggregate_id = heads.aggregate_id AND e.position > heads.position
						AND e.delivered_at IS NULL ORDER BY e.position LIMIT least(?each, 1 + ?behind / greatest((SELECT count(*) FROM heads), 1))) f) r
			WHERE heads.attempts = 0 AND r.fresh ORDER BY r.n LIMIT ?behind),
		leased AS MATERIALIZED (SELECT id, ?counted AND attempts = 0 AS fresh FROM heads UNION ALL SELECT id, TRUE FROM behind)
		UPDATE freehold.outbox e SET attempts = CASE WHEN leased.fresh THEN 1 ELSE e.attempts END, ` + setLease + `
		FROM leased WHERE e.id = leased.id AND e.delivered_at IS NULL RETURNING ` + eventColumns + `, leased.fresh`
}

const headColumns = `e.id, e.aggregate_type, e.aggregate_id, e.position, e.attempts`

var (
	// claimOldest looks at the oldest events that are due, and at the first undelivered one of
	// each aggregate that has one of them. They are few, so that it costs the same however
	// many wait.
	claimOldest = leaseAll(`due AS MATERIALIZED (SELECT aggregate_type, aggregate_id, row_number() OVER () AS n FROM (
				SELECT aggregate_type, aggregate_id FROM freehold.outbox WHERE ` + isDue + ` ORDER BY available_at, id LIMIT ?window) d),
		aggregates AS MATERIALIZED (SELECT aggregate_type, aggregate_id FROM due GROUP BY 1, 2 ORDER BY min(n)),
		heads AS MATERIALIZED (SELECT h.* FROM aggregates a
			CROSS JOIN LATERAL (SELECT p.id FROM freehold.outbox p WHERE ` + undelivered + ` ORDER BY p.position LIMIT 1) f
			CROSS JOIN LATERAL (
				SELECT ` + headColumns + ` FROM freehold.outbox e WHERE e.id = f.id AND ` + stillDue + ` FOR UPDATE OF e SKIP LOCKED) h LIMIT ?batch)`)
	// claimAny goes from aggregate to aggregate instead. It finds what the oldest
	// hide when all of them wait for an earlier event of theirs.
	claimAny = leaseAll(`RECURSIVE undelivered AS (
			(SELECT id, aggregate_type, aggregate_id FROM freehold.outbox WHERE delivered_at IS NULL
				ORDER BY aggregate_type, aggregate_id, position LIMIT 1)
			UNION ALL
			SELECT n.id, n.aggregate_type, n.aggregate_id FROM undelivered u CROSS JOIN LATERAL (
				SELECT id, aggregate_type, aggregate_id FROM freehold.outbox
				WHERE delivered_at IS NULL AND (aggregate_type, aggregate_id) > (u.aggregate_type, u.aggregate_id)
				ORDER BY aggregate_type, aggregate_id, position LIMIT 1) n),
		heads AS MATERIALIZED (SELECT h.* FROM undelivered u CROSS JOIN LATERAL (
				SELECT ` + headColumns + ` FROM freehold.outbox e WHERE e.id = u.id AND ` + stillDue + ` FOR UPDATE OF e SKIP LOCKED) h LIMIT ?batch)`)
	// beginLease counts an attempt of an event under lease.
	beginLease = `UPDATE freehold.outbox e SET attempts = e.attempts + 1, ` + setLease + `
		WHERE e.id = ?id AND e.lease_token = ?token AND e.delivered_at IS NULL RETURNING ` + eventColumns
	// acknowledge ends a lease with success, and begins the next event of the
	// aggregate. The statement sees the table as it was before it: the next event
	// is one that is there already and is nobody's, since this one held it back.
	acknowledge = `WITH done AS (UPDATE freehold.outbox e SET delivered_at = statement_timestamp(), last_error = NULL,
				lease_owner = NULL, lease_token = NULL, leased_until = NULL
			WHERE e.id = ?id AND e.lease_token = ?token AND e.delivered_at IS NULL RETURNING ` + eventColumns + `),
		next AS (UPDATE freehold.outbox e SET attempts = e.attempts + 1, ` + setLease + ` FROM done
			WHERE e.aggregate_type = done.aggregate_type AND e.aggregate_id = done.aggregate_id AND e.position = done.position + 1
				AND ` + stillDue + ` RETURNING ` + eventColumns + `)
		SELECT done.*, FALSE AS next FROM done UNION ALL SELECT next.*, TRUE FROM next`
)

// windows are how many of the oldest events a claim looks at: mostly it finds what it wants
// among a few, and where those wait for others it looks at more.
func (d *drainer) windows(size int) [2]int { return [2]int{size + 100, max(1000, 10*d.Batch)} }

// leaseArgs are the values of the statements above, by name.
type leaseArgs struct {
	Owner, Lease  string
	Token         leaseToken
	Window, Batch int
	Each, Behind  int // behind the first of an aggregate, and of all
	Counted       bool
	ID            id.Of[Message]
	IDs           string `bun:"ids"`
	// Those of the events' aggregates.
	Types, Aggregates string
}

// interval is a duration as PostgreSQL reads it.
func interval(d time.Duration) string {
	return strconv.FormatInt(d.Microseconds(), 10) + " microseconds"
}

// handed is an event that was claimed. One that is fresh is handed out for the first
// time, and its attempt is counted already.
type handed struct {
	Message
	fresh bool
}

// claim leases the first undelivered events of up to a batch of aggregates, the
// oldest first, and of up to size events that were never handed out. Each aggregate's
// are together and in order.
func (d *drainer) claim(ctx context.Context, token leaseToken, size int) ([]handed, error) {
	args := d.args(token)
	if d.counted() {
		args.Counted, args.Batch, args.Each, args.Behind = true, min(size, d.Batch), min(size, d.Batch)-1, size-1
	}
	windows := d.windows(max(size, args.Batch))
	for i, q := range [...]string{claimOldest, claimOldest, claimAny} {
		args.Window = windows[min(i, 1)]
		var rows []eventRow
		if err := store.Err(store.Read(ctx, d.db, d.db.NewRaw(q, args), &rows), nil); err != nil {
			return nil, err
		}
		if len(rows) == 0 {
			continue
		}
		events := make([]handed, len(rows))
		first := map[id.Of[Aggregate]]id.Of[Message]{} // the oldest of each
		for i := range rows {
			e := handed{rows[i].event(), rows[i].Fresh}
			if v, ok := first[e.AggregateID]; !ok || e.ID.Compare(v) < 0 {
				first[e.AggregateID] = e.ID
			}
			events[i] = e
		}
		slices.SortFunc(events, func(a, b handed) int {
			return cmp.Or(first[a.AggregateID].Compare(first[b.AggregateID]), cmp.Compare(a.AggregateType, b.AggregateType), cmp.Compare(a.Position, b.Position))
		})
		return events, nil
	}
	return nil, nil
}

// counted reports whether events may be claimed many at once: when a process ends
// among them, each has lost an attempt, which must not be its last one.
func (d *drainer) counted() bool { return d.handle != nil && d.MaxAttempts > 1 }

func (d *drainer) args(token leaseToken) leaseArgs {
	return leaseArgs{Owner: d.Owner, Lease: interval(d.Lease), Token: token, Batch: d.Batch}
}

// begin counts an attempt; held is false when the lease is another's by now.
func (d *drainer) begin(ctx context.Context, e *Message, token leaseToken) (held bool, err error) {
	var rows []eventRow
	if err := d.query(ctx, d.db, &rows, beginLease, token, e); err != nil {
		return false, err
	}
	for i := range rows {
		*e = rows[i].event()
	}
	return len(rows) > 0, nil
}

// ack marks an event as delivered, unless it is another's by now, and returns
// the next one of its aggregate.
func (d *drainer) ack(ctx context.Context, db bun.IDB, e Message, token leaseToken) (*Message, error) {
	var rows []eventRow
	if err := d.query(ctx, db, &rows, acknowledge, token, &e); err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, errLeaseLost
	}
	for i := range rows {
		if rows[i].Next {
			next := rows[i].event()
			return &next, nil
		}
	}
	return nil, nil
}

func (d *drainer) query(ctx context.Context, db bun.IDB, rows *[]eventRow, q string, token leaseToken, e *Message) error {
	args := d.args(token)
	if e != nil {
		args.ID = e.ID
	}
	return store.Err(store.Read(ctx, db, db.NewRaw(q, args), rows), nil)
}

// fail ends a lease without success: the event waits, or is dead.
func (d *drainer) fail(ctx context.Context, e Message, token leaseToken, text string, dead bool) error {
	n, err := store.ExecParams(context.WithoutCancel(ctx), d.db, nil, `UPDATE freehold.outbox SET lease_owner = NULL, lease_token = NULL, leased_until = NULL,
			last_error = $3, available_at = statement_timestamp() + $4::interval, dead_at = CASE WHEN $5::boolean THEN statement_timestamp() END
		WHERE id = $1 AND lease_token = $2 AND delivered_at IS NULL`, e.ID.String(), token.String(), text, interval(d.wait(e.Attempts)), dead)
	if err != nil || n == 0 || !dead {
		return err
	}
	d.result.Dead++
	d.Logger.WarnContext(ctx, "an event is dead", "event", e.ID.String(), "type", e.Type, "attempts", e.Attempts, "error", text)
	return nil
}

// release gives leases back, with the attempts that were begun and not made.
func (d *drainer) release(ctx context.Context, events []Message, token leaseToken, begun int) error {
	if len(events) == 0 {
		return nil
	}
	ids := make([]id.Of[Message], len(events))
	for i := range events {
		ids[i] = events[i].ID
	}
	_, err := store.Write(ctx, d.db, d.db.NewRaw(`UPDATE freehold.outbox SET lease_owner = NULL, lease_token = NULL, leased_until = NULL,
			available_at = statement_timestamp(), attempts = attempts - ?2
		WHERE id IN (?0) AND lease_token = ?1 AND delivered_at IS NULL`, bun.List(ids), token, begun))
	return store.Err(err, nil)
}
