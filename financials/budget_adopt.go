package financials

import (
	"context"
	"slices"
	"strconv"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// maxBudgetMonths is how many months a budget has at most.
const maxBudgetMonths = 120

// BudgetMonth is what is planned for a month. Deductions and expenses are positive numbers,
// as in a statement.
type BudgetMonth struct {
	Month               date.Date // any day of it
	Income              IncomeLines
	Expenses            ExpenseLines
	ReplacementReserves money.Amount
}

// BudgetAdopted says that a version of a budget is in force.
type BudgetAdopted struct {
	BudgetID   id.Of[Budget] `json:"budget_id"`
	Kind       BudgetKind    `json:"kind"`
	FirstMonth date.Date     `json:"first_month"`
	LastMonth  date.Date     `json:"last_month"`
	Version    int64         `json:"version"`
}

// EventType names the event.
func (BudgetAdopted) EventType() (string, int) { return "financials.budget_adopted", 1 }

// AdoptBudgetParams is the first plan for some months.
type AdoptBudgetParams struct {
	PropertyID id.Of[properties.Property]
	Months     []BudgetMonth // from the first to the last, each once; at most 120
	ActorID    id.Of[auth.User]
}

// AdoptBudget puts the first budget of some months in force, such as of a calendar year or
// another. The same plan again changes nothing and says so in Unchanged; another one for
// the same months is [ErrBudgetExists], since that is the verb [Service.ReviseBudget].
//
// It locks the property, so that two budgets in force never overlap. It returns
// [ErrBudgetOverlap], [ErrBudgetMonths], auth.ErrActorInactive, properties.ErrPropertyNotFound,
// [money.ErrOutOfRange] of a total or the field errors, under "months[i]".
func (s *Service) AdoptBudget(ctx context.Context, db bun.IDB, p AdoptBudgetParams) (*BudgetPlan, error) {
	var f check.Fields
	f.Given("property_id", p.PropertyID)
	f.Given("actor_id", p.ActorID)
	months := planned(&f, p.Months)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return s.budgeted(ctx, db, p.PropertyID, p.ActorID, func(tx bun.IDB) (*BudgetPlan, error) {
		first, last := months[0].PeriodStart, months[len(months)-1].PeriodStart
		there, err := budgets.All(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.Where("bg.property_id = ?", p.PropertyID).Where("bg.superseded_at IS NULL").Where("bg.first_month <= ?", last).Where("bg.last_month >= ?", first)
		})
		switch {
		case err != nil:
			return nil, err
		case len(there) == 0:
			return s.adopt(ctx, tx, Budget{PropertyID: p.PropertyID, FirstMonth: first, LastMonth: last, Kind: BudgetOriginal, Version: 1}, months)
		case len(there) > 1 || there[0].FirstMonth != first || there[0].LastMonth != last:
			return nil, ErrBudgetOverlap
		}
		old, err := planOf(ctx, tx, &there[0])
		if err == nil && !old.says(months) {
			err = ErrBudgetExists
		}
		if err != nil {
			return nil, err
		}
		old.Unchanged = true
		return old, nil
	})
}

// ReviseBudgetParams is another plan for the months of a budget.
type ReviseBudgetParams struct {
	BudgetID id.Of[Budget] // the version in force
	Months   []BudgetMonth // those of the budget
	ActorID  id.Of[auth.User]
}

// ReviseBudget puts another plan for the months of a budget in force, as its next version.
// The one before stays ([Service.Budgets]). The plan that is in force again changes
// nothing. It locks the property. It returns [ErrStale] where another version is in force,
// [ErrBudgetMonths], [ErrBudgetNotFound], auth.ErrActorInactive, [money.ErrOutOfRange] of a
// total or the field errors.
func (s *Service) ReviseBudget(ctx context.Context, db bun.IDB, p ReviseBudgetParams) (*BudgetPlan, error) {
	var f check.Fields
	f.Given("budget_id", p.BudgetID)
	f.Given("actor_id", p.ActorID)
	months := planned(&f, p.Months)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return s.replan(ctx, db, p.BudgetID, p.ActorID, func(_ bun.IDB, old *BudgetPlan) (Budget, []OperatingStatement, error) {
		b := old.Budget
		if months[0].PeriodStart != b.FirstMonth || len(months) != len(old.Months) {
			return b, nil, ErrBudgetMonths
		}
		b.Kind, b.ActualThrough = BudgetRevised, nil
		return b, months, nil
	})
}

// ReforecastBudgetParams is a plan for the months of a budget that are to come.
type ReforecastBudgetParams struct {
	BudgetID id.Of[Budget] // the version in force
	Months   []BudgetMonth // from the first that is planned anew to the last of the budget
	ActorID  id.Of[auth.User]
}

// ReforecastBudget puts another version of a budget in force that has the statements of its
// first months and a plan for the rest, and says through which month it has statements.
// Versions before stay: a variance can be read against each. The reforecast that is in
// force again changes nothing. It locks the property. It returns [ErrActualMissing] where the statements in force do not state one of the first
// months by itself, [ErrBudgetActuals] where no month is left of them, and what
// [Service.ReviseBudget] returns.
func (s *Service) ReforecastBudget(ctx context.Context, db bun.IDB, p ReforecastBudgetParams) (*BudgetPlan, error) {
	var f check.Fields
	f.Given("budget_id", p.BudgetID)
	f.Given("actor_id", p.ActorID)
	rest := planned(&f, p.Months)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return s.replan(ctx, db, p.BudgetID, p.ActorID, func(tx bun.IDB, old *BudgetPlan) (Budget, []OperatingStatement, error) {
		b := old.Budget
		from := rest[0].PeriodStart
		switch {
		case rest[len(rest)-1].PeriodStart != b.LastMonth:
			return b, nil, ErrBudgetMonths
		case !from.After(b.FirstMonth):
			return b, nil, ErrBudgetActuals.On("months[" + strconv.Itoa(earliest(p.Months)) + "].month")
		}
		through := from.AddMonths(-1)
		actual, err := actuals(ctx, tx, b.PropertyID, b.FirstMonth, through)
		if err != nil {
			return b, nil, err
		}
		b.Kind, b.ActualThrough = BudgetReforecast, &through
		return b, append(actual, rest...), nil
	})
}

// earliest is where the first of some months stands, which may be in any order.
func earliest(list []BudgetMonth) int {
	at := 0
	for i := range list {
		if list[i].Month.Before(list[at].Month) {
			at = i
		}
	}
	return at
}

// planned checks months and puts them in order.
func planned(f *check.Fields, list []BudgetMonth) []OperatingStatement {
	f.Some("months", len(list))
	f.Check(len(list) <= maxBudgetMonths, "months", check.TooMany, "at most 120 months")
	out := make([]OperatingStatement, len(list))
	seen := make(map[date.Date]bool, len(list))
	for i := range list {
		m, at := &list[i], "months["+strconv.Itoa(i)+"]."
		f.Given(at+"month", m.Month)
		if m.Month.IsZero() {
			continue
		}
		first := m.Month.StartOfMonth()
		f.Check(!seen[first], at+"month", check.Duplicate, "each month once")
		seen[first] = true
		out[i] = OperatingStatement{PeriodStart: first, PeriodEnd: first.EndOfMonth(), Income: m.Income, Expenses: m.Expenses, ReplacementReserves: m.ReplacementReserves}
		for n, amount := range out[i].lines() {
			f.NotNegative(at+statementLines[n].field(), *amount)
		}
	}
	slices.SortFunc(out, func(a, b OperatingStatement) int { return a.PeriodStart.Compare(b.PeriodStart) })
	if n := len(out); n > 0 && !out[0].PeriodStart.IsZero() && out[0].PeriodStart.AddMonths(n-1) != out[n-1].PeriodStart {
		f.AddErr("", ErrBudgetMonths)
	}
	return out
}

// says reports whether the plan is of these figures.
func (p *BudgetPlan) says(months []OperatingStatement) bool { return slices.Equal(p.Months, months) }

// budgeted runs an actor's verb on the budgets of a property, under the property's lock.
func (s *Service) budgeted(ctx context.Context, db bun.IDB, property id.Of[properties.Property], actor id.Of[auth.User], do func(tx bun.IDB) (*BudgetPlan, error)) (*BudgetPlan, error) {
	var out *BudgetPlan
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		if _, err := s.properties.LockProperty(ctx, tx, property); err != nil {
			return err
		}
		if err := auth.ActiveActor(ctx, tx, actor); err != nil {
			return err
		}
		var err error
		out, err = do(tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// replan supersedes the version in force by the one that decide makes of it.
func (s *Service) replan(ctx context.Context, db bun.IDB, budget id.Of[Budget], actor id.Of[auth.User], decide func(tx bun.IDB, old *BudgetPlan) (Budget, []OperatingStatement, error)) (*BudgetPlan, error) {
	known, err := budgets.Get(ctx, db, budget) // to learn the property, which never changes
	if err != nil {
		return nil, err
	}
	return s.budgeted(ctx, db, known.PropertyID, actor, func(tx bun.IDB) (*BudgetPlan, error) {
		b, err := budgets.Lock(ctx, tx, budget)
		if err != nil {
			return nil, err
		}
		if b.SupersededAt != nil {
			return nil, ErrStale
		}
		old, err := planOf(ctx, tx, b)
		if err != nil {
			return nil, err
		}
		next, months, err := decide(tx, old)
		if err != nil {
			return nil, err
		}
		if old.says(months) && (next.Kind != BudgetReforecast || old.Budget.through(next.ActualThrough)) {
			old.Unchanged = true
			return old, nil
		}
		now := s.now()
		b.SupersededAt = &now
		if err := budgets.Save(ctx, tx, b, &b.UpdatedAt, "superseded_at"); err != nil {
			return nil, err
		}
		next.Version++
		return s.adopt(ctx, tx, next, months)
	})
}

// through reports whether a version has the statements through a month.
func (b *Budget) through(month *date.Date) bool {
	return b.ActualThrough != nil && month != nil && *b.ActualThrough == *month
}

// adopt writes a version.
func (s *Service) adopt(ctx context.Context, tx bun.IDB, b Budget, months []OperatingStatement) (*BudgetPlan, error) {
	now := s.now()
	b.ID, b.SupersededAt, b.CreatedAt, b.UpdatedAt = id.New[Budget](), nil, now, now
	out := &BudgetPlan{Budget: b, Months: months}
	total, err := out.Total()
	if err == nil {
		_, err = total.Totals()
	}
	if err != nil {
		return nil, err
	}
	var lines []BudgetLine
	for i := range months {
		for n, amount := range months[i].lines() {
			if !amount.IsZero() {
				lines = append(lines, BudgetLine{ID: id.New[BudgetLine](), BudgetID: b.ID, Month: months[i].PeriodStart, Line: statementLines[n], Amount: *amount})
			}
		}
	}
	if err := budgets.Insert(ctx, tx, &b); err != nil {
		return nil, err
	}
	if err := budgetLines.InsertAll(ctx, tx, lines); err != nil {
		return nil, err
	}
	return out, s.hooks.Emit(ctx, tx, now, store.Event(aggregateProperty, b.PropertyID, BudgetAdopted{b.ID, b.Kind, b.FirstMonth, b.LastMonth, b.Version}))
}
