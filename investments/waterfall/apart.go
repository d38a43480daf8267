package waterfall

import (
	"maps"
	"slices"

	"github.com/freehold-go/freehold/investments/waterfall/internal/wide"
	"github.com/freehold-go/freehold/realestate/date"
)

// apartPlan is a preference that is kept apart from the one a class has under its
// own name: a second one, or one on the capital of another class. Its balances stand
// at the accounts on whose capital it is earned, and move with that capital.
type apartPlan struct {
	pref   prefPlan
	class  int // who is paid, -1 where the roster has no such class
	on     int // on whose capital
	c, a   int // columns
	byName string
}

func apartColumn(name, what string) string { return "pref " + name + " " + what }

// columnInitial is what an account contributed on the day it first had capital.
const columnInitial = "initial"

// needPrefs makes room for what the preferences of normal terms need.
func (s *State) needPrefs(t *Terms) {
	for _, name := range slices.Sorted(maps.Keys(t.Prefs)) {
		p := t.Prefs[name]
		plan := newPrefPlan(t, name, p)
		if plan.anchored || plan.base == BaseInitial {
			s.need(columnSince, 0)
		}
		if plan.base == BaseInitial {
			s.need(columnInitial, 0)
		}
		if p.apart(name) {
			s.need(apartColumn(name, "c"), 1)
			s.need(apartColumn(name, "a"), plan.den)
		} else if plan.dayCount != t.DayCount {
			if s.counts == nil {
				s.counts = map[string]date.DayCount{}
			}
			s.counts[name] = plan.dayCount
		}
	}
}

// aparts resolves the preferences of normal terms that are kept apart.
func aparts(t *Terms, s *State) (out []apartPlan, err error) {
	for _, name := range t.apartNames() {
		p := t.Prefs[name]
		class, on := p.classOf(name), p.On
		if on == "" {
			on = class
		}
		a := apartPlan{pref: newPrefPlan(t, name, p), class: s.roster.classIndex(class), on: s.roster.classIndex(on), byName: name,
			c: s.column(apartColumn(name, "c")), a: s.column(apartColumn(name, "a"))}
		if a.c < 0 || a.a < 0 || s.cols[a.a].per != a.pref.den || s.cols[a.c].per != 1 {
			return nil, ErrStateTerms.With("the state lacks the balances of the preference %s", name)
		}
		out = append(out, a)
	}
	return out, nil
}

// earnsOn returns the capital that a preference is earned on.
func (e *engine) earnsOn(p *prefPlan, i int) int64 {
	switch p.base {
	case BaseContributed:
		return e.s.acc.contributed[i]
	case BaseInitial:
		return e.s.cols[e.p.initial].cents(i)
	}
	return e.s.acc.unreturned[i]
}

// lateBase is what capital that came on an earlier day adds to that.
func (e *engine) lateBase(p *prefPlan, i int, x int64, day date.Date) int64 {
	if p.base == BaseInitial && e.s.cols[e.p.since].cents(i) != int64(day.Days()) {
		return 0
	}
	return x
}

// accrueApart brings the preferences that are kept apart to a date.
func (e *engine) accrueApart(to date.Date) error {
	for k := range e.p.apart {
		a := &e.p.apart[k]
		made := map[int64]*accruer{}
		for i, class := range e.s.roster.class {
			if int(class) != a.on {
				continue
			}
			anchor := e.anchorOf(&a.pref, i)
			ac := made[anchor]
			if ac == nil {
				one := e.accruer(&a.pref, a.pref.rate, dayOf(int32(anchor)), e.s.asOf, to)
				ac, made[anchor] = &one, &one
			}
			if !ac.run(e.earnsOn(&a.pref, i), &e.s.cols[a.c].v[i], &e.s.cols[a.a].v[i]) {
				return ErrTooLarge
			}
		}
	}
	return nil
}

// anchorOf is the day number of an account's anchor, 0 where it makes no difference.
func (e *engine) anchorOf(p *prefPlan, i int) int64 {
	if !p.anchored {
		return 0
	}
	return e.s.cols[e.p.since].cents(i)
}

// apartIn gives the preferences kept apart what late capital has earned.
func (e *engine) apartIn(i int, x int64, day date.Date) error {
	if !day.Before(e.s.asOf) {
		return nil
	}
	for k := range e.p.apart {
		a := &e.p.apart[k]
		if int(e.s.roster.class[i]) != a.on {
			continue
		}
		var c, cur wide.Int
		ac := e.accruer(&a.pref, a.pref.rate, dayOf(int32(e.anchorOf(&a.pref, i))), day, e.s.asOf)
		if !ac.run(e.lateBase(&a.pref, i, x, day), &c, &cur) {
			return ErrTooLarge
		}
		e.s.cols[a.c].v[i] = wide.Round40(e.s.cols[a.c].v[i].Add(c))
		e.s.cols[a.a].v[i] = e.s.cols[a.a].v[i].Add(cur)
	}
	return nil
}

// moveApart moves a fraction of the preferences kept apart, and of initial capital.
func (e *engine) moveApart(from, to int, f int64) {
	s := e.s
	for k := range e.p.apart {
		moveParts(s.cols[e.p.apart[k].c].v, from, to, f, true)
		moveParts(s.cols[e.p.apart[k].a].v, from, to, f, false)
	}
	if k := e.p.initial; k >= 0 {
		x := mulDiv(s.cols[k].cents(from), f, unit)
		s.cols[k].addCents(from, -x)
		s.cols[k].addCents(to, x)
	}
}

// enterApart is enter for the preferences kept apart.
func (e *engine) enterApart() {
	s := e.s
	for k := range e.p.apart {
		a := &e.p.apart[k]
		was, now := s.named[a.byName], a.pref.compound
		if was == now {
			continue
		}
		s.named = maps.Clone(s.named)
		if s.named == nil {
			s.named = map[string]Compounding{}
		}
		if s.named[a.byName] = now; !folds(was, now) {
			continue
		}
		for i := range s.roster.ids {
			if cur := &s.cols[a.a].v[i]; cur.Sign() > 0 {
				s.cols[a.c].v[i], _ = wide.Compound(s.cols[a.c].v[i], *cur, &a.pref.divDen)
				*cur = wide.Int{}
			}
		}
	}
}

// folds reports whether what is unpaid becomes capitalized when a compounding is
// replaced by another.
func folds(was, now Compounding) bool {
	return was != "" && was != now && (was == CompoundNone && now != CompoundNone || now == CompoundDaily)
}

// payOther pays a preference that a class earns on the capital of another.
func (u *run) payOther(st *step, line *Step) (int64, error) {
	a := &u.p.apart[st.apart]
	var owners []int32
	for i, class := range u.s.roster.class {
		if int(class) == a.on {
			owners = append(owners, int32(i))
		}
	}
	n, sum, err := u.prefDue(st, owners)
	if err != nil {
		return 0, err
	}
	line.rule("Pay the return of %s on the capital of %s.%s", a.byName, u.className(a.on), besideText(st))
	line.input("unpaid return", exactText(sum, st.den))
	toPromote := a.class >= 0 && u.s.roster.classes[a.class] == classPromote
	x, promote, _ := u.beside(st, line, n, 0)
	if x > 0 {
		u.shareDue(sum, x)
		for k, i := range owners {
			u.payPref(st, int(i), u.parts[k])
		}
	}
	if toPromote {
		line.Investors, line.Promote = cents(0), cents(x+promote)
		return x + promote, u.payPromote(st, x+promote)
	}
	line.Weight = u.weight(st)
	if x > 0 {
		if err := u.shareAmongEarners(st, x); err != nil {
			return 0, err
		}
	}
	return x + promote, u.payPromote(st, promote)
}

// shareAmongEarners pays members by contributed capital, or alike where none of them
// has any.
func (u *run) shareAmongEarners(st *step, x int64) error {
	members := slices.Concat(st.charged, st.spared)
	slices.Sort(members)
	if u.capitalOf(members) > 0 {
		return u.shareOut(st, members, x)
	}
	u.weights = resize(u.weights, len(members))
	for k := range members {
		u.weights[k] = 1
	}
	if err := u.share(x); err != nil {
		return ErrNoCapital.With("tier %s", st.t.Name)
	}
	u.credit(st, members, x, false)
	return nil
}

func (u *run) className(k int) string {
	if k < 0 {
		return "nobody"
	}
	return u.s.roster.classes[k]
}
