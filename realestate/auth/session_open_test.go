package auth_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate/auth"
)

// A refresh token ends with its time, its session and its user, whoever ended them.
func TestRefresh_ends(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), signing()
	for name, q := range map[string]string{
		"expired":   "UPDATE auth.sessions SET refresh_expires_at = now() WHERE user_id = ?",
		"revoked":   "UPDATE auth.sessions SET revoked_at = now() WHERE user_id = ?",
		"suspended": "UPDATE auth.users SET status = 'suspended' WHERE id = ?",
	} {
		u := member(t, db, svc)
		s := signIn(t, db, svc, u)
		exec(t, db, q, u.ID)
		_, err := svc.Sessions.Refresh(ctx, db, auth.RefreshParams{Token: s.Refresh})
		require.ErrorIs(t, err, auth.ErrSession, name)
	}
}

// Who is suspended between two steps finishes neither a sign-in nor a new proof.
func TestSteps_suspendedMeanwhile(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), signing(generous)
	u, s, _, codes := enrolled(t, db, svc)
	wait := asked(t, db, svc, u)
	exec(t, db, "UPDATE auth.users SET status = 'suspended' WHERE id = ?", u.ID)
	_, err := svc.Sessions.CompleteSignIn(ctx, db, auth.CompleteSignInParams{Token: wait.Token, Factor: auth.FactorRecoveryCode, Code: codes[0]})
	require.ErrorIs(t, err, auth.ErrSignIn)
	_, err = svc.Sessions.StepUp(ctx, db, auth.StepUpParams{SessionID: s.Session.ID, Factor: auth.FactorRecoveryCode, Code: codes[0]})
	require.ErrorIs(t, err, auth.ErrSession)
}

// gate is a hasher whose verifying waits until it is opened.
type gate struct {
	counting
	open chan struct{}
}

func (g *gate) Verify(context.Context, auth.Secret, auth.Secret) (ok, stale bool, err error) {
	n := g.running.Add(1)
	defer g.running.Add(-1)
	for most := g.most.Load(); n > most && !g.most.CompareAndSwap(most, n); most = g.most.Load() {
	}
	<-g.open
	return false, false, nil
}

// As many hashes run at once as the configuration says, and no more, though all who want
// one have come.
func TestSignIn_hashesAtOnce(t *testing.T) {
	t.Parallel()
	db, g := pgtest.Clone(t), &gate{open: make(chan struct{})}
	svc := signing(generous, func(c *auth.Config) { c.Hasher, c.ParallelHashes = g, 3 })
	var wg sync.WaitGroup
	for range 12 {
		wg.Go(func() { _, _ = attempt(t, db, svc, address("nobody"), "guess") })
	}
	require.Eventually(t, func() bool { return g.running.Load() >= 3 && remaining(t, db, "auth.login_attempts") == 12 }, time.Minute, time.Millisecond)
	close(g.open)
	wg.Wait()
	require.EqualValues(t, 3, g.most.Load())
}
