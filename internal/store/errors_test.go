package store_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
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

// A distributed engine tells of a part of a table, by a message without fields or by the names of
// the part; both mean what the whole table's constraint does. The messages are Citus 13.2's.
func TestErr_shards(t *testing.T) {
	t.Parallel()
	known := store.Constraints{"uk_accounts_book_id_code": fault.New(fault.Conflict, "account_exists", "there is one").On("code")}
	for _, c := range []struct {
		err         pgconn.PgError
		code, field string
	}{
		{pgconn.PgError{Code: "23505", Message: `duplicate key value violates unique constraint "uk_accounts_book_id_code_102016"`}, "account_exists", "code"},
		{pgconn.PgError{Code: "23505", Message: "x", ConstraintName: "uk_accounts_book_id_code_102016", TableName: "accounts_102016"}, "account_exists", "code"},
		{pgconn.PgError{Code: "23505", Message: `duplicate key value violates unique constraint "pk_accounts_102016"`}, "already_exists", ""},
		{pgconn.PgError{Code: "23514", Message: `new row for relation "accounts_102016" violates check constraint "chk_accounts_type"`}, fault.CodeNotAllowed, "type"},
		{pgconn.PgError{Code: "23503", Message: `insert or update on table "accounts_102018" violates foreign key constraint "fk_accounts_book_id_102018"`}, "reference_not_found", "book_id"},
		{pgconn.PgError{Code: "23502", Message: `null value in column "name" of relation "accounts_102018" violates not-null constraint`}, fault.CodeRequired, "name"},
		{pgconn.PgError{Code: "XX000", Message: `duplicate key value violates unique constraint "uk_accounts_book_id_code_102016"`}, "account_exists", "code"},
		{pgconn.PgError{Code: "XX000", Message: `table financials.journals_102032 is append-only: UPDATE refused`}, "append_only", ""},
		{pgconn.PgError{Code: "23514", Message: "x", ConstraintName: "chk_accounts_type", TableName: "accounts"}, fault.CodeNotAllowed, "type"},
	} {
		var f *fault.Error
		require.ErrorAs(t, store.Err(&c.err, known), &f, c.err.Message)
		require.Equal(t, c.code, f.Code, c.err.Message)
		require.Equal(t, c.field, f.Field, c.err.Message)
	}
}
