package payables_test

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/payables"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// shop is what the examples need: a property, a vendor and two who work there.
type shop struct {
	*payables.Service
	property    id.Of[properties.Property]
	vendor      id.Of[payables.Vendor]
	clerk, boss id.Of[auth.User]
}

func open(ctx context.Context, tx bun.IDB) shop {
	today := func() time.Time { return time.Date(2026, 12, 31, 9, 0, 0, 0, time.UTC) }
	s := shop{Service: payables.NewService(payables.Config{Now: today}), clerk: id.New[auth.User](), boss: id.New[auth.User]()}
	for _, who := range []id.Of[auth.User]{s.clerk, s.boss} {
		if _, err := tx.NewRaw("INSERT INTO auth.users (id, email, password_hash) VALUES (?, ?, '!')", who, who.String()+"@example.com").Exec(ctx); err != nil {
			panic(err)
		}
	}
	asset, err := properties.NewService(properties.Config{Now: today}).RegisterProperty(ctx, tx, properties.RegisterPropertyParams{
		Name: "Maple Court", AddressLine1: "410 Maple Ave", City: "Columbus", State: "OH", ZipCode: "43215"})
	if err != nil {
		panic(err)
	}
	v, err := s.AddVendor(ctx, tx, payables.AddVendorParams{Name: "Buckeye Plumbing", Reported: true, ActorID: s.clerk})
	if err != nil {
		panic(err)
	}
	s.property, s.vendor = asset.ID, v.ID
	return s
}

// A bill is entered, approved by somebody else, aged and paid.
func ExampleService_EnterBill() {
	ctx, tx, end := pgtest.ExampleTx()
	defer end()
	s := open(ctx, tx)
	b, err := s.EnterBill(ctx, tx, payables.EnterBillParams{PropertyID: s.property, VendorID: s.vendor, Reference: "2026-118", Line: payables.LineMaintenanceRepairs,
		Amount: usd("1840.00"), BilledOn: day("2026-03-02"), DueOn: day("2026-04-01"), ActorID: s.clerk})
	if err != nil {
		panic(err)
	}
	_, err = s.ApproveBill(ctx, tx, payables.ApproveBillParams{BillID: b.ID, ActorID: s.clerk})
	fmt.Println(err)
	if _, err = s.ApproveBill(ctx, tx, payables.ApproveBillParams{BillID: b.ID, ActorID: s.boss}); err != nil {
		panic(err)
	}
	list, err := s.Aging(ctx, tx, payables.AgingParams{AsOf: day("2026-05-05")})
	if err != nil {
		panic(err)
	}
	fmt.Println(list[0].Name, "31 to 60 days:", list[0].To60)
	if _, err = s.PayBill(ctx, tx, payables.PayBillParams{IdempotencyKey: "check-1042", BillID: b.ID, Amount: b.Amount, Date: day("2026-05-06"), ActorID: s.clerk}); err != nil {
		panic(err)
	}
	year, err := s.VendorTotals(ctx, tx, payables.VendorTotalsParams{Year: 2026, AtLeast: usd("600")})
	if err != nil {
		panic(err)
	}
	fmt.Println("paid in 2026:", year[0].Paid)
	// Output:
	// actor_id: somebody else decides than who entered it (bill_second_person)
	// Buckeye Plumbing 31 to 60 days: 1840.00
	// paid in 2026: 1840.00
}

// What is broken is reported, given to a vendor and repaired at a cost.
func ExampleService_ReportMaintenance() {
	ctx, tx, end := pgtest.ExampleTx()
	defer end()
	s := open(ctx, tx)
	r, err := s.ReportMaintenance(ctx, tx, payables.ReportMaintenanceParams{PropertyID: s.property, Summary: "leak in the boiler room",
		Priority: payables.PriorityEmergency, Date: day("2026-03-01"), ActorID: s.clerk})
	if err != nil {
		panic(err)
	}
	if _, err = s.AssignMaintenance(ctx, tx, payables.AssignMaintenanceParams{RequestID: r.ID, VendorID: s.vendor, ActorID: s.clerk}); err != nil {
		panic(err)
	}
	if _, err = s.StartMaintenance(ctx, tx, payables.StartMaintenanceParams{RequestID: r.ID, Date: day("2026-03-01"), ActorID: s.clerk}); err != nil {
		panic(err)
	}
	r, err = s.CompleteMaintenance(ctx, tx, payables.CompleteMaintenanceParams{RequestID: r.ID, Date: day("2026-03-02"), Cost: usd("1840.00"), ActorID: s.clerk})
	if err != nil {
		panic(err)
	}
	fmt.Println(r.Status, r.ActualCost)
	// Output: completed 1840.00
}
