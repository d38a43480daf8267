package moneytest

import (
	"context"

	"github.com/freehold-go/freehold/internal/moneytest/model"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// The entity's own cash, and its balance sheet.

func (s *services) cash(step *model.Step, _ map[string]string) error {
	r, err := s.Capital.RecordCash(s.ctx, s.db, investments.RecordCashParams{IdempotencyKey: s.key(), OfferingID: s.offerings[step.Offering].ID,
		Kind: investments.CashKind(step.Type), Amount: cents(step.Amount), Cost: cents(step.Cost), Reserve: step.Reserve, Date: day(step.Day), ActorID: s.maker})
	if err != nil {
		return err
	}
	s.cashes[step.Name] = r.ID
	return nil
}

func (s *services) uncash(step *model.Step, _ map[string]string) error {
	_, err := s.Capital.ReverseCash(s.ctx, s.db, investments.ReverseCashParams{IdempotencyKey: s.key(), CashID: s.cashes[step.Of], Date: day(step.Day),
		Reason: "bounced", ActorID: s.maker})
	return err
}

func (s *services) readCash(f model.Facts, _ []model.Day) error {
	if len(s.cashes) == 0 {
		return nil
	}
	names := map[id.Of[investments.CashRecord]]string{}
	for name, v := range s.cashes {
		names[v] = name
	}
	list, err := ofOfferings(s, func(ctx context.Context, o id.Of[investments.Offering], r page.Request) (page.Page[investments.CashRecord], error) {
		return s.Capital.CashRecords(ctx, s.db, o, r)
	})
	if err != nil {
		return err
	}
	for i := range list {
		r := &list[i]
		name := names[r.ID]
		put(f, r.Amount, "cash", name)
		put(f, r.Cited, "cash", name, "cited")
		if r.ReversedBy != nil {
			f["cash/"+name+"/reversed"] = "yes"
		}
	}
	for d, v := range s.dists {
		sources, known := s.cited[d]
		if !known {
			if sources, err = s.Distributions.Sources(s.ctx, s.db, v); err != nil {
				return err
			}
			s.cited[d] = sources
		}
		for _, c := range sources {
			put(f, c.Amount, "source", d, names[c.CashID])
		}
	}
	return nil
}

func (s *services) readSheets(f model.Facts, days []model.Day) error {
	for name, o := range s.offerings {
		for _, d := range days {
			held, err := s.Capital.Reserves(s.ctx, s.db, o.ID, day(d))
			if err != nil {
				return err
			}
			for _, r := range held {
				put(f, r.Balance, "reserve", name, d.String(), r.Name)
			}
			sheet, err := s.Capital.BalanceSheet(s.ctx, s.db, o.ID, day(d))
			if err != nil {
				return err
			}
			for what, a := range map[string]money.Amount{"cash": sheet.Cash, "assets": sheet.Assets, "liabilities": sheet.Liabilities,
				"equity": sheet.Equity, "net_income": sheet.NetIncome} {
				put(f, a, "sheet", name, d.String(), what)
			}
			for _, l := range sheet.Lines {
				net, err := l.Debits.Sub(l.Credits)
				if err != nil {
					return err
				}
				put(f, net, "sheet", name, d.String(), l.Account.Code)
			}
		}
	}
	return nil
}

func (g *generator) cash(o *model.View) *model.Step {
	s := &model.Step{Verb: "cash", Name: g.name("k"), Day: g.day(20), Amount: model.Cents(1 + g.r.IntN(20_000_000)),
		Type: one(g, "operating_income", "operating_income", "operating_expense", "purchase", "sale_proceeds", "loan_proceeds", "loan_payment",
			"reserve_funding", "reserve_release", "reserve_release")}
	switch {
	case s.Type == "reserve_funding":
		s.Reserve = one(g, reserveNames...)
	case s.Type == "reserve_release":
		s.Reserve, _ = some(g, o.Reserves)
		held := o.Reserves[s.Reserve]
		s.Amount = pick(held > 0 && g.odds(85), max(1, held*model.Cents(1+g.r.IntN(10))/10), s.Amount)
	case s.Type == "sale_proceeds" && g.odds(85):
		s.Cost = o.Property
		if g.odds(15) {
			s.Cost++ // more than was bought
		}
	}
	return s
}

func (g *generator) uncash(o *model.View) *model.Step {
	name, ok := some(g, o.Recorded)
	return pick(ok, &model.Step{Verb: "uncash", Of: name, Day: g.day(20)}, nil)
}

// sources lets a declaration cite one or two records of cash.
func (g *generator) sources(s *model.Step, o *model.View) {
	if name, ok := some(g, o.Came); ok && g.odds(8) { // all of it, though some may be cited already
		s.Amount = o.Came[name]
		s.Sources = map[string]model.Cents{name: s.Amount}
		return
	}
	first, ok := some(g, o.Cash)
	if !ok || !g.odds(50) {
		return
	}
	s.Amount = min(s.Amount, o.Cash[first])
	s.Sources = map[string]model.Cents{first: s.Amount}
	if second, _ := some(g, o.Cash); second != first && g.odds(50) {
		s.Sources[second] = min(o.Cash[second], s.Amount)
		s.Amount += s.Sources[second]
	}
	if g.odds(3) {
		s.Amount++
	}
}
