package investments

import (
	"github.com/freehold-go/freehold/investments/history"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// trueUpReason is why a true-up changes a line.
const trueUpReason = "true-up of earlier distributions, which would be split otherwise by what is on record today"

// trueUp makes good what past distributions owe, as far as this one gives those
// who got too much something to take it from, in the tiers that it is owed in. What
// makes the proceeds of a sale good is such, and nothing else of a true-up is, whatever
// distribution pays it: tier, character and gain are those of what should have been.
// What stays owed is left for a later one, unless it is billed.
func (d *Draft) trueUp(h *past, due []history.Owed, bill bool, in *Inputs) error {
	if due == nil {
		return ErrTrueUpNothing
	}
	at := d.linesByPayee()
	share := func(payee string) money.Amount {
		if i, ok := at[lineKey{payee, false}]; ok {
			return d.Lines[i].NetDistribution
		}
		return money.Zero
	}
	if bill {
		share = nil
	}
	deltas, rest, err := history.Settle(due, share)
	if err != nil {
		return err
	}
	tiers := d.tiersByLine()
	for _, o := range deltas {
		for _, p := range o.Parts {
			key := lineKey{o.Payee, p.Kind == string(waterfall.TierFee)}
			i, ok := at[key]
			if !ok {
				var err error
				if i, err = d.emptyLine(h, key); err != nil {
					return err
				}
				at[key] = i
			}
			if p.Kind == kindLoan {
				if err := d.Lines[i].redirect(p.Amount); err != nil {
					return err
				}
				continue
			}
			if err := d.Lines[i].adjust(p.Amount, trueUpReason); err != nil {
				return err
			}
			if err := d.addPart(tiers, d.Lines[i].ID, p); err != nil {
				return err
			}
		}
	}
	in.TrueUp, in.StillOwed = deltas, rest
	return nil
}

// lineKey tells the lines of a distribution apart: a payee has one for fees.
type lineKey struct {
	payee string
	fee   bool
}

func (d *Draft) linesByPayee() map[lineKey]int {
	at := make(map[lineKey]int, len(d.Lines))
	for i := range d.Lines {
		at[lineKey{d.Lines[i].partner(), d.Lines[i].Role == RoleFee}] = i
	}
	return at
}

// emptyLine adds a line for somebody whom the split gave none.
func (d *Draft) emptyLine(h *past, key lineKey) (int, error) {
	p := h.find(key.payee)
	if p == nil {
		return 0, ErrPositionNotFound // it would have been cancelled since, which money in it forbids
	}
	role := RoleInvestor
	if p.position.IsZero() {
		if role = RolePromote; key.fee {
			role = RoleFee
		}
	}
	d.line(role, p, money.Zero)
	return len(d.Lines) - 1, nil
}

// tierIndex finds the tiers of a line.
type tierIndex map[id.Of[DistributionLine]][]int

func (d *Draft) tiersByLine() tierIndex {
	at := make(tierIndex, len(d.Lines))
	for i := range d.Tiers {
		at[d.Tiers[i].LineID] = append(at[d.Tiers[i].LineID], i)
	}
	return at
}

// addPart adds an amount to what a line has of a kind of tier. A kind that it has
// none of comes after the tiers of the terms.
func (d *Draft) addPart(at tierIndex, line id.Of[DistributionLine], p history.Part) (err error) {
	sale := money.Zero
	if p.Sale {
		sale = p.Amount
	}
	next := d.tiers
	for _, i := range at[line] {
		t := &d.Tiers[i]
		if t.Kind == p.Kind {
			if t.Amount, err = t.Amount.Add(p.Amount); err == nil {
				t.Sale, err = t.Sale.Add(sale)
			}
			return err
		}
		next = max(next, t.Tier+1)
	}
	at[line] = append(at[line], len(d.Tiers))
	d.Tiers = append(d.Tiers, LineTier{LineID: line, Tier: next, Kind: p.Kind, Amount: p.Amount, Sale: sale})
	return nil
}

// adjust changes the gross amount of a line, for a reason.
func (l *DistributionLine) adjust(delta money.Amount, reason string) (err error) {
	if l.DistributionAmount, err = l.DistributionAmount.Add(delta); err != nil {
		return err
	}
	if l.Adjustment, err = l.Adjustment.Add(delta); err != nil {
		return err
	}
	if l.NetDistribution, err = l.NetDistribution.Add(delta); err != nil {
		return err
	}
	switch {
	case l.AdjustmentReason == nil:
		l.AdjustmentReason = &reason
	case *l.AdjustmentReason != reason:
		l.AdjustmentReason = ptr(*l.AdjustmentReason + "; " + reason)
	}
	return nil
}
