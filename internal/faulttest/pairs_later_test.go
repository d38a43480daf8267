package faulttest

import (
	"context"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

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
	d := w.large()
	o, err := w.p.Offerings.Offering(w.t.Context(), w.db, *d.OfferingID)
	require.NoError(w.t, err)
	return w.approve(d, w.boss), w.approve(d, w.who[3]), func(w *world, a, b error) {
		require.NoError(w.t, a)
		require.NoError(w.t, b)
		w.count(1, "investments.distributions WHERE id = ? AND status = 'approved' AND approved_by IN (?, ?)", d.ID, w.boss, w.who[3])
		w.balance(o, investments.AccountDistributionsPayable, "20000.01")
		said, err := w.p.Distributions.Approvals(w.t.Context(), w.db, d.ID)
		require.NoError(w.t, err)
		require.Len(w.t, said.Decisions, 2)
		require.Zero(w.t, said.Missing())
	}
}

func approveReject(w *world) (a, b command, judge func(*world, error, error)) {
	d := w.large()
	o, err := w.p.Offerings.Offering(w.t.Context(), w.db, *d.OfferingID)
	require.NoError(w.t, err)
	require.NoError(w.t, w.approve(d, w.boss)(w.t.Context(), w.db))
	return w.approve(d, w.who[2]), w.reject(d, w.who[3]), func(w *world, a, b error) {
		w.one(a, b, investments.ErrDistributionState)
		w.balance(o, investments.AccountDistributionsPayable, map[bool]string{true: "20000.01", false: "0.00"}[a == nil])
	}
}

// processPay: whoever comes first decides whether the money has left.
func processPay(w *world) (a, b command, judge func(*world, error, error)) {
	o, d := w.toPay()
	return do(w.p.Distributions.Process, processing(d)), do(w.p.Distributions.Pay, payment(d)), func(w *world, a, b error) {
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
	o, d := w.sent()
	return do(w.p.Distributions.Pay, payment(d)), do(w.p.Distributions.ConfirmPayments, confirmation(d)), func(w *world, a, b error) {
		w.refused(a, investments.ErrDistributionState)
		require.NoError(w.t, b)
		w.paidOnce(o, d)
	}
}

// confirmFail: a payment that is said to have failed is not paid, whether that
// was heard before the others arrived or after.
func confirmFail(w *world) (a, b command, judge func(*world, error, error)) {
	o := w.offering("1000000")
	w.funded(o, w.who[0], "50000")
	w.funded(o, w.who[1], "50000")
	d := w.approved(o, quarter1, "1000")
	_, err := w.p.Distributions.Process(w.t.Context(), w.db, processing(d))
	require.NoError(w.t, err)
	line := w.lines(d)[0]
	return do(w.p.Distributions.ConfirmPayments, confirmation(d)), do(w.p.Distributions.FailPayment, w.returned(line)), func(w *world, a, b error) {
		require.NoError(w.t, a)
		require.NoError(w.t, b)
		w.balance(o, investments.AccountCash, "99500.00")
		w.balance(o, investments.AccountDistributionsPayable, "500.00")
		w.count(1, "investments.investor_distributions WHERE id = ? AND payment_status = 'failed'", line)
		w.count(1, "investments.distributions WHERE id = ? AND status = 'completed'", d.ID)
	}
}

// confirmReverse: while payments are with the bank nothing is reversed, and what
// they paid is to be recovered.
func confirmReverse(w *world) (a, b command, judge func(*world, error, error)) {
	o, d := w.sent()
	return do(w.p.Distributions.ConfirmPayments, confirmation(d)), do(w.p.Distributions.Reverse, w.reversal(d)), func(w *world, a, b error) {
		require.NoError(w.t, a)
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
	o := w.offering("100000")
	both := w.committed(o, w.who[0], "50000")
	other := w.committed(o, w.who[1], "20000")
	p := receipts(o, other, both)
	p.Receipts[0].Amount, p.Receipts[1].Amount = money.Zero, money.Zero // all that is outstanding
	return do(w.p.Commitments.ReceiveContribution, investments.ReceiveContributionParams{IdempotencyKey: key(), SubscriptionID: both.ID, Date: fundedOn, ActorID: staff}),
		do(w.p.Commitments.ReceiveContributions, p), func(w *world, a, b error) {
			w.one(a, b, investments.ErrSubscriptionNotOpen)
			w.balance(o, investments.AccountCash, map[bool]string{true: "50000.00", false: "70000.00"}[a == nil])
		}
}

// exitDeclare: an escrow that is released while the offering exits is paid to who
// held at the end, or stands against the exit until it is paid.
func exitDeclare(w *world) (a, b command, judge func(*world, error, error)) {
	o := w.sold()
	var d *investments.Distribution
	return do(w.p.Capital.ExitOffering, exit(o)), func(ctx context.Context, db bun.IDB) (err error) {
			d, err = w.p.Distributions.Declare(ctx, db, w.declaration(o, soldOn, "1000.01"))
			return err
		}, func(w *world, a, b error) {
			require.NoError(w.t, b)
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
	o, tr := w.toMove()
	return do(w.p.Capital.Allocate, allocation(o, investments.AllocationUnrealized, date.MustParse("2026-01-31"))), w.complete(tr), func(w *world, a, b error) {
		require.NoError(w.t, b)
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
