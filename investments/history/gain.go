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
// returned where it was declared, cash where it was paid. What a true-up pays or takes
// has the character of what it makes good: of a line that is trued up only what makes
// a sale good is the sale's, whatever distribution pays it. Otherwise two equal
// stakes would come out with unequal gains because one of them was paid its income
// late. It returns [money.ErrOutOfRange].
func GainOf(own []Movement) (g Gain, err error) {
	var all Effect
	var returned, bySale money.Amount // capital, as declared: in all, and of it by the sale
	for i := range own {
		m := &own[i]
		if all, err = all.Add(m.Effect()); err != nil {
			return g, err
		}
		for _, x := range []struct {
			of  Kind
			to  *money.Amount
			add money.Amount
		}{{Distribution, &returned, m.Capital}, {Distribution, &bySale, m.SaleCapital}, {Payment, &g.Sale, m.Sale}} {
			if m.Kind != x.of {
				continue
			}
			if *x.to, err = x.to.Add(x.add); err != nil {
				return g, err
			}
		}
	}
	if g.Unreturned, err = all.Unreturned.Add(bySale); err != nil {
		return g, err
	}
	if g.Realized, err = g.Sale.Sub(g.Unreturned); err != nil {
		return g, err
	}
	if g.Returned, err = returned.Sub(bySale); err != nil {
		return g, err
	}
	g.Distributed = all.Distributed
	g.Income, err = money.Sum(g.Distributed, g.Sale.Neg(), g.Returned.Neg())
	return g, err
}
