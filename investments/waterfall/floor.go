package waterfall

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"

	"github.com/freehold-go/freehold/investments/waterfall/internal/wide"
	"github.com/freehold-go/freehold/realestate/date"
)

// floor is what a hurdle by class has forgotten: after each distribution its
// balance below zero becomes zero, so that what was paid beyond it does not count
// against later contributions. It keeps what was forgotten as if it had been paid
// in on that day.
type floor struct {
	irr, multiple int64    // -1 when absent
	classes       []string // whose flows are tested; all when empty
	others        bool     // they are those of "of", whether they bear promote or not
	outside       bool     // the sponsor's flows are not tested
	credits       []credit // for the rate
	beyond        wide.Int // for the multiple, in parts of a cent
}

// credit is what was forgotten on a day, in parts of a cent.
type credit struct {
	day   int32
	parts wide.Int
}

// Floor is a floor of a hurdle as it is stored.
type Floor struct {
	IRR      string        `json:"irr,omitempty"`
	Multiple string        `json:"multiple,omitempty"`
	Classes  []string      `json:"classes,omitempty"`
	Others   bool          `json:"others,omitempty"`
	Outside  bool          `json:"outside,omitempty"`
	Credits  []FloorCredit `json:"credits,omitempty"`
	Beyond   Exact         `json:"beyond"`
}

// FloorCredit is what a hurdle's rate has forgotten on a day.
type FloorCredit struct {
	Date   date.Date `json:"date"`
	Amount Exact     `json:"amount"`
}

// newFloor is the floor of a tier of normal terms, or of one class of it.
func newFloor(t *Terms, x *Tier, class string) *floor {
	f := &floor{irr: -1, multiple: -1, classes: x.To, others: len(x.Of) > 0}
	if x.IRR != nil {
		f.irr = rateOf(x.IRR)
	}
	if x.Multiple != nil {
		f.multiple = rateOf(x.Multiple)
	}
	switch {
	case f.others:
		f.classes = x.Of
	case class != "":
		f.classes = []string{class}
	}
	f.classes = slices.Sorted(slices.Values(f.classes))
	base := x.PromoteBase
	if base == "" {
		base = t.PromoteBase
	}
	f.outside = base == PromoteOnOutside && !f.others
	return f
}

// key tells floors apart.
func (f *floor) key() string {
	return fmt.Sprint(f.irr, f.multiple, f.others, f.outside, strings.Join(f.classes, "\x00"))
}

// tests reports whether the flows of a cohort are tested.
func (f *floor) tests(class string, treat int) bool {
	switch {
	case treat == treatLoan || class == classPromote:
		return false
	case len(f.classes) > 0 && !slices.Contains(f.classes, class):
		return false
	case f.others:
		return true
	}
	return treat == treatCharged || treat == treatSponsor && !f.outside
}

// floorsOf are the floors that a tier of normal terms needs.
func floorsOf(t *Terms, x *Tier) (out []*floor) {
	if x.Order != Sequential {
		return []*floor{newFloor(t, x, "")}
	}
	for _, class := range x.To {
		out = append(out, newFloor(t, x, class))
	}
	return out
}

func (s *State) needFloors(t *Terms, x *Tier) {
	if s.floors == nil {
		s.floors = map[string]*floor{}
	}
	for _, f := range floorsOf(t, x) {
		if s.floors[f.key()] == nil {
			s.floors[f.key()] = f
		}
	}
}

func cloneFloors(in map[string]*floor) map[string]*floor {
	out := maps.Clone(in)
	for k, f := range out {
		c := *f
		c.credits = slices.Clone(f.credits)
		out[k] = &c
	}
	return out
}

// forgottenAt is what a floor's rate has forgotten, as of the state's date.
func (e *engine) forgottenAt(f *floor) (sum wide.Int, err error) {
	for _, c := range f.credits {
		v, err := e.grow(f.irr, c.parts, e.s.asOf.Days()-int(c.day))
		if err != nil {
			return sum, err
		}
		sum = sum.Add(v)
	}
	return sum, nil
}

// settleFloors forgets what has been paid beyond the hurdles whose surplus lapses.
func (u *run) settleFloors() error {
	for _, key := range slices.Sorted(maps.Keys(u.s.floors)) {
		f := u.s.floors[key]
		x, err := u.sumFlows(f.irr, func(class, treat int) bool { return f.tests(u.s.roster.classes[class], treat) })
		if err != nil {
			return err
		}
		if f.irr >= 0 {
			had, err := u.forgottenAt(f)
			if err != nil {
				return err
			}
			if b := x.future.Add(had); b.IsNeg() {
				f.credits = append(f.credits, credit{int32(u.s.asOf.Days()), b.Neg()})
			}
		}
		if f.multiple >= 0 {
			if b := x.multiple(f.multiple).Add(f.beyond); b.IsNeg() {
				f.beyond = f.beyond.Sub(b)
			}
		}
	}
	for k := range u.s.cols {
		multiple, ok := floorOf(u.s.cols[k].name)
		if !ok || u.s.inv == nil {
			continue
		}
		for i := range u.s.inv.in {
			in, _ := timesRate(u.s.inv.in[i], multiple)
			if b := in.Sub(u.s.inv.out[i]).Add(u.s.cols[k].v[i]); b.IsNeg() {
				u.s.cols[k].v[i] = u.s.cols[k].v[i].Sub(b)
			}
		}
	}
	return nil
}

// floorColumn is where an account keeps what a multiple, tested account by account,
// has forgotten.
func floorColumn(multiple int64) string { return "floor " + rateText(multiple) }

func floorOf(column string) (int64, bool) {
	text, ok := strings.CutPrefix(column, "floor ")
	if !ok || len(text) > 20 {
		return 0, false
	}
	d, err := decimalOf(text)
	if err != nil {
		return 0, false
	}
	m, ok := fixedRate(d)
	return m, ok && m >= 0 && m <= maxMultiple
}

// floorRows are the floors as they are stored, in a fixed order.
func (s *State) floorRows() []Floor {
	var out []Floor
	for _, key := range slices.Sorted(maps.Keys(s.floors)) {
		f := s.floors[key]
		row := Floor{Classes: f.classes, Others: f.others, Outside: f.outside, Beyond: exact(f.beyond, 1)}
		if f.irr >= 0 {
			row.IRR = rateText(f.irr)
		}
		if f.multiple >= 0 {
			row.Multiple = rateText(f.multiple)
		}
		for _, c := range f.credits {
			row.Credits = append(row.Credits, FloorCredit{dayOf(c.day), exact(c.parts, 1)})
		}
		out = append(out, row)
	}
	return out
}

// restoreFloors reads what floorRows writes, and reports whether it is possible.
func (s *State) restoreFloors(rows []Floor) bool {
	for _, row := range rows {
		f := &floor{irr: -1, multiple: -1, classes: row.Classes, others: row.Others, outside: row.Outside}
		for _, x := range []struct {
			text string
			to   *int64
		}{{row.IRR, &f.irr}, {row.Multiple, &f.multiple}} {
			if x.text == "" {
				continue
			}
			d, err := decimalOf(x.text)
			rate, ok := fixedRate(d)
			if err != nil || !ok || rate < 0 {
				return false
			}
			*x.to = rate
		}
		if f.irr > maxRate || !slices.IsSorted(f.classes) || !row.Beyond.into(&f.beyond, 1) || f.beyond.IsNeg() {
			return false
		}
		var last int32
		for _, c := range row.Credits {
			one := credit{day: int32(c.Date.Days())}
			if !c.Amount.into(&one.parts, 1) || one.parts.Sign() <= 0 || one.day < last || c.Date.After(s.asOf) {
				return false
			}
			last = one.day
			f.credits = append(f.credits, one)
		}
		if s.floors == nil {
			s.floors = map[string]*floor{}
		}
		if s.floors[f.key()] != nil {
			return false
		}
		s.floors[f.key()] = f
	}
	return true
}

// flowSum is what some cohorts paid in and got, and what that is worth now.
type flowSum struct {
	in, out int64
	future  wide.Int // in parts of a cent, at a rate
}

// multiple is what flows lack to a multiple, in parts of a cent.
func (x *flowSum) multiple(m int64) wide.Int {
	n := new(big.Int).Mul(big.NewInt(x.in), big.NewInt(m))
	n.Sub(n, new(big.Int).Mul(big.NewInt(x.out), big.NewInt(unit)))
	n.Mul(n, wide.Pow10(partDecimals-rateDecimals).Big())
	v, _ := wide.FromBig(n) // at most a thousand times what money can be, which fits
	return v
}

// sumFlows adds up the flows of cohorts; irr is -1 where no rate is tested.
func (u *run) sumFlows(irr int64, tests func(class, treat int) bool) (x flowSum, err error) {
	for c, flows := range u.s.flows {
		if !tests(c/treatments, c%treatments) {
			continue
		}
		for i := range flows {
			f := &flows[i]
			x.in, x.out = x.in+f.in, x.out+f.out
			if irr < 0 || f.in == f.out {
				continue
			}
			v, err := u.futureValue(irr, f)
			if err != nil {
				return x, err
			}
			x.future = x.future.Add(v)
		}
	}
	return x, nil
}
