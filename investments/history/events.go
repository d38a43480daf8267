package history

import (
	"slices"

	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// ErrBetween: a distribution lies between a transfer and another distribution
// that the giver is the holder for, so that the order of the three is undefined.
var ErrBetween = fault.New(fault.Illegal, "distribution_between", "another distribution lies between the transfer and this one")

// Payout is a distribution as the order of events sees it.
type Payout struct {
	Date   date.Date
	Record date.Date // who held at its end takes part; "no date" is Date
}

func (p *Payout) record() date.Date {
	if p.Record.IsZero() {
		return p.Date
	}
	return p.Record
}

// Place is the day on which something dated on day takes its turn among
// distributions: its own, or the day after the distribution that it comes after
// because that one's record date is before it. payouts are in the order in which they
// are run. Where another that is run before that one lies between the two it is
// [ErrBetween], which names the other one.
func Place(day date.Date, payouts []Payout) (date.Date, error) {
	last := -1 // the latest that it comes after
	for i := range payouts {
		if payouts[i].after(day) {
			last = i
		}
	}
	if last < 0 {
		return day, nil
	}
	for i := range last {
		if p := &payouts[i]; !p.Date.Before(day) && (!p.after(day) || p.Date != payouts[last].Date) {
			return day, ErrBetween.With("of %s", p.Date)
		}
	}
	return payouts[last].Date.AddDays(1), nil
}

// after reports whether something dated on day comes after the distribution.
func (p *Payout) after(day date.Date) bool {
	return !p.Date.Before(day) && p.record().Before(day)
}

// Events are the contributions and transfers of movements as the waterfall takes
// them, by day, a day's transfers first: contributions net of refunds, those of
// one position and day together. key names a position; "" leaves it out. Moves
// are in the order in which they were done. It returns [ErrRefundUnmatched].
func Events(ms []Movement, moves []Move, key func(id.Of[Position]) string) ([]waterfall.Event, error) {
	net, err := Net(ms)
	if err != nil {
		return nil, err
	}
	out := make([]waterfall.Event, 0, len(net)+len(moves))
	for i := range moves {
		mv := &moves[i]
		out = append(out, waterfall.Event{Date: mv.Day, Type: waterfall.EventTransfer, From: key(mv.From), To: key(mv.To), Fraction: mv.Fraction})
	}
	type place struct {
		day date.Date
		who id.Of[Position]
	}
	at := map[place]int{}
	for i := range net {
		m := &net[i]
		if m.Kind != Contribution {
			continue
		}
		p := place{m.on(), m.Position}
		if k, ok := at[p]; ok {
			if out[k].Amount, err = out[k].Amount.Add(m.Amount); err != nil {
				return nil, err
			}
			continue
		}
		if who := key(m.Position); who != "" {
			at[p] = len(out)
			out = append(out, waterfall.Event{Date: p.day, Type: waterfall.EventContribution, Partner: who, Amount: m.Amount})
		}
	}
	slices.SortStableFunc(out, func(a, b waterfall.Event) int {
		if c := a.Date.Compare(b.Date); c != 0 || a.Type == b.Type {
			return c
		}
		if a.Type == waterfall.EventTransfer {
			return -1
		}
		return 1
	})
	return out, nil
}
