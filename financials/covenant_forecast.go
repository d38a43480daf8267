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
	Balance     money.Amount     `json:"balance"`   // by the schedule, or what is owed now where that is less
	Value       *money.Amount    `json:"value"`     // of the property at the end of the month; nil where none is known
	ValuedOn    *date.Date       `json:"valued_on"` // the day of the valuation that Value rests on; nil where the caller stated it
}

// ForecastCovenantsParams is a loan and the months to look ahead.
type ForecastCovenantsParams struct {
	LoanID id.Of[Loan]
	First  date.Date     // any day of the first month
	Last   date.Date     // any day of the last; at most 60 months
	Value  *money.Amount // of the property at the end of the first month; nil is, for each month, the latest valuation by its end
	// Growth is by what part the value grows a year, above -1 and below 1, from the day of
	// its valuation, or the end of the first month where it is stated: compounded each year
	// of that day, and by days (ACT/365F) within a year. Zero leaves it as it was valued.
	Growth decimal.Decimal
}

// ForecastCovenants tells what the covenants of a loan would come to at the end of months to
// come: each month of the twelve is the statement that is in force, or else what the budget
// in force plans for it, debt service included. The property's value is that of the latest
// valuation by the end of the month, of those that [Loans.TestCovenants] reads too, or the
// one that the caller states, and grows as the caller states; each result names the valuation
// that it rests on. It returns [ErrActualMissing] for a month that is neither stated nor
// planned, [ErrCovenantValue], [ErrLoanNotFound] or the field errors.
func (s *Loans) ForecastCovenants(ctx context.Context, db bun.IDB, p ForecastCovenantsParams) ([]CovenantForecast, error) {
	var f check.Fields
	f.Given("loan_id", p.LoanID)
	f.Given("first", p.First)
	f.Given("last", p.Last)
	first, last := p.First.StartOfMonth(), p.Last.StartOfMonth()
	f.Check(!last.Before(first), "last", check.Inverted, "the last month is before the first")
	f.Check(!last.After(first.AddMonths(59)), "last", check.TooMany, "at most 60 months")
	f.Amount("value", p.Value)
	f.Number("growth", &p.Growth, 10, -1, 1)
	f.Check(!check.Exact(p.Growth, 10) || p.Growth.GreaterThan(decimal.New(-1, 0)), "growth", check.OutOfRange, "a value does not fall by all of it")
	if err := f.Err(); err != nil {
		return nil, err
	}
	l, err := mortgages.Get(ctx, db, p.LoanID)
	if err != nil {
		return nil, err
	}
	a, err := s.aheadOf(ctx, db, l, first, last, p)
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
		valued, err := a.valued(m, figures)
		if err != nil {
			return nil, err
		}
		for i := range list {
			c := &list[i]
			switch {
			case !c.holds(m.EndOfMonth()):
				continue
			case c.Kind == CovenantLTV && figures.value == nil:
				return nil, ErrCovenantValue.With("%s", m.String()[:7])
			}
			r, met := c.judge(figures)
			v := CovenantForecast{CovenantID: c.ID, Kind: c.Kind, Month: m, Planned: planned, Threshold: c.Threshold, Ratio: r, Met: met, Income: figures.totals.NOI,
				DebtService: figures.totals.DebtService, Balance: figures.balance, Value: figures.value, ValuedOn: valued}
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
	value   func(day date.Date) (Valued, error)
	growth  decimal.Decimal
	stated  bool // the value is the caller's
}

// aheadOf reads what a forecast is made of.
func (s *Loans) aheadOf(ctx context.Context, db bun.IDB, l *Loan, first, last date.Date, p ForecastCovenantsParams) (*ahead, error) {
	out := &ahead{months: map[date.Date]OperatingStatement{}, planned: map[date.Date]bool{}, growth: p.Growth, stated: p.Value != nil}
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
	out.value = func(date.Date) (Valued, error) { return Valued{p.Value, first.EndOfMonth()}, nil }
	if !out.stated {
		prop, err := s.properties.Property(ctx, db, l.PropertyID)
		if err != nil {
			return nil, err
		}
		out.value = func(day date.Date) (Valued, error) { return s.valueOf(ctx, db, prop, day) }
	}
	return out, nil
}

// valued sets what the property is worth at the end of a month, and tells the day of the
// valuation that it rests on.
func (a *ahead) valued(month date.Date, m *loanMeasures) (*date.Date, error) {
	day := month.EndOfMonth()
	v, err := a.value(day)
	if err != nil || v.Amount == nil {
		return nil, err
	}
	grown, err := v.grown(day, a.growth)
	if err != nil {
		return nil, err
	}
	if m.value = &grown; a.stated {
		return nil, nil
	}
	return &v.Date, nil
}

// grown is what a valuation comes to on a day of the same date or later, at a growth a year:
// compounded each year, and by days within one. It touches no database.
func (v Valued) grown(day date.Date, growth decimal.Decimal) (money.Amount, error) {
	if growth.IsZero() || v.Amount == nil {
		return orZero(v.Amount), nil
	}
	one, worth, years := decimal.New(1, 0), v.Amount.Decimal(), 0
	for !v.Date.AddMonths(12 * (years + 1)).After(day) {
		worth, years = worth.Mul(one.Add(growth)).Round(20), years+1
	}
	days := decimal.NewFromInt(int64(day.Sub(v.Date.AddMonths(12 * years))))
	worth = worth.Add(worth.Mul(growth).Mul(days).DivRound(decimal.New(365, 0), 10))
	return money.Round(worth)
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
	out = &loanMeasures{}
	if out.totals, err = sum.Totals(); err != nil {
		return 0, nil, err
	}
	out.balance, err = a.balance(month.EndOfMonth())
	return planned, out, err
}
