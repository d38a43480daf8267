package realestate_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/realestatetest"
)

// pgxPool is a host's pool on a database of the test's own, small as a host's may be.
func pgxPool(t *testing.T) *pgxpool.Pool {
	t.Helper()
	config, err := pgxpool.ParseConfig(pgtest.DSN(t, pgtest.Clone(t)))
	require.NoError(t, err)
	config.MaxConns = 2
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	return pool
}

func pgxBegin(t *testing.T, pool *pgxpool.Pool) pgx.Tx {
	t.Helper()
	tx, err := pool.Begin(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { _ = tx.Rollback(context.Background()) }) // after Commit it does nothing
	return tx
}

// querier is what pools and transactions of pgx have in common.
type querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// rowsOf counts what the tests below write.
func rowsOf(t *testing.T, q querier) (n int) {
	t.Helper()
	require.NoError(t, q.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM properties.properties)
		+ (SELECT count(*) FROM investments.distributions)`).Scan(&n))
	return n
}

// wholeDeal writes a property and an offering, two funded positions and a distribution.
func wholeDeal(t *testing.T, db bun.IDB) {
	t.Helper()
	o := realestatetest.Offering(t, db)
	for range 2 {
		realestatetest.Position(t, db, o.ID, realestatetest.Investor(t, db).ID, money.MustParse("25000"))
	}
	realestatetest.Distribution(t, db, o.ID, money.MustParse("1000.01"))
}

// A whole deal is written in a transaction of pgx that the host has begun, between
// statements of its own, and is the host's to commit or to roll back.
func TestInPgxTx_deal(t *testing.T) {
	t.Parallel()

	ctx, pool := t.Context(), pgxPool(t)
	for _, commit := range []bool{false, true} {
		tx := pgxBegin(t, pool)
		_, err := tx.Exec(ctx, "CREATE TABLE IF NOT EXISTS public.host (note TEXT)")
		require.NoError(t, err)
		require.NoError(t, realestate.InPgxTx(ctx, tx, func(db bun.IDB) error {
			wholeDeal(t, db)
			_, err := tx.Exec(ctx, "INSERT INTO public.host VALUES ('in the middle')")
			return errors.Join(err, db.NewRaw("SELECT note FROM public.host").Scan(ctx, new(string)))
		}))
		require.Equal(t, 2, rowsOf(t, tx), "the host sees the library's rows")
		require.Zero(t, rowsOf(t, pool), "nobody else does")
		if !commit {
			require.NoError(t, tx.Rollback(ctx))
			require.Zero(t, rowsOf(t, pool))
			continue
		}
		require.NoError(t, tx.Commit(ctx))
		require.Equal(t, 2, rowsOf(t, pool))
	}
	p, err := realestate.New(realestate.Config{})
	require.NoError(t, err)
	lent := realestate.LendPgxPool(pool)
	t.Cleanup(func() { require.NoError(t, lent.Close()) })
	report, err := p.Verify(ctx, lent)
	require.NoError(t, err)
	require.Empty(t, report.Findings)
}

// What fails inside leaves the host's transaction as it was, which goes on: after a verb's
// refusal, after a statement that the server refused, and after a context that ended.
func TestInPgxTx_failure(t *testing.T) {
	t.Parallel()

	ctx, pool := t.Context(), pgxPool(t)
	p, err := realestate.New(realestate.Config{})
	require.NoError(t, err)
	outer := pgxBegin(t, pool)
	tx, err := outer.Begin(ctx) // a savepoint of pgx is a transaction of pgx too
	require.NoError(t, err)
	kept := realestatetest.Property
	require.NoError(t, realestate.InPgxTx(ctx, tx, func(db bun.IDB) error { kept(t, db); return nil }))

	err = realestate.InPgxTx(ctx, tx, func(db bun.IDB) error {
		kept(t, db)
		_, err := p.Properties.RegisterProperty(ctx, db, properties.RegisterPropertyParams{})
		return err
	})
	require.Error(t, err)
	require.Equal(t, 1, rowsOf(t, tx))

	require.ErrorContains(t, realestate.InPgxTx(ctx, tx, func(db bun.IDB) error {
		kept(t, db)
		_, err := db.NewRaw("SELECT 1/0").Exec(ctx)
		return err
	}), "division by zero")
	require.Equal(t, 1, rowsOf(t, tx))

	ending, cancel := context.WithCancel(ctx)
	require.ErrorIs(t, realestate.InPgxTx(ending, tx, func(db bun.IDB) error {
		kept(t, db)
		cancel()
		return nil
	}), context.Canceled)
	require.Equal(t, 1, rowsOf(t, tx))
	require.NoError(t, tx.Commit(ctx))
	require.NoError(t, outer.Commit(ctx))
	require.Equal(t, 1, rowsOf(t, pool))
}

// There must be a transaction, and it ends for the library with the function.
func TestInPgxTx_ended(t *testing.T) {
	t.Parallel()

	ctx, pool := t.Context(), pgxPool(t)
	nothing := func(bun.IDB) error { return nil }
	require.ErrorIs(t, realestate.InPgxTx(ctx, nil, nothing), realestate.ErrNoTx)

	tx := pgxBegin(t, pool)
	var late bun.IDB
	require.NoError(t, realestate.InPgxTx(ctx, tx, func(db bun.IDB) error {
		late = db
		_, err := db.BeginTx(ctx, nil)
		require.Error(t, err, "the host alone begins and ends")
		return nil
	}))
	_, err := late.ExecContext(ctx, "SELECT 1")
	require.ErrorIs(t, err, sql.ErrConnDone)
	require.NoError(t, tx.Commit(ctx))
	require.ErrorIs(t, realestate.InPgxTx(ctx, tx, nothing), pgx.ErrTxClosed)
}

// The library takes no connection of the host's pool but while it works.
func TestLendPgxPool(t *testing.T) {
	t.Parallel()

	ctx, pool := t.Context(), pgxPool(t)
	db := realestate.LendPgxPool(pool)
	wholeDeal(t, db)
	require.Equal(t, 2, rowsOf(t, pool))
	require.Zero(t, pool.Stat().AcquiredConns())
	require.NoError(t, realestate.InTx(ctx, db, func(tx bun.IDB) error {
		require.EqualValues(t, 1, pool.Stat().AcquiredConns())
		wholeDeal(t, tx)
		require.Equal(t, 2, rowsOf(t, pool))
		return nil
	}))
	require.Equal(t, 4, rowsOf(t, pool))
	require.NoError(t, db.Close())
	require.NoError(t, pool.Ping(ctx), "the pool is the host's")
}
