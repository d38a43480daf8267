package history

import (
	"slices"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// Holding is what a position held at the end of a day.
type Holding struct {
	Position    id.Of[Position]
	Contributed money.Amount
	Units       *decimal.Decimal // nil where its class has no price
}

// Holdings are what positions held at the end of a day, by position; those
// without capital are left out. Cents that were refunded later were not there,
// and neither was what has been reversed since. It returns [ErrRefundUnmatched]
// or [money.ErrOutOfRange].
func Holdings(ms []Movement, day date.Date) ([]Holding, error) {
	net, err := Net(ms)
	if err != nil {
		return nil, err
	}
	at := map[id.Of[Position]]int{}
	var out []Holding
	for i := range net {
		m := &net[i]
		if m.on().After(day) {
			continue
		}
		e, u := m.Effect(), m.units()
		if e.Contributed.IsZero() && u == nil {
			continue
		}
		k, ok := at[m.Position]
		if !ok {
			k = len(out)
			at[m.Position], out = k, append(out, Holding{Position: m.Position})
		}
		h := &out[k]
		if h.Contributed, err = h.Contributed.Add(e.Contributed); err != nil {
			return nil, err
		}
		if u != nil {
			if h.Units != nil {
				*u = u.Add(*h.Units)
			}
			h.Units = u
		}
	}
	out = slices.DeleteFunc(out, func(h Holding) bool { return h.Contributed.Sign() <= 0 })
	slices.SortFunc(out, func(a, b Holding) int { return a.Position.Compare(b.Position) })
	return out, nil
}
