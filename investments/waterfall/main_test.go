package waterfall_test

import (
	"flag"
	"os"
	"testing"

	"github.com/freehold-go/freehold/internal/raced"
)

// The gate draws the same deals each time, so that what it says of a change is the
// change's own. The long run (FREEHOLD_WATERFALL) draws new ones.
func TestMain(m *testing.M) {
	flag.Parse()
	if f := flag.Lookup("rapid.seed"); f != nil && f.Value.String() == f.DefValue && os.Getenv("FREEHOLD_WATERFALL") == "" {
		_ = f.Value.Set("20260201")
	}
	if f := flag.Lookup("rapid.checks"); f != nil && f.Value.String() == f.DefValue && raced.Enabled {
		_ = f.Value.Set("20")
	}
	m.Run()
}
