package financials

import (
	"cmp"
	"context"
	"iter"
	"slices"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// The conditions of statements.
var (
	// ErrStatementNotFound: the property has no such statement.
	ErrStatementNotFound = fault.New(fault.NotFound, "statement_not_found", "there is no such statement")
	// ErrStatementExists: a statement of the period is in force; correct it
	// instead.
	ErrStatementExists = fault.New(fault.Conflict, "statement_exists", "a statement of this period is in force").On("period_start")
	// ErrStatementOverlap: another statement in force shares days with the
	// period without being of the same period.
	ErrStatementOverlap = fault.New(fault.Conflict, "statement_overlap", "a statement in force shares days with the period").On("period_start")
	// ErrNoStatements: no statements in force cover the period.
	ErrNoStatements = fault.New(fault.NotFound, "statements_missing", "no statements cover the period")
	// ErrPeriodReversed: a period ends before it starts.
	ErrPeriodReversed = fault.New(fault.Invalid, fault.CodeInverted, "the period ends before it starts").On("period_end")
	// ErrTotal: a total is not the sum of its parts.
	ErrTotal = fault.New(fault.Invalid, "total_mismatch", "a total is not the sum of its parts")
	// ErrStatementLineNegative: a line is below zero that is not named as one that may be.
	ErrStatementLineNegative = fault.New(fault.Invalid, "statement_line_sign", "income, deductions and expenses are positive numbers; name the line in negative where it is meant")
	// ErrStatementPair: the income and the expenses to join are of different
	// properties or periods.
	ErrStatementPair = fault.New(fault.Invalid, "statement_pair_mismatch", "income and expenses are of one property and one period")
)

// AccountingBasis says when income and costs count.
type AccountingBasis string

// The bases of accounting.
const (
	// BasisAccrual counts what is due, in the month that it is for. The default.
	BasisAccrual AccountingBasis = "accrual"
	// BasisCash counts money when it moves.
	BasisCash AccountingBasis = "cash"
)

// Valid reports whether b is one of the two.
func (b AccountingBasis) Valid() bool { return b == BasisAccrual || b == BasisCash }

// given checks the basis of a params struct, where "" is [BasisAccrual].
func (b AccountingBasis) given(f *check.Fields) AccountingBasis {
	b = cmp.Or(b, BasisAccrual)
	check.One(f, "basis", b)
	return b
}

// StatementSource says where the figures of a statement are from.
type StatementSource string

// The sources of statements.
const (
	SourceReported StatementSource = "reported" // somebody's figures
	SourceBook     StatementSource = "book"     // made out of the property's book ([Service.DeriveStatement])
)

// Valid reports whether s is one of the two.
func (s StatementSource) Valid() bool { return s == SourceReported || s == SourceBook }

// Statement is both sides of a property's operating statement of one period.
type Statement struct {
	Income   *IncomeStatement  `json:"income"`
	Expenses *ExpenseStatement `json:"expenses"`
	// Unchanged reports that PostStatement found the same figures in force and
	// wrote nothing.
	Unchanged bool `json:"unchanged"`
}

// Operating returns the statement for computation.
func (s *Statement) Operating() (OperatingStatement, error) {
	return JoinStatements(s.Income, s.Expenses)
}

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

// incomeStatements is the repository of IncomeStatement rows, by period.
var incomeStatements = store.Repo[IncomeStatement]{
	NotFound:    ErrStatementNotFound,
	Constraints: constraints,
	Sort:        byPeriod(func(s *IncomeStatement) (date.Date, string) { return s.PeriodStart, s.ID.String() }),
}

// expenseStatements is the repository of ExpenseStatement rows, by period.
var expenseStatements = store.Repo[ExpenseStatement]{
	NotFound:    ErrStatementNotFound,
	Constraints: constraints,
	Sort:        byPeriod(func(s *ExpenseStatement) (date.Date, string) { return s.PeriodStart, s.ID.String() }),
}

// byPeriod sorts by the first day of the period, ties by id.
func byPeriod[T any](key func(*T) (date.Date, string)) store.Sort[T] {
	return store.Sort[T]{
		Columns: []store.Column{{Name: "period_start", Type: "date"}, {Name: "id", Type: "uuid"}},
		Key: func(row *T) []string {
			start, v := key(row)
			return []string{start.String(), v}
		},
	}
}

// StatementsParams is a property and a period, both days included.
type StatementsParams struct {
	PropertyID  id.Of[properties.Property]
	First, Last date.Date
	Basis       AccountingBasis // "" is accrual
}

// Statements returns the statements in force that share days with the period, by
// date. A property has one a month at most, so they are not paged. It returns
// [ErrPeriodReversed] or the field errors.
func (s *Service) Statements(ctx context.Context, db bun.IDB, p StatementsParams) ([]Statement, error) {
	var f check.Fields
	basis := p.Basis.given(&f)
	if p.First.IsZero() || p.Last.Before(p.First) {
		f.AddErr("", ErrPeriodReversed)
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	return inForce(ctx, db, p.PropertyID, p.First, p.Last, basis)
}

// IncomeHistory returns every version of the property's income statements, by
// period; superseded ones carry SupersededAt.
func (s *Service) IncomeHistory(ctx context.Context, db bun.IDB, property id.Of[properties.Property], r page.Request) (page.Page[IncomeStatement], error) {
	return incomeStatements.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("fi.property_id = ?", property) })
}

// AllIncomeHistory walks all pages of [Service.IncomeHistory].
func (s *Service) AllIncomeHistory(ctx context.Context, db bun.IDB, property id.Of[properties.Property]) iter.Seq2[IncomeStatement, error] {
	return page.All(ctx, func(ctx context.Context, r page.Request) (page.Page[IncomeStatement], error) {
		return s.IncomeHistory(ctx, db, property, r)
	})
}

// inForce pairs the two sides of the statements in force that touch a period.
func inForce(ctx context.Context, db bun.IDB, property id.Of[properties.Property], first, last date.Date, basis AccountingBasis) ([]Statement, error) {
	touching := func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("?TableAlias.property_id = ?", property).Where("?TableAlias.superseded_at IS NULL").
			Where("?TableAlias.accounting_basis = ?", basis).
			Where("?TableAlias.period_start <= ?", last).Where("?TableAlias.period_end >= ?", first).
			OrderExpr("?TableAlias.period_start")
	}
	ins, err := incomeStatements.All(ctx, db, touching)
	if err != nil {
		return nil, err
	}
	exs, err := expenseStatements.All(ctx, db, touching)
	if err != nil {
		return nil, err
	}
	byPeriod := make(map[[2]date.Date]*ExpenseStatement, len(exs))
	for i := range exs {
		byPeriod[[2]date.Date{exs[i].PeriodStart, exs[i].PeriodEnd}] = &exs[i]
	}
	out := make([]Statement, 0, len(ins))
	for i := range ins {
		key := [2]date.Date{ins[i].PeriodStart, ins[i].PeriodEnd}
		ex := byPeriod[key]
		if ex == nil { // a host wrote one side alone
			ex = &ExpenseStatement{PropertyID: property, PeriodStart: key[0], PeriodEnd: key[1], AccountingBasis: basis, Source: ins[i].Source}
		}
		delete(byPeriod, key)
		out = append(out, Statement{Income: &ins[i], Expenses: ex})
	}
	for key, ex := range byPeriod {
		out = append(out, Statement{Income: &IncomeStatement{PropertyID: property, PeriodStart: key[0], PeriodEnd: key[1], AccountingBasis: basis, Source: ex.Source}, Expenses: ex})
	}
	slicesByPeriod(out)
	return out, nil
}

func slicesByPeriod(s []Statement) {
	slices.SortFunc(s, func(a, b Statement) int { return a.Income.PeriodStart.Compare(b.Income.PeriodStart) })
}

// The aggregates that this package's events are about. What happens to the
// figures of a property happens to the property.
const (
	aggregateProperty = "property"
	aggregateLoan     = "loan"
	aggregateUser     = "user"
)

// StatementPosted says that the operating statement of a period is in force.
type StatementPosted struct {
	IncomeID        id.Of[IncomeStatement]  `json:"income_id"`
	ExpensesID      id.Of[ExpenseStatement] `json:"expenses_id"`
	PeriodStart     date.Date               `json:"period_start"`
	PeriodEnd       date.Date               `json:"period_end"`
	AccountingBasis AccountingBasis         `json:"accounting_basis"`
	Source          StatementSource         `json:"source"`
}

// EventType names the event.
func (StatementPosted) EventType() (string, int) { return "financials.statement_posted", 1 }

// StatementCorrected says that other figures are in force for a period. Version
// counts them.
type StatementCorrected struct {
	IncomeID        id.Of[IncomeStatement]  `json:"income_id"`
	ExpensesID      id.Of[ExpenseStatement] `json:"expenses_id"`
	PeriodStart     date.Date               `json:"period_start"`
	PeriodEnd       date.Date               `json:"period_end"`
	Version         int64                   `json:"version"`
	AccountingBasis AccountingBasis         `json:"accounting_basis"`
	Source          StatementSource         `json:"source"`
}

// EventType names the event.
func (StatementCorrected) EventType() (string, int) { return "financials.statement_corrected", 1 }
