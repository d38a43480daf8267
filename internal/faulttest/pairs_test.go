package faulttest

import (
	"context"
	"errors"
	"slices"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/recipes"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// one requires that exactly one of two answers is a success, and that the other
// is one of the refusals.
func (w *world) one(a, b error, refusals ...error) {
	w.T.Helper()
	require.True(w.T, (a == nil) != (b == nil), "one of two succeeds: %v, %v", a, b)
	w.refused(errors.Join(a, b), refusals...)
}

func (w *world) refused(err error, refusals ...error) {
	w.T.Helper()
	for _, r := range refusals {
		if errors.Is(err, r) {
			return
		}
	}
	require.Fail(w.T, "refused otherwise", "%v", err)
}

// count counts rows, such as "investments.subscriptions WHERE id = ?".
func (w *world) count(want int, from string, args ...any) {
	w.T.Helper()
	var n int
	require.NoError(w.T, w.DB.NewRaw("SELECT count(*) FROM "+from, args...).Scan(w.T.Context(), &n))
	require.Equal(w.T, want, n, from)
}

// cash is the balance of an account of an offering's book.
func (w *world) balance(o *investments.Offering, code, want string) {
	w.T.Helper()
	chart, err := w.P.Ledger.Chart(w.T.Context(), w.DB, *o.BookID)
	require.NoError(w.T, err)
	b, err := w.P.Ledger.Balance(w.T.Context(), w.DB, chart[code].ID)
	require.NoError(w.T, err)
	require.Equal(w.T, want, b.Balance.String(), code)
}

func (w *world) sums(d id.Of[investments.Distribution], total string) {
	w.T.Helper()
	lines, err := w.P.Distributions.DistributionLines(w.T.Context(), w.DB, d, page.Request{})
	require.NoError(w.T, err)
	sum := money.Zero
	for _, l := range lines.Items {
		sum, err = sum.Add(l.DistributionAmount)
		require.NoError(w.T, err)
	}
	require.Equal(w.T, total, sum.String())
}

// pairs are the commands whose interleavings are run. A further pair is one
// more row.
var pairs = slices.Concat(firstPairs, laterPairs, hookPairs, documentPairs, loanPairs, payablePairs, worksheetPairs)

var firstPairs = []pair{
	{"commit and commit for the last place", commitCommit, []string{"ok/offering_oversubscribed", "offering_oversubscribed/ok"}, 300},
	{"commit twice with one key", commitAgain, []string{"ok/ok"}, 20},
	{"fund and cancel", fundCancel, []string{"ok/subscription_received", "subscription_not_open/ok"}, 300},
	{"fund and fund", fundFund, []string{"ok/subscription_not_open", "subscription_not_open/ok"}, 300},
	{"declare and transfer", declareTransfer(false), []string{"ok/ok", "ok/transfer_behind"}, 300},
	{"declare by terms and transfer", declareTransfer(true), []string{"ok/ok", "ok/transfer_behind"}, 300},
	{"declare and refund", declareRefund, []string{"ok/ok", "ok/refund_distributed"}, 300},
	{"pay and reverse", payReverse, []string{"ok/ok", "distribution_state/ok"}, 300},
	{"pay and pay", payPay, []string{"ok/distribution_state", "distribution_state/ok"}, 300},
	{"pay twice with one key", payAgain, []string{"ok/ok"}, 20},
	{"approve and cancel", approveCancel, []string{"ok/distribution_state", "distribution_state/ok"}, 100},
	{"approve and approve", approveApprove, []string{"ok/distribution_state", "distribution_state/ok"}, 50},
	{"complete and complete a transfer", completeComplete, []string{"ok/transfer_status", "transfer_status/ok"}, 300},
	{"complete and withdraw a transfer", completeCancel, []string{"ok/transfer_status", "transfer_status/ok"}, 100},
	{"fail and reverse a payment", failReverse, []string{"ok/ok", "distribution_state/ok"}, 300},
}

func commitCommit(w *world) (a, b command, judge func(*world, error, error)) {
	o := w.Offering("100000")
	w.Committed(o, w.Who[2], "50000")
	place := func(who id.Of[auth.User]) command {
		return do(w.P.Commitments.Commit, recipes.Commitment(o, who, "50000"))
	}
	return place(w.Who[0]), place(w.Who[1]), func(w *world, a, b error) {
		w.one(a, b, investments.ErrOversubscribed)
		w.count(2, "investments.subscriptions WHERE opportunity_id = ?", o.ID)
		w.count(2, "investments.property_investments WHERE opportunity_id = ?", o.ID)
	}
}

func commitAgain(w *world) (a, b command, judge func(*world, error, error)) {
	o := w.Offering("100000")
	p := recipes.Commitment(o, w.Who[0], "50000")
	var got [2]*investments.Subscription
	call := func(i int) command {
		return func(ctx context.Context, db bun.IDB) (err error) {
			got[i], err = w.P.Commitments.Commit(ctx, db, p)
			return err
		}
	}
	return call(0), call(1), func(w *world, a, b error) {
		require.NoError(w.T, a)
		require.NoError(w.T, b)
		require.Equal(w.T, got[0].ID, got[1].ID)
		w.count(1, "investments.subscriptions WHERE opportunity_id = ?", o.ID)
	}
}

func fundCancel(w *world) (a, b command, judge func(*world, error, error)) {
	o := w.Offering("100000")
	sub := w.Committed(o, w.Who[0], "50000")
	return do(w.P.Commitments.ReceiveContribution, investments.ReceiveContributionParams{IdempotencyKey: recipes.Key(), SubscriptionID: sub.ID, Date: recipes.FundedOn, ActorID: recipes.Staff}),
		do(w.P.Commitments.CancelSubscription, investments.CancelSubscriptionParams{IdempotencyKey: recipes.Key(), SubscriptionID: sub.ID, ActorID: recipes.Staff}),
		func(w *world, a, b error) {
			w.one(a, b, investments.ErrSubscriptionReceived, investments.ErrSubscriptionNotOpen)
			left, err := w.P.Offerings.Offering(w.T.Context(), w.DB, o.ID)
			require.NoError(w.T, err)
			want := map[bool]string{true: "50000.00", false: "0.00"}[a == nil]
			require.Equal(w.T, want, left.CommittedAmount.String())
			require.Equal(w.T, want, left.AmountRaised.String())
			w.balance(o, investments.AccountCash, want)
		}
}

func fundFund(w *world) (a, b command, judge func(*world, error, error)) {
	o := w.Offering("100000")
	sub := w.Committed(o, w.Who[0], "50000")
	wire := func() command {
		return do(w.P.Commitments.ReceiveContribution, investments.ReceiveContributionParams{IdempotencyKey: recipes.Key(), SubscriptionID: sub.ID, Amount: sub.Amount, Date: recipes.FundedOn, ActorID: recipes.Staff})
	}
	return wire(), wire(), func(w *world, a, b error) {
		w.one(a, b, investments.ErrSubscriptionNotOpen, investments.ErrOverfunded)
		w.balance(o, investments.AccountCash, "50000.00")
	}
}

// declareTransfer: whichever comes first, the lines make the total, and the next
// declaration is not refused for a history that has changed.
func declareTransfer(byTerms bool) func(*world) (a, b command, judge func(*world, error, error)) {
	return func(w *world) (a, b command, judge func(*world, error, error)) {
		o := w.Offering("1000000")
		if byTerms {
			w.WaterfallTerms(o)
		}
		sub := w.Funded(o, w.Who[0], "66666.67")
		w.Funded(o, w.Who[1], "33333.33")
		tr := w.ApprovedTransfer(sub, w.Who[2], "0.3333333333", recipes.MovedOn)
		var d *investments.Distribution
		return func(ctx context.Context, db bun.IDB) (err error) {
				d, err = w.P.Distributions.Declare(ctx, db, w.Declaration(o, recipes.Quarter1, "1000.01"))
				return err
			}, do(w.P.Positions.CompleteTransfer, investments.CompleteTransferParams{IdempotencyKey: recipes.Key(), TransferID: tr.ID, ActorID: recipes.Staff}),
			func(w *world, a, b error) {
				require.NoError(w.T, a)
				if b != nil {
					w.refused(b, investments.ErrTransferBehind)
				}
				w.sums(d.ID, "1000.01")
				holders := map[bool]int{true: 3, false: 2}[b == nil]
				w.count(holders, "investments.investor_distributions WHERE distribution_id = ? AND role = 'investor'", d.ID)
				w.sums(w.Declared(o, recipes.Quarter2, "777.77").ID, "777.77")
			}
	}
}

func declareRefund(w *world) (a, b command, judge func(*world, error, error)) {
	o := w.Offering("1000000")
	sub := w.Funded(o, w.Who[0], "66666.67")
	w.Funded(o, w.Who[1], "33333.33")
	var d *investments.Distribution
	return func(ctx context.Context, db bun.IDB) (err error) {
			d, err = w.P.Distributions.Declare(ctx, db, w.Declaration(o, recipes.Quarter1, "1000.01"))
			return err
		}, do(w.P.Commitments.RefundContribution, investments.RefundContributionParams{IdempotencyKey: recipes.Key(), SubscriptionID: sub.ID, Date: recipes.MovedOn, ActorID: recipes.Staff}),
		func(w *world, a, b error) {
			require.NoError(w.T, a)
			want, holders := "33333.33", 1
			if b != nil {
				w.refused(b, investments.ErrRefundDistributed)
				want, holders = "100000.00", 2
			}
			w.sums(d.ID, "1000.01")
			w.count(holders, "investments.investor_distributions WHERE distribution_id = ?", d.ID)
			w.balance(o, investments.AccountCash, want)
		}
}

func payReverse(w *world) (a, b command, judge func(*world, error, error)) {
	o, d := w.ToPay()
	return do(w.P.Distributions.Pay, recipes.Payment(d)), do(w.P.Distributions.Reverse, w.Reversal(d)), func(w *world, a, b error) {
		require.NoError(w.T, b)
		cash, owed := "98999.99", "1000.01"
		if a != nil {
			w.refused(a, investments.ErrDistributionState)
			cash, owed = "100000.00", "0.00"
		}
		w.balance(o, investments.AccountCash, cash)
		w.balance(o, investments.AccountRecovery, owed)
		w.balance(o, investments.AccountDistributionsPayable, "0.00")
		w.balance(o, investments.AccountDistributions, "0.00")
	}
}

func (w *world) paidOnce(o *investments.Offering, d *investments.Distribution) {
	w.T.Helper()
	w.balance(o, investments.AccountCash, "98999.99")
	w.count(2, "investments.transactions t JOIN investments.investor_distributions l ON l.id = t.distribution_line_id WHERE l.distribution_id = ?", d.ID)
}

func payPay(w *world) (a, b command, judge func(*world, error, error)) {
	o, d := w.ToPay()
	return do(w.P.Distributions.Pay, recipes.Payment(d)), do(w.P.Distributions.Pay, recipes.Payment(d)), func(w *world, a, b error) {
		w.one(a, b, investments.ErrDistributionState)
		w.paidOnce(o, d)
	}
}

func payAgain(w *world) (a, b command, judge func(*world, error, error)) {
	o, d := w.ToPay()
	p := recipes.Payment(d)
	return do(w.P.Distributions.Pay, p), do(w.P.Distributions.Pay, p), func(w *world, a, b error) {
		require.NoError(w.T, a)
		require.NoError(w.T, b)
		w.paidOnce(o, d)
	}
}

func approveCancel(w *world) (a, b command, judge func(*world, error, error)) {
	o, d := w.ToApprove()
	withdraw := func(ctx context.Context, db bun.IDB) error {
		_, err := w.P.Distributions.Cancel(ctx, db, investments.CancelDistributionParams{DistributionID: d.ID, Reason: "wrong quarter", ActorID: recipes.Staff})
		return err
	}
	return w.approve(d, w.Boss), withdraw, func(w *world, a, b error) {
		w.one(a, b, investments.ErrDistributionState)
		w.balance(o, investments.AccountDistributionsPayable, map[bool]string{true: "1000.01", false: "0.00"}[a == nil])
	}
}

func approveApprove(w *world) (a, b command, judge func(*world, error, error)) {
	o, d := w.ToApprove()
	return w.approve(d, w.Boss), w.approve(d, w.Who[3]), func(w *world, a, b error) {
		w.one(a, b, investments.ErrDistributionState)
		w.balance(o, investments.AccountDistributionsPayable, "1000.01")
	}
}

// moved requires that an offering's position gave half of its capital once.
func (w *world) moved(o *investments.Offering, times int) {
	w.T.Helper()
	w.count(times, "investments.transactions t JOIN investments.property_investments p ON p.id = t.investment_id WHERE p.opportunity_id = ? AND t.type = 'transfer_in' AND t.amount = 50000", o.ID)
	w.balance(o, investments.AccountTransfers, "0.00")
	w.balance(o, investments.AccountCapital, "100000.00")
}

func completeComplete(w *world) (a, b command, judge func(*world, error, error)) {
	o, tr := w.ToMove()
	return w.complete(tr), w.complete(tr), func(w *world, a, b error) {
		w.one(a, b, investments.ErrTransferStatus)
		w.moved(o, 1)
	}
}

func completeCancel(w *world) (a, b command, judge func(*world, error, error)) {
	o, tr := w.ToMove()
	withdraw := func(ctx context.Context, db bun.IDB) error {
		_, err := w.P.Positions.CancelTransfer(ctx, db, investments.CancelTransferParams{TransferID: tr.ID, ActorID: recipes.Staff})
		return err
	}
	return w.complete(tr), withdraw, func(w *world, a, b error) {
		w.one(a, b, investments.ErrTransferStatus)
		w.moved(o, map[bool]int{true: 1, false: 0}[a == nil])
	}
}

// failReverse: one payment comes back while the whole distribution is reversed;
// what is to be recovered is what has not come back.
func failReverse(w *world) (a, b command, judge func(*world, error, error)) {
	o := w.Offering("1000000")
	w.Funded(o, w.Who[0], "50000")
	w.Funded(o, w.Who[1], "50000")
	d := w.Paid(o, recipes.Quarter1, "1000")
	lines, err := w.P.Distributions.DistributionLines(w.T.Context(), w.DB, d.ID, page.Request{})
	require.NoError(w.T, err)
	return do(w.P.Distributions.FailPayment, investments.FailPaymentParams{IdempotencyKey: recipes.Key(), LineID: lines.Items[0].ID, Date: recipes.Quarter1, Reason: "account closed", ActorID: recipes.Staff}),
		do(w.P.Distributions.Reverse, w.Reversal(d)), func(w *world, a, b error) {
			require.NoError(w.T, b)
			cash, owed := "99500.00", "500.00"
			if a != nil {
				w.refused(a, investments.ErrDistributionState)
				cash, owed = "99000.00", "1000.00"
			}
			w.balance(o, investments.AccountCash, cash)
			w.balance(o, investments.AccountRecovery, owed)
			w.balance(o, investments.AccountDistributionsPayable, "0.00")
		}
}
