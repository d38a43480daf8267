package model

import (
	"maps"
	"math/big"
)

// lots are what d gives by a split of its own: of a sale where it is one. What goes
// between partners is of none.
func (d *dist) lots(by map[string]map[string]Cents) lots {
	out := lots{}
	for payee, kinds := range by {
		for kind, c := range kinds {
			out.put(payee, lot{kind, d.kind == "sale_proceeds" && kind != "loan"}, c)
		}
	}
	return out
}

// gave are the lines of d, true-up included.
func (d *dist) gave() lots {
	out := lots{}
	for payee, l := range d.lines {
		for of, c := range l.tiers {
			out.put(payee, of, c)
		}
		out.put(payee, lot{kind: "loan"}, l.redirected)
	}
	return out
}

// owed is what the distributions that stand would give by what is on record now,
// less what they gave, true-ups included: by payee and lot.
func (o *offering) owed() (lots, error) {
	out := lots{}
	r := o.replay(forever, nil)
	if r.err != nil {
		return nil, r.err
	}
	for _, d := range o.dists {
		if !d.live() {
			continue
		}
		out.more(d.lots(r.splits[d].by))
		out.less(d.gave())
	}
	return out, nil
}

// stale reports whether a distribution would be split otherwise by what is on
// record now.
func (o *offering) stale(d *dist) bool {
	r := o.replay(forever, d)
	if r.err != nil || o.w.Broken == "approval: only what is still right" {
		return r.err != nil
	}
	diff := d.lots(r.splits[d].by)
	diff.less(d.own)
	return !diff.empty()
}

func (s *Step) dist() *dist {
	record := s.Record
	if record == 0 {
		record = s.Day
	}
	return &dist{name: s.Name, kind: s.Type, method: s.Method, character: s.Label, day: s.Day, record: record, amount: s.Amount,
		status: "pending", lines: map[string]*line{}, withhold: map[string]*big.Rat{}, corrects: s.Corrects, sources: s.Sources, advances: s.Advances, releases: s.Releases}
}

// draft works a distribution out; it fails where it cannot be split.
func (o *offering) draft(s *Step) (*dist, error) {
	d := s.dist()
	d.seq = o.w.seq + 1
	owed := lots{}
	var err error
	if s.TrueUp {
		if owed, err = o.owed(); err != nil {
			return nil, err
		}
	}
	o.dists = append(o.dists, d)
	r := o.replay(forever, d)
	o.dists = o.dists[:len(o.dists)-1]
	if r.err != nil {
		return nil, r.err
	}
	if r.splits[d].left != 0 {
		return nil, errUndistributed
	}
	if d.method != "pro_rata" && r.state.contributed() == 0 {
		return nil, modelError("model: nobody has capital in")
	}
	d.held = append([]heldBack{}, r.splits[d].held...)
	total := d.amount
	for _, m := range d.moves() {
		total -= m.amount
	}
	if total <= 0 {
		return nil, modelError("model: reserves keep all of it")
	}
	if !o.lasts(everyMove, d.moves()...) && o.w.Broken != "reserve: no more is released than it holds" {
		return nil, modelError("model: more is released than the reserve holds by then")
	}
	d.own = d.lots(r.splits[d].by)
	all := lots{}
	for _, part := range []lots{d.own, d.settle(o.w.Broken, owed, s.Bill)} {
		for payee, kinds := range part {
			for of, c := range kinds {
				if o.w.Broken == "true-up: has the tiers of what it makes good" && of.kind == "return_of_capital" && s.TrueUp {
					of.kind = "pref"
				}
				if o.w.Broken == "true-up: is of a sale where it makes one good" {
					of.sale = d.kind == "sale_proceeds"
				}
				all.put(payee, of, c)
			}
		}
	}
	for payee, kinds := range all {
		l := &line{redirected: kinds[lot{kind: "loan"}], tiers: kinds}
		l.gross = all.sum(payee) - l.redirected
		delete(kinds, lot{kind: "loan"})
		maps.DeleteFunc(kinds, func(_ lot, c Cents) bool { return c == 0 }) // such as what was owed and has been settled
		if rate, ok := s.Withhold[payee]; ok && l.gross >= 0 {
			l.withheld = round(mul(R(rate), rat(l.gross)))
			if o.w.Broken == "withholding: of the gross" {
				l.withheld = round(mul(R(rate), rat(l.gross-l.kinds()["return_of_capital"])))
			}
		}
		if l.gross != 0 || l.redirected != 0 || len(kinds) > 0 {
			d.lines[payee] = l
		}
	}
	for _, l := range d.lines {
		if l.net() < min(0, l.gross) || l.gross < 0 && l.redirected != 0 {
			return nil, modelError("model: who lent goes before the tax")
		}
	}
	if err := d.shareInKind(o, s.InKind); err != nil {
		return nil, err
	}
	for _, l := range d.lines {
		if l.inKind > 0 && l.net() < l.inKind {
			return nil, modelError("model: tax is withheld of what is in kind")
		}
	}
	if s.SetOff {
		o.setOff(d)
	}
	return d, nil
}

type modelError string

func (e modelError) Error() string { return string(e) }

const (
	errUndistributed = modelError("model: cash is left to nobody")
)

func judgeDeclare(_ *World, o *offering, s *Step) Verdict {
	terms := len(o.versions) > 0
	d := s.dist()
	switch {
	case o.dist(s.Name) != nil || s.Corrects != "" && o.dist(s.Corrects) == nil || !o.knows(s.Sources):
		return Skip
	case s.Bill && !s.TrueUp || !o.cites(s) || !o.puts(s.Corrects):
		return Refuse
	case s.InKind < 0 || s.InKind > s.Amount || len(s.Advances)+len(s.Releases) > 0 && !terms || !positiveAll(s.Advances) || !positiveAll(s.Releases):
		return Refuse
	case s.Amount <= 0 || d.record > d.day || terms == (s.Method == "pro_rata"):
		return Refuse
	case terms && o.versions[0].from > s.Day:
		return Refuse
	}
	for _, e := range o.dists {
		if terms && e.live() && e.day > s.Day {
			return Refuse // a later one rests on what was
		}
	}
	if o.overtaken(d) {
		return Refuse
	}
	if terms {
		for class := range held(o.holdings(s.Day)) {
			if _, ok := o.terms(s.Day).Prefs[class]; !ok {
				return Refuse // a class with capital that the terms do not name
			}
		}
	}
	owed, err := o.owed()
	if err != nil {
		return Refuse
	}
	switch draft, err := o.draft(s); {
	case err != nil:
		return Refuse
	case s.TrueUp && owed.empty():
		return Refuse // of nothing
	case terms && !s.TrueUp && !owed.empty():
		return Refuse // the past has changed
	case !s.TrueUp && !owed.empty():
		return Either
	case !within(s.Withhold, draft):
		return Refuse
	}
	if o.exit != nil || o.outpaced(d) {
		return Either
	}
	return Accept
}

func positiveAll(m map[string]Cents) bool {
	for _, c := range m {
		if c <= 0 {
			return false
		}
	}
	return true
}

func within(rates map[string]string, d *dist) bool {
	for payee := range rates {
		if l := d.lines[payee]; l == nil || l.gross < 0 {
			return false
		}
	}
	return true
}

// overtaken reports a transfer after the record date of d with another
// distribution between the two: which of them it follows is undefined.
func (o *offering) overtaken(d *dist) bool {
	if len(o.versions) == 0 || o.w.Broken == "record date: refused where another lies between" {
		return false // pro rata nothing rests on another
	}
	for _, t := range o.transfers {
		if t.day <= d.record || t.day > d.day {
			continue
		}
		for _, e := range o.dists {
			if e.live() && e.day >= t.day && e.day <= d.day {
				return true
			}
		}
	}
	return false
}

// outpaced reports money that came in after the record date of d with another
// distribution between the two.
func (o *offering) outpaced(d *dist) bool {
	for _, r := range o.receipts {
		for _, e := range o.dists {
			if len(o.versions) > 0 && r.day > d.record && r.day <= d.day && e.live() && e.day >= r.day && e.day <= d.day {
				return true
			}
		}
	}
	return false
}

func doDeclare(w *World, o *offering, s *Step) {
	d, err := o.draft(s)
	if err != nil {
		panic("model: carried out what it cannot work out: " + err.Error())
	}
	d.seq = w.next()
	o.dists = append(o.dists, d)
}

func judgeApprove(_ *World, o *offering, s *Step) Verdict {
	d := o.dist(s.Of)
	switch {
	case d == nil:
		return Skip
	case d.status != "pending" || o.stale(d) || !o.stillOwed(d) || !o.covers(nothing, d):
		return Refuse
	case o.changedSince(d):
		return Either
	}
	return Accept
}

func doApprove(w *World, o *offering, s *Step) {
	d := o.dist(s.Of)
	d.status, d.approved = "approved", w.next()
	o.settleSetOffs(d)
	o.bill(d)
}

// puts reports whether a distribution that one puts right is a reversed one.
func (o *offering) puts(right string) bool {
	return right == "" || o.dist(right).status == "reversed" || o.w.Broken == "corrects: only what is reversed"
}

// changedSince reports facts recorded after d that lie before it, though they
// change nothing of its split.
func (o *offering) changedSince(d *dist) bool {
	for _, r := range o.receipts {
		if r.seq > d.seq && r.day <= d.day {
			return true
		}
	}
	for _, f := range o.refunds {
		for _, r := range o.receipts {
			if f.seq > d.seq && r.commitment == f.commitment && r.day <= d.day {
				return true
			}
		}
	}
	for _, t := range o.transfers {
		if t.seq > d.seq && t.day <= d.day {
			return true
		}
	}
	for _, e := range o.dists {
		if e != d && e.day <= d.day && e.seq > d.seq {
			return true
		}
	}
	for _, v := range o.versions {
		if v.seq > d.seq {
			return true
		}
	}
	for _, e := range o.events {
		if e.seq > d.seq || e.undone > d.seq {
			return true
		}
	}
	return false
}

func judgeCancel(_ *World, o *offering, s *Step) Verdict {
	d := o.dist(s.Of)
	switch {
	case d == nil:
		return Skip
	case d.status != "pending" || o.restedOn(d):
		return Refuse
	}
	return Accept
}

// restedOn reports a later distribution by terms, which counted this one.
func (o *offering) restedOn(d *dist) bool {
	for _, e := range o.dists {
		later := e.day > d.day || e.day == d.day && e.seq > d.seq
		if e != d && e.live() && later && e.method != "pro_rata" {
			return true
		}
	}
	return false
}
