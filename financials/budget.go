package financials

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// The conditions of budgets.
var (
	// ErrBudgetNotFound: there is no such budget.
	ErrBudgetNotFound = fault.New(fault.NotFound, "budget_not_found", "there is no such budget")
	// ErrBudgetExists: a budget of these months is in force; revise it instead.
	ErrBudgetExists = fault.New(fault.Conflict, "budget_exists", "a budget of these months is in force").On("months")
	// ErrBudgetOverlap: a budget in force shares months without being of the same ones.
	ErrBudgetOverlap = fault.New(fault.Conflict, "budget_overlap", "a budget in force shares some of the months").On("months")
	// ErrBudgetMonths: months leave one out, or are not those of the budget.
	ErrBudgetMonths = fault.New(fault.Invalid, "budget_months_incomplete", "a budget has each month from its first to its last once").On("months")
	// ErrBudgetActuals: a reforecast says through which of its months it has the
	// statements; at least one month is planned.
	ErrBudgetActuals = fault.New(fault.Invalid, "budget_reforecast_inconsistent", "a reforecast has statements of its first months and a plan for the rest").On("months")
	// ErrActualMissing: the statements in force do not state this month by itself.
	ErrActualMissing = fault.New(fault.NotFound, "budget_actual_missing", "no statements state this month by itself")
)

// BudgetKind says how a version of a budget came about.
type BudgetKind string

// The kinds of version.
const (
	BudgetOriginal   BudgetKind = "original"
	BudgetRevised    BudgetKind = "revised"    // planned anew
	BudgetReforecast BudgetKind = "reforecast" // statements so far, and a plan for the rest
)

// Valid reports whether k is one of the kinds.
func (k BudgetKind) Valid() bool {
	return k == BudgetOriginal || k == BudgetRevised || k == BudgetReforecast
}

// Budget is a version of what a property is planned to earn and cost in some months. It is
// never edited: another plan for its months is the next version. The one in force has no
// SupersededAt.
type Budget struct {
	bun.BaseModel `bun:"table:financials.budgets,alias:bg" json:"-"`

	ID            id.Of[Budget]              `bun:"id,pk" json:"id"`
	PropertyID    id.Of[properties.Property] `bun:"property_id" json:"property_id"`
	FirstMonth    date.Date                  `bun:"first_month" json:"first_month"` // by its first day, as all months
	LastMonth     date.Date                  `bun:"last_month" json:"last_month"`
	Kind          BudgetKind                 `bun:"kind" json:"kind"`
	ActualThrough *date.Date                 `bun:"actual_through" json:"actual_through"` // of a reforecast: its last month out of statements
	Version       int64                      `bun:"version" json:"version"`               // 1, and one more with each other plan
	SupersededAt  *time.Time                 `bun:"superseded_at" json:"superseded_at"`
	CreatedAt     time.Time                  `bun:"created_at" json:"created_at"`
	UpdatedAt     time.Time                  `bun:"updated_at" json:"updated_at"`
}

// BudgetLine is an amount that a version of a budget plans for a line in a month. One that
// is not there is zero.
type BudgetLine struct {
	bun.BaseModel `bun:"table:financials.budget_lines,alias:bl" json:"-"`

	ID       id.Of[BudgetLine] `bun:"id,pk" json:"id"`
	BudgetID id.Of[Budget]     `bun:"budget_id" json:"budget_id"`
	Month    date.Date         `bun:"month" json:"month"`
	Line     StatementLine     `bun:"line" json:"line"`
	Amount   money.Amount      `bun:"amount" json:"amount"`
}

// budgets is the repository of Budget rows, by months and version.
var budgets = store.Repo[Budget]{
	NotFound:    ErrBudgetNotFound,
	Constraints: constraints,
	Sort: store.Sort[Budget]{
		Columns: []store.Column{{Name: "first_month", Type: "date"}, {Name: "id", Type: "uuid"}},
		Key:     func(b *Budget) []string { return []string{b.FirstMonth.String(), b.ID.String()} },
	},
}

// budgetLines is the repository of BudgetLine rows.
var budgetLines = store.Repo[BudgetLine]{NotFound: ErrBudgetNotFound, Constraints: constraints}

// BudgetPlan is a version of a budget with what it plans.
type BudgetPlan struct {
	Budget Budget               `json:"budget"`
	Months []OperatingStatement `json:"months"` // one for each month, in order
	// Unchanged reports that a verb found the same plan in force and wrote nothing.
	Unchanged bool `json:"unchanged"`
}

// Total adds the months up.
func (p *BudgetPlan) Total() (OperatingStatement, error) { return SumStatements(p.Months) }

// Budget reads a version of a budget with what it plans. It returns [ErrBudgetNotFound].
func (s *Service) Budget(ctx context.Context, db bun.IDB, budget id.Of[Budget]) (*BudgetPlan, error) {
	b, err := budgets.Get(ctx, db, budget)
	if err != nil {
		return nil, err
	}
	return planOf(ctx, db, b)
}

// BudgetFilter narrows a list of budgets; the zero value takes all.
type BudgetFilter struct {
	PropertyID *id.Of[properties.Property]
	Month      *date.Date // one that the budget plans, by any of its days
	InForce    bool       // without those that another version superseded
}

// Budgets lists versions of budgets by their first month, without what they plan.
func (s *Service) Budgets(ctx context.Context, db bun.IDB, f BudgetFilter, r page.Request) (page.Page[Budget], error) {
	return budgets.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery {
		if f.PropertyID != nil {
			q = q.Where("bg.property_id = ?", *f.PropertyID)
		}
		if f.Month != nil {
			q = q.Where("? BETWEEN bg.first_month AND bg.last_month", f.Month.StartOfMonth())
		}
		if f.InForce {
			q = q.Where("bg.superseded_at IS NULL")
		}
		return q
	})
}

// planOf reads what a version plans.
func planOf(ctx context.Context, db bun.IDB, b *Budget) (*BudgetPlan, error) {
	lines, err := budgetLines.All(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("bl.budget_id = ?", b.ID) })
	if err != nil {
		return nil, err
	}
	out := &BudgetPlan{Budget: *b}
	at := map[date.Date]map[StatementLine]*money.Amount{}
	for m := b.FirstMonth; !m.After(b.LastMonth); m = m.AddMonths(1) {
		out.Months = append(out.Months, OperatingStatement{PeriodStart: m, PeriodEnd: m.EndOfMonth()})
	}
	for i := range out.Months {
		month := map[StatementLine]*money.Amount{}
		for n, amount := range out.Months[i].lines() {
			month[statementLines[n]] = amount
		}
		at[out.Months[i].PeriodStart] = month
	}
	for _, l := range lines {
		if to := at[l.Month][l.Line]; to != nil {
			*to = l.Amount
		}
	}
	return out, nil
}
