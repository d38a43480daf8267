package model

import "math/big"

// lots is amounts by payee and kind of tier.
type lots map[string]map[string]Cents

func (l lots) put(payee, kind string, c Cents) {
	if l[payee] == nil {
		l[payee] = map[string]Cents{}
	}
	l[payee][kind] += c
}

func (l lots) sum(payee string) (t Cents) {
	for _, c := range l[payee] {
		t += c
	}
	return t
}

func (l lots) empty() bool {
	for _, kinds := range l {
		for _, c := range kinds {
			if c != 0 {
				return false
			}
		}
	}
	return true
}

// owed is what the distributions that stand would give by what is on record now,
// less what they gave, true-ups included: by payee and kind of tier.
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
		for payee, kinds := range r.splits[d].by {
			for kind, c := range kinds {
				out.put(payee, kind, c)
			}
		}
		for payee, l := range d.lines {
			for kind, c := range l.tiers {
				out.put(payee, kind, -c)
			}
		}
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
	diff := lots{}
	for payee, kinds := range r.splits[d].by {
		for kind, c := range kinds {
			diff.put(payee, kind, c)
		}
	}
	for payee, kinds := range d.own {
		for kind, c := range kinds {
			diff.put(payee, kind, -c)
		}
	}
	return !diff.empty()
}

func (s *Step) dist() *dist {
	record := s.Record
	if record == 0 {
		record = s.Day
	}
	return &dist{name: s.Name, kind: s.Type, method: s.Method, character: s.Label, day: s.Day, record: record, amount: s.Amount,
		status: "pending", lines: map[string]*line{}, withhold: map[string]*big.Rat{}, corrects: s.Corrects, sources: s.Sources}
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
	d.own = r.splits[d].by
	all := lots{}
	for _, part := range []lots{d.own, d.settle(o.w.Broken, owed, s.Bill)} {
		for payee, kinds := range part {
			for kind, c := range kinds {
				if o.w.Broken == "true-up: has the tiers of what it makes good" && kind == "return_of_capital" && s.TrueUp {
					kind = "pref"
				}
				all.put(payee, kind, c)
			}
		}
	}
	for payee, kinds := range all {
		l := &line{gross: all.sum(payee), tiers: kinds}
		if rate, ok := s.Withhold[payee]; ok && l.gross >= 0 {
			l.withheld = round(mul(R(rate), rat(l.gross)))
			if o.w.Broken == "withholding: of the gross" {
				l.withheld = round(mul(R(rate), rat(l.gross-kinds["return_of_capital"])))
			}
		}
		if l.gross != 0 || len(kinds) > 0 {
			d.lines[payee] = l
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

// settle is what of the debts this distribution makes good: all of them where it
// bills, or where everybody gets at least what they owe. Otherwise who got too much gets nothing,
// and what that frees goes in proportion to those who got too little; by which
// tiers then is left open.
func (d *dist) settle(b Broken, owed lots, bill bool) lots {
	enough := true
	for payee := range owed {
		enough = enough && (bill || lots(d.own).sum(payee)+owed.sum(payee) >= 0)
	}
	if enough {
		return owed
	}
	d.partial = true
	out, freed := lots{}, Cents(0)
	var short []share
	for payee, kinds := range owed {
		switch total := owed.sum(payee); {
		case total < 0:
			part := min(-total, max(0, lots(d.own).sum(payee)))
			out.put(payee, "", -part)
			freed += part
		case total > 0:
			short = append(short, share{payee, payee, rat(total)})
		default:
			out[payee] = kinds
		}
	}
	got, err := b.allocate(freed, short)
	if err != nil {
		panic(err) // debts sum to zero
	}
	for payee, c := range got {
		out.put(payee, "", c)
	}
	return out
}

func judgeDeclare(_ *World, o *offering, s *Step) Verdict {
	terms := len(o.versions) > 0
	d := s.dist()
	switch {
	case o.dist(s.Name) != nil || s.Corrects != "" && o.dist(s.Corrects) == nil || !o.knows(s.Sources):
		return Skip
	case s.Bill && !s.TrueUp || !o.cites(s) || !o.puts(s.Corrects):
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
	case draft.partial:
		return Either
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
	case d.status != "pending" || o.stale(d) || !o.stillOwed(d):
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
