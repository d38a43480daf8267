package outbox

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate/id"
)

// pages is how many pages of the database a claim touches; it leaves no trace.
func pages(t *testing.T, db *bun.DB, query string) int {
	t.Helper()
	var plan []struct {
		Plan struct {
			Hit  int `json:"Shared Hit Blocks"`
			Read int `json:"Shared Read Blocks"`
		}
		Time float64 `json:"Execution Time"`
	}
	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	defer func() { require.NoError(t, tx.Rollback()) }()
	var text string
	args := leaseArgs{Owner: "x", Lease: "1 minute", Token: id.New[Relay](), Window: 1000, Batch: 100, Each: 99, Behind: 999, Counted: true}
	require.NoError(t, tx.NewRaw("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) "+query, args).Scan(t.Context(), &text))
	require.NoError(t, json.Unmarshal([]byte(text), &plan))
	t.Logf("%d pages, %.1f ms", plan[0].Plan.Hit+plan[0].Plan.Read, plan[0].Time)
	return plan[0].Plan.Hit + plan[0].Plan.Read
}

// However many events wait, in whatever shape, and whatever the planner knows of
// it, a claim looks at few of them and finds what there is.
func TestClaim_staysFast(t *testing.T) {
	t.Parallel()
	const fill = `INSERT INTO freehold.outbox (aggregate_type, aggregate_id, position, type, payload, actor, dead_at)
		SELECT 'x', md5(((n - 1) / ?0)::text)::uuid, (n - 1) % ?0 + 1, 'x', '{}', 'job', CASE WHEN ?1 AND (n - 1) % ?0 = 0 THEN now() END
		FROM generate_series(1, 100000) AS n`
	for name, shape := range map[string]struct {
		each   int // events of an aggregate
		dead   bool
		query  string
		handed int // of the first 250 events
	}{
		"each of another aggregate":                  {each: 1, query: claimOldest, handed: 250},
		"all of one aggregate":                       {each: 100_000, query: claimOldest, handed: 250},
		"all held back by dead ones, and a few more": {each: 1000, dead: true, query: claimAny, handed: 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, db := t.Context(), pgtest.Clone(t)
			_, err := db.NewRaw(fill, shape.each, shape.dead).Exec(ctx)
			require.NoError(t, err)
			if shape.dead {
				_, err = db.NewRaw(`INSERT INTO freehold.outbox (aggregate_type, aggregate_id, position, type, payload, actor)
					SELECT 'y', gen_random_uuid(), 1, 'x', '{}', 'job' FROM generate_series(1, 3)`).Exec(ctx)
				require.NoError(t, err)
			}
			require.Less(t, pages(t, db, shape.query), 12_000)
			_, err = db.ExecContext(ctx, "ANALYZE freehold.outbox")
			require.NoError(t, err)
			require.Less(t, pages(t, db, shape.query), 12_000, "as the planner knows it")
			n := 0
			running, stop := context.WithCancel(ctx)
			defer stop()
			start := time.Now()
			res, err := Relay{}.Drain(running, db, func(context.Context, Message) error {
				if n++; n == shape.handed {
					stop()
				}
				return nil
			})
			if shape.handed == 250 {
				require.ErrorIs(t, err, context.Canceled)
			}
			require.Equal(t, shape.handed, res.Delivered)
			t.Logf("%.0f events a second", float64(n)/time.Since(start).Seconds())
		})
	}
}
