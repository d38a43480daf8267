package waterfall_test

import (
	"math/big"
	"slices"

	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/money"
)

func (o *oracle) distribute(ev *waterfall.Event) {
	cash := new(big.Rat).SetInt64(ev.Amount.Cents())
	if ev.Reserves != nil {
		o.reserve = map[string]*big.Rat{}
		for _, r := range ev.Reserves {
			o.reserve[r.Reserve] = new(big.Rat).SetInt64(r.Amount.Cents())
		}
	}
	for name, x := range releasesOf(ev) {
		cash, o.reserve[name] = add(cash, x), sub(o.now(o.reserve, name), x)
	}
	for _, a := range ev.Advances {
		cash = sub(cash, new(big.Rat).SetInt64(a.Amount.Cents()))
	}
	credit := o.credit(ev)
	o.credits = append(o.credits, credit)
	cash = add(cash, credit)
	all := cash
	tiers, run := o.t.List(ev.Kind), o.t.Run
	if ev.Preferred { // what hurdles and lots remember of it is what they do of any other
		tiers, run = preferred(ev), ""
	}
	o.tiersPaid, o.held = map[string]*big.Rat{}, nil
	o.total, o.back = map[string]*big.Rat{}, map[string]*big.Rat{}
	o.payments = make([]map[string]*big.Rat, len(tiers))
	begun := false
	kept := keptBack(ev, tiers, cash) // no tier but the one that kept it has a part of it
	o.aside = new(big.Rat)
	for i := range tiers {
		o.payments[i] = map[string]*big.Rat{}
		cash, o.aside = sub(cash, kept[i]), add(o.aside, kept[i])
	}
	for i := range tiers {
		t := tiers[i]
		if ev.Held != nil && t.Type == waterfall.TierHoldback {
			o.reserve[t.Reserve] = add(o.now(o.reserve, t.Reserve), kept[i])
			o.aside = sub(o.aside, kept[i])
			continue
		}
		if run == waterfall.RunPartner && t.Type != waterfall.TierFee && t.Type != waterfall.TierHoldback {
			if !begun {
				begun = true
				cash = o.byPartner(ev, tiers, i, cash)
			}
			continue
		}
		steps := []waterfall.Tier{t}
		if t.Order == waterfall.Sequential {
			steps = nil
			for _, class := range t.To {
				one := t
				one.To = []string{class}
				steps = append(steps, one)
			}
		}
		for k := range steps {
			cash = sub(cash, o.tier(ev, i, &steps[k], cash, all))
		}
	}
	o.left = cash
	for _, adj := range ev.Adjustments {
		o.adjust(ev, &adj)
	}
	o.settle(ev.Date)
	o.pass(ev, credit)
}

// keptBack is what each tier of a distribution is known to have kept in a reserve, the
// first tiers first where the cash does not reach for all.
func keptBack(ev *waterfall.Event, tiers []waterfall.Tier, cash *big.Rat) []*big.Rat {
	out := make([]*big.Rat, len(tiers))
	for i := range tiers {
		out[i] = new(big.Rat)
		for _, h := range ev.Held {
			if tiers[i].Type == waterfall.TierHoldback && h.Tier == tiers[i].Name {
				out[i] = lesser(cash, new(big.Rat).SetInt64(h.Amount.Cents()))
				cash = sub(cash, out[i])
			}
		}
	}
	return out
}

func (o *oracle) adjust(ev *waterfall.Event, adj *waterfall.Adjustment) {
	x := new(big.Rat).SetInt64(adj.Delta.Cents())
	a := o.acc[adj.Account]
	switch adj.Against {
	case waterfall.AgainstPref:
		o.reducePref(a, x)
	case waterfall.AgainstCapital:
		o.reduceCapital(a, x)
	}
	o.book(ev, -1, adj.Account, x, adj.Against != waterfall.AgainstCapital)
}

// hand pays x to an account, which counts for nothing else.
func (o *oracle) hand(tier int, id string, x *big.Rat) {
	a := o.acc[id]
	a.distributed = add(a.distributed, x)
	o.tiersPaid[id] = add(o.now(o.tiersPaid, id), x)
	if tier >= 0 {
		if o.payments[tier][id] == nil {
			o.payments[tier][id] = new(big.Rat)
		}
		o.payments[tier][id] = add(o.payments[tier][id], x)
	}
}

// book pays x to an account.
func (o *oracle) book(ev *waterfall.Event, tier int, id string, x *big.Rat, profit bool) {
	o.hand(tier, id, x)
	a := o.acc[id]
	switch {
	case a.Class == "promote":
		o.promote = add(o.promote, x)
	case a.Class != "fee":
		o.flows = append(o.flows, oracleFlow{id, ev.Date, new(big.Rat), x, new(big.Rat), x})
		o.total[id] = add(o.now(o.total, id), x)
		if !profit {
			o.back[id] = add(o.now(o.back, id), x)
		}
		if profit {
			o.profit[id] = add(o.profit[id], x)
		}
	}
}

func (o *oracle) reduceCapital(a *oracleAccount, x *big.Rat) {
	a.unreturned = sub(a.unreturned, x)
	if o.hasLots(a) {
		o.returnLots(a, x)
	}
}

func (o *oracle) reducePref(a *oracleAccount, x *big.Rat) {
	if o.hasLots(a) {
		o.payPrefLots(a, x)
		return
	}
	if x.Sign() > 0 && a.c.Sign() > 0 {
		take := lesser(a.c, x)
		a.c, x = sub(a.c, take), sub(x, take)
	}
	a.a = sub(a.a, x)
}

// groups returns the members of a tier: those who bear promote, and the spared.
func (o *oracle) groups(t *waterfall.Tier) (charged, spared []string) {
	base := t.PromoteBase
	if base == "" {
		base = o.t.PromoteBase
	}
	promotes := t.Type == waterfall.TierCatchUp || t.Type == waterfall.TierHurdle || t.Type == waterfall.TierSplit || ratOf(t.Promote).Sign() > 0
	for _, id := range o.ids {
		a := o.acc[id]
		if a.Class == "promote" || a.Class == "fee" || (len(t.To) > 0 && !slices.Contains(t.To, a.Class)) || (len(t.To) == 0 && t.Pref == "" && a.Kind == waterfall.KindLoan) {
			continue
		}
		if p, ok := o.t.Prefs[t.Pref]; ok {
			class := p.Class
			if class == "" {
				class = t.Pref
			}
			if a.Class != class {
				continue
			}
		}
		if t.Percentages != nil && t.Percentages[id] == "" && t.Percentages[a.Class] == "" {
			continue
		}
		if promotes && (a.PromoteWaived || a.Kind == waterfall.KindLoan || (a.Sponsor && base == waterfall.PromoteOnOutside)) {
			spared = append(spared, id)
		} else {
			charged = append(charged, id)
		}
	}
	return charged, spared
}

func (o *oracle) capital(ids []string) (*big.Rat, map[string]*big.Rat) {
	sum, by := new(big.Rat), map[string]*big.Rat{}
	for _, id := range ids {
		by[id] = o.acc[id].contributed
		sum.Add(sum, by[id])
	}
	return sum, by
}

// basis is what a tier shares by: contributed capital, after dilutions, or units.
func (o *oracle) basis(ev *waterfall.Event, t *waterfall.Tier, ids []string) (*big.Rat, map[string]*big.Rat) {
	if t.Share != waterfall.ShareUnits {
		charged, spared := o.groups(t)
		return o.points(slices.Concat(charged, spared), ids)
	}
	sum, by := new(big.Rat), map[string]*big.Rat{}
	for _, id := range ids {
		by[id] = new(big.Rat)
	}
	for _, u := range ev.Units {
		if by[u.Account] != nil {
			by[u.Account] = rat(u.Units)
			sum.Add(sum, by[u.Account])
		}
	}
	return sum, by
}

// pay shares x among ids and books it.
func (o *oracle) pay(ev *waterfall.Event, tier int, ids []string, weight map[string]*big.Rat, x *big.Rat, each func(*oracleAccount, *big.Rat), profit bool) {
	for id, part := range hamilton(x, ids, weight) {
		if part.Sign() == 0 {
			continue
		}
		if each != nil {
			each(o.acc[id], part)
		}
		o.book(ev, tier, id, part, profit)
	}
}

// tier runs one tier and returns what it paid.
func (o *oracle) tier(ev *waterfall.Event, i int, t *waterfall.Tier, cash, all *big.Rat) *big.Rat {
	if t.LookBack && !ev.Last { // computed once, in the distribution of the last sale
		return new(big.Rat)
	}
	charged, spared := o.groups(t)
	switch t.Type {
	case waterfall.TierPref:
		if o.apart[t.Pref] != nil {
			return o.payApart(ev, i, t, cash, charged, spared)
		}
		return o.beside(ev, i, t, cash, charged, spared, func(a *oracleAccount) *big.Rat { return add(a.c, a.a) }, o.reducePref, true)
	case waterfall.TierReturnOfCapital:
		if t.Lots != "" {
			return o.payLots(ev, i, t, cash, charged)
		}
		return o.beside(ev, i, t, cash, charged, spared, func(a *oracleAccount) *big.Rat { return a.unreturned },
			o.reduceCapital, false)
	case waterfall.TierFee:
		x := rounded(mul(ratOf(t.Rate), add(cash, o.aside))) // what is left counts, whoever has it
		switch {
		case t.Amount != nil:
			x = new(big.Rat).SetInt64(t.Amount.Cents())
		case t.Base == waterfall.FeeOnDistribution:
			x = rounded(mul(ratOf(t.Rate), all))
		case t.Base == waterfall.FeeOnContributed:
			k, _ := o.capital(charged)
			x = rounded(mul(ratOf(t.Rate), k))
		}
		owed := t.Name + "/" + t.Payee
		if t.Unpaid == waterfall.UnpaidCarried {
			if o.fees[owed] != nil {
				x = add(x, o.fees[owed])
			}
			o.fees[owed] = sub(x, lesser(cash, x))
		}
		x = lesser(cash, x)
		o.hand(i, t.Payee, x)
		return x
	case waterfall.TierHoldback:
		x := rounded(mul(ratOf(t.Rate), cash))
		if t.Amount != nil {
			x = larger(new(big.Rat), sub(new(big.Rat).SetInt64(t.Amount.Cents()), o.now(o.reserve, t.Reserve)))
		}
		if out := releasesOf(ev)[t.Reserve]; out != nil && out.Sign() > 0 {
			x = new(big.Rat)
		}
		x = lesser(cash, x)
		o.reserve[t.Reserve] = add(o.now(o.reserve, t.Reserve), x)
		if x.Sign() > 0 {
			held, err := money.FromCents(x.Num().Int64())
			if err != nil {
				panic(err)
			}
			o.held = append(o.held, waterfall.Holding{Tier: t.Name, Amount: held})
		}
		return x
	}
	return o.promoteTier(ev, i, t, cash, charged, spared)
}

// beside pays what accounts are due, with promote its part beside those who bear it.
func (o *oracle) beside(ev *waterfall.Event, i int, t *waterfall.Tier, cash *big.Rat, charged, spared []string,
	due func(*oracleAccount) *big.Rat, reduce func(*oracleAccount, *big.Rat), profit bool) *big.Rat {
	dues := func(ids []string) (*big.Rat, map[string]*big.Rat) {
		sum, by := new(big.Rat), map[string]*big.Rat{}
		for _, id := range ids {
			by[id] = larger(new(big.Rat), due(o.acc[id]))
			sum.Add(sum, by[id])
		}
		return rounded(sum), by
	}
	p := ratOf(t.Promote)
	n, by := dues(charged)
	ns, spareBy := dues(spared)
	inv, gp, xs := n, rounded(quo(mul(n, p), sub(one, p))), ns
	if gross := add(n, gp); cash.Cmp(add(gross, ns)) < 0 {
		two := hamilton(cash, []string{"a", "b"}, map[string]*big.Rat{"a": gross, "b": ns})
		inv = lesser(n, rounded(mul(sub(one, p), two["a"])))
		gp, xs = sub(two["a"], inv), two["b"]
	}
	o.pay(ev, i, charged, by, inv, reduce, profit)
	o.pay(ev, i, spared, spareBy, xs, reduce, profit)
	o.payPromote(ev, i, t, gp)
	return add(add(inv, gp), xs)
}

// points are what accounts share by after dilutions: contributed capital with the points
// that moved. Dilutions that left nobody among all anything do not count.
func (o *oracle) points(all, ids []string) (*big.Rat, map[string]*big.Rat) {
	diluted := func(ids []string) (*big.Rat, map[string]*big.Rat) {
		sum, by := new(big.Rat), map[string]*big.Rat{}
		for _, id := range ids {
			by[id] = larger(new(big.Rat), add(o.acc[id].contributed, o.now(o.diluted, id)))
			sum.Add(sum, by[id])
		}
		return sum, by
	}
	if left, _ := diluted(all); left.Sign() == 0 {
		return o.capital(ids)
	}
	return diluted(ids)
}

// entryOf are the accounts that share what percentages give a name: those of a class,
// but for members' loans, or the account.
func (o *oracle) entryOf(name string) (out []string) {
	if !o.isClass(name) {
		return []string{name}
	}
	for _, id := range o.ids {
		if a := o.acc[id]; a.Class == name && a.Kind != waterfall.KindLoan {
			out = append(out, id)
		}
	}
	return out
}

// isClass reports whether some account has a class.
func (o *oracle) isClass(name string) bool {
	for _, a := range o.acc {
		if a.Class == name {
			return true
		}
	}
	return false
}

// percent is what of a tier's percentages falls to accounts, by entry.
func (o *oracle) percent(t *waterfall.Tier, ids []string) (*big.Rat, map[string]*big.Rat) {
	sum, by := new(big.Rat), map[string]*big.Rat{}
	for name, text := range t.Percentages {
		part, _ := new(big.Rat).SetString(text)
		who := o.entryOf(name)
		in := slices.DeleteFunc(slices.Clone(who), func(id string) bool { return !slices.Contains(ids, id) })
		all, _ := o.points(who, who)
		some, _ := o.points(who, in)
		if !o.isClass(name) { // a stated percentage of one account is its own, whatever its capital
			all, some = one, new(big.Rat).SetInt64(int64(len(in)))
		}
		by[name] = new(big.Rat)
		if all.Sign() > 0 {
			by[name] = quo(mul(part, some), all)
		}
		sum.Add(sum, by[name])
	}
	return sum, by
}

// payPercent shares x by percentages, within a class by contributed capital.
func (o *oracle) payPercent(ev *waterfall.Event, i int, t *waterfall.Tier, ids []string, x *big.Rat) {
	_, by := o.percent(t, ids)
	names := []string{}
	for name := range by {
		names = append(names, name)
	}
	slices.Sort(names)
	for name, part := range hamilton(x, names, by) {
		who := o.entryOf(name)
		_, weight := o.points(who, who)
		if !o.isClass(name) {
			weight[name] = one
		}
		some := slices.DeleteFunc(who, func(id string) bool { return !slices.Contains(ids, id) })
		o.pay(ev, i, some, weight, part, nil, true)
	}
}

// promoteTier runs a catch-up, hurdle or split.
func (o *oracle) promoteTier(ev *waterfall.Event, i int, t *waterfall.Tier, cash *big.Rat, charged, spared []string) *big.Rat {
	kc, weights := o.basis(ev, t, charged)
	ks, spareWeights := o.basis(ev, t, spared)
	if t.Percentages != nil {
		kc, _ = o.percent(t, charged)
		ks, _ = o.percent(t, spared)
	}
	p := ratOf(t.Promote)
	inv, gp := new(big.Rat), new(big.Rat)
	var gross, ownSpared *big.Rat
	switch t.Type {
	case waterfall.TierSplit:
		gross = nil
	case waterfall.TierCatchUp:
		g, x := ratOf(t.GPShare), ratOf(t.Target)
		profit := new(big.Rat).Set(o.promote)
		for id, v := range o.profit {
			a := o.acc[id]
			base := t.PromoteBase
			if base == "" {
				base = o.t.PromoteBase
			}
			if !a.PromoteWaived && a.Kind != waterfall.KindLoan && (!a.Sponsor || base != waterfall.PromoteOnOutside) {
				profit.Add(profit, v)
			}
		}
		gross = larger(new(big.Rat), rounded(quo(sub(mul(x, profit), o.promote), sub(g, x))))
		if len(spared) > 0 && kc.Sign() == 0 { // everything is for those who are spared
			gross = new(big.Rat)
		}
	case waterfall.TierHurdle:
		inv, weights = o.hurdleNeed(ev, t, charged, weights)
		if t.By != waterfall.ByInvestor && t.Percentages == nil && len(spared) > 0 && kc.Sign() == 0 {
			inv = new(big.Rat)
		}
		if t.By == waterfall.ByInvestor {
			ownSpared, spareWeights = o.hurdleNeed(ev, t, spared, nil)
		}
		gp = rounded(quo(mul(inv, p), sub(one, p)))
		gross = add(inv, gp)
	}
	xc, xs := gross, new(big.Rat)
	if gross != nil && kc.Sign() > 0 {
		xs = rounded(quo(mul(gross, ks), kc))
	}
	if ownSpared != nil { // by investor: own needs instead of capital
		xs, kc, ks = ownSpared, gross, ownSpared
	}
	if gross == nil || cash.Cmp(add(gross, xs)) < 0 {
		xc, xs = cash, new(big.Rat)
		if ks.Sign() > 0 {
			two := hamilton(cash, []string{"a", "b"}, map[string]*big.Rat{"a": kc, "b": ks})
			xc, xs = two["a"], two["b"]
		}
		if gross != nil && xc.Cmp(gross) > 0 {
			xc, xs = gross, sub(cash, gross)
		}
		if t.Type == waterfall.TierHurdle {
			inv = lesser(inv, rounded(mul(sub(one, p), xc)))
		}
	}
	switch t.Type {
	case waterfall.TierSplit:
		inv = rounded(mul(sub(one, p), xc))
	case waterfall.TierCatchUp:
		inv = sub(xc, rounded(mul(ratOf(t.GPShare), xc)))
	}
	gp = sub(xc, inv)
	if t.Percentages != nil {
		o.payPercent(ev, i, t, charged, inv)
		o.payPercent(ev, i, t, spared, xs)
	} else {
		o.pay(ev, i, charged, weights, inv, nil, true)
		o.pay(ev, i, spared, spareWeights, xs, nil, true)
	}
	o.payPromote(ev, i, t, gp)
	return add(xc, xs)
}

func (o *oracle) payPromote(ev *waterfall.Event, i int, t *waterfall.Tier, x *big.Rat) {
	split := t.PromoteSplit
	if len(split) == 0 {
		split = o.t.PromoteSplit
	}
	ids, weight := []string{}, map[string]*big.Rat{}
	for _, s := range split {
		ids, weight[s.Recipient] = append(ids, s.Recipient), rat(s.Share)
	}
	if len(ids) == 0 {
		for _, id := range o.ids {
			if id == o.t.PromoteRecipient || (o.t.PromoteRecipient == "" && o.acc[id].Class == "promote") {
				ids, weight[id] = append(ids, id), one
			}
		}
	}
	o.pay(ev, i, ids, o.kept(ev, split, weight), x, nil, false)
}

// kept is what recipients have of their shares of promote, by vesting and after
// dilutions. What they lack goes to those who have all of theirs, in proportion to their
// shares. Nobody who is alone, and nobody among people who have nothing, lacks anything.
func (o *oracle) kept(ev *waterfall.Event, split []waterfall.Share, weight map[string]*big.Rat) map[string]*big.Rat {
	if len(weight) < 2 {
		return weight
	}
	out, lost, whole, sum := map[string]*big.Rat{}, new(big.Rat), new(big.Rat), new(big.Rat)
	full := map[string]bool{}
	for id, share := range weight {
		part := one
		for _, s := range split {
			if s.Recipient == id && len(s.Vesting) > 0 {
				part = new(big.Rat)
				for _, v := range s.Vesting {
					if !v.From.After(ev.Date) {
						part = rat(v.Part)
					}
				}
			}
		}
		if cut := o.cuts[id]; cut != nil {
			part = mul(part, cut)
		}
		out[id] = mul(share, part)
		sum.Add(sum, out[id])
		if full[id] = part.Cmp(one) == 0; full[id] {
			whole.Add(whole, share)
		}
		lost.Add(lost, sub(share, out[id]))
	}
	if sum.Sign() == 0 {
		return weight
	}
	for id, share := range weight {
		if full[id] {
			out[id] = add(out[id], quo(mul(lost, share), whole))
		}
	}
	return out
}

// hurdleNeed returns the investors' need and what it is shared by.
func (o *oracle) hurdleNeed(ev *waterfall.Event, t *waterfall.Tier, charged []string, capital map[string]*big.Rat) (*big.Rat, map[string]*big.Rat) {
	switch t.By {
	case waterfall.ByInvestor:
		sum, by := new(big.Rat), map[string]*big.Rat{}
		for _, id := range charged {
			by[id] = larger(new(big.Rat), o.lack(ev, t, id))
			sum.Add(sum, by[id])
		}
		return rounded(sum), by
	case waterfall.ByEach:
		most, all := new(big.Rat), new(big.Rat)
		for _, id := range charged {
			all.Add(all, capital[id])
		}
		for _, id := range o.ids {
			_, shares := o.basis(ev, t, []string{id})
			k := shares[id]
			if len(t.Of) == 0 && !slices.Contains(charged, id) || len(t.Of) > 0 && !o.testedBy(t)(id) || k.Sign() == 0 {
				continue
			}
			share := quo(k, larger(all, big.NewRat(1, 1000000)))
			if t.Percentages != nil {
				mine, _ := o.percent(t, []string{id})
				whole, _ := o.percent(t, charged)
				if mine.Sign() == 0 || whole.Sign() == 0 {
					continue
				}
				share = quo(mine, whole)
			}
			most = larger(most, quo(o.lack(ev, t, id), share))
		}
		return rounded(most), capital
	}
	who := o.testedBy(t)
	rate, multiple := o.lacksTogether(ev.Date, t)
	need := larger(new(big.Rat), o.either(t, rate, multiple))
	if len(t.Of) > 0 {
		paid := new(big.Rat)
		for _, id := range charged {
			paid.Add(paid, capital[id])
		}
		ids := slices.DeleteFunc(slices.Clone(o.ids), func(id string) bool { return !who(id) })
		tested, _ := o.basis(ev, t, ids)
		if t.Percentages != nil {
			paid, _ = o.percent(t, charged)
			tested, _ = o.percent(t, ids)
		}
		if tested.Sign() == 0 {
			return new(big.Rat), capital
		}
		need = quo(mul(need, paid), tested)
	}
	return rounded(need), capital
}

// lack is what one account lacks to a hurdle, on its own flows.
func (o *oracle) lack(ev *waterfall.Event, t *waterfall.Tier, id string) *big.Rat {
	rate, multiple := o.lacks(ev.Date, t, func(x string) bool { return x == id }, true, o.floor(hurdleKey(t)+"/"+id))
	return o.either(t, rate, multiple)
}

func (o *oracle) either(t *waterfall.Tier, rate, multiple *big.Rat) *big.Rat {
	switch {
	case t.Multiple == nil:
		return rate
	case t.IRR == nil && t.Return == nil:
		return multiple
	case t.Test == waterfall.TestEither:
		return lesser(rate, multiple)
	}
	return larger(rate, multiple)
}

// releasesOf are what a distribution takes out of reserves, by name.
func releasesOf(ev *waterfall.Event) map[string]*big.Rat {
	out := map[string]*big.Rat{}
	for _, r := range ev.Releases {
		out[r.Reserve] = new(big.Rat).SetInt64(r.Amount.Cents())
	}
	return out
}
