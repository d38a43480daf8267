package waterfall_test

import (
	"fmt"
	"math/big"
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/cockroachdb/apd/v3"
	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
)

// oracle is a second implementation of the rules, written for plainness: exact
// fractions throughout, every flow kept, 60 digits where a power has no exact
// value. It shares no arithmetic with the package.
type oracle struct {
	t    *waterfall.Terms
	ids  []string
	acc  map[string]*oracleAccount
	last date.Date
	between
	tiersPaid map[string]*big.Rat // everything the tiers gave in the last distribution
	apart     map[string]map[string]*oracleLevel
	rates     []waterfall.Event // fixings and defaults, as given
	promote   *big.Rat          // cents, as everything here
	profit    map[string]*big.Rat
	flows     []oracleFlow
	reserve   map[string]*big.Rat
	fees      map[string]*big.Rat // carried
	aside     *big.Rat            // what tiers to come are known to keep
	levels    map[string]map[string]*oracleLevel
	floors    map[string]*oracleFloor
	back      map[string]*big.Rat   // capital returned in this distribution
	total     map[string]*big.Rat   // everything paid in this distribution
	payments  []map[string]*big.Rat // of the last distribution, by tier
	left      *big.Rat
}

type oracleAccount struct {
	waterfall.Partner
	contributed, unreturned, c, a, distributed *big.Rat
	initial                                    *big.Rat
	lots                                       []*oracleLot
	promote                                    *big.Rat  // paid out of its part, by partner
	since                                      date.Date // the day it first had capital
}

// oracleFlow is one account's flow; transfers move fractions of own flows.
type oracleFlow struct {
	account string
	at      date.Date
	in, out *big.Rat // what the class paid in and got
	ownIn   *big.Rat // what counts for a hurdle by investor
	ownOut  *big.Rat
}

func newOracle(t *waterfall.Terms, partners []waterfall.Partner) *oracle {
	o := &oracle{t: t, acc: map[string]*oracleAccount{}, promote: new(big.Rat), profit: map[string]*big.Rat{}, reserve: map[string]*big.Rat{}, fees: map[string]*big.Rat{},
		levels: map[string]map[string]*oracleLevel{}, floors: map[string]*oracleFloor{}, between: newBetween()}
	for _, p := range partners {
		o.ids = append(o.ids, p.ID)
		o.acc[p.ID] = &oracleAccount{p, new(big.Rat), new(big.Rat), new(big.Rat), new(big.Rat), new(big.Rat), new(big.Rat), nil, new(big.Rat), date.Date{}}
		o.profit[p.ID] = new(big.Rat)
	}
	sort.Strings(o.ids)
	o.makeLevels()
	o.makeApart()
	return o
}

func rat(d decimal.Decimal) *big.Rat { return d.Rat() }

func ratOf(d *decimal.Decimal) *big.Rat {
	if d == nil {
		return new(big.Rat)
	}
	return d.Rat()
}

func add(x, y *big.Rat) *big.Rat { return new(big.Rat).Add(x, y) }
func sub(x, y *big.Rat) *big.Rat { return new(big.Rat).Sub(x, y) }
func mul(x, y *big.Rat) *big.Rat { return new(big.Rat).Mul(x, y) }
func quo(x, y *big.Rat) *big.Rat { return new(big.Rat).Quo(x, y) }

var one = big.NewRat(1, 1)

func lesser(x, y *big.Rat) *big.Rat {
	if x.Cmp(y) < 0 {
		return x
	}
	return y
}

func larger(x, y *big.Rat) *big.Rat {
	if x.Cmp(y) > 0 {
		return x
	}
	return y
}

// rounded is to the nearest integer, ties away from zero.
func rounded(x *big.Rat) *big.Rat {
	i, _ := new(big.Int).SetString(x.FloatString(0), 10)
	return new(big.Rat).SetInt(i)
}

// power is x^(num/den) to 60 digits. It is remembered, since random deals ask again and
// again.
func power(x *big.Rat, num, den int64) *big.Rat {
	key := x.String() + fmt.Sprint(" ", num, " ", den)
	if known, ok := powersKnown.Load(key); ok {
		return known.(*big.Rat)
	}
	z := powerOf(x, num, den)
	powersKnown.Store(key, z)
	return z
}

var powersKnown sync.Map

func powerOf(x *big.Rat, num, den int64) *big.Rat {
	ctx := apd.BaseContext.WithPrecision(60)
	var base, n, d, z apd.Decimal
	_, _, _ = n.SetString(x.Num().String())
	_, _, _ = d.SetString(x.Denom().String())
	_, _ = ctx.Quo(&base, &n, &d)
	if num%den == 0 {
		_, _ = ctx.Pow(&z, &base, apd.New(num/den, 0))
	} else {
		var e apd.Decimal
		_, _ = ctx.Quo(&e, apd.New(num, 0), apd.New(den, 0))
		_, _ = ctx.Pow(&z, &base, &e)
	}
	r, _ := new(big.Rat).SetString(z.Text('f'))
	return r
}

// hamilton shares total over weights by largest remainder.
func hamilton(total *big.Rat, ids []string, weight map[string]*big.Rat) map[string]*big.Rat {
	out, sum := map[string]*big.Rat{}, new(big.Rat)
	for _, id := range ids {
		sum.Add(sum, weight[id])
	}
	if sum.Sign() == 0 {
		return out
	}
	left := new(big.Rat).Set(total)
	frac := map[string]*big.Rat{}
	for _, id := range ids {
		q := quo(mul(total, weight[id]), sum)
		whole := new(big.Rat).SetInt(new(big.Int).Quo(q.Num(), q.Denom()))
		out[id], frac[id] = whole, sub(q, whole)
		left.Sub(left, whole)
	}
	order := slices.Clone(ids)
	slices.SortFunc(order, func(a, b string) int {
		if c := frac[b].Cmp(frac[a]); c != 0 {
			return c
		}
		if c := weight[b].Cmp(weight[a]); c != 0 {
			return c
		}
		return strings.Compare(a, b)
	})
	for _, id := range order {
		if left.Sign() <= 0 {
			break
		}
		out[id] = add(out[id], one)
		left.Sub(left, one)
	}
	return out
}

// enter puts the terms into force on a day: what accrued without compounding
// is capitalized when they compound, and daily compounding keeps everything
// capitalized.
func (o *oracle) enter(t *waterfall.Terms, on date.Date) {
	o.accrue(on)
	for _, a := range o.acc {
		was, now := o.t.Prefs[a.Class].Compounding, t.Prefs[a.Class].Compounding
		simple := was == "" || was == waterfall.CompoundNone
		compounds := now != "" && now != waterfall.CompoundNone
		if (simple && compounds || now == waterfall.CompoundDaily && was != now) && a.a.Sign() > 0 {
			a.c, a.a = add(a.c, a.a), new(big.Rat)
		}
	}
	o.t = t
}

// run processes events in the order of the conventions.
func (o *oracle) run(events []waterfall.Event) {
	rank := map[waterfall.EventType]int{waterfall.EventTransfer: 1, waterfall.EventContribution: 2, waterfall.EventDilution: 2, waterfall.EventDistribution: 3}
	var evs []waterfall.Event
	for _, ev := range events {
		if ev.Type == waterfall.EventRate || ev.Type == waterfall.EventDefault {
			o.rates = append(o.rates, ev) // they hold from their days on, whatever else happens
		} else {
			evs = append(evs, ev)
		}
	}
	sort.SliceStable(evs, func(i, j int) bool {
		if a, b := rankOf(evs[i]), rankOf(evs[j]); a != b {
			return a.Before(b)
		}
		return rank[evs[i].Type] < rank[evs[j].Type]
	})
	for _, ev := range evs {
		if ev.Date.After(o.last) {
			o.accrue(ev.Date)
		}
		switch ev.Type {
		case waterfall.EventContribution:
			x := new(big.Rat).SetInt64(ev.Amount.Cents())
			a := o.acc[ev.Partner]
			if a.since.IsZero() {
				a.since = ev.Date
			}
			if ev.Date.Before(o.last) { // between a record date and the distribution: it has earned from its day
				late := &oracleAccount{Partner: a.Partner, unreturned: x, contributed: x, initial: x, c: new(big.Rat), a: new(big.Rat), since: a.since}
				if ev.Date != a.since {
					late.initial = new(big.Rat)
				}
				o.lateApart(a, late, ev.Date)
				if o.hasLots(a) {
					late.lots = []*oracleLot{{ev.Date, x, new(big.Rat), new(big.Rat)}}
				}
				o.earn(late, ev.Date, o.last)
				a.c, a.a = add(a.c, late.c), add(a.a, late.a)
				if o.hasLots(a) {
					a.lot(ev.Date).c, a.lot(ev.Date).a = add(a.lot(ev.Date).c, late.c), add(a.lot(ev.Date).a, late.a)
				}
			}
			if o.hasLots(a) {
				a.lot(ev.Date).u = add(a.lot(ev.Date).u, x)
			}
			o.levelIn(a, x, ev.Date)
			if ev.Date == a.since {
				a.initial = add(a.initial, x)
			}
			a.contributed, a.unreturned = add(a.contributed, x), add(a.unreturned, x)
			o.flows = append(o.flows, oracleFlow{ev.Partner, ev.Date, x, new(big.Rat), x, new(big.Rat)})
		case waterfall.EventLoan:
			o.loans = append(o.loans, &oracleLoan{ev, new(big.Rat).SetInt64(ev.Amount.Cents()), new(big.Rat), new(big.Rat), ev.Date, ev.Date})
		case waterfall.EventRepayment:
			o.repay(&ev)
		case waterfall.EventDilution:
			o.dilute(&ev)
		case waterfall.EventTransfer:
			o.transfer(&ev)
		case waterfall.EventDistribution:
			o.distribute(&ev)
		}
		o.past = append(o.past, ev)
	}
}

// preferred are the tiers of the method preferred: the preferred return, at a sale or
// refinancing capital, and the rest by units, if there are any, or by capital.
func preferred(ev *waterfall.Event) []waterfall.Tier {
	rest := waterfall.Tier{Name: "rest", Type: waterfall.TierSplit, PromoteBase: waterfall.PromoteOnAll}
	if len(ev.Units) > 0 {
		rest.Share = waterfall.ShareUnits
	}
	if ev.Kind == waterfall.Operating {
		return []waterfall.Tier{{Name: "pref", Type: waterfall.TierPref}, rest}
	}
	return []waterfall.Tier{{Name: "pref", Type: waterfall.TierPref}, {Name: "capital", Type: waterfall.TierReturnOfCapital}, rest}
}

func (o *oracle) transfer(ev *waterfall.Event) {
	from, to, f := o.acc[ev.From], o.acc[ev.To], rat(ev.Fraction)
	before := from.unreturned
	if to.since.IsZero() {
		to.since = from.since
	}
	for _, b := range [][2]**big.Rat{{&from.contributed, &to.contributed}, {&from.unreturned, &to.unreturned}, {&from.initial, &to.initial}} {
		x := rounded(mul(f, *b[0]))
		*b[0], *b[1] = sub(*b[0], x), add(*b[1], x)
	}
	if o.hasLots(from) {
		o.moveLots(from, to, f, sub(before, from.unreturned))
	} else {
		for _, b := range [][2]**big.Rat{{&from.c, &to.c}, {&from.a, &to.a}} {
			x := mul(f, *b[0])
			*b[0], *b[1] = sub(*b[0], x), add(*b[1], x)
		}
	}
	moved2 := rounded(mul(f, o.now(o.diluted, ev.From)))
	o.diluted[ev.From], o.diluted[ev.To] = sub(o.now(o.diluted, ev.From), moved2), add(o.now(o.diluted, ev.To), moved2)
	o.moveLevels(ev, f)
	o.moveFloors(ev, f)
	if o.t.Run == waterfall.RunPartner {
		for _, b := range [][2]**big.Rat{{&from.promote, &to.promote}} {
			x := rounded(mul(f, *b[0]))
			*b[0], *b[1] = sub(*b[0], x), add(*b[1], x)
		}
		x := rounded(mul(f, o.profit[ev.From]))
		o.profit[ev.From], o.profit[ev.To] = sub(o.profit[ev.From], x), add(o.profit[ev.To], x)
	}
	for _, by := range o.apart {
		x, y := by[ev.From], by[ev.To]
		for _, b := range [][2]**big.Rat{{&x.c, &y.c}, {&x.a, &y.a}} {
			z := mul(f, *b[0])
			*b[0], *b[1] = sub(*b[0], z), add(*b[1], z)
		}
	}
	var moved []oracleFlow
	for i := range o.flows {
		w := &o.flows[i]
		if w.account != ev.From {
			continue
		}
		in, out := mul(f, w.ownIn), mul(f, w.ownOut)
		moved = append(moved, oracleFlow{ev.To, w.at, new(big.Rat), new(big.Rat), in, out})
		w.ownIn, w.ownOut = sub(w.ownIn, in), sub(w.ownOut, out)
	}
	o.flows = append(o.flows, moved...)
}

func (o *oracle) accrue(to date.Date) {
	if !o.last.IsZero() {
		for _, a := range o.acc {
			o.earn(a, o.last, to)
		}
		o.earnLevels(o.last, to)
		o.earnApart(o.last, to)
	}
	o.last = to
}

// earn accrues an account's preferred return.
func (o *oracle) earn(a *oracleAccount, from, to date.Date) {
	p := o.t.Prefs[a.Class]
	if p.On != "" || p.Class != "" && p.Class != a.Class {
		p = waterfall.Pref{}
	}
	if o.hasLots(a) {
		for _, l := range a.lots {
			l.c, l.a = o.prefer(a.Class, p, a.PrefRate, l.u, l.c, l.a, a.since, from, to)
		}
		a.sumLots()
		return
	}
	a.c, a.a = o.prefer(a.Class, p, a.PrefRate, o.baseOf(p, a), a.c, a.a, a.since, from, to)
}

// accrual returns capitalized and current return after a stretch of time. It walks
// day by day to find the boundaries.
func (o *oracle) accrual(on, c, a, rate *big.Rat, compounding waterfall.Compounding, dc date.DayCount, since, from, to date.Date) (*big.Rat, *big.Rat) {
	if dc == "" {
		dc = date.Act365F
	}
	if compounding == waterfall.CompoundDaily {
		basis := int64(365)
		if dc == date.Act360 {
			basis = 360
		}
		grown := power(add(one, quo(rate, big.NewRat(basis, 1))), int64(to.Sub(from)), 1)
		return sub(mul(add(on, c), grown), on), a
	}
	start, anchor := from, since
	if anchor.IsZero() {
		return c, a
	}
	for back := from; back.After(anchor); back = back.AddDays(-1) {
		if isBoundary(compounding, back) {
			anchor = back
		}
	}
	for day := from; day.Before(to); {
		day = day.AddDays(1)
		boundary := isBoundary(compounding, day)
		if !boundary && day != to {
			continue
		}
		year := sub(yearFraction(dc, anchor, day), yearFraction(dc, anchor, start))
		base := add(on, c)
		if compounding == "" || compounding == waterfall.CompoundNone {
			base = on
		}
		a = add(a, mul(mul(base, rate), year))
		if boundary {
			c, a, anchor = add(c, a), new(big.Rat), day
		}
		start = day
	}
	return c, a
}

// rankOf is the day on which an event has its place among the others.
func rankOf(e waterfall.Event) date.Date {
	if e.Type == waterfall.EventRate || e.Type == waterfall.EventDefault { // whatever their order, they hold from their days on
		return date.Date{}
	}
	if e.Type == waterfall.EventDistribution && !e.Record.IsZero() {
		return e.Record
	}
	return e.Date
}

func yearFraction(c date.DayCount, from, to date.Date) *big.Rat {
	num, den, _ := c.Fraction(from, to)
	return big.NewRat(num, den)
}

func isBoundary(c waterfall.Compounding, d date.Date) bool {
	_, m, day := d.Civil()
	switch c {
	case waterfall.CompoundAnnual:
		return day == 1 && m == 1
	case waterfall.CompoundQuarterly:
		return day == 1 && (m-1)%3 == 0
	case waterfall.CompoundMonthly:
		return day == 1
	}
	return false
}
