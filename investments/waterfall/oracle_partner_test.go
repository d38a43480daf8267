package waterfall_test

import (
	"math/big"
	"slices"

	"github.com/freehold-go/freehold/investments/waterfall"
)

// byPartner apportions cash by contributed capital, after dilutions, and takes one account after the
// other through its tiers. It returns what no account could take.
func (o *oracle) byPartner(ev *waterfall.Event, tiers []waterfall.Tier, first int, cash *big.Rat) *big.Rat {
	ids := slices.DeleteFunc(slices.Clone(o.ids), func(id string) bool {
		a := o.acc[id]
		return a.Class == "promote" || a.Class == "fee" || a.Kind == waterfall.KindLoan
	})
	_, weight := o.points(ids, ids)
	left := new(big.Rat)
	promote := make([]*big.Rat, len(tiers))
	for id, part := range hamilton(cash, ids, weight) {
		for i := first; i < len(tiers); i++ {
			inv, gp := o.ownTier(ev, i, &tiers[i], id, part)
			part = sub(part, add(inv, gp))
			o.acc[id].promote = add(o.acc[id].promote, gp)
			if promote[i] == nil {
				promote[i] = new(big.Rat)
			}
			promote[i].Add(promote[i], gp)
		}
		left = add(left, part)
	}
	for i := first; i < len(tiers); i++ {
		if promote[i] != nil && promote[i].Sign() > 0 {
			o.payPromote(ev, i, &tiers[i], promote[i])
		}
	}
	return left
}

// ownTier runs a tier on one account's cash and returns what the account and promote
// get of it.
func (o *oracle) ownTier(ev *waterfall.Event, i int, t *waterfall.Tier, id string, cash *big.Rat) (inv, gp *big.Rat) {
	zero := new(big.Rat)
	charged, spared := o.groups(t)
	bears := slices.Contains(charged, id)
	if !bears && !slices.Contains(spared, id) || t.LookBack && !ev.Last {
		return zero, zero
	}
	a := o.acc[id]
	p := ratOf(t.Promote)
	if !bears {
		p = zero
	}
	upTo := func(n *big.Rat) (*big.Rat, *big.Rat) {
		full := rounded(quo(mul(n, p), sub(one, p)))
		if cash.Cmp(add(n, full)) >= 0 {
			return n, full
		}
		got := lesser(n, rounded(mul(sub(one, p), cash)))
		return got, sub(cash, got)
	}
	switch t.Type {
	case waterfall.TierPref:
		if own := o.apart[t.Pref]; own != nil {
			l := own[id]
			inv, gp = upTo(rounded(larger(zero, add(l.c, l.a))))
			l.a = sub(l.a, takeOff(&l.c, inv))
		} else {
			inv, gp = upTo(rounded(larger(zero, add(a.c, a.a))))
			o.reducePref(a, inv)
		}
	case waterfall.TierReturnOfCapital:
		inv, gp = upTo(a.unreturned)
		a.unreturned = sub(a.unreturned, inv)
	case waterfall.TierHurdle:
		inv, gp = upTo(rounded(larger(zero, o.lack(ev, t, id))))
	case waterfall.TierCatchUp:
		need := zero
		if g, x := ratOf(t.GPShare), ratOf(t.Target); bears {
			profit := add(o.profit[id], a.promote)
			need = larger(zero, rounded(quo(sub(mul(x, profit), a.promote), sub(g, x))))
		}
		x := lesser(cash, need)
		gp = rounded(mul(ratOf(t.GPShare), x))
		inv = sub(x, gp)
	case waterfall.TierSplit:
		inv = rounded(mul(sub(one, p), cash))
		gp = sub(cash, inv)
	}
	if inv.Sign() != 0 {
		o.book(ev, i, id, inv, t.Type != waterfall.TierReturnOfCapital)
	}
	return inv, gp
}
