package waterfall_test

import (
	"flag"
	"os"
	"testing"
)

// The gate draws the same deals each time, so that what it says of a change is the
// change's own. The long run (FREEHOLD_WATERFALL) draws new ones. It has found two
// differences that are not settled: with seed 20260201 splitting a distribution moves 13
// cents where TestCompute_splittingChangesOnlyRounding allows 11, and one deal differed
// from the second implementation by a cent of promote.
func TestMain(m *testing.M) {
	flag.Parse()
	if f := flag.Lookup("rapid.seed"); f != nil && f.Value.String() == f.DefValue && os.Getenv("FREEHOLD_WATERFALL") == "" {
		_ = f.Value.Set("7")
	}
	m.Run()
}
