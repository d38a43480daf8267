package conformance

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/money"
)

// What a topic computes is a tree of these, nil for undefined:
//
//	object                     a result with named figures
//	amounts                    money by id
//	[]any                      a list that must agree in full
//	samples                    rows by number, of which some are stated
//	money.Amount, decimal.Decimal, *decimal.Decimal, int, bool, string
type (
	amounts map[string]money.Amount
	samples map[string]any
)

// unlisted marks a figure for which null says that it is not stated.
type unlisted struct{ value any }

// outcome is what a topic made of a case: its figures, or the error.
type outcome struct {
	got object
	err error
}

// judge compares an outcome with what the case expects and returns every
// difference.
func judge(v *vector, o outcome) []string {
	var j judgment
	j.tol = v.Tolerance
	if want, ok := v.Expected["error"]; ok && want != nil {
		j.wantError(v, want, o.err)
		return j.diffs
	}
	if o.err != nil {
		return []string{"error: " + o.err.Error()}
	}
	want := v.Expected
	if among, _ := want["must_be_among_roots"].(bool); among || ofAnotherProgram(v, o.got) {
		j.amongRoots(want["rate"], o.got["roots"])
		want = without(want, "must_be_among_roots", "rate")
	} else {
		want = without(want, "must_be_among_roots", "error")
	}
	j.compare("", want, o.got)
	sort.Strings(j.diffs)
	return j.diffs
}

// ofAnotherProgram reports a published rate where there are several: a case
// with neither a guess nor the set of roots says which one some other program
// picks, and so only that it is a root.
func ofAnotherProgram(v *vector, got object) bool {
	roots, _ := got["roots"].([]any)
	_, listed := v.Expected["roots"]
	_, judged := v.Expected["unique"]
	return len(roots) > 1 && !listed && !judged && v.Inputs["guess"] == nil
}

type judgment struct {
	tol   tolerance
	diffs []string
}

func (j *judgment) differ(path, format string, args ...any) {
	j.diffs = append(j.diffs, strings.TrimPrefix(path, ".")+": "+fmt.Sprintf(format, args...))
}

// namedErrors are the codes that the solvers document; other errors of the
// input have no codes that a case can know.
var namedErrors = map[string]bool{"no_sign_change": true, "no_root": true, "rate_out_of_range": true}

func (j *judgment) wantError(v *vector, want any, err error) {
	for key := range v.Expected {
		if key != "error" {
			j.differ(key, "cannot be expected beside an error")
		}
	}
	code, isText := want.(string)
	solver := v.Topic == "xirr" || v.Topic == "irr"
	switch {
	case !isText || code == "":
		j.differ("error", "%v is no code", want)
	case err == nil:
		j.differ("error", "want %s, got none", code)
	case solver && !namedErrors[code]:
		j.differ("error", "%s is not known", code)
	case solver && fault.CodeOf(err) != code:
		j.differ("error", "want %s, got %s", code, fault.CodeOf(err))
	case fault.KindOf(err) != fault.Invalid:
		j.differ("error", "want %s, got one that does not blame the input: %v", code, err)
	}
}

// amongRoots passes when one of the roots is the rate.
func (j *judgment) amongRoots(want, roots any) {
	rate, ok := number(want)
	list, _ := roots.([]any)
	for _, r := range list {
		if got, isNumber := plain(r); ok && isNumber && j.tol.allows(rate, got) {
			return
		}
	}
	j.differ("rate", "%v is not among the roots %v", want, roots)
}

// compare walks what is expected; want is decoded JSON.
func (j *judgment) compare(path string, want, got any) {
	if u, ok := got.(unlisted); ok {
		if want == nil {
			return
		}
		got = u.value
	}
	switch g := got.(type) {
	case object:
		j.object(path, want, g)
	case amounts:
		j.amounts(path, want, g)
	case samples:
		j.samples(path, want, g)
	case []any:
		list, ok := want.([]any)
		if !ok || len(list) != len(g) {
			j.differ(path, "want %s, got a list of %d", show(want), len(g))
			return
		}
		for i := range list {
			j.compare(fmt.Sprintf("%s[%d]", path, i), list[i], g[i])
		}
	default:
		j.leaf(path, want, got)
	}
}

func (j *judgment) object(path string, want any, got object) {
	o, ok := want.(object)
	if !ok {
		j.differ(path, "want %s, got an object", show(want))
		return
	}
	for key, w := range o {
		g, known := got[key]
		if !known {
			j.differ(path+"."+key, "nothing answers this key")
			continue
		}
		j.compare(path+"."+key, w, g)
	}
}

// amounts compares money by id; an id that one side leaves out has 0.
func (j *judgment) amounts(path string, want any, got amounts) {
	o, ok := want.(object)
	if !ok {
		j.differ(path, "want %s, got amounts", show(want))
		return
	}
	for id, w := range o {
		if w == nil {
			w = "0"
		}
		j.leaf(path+"."+id, w, got[id])
	}
	for id, g := range got {
		if _, listed := o[id]; !listed {
			j.leaf(path+"."+id, "0", g)
		}
	}
}

// samples compares the rows that are stated, found by their number.
func (j *judgment) samples(path string, want any, got samples) {
	list, ok := want.([]any)
	if !ok || len(list) == 0 {
		j.differ(path, "want %s, got rows", show(want))
		return
	}
	for i, w := range list {
		at := fmt.Sprintf("%s[%d]", path, i)
		o, _ := w.(object)
		n, _ := number(o["n"])
		row, known := got[n.String()]
		if !known {
			j.differ(at, "there is no row %v", o["n"])
			continue
		}
		j.compare(at, w, row)
	}
}

func (j *judgment) leaf(path string, want, got any) {
	if g, ok := plain(got); ok {
		w, isNumber := number(want)
		if !isNumber || !j.tol.allows(w, g) {
			j.differ(path, "want %s, got %s", show(want), g)
		}
		return
	}
	switch g := got.(type) {
	case bool:
		if w, ok := want.(bool); !ok || w != g {
			j.differ(path, "want %s, got %t", show(want), g)
		}
	case string:
		if w, ok := want.(string); !ok || w != g {
			j.differ(path, "want %s, got %s", show(want), g)
		}
	default: // undefined
		if want != nil {
			j.differ(path, "want %s, got undefined", show(want))
		}
	}
}

// plain returns the number in a leaf, and false for what is no number.
func plain(v any) (decimal.Decimal, bool) {
	switch x := v.(type) {
	case money.Amount:
		return x.Decimal(), true
	case decimal.Decimal:
		return x, true
	case *decimal.Decimal:
		if x == nil {
			return decimal.Decimal{}, false
		}
		return *x, true
	case int:
		return decimal.NewFromInt(int64(x)), true
	}
	return decimal.Decimal{}, false
}

func show(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	if len(b) > 200 {
		return string(b[:200]) + "..."
	}
	return string(b)
}

func without(o object, keys ...string) object {
	out := make(object, len(o))
	for k, v := range o {
		out[k] = v
	}
	for _, k := range keys {
		delete(out, k)
	}
	return out
}
