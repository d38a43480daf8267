package faulttest

import (
	"context"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/recipes"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

// laterPairs are about rounds of approval, payments through the bank, batches of
// receipts, and value.
var laterPairs = []pair{
	{"approve and approve, both of which are needed", approveBoth, []string{"ok/ok"}, 50},
	{"approve and reject", approveReject, []string{"ok/distribution_state", "distribution_state/ok"}, 100},
	{"process and pay", processPay, []string{"ok/distribution_state", "distribution_state/ok"}, 300},
	{"pay and confirm what is with the bank", payConfirm, []string{"distribution_state/ok"}, 100},
	{"confirm and fail", confirmFail, []string{"ok/ok"}, 300},
	{"confirm and reverse", confirmReverse, []string{"ok/ok", "ok/payment_state"}, 300},
	{"fund and fund by a batch", fundReceipts, []string{"ok/subscription_not_open", "subscription_not_open/ok"}, 300},
	{"exit and declare", exitDeclare, []string{"ok/ok", "exit_unpaid/ok"}, 300},
	{"allocate and transfer", allocateTransfer, []string{"ok/ok", "allocation_behind/ok"}, 300},
}

// approveBoth: neither misses that the other makes it two, and it is booked once.
func approveBoth(w *world) (a, b command, judge func(*world, error, error)) {
	d := w.Large()
	o, err := w.P.Offerings.Offering(w.T.Context(), w.DB, *d.OfferingID)
	require.NoError(w.T, err)
	return w.approve(d, w.Boss), w.approve(d, w.Who[3]), func(w *world, a, b error) {
		require.NoError(w.T, a)
		require.NoError(w.T, b)
		w.count(1, "investments.distributions WHERE id = ? AND status = 'approved' AND approved_by IN (?, ?)", d.ID, w.Boss, w.Who[3])
		w.balance(o, investments.AccountDistributionsPayable, "20000.01")
		said, err := w.P.Distributions.Approvals(w.T.Context(), w.DB, d.ID)
		require.NoError(w.T, err)
		require.Len(w.T, said.Decisions, 2)
		require.Zero(w.T, said.Missing())
	}
}

func approveReject(w *world) (a, b command, judge func(*world, error, error)) {
	d := w.Large()
	o, err := w.P.Offerings.Offering(w.T.Context(), w.DB, *d.OfferingID)
	require.NoError(w.T, err)
	require.NoError(w.T, w.approve(d, w.Boss)(w.T.Context(), w.DB))
	return w.approve(d, w.Who[2]), commandOf(w.Reject(d, w.Who[3])), func(w *world, a, b error) {
		w.one(a, b, investments.ErrDistributionState)
		w.balance(o, investments.AccountDistributionsPayable, map[bool]string{true: "20000.01", false: "0.00"}[a == nil])
	}
}

// processPay: whoever comes first decides whether the money has left.
func processPay(w *world) (a, b command, judge func(*world, error, error)) {
	o, d := w.ToPay()
	return do(w.P.Distributions.Process, recipes.Processing(d)), do(w.P.Distributions.Pay, recipes.Payment(d)), func(w *world, a, b error) {
		w.one(a, b, investments.ErrDistributionState)
		if b == nil {
			w.paidOnce(o, d)
			return
		}
		w.balance(o, investments.AccountCash, "100000.00")
		w.balance(o, investments.AccountDistributionsPayable, "1000.01")
		w.count(2, "investments.investor_distributions WHERE distribution_id = ? AND payment_status = 'sent'", d.ID)
	}
}

func payConfirm(w *world) (a, b command, judge func(*world, error, error)) {
	o, d := w.Sent()
	return do(w.P.Distributions.Pay, recipes.Payment(d)), do(w.P.Distributions.ConfirmPayments, recipes.Confirmation(d)), func(w *world, a, b error) {
		w.refused(a, investments.ErrDistributionState)
		require.NoError(w.T, b)
		w.paidOnce(o, d)
	}
}

// confirmFail: a payment that is said to have failed is not paid, whether that
// was heard before the others arrived or after.
func confirmFail(w *world) (a, b command, judge func(*world, error, error)) {
	o := w.Offering("1000000")
	w.Funded(o, w.Who[0], "50000")
	w.Funded(o, w.Who[1], "50000")
	d := w.Approved(o, recipes.Quarter1, "1000")
	_, err := w.P.Distributions.Process(w.T.Context(), w.DB, recipes.Processing(d))
	require.NoError(w.T, err)
	line := w.Lines(d)[0]
	return do(w.P.Distributions.ConfirmPayments, recipes.Confirmation(d)), do(w.P.Distributions.FailPayment, w.Returned(line)), func(w *world, a, b error) {
		require.NoError(w.T, a)
		require.NoError(w.T, b)
		w.balance(o, investments.AccountCash, "99500.00")
		w.balance(o, investments.AccountDistributionsPayable, "500.00")
		w.count(1, "investments.investor_distributions WHERE id = ? AND payment_status = 'failed'", line)
		w.count(1, "investments.distributions WHERE id = ? AND status = 'completed'", d.ID)
	}
}

// confirmReverse: while payments are with the bank nothing is reversed, and what
// they paid is to be recovered.
func confirmReverse(w *world) (a, b command, judge func(*world, error, error)) {
	o, d := w.Sent()
	return do(w.P.Distributions.ConfirmPayments, recipes.Confirmation(d)), do(w.P.Distributions.Reverse, w.Reversal(d)), func(w *world, a, b error) {
		require.NoError(w.T, a)
		owed := "1000.01"
		if b != nil {
			w.refused(b, investments.ErrPaymentState)
			owed = "0.00"
		}
		w.balance(o, investments.AccountCash, "98999.99")
		w.balance(o, investments.AccountRecovery, owed)
		w.balance(o, investments.AccountDistributionsPayable, "0.00")
	}
}

func fundReceipts(w *world) (a, b command, judge func(*world, error, error)) {
	o := w.Offering("100000")
	both := w.Committed(o, w.Who[0], "50000")
	other := w.Committed(o, w.Who[1], "20000")
	p := recipes.Receipts(o, other, both)
	p.Receipts[0].Amount, p.Receipts[1].Amount = money.Zero, money.Zero // all that is outstanding
	return do(w.P.Commitments.ReceiveContribution, investments.ReceiveContributionParams{IdempotencyKey: recipes.Key(), SubscriptionID: both.ID, Date: recipes.FundedOn, ActorID: recipes.Staff}),
		do(w.P.Commitments.ReceiveContributions, p), func(w *world, a, b error) {
			w.one(a, b, investments.ErrSubscriptionNotOpen)
			w.balance(o, investments.AccountCash, map[bool]string{true: "50000.00", false: "70000.00"}[a == nil])
		}
}

// exitDeclare: an escrow that is released while the offering exits is paid to who
// held at the end, or stands against the exit until it is paid.
func exitDeclare(w *world) (a, b command, judge func(*world, error, error)) {
	o := w.Sold()
	var d *investments.Distribution
	return do(w.P.Capital.ExitOffering, recipes.Exit(o)), func(ctx context.Context, db bun.IDB) (err error) {
			d, err = w.P.Distributions.Declare(ctx, db, w.Declaration(o, recipes.SoldOn, "1000.01"))
			return err
		}, func(w *world, a, b error) {
			require.NoError(w.T, b)
			w.sums(d.ID, "1000.01")
			realized, unrealized := "20000.00", "0.00"
			if a != nil {
				w.refused(a, investments.ErrExitUnpaid)
				realized, unrealized = "0.00", "1234.57"
			}
			w.balance(o, investments.AccountRealized, realized)
			w.balance(o, investments.AccountUnrealized, unrealized)
		}
}

// allocateTransfer: value that is allocated before a transfer moves with it, and
// behind its back none is allocated.
func allocateTransfer(w *world) (a, b command, judge func(*world, error, error)) {
	o, tr := w.ToMove()
	return do(w.P.Capital.Allocate, recipes.Allocation(o, investments.AllocationUnrealized, date.MustParse("2026-01-31"))), w.complete(tr), func(w *world, a, b error) {
		require.NoError(w.T, b)
		value, with := "1234.57", 2
		if a != nil {
			w.refused(a, investments.ErrAllocationBehind)
			value, with = "0.00", 0
		}
		w.moved(o, 1)
		w.balance(o, investments.AccountUnrealized, value)
		w.count(with, "investments.property_investments WHERE opportunity_id = ? AND unrealized_gains <> 0", o.ID)
	}
}
