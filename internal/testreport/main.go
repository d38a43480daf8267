// Command testreport reads what go test -json prints.
//
//	go test -json ./... | testreport              the results as go test prints them, what
//	                                              was skipped, and the slowest tests
//	testreport -table plain.json race.json        how long each package took, as a table
//	                                              for CONTRIBUTING.md
//
// A test that fails, or never ends, is shown with all that it printed. The exit status is
// 1 when something failed or no test ran; a run that go test itself gave up must be told
// by the exit status of go test (set -o pipefail).
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	table := flag.Bool("table", false, "print the seconds of each package in the two files named, race detector off and on")
	slowest := flag.Int("slowest", 10, "how many of the slowest tests to name")
	flag.Parse()
	if err := run(*table, *slowest, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "testreport:", err)
		os.Exit(1)
	}
}

func run(table bool, slowest int, files []string) error {
	if table {
		return printTable(os.Stdout, files)
	}
	r := newReport(os.Stdout)
	if err := r.read(os.Stdin); err != nil {
		return err
	}
	return r.summary(slowest)
}
