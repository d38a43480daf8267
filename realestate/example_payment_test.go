package realestate_test

import (
	"fmt"

	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// A distribution is handed to the bank, which pays one investor and refuses the
// other; then the whole of it proves to be wrong, and what was paid comes back.
func ExamplePlatform_payments() {
	ctx, db, end := exampleDB()
	defer end()
	p, o := examplePlatform(), exampleOffering(ctx, db)
	for key, amount := range map[string]string{"ada": "60000", "bob": "40000"} {
		sub := exampleCommitment(ctx, db, o, exampleUser(ctx, db, key+"@example.com", true), key, amount)
		if _, err := p.Commitments.ReceiveContribution(ctx, db, investments.ReceiveContributionParams{IdempotencyKey: key, SubscriptionID: sub.ID, Date: date.MustParse("2026-01-15"), ActorID: staff}); err != nil {
			panic(err)
		}
	}
	clerk, manager := exampleUser(ctx, db, "clerk@example.com", false), exampleUser(ctx, db, "manager@example.com", false)
	day := date.MustParse("2026-04-15")
	must := func(d *investments.Distribution, err error) *investments.Distribution {
		if err != nil {
			panic(err)
		}
		return d
	}
	d := must(p.Distributions.Declare(ctx, db, investments.DeclareParams{IdempotencyKey: "q1", OfferingID: o.ID, Type: investments.DistributionQuarterly,
		Date: day, Amount: money.MustParse("1000"), ActorID: clerk}))
	d = must(p.Distributions.Approve(ctx, db, investments.ApproveDistributionParams{DistributionID: d.ID, ActorID: manager}))
	d = must(p.Distributions.Process(ctx, db, investments.ProcessDistributionParams{IdempotencyKey: "q1", DistributionID: d.ID, Date: day, Method: investments.PayACH, ActorID: staff}))
	fmt.Println(d.Status)

	lines, err := p.Distributions.DistributionLines(ctx, db, d.ID, page.Request{})
	if err != nil {
		panic(err)
	}
	for _, l := range lines.Items {
		if l.DistributionAmount == money.MustParse("400") {
			_, err = p.Distributions.FailPayment(ctx, db, investments.FailPaymentParams{IdempotencyKey: "r-03", LineID: l.ID, Date: day.AddDays(1), Reason: "account closed", ActorID: staff})
		}
	}
	if err != nil {
		panic(err)
	}
	d = must(p.Distributions.ConfirmPayments(ctx, db, investments.ConfirmPaymentsParams{IdempotencyKey: "q1", DistributionID: d.ID, Date: day.AddDays(2), ActorID: staff}))
	fmt.Println(d.Status)

	d = must(p.Distributions.RequestReversal(ctx, db, investments.RequestReversalParams{ActorID: clerk, DistributionID: d.ID, Date: day.AddDays(3), Reason: "another deal's cash"}))
	d = must(p.Distributions.Reverse(ctx, db, investments.ReverseDistributionParams{ActorID: manager, IdempotencyKey: "q1", DistributionID: d.ID, Date: day.AddDays(3), Reason: "another deal's cash"}))
	owed, err := p.Distributions.Recoverables(ctx, db, o.ID, page.Request{})
	if err != nil {
		panic(err)
	}
	for _, r := range owed.Items {
		_, err = p.Distributions.RecordRecovery(ctx, db, investments.RecordRecoveryParams{IdempotencyKey: "back", OfferingID: o.ID, PositionID: r.PositionID, Amount: r.Owed, Date: day.AddDays(9), ActorID: staff})
		fmt.Println(d.Status, r.Owed, err)
	}
	report, err := p.Verify(ctx, db)
	fmt.Println(report.OK(), err)
	// Output:
	// processing
	// completed
	// reversed 600.00 <nil>
	// true <nil>
}
