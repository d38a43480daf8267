package outbox

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// The conditions of the outbox.
var (
	// ErrNotFound: there is no such event.
	ErrNotFound = fault.New(fault.NotFound, "event_not_in_outbox", "there is no such event in the outbox")
	// ErrNotDead: the event is not dead, so there is nothing to decide.
	ErrNotDead = fault.New(fault.Illegal, "event_not_dead", "the event is not dead")
)

// DeadMessage is an event that a relay gave up on.
type DeadMessage struct {
	Message
	DeadAt time.Time `json:"dead_at"`
	// Error is what [Relay.Describe] made of the last failure; "no_outcome" when
	// every attempt ended with its process, "lease_over" when the handler took too
	// long.
	Error string `json:"error"`
	// Blocked is how many later events of its aggregate wait behind it.
	Blocked int `json:"blocked"`
}

// deadRow is the row of a dead event.
type deadRow struct {
	bun.BaseModel `bun:"table:freehold.outbox,alias:e" json:"-"`

	ID            id.Of[Message]   `bun:"id,pk" json:"id"`
	AggregateType string           `bun:"aggregate_type" json:"aggregate_type"`
	AggregateID   id.Of[Aggregate] `bun:"aggregate_id" json:"aggregate_id"`
	Position      int64            `bun:"position" json:"position"`
	Type          string           `bun:"column:type" json:"type"`
	Version       int              `bun:"version" json:"version"`
	Payload       []byte           `bun:"payload" json:"payload"`
	Actor         string           `bun:"actor" json:"actor"`
	OccurredAt    time.Time        `bun:"occurred_at" json:"occurred_at"`
	Attempts      int              `bun:"attempts" json:"attempts"`
	DeadAt        time.Time        `bun:"dead_at" json:"dead_at"`
	LastError     *string          `bun:"last_error" json:"last_error"`
	Blocked       int              `bun:"blocked,scanonly" json:"blocked"`
}

var deadRows = store.Repo[deadRow]{
	NotFound: ErrNotFound,
	Sort: store.Sort[deadRow]{
		Columns: []store.Column{{Name: "dead_at", Type: "timestamptz"}, {Name: "id", Type: "uuid"}},
		Key:     func(r *deadRow) []string { return []string{store.TimeKey(r.DeadAt), r.ID.String()} },
	},
}

// Dead lists the dead events, the first to die first.
func Dead(ctx context.Context, db bun.IDB, r page.Request) (page.Page[DeadMessage], error) {
	rows, err := deadRows.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.ColumnExpr(eventColumns + ", e.dead_at, e.last_error").
			ColumnExpr(`(SELECT count(*) FROM freehold.outbox l WHERE l.aggregate_type = e.aggregate_type AND l.aggregate_id = e.aggregate_id
				AND l.delivered_at IS NULL AND l.position > e.position) AS blocked`).Where("e.dead_at IS NOT NULL")
	})
	out := page.Page[DeadMessage]{Items: make([]DeadMessage, len(rows.Items)), Next: rows.Next}
	for i := range rows.Items {
		d := &rows.Items[i]
		e := eventRow{ID: d.ID, AggregateType: d.AggregateType, AggregateID: d.AggregateID, Position: d.Position, Type: d.Type, Version: d.Version,
			Payload: d.Payload, Actor: d.Actor, OccurredAt: d.OccurredAt, Attempts: d.Attempts}
		out.Items[i] = DeadMessage{Message: e.event(), DeadAt: d.DeadAt.UTC(), Blocked: d.Blocked}
		if d.LastError != nil {
			out.Items[i].Error = *d.LastError
		}
	}
	return out, err
}

// Retry has a dead event handed out again, with all of its attempts, and
// those behind it after it. It returns [ErrNotDead] or [ErrNotFound].
func Retry(ctx context.Context, db bun.IDB, v id.Of[Message]) error {
	return revive(ctx, db, v, "attempts = 0, last_error = NULL, available_at = statement_timestamp()")
}

// Skip gives a dead event up: it counts as delivered though it is not, is
// marked as skipped, and those behind it are handed out. It returns
// [ErrNotDead] or [ErrNotFound].
func Skip(ctx context.Context, db bun.IDB, v id.Of[Message]) error {
	return revive(ctx, db, v, "delivered_at = statement_timestamp(), skipped = TRUE")
}

func revive(ctx context.Context, db bun.IDB, v id.Of[Message], set string) error {
	n, err := store.Write(ctx, db, db.NewRaw("UPDATE freehold.outbox SET dead_at = NULL, "+set+" WHERE id = ? AND dead_at IS NOT NULL", v))
	if err != nil || n > 0 {
		return store.Err(err, nil)
	}
	var there bool
	if err := store.Read(ctx, db, db.NewRaw("SELECT EXISTS (SELECT 1 FROM freehold.outbox WHERE id = ?)", v), &there); err != nil {
		return store.Err(err, nil)
	}
	if !there {
		return ErrNotFound
	}
	return ErrNotDead
}

// Backlog is what the outbox has to deliver.
type Backlog struct {
	Pending int64         `json:"pending"` // events not delivered yet and not dead
	Dead    int64         `json:"dead"`    // events that relays gave up on
	Age     time.Duration `json:"age"`     // since the oldest pending one occurred, by the database's clock; 0 when there is none
}

// Pending counts what the outbox has to deliver, for monitoring. An Age
// that grows means that no relay runs, or that something is dead.
func Pending(ctx context.Context, db bun.IDB) (Backlog, error) {
	var b Backlog
	var micros int64
	err := store.Read(ctx, db, db.NewRaw(`SELECT count(*) FILTER (WHERE dead_at IS NULL), count(*) FILTER (WHERE dead_at IS NOT NULL),
			COALESCE((EXTRACT(EPOCH FROM GREATEST(statement_timestamp() - min(occurred_at) FILTER (WHERE dead_at IS NULL), interval '0')) * 1000000)::bigint, 0)
		FROM freehold.outbox WHERE delivered_at IS NULL`), &b.Pending, &b.Dead, &micros)
	b.Age = time.Duration(micros) * time.Microsecond
	return b, store.Err(err, nil)
}
