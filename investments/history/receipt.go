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
		part := partOf(units, take, left)
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

// partOf is units in the proportion of take to of, all of them with the last of
// it.
func partOf(units decimal.Decimal, take, of money.Amount) decimal.Decimal {
	if take == of {
		return units
	}
	return units.Mul(take.Decimal()).DivRound(of.Decimal(), 6)
}
