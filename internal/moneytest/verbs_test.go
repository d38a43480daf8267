package moneytest

import (
	"slices"

	"github.com/freehold-go/freehold/internal/moneytest/model"
)

func (g *generator) commit(o *model.View) *model.Step {
	return &model.Step{Verb: "commit", Name: g.name("c"), Holder: one(g, g.holders...), Amount: g.cents(), Day: g.today,
		Class: pick(g.odds(3), "", one(g, o.Classes...))}
}

func (g *generator) receive(o *model.View) *model.Step {
	name, ok := some(g, o.Outstanding)
	if !ok {
		return nil
	}
	amount := o.Outstanding[name]
	if g.odds(30) {
		amount = max(1, amount*model.Cents(1+g.r.IntN(9))/10)
	}
	s := &model.Step{Verb: "receive", Of: name, Amount: amount, Day: g.day(25)}
	if o.HeldBack && g.odds(40) { // there all along, so that what was held back would be due
		s.Day = o.Since
	}
	return s
}

func (g *generator) refund(o *model.View) *model.Step {
	name, ok := some(g, o.Received)
	if !ok {
		return nil
	}
	amount := o.Received[name]
	if g.odds(70) {
		amount = max(1, amount*model.Cents(1+g.r.IntN(9))/10)
	}
	return &model.Step{Verb: "refund", Of: name, Amount: amount, Day: g.day(20)}
}

func (g *generator) uncommit(o *model.View) *model.Step {
	name, ok := some(g, o.Outstanding)
	return pick(ok, &model.Step{Verb: "uncommit", Of: name}, nil)
}

func (g *generator) move(o *model.View, kind string, late int) *model.Step {
	from, ok := some(g, o.Held)
	if !ok {
		return nil
	}
	s := &model.Step{Verb: "transfer", Type: kind, Holder: model.HolderOf(from), Class: model.ClassOf(from), To: one(g, g.holders...),
		Fraction: one(g, "1", "1", "0.5", "0.25", "0.3333333333", "0.1"), Day: g.day(late)}
	if s.To == s.Holder {
		return nil
	}
	if kind == "transfer" && g.odds(25) {
		price := o.Held[from] * model.Cents(g.r.IntN(20)) / 10
		s.Price = &price
	}
	return s
}

func (g *generator) transfer(o *model.View) *model.Step   { return g.move(o, "transfer", 20) }
func (g *generator) correction(o *model.View) *model.Step { return g.move(o, "correction", 70) }

func (g *generator) conversion(o *model.View) *model.Step {
	from, ok := some(g, o.Held)
	if !ok || len(o.Classes) < 2 {
		return nil
	}
	s := &model.Step{Verb: "transfer", Type: "conversion", Holder: model.HolderOf(from), Class: model.ClassOf(from), To: model.HolderOf(from),
		ToClass: one(g, o.Classes...), Fraction: one(g, "1", "0.5"), Day: g.day(10)}
	return pick(s.ToClass == s.Class, nil, s)
}

func (g *generator) declare(o *model.View) *model.Step {
	if len(o.Held) == 0 {
		return nil
	}
	total := model.Cents(0)
	for _, c := range o.Held {
		total += c
	}
	s := &model.Step{Verb: "declare", Name: g.name("d"), Day: g.day(5), Method: "pro_rata",
		Type: one(g, "quarterly", "quarterly", "monthly_income", "refinance", "sale_proceeds")}
	switch s.Type {
	case "refinance":
		s.Amount = total * model.Cents(1+g.r.IntN(8)) / 10
	case "sale_proceeds":
		s.Amount = total * model.Cents(5+g.r.IntN(12)) / 10
	default:
		s.Amount = total*model.Cents(1+g.r.IntN(40))/1000 + 1
	}
	s.Amount += model.Cents(g.r.IntN(100))
	if o.Terms {
		s.Method = pick(g.odds(20), "preferred", "waterfall")
	}
	if g.odds(30) {
		s.Record = s.Day - model.Day(one(g, 1, 5, 15, 30, 60))
	}
	if g.odds(30) {
		s.Label = one(g, "dividend", "return_of_capital", "interest", "capital_gain")
	}
	s.TrueUp = o.Owed && g.odds(85)
	if g.odds(15) {
		p, _ := some(g, o.Held)
		s.Withhold = map[string]string{p: one(g, "0.24", "0.3", "0.1")}
	}
	g.debts(s, o)
	g.sources(s, o)
	g.extras(s, o)
	return s
}

func (g *generator) approve(o *model.View) *model.Step {
	name, ok := some(g, o.Pending)
	return pick(ok, &model.Step{Verb: "approve", Of: name}, nil)
}

func (g *generator) cancel(o *model.View) *model.Step {
	name, ok := some(g, o.Pending)
	return pick(ok, &model.Step{Verb: "cancel", Of: name}, nil)
}

// payment is a step about lines in a state; of one line, or of all.
func (g *generator) payment(verb string, lines map[string][]string, all int) *model.Step {
	name, ok := some(g, lines)
	if !ok {
		return nil
	}
	s := &model.Step{Verb: verb, Of: name, Day: g.today + model.Day(one(g, 0, 0, 0, 2, 15))}
	if !g.odds(all) {
		s.Payee = one(g, slices.Sorted(slices.Values(lines[name]))...)
	}
	return s
}

func (g *generator) pay(o *model.View) *model.Step     { return g.payment("pay", o.Lines[""], 100) }
func (g *generator) process(o *model.View) *model.Step { return g.payment("process", o.Lines[""], 50) }
func (g *generator) confirm(o *model.View) *model.Step {
	return g.payment("confirm", o.Lines["sent"], 60)
}

func (g *generator) fail(o *model.View) *model.Step {
	return g.payment("fail", o.Lines[one(g, "sent", "completed")], 0)
}

func (g *generator) reissue(o *model.View) *model.Step {
	s := g.payment("reissue", o.Lines["failed"], 0)
	if s != nil {
		s.Bank = g.odds(40)
	}
	return s
}

func (g *generator) reverse(o *model.View) *model.Step {
	name, ok := some(g, o.Booked)
	return pick(ok, &model.Step{Verb: "reverse", Of: name, Day: g.today}, nil)
}

func (g *generator) allocate(o *model.View) *model.Step {
	if len(o.Held) == 0 {
		return nil
	}
	s := &model.Step{Verb: "allocate", Name: g.name("a"), Day: g.day(15), Type: one(g, "net_income", "net_income", "unrealized_change", "fees")}
	s.Amount = model.Cents(1 + g.r.IntN(2_000_000))
	if s.Type != "fees" && g.odds(30) {
		s.Amount *= model.Cents(one(g, -1, -1, -10))
	}
	return s
}

func (g *generator) unallocate(o *model.View) *model.Step {
	name, ok := some(g, o.Allocated)
	return pick(ok, &model.Step{Verb: "unalloc", Of: name, Day: g.today}, nil)
}

func (g *generator) newTerms(o *model.View) *model.Step {
	if !o.Terms && g.odds(80) {
		return nil
	}
	return &model.Step{Verb: "terms", Day: g.today, Terms: g.terms(o.Classes, o.DayCount, true)}
}

// sale is the last distribution before an exit.
func (g *generator) sale(o *model.View) *model.Step {
	s := g.declare(o)
	if s != nil {
		s.Type, s.TrueUp, s.Record, s.Day = "sale_proceeds", o.Owed, 0, g.today
	}
	return s
}

// enter is a default that begins, or ends.
func (g *generator) enter(o *model.View) *model.Step {
	if len(o.Defaults) == 0 && g.odds(95) {
		return nil
	}
	return &model.Step{Verb: "default", Name: g.name("e"), Class: one(g, pick(len(o.Defaults) > 0, o.Defaults, o.Classes)...), Day: g.day(30),
		Type: pick(g.odds(40), "ends", "")}
}

func (g *generator) close(*model.View) *model.Step { return &model.Step{Verb: "close"} }

// exit may come while something is owed of the past: then what the sale paid is the
// gain, and another exit has to follow what makes it good.
func (g *generator) exit(o *model.View) *model.Step {
	return pick(o.Closed, &model.Step{Verb: "exit", Day: g.today + 20, WriteOff: g.odds(15)}, nil)
}

func (g *generator) unexit(*model.View) *model.Step {
	return &model.Step{Verb: "unexit", Day: g.today + 30}
}
