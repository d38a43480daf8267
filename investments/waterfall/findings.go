package waterfall

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/freehold-go/freehold/realestate/fault"
)

// Severity is the weight of a finding.
type Severity string

// The weights. An error is refused, a warning is usual in no agreement that was
// meant, a note is worth knowing.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
	SeverityNote    Severity = "note"
)

// Finding is something about terms that a person should know before they sign.
type Finding struct {
	Severity Severity `json:"severity"`
	// Code says what it is, and never changes its meaning.
	Code string `json:"code"`
	// Field is where it is, such as "tiers.capital[2].promote", Tier the name of the
	// tier there.
	Field string `json:"field"`
	Tier  string `json:"tier,omitempty"`
	// Reason says it in words.
	Reason string `json:"reason"`
	// Cost is what it changes on a standard example, where that can be computed: a
	// million paid in by each class, six per cent distributed after a year, and a
	// sale at 1.6 times capital after three.
	Cost string `json:"cost,omitempty"`
}

// Findings lists what there is to say about the terms: errors first, then warnings,
// then notes, in the order of the tiers. Validate and ValidateNew return the errors
// alone.
func (t *Terms) Findings() []Finding {
	f := finder{t: t}
	f.errors(t.ValidateNew())
	if t.Validate() != nil {
		return f.out // what is wrong cannot be judged further
	}
	f.t = t.normal()
	f.prefs()
	f.list("tiers.capital", f.t.Tiers.Capital)
	f.list("tiers.operating", f.t.Tiers.Operating)
	rank := map[Severity]int{SeverityError: 0, SeverityWarning: 1, SeverityNote: 2}
	slices.SortStableFunc(f.out, func(a, b Finding) int { return rank[a.Severity] - rank[b.Severity] })
	return f.out
}

// ValidateNew checks terms that are about to be stored: what [Terms.Validate]
// checks, and what terms of the first version could leave unsaid.
func (t *Terms) ValidateNew() error {
	var f fault.Fields
	f.AddErr("", t.Validate())
	t.every(func(path string, i int, x *Tier) bool {
		f.Check(x.Type != TierFee || x.Unpaid != "" || x.coversItself(), fmt.Sprintf("%s[%d].unpaid", path, i), codeFeeUnpaidUnsaid,
			"tier "+x.Name+": say whether the part of the fee that the cash does not cover lapses or is carried")
		return true
	})
	return f.Err()
}

// coversItself reports whether a fee is a part of the cash that reaches it, so that
// nothing of it can stay unpaid.
func (t *Tier) coversItself() bool { return t.Rate != nil && (t.Base == "" || t.Base == FeeOnCash) }

// finder collects findings.
type finder struct {
	t   *Terms
	out []Finding
}

func (f *finder) add(s Severity, code, path string, i int, field, reason string, mended func(*Terms)) {
	x := Finding{Severity: s, Code: code, Reason: reason, Field: path}
	if i >= 0 {
		list := f.t.Tiers.Capital
		if path == "tiers.operating" {
			list = f.t.Tiers.Operating
		}
		x.Field, x.Tier = fmt.Sprintf("%s[%d].%s", path, i, field), list[i].Name
	}
	if mended != nil {
		x.Cost = f.cost(mended)
	}
	f.out = append(f.out, x)
}

func (f *finder) errors(err error) {
	for _, one := range fault.FieldErrors(err) {
		f.out = append(f.out, Finding{Severity: SeverityError, Code: one.Code, Field: one.Field, Reason: one.Msg})
	}
	var one *fault.Error
	if len(f.out) == 0 && errors.As(err, &one) {
		f.out = append(f.out, Finding{Severity: SeverityError, Code: one.Code, Field: one.Field, Reason: one.Msg})
	}
}

// prefs looks at the preferred returns.
func (f *finder) prefs() {
	for _, class := range slices.Sorted(maps.Keys(f.t.Prefs)) {
		p := f.t.Prefs[class]
		paid := false
		f.t.every(func(_ string, _ int, x *Tier) bool {
			own := x.Pref == "" && !p.apart(class) && (len(x.To) == 0 || slices.Contains(x.To, class))
			paid = paid || x.Type == TierPref && (own || x.Pref == class) || x.WithPref && own
			return !paid
		})
		if !paid && !p.Rate.IsZero() {
			f.add(SeverityWarning, "pref_never_paid", fmt.Sprintf("prefs[%q]", class), -1, "", "no tier pays the preferred return "+class, nil)
		}
	}
}

// list looks at one list of tiers.
func (f *finder) list(path string, tiers []Tier) {
	if len(tiers) == 0 {
		return
	}
	capital, pref := -1, -1
	for i := range tiers {
		switch tiers[i].Type {
		case TierReturnOfCapital:
			if capital < 0 {
				capital = i
			}
		case TierPref:
			if pref < 0 {
				pref = i
			}
		}
	}
	for i := range tiers {
		x := &tiers[i]
		switch x.Type {
		case TierHurdle:
			f.hurdle(path, i, x, capital)
		case TierCatchUp:
			f.catchUp(path, i, x, tiers, pref)
		case TierSplit:
			if i < len(tiers)-1 && len(x.To) == 0 {
				f.add(SeverityWarning, "tier_never_reached", path, i+1, "type", "the split before it takes all cash", nil)
			}
		}
	}
	last := &tiers[len(tiers)-1]
	if last.Type != TierSplit || len(last.To) > 0 {
		f.add(SeverityWarning, "cash_undistributed", path, len(tiers)-1, "type",
			"no split takes what is left after it; cash may stay undistributed", nil)
	}
	if path == "tiers.capital" && capital < 0 && len(f.t.Prefs) > 0 {
		f.add(SeverityWarning, "capital_never_returned", path, len(tiers)-1, "type",
			"no tier returns capital, so that the preferred return accrues on all of it for ever", nil)
	}
}

// countsCapital is the field of a hurdle by which capital that comes back counts toward
// its level, "" where none does.
func (x *Tier) countsCapital() string {
	switch {
	case x.IRR != nil:
		return "irr"
	case x.Multiple != nil:
		return "multiple"
	case x.Return != nil && (x.Capital == nil || *x.Capital):
		return "return"
	}
	return ""
}

// hurdle looks at a hurdle; capital is where the list first returns capital.
func (f *finder) hurdle(path string, i int, x *Tier, capital int) {
	p := rateOf(x.Promote)
	if what := x.countsCapital(); what != "" && capital > i && p > 0 {
		f.add(SeverityWarning, "promote_before_capital", path, i, what,
			"this level counts capital that comes back, so that the tier pays promote beside capital, and the later return of capital pays it a second time; "+
				"say return with capital false if a yearly return on capital is meant, or return capital first",
			func(t *Terms) {
				no := false
				y := t.tier(path, i)
				if y.IRR != nil {
					y.Return, y.IRR = y.IRR, nil
				}
				if y.Return != nil {
					y.Capital = &no
					return
				}
				list := t.listOf(path) // a multiple: capital first
				first := list[capital]
				copy(list[i+1:capital+1], list[i:capital])
				list[i] = first
			})
	}
	if x.By == ByEach {
		f.add(SeverityNote, "paid_beyond_own_need", path, i, "by", "accounts that are there earlier go on sharing until the last one is", nil)
	}
	if len(x.Of) == 0 && x.Surplus == "" && x.Promote != nil && x.IRR != nil {
		f.add(SeverityNote, "surplus_counts", path, i, "surplus", "what investors are paid beyond it counts against later contributions", nil)
	}
}

// catchUp looks at a catch-up.
func (f *finder) catchUp(path string, i int, x *Tier, tiers []Tier, pref int) {
	if pref > i {
		f.add(SeverityWarning, "catch_up_before_pref", path, i, "type", "promote catches up before the preferred return has been paid",
			func(t *Terms) {
				list := t.listOf(path)
				y := list[i]
				copy(list[i:], list[i+1:pref+1])
				list[pref] = y
			})
	}
	for k := i + 1; k < len(tiers); k++ {
		y := &tiers[k]
		if y.Type != TierSplit && y.Type != TierHurdle {
			continue
		}
		if rateOf(y.Promote) < rateOf(x.Target) {
			f.add(SeverityWarning, "catch_up_opens_again", path, i, "target", fmt.Sprintf(
				"later tiers pay %s promote, less than the %s that this one aims at; it opens again at every distribution", percent(rateOf(y.Promote)), percent(rateOf(x.Target))),
				func(t *Terms) { t.tier(path, i).Target = y.Promote })
		}
		return
	}
}

// listOf returns a list by its path.
func (t *Terms) listOf(path string) []Tier {
	if path == "tiers.operating" {
		return t.Tiers.Operating
	}
	return t.Tiers.Capital
}

func (t *Terms) tier(path string, i int) *Tier { return &t.listOf(path)[i] }
