package faulttest

import (
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/financials/payables"
	"github.com/freehold-go/freehold/internal/recipes"
	"github.com/freehold-go/freehold/realestate/money"
)

var payablePairs = []pair{
	{"pay a bill twice over", payBillPayBill, []string{"ok/bill_over_paid", "bill_over_paid/ok"}, 100},
	{"pay and void a bill", payVoidBill, []string{"ok/bill_paid", "bill_status/ok"}, 100},
	{"approve and reject a bill", approveRejectBill, []string{"ok/bill_status", "bill_status/ok"}, 100},
	{"return a payment of a bill twice", returnReturn, []string{"ok/bill_payment_returned", "bill_payment_returned/ok"}, 100},
}

func payBillPayBill(w *world) (a, b command, judge func(*world, error, error)) {
	p := w.Paying()
	most := func() command {
		q := p
		q.IdempotencyKey, q.Amount = recipes.Key(), money.MustParse("300")
		return do(w.P.Payables.PayBill, q)
	}
	return most(), most(), func(w *world, a, b error) {
		w.one(a, b, payables.ErrOverPaid)
		w.count(1, "financials.bill_payments WHERE bill_id = ?", p.BillID)
	}
}

func payVoidBill(w *world) (a, b command, judge func(*world, error, error)) {
	p := w.Paying()
	return do(w.P.Payables.PayBill, p), do(w.P.Payables.VoidBill, payables.VoidBillParams{BillID: p.BillID, Date: recipes.MovedOn, ActorID: recipes.Staff}),
		func(w *world, a, b error) {
			w.one(a, b, payables.ErrBillPaid, payables.ErrBillStatus)
			bill, err := w.P.Payables.Bill(w.T.Context(), w.DB, p.BillID)
			require.NoError(w.T, err)
			paid := map[payables.BillStatus]int{payables.BillApproved: 1, payables.BillVoided: 0}[bill.Status]
			w.count(paid, "financials.bill_payments WHERE bill_id = ?", p.BillID)
		}
}

func approveRejectBill(w *world) (a, b command, judge func(*world, error, error)) {
	bill := w.Billed()
	return do(w.P.Payables.ApproveBill, payables.ApproveBillParams{BillID: bill.ID, ActorID: w.Boss}),
		do(w.P.Payables.RejectBill, payables.RejectBillParams{BillID: bill.ID, ActorID: recipes.Staff, Reason: "not ours"}),
		func(w *world, a, b error) {
			w.one(a, b, payables.ErrBillStatus)
			w.count(1, "freehold.approvals v JOIN freehold.approval_requests r ON r.id = v.request_id WHERE r.subject_id = ?", bill.ID)
		}
}

func returnReturn(w *world) (a, b command, judge func(*world, error, error)) {
	m, err := w.P.Payables.PayBill(w.T.Context(), w.DB, w.Paying())
	require.NoError(w.T, err)
	back := func() command {
		return do(w.P.Payables.ReturnBillPayment, payables.ReturnBillPaymentParams{IdempotencyKey: recipes.Key(), PaymentID: m.ID, Date: recipes.MovedOn, ActorID: recipes.Staff})
	}
	return back(), back(), func(w *world, a, b error) {
		w.one(a, b, payables.ErrPaymentReturned)
		w.count(2, "financials.bill_payments WHERE bill_id = ?", m.BillID)
	}
}
