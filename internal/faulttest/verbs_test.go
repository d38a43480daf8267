package faulttest

import (
	"context"
	"slices"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// verb is a way to change money or what it rests on.
type verb struct {
	// name is the service and the method, and behind a space the case of it.
	name string
	// ready makes what the verb needs, and returns a call of it that succeeds.
	ready func(w *world) command
}

// verbs are cancelled at every statement. A further one is one more row.
var verbs = slices.Concat(capitalVerbs, transferVerbs, distributionVerbs, partnerVerbs, valueVerbs, ledgerVerbs, leaseVerbs, payableVerbs)

// reads are the verbs that look at much and change nothing.
var reads = []string{"Distributions.Preview", "Distributions.Review"}

var capitalVerbs = []verb{
	{"Commitments.Commit", func(w *world) command {
		return do(w.p.Commitments.Commit, commitment(w.offering("100000"), w.who[0], "50000"))
	}},
	{"Commitments.Commit more", func(w *world) command {
		o := w.offering("100000")
		w.committed(o, w.who[0], "10000")
		return do(w.p.Commitments.Commit, commitment(o, w.who[0], "50000"))
	}},
	{"Commitments.Commit that waits", func(w *world) command {
		o := w.offering("100000")
		w.committed(o, w.who[0], "100000")
		p := commitment(o, w.who[1], "50000")
		p.JoinWaitlist = true
		return do(w.p.Commitments.Commit, p)
	}},
	{"Commitments.Admit", func(w *world) command {
		return do(w.p.Commitments.Admit, investments.AdmitParams{IdempotencyKey: key(), SubscriptionID: w.waiting().ID, ActorID: staff})
	}},
	{"Commitments.ScaleBack", func(w *world) command {
		o := w.offering("100000")
		w.committed(o, w.who[0], "60000")
		w.committed(o, w.who[1], "40000")
		p := commitment(o, w.who[2], "50000")
		p.JoinWaitlist = true
		_, err := w.p.Commitments.Commit(w.t.Context(), w.db, p)
		require.NoError(w.t, err)
		return do(w.p.Commitments.ScaleBack, investments.ScaleBackParams{IdempotencyKey: key(), OfferingID: o.ID, Waitlist: true, ActorID: staff})
	}},
	{"Commitments.ScaleBack without a waitlist", func(w *world) command {
		o := w.offering("100000")
		w.committed(o, w.who[0], "60000")
		w.committed(o, w.who[1], "40000")
		return do(w.p.Commitments.ScaleBack, investments.ScaleBackParams{IdempotencyKey: key(), OfferingID: o.ID, Total: cents("50000"), ActorID: staff})
	}},
	{"Commitments.ReceiveContributions", func(w *world) command {
		o := w.offering("100000")
		return do(w.p.Commitments.ReceiveContributions, receipts(o, w.committed(o, w.who[0], "50000"), w.committed(o, w.who[1], "20000")))
	}},
	{"Commitments.ReceiveContributions on a call", func(w *world) command {
		o, sub, _ := w.called()
		return do(w.p.Commitments.ReceiveContributions, receipts(o, sub, sub))
	}},
	{"Offerings.Update", func(w *world) command {
		o, name := w.offering("100000"), "Elm Court II"
		return do(w.p.Offerings.Update, investments.UpdateOfferingParams{ID: o.ID, Version: o.Version, Name: &name, HardCap: cents("200000"), ActorID: staff})
	}},
	{"Commitments.ReceiveContribution", func(w *world) command {
		sub := w.committed(w.offering("100000"), w.who[0], "50000")
		return do(w.p.Commitments.ReceiveContribution, investments.ReceiveContributionParams{IdempotencyKey: key(), SubscriptionID: sub.ID, Date: fundedOn, ActorID: staff})
	}},
	{"Commitments.ReceiveContribution on a call", func(w *world) command {
		_, sub, _ := w.called()
		return do(w.p.Commitments.ReceiveContribution, investments.ReceiveContributionParams{IdempotencyKey: key(), SubscriptionID: sub.ID, Amount: money.MustParse("1000"), Date: movedOn, ActorID: staff})
	}},
	{"Commitments.CallCapital", func(w *world) command {
		o := w.offering("100000")
		w.committed(o, w.who[0], "50000")
		return do(w.p.Commitments.CallCapital, w.call(o))
	}},
	{"Commitments.IssueCall", func(w *world) command {
		o := w.offering("100000")
		w.committed(o, w.who[0], "50000")
		call, err := w.p.Commitments.CallCapital(w.t.Context(), w.db, w.call(o))
		require.NoError(w.t, err)
		return do(w.p.Commitments.IssueCall, investments.IssueCallParams{CallID: call.ID, NoticeDate: movedOn, ActorID: staff})
	}},
	{"Commitments.CancelCall", func(w *world) command {
		_, _, line := w.called()
		return do(w.p.Commitments.CancelCall, investments.CancelCallParams{CallID: line.CapitalCallID, ActorID: staff})
	}},
	{"Commitments.ReceiveCall", func(w *world) command {
		_, _, line := w.called()
		return do(w.p.Commitments.ReceiveCall, investments.ReceiveCallParams{IdempotencyKey: key(), LineID: line.ID, Date: movedOn, ActorID: staff})
	}},
	{"Commitments.RefundContribution", func(w *world) command {
		sub := w.funded(w.offering("100000"), w.who[0], "50000")
		return do(w.p.Commitments.RefundContribution, investments.RefundContributionParams{IdempotencyKey: key(), SubscriptionID: sub.ID, Date: movedOn, ActorID: staff})
	}},
	{"Commitments.RefundContribution in part", func(w *world) command {
		sub := w.funded(w.offering("100000"), w.who[0], "50000")
		return do(w.p.Commitments.RefundContribution, investments.RefundContributionParams{IdempotencyKey: key(), SubscriptionID: sub.ID, Amount: money.MustParse("0.01"), Date: movedOn, ActorID: staff})
	}},
	{"Commitments.CancelSubscription", func(w *world) command {
		sub := w.committed(w.offering("100000"), w.who[0], "50000")
		return do(w.p.Commitments.CancelSubscription, investments.CancelSubscriptionParams{IdempotencyKey: key(), SubscriptionID: sub.ID, ActorID: staff})
	}},
	{"Commitments.CancelSubscription with a call", func(w *world) command {
		_, sub, _ := w.called()
		return do(w.p.Commitments.CancelSubscription, investments.CancelSubscriptionParams{IdempotencyKey: key(), SubscriptionID: sub.ID, ActorID: staff})
	}},
	{"Offerings.Create", func(w *world) command {
		return do(w.p.Offerings.Create, investments.CreateOfferingParams{PropertyID: w.prop, Name: "Elm Court", Slug: key(), ActorID: staff})
	}},
	{"Offerings.Open", func(w *world) command {
		o, err := w.p.Offerings.Create(w.t.Context(), w.db, investments.CreateOfferingParams{PropertyID: w.prop, Name: "Elm Court", Slug: key(), ActorID: staff})
		require.NoError(w.t, err)
		return do(w.p.Offerings.Open, investments.OpenOfferingParams{OfferingID: o.ID, ActorID: staff})
	}},
	{"Offerings.Close", func(w *world) command {
		return do(w.p.Offerings.Close, investments.CloseOfferingParams{OfferingID: w.offering("100000").ID, ActorID: staff})
	}},
	{"Accounts.Open", func(w *world) command {
		return do(w.p.Accounts.Open, investments.OpenAccountParams{InvestorID: w.who[0], Type: investments.AccountLLC, Name: "Elm LLC", ActorID: w.who[0]})
	}},
	{"Accounts.SetTaxID", func(w *world) command {
		a, err := w.p.Accounts.Open(w.t.Context(), w.db, investments.OpenAccountParams{InvestorID: w.who[0], Type: investments.AccountLLC, Name: "Elm LLC", ActorID: w.who[0]})
		require.NoError(w.t, err)
		return do(w.p.Accounts.SetTaxID, investments.SetTaxIDParams{AccountID: a.ID, TaxID: auth.NewSecret("12-3456789"), ActorID: staff})
	}},
	{"Accounts.RequestInstruction", func(w *world) command { return do(w.p.Accounts.RequestInstruction, w.instruction()) }},
	{"Accounts.ApproveInstruction", func(w *world) command {
		in, err := w.p.Accounts.RequestInstruction(w.t.Context(), w.db, w.instruction())
		require.NoError(w.t, err)
		return do(w.p.Accounts.ApproveInstruction, investments.ApproveInstructionParams{InstructionID: in.ID, ActorID: staff})
	}},
	{"Accounts.RejectInstruction", func(w *world) command {
		in, err := w.p.Accounts.RequestInstruction(w.t.Context(), w.db, w.instruction())
		require.NoError(w.t, err)
		return do(w.p.Accounts.RejectInstruction, investments.RejectInstructionParams{InstructionID: in.ID, ActorID: staff})
	}},
	{"Reports.PrepareStatement", func(w *world) command {
		w.funded(w.offering("100000"), w.who[0], "50000")
		return do(w.p.Reports.PrepareStatement, investments.PrepareStatementParams{InvestorID: w.who[0], Type: investments.StatementAnnual,
			PeriodStart: committedOn, PeriodEnd: movedOn, ActorID: staff})
	}},
	{"Offerings.Cancel", func(w *world) command {
		o, _, _ := w.called()
		return do(w.p.Offerings.Cancel, investments.CancelOfferingParams{OfferingID: o.ID, Reason: "no lender", ActorID: staff})
	}},
	{"Offerings.CompleteRaise", func(w *world) command {
		o := w.offering("100000")
		w.funded(o, w.who[0], "50000")
		_, err := w.p.Offerings.Close(w.t.Context(), w.db, investments.CloseOfferingParams{OfferingID: o.ID, ActorID: staff})
		require.NoError(w.t, err)
		return do(w.p.Offerings.CompleteRaise, investments.CompleteRaiseParams{OfferingID: o.ID, ActorID: staff})
	}},
	{"Offerings.SetTerms", func(w *world) command {
		o := w.offering("100000")
		gp, err := w.p.Accounts.Open(w.t.Context(), w.db, investments.OpenAccountParams{InvestorID: w.clerk, Type: investments.AccountLLC, Name: "Sponsor LLC", ActorID: staff})
		require.NoError(w.t, err)
		terms, err := waterfall.ParseTerms([]byte(`{"promote_recipient": "` + gp.ID.String() + `", "tiers": {"capital": [{"name": "split", "type": "split", "promote": "0.2"}]}}`))
		require.NoError(w.t, err)
		return do(w.p.Offerings.SetTerms, investments.SetTermsParams{OfferingID: o.ID, EffectiveDate: committedOn, Terms: terms, ActorID: staff})
	}},
}

var transferVerbs = []verb{
	{"Positions.RequestTransfer", func(w *world) command {
		sub := w.funded(w.offering("100000"), w.who[0], "50000")
		return do(w.p.Positions.RequestTransfer, investments.RequestTransferParams{IdempotencyKey: key(), PositionID: *sub.PositionID, ToInvestorID: w.who[1],
			Fraction: decimal.NewFromInt(1), EffectiveDate: movedOn, ActorID: sub.InvestorID})
	}},
	{"Positions.RequestConversion", func(w *world) command {
		sub := w.funded(w.offering("100000"), w.who[0], "50000")
		return do(w.p.Positions.RequestConversion, investments.RequestConversionParams{IdempotencyKey: key(), PositionID: *sub.PositionID, ToShareClass: "preferred",
			Fraction: decimal.NewFromInt(1), EffectiveDate: movedOn, ActorID: sub.InvestorID})
	}},
	{"Positions.RequestCorrection", func(w *world) command {
		sub := w.funded(w.offering("100000"), w.who[0], "50000")
		return do(w.p.Positions.RequestCorrection, investments.RequestCorrectionParams{IdempotencyKey: key(), PositionID: *sub.PositionID, ToInvestorID: w.who[1],
			Fraction: decimal.NewFromInt(1), EffectiveDate: movedOn, ActorID: w.clerk, Reason: "wrong name"})
	}},
	{"Positions.ApproveTransfer", func(w *world) command {
		sub := w.funded(w.offering("100000"), w.who[0], "50000")
		return do(w.p.Positions.ApproveTransfer, investments.ApproveTransferParams{TransferID: w.transfer(sub, w.who[1], "1", movedOn).ID, ActorID: w.boss})
	}},
	{"Positions.CancelTransfer", func(w *world) command {
		_, tr := w.toMove()
		return do(w.p.Positions.CancelTransfer, investments.CancelTransferParams{TransferID: tr.ID, ActorID: staff})
	}},
	{"Positions.CompleteTransfer", func(w *world) command {
		_, tr := w.toMove()
		return w.complete(tr)
	}},
}

var ledgerVerbs = []verb{
	{"Ledger.Post", func(w *world) command { return do(w.p.Ledger.Post, w.journal()) }},
	{"Ledger.PostBatch", func(w *world) command {
		return do(w.p.Ledger.PostBatch, ledger.PostBatchParams{Journals: []ledger.PostParams{w.journal(), w.journal()}})
	}},
	{"Ledger.Reverse", func(w *world) command {
		j, err := w.p.Ledger.Post(w.t.Context(), w.db, w.journal())
		require.NoError(w.t, err)
		return func(ctx context.Context, db bun.IDB) error {
			_, err := w.p.Ledger.Reverse(ctx, db, ledger.ReverseParams{Actor: "clerk", JournalID: j.ID, EffectiveDate: movedOn, IdempotencyKey: key()})
			return err
		}
	}},
	{"Ledger.Draft", func(w *world) command { return do(w.p.Ledger.Draft, ledger.DraftParams{PostParams: w.journal()}) }},
	{"Ledger.PostPending", func(w *world) command {
		d, err := w.p.Ledger.Draft(w.t.Context(), w.db, ledger.DraftParams{PostParams: w.journal()})
		require.NoError(w.t, err)
		return about(w.p.Ledger.PostPending, d.ID)
	}},
	{"Ledger.Seal", func(w *world) command {
		p := w.journal()
		_, err := w.p.Ledger.Post(w.t.Context(), w.db, p)
		require.NoError(w.t, err)
		return do(w.p.Ledger.Seal, ledger.SealParams{BookID: p.BookID})
	}},
}

// about makes a command of a verb that takes an id.
func about[T, R any](verb func(context.Context, bun.IDB, id.Of[T]) (R, error), v id.Of[T]) command {
	return do(verb, v)
}

// instruction is where an investor wants to be paid.
func (w *world) instruction() investments.RequestInstructionParams {
	return investments.RequestInstructionParams{InvestorID: w.who[0], Method: investments.PayWire, Details: auth.NewSecret("account 1"), ActorID: w.who[0]}
}

// waiting is a subscription on the waitlist, for which there is room now.
func (w *world) waiting() *investments.Subscription {
	w.t.Helper()
	o := w.offering("100000")
	first := w.committed(o, w.who[0], "100000")
	p := commitment(o, w.who[1], "50000")
	p.JoinWaitlist = true
	sub, err := w.p.Commitments.Commit(w.t.Context(), w.db, p)
	require.NoError(w.t, err)
	_, err = w.p.Commitments.CancelSubscription(w.t.Context(), w.db, investments.CancelSubscriptionParams{IdempotencyKey: key(), SubscriptionID: first.ID, ActorID: staff})
	require.NoError(w.t, err)
	return sub
}

func (w *world) call(o *investments.Offering) investments.CallCapitalParams {
	return investments.CallCapitalParams{IdempotencyKey: key(), OfferingID: o.ID, Fraction: rate("0.5"), DueDate: date.MustParse("2026-03-01"), ActorID: w.clerk}
}

// receipts are money that came in for subscriptions, in one batch.
func receipts(o *investments.Offering, subs ...*investments.Subscription) investments.ReceiveContributionsParams {
	p := investments.ReceiveContributionsParams{IdempotencyKey: key(), OfferingID: o.ID, ActorID: staff}
	for _, s := range subs {
		p.Receipts = append(p.Receipts, investments.Receipt{SubscriptionID: s.ID, Amount: money.MustParse("10000"), Date: movedOn, Reference: "batch"})
	}
	return p
}

// called is a subscription of which half was called.
func (w *world) called() (*investments.Offering, *investments.Subscription, *investments.CapitalCallLine) {
	w.t.Helper()
	ctx, o := w.t.Context(), w.offering("100000")
	sub := w.committed(o, w.who[0], "50000")
	call, err := w.p.Commitments.CallCapital(ctx, w.db, w.call(o))
	require.NoError(w.t, err)
	_, err = w.p.Commitments.IssueCall(ctx, w.db, investments.IssueCallParams{CallID: call.ID, NoticeDate: movedOn, ActorID: staff})
	require.NoError(w.t, err)
	lines, err := w.p.Commitments.CallLines(ctx, w.db, call.ID, page.Request{})
	require.NoError(w.t, err)
	return o, sub, &lines.Items[0]
}

// journal is one to post, in the book of an offering.
func (w *world) journal() ledger.PostParams {
	w.t.Helper()
	o := w.offering("100000")
	chart, err := w.p.Ledger.Chart(w.t.Context(), w.db, *o.BookID)
	require.NoError(w.t, err)
	return ledger.PostParams{Actor: "clerk", IdempotencyKey: key(), BookID: *o.BookID, EffectiveDate: movedOn, Entries: []ledger.Entry{
		{Debit: chart[investments.AccountCash].ID, Credit: chart[investments.AccountPromote].ID, Amount: money.MustParse("12.34")}}}
}
