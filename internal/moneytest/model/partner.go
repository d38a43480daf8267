package model

import (
	"math/big"
	"slices"
)

// partnerEvent is what happened between two partners besides the offering's own
// money: a loan, what was paid on one, or a call that one of them did not fund.
type partnerEvent struct {
	name, kind  string // loan, repayment, dilution, default
	day         Day
	debtor      string // or who is diluted: a position
	lender      string
	amount      Cents
	factor      *big.Rat
	terms       *Terms // the loan's rate, compounding and day count
	loan        string // that was paid on
	interest    Cents  // of a repayment, by what was on record when it was entered
	class       string // of a default: the preference
	ends        bool
	withdrawn   Day
	seq, undone int
}

// memberLoan is a loan between partners on its way: an account of its own.
type memberLoan struct {
	event   *partnerEvent
	account *account
}

func newLoan(e *partnerEvent) *memberLoan {
	a := newAccount(e.name, "loan")
	a.anchor, a.anchored, a.through, a.unreturned = e.day, true, e.day, e.amount
	return &memberLoan{e, a}
}

// bring accrues a loan to a day, unless it stands at a later one.
func (l *memberLoan) bring(day Day) {
	if day > l.account.through {
		l.account.accrue("", l.event.terms, day)
	}
}

// pay takes at most x off a loan: the running period's interest first, then what is
// capitalized, then principal. It returns the two parts.
func (l *memberLoan) pay(b Broken, x Cents) (interest, principal Cents) {
	a := l.account
	interest = min(x, max(0, round(a.due())))
	if b == "loan: interest before principal" {
		principal = min(x, a.unreturned)
		interest = min(x-principal, interest)
	}
	left := rat(interest)
	fromA := positive(pick(left.Cmp(a.accrued) < 0, left, a.accrued))
	a.accrued, left = sub(a.accrued, fromA), sub(left, fromA)
	fromC := positive(pick(left.Cmp(a.capitalized) < 0, left, a.capitalized))
	a.capitalized, left = sub(a.capitalized, fromC), sub(left, fromC)
	a.accrued = sub(a.accrued, left) // a fraction too much is made up by later interest
	if b != "loan: interest before principal" {
		principal = min(x-interest, a.unreturned)
	}
	a.unreturned -= principal
	return interest, principal
}

// ended reports a loan that is repaid to the cent.
func (l *memberLoan) ended() bool { return l.account.unreturned == 0 && round(l.account.due()) <= 0 }

// between is what an event does to a deal.
func (s *state) between(e *partnerEvent) {
	switch e.kind {
	case "loan":
		s.loans = append(s.loans, newLoan(e))
	case "repayment":
		for _, l := range s.loans {
			if l.event.name == e.loan {
				l.bring(e.day)
				l.pay(s.broken, e.amount)
			}
		}
		s.endLoans()
	case "dilution":
		s.dilute(e)
	}
}

func (s *state) endLoans() {
	s.loans = slices.DeleteFunc(s.loans, (*memberLoan).ended)
}

// shares is the capital that an account shares by: contributed, after dilutions.
func (s *state) shares(a *account) Cents {
	if s.broken == "dilution: splits follow it" {
		return a.contributed
	}
	return max(0, a.contributed+a.points)
}

// dilute takes percentage points: (factor - 1) times the missing money over all
// capital, not below zero. The others get them in proportion. Points are kept in cents
// of capital.
func (s *state) dilute(e *partnerEvent) {
	who := s.account(e.debtor, classOf(e.debtor))
	loss := min(s.shares(who), round(mul(sub(e.factor, rat(1)), rat(e.amount))))
	if s.broken == "dilution: costs a multiple of what is missing" {
		loss = min(s.shares(who), e.amount)
	}
	var others []share
	for _, a := range s.accounts {
		if a != who {
			others = append(others, share{a.id, s.ident(a.id), rat(s.shares(a))})
		}
	}
	got, err := s.broken.allocate(loss, others)
	if err != nil {
		return // there is nobody to get them; such an event is refused
	}
	who.points -= loss
	for id, c := range got {
		s.accounts[id].points += c
	}
}

// lenders pays what debtors get to their lenders, the oldest loan first. out.by has what
// everybody gets by then.
func (s *state) lenders(out *split) {
	total := func(payee string) (sum Cents) {
		for _, c := range out.by[payee] {
			sum += c
		}
		return sum
	}
	for _, l := range s.loans {
		l.bring(s.day)
		interest, principal := l.pay(s.broken, max(0, total(l.event.debtor)))
		if s.broken == "loan: paid out of what the debtor gets" {
			continue
		}
		out.give(l.event.debtor, "loan", -interest-principal)
		out.give(l.event.lender, "loan", interest+principal)
	}
	s.endLoans()
}

func (o *offering) event(name string) *partnerEvent {
	for _, e := range o.events {
		if e.name == name {
			return e
		}
	}
	return nil
}

func judgeLoan(_ *World, o *offering, s *Step) Verdict {
	debtor, lender := o.position(s.Holder, s.Class), o.position(s.To, s.ToClass)
	held := o.holdings(forever)
	switch {
	case o.event(s.Name) != nil:
		return Skip
	case held[debtor] == nil || held[lender] == nil:
		return Skip
	case debtor == lender || s.Amount <= 0 || len(o.versions) == 0:
		return Refuse
	}
	return o.goesOn(pick(held[debtor].contributed == 0 || held[lender].contributed == 0, Either, Accept))
}

// goesOn is the verdict on an event between partners, which the history has to take.
func (o *offering) goesOn(v Verdict) Verdict {
	if r := o.replay(forever, nil); r.err != nil || o.exit != nil {
		return Either
	}
	return v
}

func doLoan(w *World, o *offering, s *Step) {
	t := &Terms{DayCount: s.Count, Prefs: map[string]Pref{"loan": {Rate: s.Rate, Compounding: s.Type}}}
	o.events = append(o.events, &partnerEvent{name: s.Name, kind: "loan", day: s.Day, debtor: o.position(s.Holder, s.Class),
		lender: o.position(s.To, s.ToClass), amount: s.Amount, terms: t, seq: w.next()})
}

// loanOn is a loan as it stands on a day; nil where nothing of it is owed.
func (o *offering) loanOn(name string, day Day) *memberLoan {
	r := o.replay(day, nil)
	if r.err != nil {
		return nil
	}
	for _, l := range r.state.clone().loans {
		if l.event.name == name {
			l.bring(day)
			return l
		}
	}
	return nil
}

func judgeRepay(_ *World, o *offering, s *Step) Verdict {
	e := o.event(s.Of)
	switch {
	case e == nil || o.event(s.Name) != nil:
		return Skip
	case e.withdrawn != 0 || s.Amount <= 0 || e.kind != "loan":
		return Refuse
	}
	l := o.loanOn(s.Of, s.Day)
	if l == nil {
		return o.goesOn(Refuse)
	}
	interest, principal := l.pay(o.w.Broken, s.Amount)
	return o.goesOn(pick(interest+principal == s.Amount, Accept, Refuse))
}

func doRepay(w *World, o *offering, s *Step) {
	loan := o.event(s.Of)
	e := &partnerEvent{name: s.Name, kind: "repayment", day: s.Day, debtor: loan.debtor, lender: loan.lender, amount: s.Amount, loan: s.Of, seq: w.next()}
	if l := o.loanOn(s.Of, s.Day); l != nil {
		e.interest, _ = l.pay(o.w.Broken, s.Amount)
	}
	o.events = append(o.events, e)
}

func judgeDilute(_ *World, o *offering, s *Step) Verdict {
	who := o.position(s.Holder, s.Class)
	h := o.holdings(forever)[who]
	switch {
	case h == nil || o.event(s.Name) != nil:
		return Skip
	case s.Amount <= 0 || len(o.versions) == 0:
		return Refuse
	}
	others := 0
	for p, h := range o.holdings(s.Day) {
		if p != who && h.contributed > 0 {
			others++
		}
	}
	return o.goesOn(pick(h.contributed == 0 || others == 0, Either, Accept))
}

func doDilute(w *World, o *offering, s *Step) {
	o.events = append(o.events, &partnerEvent{name: s.Name, kind: "dilution", day: s.Day, debtor: o.position(s.Holder, s.Class), amount: s.Amount,
		factor: R(s.Rate), seq: w.next()})
}

// judgeWithdraw: an event that was entered by mistake never was.
func judgeWithdraw(_ *World, o *offering, s *Step) Verdict {
	e := o.event(s.Of)
	switch {
	case e == nil:
		return Skip
	case e.withdrawn != 0 || s.Day < e.day:
		return Refuse
	}
	for _, r := range o.events {
		if r.loan == e.name && r.withdrawn == 0 {
			return Refuse
		}
	}
	return o.goesOn(Accept)
}

func doWithdraw(w *World, o *offering, s *Step) {
	e := o.event(s.Of)
	e.withdrawn, e.undone = s.Day, w.next()
}

// eventFacts are the events, and the loans as they stand on days.
func (o *offering) eventFacts(f Facts, days []Day) {
	for _, e := range o.events {
		f["event/"+e.name] = pick(e.withdrawn != 0, "withdrawn", "stands")
		f.money(e.interest, "event", e.name, "interest")
	}
	for _, day := range days {
		if len(o.events) == 0 || !o.w.Settled(o.name, day) {
			continue
		}
		for _, e := range o.events {
			l := o.loanOn(e.name, day)
			if l == nil {
				continue
			}
			at := []string{"loan", o.name, e.name, day.String()}
			put := func(what string) []string { return append(slices.Clone(at), what) }
			f.money(l.account.unreturned, put("principal")...)
			f.exact(l.account.capitalized, put("capitalized")...)
			f.exact(l.account.accrued, put("accrued")...)
		}
	}
}

// bookEvents notes what was missing from calls; what partners owe each other is no
// money of the offering's and changes no account.
func (o *offering) bookEvents(post func(day Day, debit, credit string, c Cents)) {
	for _, e := range o.events {
		if e.kind == "dilution" {
			post(e.day, "3960", "3990", e.amount)
			if e.withdrawn != 0 {
				post(e.withdrawn, "3990", "3960", e.amount)
			}
		}
	}
}
