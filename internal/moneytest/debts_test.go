package moneytest

import (
	"slices"
	"strings"

	"github.com/freehold-go/freehold/internal/moneytest/model"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// What payees owe: it comes back, somebody else bears it, it is set off against what
// they get next, billed by a true-up, or given up.

// owner is who owes: a position, or the account of the promote.
func (s *services) owner(payee string) (*id.Of[investments.Position], *id.Of[investments.Account]) {
	if v, ok := s.positions[payee]; ok {
		return &v, nil
	}
	v := s.accounts[payee]
	return nil, &v
}

func (s *services) recover(step *model.Step, _ map[string]string) error {
	p := investments.RecordRecoveryParams{IdempotencyKey: s.key(), OfferingID: s.offerings[step.Offering].ID, Amount: cents(step.Amount), Date: day(step.Day), ActorID: s.maker}
	p.PositionID, p.AccountID = s.owner(step.Payee)
	if step.By != "" {
		by := s.accounts[step.By]
		p.BorneBy = &by
	}
	s.settling["recover"] = true
	_, err := s.Distributions.RecordRecovery(s.ctx, s.db, p)
	return err
}

func (s *services) writeOff(step *model.Step, _ map[string]string) error {
	p := investments.RequestWriteOffParams{IdempotencyKey: s.key(), OfferingID: s.offerings[step.Offering].ID, Amount: cents(step.Amount), Date: day(step.Day),
		Reason: "cannot be found", ActorID: s.maker}
	p.PositionID, p.AccountID = s.owner(step.Payee)
	w, err := s.Capital.RequestWriteOff(s.ctx, s.db, p)
	if err != nil {
		return err
	}
	s.writeOffs[step.Name] = w.ID
	return nil
}

func (s *services) agree(step *model.Step, _ map[string]string) error {
	s.settling["agree"] = true
	_, err := s.Capital.ApproveWriteOff(s.ctx, s.db, investments.ApproveWriteOffParams{WriteOffID: s.writeOffs[step.Of], ActorID: s.checker})
	return err
}

func (s *services) disagree(step *model.Step, _ map[string]string) error {
	_, err := s.Capital.RejectWriteOff(s.ctx, s.db, investments.RejectWriteOffParams{WriteOffID: s.writeOffs[step.Of], ActorID: s.checker, Reason: "they were found"})
	return err
}

// readDebts says what is owed line by line, and what became of requests to give up.
func (s *services) readDebts(f model.Facts, name string, owed []investments.Recoverable) error {
	dists := map[id.Of[investments.Distribution]]string{}
	for d, v := range s.dists {
		dists[v] = d
	}
	for i := range owed {
		r := &owed[i]
		at := []string{"debt", name, dists[r.DistributionID], s.payee(r.PositionID, r.AccountID)}
		put(f, r.Owed, at...)
		f[strings.Join(append(at, "since"), "/")] = r.OwedSince.String() + pick(r.Billed, " billed", "")
	}
	return nil
}

func (s *services) readWriteOffs(f model.Facts, _ []model.Day) error {
	for name, v := range s.writeOffs {
		w, err := s.Capital.WriteOff(s.ctx, s.db, v)
		if err != nil {
			return err
		}
		f["writeoff/"+name] = string(w.Status)
	}
	return nil
}

// readTold says what investors' transactions tell of debts that were settled, by day.
func (s *services) readTold(f model.Facts, _ []model.Day) error {
	if len(s.settling) == 0 {
		return nil
	}
	offerings := map[id.Of[investments.DistributionLine]]string{}
	for d, lines := range s.lines {
		for _, v := range lines {
			offerings[v] = s.offeringOf[d]
		}
	}
	people := map[id.Of[auth.User]]bool{}
	for _, v := range s.users {
		people[v] = true
	}
	for v := range people {
		for t, err := range s.Reports.AllTransactions(s.ctx, s.db, v) {
			if err != nil {
				return err
			}
			if t.Type != investments.TransactionAdjustment {
				continue
			}
			who := s.names[t.InvestorID.String()]
			if t.AccountID != nil {
				who = s.names[t.AccountID.String()]
			}
			put(f, t.Amount, "told", offerings[*t.DistributionLineID], who, t.EffectiveDate.String())
		}
	}
	return nil
}

// readBeside says what stands beside a capital account.
func readBeside(f model.Facts, at []string, c *investments.CapitalAccount) {
	for what, a := range map[string]money.Amount{"paid": c.Paid, "declared_not_paid": c.DeclaredNotPaid, "recovered": c.Recovered, "written_off": c.WrittenOff} {
		put(f, a, slices.Concat(at, []string{what})...)
	}
}

func (g *generator) recover(o *model.View) *model.Step {
	s := g.settle("recover", o)
	if s != nil && g.odds(25) {
		s.By = pick(g.odds(85), "gp", one(g, g.holders...))
		if s.By != "gp" && !strings.Contains(s.By, ".") {
			s.By = ""
		}
	}
	return s
}

// billed pays back some of what the last distribution billed, and would then reverse it.
func (g *generator) billed(o *model.View) *model.Step {
	if name, ok := some(g, o.Settled); ok {
		return &model.Step{Verb: "reverse", Of: name, Day: g.today + 15}
	}
	name, ok := some(g, o.Billed)
	if !ok {
		return nil
	}
	payee := o.Billed[name]
	return &model.Step{Verb: "recover", Payee: payee, Day: g.today, Amount: max(1, o.Debts[payee]/3)}
}

// settle is a part of what somebody owes, or all of it, at times too early.
func (g *generator) settle(verb string, o *model.View) *model.Step {
	for payee, owed := range o.Debts {
		if owed <= 0 {
			delete(o.Debts, payee)
		}
	}
	payee, ok := some(g, o.Debts)
	if !ok {
		return nil
	}
	return &model.Step{Verb: verb, Payee: payee, Day: g.day(10), Amount: pick(g.odds(50), o.Debts[payee], max(1, o.Debts[payee]/3))}
}

func (g *generator) writeOff(o *model.View) *model.Step {
	s := g.settle("writeoff", o)
	if s != nil {
		s.Name = g.name("w")
	}
	return s
}

func (g *generator) agree(o *model.View) *model.Step {
	name, ok := some(g, o.WriteOffs)
	return pick(ok, &model.Step{Verb: "agree", Of: name}, nil)
}

func (g *generator) disagree(o *model.View) *model.Step {
	name, ok := some(g, o.WriteOffs)
	return pick(ok, &model.Step{Verb: "disagree", Of: name}, nil)
}

// debts lets a declaration set off, bill, and name what it puts right.
func (g *generator) debts(s *model.Step, o *model.View) {
	for _, owed := range o.Debts {
		s.SetOff = s.SetOff || owed > 0
	}
	if s.SetOff && g.odds(25) { // before some of it was owed
		s.Day -= model.Day(one(g, 10, 40, 90))
		s.Record = min(s.Record, s.Day)
	}
	s.SetOff = s.SetOff && g.odds(70) || g.odds(3)
	if s.Bill = s.TrueUp && g.odds(50); s.Bill && g.odds(70) { // too little to make it good
		s.Amount = s.Amount/30 + 1
	}
	if right, ok := some(g, o.Reversed); ok && g.odds(50) {
		s.Corrects = right
	} else if wrong, ok := some(g, o.Booked); ok && g.odds(3) {
		s.Corrects = wrong
	}
}
