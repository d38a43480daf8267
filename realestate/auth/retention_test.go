package auth_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/retention"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
)

// over is the limit of these tests' purges, and now their clock.
var over, now = time.Date(2026, 2, 10, 0, 0, 0, 0, time.UTC), time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC)

func remaining(t *testing.T, db bun.IDB, table string) (n int64) {
	t.Helper()
	require.NoError(t, db.NewRaw("SELECT count(*) FROM ?", bun.Ident(table)).Scan(t.Context(), &n))
	return n
}

// A session goes when neither of its tokens can be used, and no earlier.
func TestPurge(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Tx(t)
	svc := auth.New(auth.Config{Now: func() time.Time { return now }})
	user := id.New[auth.User]()
	_, err := db.NewRaw("INSERT INTO auth.users (id, email, password_hash) VALUES (?, ?, '!')", user, user.String()+"@example.com").Exec(ctx)
	require.NoError(t, err)
	session := func(n int, expires time.Time, refresh *time.Time, revoked bool) {
		_, err := db.NewRaw(`INSERT INTO auth.sessions (user_id, family_id, token_hash, expires_at, refresh_expires_at, revoked_at)
			VALUES (?, gen_random_uuid(), ?, ?, ?, CASE WHEN ? THEN ?::timestamptz END)`, user, fmt.Sprintf("%064x", n), expires, refresh, revoked, over.AddDate(-1, 0, 0)).Exec(ctx)
		require.NoError(t, err)
	}
	late := over.Add(time.Hour)
	early := over.Add(-time.Hour)
	session(1, early, nil, false)
	session(2, early, &early, true)
	session(3, early, &late, true) // a second use of its refresh token must be noticed
	session(4, over, nil, false)
	for range 3 {
		_, err := db.NewRaw("INSERT INTO auth.password_resets (user_id, token_hash, expires_at) VALUES (?, encode(sha256(gen_random_uuid()::text::bytea), 'hex'), ?)", user, early).Exec(ctx)
		require.NoError(t, err)
	}
	n, err := svc.Audit.Purge(ctx, db, auth.PurgeParams{What: auth.PurgeSessions, Before: over, DryRun: true})
	require.NoError(t, err)
	require.EqualValues(t, 2, n)
	var heard []int64
	n, err = svc.Audit.Purge(ctx, db, auth.PurgeParams{What: auth.PurgeSessions, Before: over, Batch: 1, Progress: func(rows int64) { heard = append(heard, rows) }})
	require.NoError(t, err)
	require.EqualValues(t, 2, n)
	require.Equal(t, []int64{1, 2}, heard)
	require.EqualValues(t, 2, remaining(t, db, "auth.sessions"))
	n, err = svc.Audit.Purge(ctx, db, auth.PurgeParams{What: auth.PurgePasswordResets, Before: over})
	require.NoError(t, err)
	require.EqualValues(t, 3, n)
	_, err = svc.Audit.Purge(ctx, db, auth.PurgeParams{What: "users", Before: over})
	require.ErrorIs(t, err, retention.ErrPurgeWhat)
	_, err = svc.Audit.Purge(ctx, db, auth.PurgeParams{What: auth.PurgeSessions, Before: now.Add(1)})
	require.ErrorIs(t, err, retention.ErrPurgeBefore)
}

func TestPurge_loginAttempts(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	svc := auth.New(auth.Config{Now: func() time.Time { return now }})
	_, err := db.NewRaw(`INSERT INTO auth.login_attempts (email, created_at)
		SELECT 'ada@example.com', d FROM generate_series('2025-12-01'::timestamptz, '2026-03-01', interval '1 day') d`).Exec(ctx)
	require.NoError(t, err)
	made, err := svc.Audit.EnsurePartitions(ctx, db, auth.EnsurePartitionsParams{From: date.MustParse("2026-01-31"), Months: 2})
	require.NoError(t, err)
	require.Equal(t, []string{"auth.login_attempts_y2026m01", "auth.login_attempts_y2026m02"}, made)
	require.EqualValues(t, 31, remaining(t, db, "auth.login_attempts_y2026m01"))
	n, err := svc.Audit.Purge(ctx, db, auth.PurgeParams{What: auth.PurgeLoginAttempts, Before: over})
	require.NoError(t, err)
	require.EqualValues(t, 31+31+9, n)
	require.EqualValues(t, 19+1, remaining(t, db, "auth.login_attempts"))
	_, err = db.NewRaw("SELECT FROM auth.login_attempts_y2026m01").Exec(ctx)
	require.Error(t, err, "the month is gone as a whole")
}
