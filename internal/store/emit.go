package store

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate/id"
)

// Payload is the content of a domain event: a struct that is stored as JSON.
// The name says package, thing and what happened ("investments.offering_opened");
// the version counts up when the fields change their meaning, and never because
// one was added.
type Payload interface {
	EventType() (name string, version int)
}

// outboxRow is one event on its way into the outbox.
type outboxRow struct {
	aggregate, id, event, name, version, payload string

	by string // who acts; "" is whom the transaction has named
}

// Emission is one event of a verb: see [Event].
type Emission struct {
	row     outboxRow
	payload Payload
}

// Event says that something happened to an aggregate: the thing whose events
// are delivered in order, such as an offering.
func Event[T any](aggregate string, v id.Of[T], p Payload) Emission {
	name, version := p.EventType()
	return Emission{outboxRow{aggregate: aggregate, id: v.String(), name: name, version: strconv.Itoa(version)}, p}
}

// Platform is the actor of an event where neither its verb nor the host names one.
const Platform = "platform"

// actor is whom the transaction has named.
const actor = "COALESCE(NULLIF(current_setting('freehold.actor', TRUE), ''), '" + Platform + "')"

// emit writes events to the outbox, in the order given, in the transaction of
// the change that they tell of. The aggregates' heads stay locked to its end, so
// that an aggregate's events become visible in order and without gaps; it comes last,
// when the rows of the change are locked already. The actor is whom the transaction has
// named, and else the platform. One statement, whatever their number.
func emit(ctx context.Context, tx bun.IDB, at time.Time, events ...Emission) error {
	if len(events) == 0 {
		return nil
	}
	rows := make([]outboxRow, len(events))
	for i := range events {
		body, err := json.Marshal(events[i].payload)
		if err != nil {
			return ErrNotStorable.On("payload").Because(err)
		}
		rows[i] = events[i].row
		rows[i].event, rows[i].payload = id.New[Emission]().String(), string(body)
	}
	if len(rows) == 1 && rows[0].by == "" {
		return Err(emitOne(ctx, tx, at, &rows[0]), nil)
	}
	column := func(of func(*outboxRow) string) string { return TextArray(rows, of) }
	return Err(Exec(ctx, tx, `WITH e AS (
			SELECT * FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::text[], $5::int[], $6::jsonb[], $8::text[])
				WITH ORDINALITY AS e (aggregate_type, aggregate_id, id, type, version, payload, actor, n)),
		h AS (
			INSERT INTO freehold.outbox_heads AS h (aggregate_type, aggregate_id, position)
			SELECT aggregate_type, aggregate_id, count(*) FROM e GROUP BY 1, 2 ORDER BY 1, 2
			ON CONFLICT (aggregate_type, aggregate_id) DO UPDATE SET position = h.position + EXCLUDED.position
			RETURNING aggregate_type, aggregate_id, position)
		INSERT INTO freehold.outbox (id, aggregate_type, aggregate_id, position, type, version, payload, actor, occurred_at)
		SELECT e.id, e.aggregate_type, e.aggregate_id,
			h.position - count(*) OVER of_one + row_number() OVER (of_one ORDER BY e.n),
			e.type, e.version, e.payload, COALESCE(e.actor, `+actor+`), $7::timestamptz
		FROM e JOIN h USING (aggregate_type, aggregate_id)
		WINDOW of_one AS (PARTITION BY e.aggregate_type, e.aggregate_id)
		ORDER BY e.n`,
		column(func(r *outboxRow) string { return r.aggregate }), column(func(r *outboxRow) string { return r.id }),
		column(func(r *outboxRow) string { return r.event }), column(func(r *outboxRow) string { return r.name }),
		column(func(r *outboxRow) string { return r.version }), column(func(r *outboxRow) string { return ArrayText(r.payload) }),
		TimeKey(at), column(func(r *outboxRow) string { return r.by })), nil)
}

// emitOne is emit for the one event that most verbs have, without the arrays and
// windows that the server would plan anew each time.
func emitOne(ctx context.Context, tx bun.IDB, at time.Time, r *outboxRow) error {
	return Exec(ctx, tx, `WITH h AS (
			INSERT INTO freehold.outbox_heads AS h (aggregate_type, aggregate_id, position) VALUES ($1::text, $2::uuid, 1)
			ON CONFLICT (aggregate_type, aggregate_id) DO UPDATE SET position = h.position + 1 RETURNING h.position)
		INSERT INTO freehold.outbox (id, aggregate_type, aggregate_id, position, type, version, payload, actor, occurred_at)
		SELECT $3::uuid, $1::text, $2::uuid, h.position, $4::text, $5::int, $6::jsonb, `+actor+`, $7::timestamptz
		FROM h`,
		r.aggregate, r.id, r.event, r.name, r.version, r.payload, TimeKey(at))
}
