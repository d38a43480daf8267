package financials

import (
	"context"
	"errors"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// CovenantForecast is what a covenant would come to at the end of a month.
type CovenantForecast struct {
	CovenantID  id.Of[Covenant]  `json:"covenant_id"`
	Kind        CovenantKind     `json:"kind"`
	Month       date.Date        `json:"month"`   // by its first day
	Planned     int              `json:"planned"` // of its twelve months, those out of the budget
	Threshold   decimal.Decimal  `json:"threshold"`
	Ratio       *decimal.Decimal `json:"ratio"`
	Met         bool             `json:"met"`
	Income      money.Amount     `json:"income"`
	DebtService money.Amount     `json:"debt_service"`
	Balance     money.Amount     `json:"balance"` // by the schedule, or what is owed now where that is less
}

// ForecastCovenantsParams is a loan and the months to look ahead.
type ForecastCovenantsParams struct {
	LoanID id.Of[Loan]
	First  date.Date     // any day of the first month
	Last   date.Date     // any day of the last; at most 60 months
	Value  *money.Amount // of the property; nil is the valuation that it carries now
}

// ForecastCovenants tells what the covenants of a loan would come to at the end of months to
// come: each month of the twelve is the statement that is in force, or else what the budget
// in force plans for it, debt service included. It returns [ErrActualMissing] for a month
// that is neither stated nor planned, [ErrCovenantValue], [ErrLoanNotFound] or the field
// errors.
func (s *Loans) ForecastCovenants(ctx context.Context, db bun.IDB, p ForecastCovenantsParams) ([]CovenantForecast, error) {
	var f check.Fields
	f.Given("loan_id", p.LoanID)
	f.Given("first", p.First)
	f.Given("last", p.Last)
	first, last := p.First.StartOfMonth(), p.Last.StartOfMonth()
	f.Check(!last.Before(first), "last", check.Inverted, "the last month is before the first")
	f.Check(!last.After(first.AddMonths(59)), "last", check.TooMany, "at most 60 months")
	f.Amount("value", p.Value)
	if err := f.Err(); err != nil {
		return nil, err
	}
	l, err := mortgages.Get(ctx, db, p.LoanID)
	if err != nil {
		return nil, err
	}
	a, err := s.aheadOf(ctx, db, l, first, last, p.Value)
	if err != nil {
		return nil, err
	}
	list, err := covenantsOf(ctx, db, l.ID)
	if err != nil {
		return nil, err
	}
	out := []CovenantForecast{}
	for m := first; !m.After(last); m = m.AddMonths(1) {
		planned, figures, err := a.at(m)
		if err != nil {
			return nil, err
		}
		for i := range list {
			c := &list[i]
			switch {
			case !c.holds(m.EndOfMonth()):
				continue
			case c.Kind == CovenantLTV && figures.value == nil:
				return nil, ErrCovenantValue
			}
			r, met := c.judge(figures)
			v := CovenantForecast{CovenantID: c.ID, Kind: c.Kind, Month: m, Planned: planned, Threshold: c.Threshold, Ratio: r, Met: met, Income: figures.totals.NOI,
				DebtService: figures.totals.DebtService, Balance: figures.balance}
			if c.MetricBasis == OnNCF {
				v.Income = figures.totals.NCF
			}
			out = append(out, v)
		}
	}
	return out, nil
}

// ahead is the months of a forecast, stated or planned, and what will be owed.
type ahead struct {
	months  map[date.Date]OperatingStatement
	planned map[date.Date]bool
	balance func(day date.Date) (money.Amount, error)
	value   *money.Amount
}

// aheadOf reads what a forecast is made of.
func (s *Loans) aheadOf(ctx context.Context, db bun.IDB, l *Loan, first, last date.Date, value *money.Amount) (*ahead, error) {
	out := &ahead{months: map[date.Date]OperatingStatement{}, planned: map[date.Date]bool{}, value: value}
	from := first.AddMonths(-11)
	plans, err := budgets.All(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("bg.property_id = ?", l.PropertyID).Where("bg.superseded_at IS NULL").Where("bg.first_month <= ?", last).Where("bg.last_month >= ?", from)
	})
	if err != nil {
		return nil, err
	}
	for i := range plans {
		plan, err := planOf(ctx, db, &plans[i])
		if err != nil {
			return nil, err
		}
		for _, m := range plan.Months {
			out.months[m.PeriodStart], out.planned[m.PeriodStart] = m, true
		}
	}
	for m := from; !m.After(last); m = m.AddMonths(1) {
		stated, err := actuals(ctx, db, l.PropertyID, m, m)
		if errors.Is(err, ErrActualMissing) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out.months[m], out.planned[m] = stated[0], false
	}
	schedule, err := scheduleOf(ctx, db, l)
	if err != nil {
		return nil, err
	}
	h, err := historyOf(ctx, db, l.ID)
	if err != nil {
		return nil, err
	}
	now, err := h.on(l.ID, s.days().Today)
	if err != nil {
		return nil, err
	}
	out.balance = func(day date.Date) (money.Amount, error) {
		b, err := schedule.BalanceOn(day)
		return money.Min(b, now.Balance), err
	}
	if out.value == nil {
		prop, err := s.properties.Property(ctx, db, l.PropertyID)
		if err != nil {
			return nil, err
		}
		out.value = prop.CurrentValuation
	}
	return out, nil
}

// at is the figures of the twelve months that end with one, and how many of them are
// planned.
func (a *ahead) at(month date.Date) (planned int, out *loanMeasures, err error) {
	var parts []OperatingStatement
	for m := month.AddMonths(-11); !m.After(month); m = m.AddMonths(1) {
		o, ok := a.months[m]
		if !ok {
			return 0, nil, ErrActualMissing.With("%s", m.String()[:7])
		}
		if a.planned[m] {
			planned++
		}
		parts = append(parts, o)
	}
	sum, err := SumStatements(parts)
	if err != nil {
		return 0, nil, err
	}
	out = &loanMeasures{value: a.value}
	if out.totals, err = sum.Totals(); err != nil {
		return 0, nil, err
	}
	out.balance, err = a.balance(month.EndOfMonth())
	return planned, out, err
}
