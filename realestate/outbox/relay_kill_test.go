package outbox_test

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate/outbox"
)

// envRelay makes a test binary a relay on the database it names, for a while.
const envRelay = "FREEHOLD_TEST_RELAY"

// The process of a relay is killed (SIGKILL) after its handler did what it does
// and before the event is marked: the event comes again, to another process, once
// the lease is over; what was marked before does not, and nothing is skipped. The
// third may have been leased with the second, which counts as an attempt.
func TestRelay_processKilled(t *testing.T) {
	t.Parallel()
	if dsn := os.Getenv(envRelay); dsn != "" {
		relayToBeKilled(t, dsn)
		return
	}
	ctx, db := t.Context(), pgtest.Clone(t)
	_, err := db.ExecContext(ctx, "CREATE TABLE arrivals (position bigint, attempt int)")
	require.NoError(t, err)
	emit(t, db, 4, parcels(1)...)
	child := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestRelay_processKilled$")
	child.Env = append(os.Environ(), envRelay+"="+pgtest.DSN(t, db))
	require.NoError(t, child.Start())
	var arrived int
	require.Eventually(t, func() bool {
		require.NoError(t, db.NewRaw("SELECT count(*) FROM arrivals").Scan(ctx, &arrived))
		return arrived == 2
	}, time.Minute, 5*time.Millisecond)
	require.NoError(t, child.Process.Kill())
	require.Error(t, child.Wait())

	require.Eventually(t, func() bool {
		_, err := outbox.Relay{}.Drain(ctx, db, func(ctx context.Context, e outbox.Message) error {
			_, err := db.NewRaw("INSERT INTO arrivals VALUES (?, ?)", e.Position, e.Attempts).Exec(ctx)
			return err
		})
		require.NoError(t, err)
		b, err := outbox.Pending(ctx, db)
		return err == nil && b.Pending == 0
	}, time.Minute, 20*time.Millisecond)
	var got []string
	require.NoError(t, db.NewRaw("SELECT format('%s/%s', position, CASE WHEN position < 3 OR attempt > 2 THEN attempt END) FROM arrivals ORDER BY position, attempt").Scan(ctx, &got))
	require.Equal(t, []string{"1/1", "2/1", "2/2", "3/", "4/"}, got)
}

// relayToBeKilled stops at the second event, when it is handled.
func relayToBeKilled(t *testing.T, dsn string) {
	t.Helper()
	db, err := pgtest.Open(dsn)
	require.NoError(t, err)
	err = outbox.Relay{Lease: time.Second}.Run(t.Context(), db, func(_ context.Context, e outbox.Message) error {
		if _, err := db.NewRaw("INSERT INTO arrivals VALUES (?, ?)", e.Position, e.Attempts).Exec(t.Context()); err != nil {
			return err
		}
		if e.Position == 2 {
			time.Sleep(time.Minute) // until somebody kills the process
		}
		return nil
	})
	t.Log("not killed:", err)
}
