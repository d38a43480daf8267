package investments

import (
	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/investments/history"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// whole reports whether all of the position moves.
func (t *Transfer) whole() bool { return t.Fraction.Equal(decimal.NewFromInt(1)) }

// portion is the part of a position that moves.
type portion struct {
	history.Carried
	units *decimal.Decimal // that leave
	fresh *decimal.Decimal // that the receiver gets: the same, or new ones of another class
}

// portion is what t takes along of pos, by the position's history. done are the
// transfers of its day that were completed before.
func (t *Transfer) portion(pos *Position, own []history.Movement, done map[id.Of[history.Transfer]]bool) (p portion, err error) {
	move := history.Move{ID: id.Cast[history.Transfer](t.ID), From: id.Cast[history.Position](pos.ID), Day: t.EffectiveDate, Fraction: t.Fraction}
	if p.Carried, err = move.Carry(own, done); err != nil {
		return p, err
	}
	if p.Contributed.IsZero() {
		return p, ErrTransferNothing
	}
	if pos.Units != nil {
		p.units = ptr(pos.Units.Mul(t.Fraction).Round(UnitDecimals))
	}
	p.fresh = p.units
	return p, nil
}

// flow is what the rate of return takes the transfer for.
func (t *Transfer) flow(p *portion) money.Amount {
	switch {
	case t.Kind == TransferConversion:
		return money.Zero
	case t.Price != nil:
		return *t.Price
	}
	return p.Unreturned
}

// give takes p out of pos, and ends it when the whole of it moves.
func (t *Transfer) give(pos *Position, p portion) (err error) {
	if pos.InvestmentAmount, err = pos.InvestmentAmount.Sub(p.Contributed); err != nil {
		return err
	}
	if pos.UnrealizedGains, err = pos.UnrealizedGains.Sub(p.Unrealized); err != nil {
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
	if pos.InvestmentAmount, err = pos.InvestmentAmount.Add(p.Contributed); err != nil {
		return err
	}
	if pos.UnrealizedGains, err = pos.UnrealizedGains.Add(p.Unrealized); err != nil {
		return err
	}
	pos.addUnits(p.fresh)
	return nil
}

// open makes pos a funded position from a day on. What it carried as committed
// is replaced by what comes in.
func (pos *Position) open(on date.Date) {
	switch pos.Status {
	case PositionStatusFunded:
	case PositionStatusExited: // it comes back with new capital
		pos.Status, pos.ActualExitDate, pos.TotalReturns = PositionStatusFunded, nil, money.Zero
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
