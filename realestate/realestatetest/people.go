package realestatetest

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/users"
)

// change lets the test change the parameters of a builder.
func change[P any](p *P, with []func(*P)) P {
	for _, f := range with {
		f(p)
	}
	return *p
}

// unique is a word that no other call returns, fit for slugs and addresses.
func unique() string { return id.New[string]().String() }

// User registers a user with an address of their own.
func User(t testing.TB, db bun.IDB, with ...func(*auth.RegisterParams)) *auth.User {
	t.Helper()
	p := auth.RegisterParams{Email: "user-" + unique() + "@example.test"}
	u, err := auth.New(auth.Config{}).Users.Register(t.Context(), db, change(&p, with))
	require.NoError(t, err)
	return u
}

// Investor registers a user with a profile and an approved accreditation that does not
// expire, so that gates let them commit.
func Investor(t testing.TB, db bun.IDB, with ...func(*auth.RegisterParams)) *auth.User {
	t.Helper()
	ctx, u, svc := t.Context(), User(t, db, with...), users.NewService(users.Config{})
	_, err := svc.SaveProfile(ctx, db, users.SaveProfileParams{UserID: u.ID, FirstName: new("Ada"), LastName: new("Lovelace")})
	require.NoError(t, err)
	v, err := svc.SubmitVerification(ctx, db, users.SubmitVerificationParams{UserID: u.ID, Type: users.VerificationAccredited})
	require.NoError(t, err)
	_, err = svc.ApproveVerification(ctx, db, users.ApproveVerificationParams{ID: v.ID, ReviewerID: User(t, db).ID})
	require.NoError(t, err)
	return u
}

// Account opens an account of the investor's, an LLC's unless the test says otherwise.
func Account(t testing.TB, db bun.IDB, investor id.Of[auth.User], with ...func(*investments.OpenAccountParams)) *investments.Account {
	t.Helper()
	p := investments.OpenAccountParams{InvestorID: investor, Type: investments.AccountLLC, Name: "Analytical Engines LLC", ActorID: investor}
	a, err := investments.New(investments.Config{}).Accounts.Open(t.Context(), db, change(&p, with))
	require.NoError(t, err)
	return a
}
