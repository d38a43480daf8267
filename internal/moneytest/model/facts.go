package model

import (
	"fmt"
	"math/big"
	"strings"
)

// Facts is everything comparable, by a path such as "line/d1/o1/h2/a/pref".
// Amounts are written as "12.30"; what is zero or nothing is left out, so that
// both sides may do as they like about it.
type Facts map[string]string

func (f Facts) money(c Cents, path ...string) {
	if c != 0 {
		f[strings.Join(path, "/")] = Money(c)
	}
}

// exact writes a balance of fractions of a cent to 30 decimals of a cent.
func (f Facts) exact(r *big.Rat, path ...string) {
	if s := r.FloatString(ExactDecimals); strings.Trim(s, "-0.") != "" {
		f[strings.Join(path, "/")] = s
	}
}

// ExactDecimals is how many decimals of a cent are compared of what is not
// whole cents. Compounded balances are kept to 40 digits.
const ExactDecimals = 20

func (f Facts) ratio(r *big.Rat, path ...string) {
	if r != nil {
		f[strings.Join(path, "/")] = r.FloatString(12)
	}
}

// Rate writes a rate of return.
func (f Facts) rate(r *float64, path ...string) {
	if r != nil {
		f[strings.Join(path, "/")] = fmt.Sprintf("%.10f", *r)
	}
}

// Facts is all of the world: balances as of each of the days, and everything
// else as it stands. Portfolios and statements are of each of the days too,
// statements from the start of its year.
func (w *World) Facts(days ...Day) Facts {
	f := Facts{}
	for _, name := range w.order {
		o := w.offerings[name]
		o.commitmentFacts(f)
		o.distributionFacts(f)
		o.allocationFacts(f)
		o.bookFacts(f, days)
		o.cashFacts(f)
		o.exitFacts(f)
		o.eventFacts(f, days)
		for p, h := range o.holdings(forever) {
			f.money(h.contributed, "position", p, "contributed")
			f.exact(h.units, "position", p, "units")
		}
		for _, day := range days {
			o.balanceFacts(f, day)
			o.capitalFacts(f, ymd(day.Year(), 1, 1), day)
			o.reserveFacts(f, day)
			o.paidFacts(f, ymd(day.Year(), 1, 1), day)
		}
	}
	for investor := range w.investors() {
		for _, day := range days {
			w.portfolioFacts(f, investor, day)
			w.statementFacts(f, investor, day)
		}
	}
	w.clawbackFacts(f)
	if len(days) > 0 {
		w.taxFacts(f, days[0].Year())
	}
	return f
}

func (w *World) investors() map[string]bool {
	out := map[string]bool{}
	for _, o := range w.offerings {
		for p := range o.holdings(forever) {
			out[investorOf(holderOf(p))] = true
		}
	}
	return out
}

func (o *offering) commitmentFacts(f Facts) {
	for name, c := range o.commitments {
		f.money(c.received, "commitment", name, "received")
		if !c.cancelled {
			f.money(c.amount-c.received, "commitment", name, "outstanding")
		}
	}
}

func (o *offering) distributionFacts(f Facts) {
	for _, d := range o.dists {
		f["distribution/"+d.name] = d.status
		if d.corrects != "" {
			f["distribution/"+d.name+"/corrects"] = d.corrects
		}
		for name, c := range d.sources {
			f.money(c, "source", d.name, name)
		}
		for payee, l := range d.lines {
			f.money(l.gross, "line", d.name, payee, "gross")
			f.money(l.withheld, "line", d.name, payee, "withheld")
			f.money(l.setOff, "line", d.name, payee, "setoff")
			f.money(l.redirected, "line", d.name, payee, "redirected")
			f.money(l.inKind, "line", d.name, payee, "in_kind")
			for kind, c := range l.kinds() {
				f.money(c, "line", d.name, payee, "tier", kind)
			}
			f.money(l.ofSale(), "line", d.name, payee, "sale")
			if l.state != "" && l.gross != 0 {
				f["line/"+d.name+"/"+payee+"/state"] = l.state
			}
		}
	}
	if owed, err := o.owed(); err == nil {
		for payee := range owed {
			f.money(owed.sum(payee), "owed", o.name, payee)
		}
	}
	o.debtFacts(f)
}

func (o *offering) allocationFacts(f Facts) {
	for _, a := range o.allocations {
		f.money(a.amount, "allocation", a.name)
	}
}

// Settled reports whether what was paid by a day is what is owed by what is on
// record now: where it is not, balances on the day are a matter of reading.
func (w *World) Settled(name string, day Day) bool {
	o := w.offerings[name]
	paid := lots{}
	r := o.replay(forever, nil)
	if r.err != nil {
		return false
	}
	for _, d := range o.dists {
		if !d.live() || d.day > day {
			continue
		}
		paid.more(d.gave())
		paid.less(d.lots(r.splits[d].by))
	}
	return paid.empty()
}

// Open reports whether the conventions leave a fact open in this world, so that
// the two sides need not agree on it.
func (w *World) Open(key string) bool {
	parts := strings.Split(key, "/")
	switch parts[0] {
	case "balance": // balance/o1/h1/a/2021-01-01/unpaid
		return !w.Settled(parts[1], D(parts[4]))
	case "clawback":
		_, _, ok := w.clawback()
		return !ok
	case "loan": // loan/o1/l3/2021-01-01/principal
		return !w.Settled(parts[1], D(parts[3]))
	}
	return false
}

func (o *offering) balanceFacts(f Facts, day Day) {
	if !o.w.Settled(o.name, day) {
		return
	}
	at := day.String()
	r := o.replay(day, nil)
	if r.err != nil {
		return
	}
	for p, a := range r.state.accounts {
		if !isPosition(p) {
			continue
		}
		f.money(a.contributed, "balance", p, at, "contributed")
		f.money(a.unreturned, "balance", p, at, "unreturned")
		if len(o.versions) == 0 {
			f.money(o.paidTo(p, day), "balance", p, at, "distributed")
		} else {
			f.money(a.received, "balance", p, at, "distributed")
			f.exact(a.capitalized, "balance", p, at, "capitalized")
			f.exact(a.accrued, "balance", p, at, "accrued")
			f.money(max(0, round(a.due())), "balance", p, at, "unpaid")
		}
	}
}

// paidTo is what a position was paid by a day, which is what its balance says
// where there are no terms.
func (o *offering) paidTo(position string, day Day) (sum Cents) {
	for _, d := range o.dists {
		if l := d.lines[position]; l != nil {
			for _, m := range l.moved {
				sum += pick(m.day <= day, m.amount, 0)
			}
		}
	}
	return sum
}

// capitalFacts is each capital account over a period, both days included.
func (o *offering) capitalFacts(f Facts, from, to Day) {
	period := from.String() + ".." + to.String()
	sums := map[string]map[string]Cents{}
	for _, e := range o.account() {
		if e.day > to {
			continue
		}
		what := e.kind
		if e.character != "" || e.kind == "distribution" || e.kind == "reversal" {
			what += "/" + pick(e.character == "", "unclassified", e.character)
		}
		if e.day < from {
			what = "opening"
		}
		for _, into := range []string{what, "closing"} {
			if sums[e.position] == nil {
				sums[e.position] = map[string]Cents{}
			}
			sums[e.position][into] += e.amount
		}
	}
	for p, kinds := range sums {
		for kind, c := range kinds {
			f.money(c, "capital", p, period, kind)
		}
	}
}

// statementFacts is an investor's capital over the year up to a day.
func (w *World) statementFacts(f Facts, investor string, day Day) {
	from := ymd(day.Year(), 1, 1)
	sums := map[string]Cents{}
	for _, name := range w.order {
		for _, e := range w.offerings[name].account() {
			if investorOf(holderOf(e.position)) != investor || e.day > day {
				continue
			}
			sums["closing"] += e.amount
			sums[pick(e.day < from, "opening", e.kind)] += e.amount
		}
	}
	for _, kind := range []string{"opening", "closing", "income", "fees"} {
		f.money(sums[kind], "statement", investor, from.String()+".."+day.String(), kind)
	}
}

func (o *offering) exitFacts(f Facts) {
	if o.exit == nil {
		return
	}
	total := Cents(0)
	for p, c := range o.exit.gains {
		f.money(c, "gain", p)
		total += c
	}
	f.money(total, "exit", o.name, "gains")
	contributed, distributed, proceeds := Cents(0), Cents(0), Cents(0)
	for _, h := range o.holdings(forever) {
		contributed += h.contributed
	}
	for _, d := range o.dists { // in cash, which one that is declared after the exit has not yet
		for p, l := range d.lines {
			for _, m := range l.moved {
				distributed += pick(isPosition(p), m.amount, 0)
				proceeds += pick(isPosition(p), pick(m.back, -l.ofSale(), l.ofSale()), 0)
			}
		}
	}
	f.money(contributed, "exit", o.name, "contributed")
	f.money(distributed, "exit", o.name, "distributed")
	f.money(proceeds, "exit", o.name, "proceeds")
	f.money(distributed-contributed, "exit", o.name, "returns")
}

func (w *World) portfolioFacts(f Facts, investor string, day Day) {
	p, at := w.performance(investor, day), day.String()
	f.money(p.invested, "portfolio", investor, at, "invested")
	f.money(p.distributed, "portfolio", investor, at, "distributed")
	f.money(p.value, "portfolio", investor, at, "value")
	f.ratio(p.multiple(), "portfolio", investor, at, "multiple")
	f.rate(p.irr(), "portfolio", investor, at, "irr")
}

// taxFacts is what was paid and withheld in a calendar year, by holder and tax
// character.
func (w *World) taxFacts(f Facts, year int) {
	gross, withheld := map[string]Cents{}, map[string]Cents{}
	for _, name := range w.order {
		for _, d := range w.offerings[name].dists {
			for payee, l := range d.lines {
				holder := payee
				if isPosition(payee) {
					holder = holderOf(payee)
				}
				for _, m := range l.moved {
					if m.day.Year() != year {
						continue
					}
					sign := pick(m.back, Cents(-1), 1)
					for kind, c := range l.kinds() {
						gross[holder+"/"+d.characterOf(kind)] += sign * c
					}
					withheld[holder+"/"+d.character] += m.tax
				}
			}
		}
	}
	for key, c := range gross {
		f.money(c, "tax", fmt.Sprint(year), key, "gross")
	}
	for key, c := range withheld {
		f.money(c, "tax", fmt.Sprint(year), key, "withheld")
	}
}
