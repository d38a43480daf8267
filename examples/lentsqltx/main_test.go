package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/wirefault"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/id"
)

// hostDB opens a database of the test's own as a host does, twice migrated.
func hostDB(t *testing.T) *sql.DB {
	t.Helper()
	db, end, err := open(t.Context(), pgtest.DSN(t, pgtest.Clone(t)))
	require.NoError(t, err)
	t.Cleanup(end)
	return db
}

// printed is what the program prints.
const printed = `an offering with a hard cap of 100,000.00 is open

one transaction over both, committed
  host.leads: converted; users: 1; commitments: 1

the same in a transaction of pgx, committed
  host.leads: converted; users: 1; commitments: 1

the host's own rule fails after the commitment: both are rolled back
  error: ERROR: new row for relation "audits" violates check constraint "audits_auditor_check" (SQLSTATE 23514)
  host.leads: new; users: 0; commitments: 0

the library refuses, and the host commits that it did
  host.leads: rejected, offering_oversubscribed; users: 0; commitments: 0
`

// The whole program, and what it leaves in the database.
func TestRun(t *testing.T) {
	t.Parallel()
	db := hostDB(t)
	for round := 1; round <= 2; round++ { // it may run again on the same database
		var out bytes.Buffer
		require.NoError(t, run(t.Context(), db, &out))
		require.Equal(t, printed, out.String())

		var committed string
		var subscriptions, history int
		require.NoError(t, db.QueryRowContext(t.Context(), `SELECT sum(committed_amount),
			(SELECT count(*) FROM investments.subscriptions), (SELECT count(*) FROM freehold.idempotency WHERE verb = 'investments.commit') FROM investments.opportunities`).
			Scan(&committed, &subscriptions, &history))
		require.Equal(t, map[int]string{1: "70000.00", 2: "140000.00"}[round], committed)
		require.Equal(t, 2*round, subscriptions)
		require.Equal(t, 2*round, history, "a key that was rolled back may be used again")
	}
}

// A COMMIT that fails, or whose answer never comes, ends the program with an error, or is
// what it prints of one of its cases. It runs whole on the same database afterwards.
func TestRun_failedCommit(t *testing.T) {
	t.Parallel()
	dsn := pgtest.DSN(t, pgtest.Clone(t))
	for _, f := range wirefault.Faults() {
		for skip := int64(2); ; skip++ { // the migrator's two are let through
			e := &wirefault.EveryOther{Fault: f, Skip: skip}
			db, end, err := open(t.Context(), wirefault.Proxy(t, dsn, e))
			require.NoError(t, err)
			var out bytes.Buffer
			err = run(t.Context(), db, &out)
			end()
			if e.Failed.Load() == 0 { // it has no more than these
				require.NoError(t, err)
				require.Greater(t, skip, int64(4))
				break
			}
			require.True(t, err != nil || out.String() != printed, "it goes unsaid: %s %d", f, skip)
			db, end, err = open(t.Context(), dsn)
			require.NoError(t, err)
			out.Reset()
			err = run(t.Context(), db, &out)
			end()
			require.NoError(t, err, "%s %d", f, skip)
			require.Equal(t, printed, out.String())
		}
	}
}

// A deadline that strikes before a unit of the host's has ended leaves nothing
// of it in the host's transaction, even if the host then commits.
func TestLentTx_deadline(t *testing.T) {
	t.Parallel()
	db := hostDB(t)
	platform, err := realestate.New(realestate.Config{})
	require.NoError(t, err)
	h := host{platform: platform, db: db}
	require.NoError(t, h.createTables(t.Context()))
	h.offering, err = h.openOffering(t.Context(), id.New[investments.Offering]())
	require.NoError(t, err)
	l, err := h.addLead(t.Context(), "1000.00")
	require.NoError(t, err)

	tx, err := db.BeginTx(context.Background(), nil)
	require.NoError(t, err)
	defer func() { _ = tx.Rollback() }()
	ctx, cancel := context.WithCancel(t.Context())
	lent := realestate.LendTx(tx)
	err = realestate.InTx(ctx, lent, func(db bun.IDB) error {
		defer cancel()
		_, err := h.commit(ctx, db, l)
		return err
	})
	require.ErrorIs(t, err, context.Canceled)
	_, err = tx.ExecContext(t.Context(), "UPDATE host.leads SET status = 'timed out' WHERE id = $1", l.id)
	require.NoError(t, err)
	require.NoError(t, tx.Commit())

	var users, commitments int
	require.NoError(t, db.QueryRowContext(t.Context(), `SELECT (SELECT count(*) FROM auth.users WHERE email NOT LIKE 'compliance@%'), (SELECT count(*) FROM investments.subscriptions)`).
		Scan(&users, &commitments))
	require.Zero(t, users)
	require.Zero(t, commitments)
}

// A lent transaction is the host's: the library cannot end it or begin another.
func TestLentTx_isTheHosts(t *testing.T) {
	t.Parallel()
	db := hostDB(t)
	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	defer func() { _ = tx.Rollback() }()
	_, err = realestate.LendTx(tx).BeginTx(t.Context(), nil)
	require.Error(t, err)
	require.False(t, errors.Is(err, sql.ErrTxDone))
	require.NoError(t, tx.Commit())
}
