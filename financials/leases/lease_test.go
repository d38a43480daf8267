package leases_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/financials/leases"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

func days(list ...*date.Date) (out string) {
	for _, d := range list {
		if d == nil {
			out += "- "
			continue
		}
		out += d.String() + " "
	}
	return out
}

// The life of a lease, with the columns of its unit.
func TestLease_life(t *testing.T) {
	t.Parallel()
	h := newHouse(t, pgtest.Tx(t), "2026-01-15", 2)
	ctx := t.Context()
	require.Equal(t, properties.OccupancyUnknown, h.unit(0).OccupancyStatus)
	l := h.sign(0, "2026-01-01", "2026-12-31", "1400", func(p *leases.SignLeaseParams) { p.ID = id.New[leases.Lease]() })
	u := h.unit(0)
	require.Equal(t, "occupied 1400.00 2026-01-01 2026-12-31 2026-01-01 - ", fmt.Sprint(u.OccupancyStatus, " ", u.CurrentRent, " ", days(u.LeaseStart, u.LeaseEnd, u.MoveIn, u.NoticeDate)))
	require.Equal(t, properties.OccupancyVacant, h.unit(1).OccupancyStatus, "the property's occupancy rests on leases now")
	h.holds()

	next := leases.RenewLeaseParams{LeaseID: l.ID, StartsOn: day("2027-01-01"), EndsOn: day("2027-12-31").Ptr(), Rent: []leases.RentStep{{From: day("2027-01-01"), Amount: usd("1450")},
		{From: day("2027-07-01"), Amount: usd("1475")}}, ActorID: h.staff}
	gap := next
	gap.StartsOn, gap.Rent = day("2027-01-02"), []leases.RentStep{{From: day("2027-01-02"), Amount: usd("1450")}}
	_, err := h.Leases.RenewLease(ctx, h.db, gap)
	require.ErrorIs(t, err, leases.ErrRenewalGap)
	a, err := h.Leases.RenewLease(ctx, h.db, next)
	require.NoError(t, err)
	require.Len(t, a.Terms, 2)
	require.Equal(t, "1400.00 1450.00 1475.00", fmt.Sprint(a.RentOn(day("2026-12-31")), " ", a.RentOn(day("2027-01-01")), " ", a.RentOn(day("2027-12-31"))))
	again, err := h.Leases.RenewLease(ctx, h.db, next)
	require.NoError(t, err)
	require.Equal(t, a.Terms, again.Terms, "the same renewal changes nothing")
	require.Equal(t, a.Charges, again.Charges)

	h.today("2027-08-01")
	require.NoError(t, h.Leases.RefreshUnits(ctx, h.db, leases.RefreshUnitsParams{PropertyID: h.property}))
	u = h.unit(0)
	require.Equal(t, "1475.00 2027-01-01 2027-12-31 2026-01-01 2027-07-01 ", fmt.Sprint(u.CurrentRent, " ", days(u.LeaseStart, u.LeaseEnd, u.MoveIn, u.LastRentIncrease)))
	_, err = h.Leases.GiveNotice(ctx, h.db, leases.GiveNoticeParams{LeaseID: l.ID, Date: day("2027-08-01"), LeavesOn: day("2027-10-31"), ActorID: h.staff})
	require.ErrorIs(t, err, leases.ErrTermRunning)
	_, err = h.Leases.WithdrawNotice(ctx, h.db, leases.WithdrawNoticeParams{LeaseID: l.ID, ActorID: h.staff})
	require.ErrorIs(t, err, leases.ErrNoNotice)
	_, err = h.Leases.GiveNotice(ctx, h.db, leases.GiveNoticeParams{LeaseID: l.ID, Date: day("2027-08-01"), LeavesOn: day("2027-12-31"), ActorID: h.staff})
	require.NoError(t, err)
	require.Equal(t, properties.OccupancyNotice, h.unit(0).OccupancyStatus)

	// A lease of the future stands beside the present one.
	later := h.sign(0, "2028-01-01", "2028-12-31", "1600")
	require.Equal(t, properties.OccupancyNotice, h.unit(0).OccupancyStatus)
	_, err = h.Leases.MoveOut(ctx, h.db, leases.MoveOutParams{LeaseID: l.ID, Date: day("2027-08-01"), ActorID: h.staff})
	require.NoError(t, err)
	h.today("2027-08-02")
	require.NoError(t, h.Leases.RefreshUnits(ctx, h.db, leases.RefreshUnitsParams{PropertyID: h.property}))
	u = h.unit(0)
	require.Equal(t, "vacant - - ", fmt.Sprint(u.OccupancyStatus, " ", days(u.LeaseStart, u.MoveIn)))
	require.Nil(t, u.CurrentRent)
	_, err = h.Leases.RenewLease(ctx, h.db, leases.RenewLeaseParams{LeaseID: l.ID, StartsOn: day("2029-01-01"), Rent: []leases.RentStep{{From: day("2029-01-01"), Amount: usd("1")}}, ActorID: h.staff})
	require.ErrorIs(t, err, leases.ErrLeaseMoved)
	h.holds()

	_, err = h.Leases.CancelLease(ctx, h.db, leases.CancelLeaseParams{LeaseID: later.ID, ActorID: h.staff})
	require.NoError(t, err)
	_, err = h.Leases.CancelLease(ctx, h.db, leases.CancelLeaseParams{LeaseID: later.ID, ActorID: h.staff})
	require.ErrorIs(t, err, leases.ErrLeaseCancelled)
	_, err = h.Leases.CancelLease(ctx, h.db, leases.CancelLeaseParams{LeaseID: l.ID, ActorID: h.staff})
	require.ErrorIs(t, err, leases.ErrLeaseBegun)
	h.sign(0, "2027-08-02", "", "1500")
	require.Equal(t, properties.OccupancyOccupied, h.unit(0).OccupancyStatus)
	h.holds()
}

// No two leases have a unit on one day.
func TestSignLease_overlap(t *testing.T) {
	t.Parallel()
	h := newHouse(t, pgtest.Tx(t), "2026-01-15", 1)
	ctx := t.Context()
	h.sign(0, "2026-03-01", "2027-02-28", "1400")
	for _, p := range []leases.SignLeaseParams{h.params(0, "2026-01-01", "2026-03-01", "1"), h.params(0, "2027-02-28", "", "1"), h.params(0, "2026-05-01", "2026-06-01", "1"), h.params(0, "2026-01-01", "", "1"),
		h.params(0, "2026-01-01", "2026-02-01", "1", func(p *leases.SignLeaseParams) { p.MonthToMonth = true })} {
		_, err := h.Leases.SignLease(ctx, h.db, p)
		require.ErrorIs(t, err, leases.ErrLeaseOverlap)
	}
	h.sign(0, "2026-01-01", "2026-02-28", "1")
	l := h.sign(0, "2027-03-01", "2027-05-31", "1")
	_, err := h.Leases.CorrectTerm(ctx, h.db, leases.CorrectTermParams{LeaseID: l.ID, Number: 1, StartsOn: day("2027-02-01").Ptr(), ActorID: h.staff})
	require.ErrorIs(t, err, leases.ErrLeaseOverlap)
	_, err = h.Leases.SignLease(ctx, h.db, leases.SignLeaseParams{StartsOn: day("2026-02-01"), EndsOn: day("2026-01-01").Ptr(), Conditions: leases.Conditions{DueDay: 40},
		Charges: []leases.ChargeParams{{Kind: "x"}}})
	require.Greater(t, len(fault.FieldErrors(err)), 5, "every field at once")
	h.holds()
}

// Eight sign at once for one unit; one gets it.
func TestSignLease_race(t *testing.T) {
	t.Parallel()
	h := newHouse(t, pgtest.Clone(t), "2026-01-15", 1)
	var wg sync.WaitGroup
	errs := make(chan error, 8)
	for range 8 {
		wg.Go(func() {
			_, err := h.Leases.SignLease(t.Context(), h.db, h.params(0, "2026-01-01", "2026-12-31", "1400"))
			errs <- err
		})
	}
	wg.Wait()
	close(errs)
	won := 0
	for err := range errs {
		if err == nil {
			won++
			continue
		}
		require.ErrorIs(t, err, leases.ErrLeaseOverlap)
	}
	require.Equal(t, 1, won)
	h.holds()
}

// What was known at a time can be read after it was corrected.
func TestCorrectTerm_known(t *testing.T) {
	t.Parallel()
	h := newHouse(t, pgtest.Tx(t), "2026-02-15", 1)
	ctx := t.Context()
	l := h.sign(0, "2026-02-01", "2027-01-31", "1400")
	h.today("2026-03-20")
	before := h.now
	h.today("2026-03-21")
	a, err := h.Leases.CorrectTerm(ctx, h.db, leases.CorrectTermParams{LeaseID: l.ID, Number: 1, StartsOn: day("2026-02-10").Ptr(), ActorID: h.staff})
	require.NoError(t, err)
	require.Equal(t, "2026-02-10", a.Terms[0].StartsOn.String())
	require.Equal(t, "2026-02-10", a.Charges[0].StartsOn.String(), "the rent begins with the lease")
	was, err := h.Leases.Agreement(ctx, h.db, l.ID, &before)
	require.NoError(t, err)
	require.Equal(t, "2026-02-01", was.Terms[0].StartsOn.String())
	require.Equal(t, "2026-02-01", was.Charges[0].StartsOn.String())
	roll := func(known bool) properties.OccupancyStatus {
		p := leases.RentRollParams{PropertyID: h.property, Day: day("2026-02-05")}
		if known {
			p.Known = &before
		}
		r, err := h.Rolls.RentRoll(ctx, h.db, p)
		require.NoError(t, err)
		return r.Units[0].Status
	}
	require.Equal(t, "occupied vacant", string(roll(true)+" "+roll(false)))
	_, err = h.Leases.CorrectTerm(ctx, h.db, leases.CorrectTermParams{LeaseID: l.ID, Number: 2, ActorID: h.staff})
	require.ErrorIs(t, err, leases.ErrTermNotFound)
	h.holds()
}

func TestTenants(t *testing.T) {
	t.Parallel()
	h := newHouse(t, pgtest.Tx(t), "2026-02-15", 1)
	ctx := t.Context()
	p := leases.AddTenantParams{ID: id.New[leases.Tenant](), Kind: leases.TenantCompany, Name: "Corner Shop LLC", Email: ptr("shop@example.com")}
	c, err := h.Leases.AddTenant(ctx, h.db, p)
	require.NoError(t, err)
	again, err := h.Leases.AddTenant(ctx, h.db, p)
	require.NoError(t, err)
	require.Equal(t, c.ID, again.ID)
	p.Name = "Other"
	_, err = h.Leases.AddTenant(ctx, h.db, p)
	require.ErrorIs(t, err, leases.ErrTenantExists)
	c, err = h.Leases.UpdateTenant(ctx, h.db, leases.UpdateTenantParams{ID: c.ID, Version: 1, Phone: ptr("555"), Email: ptr("")})
	require.NoError(t, err)
	require.Nil(t, c.Email)
	_, err = h.Leases.UpdateTenant(ctx, h.db, leases.UpdateTenantParams{ID: c.ID, Version: 1})
	require.ErrorIs(t, err, store.ErrStale)

	l := h.sign(0, "2026-01-01", "2026-12-31", "1400", func(s *leases.SignLeaseParams) {
		s.Parties = []leases.PartyParams{{TenantID: c.ID}, {TenantID: h.tenant, Role: leases.RoleGuarantor}}
	})
	_, err = h.Leases.ChangeParties(ctx, h.db, leases.ChangePartiesParams{LeaseID: l.ID, Remove: []id.Of[leases.Tenant]{c.ID}, ActorID: h.staff})
	require.ErrorIs(t, err, leases.ErrNoTenant)
	a, err := h.Leases.ChangeParties(ctx, h.db, leases.ChangePartiesParams{LeaseID: l.ID, Add: []leases.PartyParams{{TenantID: h.tenant, From: day("2026-02-01").Ptr()}}, ActorID: h.staff})
	require.NoError(t, err)
	require.Len(t, a.Parties, 3)
	_, err = h.Leases.EraseTenant(ctx, h.db, leases.EraseTenantParams{TenantID: c.ID, ActorID: h.staff})
	require.ErrorIs(t, err, leases.ErrTenantLeased)
	_, err = h.Leases.MoveOut(ctx, h.db, leases.MoveOutParams{LeaseID: l.ID, Date: day("2026-02-10"), ActorID: h.staff})
	require.NoError(t, err)
	e, err := h.Leases.EraseTenant(ctx, h.db, leases.EraseTenantParams{TenantID: c.ID, ActorID: h.staff})
	require.NoError(t, err)
	require.Equal(t, "erased", e.Name)
	_, err = h.Leases.UpdateTenant(ctx, h.db, leases.UpdateTenantParams{ID: c.ID, Version: e.Version, Name: ptr("x")})
	require.ErrorIs(t, err, leases.ErrTenantErased)
	_, err = h.Leases.MoveIn(ctx, h.db, leases.MoveInParams{LeaseID: l.ID, Date: day("2026-01-03"), ActorID: id.New[auth.User]()})
	require.ErrorIs(t, err, auth.ErrActorInactive)
}
