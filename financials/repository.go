package financials

import (
	"time"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/date"
)

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

// performances is the repository of Performance rows, by period.
var performances = store.Repo[Performance]{
	NotFound:    ErrPerformanceNotFound,
	Constraints: constraints,
	Sort:        byPeriod(func(p *Performance) (date.Date, string) { return p.PeriodStart, p.ID.String() }),
}

// rentRoll is the repository of RentRollEntry rows, by day and unit.
var rentRoll = store.Repo[RentRollEntry]{
	NotFound:    ErrRentRollNotFound,
	Constraints: constraints,
	Sort: store.Sort[RentRollEntry]{
		Columns: []store.Column{{Name: "as_of_date", Type: "date"}, {Name: "id", Type: "uuid"}},
		Key:     func(e *RentRollEntry) []string { return []string{e.AsOfDate.String(), e.ID.String()} },
	},
}

// mortgages is the repository of Loan rows, newest first.
var mortgages = store.Repo[Loan]{
	NotFound:    ErrLoanNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(l *Loan) (time.Time, string) { return l.CreatedAt, l.ID.String() }),
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
