package moneytest

import (
	"errors"
	"maps"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/internal/moneytest/model"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/investments/history"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
)

// What happens between partners: loans and what is paid on them, and calls that were
// not funded.

func (s *services) lend(step *model.Step, _ map[string]string) error {
	e, err := s.Positions.LendToPartner(s.ctx, s.db, investments.LendToPartnerParams{IdempotencyKey: s.key(),
		LenderID: s.positions[step.Offering+"/"+step.To+"/"+step.ToClass], DebtorID: s.positions[step.Offering+"/"+step.Holder+"/"+step.Class],
		Date: day(step.Day), Amount: cents(step.Amount), Rate: decimal.RequireFromString(step.Rate), Compounding: waterfall.Compounding(step.Type),
		DayCount: date.DayCount(step.Count), ActorID: s.maker})
	return s.happened(step, e, err)
}

func (s *services) repay(step *model.Step, _ map[string]string) error {
	e, err := s.Positions.RepayLoan(s.ctx, s.db, investments.RepayLoanParams{IdempotencyKey: s.key(), LoanID: s.events[step.Of], Date: day(step.Day),
		Amount: cents(step.Amount), ActorID: s.maker})
	return s.happened(step, e, err)
}

func (s *services) dilute(step *model.Step, _ map[string]string) error {
	e, err := s.Positions.DilutePartner(s.ctx, s.db, investments.DilutePartnerParams{IdempotencyKey: s.key(),
		PositionID: s.positions[step.Offering+"/"+step.Holder+"/"+step.Class], Date: day(step.Day), Missing: cents(step.Amount),
		Factor: decimal.RequireFromString(step.Rate), ActorID: s.maker})
	return s.happened(step, e, err)
}

func (s *services) withdraw(step *model.Step, _ map[string]string) error {
	_, err := s.Positions.WithdrawPartnerEvent(s.ctx, s.db, investments.WithdrawPartnerEventParams{IdempotencyKey: s.key(), EventID: s.events[step.Of],
		Date: day(step.Day), Reason: "in error", ActorID: s.maker})
	return err
}

func (s *services) enter(step *model.Step, _ map[string]string) error {
	e, err := s.Positions.EnterDefault(s.ctx, s.db, investments.EnterDefaultParams{IdempotencyKey: s.key(), OfferingID: s.offerings[step.Offering].ID,
		Preference: step.Class, Date: day(step.Day), Ends: step.Type == "ends", ActorID: s.maker})
	return s.happened(step, e, err)
}

func (s *services) happened(step *model.Step, e *investments.PartnerEvent, err error) error {
	if err == nil {
		s.events[step.Name], s.names[e.ID.String()] = e.ID, step.Name
	}
	return err
}

func (s *services) readEvents(f model.Facts, days []model.Day) error {
	if len(s.events) == 0 {
		return nil
	}
	for name, o := range s.offerings {
		all, err := s.Positions.PartnerEvents(s.ctx, s.db, o.ID)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			continue
		}
		for i := range all {
			e := &all[i]
			f["event/"+s.names[e.ID.String()]] = pick(e.WithdrawnAt != nil, "withdrawn", "stands")
			if e.InterestPaid != nil {
				put(f, *e.InterestPaid, "event", s.names[e.ID.String()], "interest")
			}
		}
		for _, d := range days {
			loans, err := s.Positions.MemberLoans(s.ctx, s.db, o.ID, day(d))
			if err != nil {
				return err
			}
			for i := range loans {
				l := &loans[i]
				at := []string{"loan", name, s.names[l.Name], d.String()}
				put(f, l.Principal, append(at, "principal")...)
				exactCents(f, l.Capitalized.Rat(), append(at, "capitalized")...)
				exactCents(f, l.Accrued.Rat(), append(at, "accrued")...)
			}
		}
	}
	return nil
}

// extras lets a declaration pay advances first, or distribute in kind.
func (g *generator) extras(s *model.Step, o *model.View) {
	if o.Terms && g.odds(pick(len(o.Loans) > 0, 4, 8)) {
		payee, _ := some(g, o.Held)
		s.Advances = map[string]model.Cents{pick(g.odds(50), "gp", payee): max(1, s.Amount/model.Cents(one(g, 3, 10, 20)))}
	}
	if g.odds(6) {
		s.InKind = s.Amount / model.Cents(one(g, 1, 2, 3, 10))
	}
	if name, ok := some(g, o.Reserves); ok && o.Reserves[name] > 0 && g.odds(pick(o.Terms, 35, 3)) {
		s.Releases = map[string]model.Cents{name: max(1, o.Reserves[name]*model.Cents(1+g.r.IntN(11))/10)}
	}
}

func (g *generator) lend(o *model.View) *model.Step {
	debtor, ok := some(g, o.Held)
	if !ok || !o.Terms {
		return nil
	}
	lender, _ := some(g, o.Held)
	s := &model.Step{Verb: "lend", Name: g.name("l"), Holder: model.HolderOf(debtor), Class: model.ClassOf(debtor), To: model.HolderOf(lender), ToClass: model.ClassOf(lender),
		Day: g.day(25), Amount: max(1, o.Held[debtor]/model.Cents(one(g, 2, 5, 20))), Rate: one(g, "0.06", "0.1", "0.12", "0.18", "0"),
		Type: one(g, "none", "none", "annual", "quarterly", "monthly", "daily"), Count: one(g, "ACT/365F", "ACT/365F", "30/360US", "30E/360", "ACT/360", "ACT/ACT-ISDA")}
	if s.Type == "daily" && s.Count != "ACT/360" {
		s.Count = "ACT/365F"
	}
	return pick(debtor != lender || g.odds(10), s, nil)
}

func (g *generator) repay(o *model.View) *model.Step {
	loan, ok := some(g, o.Loans)
	if !ok || o.Loans[loan] <= 0 {
		return nil
	}
	return &model.Step{Verb: "repay", Name: g.name("r"), Of: loan, Day: g.day(15), Amount: max(1, o.Loans[loan]*model.Cents(one(g, 1, 2, 4, 4))/4)}
}

func (g *generator) dilute(o *model.View) *model.Step {
	who, ok := some(g, o.Held)
	if !ok || !o.Terms {
		return nil
	}
	return &model.Step{Verb: "dilute", Name: g.name("m"), Holder: model.HolderOf(who), Class: model.ClassOf(who), Day: g.day(25),
		Amount: max(1, o.Held[who]/model.Cents(one(g, 1, 3, 10))), Rate: one(g, "1", "1.5", "1.5", "2", "1.0333")}
}

func (g *generator) withdraw(o *model.View) *model.Step {
	name, ok := some(g, o.Events)
	return pick(ok, &model.Step{Verb: "withdraw", Of: name, Day: g.today}, nil)
}

// advances are those of a declaration, by the ids of their payees.
func (s *services) advances(step *model.Step) (out []waterfall.Advance) {
	for payee, c := range step.Advances {
		account := s.accounts[payee].String()
		if p, ok := s.positions[payee]; ok {
			account = p.String()
		}
		out = append(out, waterfall.Advance{Account: account, Amount: cents(c)})
	}
	return out
}

// eventIDs are the ids behind the names of events between partners.
type eventIDs map[string]id.Of[investments.PartnerEvent]

func (s *services) readClawback(f model.Facts, _ []model.Day) error {
	if len(s.offerings) < 2 {
		return nil
	}
	p := investments.ClawbackParams{TaxRate: decimal.RequireFromString("0.37")}
	for _, name := range slices.Sorted(maps.Keys(s.offerings)) {
		p.OfferingIDs = append(p.OfferingIDs, s.offerings[name].ID)
	}
	c, err := s.Reports.Clawback(s.ctx, s.db, p)
	if errors.Is(err, investments.ErrClawbackTerms) || errors.Is(err, history.ErrBetween) {
		return nil
	}
	if err != nil {
		return err
	}
	put(f, c.American, "clawback", "american")
	put(f, c.European, "clawback", "european")
	put(f, c.Clawback, "clawback", "back")
	return nil
}
