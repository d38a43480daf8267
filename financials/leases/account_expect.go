package leases

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// expected is what the leases of a property charge for a month, as they are known now,
// and the keys in an order.
func expected(ctx context.Context, tx bun.IDB, property id.Of[properties.Property], month date.Date) (map[dueKey]money.Amount, []dueKey, error) {
	last := month.EndOfMonth()
	list, err := terms.All(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
		// What monthOf asks for; a month of a large property has thousands of rows.
		return q.Column("lease_id", "starts_on", "last_day", "conditions").
			Where("lt.property_id = ?", property).Where("lt.superseded_at IS NULL").Where("lt.starts_on <= ?", last).
			Where("lt.last_day IS NULL OR lt.last_day >= ?", month).OrderExpr("lt.lease_id, lt.number")
	})
	if err != nil {
		return nil, nil, err
	}
	scheduled, err := charges.All(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
		// Not a join: of the few leases of one property among many the index has the charges.
		return q.Column("lease_id", "kind", "amount", "once", "starts_on", "ends_on").Where("lc.lease_id = ANY (ARRAY(SELECT le.id FROM financials.leases le WHERE le.property_id = ?))", property).Where("lc.superseded_at IS NULL").
			Where("lc.starts_on <= ?", last).Where("CASE WHEN lc.once THEN lc.starts_on >= ? ELSE lc.ends_on IS NULL OR lc.ends_on >= ? END", month, month).
			OrderExpr("lc.lease_id, lc.kind, lc.starts_on, lc.id")
	})
	if err != nil {
		return nil, nil, err
	}
	byLease := make(map[id.Of[Lease]][]Term, len(list))
	for _, t := range list {
		byLease[t.LeaseID] = append(byLease[t.LeaseID], t)
	}
	want := make(map[dueKey]money.Amount, len(scheduled))
	var order []dueKey
	for first := 0; first < len(scheduled); {
		end := first
		for ; end < len(scheduled) && scheduled[end].LeaseID == scheduled[first].LeaseID; end++ {
		}
		list, err := monthOf(byLease[scheduled[first].LeaseID], scheduled[first:end], month)
		if err != nil {
			return nil, nil, err
		}
		for _, due := range list {
			k := dueKey{scheduled[first].LeaseID, due.kind, due.on}
			was, seen := want[k]
			if want[k], err = was.Add(due.amount); err != nil {
				return nil, nil, err
			}
			if !seen {
				order = append(order, k)
			}
		}
		first = end
	}
	return want, order, nil
}

// due is a charge of a month.
type due struct {
	kind   ChargeKind
	on     date.Date
	amount money.Amount
}

// monthOf computes what a lease charges for the month that begins with a day: list is its
// terms in that month, and scheduled its charges by kind and day. Charges of one kind
// are one, due on the due day of the first of its terms.
func monthOf(list []Term, scheduled []ScheduledCharge, month date.Date) ([]due, error) {
	for len(list) > 1 && list[0].LastDay != nil && list[0].LastDay.Before(month) {
		list = list[1:]
	}
	var out []due
	at := map[ChargeKind]int{}
	for i := range scheduled {
		c := &scheduled[i]
		if c.Once {
			if c.StartsOn.StartOfMonth() == month {
				out = append(out, due{c.Kind, c.StartsOn, c.Amount})
			}
			continue
		}
		if len(list) == 0 {
			continue
		}
		from, to := maxDay(month, maxDay(c.StartsOn, list[0].StartsOn)), month.EndOfMonth()
		to = minDay(minDay(to, c.EndsOn), list[len(list)-1].LastDay)
		if to.Before(from) {
			continue
		}
		cond := &list[0].Conditions
		n, seen := at[c.Kind]
		if seen && cond.proration() == ProrateFull {
			continue // the month is paid by the first step
		}
		amount, err := Prorate(cond.proration(), c.Amount, from, to)
		if err != nil {
			return nil, err
		}
		if seen {
			if out[n].amount, err = out[n].amount.Add(amount); err != nil {
				return nil, err
			}
			continue
		}
		if amount.IsZero() {
			continue
		}
		on := month.AddDays(min(cond.dueDay(), date.DaysIn(month.Year(), month.Month())) - 1)
		at[c.Kind] = len(out)
		out = append(out, due{c.Kind, maxDay(on, from), amount})
	}
	return out, nil
}

func maxDay(a, b date.Date) date.Date {
	if b.After(a) {
		return b
	}
	return a
}

func minDay(a date.Date, b *date.Date) date.Date {
	if b != nil && b.Before(a) {
		return *b
	}
	return a
}
