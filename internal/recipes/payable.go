package recipes

import (
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/financials/payables"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/properties/renovations"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
	"github.com/freehold-go/freehold/realestate/realestatetest"
)

var payableVerbs = []Recipe{
	{"Payables.EnterBill", func(w *World) Call { return Do(w.P.Payables.EnterBill, w.billing()) }},
	{"Payables.ApproveBill", func(w *World) Call {
		return Do(w.P.Payables.ApproveBill, payables.ApproveBillParams{BillID: w.Billed().ID, ActorID: w.Boss})
	}},
	{"Payables.PayBill", func(w *World) Call { return Do(w.P.Payables.PayBill, w.Paying()) }},
	{"Payables.ReturnBillPayment", func(w *World) Call {
		paid, err := w.P.Payables.PayBill(w.T.Context(), w.DB, w.Paying())
		require.NoError(w.T, err)
		return Do(w.P.Payables.ReturnBillPayment, payables.ReturnBillPaymentParams{IdempotencyKey: Key(), PaymentID: paid.ID, Date: MovedOn, ActorID: Staff})
	}},
	{"Payables.VoidBill", func(w *World) Call {
		return Do(w.P.Payables.VoidBill, payables.VoidBillParams{BillID: w.Paying().BillID, Date: MovedOn, ActorID: Staff})
	}},
	{"Renovations.CompleteProject", func(w *World) Call {
		return Do(w.P.Renovations.CompleteProject, renovations.CompleteProjectParams{ProjectID: w.works().ProjectID, Date: MovedOn, Cost: money.MustParse("9000")})
	}},
	{"Renovations.CompleteUnitRenovation", func(w *World) Call {
		rent := money.MustParse("1200")
		return Do(w.P.Renovations.CompleteUnitRenovation, renovations.CompleteUnitRenovationParams{UnitRenovationID: w.works().ID, Date: MovedOn, Cost: money.MustParse("9000"), PostRenovationRent: &rent})
	}},
	{"Renovations.ApproveChangeOrder", func(w *World) Call {
		o, err := w.P.Renovations.RequestChangeOrder(w.T.Context(), w.DB, renovations.RequestChangeOrderParams{ProjectID: w.works().ProjectID, Description: "tiles", Amount: money.MustParse("9"), ActorID: w.Clerk})
		require.NoError(w.T, err)
		return Do(w.P.Renovations.ApproveChangeOrder, renovations.ApproveChangeOrderParams{OrderID: o.ID, ActorID: w.Boss})
	}},
}

// billing is a bill of a new vendor and of a property of its own, whose lock no other order holds.
func (w *World) billing() payables.EnterBillParams {
	w.T.Helper()
	v, err := w.P.Payables.AddVendor(w.T.Context(), w.DB, payables.AddVendorParams{Name: "Buckeye Plumbing", ActorID: Staff})
	require.NoError(w.T, err)
	return payables.EnterBillParams{ID: id.New[payables.Bill](), PropertyID: realestatetest.Property(w.T, w.DB).ID, VendorID: v.ID, Reference: Key(), Line: payables.LineMaintenanceRepairs, Amount: money.MustParse("500"),
		BilledOn: date.MustParse("2026-01-01"), DueOn: MovedOn, ActorID: w.Clerk}
}

// Billed is a bill that waits for its approval.
func (w *World) Billed() *payables.Bill {
	w.T.Helper()
	b, err := w.P.Payables.EnterBill(w.T.Context(), w.DB, w.billing())
	require.NoError(w.T, err)
	return b
}

// Paying is a payment of a bill that was approved.
func (w *World) Paying() payables.PayBillParams {
	w.T.Helper()
	b, err := w.P.Payables.ApproveBill(w.T.Context(), w.DB, payables.ApproveBillParams{BillID: w.Billed().ID, ActorID: w.Boss})
	require.NoError(w.T, err)
	return payables.PayBillParams{IdempotencyKey: Key(), BillID: b.ID, Amount: b.Amount, Date: MovedOn, ActorID: Staff}
}

// works is the work in a unit that has begun.
func (w *World) works() *renovations.UnitRenovation {
	w.T.Helper()
	rent := money.MustParse("1000")
	p := w.Project(w.Property, renovations.PlanUnit{UnitID: w.letting().UnitID, PreRenovationRent: &rent})
	_, err := w.P.Renovations.StartProject(w.T.Context(), w.DB, renovations.StartProjectParams{ProjectID: p.ID, Date: date.MustParse("2026-01-01")})
	require.NoError(w.T, err)
	list, err := w.P.Renovations.UnitRenovations(w.T.Context(), w.DB, p.ID, page.Request{})
	require.NoError(w.T, err)
	u, err := w.P.Renovations.StartUnitRenovation(w.T.Context(), w.DB, renovations.StartUnitRenovationParams{UnitRenovationID: list.Items[0].ID, Date: date.MustParse("2026-01-02")})
	require.NoError(w.T, err)
	return u
}

// Project is a renovation of units that is approved.
func (w *World) Project(property id.Of[properties.Property], units ...renovations.PlanUnit) *renovations.Project {
	w.T.Helper()
	p, err := w.P.Renovations.PlanProject(w.T.Context(), w.DB, renovations.PlanProjectParams{PropertyID: property, Name: "Roof", Units: units})
	require.NoError(w.T, err)
	p, err = w.P.Renovations.ApproveProject(w.T.Context(), w.DB, renovations.ApproveProjectParams{ProjectID: p.ID, Budget: money.MustParse("10000"), ActorID: Staff})
	require.NoError(w.T, err)
	return p
}
