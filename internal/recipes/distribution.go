package recipes

import (
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

var distributionVerbs = []Recipe{
	{"Distributions.Declare", func(w *World) Call {
		o, _ := w.ToApprove()
		return Do(w.P.Distributions.Declare, w.Declaration(o, Quarter2, "777.77"))
	}},
	{"Distributions.Preview", func(w *World) Call {
		o, _ := w.ToApprove()
		return Do(w.P.Distributions.Preview, w.Declaration(o, Quarter2, "777.77"))
	}},
	{"Distributions.Declare by terms", func(w *World) Call {
		o := w.Offering("1000000")
		w.WaterfallTerms(o)
		w.Funded(o, w.Who[0], "50000")
		return Do(w.P.Distributions.Declare, w.Declaration(o, Quarter2, "777.77"))
	}},
	{"Distributions.Approve", func(w *World) Call {
		_, d := w.ToApprove()
		return w.Approve(d, w.Boss)
	}},
	{"Distributions.Approve as the first of two", func(w *World) Call { return w.Approve(w.Large(), w.Boss) }},
	{"Distributions.Approve as the second of two", func(w *World) Call {
		d := w.Large()
		require.NoError(w.T, w.Approve(d, w.Boss).Run(w.T.Context(), w.DB))
		return w.Approve(d, w.Who[3])
	}},
	{"Distributions.Reject", func(w *World) Call {
		d := w.Large()
		require.NoError(w.T, w.Approve(d, w.Boss).Run(w.T.Context(), w.DB))
		return w.Reject(d, w.Who[3])
	}},
	{"Distributions.Cancel", func(w *World) Call {
		_, d := w.ToApprove()
		return Do(w.P.Distributions.Cancel, investments.CancelDistributionParams{DistributionID: d.ID, Reason: "wrong quarter", ActorID: Staff})
	}},
	{"Distributions.Pay", func(w *World) Call {
		_, d := w.ToPay()
		return Do(w.P.Distributions.Pay, Payment(d))
	}},
	{"Distributions.FailPayment", func(w *World) Call {
		return Do(w.P.Distributions.FailPayment, w.Returned(w.paidLine()))
	}},
	{"Distributions.ReissuePayment", func(w *World) Call {
		line := w.paidLine()
		_, err := w.P.Distributions.FailPayment(w.T.Context(), w.DB, w.Returned(line))
		require.NoError(w.T, err)
		return Do(w.P.Distributions.ReissuePayment, investments.ReissuePaymentParams{IdempotencyKey: Key(), LineID: line, Date: Quarter1, Method: investments.PayWire, ActorID: Staff})
	}},
	{"Distributions.RequestReversal", func(w *World) Call {
		_, d := w.ToPay()
		return Do(w.P.Distributions.RequestReversal, investments.RequestReversalParams{ActorID: w.Clerk, DistributionID: d.ID, Date: Quarter1, Reason: "wrong quarter"})
	}},
	{"Distributions.Reverse", func(w *World) Call {
		_, d := w.ToPay()
		return Do(w.P.Distributions.Reverse, w.Reversal(d))
	}},
	{"Distributions.Reverse that was paid", func(w *World) Call {
		o, _ := w.ToApprove()
		return Do(w.P.Distributions.Reverse, w.Reversal(w.Paid(o, Quarter1, "500")))
	}},
	{"Distributions.Declare with a true-up", func(w *World) Call {
		p := w.Declaration(w.corrected(), Quarter2, "777.77")
		p.TrueUp = true
		return Do(w.P.Distributions.Declare, p)
	}},
	{"Distributions.Review", func(w *World) Call {
		o := w.corrected()
		return Do(w.P.Distributions.Review, o.ID)
	}},
	{"Distributions.Process", func(w *World) Call {
		_, d := w.ToPay()
		return Do(w.P.Distributions.Process, Processing(d))
	}},
	{"Distributions.Process in part", func(w *World) Call {
		_, d := w.ToPay()
		p := Processing(d)
		p.Lines = w.Lines(d)[:1]
		return Do(w.P.Distributions.Process, p)
	}},
	{"Distributions.Process with a line without cash", func(w *World) Call {
		o, _ := w.ToApprove()
		d := w.withheld(o, "1")
		return Do(w.P.Distributions.Process, Processing(d))
	}},
	{"Distributions.ConfirmPayments", func(w *World) Call {
		_, d := w.Sent()
		return Do(w.P.Distributions.ConfirmPayments, Confirmation(d))
	}},
	{"Distributions.ConfirmPayments in part", func(w *World) Call {
		_, d := w.Sent()
		p := Confirmation(d)
		p.Lines = w.Lines(d)[:1]
		return Do(w.P.Distributions.ConfirmPayments, p)
	}},
	{"Distributions.FailPayment that was sent", func(w *World) Call {
		_, d := w.Sent()
		return Do(w.P.Distributions.FailPayment, w.Returned(w.Lines(d)[0]))
	}},
	{"Distributions.ReissuePayment through the bank", func(w *World) Call {
		line := w.paidLine()
		_, err := w.P.Distributions.FailPayment(w.T.Context(), w.DB, w.Returned(line))
		require.NoError(w.T, err)
		return Do(w.P.Distributions.ReissuePayment, investments.ReissuePaymentParams{IdempotencyKey: Key(), LineID: line, Date: Quarter1, Method: investments.PayWire, Sent: true, ActorID: Staff})
	}},
	{"Distributions.RecordRecovery", func(w *World) Call {
		o := w.Offering("1000000")
		from := w.Funded(o, w.Who[0], "50000").PositionID
		d := w.Paid(o, Quarter1, "500")
		_, err := w.P.Distributions.Reverse(w.T.Context(), w.DB, w.Reversal(d))
		require.NoError(w.T, err)
		return Do(w.P.Distributions.RecordRecovery, investments.RecordRecoveryParams{IdempotencyKey: Key(), OfferingID: o.ID, PositionID: from,
			Amount: money.MustParse("123.45"), Date: Quarter2, ActorID: Staff})
	}},
	{"Capital.RequestWriteOff", func(w *World) Call {
		return Do(w.P.Capital.RequestWriteOff, w.writeOff())
	}},
	{"Capital.ApproveWriteOff", func(w *World) Call {
		asked, err := w.P.Capital.RequestWriteOff(w.T.Context(), w.DB, w.writeOff())
		require.NoError(w.T, err)
		return Do(w.P.Capital.ApproveWriteOff, investments.ApproveWriteOffParams{WriteOffID: asked.ID, ActorID: w.Boss})
	}},
	{"Capital.RejectWriteOff", func(w *World) Call {
		asked, err := w.P.Capital.RequestWriteOff(w.T.Context(), w.DB, w.writeOff())
		require.NoError(w.T, err)
		return Do(w.P.Capital.RejectWriteOff, investments.RejectWriteOffParams{WriteOffID: asked.ID, ActorID: w.Boss, Reason: "they were found"})
	}},
	{"Distributions.Approve that sets off", func(w *World) Call {
		p := w.writeOff()
		set := w.Declaration(&investments.Offering{ID: p.OfferingID}, Quarter2, "400")
		set.SetOff = true
		d, err := w.P.Distributions.Declare(w.T.Context(), w.DB, set)
		require.NoError(w.T, err)
		return w.Approve(d, w.Boss)
	}},
	{"Distributions.RemitWithholding", func(w *World) Call {
		o, _ := w.ToApprove()
		w.withheld(o, "0.3")
		return Do(w.P.Distributions.RemitWithholding, investments.RemitWithholdingParams{IdempotencyKey: Key(), OfferingID: o.ID, Amount: money.MustParse("0.01"), Date: Quarter2, ActorID: Staff})
	}},
}

// writeOff asks to give up a part of what somebody owes.
func (w *World) writeOff() investments.RequestWriteOffParams {
	w.T.Helper()
	o := w.Offering("1000000")
	from := w.Funded(o, w.Who[0], "50000").PositionID
	_, err := w.P.Distributions.Reverse(w.T.Context(), w.DB, w.Reversal(w.Paid(o, Quarter1, "500")))
	require.NoError(w.T, err)
	return investments.RequestWriteOffParams{IdempotencyKey: Key(), OfferingID: o.ID, PositionID: from, Amount: money.MustParse("123.45"), Date: Quarter2,
		Reason: "cannot be found", ActorID: w.Who[3]}
}

// Large needs two people to agree to it.
func (w *World) Large() *investments.Distribution {
	w.T.Helper()
	o := w.Offering("1000000")
	w.Funded(o, w.Who[0], "66666.67")
	w.Funded(o, w.Who[1], "33333.33")
	return w.Declared(o, Quarter1, "20000.01")
}

// Reject is that somebody refuses a distribution.
func (w *World) Reject(d *investments.Distribution, by id.Of[auth.User]) Call {
	return Do(w.P.Distributions.Reject, investments.RejectDistributionParams{DistributionID: d.ID, ActorID: by, Reason: "wrong quarter"})
}

// corrected is an offering whose one distribution would be split otherwise
// today.
func (w *World) corrected() *investments.Offering {
	w.T.Helper()
	ctx, o := w.T.Context(), w.Offering("1000000")
	sub := w.Funded(o, w.Who[0], "66666.67")
	w.Funded(o, w.Who[1], "33333.33")
	w.Paid(o, Quarter1, "1000.01")
	tr, err := w.P.Positions.RequestCorrection(ctx, w.DB, investments.RequestCorrectionParams{IdempotencyKey: Key(), PositionID: *sub.PositionID, ToInvestorID: w.Who[2],
		Fraction: *Rate("0.1"), EffectiveDate: MovedOn, ActorID: w.Clerk, Reason: "wrong name"})
	require.NoError(w.T, err)
	_, err = w.P.Positions.ApproveTransfer(ctx, w.DB, investments.ApproveTransferParams{TransferID: tr.ID, ActorID: w.Boss})
	require.NoError(w.T, err)
	require.NoError(w.T, w.Complete(tr).Run(ctx, w.DB))
	return o
}

// Processing sends all payments of a distribution to the bank.
func Processing(d *investments.Distribution) investments.ProcessDistributionParams {
	return investments.ProcessDistributionParams{IdempotencyKey: Key(), DistributionID: d.ID, Date: d.DistributionDate, Method: investments.PayACH, ActorID: Staff}
}

// Confirmation is that all of them have arrived.
func Confirmation(d *investments.Distribution) investments.ConfirmPaymentsParams {
	return investments.ConfirmPaymentsParams{IdempotencyKey: Key(), DistributionID: d.ID, Date: d.DistributionDate, ActorID: Staff}
}

// Sent is a distribution of two lines whose payments are with the bank.
func (w *World) Sent() (*investments.Offering, *investments.Distribution) {
	w.T.Helper()
	o, d := w.ToPay()
	d, err := w.P.Distributions.Process(w.T.Context(), w.DB, Processing(d))
	require.NoError(w.T, err)
	return o, d
}

// withheld is an approved distribution that withholds a fraction of the first
// position's part as tax.
func (w *World) withheld(o *investments.Offering, fraction string) *investments.Distribution {
	w.T.Helper()
	ctx, p := w.T.Context(), w.Declaration(o, Quarter2, "900")
	held, err := w.P.Positions.Ownership(ctx, w.DB, o.ID)
	require.NoError(w.T, err)
	p.Withholding = map[id.Of[investments.Position]]decimal.Decimal{held[0].PositionID: *Rate(fraction)}
	d, err := w.P.Distributions.Declare(ctx, w.DB, p)
	require.NoError(w.T, err)
	d, err = w.P.Distributions.Approve(ctx, w.DB, investments.ApproveDistributionParams{DistributionID: d.ID, ActorID: w.Boss})
	require.NoError(w.T, err)
	return d
}

// Lines are those of a distribution.
func (w *World) Lines(d *investments.Distribution) (out []id.Of[investments.DistributionLine]) {
	w.T.Helper()
	list, err := w.P.Distributions.DistributionLines(w.T.Context(), w.DB, d.ID, page.Request{})
	require.NoError(w.T, err)
	for i := range list.Items {
		out = append(out, list.Items[i].ID)
	}
	return out
}

// paidLine is a line of a distribution that was paid.
func (w *World) paidLine() id.Of[investments.DistributionLine] {
	w.T.Helper()
	o, _ := w.ToApprove()
	return w.Lines(w.Paid(o, Quarter1, "500"))[0]
}

// Returned is a payment that came back.
func (w *World) Returned(line id.Of[investments.DistributionLine]) investments.FailPaymentParams {
	return investments.FailPaymentParams{IdempotencyKey: Key(), LineID: line, Date: Quarter1, Reason: "account closed", ActorID: Staff}
}

// ToPay is a distribution of two lines that is approved.
func (w *World) ToPay() (*investments.Offering, *investments.Distribution) {
	o := w.Offering("1000000")
	w.Funded(o, w.Who[0], "66666.67")
	w.Funded(o, w.Who[1], "33333.33")
	return o, w.Approved(o, Quarter1, "1000.01")
}

// Reversal asks for one, and is the agreement to it.
func (w *World) Reversal(d *investments.Distribution) investments.ReverseDistributionParams {
	w.T.Helper()
	_, err := w.P.Distributions.RequestReversal(w.T.Context(), w.DB, investments.RequestReversalParams{ActorID: w.Clerk, DistributionID: d.ID, Date: Quarter1, Reason: "wrong quarter"})
	require.NoError(w.T, err)
	return investments.ReverseDistributionParams{ActorID: w.Boss, IdempotencyKey: Key(), DistributionID: d.ID, Date: Quarter1, Reason: "wrong quarter"}
}

// Approve is that somebody agrees to a distribution.
func (w *World) Approve(d *investments.Distribution, by id.Of[auth.User]) Call {
	return Do(w.P.Distributions.Approve, investments.ApproveDistributionParams{DistributionID: d.ID, ActorID: by})
}

// ToApprove is a distribution of two lines that is declared.
func (w *World) ToApprove() (*investments.Offering, *investments.Distribution) {
	o := w.Offering("1000000")
	w.Funded(o, w.Who[0], "66666.67")
	w.Funded(o, w.Who[1], "33333.33")
	return o, w.Declared(o, Quarter1, "1000.01")
}

// ToMove is a transfer of half of a position that is approved.
func (w *World) ToMove() (*investments.Offering, *investments.Transfer) {
	o := w.Offering("1000000")
	sub := w.Funded(o, w.Who[0], "100000")
	return o, w.ApprovedTransfer(sub, w.Who[1], "0.5", MovedOn)
}

// Complete is that a transfer happens.
func (w *World) Complete(tr *investments.Transfer) Call {
	return Do(w.P.Positions.CompleteTransfer, investments.CompleteTransferParams{IdempotencyKey: Key(), TransferID: tr.ID, ActorID: Staff})
}
