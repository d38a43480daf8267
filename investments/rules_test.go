package investments

import (
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/builders"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

var testTime = time.Date(2025, 4, 1, 12, 0, 0, 0, time.UTC)

// staff acts where it does not matter who.
var staff = id.MustParse[auth.User]("01980000-0000-7000-8000-000000000002")

func testUser(t *testing.T, db bun.IDB) id.Of[auth.User] {
	t.Helper()
	return builders.User(t, db).ID
}

func testProperty(t *testing.T, db bun.IDB) id.Of[properties.Property] {
	t.Helper()
	return builders.Property(t, db).ID
}

func testOffering(t *testing.T, db bun.IDB) *Offering {
	t.Helper()
	v := id.New[Offering]()
	builders.User(t, db, func(p *auth.RegisterParams) { p.ID, p.Email = staff, "staff@example.com" })
	o := &Offering{
		ID: v, PropertyID: testProperty(t, db), Name: "Oak Court", Slug: v.String(), Status: OfferingStatusOpen, Currency: "USD",
		NextWaitlistNumber: 1, Version: 1, CreatedAt: testTime, UpdatedAt: testTime,
	}
	require.NoError(t, offerings.Insert(t.Context(), db, o))
	return o
}

func (o *Offering) position(investor id.Of[auth.User], status PositionStatus) *Position {
	return &Position{
		ID: id.New[Position](), PropertyID: o.PropertyID, OfferingID: &o.ID, InvestorID: investor, ShareClass: ClassCommon,
		InvestmentAmount: money.MustParse("50000.00"), Currency: "USD", Status: status, Version: 1, CreatedAt: testTime, UpdatedAt: testTime,
	}
}

// try runs fn under a savepoint, so that an error leaves tx usable.
func try(t *testing.T, tx bun.IDB, fn func(bun.IDB) error) error {
	t.Helper()
	return store.InTx(t.Context(), tx, fn)
}

// A holder has one position per class; a cancelled one makes room. Class,
// account and property must fit.
func TestPositions_refused(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	o, other := testOffering(t, tx), testOffering(t, tx)
	investor, stranger := testUser(t, tx), testUser(t, tx)
	account := &Account{
		ID: id.New[Account](), InvestorID: stranger, Type: AccountLLC, Name: "Elm LLC", Status: AccountStatusActive,
		Version: 1, CreatedAt: testTime, UpdatedAt: testTime,
	}
	require.NoError(t, accounts.Insert(ctx, tx, account))

	for name, c := range map[string]struct {
		change func(*Position)
		want   error
	}{
		"unknown class":     {func(p *Position) { p.ShareClass = "class_z" }, ErrShareClassNotFound},
		"other's account":   {func(p *Position) { p.AccountID = &account.ID }, store.ErrReference},
		"other's property":  {func(p *Position) { p.PropertyID = other.PropertyID }, ErrOfferingProperty},
		"unknown investor":  {func(p *Position) { p.InvestorID = id.New[auth.User]() }, ErrInvestor},
		"negative amount":   {func(p *Position) { p.InvestmentAmount = p.InvestmentAmount.Neg() }, store.ErrCheck},
		"unknown status":    {func(p *Position) { p.Status = "sold" }, store.ErrCheck},
		"malformed coinage": {func(p *Position) { p.Currency = "usd" }, store.ErrCheck},
	} {
		p := o.position(investor, PositionStatusPending)
		c.change(p)
		err := try(t, tx, func(tx bun.IDB) error { return positions.Insert(ctx, tx, p) })
		require.ErrorIs(t, err, c.want, name)
	}

	first := o.position(investor, PositionStatusPending)
	require.NoError(t, positions.Insert(ctx, tx, first))
	again := o.position(investor, PositionStatusPending)
	err := try(t, tx, func(tx bun.IDB) error { return positions.Insert(ctx, tx, again) })
	require.ErrorIs(t, err, ErrPositionExists)
	first.Status = PositionStatusCancelled
	require.NoError(t, positions.Update(ctx, tx, first, "status"))
	require.NoError(t, positions.Insert(ctx, tx, again))
}

// A distribution has its earlier names filled, follows a change of either, and
// refuses two that disagree.
func TestDistributions_aliases(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	o := testOffering(t, tx)
	kind, rate := CharacterDividend, decimal.RequireFromString("1.25")
	d := &Distribution{
		ID: id.New[Distribution](), PropertyID: o.PropertyID, OfferingID: &o.ID, Character: &kind, DistributionDate: date.MustParse("2025-03-31"),
		PerShareAmount: &rate, TotalAmount: money.MustParse("1000.00"), Currency: "USD", Status: DistributionStatusPending,
		Version: 1, CreatedAt: testTime, UpdatedAt: testTime,
	}
	require.NoError(t, distributions.Insert(ctx, tx, d))
	d, err := distributions.Get(ctx, tx, d.ID)
	require.NoError(t, err)
	require.Equal(t, d.DistributionDate, *d.PaymentDate)
	require.True(t, d.PerUnitAmount.Equal(rate))

	later := date.MustParse("2025-04-15")
	d.PaymentDate = &later
	require.NoError(t, distributions.Update(ctx, tx, d, "distribution_date", "payment_date"))
	d, err = distributions.Get(ctx, tx, d.ID)
	require.NoError(t, err)
	require.Equal(t, later, d.DistributionDate, "the name that changed wins")

	one, two := decimal.NewFromInt(1), decimal.NewFromInt(2)
	d.PerUnitAmount, d.PerShareAmount = &one, &two
	err = try(t, tx, func(tx bun.IDB) error {
		return distributions.Update(ctx, tx, d, "per_unit_amount", "per_share_amount")
	})
	require.ErrorIs(t, err, ErrAliases)
}

// A transaction settles once; what it says of money never changes.
func TestTransactions_settleOnce(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	x := &Transaction{
		ID: id.New[Transaction](), InvestorID: testUser(t, tx), Type: TransactionInvestment, Amount: money.MustParse("100.00"),
		Currency: "USD", EffectiveDate: date.MustParse("2025-03-31"), Status: TransactionStatusPending, CreatedAt: testTime,
	}
	require.NoError(t, transactions.Insert(ctx, tx, x))
	set := func(status TransactionStatus, amount string) error {
		y := *x
		y.Status, y.Amount = status, money.MustParse(amount)
		if status == TransactionStatusCompleted {
			y.CompletedAt = &testTime
		}
		return try(t, tx, func(tx bun.IDB) error {
			return transactions.Update(ctx, tx, &y, "status", "amount", "completed_at")
		})
	}
	require.ErrorIs(t, set(TransactionStatusPending, "90.00"), store.ErrAppendOnly)
	require.NoError(t, set(TransactionStatusCompleted, "100.00"))
	require.ErrorIs(t, set(TransactionStatusFailed, "100.00"), store.ErrAppendOnly)
	require.ErrorIs(t, set(TransactionStatusCompleted, "100.00"), store.ErrAppendOnly)
	err := try(t, tx, func(tx bun.IDB) error {
		_, err := tx.NewDelete().Model(x).WherePK().Exec(ctx)
		return store.Err(err, constraints)
	})
	require.ErrorIs(t, err, store.ErrAppendOnly)
}

// The group roles may read and write their schemas, but nobody may change what
// is append-only; an investor's role reads neither shared nor analytics.
func TestRoles(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t) // roles are rolled back too
	for range 2 {
		_, err := tx.ExecContext(ctx, "SELECT freehold.create_roles()")
		require.NoError(t, err)
	}
	for _, c := range []struct {
		role, table, may, mayNot string
	}{
		{"freehold_investments", "investments.property_investments", "SELECT,INSERT,UPDATE,DELETE", ""},
		{"freehold_investments", "investments.transactions", "SELECT,INSERT,UPDATE", "DELETE"},
		{"freehold_investments", "investments.offering_terms", "SELECT,INSERT", "UPDATE,DELETE"},
		{"freehold_investments", "investments.property_investments_history", "SELECT", "INSERT,UPDATE,DELETE"},
		{"freehold_investments", "financials.postings", "", "SELECT"},
		{"freehold_financials", "financials.postings", "SELECT,INSERT", "UPDATE,DELETE,TRUNCATE"},
		{"freehold_financials", "financials.journals", "SELECT,INSERT", "UPDATE,DELETE,TRUNCATE"},
		{"freehold_documents", "documents.signature_events", "SELECT,INSERT", "UPDATE,DELETE"},
		{"freehold_core", "freehold.ledger_seals", "SELECT,INSERT", "UPDATE,DELETE"},
		{"freehold_core", "freehold.idempotency", "SELECT,INSERT,UPDATE", ""},
		{"freehold_core", "freehold.outbox", "SELECT,INSERT,UPDATE,DELETE", ""},
		{"freehold_core", "freehold.outbox_heads", "SELECT,INSERT,UPDATE", ""},
		{"freehold_investor", "freehold.outbox", "", "SELECT,INSERT,UPDATE,DELETE"},
		{"freehold_shared", "shared.investor_summary", "SELECT", "INSERT,UPDATE,DELETE"},
		{"freehold_shared", "auth.users", "", "SELECT,UPDATE"},
		{"freehold_investor", "investments.statements", "SELECT", "INSERT,UPDATE,DELETE"},
		{"freehold_investor", "shared.investor_summary", "", "SELECT"},
		{"freehold_investor", "analytics.portfolio_performance", "", "SELECT"},
		{"freehold_investor", "investments.distribution_calculations", "", "SELECT"},
	} {
		for _, privileges := range []struct {
			list string
			want bool
		}{{c.may, true}, {c.mayNot, false}} {
			for p := range strings.SplitSeq(privileges.list, ",") {
				if p == "" {
					continue
				}
				var got bool
				require.NoError(t, tx.NewRaw("SELECT has_table_privilege(?, ?, ?)", c.role, c.table, p).Scan(ctx, &got))
				require.Equal(t, privileges.want, got, "%s %s %s", c.role, p, c.table)
			}
		}
	}
}
