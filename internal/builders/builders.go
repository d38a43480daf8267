// Package builders makes the valid records that most tests need first: people and a
// property. It stands apart from package realestatetest, which has the same builders
// and more for everybody, because tests inside the packages that realestatetest imports
// cannot import it.
package builders

import (
	"database/sql"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// Change lets the test change the parameters of a builder.
func Change[P any](p *P, with []func(*P)) P {
	for _, f := range with {
		f(p)
	}
	return *p
}

// Unique is a word that no other call returns, fit for slugs and addresses.
func Unique() string { return id.New[string]().String() }

// User is realestatetest.User.
func User(t testing.TB, db bun.IDB, with ...func(*auth.RegisterParams)) *auth.User {
	t.Helper()
	p := auth.RegisterParams{Email: "user-" + Unique() + "@example.test"}
	u, err := auth.New(auth.Config{}).Users.Register(t.Context(), db, Change(&p, with))
	require.NoError(t, err)
	return u
}

// Staff is realestatetest.Staff.
func Staff(t testing.TB, db bun.IDB, roles ...auth.Role) *auth.User {
	t.Helper()
	u := User(t, db)
	for _, r := range roles {
		_, err := auth.New(auth.Config{}).Access.GrantRole(t.Context(), db, auth.GrantRoleParams{UserID: u.ID, Role: r, GrantedBy: administrator(t, db)})
		require.NoError(t, err)
	}
	return u
}

// administrator is one of the platform's, or a new one where there is none.
func administrator(t testing.TB, db bun.IDB) (who id.Of[auth.User]) {
	t.Helper()
	err := db.NewRaw("SELECT user_id FROM auth.role_grants WHERE role = ? AND object_kind IS NULL AND revoked_at IS NULL AND expires_at IS NULL ORDER BY created_at, id LIMIT 1",
		auth.RoleAdministrator).Scan(t.Context(), &who)
	if err == nil {
		return who
	}
	require.ErrorIs(t, err, sql.ErrNoRows)
	who = User(t, db).ID
	_, err = auth.New(auth.Config{}).Access.GrantRole(t.Context(), db, auth.GrantRoleParams{UserID: who, Role: auth.RoleAdministrator})
	require.NoError(t, err)
	return who
}

// Units is realestatetest.Units.
func Units(n int) []properties.UnitParams {
	list := make([]properties.UnitParams, n)
	for i := range list {
		market := money.MustParse("1500")
		list[i] = properties.UnitParams{Number: strconv.Itoa(101 + i)}
		list[i].MarketRent = &market
	}
	return list
}

// Property is realestatetest.Property.
func Property(t testing.TB, db bun.IDB, with ...func(*properties.RegisterPropertyParams)) *properties.Property {
	t.Helper()
	p := properties.RegisterPropertyParams{
		Name: "Elm Court", Slug: "elm-court-" + Unique(), AddressLine1: "1 Elm Street", City: "Columbus",
		State: "OH", ZipCode: "43004", Units: Units(4),
	}
	kind := properties.TypeMultiFamily
	p.Type = &kind
	made, err := properties.NewService(properties.Config{}).RegisterProperty(t.Context(), db, Change(&p, with))
	require.NoError(t, err)
	return made
}

// Insert writes a row in a savepoint of its own, so that a constraint that refuses it
// leaves the transaction usable, and returns what the package makes of the constraint.
func Insert(t testing.TB, db bun.IDB, constraints store.Constraints, row any) error {
	t.Helper()
	return store.InTx(t.Context(), db, func(tx bun.IDB) error {
		_, err := tx.NewInsert().Model(row).Exec(t.Context())
		return store.Err(err, constraints)
	})
}
