package financials_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
	"github.com/freehold-go/freehold/realestate/realestatetest"
)

// budgetMonth plans rent, payroll and reserves for a month.
func budgetMonth(month, rent, payroll string) financials.BudgetMonth {
	return financials.BudgetMonth{Month: date.MustParse(month), Income: financials.IncomeLines{GrossRentalIncome: money.MustParse(rent), VacancyLoss: money.MustParse("500")},
		Expenses: financials.ExpenseLines{Payroll: money.MustParse(payroll)}, ReplacementReserves: money.MustParse("100")}
}

func state(t *testing.T, db bun.IDB, property id.Of[properties.Property], first, last, rent, vacancy, payroll string) {
	t.Helper()
	_, err := financials.NewService(financials.Config{}).PostStatement(t.Context(), db, financials.PostStatementParams{PropertyID: property, PeriodStart: date.MustParse(first), PeriodEnd: date.MustParse(last),
		Income:   financials.IncomeLines{GrossRentalIncome: money.MustParse(rent), VacancyLoss: money.MustParse(vacancy)},
		Expenses: financials.ExpenseLines{Payroll: money.MustParse(payroll)}, ReplacementReserves: money.MustParse("100")})
	require.NoError(t, err)
}

func holds(t *testing.T, db bun.IDB) {
	t.Helper()
	for _, i := range financials.Invariants() {
		var rows []struct{ Row, Detail string }
		require.NoError(t, db.NewRaw(`SELECT "row", detail FROM (`+i.Query+`) AS v ("row", detail)`).Scan(t.Context(), &rows), i.Name)
		require.Empty(t, rows, i.Name)
	}
}

func told(list []financials.Variance, names ...string) string {
	var out []string
	for _, name := range names {
		for _, v := range list {
			if v.Line == name {
				pct := "-"
				if v.Pct != nil {
					pct = v.Pct.Round(4).String()
				}
				out = append(out, fmt.Sprint(name, " ", v.Difference, " ", pct, " ", v.Direction))
			}
		}
	}
	return strings.Join(out, ", ")
}

// A budget is adopted once, planned anew and reforecast; its versions stay, and months are
// compared with any of them.
func TestBudget(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), financials.NewService(financials.Config{})
	by := realestatetest.User(t, db).ID
	property := realestatetest.Property(t, db).ID
	plan := []financials.BudgetMonth{budgetMonth("2025-03-15", "10200", "2000"), budgetMonth("2025-01-01", "10000", "2000"), budgetMonth("2025-02-01", "10000", "2000")}
	adopt := financials.AdoptBudgetParams{PropertyID: property, Months: plan, ActorID: by}
	first, err := svc.AdoptBudget(ctx, db, adopt)
	require.NoError(t, err)
	require.Equal(t, "original 2025-01-01 2025-03-01 1", fmt.Sprint(first.Budget.Kind, " ", first.Budget.FirstMonth, " ", first.Budget.LastMonth, " ", first.Budget.Version))
	read, err := svc.Budget(ctx, db, first.Budget.ID)
	require.NoError(t, err)
	require.Equal(t, first.Months, read.Months)
	total, err := read.Total()
	require.NoError(t, err)
	require.Equal(t, "30200.00", total.Income.GrossRentalIncome.String())
	again, err := svc.AdoptBudget(ctx, db, adopt)
	require.NoError(t, err)
	require.True(t, again.Unchanged)
	adopt.Months = []financials.BudgetMonth{plan[0], plan[1], budgetMonth("2025-02-01", "1", "1")}
	_, err = svc.AdoptBudget(ctx, db, adopt)
	require.ErrorIs(t, err, financials.ErrBudgetExists)
	adopt.Months = plan[:1]
	_, err = svc.AdoptBudget(ctx, db, adopt)
	require.ErrorIs(t, err, financials.ErrBudgetOverlap)

	state(t, db, property, "2025-01-01", "2025-01-31", "10400", "700", "1900")
	state(t, db, property, "2025-02-01", "2025-02-14", "5000", "0", "1000") // a month in two parts
	state(t, db, property, "2025-02-15", "2025-02-28", "5000", "500", "1000")
	v, err := svc.BudgetVariance(ctx, db, financials.BudgetVarianceParams{PropertyID: property, First: date.MustParse("2025-01-20"), Last: date.MustParse("2025-02-03")})
	require.NoError(t, err)
	require.Len(t, v.Months, 2)
	require.Equal(t, "gross_rental_income 400.00 0.04 favorable, vacancy_loss 200.00 0.4 unfavorable, payroll -100.00 -0.05 favorable, replacement_reserves 0.00 0 as_budgeted",
		told(v.Months[0].Lines, "gross_rental_income", "vacancy_loss", "payroll", "replacement_reserves"))
	require.Equal(t, "noi 300.00 0.04 favorable, total_operating_expenses -100.00 -0.05 favorable", told(v.Months[0].Totals, "noi", "total_operating_expenses"))
	require.Len(t, v.Months[0].Lines, 4, "what is zero on both sides is left out")
	require.Equal(t, "noi 0.00 0 as_budgeted", told(v.Months[1].Totals, "noi"))
	require.Equal(t, "noi 300.00 0.02 favorable, debt_service 0.00 - as_budgeted", told(v.Total.Totals, "noi", "debt_service"))
	_, err = svc.BudgetVariance(ctx, db, financials.BudgetVarianceParams{PropertyID: property, First: date.MustParse("2025-01-01"), Last: date.MustParse("2025-03-31")})
	require.ErrorIs(t, err, financials.ErrActualMissing)
	_, err = svc.BudgetVariance(ctx, db, financials.BudgetVarianceParams{PropertyID: property, First: date.MustParse("2024-12-01"), Last: date.MustParse("2025-01-31")})
	require.ErrorIs(t, err, financials.ErrBudgetNotFound)

	_, err = svc.ReviseBudget(ctx, db, financials.ReviseBudgetParams{BudgetID: first.Budget.ID, Months: plan[:1], ActorID: by})
	require.ErrorIs(t, err, financials.ErrBudgetMonths)
	revised := []financials.BudgetMonth{plan[0], plan[1], budgetMonth("2025-02-01", "9900", "2000")}
	second, err := svc.ReviseBudget(ctx, db, financials.ReviseBudgetParams{BudgetID: first.Budget.ID, Months: revised, ActorID: by})
	require.NoError(t, err)
	require.Equal(t, "revised 2", fmt.Sprint(second.Budget.Kind, " ", second.Budget.Version))
	_, err = svc.ReviseBudget(ctx, db, financials.ReviseBudgetParams{BudgetID: first.Budget.ID, Months: plan, ActorID: by})
	require.ErrorIs(t, err, financials.ErrStale)
	same, err := svc.ReviseBudget(ctx, db, financials.ReviseBudgetParams{BudgetID: second.Budget.ID, Months: revised, ActorID: by})
	require.NoError(t, err)
	require.True(t, same.Unchanged)

	rest := []financials.BudgetMonth{budgetMonth("2025-03-01", "10500", "1950")}
	_, err = svc.ReforecastBudget(ctx, db, financials.ReforecastBudgetParams{BudgetID: second.Budget.ID, Months: revised, ActorID: by})
	require.ErrorIs(t, err, financials.ErrBudgetActuals)
	require.Equal(t, "months[1].month", fault.FieldErrors(err)[0].Field, "the first of them, which stands second")
	third, err := svc.ReforecastBudget(ctx, db, financials.ReforecastBudgetParams{BudgetID: second.Budget.ID, Months: rest, ActorID: by})
	require.NoError(t, err)
	require.Equal(t, "reforecast 3 2025-02-01 10400.00 10500.00", fmt.Sprint(third.Budget.Kind, " ", third.Budget.Version, " ", third.Budget.ActualThrough, " ",
		third.Months[0].Income.GrossRentalIncome, " ", third.Months[2].Income.GrossRentalIncome))
	unchanged, err := svc.ReforecastBudget(ctx, db, financials.ReforecastBudgetParams{BudgetID: third.Budget.ID, Months: rest, ActorID: by})
	require.NoError(t, err)
	require.Equal(t, "true 3", fmt.Sprint(unchanged.Unchanged, " ", unchanged.Budget.Version))
	_, err = svc.ReviseBudget(ctx, db, financials.ReviseBudgetParams{BudgetID: third.Budget.ID, Months: plan, ActorID: id.New[auth.User]()})
	require.ErrorIs(t, err, auth.ErrActorInactive)
	for version, want := range map[int64]string{0: "noi 0.00 0 as_budgeted", 1: "noi 300.00 0.02 favorable", 2: "noi 400.00 0.0268 favorable", 3: "noi 0.00 0 as_budgeted"} {
		v, err := svc.BudgetVariance(ctx, db, financials.BudgetVarianceParams{PropertyID: property, First: date.MustParse("2025-01-01"), Last: date.MustParse("2025-02-28"), Version: version})
		require.NoError(t, err)
		require.Equal(t, want, told(v.Total.Totals, "noi"), version)
	}
	month := date.MustParse("2025-02-20")
	all, err := svc.Budgets(ctx, db, financials.BudgetFilter{PropertyID: &property, Month: &month}, page.Request{})
	require.NoError(t, err)
	require.Len(t, all.Items, 3)
	all, err = svc.Budgets(ctx, db, financials.BudgetFilter{PropertyID: &property, InForce: true}, page.Request{})
	require.NoError(t, err)
	require.Equal(t, third.Budget.ID, all.Items[0].ID)
	holds(t, db)
}

// A quarter's statement states none of its months by itself.
func TestReforecastBudget_quarter(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), financials.NewService(financials.Config{})
	by := realestatetest.User(t, db).ID
	property := realestatetest.Property(t, db).ID
	state(t, db, property, "2025-01-01", "2025-03-31", "30000", "0", "6000")
	var plan []financials.BudgetMonth
	for m := range 12 {
		plan = append(plan, budgetMonth(date.MustParse("2025-01-01").AddMonths(m).String(), "10000", "2000"))
	}
	b, err := svc.AdoptBudget(ctx, db, financials.AdoptBudgetParams{PropertyID: property, Months: plan, ActorID: by})
	require.NoError(t, err)
	_, err = svc.ReforecastBudget(ctx, db, financials.ReforecastBudgetParams{BudgetID: b.Budget.ID, Months: plan[3:], ActorID: by})
	require.ErrorIs(t, err, financials.ErrActualMissing)
	read, err := svc.Budget(ctx, db, b.Budget.ID)
	require.NoError(t, err)
	require.Nil(t, read.Budget.SupersededAt, "nothing of it is left")
	_, err = svc.ReforecastBudget(ctx, db, financials.ReforecastBudgetParams{BudgetID: b.Budget.ID, Months: plan[3:11], ActorID: by})
	require.ErrorIs(t, err, financials.ErrBudgetMonths)
}

// What is wrong with a plan is told all at once, by its place.
func TestAdoptBudget_fields(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), financials.NewService(financials.Config{})
	by := realestatetest.User(t, db).ID
	bad := budgetMonth("2025-01-01", "-1", "1")
	bad.Expenses.Payroll, bad.ReplacementReserves = money.MustParse("-2"), money.MustParse("-3")
	_, err := svc.AdoptBudget(ctx, db, financials.AdoptBudgetParams{Months: []financials.BudgetMonth{bad, budgetMonth("2025-01-31", "1", "1"), {}}, ActorID: by})
	var fields []string
	for _, f := range fault.FieldErrors(err) {
		fields = append(fields, f.Field)
	}
	require.Equal(t, "property_id months[0].income.gross_rental_income months[0].expenses.payroll months[0].replacement_reserves months[1].month months[2].month", strings.Join(fields, " "))
	property := realestatetest.Property(t, db).ID
	_, err = svc.AdoptBudget(ctx, db, financials.AdoptBudgetParams{PropertyID: property, Months: []financials.BudgetMonth{budgetMonth("2025-01-01", "1", "1"), budgetMonth("2025-03-01", "1", "1")}, ActorID: by})
	require.ErrorIs(t, err, financials.ErrBudgetMonths)
	_, err = svc.AdoptBudget(ctx, db, financials.AdoptBudgetParams{PropertyID: id.New[properties.Property](), Months: []financials.BudgetMonth{budgetMonth("2025-01-01", "1", "1")}, ActorID: by})
	require.ErrorIs(t, err, properties.ErrPropertyNotFound)
}

// The lines of a budget are those of a statement, in its order, by the names of its JSON.
func TestStatementLines(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), financials.NewService(financials.Config{})
	by := realestatetest.User(t, db).ID
	m := financials.BudgetMonth{Month: date.MustParse("2025-01-01")}
	fill := func(group any, from int64) (text string) {
		body, err := json.Marshal(group)
		require.NoError(t, err)
		var fields map[string]string
		require.NoError(t, json.Unmarshal(body, &fields))
		for name := range fields {
			from++
			fields[name] = fmt.Sprintf("%d.00", from)
		}
		body, err = json.Marshal(fields)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(body, group))
		return string(body)
	}
	want := fill(&m.Income, 100) + fill(&m.Expenses, 200)
	m.ReplacementReserves = money.MustParse("300")
	b, err := svc.AdoptBudget(ctx, db, financials.AdoptBudgetParams{PropertyID: realestatetest.Property(t, db).ID, Months: []financials.BudgetMonth{m}, ActorID: by})
	require.NoError(t, err)
	var rows []financials.BudgetLine
	require.NoError(t, db.NewSelect().Model(&rows).Where("budget_id = ?", b.Budget.ID).Scan(ctx))
	require.Len(t, rows, 26)
	for _, r := range rows {
		require.True(t, r.Line.Valid())
		if r.Line != financials.LineReplacementReserves {
			require.Contains(t, want, fmt.Sprintf("%q:\"%s\"", r.Line, r.Amount))
		}
	}
	require.ErrorIs(t, store.InTx(ctx, db, func(tx bun.IDB) error {
		_, err := tx.NewRaw("UPDATE financials.budget_lines SET amount = 1").Exec(ctx)
		return store.Err(err, nil)
	}), fault.Illegal, "a plan is never edited")
}
