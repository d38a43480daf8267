package realestate_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/localpg"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/realestatetest"
)

// replicated starts a cluster of the test's own that backups are taken of, with a
// migrated database.
func replicated(t *testing.T) (*localpg.Server, *bun.DB) {
	t.Helper()
	server, database := pgtest.Own(t, localpg.Replicated())
	return server, opened(t, server, database)
}

func opened(t *testing.T, server *localpg.Server, name string) *bun.DB {
	t.Helper()
	db, err := pgtest.Open(server.DSN(name))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

// Under load, who writes on the primary and reads on a standby with the token of what
// they wrote finds it there, a thousand times; and once the standby is gone, on the
// primary.
func TestReader_standby(t *testing.T) {
	t.Parallel()
	server, primary := replicated(t)
	backup, err := server.Backup(t.Context())
	require.NoError(t, err)
	standby, err := backup.Start(t.Context(), localpg.Standby, nil)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, standby.Close()) })
	p, err := realestate.New(realestate.Config{})
	require.NoError(t, err)
	r := realestate.Reader{Primary: primary, Replica: opened(t, standby, "deals"), Patience: time.Minute}

	var onReplica atomic.Int64
	own := func(ctx context.Context) error {
		u, err := p.Users.Register(ctx, primary, auth.RegisterParams{Email: id.New[auth.User]().String() + "@example.com"})
		if err != nil {
			return err
		}
		token, err := realestate.Written(ctx, primary)
		if err != nil {
			return err
		}
		return r.Read(ctx, token, func(db bun.IDB) error {
			var standby bool
			if err := db.NewRaw("SELECT pg_is_in_recovery()").Scan(ctx, &standby); err != nil {
				return err
			}
			if standby {
				onReplica.Add(1)
			}
			_, err := p.Users.User(ctx, db, u.ID)
			return err
		})
	}
	const writers, each = 4, 250
	var wg sync.WaitGroup
	found := make([]error, writers)
	for w := range writers {
		wg.Go(func() {
			for range each {
				found[w] = errors.Join(found[w], own(t.Context()))
			}
		})
	}
	wg.Wait()
	require.NoError(t, errors.Join(found...))
	require.EqualValues(t, writers*each, onReplica.Load(), "all were read on the standby")

	// What a distribution, terms and a statement would be is worked out there.
	o, who := realestatetest.Offering(t, primary), realestatetest.Investor(t, primary)
	realestatetest.Position(t, primary, o.ID, who.ID, money.MustParse("50000"))
	token, err := realestate.Written(t.Context(), primary)
	require.NoError(t, err)
	require.NoError(t, r.Read(t.Context(), token, func(db bun.IDB) error {
		d, err := p.Distributions.Preview(t.Context(), db, investments.DeclareParams{OfferingID: o.ID, Type: investments.DistributionQuarterly,
			Date: date.Must(2025, 6, 30), Amount: money.MustParse("1000"), ActorID: who.ID})
		if err != nil {
			return err
		}
		require.Len(t, d.Lines, 1)
		_, again := p.Distributions.Review(t.Context(), db, o.ID)
		s, err := p.Reports.PreviewStatement(t.Context(), db, investments.PrepareStatementParams{InvestorID: who.ID, Type: investments.StatementQuarterly,
			PeriodStart: date.Must(2025, 1, 1), PeriodEnd: date.Must(2025, 3, 31)})
		if err != nil {
			return err
		}
		require.Equal(t, "50000.00", s.Summary.Closing.String())
		report, err := p.Verify(t.Context(), r.Replica)
		require.NoError(t, err)
		require.True(t, report.OK())
		return again
	}))

	// What writes is refused there by name, and a reader goes to the primary for it.
	_, err = p.Users.Register(t.Context(), r.Replica, auth.RegisterParams{Email: "x@example.com"})
	require.ErrorIs(t, err, fault.Unavailable)
	require.NoError(t, r.Read(t.Context(), "", func(db bun.IDB) error {
		_, err := p.Users.Register(t.Context(), db, auth.RegisterParams{Email: "x@example.com"})
		return err
	}))

	// One that is too far behind is not waited for.
	r.Patience = time.Millisecond
	_, err = r.Replica.ExecContext(t.Context(), "SELECT pg_wal_replay_pause()")
	require.NoError(t, err)
	before := onReplica.Load()
	require.NoError(t, own(t.Context()))
	require.Equal(t, before, onReplica.Load())

	require.NoError(t, standby.Kill9())
	require.NoError(t, own(t.Context()))
	require.Equal(t, before, onReplica.Load())
}

// A token is read from a log; anything else is refused, and no server is asked.
func TestReader_token(t *testing.T) {
	t.Parallel()
	for _, bad := range []realestate.Token{"x", "1", "1/", "/1", "1/2/3", "1/123456789", "' OR TRUE"} {
		err := realestate.Reader{}.Read(t.Context(), bad, func(bun.IDB) error { return nil })
		require.ErrorIs(t, err, realestate.ErrToken, bad)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	ran := false
	err := realestate.Reader{Primary: pgtest.Clone(t), Replica: pgtest.Clone(t)}.Read(over, "", func(bun.IDB) error {
		ran = true
		return nil
	})
	require.ErrorIs(t, err, context.Canceled)
	require.False(t, ran)
}

// A backup and the archived log bring back what was committed by a moment, and not what
// came after; what is there verifies.
func TestBackup_pointInTime(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	server, db := replicated(t)
	p, err := realestate.New(realestate.Config{})
	require.NoError(t, err)
	backup, err := server.Backup(ctx)
	require.NoError(t, err)
	o, who := realestatetest.Offering(t, db), realestatetest.Investor(t, db)
	realestatetest.Subscription(t, db, o.ID, who.ID, money.MustParse("30000.00"))
	_, err = db.ExecContext(ctx, "SELECT pg_create_restore_point('before the mistake')")
	require.NoError(t, err)
	realestatetest.Subscription(t, db, o.ID, who.ID, money.MustParse("25000.00"))
	_, err = db.ExecContext(ctx, "SELECT pg_switch_wal()")
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		var done bool
		require.NoError(t, db.NewRaw("SELECT last_archived_wal >= pg_walfile_name(pg_current_wal_lsn() - 1) AND last_archived_wal IS NOT NULL FROM pg_stat_archiver").Scan(ctx, &done))
		return done
	}, time.Minute, 20*time.Millisecond, "the log is archived")

	restored, err := backup.Start(ctx, localpg.Recovery, map[string]string{"recovery_target_name": "before the mistake"})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, restored.Close()) })
	again := opened(t, restored, "deals")
	require.Eventually(t, func() bool { // it answers before it has read the whole log
		var done bool
		require.NoError(t, again.NewRaw("SELECT NOT pg_is_in_recovery()").Scan(ctx, &done))
		return done
	}, time.Minute, 20*time.Millisecond)
	var sum money.Amount
	require.NoError(t, again.NewRaw("SELECT sum(amount) FROM investments.subscriptions").Scan(ctx, &sum))
	require.Equal(t, "30000.00", sum.String())
	report, err := p.Verify(ctx, again)
	require.NoError(t, err)
	require.Empty(t, report.Findings)
}
