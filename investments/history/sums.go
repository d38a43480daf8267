package history

import (
	"cmp"
	"slices"

	"github.com/freehold-go/freehold/investments/returns"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// Sums are movements added up as far as their figures need it: to go on from, so that a
// long history need not be read again for a few movements more. The zero value is of
// none.
type Sums struct {
	of      map[id.Of[Position]]Effect
	days    []dayCash                        // by day, but for the last of them, which are not sorted in
	sorted  int                              // how many of days are
	paidIn  money.Amount                     // contributions less refunds
	paidOut money.Amount                     // distributions
	between map[id.Of[Transfer]]money.Amount // what transfers brought and took, net of both sides
	later   []Movement                       // after the day to which they were added up
}

// dayCash is the cash of a day.
type dayCash struct {
	on     date.Date
	cash   money.Amount
	earned money.Amount // of the distributions what is no capital
}

// Reset makes them the sums of no movements, in the same memory.
func (s *Sums) Reset() {
	clear(s.of)
	clear(s.between)
	s.days, s.later, s.sorted = s.days[:0], s.later[:0], 0
	s.paidIn, s.paidOut = money.Zero, money.Zero
}

// Add adds a movement; one after the day waits until [Sums.To] comes to its own. It
// returns [money.ErrOutOfRange].
func (s *Sums) Add(m *Movement, asOf date.Date) error {
	if m.Date.After(asOf) {
		s.later = append(s.later, *m)
		return nil
	}
	return s.add(m)
}

// To adds up to a later day the movements that waited for it.
func (s *Sums) To(asOf date.Date) error {
	waiting := s.later[:0]
	for i := range s.later {
		if s.later[i].Date.After(asOf) {
			waiting = append(waiting, s.later[i])
		} else if err := s.add(&s.later[i]); err != nil {
			return err
		}
	}
	s.later = waiting
	return nil
}

func (s *Sums) add(m *Movement) (err error) {
	day := m.Date
	if m.Kind.Transfers() { // what went along later is of the transfer's day
		day = m.on()
	}
	e := m.Effect()
	e.Account = money.Zero // no figure asks for it
	if s.of == nil {
		s.of = map[id.Of[Position]]Effect{}
	}
	if s.of[m.Position], err = s.of[m.Position].Add(e); err != nil {
		return err
	}
	if e.Cash.IsZero() {
		return nil
	}
	c := dayCash{on: day, cash: e.Cash}
	switch m.Kind {
	case Contribution, Refund:
		s.paidIn, err = s.paidIn.Sub(e.Cash)
	case Payment:
		if s.paidOut, err = s.paidOut.Add(e.Cash); err == nil {
			c.earned, err = e.Distributed.Sub(e.Returned)
		}
	default:
		if s.between == nil {
			s.between = map[id.Of[Transfer]]money.Amount{}
		}
		s.between[m.Transfer], err = s.between[m.Transfer].Add(e.Cash)
	}
	s.days = append(s.days, c)
	return err
}

// net brings the cash into the order of days, one entry a day.
func (s *Sums) net() (err error) {
	if s.sorted == len(s.days) {
		return nil
	}
	slices.SortStableFunc(s.days, func(a, b dayCash) int { return a.on.Compare(b.on) })
	n := 0
	for _, x := range s.days {
		if n == 0 || s.days[n-1].on != x.on {
			s.days[n] = x
			n++
			continue
		}
		last := &s.days[n-1]
		if last.cash, err = last.cash.Add(x.cash); err != nil {
			return err
		}
		if last.earned, err = last.earned.Add(x.earned); err != nil {
			return err
		}
	}
	s.days = s.days[:n]
	s.sorted = n
	return nil
}

// Figures are the figures of the movements at the end of a day, which is that to which
// they were added up; see [FiguresOf].
func (s *Sums) Figures(asOf date.Date, held func(id.Of[Position]) bool) (f Figures, err error) {
	f.PaidIn, f.PaidOut = s.paidIn, s.paidOut
	for _, net := range s.between { // the consideration of transfers that left or came
		if net.Sign() > 0 {
			f.PaidOut, err = f.PaidOut.Add(net)
		} else {
			f.PaidIn, err = f.PaidIn.Sub(net)
		}
		if err != nil {
			return f, err
		}
	}
	if err := s.net(); err != nil {
		return f, err
	}
	yearAgo := asOf.AddDays(-365)
	for _, d := range s.days {
		if d.on.After(yearAgo) {
			if f.LastYear, err = f.LastYear.Add(d.earned); err != nil {
				return f, err
			}
		}
		if !d.cash.IsZero() {
			f.Flows = append(f.Flows, returns.Cash{Date: d.on, Amount: d.cash})
		}
	}
	return f, s.value(&f, held)
}

// value adds the positions up.
func (s *Sums) value(f *Figures, held func(id.Of[Position]) bool) error {
	var sum Effect
	var err error
	for position, e := range s.of {
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
			f.Values = make(map[id.Of[Position]]money.Amount, len(s.of))
		}
		f.Values[position] = worth
	}
	f.Contributed, f.Unreturned, f.Unrealized = sum.Contributed, sum.Unreturned, sum.Unrealized
	f.Distributed, f.Returned = sum.Distributed, sum.Returned
	return nil
}

// waiting are the movements that wait, in an order of their own.
func (s *Sums) waiting() []Movement {
	slices.SortFunc(s.later, func(a, b Movement) int {
		return cmp.Or(a.Date.Compare(b.Date), a.Position.Compare(b.Position), cmp.Compare(a.Kind, b.Kind), a.Transfer.Compare(b.Transfer),
			a.CountsOn.Compare(b.CountsOn), cmp.Compare(a.Amount.Cents(), b.Amount.Cents()), cmp.Compare(a.Capital.Cents(), b.Capital.Cents()),
			cmp.Compare(a.Unrealized.Cents(), b.Unrealized.Cents()), cmp.Compare(a.Consideration.Cents(), b.Consideration.Cents()))
	})
	return s.later
}
