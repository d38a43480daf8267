package waterfall

import (
	"slices"
	"strings"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/investments/waterfall/internal/wide"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
)

// Lots is the order in which contributions come back.
type Lots string

// LatestFirst returns the latest contribution before the next older one; those of
// one day come back together, by what is left of each.
const LatestFirst Lots = "latest_first"

// lot is where the contributions of one day stand: capital not returned, and the
// preferred return that it has earned, capitalized and current.
type lot struct {
	day     date.Date
	u, c, a int // columns
}

func lotColumn(day date.Date, what string) string { return "lot " + day.String() + " " + what }

// needLots notes the classes whose contributions are kept apart.
func (s *State) needLots(t *Tier) {
	if t.Lots == "" {
		return
	}
	classes := t.To
	if len(classes) == 0 {
		classes = s.roster.classes
	}
	for _, class := range classes {
		if k, ok := slices.BinarySearch(s.lotClasses, class); !ok && class != classPromote {
			s.lotClasses = slices.Insert(slices.Clone(s.lotClasses), k, class)
		}
	}
}

// lots finds the contributions that a state keeps apart, the latest first.
func lots(s *State) (out []lot) {
	for at := range s.cols {
		text, ok := strings.CutPrefix(s.cols[at].name, "lot ")
		text, isU := strings.CutSuffix(text, " u")
		day, err := date.Parse(text)
		if !ok || !isU || err != nil {
			continue
		}
		l := lot{day, at, s.column(lotColumn(day, "c")), s.column(lotColumn(day, "a"))}
		if l.c >= 0 && l.a >= 0 {
			out = append(out, l)
		}
	}
	slices.SortFunc(out, func(a, b lot) int { return b.day.Compare(a.day) })
	return out
}

// hasLots reports whether the contributions of an account are kept apart.
func (e *engine) hasLots(i int) bool { return e.p.lotted != nil && e.p.lotted[e.s.roster.class[i]] }

// lotOf returns the lot of a day, which may be new.
func (e *engine) lotOf(day date.Date) *lot {
	for k := range e.p.lots {
		if e.p.lots[k].day == day {
			return &e.p.lots[k]
		}
	}
	s := e.s
	l := lot{day, s.need(lotColumn(day, "u"), 0), s.need(lotColumn(day, "c"), 1), s.need(lotColumn(day, "a"), commonDen)}
	at, _ := slices.BinarySearchFunc(e.p.lots, day, func(l lot, d date.Date) int { return d.Compare(l.day) })
	e.p.lots = slices.Insert(e.p.lots, at, l)
	return &e.p.lots[at]
}

// sumLots makes an account's balances the sums of its lots'.
func (e *engine) sumLots(i int) {
	s, den := e.s, e.s.den(i)
	var c, a wide.Int
	for k := range e.p.lots {
		l := &e.p.lots[k]
		c, a = c.Add(s.cols[l.c].v[i]), a.Add(s.cols[l.a].v[i])
	}
	// Current return is kept in parts of the common denominator; the class's divides it.
	d := wide.NewDivisor(uint64(commonDen / den))
	mag, neg := a.Abs()
	if mag, _ = mag.DivU64(&d); neg {
		mag = mag.Neg()
	}
	s.acc.c[i], s.acc.a[i] = c, mag
}

// accrueLots accrues the lots of an account.
func (e *engine) accrueLots(ac *accruer, i int) bool {
	for k := range e.p.lots {
		l := &e.p.lots[k]
		if !e.lotAccrual(ac, l, i, e.s.cols[l.u].cents(i)) {
			return false
		}
	}
	e.sumLots(i)
	return fits(e.s.acc.c[i], ac.limitC) && fits(e.s.acc.a[i], ac.limitA)
}

// lotAccrual accrues one lot on a base.
func (e *engine) lotAccrual(ac *accruer, l *lot, i int, u int64) bool {
	c, fine := &e.s.cols[l.c].v[i], &e.s.cols[l.a].v[i]
	scale := commonDen / ac.per
	d := wide.NewDivisor(uint64(scale))
	mag, neg := fine.Abs()
	a, _ := mag.DivU64(&d) // balances of lots are whole in the class's denominator
	if neg {
		a = a.Neg()
	}
	if u == 0 && c.IsZero() && a.IsZero() {
		return true
	}
	if !ac.run(u, c, &a) {
		return false
	}
	var ok bool
	*fine, ok = a.MulInt64(scale)
	return ok
}

// lotIn books a contribution into the lot of its day, with what it has earned since.
func (e *engine) lotIn(i int, x int64, day date.Date) error {
	if !e.hasLots(i) {
		return nil
	}
	l := e.lotOf(day)
	if day.Before(e.s.asOf) {
		var c, a wide.Int
		ac := e.accruals(day, e.s.asOf).of(i)
		if !ac.run(x, &c, &a) {
			return ErrTooLarge
		}
		if e.watch != nil && e.watch.at == i {
			defer e.watch.earned(e, c, a)
		}
		a, _ = a.MulInt64(commonDen / ac.per)
		e.s.cols[l.c].v[i] = wide.Round40(e.s.cols[l.c].v[i].Add(c))
		e.s.cols[l.a].v[i] = e.s.cols[l.a].v[i].Add(a)
	}
	e.s.cols[l.u].addCents(i, x)
	e.sumLots(i)
	return nil
}

// payLot takes x cents off the return of one lot.
func (e *engine) payLot(l *lot, i int, x int64) {
	c, a := &e.s.cols[l.c].v[i], &e.s.cols[l.a].v[i]
	left, _ := partsPerCent.MulInt64(x)
	left = lower(c, left, 1)
	left, _ = left.MulInt64(commonDen)
	*a = a.Sub(left)
}

// lotDue is what one lot of an account has earned and not been paid, in parts of
// 1/(commonDen*10^54) cents.
func (e *engine) lotDue(l *lot, i int) wide.Int {
	due, _ := e.s.cols[l.c].v[i].MulInt64(commonDen)
	return due.Add(e.s.cols[l.a].v[i])
}

// payPrefLots takes x cents off an account's return, the latest lot first. What no
// lot owes, a fraction of a cent or an adjustment, stays with the oldest.
func (e *engine) payPrefLots(i int, x int64) {
	for k := range e.p.lots {
		l := &e.p.lots[k]
		take := x
		if k < len(e.p.lots)-1 {
			take = max(0, min(x, roundParts(e.lotDue(l, i), commonDen)))
		}
		e.payLot(l, i, take)
		x -= take
	}
	e.sumLots(i)
}

// returnLots takes x cents off an account's capital, the latest lot first; below zero
// it puts capital back where it came from, the oldest.
func (e *engine) returnLots(i int, x int64) {
	for k := range e.p.lots {
		l := &e.p.lots[k]
		take := min(x, e.s.cols[l.u].cents(i))
		if k == len(e.p.lots)-1 {
			take = x
		}
		e.s.cols[l.u].addCents(i, -take)
		x -= take
	}
}

// moveLots moves a fraction of an account's lots; x cents of capital in all.
func (e *engine) moveLots(from, to int, f, x int64) error {
	if !e.hasLots(from) {
		return nil
	}
	s := e.s
	weights, parts := make([]int64, len(e.p.lots)), make([]int64, len(e.p.lots))
	for k := range e.p.lots {
		weights[k] = s.cols[e.p.lots[k].u].cents(from)
	}
	if x != 0 {
		if err := e.alloc.Int64(parts, x, weights, nil); err != nil {
			return err
		}
	}
	for k := range e.p.lots {
		l := &e.p.lots[k]
		s.cols[l.u].addCents(from, -parts[k])
		s.cols[l.u].addCents(to, parts[k])
		moveParts(s.cols[l.c].v, from, to, f, true)
		moveLotReturn(s.cols[l.a].v, from, to, f, commonDen/s.den(from))
	}
	e.sumLots(from)
	e.sumLots(to)
	return nil
}

// moveLotReturn moves a fraction of current return that is whole in a coarser
// denominator.
func moveLotReturn(balances []wide.Int, from, to int, f, scale int64) {
	d := wide.NewDivisor(uint64(scale))
	mag, neg := balances[from].Abs()
	coarse, _ := mag.DivU64(&d)
	if neg {
		coarse = coarse.Neg()
	}
	x, _ := timesFraction(coarse, f).MulInt64(scale)
	balances[from], balances[to] = balances[from].Sub(x), balances[to].Add(x)
}

// payLots returns contributions, the latest first, each with its preferred return
// before the next older one where the tier says so.
func (u *run) payLots(st *step, line *Step) (int64, error) {
	line.rule("Return contributions, the latest first%s.", map[bool]string{true: ", each with its unpaid preferred return"}[st.t.WithPref])
	line.Weight = WeightLots
	var need, paid int64
	for k := range u.p.lots {
		l := &u.p.lots[k]
		u.due = resize(u.due, len(st.charged))
		var sum wide.Int
		var capital int64
		for n, i := range st.charged {
			u.due[n] = wide.Int{}
			if due := u.lotDue(l, int(i)); st.t.WithPref && due.Sign() > 0 {
				u.due[n] = due
				if sum = sum.Add(due); sum.IsNeg() {
					return 0, ErrTooLarge.With("tier %s", st.t.Name)
				}
			}
			capital += u.s.cols[l.u].cents(int(i))
		}
		back := roundParts(sum, commonDen)
		if back == 0 && capital == 0 {
			continue
		}
		if st.t.WithPref {
			line.input("return of the contributions of "+l.day.String(), cents(back).Format())
		}
		line.input("contributions of "+l.day.String()+" not returned", cents(capital).Format())
		need = satAdd(need, back+capital)
		if x := min(u.cash-paid, back); x > 0 {
			u.payLotReturn(st, l, sum, x)
			paid += x
		}
		if x := min(u.cash-paid, capital); x > 0 {
			if err := u.payLotCapital(st, l, x); err != nil {
				return 0, err
			}
			paid += x
		}
	}
	line.need(need)
	line.Investors = cents(paid)
	return paid, nil
}

// payLotReturn pays the return of one lot by what stands in u.due.
func (u *run) payLotReturn(st *step, l *lot, sum wide.Int, x int64) {
	u.shareDue(sum, x)
	for k, i := range st.charged {
		if u.parts[k] != 0 {
			u.payLot(l, int(i), u.parts[k])
			u.sumLots(int(i))
		}
	}
	if u.watch != nil {
		u.watch.paid(u.engine, st.charged, u.parts)
	}
	u.credit(st, st.charged, x, false)
}

// payLotCapital returns the capital of one lot.
func (u *run) payLotCapital(st *step, l *lot, x int64) error {
	u.weights = resize(u.weights, len(st.charged))
	for k, i := range st.charged {
		u.weights[k] = u.s.cols[l.u].cents(int(i))
	}
	if err := u.share(x); err != nil {
		return ErrNoCapital.With("tier %s", st.t.Name)
	}
	for k, i := range st.charged {
		u.s.cols[l.u].addCents(int(i), -u.parts[k])
		u.s.acc.unreturned[i] -= u.parts[k]
	}
	if u.watch != nil {
		u.watch.returned(u.engine, st.charged, u.parts)
	}
	u.credit(st, st.charged, x, true)
	return nil
}

// foldLots capitalizes the current return of an account's lots.
func (e *engine) foldLots(i int) {
	d := wide.NewDivisor(uint64(commonDen))
	for k := range e.p.lots {
		c, a := &e.s.cols[e.p.lots[k].c].v[i], &e.s.cols[e.p.lots[k].a].v[i]
		if a.Sign() > 0 {
			*c, _ = wide.Compound(*c, *a, &d)
			*a = wide.Int{}
		}
	}
	e.sumLots(i)
}

// lotsOf checks the lots of a return of capital.
func (t *Terms) lotsOf(f *fault.Fields, path string, x *Tier) {
	f.Check(x.Lots == "" || x.Lots == LatestFirst, path+".lots", check.NotAllowed, "contributions come back latest_first")
	f.Check(x.Lots != "" || !x.WithPref, path+".with_pref", codeWithPrefWithoutLots, "with_pref belongs to lots")
	if x.Lots == "" {
		return
	}
	f.Check(x.Promote == nil || x.Promote.IsZero(), path+".promote", codePromoteBesideLots, "beside contributions that come back one by one there is no promote")
	f.Check(x.Order != Sequential, path+".order", codeLotsSequential, "contributions come back by their days, whatever their class")
	for name, p := range t.Prefs {
		if !p.apart(name) && (len(x.To) == 0 || slices.Contains(x.To, name)) {
			f.Check(p.Base == "" || p.Base == BaseUnreturned, path+".lots", codeLotsBase, "contributions that come back one by one earn on what is unreturned")
		}
	}
}
