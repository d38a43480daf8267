package moneytest

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/moneytest/model"
	"github.com/freehold-go/freehold/internal/raced"
)

// mirror is another model in the place of the services: a sound one.
type mirror struct{ w *model.World }

func (m mirror) do(s *model.Step) (string, map[string]string, error) {
	switch m.w.Judge(s) {
	case model.Refuse, model.Skip:
		return "refused", nil, nil
	}
	m.w.Do(s)
	return "", nil, nil
}

func (m mirror) facts(days []model.Day, _ bool) (model.Facts, error) { return m.w.Facts(days...), nil }

func (m mirror) same(string, string, string) bool { return false }

// Each rule of the conventions is broken on purpose once, and the comparison notices it
// within 600 histories, most of them within ten. The gate breaks every eighth
// that is soon noticed (under the race detector a few); MONEY_N=1 go test -run Rules
// breaks all.
func TestRules_eachIsNoticed(t *testing.T) {
	t.Parallel()
	for i, rule := range model.Rules {
		rare := slices.ContainsFunc([]string{"bill", "preferred", "record date", "recovery", "set-off", "write-off"}, func(kind string) bool {
			return strings.HasPrefix(string(rule), kind+":")
		})
		if (rare || i%raced.Few(32, 8) != 0) && setting(t, "MONEY_N", 0) == 0 {
			continue
		}
		t.Run(string(rule), func(t *testing.T) {
			t.Parallel()
			for seed := uint64(1); seed <= deep; seed++ {
				if noticed(rule, "", seed) || noticed("", rule, seed) {
					return
				}
			}
			require.Fail(t, "nobody noticed", "%q is broken, and %d histories come out the same", rule, deep)
		})
	}
}

// noticed plays a history with one rule broken on one of the sides.
func noticed(left, right model.Broken, seed uint64) bool {
	w := model.New(left)
	return play(w, newGenerator(seed, w).next, mirror{model.New(right)}).finding != nil
}

// A sound model agrees with itself, and every verb is carried out.
func TestGenerator_reachesEveryVerb(t *testing.T) {
	t.Parallel()
	done, steps := map[string]int{}, 0
	reached := func() bool {
		return !slices.ContainsFunc(model.Verbs(), func(verb string) bool { return done[verb] == 0 })
	}
	for seed := uint64(1); seed <= histories && (seed <= 30 || !reached()); seed++ {
		if raced.Enabled && seed > 10 {
			return
		}
		w := model.New("")
		out := play(w, newGenerator(seed, w).next, mirror{model.New("")})
		require.Nil(t, out.finding, "seed %d", seed)
		for verb, n := range out.done {
			done[verb] += n
			steps += n
		}
	}
	t.Logf("%d commands: %v", steps, done)
	for _, verb := range model.Verbs() {
		require.Positive(t, done[verb], verb)
	}
}

// histories is how many the ordinary test plays.
const histories = 200

// deep is how many histories may pass before a broken rule is noticed: what few
// histories come to takes many.
const deep = 600
