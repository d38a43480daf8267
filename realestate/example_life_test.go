package realestate_test

import (
	"fmt"

	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// A position from the first result that is allocated to the sale: its capital
// account rolls forward, and the exit closes it with the gain.
func ExamplePlatform_exit() {
	ctx, db, end := exampleDB()
	defer end()
	p, o := examplePlatform(), exampleOffering(ctx, db)
	manager, approver := exampleUser(ctx, db, "manager@example.com", false), exampleUser(ctx, db, "approver@example.com", false)
	var ada id.Of[investments.Position]
	for name, amount := range map[string]string{"ada": "60000", "bob": "40000"} {
		sub := exampleCommitment(ctx, db, o, exampleUser(ctx, db, name+"@example.com", true), name, amount)
		if _, err := p.Commitments.ReceiveContribution(ctx, db, investments.ReceiveContributionParams{IdempotencyKey: name, SubscriptionID: sub.ID, Date: date.MustParse("2026-01-15"), ActorID: staff}); err != nil {
			panic(err)
		}
		if name == "ada" {
			ada = *sub.PositionID
		}
	}
	if _, err := p.Offerings.Close(ctx, db, investments.CloseOfferingParams{OfferingID: o.ID, ActorID: staff}); err != nil {
		panic(err)
	}
	for kind, amount := range map[investments.AllocationKind]string{
		investments.AllocationIncome: "5000", investments.AllocationFees: "500", investments.AllocationUnrealized: "12000",
	} {
		if _, err := p.Capital.Allocate(ctx, db, investments.AllocateParams{IdempotencyKey: string(kind), OfferingID: o.ID, Kind: kind,
			Amount: money.MustParse(amount), Date: date.MustParse("2026-06-30"), Description: "first half of 2026", ActorID: staff}); err != nil {
			panic(err)
		}
	}
	half, err := p.Capital.CapitalAccount(ctx, db, investments.CapitalAccountParams{PositionID: ada, To: date.MustParse("2026-06-30")})
	if err != nil {
		panic(err)
	}
	fmt.Println("June:", half.Contributions, "+", half.Income, "-", half.Fees, "+", half.UnrealizedChange, "=", half.Closing)

	for _, x := range []investments.DeclareParams{
		{IdempotencyKey: "income", Type: investments.DistributionQuarterly, Date: date.MustParse("2026-07-15"), Amount: money.MustParse("4500")},
		{IdempotencyKey: "sale", Type: investments.DistributionSaleProceeds, Date: date.MustParse("2026-12-15"), Amount: money.MustParse("115000")},
	} {
		x.OfferingID, x.ActorID = o.ID, manager
		d, err := p.Distributions.Declare(ctx, db, x)
		if err == nil {
			_, err = p.Distributions.Approve(ctx, db, investments.ApproveDistributionParams{DistributionID: d.ID, ActorID: approver})
		}
		if err == nil {
			_, err = p.Distributions.Pay(ctx, db, investments.PayParams{IdempotencyKey: x.IdempotencyKey, DistributionID: d.ID, Date: x.Date, Method: investments.PayWire, ActorID: staff})
		}
		if err != nil {
			panic(err)
		}
	}
	exit, err := p.Capital.ExitOffering(ctx, db, investments.ExitOfferingParams{IdempotencyKey: "exit", OfferingID: o.ID, Date: date.MustParse("2026-12-31"), ActorID: staff})
	if err != nil {
		panic(err)
	}
	fmt.Println("exit:", exit.Positions, "positions, sold for", exit.Proceeds, "gain", exit.RealizedGains)
	pos, err := p.Positions.Position(ctx, db, ada)
	if err != nil {
		panic(err)
	}
	year, err := p.Capital.CapitalAccount(ctx, db, investments.CapitalAccountParams{PositionID: ada, From: date.MustParse("2026-07-01"), To: date.MustParse("2026-12-31")})
	if err != nil {
		panic(err)
	}
	fmt.Println("ada:", pos.Status, pos.RealizedGains, "of", pos.TotalReturns)
	fmt.Println("December:", year.Opening, "->", year.Closing)
	report, err := p.Verify(ctx, db)
	if err != nil {
		panic(err)
	}
	fmt.Println("the books hold:", report.OK())
	// Output:
	// June: 60000.00 + 3000.00 - 300.00 + 7200.00 = 69900.00
	// exit: 2 positions, sold for 115000.00 gain 15000.00
	// ada: exited 9000.00 of 11700.00
	// December: 69900.00 -> 0.00
	// the books hold: true
}
