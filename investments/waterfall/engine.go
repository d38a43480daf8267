package waterfall

import (
	"slices"

	"github.com/freehold-go/freehold/investments/waterfall/internal/wide"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

// engine moves a state of its own through events. It is the only code that
// changes a state.
type engine struct {
	p      *plan
	s      *State
	powers powers
	alloc  money.Allocator
	first  date.Date // of the deal's flows, once known
	watch  *watcher

	// Scratch space, one place a member.
	parts, weights []int64
	due            []wide.Int
	rem            []uint64 // the upper ends of remainders
	// now is what accounts lack to the rates of hurdles at the date of a distribution, as
	// far as it is known, and nil outside of one; kept is its memory.
	now, kept [][]wide.Int
}

// newEngine prepares to move a copy of s.
func newEngine(t *Terms, s *State) (*engine, error) {
	if t == nil {
		return nil, ErrTermsMalformed.With("no terms")
	}
	if s == nil || s.roster == nil {
		return nil, ErrStateMalformed.With("no state")
	}
	if err := t.Validate(); err != nil {
		return nil, err
	}
	p, err := compile(t, s)
	if err != nil {
		return nil, err
	}
	e := &engine{p: p, s: s.clone()}
	e.enter()
	return e, nil
}

// apply runs one event; a distribution gives its result.
func (e *engine) apply(ev *Event) (*Result, error) {
	switch ev.Type {
	case EventContribution:
		return nil, e.contribute(ev)
	case EventTransfer:
		return nil, e.transfer(ev)
	case EventDistribution:
		d := ev.distribution()
		return e.distribute(&d)
	case EventRate, EventDefault:
		return nil, e.fix(ev)
	case EventLoan:
		return nil, e.lend(ev)
	case EventRepayment:
		return nil, e.repay(ev)
	case EventDilution:
		return nil, e.dilute(ev)
	}
	return nil, ErrEvent.With("the type is contribution, transfer, distribution, rate, default, loan, repayment or dilution").On("type")
}

// advance accrues to the date of an event and checks that it comes in order.
func (e *engine) advance(d date.Date, phase uint8) error { return e.advanceTo(d, d, phase) }

// advanceTo is advance for an event that has its place among the others on
// another day, a record date. After a distribution the events between its record
// date and its date are still to come; they lie before the state's date.
func (e *engine) advanceTo(d, rank date.Date, phase uint8) error {
	s, at := e.s, e.s.place()
	switch {
	case d.IsZero():
		return ErrEvent.With("a date is needed").On("date")
	case rank.Before(at), rank == at && phase < s.phase:
		return ErrOutOfOrder.With("%s after %s", rank, at)
	case s.asOf.Before(d):
		if err := e.accrue(d); err != nil {
			return err
		}
	}
	s.phase, s.rank = phase, date.Date{}
	if rank.Before(s.asOf) {
		s.rank = rank
	}
	return nil
}

// place is the day among whose events the state stands: its date, or the record date of
// a distribution that came last.
func (s *State) place() date.Date {
	if s.rank.IsZero() {
		return s.asOf
	}
	return s.rank
}

// beside advances to the day of what has no order among the other events of a day.
func (e *engine) beside(d date.Date) error {
	phase := uint8(0)
	if d == e.s.place() {
		phase = e.s.phase
	}
	return e.advance(d, phase)
}

func (e *engine) contribute(ev *Event) error {
	s := e.s
	i := s.roster.index(ev.Partner)
	x := ev.Amount.Cents()
	switch {
	case i < 0:
		return ErrUnknownPartner.On("partner")
	case x <= 0:
		return ErrEvent.With("a contribution is above zero").On("amount")
	case e.p.noCapitalAccount(s.roster, i):
		return ErrNoCapitalAccount.On("partner")
	case s.capital+x > money.MaxCents:
		return ErrTooLarge.On("amount")
	}
	if err := e.advance(ev.Date, EventContribution.phase()); err != nil {
		return err
	}
	if e.p.since >= 0 && s.cols[e.p.since].cents(i) == 0 {
		s.cols[e.p.since].addCents(i, int64(ev.Date.Days()))
	}
	if err := e.earnSince(i, x, ev.Date); err != nil {
		return err
	}
	if err := e.lotIn(i, x, ev.Date); err != nil {
		return err
	}
	if err := e.levelIn(i, x, ev.Date); err != nil {
		return err
	}
	if err := e.apartIn(i, x, ev.Date); err != nil {
		return err
	}
	if k := e.p.initial; k >= 0 && s.cols[e.p.since].cents(i) == int64(ev.Date.Days()) {
		s.cols[k].addCents(i, x)
	}
	s.acc.contributed[i] += x
	s.acc.unreturned[i] += x
	s.capital += x
	e.flowOn(s.roster.cohort(i), ev.Date).in += x
	parts, _ := partsPerCent.MulInt64(x)
	if s.inv != nil {
		s.inv.in[i] = s.inv.in[i].Add(parts)
	}
	if e.watch != nil {
		e.watch.contributed(e, i, x)
	}
	return e.moveHurdles(i, parts, ev.Date)
}

// earnSince gives an account what capital that came on an earlier day has earned
// to the state's date: capital received between a record date and the
// distribution's date.
func (e *engine) earnSince(i int, x int64, day date.Date) error {
	s := e.s
	if !day.Before(s.asOf) || e.hasLots(i) {
		return nil
	}
	var c, a wide.Int
	ac := e.accruals(day, s.asOf).of(i)
	if !ac.run(e.lateBase(&e.p.prefs[s.roster.class[i]], i, x, day), &c, &a) {
		return ErrTooLarge
	}
	s.acc.c[i], s.acc.a[i] = wide.Round40(s.acc.c[i].Add(c)), s.acc.a[i].Add(a)
	if e.watch != nil && e.watch.at == i {
		e.watch.earned(e, c, a)
	}
	if !fits(s.acc.c[i], ac.limitC) || !fits(s.acc.a[i], ac.limitA) {
		return ErrTooLarge
	}
	return nil
}

// flowOn returns the flow of a cohort on a day on or before the state's date.
func (e *engine) flowOn(cohort int, day date.Date) *flow {
	if day == e.s.asOf {
		return e.flow(cohort)
	}
	n := int32(day.Days())
	fs := e.s.flows[cohort]
	at, ok := slices.BinarySearchFunc(fs, n, func(f flow, n int32) int { return int(f.day - n) })
	if !ok {
		fs = slices.Insert(fs, at, flow{day: n})
		e.s.flows[cohort] = fs
	}
	return &fs[at]
}

// flow returns the flow of a cohort on the state's date.
func (e *engine) flow(cohort int) *flow {
	day := int32(e.s.asOf.Days())
	fs := e.s.flows[cohort]
	if len(fs) == 0 || fs[len(fs)-1].day != day {
		fs = append(fs, flow{day: day})
		e.s.flows[cohort] = fs
	}
	return &fs[len(fs)-1]
}

// moveHurdles brings an account's hurdle balances to the state's date and adds
// parts of a day on or before it to them. A balance only moves when money does,
// so that days without a flow leave no rounding behind.
func (e *engine) moveHurdles(i int, parts wide.Int, day date.Date) error {
	for k := range e.s.hurdles {
		h := &e.s.hurdles[k]
		now, err := e.hurdleNow(k, i)
		if err != nil {
			return err
		}
		grown, err := e.grow(h.irr, parts, e.s.asOf.Sub(day))
		if err != nil {
			return err
		}
		h.balance[i] = wide.Round40(now.Add(grown))
		h.anchor[i] = int32(e.s.asOf.Days())
		if !fits(h.balance[i], limitLimb(1)) {
			return ErrTooLarge
		}
	}
	return nil
}

// remember begins to keep what accounts lack to hurdles, until forget: meanwhile nothing
// moves their balances but settleHurdles at the end, each once and after it was read.
func (e *engine) remember() {
	if e.kept == nil {
		e.kept = make([][]wide.Int, len(e.s.hurdles))
	}
	for k := range e.kept {
		clear(e.kept[k])
	}
	e.now = e.kept
}

func (e *engine) forget() { e.now = nil }

// hurdleNow returns what an account lacks to the rate of the kth hurdle at the state's
// date, negative when it is beyond it. During a distribution it is worked out once.
func (e *engine) hurdleNow(k, i int) (wide.Int, error) {
	h := &e.s.hurdles[k]
	if e.now == nil {
		return e.grow(h.irr, h.balance[i], e.s.asOf.Days()-int(h.anchor[i]))
	}
	if e.now[k] == nil {
		e.now[k] = make([]wide.Int, len(h.balance))
	}
	now := &e.now[k][i]
	if now.IsZero() {
		v, err := e.grow(h.irr, h.balance[i], e.s.asOf.Days()-int(h.anchor[i]))
		if err != nil {
			return v, err
		}
		*now = v
	}
	return *now, nil
}

// grow returns what parts are worth some days later at an effective annual rate.
func (e *engine) grow(irr int64, parts wide.Int, days int) (wide.Int, error) {
	if parts.IsZero() || days == 0 {
		return parts, nil
	}
	f, over := e.powers.factor(irr, days)
	if over {
		return wide.Int{}, ErrTooLarge
	}
	v, ok := wide.AccrueFactor(wide.Int{}, parts, f)
	if !ok || !fits(v, limitLimb(1)) {
		return wide.Int{}, ErrTooLarge
	}
	return v, nil
}

// enter makes the terms those under which the unpaid pref accrues from the
// state's date on. What has accrued without compounding is capitalized when the
// terms compound, and earns from then; capitalized pref stays owed, and earns
// nothing, when they do not. Daily compounding keeps everything capitalized.
func (e *engine) enter() {
	s := e.s
	e.enterApart()
	for k := range e.p.prefs {
		p := &e.p.prefs[k]
		was, now := s.compound[k], p.compound
		s.compound[k] = now
		if !folds(was, now) {
			continue
		}
		for i, class := range s.roster.class {
			if int(class) == k && e.hasLots(i) {
				e.foldLots(i)
			} else if int(class) == k && s.acc.a[i].Sign() > 0 {
				s.acc.c[i], _ = wide.Compound(s.acc.c[i], s.acc.a[i], &p.divDen) // both are within the range of money
				s.acc.a[i] = wide.Int{}
			}
		}
	}
}

// dueParts returns what a step's preference owes an account, in parts of
// 1/(den*10^54) cents, den being that of the step; 0 when it is negative.
func (e *engine) dueParts(st *step, i int) wide.Int {
	due := e.unpaidOf(st, i)
	if due.IsNeg() {
		return wide.Int{}
	}
	return due
}

// unpaidOf is dueParts, below zero where too much was paid.
func (e *engine) unpaidOf(st *step, i int) wide.Int {
	den := st.den
	var due wide.Int
	if st.apart >= 0 {
		a := &e.p.apart[st.apart]
		due, _ = e.s.cols[a.c].v[i].MulInt64(den)
		due = due.Add(e.s.cols[a.a].v[i])
	} else if own := e.p.prefs[e.s.roster.class[i]].den; own == den {
		due = e.s.unpaid(i, den)
	} else {
		due, _ = e.s.unpaid(i, own).MulInt64(den / own)
	}
	return due
}

// unpaid returns an account's unpaid pref in parts of 1/(den*10^54) cents. It
// fits, as both balances are within the range of money.
func (s *State) unpaid(i int, den int64) wide.Int {
	c, _ := s.acc.c[i].MulInt64(den)
	return c.Add(s.acc.a[i])
}

// payPref takes x cents off what a step's preference owes an account, or the class's
// own without a step, first what has been
// capitalized. What is paid beyond the exact due, less than a cent, stays as a
// negative balance.
func (e *engine) payPref(st *step, i int, x int64) {
	if (st == nil || st.apart < 0) && e.hasLots(i) {
		e.payPrefLots(i, x)
		return
	}
	c, a, den := &e.s.acc.c[i], &e.s.acc.a[i], e.p.prefs[e.s.roster.class[i]].den
	if st != nil && st.apart >= 0 {
		p := &e.p.apart[st.apart]
		c, a, den = &e.s.cols[p.c].v[i], &e.s.cols[p.a].v[i], p.pref.den
	}
	left, _ := partsPerCent.MulInt64(x)
	if c.Sign() > 0 && x > 0 {
		take := left
		if c.Cmp(left) < 0 {
			take = *c
		}
		*c = c.Sub(take)
		left = left.Sub(take)
	}
	if !left.IsZero() {
		left, _ = left.MulInt64(den)
		*a = a.Sub(left)
	}
}
