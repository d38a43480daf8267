package auth_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/page"
)

func TestAPIKeys(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), signing()
	u, stranger := member(t, db, svc), member(t, db, svc)
	p := auth.CreateAPIKeyParams{UserID: u.ID, Name: "feed", Scopes: []string{"statements.read"}, ExpiresAt: time.Now().AddDate(0, 6, 0), ActorID: u.ID}
	made, err := svc.Access.CreateAPIKey(ctx, db, p)
	require.NoError(t, err)
	got, err := svc.Access.AuthenticateAPIKey(ctx, db, made.Key)
	require.NoError(t, err)
	require.Equal(t, u.ID, got.UserID)
	require.True(t, got.Allows("statements.read"))
	require.False(t, got.Allows("statements.write"))
	p.ActorID = stranger.ID
	_, err = svc.Access.CreateAPIKey(ctx, db, p)
	require.ErrorIs(t, err, auth.ErrNotPermitted)
	admin, machine := administrator(t, db), register(t, db, address("machine"))
	p.ActorID = admin.ID
	_, err = svc.Access.CreateAPIKey(ctx, db, p)
	require.ErrorIs(t, err, auth.ErrPersonsKey, "nobody acts in a person's name")
	_, err = svc.Access.RotateAPIKey(ctx, db, auth.RotateAPIKeyParams{ID: made.APIKey.ID, ActorID: admin.ID})
	require.ErrorIs(t, err, auth.ErrPersonsKey)
	p.UserID = machine.ID
	_, err = svc.Access.CreateAPIKey(ctx, db, p)
	require.NoError(t, err)
	_, err = svc.Access.CreateAPIKey(ctx, db, auth.CreateAPIKeyParams{UserID: u.ID, ActorID: u.ID})
	require.Len(t, fault.FieldErrors(err), 3)

	next, err := svc.Access.RotateAPIKey(ctx, db, auth.RotateAPIKeyParams{ID: made.APIKey.ID, Overlap: time.Hour, ActorID: u.ID})
	require.NoError(t, err)
	for _, key := range []auth.Secret{made.Key, next.Key} {
		_, err = svc.Access.AuthenticateAPIKey(ctx, db, key)
		require.NoError(t, err, "both work within the overlap")
	}
	exec(t, db, "UPDATE auth.api_keys SET expires_at = expires_at - interval '61 minutes' WHERE id = ?", made.APIKey.ID)
	_, err = svc.Access.AuthenticateAPIKey(ctx, db, made.Key)
	require.ErrorIs(t, err, auth.ErrAPIKey)
	_, err = svc.Access.RotateAPIKey(ctx, db, auth.RotateAPIKeyParams{ID: made.APIKey.ID, ActorID: u.ID})
	require.ErrorIs(t, err, auth.ErrAPIKey)
	require.ErrorIs(t, failure(svc.Access.RevokeAPIKey(ctx, db, auth.RevokeAPIKeyParams{ID: next.APIKey.ID, ActorID: stranger.ID})), auth.ErrNotPermitted)
	list, err := svc.Access.APIKeys(ctx, db, u.ID, page.Request{})
	require.NoError(t, err)
	require.Len(t, list.Items, 2)
	suspend(t, db, u)
	_, err = svc.Access.AuthenticateAPIKey(ctx, db, next.Key)
	require.ErrorIs(t, err, auth.ErrAPIKey, "the user's powers are gone")
	exec(t, db, "UPDATE auth.users SET status = 'active' WHERE id = ?", u.ID)
	require.NoError(t, failure(svc.Access.RevokeAPIKey(ctx, db, auth.RevokeAPIKeyParams{ID: next.APIKey.ID, ActorID: u.ID})))
	_, err = svc.Access.AuthenticateAPIKey(ctx, db, next.Key)
	require.ErrorIs(t, err, auth.ErrAPIKey)
	for _, key := range []string{"", "fhk_", made.Key.Reveal()[4:], next.Key.Reveal() + "x"} {
		_, err = svc.Access.AuthenticateAPIKey(ctx, db, auth.NewSecret(key))
		require.ErrorIs(t, err, auth.ErrAPIKey)
	}
}

func TestIdentities(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), signing()
	u, other := member(t, db, svc), member(t, db, svc)
	s, theirs := signIn(t, db, svc, u), signIn(t, db, svc, other)
	link := auth.LinkIdentityParams{SessionID: s.Session.ID, Issuer: "https://op.example", Subject: "1234"}
	sign := auth.SignInWithIdentityParams{Issuer: link.Issuer, Subject: link.Subject, Client: home}
	_, err := svc.Sessions.SignInWithIdentity(ctx, db, sign)
	require.ErrorIs(t, err, auth.ErrIdentityNotFound)
	row, err := svc.Access.LinkIdentity(ctx, db, link)
	require.NoError(t, err)
	again, err := svc.Access.LinkIdentity(ctx, db, link)
	require.NoError(t, err)
	require.Equal(t, row.Identity.ID, again.Identity.ID)
	link.SessionID = theirs.Session.ID
	_, err = svc.Access.LinkIdentity(ctx, db, link)
	require.ErrorIs(t, err, auth.ErrIdentityLinked)
	_, err = svc.Access.LinkIdentity(ctx, db, auth.LinkIdentityParams{SessionID: s.Session.ID, Issuer: "http://op.example"})
	require.Len(t, fault.FieldErrors(err), 2)
	in, err := svc.Sessions.SignInWithIdentity(ctx, db, sign)
	require.NoError(t, err)
	require.Equal(t, u.ID, in.UserID)
	require.NotNil(t, in.Tokens)
	// A new proof at the provider counts here, where there is no second factor.
	up, err := svc.Sessions.StepUpWithIdentity(ctx, db, auth.StepUpWithIdentityParams{SessionID: in.Tokens.Session.ID, Issuer: link.Issuer, Subject: link.Subject})
	require.NoError(t, err)
	require.Equal(t, auth.LevelElevated, up.Session.AuthLevel)
	_, err = svc.Sessions.StepUpWithIdentity(ctx, db, auth.StepUpWithIdentityParams{SessionID: theirs.Session.ID, Issuer: link.Issuer, Subject: link.Subject})
	require.ErrorIs(t, err, auth.ErrIdentityNotFound, "somebody else's")
	tries, err := svc.Audit.Attempts(ctx, db, auth.AttemptFilter{UserID: other.ID, Kind: auth.AttemptStepUp, Failed: true}, page.Request{})
	require.NoError(t, err)
	require.Len(t, tries.Items, 1, "and written down")
	_, withFactor, _, _ := enrolled(t, db, svc)
	_, err = svc.Sessions.StepUpWithIdentity(ctx, db, auth.StepUpWithIdentityParams{SessionID: withFactor.Session.ID, Issuer: link.Issuer, Subject: link.Subject})
	require.ErrorIs(t, err, auth.ErrFactorOff)
	suspend(t, db, u)
	_, err = svc.Sessions.SignInWithIdentity(ctx, db, sign)
	require.ErrorIs(t, err, auth.ErrSignIn)
	exec(t, db, "UPDATE auth.users SET status = 'active' WHERE id = ?", u.ID)
	held, err := svc.Access.Identities(ctx, db, u.ID)
	require.NoError(t, err)
	require.Len(t, held, 1)
	require.NoError(t, failure(svc.Access.UnlinkIdentity(ctx, db, auth.UnlinkIdentityParams{SessionID: signIn(t, db, svc, u).Session.ID, IdentityID: row.Identity.ID})))
	_, err = svc.Sessions.SignInWithIdentity(ctx, db, sign)
	require.ErrorIs(t, err, auth.ErrIdentityNotFound)
}
