// Command migrate creates, updates, checks and removes Freehold's schemas in a
// database.
//
//	migrate [-dsn DSN] [-to N] up        apply what is missing, up to migration N
//	migrate [-dsn DSN] -to N down        take back what is above migration N; 0 is everything
//	migrate [-dsn DSN] status            list the migrations and when they were applied
//	migrate [-dsn DSN] validate          fail unless the database is at this version
//	migrate [-from M] [-to N] sql        print the statements from version M to N
//
// The DSN is a URL or a keyword string, as for psql; without -dsn it is taken
// from FREEHOLD_DSN. The exit status is 0 for success, 1 for an error and 2 for
// a wrong command line.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"text/tabwriter"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/freehold-go/freehold/migrations"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errUsage):
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	default:
		fmt.Fprintln(os.Stderr, "migrate:", err)
		os.Exit(1)
	}
}

// errUsage says that the command line is wrong.
var errUsage = errors.New("usage: migrate [-dsn DSN] [-from M] [-to N] up|down|status|validate|sql")

// command is a parsed command line.
type command struct {
	verb     string
	dsn      string
	from, to int // to is -1 when it was not given
}

// parse reads the command line.
func parse(args []string, getenv func(string) string, stderr io.Writer) (command, error) {
	var c command
	flags := flag.NewFlagSet("migrate", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprintln(stderr, errUsage)
		flags.PrintDefaults()
	}
	flags.StringVar(&c.dsn, "dsn", getenv("FREEHOLD_DSN"), "the database; default is the environment's FREEHOLD_DSN")
	flags.IntVar(&c.from, "from", 0, "sql: the version to start from")
	flags.IntVar(&c.to, "to", -1, "up, down, sql: the version to end with; down needs it")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return c, err
		}
		return c, errUsage
	}
	if flags.NArg() != 1 {
		return c, errUsage
	}
	c.verb = flags.Arg(0)
	switch c.verb {
	case "up", "status", "validate":
	case "down":
		if c.to < 0 {
			return c, fmt.Errorf("%w\ndown needs -to: the version to go back to, 0 for removing everything", errUsage)
		}
	case "sql":
		return c, nil
	default:
		return c, fmt.Errorf("%w\nthere is no command %q", errUsage, c.verb)
	}
	if c.dsn == "" {
		return c, fmt.Errorf("%w\n%s needs -dsn or FREEHOLD_DSN", errUsage, c.verb)
	}
	return c, nil
}

// run executes a command line.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) (err error) {
	c, err := parse(args, getenv, stderr)
	if err != nil {
		return err
	}
	m, err := migrations.New(migrations.Config{Logger: slog.New(slog.NewTextHandler(stderr, nil))})
	if err != nil {
		return err
	}
	if c.to < 0 {
		c.to = m.Latest()
	}
	if c.verb == "sql" {
		text, err := m.SQL(c.from, c.to)
		if err != nil {
			return err
		}
		_, err = io.WriteString(stdout, text)
		return err
	}
	db, err := open(c.dsn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	switch c.verb {
	case "up":
		return m.UpTo(ctx, db, c.to)
	case "down":
		return m.Down(ctx, db, c.to)
	case "validate":
		return m.Validate(ctx, db)
	}
	list, err := m.Status(ctx, db)
	if err != nil {
		return err
	}
	return printStatus(stdout, list)
}

// open connects to the database without a cache of prepared statements, so that
// a pooler in between does no harm.
func open(dsn string) (*bun.DB, error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, err
	}
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	return bun.NewDB(stdlib.OpenDB(*config), pgdialect.New()), nil
}

// printStatus prints one line for each migration.
func printStatus(w io.Writer, list []migrations.Status) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, s := range list {
		state := "pending"
		switch {
		case s.Unknown:
			state = "applied by a newer version, " + s.AppliedAt.UTC().Format(time.DateTime)
		case s.Changed:
			state = "applied with other statements, " + s.AppliedAt.UTC().Format(time.DateTime)
		case s.AppliedAt != nil:
			state = "applied " + s.AppliedAt.UTC().Format(time.DateTime)
		}
		if _, err := fmt.Fprintf(table, "%04d\t%s\t%s\n", s.Version, s.Name, state); err != nil {
			return err
		}
	}
	return table.Flush()
}
