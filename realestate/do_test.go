package realestate_test

import (
	"bytes"
	"context"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

var quick = realestate.Retry{Attempts: 4, Base: time.Microsecond, Max: time.Millisecond}

func TestDo_retriesWhatMayHelp(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	runs := func(fail error, times int) (int, error) {
		n := 0
		err := quick.Do(ctx, db, func(bun.IDB) error {
			if n++; n <= times {
				return fail
			}
			return nil
		})
		return n, err
	}
	n, err := runs(store.ErrUnavailable, 2)
	require.NoError(t, err)
	require.Equal(t, 3, n)
	n, err = runs(store.ErrUnknownOutcome, 1)
	require.NoError(t, err)
	require.Equal(t, 2, n)
	n, err = runs(store.ErrUnavailable, 99)
	require.ErrorIs(t, err, fault.Unavailable, "it gives up")
	require.Equal(t, 4, n)
	n, err = runs(investments.ErrOversubscribed, 99)
	require.ErrorIs(t, err, investments.ErrOversubscribed)
	require.Equal(t, 1, n, "an answer is not retried")

	// An outcome that is open stays open, whatever the runs after it failed with,
	// until one of them is committed.
	for _, later := range []error{store.ErrUnavailable, investments.ErrOversubscribed} {
		n = 0
		err = quick.Do(ctx, db, func(bun.IDB) error {
			if n++; n == 1 {
				return store.ErrUnknownOutcome
			}
			return later
		})
		require.ErrorIs(t, err, fault.Unknown)
		require.Equal(t, fault.Unknown, fault.KindOf(err))
		require.ErrorIs(t, err, later)
	}
	n = 0
	err = realestate.Retry{Base: time.Microsecond, Max: time.Microsecond, Patience: 50 * time.Microsecond}.Do(ctx, db, func(bun.IDB) error { n++; return store.ErrUnavailable })
	require.ErrorIs(t, err, fault.Unavailable)
	require.Greater(t, n, 45, "as often as patience allows")

	gone, cancel := context.WithCancel(ctx)
	n = 0
	err = realestate.Retry{Base: time.Hour, Max: time.Hour, Patience: 2 * time.Hour}.Do(gone, db, func(bun.IDB) error {
		if n++; n == 1 {
			time.AfterFunc(10*time.Millisecond, cancel)
		}
		return store.ErrUnknownOutcome
	})
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, err, fault.Unknown, "also when ctx ends in the wait")
	require.Equal(t, 1, n)
}

// Two transactions that deadlock: the server fails one, Do runs it again.
func TestDo_deadlock(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	_, err := db.ExecContext(ctx, "CREATE TABLE public.two (id int PRIMARY KEY, n int NOT NULL); INSERT INTO public.two VALUES (1, 0), (2, 0)")
	require.NoError(t, err)
	var met atomic.Int32
	both := make(chan struct{})
	done := make(chan error, 2)
	for _, order := range [][2]int{{1, 2}, {2, 1}} {
		go func() {
			first := true
			done <- realestate.Do(ctx, db, func(tx bun.IDB) error {
				if _, err := tx.NewRaw("UPDATE public.two SET n = n + 1 WHERE id = ?", order[0]).Exec(ctx); err != nil {
					return err
				}
				if first {
					if first = false; met.Add(1) == 2 {
						close(both)
					}
					<-both
				}
				_, err := tx.NewRaw("UPDATE public.two SET n = n + 1 WHERE id = ?", order[1]).Exec(ctx)
				return err
			})
		}()
	}
	require.NoError(t, <-done)
	require.NoError(t, <-done)
	var total int
	require.NoError(t, db.NewRaw("SELECT sum(n) FROM public.two").Scan(ctx, &total))
	require.Equal(t, 4, total)
}

// cutter loses the answer to the next COMMIT once armed: the server commits,
// the client never hears of it.
type cutter struct {
	net.Conn
	armed *atomic.Bool
}

func (c cutter) Write(b []byte) (int, error) {
	if bytes.Contains(bytes.ToLower(b), []byte("q\x00\x00\x00\x0bcommit\x00")) && // the query, and no parameter
		c.armed.CompareAndSwap(true, false) {
		n, err := c.Conn.Write(b)
		_, _ = c.Conn.Read(make([]byte, 1)) // the server has answered, so it has committed
		_ = c.Conn.Close()
		return n, err
	}
	return c.Conn.Write(b)
}

func cutDB(t *testing.T, db *bun.DB) (*bun.DB, *atomic.Bool) {
	t.Helper()
	cfg, err := pgx.ParseConfig(pgtest.DSN(t, db))
	require.NoError(t, err)
	cfg.DefaultQueryExecMode = pgx.QueryExecModeExec
	armed, dial := new(atomic.Bool), cfg.DialFunc
	cfg.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := dial(ctx, network, addr)
		return cutter{c, armed}, err
	}
	pool := stdlib.OpenDB(*cfg)
	t.Cleanup(func() { require.NoError(t, pool.Close()) })
	return bun.NewDB(pool, pgdialect.New()), armed
}

// The answer to COMMIT is lost after the server committed. Run again with its
// key, the verb finds its first result; without a key it would be done twice,
// which the control shows.
func TestDo_lostAnswerToCommit(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	o := deal(t, db)
	cut, armed := cutDB(t, db)
	p, who := platform(), person(t, db)
	accredit(t, db, who)

	armed.Store(true)
	c := investments.CommitParams{IdempotencyKey: "once", OfferingID: o.ID, InvestorID: who, Amount: money.MustParse("1000"), Date: date.MustParse("2026-01-10"), ActorID: who}
	_, err := p.Commitments.Commit(ctx, cut, c)
	require.ErrorIs(t, err, fault.Unknown, "without Do the caller learns that he does not know")

	armed.Store(true)
	runs := 0
	require.NoError(t, realestate.Do(ctx, cut, func(tx bun.IDB) error {
		runs++
		c := c
		c.IdempotencyKey = "twice"
		_, err := p.Commitments.Commit(ctx, tx, c)
		return err
	}))
	require.Equal(t, 2, runs)
	subs, err := p.Commitments.Subscriptions(ctx, db, investments.SubscriptionFilter{InvestorID: &who}, page.Request{})
	require.NoError(t, err)
	require.Len(t, subs.Items, 2, "one for each key")

	armed.Store(true)
	require.NoError(t, realestate.Do(ctx, cut, func(tx bun.IDB) error {
		_, err := tx.NewRaw("INSERT INTO freehold.idempotency (scope, verb, key, request_hash) VALUES ('control', 'v', gen_random_uuid()::text, decode(repeat('00', 32), 'hex'))").Exec(ctx)
		return err
	}))
	var n int
	require.NoError(t, db.NewRaw("SELECT count(*) FROM freehold.idempotency WHERE scope = 'control'").Scan(ctx, &n))
	require.Equal(t, 2, n, "the control without a key does double, so this test can see")
}

func TestOpenDB(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	_, err := realestate.OpenDB(ctx, "postgres://user:secret@:notaport/x")
	require.ErrorIs(t, err, realestate.ErrDSN)
	require.NotContains(t, err.Error(), "secret")
	_, err = realestate.OpenDB(ctx, "host=/nowhere-at-all dbname=x user=y password=secret")
	require.ErrorIs(t, err, fault.Unavailable)
	require.NotContains(t, err.Error(), "secret")
	clone := pgtest.Clone(t)
	db, err := realestate.OpenDB(ctx, pgtest.DSN(t, clone))
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	require.NoError(t, realestate.InTx(ctx, db, func(tx bun.IDB) error {
		require.NoError(t, realestate.SetActor(ctx, tx, "job 7"))
		var actor string
		require.NoError(t, tx.NewRaw("SELECT current_setting('freehold.actor')").Scan(ctx, &actor))
		require.Equal(t, "job 7", actor)
		return nil
	}))
}
