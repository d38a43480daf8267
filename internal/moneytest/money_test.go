package moneytest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/moneytest/model"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/raced"
)

// setting is a number of the environment.
func setting(t *testing.T, name string, otherwise uint64) uint64 {
	v := os.Getenv(name)
	if v == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(v, 10, 64)
	require.NoError(t, err, name)
	return n
}

// gate is how many histories the ordinary test plays: the first ones.
var gate = uint64(raced.Few(4, 100))

// The services pay whom the conventions say, in every order of events: random
// histories on both sides, compared after each command.
func TestMoney(t *testing.T) {
	t.Parallel()
	first, n := setting(t, "MONEY_SEED", 1), setting(t, "MONEY_N", gate)
	for seed := first; seed < first+n; seed++ {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			t.Parallel()
			w := model.New("")
			out := play(w, newGenerator(seed, w).next, newServices(t, pgtest.Tx(t)))
			if out.finding != nil {
				report(t, seed, out)
			}
		})
	}
}

// report cuts a history that fails down and says how to run it again.
func report(t *testing.T, seed uint64, out *outcome) {
	failure, steps := out.finding, out.steps
	if os.Getenv("MONEY_SHRINK") != "no" {
		tries := 0
		steps = shrink(steps, func(less []model.Step) bool {
			if tries++; tries > 80 {
				return false
			}
			again := playWith(model.New(""), again(less), newServices(t, pgtest.Tx(t)), func(s *model.Step) bool {
				return s == &less[len(less)-1]
			})
			if again.finding == nil || again.finding.kind() != out.finding.kind() {
				return false
			}
			failure = again.finding
			return true
		})
	}
	var lines []string
	for _, s := range steps {
		lines = append(lines, s.String())
	}
	t.Errorf("seed %d, MONEY_SEED=%d MONEY_N=1 runs it again: %v\n%s", seed, seed, failure, strings.Join(lines, "\n"))
}

// A history in a file, one command a line, as a failure prints it.
func TestReplay(t *testing.T) {
	t.Parallel()
	name := os.Getenv("MONEY_REPLAY")
	if name == "" {
		return
	}
	file, err := os.Open(name)
	require.NoError(t, err)
	defer file.Close()
	var steps []model.Step
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var s model.Step
		require.NoError(t, json.Unmarshal(lines.Bytes(), &s))
		steps = append(steps, s)
	}
	out := play(model.New(""), again(steps), newServices(t, pgtest.Tx(t)))
	if out.finding != nil {
		t.Error(out.finding)
	}
}
