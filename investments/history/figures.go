package history

import (
	"slices"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/investments/returns"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// Figures are the figures of one position, or of several together, on a day.
type Figures struct {
	Contributed money.Amount // capital put in and not passed on
	Unreturned  money.Amount // of it
	Unrealized  money.Amount
	Value       money.Amount // of what is held: unreturned capital and unrealized gains, not below zero
	Distributed money.Amount // gross, in cash
	Returned    money.Amount // of it, capital
	LastYear    money.Amount // of it, in the 365 days to the day, less capital

	// PaidIn and PaidOut are the flows of the multiple: contributions less refunds,
	// and distributions, each with the consideration of transfers.
	PaidIn  money.Amount
	PaidOut money.Amount
	Flows   []returns.Cash // by day, without the value

	Values map[id.Of[Position]]money.Amount // what Value consists of, without zeros
}

// FiguresOf are the figures of movements at the end of a day. held says which
// positions count in Value; nil is all. Value is that of each position by itself.
// Between positions that are given together a transfer is no flow. It returns
// [money.ErrOutOfRange].
func FiguresOf(ms []Movement, asOf date.Date, held func(id.Of[Position]) bool) (Figures, error) {
	var s Sums
	for i := range ms {
		if ms[i].Date.After(asOf) {
			continue
		}
		if err := s.add(&ms[i]); err != nil {
			return Figures{}, err
		}
	}
	return s.Figures(asOf, held)
}

// Multiple is what came out and is there still over what was paid in, to ten
// decimals; nil where nothing was.
func (f *Figures) Multiple() (*decimal.Decimal, error) {
	got, err := f.PaidOut.Add(f.Value)
	if err != nil {
		return nil, err
	}
	m, ok := got.Ratio(f.PaidIn, 10)
	if !ok {
		return nil, nil //nolint:nilnil // undefined
	}
	return &m, nil
}

// Rate is a rate of return: of the roots that ten decimals can tell from a total loss
// the one nearest the guess, and whether the flows have no other root at all.
type Rate struct {
	IRR    decimal.Decimal
	Unique bool
}

// Rate is the rate of return of the flows with the value as the last one; nil
// where they have none, or none that ten decimals can tell from a total loss.
func (f *Figures) Rate(asOf date.Date) *Rate {
	flows := f.Flows
	if !f.Value.IsZero() {
		flows = append(slices.Clip(flows), returns.Cash{Date: asOf, Amount: f.Value})
	}
	found, err := returns.XIRR(flows)
	if err != nil {
		return nil
	}
	// A payment that came back can add a root that ten decimals cannot tell from a total
	// loss: it says nothing, and is passed over.
	found.Roots = slices.DeleteFunc(found.Roots, func(r returns.Root) bool {
		irr := r.Decimal().Round(10)
		return irr.LessThanOrEqual(decimal.NewFromInt(-1)) || irr.Abs().GreaterThanOrEqual(decimal.New(1, 8))
	})
	if len(found.Roots) == 0 {
		return nil
	}
	return &Rate{IRR: found.Decimal().Round(10), Unique: found.Unique}
}
