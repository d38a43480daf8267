package realestate_test

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/users"
)

// exampleDB is a database of an example's own, migrated and empty.
func exampleDB() (context.Context, *bun.DB, func()) { return pgtest.Example() }

// examplePlatform is a platform whose clock stands still.
func examplePlatform() *realestate.Platform {
	p, err := realestate.New(realestate.Config{Now: func() time.Time { return time.Date(2026, 2, 1, 9, 0, 0, 0, time.UTC) }})
	if err != nil {
		panic(err)
	}
	return p
}

// exampleUser registers a user, with an approved accreditation if he invests.
func exampleUser(ctx context.Context, db bun.IDB, email string, accredited bool) id.Of[auth.User] {
	p := examplePlatform()
	u, err := p.Users.Register(ctx, db, auth.RegisterParams{Email: email})
	if err != nil {
		panic(err)
	}
	if accredited {
		v, err := p.Profiles.SubmitVerification(ctx, db, users.SubmitVerificationParams{UserID: u.ID, Type: users.VerificationAccredited})
		if err != nil {
			panic(err)
		}
		reviewer := exampleUser(ctx, db, "reviewer-of-"+email, false)
		if _, err = p.Profiles.ApproveVerification(ctx, db, users.ApproveVerificationParams{ID: v.ID, ReviewerID: reviewer}); err != nil {
			panic(err)
		}
	}
	return u.ID
}

// staff is the user of the platform who acts where it does not matter who.
var staff = id.MustParse[auth.User]("01980000-0000-7000-8000-000000000004")

// asker is another one, who asks for what somebody else has to agree to.
var asker = id.MustParse[auth.User]("01980000-0000-7000-8000-00000000000b")

// hire makes staff and asker users of a database, once.
func hire(ctx context.Context, db bun.IDB) error {
	for email, who := range map[string]id.Of[auth.User]{"staff@example.com": staff, "asker@example.com": asker} {
		if _, err := examplePlatform().Users.Register(ctx, db, auth.RegisterParams{ID: who, Email: email}); err != nil {
			return err
		}
	}
	return nil
}

// elmCourt is a property to register.
func elmCourt() properties.RegisterPropertyParams {
	return properties.RegisterPropertyParams{Name: "Elm Court", AddressLine1: "1 Elm St", City: "Columbus", State: "OH", ZipCode: "43215"}
}

// exampleOffering is an open offering of Elm Court with a hard cap of 100,000.
func exampleOffering(ctx context.Context, db bun.IDB) *investments.Offering {
	p, hardCap := examplePlatform(), money.MustParse("100000")
	if err := hire(ctx, db); err != nil {
		panic(err)
	}
	property, err := p.Properties.RegisterProperty(ctx, db, elmCourt())
	if err != nil {
		panic(err)
	}
	o, err := p.Offerings.Create(ctx, db, investments.CreateOfferingParams{PropertyID: property.ID, Name: "Elm Court", Slug: "elm-court", HardCap: &hardCap, ActorID: staff})
	if err != nil {
		panic(err)
	}
	if o, err = p.Offerings.Open(ctx, db, investments.OpenOfferingParams{OfferingID: o.ID, ActorID: staff}); err != nil {
		panic(err)
	}
	return o
}
