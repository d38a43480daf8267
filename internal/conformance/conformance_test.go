package conformance

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// topics runs a case of each topic through the public API.
var topics = map[string]func(*vector) (object, error){
	"allocation": allocation, "amortisation": amortization, "capital_account": capitalAccount, "clawback": clawback,
	"day_count": dayCount, "irr": irr, "macrs": macrs, "mirr": mirr, "npv": npv, "operating_metrics": operatingMetrics,
	"rent_roll": rentRoll, "returns": performance, "valuation": valuation, "waterfall": runWaterfall,
	"withholding": withhold, "xirr": xirr, "xnpv": xnpv,
}

// run computes one case. Inputs that cannot be read are an error that no
// expected error matches.
func run(v *vector) outcome {
	topic, ok := topics[v.Topic]
	if !ok {
		return outcome{err: fmt.Errorf("the topic %q is not known", v.Topic)}
	}
	got, err := topic(v)
	return outcome{got, err}
}

// folder is the one that FREEHOLD_VECTORS names. A relative name is taken from
// here or, since the command is typed there, from the top of the module.
func folder() string {
	dir := os.Getenv("FREEHOLD_VECTORS")
	if dir == "" {
		return "testdata"
	}
	if _, err := os.Stat(dir); err != nil && !filepath.IsAbs(dir) {
		return filepath.Join("..", "..", dir)
	}
	return dir
}

// The cases of the folder that FREEHOLD_VECTORS names, or of testdata, agree.
func TestVectors(t *testing.T) {
	t.Parallel()
	vectors, err := readFolder(folder())
	require.NoError(t, err)
	passed, total := map[string]int{}, map[string]int{}
	for i := range vectors {
		v := &vectors[i]
		total[v.Topic]++
		if diffs := judge(v, run(v)); len(diffs) > 0 {
			t.Errorf("%s %s %s:\n  %s", v.File, v.Topic, v.ID, firstLines(diffs, 5))
			continue
		}
		passed[v.Topic]++
	}
	for _, topic := range slices.Sorted(maps.Keys(total)) {
		fmt.Printf("%s %d/%d\n", topic, passed[topic], total[topic])
	}
}

func firstLines(lines []string, n int) string {
	out := ""
	for i, l := range lines {
		if i == n {
			return out + fmt.Sprintf("\n  and %d more", len(lines)-n)
		}
		if i > 0 {
			out += "\n  "
		}
		out += l
	}
	return out
}
