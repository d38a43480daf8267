package waterfall

import (
	"slices"

	"github.com/freehold-go/freehold/investments/waterfall/internal/wide"
	"github.com/freehold-go/freehold/realestate/money"
)

// run is one distribution on its way through the tiers.
type run struct {
	*engine
	d    *Distribution
	r    *Result
	cash int64 // left
	all  int64 // cash and release, as it began
	// apart is the part of the cash left that holdback tiers to come are known to have
	// held back.
	apart int64
	// units are those of the distribution, in millionths; nil without any.
	units []int64
	// back is the capital returned so far, by account; nil unless a return level
	// needs to know.
	back []int64
	// diluted is what accounts share by; nil without dilutions.
	diluted []int64
}

func (e *engine) distribute(d *Distribution) (*Result, error) {
	s := e.s
	cash := d.Cash.Cents()
	switch {
	case !d.Kind.Valid():
		return nil, ErrEvent.With("the kind is operating, refinance or sale").On("kind")
	case cash < 0:
		return nil, ErrEvent.With("a distribution is not below zero").On("amount")
	}
	if err := e.checkLast(d); err != nil {
		return nil, err
	}
	record := d.Record
	if record.IsZero() {
		record = d.Date
	}
	if record.After(d.Date) {
		return nil, ErrEvent.With("a record date is not after the distribution").On("record")
	}
	phase := EventDistribution.phase()
	if d.First {
		phase = 0
	}
	if !d.Date.IsZero() && d.Date.Before(s.asOf) {
		return nil, ErrOutOfOrder.With("%s after %s", d.Date, s.asOf)
	}
	if err := e.advanceTo(d.Date, record, phase); err != nil {
		return nil, err
	}
	advances, err := e.checkAdvances(d)
	if err != nil {
		return nil, err
	}
	if d.InKind.Sign() < 0 || d.InKind.Cents() > cash {
		return nil, ErrInKind.With("%s of %s", d.InKind, d.Cash)
	}
	release, err := e.openReserves(d)
	if err != nil {
		return nil, err
	}
	if s.paid+cash+release > money.MaxCents {
		return nil, ErrTooLarge.On("amount")
	}
	all := cash + release - advances
	credit, err := e.creditUsed(d, all, all)
	if err != nil {
		return nil, err
	}
	if d, credit, err = e.settleHeld(d, all, credit); err != nil {
		return nil, err
	}
	u, err := e.tiers(d, all+credit, all+credit)
	if err != nil {
		return nil, err
	}
	u.settleAdvances(credit)
	if err := u.redirect(); err != nil {
		return nil, err
	}
	s.looked = s.looked || d.Last
	return u.r, u.r.shareInKind()
}

// tiers runs the tiers, the adjustments, and what follows from them for hurdles.
func (e *engine) tiers(d *Distribution, cash, all int64) (*run, error) {
	s := e.s
	steps, tiers := e.p.steps(d.Kind)
	u := &run{engine: e, d: d, cash: cash, all: all}
	if err := u.takeUnits(steps); err != nil {
		return nil, err
	}
	if e.p.dilution >= 0 {
		u.diluted = e.diluted()
	}
	u.r = newResult(d, s, tiers)
	u.r.units, u.r.diluted = u.units, u.diluted
	if len(e.p.levels) > 0 {
		u.back = make([]int64, len(s.roster.ids))
	}
	u.r.steps, u.r.plan = steps, e.p
	u.setApart(steps)
	e.remember()
	if e.p.partner {
		if err := u.runByPartner(steps); err != nil {
			return nil, err
		}
	} else {
		for i := range steps {
			if err := u.step(&steps[i]); err != nil {
				return nil, err
			}
		}
	}
	if err := u.adjust(); err != nil {
		return nil, err
	}
	if err := u.settleHurdles(); err != nil {
		return nil, err
	}
	e.forget()
	u.r.Undistributed = cents(u.cash)
	u.r.Trace.Undistributed = u.r.Undistributed
	return u, nil
}

// step runs one tier, or one class of it, and writes its line of the trace.
func (u *run) step(st *step) error {
	u.members(st)
	line := Step{Tier: st.tier, Name: st.t.Name, Type: st.t.Type, Class: st.class, CashBefore: cents(u.cash)}
	if u.waits(st, &line) {
		return nil
	}
	paid, err := u.payBeside(st, &line)
	if err != nil {
		return err
	}
	u.cash -= paid
	line.CashAfter = cents(u.cash)
	u.r.add(&line)
	return nil
}

func (u *run) pay(st *step, line *Step) (int64, error) {
	switch st.t.Type {
	case TierPref:
		return u.payPrefTier(st, line)
	case TierReturnOfCapital:
		return u.payCapitalTier(st, line)
	case TierCatchUp:
		return u.payCatchUp(st, line)
	case TierHurdle:
		return u.payHurdle(st, line)
	case TierSplit:
		return u.paySplit(st, line)
	case TierFee:
		return u.payFee(st, line)
	}
	return u.payHoldback(st, line)
}

// members fills the step's lists: who bears promote in it, and who is spared.
// Tiers without promote charge everyone.
func (e *engine) members(st *step) {
	if st.ready {
		return
	}
	st.ready = true
	promotes := st.t.Type == TierCatchUp || st.t.Type == TierHurdle || st.t.Type == TierSplit || st.promote > 0
	r := e.s.roster
	for i, class := range r.class {
		switch {
		case !st.classes[class], r.treat[i] == treatLoan && len(st.t.To) == 0 && st.t.Pref == "", st.percent != nil && !st.pays(r, i):
		case promotes && st.spare[r.treat[i]]:
			st.spared = append(st.spared, int32(i))
		default:
			st.charged = append(st.charged, int32(i))
		}
	}
}

// basis is what a step shares by: units, or contributed capital after dilutions.
func (u *run) basis(st *step) []int64 {
	if st.t.Share == ShareUnits {
		return u.units
	}
	return u.points(st.charged, st.spared)
}

// points are what the members of some groups share by where contributed capital is
// shared by: with what dilutions have moved of it, unless they left nobody among them
// anything.
func (u *run) points(groups ...[]int32) []int64 {
	if u.diluted == nil {
		return u.s.acc.contributed
	}
	for _, members := range groups {
		if sumOf(u.diluted, members) > 0 {
			return u.diluted
		}
	}
	return u.s.acc.contributed
}

// pointless reports whether dilutions left those who bear promote in a step no part of
// what it shares, so that all of it is for those who are spared.
func (u *run) pointless(st *step) bool {
	return len(st.spared) > 0 && sumOf(u.basis(st), st.charged) == 0
}

// capitalOf returns the contributed capital of members.
func (e *engine) capitalOf(members []int32) int64 { return sumOf(e.s.acc.contributed, members) }

func sumOf(basis []int64, members []int32) (sum int64) {
	for _, i := range members {
		sum += basis[i]
	}
	return sum
}

// share allocates total over e.weights, which hold one weight a member, into
// e.parts.
func (e *engine) share(total int64) error {
	e.parts = resize(e.parts, len(e.weights))
	if total == 0 {
		clear(e.parts)
		return nil
	}
	return e.alloc.Int64(e.parts, total, e.weights, nil)
}

// shareOut pays total to members by contributed capital or what else the step
// shares by.
func (u *run) shareOut(st *step, members []int32, total int64) error {
	if total == 0 {
		return nil
	}
	if st.percent != nil {
		return u.sharePercent(st, members, total)
	}
	u.weights = resize(u.weights, len(members))
	basis := u.basis(st)
	for k, i := range members {
		u.weights[k] = basis[i]
	}
	if err := u.share(total); err != nil {
		return ErrNoCapital.With("tier %s", st.t.Name)
	}
	u.credit(st, members, total, false)
	return nil
}

// credit books u.parts as payments to members.
func (u *run) credit(st *step, members []int32, total int64, capital bool) {
	amounts, totals := u.r.amounts(st.tier), u.r.totals
	s := u.s
	r := s.roster
	last, f := -1, (*flow)(nil)
	own := (*column)(nil)
	if u.p.profit >= 0 && !capital {
		own = &s.cols[u.p.profit]
	}
	for k, i := range members {
		x := u.parts[k]
		if x == 0 {
			continue
		}
		amounts[i] += x
		totals[i] += x
		s.acc.distributed[i] += x
		if c := r.cohort(int(i)); c != last {
			last, f = c, u.flow(c)
		}
		f.out += x
		if own != nil {
			own.addCents(int(i), x)
		}
		if !capital {
			s.profit[r.treat[i]] += x
		} else if u.back != nil {
			u.back[i] += x
		}
	}
	s.paid += total
}

// payOne books a payment to a partner without capital.
func (u *run) payOne(tier, i int, x int64) {
	if x == 0 {
		return
	}
	u.r.amounts(tier)[i] += x
	u.r.totals[i] += x
	u.s.acc.distributed[i] += x
	u.s.paid += x
}

// payPromote pays promote to the recipients of a step.
func (u *run) payPromote(st *step, x int64) error {
	if x == 0 {
		return nil
	}
	if len(st.recipients) == 0 {
		return ErrNoRecipient.With("tier %s", st.t.Name)
	}
	u.s.promote += x
	if len(st.recipients) == 1 {
		u.payOne(st.tier, st.recipients[0].at, x)
		return nil
	}
	parts, err := u.promoteShares(st, x)
	if err != nil {
		return err
	}
	for k, to := range st.recipients {
		u.payOne(st.tier, to.at, parts[k])
	}
	return nil
}

// promoteShares shares promote among the recipients of a step.
func (u *run) promoteShares(st *step, x int64) ([]int64, error) {
	if u.s.cuts != nil || slices.ContainsFunc(st.recipients, func(to recipient) bool { return len(to.vesting) > 0 }) {
		return u.promoteParts(st, x)
	}
	u.weights = u.weights[:0]
	for _, to := range st.recipients {
		u.weights = append(u.weights, to.share)
	}
	u.parts = resize(u.parts, len(u.weights))
	// The recipients stand in the order of the terms; ties go by id.
	before := func(i, j int) bool { return st.recipients[i].at < st.recipients[j].at }
	return u.parts, u.alloc.Int64(u.parts, x, u.weights, before)
}

// settleHurdles brings what this distribution paid into the balances of
// hurdles that are tested by investor.
func (u *run) settleHurdles() error {
	s := u.s
	if len(s.hurdles) == 0 && s.inv == nil && len(u.p.levels) == 0 && len(s.floors) == 0 {
		return nil
	}
	for i, x := range u.r.totals {
		if x == 0 || u.p.noCapitalAccount(s.roster, i) {
			continue
		}
		parts, _ := partsPerCent.MulInt64(x)
		if err := u.moveHurdles(i, parts.Neg(), s.asOf); err != nil {
			return err
		}
		if s.inv != nil {
			s.inv.out[i] = s.inv.out[i].Add(parts)
		}
		u.settleLevels(i, x, u.backOf(i))
	}
	return u.lapse()
}

// lapse forgets what was paid beyond hurdles whose surplus lapses.
func (u *run) lapse() error {
	for i := range u.r.totals {
		u.lapseLevels(i)
	}
	for k := range u.s.hurdles {
		h := &u.s.hurdles[k]
		if !h.lapses {
			continue
		}
		for i := range h.balance {
			if h.balance[i].IsNeg() {
				h.balance[i] = wide.Int{}
			}
		}
	}
	return u.settleFloors()
}

// resize returns a slice of n elements with no particular content.
func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
