package model

import (
	"math"
	"math/big"
	"sort"
	"strings"
)

// movement is one dated fact of an offering: exactly one of the four is set.
type movement struct {
	day      Day
	seq      int
	transfer *transfer
	receipt  *receipt
	event    *partnerEvent
	dist     *dist
}

func (m *movement) rank() int {
	switch {
	case m.transfer != nil:
		return 0
	case m.receipt != nil:
		return 1
	case m.event != nil:
		return 2
	}
	return 3
}

// netted are the receipts less what refunds undid: each refund takes from the
// receipts of its commitment that were there on its day, the latest first.
func (o *offering) netted() []*receipt {
	out := make([]*receipt, len(o.receipts))
	for i, r := range o.receipts {
		c := *r
		out[i] = &c
	}
	latest := append([]*receipt(nil), out...)
	sort.SliceStable(latest, func(i, j int) bool {
		a, b := latest[i], latest[j]
		if a.day != b.day {
			return (a.day > b.day) != (o.w.Broken == "refund: the latest receipt first")
		}
		return a.seq > b.seq
	})
	refunds := append([]*refund(nil), o.refunds...)
	sort.SliceStable(refunds, func(i, j int) bool { return refunds[i].day < refunds[j].day })
	for _, f := range refunds {
		left := f.amount
		for _, r := range latest {
			there := r.day <= f.day || o.w.Broken == "refund: only receipts that were there"
			if r.commitment == f.commitment && there {
				part := min(left, r.amount-r.undone)
				r.undone += part
				left -= part
			}
		}
	}
	if o.w.Broken == "refund: undoes from the receipt's own date" {
		for _, f := range o.refunds {
			out = append(out, &receipt{commitment: f.commitment, day: f.day, amount: -f.amount, seq: f.seq})
		}
		for _, r := range out {
			r.undone = 0
		}
	}
	return out
}

// movements are the dated facts up to a day in the order in which they apply:
// by day, transfers before receipts before distributions. What lies after a
// distribution's record date and not after its date applies after it.
func (o *offering) movements(asOf Day) (out []*movement, undefined error) {
	var facts, dists []*movement
	for _, t := range o.transfers {
		facts = append(facts, &movement{day: t.day, seq: t.seq, transfer: t})
	}
	for _, r := range o.netted() {
		if r.amount != r.undone {
			facts = append(facts, &movement{day: r.day, seq: r.seq, receipt: r})
		}
	}
	for _, e := range o.events {
		if e.withdrawn == 0 && e.kind != "default" {
			facts = append(facts, &movement{day: e.day, seq: e.seq, event: e})
		}
	}
	for _, d := range o.dists {
		if d.live() && d.day <= asOf {
			dists = append(dists, &movement{day: d.day, seq: d.seq, dist: d})
		}
	}
	inOrder := func(ms []*movement) {
		sort.SliceStable(ms, func(i, j int) bool {
			a, b := ms[i], ms[j]
			if a.day != b.day {
				return a.day < b.day
			}
			if a.rank() != b.rank() {
				return a.rank() < b.rank()
			}
			return a.seq < b.seq
		})
	}
	inOrder(facts)
	inOrder(dists)
	after := map[*movement]int{} // the distributions that come before the fact
	for _, f := range facts {
		if f.day > asOf {
			continue
		}
		place, shares := 0, false
		for i, d := range dists {
			switch {
			case d.day < f.day:
				place = i + 1
			case d.dist.record < f.day && o.w.Broken != "record date: what comes after it applies after":
				if (shares || o.termsBetween(f.day, d.day)) && f.event == nil && len(o.versions) > 0 && o.w.Broken != "record date: refused where another lies between" {
					if between, ok := undefined.(*errBetween); !ok || d.dist.before(between.dist) {
						undefined = &errBetween{d.dist}
					}
				}
				place = i + 1
			default:
				shares = true
			}
		}
		after[f] = place
	}
	for i := 0; i <= len(dists); i++ {
		for _, f := range facts {
			if p, ok := after[f]; ok && p == i {
				out = append(out, f)
			}
		}
		if i < len(dists) {
			out = append(out, dists[i])
		}
	}
	return out, undefined
}

// before reports whether d comes before another distribution.
func (d *dist) before(other *dist) bool {
	return d.day < other.day || d.day == other.day && d.seq < other.seq
}

// run is a replay: the state at the end and what each distribution gives.
type run struct {
	state  *state
	splits map[*dist]*split
	err    error
}

// question is what a replay answers; its answer holds until the next command.
type question struct {
	asOf Day
	stop *dist
}

// replay runs the facts up to a day, stopping behind one distribution if it is
// given. What it returns is shared and not changed.
func (o *offering) replay(asOf Day, stop *dist) *run {
	q := question{asOf, stop}
	if o.answers[q] == nil {
		o.answers[q] = o.rerun(asOf, stop)
	}
	return o.answers[q]
}

func (o *offering) rerun(asOf Day, stop *dist) *run {
	out := &run{state: newState(o.w.Broken, o.terms, o.changes()), splits: map[*dist]*split{}}
	s := out.state
	s.ident, s.defaults = o.w.id, o.defaults()
	ms, err := o.movements(asOf)
	if between, ok := err.(*errBetween); ok && (stop == nil || !stop.before(between.dist)) {
		out.err = err
	}
	for _, m := range ms {
		s.advance(max(s.day, m.day))
		switch {
		case m.transfer != nil:
			s.move(m.transfer)
		case m.event != nil:
			s.between(m.event)
		case m.receipt != nil:
			c := m.receipt.commitment
			s.contribute(o.position(c.holder, c.class), c.class, m.receipt.amount-m.receipt.undone, m.day)
		default:
			got, err := o.advance(s, m.dist)
			if err != nil {
				out.err = err
				return out
			}
			s.lenders(got)
			out.splits[m.dist] = got
			if m.dist == stop {
				return out
			}
		}
	}
	if asOf < forever {
		s.advance(max(s.day, asOf))
	}
	return out
}

const forever Day = 1 << 30

func classOf(position string) string { return position[strings.LastIndex(position, "/")+1:] }

func (s *state) move(t *transfer) {
	// A conversion opens the receiving account in its own class.
	s.account(t.to, classOf(t.to))
	s.transfer(t.from, t.to, classOf(t.to), t.fraction)
}

// tiers is what the tiers give of cash of a distribution, and of what it releases, by the
// state, which they change.
func (o *offering) tiers(s *state, d *dist, cash Cents) (*split, error) {
	released, err := o.openReserves(s, d)
	if err != nil {
		return nil, err
	}
	cash += released
	terms := o.terms(d.day)
	switch d.method {
	case "waterfall":
		return s.run(terms, terms.list(kindOf(d.kind)), cash)
	case "preferred":
		tiers := []Tier{{Name: "pref", Type: "pref"}}
		if kindOf(d.kind) != "operating" && o.w.Broken != "preferred: a sale returns capital first" {
			tiers = append(tiers, Tier{Name: "capital", Type: "return_of_capital"})
		}
		out, err := s.run(terms, tiers, cash)
		if err != nil {
			return nil, err
		}
		return out, o.rest(s, d, out)
	}
	out := &split{by: map[string]map[string]Cents{}, left: cash}
	return out, o.rest(s, d, out)
}

// rest splits what is left pro rata to the holdings at the end of the record
// date.
func (o *offering) rest(s *state, d *dist, out *split) error {
	if out.left == 0 {
		return nil
	}
	day := d.record
	if o.w.Broken == "pro rata: as of the record date" {
		day = d.day
	}
	held := o.holdings(day)
	basis := o.w.Broken != "preferred: the rest by units" || d.method != "preferred"
	weights := o.weights(held, basis)
	if d.method == "preferred" && !o.byUnits(held, basis) {
		for i := range weights { // by contributed capital, after dilutions
			if a := s.accounts[weights[i].key]; a != nil && s.shares(a) != a.contributed {
				weights[i].weight = rat(s.shares(a))
			}
		}
	}
	paid, err := o.w.Broken.allocate(out.left, weights)
	if err != nil {
		return err
	}
	for p, c := range paid {
		out.left -= c
		out.give(p, pick(d.method == "preferred", "split", "pro_rata"), c)
		s.account(p, classOf(p))
		s.paid("pro_rata", p, c)
	}
	return nil
}

func kindOf(typ string) string {
	switch typ {
	case "refinance":
		return "refinance"
	case "sale_proceeds":
		return "sale"
	}
	return "operating"
}

// holding is what a position has in: contributed capital moved by transfers,
// and units.
type holding struct {
	contributed Cents
	units       *big.Rat
}

// holdings are what was held at the end of a day.
func (o *offering) holdings(day Day) map[string]*holding {
	if o.known.holdings == nil {
		o.known.holdings = map[Day]map[string]*holding{}
	}
	if o.known.holdings[day] == nil {
		o.known.holdings[day] = o.holdingsAt(day, math.MaxInt)
	}
	return o.known.holdings[day]
}

// holdingsAt are those by what was recorded before seq.
func (o *offering) holdingsAt(day Day, seq int) map[string]*holding {
	out := map[string]*holding{}
	at := func(p string) *holding {
		if out[p] == nil {
			out[p] = &holding{units: new(big.Rat)}
		}
		return out[p]
	}
	var facts []*movement
	for _, t := range o.transfers {
		facts = append(facts, &movement{day: t.day, seq: t.seq, transfer: t})
	}
	for _, r := range o.netted() {
		facts = append(facts, &movement{day: r.day, seq: r.seq, receipt: r})
	}
	sort.SliceStable(facts, func(i, j int) bool {
		a, b := facts[i], facts[j]
		if a.day != b.day {
			return a.day < b.day
		}
		if a.rank() != b.rank() {
			return a.rank() < b.rank()
		}
		return a.seq < b.seq
	})
	for _, f := range facts {
		if f.day > day || f.seq >= seq {
			continue
		}
		if r := f.receipt; r != nil {
			c := r.commitment
			h := at(o.position(c.holder, c.class))
			h.contributed += r.amount - r.undone
			h.units = add(h.units, o.unitsOf(c.class, r.amount-r.undone))
			continue
		}
		t := f.transfer
		from, to := at(t.from), at(t.to)
		moved := round(mul(t.fraction, rat(from.contributed)))
		units := decimals(mul(t.fraction, from.units), 6)
		from.contributed, to.contributed = from.contributed-moved, to.contributed+moved
		from.units = sub(from.units, units)
		if t.kind == "conversion" || classOf(t.from) != classOf(t.to) {
			units = o.unitsOf(classOf(t.to), moved)
		}
		to.units = add(to.units, units)
	}
	return out
}

// unitsOf is what an amount buys, in millionths; what is left over buys nothing.
func (o *offering) unitsOf(class string, c Cents) *big.Rat {
	price := o.prices[class]
	if price == nil {
		return new(big.Rat)
	}
	millionths := quo(mul(rat(c), rat(10_000)), price) // cents to units, times a million
	return quo(rat(floor(millionths)), rat(1_000_000))
}

// decimals rounds to n decimals, ties away from zero.
func decimals(r *big.Rat, n int) *big.Rat {
	scale := rat(1)
	for range n {
		scale = mul(scale, rat(10))
	}
	return quo(rat(round(mul(r, scale))), scale)
}

// weights are units where every position that holds capital has some, else
// contributed capital.
func (o *offering) weights(held map[string]*holding, byUnits bool) (out []share) {
	byUnits = o.byUnits(held, byUnits)
	for p, h := range held {
		out = append(out, share{p, o.w.id(p), pick(byUnits, h.units, rat(h.contributed))})
	}
	return out
}

func (o *offering) byUnits(held map[string]*holding, byUnits bool) bool {
	for _, h := range held {
		byUnits = byUnits && (h.contributed == 0 || h.units.Sign() > 0)
	}
	return byUnits && o.w.Broken != "pro rata: by units where all have some"
}
