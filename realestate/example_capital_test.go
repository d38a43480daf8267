package realestate_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// exampleCommitment commits, or waits where there is no room.
func exampleCommitment(ctx context.Context, db bun.IDB, o *investments.Offering, who id.Of[auth.User], key, amount string) *investments.Subscription {
	sub, err := examplePlatform().Commitments.Commit(ctx, db, investments.CommitParams{IdempotencyKey: key, OfferingID: o.ID, InvestorID: who,
		Amount: money.MustParse(amount), Date: date.MustParse("2026-01-10"), JoinWaitlist: true, ActorID: who})
	if err != nil {
		panic(err)
	}
	return sub
}

// An investor sells a third of their position. Somebody who is on neither side
// approves, and the buyer's accreditation is judged when it is carried out.
func ExamplePlatform_transfer() {
	ctx, db, end := exampleDB()
	defer end()
	p, o := examplePlatform(), exampleOffering(ctx, db)
	seller, buyer, manager := exampleUser(ctx, db, "ada@example.com", true), exampleUser(ctx, db, "bob@example.com", true),
		exampleUser(ctx, db, "manager@example.com", false)
	sub := exampleCommitment(ctx, db, o, seller, "ada-1", "100000")
	if _, err := p.Commitments.ReceiveContribution(ctx, db, investments.ReceiveContributionParams{IdempotencyKey: "wire-1", SubscriptionID: sub.ID, Date: date.MustParse("2026-01-15"), ActorID: staff}); err != nil {
		panic(err)
	}

	t, err := p.Positions.RequestTransfer(ctx, db, investments.RequestTransferParams{IdempotencyKey: "sale-1", PositionID: *sub.PositionID, ToInvestorID: buyer,
		Fraction: decimal.RequireFromString("0.3333333333"), EffectiveDate: date.MustParse("2026-03-01"), ActorID: seller})
	if err != nil {
		panic(err)
	}
	if _, err = p.Positions.ApproveTransfer(ctx, db, investments.ApproveTransferParams{TransferID: t.ID, ActorID: buyer}); errors.Is(err, investments.ErrActorParty) {
		fmt.Println(err)
	}
	if _, err = p.Positions.ApproveTransfer(ctx, db, investments.ApproveTransferParams{TransferID: t.ID, ActorID: manager}); err != nil {
		panic(err)
	}
	for range 2 { // the key makes a second try harmless
		if t, err = p.Positions.CompleteTransfer(ctx, db, investments.CompleteTransferParams{IdempotencyKey: "sale-1", TransferID: t.ID, ActorID: staff}); err != nil {
			panic(err)
		}
	}
	held, err := p.Positions.Position(ctx, db, *t.ToPositionID)
	if err != nil {
		panic(err)
	}
	fmt.Println(t.Status, t.Amount, held.InvestmentAmount)
	// Output:
	// actor_id: who acts is a party to the matter (actor_is_party)
	// completed 33333.33 33333.33
}

// A quarter of every commitment is called. One investor pays in part, and late.
func ExamplePlatform_capitalCall() {
	ctx, db, end := exampleDB()
	defer end()
	p, o := examplePlatform(), exampleOffering(ctx, db)
	manager := exampleUser(ctx, db, "manager@example.com", false)
	exampleCommitment(ctx, db, o, exampleUser(ctx, db, "ada@example.com", true), "ada-1", "40000")
	exampleCommitment(ctx, db, o, exampleUser(ctx, db, "bob@example.com", true), "bob-1", "60000")

	quarter := decimal.RequireFromString("0.25")
	call, err := p.Commitments.CallCapital(ctx, db, investments.CallCapitalParams{IdempotencyKey: "call-1", OfferingID: o.ID, Fraction: &quarter,
		DueDate: date.MustParse("2026-03-01"), ActorID: manager})
	if err != nil {
		panic(err)
	}
	if call, err = p.Commitments.IssueCall(ctx, db, investments.IssueCallParams{CallID: call.ID, NoticeDate: date.MustParse("2026-02-15"), ActorID: staff}); err != nil {
		panic(err)
	}
	lines, err := p.Commitments.CallLines(ctx, db, call.ID, page.Request{})
	if err != nil {
		panic(err)
	}
	fmt.Println("call", call.Number, call.Status, call.TotalAmount)
	for i, paid := range []string{"0", "5000"} { // zero is all that is outstanding
		l, err := p.Commitments.ReceiveCall(ctx, db, investments.ReceiveCallParams{IdempotencyKey: fmt.Sprint("wire-", i), LineID: lines.Items[i].ID,
			Amount: money.MustParse(paid), Date: date.MustParse("2026-03-10"), ActorID: staff})
		if err != nil {
			panic(err)
		}
		open, _ := l.Outstanding()
		fmt.Println(l.Status, "open:", !open.IsZero())
	}
	late, err := p.Commitments.LateCallLines(ctx, db, o.ID, date.MustParse("2026-03-11"), page.Request{})
	if err != nil {
		panic(err)
	}
	fmt.Println("late:", len(late.Items))
	// Output:
	// call 1 issued 25000.00
	// received open: false
	// partial open: true
	// late: 1
}

// An offering is full, so the next investor waits. Room appears when the first
// one's money is refunded.
func ExamplePlatform_admit() {
	ctx, db, end := exampleDB()
	defer end()
	p, o := examplePlatform(), exampleOffering(ctx, db)
	first := exampleCommitment(ctx, db, o, exampleUser(ctx, db, "ada@example.com", true), "ada-1", "100000")
	next := exampleCommitment(ctx, db, o, exampleUser(ctx, db, "bob@example.com", true), "bob-1", "50000")
	fmt.Println(next.Status, *next.WaitlistNumber)

	if _, err := p.Commitments.ReceiveContribution(ctx, db, investments.ReceiveContributionParams{IdempotencyKey: "wire-1", SubscriptionID: first.ID, Date: date.MustParse("2026-01-15"), ActorID: staff}); err != nil {
		panic(err)
	}
	first, err := p.Commitments.RefundContribution(ctx, db, investments.RefundContributionParams{IdempotencyKey: "refund-1", SubscriptionID: first.ID, Date: date.MustParse("2026-01-20"), Reason: "changed plans", ActorID: staff})
	if err != nil {
		panic(err)
	}
	fmt.Println(first.Status, first.Refunded)
	if next, err = p.Commitments.Admit(ctx, db, investments.AdmitParams{IdempotencyKey: "promote-1", SubscriptionID: next.ID, ActorID: staff}); err != nil {
		panic(err)
	}
	fmt.Println(next.Status, next.Amount)
	// Output:
	// waitlisted 1
	// cancelled 100000.00
	// open 50000.00
}
