package financials

import (
	"context"
	"errors"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
)

// PeriodVariance is what a period came to beside its budget.
type PeriodVariance struct {
	First  date.Date  `json:"first"` // the first day
	Last   date.Date  `json:"last"`  // the last day
	Lines  []Variance `json:"lines"` // those that are not zero on both sides, in the order of a statement
	Totals []Variance `json:"totals"`
}

// BudgetVariance is what some months came to beside a version of their budget.
type BudgetVariance struct {
	BudgetID id.Of[Budget]    `json:"budget_id"`
	Version  int64            `json:"version"`
	Kind     BudgetKind       `json:"kind"`
	Months   []PeriodVariance `json:"months"`
	Total    PeriodVariance   `json:"total"`
}

// BudgetVarianceParams is some months of a property.
type BudgetVarianceParams struct {
	PropertyID id.Of[properties.Property]
	First      date.Date // any day of the first month
	Last       date.Date // any day of the last
	Version    int64     // of the budget; zero is the one in force
}

// BudgetVariance compares the accrual statements in force of some months with the budget that plans
// them all, by line and month: more income is favorable, and less of what is deducted from
// it, of expenses and of reserves. It returns [ErrBudgetNotFound], [ErrActualMissing] where
// the statements do not state a month by itself, or the field errors.
func (s *Service) BudgetVariance(ctx context.Context, db bun.IDB, p BudgetVarianceParams) (*BudgetVariance, error) {
	var f check.Fields
	f.Given("property_id", p.PropertyID)
	f.Given("first", p.First)
	f.Given("last", p.Last)
	f.Check(!p.Last.Before(p.First.StartOfMonth()), "last", check.Inverted, "the last month is before the first")
	f.Check(p.Version >= 0, "version", check.OutOfRange, "versions begin with 1")
	if err := f.Err(); err != nil {
		return nil, err
	}
	first, last := p.First.StartOfMonth(), p.Last.StartOfMonth()
	b, err := budgets.One(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		q = q.Where("bg.property_id = ?", p.PropertyID).Where("bg.first_month <= ?", first).Where("bg.last_month >= ?", last)
		if p.Version > 0 {
			return q.Where("bg.version = ?", p.Version)
		}
		return q.Where("bg.superseded_at IS NULL")
	})
	if err != nil {
		return nil, err
	}
	plan, err := planOf(ctx, db, b)
	if err != nil {
		return nil, err
	}
	actual, err := actuals(ctx, db, p.PropertyID, first, last)
	if err != nil {
		return nil, err
	}
	var budget []OperatingStatement
	for _, m := range plan.Months {
		if !m.PeriodStart.Before(first) && !m.PeriodStart.After(last) {
			budget = append(budget, m)
		}
	}
	return compared(b, budget, actual)
}

// compared puts months beside their budget, one by one and in all.
func compared(b *Budget, budget, actual []OperatingStatement) (*BudgetVariance, error) {
	out := &BudgetVariance{BudgetID: b.ID, Version: b.Version, Kind: b.Kind}
	for i := range budget {
		v, err := periodVariance(&budget[i], &actual[i])
		if err != nil {
			return nil, err
		}
		out.Months = append(out.Months, v)
	}
	planned, err := SumStatements(budget)
	if err != nil {
		return nil, err
	}
	got, err := SumStatements(actual)
	if err != nil {
		return nil, err
	}
	out.Total, err = periodVariance(&planned, &got)
	if err != nil {
		return nil, err
	}
	return out, nil
}

func periodVariance(budget, actual *OperatingStatement) (PeriodVariance, error) {
	lines, totals, err := variances(budget, actual)
	return PeriodVariance{First: budget.PeriodStart, Last: budget.PeriodEnd, Lines: lines, Totals: totals}, err
}

// actuals are the statements in force of each month from first to last, of which each is
// stated by itself.
func actuals(ctx context.Context, db bun.IDB, property id.Of[properties.Property], first, last date.Date) ([]OperatingStatement, error) {
	list, err := inForce(ctx, db, property, first, last.EndOfMonth(), BasisAccrual)
	if err != nil {
		return nil, err
	}
	months := map[date.Date][]OperatingStatement{}
	for i := range list {
		o, err := list[i].Operating()
		if err != nil {
			return nil, err
		}
		if m := o.PeriodStart.StartOfMonth(); !o.PeriodEnd.After(m.EndOfMonth()) {
			months[m] = append(months[m], o)
		}
	}
	var out []OperatingStatement
	for m := first; !m.After(last); m = m.AddMonths(1) {
		if len(months[m]) == 0 {
			return nil, ErrActualMissing.With("%s", m.String()[:7])
		}
		sum, err := SumStatements(months[m])
		if errors.Is(err, ErrStatementGap) {
			return nil, ErrActualMissing.With("%s", m.String()[:7])
		}
		if err != nil {
			return nil, err
		}
		if sum.PeriodStart != m || sum.PeriodEnd != m.EndOfMonth() {
			return nil, ErrActualMissing.With("%s", m.String()[:7])
		}
		out = append(out, sum)
	}
	return out, nil
}
