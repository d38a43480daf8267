package analytics_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/analytics"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// noon is when these tests run.
var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

func newService() *analytics.Service {
	return analytics.NewService(analytics.Config{Now: func() time.Time { return noon }})
}

func exec(t *testing.T, db bun.IDB, query string, args ...any) {
	t.Helper()
	_, err := db.NewRaw(query, args...).Exec(t.Context())
	require.NoError(t, err)
}

func number(t *testing.T, db bun.IDB, query string, args ...any) (n int64) {
	t.Helper()
	require.NoError(t, db.NewRaw(query, args...).Scan(t.Context(), &n))
	return n
}

func newUser(t *testing.T, db bun.IDB) id.Of[auth.User] {
	t.Helper()
	user := id.New[auth.User]()
	exec(t, db, "INSERT INTO auth.users (id, email, password_hash) VALUES (?, ?, '!')", user, user.String()+"@example.com")
	return user
}

// newOffering makes an open offering of 1,000,000.
func newOffering(t *testing.T, db bun.IDB) (id.Of[investments.Offering], id.Of[properties.Property]) {
	t.Helper()
	property, offering := id.New[properties.Property](), id.New[investments.Offering]()
	exec(t, db, `INSERT INTO properties.properties (id, property_name, slug, address_line1, city, state, zip_code, total_units)
		VALUES (?, 'Elm', ?, '1 Elm St', 'Austin', 'TX', '78701', 10)`, property, property.String())
	exec(t, db, `INSERT INTO investments.opportunities (id, property_id, name, slug, status, target_raise)
		VALUES (?, ?, 'Elm I', ?, 'open', 1000000)`, offering, property, offering.String())
	return offering, property
}

func ptr[T any](v T) *T { return &v }
