package faulttest

import (
	"context"
	"errors"
	"slices"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// one requires that exactly one of two answers is a success, and that the other
// is one of the refusals.
func (w *world) one(a, b error, refusals ...error) {
	w.t.Helper()
	require.True(w.t, (a == nil) != (b == nil), "one of two succeeds: %v, %v", a, b)
	w.refused(errors.Join(a, b), refusals...)
}

func (w *world) refused(err error, refusals ...error) {
	w.t.Helper()
	for _, r := range refusals {
		if errors.Is(err, r) {
			return
		}
	}
	require.Fail(w.t, "refused otherwise", "%v", err)
}

// count counts rows, such as "investments.subscriptions WHERE id = ?".
func (w *world) count(want int, from string, args ...any) {
	w.t.Helper()
	var n int
	require.NoError(w.t, w.db.NewRaw("SELECT count(*) FROM "+from, args...).Scan(w.t.Context(), &n))
	require.Equal(w.t, want, n, from)
}

// cash is the balance of an account of an offering's book.
func (w *world) balance(o *investments.Offering, code, want string) {
	w.t.Helper()
	chart, err := w.p.Ledger.Chart(w.t.Context(), w.db, *o.BookID)
	require.NoError(w.t, err)
	b, err := w.p.Ledger.Balance(w.t.Context(), w.db, chart[code].ID)
	require.NoError(w.t, err)
	require.Equal(w.t, want, b.Balance.String(), code)
}

func (w *world) sums(d id.Of[investments.Distribution], total string) {
	w.t.Helper()
	lines, err := w.p.Distributions.DistributionLines(w.t.Context(), w.db, d, page.Request{})
	require.NoError(w.t, err)
	sum := money.Zero
	for _, l := range lines.Items {
		sum, err = sum.Add(l.DistributionAmount)
		require.NoError(w.t, err)
	}
	require.Equal(w.t, total, sum.String())
}

// pairs are the commands whose every interleaving is run. A further pair is one
// more row.
var pairs = slices.Concat(firstPairs, laterPairs, hookPairs, documentPairs, loanPairs)

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
	o := w.offering("100000")
	w.committed(o, w.who[2], "50000")
	place := func(who id.Of[auth.User]) command { return do(w.p.Commitments.Commit, commitment(o, who, "50000")) }
	return place(w.who[0]), place(w.who[1]), func(w *world, a, b error) {
		w.one(a, b, investments.ErrOversubscribed)
		w.count(2, "investments.subscriptions WHERE opportunity_id = ?", o.ID)
		w.count(2, "investments.property_investments WHERE opportunity_id = ?", o.ID)
	}
}

func commitAgain(w *world) (a, b command, judge func(*world, error, error)) {
	o := w.offering("100000")
	p := commitment(o, w.who[0], "50000")
	var got [2]*investments.Subscription
	call := func(i int) command {
		return func(ctx context.Context, db bun.IDB) (err error) {
			got[i], err = w.p.Commitments.Commit(ctx, db, p)
			return err
		}
	}
	return call(0), call(1), func(w *world, a, b error) {
		require.NoError(w.t, a)
		require.NoError(w.t, b)
		require.Equal(w.t, got[0].ID, got[1].ID)
		w.count(1, "investments.subscriptions WHERE opportunity_id = ?", o.ID)
	}
}

func fundCancel(w *world) (a, b command, judge func(*world, error, error)) {
	o := w.offering("100000")
	sub := w.committed(o, w.who[0], "50000")
	return do(w.p.Commitments.ReceiveContribution, investments.ReceiveContributionParams{IdempotencyKey: key(), SubscriptionID: sub.ID, Date: fundedOn, ActorID: staff}),
		do(w.p.Commitments.CancelSubscription, investments.CancelSubscriptionParams{IdempotencyKey: key(), SubscriptionID: sub.ID, ActorID: staff}),
		func(w *world, a, b error) {
			w.one(a, b, investments.ErrSubscriptionReceived, investments.ErrSubscriptionNotOpen)
			left, err := w.p.Offerings.Offering(w.t.Context(), w.db, o.ID)
			require.NoError(w.t, err)
			want := map[bool]string{true: "50000.00", false: "0.00"}[a == nil]
			require.Equal(w.t, want, left.CommittedAmount.String())
			require.Equal(w.t, want, left.AmountRaised.String())
			w.balance(o, investments.AccountCash, want)
		}
}

func fundFund(w *world) (a, b command, judge func(*world, error, error)) {
	o := w.offering("100000")
	sub := w.committed(o, w.who[0], "50000")
	wire := func() command {
		return do(w.p.Commitments.ReceiveContribution, investments.ReceiveContributionParams{IdempotencyKey: key(), SubscriptionID: sub.ID, Amount: sub.Amount, Date: fundedOn, ActorID: staff})
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
		o := w.offering("1000000")
		if byTerms {
			w.waterfallTerms(o)
		}
		sub := w.funded(o, w.who[0], "66666.67")
		w.funded(o, w.who[1], "33333.33")
		tr := w.approvedTransfer(sub, w.who[2], "0.3333333333", movedOn)
		var d *investments.Distribution
		return func(ctx context.Context, db bun.IDB) (err error) {
				d, err = w.p.Distributions.Declare(ctx, db, w.declaration(o, quarter1, "1000.01"))
				return err
			}, do(w.p.Positions.CompleteTransfer, investments.CompleteTransferParams{IdempotencyKey: key(), TransferID: tr.ID, ActorID: staff}),
			func(w *world, a, b error) {
				require.NoError(w.t, a)
				if b != nil {
					w.refused(b, investments.ErrTransferBehind)
				}
				w.sums(d.ID, "1000.01")
				holders := map[bool]int{true: 3, false: 2}[b == nil]
				w.count(holders, "investments.investor_distributions WHERE distribution_id = ? AND role = 'investor'", d.ID)
				w.sums(w.declared(o, quarter2, "777.77").ID, "777.77")
			}
	}
}

func declareRefund(w *world) (a, b command, judge func(*world, error, error)) {
	o := w.offering("1000000")
	sub := w.funded(o, w.who[0], "66666.67")
	w.funded(o, w.who[1], "33333.33")
	var d *investments.Distribution
	return func(ctx context.Context, db bun.IDB) (err error) {
			d, err = w.p.Distributions.Declare(ctx, db, w.declaration(o, quarter1, "1000.01"))
			return err
		}, do(w.p.Commitments.RefundContribution, investments.RefundContributionParams{IdempotencyKey: key(), SubscriptionID: sub.ID, Date: movedOn, ActorID: staff}),
		func(w *world, a, b error) {
			require.NoError(w.t, a)
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

func (w *world) toPay() (*investments.Offering, *investments.Distribution) {
	o := w.offering("1000000")
	w.funded(o, w.who[0], "66666.67")
	w.funded(o, w.who[1], "33333.33")
	return o, w.approved(o, quarter1, "1000.01")
}

func (w *world) reversal(d *investments.Distribution) investments.ReverseDistributionParams {
	w.t.Helper()
	_, err := w.p.Distributions.RequestReversal(w.t.Context(), w.db, investments.RequestReversalParams{ActorID: w.clerk, DistributionID: d.ID, Date: quarter1, Reason: "wrong quarter"})
	require.NoError(w.t, err)
	return investments.ReverseDistributionParams{ActorID: w.boss, IdempotencyKey: key(), DistributionID: d.ID, Date: quarter1, Reason: "wrong quarter"}
}

func payReverse(w *world) (a, b command, judge func(*world, error, error)) {
	o, d := w.toPay()
	return do(w.p.Distributions.Pay, payment(d)), do(w.p.Distributions.Reverse, w.reversal(d)), func(w *world, a, b error) {
		require.NoError(w.t, b)
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
	w.t.Helper()
	w.balance(o, investments.AccountCash, "98999.99")
	w.count(2, "investments.transactions t JOIN investments.investor_distributions l ON l.id = t.distribution_line_id WHERE l.distribution_id = ?", d.ID)
}

func payPay(w *world) (a, b command, judge func(*world, error, error)) {
	o, d := w.toPay()
	return do(w.p.Distributions.Pay, payment(d)), do(w.p.Distributions.Pay, payment(d)), func(w *world, a, b error) {
		w.one(a, b, investments.ErrDistributionState)
		w.paidOnce(o, d)
	}
}

func payAgain(w *world) (a, b command, judge func(*world, error, error)) {
	o, d := w.toPay()
	p := payment(d)
	return do(w.p.Distributions.Pay, p), do(w.p.Distributions.Pay, p), func(w *world, a, b error) {
		require.NoError(w.t, a)
		require.NoError(w.t, b)
		w.paidOnce(o, d)
	}
}

func (w *world) approve(d *investments.Distribution, by id.Of[auth.User]) command {
	return func(ctx context.Context, db bun.IDB) error {
		_, err := w.p.Distributions.Approve(ctx, db, investments.ApproveDistributionParams{DistributionID: d.ID, ActorID: by})
		return err
	}
}

func (w *world) toApprove() (*investments.Offering, *investments.Distribution) {
	o := w.offering("1000000")
	w.funded(o, w.who[0], "66666.67")
	w.funded(o, w.who[1], "33333.33")
	return o, w.declared(o, quarter1, "1000.01")
}

func approveCancel(w *world) (a, b command, judge func(*world, error, error)) {
	o, d := w.toApprove()
	withdraw := func(ctx context.Context, db bun.IDB) error {
		_, err := w.p.Distributions.Cancel(ctx, db, investments.CancelDistributionParams{DistributionID: d.ID, Reason: "wrong quarter", ActorID: staff})
		return err
	}
	return w.approve(d, w.boss), withdraw, func(w *world, a, b error) {
		w.one(a, b, investments.ErrDistributionState)
		w.balance(o, investments.AccountDistributionsPayable, map[bool]string{true: "1000.01", false: "0.00"}[a == nil])
	}
}

func approveApprove(w *world) (a, b command, judge func(*world, error, error)) {
	o, d := w.toApprove()
	return w.approve(d, w.boss), w.approve(d, w.who[3]), func(w *world, a, b error) {
		w.one(a, b, investments.ErrDistributionState)
		w.balance(o, investments.AccountDistributionsPayable, "1000.01")
	}
}

func (w *world) toMove() (*investments.Offering, *investments.Transfer) {
	o := w.offering("1000000")
	sub := w.funded(o, w.who[0], "100000")
	return o, w.approvedTransfer(sub, w.who[1], "0.5", movedOn)
}

func (w *world) complete(tr *investments.Transfer) command {
	return do(w.p.Positions.CompleteTransfer, investments.CompleteTransferParams{IdempotencyKey: key(), TransferID: tr.ID, ActorID: staff})
}

// moved requires that an offering's position gave half of its capital once.
func (w *world) moved(o *investments.Offering, times int) {
	w.t.Helper()
	w.count(times, "investments.transactions t JOIN investments.property_investments p ON p.id = t.investment_id WHERE p.opportunity_id = ? AND t.type = 'transfer_in' AND t.amount = 50000", o.ID)
	w.balance(o, investments.AccountTransfers, "0.00")
	w.balance(o, investments.AccountCapital, "100000.00")
}

func completeComplete(w *world) (a, b command, judge func(*world, error, error)) {
	o, tr := w.toMove()
	return w.complete(tr), w.complete(tr), func(w *world, a, b error) {
		w.one(a, b, investments.ErrTransferStatus)
		w.moved(o, 1)
	}
}

func completeCancel(w *world) (a, b command, judge func(*world, error, error)) {
	o, tr := w.toMove()
	withdraw := func(ctx context.Context, db bun.IDB) error {
		_, err := w.p.Positions.CancelTransfer(ctx, db, investments.CancelTransferParams{TransferID: tr.ID, ActorID: staff})
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
	o := w.offering("1000000")
	w.funded(o, w.who[0], "50000")
	w.funded(o, w.who[1], "50000")
	d := w.paid(o, quarter1, "1000")
	lines, err := w.p.Distributions.DistributionLines(w.t.Context(), w.db, d.ID, page.Request{})
	require.NoError(w.t, err)
	return do(w.p.Distributions.FailPayment, investments.FailPaymentParams{IdempotencyKey: key(), LineID: lines.Items[0].ID, Date: quarter1, Reason: "account closed", ActorID: staff}),
		do(w.p.Distributions.Reverse, w.reversal(d)), func(w *world, a, b error) {
			require.NoError(w.t, b)
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
