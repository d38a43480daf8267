// Command historygen prints the SQL of history tables and their triggers for
// tables of a migrated database. A migration that creates a tracked table, or
// changes the columns of one, contains its output as static text: a trigger
// that looked the columns up when it runs would cost several times as much,
// and one written by hand would sooner or later miss a column.
//
//	go run ./internal/historygen -dsn DSN [-only schema.table] [-down] > migration.up.sql
//
// A new column of a tracked table needs, in the same migration, ALTER TABLE on
// the history table too, CREATE OR REPLACE of the history function, and the
// keep_updated_at trigger made anew; this program prints the two latter. The test
// compares a migrated database with what this program would print.
package main

import (
	"bytes"
	"context"
	"database/sql"
	"flag"
	"fmt"
	"io"
	"os"

	_ "github.com/jackc/pgx/v5/stdlib"
)

func main() {
	dsn := flag.String("dsn", "", "connection string of a migrated database")
	only := flag.String("only", "", "print one table, as schema.table")
	down := flag.Bool("down", false, "print what undoes it")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, *dsn, *only, *down); err != nil {
		fmt.Fprintln(os.Stderr, "historygen:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, w io.Writer, dsn, only string, down bool) error {
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	var out bytes.Buffer
	if only == "" && !down {
		out.WriteString(preamble)
	}
	for _, t := range tracked {
		if only != "" && only != t.String() {
			continue
		}
		if down {
			out.WriteString(t.down())
			continue
		}
		cols, err := columns(ctx, db, t.Schema, t.Name)
		if err != nil {
			return err
		}
		out.WriteString(t.sql(cols))
	}
	if only == "" && down {
		out.WriteString("DROP FUNCTION freehold.keep_updated_at();\n")
	}
	_, err = w.Write(out.Bytes())
	return err
}
