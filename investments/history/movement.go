package history

import (
	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// Position, Commitment and Transfer are what ids stand for here. The services
// have types of the same names; id.Cast joins them.
type (
	Position   struct{}
	Commitment struct{}
	Transfer   struct{}
)

// Character is the tax character of a distribution; "" is not known yet. It is a
// label.
type Character string

// The characters.
const (
	Dividend        Character = "dividend"
	Interest        Character = "interest"
	ReturnOfCapital Character = "return_of_capital"
	CapitalGain     Character = "capital_gain"
)

// Movement is one entry of a position's history. Its kind says which
// amounts it has.
type Movement struct {
	ID       id.Of[Movement]
	Reverses id.Of[Movement] // zero unless it undoes another
	Position id.Of[Position]
	Kind     Kind

	Date     date.Date // of the books and the cash
	CountsOn date.Date // as capital; "no date" is Date

	Amount        money.Amount
	Capital       money.Amount
	Sale          money.Amount // of a distribution or payment what is proceeds of a sale
	SaleCapital   money.Amount // the capital in that
	Carrying      money.Amount
	Unrealized    money.Amount
	Consideration money.Amount
	Units         *decimal.Decimal // nil where the class has no price

	Commitment  id.Of[Commitment] // of a receipt or refund
	Transfer    id.Of[Transfer]
	Record      date.Date // of a distribution: its record date; "no date" is CountsOn
	Character   Character // of a distribution or payment
	Counterpart id.Of[Position]
}

// on is the day from which m counts as capital.
func (m *Movement) on() date.Date {
	if m.CountsOn.IsZero() {
		return m.Date
	}
	return m.CountsOn
}

// held is the end of the day that decides who a distribution is for.
func (m *Movement) held() date.Date {
	if m.Record.IsZero() {
		return m.on()
	}
	return m.Record
}

// Effect is what movements change.
type Effect struct {
	Contributed money.Amount // capital put in, moved by transfers
	Unreturned  money.Amount // of it, not yet returned
	Account     money.Amount // the capital account
	Unrealized  money.Amount // the part of it that is unrealized gains
	Cash        money.Amount // of the investor: in is below zero
	Distributed money.Amount // gross, in cash
	Returned    money.Amount // of it, capital
}

// Effect is what m changes.
func (m *Movement) Effect() Effect {
	a := m.Amount
	switch m.Kind {
	case Contribution:
		return Effect{Contributed: a, Unreturned: a, Account: a, Cash: a.Neg()}
	case Refund:
		return Effect{Contributed: a.Neg(), Unreturned: a.Neg(), Account: a.Neg(), Cash: a}
	case Distribution:
		return Effect{Unreturned: m.Capital.Neg(), Account: a.Neg()}
	case Payment:
		return Effect{Cash: a, Distributed: a, Returned: m.Capital}
	case TransferIn, Conversion:
		return Effect{Contributed: a, Unreturned: m.Capital, Account: m.Carrying, Unrealized: m.Unrealized, Cash: m.Consideration.Neg()}
	case TransferOut:
		return Effect{Contributed: a.Neg(), Unreturned: m.Capital.Neg(), Account: m.Carrying.Neg(), Unrealized: m.Unrealized.Neg(), Cash: m.Consideration}
	case Unrealized:
		return Effect{Account: a, Unrealized: a}
	case Income, Realized, Adjustment:
		return Effect{Account: a}
	case Fee:
		return Effect{Account: a.Neg()}
	}
	return Effect{} // what came back, or was given up, of a receivable; what is between partners
}

// units is what m changes of the units, nil where there are none.
func (m *Movement) units() *decimal.Decimal {
	if m.Units == nil {
		return nil
	}
	u := *m.Units
	if m.Kind == Refund || m.Kind == TransferOut {
		u = u.Neg()
	}
	return &u
}

// Add adds two effects. It returns [money.ErrOutOfRange].
func (e Effect) Add(o Effect) (Effect, error) {
	for _, x := range []struct{ to, of *money.Amount }{
		{&e.Contributed, &o.Contributed}, {&e.Unreturned, &o.Unreturned}, {&e.Account, &o.Account}, {&e.Unrealized, &o.Unrealized},
		{&e.Cash, &o.Cash}, {&e.Distributed, &o.Distributed}, {&e.Returned, &o.Returned},
	} {
		if x.of.IsZero() {
			continue
		}
		sum, err := x.to.Add(*x.of)
		if err != nil {
			return Effect{}, err
		}
		*x.to = sum
	}
	return e, nil
}

// Sum adds up the effects of the movements that keep selects; nil is all.
func Sum(ms []Movement, keep func(*Movement) bool) (sum Effect, err error) {
	for i := range ms {
		if keep != nil && !keep(&ms[i]) {
			continue
		}
		if sum, err = sum.Add(ms[i].Effect()); err != nil {
			return sum, err
		}
	}
	return sum, nil
}

// Reversal is the movement that undoes m from the day on which m counts. The
// books have it on a day of its own.
func (m *Movement) Reversal(on date.Date) Movement {
	r := *m
	r.ID, r.Reverses, r.Date, r.CountsOn = id.Of[Movement]{}, m.ID, on, m.on()
	r.Amount, r.Capital, r.Carrying = m.Amount.Neg(), m.Capital.Neg(), m.Carrying.Neg()
	r.Sale, r.SaleCapital = m.Sale.Neg(), m.SaleCapital.Neg()
	r.Unrealized, r.Consideration = m.Unrealized.Neg(), m.Consideration.Neg()
	if m.Units != nil {
		u := m.Units.Neg()
		r.Units = &u
	}
	return r
}

// ErrRefundUnmatched: a refund is of more than what was there of its commitment
// on its day.
var ErrRefundUnmatched = fault.New(fault.Invalid, "refund_unmatched", "a refund is of more than was there on its day")
