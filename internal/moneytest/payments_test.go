package moneytest

import (
	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/internal/moneytest/model"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/id"
)

func (s *services) declare(step *model.Step, _ map[string]string) error {
	p := investments.DeclareParams{IdempotencyKey: s.key(), OfferingID: s.offerings[step.Offering].ID,
		Type: investments.DistributionType(step.Type), Date: day(step.Day), Amount: cents(step.Amount),
		Method: investments.Method(step.Method), TrueUp: step.TrueUp, Bill: step.Bill, SetOff: step.SetOff,
		Advances: s.advances(step), InKind: cents(step.InKind), ActorID: s.maker}
	if step.Corrects != "" {
		wrong := s.dists[step.Corrects]
		p.CorrectsID = &wrong
	}
	if step.SetOff {
		s.settling["set off"] = true
	}
	for name, c := range step.Releases {
		p.Releases = append(p.Releases, waterfall.ReserveAmount{Reserve: name, Amount: cents(c)})
	}
	for name, c := range step.Sources {
		p.Sources = append(p.Sources, investments.CashSource{CashID: s.cashes[name], Amount: cents(c)})
	}
	if step.Record != 0 {
		record := day(step.Record)
		p.RecordDate = &record
	}
	if step.Label != "" {
		label := investments.Character(step.Label)
		p.Character = &label
	}
	for payee, rate := range step.Withhold {
		if p.Withholding == nil {
			p.Withholding = map[id.Of[investments.Position]]decimal.Decimal{}
		}
		p.Withholding[s.positions[payee]] = decimal.RequireFromString(rate)
	}
	d, err := s.Distributions.Declare(s.ctx, s.db, p)
	if err != nil {
		return err
	}
	s.dists[step.Name], s.offeringOf[step.Name] = d.ID, step.Offering
	delete(s.tiers, step.Name)
	delete(s.lines, step.Name)
	return nil
}

func (s *services) approve(step *model.Step, _ map[string]string) error {
	_, err := s.Distributions.Approve(s.ctx, s.db, investments.ApproveDistributionParams{DistributionID: s.dists[step.Of], ActorID: s.checker})
	return err
}

func (s *services) cancelDistribution(step *model.Step, _ map[string]string) error {
	_, err := s.Distributions.Cancel(s.ctx, s.db, investments.CancelDistributionParams{DistributionID: s.dists[step.Of], Reason: "withdrawn", ActorID: s.maker})
	return err
}

var later = investments.Portfolios{Later: true}

func (s *services) pay(step *model.Step, _ map[string]string) error {
	_, err := s.Distributions.Pay(s.ctx, s.db, investments.PayParams{IdempotencyKey: s.key(), DistributionID: s.dists[step.Of],
		Date: day(step.Day), Method: investments.PayACH, Portfolios: later, ActorID: s.maker})
	return err
}

// which is the one line that a step is about, or nil for all.
func (s *services) which(step *model.Step) []id.Of[investments.DistributionLine] {
	if step.Payee == "" {
		return nil
	}
	return []id.Of[investments.DistributionLine]{s.line(step)}
}

func (s *services) line(step *model.Step) id.Of[investments.DistributionLine] {
	return s.lines[step.Of][step.Payee]
}

func (s *services) process(step *model.Step, _ map[string]string) error {
	_, err := s.Distributions.Process(s.ctx, s.db, investments.ProcessDistributionParams{IdempotencyKey: s.key(), DistributionID: s.dists[step.Of],
		Lines: s.which(step), Date: day(step.Day), Method: investments.PayWire, ActorID: s.maker})
	return err
}

func (s *services) confirm(step *model.Step, _ map[string]string) error {
	_, err := s.Distributions.ConfirmPayments(s.ctx, s.db, investments.ConfirmPaymentsParams{IdempotencyKey: s.key(),
		DistributionID: s.dists[step.Of], Lines: s.which(step), Date: day(step.Day), Portfolios: later, ActorID: s.maker})
	return err
}

func (s *services) fail(step *model.Step, _ map[string]string) error {
	_, err := s.Distributions.FailPayment(s.ctx, s.db, investments.FailPaymentParams{IdempotencyKey: s.key(), LineID: s.line(step),
		Date: day(step.Day), Reason: "account closed", ActorID: s.maker})
	return err
}

func (s *services) reissue(step *model.Step, _ map[string]string) error {
	_, err := s.Distributions.ReissuePayment(s.ctx, s.db, investments.ReissuePaymentParams{IdempotencyKey: s.key(), LineID: s.line(step),
		Date: day(step.Day), Method: investments.PayCheck, Sent: step.Bank, ActorID: s.maker})
	return err
}

func (s *services) reverse(step *model.Step, _ map[string]string) error {
	// What is wrong with it shows when the checker agrees.
	_, _ = s.Distributions.RequestReversal(s.ctx, s.db, investments.RequestReversalParams{DistributionID: s.dists[step.Of], Date: day(step.Day), Reason: "in error", ActorID: s.maker})
	_, err := s.Distributions.Reverse(s.ctx, s.db, investments.ReverseDistributionParams{IdempotencyKey: s.key(), DistributionID: s.dists[step.Of],
		Date: day(step.Day), Reason: "in error", ActorID: s.checker})
	return err
}

func (s *services) allocate(step *model.Step, _ map[string]string) error {
	a, err := s.Capital.Allocate(s.ctx, s.db, investments.AllocateParams{IdempotencyKey: s.key(), OfferingID: s.offerings[step.Offering].ID,
		Kind: investments.AllocationKind(step.Type), Amount: cents(step.Amount), Date: day(step.Day), ActorID: s.maker})
	if err != nil {
		return err
	}
	s.allocations[step.Name] = a.ID
	return nil
}

func (s *services) unallocate(step *model.Step, _ map[string]string) error {
	_, err := s.Capital.ReverseAllocation(s.ctx, s.db, investments.ReverseAllocationParams{IdempotencyKey: s.key(), AllocationID: s.allocations[step.Of],
		Date: day(step.Day), Reason: "in error", ActorID: s.maker})
	return err
}

func (s *services) close(step *model.Step, _ map[string]string) error {
	_, err := s.Offerings.Close(s.ctx, s.db, investments.CloseOfferingParams{OfferingID: s.offerings[step.Offering].ID, ActorID: s.maker})
	return err
}

func (s *services) exit(step *model.Step, _ map[string]string) error {
	_, err := s.Capital.ExitOffering(s.ctx, s.db, investments.ExitOfferingParams{IdempotencyKey: s.key(), OfferingID: s.offerings[step.Offering].ID,
		Date: day(step.Day), WriteOff: step.WriteOff, ActorID: s.maker})
	return err
}

func (s *services) unexit(step *model.Step, _ map[string]string) error {
	o := s.offerings[step.Offering].ID
	_, _ = s.Capital.RequestExitReversal(s.ctx, s.db, investments.RequestExitReversalParams{OfferingID: o, Date: day(step.Day), Reason: "the sale fell through", ActorID: s.maker})
	_, err := s.Capital.ReverseExit(s.ctx, s.db, investments.ReverseExitParams{IdempotencyKey: s.key(), OfferingID: o,
		Date: day(step.Day), Reason: "the sale fell through", ActorID: s.checker})
	return err
}
