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
	// Cost is what it changes on a standard example, against the same terms with the
	// clause mended or left out: a million paid in by each class, six per cent
	// distributed after a year, and a sale at 1.6 times capital after three. Where a
	// clause bears on something else only, the example has it and says so. It is empty
	// where no money depends on the clause, or the terms do not say on what it does.
	Cost string `json:"cost,omitempty"`
}

// Findings lists what there is to say about the terms: errors first, then warnings,
// then notes, in the order of the preferences and tiers. Validate and ValidateNew
// return the errors alone.
func (t *Terms) Findings() []Finding {
	f := finder{t: t, given: t, now: map[string]*outcome{}}
	f.errors(t.ValidateNew())
	if t.Validate() != nil {
		return f.out // what is wrong cannot be judged further
	}
	f.t = t.normal()
	f.prefs()
	for _, l := range f.lists() {
		f.order(l)
		f.capital(l)
		for i := range l.tiers {
			f.tier(l, i)
		}
	}
	f.deal()
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
		said := x.Type != TierFee || x.Unpaid != "" || x.coversItself()
		f.Check(said, fmt.Sprintf("%s[%d].unpaid", path, i), codeFeeUnpaidUnsaid,
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
	t     *Terms // in their normal form
	given *Terms // as they were given, whose order the fields are in
	out   []Finding
	now   map[string]*outcome // of examples by the terms as they are, nil where they fail
	runs  int                 // tiers of the examples by mended terms
}

// tierList is one list of tiers with its path.
type tierList struct {
	path  string
	tiers []Tier
}

// lists returns the lists that there are.
func (f *finder) lists() []tierList {
	out := []tierList{{pathCapital, f.t.Tiers.Capital}}
	if len(f.t.Tiers.Operating) > 0 {
		out = append(out, tierList{pathOperating, f.t.Tiers.Operating})
	}
	return out
}

const (
	pathCapital   = "tiers.capital"
	pathOperating = "tiers.operating"
)

// at adds a finding about a field of a tier.
func (f *finder) at(s Severity, code string, l tierList, i int, field, reason, cost string) {
	f.out = append(f.out, Finding{Severity: s, Code: code, Field: fmt.Sprintf("%s[%d].%s", l.path, i, field),
		Tier: l.tiers[i].Name, Reason: reason, Cost: cost})
}

// on adds a finding about a field of the terms.
func (f *finder) on(s Severity, code, field, reason, cost string) {
	f.out = append(f.out, Finding{Severity: s, Code: code, Field: field, Reason: reason, Cost: cost})
}

func (f *finder) errors(err error) {
	for _, one := range fault.FieldErrors(err) {
		f.on(SeverityError, one.Code, one.Field, one.Msg, "")
	}
	var one *fault.Error
	if len(f.out) == 0 && errors.As(err, &one) {
		f.on(SeverityError, one.Code, one.Field, one.Msg, "")
	}
}

// deal looks at what is said of the whole deal.
func (f *finder) deal() {
	if (f.t.PromoteRecipient != "" || len(f.t.PromoteSplit) > 0) && !f.t.paysPromote() {
		f.on(SeverityNote, findPromoteUnpaid, "tiers", "the terms say who receives promote, and no tier pays any", "")
	}
	f.vesting("promote_split", f.t.PromoteSplit, func(t *Terms) []Share { return t.PromoteSplit })
	if l := f.t.Losses; l != nil && l.BelowZero {
		f.on(SeverityNote, findLossesBelow, "losses.below_zero",
			"losses can take a capital account below zero; say whether its holder has to make that good", "")
	}
}

// classNames are the classes that the terms name for certain, sorted.
func (t *Terms) classNames() []string {
	set := map[string]bool{}
	for name, p := range t.Prefs {
		set[p.classOf(name)] = true
		set[p.On] = true
	}
	t.every(func(_ string, _ int, x *Tier) bool {
		for _, class := range x.To {
			set[class] = true
		}
		return true
	})
	delete(set, "")
	delete(set, classPromote)
	return slices.Sorted(maps.Keys(set))
}

// accountNames are the other names of those who are tested or share, sorted: accounts,
// or classes that nothing else names.
func (t *Terms) accountNames() []string {
	set := map[string]bool{}
	t.every(func(_ string, _ int, x *Tier) bool {
		for _, name := range x.Of {
			set[name] = true
		}
		for name := range x.Percentages {
			set[name] = true
		}
		return true
	})
	for _, class := range t.classNames() {
		delete(set, class)
	}
	return slices.Sorted(maps.Keys(set))
}

// shares reports whether percentages name a class.
func (t *Terms) shares(class string) bool {
	found := false
	t.every(func(_ string, _ int, x *Tier) bool {
		found = found || x.Percentages[class] != ""
		return !found
	})
	return found
}

// sharesUnits reports whether some tier shares by units.
func (t *Terms) sharesUnits() bool {
	found := false
	t.every(func(_ string, _ int, x *Tier) bool {
		found = found || x.Share == ShareUnits
		return !found
	})
	return found
}

// serves reports whether a tier pays a class of investors.
func (t *Terms) serves(x *Tier, class string) bool {
	switch {
	case x.Type == TierFee || x.Type == TierHoldback:
		return false
	case x.Pref != "":
		p := t.Prefs[x.Pref]
		return p.classOf(x.Pref) == class
	case x.Percentages != nil:
		return x.Percentages[class] != ""
	}
	return len(x.To) == 0 || slices.Contains(x.To, class)
}

// listOf returns a list by its path.
func (t *Terms) listOf(path string) []Tier {
	if path == pathOperating {
		return t.Tiers.Operating
	}
	return t.Tiers.Capital
}

func (t *Terms) tier(path string, i int) *Tier { return &t.listOf(path)[i] }

// move takes a tier of a list to another place.
func (t *Terms) move(path string, from, to int) {
	list := t.listOf(path)
	x := list[from]
	if from < to {
		copy(list[from:to], list[from+1:to+1])
	} else {
		copy(list[to+1:from+1], list[to:from])
	}
	list[to] = x
}

// insert puts a tier into a list.
func (t *Terms) insert(path string, at int, x Tier) {
	x.Name, x.Order = "mended", PariPassu
	if x.Type == TierSplit {
		x.Order, x.Promote = "", normalRate(x.Promote)
	}
	if path == pathOperating {
		t.Tiers.Operating = slices.Insert(t.Tiers.Operating, at, x)
		return
	}
	t.Tiers.Capital = slices.Insert(t.Tiers.Capital, at, x)
}

// remove takes a tier out of a list.
func (t *Terms) remove(path string, at int) {
	if path == pathOperating {
		t.Tiers.Operating = slices.Delete(t.Tiers.Operating, at, at+1)
		return
	}
	t.Tiers.Capital = slices.Delete(t.Tiers.Capital, at, at+1)
}

// first is the place of the first tier of a type, -1 where there is none.
func (l tierList) first(typ TierType) int {
	return slices.IndexFunc(l.tiers, func(x Tier) bool { return x.Type == typ })
}

// front is the place behind the fees and holdbacks that a list begins with.
func (l tierList) front() int {
	for i := range l.tiers {
		if typ := l.tiers[i].Type; typ != TierFee && typ != TierHoldback {
			return i
		}
	}
	return len(l.tiers)
}
