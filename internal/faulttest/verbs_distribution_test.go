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
	{"Investments.Declare", func(w *world) command {
		o, _ := w.toApprove()
		return do(w.p.Investments.Declare, w.declaration(o, quarter2, "777.77"))
	}},
	{"Investments.Preview", func(w *world) command {
		o, _ := w.toApprove()
		return do(w.p.Investments.Preview, w.declaration(o, quarter2, "777.77"))
	}},
	{"Investments.Declare by terms", func(w *world) command {
		o := w.offering("1000000")
		w.waterfallTerms(o)
		w.funded(o, w.who[0], "50000")
		return do(w.p.Investments.Declare, w.declaration(o, quarter2, "777.77"))
	}},
	{"Investments.Approve", func(w *world) command {
		_, d := w.toApprove()
		return w.approve(d, w.boss)
	}},
	{"Investments.Approve as the first of two", func(w *world) command { return w.approve(w.large(), w.boss) }},
	{"Investments.Approve as the second of two", func(w *world) command {
		d := w.large()
		require.NoError(w.t, w.approve(d, w.boss)(w.t.Context(), w.db))
		return w.approve(d, w.who[3])
	}},
	{"Investments.RejectDistribution", func(w *world) command {
		d := w.large()
		require.NoError(w.t, w.approve(d, w.boss)(w.t.Context(), w.db))
		return w.reject(d, w.who[3])
	}},
	{"Investments.CancelDistribution", func(w *world) command {
		_, d := w.toApprove()
		return on(w.p.Investments.CancelDistribution, d.ID, "wrong quarter")
	}},
	{"Investments.Pay", func(w *world) command {
		_, d := w.toPay()
		return do(w.p.Investments.Pay, payment(d))
	}},
	{"Investments.FailPayment", func(w *world) command {
		return do(w.p.Investments.FailPayment, w.returned(w.paidLine()))
	}},
	{"Investments.ReissuePayment", func(w *world) command {
		line := w.paidLine()
		_, err := w.p.Investments.FailPayment(w.t.Context(), w.db, w.returned(line))
		require.NoError(w.t, err)
		return do(w.p.Investments.ReissuePayment, investments.ReissuePaymentParams{IdempotencyKey: key(), LineID: line, Date: quarter1, Method: investments.PayWire})
	}},
	{"Investments.ReverseDistribution", func(w *world) command {
		_, d := w.toPay()
		return do(w.p.Investments.ReverseDistribution, reversal(d))
	}},
	{"Investments.ReverseDistribution that was paid", func(w *world) command {
		o, _ := w.toApprove()
		return do(w.p.Investments.ReverseDistribution, reversal(w.paid(o, quarter1, "500")))
	}},
	{"Investments.Declare with a true-up", func(w *world) command {
		p := w.declaration(w.corrected(), quarter2, "777.77")
		p.TrueUp = true
		return do(w.p.Investments.Declare, p)
	}},
	{"Investments.ReviewDistributions", func(w *world) command {
		o := w.corrected()
		return about(w.p.Investments.ReviewDistributions, o.ID)
	}},
	{"Investments.ProcessDistribution", func(w *world) command {
		_, d := w.toPay()
		return do(w.p.Investments.ProcessDistribution, processing(d))
	}},
	{"Investments.ProcessDistribution in part", func(w *world) command {
		_, d := w.toPay()
		p := processing(d)
		p.Lines = w.lines(d)[:1]
		return do(w.p.Investments.ProcessDistribution, p)
	}},
	{"Investments.ProcessDistribution with a line without cash", func(w *world) command {
		o, _ := w.toApprove()
		d := w.withheld(o, "1")
		return do(w.p.Investments.ProcessDistribution, processing(d))
	}},
	{"Investments.ConfirmPayments", func(w *world) command {
		_, d := w.sent()
		return do(w.p.Investments.ConfirmPayments, confirmation(d))
	}},
	{"Investments.ConfirmPayments in part", func(w *world) command {
		_, d := w.sent()
		p := confirmation(d)
		p.Lines = w.lines(d)[:1]
		return do(w.p.Investments.ConfirmPayments, p)
	}},
	{"Investments.FailPayment that was sent", func(w *world) command {
		_, d := w.sent()
		return do(w.p.Investments.FailPayment, w.returned(w.lines(d)[0]))
	}},
	{"Investments.ReissuePayment through the bank", func(w *world) command {
		line := w.paidLine()
		_, err := w.p.Investments.FailPayment(w.t.Context(), w.db, w.returned(line))
		require.NoError(w.t, err)
		return do(w.p.Investments.ReissuePayment, investments.ReissuePaymentParams{IdempotencyKey: key(), LineID: line, Date: quarter1, Method: investments.PayWire, Sent: true})
	}},
	{"Investments.RecordRecovery", func(w *world) command {
		o := w.offering("1000000")
		from := w.funded(o, w.who[0], "50000").PositionID
		d := w.paid(o, quarter1, "500")
		_, err := w.p.Investments.ReverseDistribution(w.t.Context(), w.db, reversal(d))
		require.NoError(w.t, err)
		return do(w.p.Investments.RecordRecovery, investments.RecoveryParams{IdempotencyKey: key(), OfferingID: o.ID, PositionID: from,
			Amount: money.MustParse("123.45"), Date: quarter2})
	}},
	{"Investments.RemitWithholding", func(w *world) command {
		o, _ := w.toApprove()
		w.withheld(o, "0.3")
		return do(w.p.Investments.RemitWithholding, investments.RemitParams{IdempotencyKey: key(), OfferingID: o.ID, Amount: money.MustParse("0.01"), Date: quarter2})
	}},
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
		_, err := w.p.Investments.RejectDistribution(ctx, db, d.ID, by, "wrong quarter")
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
	tr, err := w.p.Investments.RequestCorrection(ctx, w.db, investments.RequestCorrectionParams{IdempotencyKey: key(), PositionID: *sub.PositionID, ToInvestorID: w.who[2],
		Fraction: *rate("0.1"), EffectiveDate: movedOn, RequestedBy: w.clerk, Reason: "wrong name"})
	require.NoError(w.t, err)
	_, err = w.p.Investments.ApproveTransfer(ctx, w.db, tr.ID, w.boss)
	require.NoError(w.t, err)
	require.NoError(w.t, w.complete(tr)(ctx, w.db))
	return o
}

func processing(d *investments.Distribution) investments.ProcessParams {
	return investments.ProcessParams{IdempotencyKey: key(), DistributionID: d.ID, Date: d.DistributionDate, Method: investments.PayACH}
}

func confirmation(d *investments.Distribution) investments.ConfirmParams {
	return investments.ConfirmParams{IdempotencyKey: key(), DistributionID: d.ID, Date: d.DistributionDate}
}

// sent is a distribution of two lines whose payments are with the bank.
func (w *world) sent() (*investments.Offering, *investments.Distribution) {
	w.t.Helper()
	o, d := w.toPay()
	d, err := w.p.Investments.ProcessDistribution(w.t.Context(), w.db, processing(d))
	require.NoError(w.t, err)
	return o, d
}

// withheld is an approved distribution that withholds a fraction of the first
// position's part as tax.
func (w *world) withheld(o *investments.Offering, fraction string) *investments.Distribution {
	w.t.Helper()
	ctx, p := w.t.Context(), w.declaration(o, quarter2, "900")
	held, err := w.p.Investments.Ownership(ctx, w.db, o.ID)
	require.NoError(w.t, err)
	p.Withholding = map[id.Of[investments.Position]]decimal.Decimal{held[0].PositionID: *rate(fraction)}
	d, err := w.p.Investments.Declare(ctx, w.db, p)
	require.NoError(w.t, err)
	d, err = w.p.Investments.Approve(ctx, w.db, d.ID, w.boss)
	require.NoError(w.t, err)
	return d
}

// lines are those of a distribution.
func (w *world) lines(d *investments.Distribution) (out []id.Of[investments.DistributionLine]) {
	w.t.Helper()
	list, err := w.p.Investments.DistributionLines(w.t.Context(), w.db, d.ID, page.Request{})
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
	return investments.FailPaymentParams{IdempotencyKey: key(), LineID: line, Date: quarter1, Reason: "account closed"}
}
