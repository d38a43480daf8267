package realestate_test

import (
	"context"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/financials/leases"
	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/properties/renovations"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
	"github.com/freehold-go/freehold/realestate/realestatetest"
	"github.com/freehold-go/freehold/realestate/users"
)

// rows counts the rows of every table of ours.
func rows(t *testing.T, db bun.IDB) map[string]int {
	t.Helper()
	var tables []string
	require.NoError(t, db.NewRaw(`SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname IN ('freehold', 'auth', 'users', 'properties', 'financials', 'investments', 'documents', 'renovations')`).Scan(t.Context(), &tables))
	require.Greater(t, len(tables), 50)
	out := map[string]int{}
	for _, table := range tables {
		var n int
		require.NoError(t, db.NewRaw("SELECT count(*) FROM "+table).Scan(t.Context(), &n))
		out[table] = n
	}
	return out
}

// again is a call of a verb, to be made more than once.
func again[P, R any](ctx context.Context, db bun.IDB, verb func(context.Context, bun.IDB, P) (*R, error), p P) func() error {
	return func() error {
		_, err := verb(ctx, db, p)
		return err
	}
}

// A verb whose answer to COMMIT was lost is run again with the same params: it
// succeeds, and no table has a row more, the outbox not either.
func TestVerbs_runAgain(t *testing.T) {
	t.Parallel()
	ctx, tx, p := t.Context(), pgtest.Tx(t), platformWithVault(t)
	staff, owner := realestatetest.User(t, tx), realestatetest.User(t, tx)
	prop := realestatetest.Property(t, tx)
	day := date.MustParse("2026-01-31")
	book, err := p.Ledger.OpenBook(ctx, tx, ledger.OpenBookParams{Code: id.New[ledger.Book]().String(), Name: "Elm Court", Accounts: []ledger.AccountParams{
		{Code: "1000", Name: "Cash", Type: ledger.Asset}, {Code: "3000", Name: "Capital", Type: ledger.Equity}}})
	require.NoError(t, err)
	chart, err := p.Ledger.Chart(ctx, tx, book.ID)
	require.NoError(t, err)
	entries := []ledger.Entry{{Debit: chart["1000"].ID, Credit: chart["3000"].ID, Amount: money.MustParse("5")}}
	journal := ledger.PostParams{Actor: "clerk", ID: id.New[ledger.Journal](), BookID: book.ID, EffectiveDate: day, Entries: entries}
	draft := journal
	draft.ID = id.New[ledger.Journal]()
	account := investments.OpenAccountParams{ID: id.New[investments.Account](), InvestorID: owner.ID, Type: investments.AccountTrust, Name: "Trust", ActorID: staff.ID}
	data := auth.NewSecret("evidence")
	evidence := func() id.Of[users.Verification] {
		v, err := p.Profiles.SubmitVerification(ctx, tx, users.SubmitVerificationParams{UserID: realestatetest.User(t, tx).ID, Type: users.VerificationKYC, Data: &data})
		require.NoError(t, err)
		return v.ID
	}
	roof, err := p.Renovations.PlanProject(ctx, tx, renovations.PlanProjectParams{PropertyID: prop.ID, Name: "Roof"})
	require.NoError(t, err)
	works, err := p.Renovations.PlanProject(ctx, tx, renovations.PlanProjectParams{PropertyID: prop.ID, Name: "Baths"})
	require.NoError(t, err)
	_, err = p.Renovations.ApproveProject(ctx, tx, renovations.ApproveProjectParams{ProjectID: works.ID, Budget: money.MustParse("10"), ActorID: staff.ID})
	require.NoError(t, err)
	_, err = p.Renovations.StartProject(ctx, tx, renovations.StartProjectParams{ProjectID: works.ID, Date: day})
	require.NoError(t, err)
	held := realestatetest.Account(t, tx, owner.ID)
	until := time.Date(2040, 1, 1, 0, 0, 0, 123, time.UTC) // more exact than the database keeps
	house := realestatetest.Property(t, tx, func(p *properties.RegisterPropertyParams) { p.Units = realestatetest.Units(1) })
	units, err := p.Properties.Units(ctx, tx, house.ID, properties.UnitFilter{}, page.Request{})
	require.NoError(t, err)
	var tenants []id.Of[leases.Tenant]
	for _, name := range []string{"Ana Ruiz", "Ben Ode"} {
		x, err := p.Leases.AddTenant(ctx, tx, leases.AddTenantParams{Name: name})
		require.NoError(t, err)
		tenants = append(tenants, x.ID)
	}
	lease, err := p.Leases.SignLease(ctx, tx, leases.SignLeaseParams{UnitID: units.Items[0].ID, Parties: []leases.PartyParams{{TenantID: tenants[0]}, {TenantID: tenants[1]}}, StartsOn: day,
		Rent: []leases.RentStep{{From: day, Amount: money.MustParse("900.00")}}, ActorID: staff.ID})
	require.NoError(t, err)
	for _, c := range []struct {
		name string
		run  func() error
	}{
		{"Accounts.Open", func() error { _, err := p.Accounts.Open(ctx, tx, account); return err }},
		{"Offerings.Create", again(ctx, tx, p.Offerings.Create, investments.CreateOfferingParams{ID: id.New[investments.Offering](), PropertyID: prop.ID, Name: "Elm", Slug: id.New[string]().String(), ActorID: staff.ID})},
		{"Accounts.RequestInstruction", again(ctx, tx, p.Accounts.RequestInstruction, investments.RequestInstructionParams{ID: id.New[investments.PaymentInstruction](), InvestorID: owner.ID,
			Method: investments.PayACH, Details: auth.NewSecret("021000021 123456"), ActorID: owner.ID})},
		{"Profiles.SubmitVerification", again(ctx, tx, p.Profiles.SubmitVerification, users.SubmitVerificationParams{ID: id.New[users.Verification](), UserID: owner.ID, Type: users.VerificationKYC, Data: &data})},
		{"Financials.AddLoan", again(ctx, tx, p.Financials.AddLoan, financials.AddLoanParams{ID: id.New[financials.Loan](), PropertyID: prop.ID, Lender: "Bank", Principal: money.MustParse("1000"),
			AnnualRate: decimal.RequireFromString("0.05"), TermMonths: 12, AmortizationMonths: 360, StartDate: day})},
		{"Financials.CloseRentRoll", again(ctx, tx, p.Financials.CloseRentRoll, financials.CloseRentRollParams{PropertyID: prop.ID, AsOf: day})},
		{"Financials.PostStatement", again(ctx, tx, p.Financials.PostStatement, financials.PostStatementParams{PropertyID: prop.ID, PeriodStart: day.StartOfMonth(), PeriodEnd: day})},
		{"Financials.CorrectStatement", again(ctx, tx, p.Financials.CorrectStatement, financials.CorrectStatementParams{PropertyID: prop.ID, PeriodStart: day.StartOfMonth(), PeriodEnd: day,
			Income: financials.IncomeLines{LateFees: money.MustParse("1")}})},
		{"Financials.MeasurePerformance", again(ctx, tx, p.Financials.MeasurePerformance, financials.MeasurePerformanceParams{PropertyID: prop.ID, PeriodType: financials.PeriodMonthly,
			PeriodStart: day.StartOfMonth(), PeriodEnd: day})},
		{"Ledger.OpenBook", again(ctx, tx, p.Ledger.OpenBook, ledger.OpenBookParams{ID: id.New[ledger.Book](), Code: id.New[ledger.Book]().String(), Name: "Other"})},
		{"Ledger.Post", again(ctx, tx, p.Ledger.Post, journal)},
		{"Ledger.Draft", again(ctx, tx, p.Ledger.Draft, ledger.DraftParams{PostParams: draft})},
		{"Ledger.Reverse", again(ctx, tx, p.Ledger.Reverse, ledger.ReverseParams{Actor: "clerk", JournalID: journal.ID, EffectiveDate: day})},
		{"Ledger.ClosePeriod", again(ctx, tx, p.Ledger.ClosePeriod, ledger.ClosePeriodParams{BookID: book.ID, Through: day})},
		{"Ledger.Seal", again(ctx, tx, p.Ledger.Seal, ledger.SealParams{BookID: book.ID})},
		{"Profiles.ApproveVerification", again(ctx, tx, p.Profiles.ApproveVerification, users.ApproveVerificationParams{ID: evidence(), ReviewerID: staff.ID, ExpiresAt: &until})},
		{"Profiles.RejectVerification", again(ctx, tx, p.Profiles.RejectVerification, users.RejectVerificationParams{ID: evidence(), ReviewerID: staff.ID, Reason: "blurred"})},
		{"Renovations.ApproveProject", again(ctx, tx, p.Renovations.ApproveProject, renovations.ApproveProjectParams{ProjectID: roof.ID, Budget: money.MustParse("10"), ActorID: staff.ID})},
		{"Renovations.StartProject", again(ctx, tx, p.Renovations.StartProject, renovations.StartProjectParams{ProjectID: roof.ID, Date: day})},
		{"Renovations.CompleteProject", again(ctx, tx, p.Renovations.CompleteProject, renovations.CompleteProjectParams{ProjectID: works.ID, Date: day, Cost: money.MustParse("9")})},
		{"Accounts.SetTaxID", again(ctx, tx, p.Accounts.SetTaxID, investments.SetTaxIDParams{AccountID: held.ID, TaxID: auth.NewSecret("12-3456789"), ActorID: staff.ID})},
		{"Reports.PrepareStatement", again(ctx, tx, p.Reports.PrepareStatement, investments.PrepareStatementParams{InvestorID: owner.ID, Type: investments.StatementAnnual,
			PeriodStart: date.MustParse("2025-01-01"), PeriodEnd: date.MustParse("2025-12-31"), ActorID: staff.ID})},
		{"Leases.ChangeParties", again(ctx, tx, p.Leases.ChangeParties, leases.ChangePartiesParams{LeaseID: lease.ID, Remove: []id.Of[leases.Tenant]{tenants[1]}, LastDay: day.AddDays(27).Ptr(),
			Add: []leases.PartyParams{{TenantID: tenants[1], Role: leases.RoleGuarantor, From: day.AddDays(28).Ptr()}}, ActorID: staff.ID})},
		{"Properties.AddFloorPlan", again(ctx, tx, p.Properties.AddFloorPlan, properties.AddFloorPlanParams{ID: id.New[properties.FloorPlan](), PropertyID: prop.ID, Name: "A1"})},
	} {
		before := rows(t, tx)
		require.NoError(t, c.run(), c.name)
		once := rows(t, tx)
		require.NotEqual(t, before, once, c.name)
		require.NoError(t, c.run(), "%s, run again", c.name)
		require.Equal(t, once, rows(t, tx), c.name)
	}

	// The params are compared, secrets too.
	account.Name = "Another"
	_, err = p.Accounts.Open(ctx, tx, account)
	require.ErrorIs(t, err, realestate.ErrExists)
}
