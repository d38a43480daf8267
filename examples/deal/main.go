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
const terms = `{
	"promote_recipient": %q,
	"prefs": {"common": {"rate": "0.08"}},
	"tiers": {"capital": [
		{"name": "Preferred return", "type": "pref"},
		{"name": "Capital", "type": "return_of_capital"},
		{"name": "Profit", "type": "split", "promote": "0.20"}]}}`

func main() {
	if err := run(context.Background(), os.Getenv("FREEHOLD_DSN"), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// run makes the deal on an empty database and writes who got what, and why.
func run(ctx context.Context, dsn string, w io.Writer) error {
	db, err := realestate.OpenDB(ctx, dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	migrator, err := migrations.New(migrations.Config{})
	if err != nil {
		return err
	}
	if err := migrator.Up(ctx, db); err != nil {
		return err
	}
	// The gate of a real platform asks for accreditation and signed papers.
	anyone := func(*investments.Offering, *investments.Account, investments.Evidence) error { return nil }
	p, err := realestate.New(realestate.Config{Gate: anyone})
	if err != nil {
		return err
	}
	d := deal{Platform: p, day: date.Must(2025, 1, 1), manager: id.New[auth.User](), offering: id.New[investments.Offering]()}
	if err := realestate.Do(ctx, db, func(tx bun.IDB) error { return d.raise(ctx, tx) }); err != nil {
		return err
	}
	if err := realestate.Do(ctx, db, func(tx bun.IDB) error { return d.sell(ctx, tx) }); err != nil {
		return err
	}
	return d.report(ctx, db, w)
}

// deal is what the steps hand on. A step may run again after its COMMIT: the ids by
// which it knows its own work are chosen before it, and the rest is set again.
type deal struct {
	*realestate.Platform
	day          date.Date
	manager      id.Of[auth.User]
	offering     id.Of[investments.Offering]
	distribution id.Of[investments.Distribution]
}

// person registers somebody.
func (d *deal) person(ctx context.Context, tx bun.IDB, email string) (id.Of[auth.User], error) {
	return d.register(ctx, tx, auth.RegisterParams{Email: email})
}

func (d *deal) register(ctx context.Context, tx bun.IDB, p auth.RegisterParams) (id.Of[auth.User], error) {
	u, err := d.Users.Register(ctx, tx, p)
	if err != nil {
		return id.Of[auth.User]{}, err
	}
	return u.ID, nil
}

// raise registers the property, opens the offering under its terms, and takes two
// commitments with their money.
func (d *deal) raise(ctx context.Context, tx bun.IDB) error {
	if _, err := d.Offerings.Offering(ctx, tx, d.offering); !errors.Is(err, fault.NotFound) {
		return err // nil when a run before was committed, and its answer was lost
	}
	property, err := d.Properties.RegisterProperty(ctx, tx, properties.RegisterPropertyParams{
		Name: "Elm Court", AddressLine1: "1 Elm St", City: "Columbus", State: "OH", ZipCode: "43215"})
	if err != nil {
		return err
	}
	if _, err = d.register(ctx, tx, auth.RegisterParams{ID: d.manager, Email: "manager@example.com"}); err != nil {
		return err
	}
	sponsor, err := d.Accounts.Open(ctx, tx, investments.OpenAccountParams{InvestorID: d.manager, Type: investments.AccountLLC, Name: "Elm Sponsor LLC", ActorID: d.manager})
	if err != nil {
		return err
	}
	hardCap := money.MustParse("300000")
	if _, err = d.Offerings.Create(ctx, tx, investments.CreateOfferingParams{ID: d.offering, PropertyID: property.ID, Name: "Elm Court", Slug: "elm-court", HardCap: &hardCap, ActorID: d.manager}); err != nil {
		return err
	}
	agreed, err := waterfall.ParseTerms(fmt.Appendf(nil, terms, sponsor.ID.String()))
	if err != nil {
		return err
	}
	if _, err = d.Offerings.SetTerms(ctx, tx, investments.SetTermsParams{OfferingID: d.offering, EffectiveDate: d.day, Terms: agreed, ActorID: d.manager}); err != nil {
		return err
	}
	if _, err = d.Offerings.Open(ctx, tx, investments.OpenOfferingParams{OfferingID: d.offering, ActorID: d.manager}); err != nil {
		return err
	}
	for _, c := range []struct{ name, amount string }{{"ada", "200000"}, {"bob", "100000"}} {
		who, err := d.person(ctx, tx, c.name+"@example.com")
		if err != nil {
			return err
		}
		s, err := d.Commitments.Commit(ctx, tx, investments.CommitParams{IdempotencyKey: "commit-" + c.name, OfferingID: d.offering,
			InvestorID: who, Amount: money.MustParse(c.amount), Date: d.day, ActorID: who})
		if err != nil {
			return err
		}
		if _, err = d.Commitments.ReceiveContribution(ctx, tx, investments.ReceiveContributionParams{IdempotencyKey: "receive-" + c.name, SubscriptionID: s.ID, Date: d.day, ActorID: d.manager}); err != nil {
			return err
		}
	}
	return nil
}

// sell distributes the proceeds of the sale, a year later. Somebody else than its
// creator approves a distribution.
func (d *deal) sell(ctx context.Context, tx bun.IDB) error {
	sold := d.day.AddMonths(12)
	made, err := d.Distributions.Declare(ctx, tx, investments.DeclareParams{IdempotencyKey: "sale", OfferingID: d.offering, ActorID: d.manager,
		Type: investments.DistributionSaleProceeds, Method: investments.MethodWaterfall, Date: sold, Amount: money.MustParse("360000")})
	if err != nil {
		return err
	}
	d.distribution = made.ID
	if made.Status != investments.DistributionStatusPending {
		return nil // the key found a run before, which went on to the end
	}
	approver, err := d.person(ctx, tx, "approver@example.com")
	if err != nil {
		return err
	}
	if _, err = d.Distributions.Approve(ctx, tx, investments.ApproveDistributionParams{DistributionID: made.ID, ActorID: approver}); err != nil {
		return err
	}
	_, err = d.Distributions.Pay(ctx, tx, investments.PayParams{IdempotencyKey: "sale", DistributionID: made.ID, Date: sold, Method: investments.PayACH, ActorID: d.manager})
	return err
}

// report writes the lines of the distribution with their reasons, and the proof.
func (d *deal) report(ctx context.Context, db bun.IDB, w io.Writer) error {
	lines, err := d.Distributions.DistributionLines(ctx, db, d.distribution, page.Request{})
	if err != nil {
		return err
	}
	slices.SortFunc(lines.Items, func(a, b investments.DistributionLine) int { return b.DistributionAmount.Cmp(a.DistributionAmount) })
	for _, l := range lines.Items {
		who, err := d.Users.User(ctx, db, l.InvestorID)
		if err != nil {
			return err
		}
		why, err := d.Distributions.ExplainLine(ctx, db, l.ID)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s gets %s:\n", who.Email, l.DistributionAmount)
		for _, step := range why.Lines {
			fmt.Fprintf(w, "  %s: %s. %s\n", step.Tier, step.Amount, step.Text)
		}
	}
	proof, err := d.Verify(ctx, db)
	if err != nil {
		return err
	}
	fmt.Fprintln(w, "Every invariant holds:", proof.OK())
	return nil
}
