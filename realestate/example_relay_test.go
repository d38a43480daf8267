package realestate_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// A host that wants to know what happened drains the outbox, here once; a server
// calls Run in a goroutine of its own instead.
func ExampleRelay() {
	ctx, db, end := exampleDB()
	defer end()
	exampleOffering(ctx, db)

	result, err := realestate.Relay{Owner: "mailer"}.Drain(ctx, db, func(_ context.Context, e realestate.Event) error {
		if !realestate.Is[investments.OfferingOpened](e) {
			return nil // not of interest, and taken by that
		}
		opened, err := realestate.Decode[investments.OfferingOpened](e)
		if err != nil {
			return err
		}
		offering := id.Cast[investments.Offering](e.AggregateID)
		fmt.Println("tell the investors:", !offering.IsZero(), "limit", opened.HardCap)
		return nil
	})
	fmt.Println(result.Failed, err)
	// Output:
	// tell the investors: true limit 100000.00
	// 0 <nil>
}

// What a handler writes to the same database in the given transaction happens
// exactly once.
func ExampleRelay_drainTx() {
	ctx, db, end := exampleDB()
	defer end()
	if _, err := db.ExecContext(ctx, "CREATE TABLE mails (offering uuid, event uuid)"); err != nil {
		panic(err)
	}
	exampleOffering(ctx, db)

	fails := true
	relay := realestate.Relay{Backoff: 1, MaxBackoff: 1} // retry at once
	for range 2 {
		_, err := relay.DrainTx(ctx, db, func(ctx context.Context, tx bun.IDB, e realestate.Event) error {
			if !realestate.Is[investments.OfferingOpened](e) {
				return nil
			}
			if _, err := tx.NewRaw("INSERT INTO mails VALUES (?, ?)", e.AggregateID, e.ID).Exec(ctx); err != nil {
				return err
			}
			if fails {
				fails = false
				return errors.New("something else went wrong")
			}
			return nil
		})
		if err != nil {
			panic(err)
		}
	}
	n, err := db.NewSelect().TableExpr("mails").Count(ctx)
	fmt.Println(n, err)
	// Output:
	// 1 <nil>
}

// An event that its handler keeps refusing is dead, and holds back what comes
// after it until somebody decides.
func ExampleDeadLetters() {
	ctx, db, end := exampleDB()
	defer end()
	exampleOffering(ctx, db)

	refuse := func(_ context.Context, e realestate.Event) error {
		if realestate.Is[investments.OfferingCreated](e) {
			return errors.New("the text is not kept, it may name somebody")
		}
		return nil
	}
	if _, err := (realestate.Relay{MaxAttempts: 1}).Drain(ctx, db, refuse); err != nil {
		panic(err)
	}
	dead, err := realestate.DeadLetters(ctx, db, page.Request{})
	if err != nil {
		panic(err)
	}
	for _, d := range dead.Items {
		fmt.Println(d.Type, d.Error, "holds back", d.Blocked)
		if err := realestate.SkipDead(ctx, db, d.ID); err != nil {
			panic(err)
		}
	}
	result, err := realestate.Relay{}.Drain(ctx, db, refuse)
	fmt.Println(result.Delivered, err)
	// Output:
	// investments.offering_created handler_error holds back 1
	// 1 <nil>
}
