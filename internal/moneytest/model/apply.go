package model

import (
	"maps"
	"math/big"
	"slices"
)

// verb is what a command means: whether it may be carried out, and doing it.
type verb struct {
	judge func(*World, *offering, *Step) Verdict
	do    func(*World, *offering, *Step)
}

var verbs = map[string]verb{
	"terms":    {judgeTerms, doTerms},
	"commit":   {judgeCommit, doCommit},
	"receive":  {judgeReceive, doReceive},
	"refund":   {judgeRefund, doRefund},
	"uncommit": {judgeUncommit, func(_ *World, o *offering, s *Step) { o.commitments[s.Of].cancelled = true }},
	"transfer": {judgeTransfer, doTransfer},
	"declare":  {judgeDeclare, doDeclare},
	"approve":  {judgeApprove, doApprove},
	"cancel":   {judgeCancel, func(_ *World, o *offering, s *Step) { o.dist(s.Of).status = "cancelled" }},
	"pay":      {judgePay, doPay},
	"process":  {judgeProcess, doProcess},
	"confirm":  {judgeConfirm, doConfirm},
	"fail":     {judgeFail, doFail},
	"reissue":  {judgeReissue, doReissue},
	"reverse":  {judgeReverse, doReverse},
	"recover":  {judgeRecover, doRecover},
	"writeoff": {judgeWriteOff, doWriteOff},
	"agree":    {judgeAgree, doAgree},
	"disagree": {judgeDisagree, doDisagree},
	"cash":     {judgeCash, doCash},
	"uncash":   {judgeUncash, doUncash},
	"lend":     {judgeLoan, doLoan},
	"repay":    {judgeRepay, doRepay},
	"dilute":   {judgeDilute, doDilute},
	"withdraw": {judgeWithdraw, doWithdraw},
	"default":  {judgeDefault, doDefault},
	"allocate": {judgeAllocate, doAllocate},
	"unalloc":  {judgeUnallocate, doUnallocate},
	"close":    {judgeClose, func(_ *World, o *offering, _ *Step) { o.closed = true }},
	"exit":     {judgeExit, func(_ *World, o *offering, s *Step) { o.leave(s.Day, s.WriteOff) }},
	"unexit":   {judgeUnexit, func(_ *World, o *offering, s *Step) { o.stay(s.Day) }},
}

// Judge says what has to become of a command.
func (w *World) Judge(s *Step) Verdict {
	if s.Verb == "offering" {
		return pick(w.offerings[s.Name] == nil, Accept, Skip)
	}
	o, v := w.offerings[s.Offering], verbs[s.Verb]
	if o == nil || v.judge == nil {
		return Skip
	}
	return v.judge(w, o, s)
}

// Do carries a command out. It was judged, and not refused.
func (w *World) Do(s *Step) {
	if o := w.offerings[s.Offering]; s.Verb != "offering" {
		verbs[s.Verb].do(w, o, s)
		o.answers, o.posted, o.known = map[question]*run{}, nil, memo{}
		return
	}
	o := &offering{w: w, answers: map[question]*run{}, name: s.Name, prices: map[string]*big.Rat{}, commitments: map[string]*commitment{}}
	for class, price := range s.Classes {
		o.prices[class] = nil
		if price != "" {
			o.prices[class] = R(price)
		}
	}
	w.offerings[s.Name] = o
	w.order = append(w.order, s.Name)
}

func judgeTerms(_ *World, o *offering, s *Step) Verdict {
	for class := range held(o.holdings(forever)) {
		if _, ok := s.Terms.Prefs[class]; !ok {
			return Refuse // a class with capital that the terms do not name
		}
	}
	for _, d := range o.dists {
		if d.live() && (d.day >= s.Day || d.method == "pro_rata") {
			return Refuse
		}
	}
	for _, v := range o.versions {
		if v.from >= s.Day || v.terms.DayCount != s.Terms.DayCount {
			return Either
		}
	}
	for _, t := range o.transfers {
		if classOf(t.from) != classOf(t.to) {
			return Either // terms may not tell what a converted position has earned
		}
	}
	return Accept
}

// held are the classes with capital.
func held(holdings map[string]*holding) map[string]bool {
	out := map[string]bool{}
	for p, h := range holdings {
		if h.contributed > 0 {
			out[classOf(p)] = true
		}
	}
	return out
}

func doTerms(w *World, o *offering, s *Step) {
	o.versions = append(o.versions, version{s.Day, s.Terms, w.next()})
}

func judgeCommit(_ *World, o *offering, s *Step) Verdict {
	_, known := o.prices[s.Class]
	switch {
	case o.commitments[s.Name] != nil:
		return Skip
	case !known || s.Amount <= 0 || o.closed || o.exit != nil:
		return Refuse // no class, where the offering has any, is no class that it has
	}
	return Accept
}

func doCommit(_ *World, o *offering, s *Step) {
	o.commitments[s.Name] = &commitment{name: s.Name, holder: s.Holder, class: s.Class, amount: s.Amount}
}

func judgeReceive(_ *World, o *offering, s *Step) Verdict {
	c := o.commitments[s.Of]
	switch {
	case c == nil:
		return Skip
	case c.cancelled || s.Amount <= 0 || s.Amount > c.amount-c.received:
		return Refuse
	case o.exit != nil || o.movedAfter(o.position(c.holder, c.class), s.Day, true):
		return Either // money dated before a transfer changes what moved
	}
	return Accept
}

// movedAfter reports a transfer out of or into a position on or after a day.
func (o *offering) movedAfter(p string, day Day, same bool) bool {
	for _, t := range o.transfers {
		if (t.from == p || t.to == p) && (t.day > day || same && t.day == day) {
			return true
		}
	}
	return false
}

func doReceive(w *World, o *offering, s *Step) {
	c := o.commitments[s.Of]
	c.received += s.Amount
	o.receipts = append(o.receipts, &receipt{commitment: c, day: s.Day, amount: s.Amount, seq: w.next()})
}

func judgeRefund(_ *World, o *offering, s *Step) Verdict {
	c := o.commitments[s.Of]
	if c == nil {
		return Skip
	}
	there, first := Cents(0), forever
	for _, r := range o.netted() {
		if r.commitment == c && r.day <= s.Day {
			there += r.amount - r.undone
		}
		if r.commitment == c {
			first = min(first, r.day)
		}
	}
	switch {
	case s.Amount <= 0 || s.Amount > c.received || s.Amount > there:
		return Refuse
	case o.exit != nil || o.movedAfter(o.position(c.holder, c.class), first, true):
		return Either
	}
	for _, d := range o.dists {
		if d.live() && d.record >= first {
			return Either // the money has had a part in it
		}
	}
	for _, a := range o.allocations {
		if a.reversed == 0 && a.to >= first {
			return Either
		}
	}
	for _, r := range o.receipts {
		if r.commitment == c && r.day > s.Day {
			return Either // before the last receipt
		}
	}
	return Accept
}

// doRefund lessens the commitment by as much; the refund of all of it ends it.
func doRefund(w *World, o *offering, s *Step) {
	c := o.commitments[s.Of]
	c.received -= s.Amount
	o.refunds = append(o.refunds, &refund{commitment: c, day: s.Day, amount: s.Amount, seq: w.next()})
	c.amount -= s.Amount
	if c.amount == 0 {
		c.cancelled = true
	}
}

func judgeUncommit(_ *World, o *offering, s *Step) Verdict {
	c := o.commitments[s.Of]
	switch {
	case c == nil:
		return Skip
	case c.cancelled || c.received > 0:
		return Refuse
	}
	return Accept
}

func (o *offering) endpoints(s *Step) (from, to string) {
	class := pick(s.ToClass == "", s.Class, s.ToClass)
	return o.position(s.Holder, s.Class), o.position(s.To, class)
}

func judgeTransfer(_ *World, o *offering, s *Step) Verdict {
	from, to := o.endpoints(s)
	h := o.holdings(s.Day)[from]
	_, known := o.prices[classOf(to)]
	switch {
	case from == to || o.exit != nil || !known:
		return Refuse
	case h == nil || h.contributed == 0 || round(mul(R(s.Fraction), rat(h.contributed))) == 0:
		return Refuse // not funded by then, or less than a cent
	}
	for _, t := range o.transfers {
		if t.day >= s.Day && (t.from == from || t.to == from || t.from == to || t.to == to) {
			return Either
		}
	}
	for _, r := range o.receipts {
		c := r.commitment
		if p := o.position(c.holder, c.class); r.day >= s.Day && (p == from || p == to) {
			return Either
		}
	}
	for _, f := range o.refunds {
		if p := o.position(f.commitment.holder, f.commitment.class); f.day >= s.Day && (p == from || p == to) {
			return Either // what went back later has to be looked at by hand
		}
	}
	for _, c := range o.commitments {
		if c.holder == s.Holder && c.class == s.Class && !c.cancelled && c.received < c.amount {
			return Either // more of it is still outstanding
		}
	}
	for _, a := range o.allocations {
		if a.to >= s.Day && a.reversed == 0 {
			return Either
		}
	}
	v := Accept
	if before, after := o.undefined(nil), o.undefined(&transfer{from: from, to: to, day: s.Day}); after {
		return pick(before, Either, Refuse) // which of two distributions it follows
	}
	for _, d := range o.dists {
		switch {
		case d.live() && d.day >= s.Day && d.record < s.Day && s.Type != "correction":
			v = max(v, Either)
		case d.live() && d.record >= s.Day && s.Type != "correction":
			if d.anyPaid() {
				return Refuse // what lies in the past is put right by a correction
			}
			v = max(v, Either)
		}
	}
	if classOf(from) != classOf(to) && len(o.versions) > 0 {
		return Either
	}
	return v
}

// undefined reports an order of events that is, once there is another transfer.
func (o *offering) undefined(t *transfer) bool {
	if t != nil {
		o.transfers = append(o.transfers, t)
		defer func() { o.transfers = o.transfers[:len(o.transfers)-1] }()
	}
	_, err := o.movements(forever)
	return err != nil
}

func doTransfer(w *World, o *offering, s *Step) {
	from, to := o.endpoints(s)
	o.transfers = append(o.transfers, &transfer{kind: s.Type, from: from, to: to, fraction: R(s.Fraction), day: s.Day,
		price: s.Price, seq: w.next()})
}

// Verbs are the commands that there are.
func Verbs() []string { return slices.Sorted(maps.Keys(verbs)) }
