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
