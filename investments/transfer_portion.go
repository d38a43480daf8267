package investments

import (
	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

// whole reports whether all of the position moves.
func (t *Transfer) whole() bool { return t.Fraction.Equal(decimal.NewFromInt(1)) }

// portion is the part of a position that moves.
type portion struct {
	capital    money.Amount // contributed
	unreturned money.Amount // of it, not yet returned
	unrealized money.Amount // gains allocated; a loss is below zero
	units      *decimal.Decimal
}

// portion computes what the fraction of pos is, of which so much capital has
// been returned. It touches no database.
func (t *Transfer) portion(pos *Position, returned money.Amount) (p portion, err error) {
	unreturned, err := pos.InvestmentAmount.Sub(returned)
	if err != nil {
		return p, err
	}
	if p.unreturned, err = money.Max(unreturned, money.Zero).MulRate(t.Fraction); err != nil {
		return p, err
	}
	if p.capital, err = pos.InvestmentAmount.MulRate(t.Fraction); err != nil {
		return p, err
	}
	if p.capital.IsZero() {
		return p, ErrTransferNothing
	}
	if p.unrealized, err = pos.UnrealizedGains.MulRate(t.Fraction); err != nil {
		return p, err
	}
	if pos.Units != nil {
		p.units = ptr(pos.Units.Mul(t.Fraction).Round(UnitDecimals))
	}
	return p, nil
}

// give takes p out of pos, and ends it when the whole of it moves.
func (t *Transfer) give(pos *Position, p portion) (err error) {
	if pos.InvestmentAmount, err = pos.InvestmentAmount.Sub(p.capital); err != nil {
		return err
	}
	if pos.UnrealizedGains, err = pos.UnrealizedGains.Sub(p.unrealized); err != nil {
		return err
	}
	if pos.Units != nil {
		pos.Units = ptr(pos.Units.Sub(*p.units))
	}
	if t.whole() {
		pos.Status, pos.ActualExitDate = PositionStatusExited, &t.EffectiveDate
	}
	return nil
}

// take adds p to pos, which is or becomes a funded position.
func (t *Transfer) take(pos *Position, p portion) (err error) {
	pos.open(t.EffectiveDate)
	if pos.InvestmentAmount, err = pos.InvestmentAmount.Add(p.capital); err != nil {
		return err
	}
	if pos.UnrealizedGains, err = pos.UnrealizedGains.Add(p.unrealized); err != nil {
		return err
	}
	pos.addUnits(p.units)
	return nil
}

// open makes pos a funded position from a day on. What it carried as committed
// is replaced by what comes in.
func (pos *Position) open(on date.Date) {
	switch pos.Status {
	case PositionStatusFunded:
	case PositionStatusExited: // it comes back with new capital
		pos.Status, pos.ActualExitDate = PositionStatusFunded, nil
	default:
		pos.InvestmentAmount, pos.Status = money.Zero, PositionStatusFunded
	}
	if pos.FundingDate == nil || on.Before(*pos.FundingDate) {
		pos.FundingDate = &on
	}
}

// addUnits adds units, if there are any, to those of pos.
func (pos *Position) addUnits(units *decimal.Decimal) {
	switch {
	case units == nil:
	case pos.Units == nil:
		pos.Units = units
	default:
		pos.Units = ptr(pos.Units.Add(*units))
	}
}

// unitsFor is what amount buys in the class, nil where it has no price.
func (c *ShareClass) unitsFor(amount money.Amount) *decimal.Decimal {
	if c.UnitPrice == nil {
		return nil
	}
	return ptr(amount.Decimal().DivRound(*c.UnitPrice, UnitDecimals+4).Truncate(UnitDecimals))
}
