package financials

import (
	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/money"
)

// ErrStatementPair: the income and the expenses to join are of different
// properties or periods.
var ErrStatementPair = fault.New(fault.Invalid, "statement_pair_mismatch", "income and expenses are of one property and one period")

// JoinStatements puts the income and the expenses of one property and one
// period together. A nil statement has no lines. It returns [ErrStatementPair],
// or [ErrStatementPeriod] when both are nil.
func JoinStatements(income *IncomeStatement, expenses *ExpenseStatement) (OperatingStatement, error) {
	var s OperatingStatement
	switch {
	case income == nil && expenses == nil:
		return s, ErrStatementPeriod
	case income != nil && expenses != nil && (income.PropertyID != expenses.PropertyID ||
		income.PeriodStart != expenses.PeriodStart || income.PeriodEnd != expenses.PeriodEnd):
		return s, ErrStatementPair
	}
	if expenses != nil {
		s.PeriodStart, s.PeriodEnd = expenses.PeriodStart, expenses.PeriodEnd
		s.Expenses, s.ReplacementReserves = expenses.Lines(), orZero(expenses.ReplacementReserves)
	}
	if income != nil {
		s.PeriodStart, s.PeriodEnd = income.PeriodStart, income.PeriodEnd
		s.Income = income.Lines()
	}
	return s, nil
}

// RollUnit returns the entry as rent roll metrics read it, nil as zero.
func (e *RentRollEntry) RollUnit() RollUnit {
	return RollUnit{
		Occupied: RentInPlace(e.OccupancyStatus), MarketRent: orZero(e.MarketRent), MonthlyRent: orZero(e.MonthlyRent),
		SqFt: e.Sqft, LeaseEnd: e.LeaseEnd, CurrentBalance: orZero(e.CurrentBalance), DaysDelinquent: e.DaysDelinquent,
		Billed: orZero(e.Billed), Collected: orZero(e.Collected),
	}
}

// SetMetrics writes the metrics of a statement and of the rent roll of its
// last day, rounded to the columns: rates and ratios to ten decimals, the
// occupancy to six, the average rent to the cent. A ratio that is undefined or
// does not fit its column is nil.
func (p *Performance) SetMetrics(m OperatingMetrics, roll RollMetrics) {
	noi, collected := m.NOI, roll.Collected
	p.NOI, p.RentCollected = &noi, &collected
	p.CapRate, p.CashOnCashReturn, p.DebtServiceCoverage = stored(m.CapRate), stored(m.CashOnCash), stored(m.DSCR)
	p.OccupancyRate, p.RentPerSqft = nil, stored(roll.RentPerSqFt)
	if roll.PhysicalOccupancy != nil {
		o := roll.PhysicalOccupancy.Round(6)
		p.OccupancyRate = &o
	}
	p.AverageRent = nil
	if roll.AverageRent != nil {
		if a, err := money.Round(*roll.AverageRent); err == nil {
			p.AverageRent = &a
		}
	}
	p.CollectionRate, p.DelinquencyRate = stored(roll.CollectionRate), stored(roll.DelinquencyRate)
}

// stored rounds a ratio to NUMERIC(18,10), nil where it does not fit.
func stored(r *decimal.Decimal) *decimal.Decimal {
	if r == nil {
		return nil
	}
	out := r.Round(10)
	if out.Abs().GreaterThanOrEqual(decimal.New(1, 8)) {
		return nil
	}
	return &out
}
