package financials_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/financials/leases"
	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/realestatetest"
)

// propertyBook is the book of a property, and a function that posts to it by codes.
func propertyBook(t *testing.T, db bun.IDB) (*ledger.Book, func(day, debit, credit, amount string, adjusting bool)) {
	t.Helper()
	books, prop := ledger.NewService(ledger.Config{}), realestatetest.Property(t, db).ID
	b, err := books.OpenBook(t.Context(), db, ledger.OpenBookParams{Code: prop.String(), Name: "Elm Court", PropertyID: &prop, Accounts: []ledger.AccountParams{
		{Code: "1010", Name: "Cash", Type: ledger.Asset}, {Code: "1300", Name: "Receivables", Type: ledger.Asset}, {Code: "4100", Name: "Rent", Type: ledger.Income},
		{Code: "4190", Name: "Concessions", Type: ledger.Income}, {Code: "5600", Name: "Payroll", Type: ledger.Expense}, {Code: "5610", Name: "Payroll taxes", Type: ledger.Expense},
		{Code: "2560", Name: "Principal paid", Type: ledger.Liability}, {Code: "6100", Name: "Interest", Type: ledger.Expense}}})
	require.NoError(t, err)
	chart, err := books.Chart(t.Context(), db, b.ID)
	require.NoError(t, err)
	return b, func(day, debit, credit, amount string, adjusting bool) {
		t.Helper()
		_, err := books.Post(t.Context(), db, ledger.PostParams{BookID: b.ID, IdempotencyKey: id.New[ledger.Journal]().String(), EffectiveDate: date.MustParse(day), Description: "x", Actor: "clerk",
			Adjusting: adjusting, Entries: []ledger.Entry{{Debit: chart[debit].ID, Credit: chart[credit].ID, Amount: money.MustParse(amount)}}})
		require.NoError(t, err)
	}
}

func closeBook(t *testing.T, db bun.IDB, book *ledger.Book, through string) {
	t.Helper()
	_, err := ledger.NewService(ledger.Config{}).ClosePeriod(t.Context(), db, ledger.ClosePeriodParams{BookID: book.ID, Through: date.MustParse(through)})
	require.NoError(t, err)
}

// A statement out of the book is its postings by account, Verify proves it equal to the
// book, and what adjusts the month calls for a restatement.
func TestDeriveStatement(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), newService()
	book, post := propertyBook(t, db)
	post("2026-01-01", "1300", "4100", "10000", false)
	post("2026-01-02", "4190", "1300", "500", false)
	post("2026-01-31", "1010", "1300", "9500", false)
	post("2026-01-31", "5600", "1010", "2000", false)
	post("2026-01-31", "5610", "1010", "150.25", false)
	post("2026-01-31", "2560", "1010", "300", false)
	post("2026-01-31", "6100", "1010", "1200", false)
	post("2026-02-01", "1300", "4100", "10000", false)
	p := financials.DeriveStatementParams{PropertyID: *book.PropertyID, Month: date.MustParse("2026-01-20")}
	_, err := svc.DeriveStatement(ctx, db, p)
	require.ErrorIs(t, err, financials.ErrBookOpen)
	closeBook(t, db, book, "2026-01-31")
	_, err = svc.DeriveStatement(ctx, db, p)
	require.ErrorIs(t, err, financials.ErrAccountUnmapped)
	p.Accounts = []financials.AccountLine{{Code: "5610", Line: financials.LinePayroll}}
	st, err := svc.DeriveStatement(ctx, db, p)
	require.NoError(t, err)
	require.Equal(t, financials.SourceBook, st.Income.Source)
	o, err := st.Operating()
	require.NoError(t, err)
	totals, err := o.Totals()
	require.NoError(t, err)
	require.Equal(t, "10000.00 500.00 9500.00", o.Income.GrossRentalIncome.String()+" "+o.Income.Concessions.String()+" "+totals.TotalIncome.String())
	require.Equal(t, "2150.25 7349.75 1500.00", o.Expenses.Payroll.String()+" "+totals.NOI.String()+" "+totals.DebtService.String())
	behind, err := svc.StatementAccounts(ctx, db, st.Income.ID)
	require.NoError(t, err)
	require.Len(t, behind, 6)
	again, err := svc.DeriveStatement(ctx, db, p)
	require.NoError(t, err)
	require.True(t, again.Unchanged)
	holds(t, db)

	post("2026-01-31", "5600", "1010", "100", true)
	require.Equal(t, []string{"a statement out of the book is what the book says"}, broken(t, db))
	st, err = svc.DeriveStatement(ctx, db, p)
	require.NoError(t, err)
	require.Equal(t, int64(2), st.Income.Version)
	require.Equal(t, "2250.25", st.Expenses.Payroll.String())
	holds(t, db)
	old, err := svc.StatementAccounts(ctx, db, again.Income.ID)
	require.NoError(t, err)
	require.Equal(t, behind, old, "the one before stays")

	reported := financials.PostStatementParams{PropertyID: p.PropertyID, PeriodStart: o.PeriodStart, PeriodEnd: o.PeriodEnd, Income: o.Income, Expenses: o.Expenses}
	said, err := svc.CorrectStatement(ctx, db, financials.CorrectStatementParams(reported))
	require.NoError(t, err)
	require.Equal(t, financials.SourceReported, said.Income.Source)
	p.PropertyID = realestatetest.Property(t, db).ID
	_, err = svc.DeriveStatement(ctx, db, p)
	require.ErrorIs(t, err, financials.ErrBookMissing)
	holds(t, db)
}

// broken names the invariants that do not hold.
func broken(t *testing.T, db bun.IDB) (names []string) {
	t.Helper()
	for _, i := range financials.Invariants() {
		var rows []struct{ Row, Detail string }
		require.NoError(t, db.NewRaw(`SELECT "row", detail FROM (`+i.Query+`) AS v ("row", detail)`).Scan(t.Context(), &rows), i.Name)
		if len(rows) > 0 {
			names = append(names, i.Name)
		}
	}
	return names
}

// What leases book stands on a line by itself.
func TestStandardLine(t *testing.T) {
	t.Parallel()
	for _, code := range []string{leases.AccountRent, leases.AccountConcessions, leases.AccountBadDebt, leases.AccountParking, leases.AccountLaundry, leases.AccountPet,
		leases.AccountApplicationFees, leases.AccountLateFees, leases.AccountOtherIncome, leases.AccountRecoveries, leases.AccountPercentageRent} {
		require.True(t, financials.StandardLine(code).Valid(), code)
	}
	require.Empty(t, financials.StandardLine(leases.AccountReceivable))
}
