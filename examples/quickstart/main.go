// Command quickstart is an importer: it reads a real-estate deal from files as
// people export them and takes it to paid investors.
//
//	go run ./examples/quickstart [-input DIR] [-out DIR] [-dsn DSN]
//
// It registers a property with its units and its loan, posts a year of
// statements, closes the rent roll and measures performance. It signs the leases
// of the roll, adopts a budget and tests the loan's covenant. It opens an offering under the terms of its waterfall, takes commitments and funds them.
// It declares, approves and pays distributions to the cent, reverses one that
// is wrong, and passes units on to other holders. It shares the year's income
// among the capital accounts, and closes the positions with their gains when the
// property is sold. It brings portfolios up to date, seals the books, delivers the
// domain events, verifies everything, writes a statement for each investor and a
// report, and prints who got what, and why.
//
// Without flags it uses a deal of its own and a throw-away database. Run again
// on the same database it changes nothing; killed anywhere and run again it
// completes. The README beside it describes the files of a deal.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/freehold-go/freehold/examples/quickstart/internal/deal"
	"github.com/freehold-go/freehold/examples/quickstart/internal/screen"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/tabular"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	o, err := parse(os.Args[1:], os.Stderr)
	if err == nil {
		err = run(ctx, o, os.Stdout)
	}
	var problems tabular.Problems
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errUsage):
		os.Exit(2)
	case errors.As(err, &problems):
		fmt.Fprintf(os.Stderr, "%v\nquickstart: nothing was written, because of %d problem(s) in the files\n", problems, len(problems))
		os.Exit(1)
	default:
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

// run is the program: files in, paid investors out.
func run(ctx context.Context, o options, w io.Writer) error {
	d, err := deal.Load(o.folder(), date.Of(now()))
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%s: %d units, %d commitments, %d distributions, %d transfers\n\n",
		d.Property.Name, len(d.Units), len(d.Commitments), len(d.Distributions), len(d.Transfers))
	steps := screen.NewSteps(w)
	defer steps.Break()

	steps.Start("Input", 0)
	steps.Done("%d files read", len(d.Files))
	if err := notUsed(w, d.Files); err != nil {
		return err
	}
	steps.Start("Database", 0)
	db, err := open(ctx, o)
	if err != nil {
		return err
	}
	defer db.close()
	if err := db.migrate(ctx); err != nil {
		return err
	}
	steps.Done("%s", db)

	platform, err := realestate.New(realestate.Config{})
	if err != nil {
		return err
	}
	q := &quickstart{Platform: platform, db: db.DB, deal: d, steps: steps, started: now()}
	for _, step := range []struct {
		name  string
		parts int
		run   func(context.Context) (string, error)
	}{
		{"Property", 1, q.registerProperty},
		{"Loan", 1, q.addLoan},
		{"Statements", len(d.Months), q.postStatements},
		{"Rent roll", 1, q.closeRentRoll},
		{"Performance", 1, q.measurePerformance},
		{"Investors", len(d.Accounts()), q.registerInvestors},
		{"Leases", 1, q.signLeases},
		{"Budget", 1, q.adoptBudget},
		{"Covenant", 1, q.testCovenant},
		{"Offering", 1, q.openOffering},
		{"Terms", 1, q.setTerms},
		{"Commitments", len(d.Commitments), q.commit},
		{"Funding", len(d.Commitments), q.fund},
		{"Distributions", 3 * len(d.Distributions), q.distribute},
		{"Transfers", 1, q.transfer},
		{"Income", 1, q.allocateIncome},
		{"Exit", 1, q.exit},
		{"Portfolios", 1, q.refreshPortfolios},
		{"Seal", 0, q.seal},
		{"Events", 0, q.deliver},
		{"Verify", 0, q.verify},
	} {
		steps.Start(step.name, step.parts)
		said, err := step.run(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
		steps.Done("%s", said)
	}
	return q.writeResults(ctx, o.out, w)
}

// notUsed names what of the files is no part of the deal.
func notUsed(w io.Writer, files []deal.File) error {
	for _, f := range files {
		if len(f.Skipped) == 0 {
			continue
		}
		if err := screen.Indented(w, fmt.Sprintf("%s, not used: %s", f.Name, f.Skipped)); err != nil {
			return err
		}
	}
	return nil
}

// now is the time as the database keeps it.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
