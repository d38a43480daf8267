package history

import (
	"github.com/freehold-go/freehold/realestate/money"
)

// Gain is how a position came out at the exit of its offering.
type Gain struct {
	Sale       money.Amount // cash of the sale
	Unreturned money.Amount // capital that was not returned before the sale
	Realized   money.Amount // the sale less that; a loss is below zero
	// Distributed is everything it got in cash, gross. It is the capital that was
	// returned to it, with what the sale covered of it, the income and the gain.
	Distributed money.Amount
	Returned    money.Amount // before the sale
	Income      money.Amount
}

// Returns are the income and the gain.
func (g *Gain) Returns() (money.Amount, error) { return g.Income.Add(g.Realized) }

// GainOf is the gain of one position, from its movements. Capital counts as
// returned where it was declared, cash where it was paid. It returns
// [money.ErrOutOfRange].
func GainOf(own []Movement) (g Gain, err error) {
	var sale, other, carried Effect
	for i := range own {
		m := &own[i]
		to := &carried
		switch {
		case (m.Kind == Distribution || m.Kind == Payment) && m.Sale:
			to = &sale
		case m.Kind == Distribution || m.Kind == Payment:
			to = &other
		}
		if *to, err = to.Add(m.Effect()); err != nil {
			return g, err
		}
	}
	g.Sale, g.Returned = sale.Cash, other.Unreturned.Neg()
	if g.Unreturned, err = carried.Unreturned.Add(other.Unreturned); err != nil {
		return g, err
	}
	if g.Realized, err = g.Sale.Sub(g.Unreturned); err != nil {
		return g, err
	}
	if g.Distributed, err = other.Cash.Add(sale.Cash); err != nil {
		return g, err
	}
	g.Income, err = other.Cash.Sub(g.Returned)
	return g, err
}
