package model

import (
	"math"
	"math/big"
	"sort"
	"strings"
)

// investorOf is the person behind a holder: "h3" and "h3.llc" are one.
func investorOf(holder string) string { return strings.SplitN(holder, ".", 2)[0] }

func holderOf(position string) string {
	parts := strings.Split(position, "/")
	return parts[len(parts)-2]
}

// dated is a flow of an investor: what went in is below zero.
type dated struct {
	day    Day
	amount Cents
}

// performance is what an investor's portfolio says on a day.
type performance struct {
	invested, distributed, value Cents
	flows                        []dated
	in, out                      Cents // both sides of the multiple
}

func (w *World) performance(investor string, asOf Day) *performance {
	p := &performance{}
	flow := func(day Day, c Cents) {
		if day <= asOf && c != 0 {
			p.flows = append(p.flows, dated{day, c})
		}
	}
	for _, name := range w.order {
		o := w.offerings[name]
		mine := func(position string) bool { return investorOf(holderOf(position)) == investor }
		for _, r := range o.receipts {
			if c := r.commitment; investorOf(c.holder) == investor {
				flow(r.day, -r.amount)
				p.in += pick(r.day <= asOf, r.amount, 0)
			}
		}
		for _, f := range o.refunds {
			if c := f.commitment; investorOf(c.holder) == investor {
				flow(f.day, f.amount)
				p.in -= pick(f.day <= asOf, f.amount, 0)
			}
		}
		p.paid(o, mine, asOf, flow)
		p.recoveries(o, mine, asOf, flow)
		p.transfers(o, mine, asOf, flow)
		p.holdings(o, mine, asOf)
	}
	if p.value > 0 {
		p.flows = append(p.flows, dated{asOf, p.value})
	}
	return p
}

// paid adds distributions on the days that the cash moved, back and forth.
func (p *performance) paid(o *offering, mine func(string) bool, asOf Day, flow func(Day, Cents)) {
	for _, d := range o.dists {
		for payee, l := range d.lines {
			if !isPosition(payee) || !mine(payee) {
				continue
			}
			for _, m := range l.moved {
				day, amount := m.day, m.amount
				if o.w.Broken == "set-off: no cash flow" {
					amount -= pick(m.back, -l.setOff, l.setOff)
				}
				if o.w.Broken == "flows: on the day the cash moved" {
					day = d.day
				}
				flow(day, amount)
				if day <= asOf {
					p.distributed += m.amount
					p.out += amount
				}
			}
		}
	}
}

// recoveries adds nothing: the reversal has.
func (p *performance) recoveries(o *offering, mine func(string) bool, asOf Day, flow func(Day, Cents)) {
	for _, x := range o.settled {
		if o.w.Broken == "recovery: changes no return" && x.kind == "recovery" && isPosition(x.debt.payee) && mine(x.debt.payee) {
			flow(x.day, -x.amount)
			p.out -= pick(x.day <= asOf, x.amount, 0)
		}
	}
}

// transfers adds what each moved: its price where it states one, else the
// unreturned capital. Between two accounts of one investor nothing flows.
func (p *performance) transfers(o *offering, mine func(string) bool, asOf Day, flow func(Day, Cents)) {
	_, moved := o.capital()
	for _, t := range o.transfers {
		if mine(t.from) == mine(t.to) {
			continue
		}
		legs := moved[t]
		switch {
		case t.price != nil && o.w.Broken != "flows: a transfer runs at its price":
			legs = []entry{{day: t.day, amount: *t.price}}
		case o.w.Broken == "flows: a transfer runs at unreturned capital":
			legs = nil
			if h := o.holdings(t.day - 1)[t.from]; h != nil {
				legs = []entry{{day: t.day, amount: round(mul(t.fraction, rat(h.contributed)))}}
			}
		}
		sum := Cents(0) // by what is on record by the day, on the transfer's own day
		for _, leg := range legs {
			sum += pick(leg.day <= asOf, leg.amount, 0)
		}
		if mine(t.to) {
			flow(t.day, -sum)
			p.in += sum
			continue
		}
		flow(t.day, sum)
		p.out += sum
	}
}

func (p *performance) holdings(o *offering, mine func(string) bool, asOf Day) {
	for position, h := range o.holdings(forever) { // as it stands, whatever the day
		if mine(position) {
			p.invested += h.contributed
		}
	}
	if o.exit != nil && o.exit.day <= asOf {
		return
	}
	value := map[string]Cents{}
	all, _ := o.capital()
	for _, e := range all {
		value[e.position] += pick(e.day <= asOf, e.amount, 0)
	}
	for position, c := range o.unrealized(asOf) {
		value[position] += c
	}
	for _, d := range o.dists {
		for position, l := range d.lines {
			if o.w.Broken == "label: never moves value" && isPosition(position) && d.booked() && d.live() && d.day <= asOf && d.character == "return_of_capital" {
				value[position] -= l.gross - l.kinds()["return_of_capital"]
			}
		}
	}
	for position, c := range value {
		if mine(position) {
			p.value += max(0, c)
		}
	}
}

// multiple is what came out and is left over what went in; nil where nothing
// went in.
func (p *performance) multiple() *big.Rat {
	if p.in == 0 {
		return nil
	}
	return frac(p.out+p.value, p.in)
}

// irr is the root of the flows nearest a tenth, nil where there is none.
func (p *performance) irr() *float64 {
	net := map[Day]Cents{}
	for _, f := range p.flows {
		net[f.day] += f.amount
	}
	var flows []dated
	plus, minus := false, false
	for d, c := range net {
		if c != 0 {
			flows = append(flows, dated{d, c})
			plus, minus = plus || c > 0, minus || c < 0
		}
	}
	if !plus || !minus {
		return nil
	}
	sort.Slice(flows, func(i, j int) bool { return flows[i].day < flows[j].day })
	var told []float64
	for _, r := range rates(flows) { // one that ten decimals cannot tell from a total loss says nothing
		if r+1 >= 0.5e-10 && r < 1e8 {
			told = append(told, r)
		}
	}
	return nearest(told)
}

// rates are the roots of the net present value, sought on a fine grid of the
// whole growth factor from e^-55 to e^55 and of the rate from -1 to 1e7.
func rates(flows []dated) (out []float64) {
	years := float64(flows[len(flows)-1].day-flows[0].day) / 365
	value := func(u float64) float64 { // u is ln(1+r)
		v, scale := 0.0, 0.0
		for _, f := range flows {
			scale = math.Max(scale, -u*float64(f.day-flows[0].day)/365)
		}
		for _, f := range flows {
			v += float64(f.amount) * math.Exp(-u*float64(f.day-flows[0].day)/365-scale)
		}
		return v
	}
	reach := math.Max(17, 55/years)
	// Where the sign changes once, so does the value: there is one root at most.
	steps, changes := 1_200, 0
	for i := range flows[1:] {
		if (flows[i].amount > 0) != (flows[i+1].amount > 0) {
			changes++
		}
	}
	if changes == 1 {
		steps = 1
	}
	last, lastV := -reach, value(-reach)
	for i := 1; i <= steps; i++ {
		// Denser around zero, where rates of people lie.
		x := 2*float64(i)/float64(steps) - 1
		u := reach * x * x * x
		v := value(u)
		if v == 0 || (v > 0) != (lastV > 0) {
			lo, hi := last, u
			for range 100 {
				mid := (lo + hi) / 2
				if (value(mid) > 0) == (lastV > 0) {
					lo = mid
				} else {
					hi = mid
				}
			}
			out = append(out, math.Expm1((lo+hi)/2))
		}
		last, lastV = u, v
	}
	return out
}

func nearest(rates []float64) *float64 {
	var best *float64
	for _, r := range rates {
		if best == nil || math.Abs(r-0.1) <= math.Abs(*best-0.1) {
			best = &r
		}
	}
	return best
}
