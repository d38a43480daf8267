package migrations_test

import (
	"fmt"
	"strings"

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
