package recipes

import (
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

var capitalVerbs = []Recipe{
	{"Commitments.Commit", func(w *World) Call {
		return Do(w.P.Commitments.Commit, Commitment(w.Offering("100000"), w.Who[0], "50000"))
	}},
	{"Commitments.Commit more", func(w *World) Call {
		o := w.Offering("100000")
		w.Committed(o, w.Who[0], "10000")
		return Do(w.P.Commitments.Commit, Commitment(o, w.Who[0], "50000"))
	}},
	{"Commitments.Commit that waits", func(w *World) Call {
		o := w.Offering("100000")
		w.Committed(o, w.Who[0], "100000")
		p := Commitment(o, w.Who[1], "50000")
		p.JoinWaitlist = true
		return Do(w.P.Commitments.Commit, p)
	}},
	{"Commitments.Admit", func(w *World) Call {
		return Do(w.P.Commitments.Admit, investments.AdmitParams{IdempotencyKey: Key(), SubscriptionID: w.waiting().ID, ActorID: Staff})
	}},
	{"Commitments.ScaleBack", func(w *World) Call {
		o := w.Offering("100000")
		w.Committed(o, w.Who[0], "60000")
		w.Committed(o, w.Who[1], "40000")
		p := Commitment(o, w.Who[2], "50000")
		p.JoinWaitlist = true
		_, err := w.P.Commitments.Commit(w.T.Context(), w.DB, p)
		require.NoError(w.T, err)
		return Do(w.P.Commitments.ScaleBack, investments.ScaleBackParams{IdempotencyKey: Key(), OfferingID: o.ID, Waitlist: true, ActorID: Staff})
	}},
	{"Commitments.ScaleBack without a waitlist", func(w *World) Call {
		o := w.Offering("100000")
		w.Committed(o, w.Who[0], "60000")
		w.Committed(o, w.Who[1], "40000")
		return Do(w.P.Commitments.ScaleBack, investments.ScaleBackParams{IdempotencyKey: Key(), OfferingID: o.ID, Total: cents("50000"), ActorID: Staff})
	}},
	{"Commitments.ReceiveContributions", func(w *World) Call {
		o := w.Offering("100000")
		return Do(w.P.Commitments.ReceiveContributions, Receipts(o, w.Committed(o, w.Who[0], "50000"), w.Committed(o, w.Who[1], "20000")))
	}},
	{"Commitments.ReceiveContributions on a call", func(w *World) Call {
		o, sub, _ := w.called()
		return Do(w.P.Commitments.ReceiveContributions, Receipts(o, sub, sub))
	}},
	{"Offerings.Update", func(w *World) Call {
		o, name := w.Offering("100000"), "Elm Court II"
		return Do(w.P.Offerings.Update, investments.UpdateOfferingParams{ID: o.ID, Version: o.Version, Name: &name, HardCap: cents("200000"), ActorID: Staff})
	}},
	{"Commitments.ReceiveContribution", func(w *World) Call {
		sub := w.Committed(w.Offering("100000"), w.Who[0], "50000")
		return Do(w.P.Commitments.ReceiveContribution, investments.ReceiveContributionParams{IdempotencyKey: Key(), SubscriptionID: sub.ID, Date: FundedOn, ActorID: Staff})
	}},
	{"Commitments.ReceiveContribution on a call", func(w *World) Call {
		_, sub, _ := w.called()
		return Do(w.P.Commitments.ReceiveContribution, investments.ReceiveContributionParams{IdempotencyKey: Key(), SubscriptionID: sub.ID, Amount: money.MustParse("1000"), Date: MovedOn, ActorID: Staff})
	}},
	{"Commitments.CallCapital", func(w *World) Call {
		o := w.Offering("100000")
		w.Committed(o, w.Who[0], "50000")
		return Do(w.P.Commitments.CallCapital, w.call(o))
	}},
	{"Commitments.IssueCall", func(w *World) Call {
		o := w.Offering("100000")
		w.Committed(o, w.Who[0], "50000")
		call, err := w.P.Commitments.CallCapital(w.T.Context(), w.DB, w.call(o))
		require.NoError(w.T, err)
		return Do(w.P.Commitments.IssueCall, investments.IssueCallParams{CallID: call.ID, NoticeDate: MovedOn, ActorID: Staff})
	}},
	{"Commitments.CancelCall", func(w *World) Call {
		_, _, line := w.called()
		return Do(w.P.Commitments.CancelCall, investments.CancelCallParams{CallID: line.CapitalCallID, ActorID: Staff})
	}},
	{"Commitments.ReceiveCall", func(w *World) Call {
		_, _, line := w.called()
		return Do(w.P.Commitments.ReceiveCall, investments.ReceiveCallParams{IdempotencyKey: Key(), LineID: line.ID, Date: MovedOn, ActorID: Staff})
	}},
	{"Commitments.RefundContribution", func(w *World) Call {
		sub := w.Funded(w.Offering("100000"), w.Who[0], "50000")
		return Do(w.P.Commitments.RefundContribution, investments.RefundContributionParams{IdempotencyKey: Key(), SubscriptionID: sub.ID, Date: MovedOn, ActorID: Staff})
	}},
	{"Commitments.RefundContribution in part", func(w *World) Call {
		sub := w.Funded(w.Offering("100000"), w.Who[0], "50000")
		return Do(w.P.Commitments.RefundContribution, investments.RefundContributionParams{IdempotencyKey: Key(), SubscriptionID: sub.ID, Amount: money.MustParse("0.01"), Date: MovedOn, ActorID: Staff})
	}},
	{"Commitments.CancelSubscription", func(w *World) Call {
		sub := w.Committed(w.Offering("100000"), w.Who[0], "50000")
		return Do(w.P.Commitments.CancelSubscription, investments.CancelSubscriptionParams{IdempotencyKey: Key(), SubscriptionID: sub.ID, ActorID: Staff})
	}},
	{"Commitments.CancelSubscription with a call", func(w *World) Call {
		_, sub, _ := w.called()
		return Do(w.P.Commitments.CancelSubscription, investments.CancelSubscriptionParams{IdempotencyKey: Key(), SubscriptionID: sub.ID, ActorID: Staff})
	}},
	{"Offerings.Create", func(w *World) Call {
		return Do(w.P.Offerings.Create, investments.CreateOfferingParams{PropertyID: w.Property, Name: "Elm Court", Slug: Key(), ActorID: Staff})
	}},
	{"Offerings.Open", func(w *World) Call {
		o, err := w.P.Offerings.Create(w.T.Context(), w.DB, investments.CreateOfferingParams{PropertyID: w.Property, Name: "Elm Court", Slug: Key(), ActorID: Staff})
		require.NoError(w.T, err)
		return Do(w.P.Offerings.Open, investments.OpenOfferingParams{OfferingID: o.ID, ActorID: Staff})
	}},
	{"Offerings.Close", func(w *World) Call {
		return Do(w.P.Offerings.Close, investments.CloseOfferingParams{OfferingID: w.Offering("100000").ID, ActorID: Staff})
	}},
	{"Accounts.Open", func(w *World) Call {
		return Do(w.P.Accounts.Open, investments.OpenAccountParams{InvestorID: w.Who[0], Type: investments.AccountLLC, Name: "Elm LLC", ActorID: w.Who[0]})
	}},
	{"Accounts.SetTaxID", func(w *World) Call {
		a, err := w.P.Accounts.Open(w.T.Context(), w.DB, investments.OpenAccountParams{InvestorID: w.Who[0], Type: investments.AccountLLC, Name: "Elm LLC", ActorID: w.Who[0]})
		require.NoError(w.T, err)
		return Do(w.P.Accounts.SetTaxID, investments.SetTaxIDParams{AccountID: a.ID, TaxID: auth.NewSecret("12-3456789"), ActorID: Staff})
	}},
	{"Accounts.RequestInstruction", func(w *World) Call { return Do(w.P.Accounts.RequestInstruction, w.instruction()) }},
	{"Accounts.ApproveInstruction", func(w *World) Call {
		in, err := w.P.Accounts.RequestInstruction(w.T.Context(), w.DB, w.instruction())
		require.NoError(w.T, err)
		return Do(w.P.Accounts.ApproveInstruction, investments.ApproveInstructionParams{InstructionID: in.ID, ActorID: Staff})
	}},
	{"Accounts.RejectInstruction", func(w *World) Call {
		in, err := w.P.Accounts.RequestInstruction(w.T.Context(), w.DB, w.instruction())
		require.NoError(w.T, err)
		return Do(w.P.Accounts.RejectInstruction, investments.RejectInstructionParams{InstructionID: in.ID, ActorID: Staff})
	}},
	{"Reports.PrepareStatement", func(w *World) Call {
		w.Funded(w.Offering("100000"), w.Who[0], "50000")
		return Do(w.P.Reports.PrepareStatement, investments.PrepareStatementParams{InvestorID: w.Who[0], Type: investments.StatementAnnual,
			PeriodStart: CommittedOn, PeriodEnd: MovedOn, ActorID: Staff})
	}},
	{"Offerings.Cancel", func(w *World) Call {
		o, _, _ := w.called()
		return Do(w.P.Offerings.Cancel, investments.CancelOfferingParams{OfferingID: o.ID, Reason: "no lender", ActorID: Staff})
	}},
	{"Offerings.CompleteRaise", func(w *World) Call {
		o := w.Offering("100000")
		w.Funded(o, w.Who[0], "50000")
		_, err := w.P.Offerings.Close(w.T.Context(), w.DB, investments.CloseOfferingParams{OfferingID: o.ID, ActorID: Staff})
		require.NoError(w.T, err)
		return Do(w.P.Offerings.CompleteRaise, investments.CompleteRaiseParams{OfferingID: o.ID, ActorID: Staff})
	}},
	{"Offerings.SetTerms", func(w *World) Call {
		o := w.Offering("100000")
		gp, err := w.P.Accounts.Open(w.T.Context(), w.DB, investments.OpenAccountParams{InvestorID: w.Clerk, Type: investments.AccountLLC, Name: "Sponsor LLC", ActorID: Staff})
		require.NoError(w.T, err)
		terms, err := waterfall.ParseTerms([]byte(`{"promote_recipient": "` + gp.ID.String() + `", "tiers": {"capital": [{"name": "split", "type": "split", "promote": "0.2"}]}}`))
		require.NoError(w.T, err)
		return Do(w.P.Offerings.SetTerms, investments.SetTermsParams{OfferingID: o.ID, EffectiveDate: CommittedOn, Terms: terms, ActorID: Staff})
	}},
}

var transferVerbs = []Recipe{
	{"Positions.RequestTransfer", func(w *World) Call {
		sub := w.Funded(w.Offering("100000"), w.Who[0], "50000")
		return Do(w.P.Positions.RequestTransfer, investments.RequestTransferParams{IdempotencyKey: Key(), PositionID: *sub.PositionID, ToInvestorID: w.Who[1],
			Fraction: decimal.NewFromInt(1), EffectiveDate: MovedOn, ActorID: sub.InvestorID})
	}},
	{"Positions.RequestConversion", func(w *World) Call {
		sub := w.Funded(w.Offering("100000"), w.Who[0], "50000")
		return Do(w.P.Positions.RequestConversion, investments.RequestConversionParams{IdempotencyKey: Key(), PositionID: *sub.PositionID, ToShareClass: "preferred",
			Fraction: decimal.NewFromInt(1), EffectiveDate: MovedOn, ActorID: sub.InvestorID})
	}},
	{"Positions.RequestCorrection", func(w *World) Call {
		sub := w.Funded(w.Offering("100000"), w.Who[0], "50000")
		return Do(w.P.Positions.RequestCorrection, investments.RequestCorrectionParams{IdempotencyKey: Key(), PositionID: *sub.PositionID, ToInvestorID: w.Who[1],
			Fraction: decimal.NewFromInt(1), EffectiveDate: MovedOn, ActorID: w.Clerk, Reason: "wrong name"})
	}},
	{"Positions.ApproveTransfer", func(w *World) Call {
		sub := w.Funded(w.Offering("100000"), w.Who[0], "50000")
		return Do(w.P.Positions.ApproveTransfer, investments.ApproveTransferParams{TransferID: w.transfer(sub, w.Who[1], "1", MovedOn).ID, ActorID: w.Boss})
	}},
	{"Positions.CancelTransfer", func(w *World) Call {
		_, tr := w.ToMove()
		return Do(w.P.Positions.CancelTransfer, investments.CancelTransferParams{TransferID: tr.ID, ActorID: Staff})
	}},
	{"Positions.CompleteTransfer", func(w *World) Call {
		_, tr := w.ToMove()
		return w.Complete(tr)
	}},
}

var ledgerVerbs = []Recipe{
	{"Ledger.Post", func(w *World) Call { return Do(w.P.Ledger.Post, w.journal()) }},
	{"Ledger.PostBatch", func(w *World) Call {
		return Do(w.P.Ledger.PostBatch, ledger.PostBatchParams{Journals: []ledger.PostParams{w.journal(), w.journal()}})
	}},
	{"Ledger.Reverse", func(w *World) Call {
		j, err := w.P.Ledger.Post(w.T.Context(), w.DB, w.journal())
		require.NoError(w.T, err)
		return Do(w.P.Ledger.Reverse, ledger.ReverseParams{Actor: "clerk", JournalID: j.ID, EffectiveDate: MovedOn, IdempotencyKey: Key()})
	}},
	{"Ledger.Draft", func(w *World) Call { return Do(w.P.Ledger.Draft, ledger.DraftParams{PostParams: w.journal()}) }},
	{"Ledger.PostPending", func(w *World) Call {
		d, err := w.P.Ledger.Draft(w.T.Context(), w.DB, ledger.DraftParams{PostParams: w.journal()})
		require.NoError(w.T, err)
		return Do(w.P.Ledger.PostPending, ledger.PostPendingParams{PendingJournalID: d.ID, Actor: "controller"})
	}},
	{"Ledger.Seal", func(w *World) Call {
		p := w.journal()
		_, err := w.P.Ledger.Post(w.T.Context(), w.DB, p)
		require.NoError(w.T, err)
		return Do(w.P.Ledger.Seal, ledger.SealParams{BookID: p.BookID})
	}},
}

// instruction is where an investor wants to be paid.
func (w *World) instruction() investments.RequestInstructionParams {
	return investments.RequestInstructionParams{InvestorID: w.Who[0], Method: investments.PayWire, Details: auth.NewSecret("account 1"), ActorID: w.Who[0]}
}

// waiting is a subscription on the waitlist, for which there is room now.
func (w *World) waiting() *investments.Subscription {
	w.T.Helper()
	o := w.Offering("100000")
	first := w.Committed(o, w.Who[0], "100000")
	p := Commitment(o, w.Who[1], "50000")
	p.JoinWaitlist = true
	sub, err := w.P.Commitments.Commit(w.T.Context(), w.DB, p)
	require.NoError(w.T, err)
	_, err = w.P.Commitments.CancelSubscription(w.T.Context(), w.DB, investments.CancelSubscriptionParams{IdempotencyKey: Key(), SubscriptionID: first.ID, ActorID: Staff})
	require.NoError(w.T, err)
	return sub
}

func (w *World) call(o *investments.Offering) investments.CallCapitalParams {
	return investments.CallCapitalParams{IdempotencyKey: Key(), OfferingID: o.ID, Fraction: Rate("0.5"), DueDate: date.MustParse("2026-03-01"), ActorID: w.Clerk}
}

// Receipts are money that came in for subscriptions, in one batch.
func Receipts(o *investments.Offering, subs ...*investments.Subscription) investments.ReceiveContributionsParams {
	p := investments.ReceiveContributionsParams{IdempotencyKey: Key(), OfferingID: o.ID, ActorID: Staff}
	for _, s := range subs {
		p.Receipts = append(p.Receipts, investments.Receipt{SubscriptionID: s.ID, Amount: money.MustParse("10000"), Date: MovedOn, Reference: "batch"})
	}
	return p
}

// called is a subscription of which half was called.
func (w *World) called() (*investments.Offering, *investments.Subscription, *investments.CapitalCallLine) {
	w.T.Helper()
	ctx, o := w.T.Context(), w.Offering("100000")
	sub := w.Committed(o, w.Who[0], "50000")
	call, err := w.P.Commitments.CallCapital(ctx, w.DB, w.call(o))
	require.NoError(w.T, err)
	_, err = w.P.Commitments.IssueCall(ctx, w.DB, investments.IssueCallParams{CallID: call.ID, NoticeDate: MovedOn, ActorID: Staff})
	require.NoError(w.T, err)
	lines, err := w.P.Commitments.CallLines(ctx, w.DB, call.ID, page.Request{})
	require.NoError(w.T, err)
	return o, sub, &lines.Items[0]
}

// journal is one to post, in the book of an offering.
func (w *World) journal() ledger.PostParams {
	w.T.Helper()
	o := w.Offering("100000")
	chart, err := w.P.Ledger.Chart(w.T.Context(), w.DB, *o.BookID)
	require.NoError(w.T, err)
	return ledger.PostParams{Actor: "clerk", IdempotencyKey: Key(), BookID: *o.BookID, EffectiveDate: MovedOn, Entries: []ledger.Entry{
		{Debit: chart[investments.AccountCash].ID, Credit: chart[investments.AccountPromote].ID, Amount: money.MustParse("12.34")}}}
}
