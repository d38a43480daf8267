package history

import (
	"slices"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// ErrMoveOrder: transfers are not given by day.
var ErrMoveOrder = fault.New(fault.Invalid, "transfers_disordered", "transfers are given in the order of their days")

// Move is a transfer or conversion of a fraction of a position.
type Move struct {
	ID       id.Of[Transfer]
	From, To id.Of[Position]
	Day      date.Date
	Fraction decimal.Decimal // above 0, at most 1
	// Priced: the transfer states a price, or is a conversion, so that its flow does
	// not follow the unreturned capital.
	Priced bool
}

// Carried is what a transfer takes along: the fraction of each balance, to the
// cent.
type Carried struct {
	Contributed money.Amount
	Unreturned  money.Amount
	Account     money.Amount // of the capital account, everything
	Unrealized  money.Amount // of it
}

// before reports whether m went before a transfer of its position: the day's
// transfers that are done before, nothing else of the day, and distributions that
// the giver was the holder for.
func (mv *Move) before(m *Movement, done map[id.Of[Transfer]]bool) bool {
	switch {
	case m.Kind.Transfers():
		return m.Transfer != mv.ID && (m.on().Before(mv.Day) || m.on() == mv.Day && done[m.Transfer])
	case m.Kind == Distribution:
		return m.held().Before(mv.Day)
	}
	return m.on().Before(mv.Day)
}

// Carry is what a transfer takes along, from the giver's movements. done are the
// transfers of its day that went before it; nil is none. It returns
// [ErrRefundUnmatched] or [money.ErrOutOfRange].
func (mv *Move) Carry(own []Movement, done map[id.Of[Transfer]]bool) (c Carried, err error) {
	if own, err = mv.neverThere(own); err != nil {
		return c, err
	}
	has, err := Sum(own, func(m *Movement) bool { return m.Position == mv.From && mv.before(m, done) })
	if err != nil {
		return c, err
	}
	for _, x := range []struct {
		to *money.Amount
		of money.Amount
	}{
		{&c.Contributed, has.Contributed}, {&c.Unreturned, money.Max(has.Unreturned, money.Zero)},
		{&c.Account, has.Account}, {&c.Unrealized, has.Unrealized},
	} {
		if *x.to, err = x.of.MulRate(mv.Fraction); err != nil {
			return c, err
		}
	}
	return c, nil
}

// neverThere nets the giver's movements where money of theirs goes back on the day
// of the transfer or later: what is refunded was not there to be taken along.
func (mv *Move) neverThere(own []Movement) ([]Movement, error) {
	if !slices.ContainsFunc(own, func(m Movement) bool { return m.Kind == Refund && !m.on().Before(mv.Day) }) {
		return own, nil
	}
	return Net(own)
}

// Correction is by how much a transfer took too little along, by what is on
// record today.
type Correction struct {
	Move
	Capital  money.Amount // unreturned
	Carrying money.Amount
}

// Restate finds what transfers should have taken along besides, once something
// was recorded, or undone, that went before them: the unreturned capital and the
// capital account of whoever holds now follow. ms are the movements of all
// positions concerned, moves their transfers in the order in which they were
// done. It returns [ErrMoveOrder] or [money.ErrOutOfRange].
func Restate(ms []Movement, moves []Move) ([]Correction, error) {
	of := map[id.Of[Position]][]Movement{}
	for i := range ms {
		of[ms[i].Position] = append(of[ms[i].Position], ms[i])
	}
	var out []Correction
	done := map[id.Of[Transfer]]bool{}
	for i := range moves {
		mv := &moves[i]
		if i > 0 && mv.Day.Before(moves[i-1].Day) {
			return nil, ErrMoveOrder
		}
		want, err := mv.Carry(of[mv.From], done)
		if err != nil {
			return nil, err
		}
		took, err := Sum(of[mv.From], func(m *Movement) bool { return m.Kind.Transfers() && m.Transfer == mv.ID })
		if err != nil {
			return nil, err
		}
		c := Correction{Move: *mv}
		if c.Capital, err = want.Unreturned.Add(took.Unreturned); err != nil { // taken is below zero
			return nil, err
		}
		if c.Carrying, err = want.Account.Add(took.Account); err != nil {
			return nil, err
		}
		done[mv.ID] = true
		if c.Capital.IsZero() && c.Carrying.IsZero() {
			continue
		}
		out = append(out, c)
		from, to := c.Movements()
		of[mv.From], of[mv.To] = append(slices.Clip(of[mv.From]), from), append(slices.Clip(of[mv.To]), to)
	}
	return out, nil
}

// Movements are the two ends of a correction, without ids and days of booking.
// They count on the day of the transfer.
func (c *Correction) Movements() (from, to Movement) {
	from = Movement{Position: c.From, Kind: TransferOut, CountsOn: c.Day, Transfer: c.ID, Counterpart: c.To, Capital: c.Capital, Carrying: c.Carrying}
	if !c.Priced {
		from.Consideration = c.Capital
	}
	to = from
	to.Position, to.Counterpart, to.Kind = c.To, c.From, TransferIn
	return from, to
}
