package outbox_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/outbox"
	"github.com/freehold-go/freehold/realestate/page"
)

// A host that wants to know what happened drains the outbox, here once; a server
// calls Run in a goroutine of its own instead.
func ExampleRelay() {
	ctx, db, end := pgtest.Example()
	defer end()
	revalued(ctx, db)

	result, err := outbox.Relay{Owner: "mailer"}.Drain(ctx, db, func(_ context.Context, e outbox.Message) error {
		if !outbox.Is[properties.PropertyRevalued](e) {
			return nil // not of interest, and taken by that
		}
		revalued, err := outbox.Decode[properties.PropertyRevalued](e)
		if err != nil {
			return err
		}
		property := id.Cast[properties.Property](e.AggregateID)
		fmt.Println("tell the investors:", !property.IsZero(), "is worth", revalued.Amount)
		return nil
	})
	fmt.Println(result.Failed, err)
	// Output:
	// tell the investors: true is worth 9500000.00
	// 0 <nil>
}

// What a handler writes to the same database in the given transaction happens
// exactly once.
func ExampleRelay_drainTx() {
	ctx, db, end := pgtest.Example()
	defer end()
	if _, err := db.ExecContext(ctx, "CREATE TABLE mails (property uuid, event uuid)"); err != nil {
		panic(err)
	}
	revalued(ctx, db)

	fails := true
	relay := outbox.Relay{Backoff: 1, MaxBackoff: 1} // retry at once
	for range 2 {
		_, err := relay.DrainTx(ctx, db, func(ctx context.Context, tx bun.IDB, e outbox.Message) error {
			if !outbox.Is[properties.PropertyRevalued](e) {
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
func ExampleDead() {
	ctx, db, end := pgtest.Example()
	defer end()
	revalued(ctx, db)

	refuse := func(_ context.Context, e outbox.Message) error {
		if outbox.Is[properties.PropertyRegistered](e) {
			return errors.New("the text is not kept, it may name somebody")
		}
		return nil
	}
	if _, err := (outbox.Relay{MaxAttempts: 1}).Drain(ctx, db, refuse); err != nil {
		panic(err)
	}
	dead, err := outbox.Dead(ctx, db, page.Request{})
	if err != nil {
		panic(err)
	}
	for _, d := range dead.Items {
		fmt.Println(d.Type, d.Error, "holds back", d.Blocked)
		if err := outbox.Skip(ctx, db, d.ID); err != nil {
			panic(err)
		}
	}
	result, err := outbox.Relay{}.Drain(ctx, db, refuse)
	fmt.Println(result.Delivered, err)
	// Output:
	// properties.property_registered handler_error holds back 1
	// 1 <nil>
}

// revalued registers a property and gives it a value, which leaves two events.
func revalued(ctx context.Context, db bun.IDB) {
	svc := properties.NewService(properties.Config{})
	p, err := svc.RegisterProperty(ctx, db, properties.RegisterPropertyParams{Name: "Elm Court", AddressLine1: "1 Elm St", City: "Columbus", State: "OH", ZipCode: "43215"})
	if err != nil {
		panic(err)
	}
	value := properties.RevalueParams{PropertyID: p.ID, Amount: money.MustParse("9500000"), Date: date.MustParse("2026-01-31")}
	if _, err := svc.Revalue(ctx, db, value); err != nil {
		panic(err)
	}
}
