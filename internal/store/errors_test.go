package store_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
)

// What the server says for a reason of its own means: nothing was written, try again.
// The codes are raised by the server itself.
func TestErr_serverStates(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	for _, state := range []string{
		"53000", "53100", "53200", "53300", "53400", // disk full, out of memory, too many connections, a limit
		"57014", "57P01", "57P03", // a statement's timeout, a shutdown, a start
		"58000", "58030", // input and output
		"25006", "25P03", "25P04", // a standby, an idle transaction, a long one
		"40001", "40P01", "55P03", "08006",
	} {
		_, err := db.NewRaw("DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = ?; END $$", bun.Safe("'"+state+"'")).Exec(ctx)
		require.Error(t, err, state)
		err = store.Err(err, nil)
		require.ErrorIs(t, err, store.ErrUnavailable, state)
		require.Equal(t, fault.Unavailable, fault.KindOf(err), state)
		require.True(t, store.Retryable(err), state)
	}
}

// The same by their causes: the timeouts of a statement and of an idle transaction, and a
// server that takes no writes. Each through the road of a row and of a bulk.
func TestErr_causes(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	withLots(t, db)
	write := map[string]func(tx bun.IDB) error{
		"row":  func(tx bun.IDB) error { l := lot("a"); return lots.Insert(ctx, tx, &l) },
		"rows": func(tx bun.IDB) error { return lots.InsertAll(ctx, tx, []Lot{lot("b"), lot("c")}) },
	}
	for name, fn := range write {
		err := store.InTx(ctx, db, func(tx bun.IDB) error {
			_, err := tx.ExecContext(ctx, "SET TRANSACTION READ ONLY")
			require.NoError(t, err)
			return fn(tx)
		})
		require.ErrorIs(t, err, store.ErrUnavailable, "25006, %s", name)

		_, err = db.ExecContext(ctx, `CREATE OR REPLACE FUNCTION public.slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN NEW; END $$;
			CREATE OR REPLACE TRIGGER slow BEFORE INSERT ON public.lots FOR EACH ROW EXECUTE FUNCTION public.slow()`)
		require.NoError(t, err)
		err = store.InTx(ctx, db, func(tx bun.IDB) error {
			_, err := tx.ExecContext(ctx, "SET LOCAL statement_timeout = '10ms'")
			require.NoError(t, err)
			return fn(tx)
		})
		require.ErrorIs(t, err, store.ErrUnavailable, "57014, %s", name)
		require.NotErrorIs(t, err, context.DeadlineExceeded, "ctx lives")
		_, err = db.ExecContext(ctx, "DROP TRIGGER slow ON public.lots")
		require.NoError(t, err)

		err = store.InTx(ctx, db, func(tx bun.IDB) error {
			var pid int
			require.NoError(t, tx.NewRaw("SELECT pg_backend_pid()").Scan(ctx, &pid))
			_, err := tx.ExecContext(ctx, "SET LOCAL idle_in_transaction_session_timeout = '1ms'")
			require.NoError(t, err)
			for there := true; there; { // until the server has ended the session
				require.NoError(t, db.NewRaw("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = ?)", pid).Scan(ctx, &there))
			}
			return fn(tx)
		})
		require.ErrorIs(t, err, store.ErrUnavailable, "25P03, %s", name)
	}
	require.Zero(t, count(t, db))
}
