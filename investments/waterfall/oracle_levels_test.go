package waterfall_test

import (
	"fmt"
	"math/big"
	"slices"

	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
)

// oracleLevel is what one account lacks to a yearly return that a hurdle tests:
// capital still to be reached, capitalized return, current return.
type oracleLevel struct{ k, c, a *big.Rat }

// oracleFloor is what a hurdle has forgotten: for its rate with the day, for its
// multiple as a sum. Accounts tested on their own have one each.
type oracleFloor struct {
	days     []date.Date
	amounts  []*big.Rat
	multiple *big.Rat
}

// hurdles yields the hurdles of both lists, one a class where they are sequential.
func (o *oracle) hurdles(yield func(t *waterfall.Tier) bool) {
	for _, list := range [][]waterfall.Tier{o.t.Tiers.Capital, o.t.Tiers.Operating} {
		for i := range list {
			if list[i].Type != waterfall.TierHurdle {
				continue
			}
			steps := []waterfall.Tier{list[i]}
			if list[i].Order == waterfall.Sequential {
				steps = nil
				for _, class := range list[i].To {
					one := list[i]
					one.To = []string{class}
					steps = append(steps, one)
				}
			}
			for k := range steps {
				if !yield(&steps[k]) {
					return
				}
			}
		}
	}
}

func hurdleKey(t *waterfall.Tier) string { return t.Name + fmt.Sprint(t.To) }

func (o *oracle) makeLevels() {
	o.hurdles(func(t *waterfall.Tier) bool {
		if t.Return != nil {
			by := map[string]*oracleLevel{}
			for _, id := range o.ids {
				by[id] = &oracleLevel{new(big.Rat), new(big.Rat), new(big.Rat)}
			}
			o.levels[hurdleKey(t)] = by
		}
		return true
	})
}

func withCapital(t *waterfall.Tier) bool { return t.Capital == nil || *t.Capital }

func (o *oracle) levelAccrual(t *waterfall.Tier, on, c, a *big.Rat, since, from, to date.Date) (*big.Rat, *big.Rat) {
	dc := t.DayCount
	if dc == "" {
		dc = o.t.DayCount
	}
	return o.accrual(on, c, a, ratOf(t.Return), t.Compounding, dc, since, from, to)
}

func (o *oracle) earnLevels(from, to date.Date) {
	o.hurdles(func(t *waterfall.Tier) bool {
		for id, l := range o.levels[hurdleKey(t)] {
			on := o.acc[id].unreturned
			if withCapital(t) {
				on = l.k
			}
			l.c, l.a = o.levelAccrual(t, on, l.c, l.a, o.acc[id].since, from, to)
		}
		return true
	})
}

func (o *oracle) levelIn(a *oracleAccount, x *big.Rat, day date.Date) {
	o.hurdles(func(t *waterfall.Tier) bool {
		l := o.levels[hurdleKey(t)][a.ID]
		if l == nil {
			return true
		}
		if day.Before(o.last) {
			c, late := o.levelAccrual(t, x, new(big.Rat), new(big.Rat), a.since, day, o.last)
			l.c, l.a = add(l.c, c), add(l.a, late)
		}
		if withCapital(t) {
			l.k = add(l.k, x)
		}
		return true
	})
}

func (o *oracle) moveLevels(ev *waterfall.Event, f *big.Rat) {
	for _, by := range o.levels {
		from, to := by[ev.From], by[ev.To]
		for _, b := range [][2]**big.Rat{{&from.k, &to.k}, {&from.c, &to.c}, {&from.a, &to.a}} {
			x := mul(f, *b[0])
			*b[0], *b[1] = sub(*b[0], x), add(*b[1], x)
		}
	}
}

// moveFloors moves a fraction of what hurdles tested account by account have
// forgotten.
func (o *oracle) moveFloors(ev *waterfall.Event, f *big.Rat) {
	o.hurdles(func(t *waterfall.Tier) bool {
		from, to := o.floor(hurdleKey(t)+"/"+ev.From), o.floor(hurdleKey(t)+"/"+ev.To)
		for i := range from.days {
			x := mul(f, from.amounts[i])
			from.amounts[i] = sub(from.amounts[i], x)
			to.days, to.amounts = append(to.days, from.days[i]), append(to.amounts, x)
		}
		x := mul(f, from.multiple)
		from.multiple, to.multiple = sub(from.multiple, x), add(to.multiple, x)
		return true
	})
}

// levelLack is what accounts lack to a return, after what this distribution paid.
func (o *oracle) levelLack(t *waterfall.Tier, who func(string) bool) *big.Rat {
	sum := new(big.Rat)
	for id, l := range o.levels[hurdleKey(t)] {
		if !who(id) {
			continue
		}
		sum.Add(sum, add(l.c, l.a))
		total, back := o.now(o.total, id), o.now(o.back, id)
		if withCapital(t) {
			sum.Add(sum, sub(l.k, total))
		} else {
			sum.Sub(sum, sub(total, back))
		}
	}
	return sum
}

func (o *oracle) now(m map[string]*big.Rat, id string) *big.Rat {
	if m[id] == nil {
		return new(big.Rat)
	}
	return m[id]
}

// takeOff lowers a balance above zero and returns what is left of x.
func takeOff(balance **big.Rat, x *big.Rat) *big.Rat {
	if (*balance).Sign() <= 0 || x.Sign() <= 0 {
		return x
	}
	take := lesser(*balance, x)
	*balance = sub(*balance, take)
	return sub(x, take)
}

// settle brings a distribution into the returns, and forgets what hurdles are to
// forget.
func (o *oracle) settle(on date.Date) {
	o.hurdles(func(t *waterfall.Tier) bool {
		for id, l := range o.levels[hurdleKey(t)] {
			left := takeOff(&l.c, sub(o.now(o.total, id), o.now(o.back, id)))
			if withCapital(t) {
				back := takeOff(&l.k, o.now(o.back, id))
				left = takeOff(&l.a, left)
				left = takeOff(&l.k, add(left, back))
			}
			l.a = sub(l.a, left)
			if sum := add(add(l.k, l.c), l.a); t.Surplus == waterfall.SurplusLapses && sum.Sign() < 0 {
				l.a = sub(l.a, sum)
			}
		}
		return true
	})
	o.total, o.back = nil, nil
	o.hurdles(func(t *waterfall.Tier) bool {
		if t.Surplus == waterfall.SurplusLapses {
			o.forget(t, on)
		}
		return true
	})
}

func (o *oracle) floor(key string) *oracleFloor {
	if o.floors[key] == nil {
		o.floors[key] = &oracleFloor{multiple: new(big.Rat)}
	}
	return o.floors[key]
}

// forget makes balances below zero zero.
func (o *oracle) forget(t *waterfall.Tier, on date.Date) {
	one := func(key string, who func(string) bool, own bool) {
		f := o.floor(key)
		future, multiple := o.lacks(on, t, who, own, f)
		if t.IRR != nil && future.Sign() < 0 {
			f.days, f.amounts = append(f.days, on), append(f.amounts, new(big.Rat).Neg(future))
		}
		if t.Multiple != nil && multiple.Sign() < 0 {
			f.multiple = sub(f.multiple, multiple)
		}
	}
	if (t.By == "" || t.By == waterfall.ByClass) && o.t.Run != waterfall.RunPartner {
		accounts := o.testedAccounts(t)
		for _, id := range accounts {
			one(hurdleKey(t)+"/"+id, func(x string) bool { return x == id }, true)
		}
		if len(accounts) == 0 {
			one(hurdleKey(t), o.testedBy(t), false)
		}
		return
	}
	for _, id := range o.ids {
		if a := o.acc[id]; a.Class != "promote" && a.Class != "fee" {
			one(hurdleKey(t)+"/"+id, func(x string) bool { return x == id }, true)
		}
	}
}

// testedBy says whose flows a hurdle tests together.
func (o *oracle) testedBy(t *waterfall.Tier) func(string) bool {
	if len(t.Of) > 0 {
		accounts := o.testedAccounts(t)
		return func(id string) bool {
			return slices.Contains(accounts, id) || slices.Contains(t.Of, o.acc[id].Class) && o.acc[id].Kind != waterfall.KindLoan
		}
	}
	charged, _ := o.groups(t)
	return func(id string) bool { return slices.Contains(charged, id) }
}

// testedAccounts are those that a hurdle tests by their own name.
func (o *oracle) testedAccounts(t *waterfall.Tier) []string {
	return slices.DeleteFunc(slices.Clone(t.Of), o.isClass)
}

// lacksTogether are what those tested lack together: classes by their flows, which
// transfers leave where they are, accounts by their own.
func (o *oracle) lacksTogether(on date.Date, t *waterfall.Tier) (rate, multiple *big.Rat) {
	accounts, who := o.testedAccounts(t), o.testedBy(t)
	rate, multiple = o.lacks(on, t, func(id string) bool { return who(id) && !slices.Contains(accounts, id) }, false, o.floor(hurdleKey(t)))
	for _, id := range accounts {
		r, m := o.lacks(on, t, func(x string) bool { return x == id }, true, o.floor(hurdleKey(t)+"/"+id))
		rate, multiple = add(rate, r), add(multiple, m)
	}
	return rate, multiple
}

// lacks are what flows lack to the rate and to the multiple of a hurdle.
func (o *oracle) lacks(on date.Date, t *waterfall.Tier, who func(string) bool, own bool, f *oracleFloor) (rate, multiple *big.Rat) {
	rate, multiple = new(big.Rat), new(big.Rat)
	grown := func(x *big.Rat, since date.Date) *big.Rat {
		if x.Sign() == 0 {
			return x
		}
		return mul(x, power(add(one, ratOf(t.IRR)), int64(on.Sub(since)), 365))
	}
	for _, w := range o.flows {
		if !who(w.account) {
			continue
		}
		in, out := w.in, w.out
		if own {
			in, out = w.ownIn, w.ownOut
		}
		if t.IRR != nil {
			rate.Add(rate, grown(sub(in, out), w.at))
		}
		if t.Multiple != nil {
			multiple.Add(multiple, sub(mul(ratOf(t.Multiple), in), out))
		}
	}
	for i, day := range f.days {
		rate.Add(rate, grown(f.amounts[i], day))
	}
	if t.Return != nil {
		rate = o.levelLack(t, who)
	}
	return rate, add(multiple, f.multiple)
}
