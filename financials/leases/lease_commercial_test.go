package leases_test

import (
	"fmt"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/financials/leases"
	"github.com/freehold-go/freehold/internal/pgtest"
)

// A settlement that was reversed was not billed: the year is settled anew, by a charge or
// by a credit.
func TestReconcileRecovery_reversed(t *testing.T) {
	t.Parallel()
	h := newHouse(t, pgtest.Tx(t), "2026-02-01", 1)
	ctx := t.Context()
	l := h.sign(0, "2025-01-01", "2029-12-31", "5000", func(p *leases.SignLeaseParams) {
		p.Charges = []leases.ChargeParams{{Kind: leases.ChargeRecovery, Amount: usd("500"), From: day("2025-01-01")}}
		p.Conditions.Recoveries = []leases.Recovery{{Pool: "cam", Area: 1000, Denominator: 10000}}
	})
	for m := range 12 {
		h.post(day("2025-01-01").AddMonths(m).String())
	}
	settle := func(costs string) (*leases.Entry, error) {
		return h.Accounts.ReconcileRecovery(ctx, h.db, leases.ReconcileRecoveryParams{IdempotencyKey: key(), LeaseID: l.ID, Year: 2025,
			Pools: []leases.PoolCosts{{Pool: "cam", Costs: leases.PoolYear{Fixed: usd(costs)}}}, DueOn: day("2026-02-01"), ActorID: h.staff})
	}
	for costs, want := range map[string]string{"65000": "charge 500.00", "52000": "credit 800.00"} {
		e, err := settle(costs)
		require.NoError(t, err)
		require.Equal(t, want, fmt.Sprint(e.Kind, " ", e.Amount))
		_, err = settle(costs)
		require.ErrorIs(t, err, leases.ErrNothingDue)
		_, err = h.Accounts.ReverseCharge(ctx, h.db, leases.ReverseChargeParams{IdempotencyKey: key(), EntryID: e.ID, ActorID: h.staff})
		require.NoError(t, err)
		again, err := settle(costs)
		require.NoError(t, err, costs)
		require.Equal(t, want, fmt.Sprint(again.Kind, " ", again.Amount))
		_, err = h.Accounts.ReverseCharge(ctx, h.db, leases.ReverseChargeParams{IdempotencyKey: key(), EntryID: again.ID, ActorID: h.staff})
		require.NoError(t, err)
	}
	require.Zero(t, h.post("2025-12-01").Leases, "the reversal of a year is none of its December")
	h.holds()
}

// A tenant bears the days of the year on which the lease ran, by what was agreed for each.
func TestReconcileRecovery_partOfYear(t *testing.T) {
	t.Parallel()
	h := newHouse(t, pgtest.Tx(t), "2025-12-31", 4)
	ctx, base := t.Context(), usd("50000")
	cam := leases.Recovery{Pool: "cam", Area: 1200, Denominator: 10000, BaseYear: &base}
	with := func(list ...leases.Recovery) func(*leases.SignLeaseParams) {
		return func(p *leases.SignLeaseParams) { p.Conditions.Recoveries = list }
	}
	settle := func(l *leases.Lease, year int, pools ...string) string {
		p := leases.ReconcileRecoveryParams{IdempotencyKey: key(), LeaseID: l.ID, Year: year, DueOn: day("2026-02-01"), ActorID: h.staff}
		for _, pool := range pools {
			p.Pools = append(p.Pools, leases.PoolCosts{Pool: pool, Costs: leases.PoolYear{Fixed: usd("60000")}})
		}
		e, err := h.Accounts.ReconcileRecovery(ctx, h.db, p)
		if err != nil {
			require.ErrorIs(t, err, leases.ErrNoRecovery)
			return "none"
		}
		return fmt.Sprint(e.Kind, " ", e.Amount)
	}
	left := h.sign(0, "2023-01-01", "2025-06-30", "5000", with(cam))
	require.Equal(t, "charge 595.07", settle(left, 2025, "cam"), "10,000 * 0.12 * 181/365")
	require.Equal(t, "charge 1200.00", settle(left, 2024, "cam"), "the whole of a leap year")
	require.Equal(t, "none", settle(left, 2026, "cam"), "they were not there")
	came := h.sign(1, "2024-12-01", "2027-11-30", "5000", with(cam))
	require.Equal(t, "charge 101.64", settle(came, 2024, "cam"), "10,000 * 0.12 * 31/366")

	// Half of the year by the old base year and half by the new one, and taxes from then on.
	newer := cam
	newer.BaseYear = ptr(usd("58000"))
	taxes := leases.Recovery{Pool: "taxes", Area: 1200, Denominator: 10000}
	both := h.sign(2, "2023-01-01", "2025-06-30", "5000", with(cam))
	_, err := h.Leases.RenewLease(ctx, h.db, leases.RenewLeaseParams{LeaseID: both.ID, StartsOn: day("2025-07-01"), EndsOn: day("2027-06-30").Ptr(),
		Rent: []leases.RentStep{{From: day("2025-07-01"), Amount: usd("5200")}}, Conditions: &leases.Conditions{Recoveries: []leases.Recovery{newer, taxes}}, ActorID: h.staff})
	require.NoError(t, err)
	require.Equal(t, "none", settle(both, 2025, "cam"), "taxes are missing")
	require.Equal(t, "none", settle(both, 2025, "cam", "taxes", "cam"), "a pool is named once")
	require.Equal(t, "charge 4345.65", settle(both, 2025, "cam", "taxes"), "595.07, 2,000 * 0.12 * 184/365 and 60,000 * 0.12 * 184/365")

	// A renewal of the same is no other year: it is rounded once.
	same := h.sign(3, "2023-01-01", "2025-04-30", "5000", with(cam))
	_, err = h.Leases.RenewLease(ctx, h.db, leases.RenewLeaseParams{LeaseID: same.ID, StartsOn: day("2025-05-01"), EndsOn: day("2027-04-30").Ptr(),
		Rent: []leases.RentStep{{From: day("2025-05-01"), Amount: usd("5200")}}, ActorID: h.staff})
	require.NoError(t, err)
	require.Equal(t, "charge 1200.00", settle(same, 2025, "cam"))
	h.holds()
}

// A step by an index has a rent before it, of which floor and cap are measured.
func TestStepByIndex_first(t *testing.T) {
	t.Parallel()
	h := newHouse(t, pgtest.Tx(t), "2026-02-01", 1)
	d := decimal.RequireFromString
	l := h.sign(0, "2026-01-01", "2029-12-31", "5000", func(p *leases.SignLeaseParams) {
		p.Conditions.Index = &leases.Index{Name: "CPI-U", BaseMonth: day("2025-01-01"), BaseRent: usd("5000"), Cap: ptr(d("0.05"))}
	})
	step := leases.StepByIndexParams{LeaseID: l.ID, From: day("2026-01-01"), Month: day("2025-12-01"), Value: d("309"), BaseValue: d("300"), ActorID: h.staff}
	_, err := h.Leases.StepByIndex(t.Context(), h.db, step)
	require.ErrorIs(t, err, leases.ErrTermDates)
	step.From = day("2026-01-02")
	a, err := h.Leases.StepByIndex(t.Context(), h.db, step)
	require.NoError(t, err)
	require.Equal(t, "5000.00 5150.00", fmt.Sprint(a.RentOn(day("2026-01-01")), " ", a.RentOn(day("2026-01-02"))))
}

// A stated breakpoint is a year's: a tenant who was there for a part of it passes the part.
func TestChargePercentageRent_partOfYear(t *testing.T) {
	t.Parallel()
	h := newHouse(t, pgtest.Tx(t), "2025-12-31", 2)
	with := func(breakpoint string) func(*leases.SignLeaseParams) {
		return func(p *leases.SignLeaseParams) {
			p.Conditions.Percentage = &leases.PercentageRent{Rate: decimal.RequireFromString("0.06")}
			if breakpoint != "" {
				p.Conditions.Percentage.Breakpoint = ptr(usd(breakpoint))
			}
		}
	}
	charge := func(l *leases.Lease, year int, sales string) string {
		e, err := h.Accounts.ChargePercentageRent(t.Context(), h.db, leases.ChargePercentageRentParams{IdempotencyKey: key(), LeaseID: l.ID, Year: year,
			Sales: usd(sales), DueOn: day("2026-02-01"), ActorID: h.staff})
		if err != nil {
			require.ErrorIs(t, err, leases.ErrNothingDue)
			return "none"
		}
		return fmt.Sprint(e.Kind, " ", e.Amount)
	}
	stated := h.sign(0, "2024-01-01", "2025-06-30", "5000", with("730000"))
	require.Equal(t, "charge 16200.00", charge(stated, 2024, "1000000"), "0.06 * 270,000, the whole of a leap year")
	require.Equal(t, "none", charge(stated, 2025, "362000"), "730,000 * 181/365")
	require.Equal(t, "charge 2280.00", charge(stated, 2025, "400000"), "0.06 * 38,000")
	require.Equal(t, "none", charge(stated, 2023, "1000000"), "the year before the lease")
	require.Equal(t, "none", charge(stated, 2026, "1000000"), "the year after it")
	natural := h.sign(1, "2024-01-01", "2025-06-30", "5000", with(""))
	require.Equal(t, "charge 6000.00", charge(natural, 2025, "600000"), "0.06 * 600,000 - 6 * 5,000")
	h.holds()

	p := leases.PercentageRent{Rate: decimal.RequireFromString("0.06")}
	for field, y := range map[string]leases.SalesYear{"sales": {Sales: usd("-1")}, "rent": {Rent: usd("-1")}, "days": {Days: 3, YearDays: 2}, "year_days": {YearDays: 367}} {
		_, err := p.Owed(y)
		require.ErrorContains(t, err, field)
	}
}
