package realestate_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// A deal from the commitment to the payment, and the proof that the books hold.
func Example() {
	ctx, db, done := exampleDB()
	defer done()
	p := examplePlatform()
	offering := exampleOffering(ctx, db)
	manager, approver := exampleUser(ctx, db, "manager@example.com", false), exampleUser(ctx, db, "approver@example.com", false)
	investors := map[string]id.Of[auth.User]{"ada": exampleUser(ctx, db, "ada@example.com", true), "bob": exampleUser(ctx, db, "bob@example.com", true)}

	err := realestate.Do(ctx, db, func(tx bun.IDB) error {
		for name, amount := range map[string]string{"ada": "60000", "bob": "30000"} {
			s, err := p.Commitments.Commit(ctx, tx, investments.CommitParams{
				IdempotencyKey: "commit-" + name, OfferingID: offering.ID, InvestorID: investors[name],
				Amount: money.MustParse(amount), Date: date.MustParse("2026-01-10"), ActorID: investors[name],
			})
			if err != nil {
				return err
			}
			_, err = p.Commitments.ReceiveContribution(ctx, tx, investments.ReceiveContributionParams{
				IdempotencyKey: "fund-" + name, SubscriptionID: s.ID, Date: date.MustParse("2026-01-15"), ActorID: manager,
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	day := date.MustParse("2026-04-15")
	d, err := p.Distributions.Declare(ctx, db, investments.DeclareParams{
		IdempotencyKey: "q1", OfferingID: offering.ID, Type: investments.DistributionQuarterly, Date: day,
		Amount: money.MustParse("1000.00"), ActorID: manager,
	})
	if err == nil {
		_, err = p.Distributions.Approve(ctx, db, investments.ApproveDistributionParams{DistributionID: d.ID, ActorID: approver})
	}
	if err == nil {
		d, err = p.Distributions.Pay(ctx, db, investments.PayParams{IdempotencyKey: "q1", DistributionID: d.ID, Date: day, Method: investments.PayACH, ActorID: manager})
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	lines, err := p.Distributions.DistributionLines(ctx, db, d.ID, page.Request{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(d.TotalAmount, d.Status)
	for _, l := range lines.Items {
		fmt.Println(l.DistributionAmount)
	}
	report, err := p.Verify(ctx, db)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("the books hold:", report.OK())
	// Unordered output:
	// 1000.00 completed
	// 666.67
	// 333.33
	// the books hold: true
}

// A Config that makes no sense names its field.
func ExampleNew() {
	_, err := realestate.New(realestate.Config{Scope: strings.Repeat("x", 201)})
	for _, e := range fault.FieldErrors(err) {
		fmt.Println(e.Field, e.Code)
	}
	// Output: scope text_too_long
}

// All of a unit of work happens, or nothing.
func ExampleInTx() {
	ctx, db, done := exampleDB()
	defer done()
	p := examplePlatform()

	err := realestate.InTx(ctx, db, func(tx bun.IDB) error {
		if _, err := p.Properties.RegisterProperty(ctx, tx, elmCourt()); err != nil {
			return err
		}
		_, err := p.Properties.RegisterProperty(ctx, tx, elmCourt()) // the slug is taken now
		return err
	})
	fmt.Println(errors.Is(err, properties.ErrSlugTaken))
	_, err = p.Properties.PropertyBySlug(ctx, db, "elm-court")
	fmt.Println(err)
	// Output:
	// true
	// there is no such property (property_not_found)
}

// Who wrote reads what they wrote, from a standby once it has it: a token of the
// primary, taken after the commit, goes with their session.
func ExampleReader() {
	ctx, db, done := exampleDB()
	defer done()
	p := examplePlatform()
	reader := realestate.Reader{Primary: db, Replica: nil} // the pool of the standby, where there is one

	property, err := p.Properties.RegisterProperty(ctx, db, elmCourt())
	if err != nil {
		fmt.Println(err)
		return
	}
	token, err := realestate.Written(ctx, reader.Primary)
	if err != nil {
		fmt.Println(err)
		return
	}
	var name string
	err = reader.Read(ctx, token, func(db bun.IDB) error { // it may run twice
		found, err := p.Properties.Property(ctx, db, property.ID)
		if err == nil {
			name = found.Name
		}
		return err
	})
	fmt.Println(name, err)
	// Output: Elm Court <nil>
}

// A key chosen outside makes a unit of work safe to run again, whatever became
// of the first run.
func ExampleDo() {
	ctx, db, done := exampleDB()
	defer done()
	p := examplePlatform()
	offering, investor := exampleOffering(ctx, db), exampleUser(ctx, db, "ada@example.com", true)

	order := investments.CommitParams{
		IdempotencyKey: "order-4711", OfferingID: offering.ID, InvestorID: investor,
		Amount: money.MustParse("60000"), Date: date.MustParse("2026-01-10"), ActorID: investor,
	}
	commit := func(c investments.CommitParams) (s *investments.Subscription, err error) {
		err = realestate.Do(ctx, db, func(tx bun.IDB) error { s, err = p.Commitments.Commit(ctx, tx, c); return err })
		return s, err
	}
	first, err := commit(order)
	if err != nil {
		fmt.Println(err)
		return
	}
	again, err := commit(order)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(first.ID == again.ID)
	order.Amount = money.MustParse("70000")
	_, err = commit(order)
	fmt.Println(err)
	// Output:
	// true
	// idempotency_key: the key belongs to another request (idempotency_key_reused)
}

// A host with a plain *sql.Tx lends it, and alone decides how it ends.
func ExampleLendTx() {
	ctx, db, done := exampleDB()
	defer done()
	p := examplePlatform()

	pool := db.DB // any *sql.DB over PostgreSQL
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = p.Properties.RegisterProperty(ctx, realestate.LendTx(tx), elmCourt())
	fmt.Println("registered:", err == nil)
	_, err = p.Properties.PropertyBySlug(ctx, realestate.LendTx(tx), "elm-court")
	fmt.Println("seen inside:", err == nil)
	if err := tx.Rollback(); err != nil {
		fmt.Println(err)
	}
	_, err = p.Properties.PropertyBySlug(ctx, db, "elm-court")
	fmt.Println("gone after the rollback:", errors.Is(err, fault.NotFound))
	// Output:
	// registered: true
	// seen inside: true
	// gone after the rollback: true
}

// History says who changed what, and the past can be read.
func ExampleSetActor() {
	ctx, db, done := exampleDB()
	defer done()
	p := examplePlatform()
	before, err := p.Properties.RegisterProperty(ctx, db, elmCourt())
	if err != nil {
		fmt.Println(err)
		return
	}

	err = realestate.InTx(ctx, db, func(tx bun.IDB) error {
		if err := realestate.SetActor(ctx, tx, "job:rename"); err != nil {
			return err
		}
		name := "Elm Court on the Park"
		_, err := p.Properties.UpdateProperty(ctx, tx, properties.UpdatePropertyParams{ID: before.ID, Version: before.Version, Name: &name})
		return err
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	var changedBy string
	if err := db.NewRaw("SELECT changed_by FROM properties.properties_history WHERE id = ?", before.ID).Scan(ctx, &changedBy); err != nil {
		fmt.Println(err)
		return
	}
	was, err := p.Properties.PropertyAsOf(ctx, db, before.ID, before.UpdatedAt)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(was.Name+", changed by", changedBy)
	// Output: Elm Court, changed by job:rename
}

// What decides about an error is its kind; what identifies it is its variable.
func ExamplePlatform_commit() {
	ctx, db, done := exampleDB()
	defer done()
	p, investor := examplePlatform(), exampleUser(ctx, db, "eve@example.com", false)

	_, err := p.Commitments.Commit(ctx, db, investments.CommitParams{
		IdempotencyKey: "order-1", OfferingID: exampleOffering(ctx, db).ID, InvestorID: investor,
		Amount: money.MustParse("60000"), Date: date.MustParse("2026-01-10"), ActorID: investor,
	})
	fmt.Println(errors.Is(err, fault.Forbidden), errors.Is(err, investments.ErrNotAccredited), fault.CodeOf(err))
	// Output: true true not_accredited
}

// A list is read in pages, or as one sequence.
func ExamplePlatform_pages() {
	ctx, db, done := exampleDB()
	defer done()
	p := examplePlatform()
	for _, name := range []string{"Elm Court", "Oak Court", "Ash Court"} {
		params := elmCourt()
		params.Name = name
		if _, err := p.Properties.RegisterProperty(ctx, db, params); err != nil {
			fmt.Println(err)
			return
		}
	}

	request := page.Request{Limit: 2}
	for {
		list, err := p.Properties.Properties(ctx, db, properties.PropertyFilter{State: "OH"}, request)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(len(list.Items), "on this page")
		if list.Next == "" {
			break
		}
		request.After = list.Next
	}
	n := 0
	for _, err := range p.Properties.AllProperties(ctx, db, properties.PropertyFilter{}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		n++
	}
	fmt.Println(n, "in all")
	// Output:
	// 2 on this page
	// 1 on this page
	// 3 in all
}

// A cached figure that somebody changed by hand is found, and the row named.
func ExamplePlatform_Verify() {
	ctx, db, done := exampleDB()
	defer done()
	p := examplePlatform()
	exampleOffering(ctx, db)

	if _, err := db.ExecContext(ctx, "UPDATE investments.opportunities SET committed_amount = 7"); err != nil {
		fmt.Println(err)
		return
	}
	report, err := p.Verify(ctx, db)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range report.Findings {
		fmt.Println(f.Invariant + ": " + f.Detail)
	}
	// Output: committed_amount is the open and funded subscriptions: cached 7.00, subscriptions 0
}

// A host's own statement on the library's tables fails with the library's
// errors.
func ExampleTranslateError() {
	ctx, db, done := exampleDB()
	defer done()

	_, err := db.ExecContext(ctx, "INSERT INTO properties.units (property_id, unit_number) VALUES (gen_random_uuid(), '101')")
	err = realestate.TranslateError("properties", err)
	for _, e := range fault.FieldErrors(err) {
		fmt.Println(e.Field, e.Code)
	}
	// Output: property_id reference_not_found
}

// The bounds of the retries are the caller's to choose.
func ExampleRetry() {
	ctx, db, done := exampleDB()
	defer done()

	runs := 0
	err := realestate.Retry{Attempts: 3}.Do(ctx, db, func(bun.IDB) error {
		runs++
		return fault.New(fault.Unavailable, "bank_busy", "the bank does not answer")
	})
	fmt.Println(runs, err)
	runs = 0
	err = realestate.Do(ctx, db, func(bun.IDB) error {
		runs++
		return context.Canceled // trying again would not help
	})
	fmt.Println(runs, err)
	// Output:
	// 3 the bank does not answer (bank_busy)
	// 1 context canceled
}
