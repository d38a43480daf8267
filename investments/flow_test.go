package investments_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
	"github.com/freehold-go/freehold/realestate/realestatetest"
)

// accredited is the evidence of an investor who may commit.
var accredited = investments.Evidence{Accredited: true, DocumentsSigned: true}

// says finds the same evidence about everybody.
func says(e investments.Evidence) investments.EvidenceFunc {
	return func(context.Context, bun.IDB, investments.EvidenceRequest) (investments.Evidence, error) {
		return e, nil
	}
}

func newService() *investments.Services { return serviceWith(accredited) }

// serviceWith finds the same evidence about everybody.
func serviceWith(e investments.Evidence) *investments.Services {
	return investments.New(investments.Config{Evidence: says(e), Horizon: 3650, Now: func() time.Time { return time.Date(2026, 2, 1, 9, 0, 0, 0, time.UTC) }})
}

func amount(s string) *money.Amount { a := money.MustParse(s); return &a }

func investor(t testing.TB, db bun.IDB) id.Of[auth.User] {
	t.Helper()
	hire(t, db)
	return realestatetest.User(t, db).ID
}

// staff is the user of the platform who acts where it does not matter who.
var staff = id.MustParse[auth.User]("01980000-0000-7000-8000-000000000001")

// asker is another one, who asks for what somebody else has to agree to.
var asker = id.MustParse[auth.User]("01980000-0000-7000-8000-00000000000a")

// hire makes staff and asker users of a database, once.
func hire(t testing.TB, db bun.IDB) {
	t.Helper()
	for email, who := range map[string]id.Of[auth.User]{"staff@example.com": staff, "asker@example.com": asker} {
		realestatetest.User(t, db, func(p *auth.RegisterParams) { p.ID, p.Email = who, email })
	}
}

// ownerOf is who holds a position, in person or by an account.
func ownerOf(t testing.TB, db bun.IDB, v id.Of[investments.Position]) id.Of[auth.User] {
	t.Helper()
	pos, err := newService().Positions.Position(t.Context(), db, v)
	require.NoError(t, err)
	return pos.InvestorID
}

// raise is an open offering with two classes and a hard cap.
func raise(t testing.TB, db bun.IDB, hardCap string) *investments.Offering {
	t.Helper()
	hire(t, db)
	price := decimal.NewFromInt(1000)
	return realestatetest.Offering(t, db, func(p *investments.CreateOfferingParams) {
		p.MinimumInvestment, p.MaximumInvestment, p.HardCap, p.ActorID = amount("25000"), amount("500000"), amount(hardCap), staff
		p.Classes = []investments.ShareClassParams{{Code: "common", UnitPrice: &price}, {Code: "preferred", UnitPrice: &price, MinimumInvestment: amount("100000")}}
	})
}

func commitment(o *investments.Offering, who id.Of[auth.User], amount string) investments.CommitParams {
	return investments.CommitParams{IdempotencyKey: id.New[ledger.Command]().String(), OfferingID: o.ID, InvestorID: who,
		Amount: money.MustParse(amount), Date: date.MustParse("2026-01-10"), ActorID: who}
}

// funded commits and funds in full.
func funded(t *testing.T, db bun.IDB, o *investments.Offering, who id.Of[auth.User], amount string) *investments.Subscription {
	t.Helper()
	svc := newService()
	sub, err := svc.Commitments.Commit(t.Context(), db, commitment(o, who, amount))
	require.NoError(t, err)
	sub, err = svc.Commitments.ReceiveContribution(t.Context(), db, investments.ReceiveContributionParams{IdempotencyKey: "fund-" + sub.ID.String(), SubscriptionID: sub.ID, Date: date.MustParse("2026-01-15"), ActorID: staff})
	require.NoError(t, err)
	return sub
}

func TestCommit_gates(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o, who := raise(t, tx, "1000000"), investor(t, tx)
	try := func(change func(*investments.CommitParams)) error {
		p := commitment(o, who, "50000")
		change(&p)
		return store.InTx(ctx, tx, func(tx bun.IDB) error { _, err := svc.Commitments.Commit(ctx, tx, p); return err })
	}
	_, err := serviceWith(investments.Evidence{}).Commitments.Commit(ctx, tx, commitment(o, who, "50000"))
	require.ErrorIs(t, err, investments.ErrNotAccredited)
	require.ErrorIs(t, try(func(p *investments.CommitParams) { p.Amount = money.MustParse("24999.99") }), investments.ErrBelowMinimum)
	require.ErrorIs(t, try(func(p *investments.CommitParams) { p.ShareClass = "preferred" }), investments.ErrBelowMinimum, "the class's own minimum")
	require.ErrorIs(t, try(func(p *investments.CommitParams) { p.Amount = money.MustParse("500000.01") }), investments.ErrAboveMaximum)
	require.ErrorIs(t, try(func(p *investments.CommitParams) { p.ShareClass = "gold" }), investments.ErrShareClassNotFound)
	require.ErrorIs(t, try(func(p *investments.CommitParams) { p.IdempotencyKey = "" }), store.ErrKeyRequired)
	require.ErrorIs(t, try(func(p *investments.CommitParams) { p.OfferingID = id.New[investments.Offering]() }), investments.ErrOfferingNotFound)
	stranger, err := svc.Accounts.Open(ctx, tx, investments.OpenAccountParams{InvestorID: investor(t, tx), Type: investments.AccountLLC, Name: "Elm LLC", ActorID: staff})
	require.NoError(t, err)
	require.ErrorIs(t, try(func(p *investments.CommitParams) { p.AccountID = &stranger.ID }), investments.ErrAccountOwner)
	require.Len(t, fault.FieldErrors(try(func(p *investments.CommitParams) { *p = investments.CommitParams{IdempotencyKey: "x"} })), 5)

	require.NoError(t, try(func(*investments.CommitParams) {}))
	require.NoError(t, try(func(p *investments.CommitParams) { p.Amount = money.MustParse("1000") }), "a top-up may be small")
	subs, err := svc.Commitments.Subscriptions(ctx, tx, investments.SubscriptionFilter{OfferingID: &o.ID}, page.Request{})
	require.NoError(t, err)
	require.Len(t, subs.Items, 2)
	require.Equal(t, *subs.Items[0].PositionID, *subs.Items[1].PositionID, "both feed one position")
	pos, err := svc.Positions.Position(ctx, tx, *subs.Items[0].PositionID)
	require.NoError(t, err)
	require.Equal(t, "51000.00", pos.InvestmentAmount.String())
	_, err = svc.Offerings.Close(ctx, tx, investments.CloseOfferingParams{OfferingID: o.ID, ActorID: staff})
	require.NoError(t, err)
	require.ErrorIs(t, try(func(*investments.CommitParams) {}), investments.ErrOfferingClosed)
}

// Sixty-four clients race for a cap that takes ten: ten get in, and the rest
// are told so, not turned away by the database.
func TestCommit_neverOversold(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), newService()
	o := raise(t, db, "500000")
	var who []id.Of[auth.User]
	for range 64 {
		who = append(who, investor(t, db))
	}
	var wg sync.WaitGroup
	errs := make(chan error, 64)
	for _, w := range who {
		wg.Go(func() {
			_, err := svc.Commitments.Commit(ctx, db, commitment(o, w, "50000"))
			errs <- err
		})
	}
	wg.Wait()
	close(errs)
	won := 0
	for err := range errs {
		if err == nil {
			won++
			continue
		}
		require.ErrorIs(t, err, investments.ErrOversubscribed)
	}
	require.Equal(t, 10, won)
	o, err := svc.Offerings.Offering(ctx, db, o.ID)
	require.NoError(t, err)
	require.Equal(t, "500000.00", o.CommittedAmount.String())
}

func TestFund(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o, who := raise(t, tx, "1000000"), investor(t, tx)
	sub, err := svc.Commitments.Commit(ctx, tx, commitment(o, who, "60000"))
	require.NoError(t, err)
	first := investments.ReceiveContributionParams{IdempotencyKey: "wire-1", SubscriptionID: sub.ID, Amount: money.MustParse("45000.50"), Date: date.MustParse("2026-01-20"), ActorID: staff}
	sub, err = svc.Commitments.ReceiveContribution(ctx, tx, first)
	require.NoError(t, err)
	require.Equal(t, investments.SubscriptionStatusOpen, sub.Status)

	again, err := svc.Commitments.ReceiveContribution(ctx, tx, first)
	require.NoError(t, err)
	require.Equal(t, "45000.50", again.Received.String(), "the same wire counts once")
	other := first
	other.Amount = money.MustParse("1")
	_, err = svc.Commitments.ReceiveContribution(ctx, tx, other)
	require.ErrorIs(t, err, store.ErrKeyReused)
	err = store.InTx(ctx, tx, func(tx bun.IDB) error {
		_, err := svc.Commitments.ReceiveContribution(ctx, tx, investments.ReceiveContributionParams{IdempotencyKey: "wire-2", SubscriptionID: sub.ID, Amount: money.MustParse("14999.51"), Date: first.Date, ActorID: staff})
		return err
	})
	require.ErrorIs(t, err, investments.ErrOverfunded)
	_, err = svc.Commitments.CancelSubscription(ctx, tx, investments.CancelSubscriptionParams{IdempotencyKey: "c", SubscriptionID: sub.ID, ActorID: staff})
	require.ErrorIs(t, err, investments.ErrSubscriptionReceived)

	sub, err = svc.Commitments.ReceiveContribution(ctx, tx, investments.ReceiveContributionParams{IdempotencyKey: "wire-2", SubscriptionID: sub.ID, Date: date.MustParse("2026-01-25"), ActorID: staff})
	require.NoError(t, err)
	require.Equal(t, investments.SubscriptionStatusFunded, sub.Status)
	pos, err := svc.Positions.Position(ctx, tx, *sub.PositionID)
	require.NoError(t, err)
	require.Equal(t, "60000.00", pos.InvestmentAmount.String())
	require.Equal(t, "60", pos.Units.String())
	require.Equal(t, "2026-01-20", pos.FundingDate.String())
	o, err = svc.Offerings.Offering(ctx, tx, o.ID)
	require.NoError(t, err)
	require.Equal(t, "60000.00", o.AmountRaised.String())
	require.Equal(t, 1, o.InvestorCount)

	books := ledger.NewService(ledger.Config{})
	chart, err := books.Chart(ctx, tx, *o.BookID)
	require.NoError(t, err)
	capital, err := books.SubledgerTotals(ctx, tx, chart[investments.AccountCapital].ID, id.Cast[ledger.Subledger](pos.ID))
	require.NoError(t, err)
	require.Equal(t, "60000.00", capital.Balance.String())
}

func TestCancelSubscription(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o, who := raise(t, tx, "50000"), investor(t, tx)
	sub, err := svc.Commitments.Commit(ctx, tx, commitment(o, who, "50000"))
	require.NoError(t, err)
	p := investments.CancelSubscriptionParams{IdempotencyKey: "cancel", SubscriptionID: sub.ID, Reason: "changed plans", ActorID: staff}
	for range 2 {
		sub, err = svc.Commitments.CancelSubscription(ctx, tx, p)
		require.NoError(t, err)
		require.Equal(t, investments.SubscriptionStatusCancelled, sub.Status)
	}
	_, err = svc.Commitments.Commit(ctx, tx, commitment(o, who, "50000"))
	require.NoError(t, err, "the place is free again, for the same investor too")
}

func TestDistribution(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o := raise(t, tx, "1000000")
	var who []id.Of[auth.User]
	for _, a := range []string{"33333.33", "33333.33", "33333.34"} {
		w := investor(t, tx)
		who = append(who, w)
		funded(t, tx, o, w, a)
	}
	creator, approver := investor(t, tx), investor(t, tx)
	p := investments.DeclareParams{IdempotencyKey: "q1", OfferingID: o.ID, Type: investments.DistributionQuarterly,
		Date: date.MustParse("2026-04-15"), Amount: money.MustParse("10000.01"), ActorID: creator}
	early := p
	early.IdempotencyKey, early.Date = "early", date.MustParse("2026-01-14")
	_, err := svc.Distributions.Declare(ctx, tx, early)
	require.ErrorIs(t, err, investments.ErrNoPositions, "nobody was funded by then")

	d, err := svc.Distributions.Declare(ctx, tx, p)
	require.NoError(t, err)
	again, err := svc.Distributions.Declare(ctx, tx, p)
	require.NoError(t, err)
	require.Equal(t, d.ID, again.ID)
	lines, err := svc.Distributions.DistributionLines(ctx, tx, d.ID, page.Request{})
	require.NoError(t, err)
	require.Len(t, lines.Items, 3)
	total := money.Zero
	for _, l := range lines.Items {
		total, err = total.Add(l.DistributionAmount)
		require.NoError(t, err)
		tiers, err := svc.Distributions.LineTiers(ctx, tx, l.ID)
		require.NoError(t, err)
		require.Equal(t, l.DistributionAmount, tiers[0].Amount)
	}
	require.Equal(t, p.Amount, total)

	pay := investments.PayParams{IdempotencyKey: "pay-q1", DistributionID: d.ID, Date: p.Date, Method: investments.PayACH, ActorID: staff}
	_, err = svc.Distributions.Approve(ctx, tx, investments.ApproveDistributionParams{DistributionID: d.ID, ActorID: creator})
	require.ErrorIs(t, err, investments.ErrSelfApproval)
	err = store.InTx(ctx, tx, func(tx bun.IDB) error { _, err := svc.Distributions.Pay(ctx, tx, pay); return err })
	require.ErrorIs(t, err, investments.ErrDistributionState)
	for range 2 {
		d, err = svc.Distributions.Approve(ctx, tx, investments.ApproveDistributionParams{DistributionID: d.ID, ActorID: approver})
		require.NoError(t, err)
		require.Equal(t, investments.DistributionStatusApproved, d.Status)
	}
	for range 2 {
		d, err = svc.Distributions.Pay(ctx, tx, pay)
		require.NoError(t, err)
		require.Equal(t, investments.DistributionStatusCompleted, d.Status)
	}
	err = store.InTx(ctx, tx, func(tx bun.IDB) error {
		p := pay
		p.IdempotencyKey = "other"
		_, err := svc.Distributions.Pay(ctx, tx, p)
		return err
	})
	require.ErrorIs(t, err, investments.ErrDistributionState, "paid once, whatever the key")
	_, err = svc.Distributions.Cancel(ctx, tx, investments.CancelDistributionParams{DistributionID: d.ID, Reason: "late", ActorID: staff})
	require.ErrorIs(t, err, investments.ErrDistributionState)

	books := ledger.NewService(ledger.Config{})
	chart, err := books.Chart(ctx, tx, *o.BookID)
	require.NoError(t, err)
	for code, want := range map[string]string{investments.AccountCash: "89999.99", investments.AccountDistributionsPayable: "0.00", investments.AccountCapital: "100000.00"} {
		b, err := books.Balance(ctx, tx, chart[code].ID)
		require.NoError(t, err)
		require.Equal(t, want, b.Balance.String(), code)
	}

	require.NoError(t, svc.Reports.RefreshPortfolios(ctx, tx, investments.RefreshPortfoliosParams{InvestorIDs: who[:1], AsOf: date.MustParse("2026-12-31")}))
	f, err := svc.Reports.Portfolio(ctx, tx, who[0])
	require.NoError(t, err)
	require.Equal(t, "33333.33", f.TotalInvested.String())
	require.Equal(t, "33333.33", f.CurrentValue.String())
	require.Equal(t, "3333.34", f.TotalDistributions.String())
	require.Equal(t, 1, f.TotalProperties)
	require.True(t, f.AllocationByState["OH"].Equal(decimal.NewFromInt(1)))
	require.NotNil(t, f.IRR)
	require.Equal(t, "1.10000021", f.EquityMultiple.String())
	require.NoError(t, svc.Reports.RefreshPortfolios(ctx, tx, investments.RefreshPortfoliosParams{InvestorIDs: nil, AsOf: date.MustParse("2026-12-31")}))
	_, err = svc.Reports.Portfolio(ctx, tx, who[2])
	require.NoError(t, err)

	st, err := svc.Reports.PrepareStatement(ctx, tx, investments.PrepareStatementParams{InvestorID: who[0], Type: investments.StatementQuarterly,
		PeriodStart: date.MustParse("2026-04-01"), PeriodEnd: date.MustParse("2026-06-30"), ActorID: staff})
	require.NoError(t, err)
	require.Equal(t, "33333.33", st.Summary.Opening.String())
	require.Equal(t, "3333.34", st.Summary.Distributions.String())
	require.Equal(t, "29999.99", st.Summary.Closing.String())
	require.Len(t, st.Transactions, 1)
	require.Len(t, st.Holdings, 1)
	redrawn, err := svc.Reports.PrepareStatement(ctx, tx, investments.PrepareStatementParams{InvestorID: who[0], Type: investments.StatementQuarterly,
		PeriodStart: st.PeriodStart, PeriodEnd: st.PeriodEnd, ActorID: staff})
	require.NoError(t, err)
	require.Equal(t, st.ID, redrawn.ID)
	require.Equal(t, int64(1), redrawn.Version, "it says the same")
	_, err = tx.ExecContext(ctx, `UPDATE investments.statements SET transactions = '[]' WHERE id = ?`, st.ID)
	require.NoError(t, err)
	redrawn, err = svc.Reports.PrepareStatement(ctx, tx, investments.PrepareStatementParams{InvestorID: who[0], Type: investments.StatementQuarterly,
		PeriodStart: st.PeriodStart, PeriodEnd: st.PeriodEnd, ActorID: staff})
	require.NoError(t, err)
	require.Equal(t, int64(2), redrawn.Version)
	require.Len(t, redrawn.Transactions, 1)
}

// Two clients pay one distribution with different keys at the same moment.
func TestPay_race(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), newService()
	o, who := raise(t, db, "1000000"), investor(t, db)
	funded(t, db, o, who, "100000")
	d, err := svc.Distributions.Declare(ctx, db, investments.DeclareParams{IdempotencyKey: "q", OfferingID: o.ID, Type: investments.DistributionQuarterly,
		Date: date.MustParse("2026-04-15"), Amount: money.MustParse("500"), ActorID: who})
	require.NoError(t, err)
	_, err = svc.Distributions.Approve(ctx, db, investments.ApproveDistributionParams{DistributionID: d.ID, ActorID: investor(t, db)})
	require.NoError(t, err)
	var wg sync.WaitGroup
	errs := make(chan error, 6)
	for i := range 6 {
		wg.Go(func() {
			_, err := svc.Distributions.Pay(ctx, db, investments.PayParams{IdempotencyKey: fmt.Sprint("pay", i), DistributionID: d.ID, Date: d.DistributionDate, Method: investments.PayWire, ActorID: staff})
			errs <- err
		})
	}
	wg.Wait()
	close(errs)
	paid := 0
	for err := range errs {
		if err == nil {
			paid++
			continue
		}
		require.ErrorIs(t, err, investments.ErrDistributionState)
	}
	require.Equal(t, 1, paid)
	cash, err := svc.Reports.Transactions(ctx, db, who, page.Request{})
	require.NoError(t, err)
	require.Len(t, cash.Items, 2, "one contribution, one distribution")
}

// A context that ends at the k-th statement of a verb, inside a caller's
// transaction, leaves nothing of it, for every k.
func TestMoneyVerbs_cancelledAtEveryStatement(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), newService()
	o, who, other, boss := raise(t, db, "1000000"), investor(t, db), investor(t, db), investor(t, db)
	funded(t, db, o, other, "100000")
	sub, err := svc.Commitments.Commit(ctx, db, commitment(o, who, "100000"))
	require.NoError(t, err)
	declared := investments.DeclareParams{IdempotencyKey: "q", OfferingID: o.ID, Type: investments.DistributionQuarterly, Date: date.MustParse("2026-04-15"), Amount: money.MustParse("500"), ActorID: who}
	pending, err := svc.Distributions.Declare(ctx, db, declared)
	require.NoError(t, err)
	approved, err := svc.Distributions.Declare(ctx, db, func() investments.DeclareParams { p := declared; p.IdempotencyKey = "q2"; return p }())
	require.NoError(t, err)
	_, err = svc.Distributions.Approve(ctx, db, investments.ApproveDistributionParams{DistributionID: approved.ID, ActorID: boss})
	require.NoError(t, err)

	verbs := map[string]func(context.Context, bun.IDB) error{
		"commit": func(ctx context.Context, tx bun.IDB) error {
			p := commitment(o, other, "30000")
			p.IdempotencyKey = "cancelled commit"
			_, err := svc.Commitments.Commit(ctx, tx, p)
			return err
		},
		"fund": func(ctx context.Context, tx bun.IDB) error {
			_, err := svc.Commitments.ReceiveContribution(ctx, tx, investments.ReceiveContributionParams{IdempotencyKey: "cancelled fund", SubscriptionID: sub.ID, Date: date.MustParse("2026-02-01"), ActorID: staff})
			return err
		},
		"declare": func(ctx context.Context, tx bun.IDB) error {
			p := declared
			p.IdempotencyKey = "cancelled declare"
			_, err := svc.Distributions.Declare(ctx, tx, p)
			return err
		},
		"approve": func(ctx context.Context, tx bun.IDB) error {
			_, err := svc.Distributions.Approve(ctx, tx, investments.ApproveDistributionParams{DistributionID: pending.ID, ActorID: boss})
			return err
		},
		"pay": func(ctx context.Context, tx bun.IDB) error {
			_, err := svc.Distributions.Pay(ctx, tx, investments.PayParams{IdempotencyKey: "cancelled pay", DistributionID: approved.ID, Date: declared.Date, Method: investments.PayACH, ActorID: staff})
			return err
		},
		"cancel": func(ctx context.Context, tx bun.IDB) error {
			_, err := svc.Commitments.CancelSubscription(ctx, tx, investments.CancelSubscriptionParams{IdempotencyKey: "cancelled cancel", SubscriptionID: sub.ID, ActorID: staff})
			return err
		},
	}
	cancelEverywhere(t, db, verbs)
}
