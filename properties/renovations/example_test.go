package renovations_test

import (
	"fmt"
	"time"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/properties/renovations"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
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
	if _, err = svc.ApproveProject(ctx, tx, renovations.ApproveProjectParams{ProjectID: p.ID, Budget: money.MustParse("240000")}); err != nil {
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
