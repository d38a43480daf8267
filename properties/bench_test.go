package properties_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/page"
)

// A property with a thousand units, in the library's own transaction and in the
// caller's.
func BenchmarkRegisterProperty_1000Units(b *testing.B) {
	svc, list := service(), numbered(1000)
	b.Run("pool", func(b *testing.B) {
		db := pgtest.Clone(b)
		for b.Loop() {
			_, err := svc.RegisterProperty(b.Context(), db, sample(func(p *properties.RegisterPropertyParams) { p.Units = list }))
			require.NoError(b, err)
		}
	})
	b.Run("tx", func(b *testing.B) {
		db := pgtest.Tx(b)
		for b.Loop() {
			_, err := svc.RegisterProperty(b.Context(), db, sample(func(p *properties.RegisterPropertyParams) { p.Units = list }))
			require.NoError(b, err)
		}
	})
}

// The first and the last page of a list of 20,000 units.
func BenchmarkUnits_page(b *testing.B) {
	db, svc := pgtest.Clone(b), service()
	p, err := svc.RegisterProperty(b.Context(), db, sample(func(p *properties.RegisterPropertyParams) { p.Units = numbered(20_000) }))
	require.NoError(b, err)
	_, err = db.ExecContext(b.Context(), "VACUUM ANALYZE properties.units")
	require.NoError(b, err)
	last := page.Request{Limit: 100}
	for req := (page.Request{Limit: 1000}); ; {
		got, err := svc.Units(b.Context(), db, p.ID, properties.UnitFilter{}, req)
		require.NoError(b, err)
		if got.Next == "" {
			break
		}
		req.After, last.After = got.Next, got.Next
	}
	for name, req := range map[string]page.Request{"first": {Limit: 100}, "last": last} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				got, err := svc.Units(b.Context(), db, p.ID, properties.UnitFilter{}, req)
				require.NoError(b, err)
				require.Len(b, got.Items, 100)
			}
		})
	}
}
