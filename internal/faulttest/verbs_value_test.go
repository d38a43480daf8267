package faulttest

import (
	"context"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

// valueVerbs change what positions are worth, and what is derived of it.
var valueVerbs = []verb{
	{"Investments.Allocate", func(w *world) command {
		o, _ := w.toApprove()
		return do(w.p.Investments.Allocate, allocation(o, investments.AllocationIncome, quarter1))
	}},
	{"Investments.Allocate of value", func(w *world) command {
		o, _ := w.toApprove()
		return do(w.p.Investments.Allocate, allocation(o, investments.AllocationUnrealized, quarter1))
	}},
	{"Investments.ReverseAllocation", func(w *world) command {
		o, _ := w.toApprove()
		a, err := w.p.Investments.Allocate(w.t.Context(), w.db, allocation(o, investments.AllocationUnrealized, quarter1))
		require.NoError(w.t, err)
		return do(w.p.Investments.ReverseAllocation, investments.ReverseAllocationParams{IdempotencyKey: key(), AllocationID: a.ID, Date: quarter1, Reason: "wrong quarter"})
	}},
	{"Investments.ExitOffering", func(w *world) command { return do(w.p.Investments.ExitOffering, exit(w.sold())) }},
	{"Investments.ReverseExit", func(w *world) command {
		o := w.sold()
		_, err := w.p.Investments.ExitOffering(w.t.Context(), w.db, exit(o))
		require.NoError(w.t, err)
		return do(w.p.Investments.ReverseExit, investments.ReverseExitParams{IdempotencyKey: key(), OfferingID: o.ID, Date: soldOn, Reason: "wrong offering"})
	}},
	{"Investments.RefreshOwnership", func(w *world) command {
		o, _ := w.toApprove()
		return func(ctx context.Context, db bun.IDB) error { return w.p.Investments.RefreshOwnership(ctx, db, o.ID) }
	}},
	{"Investments.RefreshTouched", func(w *world) command {
		_, d := w.toApprove()
		return func(ctx context.Context, db bun.IDB) error {
			return w.p.Investments.RefreshTouched(ctx, db, d.ID, quarter2)
		}
	}},
}

var soldOn = date.MustParse("2026-12-31")

func allocation(o *investments.Offering, kind investments.AllocationKind, on date.Date) investments.AllocateParams {
	return investments.AllocateParams{IdempotencyKey: key(), OfferingID: o.ID, Kind: kind, Amount: money.MustParse("1234.57"), Date: on, Description: "Q1"}
}

// sold is an offering of 100,000, of two thirds and one, that paid out 120,000
// of its sale.
func (w *world) sold() *investments.Offering {
	w.t.Helper()
	ctx, o := w.t.Context(), w.offering("1000000")
	w.funded(o, w.who[0], "66666.67")
	w.funded(o, w.who[1], "33333.33")
	_, err := w.p.Investments.CloseOffering(ctx, w.db, o.ID)
	require.NoError(w.t, err)
	_, err = w.p.Investments.Allocate(ctx, w.db, allocation(o, investments.AllocationUnrealized, quarter1))
	require.NoError(w.t, err)
	p := w.declaration(o, quarter2, "120000")
	p.Type = investments.DistributionSaleProceeds
	d, err := w.p.Investments.Declare(ctx, w.db, p)
	require.NoError(w.t, err)
	require.NoError(w.t, w.approve(d, w.boss)(ctx, w.db))
	require.NoError(w.t, w.approve(d, w.who[3])(ctx, w.db))
	_, err = w.p.Investments.Pay(ctx, w.db, payment(d))
	require.NoError(w.t, err)
	return o
}

func exit(o *investments.Offering) investments.ExitOfferingParams {
	return investments.ExitOfferingParams{IdempotencyKey: key(), OfferingID: o.ID, Date: soldOn}
}
