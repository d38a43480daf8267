package waterfall

import (
	"errors"
	"math/bits"

	"github.com/freehold-go/freehold/investments/waterfall/internal/wide"
	"github.com/freehold-go/freehold/realestate/fault"
)

// transfer moves a fraction of an account to another of the same class.
func (e *engine) transfer(ev *Event) error {
	s := e.s
	from, to := s.roster.index(ev.From), s.roster.index(ev.To)
	f, ok := fixedRate(ev.Fraction)
	switch {
	case from < 0:
		return ErrUnknownPartner.On("from")
	case to < 0:
		return ErrUnknownPartner.On("to")
	case from == to:
		return ErrTransfer.With("from an account to itself").On("to")
	case !ok || f <= 0 || f > unit:
		return ErrEvent.With("a fraction is above 0 and at most 1, with at most 10 decimals").On("fraction")
	case e.p.noCapitalAccount(s.roster, from) || e.p.noCapitalAccount(s.roster, to):
		return ErrNoCapitalAccount.On("from")
	case s.roster.class[from] != s.roster.class[to]:
		return ErrTransfer.With("the accounts are of different classes").On("to")
	case s.roster.treat[from] != s.roster.treat[to] && e.p.tracksCohorts():
		return ErrTransfer.With("the accounts bear promote differently, and a hurdle or catch-up depends on it").On("to")
	}
	if err := e.advance(ev.Date, EventTransfer.phase()); err != nil {
		return err
	}
	if k := e.p.since; k >= 0 && s.cols[k].v[to].IsZero() {
		s.cols[k].v[to] = s.cols[k].v[from]
	}
	a := &s.acc
	moveCents(a.contributed, from, to, f)
	moved := moveCents(a.unreturned, from, to, f)
	if e.hasLots(from) {
		if err := e.moveLots(from, to, f, moved); err != nil {
			return err
		}
	} else {
		moveParts(a.c, from, to, f, true)
		moveParts(a.a, from, to, f, false)
	}
	e.moveApart(from, to, f)
	if k := e.p.dilution; k >= 0 {
		x := mulDivSigned(s.cols[k].cents(from), f, unit)
		s.cols[k].addCents(from, -x)
		s.cols[k].addCents(to, x)
	}
	if e.p.profit >= 0 {
		for _, k := range []int{e.p.profit, e.p.promote} {
			x := mulDivSigned(s.cols[k].cents(from), f, unit)
			s.cols[k].addCents(from, -x)
			s.cols[k].addCents(to, x)
		}
	}
	for k := range e.p.levels {
		l := &e.p.levels[k]
		moveParts(s.cols[l.k].v, from, to, f, true)
		moveParts(s.cols[l.c].v, from, to, f, true)
		moveParts(s.cols[l.a].v, from, to, f, false)
	}
	if e.watch != nil {
		e.watch.moved(e, from, to)
	}
	return e.moveInvestorFlows(from, to, f)
}

// moveInvestorFlows moves the past of hurdles tested by investor.
func (e *engine) moveInvestorFlows(from, to int, f int64) error {
	s := e.s
	for k := range s.cols {
		if _, ok := floorOf(s.cols[k].name); ok {
			moveParts(s.cols[k].v, from, to, f, false)
		}
	}
	if s.inv != nil {
		moveParts(s.inv.in, from, to, f, false)
		moveParts(s.inv.out, from, to, f, false)
	}
	for k := range s.hurdles {
		h := &s.hurdles[k]
		if h.balance[from].IsZero() {
			continue
		}
		if h.balance[to].IsZero() { // nothing to bring to one date
			h.anchor[to] = h.anchor[from]
		} else if h.anchor[from] != h.anchor[to] {
			for _, i := range []int{from, to} {
				if err := e.moveHurdles(i, wide.Int{}, s.asOf); err != nil {
					return err
				}
			}
		}
		moveParts(h.balance, from, to, f, true)
	}
	return nil
}

func moveCents(balances []int64, from, to int, f int64) int64 {
	x := mulDiv(balances[from], f, unit)
	balances[from] -= x
	balances[to] += x
	return x
}

// moveParts moves f of an exact balance. What is moved has ten more decimals
// than the balance; should that be finer than a part, it is rounded half to
// even. Compounded balances are kept to 40 digits on both sides.
func moveParts(balances []wide.Int, from, to int, f int64, round bool) {
	x := timesFraction(balances[from], f)
	if round {
		x = wide.Round40(x)
	}
	balances[from] = balances[from].Sub(x)
	balances[to] = balances[to].Add(x)
	if round {
		balances[from], balances[to] = wide.Round40(balances[from]), wide.Round40(balances[to])
	}
}

// timesFraction returns x*f/unit to the nearest part, ties to even.
func timesFraction(x wide.Int, f int64) wide.Int {
	if f == unit {
		return x
	}
	mag, neg := x.Abs()
	// x = hi*2^128 + lo would overflow when multiplied first; so divide first
	// and multiply quotient and remainder apart.
	div := wide.NewDivisor(uint64(unit))
	q, r := mag.DivU64(&div)
	z, _ := q.MulU64(uint64(f))
	hi, lo := bits.Mul64(r, uint64(f))
	extra, rest := bits.Div64(hi, lo, uint64(unit))
	if rest > uint64(unit)/2 || (rest == uint64(unit)/2 && z.Odd() != (extra&1 == 1)) {
		extra++
	}
	z = z.Add(wide.FromInt64(int64(extra)))
	if neg {
		return z.Neg()
	}
	return z
}

// tracksCohorts reports whether it matters to later payments which investors
// bore promote in the past.
func (p *plan) tracksCohorts() bool {
	if p.partner {
		return false
	}
	for _, list := range [][]step{p.capital, p.operate} {
		for i := range list {
			if t := list[i].t; t.Type == TierCatchUp || (t.Type == TierHurdle && t.By != ByInvestor) {
				return true
			}
		}
	}
	return false
}

// promoted reports whether a partner receives promote.
func (p *plan) promoted(i int) bool {
	for _, list := range [][]step{p.capital, p.operate} {
		for k := range list {
			for _, to := range list[k].recipients {
				if to.at == i {
					return true
				}
			}
		}
	}
	return false
}

// onEvent adds to an error which event it came from.
func onEvent(err error, ev *Event) error {
	var one *fault.Error
	if errors.As(err, &one) {
		return one.With("%s of %s", ev.Type, ev.Date)
	}
	return err
}
