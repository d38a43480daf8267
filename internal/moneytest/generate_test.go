package moneytest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"

	"github.com/freehold-go/freehold/internal/moneytest/model"
)

// generator makes the commands of one history, each from what the model knows
// when it is asked for. The same seed makes the same history.
type generator struct {
	r       *rand.Rand
	w       *model.World
	today   model.Day
	left    int
	ending  int // how many commands before the last the exit is led up to
	n       int // names given so far
	holders []string
	setup   []model.Step
	alike   []model.Step // the first offering, and its terms
}

func newGenerator(seed uint64, w *model.World) *generator {
	g := &generator{r: rand.New(rand.NewPCG(seed, 10)), w: w}
	g.today = model.D("2017-01-01") + model.Day(g.r.IntN(1800))
	g.left = 10 + g.r.IntN(18) + pick(g.odds(25), g.r.IntN(26), 0) // long ones cost as the square
	g.ending = pick(g.odds(40), 14, 0)
	g.left += pick(g.ending > 0, 8, 0)
	for i := range 1 + g.r.IntN(12) {
		h := fmt.Sprintf("h%d", i+1)
		g.holders = append(g.holders, h)
		if g.odds(15) {
			g.holders = append(g.holders, h+".llc")
		}
	}
	for range pick(g.odds(15), 2, 1) {
		g.offering()
	}
	return g
}

func pick[T any](first bool, a, b T) T {
	if first {
		return a
	}
	return b
}

func (g *generator) odds(percent int) bool { return g.r.IntN(100) < percent }

func one[T any](g *generator, of ...T) T { return of[g.r.IntN(len(of))] }

func (g *generator) name(kind string) string {
	g.n++
	return fmt.Sprintf("%s%d", kind, g.n)
}

// offering sets a deal up: classes with or without units, terms or none.
func (g *generator) offering() {
	if len(g.alike) == 2 && g.odds(60) { // as another deal of a fund
		name := g.name("o")
		s, terms := g.alike[0], g.alike[1]
		s.Name, terms.Offering = name, name
		g.setup = append(g.setup, s, terms)
		return
	}
	s := model.Step{Verb: "offering", Name: g.name("o"), Classes: map[string]string{}}
	classes := []string{"a", "b", "c"}[:one(g, 1, 1, 1, 2, 2, 3)]
	units := g.r.IntN(3)
	for i, c := range classes {
		s.Classes[c] = pick(units == 1 || units == 2 && i == 0 && g.odds(50), one(g, "1000", "250", "40"), "")
	}
	g.setup = append(g.setup, s)
	if g.odds(75) {
		g.setup = append(g.setup, model.Step{Verb: "terms", Offering: s.Name, Day: g.today - model.Day(g.r.IntN(400)), Terms: g.terms(classes, "", false)})
	}
	g.alike = slices.Clone(g.setup)
}

// terms are terms over classes; a day count that is given is kept, and so is
// that all is simple.
func (g *generator) terms(classes []string, count string, change bool) *model.Terms {
	if count == "" && !change {
		count = one(g, "ACT/365F", "ACT/365F", "ACT/365F", "ACT/360", "30/360US", "30E/360", "ACT/ACT-ISDA")
	}
	t := &model.Terms{DayCount: count, Promote: "gp", Prefs: map[string]model.Pref{}, Tiers: map[string][]model.Tier{}}
	for _, c := range classes {
		compounding := one(g, "none", "none", "annual", "quarterly", "monthly", "daily")
		if compounding == "daily" && count != "ACT/365F" && count != "ACT/360" {
			compounding = "monthly"
		}
		t.Prefs[c] = model.Pref{Rate: one(g, "0.08", "0.08", "0.0604", "0.1", "0.12", "0.0725", "0"), Compounding: compounding}
		if p := t.Prefs[c]; g.odds(20) {
			p.DefaultRate = one(g, "0.18", "0.12", "0.0999")
			t.Prefs[c] = p
		}
	}
	t.Tiers["capital"] = g.holdbacks(g.tiers(classes))
	if g.odds(30) {
		t.Tiers["operating"] = g.holdbacks([]model.Tier{{Name: "pref", Type: "pref"}, g.residual()})
	}
	return t
}

// reserveNames are the reserves of an entity: the one without a name, and another.
var reserveNames = []string{"", "roof"}

// holdbacks puts none to two tiers that hold cash back into a list, before the last.
func (g *generator) holdbacks(list []model.Tier) []model.Tier {
	for i := range pick(g.odds(25), one(g, 1, 1, 2), 0) {
		t := model.Tier{Name: fmt.Sprintf("held%d", i), Type: "holdback", Reserve: one(g, reserveNames...)}
		if g.odds(60) {
			t.Amount = one(g, "2500.00", "10000.00", "75000.01")
		} else {
			t.Rate = one(g, "0.05", "0.1", "0.333")
		}
		at := g.r.IntN(len(list))
		list = slices.Insert(list, pick(g.odds(50), min(at, 1), at), t) // mostly behind a preference alone
	}
	return list
}

func (g *generator) residual() model.Tier {
	return model.Tier{Name: "rest", Type: "split", Promote: one(g, "0.2", "0.3", "0.1", "0.15", "0")}
}

func (g *generator) tiers(classes []string) (out []model.Tier) {
	groups := [][]string{nil}
	if len(classes) > 1 && g.odds(40) {
		groups = [][]string{{classes[0]}, classes[1:]}
	}
	for i, to := range groups {
		pref := model.Tier{Name: fmt.Sprintf("pref%d", i), Type: "pref", To: to}
		capital := model.Tier{Name: fmt.Sprintf("capital%d", i), Type: "return_of_capital", To: to}
		out = append(out, pref, capital)
		if g.odds(15) {
			out[len(out)-2], out[len(out)-1] = capital, pref
		}
	}
	switch g.r.IntN(6) {
	case 0, 1:
		out = append(out, model.Tier{Name: "catch-up", Type: "catch_up", GPShare: one(g, "1", "0.5", "0.8"), Target: one(g, "0.2", "0.15")})
	case 2, 3:
		h := model.Tier{Name: "hurdle", Type: "hurdle", Promote: one(g, "0.2", "0.1", "0.25")}
		kind := g.r.IntN(3)
		if kind != 1 {
			h.IRR = one(g, "0.1", "0.12", "0.15")
		}
		if kind != 0 {
			h.Multiple = one(g, "1.1", "1.3", "1.5")
		}
		if kind == 2 {
			h.Test = one(g, "both", "either")
		}
		out = append(out, h)
	}
	return append(out, g.residual())
}

// leftOut are the commands that MONEY_SKIP, an expression, leaves out; to look
// past what is known.
var leftOut = func() *regexp.Regexp {
	if e := os.Getenv("MONEY_SKIP"); e != "" {
		return regexp.MustCompile(e)
	}
	return nil
}()

// next is the next command, nil at the end. It proposes until the model finds
// one that makes sense; one in some that have to be refused is let through.
func (g *generator) next() *model.Step {
	if len(g.setup) > 0 {
		s := g.setup[0]
		g.setup = g.setup[1:]
		return &s
	}
	if g.left--; g.left < 0 {
		return nil
	}
	if g.odds(60) {
		g.today += model.Day(one(g, 1, 3, 9, 20, 31, 45, 90))
	}
	for range 400 {
		s := g.propose()
		if s == nil || leftOut != nil && leftOut.MatchString(s.String()) {
			continue
		}
		switch g.w.Judge(s) {
		case model.Accept:
			return s
		case model.Either:
			if g.odds(60) {
				return s
			}
		case model.Refuse:
			if g.odds(pick(s.Record != 0, 25, pick(s.Verb == "approve" || s.Verb == "pay" || s.Verb == "declare", 10, 3))) {
				return s
			}
		}
	}
	return nil
}

type proposal struct {
	weight int
	make   func(*generator, *model.View) *model.Step
}

// life is the verbs with their weights; those about a payment find nothing to do
// most of the time.
var life = []proposal{
	{10, (*generator).commit}, {16, (*generator).receive}, {5, (*generator).refund}, {1, (*generator).uncommit},
	{8, (*generator).transfer}, {2, (*generator).correction}, {2, (*generator).conversion},
	{14, (*generator).declare}, {30, (*generator).approve}, {3, (*generator).cancel}, {35, (*generator).pay},
	{15, (*generator).process}, {30, (*generator).confirm}, {8, (*generator).fail}, {30, (*generator).reissue},
	{18, (*generator).reverse}, {20, (*generator).recover}, {300, (*generator).billed}, {5, (*generator).allocate}, {2, (*generator).unallocate},
	{1, (*generator).newTerms}, {25, (*generator).writeOff}, {30, (*generator).agree}, {8, (*generator).disagree},
	{7, (*generator).cash}, {2, (*generator).uncash},
	{4, (*generator).lend}, {15, (*generator).repay}, {3, (*generator).dilute}, {2, (*generator).withdraw}, {4, (*generator).enter},
}

// ending is what leads to an exit, and what may follow it.
var ending = []proposal{
	{10, (*generator).receive}, {10, (*generator).uncommit}, {12, (*generator).sale}, {60, (*generator).approve},
	{60, (*generator).pay}, {40, (*generator).confirm}, {40, (*generator).reissue}, {10, (*generator).close},
	{200, (*generator).exit}, {1, (*generator).unexit}, {2, (*generator).transfer}, {1, (*generator).reverse},
	{3, (*generator).unallocate},
}

func (g *generator) propose() *model.Step {
	names := g.w.Offerings()
	if len(names) == 0 {
		return nil
	}
	o := g.w.View(one(g, names...))
	proposals := pick(g.left < g.ending, ending, life)
	total := 0
	for _, p := range proposals {
		total += p.weight
	}
	n := g.r.IntN(total)
	for _, p := range proposals {
		if n -= p.weight; n < 0 {
			s := p.make(g, o)
			if s != nil {
				s.Offering = o.Name
			}
			return s
		}
	}
	return nil
}

// day is mostly today, and at times one long past: a late booking.
func (g *generator) day(late int) model.Day {
	if g.odds(late) {
		return g.today - model.Day(one(g, 1, 10, 40, 90, 200))
	}
	return g.today
}

func (g *generator) cents() model.Cents {
	whole := model.Cents(one(g, 1000, 25_000, 50_000, 99_000, 100_000, 100_000, 333_333))
	return whole*100 + pick(g.odds(30), model.Cents(g.r.IntN(100)), 0)
}

// some is one of the keys of a map, in an order that does not depend on chance
// but the generator's.
func some[V any](g *generator, m map[string]V) (k string, ok bool) {
	keys := slices.Sorted(maps.Keys(m))
	if len(keys) == 0 {
		return "", false
	}
	return one(g, keys...), true
}
