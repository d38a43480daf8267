package migrations_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/migrations"
)

// A host with a migration tool of its own takes the statements and runs them there.
func ExampleMigrator_SQL() {
	m, err := migrations.New(migrations.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	script, err := m.SQL(0, m.Latest())
	if err != nil {
		fmt.Println(err)
		return
	}
	lines := strings.Split(script, "\n")
	fmt.Println(lines[0])
	fmt.Println(lines[1])
	fmt.Println(lines[2])
	// Output:
	// CREATE EXTENSION IF NOT EXISTS postgis;
	// CREATE EXTENSION IF NOT EXISTS pg_trgm;
	// CREATE SCHEMA IF NOT EXISTS freehold;
}

// Before a cluster is told to spread the ledger over its machines, a dry run says what it
// would be told.
func ExampleDistribute() {
	var db *bun.DB // a pool of the cluster's coordinator
	plan := func(ctx context.Context) error {
		steps, err := migrations.Distribute(ctx, db, migrations.Plan{Groups: []migrations.Group{migrations.GroupLedger}, DryRun: true})
		if err != nil {
			return err // such as migrations.ErrPending
		}
		fmt.Println(strings.Join(steps, ";\n"))
		return nil
	}
	fmt.Println(plan != nil)
	// Output: true
}
