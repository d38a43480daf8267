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
		if l.state == state && l.gross > 0 {
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

func judgePay(_ *World, o *offering, s *Step) Verdict {
	d, v := o.payable(s)
	if v == Skip || v == Refuse {
		return v
	}
	if len(d.lines) == 0 || d.count("") == 0 || d.count("") != len(d.lines) {
		return pick(d.count("") == 0, Refuse, Either)
	}
	return v
}

func (l *line) pay(day Day) {
	l.state = completed
	l.moved = append(l.moved, cash{day, l.gross, l.withheld})
}

func doPay(_ *World, o *offering, s *Step) {
	o.dist(s.Of).each("", func(_ string, l *line) { l.pay(s.Day) })
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
	case s.Payee == "" && d.count("") != len(d.lines), s.Payee != "" && d.lines[s.Payee].gross == 0:
		return Either
	}
	return v
}

// doProcess hands lines to the bank. Where all is withheld no bank is needed.
func doProcess(_ *World, o *offering, s *Step) {
	o.dist(s.Of).each(s.Payee, func(_ string, l *line) {
		switch {
		case l.state != "":
		case l.gross == l.withheld:
			l.pay(s.Day)
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
	case d.status != "approved", l.state != sent && l.state != completed, l.gross == l.withheld:
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
		l.moved = append(l.moved, cash{s.Day, -l.gross, -l.withheld})
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
	switch {
	case d.status != "approved" || early || d.count(sent) > 0 || o.restedOn(d):
		return Refuse
	case o.exit != nil:
		return Either
	}
	return Accept
}

// doReverse undoes a distribution: what was paid is owed back, net of tax.
func doReverse(w *World, o *offering, s *Step) {
	d := o.dist(s.Of)
	d.status, d.reversed, d.undone = "reversed", s.Day, w.next()
	for _, l := range d.lines {
		if l.state == completed {
			l.moved = append(l.moved, cash{s.Day, -l.gross, -l.withheld})
			l.owed = l.gross - l.withheld
		}
		l.state = "reversed"
	}
}

// debts are what the payees of reversed distributions owe.
func (o *offering) debts() map[string]Cents {
	out := map[string]Cents{}
	for _, d := range o.dists {
		for p, l := range d.lines {
			out[p] += l.owed
		}
	}
	for _, r := range o.recoveries {
		out[r.payee] -= r.amount
	}
	return out
}

func judgeRecover(_ *World, o *offering, s *Step) Verdict {
	since := forever
	for _, d := range o.dists {
		if l := d.lines[s.Payee]; l != nil && l.owed > 0 {
			since = min(since, d.reversed)
		}
	}
	switch {
	case since == forever:
		return Skip
	case s.Amount <= 0 || s.Amount > o.debts()[s.Payee] || s.Day < since:
		return Refuse
	}
	for _, d := range o.dists {
		if l := d.lines[s.Payee]; l != nil && l.owed > 0 && d.reversed > s.Day {
			return Either
		}
	}
	return Accept
}

func doRecover(_ *World, o *offering, s *Step) {
	o.recoveries = append(o.recoveries, &recovery{s.Day, s.Payee, s.Amount})
}
