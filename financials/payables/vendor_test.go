package payables_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/financials/payables"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// A vendor's tax id is sealed and comes back only to who asks for it; erased, it is gone.
func TestVendor_personalData(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Tx(t)
	o := newOffice(t, db)
	set := payables.SetVendorTaxIDParams{VendorID: o.vendor, TaxID: auth.NewSecret("12-3456789"), ActorID: o.clerk}
	v, err := o.SetVendorTaxID(ctx, db, set)
	require.NoError(t, err)
	require.Equal(t, int64(2), v.Version)
	v, err = o.SetVendorTaxID(ctx, db, set)
	require.NoError(t, err)
	require.Equal(t, int64(2), v.Version, "run again")
	set.TaxID = auth.NewSecret("12345678")
	_, err = o.SetVendorTaxID(ctx, db, set)
	require.ErrorIs(t, err, payables.ErrTaxID)
	var stored string
	require.NoError(t, db.NewRaw("SELECT tax_id FROM financials.vendors WHERE id = ?", o.vendor).Scan(ctx, &stored))
	require.NotContains(t, stored, "123456789")
	plain, err := o.RevealVendorTaxID(ctx, db, o.vendor)
	require.NoError(t, err)
	require.Equal(t, "123456789", plain.Reveal())

	b := o.owed("10", "2026-06-30")
	_, err = o.EraseVendor(ctx, db, payables.EraseVendorParams{VendorID: o.vendor, ActorID: o.boss})
	require.ErrorIs(t, err, payables.ErrVendorOpen)
	open, err := o.Obligations(ctx, db, o.vendorAccount)
	require.NoError(t, err)
	require.Equal(t, payables.Obligations{Bills: 1}, open)
	o.pay(b, "10", "2026-06-30")
	for range 2 {
		v, err = o.EraseVendor(ctx, db, payables.EraseVendorParams{VendorID: o.vendor, ActorID: o.boss})
		require.NoError(t, err)
		require.Equal(t, "erased", v.Name)
	}
	_, err = o.RevealVendorTaxID(ctx, db, o.vendor)
	require.ErrorIs(t, err, payables.ErrNoTaxID)
	_, err = o.UpdateVendor(ctx, db, payables.UpdateVendorParams{ID: o.vendor, Version: v.Version, Name: ptr("Pat"), ActorID: o.boss})
	require.ErrorIs(t, err, payables.ErrVendorErased)
	_, err = o.EnterBill(ctx, db, payables.EnterBillParams{PropertyID: o.property, VendorID: o.vendor, Line: payables.LineUtilities, Amount: usd("1"), BilledOn: day("2026-06-01"), DueOn: day("2026-06-01"), ActorID: o.clerk})
	require.ErrorIs(t, err, payables.ErrVendorErased)
	o.holds()
}

// Facts of a vendor change behind their version.
func TestUpdateVendor(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Tx(t)
	o := newOffice(t, db)
	v, err := o.UpdateVendor(ctx, db, payables.UpdateVendorParams{ID: o.vendor, Version: 1, Name: ptr("Pat P."), Email: ptr(""), Address: ptr("1 Main St"), Reported: ptr(false), ActorID: o.clerk})
	require.NoError(t, err)
	require.Equal(t, "Pat P. 1 Main St false 2", fmt.Sprint(v.Name, " ", *v.Address, " ", v.Reported, " ", v.Version))
	require.Nil(t, v.Email)
	_, err = o.UpdateVendor(ctx, db, payables.UpdateVendorParams{ID: o.vendor, Version: 1, Name: ptr("x"), ActorID: o.clerk})
	require.ErrorIs(t, err, store.ErrStale)
	v, err = o.UpdateVendor(ctx, db, payables.UpdateVendorParams{ID: o.vendor, Version: 2, ActorID: o.clerk})
	require.NoError(t, err)
	require.Equal(t, int64(2), v.Version)
	list, err := o.Vendors(ctx, db, payables.VendorFilter{UserID: &o.vendorAccount, Reported: ptr(false)}, page.Request{})
	require.NoError(t, err)
	require.Len(t, list.Items, 1)
}

// The totals of a year are what was paid in it on reported bills, less what came back.
func TestVendorTotals(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Tx(t)
	o := newOffice(t, db)
	o.pay(o.owed("100", "2025-06-30"), "100", "2025-12-31")
	o.pay(o.owed("250", "2026-01-31"), "250", "2026-01-01")
	back := o.pay(o.owed("70", "2026-01-31"), "70", "2026-02-01")
	_, err := o.ReturnBillPayment(ctx, db, payables.ReturnBillPaymentParams{IdempotencyKey: key(), PaymentID: back.ID, Date: day("2026-02-03"), ActorID: o.clerk})
	require.NoError(t, err)
	o.pay(o.owed("999", "2026-01-31", func(p *payables.EnterBillParams) { p.Unreported = true }), "999", "2026-01-31")
	company, err := o.AddVendor(ctx, db, payables.AddVendorParams{Name: "Incorporated", ActorID: o.clerk})
	require.NoError(t, err)
	o.pay(o.owed("5000", "2026-01-31", func(p *payables.EnterBillParams) { p.VendorID = company.ID }), "5000", "2026-01-31")
	v, err := o.SetVendorTaxID(ctx, db, payables.SetVendorTaxIDParams{VendorID: o.vendor, TaxID: auth.NewSecret("123-45-6789"), ActorID: o.clerk})
	require.NoError(t, err)
	require.Equal(t, "6789", *v.TaxIDLast4)
	tell := func(year int, least string) string {
		list, err := o.VendorTotals(ctx, db, payables.VendorTotalsParams{Year: year, AtLeast: usd(least)})
		require.NoError(t, err)
		var out []string
		for _, l := range list {
			out = append(out, l.Name+" "+*l.TaxIDLast4+" "+l.Paid.String())
		}
		return strings.Join(out, ", ")
	}
	require.Equal(t, "Pat Plumber 6789 100.00", tell(2025, "0"))
	require.Equal(t, "Pat Plumber 6789 250.00", tell(2026, "250"))
	require.Empty(t, tell(2026, "250.01"))
	require.Empty(t, tell(2024, "0"))
	_, err = o.VendorTotals(ctx, db, payables.VendorTotalsParams{AtLeast: usd("-1")})
	require.Len(t, fault.FieldErrors(err), 2)
	o.holds()
}

// A repair goes from a report to its cost, and a bill names it.
func TestMaintenance_life(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Tx(t)
	o := newOffice(t, db)
	report := payables.ReportMaintenanceParams{ID: id.New[payables.MaintenanceRequest](), PropertyID: o.property, UnitID: &o.unit, Summary: "no hot water", Priority: payables.PriorityHigh,
		Date: day("2026-05-04"), ActorID: o.clerk}
	r, err := o.ReportMaintenance(ctx, db, report)
	require.NoError(t, err)
	_, err = o.ReportMaintenance(ctx, db, report)
	require.NoError(t, err)
	report.ID, report.UnitID = id.New[payables.MaintenanceRequest](), ptr(id.New[properties.Unit]())
	_, err = o.ReportMaintenance(ctx, db, report)
	require.ErrorIs(t, err, payables.ErrMaintenanceUnit)
	start := payables.StartMaintenanceParams{RequestID: r.ID, Date: day("2026-05-05"), ActorID: o.vendorAccount}
	_, err = o.StartMaintenance(ctx, db, start)
	require.ErrorIs(t, err, payables.ErrMaintenanceStatus)
	assign := payables.AssignMaintenanceParams{RequestID: r.ID, VendorID: o.vendor, ScheduledOn: ptr(day("2027-01-05")), EstimatedCost: ptr(usd("300")), ActorID: o.vendorAccount}
	_, err = o.AssignMaintenance(ctx, db, assign)
	require.ErrorIs(t, err, payables.ErrActorParty)
	assign.ActorID = o.clerk
	for range 2 {
		r, err = o.AssignMaintenance(ctx, db, assign)
		require.NoError(t, err)
		require.Equal(t, "assigned 2", fmt.Sprint(r.Status, " ", r.Version))
	}
	open, err := o.Obligations(ctx, db, o.vendorAccount)
	require.NoError(t, err)
	require.Equal(t, 1, open.Repairs)
	for range 2 {
		_, err = o.StartMaintenance(ctx, db, start)
		require.NoError(t, err, "the vendor says so themselves")
	}
	done := payables.CompleteMaintenanceParams{RequestID: r.ID, Date: day("2026-05-04"), Cost: usd("280"), ActorID: o.clerk}
	_, err = o.CompleteMaintenance(ctx, db, done)
	require.ErrorIs(t, err, payables.ErrMaintenanceDays)
	done.Date = day("2026-05-06")
	for range 2 {
		r, err = o.CompleteMaintenance(ctx, db, done)
		require.NoError(t, err)
		require.Equal(t, "completed 280.00 2026-05-06", fmt.Sprint(r.Status, " ", r.ActualCost, " ", r.EndedOn))
	}
	_, err = o.CancelMaintenance(ctx, db, payables.CancelMaintenanceParams{RequestID: r.ID, Date: day("2026-05-06"), Reason: "x", ActorID: o.clerk})
	require.ErrorIs(t, err, payables.ErrMaintenanceStatus)
	b := o.owed("280", "2026-06-30", func(p *payables.EnterBillParams) { p.RequestID = &r.ID })
	list, err := o.Bills(ctx, db, payables.BillFilter{RequestID: &r.ID}, page.Request{})
	require.NoError(t, err)
	require.Equal(t, b.ID, list.Items[0].ID)

	report.ID, report.UnitID = id.New[payables.MaintenanceRequest](), nil
	twice, err := o.ReportMaintenance(ctx, db, report)
	require.NoError(t, err)
	for range 2 {
		twice, err = o.CancelMaintenance(ctx, db, payables.CancelMaintenanceParams{RequestID: twice.ID, Date: day("2026-05-06"), Reason: "reported twice", ActorID: o.clerk})
		require.NoError(t, err)
	}
	found, err := o.MaintenanceList(ctx, db, payables.MaintenanceFilter{PropertyID: &o.property, Statuses: []payables.MaintenanceStatus{payables.MaintenanceCancelled}, Priority: payables.PriorityHigh}, page.Request{})
	require.NoError(t, err)
	require.Len(t, found.Items, 1)
	o.holds()
}
