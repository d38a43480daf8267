package store_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
)

type thing struct{}

type thingMade struct {
	Name string `json:"name"`
}

func (thingMade) EventType() (string, int) { return "store.thing_made", 2 }

// Events of one aggregate are numbered without gaps in the order given, also
// across statements, and a rolled back one leaves none.
func TestEmit(t *testing.T) {
	t.Parallel()

	ctx, tx := t.Context(), pgtest.Tx(t)
	a, b, at := id.New[thing](), id.New[thing](), time.Date(2026, 2, 1, 9, 0, 0, 1000, time.UTC)
	require.NoError(t, store.Hooks(nil).Emit(ctx, tx, at))
	require.NoError(t, store.Hooks(nil).Emit(ctx, tx, at, store.Event("thing", a, thingMade{`"quoted", {braced}\`}), store.Event("thing", b, thingMade{"b1"}),
		store.Event("thing", a, thingMade{"a2"})))
	require.Error(t, store.InTx(ctx, tx, func(tx bun.IDB) error {
		require.NoError(t, store.Hooks(nil).Emit(ctx, tx, at, store.Event("thing", a, thingMade{"lost"})))
		return store.ErrCheck
	}))
	_, err := tx.NewRaw("SELECT set_config('freehold.actor', 'job', TRUE)").Exec(ctx)
	require.NoError(t, err)
	require.NoError(t, store.Hooks(nil).Emit(ctx, tx, at, store.Event("thing", a, thingMade{"a3"})))

	var got []struct {
		Position int64
		Type     string
		Version  int
		Name     string
		Actor    string
		At       time.Time
	}
	require.NoError(t, tx.NewRaw(`SELECT position, type, version, payload->>'name' AS name, actor, occurred_at AS at FROM freehold.outbox
		WHERE aggregate_type = 'thing' AND aggregate_id = ? ORDER BY position`, a).Scan(ctx, &got))
	require.Len(t, got, 3)
	for i, name := range []string{`"quoted", {braced}\`, "a2", "a3"} {
		require.EqualValues(t, i+1, got[i].Position)
		require.Equal(t, name, got[i].Name)
		require.Equal(t, "store.thing_made", got[i].Type)
		require.Equal(t, 2, got[i].Version)
		require.True(t, at.Equal(got[i].At))
	}
	require.Equal(t, store.Platform, got[0].Actor)
	require.Equal(t, "job", got[2].Actor)
}

// Writers of one aggregate at once, some of which take back what they wrote: the
// numbers have neither gaps nor ties, and a reader sees them in order at every
// moment.
func TestEmit_concurrent(t *testing.T) {
	t.Parallel()

	ctx, db := t.Context(), pgtest.Clone(t)
	a, at := id.New[thing](), time.Date(2026, 2, 1, 9, 0, 0, 0, time.UTC)
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range 20 {
				err := store.InTx(ctx, db, func(tx bun.IDB) error {
					if err := store.Hooks(nil).Emit(ctx, tx, at, store.Event("thing", a, thingMade{"x"}), store.Event("thing", a, thingMade{"y"})); err != nil {
						return err
					}
					if (w+i)%4 == 0 {
						return store.ErrCheck
					}
					return nil
				})
				if err != nil && !errors.Is(err, store.ErrCheck) {
					t.Error(err)
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
		}
		var n, last int
		require.NoError(t, db.NewRaw("SELECT count(*), COALESCE(max(position), 0) FROM freehold.outbox WHERE aggregate_id = ?", a).Scan(ctx, &n, &last))
		require.Equal(t, last, n)
	}
	var n int
	require.NoError(t, db.NewRaw("SELECT position FROM freehold.outbox_heads WHERE aggregate_id = ?", a).Scan(ctx, &n))
	require.Equal(t, 2*8*20*3/4, n)
}

// Events behind writes share their round trip; a hook is called between the two, sees what was
// written, and refuses it. The error of a write ends both.
func TestHooks_emitBehind(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	withLots(t, db)
	pool, trace := pgtest.Traced(t, db)
	a, at, refused := id.New[thing](), time.Date(2026, 2, 1, 9, 0, 0, 0, time.UTC), errors.New("refused")
	sees, more, refuses := 0, 0, false
	hook := func(ctx context.Context, tx bun.IDB, events []store.Emission) error {
		require.Len(t, events, 1+more)
		if refuses {
			return refused
		}
		return tx.NewRaw("SELECT count(*) FROM lots WHERE name = 'behind'").Scan(ctx, &sees)
	}
	wrong, next := errors.New("wrong"), []store.Emission{store.Event("thing", a, thingMade{"y"})}
	for _, c := range []struct {
		hooks   store.Hooks
		refuses bool
		write   error
		more    []store.Emission
		trips   int // BEGIN and COMMIT or ROLLBACK included
	}{{nil, false, nil, nil, 3}, {nil, false, wrong, nil, 3}, {store.Hooks{hook}, false, nil, nil, 5}, {store.Hooks{hook}, true, nil, nil, 3},
		{nil, false, nil, next, 4}, {store.Hooks{hook}, false, nil, next, 5}} {
		sees, more, refuses = 0, len(c.more), c.refuses
		trace.Take()
		err := store.InTx(ctx, pool, func(tx bun.IDB) error {
			row := lot("behind")
			return c.hooks.EmitBehind(ctx, tx, at, []store.Part{func(tx bun.IDB) error {
				if err := lots.Insert(ctx, tx, &row); err != nil {
					return err
				}
				return c.write
			}}, store.Event("thing", a, thingMade{"x"}), func() []store.Emission { return c.more })
		})
		var written, told int
		require.NoError(t, db.NewRaw("WITH gone AS (DELETE FROM lots WHERE name = 'behind' RETURNING 1) SELECT count(*) FROM gone").Scan(ctx, &written))
		require.NoError(t, db.NewRaw("WITH gone AS (DELETE FROM freehold.outbox WHERE aggregate_id = ? RETURNING 1) SELECT count(*) FROM gone", a).Scan(ctx, &told))
		require.Equal(t, written*(1+more), told)
		switch {
		case c.write != nil:
			require.ErrorIs(t, err, wrong)
			require.Zero(t, written)
		case c.refuses:
			require.ErrorIs(t, err, refused)
			require.Zero(t, written)
		default:
			require.NoError(t, err)
			require.Equal(t, 1, written)
			require.Equal(t, len(c.hooks), sees)
		}
		require.Len(t, trace.Take(), c.trips)
	}
}
