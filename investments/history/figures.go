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
func FiguresOf(ms []Movement, asOf date.Date, held func(id.Of[Position]) bool) (f Figures, err error) {
	sums := map[id.Of[Position]]Effect{}
	var between map[id.Of[Transfer]]money.Amount
	yearAgo := asOf.AddDays(-365)
	for i := range ms {
		m := &ms[i]
		if m.Date.After(asOf) {
			continue
		}
		day := m.Date
		if m.Kind.Transfers() { // what went along later is of the transfer's day
			day = m.on()
		}
		e := m.Effect()
		if sums[m.Position], err = sums[m.Position].Add(e); err != nil {
			return f, err
		}
		if e.Cash.IsZero() {
			continue
		}
		switch m.Kind {
		case Contribution, Refund:
			f.PaidIn, err = f.PaidIn.Sub(e.Cash)
		case Payment:
			if f.PaidOut, err = f.PaidOut.Add(e.Cash); err == nil && day.After(yearAgo) {
				f.LastYear, err = money.Sum(f.LastYear, e.Distributed, e.Returned.Neg())
			}
		default:
			if between == nil {
				between = map[id.Of[Transfer]]money.Amount{}
			}
			between[m.Transfer], err = between[m.Transfer].Add(e.Cash)
		}
		if err != nil {
			return f, err
		}
		f.Flows = append(f.Flows, returns.Cash{Date: day, Amount: e.Cash})
	}
	if err := f.passOn(between); err != nil {
		return f, err
	}
	if err := f.netFlows(); err != nil {
		return f, err
	}
	return f, f.value(sums, held)
}

// netFlows brings the flows into the order of days, one a day.
func (f *Figures) netFlows() (err error) {
	slices.SortStableFunc(f.Flows, func(a, b returns.Cash) int { return a.Date.Compare(b.Date) })
	n := 0
	for _, x := range f.Flows {
		if n > 0 && f.Flows[n-1].Date == x.Date {
			if f.Flows[n-1].Amount, err = f.Flows[n-1].Amount.Add(x.Amount); err != nil {
				return err
			}
			continue
		}
		f.Flows[n] = x
		n++
	}
	f.Flows = slices.DeleteFunc(f.Flows[:n], func(x returns.Cash) bool { return x.Amount.IsZero() })
	return nil
}

// passOn counts the consideration of transfers that left or came.
func (f *Figures) passOn(between map[id.Of[Transfer]]money.Amount) (err error) {
	for _, net := range between {
		if net.Sign() > 0 {
			f.PaidOut, err = f.PaidOut.Add(net)
		} else {
			f.PaidIn, err = f.PaidIn.Sub(net)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// value adds the positions up.
func (f *Figures) value(of map[id.Of[Position]]Effect, held func(id.Of[Position]) bool) error {
	var sum Effect
	var err error
	for position, e := range of {
		if sum, err = sum.Add(e); err != nil {
			return err
		}
		if held != nil && !held(position) {
			continue
		}
		worth, err := e.Unreturned.Add(e.Unrealized)
		if err != nil {
			return err
		}
		if worth.Sign() <= 0 {
			continue
		}
		if f.Value, err = f.Value.Add(worth); err != nil {
			return err
		}
		if f.Values == nil {
			f.Values = make(map[id.Of[Position]]money.Amount, len(of))
		}
		f.Values[position] = worth
	}
	f.Contributed, f.Unreturned, f.Unrealized = sum.Contributed, sum.Unreturned, sum.Unrealized
	f.Distributed, f.Returned = sum.Distributed, sum.Returned
	return nil
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
