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
	{"Capital.Allocate", func(w *world) command {
		o, _ := w.toApprove()
		return do(w.p.Capital.Allocate, allocation(o, investments.AllocationIncome, quarter1))
	}},
	{"Capital.Allocate of value", func(w *world) command {
		o, _ := w.toApprove()
		return do(w.p.Capital.Allocate, allocation(o, investments.AllocationUnrealized, quarter1))
	}},
	{"Capital.ReverseAllocation", func(w *world) command {
		o, _ := w.toApprove()
		a, err := w.p.Capital.Allocate(w.t.Context(), w.db, allocation(o, investments.AllocationUnrealized, quarter1))
		require.NoError(w.t, err)
		return do(w.p.Capital.ReverseAllocation, investments.ReverseAllocationParams{IdempotencyKey: key(), AllocationID: a.ID, Date: quarter1, Reason: "wrong quarter", ActorID: staff})
	}},
	{"Capital.RecordCash", func(w *world) command {
		o, _ := w.toApprove()
		return do(w.p.Capital.RecordCash, w.cashIn(o))
	}},
	{"Capital.ReverseCash", func(w *world) command {
		o, _ := w.toApprove()
		r, err := w.p.Capital.RecordCash(w.t.Context(), w.db, w.cashIn(o))
		require.NoError(w.t, err)
		return do(w.p.Capital.ReverseCash, investments.ReverseCashParams{IdempotencyKey: key(), CashID: r.ID, Date: quarter1, Reason: "bounced", ActorID: w.clerk})
	}},
	{"Offerings.MarkCashComplete", func(w *world) command {
		o, _ := w.toApprove()
		return do(w.p.Offerings.MarkCashComplete, investments.MarkCashCompleteParams{OfferingID: o.ID, Complete: true, ActorID: w.clerk})
	}},
	{"Capital.ExitOffering", func(w *world) command { return do(w.p.Capital.ExitOffering, exit(w.sold())) }},
	{"Capital.RequestExitReversal", func(w *world) command {
		o := w.sold()
		_, err := w.p.Capital.ExitOffering(w.t.Context(), w.db, exit(o))
		require.NoError(w.t, err)
		return do(w.p.Capital.RequestExitReversal, investments.RequestExitReversalParams{OfferingID: o.ID, Date: soldOn, Reason: "wrong offering", ActorID: w.clerk})
	}},
	{"Capital.ReverseExit", func(w *world) command {
		o := w.sold()
		_, err := w.p.Capital.ExitOffering(w.t.Context(), w.db, exit(o))
		require.NoError(w.t, err)
		_, err = w.p.Capital.RequestExitReversal(w.t.Context(), w.db, investments.RequestExitReversalParams{OfferingID: o.ID, Date: soldOn, Reason: "wrong offering", ActorID: w.clerk})
		require.NoError(w.t, err)
		p := investments.ReverseExitParams{IdempotencyKey: key(), OfferingID: o.ID, Date: soldOn, Reason: "wrong offering", ActorID: w.boss}
		_, err = w.p.Capital.ReverseExit(w.t.Context(), w.db, p) // of two who have to agree to so much
		require.NoError(w.t, err)
		return do(w.p.Capital.ReverseExit, investments.ReverseExitParams{IdempotencyKey: key(), OfferingID: o.ID, Date: soldOn, Reason: "wrong offering", ActorID: staff})
	}},
	{"Positions.RefreshOwnership", func(w *world) command {
		o, _ := w.toApprove()
		return func(ctx context.Context, db bun.IDB) error { return w.p.Positions.RefreshOwnership(ctx, db, o.ID) }
	}},
	{"Reports.RefreshPortfolios", func(w *world) command {
		_, d := w.toApprove()
		return func(ctx context.Context, db bun.IDB) error {
			return w.p.Reports.RefreshPortfolios(ctx, db, investments.RefreshPortfoliosParams{DistributionID: new(d.ID), AsOf: quarter2})
		}
	}},
}

var soldOn = date.MustParse("2026-12-31")

func allocation(o *investments.Offering, kind investments.AllocationKind, on date.Date) investments.AllocateParams {
	return investments.AllocateParams{IdempotencyKey: key(), OfferingID: o.ID, Kind: kind, Amount: money.MustParse("1234.57"), Date: on, Description: "Q1", ActorID: staff}
}

// sold is an offering of 100,000, of two thirds and one, that paid out 120,000
// of its sale.
func (w *world) sold() *investments.Offering {
	w.t.Helper()
	ctx, o := w.t.Context(), w.offering("1000000")
	w.funded(o, w.who[0], "66666.67")
	w.funded(o, w.who[1], "33333.33")
	_, err := w.p.Offerings.Close(ctx, w.db, investments.CloseOfferingParams{OfferingID: o.ID, ActorID: staff})
	require.NoError(w.t, err)
	_, err = w.p.Capital.Allocate(ctx, w.db, allocation(o, investments.AllocationUnrealized, quarter1))
	require.NoError(w.t, err)
	p := w.declaration(o, quarter2, "120000")
	p.Type = investments.DistributionSaleProceeds
	d, err := w.p.Distributions.Declare(ctx, w.db, p)
	require.NoError(w.t, err)
	require.NoError(w.t, w.approve(d, w.boss)(ctx, w.db))
	require.NoError(w.t, w.approve(d, w.who[3])(ctx, w.db))
	_, err = w.p.Distributions.Pay(ctx, w.db, payment(d))
	require.NoError(w.t, err)
	return o
}

func exit(o *investments.Offering) investments.ExitOfferingParams {
	return investments.ExitOfferingParams{IdempotencyKey: key(), OfferingID: o.ID, Date: soldOn, ActorID: staff}
}

// cashIn is rent of an offering's entity.
func (w *world) cashIn(o *investments.Offering) investments.RecordCashParams {
	return investments.RecordCashParams{IdempotencyKey: key(), OfferingID: o.ID, Kind: investments.CashIncome, Amount: money.MustParse("1000"), Date: quarter1, ActorID: w.clerk}
}
