package faulttest

import (
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/raced"
)

// The environment of these tests.
const (
	envMode = "FREEHOLD_FAULT"      // "long" for the long version
	envSeed = "FREEHOLD_FAULT_SEED" // the seed of the run to repeat
	// How many orders of each pair the long version tries, 200 by default, or "all": of
	// most pairs there are tens of thousands.
	envOrders = "FREEHOLD_FAULT_ORDERS"
)

// TestMain makes the test program behave as the clients of the load, or as the
// relay of its events, where it is told so; see load_test.go and relay_test.go.
func TestMain(m *testing.M) {
	if file := os.Getenv(envClient); file != "" {
		os.Exit(beClient(file))
	}
	if file := os.Getenv(envRelay); file != "" {
		os.Exit(beRelay(file))
	}
	os.Exit(m.Run())
}

// long reports whether the long version was asked for.
func long() bool { return os.Getenv(envMode) == "long" }

// either is the figure of the version that runs.
func either(short, whole int) int {
	if long() {
		return whole
	}
	return short
}

// orders is how many orders of each pair are tried, by chance unless they are all.
func orders(t *testing.T) int {
	t.Helper()
	switch n := os.Getenv(envOrders); {
	case !long():
		return 10
	case n == "":
		return 200
	case n == "all":
		return math.MaxInt
	default:
		v, err := strconv.Atoi(n)
		require.NoError(t, err, envOrders)
		return v
	}
}

// watchedElsewhere skips a load under the race detector: TestControl is the same load, whose
// clients share the services as these do.
func watchedElsewhere(t *testing.T) {
	t.Helper()
	if raced.Enabled && !long() {
		t.Skip("the race detector watches the same load in TestControl; the gate runs this without it")
	}
}

// sampled takes one in so many of a list under the race detector, and not always the same
// ones; without it all of them.
func sampled(i, of int) bool {
	return long() || !raced.Enabled || i%of == int(theSeed()%uint64(of))
}

// theSeed is one for the whole process.
var theSeed = sync.OnceValue(func() uint64 {
	if n, err := strconv.ParseUint(os.Getenv(envSeed), 10, 64); err == nil {
		return n
	}
	return rand.Uint64N(1 << 32)
})

// random makes the choices of one test, and says how to make them again.
func random(t *testing.T) *rand.Rand {
	t.Helper()
	t.Logf("%s=%d repeats the choices", envSeed, theSeed())
	return rand.New(rand.NewPCG(theSeed(), 4))
}
