// Command deal is a deal in one file: a property, an offering under the terms of
// its waterfall, two commitments, a distribution, why an investor gets what they
// get, and the proof that the books hold.
//
//	FREEHOLD_DSN=postgres://user@host/empty go run ./examples/deal
//
// The role may create schemas in the database. What the program prints is in
// testdata/output.txt. The verbs that move money have keys, so that a run after a
// lost connection changes nothing twice.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"slices"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/migrations"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// terms pay 8 % a year first, then capital, and share the profit 80 to 20.
const terms = `{"promote_recipient": %q, "prefs": {"common": {"rate": "0.08"}}, "tiers": {"capital": [
	{"name": "Preferred return", "type": "pref"},
	{"name": "Capital", "type": "return_of_capital"},
	{"name": "Profit", "type": "split", "promote": "0.20"}]}}`

func main() {
	if err := run(context.Background(), os.Getenv("FREEHOLD_DSN"), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// run makes the deal on an empty database and writes who got what, and why.
func run(ctx context.Context, dsn string, w io.Writer) (err error) {
	defer caught(&err)
	db := must(realestate.OpenDB(ctx, dsn))
	defer db.Close()
	check(must(migrations.New(migrations.Config{})).Up(ctx, db))
	// The gate of a real platform asks for accreditation and signed papers.
	anyone := func(*investments.Offering, *investments.Account, investments.Evidence) error { return nil }
	d := deal{Platform: must(realestate.New(realestate.Config{Gate: anyone})), day: date.Must(2025, 1, 1),
		manager: id.New[auth.User](), offering: id.New[investments.Offering]()}
	for _, step := range []func(context.Context, bun.IDB){d.raise, d.sell} {
		check(realestate.Do(ctx, db, func(tx bun.IDB) (err error) { // one transaction, again after a lost connection
			defer caught(&err)
			step(ctx, tx)
			return nil
		}))
	}
	d.report(ctx, db, w)
	return nil
}

// deal is what the steps share. A step may run again after its COMMIT, so the ids by
// which it knows its own work are chosen before it.
type deal struct {
	*realestate.Platform
	day      date.Date
	manager  id.Of[auth.User]
	offering id.Of[investments.Offering]
}

// raise registers the property, opens the offering under its terms, and takes two
// commitments with their money.
func (d *deal) raise(ctx context.Context, tx bun.IDB) {
	if _, err := d.Offerings.Offering(ctx, tx, d.offering); !errors.Is(err, fault.NotFound) {
		check(err)
		return // a run before was committed, and its answer was lost
	}
	property := must(d.Properties.RegisterProperty(ctx, tx, properties.RegisterPropertyParams{
		Name: "Elm Court", AddressLine1: "1 Elm St", City: "Columbus", State: "OH", ZipCode: "43215"}))
	must(d.Users.Register(ctx, tx, auth.RegisterParams{ID: d.manager, Email: "manager@example.com"}))
	sponsor := must(d.Accounts.Open(ctx, tx, investments.OpenAccountParams{InvestorID: d.manager,
		Type: investments.AccountLLC, Name: "Elm Sponsor LLC", ActorID: d.manager}))
	hardCap := money.MustParse("300000")
	must(d.Offerings.Create(ctx, tx, investments.CreateOfferingParams{ID: d.offering, PropertyID: property.ID,
		Name: "Elm Court", Slug: "elm-court", HardCap: &hardCap, ActorID: d.manager}))
	agreed := must(waterfall.ParseTerms(fmt.Appendf(nil, terms, sponsor.ID.String())))
	must(d.Offerings.SetTerms(ctx, tx, investments.SetTermsParams{OfferingID: d.offering, EffectiveDate: d.day,
		Terms: agreed, ActorID: d.manager}))
	must(d.Offerings.Open(ctx, tx, investments.OpenOfferingParams{OfferingID: d.offering, ActorID: d.manager}))
	for _, c := range []struct{ name, amount string }{{"ada", "200000"}, {"bob", "100000"}} {
		who := must(d.Users.Register(ctx, tx, auth.RegisterParams{Email: c.name + "@example.com"})).ID
		s := must(d.Commitments.Commit(ctx, tx, investments.CommitParams{IdempotencyKey: "commit-" + c.name, OfferingID: d.offering,
			InvestorID: who, Amount: money.MustParse(c.amount), Date: d.day, ActorID: who}))
		must(d.Commitments.ReceiveContribution(ctx, tx, investments.ReceiveContributionParams{IdempotencyKey: "receive-" + c.name,
			SubscriptionID: s.ID, Date: d.day, ActorID: d.manager}))
	}
}

// sell distributes the proceeds of the sale, a year later. A distribution is approved
// by somebody else than who declared it.
func (d *deal) sell(ctx context.Context, tx bun.IDB) {
	sold := d.day.AddMonths(12)
	made := must(d.Distributions.Declare(ctx, tx, investments.DeclareParams{IdempotencyKey: "sale", OfferingID: d.offering,
		Type: investments.DistributionSaleProceeds, Method: investments.MethodWaterfall, Date: sold,
		Amount: money.MustParse("360000"), ActorID: d.manager}))
	if made.Status != investments.DistributionStatusPending {
		return // the key found a run before, which went on to the end
	}
	approver := must(d.Users.Register(ctx, tx, auth.RegisterParams{Email: "approver@example.com"})).ID
	must(d.Distributions.Approve(ctx, tx, investments.ApproveDistributionParams{DistributionID: made.ID, ActorID: approver}))
	must(d.Distributions.Pay(ctx, tx, investments.PayParams{IdempotencyKey: "sale", DistributionID: made.ID, Date: sold,
		Method: investments.PayACH, ActorID: d.manager}))
}

// report writes the lines of the distribution with their reasons, and the proof.
func (d *deal) report(ctx context.Context, db bun.IDB, w io.Writer) {
	sale := must(d.Distributions.Distributions(ctx, db, d.offering, page.Request{})).Items[0]
	lines := must(d.Distributions.DistributionLines(ctx, db, sale.ID, page.Request{})).Items
	slices.SortFunc(lines, func(a, b investments.DistributionLine) int { return b.DistributionAmount.Cmp(a.DistributionAmount) })
	for _, l := range lines {
		fmt.Fprintf(w, "%s gets %s:\n", must(d.Users.User(ctx, db, l.InvestorID)).Email, l.DistributionAmount)
		for _, why := range must(d.Distributions.ExplainLine(ctx, db, l.ID)).Lines {
			fmt.Fprintf(w, "  %s: %s. %s\n", why.Tier, why.Amount, why.Text)
		}
	}
	fmt.Fprintln(w, "Every invariant holds:", must(d.Verify(ctx, db)).OK())
}

// failed carries an error out of a step, to keep this file short.
type failed struct{ error }

func check(err error) {
	if err != nil {
		panic(failed{err})
	}
}

func must[T any](v T, err error) T {
	check(err)
	return v
}

// caught makes the error of a step its result.
func caught(err *error) {
	switch r := recover().(type) {
	case nil:
	case failed:
		*err = r.error
	default:
		panic(r)
	}
}
