package auth_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/page"
)

// Whoever has lost every factor is helped by somebody who may edit users, and by nobody
// else; afterwards the password is enough, and nothing that was open stays so.
func TestRemoveFactors(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), signing(generous)
	u, s, _, codes := enrolled(t, db, svc)
	texted(t, db, svc, s)
	admin, other := administrator(t, db), member(t, db, svc)
	p := auth.RemoveFactorsParams{UserID: u.ID, ActorID: admin.ID, Reason: "seen in person, with a passport", Client: home}
	refused := func(want error, change func(*auth.RemoveFactorsParams)) {
		t.Helper()
		q := p
		change(&q)
		require.ErrorIs(t, failure(svc.Users.RemoveFactors(ctx, db, q)), want)
	}
	refused(auth.ErrNotPermitted, func(q *auth.RemoveFactorsParams) { q.ActorID = other.ID })
	refused(auth.ErrOwnAccount, func(q *auth.RemoveFactorsParams) { q.ActorID = u.ID })
	q := p
	q.Reason = ""
	require.Equal(t, "reason", fault.FieldErrors(failure(svc.Users.RemoveFactors(ctx, db, q)))[0].Field)
	begun := asked(t, db, svc, u).Token

	n, err := svc.Users.RemoveFactors(ctx, db, p)
	require.NoError(t, err)
	require.Equal(t, &auth.Notice{To: u.Email, Action: auth.AuditFactorsReset}, n)
	require.True(t, auth.AuditFactorsReset.Tells())

	_, err = svc.Sessions.Authenticate(ctx, db, s.Access)
	require.ErrorIs(t, err, auth.ErrSession, "sessions end")
	require.ErrorIs(t, failure(svc.Sessions.CompleteSignIn(ctx, db, auth.CompleteSignInParams{Token: begun, Factor: auth.FactorRecoveryCode, Code: codes[0], Client: home})),
		auth.ErrChallenge, "a sign-in that waits for a factor ends")
	in, err := attempt(t, db, svc, u.Email, password)
	require.NoError(t, err)
	require.NotNil(t, in.Tokens, "the password is enough")
	require.Equal(t, auth.LevelPassword, in.Tokens.Session.AuthLevel)

	entries, err := svc.Audit.Entries(ctx, db, auth.AuditFilter{UserID: u.ID, Action: auth.AuditFactorsReset}, page.Request{})
	require.NoError(t, err)
	require.Len(t, entries.Items, 1)
	require.Equal(t, p.Reason, *entries.Items[0].Detail)
	require.Equal(t, admin.ID, *entries.Items[0].ActorID)
	entries, err = svc.Audit.Entries(ctx, db, auth.AuditFilter{UserID: u.ID, Action: auth.AuditFactorRemoved}, page.Request{})
	require.NoError(t, err)
	require.Len(t, entries.Items, 2, "an authenticator and text messages")

	n, err = svc.Users.RemoveFactors(ctx, db, p)
	require.NoError(t, err)
	require.Equal(t, &auth.Notice{}, n, "nothing is left, and nobody is told")
	_, err = svc.Sessions.Authenticate(ctx, db, in.Tokens.Access)
	require.NoError(t, err, "and nothing ends")
}
