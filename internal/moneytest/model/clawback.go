package model

import (
	"encoding/json"
	"sort"
)

// poolTax is the tax on promote that is not paid back.
const poolTax = "0.37"

// pooled is a fact of one of several deals in its place among all of them.
type pooled struct {
	*movement
	o    *offering
	day  Day
	rank int
}

// clawback is the promote that deals paid one by one, and what they would have paid as
// one ledger with the same terms. It is false where their terms differ, or where
// they were not all distributed by the tiers.
func (w *World) clawback() (american, european Cents, ok bool) {
	var all []pooled
	terms := ""
	for _, name := range w.order {
		o := w.offerings[name]
		if len(o.versions) != 1 || len(o.defaults()) > 0 { // one deal's default is no other's
			return 0, 0, false
		}
		b, err := json.Marshal(o.versions[0].terms)
		if err != nil || terms != "" && terms != string(b) {
			return 0, 0, false
		}
		terms = string(b)
		r := o.replay(forever, nil)
		if r.err != nil {
			return 0, 0, false
		}
		american += r.state.promote
		facts, _ := o.movements(forever)
		turn := Day(0)
		for _, m := range facts {
			p := pooled{m, o, m.day, 1}
			switch {
			case m.dist != nil && m.dist.method != "waterfall":
				return 0, 0, false
			case m.dist != nil:
				turn = max(turn, m.dist.record)
				p.day, p.rank = turn, 3
			case m.receipt != nil, m.event != nil && m.event.kind == "dilution":
				p.rank = 2
			case m.event != nil:
				p.rank = 0
			}
			all = append(all, p)
		}
	}
	if len(w.order) < 2 {
		return 0, 0, false
	}
	sort.SliceStable(all, func(i, j int) bool {
		a, b := all[i], all[j]
		return a.day < b.day || a.day == b.day && a.rank < b.rank
	})
	european, ok = w.pool(all)
	if w.Broken == "clawback: all deals in one ledger" {
		european = american
	}
	return american, european, ok
}

// pool runs the facts of several deals as of one, in which a holder has one account in
// each class.
func (w *World) pool(all []pooled) (promote Cents, ok bool) {
	one := func(p string) string {
		if !isPosition(p) {
			return p
		}
		return "pool/" + holderOf(p) + "/" + classOf(p)
	}
	s := newState(w.Broken, w.offerings[w.order[0]].terms, nil)
	s.ident = func(p string) string {
		if !isPosition(p) {
			return w.id(p)
		}
		return w.id(holderOf(p)) + " " + classOf(p)
	}
	for _, m := range all {
		s.advance(max(s.day, m.movement.day))
		switch {
		case m.transfer != nil:
			s.move(&transfer{from: one(m.transfer.from), to: one(m.transfer.to), fraction: m.transfer.fraction})
		case m.receipt != nil:
			c := m.receipt.commitment
			s.contribute(one(m.o.position(c.holder, c.class)), c.class, m.receipt.amount-m.receipt.undone, m.receipt.day)
		case m.event != nil:
			e := *m.event
			e.debtor, e.lender = one(e.debtor), one(e.lender)
			s.between(&e)
		default:
			d := *m.dist
			d.advances = map[string]Cents{}
			for payee, c := range m.dist.advances {
				d.advances[one(payee)] += c
			}
			got, err := m.o.advance(s, &d)
			if err != nil {
				return 0, false
			}
			s.lenders(got)
		}
	}
	return s.promote, true
}

func (w *World) clawbackFacts(f Facts) {
	american, european, ok := w.clawback()
	if !ok {
		return
	}
	gross := max(0, american-european)
	f.money(american, "clawback", "american")
	f.money(european, "clawback", "european")
	f.money(min(gross, american-round(mul(R(poolTax), rat(american)))), "clawback", "back")
}
