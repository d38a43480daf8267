package main

import (
	"embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/uptrace/bun"
)

// shipped is the deal that comes with the program.
//
//go:embed deal
var shipped embed.FS

// errUsage: the command line is wrong; what is wrong has been printed.
var errUsage = errors.New("wrong command line")

// options is a parsed command line.
type options struct {
	input string // the folder of the deal, "" for the shipped one
	out   string // where results are written
	dsn   string // the database, "" for one that is found or started here

	watch bun.QueryHook // sees every statement, for tests
}

func parse(args []string, w io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("quickstart", flag.ContinueOnError)
	flags.SetOutput(w)
	flags.StringVar(&o.input, "input", "", "`folder` of the deal (default: the one that is shipped)")
	flags.StringVar(&o.out, "out", "freehold-quickstart", "`folder` for the statements and the report")
	flags.StringVar(&o.dsn, "dsn", "", "connection string of the `database` (default: $FREEHOLD_DSN, else a throw-away one)")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return o, err
	case err != nil:
		return o, errUsage
	case flags.NArg() > 0:
		fmt.Fprintf(w, "unexpected argument %q\n", flags.Arg(0))
		flags.Usage()
		return o, errUsage
	}
	return o, nil
}

// folder returns the files of the deal.
func (o options) folder() fs.FS {
	if o.input != "" {
		return os.DirFS(o.input)
	}
	folder, err := fs.Sub(shipped, "deal")
	if err != nil {
		return shipped // unreachable: the name is a valid path
	}
	return folder
}
