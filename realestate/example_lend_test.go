package realestate_test

import (
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate"
)

// A host with a pool of pgx keeps it and gives it to the library too.
func ExampleLendPgxPool() {
	ctx, db, end := exampleDB()
	defer end()
	pool, err := pgxpool.New(ctx, pgtest.ExampleDSN(db)) // the host's own
	if err != nil {
		panic(err)
	}
	defer pool.Close()

	lent := realestate.LendPgxPool(pool)
	defer func() { _ = lent.Close() }()
	property, err := examplePlatform().Properties.RegisterProperty(ctx, lent, elmCourt())
	if err != nil {
		panic(err)
	}
	var name string
	if err := pool.QueryRow(ctx, "SELECT property_name FROM properties.properties WHERE id = $1", property.ID.String()).Scan(&name); err != nil {
		panic(err)
	}
	fmt.Println(name)
	// Output:
	// Elm Court
}

// The host's statements and the library's verbs are one transaction of pgx, which the
// host ends.
func ExampleInPgxTx() {
	ctx, db, end := exampleDB()
	defer end()
	pool, err := pgxpool.New(ctx, pgtest.ExampleDSN(db)) // the host's own
	if err != nil {
		panic(err)
	}
	defer pool.Close()

	p := examplePlatform()
	err = pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "CREATE TABLE public.deals (property_id UUID REFERENCES properties.properties (id), source TEXT)"); err != nil {
			return err
		}
		return realestate.InPgxTx(ctx, tx, func(db bun.IDB) error {
			property, err := p.Properties.RegisterProperty(ctx, db, elmCourt())
			if err != nil {
				return err
			}
			_, err = tx.Exec(ctx, "INSERT INTO public.deals VALUES ($1, 'broker')", property.ID.String())
			return err
		})
	})
	if err != nil {
		panic(err)
	}
	var deals int
	if err := pool.QueryRow(ctx, "SELECT count(*) FROM public.deals JOIN properties.properties p ON p.id = property_id").Scan(&deals); err != nil {
		panic(err)
	}
	fmt.Println(deals, "deal with its property")
	// Output:
	// 1 deal with its property
}
