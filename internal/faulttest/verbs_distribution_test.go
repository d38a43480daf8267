package faulttest

import (
	"context"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

var distributionVerbs = []verb{
	{"Distributions.Declare", func(w *world) command {
		o, _ := w.toApprove()
		return do(w.p.Distributions.Declare, w.declaration(o, quarter2, "777.77"))
	}},
	{"Distributions.Preview", func(w *world) command {
		o, _ := w.toApprove()
		return do(w.p.Distributions.Preview, w.declaration(o, quarter2, "777.77"))
	}},
	{"Distributions.Declare by terms", func(w *world) command {
		o := w.offering("1000000")
		w.waterfallTerms(o)
		w.funded(o, w.who[0], "50000")
		return do(w.p.Distributions.Declare, w.declaration(o, quarter2, "777.77"))
	}},
	{"Distributions.Approve", func(w *world) command {
		_, d := w.toApprove()
		return w.approve(d, w.boss)
	}},
	{"Distributions.Approve as the first of two", func(w *world) command { return w.approve(w.large(), w.boss) }},
	{"Distributions.Approve as the second of two", func(w *world) command {
		d := w.large()
		require.NoError(w.t, w.approve(d, w.boss)(w.t.Context(), w.db))
		return w.approve(d, w.who[3])
	}},
	{"Distributions.Reject", func(w *world) command {
		d := w.large()
		require.NoError(w.t, w.approve(d, w.boss)(w.t.Context(), w.db))
		return w.reject(d, w.who[3])
	}},
	{"Distributions.Cancel", func(w *world) command {
		_, d := w.toApprove()
		return do(w.p.Distributions.Cancel, investments.CancelDistributionParams{DistributionID: d.ID, Reason: "wrong quarter", ActorID: staff})
	}},
	{"Distributions.Pay", func(w *world) command {
		_, d := w.toPay()
		return do(w.p.Distributions.Pay, payment(d))
	}},
	{"Distributions.FailPayment", func(w *world) command {
		return do(w.p.Distributions.FailPayment, w.returned(w.paidLine()))
	}},
	{"Distributions.ReissuePayment", func(w *world) command {
		line := w.paidLine()
		_, err := w.p.Distributions.FailPayment(w.t.Context(), w.db, w.returned(line))
		require.NoError(w.t, err)
		return do(w.p.Distributions.ReissuePayment, investments.ReissuePaymentParams{IdempotencyKey: key(), LineID: line, Date: quarter1, Method: investments.PayWire, ActorID: staff})
	}},
	{"Distributions.RequestReversal", func(w *world) command {
		_, d := w.toPay()
		return do(w.p.Distributions.RequestReversal, investments.RequestReversalParams{ActorID: w.clerk, DistributionID: d.ID, Date: quarter1, Reason: "wrong quarter"})
	}},
	{"Distributions.Reverse", func(w *world) command {
		_, d := w.toPay()
		return do(w.p.Distributions.Reverse, w.reversal(d))
	}},
	{"Distributions.Reverse that was paid", func(w *world) command {
		o, _ := w.toApprove()
		return do(w.p.Distributions.Reverse, w.reversal(w.paid(o, quarter1, "500")))
	}},
	{"Distributions.Declare with a true-up", func(w *world) command {
		p := w.declaration(w.corrected(), quarter2, "777.77")
		p.TrueUp = true
		return do(w.p.Distributions.Declare, p)
	}},
	{"Distributions.Review", func(w *world) command {
		o := w.corrected()
		return about(w.p.Distributions.Review, o.ID)
	}},
	{"Distributions.Process", func(w *world) command {
		_, d := w.toPay()
		return do(w.p.Distributions.Process, processing(d))
	}},
	{"Distributions.Process in part", func(w *world) command {
		_, d := w.toPay()
		p := processing(d)
		p.Lines = w.lines(d)[:1]
		return do(w.p.Distributions.Process, p)
	}},
	{"Distributions.Process with a line without cash", func(w *world) command {
		o, _ := w.toApprove()
		d := w.withheld(o, "1")
		return do(w.p.Distributions.Process, processing(d))
	}},
	{"Distributions.ConfirmPayments", func(w *world) command {
		_, d := w.sent()
		return do(w.p.Distributions.ConfirmPayments, confirmation(d))
	}},
	{"Distributions.ConfirmPayments in part", func(w *world) command {
		_, d := w.sent()
		p := confirmation(d)
		p.Lines = w.lines(d)[:1]
		return do(w.p.Distributions.ConfirmPayments, p)
	}},
	{"Distributions.FailPayment that was sent", func(w *world) command {
		_, d := w.sent()
		return do(w.p.Distributions.FailPayment, w.returned(w.lines(d)[0]))
	}},
	{"Distributions.ReissuePayment through the bank", func(w *world) command {
		line := w.paidLine()
		_, err := w.p.Distributions.FailPayment(w.t.Context(), w.db, w.returned(line))
		require.NoError(w.t, err)
		return do(w.p.Distributions.ReissuePayment, investments.ReissuePaymentParams{IdempotencyKey: key(), LineID: line, Date: quarter1, Method: investments.PayWire, Sent: true, ActorID: staff})
	}},
	{"Distributions.RecordRecovery", func(w *world) command {
		o := w.offering("1000000")
		from := w.funded(o, w.who[0], "50000").PositionID
		d := w.paid(o, quarter1, "500")
		_, err := w.p.Distributions.Reverse(w.t.Context(), w.db, w.reversal(d))
		require.NoError(w.t, err)
		return do(w.p.Distributions.RecordRecovery, investments.RecordRecoveryParams{IdempotencyKey: key(), OfferingID: o.ID, PositionID: from,
			Amount: money.MustParse("123.45"), Date: quarter2, ActorID: staff})
	}},
	{"Capital.RequestWriteOff", func(w *world) command {
		return do(w.p.Capital.RequestWriteOff, w.writeOff())
	}},
	{"Capital.ApproveWriteOff", func(w *world) command {
		asked, err := w.p.Capital.RequestWriteOff(w.t.Context(), w.db, w.writeOff())
		require.NoError(w.t, err)
		return do(w.p.Capital.ApproveWriteOff, investments.ApproveWriteOffParams{WriteOffID: asked.ID, ActorID: w.boss})
	}},
	{"Capital.RejectWriteOff", func(w *world) command {
		asked, err := w.p.Capital.RequestWriteOff(w.t.Context(), w.db, w.writeOff())
		require.NoError(w.t, err)
		return do(w.p.Capital.RejectWriteOff, investments.RejectWriteOffParams{WriteOffID: asked.ID, ActorID: w.boss, Reason: "they were found"})
	}},
	{"Distributions.Approve that sets off", func(w *world) command {
		p := w.writeOff()
		set := w.declaration(&investments.Offering{ID: p.OfferingID}, quarter2, "400")
		set.SetOff = true
		d, err := w.p.Distributions.Declare(w.t.Context(), w.db, set)
		require.NoError(w.t, err)
		return w.approve(d, w.boss)
	}},
	{"Distributions.RemitWithholding", func(w *world) command {
		o, _ := w.toApprove()
		w.withheld(o, "0.3")
		return do(w.p.Distributions.RemitWithholding, investments.RemitWithholdingParams{IdempotencyKey: key(), OfferingID: o.ID, Amount: money.MustParse("0.01"), Date: quarter2, ActorID: staff})
	}},
}

// writeOff asks to give up a part of what somebody owes.
func (w *world) writeOff() investments.RequestWriteOffParams {
	w.t.Helper()
	o := w.offering("1000000")
	from := w.funded(o, w.who[0], "50000").PositionID
	_, err := w.p.Distributions.Reverse(w.t.Context(), w.db, w.reversal(w.paid(o, quarter1, "500")))
	require.NoError(w.t, err)
	return investments.RequestWriteOffParams{IdempotencyKey: key(), OfferingID: o.ID, PositionID: from, Amount: money.MustParse("123.45"), Date: quarter2,
		Reason: "cannot be found", ActorID: w.who[3]}
}

// large needs two people to agree to it.
func (w *world) large() *investments.Distribution {
	w.t.Helper()
	o := w.offering("1000000")
	w.funded(o, w.who[0], "66666.67")
	w.funded(o, w.who[1], "33333.33")
	return w.declared(o, quarter1, "20000.01")
}

func (w *world) reject(d *investments.Distribution, by id.Of[auth.User]) command {
	return func(ctx context.Context, db bun.IDB) error {
		_, err := w.p.Distributions.Reject(ctx, db, investments.RejectDistributionParams{DistributionID: d.ID, ActorID: by, Reason: "wrong quarter"})
		return err
	}
}

// corrected is an offering whose one distribution would be split otherwise
// today.
func (w *world) corrected() *investments.Offering {
	w.t.Helper()
	ctx, o := w.t.Context(), w.offering("1000000")
	sub := w.funded(o, w.who[0], "66666.67")
	w.funded(o, w.who[1], "33333.33")
	w.paid(o, quarter1, "1000.01")
	tr, err := w.p.Positions.RequestCorrection(ctx, w.db, investments.RequestCorrectionParams{IdempotencyKey: key(), PositionID: *sub.PositionID, ToInvestorID: w.who[2],
		Fraction: *rate("0.1"), EffectiveDate: movedOn, ActorID: w.clerk, Reason: "wrong name"})
	require.NoError(w.t, err)
	_, err = w.p.Positions.ApproveTransfer(ctx, w.db, investments.ApproveTransferParams{TransferID: tr.ID, ActorID: w.boss})
	require.NoError(w.t, err)
	require.NoError(w.t, w.complete(tr)(ctx, w.db))
	return o
}

func processing(d *investments.Distribution) investments.ProcessDistributionParams {
	return investments.ProcessDistributionParams{IdempotencyKey: key(), DistributionID: d.ID, Date: d.DistributionDate, Method: investments.PayACH, ActorID: staff}
}

func confirmation(d *investments.Distribution) investments.ConfirmPaymentsParams {
	return investments.ConfirmPaymentsParams{IdempotencyKey: key(), DistributionID: d.ID, Date: d.DistributionDate, ActorID: staff}
}

// sent is a distribution of two lines whose payments are with the bank.
func (w *world) sent() (*investments.Offering, *investments.Distribution) {
	w.t.Helper()
	o, d := w.toPay()
	d, err := w.p.Distributions.Process(w.t.Context(), w.db, processing(d))
	require.NoError(w.t, err)
	return o, d
}

// withheld is an approved distribution that withholds a fraction of the first
// position's part as tax.
func (w *world) withheld(o *investments.Offering, fraction string) *investments.Distribution {
	w.t.Helper()
	ctx, p := w.t.Context(), w.declaration(o, quarter2, "900")
	held, err := w.p.Positions.Ownership(ctx, w.db, o.ID)
	require.NoError(w.t, err)
	p.Withholding = map[id.Of[investments.Position]]decimal.Decimal{held[0].PositionID: *rate(fraction)}
	d, err := w.p.Distributions.Declare(ctx, w.db, p)
	require.NoError(w.t, err)
	d, err = w.p.Distributions.Approve(ctx, w.db, investments.ApproveDistributionParams{DistributionID: d.ID, ActorID: w.boss})
	require.NoError(w.t, err)
	return d
}

// lines are those of a distribution.
func (w *world) lines(d *investments.Distribution) (out []id.Of[investments.DistributionLine]) {
	w.t.Helper()
	list, err := w.p.Distributions.DistributionLines(w.t.Context(), w.db, d.ID, page.Request{})
	require.NoError(w.t, err)
	for i := range list.Items {
		out = append(out, list.Items[i].ID)
	}
	return out
}

// paidLine is a line of a distribution that was paid.
func (w *world) paidLine() id.Of[investments.DistributionLine] {
	w.t.Helper()
	o, _ := w.toApprove()
	return w.lines(w.paid(o, quarter1, "500"))[0]
}

func (w *world) returned(line id.Of[investments.DistributionLine]) investments.FailPaymentParams {
	return investments.FailPaymentParams{IdempotencyKey: key(), LineID: line, Date: quarter1, Reason: "account closed", ActorID: staff}
}
