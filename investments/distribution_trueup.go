package investments

import (
	"slices"

	"github.com/freehold-go/freehold/realestate/money"
)

// trueUpReason is why a true-up changes a line.
const trueUpReason = "true-up of earlier distributions, which would be split otherwise by what is on record today"

// trueUp makes good what past distributions owe, as far as this one gives those
// who got too much something to take it from. What stays owed is left for a
// later one.
func (d *Draft) trueUp(h *past, due owed, inputs map[string]any) error {
	if due == nil {
		return ErrTrueUpNothing
	}
	at := make(map[string]int, len(d.Lines))
	for i := range d.Lines {
		if d.Lines[i].Role != RoleFee { // a fee is for what was done, not a share
			at[d.Lines[i].partner()] = i
		}
	}
	deltas, rest, err := due.settle(func(key string) money.Amount {
		if i, ok := at[key]; ok {
			return d.Lines[i].DistributionAmount
		}
		return money.Zero
	})
	if err != nil {
		return err
	}
	for _, key := range sortedKeys(deltas) {
		i, ok := at[key]
		if !ok {
			p := h.find(key)
			if p == nil {
				return ErrPositionNotFound // it would have been cancelled since, which money in it forbids
			}
			role := RoleInvestor
			if p.position.IsZero() {
				role = RolePromote
			}
			d.line(role, p, money.Zero)
			i = len(d.Lines) - 1
		}
		if err := d.Lines[i].adjust(deltas[key], trueUpReason); err != nil {
			return err
		}
	}
	inputs["true_up"] = deltas
	if rest != nil {
		inputs["still_owed"] = rest
	}
	return nil
}

func sortedKeys(o owed) []string {
	keys := make([]string, 0, len(o))
	for key := range o {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// adjust changes the gross amount of a line, for a reason.
func (l *DistributionLine) adjust(delta money.Amount, reason string) (err error) {
	if l.DistributionAmount, err = l.DistributionAmount.Add(delta); err != nil {
		return err
	}
	if l.Adjustment, err = l.Adjustment.Add(delta); err != nil {
		return err
	}
	l.NetDistribution = l.DistributionAmount
	if l.AdjustmentReason != nil {
		reason = *l.AdjustmentReason + "; " + reason
	}
	l.AdjustmentReason = &reason
	return nil
}
