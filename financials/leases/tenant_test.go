package leases_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/financials/leases"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/page"
)

// An update of what is there already writes nothing.
func TestUpdateTenant_same(t *testing.T) {
	t.Parallel()
	h := newHouse(t, pgtest.Tx(t), "2026-02-15", 1)
	ctx := t.Context()
	c, err := h.Leases.AddTenant(ctx, h.db, leases.AddTenantParams{Name: "Corner Shop LLC", Email: ptr("shop@example.com"), UserID: &h.second})
	require.NoError(t, err)
	for range 2 {
		same, err := h.Leases.UpdateTenant(ctx, h.db, leases.UpdateTenantParams{ID: c.ID, Version: 1, Name: ptr("Corner Shop LLC"), Email: ptr("shop@example.com"), UserID: ptr(h.second)})
		require.NoError(t, err)
		require.Equal(t, int64(1), same.Version)
	}
	c, err = h.Leases.UpdateTenant(ctx, h.db, leases.UpdateTenantParams{ID: c.ID, Version: 1, Phone: ptr("555")})
	require.NoError(t, err)
	stored, err := h.Leases.Tenant(ctx, h.db, c.ID)
	require.NoError(t, err)
	require.Equal(t, stored, c)
}

// rolled is the names on the rent rolls of a unit, by day and version.
func (h *house) rolled(unit int) (out []string) {
	h.t.Helper()
	require.NoError(h.t, h.db.NewRaw("SELECT concat(as_of_date, ' ', COALESCE(tenant_name, '-')) FROM financials.rent_roll WHERE unit_id = ? ORDER BY as_of_date, version", h.units[unit].ID).Scan(h.t.Context(), &out))
	return out
}

// A name under which a tenant was reported in one unit is somebody else's in another one
// where they live too.
func TestEraseTenant_nameOfAnother(t *testing.T) {
	t.Parallel()
	h := newHouse(t, pgtest.Tx(t), "2026-03-20", 2)
	ctx := t.Context()
	report := func(on string, names ...string) {
		var told []financials.Tenancy
		for i, name := range names {
			told = append(told, financials.Tenancy{UnitID: h.units[i].ID, Status: properties.OccupancyOccupied, TenantName: name, MonthlyRent: ptr(usd("900"))})
		}
		_, err := financials.NewService(financials.Config{}).CloseRentRoll(ctx, h.db, financials.CloseRentRollParams{PropertyID: h.property, AsOf: day(on), Tenancies: told})
		require.NoError(t, err)
	}
	report("2025-12-31", "Lee", "Lee") // in the second unit it is another one
	report("2026-01-31", "Lee", "Bo")
	c, err := h.Leases.AddTenant(ctx, h.db, leases.AddTenantParams{Name: "Anna Lee"})
	require.NoError(t, err)
	for unit, days := range [][2]string{{"2026-01-01", "2026-02-28"}, {"2026-03-01", "2026-03-10"}} {
		h.moveOut(h.sign(unit, days[0], "", "900", func(p *leases.SignLeaseParams) { p.Parties = []leases.PartyParams{{TenantID: c.ID}} }), days[1])
	}
	_, err = h.Leases.EraseTenant(ctx, h.db, leases.EraseTenantParams{TenantID: c.ID, ActorID: h.staff})
	require.NoError(t, err)
	require.Equal(t, "[2025-12-31 - 2026-01-31 -] [2025-12-31 Lee 2026-01-31 Bo]", fmt.Sprint(h.rolled(0), h.rolled(1)))
}

// An erasure finds a tenant on the rolls of their days, by whatever name, and leaves the
// names of others alone, also where one is a part of the other.
func TestEraseTenant_rolls(t *testing.T) {
	t.Parallel()
	h := newHouse(t, pgtest.Tx(t), "2025-12-31", 1)
	ctx := t.Context()
	told := []financials.Tenancy{{UnitID: h.units[0].ID, Status: properties.OccupancyOccupied, TenantName: "Ann", MonthlyRent: ptr(usd("900"))}}
	_, err := financials.NewService(financials.Config{}).CloseRentRoll(ctx, h.db, financials.CloseRentRollParams{PropertyID: h.property, AsOf: day("2025-11-30"), Tenancies: told})
	require.NoError(t, err)
	tenant := func(name string) leases.PartyParams {
		c, err := h.Leases.AddTenant(ctx, h.db, leases.AddTenantParams{Name: name})
		require.NoError(t, err)
		return leases.PartyParams{TenantID: c.ID}
	}
	ann, joanne := tenant("Ann"), tenant("Joanne")
	close := func(month string) {
		_, err := h.Rolls.CloseMonth(ctx, h.db, leases.CloseMonthParams{PropertyID: h.property, Month: day(month), ActorID: h.staff})
		require.NoError(t, err)
	}
	h.sign(0, "2025-12-01", "", "900", func(p *leases.SignLeaseParams) { p.Parties = []leases.PartyParams{ann} }) // open, as far as is known
	close("2025-12-01")
	list, err := h.Leases.Leases(ctx, h.db, leases.LeaseFilter{TenantID: &ann.TenantID}, page.Request{})
	require.NoError(t, err)
	h.today("2026-02-01")
	_, err = h.Leases.UpdateTenant(ctx, h.db, leases.UpdateTenantParams{ID: ann.TenantID, Version: 1, Name: ptr("Anna Lee")})
	require.NoError(t, err)
	close("2026-01-01")
	h.moveOut(&list.Items[0], "2026-01-31")
	h.sign(0, "2026-02-01", "", "950", func(p *leases.SignLeaseParams) { p.Parties = []leases.PartyParams{joanne} })
	h.today("2026-03-01")
	close("2026-02-01")
	require.Equal(t, "[2025-11-30 Ann 2025-12-31 Ann 2026-01-31 Anna Lee 2026-02-28 Joanne]", fmt.Sprint(h.rolled(0)))

	erased, err := h.Leases.EraseTenant(ctx, h.db, leases.EraseTenantParams{TenantID: ann.TenantID, ActorID: h.staff})
	require.NoError(t, err)
	require.Equal(t, "erased 3", fmt.Sprint(erased.Name, " ", erased.Version))
	require.Equal(t, "[2025-11-30 - 2025-12-31 - 2026-01-31 - 2026-02-28 Joanne]", fmt.Sprint(h.rolled(0)))
	h.holds()
}
