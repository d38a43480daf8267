// Command first is the README's second program, the first with a database: it
// prepares the one that FREEHOLD_DSN names and puts a property on record.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"

	"github.com/freehold-go/freehold/migrations"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate"
)

func main() {
	ctx := context.Background()
	db, err := realestate.OpenDB(ctx, os.Getenv("FREEHOLD_DSN"))
	check(err)
	migrator, err := migrations.New(migrations.Config{})
	check(err)
	check(migrator.Up(ctx, db))
	platform, err := realestate.New(realestate.Config{})
	check(err)

	p, err := platform.Properties.RegisterProperty(ctx, db, properties.RegisterPropertyParams{
		Name: "Elm Court", AddressLine1: "1 Elm St", City: "Columbus", State: "OH", ZipCode: "43215",
		Units: []properties.UnitParams{{Number: "101"}, {Number: "102"}},
	})
	if errors.Is(err, properties.ErrSlugTaken) { // the program ran before
		p, err = platform.Properties.PropertyBySlug(ctx, db, "elm-court")
	}
	check(err)
	fmt.Printf("%s: %d units in %s\n", p.Name, p.TotalUnits, p.City)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
