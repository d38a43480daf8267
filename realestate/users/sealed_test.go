package users

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/vault"
)

// Without a vault nothing secret is stored, and nothing of the verb.
func TestSealed_noVault(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), NewService(Config{})
	user := person(t, tx)
	_, err := svc.SaveProfile(ctx, tx, SaveProfileParams{UserID: user, FirstName: ptr("Ada"), DateOfBirth: ptr(date.MustParse("1970-01-01"))})
	require.ErrorIs(t, err, vault.ErrNoVault)
	_, err = svc.Profile(ctx, tx, user)
	require.ErrorIs(t, err, ErrProfileNotFound)
	_, err = svc.SubmitVerification(ctx, tx, SubmitVerificationParams{UserID: user, Type: VerificationKYC, Data: auth.NewSecret("x").Ptr()})
	require.ErrorIs(t, err, vault.ErrNoVault)
	_, err = svc.SaveProfile(ctx, tx, SaveProfileParams{UserID: user, FirstName: ptr("Ada")})
	require.NoError(t, err, "what is not secret needs none")
	_, err = svc.DateOfBirth(ctx, tx, user)
	require.ErrorIs(t, err, ErrNoDateOfBirth)
}

// The database refuses a secret in the clear, whoever writes it.
func TestSealed_plaintextRefused(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), service()
	user := person(t, tx)
	_, err := svc.SaveProfile(ctx, tx, SaveProfileParams{UserID: user, DateOfBirth: ptr(date.MustParse("1970-01-01"))})
	require.NoError(t, err)
	v := submit(t, tx, user, VerificationKYC)
	for q, field := range map[string]string{
		"UPDATE users.profiles SET date_of_birth = '1970-01-01' WHERE user_id = ?":          "date_of_birth",
		"UPDATE users.profiles SET date_of_birth = 'fv1.' WHERE user_id = ?":                "date_of_birth",
		"UPDATE users.verifications SET verification_data = '{\"a\": 1}' WHERE user_id = ?": "verification_data",
	} {
		err := store.InTx(ctx, tx, func(tx bun.IDB) error {
			_, err := tx.ExecContext(ctx, q, user)
			return store.Err(err, constraints)
		})
		require.ErrorIs(t, err, store.ErrCheck, q)
		require.Equal(t, field, fault.FieldErrors(err)[0].Field)
	}
	require.Nil(t, v.VerificationData)
}

// A sealed value opens in its own row and for its own user only.
func TestSealed_boundToTheirUser(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), service()
	ada, bob := person(t, tx), person(t, tx)
	_, err := svc.SaveProfile(ctx, tx, SaveProfileParams{UserID: ada, DateOfBirth: ptr(date.MustParse("1970-01-01"))})
	require.NoError(t, err)
	_, err = tx.ExecContext(ctx, "UPDATE users.profiles SET user_id = ? WHERE user_id = ?", bob, ada)
	require.NoError(t, err)
	_, err = svc.DateOfBirth(ctx, tx, bob)
	require.ErrorIs(t, err, vault.ErrForged)
	v, err := svc.SubmitVerification(ctx, tx, SubmitVerificationParams{UserID: ada, Type: VerificationKYC, Data: auth.NewSecret("passport 123").Ptr()})
	require.NoError(t, err)
	_, err = tx.ExecContext(ctx, "UPDATE users.verifications SET user_id = ? WHERE id = ?", bob, v.ID)
	require.NoError(t, err)
	_, err = svc.VerificationData(ctx, tx, v.ID)
	require.ErrorIs(t, err, vault.ErrForged)
}

// Resealing goes on past what does not open, and says where that is.
func TestReseal(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	old, both, fresh := sealing("a"), sealing("b", "a"), sealing("b")
	var people []id.Of[auth.User]
	for range 3 {
		who := person(t, tx)
		people = append(people, who)
		_, err := old.SaveProfile(ctx, tx, SaveProfileParams{UserID: who, DateOfBirth: ptr(date.MustParse("1970-01-01"))})
		require.NoError(t, err)
	}
	v, err := old.SubmitVerification(ctx, tx, SubmitVerificationParams{UserID: people[0], Type: VerificationKYC, Data: auth.NewSecret("passport 123").Ptr()})
	require.NoError(t, err)
	broken, err := old.Profile(ctx, tx, people[1])
	require.NoError(t, err)
	_, err = tx.ExecContext(ctx, "UPDATE users.profiles SET date_of_birth = 'fv1.a.AAAA' WHERE id = ?", broken.ID)
	require.NoError(t, err)

	report, err := both.Reseal(ctx, tx, 1)
	require.NoError(t, err)
	require.Equal(t, 3, report.Resealed)
	require.Zero(t, report.Skipped)
	require.Len(t, report.Failed, 1)
	require.Equal(t, vault.Unsealable{Table: "users.profiles", Column: "date_of_birth", ID: broken.ID.String(), Err: vault.ErrSealed}, report.Failed[0])
	born, err := fresh.DateOfBirth(ctx, tx, people[2])
	require.NoError(t, err)
	require.Equal(t, "1970-01-01", born.String())
	data, err := fresh.VerificationData(ctx, tx, v.ID)
	require.NoError(t, err)
	require.Equal(t, "passport 123", data.Reveal())
	_, err = NewService(Config{}).Reseal(ctx, tx, 1)
	require.ErrorIs(t, err, vault.ErrNoVault)
}

// Texts and lists have their bounds, and what nobody sees is refused.
func TestSaveProfile_bounds(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	user := person(t, tx)
	for name, c := range map[string]struct {
		p    SaveProfileParams
		want string
	}{
		"a bio of 64 MB":     {SaveProfileParams{Bio: ptr(strings.Repeat("x", 64<<20))}, "bio text_too_long"},
		"a zero in the name": {SaveProfileParams{FirstName: ptr("A\x00da")}, "first_name text_invisible_character"},
		"zero width":         {SaveProfileParams{LastName: ptr("Love\u200blace")}, "last_name text_invisible_character"},
		"right to left":      {SaveProfileParams{DisplayName: ptr("\u202eecalevoL")}, "display_name text_invisible_character"},
		"many sectors":       {SaveProfileParams{SectorsOfInterest: make([]string, 51)}, "sectors_of_interest too_many_entries"},
		"a long tag":         {SaveProfileParams{InvestmentInterests: []string{strings.Repeat("x", 101)}}, "investment_interests[0] text_too_long"},
		"a script":           {SaveProfileParams{WebsiteURL: ptr("javascript:alert(1)")}, "website_url url_malformed"},
		"born tomorrow":      {SaveProfileParams{DateOfBirth: ptr(date.Of(base).AddDays(1))}, "date_of_birth out_of_range"},
		"broken text":        {SaveProfileParams{Headline: ptr("\xff")}, "headline text_malformed"},
	} {
		c.p.UserID = user
		_, err := service().SaveProfile(t.Context(), tx, c.p)
		fields := fault.FieldErrors(err)
		require.Len(t, fields, 1, name)
		require.Equal(t, c.want, fields[0].Field+" "+fields[0].Code, name)
		require.Less(t, len(err.Error()), 200, "%s: no input is echoed", name)
	}
}

// Who is suspended or deleted decides on nothing, and nothing is added for a
// deleted user.
func TestVerification_inactive(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), service()
	user, officer := person(t, tx), person(t, tx)
	v := submit(t, tx, user, VerificationKYC)
	_, err := tx.ExecContext(ctx, "UPDATE auth.users SET status = 'suspended' WHERE id = ?", officer)
	require.NoError(t, err)
	_, err = svc.ApproveVerification(ctx, tx, ApproveVerificationParams{ID: v.ID, ReviewerID: officer})
	require.ErrorIs(t, err, auth.ErrActorInactive)
	_, err = svc.RejectVerification(ctx, tx, RejectVerificationParams{ID: v.ID, ReviewerID: officer, Reason: "no"})
	require.ErrorIs(t, err, auth.ErrActorInactive)
	_, err = svc.ApproveVerification(ctx, tx, ApproveVerificationParams{ID: v.ID})
	require.ErrorIs(t, err, auth.ErrActorRequired)

	_, err = auth.New(auth.Config{}).Users.Delete(ctx, tx, auth.DeleteUserParams{UserID: user, ActorID: user})
	require.NoError(t, err)
	_, err = svc.SubmitVerification(ctx, tx, SubmitVerificationParams{UserID: user, Type: VerificationAML})
	require.ErrorIs(t, err, auth.ErrUserDeleted)
	_, err = svc.SaveProfile(ctx, tx, SaveProfileParams{UserID: user, FirstName: ptr("Ada")})
	require.ErrorIs(t, err, auth.ErrUserDeleted)
}
