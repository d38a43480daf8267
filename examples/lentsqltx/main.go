// Command lentsqltx is a host that has its own tables and a plain *sql.Tx, and
// no bun anywhere: it turns leads of its own into investors of an offering.
//
//	go run ./examples/lentsqltx [-dsn DSN]
//
// The host begins the transaction, writes its own table, lends the transaction
// to the library with realestate.LendTx, and commits or rolls back. What the
// library wrote goes the same way as what the host wrote. A transaction of pgx does
// as well, with realestate.InPgxTx.
//
// Without -dsn it runs on a throw-away PostgreSQL. With one, it makes the
// schema "host" and the library's schemas there, and a deal of its own each
// time it runs.
package main

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/id"
)

func main() {
	dsn := flag.String("dsn", "", "the database; without it a throw-away one is used")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := start(ctx, *dsn, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "lentsqltx:", err)
		os.Exit(1)
	}
}

func start(ctx context.Context, dsn string, w io.Writer) error {
	db, end, err := open(ctx, dsn)
	if err != nil {
		return err
	}
	defer end()
	return run(ctx, db, w)
}

// run shows the ways that a shared transaction can end.
func run(ctx context.Context, db *sql.DB, w io.Writer) error {
	platform, err := realestate.New(realestate.Config{})
	if err != nil {
		return err
	}
	h := host{platform: platform, db: db, out: w}
	if err := h.createTables(ctx); err != nil {
		return err
	}
	if h.offering, err = h.openOffering(ctx, id.New[investments.Offering]()); err != nil {
		return err
	}
	fmt.Fprintln(w, "an offering with a hard cap of 100,000.00 is open")
	for _, step := range []struct {
		title  string
		act    func(context.Context, lead) error
		amount string
	}{
		{"one transaction over both, committed", h.convert, "60000.00"},
		{"the same in a transaction of pgx, committed", h.convertWithPgx, "10000.00"},
		{"the host's own rule fails after the commitment: both are rolled back", h.convertWithAudit, "30000.00"},
		{"the library refuses, and the host commits that it did", h.convertOrReject, "60000.00"},
	} {
		fmt.Fprintf(w, "\n%s\n", step.title)
		l, err := h.addLead(ctx, step.amount)
		if err != nil {
			return err
		}
		if err := step.act(ctx, l); err != nil {
			fmt.Fprintf(w, "  error: %v\n", err)
		}
		if err := h.show(ctx, l); err != nil {
			return err
		}
	}
	return nil
}
