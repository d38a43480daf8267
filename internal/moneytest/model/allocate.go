package model

func judgeAllocate(_ *World, o *offering, s *Step) Verdict {
	for _, a := range o.allocations {
		if a.name == s.Name {
			return Skip
		}
	}
	switch {
	case s.Amount == 0 || s.Type == "fees" && s.Amount < 0:
		return Refuse
	case o.exit != nil:
		return Either
	}
	if _, err := o.parts(s); err != nil {
		return Refuse
	}
	for _, t := range o.transfers {
		if t.day >= s.Day {
			return Either
		}
	}
	return Accept
}

// parts shares an amount among those who held at the end of the day. A loss
// takes no account below zero while others are above it.
func (o *offering) parts(s *Step) (map[string]Cents, error) {
	held := o.holdings(s.Day)
	weights := o.weights(held, true)
	if s.Type != "net_income" || s.Amount > 0 || o.w.Broken == "loss: takes no account below zero" {
		return o.w.Broken.allocate(s.Amount, weights)
	}
	balance := map[string]Cents{}
	for _, e := range o.account() {
		if e.day <= s.Day {
			balance[e.position] += e.amount
		}
	}
	out, left := map[string]Cents{}, s.Amount
	for left != 0 {
		var over []share
		for _, w := range weights {
			if w.weight.Sign() > 0 && balance[w.key]+out[w.key] > 0 {
				over = append(over, w)
			}
		}
		got, err := o.w.Broken.allocate(left, over)
		if err != nil {
			return nil, err // beyond everybody's capital
		}
		left = 0
		for p, c := range got {
			room := balance[p] + out[p]
			if -c > room {
				left += c + room
				c = -room
			}
			out[p] += c
		}
	}
	return out, nil
}

func doAllocate(w *World, o *offering, s *Step) {
	parts, err := o.parts(s)
	if err != nil {
		panic("model: carried out what it cannot share: " + err.Error())
	}
	o.allocations = append(o.allocations, &allocation{name: s.Name, kind: s.Type, from: s.Record, to: s.Day, amount: s.Amount,
		parts: parts, seq: w.next()})
}

func (o *offering) allocation(name string) *allocation {
	for _, a := range o.allocations {
		if a.name == name {
			return a
		}
	}
	return nil
}

func judgeUnallocate(_ *World, o *offering, s *Step) Verdict {
	a := o.allocation(s.Of)
	switch {
	case a == nil:
		return Skip
	case a.reversed != 0 || s.Day < a.to:
		return Refuse
	case o.exit != nil:
		return Either
	}
	for _, t := range o.transfers {
		if t.day >= a.to {
			return Either
		}
	}
	return Accept
}

func doUnallocate(w *World, o *offering, s *Step) {
	a := o.allocation(s.Of)
	a.reversed, a.undone = s.Day, w.next()
}

func judgeClose(_ *World, o *offering, _ *Step) Verdict { return pick(o.closed, Skip, Accept) }

func judgeExit(_ *World, o *offering, s *Step) Verdict {
	if o.exit != nil {
		return Skip
	}
	sale, latest := false, Day(0)
	for _, d := range o.dists {
		for _, l := range d.lines {
			for _, m := range l.moved {
				latest = max(latest, m.day)
			}
			if d.live() && !l.paid() && l.state != billed && l.gross != 0 {
				return Refuse
			}
		}
		if d.status == "pending" {
			return Refuse
		}
		sale = sale || d.live() && d.kind == "sale_proceeds"
	}
	for _, c := range o.commitments {
		if !c.cancelled && c.received < c.amount {
			return Refuse
		}
	}
	for _, e := range o.account() {
		latest = max(latest, e.day)
	}
	for _, x := range o.settled {
		latest = max(latest, x.day, x.undone)
	}
	switch owed, err := o.owed(); {
	case !o.closed || len(held(o.holdings(forever))) == 0 || !sale && !s.WriteOff:
		return Refuse
	case s.Day < latest || err != nil || sale && s.WriteOff || !owed.empty():
		return Either
	}
	return Accept
}

func judgeUnexit(_ *World, o *offering, s *Step) Verdict {
	switch {
	case o.exit == nil:
		return Skip
	case s.Day < o.exit.day:
		return Refuse
	}
	return Accept
}
