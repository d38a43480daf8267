package renovations_test

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/properties/renovations"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// A project is planned, approved with a budget, started and completed, in this order.
func ExampleService_PlanProject() {
	ctx, tx, end := pgtest.ExampleTx()
	defer end()
	today := func() time.Time { return time.Date(2026, 12, 31, 9, 0, 0, 0, time.UTC) }
	asset, err := properties.NewService(properties.Config{Now: today}).RegisterProperty(ctx, tx, properties.RegisterPropertyParams{
		Name: "Maple Court", AddressLine1: "410 Maple Ave", City: "Columbus", State: "OH", ZipCode: "43215"})
	if err != nil {
		panic(err)
	}
	svc := renovations.NewService(renovations.Config{Now: today})
	p, err := svc.PlanProject(ctx, tx, renovations.PlanProjectParams{PropertyID: asset.ID, Name: "Roof"})
	if err != nil {
		panic(err)
	}
	_, err = svc.StartProject(ctx, tx, renovations.StartProjectParams{ProjectID: p.ID, Date: date.MustParse("2026-05-04")})
	fmt.Println(err)
	if _, err = svc.ApproveProject(ctx, tx, renovations.ApproveProjectParams{ProjectID: p.ID, Budget: money.MustParse("240000"), ActorID: user(ctx, tx)}); err != nil {
		panic(err)
	}
	if _, err = svc.StartProject(ctx, tx, renovations.StartProjectParams{ProjectID: p.ID, Date: date.MustParse("2026-05-04")}); err != nil {
		panic(err)
	}
	p, err = svc.CompleteProject(ctx, tx, renovations.CompleteProjectParams{ProjectID: p.ID, Date: date.MustParse("2026-07-31"),
		Cost: money.MustParse("251300.75")})
	if err != nil {
		panic(err)
	}
	fmt.Println(p.Status, p.ActualCost)
	// Output:
	// the project's status does not allow this: planning, not approved (project_status)
	// completed 251300.75
}

// A unit is renovated while it is empty; its tenants' new rent is known later, and so is
// what the whole project brought.
func ExampleService_CompleteUnitRenovation() {
	ctx, tx, end := pgtest.ExampleTx()
	defer end()
	today := func() time.Time { return time.Date(2026, 12, 31, 9, 0, 0, 0, time.UTC) }
	assets := properties.NewService(properties.Config{Now: today})
	unit := id.New[properties.Unit]()
	asset, err := assets.RegisterProperty(ctx, tx, properties.RegisterPropertyParams{
		Name: "Maple Court", AddressLine1: "410 Maple Ave", City: "Columbus", State: "OH", ZipCode: "43215",
		Units: []properties.UnitParams{{ID: unit, Number: "101"}}})
	if err != nil {
		panic(err)
	}
	svc := renovations.NewService(renovations.Config{Now: today})
	before, after := money.MustParse("1150"), money.MustParse("1375")
	p, err := svc.PlanProject(ctx, tx, renovations.PlanProjectParams{PropertyID: asset.ID, Name: "Kitchens",
		Units: []renovations.PlanUnit{{UnitID: unit, PreRenovationRent: &before}}})
	if err != nil {
		panic(err)
	}
	if _, err = svc.ApproveProject(ctx, tx, renovations.ApproveProjectParams{ProjectID: p.ID, Budget: money.MustParse("15000"), ActorID: user(ctx, tx)}); err != nil {
		panic(err)
	}
	if _, err = svc.StartProject(ctx, tx, renovations.StartProjectParams{ProjectID: p.ID, Date: date.MustParse("2026-03-02")}); err != nil {
		panic(err)
	}
	works, err := svc.UnitRenovations(ctx, tx, p.ID, page.Request{})
	if err != nil {
		panic(err)
	}
	work := works.Items[0].ID
	if _, err = svc.StartUnitRenovation(ctx, tx, renovations.StartUnitRenovationParams{UnitRenovationID: work, Date: date.MustParse("2026-03-02")}); err != nil {
		panic(err)
	}
	if _, err = svc.CompleteUnitRenovation(ctx, tx, renovations.CompleteUnitRenovationParams{UnitRenovationID: work, Date: date.MustParse("2026-03-27"),
		Cost: money.MustParse("13500")}); err != nil {
		panic(err)
	}
	u, err := svc.UpdateUnitRenovation(ctx, tx, renovations.UpdateUnitRenovationParams{UnitRenovationID: work, PostRenovationRent: &after})
	if err != nil {
		panic(err)
	}
	fmt.Println("empty for", *u.DaysVacant, "days, rent", u.RentIncrease(), "more, return on cost", u.ReturnOnCost())
	if p, err = svc.CompleteProject(ctx, tx, renovations.CompleteProjectParams{ProjectID: p.ID, Date: date.MustParse("2026-04-01"), Cost: money.MustParse("14200")}); err != nil {
		panic(err)
	}
	if p, err = svc.MeasureProject(ctx, tx, renovations.MeasureProjectParams{ProjectID: p.ID, NOIIncrease: money.MustParse("2450")}); err != nil {
		panic(err)
	}
	fmt.Println("the project: rent", p.ActualRentIncrease, "more a month, return on cost", p.ReturnOnCost())
	// Output:
	// empty for 25 days, rent 225.00 more, return on cost 0.2
	// the project: rent 225.00 more a month, return on cost 0.172535
}

// user is somebody who acts.
func user(ctx context.Context, tx bun.IDB) id.Of[auth.User] {
	who := id.New[auth.User]()
	if _, err := tx.NewRaw("INSERT INTO auth.users (id, email, password_hash) VALUES (?, ?, '!')", who, who.String()+"@example.com").Exec(ctx); err != nil {
		panic(err)
	}
	return who
}

// A change order counts when somebody else than who asked agrees.
func ExampleService_RequestChangeOrder() {
	ctx, tx, end := pgtest.ExampleTx()
	defer end()
	manager, owner := user(ctx, tx), user(ctx, tx)
	asset, err := properties.NewService(properties.Config{}).RegisterProperty(ctx, tx, properties.RegisterPropertyParams{
		Name: "Maple Court", AddressLine1: "410 Maple Ave", City: "Columbus", State: "OH", ZipCode: "43215"})
	if err != nil {
		panic(err)
	}
	svc := renovations.NewService(renovations.Config{})
	p, err := svc.PlanProject(ctx, tx, renovations.PlanProjectParams{PropertyID: asset.ID, Name: "Roof"})
	if err != nil {
		panic(err)
	}
	if _, err = svc.ApproveProject(ctx, tx, renovations.ApproveProjectParams{ProjectID: p.ID, Budget: money.MustParse("240000"), ActorID: owner}); err != nil {
		panic(err)
	}
	o, err := svc.RequestChangeOrder(ctx, tx, renovations.RequestChangeOrderParams{ProjectID: p.ID, Description: "rotten decking",
		Amount: money.MustParse("8200"), ActorID: manager})
	if err != nil {
		panic(err)
	}
	_, err = svc.ApproveChangeOrder(ctx, tx, renovations.ApproveChangeOrderParams{OrderID: o.ID, ActorID: manager})
	fmt.Println(err)
	if _, err = svc.ApproveChangeOrder(ctx, tx, renovations.ApproveChangeOrderParams{OrderID: o.ID, ActorID: owner}); err != nil {
		panic(err)
	}
	b, err := svc.ProjectBudget(ctx, tx, p.ID)
	if err != nil {
		panic(err)
	}
	fmt.Println(b.Approved, "and", b.ChangeOrders, "is", b.Revised)
	// Output:
	// actor_id: somebody else decides than who asked (change_order_second_person)
	// 240000.00 and 8200.00 is 248200.00
}
