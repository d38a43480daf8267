package faulttest

import (
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/financials/payables"
	"github.com/freehold-go/freehold/properties/renovations"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

var payableVerbs = []verb{
	{"Payables.EnterBill", func(w *world) command { return do(w.p.Payables.EnterBill, w.billing()) }},
	{"Payables.ApproveBill", func(w *world) command {
		return do(w.p.Payables.ApproveBill, payables.ApproveBillParams{BillID: w.billed().ID, ActorID: w.boss})
	}},
	{"Payables.PayBill", func(w *world) command { return do(w.p.Payables.PayBill, w.paying()) }},
	{"Payables.ReturnBillPayment", func(w *world) command {
		paid, err := w.p.Payables.PayBill(w.t.Context(), w.db, w.paying())
		require.NoError(w.t, err)
		return do(w.p.Payables.ReturnBillPayment, payables.ReturnBillPaymentParams{IdempotencyKey: key(), PaymentID: paid.ID, Date: movedOn, ActorID: staff})
	}},
	{"Payables.VoidBill", func(w *world) command {
		return do(w.p.Payables.VoidBill, payables.VoidBillParams{BillID: w.paying().BillID, ActorID: staff})
	}},
	{"Renovations.CompleteProject", func(w *world) command {
		return do(w.p.Renovations.CompleteProject, renovations.CompleteProjectParams{ProjectID: w.works().ProjectID, Date: movedOn, Cost: money.MustParse("9000")})
	}},
	{"Renovations.CompleteUnitRenovation", func(w *world) command {
		rent := money.MustParse("1200")
		return do(w.p.Renovations.CompleteUnitRenovation, renovations.CompleteUnitRenovationParams{UnitRenovationID: w.works().ID, Date: movedOn, Cost: money.MustParse("9000"), PostRenovationRent: &rent})
	}},
	{"Renovations.ApproveChangeOrder", func(w *world) command {
		o, err := w.p.Renovations.RequestChangeOrder(w.t.Context(), w.db, renovations.RequestChangeOrderParams{ProjectID: w.works().ProjectID, Description: "tiles", Amount: money.MustParse("9"), ActorID: w.clerk})
		require.NoError(w.t, err)
		return do(w.p.Renovations.ApproveChangeOrder, renovations.ApproveChangeOrderParams{OrderID: o.ID, ActorID: w.boss})
	}},
}

// billing is a bill of a new vendor.
func (w *world) billing() payables.EnterBillParams {
	w.t.Helper()
	v, err := w.p.Payables.AddVendor(w.t.Context(), w.db, payables.AddVendorParams{Name: "Buckeye Plumbing", ActorID: staff})
	require.NoError(w.t, err)
	return payables.EnterBillParams{ID: id.New[payables.Bill](), PropertyID: w.prop, VendorID: v.ID, Reference: key(), Line: payables.LineMaintenanceRepairs, Amount: money.MustParse("500"),
		BilledOn: date.MustParse("2026-01-01"), DueOn: movedOn, ActorID: w.clerk}
}

func (w *world) billed() *payables.Bill {
	w.t.Helper()
	b, err := w.p.Payables.EnterBill(w.t.Context(), w.db, w.billing())
	require.NoError(w.t, err)
	return b
}

// paying is a payment of a bill that was approved.
func (w *world) paying() payables.PayBillParams {
	w.t.Helper()
	b, err := w.p.Payables.ApproveBill(w.t.Context(), w.db, payables.ApproveBillParams{BillID: w.billed().ID, ActorID: w.boss})
	require.NoError(w.t, err)
	return payables.PayBillParams{IdempotencyKey: key(), BillID: b.ID, Amount: b.Amount, Date: movedOn, ActorID: staff}
}

// works is the work in a unit that has begun.
func (w *world) works() *renovations.UnitRenovation {
	w.t.Helper()
	rent := money.MustParse("1000")
	p := w.project(w.prop, renovations.PlanUnit{UnitID: w.letting().UnitID, PreRenovationRent: &rent})
	_, err := w.p.Renovations.StartProject(w.t.Context(), w.db, renovations.StartProjectParams{ProjectID: p.ID, Date: date.MustParse("2026-01-01")})
	require.NoError(w.t, err)
	list, err := w.p.Renovations.UnitRenovations(w.t.Context(), w.db, p.ID, page.Request{})
	require.NoError(w.t, err)
	u, err := w.p.Renovations.StartUnitRenovation(w.t.Context(), w.db, renovations.StartUnitRenovationParams{UnitRenovationID: list.Items[0].ID, Date: date.MustParse("2026-01-02")})
	require.NoError(w.t, err)
	return u
}
