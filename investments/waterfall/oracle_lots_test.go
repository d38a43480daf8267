package waterfall_test

import (
	"fmt"
	"math/big"
	"slices"

	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
)

// oracleLot is what one account contributed on one day, and what that has earned.
type oracleLot struct {
	day     date.Date
	u, c, a *big.Rat
}

// hasLots reports whether the contributions of an account are kept apart.
func (o *oracle) hasLots(a *oracleAccount) bool {
	for _, list := range [][]waterfall.Tier{o.t.Tiers.Capital, o.t.Tiers.Operating} {
		for i := range list {
			if t := &list[i]; t.Lots != "" && a.Class != "promote" && (len(t.To) == 0 || slices.Contains(t.To, a.Class)) {
				return true
			}
		}
	}
	return false
}

// lot returns the lot of a day; an account's lots stand with the latest first.
func (a *oracleAccount) lot(day date.Date) *oracleLot {
	for _, l := range a.lots {
		if l.day == day {
			return l
		}
	}
	l := &oracleLot{day, new(big.Rat), new(big.Rat), new(big.Rat)}
	a.lots = append(a.lots, l)
	slices.SortFunc(a.lots, func(x, y *oracleLot) int { return y.day.Compare(x.day) })
	return l
}

func (a *oracleAccount) sumLots() {
	a.c, a.a = new(big.Rat), new(big.Rat)
	for _, l := range a.lots {
		a.c.Add(a.c, l.c)
		a.a.Add(a.a, l.a)
	}
}

func (l *oracleLot) pay(x *big.Rat) {
	x = takeOff(&l.c, x)
	l.a = sub(l.a, x)
}

// allDays are the days on which anybody with lots contributed, the latest first: a
// remainder below a cent stays with the oldest of them all.
func (o *oracle) allDays() (out []date.Date) {
	for _, a := range o.acc {
		for _, l := range a.lots {
			if !slices.Contains(out, l.day) {
				out = append(out, l.day)
			}
		}
	}
	slices.SortFunc(out, func(x, y date.Date) int { return y.Compare(x) })
	return out
}

// payPrefLots takes x off an account's return, the latest first.
func (o *oracle) payPrefLots(a *oracleAccount, x *big.Rat) {
	days := o.allDays()
	for k, day := range days {
		take := x
		l := a.lot(day)
		if k < len(days)-1 {
			take = larger(new(big.Rat), lesser(x, rounded(larger(new(big.Rat), add(l.c, l.a)))))
		}
		l.pay(take)
		x = sub(x, take)
	}
	a.sumLots()
}

// returnLots takes x off an account's capital, the latest first.
func (o *oracle) returnLots(a *oracleAccount, x *big.Rat) {
	days := o.allDays()
	for k, day := range days {
		l := a.lot(day)
		take := lesser(x, l.u)
		if k == len(days)-1 {
			take = x
		}
		l.u, x = sub(l.u, take), sub(x, take)
	}
}

// payLots returns contributions, the latest first.
func (o *oracle) payLots(ev *waterfall.Event, i int, t *waterfall.Tier, cash *big.Rat, ids []string) *big.Rat {
	paid := new(big.Rat)
	for _, day := range o.allDays() {
		due, capital, sum, back := map[string]*big.Rat{}, map[string]*big.Rat{}, new(big.Rat), new(big.Rat)
		for _, id := range ids {
			l := o.acc[id].lot(day)
			due[id], capital[id] = new(big.Rat), l.u
			if t.WithPref {
				due[id] = larger(new(big.Rat), add(l.c, l.a))
			}
			sum.Add(sum, due[id])
			back.Add(back, l.u)
		}
		x := lesser(sub(cash, paid), rounded(sum))
		o.pay(ev, i, ids, due, x, func(a *oracleAccount, x *big.Rat) { a.lot(day).pay(x); a.sumLots() }, true)
		paid = add(paid, x)
		x = lesser(sub(cash, paid), back)
		o.pay(ev, i, ids, capital, x, func(a *oracleAccount, x *big.Rat) {
			a.unreturned = sub(a.unreturned, x)
			a.lot(day).u = sub(a.lot(day).u, x)
		}, false)
		paid = add(paid, x)
	}
	return paid
}

// moveLots moves a fraction of an account's lots, x of capital in all.
func (o *oracle) moveLots(from, to *oracleAccount, f, x *big.Rat) {
	names, weight := []string{}, map[string]*big.Rat{}
	days := o.allDays()
	for k, day := range days {
		name := fmt.Sprintf("%04d", k)
		names, weight[name] = append(names, name), from.lot(day).u
	}
	for k, day := range days {
		part := hamilton(x, names, weight)[fmt.Sprintf("%04d", k)]
		if part == nil {
			part = new(big.Rat)
		}
		a, b := from.lot(day), to.lot(day)
		a.u, b.u = sub(a.u, part), add(b.u, part)
		for _, w := range [][2]**big.Rat{{&a.c, &b.c}, {&a.a, &b.a}} {
			y := mul(f, *w[0])
			*w[0], *w[1] = sub(*w[0], y), add(*w[1], y)
		}
	}
	from.sumLots()
	to.sumLots()
}
