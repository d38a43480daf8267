package waterfall_test

import (
	"fmt"
	"math/big"
	"slices"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

// deal is a random deal: terms, partners and a history.
type deal struct {
	Terms    *waterfall.Terms
	Partners []waterfall.Partner
	Events   []waterfall.Event
	last     bool // the last sale is still to come
}

func pick[T any](t *rapid.T, label string, from ...T) T {
	return rapid.SampledFrom(from).Draw(t, label)
}

// fraction draws a rate of percents or, sometimes, of basis points.
func fraction(t *rapid.T, label string, lo, hi int) *decimal.Decimal {
	d := decimal.New(int64(rapid.IntRange(lo, hi).Draw(t, label)), -2)
	if rapid.IntRange(0, 3).Draw(t, label+"?") == 0 {
		d = decimal.New(int64(rapid.IntRange(lo*100, hi*100).Draw(t, label+"bp")), -4)
	}
	return &d
}

func cash(t *rapid.T, label string, hi int64) money.Amount {
	a, _ := money.FromCents(rapid.Int64Range(1, hi).Draw(t, label))
	return a
}

// anyDeal draws a deal of up to three classes and six investors, with every
// feature of the terms.
func anyDeal(t *rapid.T) *deal {
	d := &deal{Terms: &waterfall.Terms{Prefs: map[string]waterfall.Pref{}}}
	d.Terms.DayCount = pick(t, "day count", date.Act365F, date.Act360, date.Thirty360US, date.Thirty360E, date.ActActISDA)
	d.Terms.PromoteBase = pick(t, "base", "", waterfall.PromoteOnAll, waterfall.PromoteOnOutside)
	classes := []string{"a", "b", "c"}[:rapid.IntRange(1, 3).Draw(t, "classes")]
	for _, c := range classes {
		kinds := []waterfall.Compounding{"", waterfall.CompoundNone, waterfall.CompoundAnnual, waterfall.CompoundQuarterly, waterfall.CompoundMonthly}
		if d.Terms.DayCount == date.Act365F || d.Terms.DayCount == date.Act360 {
			kinds = append(kinds, waterfall.CompoundDaily)
		}
		d.Terms.Prefs[c] = anyPref(t, kinds, d.Terms.DayCount)
	}
	if rapid.IntRange(0, 2).Draw(t, "second preference?") == 0 {
		p := anyPref(t, []waterfall.Compounding{"", waterfall.CompoundQuarterly}, "")
		p.Class = pick(t, "whose", classes...)
		d.Terms.Prefs["second"] = p
	}
	if rapid.IntRange(0, 2).Draw(t, "on others?") == 0 {
		p := anyPref(t, []waterfall.Compounding{"", waterfall.CompoundAnnual}, "")
		p.Class, p.On = pick(t, "earns", append([]string{"promote"}, classes[1:]...)...), classes[0]
		d.Terms.Prefs["on others"] = p
	}
	d.Partners = []waterfall.Partner{{ID: "gp", Class: "promote"}, {ID: "manager", Class: "fee"}}
	if rapid.Bool().Draw(t, "two gps") {
		d.Partners = append(d.Partners, waterfall.Partner{ID: "co-gp", Class: "promote"})
		s := *fraction(t, "share", 1, 99)
		d.Terms.PromoteSplit = []waterfall.Share{{Recipient: "gp", Share: s}, {Recipient: "co-gp", Share: decimal.NewFromInt(1).Sub(s), Vesting: anyVesting(t)}}
	}
	for i := range rapid.IntRange(len(classes), 6).Draw(t, "investors") {
		p := waterfall.Partner{ID: fmt.Sprintf("i%d", i), Class: classes[i%len(classes)]}
		switch rapid.IntRange(0, 5).Draw(t, "special") {
		case 0:
			p.Sponsor = true
		case 1:
			p.PromoteWaived = true
		case 2:
			p.PrefRate = fraction(t, "own rate", 0, 15)
		case 3:
			if i >= len(classes) { // a loan beside the investors of its class
				p.Kind = waterfall.KindLoan
			}
		}
		d.Partners = append(d.Partners, p)
	}
	d.Terms.Tiers.Capital = d.anyTiers(t, classes, "capital")
	if rapid.Bool().Draw(t, "two lists") {
		d.Terms.Tiers.Operating = d.anyTiers(t, classes, "operating")
	}
	for _, list := range [][]waterfall.Tier{d.Terms.Tiers.Capital, d.Terms.Tiers.Operating} {
		for i := range list {
			if list[i].Lots != "" { // lots earn on what is unreturned
				for _, c := range classes {
					p := d.Terms.Prefs[c]
					p.Base = ""
					d.Terms.Prefs[c] = p
				}
			}
			name := pick(t, "named", "", "second", "on others")
			if _, ok := d.Terms.Prefs[name]; ok && list[i].Type == waterfall.TierPref {
				list[i].Pref, list[i].To, list[i].Order = name, nil, ""
			}
		}
	}
	if rapid.IntRange(0, 4).Draw(t, "by partner?") == 0 {
		d.byPartner()
	}
	d.events(t)
	return d
}

// byPartner makes the tiers run by partner, without what looks at several accounts.
func (d *deal) byPartner() {
	d.Terms.Run = waterfall.RunPartner
	for _, list := range []*[]waterfall.Tier{&d.Terms.Tiers.Capital, &d.Terms.Tiers.Operating} {
		var common, rest []waterfall.Tier
		for _, t := range *list {
			if t.Order == waterfall.Sequential {
				t.Order = ""
			}
			if t.By == waterfall.ByEach {
				t.By = ""
			}
			t.Of, t.Percentages, t.Share, t.Lots, t.WithPref = nil, nil, "", "", false
			if d.Terms.Prefs[t.Pref].On != "" {
				t.Pref = ""
			}
			if t.Type == waterfall.TierFee || t.Type == waterfall.TierHoldback {
				common = append(common, t)
			} else {
				rest = append(rest, t)
			}
		}
		*list = append(common, rest...)
	}
}

// anyPref draws a preferred return, seldom a plain one.
func anyPref(t *rapid.T, kinds []waterfall.Compounding, dc date.DayCount) waterfall.Pref {
	p := waterfall.Pref{Rate: *fraction(t, "pref", 0, 15), Compounding: pick(t, "compounding", kinds...)}
	if rapid.Bool().Draw(t, "plain") {
		return p
	}
	p.Base = pick(t, "pref base", "", waterfall.BaseUnreturned, waterfall.BaseContributed, waterfall.BaseInitial)
	p.Boundaries = pick(t, "boundaries", "", waterfall.BoundariesCalendar, waterfall.BoundariesAnniversary)
	switch rapid.IntRange(0, 3).Draw(t, "from?") {
	case 0:
		p.From = &waterfall.Start{Date: date.Must(2016, 3, 31).AddDays(rapid.IntRange(0, 900).Draw(t, "from"))}
	case 1:
		p.From = &waterfall.Start{Days: rapid.IntRange(0, 400).Draw(t, "days")}
	}
	switch rapid.IntRange(0, 3).Draw(t, "rates?") {
	case 0:
		p.Rates = []waterfall.RateStep{{From: date.Must(2017, 6, 1), Rate: *fraction(t, "next", 0, 20)}, {From: date.Must(2018, 2, 15), Rate: *fraction(t, "last", 0, 20)}}
	case 1:
		p.Index = &waterfall.Index{Name: "SOFR", Spread: *fraction(t, "spread", 0, 5)}
		if rapid.Bool().Draw(t, "capped") {
			p.Index.Floor, p.Index.Cap = fraction(t, "floor", 0, 5), fraction(t, "cap", 5, 8)
		}
	}
	if rapid.Bool().Draw(t, "default rate") {
		p.DefaultRate = fraction(t, "default", 10, 20)
	}
	if p.Compounding == "" || p.Compounding == waterfall.CompoundNone {
		p.Lapse = pick(t, "lapse", "", "", waterfall.CompoundMonthly, waterfall.CompoundQuarterly, waterfall.CompoundAnnual)
	}
	if p.Compounding != waterfall.CompoundDaily {
		p.DayCount = pick(t, "own count", "", "", date.Act360, date.Thirty360US, date.Thirty360E, date.ActActISDA)
	}
	return p
}

// anyVesting draws, seldom, when a share of promote vests.
func anyVesting(t *rapid.T) []waterfall.Vesting {
	if rapid.IntRange(0, 2).Draw(t, "vests?") > 0 {
		return nil
	}
	first := date.Must(2016, 1, 1).AddDays(rapid.IntRange(0, 900).Draw(t, "vests"))
	return []waterfall.Vesting{{From: first, Part: *fraction(t, "part", 0, 100)},
		{From: first.AddDays(rapid.IntRange(1, 900).Draw(t, "vests later")), Part: *fraction(t, "later part", 0, 100)}}
}

// names draws for classes their own names or, seldom, that of one of their accounts.
func (d *deal) names(t *rapid.T, classes []string) []string {
	out := append([]string(nil), classes...)
	for i, c := range classes {
		if rapid.IntRange(0, 3).Draw(t, "an account?") > 0 {
			continue
		}
		for _, p := range d.Partners {
			if p.Class == c && p.Kind == "" {
				out[i] = p.ID
			}
		}
	}
	return out
}

func (d *deal) anyTiers(t *rapid.T, classes []string, label string) []waterfall.Tier {
	var out []waterfall.Tier
	for i := range rapid.IntRange(1, 6).Draw(t, label) {
		x := waterfall.Tier{Name: fmt.Sprintf("%s %d", label, i)}
		x.Type = pick(t, "type", waterfall.TierPref, waterfall.TierReturnOfCapital, waterfall.TierCatchUp, waterfall.TierHurdle,
			waterfall.TierHurdle, waterfall.TierSplit, waterfall.TierFee, waterfall.TierHoldback)
		if x.Type != waterfall.TierHoldback && rapid.IntRange(0, 2).Draw(t, "to?") == 0 {
			n := rapid.IntRange(1, len(classes)).Draw(t, "to")
			x.To = rapid.Permutation(classes).Draw(t, "order")[:n]
			if (x.Type == waterfall.TierPref || x.Type == waterfall.TierReturnOfCapital || x.Type == waterfall.TierHurdle) && rapid.Bool().Draw(t, "sequential") {
				x.Order = waterfall.Sequential
			}
		}
		switch x.Type {
		case waterfall.TierPref, waterfall.TierReturnOfCapital:
			if x.Type == waterfall.TierReturnOfCapital && x.Order == "" && rapid.IntRange(0, 4).Draw(t, "lots?") == 0 {
				x.Lots, x.WithPref = waterfall.LatestFirst, rapid.Bool().Draw(t, "with pref")
			} else if rapid.IntRange(0, 2).Draw(t, "beside?") == 0 {
				x.Promote = fraction(t, "beside", 0, 30)
				x.PromoteBase = pick(t, "beside base", "", waterfall.PromoteOnOutside)
			}
		case waterfall.TierCatchUp:
			x.Target = fraction(t, "target", 5, 30)
			x.GPShare = fraction(t, "gp share", 31, 100)
		case waterfall.TierHurdle:
			d.anyHurdle(t, &x, classes)
		case waterfall.TierSplit:
			x.Promote = fraction(t, "promote", 0, 100)
			x.Share = pick(t, "share", "", "", waterfall.ShareCapital, waterfall.ShareUnits)
		case waterfall.TierFee, waterfall.TierHoldback:
			anyFee(t, &x)
		}
		if (x.Type == waterfall.TierSplit && x.Share == "" || x.Type == waterfall.TierHurdle && (x.By == waterfall.ByEach || x.Of != nil)) &&
			x.Order == "" && rapid.IntRange(0, 2).Draw(t, "percentages?") == 0 {
			x.To, x.Percentages = nil, anyPercentages(t, d.names(t, classes))
		}
		if x.Type == waterfall.TierSplit || x.Type == waterfall.TierHurdle || x.Type == waterfall.TierCatchUp {
			x.LookBack = label == "capital" && rapid.IntRange(0, 5).Draw(t, "look back?") == 0
		}
		if len(d.Terms.PromoteSplit) > 0 && (x.Promote != nil || x.Type == waterfall.TierCatchUp) && rapid.IntRange(0, 3).Draw(t, "own split?") == 0 {
			s := *fraction(t, "own share", 1, 99)
			x.PromoteSplit = []waterfall.Share{{Recipient: "co-gp", Share: s}, {Recipient: "gp", Share: decimal.NewFromInt(1).Sub(s), Vesting: anyVesting(t)}}
		}
		if x.Type == waterfall.TierSplit || x.Type == waterfall.TierHurdle || x.Type == waterfall.TierCatchUp {
			x.PromoteBase = pick(t, "tier base", "", "", waterfall.PromoteOnAll, waterfall.PromoteOnOutside)
		}
		out = append(out, x)
	}
	return out
}

func (d *deal) anyHurdle(t *rapid.T, x *waterfall.Tier, classes []string) {
	which := rapid.IntRange(0, 2).Draw(t, "which")
	if which != 1 {
		x.IRR = fraction(t, "irr", 0, 30)
	}
	if which != 0 {
		m := decimal.New(int64(rapid.IntRange(100, 300).Draw(t, "multiple")), -2)
		x.Multiple = &m
	}
	x.Test = pick(t, "test", "", waterfall.TestBoth, waterfall.TestEither)
	x.By = pick(t, "by", "", waterfall.ByClass, waterfall.ByInvestor, waterfall.ByEach)
	x.Surplus = pick(t, "surplus", "", "", waterfall.SurplusCounts, waterfall.SurplusLapses)
	if x.IRR != nil && rapid.IntRange(0, 2).Draw(t, "return?") == 0 {
		x.Return, x.IRR = x.IRR, nil
		x.Compounding = pick(t, "return compounds", "", waterfall.CompoundNone, waterfall.CompoundAnnual, waterfall.CompoundQuarterly, waterfall.CompoundMonthly, waterfall.CompoundDaily)
		x.DayCount = pick(t, "return counts", "", date.Thirty360US, date.Thirty360E, date.Act360, date.ActActISDA)
		if x.Compounding == waterfall.CompoundDaily {
			x.DayCount = pick(t, "daily counts", date.Act365F, date.Act360)
		}
		if with := rapid.IntRange(0, 2).Draw(t, "capital"); with < 2 {
			x.Capital = new(bool)
			*x.Capital = with == 1
		}
	}
	if x.By != waterfall.ByInvestor && x.Order != waterfall.Sequential && rapid.IntRange(0, 3).Draw(t, "of?") == 0 {
		x.Of = rapid.Permutation(d.names(t, classes)).Draw(t, "of")[:rapid.IntRange(1, len(classes)).Draw(t, "of n")]
		if len(x.Of) > 1 && x.Surplus == waterfall.SurplusLapses { // for classes, or for one account
			x.Surplus = ""
		}
	}
	x.Promote = fraction(t, "promote", 0, 60)
}

// anyPercentages shares among classes in odd parts.
func anyPercentages(t *rapid.T, classes []string) waterfall.Percentages {
	out, sum := waterfall.Percentages{}, int64(0)
	weights := make([]int64, len(classes))
	for i := range classes {
		weights[i] = rapid.Int64Range(1, 30).Draw(t, "percentage")
		sum += weights[i]
	}
	for i, c := range classes {
		out[c] = big.NewRat(weights[i], sum).String()
	}
	return out
}

func anyFee(t *rapid.T, x *waterfall.Tier) {
	if rapid.Bool().Draw(t, "fixed") {
		a := cash(t, "fee", 10_000_00)
		x.Amount = &a
	} else {
		x.Rate = fraction(t, "rate", 0, 10)
	}
	if x.Type == waterfall.TierHoldback {
		x.Reserve = pick(t, "reserve", "", "", "roof", "taxes")
	}
	if x.Type == waterfall.TierFee {
		x.Payee = "manager"
		x.Unpaid = pick(t, "unpaid", "", waterfall.UnpaidLapses, waterfall.UnpaidCarried)
		if x.Rate != nil {
			x.Base = pick(t, "fee base", "", waterfall.FeeOnCash, waterfall.FeeOnDistribution, waterfall.FeeOnContributed)
		}
	}
}

// between draws a loan or a dilution between partners.
func (d *deal) between(t *rapid.T, ev *waterfall.Event, investors []waterfall.Partner) {
	var own []waterfall.Partner
	for _, p := range investors {
		if p.Kind == "" {
			own = append(own, p)
		}
	}
	from, to := pick(t, "lender", own...), pick(t, "debtor", own...)
	if from.ID == to.ID {
		return
	}
	if rapid.Bool().Draw(t, "dilution") {
		for _, e := range d.Events { // somebody is left to get the points
			if e.Type == waterfall.EventDilution && e.Partner != from.ID || e.Type == waterfall.EventTransfer {
				return
			}
		}
		f := decimal.New(int64(rapid.IntRange(100, 300).Draw(t, "factor")), -2)
		ev.Type, ev.Partner, ev.Amount, ev.Factor = waterfall.EventDilution, from.ID, cash(t, "missing", pick(t, "much", int64(1_000_00), 500_000_00)), &f
		if len(d.Terms.PromoteSplit) > 0 && rapid.Bool().Draw(t, "cuts promote") {
			ev.Promote = pick(t, "cut", "gp", "co-gp")
		}
		return
	}
	for _, e := range d.Events {
		if e.Type == waterfall.EventLoan && rapid.Bool().Draw(t, "repay") {
			ev.Type, ev.Name, ev.Amount = waterfall.EventRepayment, e.Name, cash(t, "repaid", 200_000_00)
			return
		}
	}
	ev.Type, ev.From, ev.To, ev.Amount, ev.Rate = waterfall.EventLoan, from.ID, to.ID, cash(t, "lent", 300_000_00), fraction(t, "interest", 0, 15)
	ev.Name = fmt.Sprintf("loan %d", len(d.Events))
	ev.Compounding = pick(t, "loan compounds", "", waterfall.CompoundNone, waterfall.CompoundAnnual, waterfall.CompoundQuarterly, waterfall.CompoundMonthly, waterfall.CompoundDaily)
	ev.DayCount = pick(t, "loan counts", "", date.Act365F, date.Act360, date.Thirty360US, date.Thirty360E, date.ActActISDA)
	if ev.Compounding == waterfall.CompoundDaily {
		ev.DayCount = pick(t, "daily loan counts", "", date.Act365F, date.Act360)
	}
}

// unitsOf draws units for every investor.
func unitsOf(t *rapid.T, partners []waterfall.Partner) (out []waterfall.Units) {
	for _, p := range partners {
		if p.Class != "promote" && p.Class != "fee" {
			out = append(out, waterfall.Units{Account: p.ID, Units: decimal.New(rapid.Int64Range(1, 9_999_999).Draw(t, "units"), -3)})
		}
	}
	return out
}

// reserves draws, where tiers hold something back every other time and else seldom, what
// the reserves of the deal's tiers hold before a distribution, what it releases of them,
// and what its tiers hold back.
func (d *deal) reserves(t *rapid.T, ev *waterfall.Event) {
	seldom := 5
	if slices.ContainsFunc(d.Terms.List(ev.Kind), func(x waterfall.Tier) bool { return x.Type == waterfall.TierHoldback }) {
		seldom = 1
	}
	if rapid.IntRange(0, seldom).Draw(t, "reserves?") > 0 {
		return
	}
	for _, name := range []string{"", "roof", "taxes"} {
		x := cash(t, "in reserve", 20_000_00)
		ev.Reserves = append(ev.Reserves, waterfall.ReserveAmount{Reserve: name, Amount: x})
		switch out, _ := money.FromCents(rapid.Int64Range(0, x.Cents()).Draw(t, "released")); {
		case rapid.Bool().Draw(t, "keep"):
		default:
			ev.Releases = append(ev.Releases, waterfall.ReserveAmount{Reserve: name, Amount: out})
		}
	}
	if rapid.Bool().Draw(t, "held?") {
		ev.Held = []waterfall.Holding{}
		for _, tier := range d.Terms.List(ev.Kind) {
			if tier.Type == waterfall.TierHoldback && rapid.Bool().Draw(t, "held") {
				ev.Held = append(ev.Held, waterfall.Holding{Tier: tier.Name, Amount: cash(t, "held", 5_000_00)})
			}
		}
	}
}

// inKind draws, seldom, what of a distribution is in kind, where no reserve keeps anything:
// beside a credit it may keep all of a small distribution.
func (d *deal) inKind(t *rapid.T, ev *waterfall.Event) {
	if rapid.IntRange(0, 4).Draw(t, "in kind?") > 0 || ev.Held != nil {
		return
	}
	for _, tier := range d.Terms.List(ev.Kind) {
		if tier.Type == waterfall.TierHoldback {
			return
		}
	}
	ev.InKind = cash(t, "in kind", max(1, ev.Amount.Cents()/4))
}

// fixing draws a fixing of the index or a default, on a day.
func (d *deal) fixing(t *rapid.T, day date.Date) waterfall.Event {
	if d.Terms.Prefs["a"].Index == nil || rapid.Bool().Draw(t, "a default") {
		return waterfall.Event{Date: day, Type: waterfall.EventDefault, Name: pick(t, "of", "a", "b", "second", "on others"), Ends: rapid.Bool().Draw(t, "ends")}
	}
	return waterfall.Event{Date: day, Type: waterfall.EventRate, Name: "SOFR", Rate: fraction(t, "fixing", 0, 9)}
}

// events draws contributions of everyone, then a life of distributions, further
// contributions and transfers.
func (d *deal) events(t *rapid.T) {
	start := date.Must(2015, 1, 1).AddDays(rapid.IntRange(0, 800).Draw(t, "start"))
	var investors []waterfall.Partner
	for _, p := range d.Partners {
		if p.Class != "promote" && p.Class != "fee" {
			investors = append(investors, p)
		}
	}
	for _, p := range investors {
		d.Events = append(d.Events, waterfall.Event{Date: start.AddDays(rapid.IntRange(0, 60).Draw(t, "day")),
			Type: waterfall.EventContribution, Partner: p.ID, Amount: cash(t, "capital", 1_000_000_00)})
	}
	day := start.AddDays(60)
	d.last = true
	rank := day // of the last event
	for range rapid.IntRange(1, 8).Draw(t, "events") {
		day = day.AddDays(rapid.IntRange(0, 500).Draw(t, "gap"))
		ev := waterfall.Event{Date: day}
		switch rapid.IntRange(0, 10).Draw(t, "event") {
		case 0:
			ev.Type, ev.Partner, ev.Amount = waterfall.EventContribution, pick(t, "who", investors...).ID, cash(t, "more", 500_000_00)
		case 1:
			from := pick(t, "from", investors...)
			for _, to := range investors {
				if to.ID != from.ID && to.Class == from.Class && to.Sponsor == from.Sponsor && to.Kind == from.Kind && to.PromoteWaived == from.PromoteWaived {
					ev.Type, ev.From, ev.To, ev.Fraction = waterfall.EventTransfer, from.ID, to.ID, *fraction(t, "fraction", 1, 100)
				}
			}
		case 3:
			d.between(t, &ev, investors)
		case 2:
			ev = d.fixing(t, day)
		default:
			ev.Type = waterfall.EventDistribution
			ev.Kind = pick(t, "kind", waterfall.Operating, waterfall.Operating, waterfall.Refinance, waterfall.Sale)
			ev.Amount = cash(t, "cash", pick(t, "size", int64(1_000), 50_000_00, 5_000_000_00))
			ev.Units = unitsOf(t, d.Partners)
			if rapid.IntRange(0, 40).Draw(t, "advance?") == 0 {
				x, _ := money.FromCents(ev.Amount.Cents() / 3)
				if x.Sign() > 0 {
					ev.Advances = []waterfall.Advance{{Account: pick(t, "advanced", d.Partners...).ID, Amount: x}}
				}
			}
			d.reserves(t, &ev)
			d.inKind(t, &ev)
			if d.last && ev.Kind == waterfall.Sale && rapid.Bool().Draw(t, "last") {
				ev.Last, d.last = true, false
			}
			if gap := rapid.IntRange(0, 40).Draw(t, "after the record date"); gap > 20 && !ev.Date.AddDays(-gap).Before(rank) {
				ev.Record = ev.Date.AddDays(-gap)
			}
		}
		if ev.Type != "" {
			d.Events = append(d.Events, ev)
			if r := rankOf(ev); !r.IsZero() {
				rank = r
			}
		}
		if !ev.Record.IsZero() && rapid.IntRange(0, 3).Draw(t, "fixing between") == 0 { // of the days that it accrues over
			d.Events = append(d.Events, d.fixing(t, ev.Date.AddDays(-rapid.IntRange(0, ev.Date.Sub(ev.Record)).Draw(t, "days before"))))
		}
		if !ev.Record.IsZero() && rapid.Bool().Draw(t, "between") {
			rank = rank.AddDays(rapid.IntRange(1, ev.Date.Sub(rank)).Draw(t, "late"))
			d.Events = append(d.Events, waterfall.Event{Date: rank, Type: waterfall.EventContribution,
				Partner: pick(t, "who", investors...).ID, Amount: cash(t, "late capital", 500_000_00)})
		}
	}
}
