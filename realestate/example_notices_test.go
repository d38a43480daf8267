package realestate_test

import (
	"fmt"

	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/communications"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// An installment is called and the investor gets notice of it; later a
// distribution is paid, with his portfolio brought up to date and another notice.
func ExamplePlatform_notices() {
	ctx, db, end := exampleDB()
	defer end()
	p, o := examplePlatform(), exampleOffering(ctx, db)
	ada, clerk, manager := exampleUser(ctx, db, "ada@example.com", true), exampleUser(ctx, db, "clerk@example.com", false), exampleUser(ctx, db, "manager@example.com", false)
	sub := exampleCommitment(ctx, db, o, ada, "ada", "60000")

	all := money.MustParse("60000")
	call, err := p.Commitments.CallCapital(ctx, db, investments.CallCapitalParams{IdempotencyKey: "first", OfferingID: o.ID, Amount: &all,
		DueDate: date.MustParse("2026-02-01"), ActorID: clerk})
	if err != nil {
		panic(err)
	}
	if _, err = p.Commitments.IssueCall(ctx, db, investments.IssueCallParams{CallID: call.ID, NoticeDate: date.MustParse("2026-01-12"), ActorID: staff}); err != nil {
		panic(err)
	}
	if _, err = p.Commitments.ReceiveContribution(ctx, db, investments.ReceiveContributionParams{IdempotencyKey: "wire", SubscriptionID: sub.ID, Date: date.MustParse("2026-01-15"), ActorID: staff}); err != nil {
		panic(err)
	}

	day := date.MustParse("2026-04-15")
	d, err := p.Distributions.Declare(ctx, db, investments.DeclareParams{IdempotencyKey: "q1", OfferingID: o.ID, Type: investments.DistributionQuarterly,
		Date: day, Amount: money.MustParse("1000"), ActorID: clerk})
	if err != nil {
		panic(err)
	}
	if _, err = p.Distributions.Approve(ctx, db, investments.ApproveDistributionParams{DistributionID: d.ID, ActorID: manager}); err != nil {
		panic(err)
	}
	for range 2 { // the key makes a second try harmless
		_, err = p.Distributions.Pay(ctx, db, investments.PayParams{IdempotencyKey: "q1", DistributionID: d.ID, Date: day, Method: investments.PayACH, ActorID: staff})
		if err != nil {
			panic(err)
		}
	}
	told, err := p.Communications.Notifications(ctx, db, ada, communications.NotificationFilter{Unread: true}, page.Request{})
	if err != nil {
		panic(err)
	}
	for _, n := range told.Items {
		fmt.Println(*n.Type, n.ActionData["amount"], *n.Message)
	}
	portfolio, err := p.Reports.Portfolio(ctx, db, ada)
	fmt.Println(portfolio.TotalDistributions, err)
	// Unordered output:
	// capital_call 60000.00 A part of what you committed has been called and is due on 2026-02-01.
	// distribution_paid 1000.00 A distribution was paid on 2026-04-15.
	// 1000.00 <nil>
}
