package recipes

import (
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

// valueVerbs change what positions are worth, and what is derived of it.
var valueVerbs = []Recipe{
	{"Capital.Allocate", func(w *World) Call {
		o, _ := w.ToApprove()
		return Do(w.P.Capital.Allocate, Allocation(o, investments.AllocationIncome, Quarter1))
	}},
	{"Capital.Allocate of value", func(w *World) Call {
		o, _ := w.ToApprove()
		return Do(w.P.Capital.Allocate, Allocation(o, investments.AllocationUnrealized, Quarter1))
	}},
	{"Capital.ReverseAllocation", func(w *World) Call {
		o, _ := w.ToApprove()
		a, err := w.P.Capital.Allocate(w.T.Context(), w.DB, Allocation(o, investments.AllocationUnrealized, Quarter1))
		require.NoError(w.T, err)
		return Do(w.P.Capital.ReverseAllocation, investments.ReverseAllocationParams{IdempotencyKey: Key(), AllocationID: a.ID, Date: Quarter1, Reason: "wrong quarter", ActorID: Staff})
	}},
	{"Capital.RecordCash", func(w *World) Call {
		o, _ := w.ToApprove()
		return Do(w.P.Capital.RecordCash, w.cashIn(o))
	}},
	{"Capital.ReverseCash", func(w *World) Call {
		o, _ := w.ToApprove()
		r, err := w.P.Capital.RecordCash(w.T.Context(), w.DB, w.cashIn(o))
		require.NoError(w.T, err)
		return Do(w.P.Capital.ReverseCash, investments.ReverseCashParams{IdempotencyKey: Key(), CashID: r.ID, Date: Quarter1, Reason: "bounced", ActorID: w.Clerk})
	}},
	{"Offerings.MarkCashComplete", func(w *World) Call {
		o, _ := w.ToApprove()
		return Do(w.P.Offerings.MarkCashComplete, investments.MarkCashCompleteParams{OfferingID: o.ID, Complete: true, ActorID: w.Clerk})
	}},
	{"Capital.ExitOffering", func(w *World) Call { return Do(w.P.Capital.ExitOffering, Exit(w.Sold())) }},
	{"Capital.RequestExitReversal", func(w *World) Call {
		o := w.Sold()
		_, err := w.P.Capital.ExitOffering(w.T.Context(), w.DB, Exit(o))
		require.NoError(w.T, err)
		return Do(w.P.Capital.RequestExitReversal, investments.RequestExitReversalParams{OfferingID: o.ID, Date: SoldOn, Reason: "wrong offering", ActorID: w.Clerk})
	}},
	{"Capital.ReverseExit", func(w *World) Call {
		o := w.Sold()
		_, err := w.P.Capital.ExitOffering(w.T.Context(), w.DB, Exit(o))
		require.NoError(w.T, err)
		_, err = w.P.Capital.RequestExitReversal(w.T.Context(), w.DB, investments.RequestExitReversalParams{OfferingID: o.ID, Date: SoldOn, Reason: "wrong offering", ActorID: w.Clerk})
		require.NoError(w.T, err)
		p := investments.ReverseExitParams{IdempotencyKey: Key(), OfferingID: o.ID, Date: SoldOn, Reason: "wrong offering", ActorID: w.Boss}
		_, err = w.P.Capital.ReverseExit(w.T.Context(), w.DB, p) // of two who have to agree to so much
		require.NoError(w.T, err)
		return Do(w.P.Capital.ReverseExit, investments.ReverseExitParams{IdempotencyKey: Key(), OfferingID: o.ID, Date: SoldOn, Reason: "wrong offering", ActorID: Staff})
	}},
	{"Positions.RefreshOwnership", func(w *World) Call {
		o, _ := w.ToApprove()
		return Calls(w.P.Positions.RefreshOwnership, o.ID)
	}},
	{"Reports.RefreshPortfolios", func(w *World) Call {
		_, d := w.ToApprove()
		return Calls(w.P.Reports.RefreshPortfolios, investments.RefreshPortfoliosParams{DistributionID: new(d.ID), AsOf: Quarter2})
	}},
}

var SoldOn = date.MustParse("2026-12-31")

func Allocation(o *investments.Offering, kind investments.AllocationKind, on date.Date) investments.AllocateParams {
	return investments.AllocateParams{IdempotencyKey: Key(), OfferingID: o.ID, Kind: kind, Amount: money.MustParse("1234.57"), Date: on, Description: "Q1", ActorID: Staff}
}

// Sold is an offering of 100,000, of two thirds and one, that paid out 120,000
// of its sale.
func (w *World) Sold() *investments.Offering {
	w.T.Helper()
	ctx, o := w.T.Context(), w.Offering("1000000")
	w.Funded(o, w.Who[0], "66666.67")
	w.Funded(o, w.Who[1], "33333.33")
	_, err := w.P.Offerings.Close(ctx, w.DB, investments.CloseOfferingParams{OfferingID: o.ID, ActorID: Staff})
	require.NoError(w.T, err)
	_, err = w.P.Capital.Allocate(ctx, w.DB, Allocation(o, investments.AllocationUnrealized, Quarter1))
	require.NoError(w.T, err)
	p := w.Declaration(o, Quarter2, "120000")
	p.Type = investments.DistributionSaleProceeds
	d, err := w.P.Distributions.Declare(ctx, w.DB, p)
	require.NoError(w.T, err)
	require.NoError(w.T, w.Approve(d, w.Boss).Run(ctx, w.DB))
	require.NoError(w.T, w.Approve(d, w.Who[3]).Run(ctx, w.DB))
	_, err = w.P.Distributions.Pay(ctx, w.DB, Payment(d))
	require.NoError(w.T, err)
	return o
}

func Exit(o *investments.Offering) investments.ExitOfferingParams {
	return investments.ExitOfferingParams{IdempotencyKey: Key(), OfferingID: o.ID, Date: SoldOn, ActorID: Staff}
}

// cashIn is rent of an offering's entity.
func (w *World) cashIn(o *investments.Offering) investments.RecordCashParams {
	return investments.RecordCashParams{IdempotencyKey: Key(), OfferingID: o.ID, Kind: investments.CashIncome, Amount: money.MustParse("1000"), Date: Quarter1, ActorID: w.Clerk}
}
