package auth_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate/auth"
)

// A ceremony counts for what it was begun for, and for whom.
func TestChallenge_purpose(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), signing(generous)
	u, other := member(t, db, svc), member(t, db, svc)
	s := signIn(t, db, svc, u)
	begin := func(of *auth.User, purpose auth.ChallengePurpose) auth.Secret {
		p := auth.StartCeremonyParams{Purpose: purpose, Data: []byte("{}")}
		if of != nil {
			p.UserID = &of.ID
		}
		token, err := svc.Factors.StartCeremony(ctx, db, p)
		require.NoError(t, err)
		return token
	}
	add := func(token auth.Secret) error {
		_, err := svc.Factors.AddPasskey(ctx, db, auth.AddPasskeyParams{SessionID: s.Session.ID, Token: token, CredentialID: make([]byte, 16), Credential: []byte("{}")})
		return err
	}
	require.ErrorIs(t, add(begin(u, auth.ChallengePasskeyStepUp)), auth.ErrChallenge)
	require.ErrorIs(t, add(begin(nil, auth.ChallengePasskeySignIn)), auth.ErrChallenge)
	require.ErrorIs(t, add(begin(other, auth.ChallengePasskeyEnrolment)), auth.ErrChallenge)
	token := begin(u, auth.ChallengePasskeyEnrolment)
	require.NoError(t, add(token))
	require.ErrorIs(t, add(token), auth.ErrChallenge, "once")
	_, err := svc.Factors.StartCeremony(ctx, db, auth.StartCeremonyParams{UserID: &u.ID, Purpose: auth.ChallengeSecondFactor, Data: []byte("{}")})
	require.Error(t, err, "who waits for a second factor has proved the first")
}
