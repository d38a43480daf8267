package waterfall

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/realestate/money"
)

// Percentages are parts of what a tier pays its investors, by class or account, as
// fractions such as "4/9" or "0.25"; they sum to 1. A class shares its part by
// contributed capital, after dilutions; between the names the percentages stay as the
// terms state them, and a dilution that is to change them is a change of terms. A class
// without capital has nobody to pay: its part goes to the others in proportion, which
// the trace says. A name that is both a class and an account is the class.
type Percentages map[string]string

// fractionOf reads a fraction between 0 and 1.
func fractionOf(text string) (*big.Rat, bool) {
	if len(text) > 40 || strings.ContainsAny(text, "eEpPxX_") {
		return nil, false
	}
	x, ok := new(big.Rat).SetString(text)
	return x, ok && x.Sign() >= 0 && x.Cmp(big.NewRat(1, 1)) <= 0
}

// normal writes the fractions in lowest terms.
func (p Percentages) normal() Percentages {
	if len(p) == 0 {
		return nil
	}
	out := Percentages{}
	for name, text := range p {
		x, _ := fractionOf(text)
		out[name] = x.RatString()
	}
	return out
}

// text writes percentages in words.
func (p Percentages) text() string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(p)) {
		parts = append(parts, p[name]+" to "+name)
	}
	return and(parts)
}

// percentages checks those of a tier.
func (v *tierCheck) percentages() {
	p := v.t.Percentages
	if p == nil {
		return
	}
	sum := new(big.Rat)
	for _, name := range slices.Sorted(maps.Keys(p)) {
		x, ok := fractionOf(p[name])
		v.check(ok, fmt.Sprintf("percentages[%q]", name), check.OutOfRange, "a percentage is a fraction from 0 to 1, such as 4/9 or 0.25")
		v.check(ValidName(name) && name != classPromote, fmt.Sprintf("percentages[%q]", name), codeClassInvalid, "percentages name classes or accounts, and not promote")
		if ok {
			sum.Add(sum, x)
		}
	}
	v.check(len(p) > 0 && len(p) <= maxTiers && sum.Cmp(big.NewRat(1, 1)) == 0, "percentages", codePercentagesNotOne, "percentages sum to 1")
	v.check(len(v.t.To) == 0, "to", codeToWithPercentages, "a tier with percentages pays those whom they name")
	v.check(v.t.Share == "", "share", codeShareWithPercentages, "a tier shares by percentages or by units")
	if v.t.Type == TierHurdle {
		v.check(v.t.By == ByEach || len(v.t.Of) > 0 && v.t.By != ByInvestor, "percentages", codePercentagesTest,
			"a hurdle with percentages says of whom it tests, or is by each")
	}
}

// percentEntry is one line of a step's percentages.
type percentEntry struct {
	name    string
	part    *big.Rat
	class   int // or -1
	account int // or -1
}

// percentages resolves those of a tier.
func (c *compiler) percentages(path string, t *Tier, st *step) {
	r := c.s.roster
	named := map[int]bool{}
	for _, name := range slices.Sorted(maps.Keys(t.Percentages)) {
		x, _ := fractionOf(t.Percentages[name])
		e := percentEntry{name: name, part: x, class: r.classIndex(name), account: -1}
		if e.class < 0 {
			if e.account = r.index(name); e.account < 0 {
				c.f.AddErr(path+".percentages", ErrUnknownPartner)
				continue
			}
			if class := r.classes[r.class[e.account]]; class == classPromote || r.treat[e.account] == treatLoan {
				c.f.AddErr(path+".percentages", ErrNoCapitalAccount)
			}
			named[e.account] = true
		}
		st.percent = append(st.percent, e)
	}
	for i := range named {
		for _, e := range st.percent {
			if e.class == int(r.class[i]) {
				c.f.Add(path+".percentages", check.Duplicate, "percentages name a class and an account of it")
			}
		}
	}
}

// pays reports whether a step with percentages pays an account.
func (st *step) pays(r *roster, i int) bool {
	return slices.ContainsFunc(st.percent, func(e percentEntry) bool { return e.account == i || e.class == int(r.class[i]) })
}

// entryMembers are the accounts of one entry among members.
func (u *run) entryMembers(e *percentEntry, members []int32) []int32 {
	return slices.Collect(func(yield func(int32) bool) {
		for _, i := range members {
			if (e.account == int(i) || e.class == int(u.s.roster.class[i])) && !yield(i) {
				return
			}
		}
	})
}

// percentOf returns the part of a step's percentages that falls to members, entry by
// entry: a class counts for as much as its members among them have of its capital.
func (u *run) percentOf(st *step, members []int32) (sum *big.Rat, parts []*big.Rat) {
	sum = new(big.Rat)
	for k := range st.percent {
		e := &st.percent[k]
		some := u.entryMembers(e, members)
		x := new(big.Rat)
		if e.account >= 0 && len(some) > 0 {
			x.Set(e.part)
		} else if e.class >= 0 {
			if points, all := u.entryPoints(st, e); all > 0 {
				x.Mul(e.part, big.NewRat(sumOf(points, some), all))
			}
		}
		parts = append(parts, x)
		sum.Add(sum, x)
	}
	return sum, parts
}

// entryName heads what a trace says of percentages of which nobody can be paid.
const entryName = "percentage without anybody to pay"

// idle says in a trace which of a step's percentages have nobody to pay.
func (u *run) idle(st *step, line *Step) {
	for k := range st.percent {
		e := &st.percent[k]
		sum := int64(len(u.entryMembers(e, st.charged)) + len(u.entryMembers(e, st.spared)))
		if e.class >= 0 {
			_, sum = u.entryPoints(st, e)
		}
		if sum == 0 && e.part.Sign() > 0 {
			line.input(entryName, e.part.RatString()+" to "+e.name)
		}
	}
}

// idleText says the same in an explanation.
func (s *Step) idleText() string {
	var names []string
	for _, x := range s.Inputs {
		if x.Name == entryName {
			names = append(names, x.Value)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return " There is nobody to pay of " + and(names) + ", so that it goes to the others in proportion."
}

// entryPoints are what the accounts of a class share its part by, and their sum.
func (u *run) entryPoints(st *step, e *percentEntry) (points []int64, sum int64) {
	charged, spared := u.entryMembers(e, st.charged), u.entryMembers(e, st.spared)
	points = u.points(charged, spared)
	return points, sumOf(points, charged) + sumOf(points, spared)
}

// shareOfOne is the part of the investors' money of a step that one account gets.
func (u *run) shareOfOne(st *step, i int32) *big.Rat {
	x, _ := u.percentOf(st, []int32{i})
	all, _ := u.percentOf(st, st.charged)
	if all.Sign() == 0 {
		return all
	}
	return x.Quo(x, all)
}

// sharePercent pays total to members by percentages, and within a class by
// contributed capital.
func (u *run) sharePercent(st *step, members []int32, total int64) error {
	_, weights := u.percentOf(st, members)
	parts, err := allocateRats(total, weights)
	if err != nil {
		return ErrNoCapital.With("tier %s", st.t.Name)
	}
	for k := range st.percent {
		if parts[k] == 0 {
			continue
		}
		some := u.entryMembers(&st.percent[k], members)
		if st.percent[k].account >= 0 {
			u.parts = append(u.parts[:0], parts[k])
		} else {
			points, _ := u.entryPoints(st, &st.percent[k])
			u.weights = resize(u.weights, len(some))
			for n, i := range some {
				u.weights[n] = points[i]
			}
			if err := u.share(parts[k]); err != nil {
				return ErrNoCapital.With("tier %s", st.t.Name)
			}
		}
		u.credit(st, some, parts[k], false)
	}
	return nil
}

// allocateRats shares a total over fractions, by largest remainder.
func allocateRats(total int64, weights []*big.Rat) ([]int64, error) {
	den := big.NewInt(1)
	for _, w := range weights {
		den.Mul(den, w.Denom())
	}
	ints := make([]*big.Int, len(weights))
	for k, w := range weights {
		ints[k] = new(big.Int).Mul(w.Num(), den)
		ints[k].Quo(ints[k], w.Denom())
	}
	parts := make([]int64, len(weights))
	if total == 0 {
		return parts, nil
	}
	return parts, money.AllocateBig(parts, total, ints, nil)
}
