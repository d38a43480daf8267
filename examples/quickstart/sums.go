package main

import (
	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// sum is what some positions come to.
type sum struct {
	positions             int
	units                 decimal.Decimal
	invested, distributed money.Amount
	gained                money.Amount
}

func (s *sum) add(p *investments.Position) (err error) {
	if !p.InvestmentAmount.IsZero() { // one that was passed on is not counted
		s.positions++
	}
	if p.Units != nil {
		s.units = s.units.Add(*p.Units)
	}
	if s.invested, err = s.invested.Add(p.InvestmentAmount); err != nil {
		return err
	}
	if s.distributed, err = s.distributed.Add(p.TotalDistributions); err != nil {
		return err
	}
	s.gained, err = s.gained.Add(p.RealizedGains)
	return err
}

// sum adds up the positions of a class, or of all with "". One that was passed
// on still has what it was paid before.
func (r *results) sum(class string) (s sum, err error) {
	for i := range r.Holders {
		for j := range r.Holders[i].Positions {
			p := &r.Holders[i].Positions[j].Position
			if !p.Status.Counts() || class != "" && p.ShareClass != class {
				continue
			}
			if err := s.add(p); err != nil {
				return s, err
			}
		}
	}
	return s, nil
}

// line finds what a position got from a distribution, or nil.
func (d *payout) line(position id.Of[investments.Position]) *payoutLine {
	for i := range d.Lines {
		if p := d.Lines[i].PositionID; p != nil && *p == position {
			return &d.Lines[i]
		}
	}
	return nil
}

// besides adds up what was paid for something else than capital.
func (r *results) besides() (total money.Amount, err error) {
	for i := range r.Distributions {
		d := &r.Distributions[i]
		for j := range d.Lines {
			if l := &d.Lines[j]; d.paid() && l.PositionID == nil && err == nil {
				total, err = total.Add(l.DistributionAmount)
			}
		}
	}
	return total, err
}
