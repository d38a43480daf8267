package realestate_test

import (
	"fmt"

	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// The wires of a day are recorded in one command: all of them or none. What is
// wrong is said at once, for each wire.
func ExamplePlatform_contributions() {
	ctx, db, end := exampleDB()
	defer end()
	p, o := examplePlatform(), exampleOffering(ctx, db)
	ada := exampleCommitment(ctx, db, o, exampleUser(ctx, db, "ada@example.com", true), "ada-1", "40000")
	bob := exampleCommitment(ctx, db, o, exampleUser(ctx, db, "bob@example.com", true), "bob-1", "60000")

	day := date.MustParse("2026-01-15")
	wires := investments.ReceiveContributionsParams{IdempotencyKey: "wires-2026-01-15", OfferingID: o.ID, ActorID: staff, Receipts: []investments.Receipt{
		{SubscriptionID: ada.ID, Date: day, Reference: "FED-1"}, // all that is outstanding
		{SubscriptionID: bob.ID, Date: day, Reference: "FED-2", Amount: money.MustParse("60000.01")},
	}}
	_, err := p.Commitments.ReceiveContributions(ctx, db, wires)
	for _, e := range fault.FieldErrors(err) {
		fmt.Println(e.Field, e.Code)
	}
	wires.Receipts[1].Amount = money.MustParse("25000")
	for range 2 { // the key makes a second try harmless
		got, err := p.Commitments.ReceiveContributions(ctx, db, wires)
		if err != nil {
			panic(err)
		}
		fmt.Println(got.Count, "receipts,", got.Amount)
	}
	funnel, err := p.Analytics.FunnelCounts(ctx, db, o.ID)
	if err != nil {
		panic(err)
	}
	fmt.Println(funnel.Committed, "committed,", funnel.Funded, "funded")
	// Output:
	// receipts[1].amount overfunded
	// 2 receipts, 65000.00
	// 2 receipts, 65000.00
	// 2 committed, 1 funded
}

// The name, the description and the summary of an offering are searched for
// words, and a change of them is found at once.
func ExamplePlatform_searchOfferings() {
	ctx, db, end := exampleDB()
	defer end()
	p, o := examplePlatform(), exampleOffering(ctx, db)
	text := "Garden apartments by the lake"
	o, err := p.Offerings.Update(ctx, db, investments.UpdateOfferingParams{ID: o.ID, Version: o.Version, Description: &text, ActorID: staff})
	if err != nil {
		panic(err)
	}
	found, err := p.Offerings.Search(ctx, db, `apartment "the lake" -tower`, investments.OfferingFilter{Status: investments.OfferingStatusOpen}, page.Request{})
	if err != nil {
		panic(err)
	}
	for _, f := range found.Items {
		fmt.Println(f.Name == o.Name, *f.Description)
	}
	// Output:
	// true Garden apartments by the lake
}
