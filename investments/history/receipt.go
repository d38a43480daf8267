package history

import (
	"cmp"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// Net returns the movements as capital sees them: refunds are gone, and with them
// what they undid of receipts; so are movements that were reversed, and their
// reversals. What is left of a receipt stays on its own date. The order of the
// others is kept. It returns [ErrRefundUnmatched].
func Net(ms []Movement) ([]Movement, error) {
	undone := map[id.Of[Movement]]bool{}
	var refunds []*Movement
	for i := range ms {
		if m := &ms[i]; !m.Reverses.IsZero() {
			undone[m.Reverses] = true
		}
	}
	dead := func(m *Movement) bool { return !m.Reverses.IsZero() || undone[m.ID] && !m.ID.IsZero() }
	for i := range ms {
		if m := &ms[i]; m.Kind == Refund && !dead(m) {
			refunds = append(refunds, m)
		}
	}
	out := make([]Movement, 0, len(ms))
	receipts := map[id.Of[Commitment]][]int{} // into out, of commitments with refunds
	for _, r := range refunds {
		receipts[r.Commitment] = nil
	}
	for i := range ms {
		m := &ms[i]
		if m.Kind == Refund || dead(m) {
			continue
		}
		if m.Kind == Contribution {
			if at, ok := receipts[m.Commitment]; ok {
				receipts[m.Commitment] = append(at, len(out))
			}
		}
		out = append(out, *m)
	}
	slices.SortStableFunc(refunds, func(a, b *Movement) int { return a.Date.Compare(b.Date) })
	for _, r := range refunds {
		if err := match(out, receipts[r.Commitment], r); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(out, func(m Movement) bool { return m.Kind == Contribution && m.Amount.IsZero() }), nil
}

// match takes a refund off the receipts that were there on its day, the latest
// first; of one day, the one recorded last.
func match(ms []Movement, receipts []int, r *Movement) error {
	at := slices.Clone(receipts)
	slices.SortStableFunc(at, func(a, b int) int {
		return cmp.Or(ms[b].on().Compare(ms[a].on()), cmp.Compare(b, a))
	})
	left, units := r.Amount, decimal.Zero
	if r.Units != nil {
		units = *r.Units
	}
	for _, i := range at {
		m := &ms[i]
		if left.IsZero() {
			break
		}
		if m.on().After(r.Date) {
			continue
		}
		take := money.Min(left, m.Amount)
		part := units // the last receipt that it undoes, in part
		if take != left && m.Units != nil {
			part = *m.Units
		}
		units = units.Sub(part)
		if m.Units != nil {
			rest := m.Units.Sub(part)
			m.Units = &rest
		}
		var err error
		if m.Amount, err = m.Amount.Sub(take); err != nil {
			return err
		}
		if left, err = left.Sub(take); err != nil {
			return err
		}
	}
	if !left.IsZero() {
		return ErrRefundUnmatched.With("%s of %s is left", left, r.Amount)
	}
	return nil
}

// UnitsBack is the units that a refund takes back: what is left of a receipt holds the
// units that it alone would have bought, since the rest was never there. ms are the
// movements of the commitment before the refund, buys is what an amount buys. Nil is
// that the receipts have none. It returns [ErrRefundUnmatched].
func UnitsBack(ms []Movement, refund Movement, buys func(money.Amount) *decimal.Decimal) (*decimal.Decimal, error) {
	before, err := Net(ms)
	if err != nil {
		return nil, err
	}
	refund.Units = nil
	after, err := Net(append(slices.Clip(ms), refund))
	if err != nil {
		return nil, err
	}
	left := map[id.Of[Movement]]money.Amount{}
	for i := range after {
		left[after[i].ID] = after[i].Amount
	}
	var back *decimal.Decimal
	for i := range before {
		m := &before[i]
		rest := left[m.ID]
		if m.Kind != Contribution || m.Units == nil || rest == m.Amount {
			continue
		}
		units := *m.Units
		if !rest.IsZero() {
			units = units.Sub(m.unitsOf(rest, buys))
		}
		if back != nil {
			units = units.Add(*back)
		}
		back = &units
	}
	return back, nil
}

// unitsOf is the units of a part of a receipt: what it buys, or where the price has
// changed since, in proportion.
func (m *Movement) unitsOf(rest money.Amount, buys func(money.Amount) *decimal.Decimal) decimal.Decimal {
	if now := buys(m.Amount); now != nil && now.Equal(*m.Units) {
		return *buys(rest)
	}
	return m.Units.Mul(rest.Decimal()).DivRound(m.Amount.Decimal(), 6)
}
