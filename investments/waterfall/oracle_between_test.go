package waterfall_test

import (
	"math/big"
	"slices"

	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
)

// oracleLoan is a loan between partners.
type oracleLoan struct {
	ev         waterfall.Event
	k, c, a    *big.Rat
	last, from date.Date
}

// between are what partners owe each other: loans, advances, dilutions.
type between struct {
	loans   []*oracleLoan
	advance map[string]*big.Rat
	diluted map[string]*big.Rat
	cuts    map[string]*big.Rat // what dilutions left of shares of promote
	paid    map[string]*big.Rat // what each is paid in the last distribution
	past    []waterfall.Event
	inKind  map[string]*big.Rat // what of it is in kind
	credits []*big.Rat          // by distribution of past
	fixed   *big.Rat            // the credit to use in the next distribution, in a trial
	held    []waterfall.Holding // what the last distribution held back
}

func newBetween() between {
	return between{advance: map[string]*big.Rat{}, diluted: map[string]*big.Rat{}, cuts: map[string]*big.Rat{}, paid: map[string]*big.Rat{}}
}

func (o *oracle) partners() (out []waterfall.Partner) {
	for _, id := range o.ids {
		out = append(out, o.acc[id].Partner)
	}
	return out
}

// given is what the tiers give accounts of what they were advanced, with some credit.
func (o *oracle) given(ev *waterfall.Event, credit *big.Rat) *big.Rat {
	sum, _ := o.try(ev, credit)
	return sum
}

// try gives what was held back, too.
func (o *oracle) try(ev *waterfall.Event, credit *big.Rat) (*big.Rat, []waterfall.Holding) {
	trial := newOracle(o.t, o.partners())
	trial.rates = slices.Clone(o.rates) // fixings and defaults hold from their days, in a trial too
	n := 0
	for i := range o.past {
		if o.past[i].Type == waterfall.EventDistribution {
			trial.fixed = o.credits[n]
			n++
		}
		trial.run(o.past[i : i+1])
	}
	before := map[string]*big.Rat{}
	for id, x := range trial.advance {
		before[id] = x
	}
	trial.fixed = credit
	one := *ev
	trial.run([]waterfall.Event{one})
	sum := new(big.Rat)
	for id, x := range before {
		sum.Add(sum, larger(new(big.Rat), lesser(x, trial.now(trial.tiersPaid, id))))
	}
	return sum, trial.held
}

// credit is the largest part of the advances that the tiers give when they run on it
// besides the cash.
func (o *oracle) credit(ev *waterfall.Event) *big.Rat {
	if o.fixed != nil {
		x := o.fixed
		o.fixed = nil
		return x
	}
	all := new(big.Rat)
	for _, x := range o.advance {
		all.Add(all, x)
	}
	if all.Sign() == 0 {
		return all
	}
	x := o.largest(ev, all)
	if ev.Held != nil {
		return x
	}
	// From now on what is held back is given: the credit has to be the largest then, too.
	one := *ev
	if _, one.Held = o.try(ev, x); len(one.Held) == 0 {
		return x
	}
	if y := o.largest(&one, all); y.Cmp(x) != 0 {
		ev.Held, x = one.Held, y
	}
	return x
}

// largest is the largest credit that is given back.
func (o *oracle) largest(ev *waterfall.Event, all *big.Rat) *big.Rat {
	if o.given(ev, all).Cmp(all) >= 0 {
		return all
	}
	// Cents make what is given rise and fall by a cent or two: which of several sums is
	// the largest is settled by halving the cents between none and all.
	lo, hi := big.NewInt(0), all.Num()
	for new(big.Int).Sub(hi, lo).Cmp(big.NewInt(1)) > 0 {
		mid := new(big.Int).Rsh(new(big.Int).Add(lo, hi), 1)
		if x := new(big.Rat).SetInt(mid); o.given(ev, x).Cmp(x) >= 0 {
			lo = mid
		} else {
			hi = mid
		}
	}
	return new(big.Rat).SetInt(lo)
}

// pass settles advances and loans once the tiers have given everyone theirs.
func (o *oracle) pass(ev *waterfall.Event, credit *big.Rat) {
	o.paid = map[string]*big.Rat{}
	left := credit
	for _, id := range o.ids {
		x := o.now(o.tiersPaid, id)
		used := larger(new(big.Rat), lesser(left, lesser(x, o.now(o.advance, id))))
		left = sub(left, used)
		o.advance[id] = sub(o.now(o.advance, id), used)
		o.paid[id] = sub(x, used)
		o.acc[id].distributed = sub(o.acc[id].distributed, used)
	}
	for _, a := range ev.Advances {
		x := new(big.Rat).SetInt64(a.Amount.Cents())
		o.advance[a.Account] = add(o.now(o.advance, a.Account), x)
		o.paid[a.Account] = add(o.paid[a.Account], x)
		o.acc[a.Account].distributed = add(o.acc[a.Account].distributed, x)
	}
	for _, l := range o.loans {
		x := o.payLoan(l, ev.Date, larger(new(big.Rat), o.paid[l.ev.To]))
		o.paid[l.ev.To], o.paid[l.ev.From] = sub(o.paid[l.ev.To], x), add(o.paid[l.ev.From], x)
	}
	o.endLoans()
	ids, weight := append(slices.Clone(o.ids), "~"), map[string]*big.Rat{"~": o.left} // what stays has its part, too
	for _, id := range o.ids {
		weight[id] = larger(new(big.Rat), o.now(o.paid, id))
	}
	o.inKind = hamilton(new(big.Rat).SetInt64(ev.InKind.Cents()), ids, weight)
}

// payLoan pays at most what there is on a loan, and returns what it paid.
func (o *oracle) payLoan(l *oracleLoan, day date.Date, have *big.Rat) *big.Rat {
	l.c, l.a = o.accrual(l.k, l.c, l.a, ratOf(l.ev.Rate), l.ev.Compounding, loanCount(l), l.from, l.last, day)
	l.last = day
	interest := lesser(have, rounded(larger(new(big.Rat), add(l.c, l.a))))
	rest := takeOff(&l.a, interest)
	rest = takeOff(&l.c, rest)
	l.a = sub(l.a, rest)
	principal := lesser(sub(have, interest), l.k)
	l.k = sub(l.k, principal)
	return add(interest, principal)
}

// repay pays a loan besides the distributions; one that is not there has ended.
func (o *oracle) repay(ev *waterfall.Event) {
	for _, l := range o.loans {
		if l.ev.Name == ev.Name {
			o.payLoan(l, ev.Date, new(big.Rat).SetInt64(ev.Amount.Cents()))
			break
		}
	}
	o.endLoans()
}

// endLoans: a loan that is repaid to the cent has ended; no fraction of a cent earns on.
func (o *oracle) endLoans() {
	o.loans = slices.DeleteFunc(o.loans, func(l *oracleLoan) bool { return l.k.Sign() == 0 && rounded(add(l.c, l.a)).Sign() == 0 })
}

func loanCount(l *oracleLoan) date.DayCount {
	if l.ev.DayCount == "" {
		return date.Act365F
	}
	return l.ev.DayCount
}

// dilute takes points from who did not fund a call.
func (o *oracle) dilute(ev *waterfall.Event) {
	shares, rest, others := map[string]*big.Rat{}, map[string]*big.Rat{}, []string{}
	for _, id := range o.ids {
		a := o.acc[id]
		if a.Kind == waterfall.KindLoan || a.Class == "promote" || a.Class == "fee" {
			continue
		}
		shares[id] = larger(new(big.Rat), add(a.contributed, o.now(o.diluted, id)))
		if id != ev.Partner {
			others, rest[id] = append(others, id), shares[id]
		}
	}
	missing := new(big.Rat).SetInt64(ev.Amount.Cents())
	loss := lesser(shares[ev.Partner], rounded(mul(missing, sub(ratOf(ev.Factor), one))))
	if slices.IndexFunc(others, func(id string) bool { return rest[id].Sign() > 0 }) < 0 {
		loss = new(big.Rat) // there is nobody to get it
	}
	if ev.Promote != "" { // its percentage with the missing money, and without: of the same whole
		with, without := add(shares[ev.Partner], missing), sub(shares[ev.Partner], loss)
		ratio := quo(without, with)
		if old := o.cuts[ev.Promote]; old != nil {
			ratio = mul(ratio, old)
		}
		o.cuts[ev.Promote] = ratio
	}
	o.diluted[ev.Partner] = sub(o.now(o.diluted, ev.Partner), loss)
	for id, x := range hamilton(loss, others, rest) {
		o.diluted[id] = add(o.now(o.diluted, id), x)
	}
}
