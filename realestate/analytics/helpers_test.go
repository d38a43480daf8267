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
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/realestatetest"
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
	return realestatetest.User(t, db).ID
}

// newOffering makes an open offering of 1,000,000.
func newOffering(t *testing.T, db bun.IDB) (id.Of[investments.Offering], id.Of[properties.Property]) {
	t.Helper()
	target := money.MustParse("1000000")
	o := realestatetest.Offering(t, db, func(p *investments.CreateOfferingParams) { p.TargetRaise = &target })
	return o.ID, o.PropertyID
}

func ptr[T any](v T) *T { return &v }
