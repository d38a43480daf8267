package auth_test

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate/auth"
)

// The time of an answer does not tell whether there is an account: medians of unknown,
// wrong, suspended and deleted, taken by turns, so that whatever else the machine does
// falls on all alike. The hash costs what the default costs. The metric spread-% is
// the largest median over the smallest. Run it with -benchtime 2000x.
func BenchmarkSignIn_answers(b *testing.B) {
	ctx, db := b.Context(), pgtest.Clone(b)
	svc := auth.New(auth.Config{Limits: auth.Limits{Account: 1 << 30, Address: 1 << 30}})
	var emails []string
	for i := range 4 {
		email := "who" + strconv.Itoa(i) + "@example.com"
		emails = append(emails, email)
		if i == 0 {
			continue // unknown
		}
		u, err := svc.Users.Register(ctx, db, auth.RegisterParams{Email: email})
		require.NoError(b, err)
		_, err = svc.Users.SetPassword(ctx, db, auth.SetPasswordParams{UserID: u.ID, New: auth.NewSecret(password)})
		require.NoError(b, err)
		for j, q := range []string{"SELECT ?", "UPDATE auth.users SET status = 'suspended' WHERE id = ?", "UPDATE auth.users SET status = 'deleted', deleted_at = now() WHERE id = ?"} {
			if j == i-1 {
				_, err = db.ExecContext(ctx, q, u.ID)
				require.NoError(b, err)
			}
		}
	}
	took := make([][]time.Duration, len(emails))
	for b.Loop() {
		for _, i := range rand.Perm(len(emails)) { // nobody always follows the same one
			email, pass := emails[i], password
			if i == 1 {
				pass = "wrong"
			}
			from := time.Now()
			_, err := svc.Sessions.SignIn(ctx, db, auth.SignInParams{Email: email, Password: auth.NewSecret(pass), Client: home})
			took[i] = append(took[i], time.Since(from))
			require.ErrorIs(b, err, auth.ErrSignIn)
		}
	}
	var medians []time.Duration
	for i, d := range took {
		slices.Sort(d)
		medians = append(medians, d[len(d)/2])
		b.ReportMetric(float64(d[len(d)/2].Microseconds())/1000, []string{"unknown", "wrong", "suspended", "deleted"}[i]+"-ms")
	}
	slices.Sort(medians)
	b.ReportMetric(100*float64(medians[3]-medians[0])/float64(medians[0]), "spread-%")
}

// The time of an answer to a request of a reset does not tell whether there is an account:
// medians of a known and an unknown address, taken by turns by eight at once.
func BenchmarkRequestReset_answers(b *testing.B) {
	ctx, db := b.Context(), pgtest.Clone(b)
	svc := auth.New(auth.Config{Limits: auth.Limits{Account: 1 << 30, Address: 1 << 30}})
	var names = []string{"known", "unknown"}
	for i := range 64 { // nobody waits for another's row
		_, err := svc.Users.Register(ctx, db, auth.RegisterParams{Email: "known" + strconv.Itoa(i) + "@example.com"})
		require.NoError(b, err)
	}
	var lock sync.Mutex
	took := make([][]time.Duration, len(names))
	b.SetParallelism(max(1, 8/runtime.GOMAXPROCS(0)))
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			for _, i := range rand.Perm(len(names)) {
				from := time.Now()
				_, err := svc.Users.RequestReset(ctx, db, auth.RequestResetParams{Email: names[i] + strconv.Itoa(rand.IntN(64)) + "@example.com", Client: home})
				d := time.Since(from)
				if err != nil {
					b.Error(err)
				}
				lock.Lock()
				took[i] = append(took[i], d)
				lock.Unlock()
			}
		}
	})
	var medians []time.Duration
	for i, d := range took {
		slices.Sort(d)
		medians = append(medians, d[len(d)/2])
		b.ReportMetric(float64(d[len(d)/2].Microseconds())/1000, names[i]+"-ms")
	}
	slices.Sort(medians)
	b.ReportMetric(100*float64(medians[1]-medians[0])/float64(medians[0]), "spread-%")
}

// The floor of BenchmarkAuthenticate: the smallest statement with a parameter, sent the
// same way.
func BenchmarkAuthenticate_floor(b *testing.B) {
	ctx, db := b.Context(), pgtest.Clone(b)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			var n int
			if err := db.DB.QueryRowContext(ctx, "SELECT $1::int", 1).Scan(&n); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "statements/s")
}

// How many requests a second are authenticated.
func BenchmarkAuthenticate(b *testing.B) {
	ctx, db, svc := b.Context(), pgtest.Clone(b), signing()
	u, err := svc.Users.Register(ctx, db, auth.RegisterParams{Email: "bench@example.com"})
	require.NoError(b, err)
	_, err = svc.Users.SetPassword(ctx, db, auth.SetPasswordParams{UserID: u.ID, New: auth.NewSecret(password)})
	require.NoError(b, err)
	in, err := svc.Sessions.SignIn(ctx, db, auth.SignInParams{Email: u.Email, Password: auth.NewSecret(password), Refresh: true})
	require.NoError(b, err)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := svc.Sessions.Authenticate(ctx, db, in.Tokens.Access); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "sessions/s")
}
