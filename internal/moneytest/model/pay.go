package model

func (d *dist) anyPaid() bool {
	for _, l := range d.lines {
		if len(l.moved) > 0 {
			return true
		}
	}
	return false
}

// each walks the lines in a state; all where payee is "".
func (d *dist) each(payee string, do func(payee string, l *line)) {
	for p, l := range d.lines {
		if payee == "" || p == payee {
			do(p, l)
		}
	}
}

func (d *dist) count(state string) (n int) {
	for _, l := range d.lines {
		if l.state == state && (l.gross > 0 || l.redirected != 0) {
			n++
		}
	}
	return n
}

// payable is what every step of a payment asks for.
func (o *offering) payable(s *Step) (*dist, Verdict) {
	d := o.dist(s.Of)
	switch {
	case d == nil:
		return nil, Skip
	case d.status != "approved" || s.Day < d.day && s.Verb != "process":
		return d, Refuse
	case o.stale(d):
		return d, Refuse
	case o.changedSince(d):
		return d, Either
	}
	return d, Accept
}

// idle reports lines that give nothing and only move between tiers.
func (d *dist) idle() bool {
	for _, l := range d.lines {
		if l.gross == 0 && l.redirected == 0 {
			return true
		}
	}
	return false
}

func judgePay(_ *World, o *offering, s *Step) Verdict {
	d, v := o.payable(s)
	if v == Skip || v == Refuse {
		return v
	}
	switch {
	case d.count(sent)+d.count(completed)+d.count(failed) > 0:
		return Refuse
	case d.count("") == 0 || d.idle():
		return Either // nothing of it is above zero, or not all
	}
	return v
}

func (l *line) pay(day Day) {
	l.state = completed
	l.moved = append(l.moved, cash{day: day, amount: l.gross, tax: l.withheld, net: l.net(), kind: l.inKind})
}

// unpay is the undoing of a payment; the bank has it back, or it is owed.
func (l *line) unpay(day Day, net Cents) {
	l.moved = append(l.moved, cash{day: day, amount: -l.gross, tax: -l.withheld, net: -net, kind: pick(net == 0, 0, -l.inKind), back: true})
}

func doPay(_ *World, o *offering, s *Step) {
	o.dist(s.Of).each("", func(_ string, l *line) {
		if l.state == "" {
			l.pay(s.Day)
		}
	})
}

func judgeProcess(_ *World, o *offering, s *Step) Verdict {
	d, v := o.payable(s)
	switch {
	case v == Skip || v == Refuse:
		return v
	case s.Payee != "" && d.lines[s.Payee] == nil:
		return Skip
	case s.Payee != "" && d.lines[s.Payee].state != "" || d.count("") == 0:
		return Refuse
	case s.Payee == "" && d.idle(), s.Payee != "" && d.lines[s.Payee].gross == 0 && d.lines[s.Payee].redirected == 0:
		return Either
	}
	return v
}

// doProcess hands lines to the bank. Where all is withheld or set off no bank is
// needed.
func doProcess(_ *World, o *offering, s *Step) {
	d := o.dist(s.Of)
	d.each(s.Payee, func(_ string, l *line) {
		switch {
		case l.state != "":
		case l.net() == 0:
			l.pay(max(s.Day, d.day))
		default:
			l.state, l.handed = sent, s.Day
		}
	})
}

func judgeConfirm(_ *World, o *offering, s *Step) Verdict {
	d, v := o.payable(s)
	switch {
	case v == Skip || v == Refuse:
		return v
	case s.Payee != "" && d.lines[s.Payee] == nil:
		return Skip
	case s.Payee != "" && d.lines[s.Payee].state != sent || d.count(sent) == 0:
		return Refuse
	}
	refused := false
	d.each(s.Payee, func(_ string, l *line) { refused = refused || l.state == sent && s.Day < l.handed })
	return pick(refused, Refuse, v)
}

func doConfirm(_ *World, o *offering, s *Step) {
	o.dist(s.Of).each(s.Payee, func(_ string, l *line) {
		if l.state == sent {
			l.pay(s.Day)
		}
	})
}

func judgeFail(_ *World, o *offering, s *Step) Verdict {
	d := o.dist(s.Of)
	if d == nil || d.lines[s.Payee] == nil {
		return Skip
	}
	l := d.lines[s.Payee]
	switch {
	case d.status != "approved", l.state != sent && l.state != completed, l.net() == 0:
		return Refuse
	case l.state == sent && s.Day < l.handed, l.state == completed && s.Day < l.moved[len(l.moved)-1].day:
		return Refuse
	case o.exit != nil:
		return Either
	}
	return Accept
}

func doFail(w *World, o *offering, s *Step) {
	l := o.dist(s.Of).lines[s.Payee]
	if l.state == completed {
		l.unpay(s.Day, l.net())
	}
	l.state, l.back = failed, s.Day
}

func judgeReissue(_ *World, o *offering, s *Step) Verdict {
	d, v := o.payable(s)
	switch {
	case v == Skip:
		return Skip
	case d.lines[s.Payee] == nil:
		return Skip
	case d.status != "approved" || d.lines[s.Payee].state != failed || s.Day < d.lines[s.Payee].back || s.Day < d.day:
		return Refuse
	}
	return v
}

func doReissue(_ *World, o *offering, s *Step) {
	l := o.dist(s.Of).lines[s.Payee]
	if s.Bank {
		l.state, l.handed = sent, s.Day
		return
	}
	l.pay(s.Day)
}

func judgeReverse(_ *World, o *offering, s *Step) Verdict {
	d := o.dist(s.Of)
	if d == nil {
		return Skip
	}
	early := s.Day < d.day
	for _, l := range d.lines {
		for _, m := range l.moved {
			early = early || s.Day < m.day
		}
		early = early || l.state == failed && s.Day < l.back
	}
	settled := false
	for _, x := range o.owing {
		if x.dist == d && x.billed {
			settled = settled || o.left(x) != x.amount
			early = early || s.Day < o.lastSettled(x)
		}
	}
	switch {
	case settled && o.w.Broken != "bill: what is settled is not reversed":
		return Refuse
	case d.status != "approved" || early || d.count(sent) > 0 || o.restedOn(d):
		return Refuse
	case !o.covers(func(m reserveMove) bool { return m.dist == d }, nil):
		return Refuse // what it held back has been used
	case o.exit != nil:
		return Either
	}
	return Accept
}

// doReverse undoes a distribution: what was paid is owed back, net of tax and of
// what was set off; what it billed is owed no more, and what it set off is again.
func doReverse(w *World, o *offering, s *Step) {
	d := o.dist(s.Of)
	d.status, d.reversed, d.undone = "reversed", s.Day, w.next()
	o.owedAgain(d, s.Day)
	for _, x := range o.owing {
		if x.dist == d && x.billed {
			x.gone = true
		}
	}
	for payee, l := range d.lines {
		if l.state == completed || l.state == billed {
			l.unpay(s.Day, 0)
		}
		if l.state == completed {
			o.owe(&debt{dist: d, payee: payee, since: s.Day, amount: l.net()})
		}
		l.state = "reversed"
	}
}
