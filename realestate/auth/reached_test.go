package auth_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/retention"
	"github.com/freehold-go/freehold/realestate/auth"
)

// The verbs reach every column of every table of the schema: a tour through all of
// them leaves none that was never filled. What is listed here is filled by other
// packages, or by nobody for the reason given.
func TestColumns_reached(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), signing(generous)
	u, s, _, codes := enrolled(t, db, svc)
	phone, err := svc.Users.StartPhoneVerification(ctx, db, auth.StartPhoneVerificationParams{SessionID: s.Session.ID, Phone: "+1 212 555 0100"})
	require.NoError(t, err)
	_, err = svc.Users.VerifyPhone(ctx, db, auth.VerifyPhoneParams{SessionID: s.Session.ID, Code: phone.Code})
	require.NoError(t, err)
	verify, err := svc.Users.StartEmailVerification(ctx, db, u.ID)
	require.NoError(t, err)
	_, err = svc.Users.VerifyEmail(ctx, db, auth.VerifyEmailParams{Token: verify.Code})
	require.NoError(t, err)
	require.NoError(t, failure(svc.Factors.SetSMSFactor(ctx, db, auth.SetSMSFactorParams{SessionID: s.Session.ID, On: true})))
	done, err := svc.Sessions.CompleteSignIn(ctx, db, auth.CompleteSignInParams{Token: asked(t, db, svc, u).Token, Factor: auth.FactorRecoveryCode, Code: codes[0], Client: home, TrustDevice: "laptop"})
	require.NoError(t, err)
	_, err = svc.Sessions.SignIn(ctx, db, auth.SignInParams{Email: u.Email, Password: auth.NewSecret(password), Client: home, Device: done.Device})
	require.NoError(t, err)
	refreshed, err := svc.Sessions.Refresh(ctx, db, auth.RefreshParams{Token: s.Refresh, Client: home})
	require.NoError(t, err)
	_, err = svc.Factors.StartAuthenticator(ctx, db, refreshed.Session.ID)
	require.NoError(t, err)
	key, err := svc.Access.CreateAPIKey(ctx, db, auth.CreateAPIKeyParams{UserID: u.ID, Name: "k", Scopes: []string{"x"}, ExpiresAt: time.Now().AddDate(0, 1, 0), ActorID: u.ID})
	require.NoError(t, err)
	_, err = svc.Access.AuthenticateAPIKey(ctx, db, key.Key)
	require.NoError(t, err)
	next, err := svc.Access.RotateAPIKey(ctx, db, auth.RotateAPIKeyParams{ID: key.APIKey.ID, ActorID: u.ID})
	require.NoError(t, err)
	require.NoError(t, failure(svc.Access.RevokeAPIKey(ctx, db, auth.RevokeAPIKeyParams{ID: next.APIKey.ID, ActorID: u.ID})))
	_, err = svc.Access.LinkIdentity(ctx, db, auth.LinkIdentityParams{SessionID: refreshed.Session.ID, Issuer: "https://op.example", Subject: "1"})
	require.NoError(t, err)
	_, err = svc.Sessions.SignInWithIdentity(ctx, db, auth.SignInWithIdentityParams{Issuer: "https://op.example", Subject: "1"})
	require.NoError(t, err)
	reset, err := svc.Users.RequestReset(ctx, db, auth.RequestResetParams{Email: u.Email})
	require.NoError(t, err)
	_, err = svc.Users.ResetPassword(ctx, db, auth.ResetPasswordParams{Token: reset.Code, New: auth.NewSecret("another long password")})
	require.NoError(t, err)
	admin := administrator(t, db)
	expires := time.Now().AddDate(0, 1, 0)
	over := auth.ObjectOf(auth.KindOffering, admin.ID)
	g, err := svc.Access.GrantRole(ctx, db, auth.GrantRoleParams{UserID: u.ID, Role: auth.RoleApprover, Over: &over, ExpiresAt: &expires, GrantedBy: admin.ID})
	require.NoError(t, err)
	_, err = svc.Access.RevokeRole(ctx, db, auth.RevokeRoleParams{ID: g.Grant.ID, RevokedBy: admin.ID})
	require.NoError(t, err)
	_, err = attempt(t, db, svc, u.Email, "wrong")
	require.ErrorIs(t, err, auth.ErrSignIn)
	suspend(t, db, u)
	why := "case 7"
	require.NoError(t, svc.Users.SetErasureHold(ctx, db, auth.SetErasureHoldParams{UserID: u.ID, ActorID: admin.ID, Reason: &why}))
	gone := register(t, db, address("gone"))
	_, err = svc.Users.Delete(ctx, db, auth.DeleteUserParams{UserID: gone.ID, ActorID: gone.ID})
	require.NoError(t, err)

	elsewhere := []string{
		"users.erased_at", // freehold.erase_person, by Platform.Erase
		"passkeys.id", "passkeys.user_id", "passkeys.credential_id", "passkeys.credential", "passkeys.name", "passkeys.last_used_at", "passkeys.created_at",
		"passkeys.updated_at", // package passkeys
	}
	var columns []struct{ Tab, Col string }
	require.NoError(t, db.NewRaw(`SELECT c.relname AS tab, a.attname AS col FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
		WHERE c.relnamespace = 'auth'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped`).Scan(ctx, &columns))
	require.Greater(t, len(columns), 120)
	var never []string
	for _, c := range columns {
		var n int
		require.NoError(t, db.NewRaw("SELECT count(?) FROM ?", bun.Ident(c.Col), bun.Ident("auth."+c.Tab)).Scan(ctx, &n))
		if name := c.Tab + "." + c.Col; n == 0 && !slices.Contains(elsewhere, name) {
			never = append(never, name)
		}
	}
	require.Empty(t, never)
	var nobody []string // who asked for a reset; who set up the first password
	require.NoError(t, db.NewRaw("SELECT DISTINCT action FROM auth.audit_entries WHERE actor_id IS NULL ORDER BY 1").Scan(ctx, &nobody))
	require.Equal(t, []string{"password_changed", "password_reset_requested"}, nobody)
	var actions int
	require.NoError(t, db.NewRaw("SELECT count(DISTINCT action) FROM auth.audit_entries WHERE actor_id IS NOT NULL").Scan(ctx, &actions))
	require.Greater(t, actions, 16)
	_, err = svc.Audit.Purge(ctx, db, auth.PurgeParams{What: auth.PurgeChallenges, Before: time.Now().Add(-time.Minute)})
	require.NoError(t, err)
	_, err = svc.Audit.Purge(ctx, db, auth.PurgeParams{What: "x"})
	require.ErrorIs(t, err, retention.ErrPurgeWhat)
}
