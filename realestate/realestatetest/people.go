package realestatetest

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/builders"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/users"
)

// User registers a user with an address of their own. Registered again with the same id
// and address, it is the same user.
func User(t testing.TB, db bun.IDB, with ...func(*auth.RegisterParams)) *auth.User {
	t.Helper()
	return builders.User(t, db, with...)
}

// Staff registers a user who holds roles of [auth.DefaultPolicy], granted by an
// administrator of the platform. Where there is none it makes one, who is somebody else.
func Staff(t testing.TB, db bun.IDB, roles ...auth.Role) *auth.User {
	t.Helper()
	return builders.Staff(t, db, roles...)
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
	a, err := investments.New(investments.Config{}).Accounts.Open(t.Context(), db, builders.Change(&p, with))
	require.NoError(t, err)
	return a
}
