package financials

import "github.com/freehold-go/freehold/internal/store"

// Invariants lists what always holds in this package's tables, for
// realestate.Platform.Verify.
func Invariants() []store.Invariant {
	return []store.Invariant{
		{Name: "statements in force do not overlap", Query: `
			SELECT a.id::text, format('overlaps %s', b.id) FROM financials.property_income a
			JOIN financials.property_income b ON b.property_id = a.property_id AND b.id > a.id
				AND b.period_start <= a.period_end AND b.period_end >= a.period_start
			WHERE a.superseded_at IS NULL AND b.superseded_at IS NULL
			UNION ALL
			SELECT a.id::text, format('overlaps %s', b.id) FROM financials.property_expenses a
			JOIN financials.property_expenses b ON b.property_id = a.property_id AND b.id > a.id
				AND b.period_start <= a.period_end AND b.period_end >= a.period_start
			WHERE a.superseded_at IS NULL AND b.superseded_at IS NULL`},
		{Name: "budgets in force do not overlap", Query: `
			SELECT a.id::text, format('overlaps %s', b.id) FROM financials.budgets a
			JOIN financials.budgets b ON b.property_id = a.property_id AND b.id > a.id AND b.superseded_at IS NULL
				AND b.first_month <= a.last_month AND b.last_month >= a.first_month
			WHERE a.superseded_at IS NULL`},
		{Name: "a budget plans its own months", Query: `
			SELECT l.id::text, format('%s is not within %s to %s', l.month, b.first_month, b.last_month) FROM financials.budget_lines l
			JOIN financials.budgets b ON b.id = l.budget_id WHERE l.month NOT BETWEEN b.first_month AND b.last_month OR EXTRACT(DAY FROM l.month) <> 1`},
	}
}
