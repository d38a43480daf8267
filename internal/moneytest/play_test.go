package moneytest

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/freehold-go/freehold/internal/moneytest/model"
)

// target is the side that the model is compared with.
type target interface {
	// do carries a command out. It returns why not, or the ids of the positions
	// that came into being by it.
	do(s *model.Step) (refused string, ids map[string]string, err error)
	// facts says what is so, or with brief the part of it that small commands change.
	facts(days []model.Day, brief bool) (model.Facts, error)
	// same compares a fact of both sides.
	same(key, want, got string) bool
}

// finding is where the two sides differ.
type finding struct {
	at      int // the step
	what    string
	details []string
}

func (f *finding) Error() string {
	return fmt.Sprintf("after step %d: %s\n%s", f.at, f.what, strings.Join(f.details, "\n"))
}

// kind tells findings apart while a history is cut down.
func (f *finding) kind() string { return f.what }

// outcome is how a history went.
type outcome struct {
	steps   []model.Step
	done    map[string]int // accepted commands by verb
	refused map[string]int // by verb and reason
	finding *finding
}

// play runs commands on both sides and compares after each.
func play(w *model.World, next func() *model.Step, t target) *outcome {
	return playWith(w, next, t, func(*model.Step) bool { return true })
}

// playWith compares the facts after some commands only.
func playWith(w *model.World, next func() *model.Step, t target, compared func(*model.Step) bool) (out *outcome) {
	out = &outcome{done: map[string]int{}, refused: map[string]int{}}
	last, behind := model.Day(0), false
	compare := func(days []model.Day, brief bool) (string, []string) {
		got, err := t.facts(days, brief)
		if err != nil {
			return "error in reading", []string{err.Error()}
		}
		behind = brief
		return differ(w, w.Facts(days...), got, t.same, brief)
	}
	for s := next(); s != nil; s = next() {
		v := w.Judge(s)
		if v == model.Skip {
			continue
		}
		out.steps = append(out.steps, *s)
		fail := func(what string, details ...string) *outcome {
			out.finding = &finding{len(out.steps) - 1, what, details}
			return out
		}
		refused, ids, err := t.do(s)
		switch {
		case err != nil:
			return fail("error in "+s.Verb, err.Error())
		case refused != "" && v == model.Accept:
			return fail(s.Verb+" is refused: "+refused, s.String())
		case refused == "" && v == model.Refuse:
			return fail(s.Verb+" is carried out and has to be refused", s.String())
		case refused != "":
			out.refused[s.Verb+": "+refused]++
			continue
		}
		for name, id := range ids {
			w.Identify(name, id)
		}
		w.Do(s)
		out.done[s.Verb]++
		last = max(last, s.Day)
		days := []model.Day{last}
		if last != 0 && s.Day != last && s.Day != 0 {
			days = append(days, s.Day)
		}
		if !compared(s) {
			// What payments name are the lines that were read.
			if s.Verb == "declare" {
				if _, err := t.facts(nil, false); err != nil {
					return fail("error in reading", err.Error())
				}
			}
			continue
		}
		if what, details := compare(days, small[s.Verb]); what != "" {
			return fail(what, details...)
		}
	}
	if behind {
		if what, details := compare([]model.Day{last}, false); what != "" {
			out.finding = &finding{len(out.steps) - 1, what, details}
		}
	}
	return out
}

// small are the commands that change next to nothing. After one of them the commitments,
// distributions, requests and the books are compared, and the rest after the next other
// command, or at the end.
var small = map[string]bool{"commit": true, "uncommit": true, "cash": true, "uncash": true, "close": true, "writeoff": true, "disagree": true}

// inBrief are the first parts of the paths of what is compared then.
var inBrief = map[string]bool{"commitment": true, "distribution": true, "line": true, "cash": true, "source": true, "sheet": true, "writeoff": true}

// differ lists the facts that differ. What names their kinds.
func differ(w *model.World, want, got model.Facts, same func(key, want, got string) bool, brief bool) (what string, details []string) {
	keys := map[string]bool{}
	for k := range want {
		keys[k] = true
	}
	for k := range got {
		keys[k] = true
	}
	kinds := map[string]bool{}
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		if brief && !inBrief[strings.SplitN(k, "/", 2)[0]] {
			continue
		}
		if a, b := want[k], got[k]; a != b && only.MatchString(k) && !w.Open(k) && !same(k, a, b) {
			kinds[kindOf(k)] = true
			details = append(details, fmt.Sprintf("%s: model %s, services %s", k, orNone(a), orNone(b)))
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(kinds)), ", "), details
}

// only are the facts that are compared: all, unless MONEY_ONLY is an expression.
var only = regexp.MustCompile(os.Getenv("MONEY_ONLY"))

func orNone(s string) string { return pick(s == "", "nothing", s) }

// kindOf is the first and the last part of a path, which tell what it is about.
func kindOf(key string) string {
	parts := strings.Split(key, "/")
	return parts[0] + "/" + parts[len(parts)-1]
}

// again plays steps that are given.
func again(steps []model.Step) func() *model.Step {
	i := 0
	return func() *model.Step {
		if i == len(steps) {
			return nil
		}
		i++
		return &steps[i-1]
	}
}

// shrink cuts a history down while fails says that it still fails likewise:
// halves first, then smaller parts, then single steps.
func shrink(steps []model.Step, fails func([]model.Step) bool) []model.Step {
	for size := len(steps) / 2; size > 0; {
		cut := false
		for i := 0; i+size <= len(steps); {
			less := slices.Concat(steps[:i], steps[i+size:])
			if fails(less) {
				steps, cut = less, true
				continue
			}
			i += size
		}
		if !cut || size > 1 {
			size /= 2
		}
	}
	return steps
}
