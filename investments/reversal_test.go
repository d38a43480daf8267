package investments_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/page"
)

// paid is a distribution by terms that was declared, approved and paid.
func paid(t *testing.T, db bun.IDB, o *investments.Offering, key, day, amount string) *investments.Distribution {
	t.Helper()
	ctx, svc := t.Context(), newService()
	d, err := svc.Distributions.Declare(ctx, db, declaration(o, key, day, amount, investor(t, db)))
	require.NoError(t, err)
	_, err = svc.Distributions.Approve(ctx, db, investments.ApproveDistributionParams{DistributionID: d.ID, ActorID: investor(t, db)})
	require.NoError(t, err)
	d, err = svc.Distributions.Pay(ctx, db, investments.PayParams{IdempotencyKey: "pay " + key, DistributionID: d.ID, Date: d.DistributionDate, Method: investments.PayACH, ActorID: staff})
	require.NoError(t, err)
	return d
}

func balances(t *testing.T, db bun.IDB, o *investments.Offering) map[string]string {
	t.Helper()
	books := ledger.NewService(ledger.Config{})
	chart, err := books.Chart(t.Context(), db, *o.BookID)
	require.NoError(t, err)
	out := map[string]string{}
	for code, a := range chart {
		b, err := books.Balance(t.Context(), db, a.ID)
		require.NoError(t, err)
		if !b.Balance.IsZero() {
			out[code] = b.Balance.String()
		}
	}
	return out
}

func TestReverseDistribution(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o, _, subs := promoted(t, tx)
	q1 := paid(t, tx, o, "q1", "2026-04-15", "3000")
	q2 := paid(t, tx, o, "q2", "2026-07-15", "3000")
	boss := investor(t, tx)
	back := func(d *investments.Distribution, key string) error {
		return store.InTx(ctx, tx, func(tx bun.IDB) error {
			_, err := reverse(ctx, tx, svc.Distributions, investments.ReverseDistributionParams{ActorID: boss, IdempotencyKey: key, DistributionID: d.ID, Date: date.MustParse("2026-08-01"), Reason: "wrong property"})
			return err
		})
	}
	require.ErrorIs(t, back(q1, "r1"), investments.ErrDistributionOrder, "the later one rests on it")
	require.NoError(t, back(q2, "r2"))
	require.NoError(t, back(q2, "r2"), "the same key again")
	require.ErrorIs(t, back(q2, "r3"), investments.ErrDistributionState, "once")
	require.Equal(t, map[string]string{"1000": "94000.00", "1200": "3000.00", "3000": "100000.00", "3100": "-2794.52", "3200": "-205.48"}, balances(t, tx, o))
	pos, err := svc.Positions.Position(ctx, tx, *subs[0].PositionID)
	require.NoError(t, err)
	require.Equal(t, "1676.71", pos.TotalDistributions.String(), "the first distribution alone")
	lines, err := svc.Distributions.DistributionLines(ctx, tx, q2.ID, page.Request{})
	require.NoError(t, err)
	for _, l := range lines.Items {
		require.Equal(t, investments.PaymentStatusReversed, l.PaymentStatus)
	}
	again, err := svc.Distributions.Declare(ctx, tx, declaration(o, "q2 again", "2026-07-15", "3000", investor(t, tx)))
	require.NoError(t, err)
	require.Equal(t, grosses(t, tx, q2), grosses(t, tx, again), "as if it had never been")
	require.ErrorIs(t, back(again, "r4"), investments.ErrDistributionState, "nothing was booked yet")
}

func TestFailAndReissuePayment(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o, _, subs := promoted(t, tx)
	d := paid(t, tx, o, "q1", "2026-04-15", "3000")
	lines, err := svc.Distributions.DistributionLines(ctx, tx, d.ID, page.Request{})
	require.NoError(t, err)
	var line investments.DistributionLine
	for _, l := range lines.Items {
		if l.PositionID != nil && *l.PositionID == *subs[0].PositionID {
			line = l
		}
	}
	fail := investments.FailPaymentParams{IdempotencyKey: "f", LineID: line.ID, Date: date.MustParse("2026-04-20"), Reason: "account closed", ActorID: staff}
	reissue := investments.ReissuePaymentParams{IdempotencyKey: "r", LineID: line.ID, Date: date.MustParse("2026-04-25"), Method: investments.PayCheck, ActorID: staff}
	_, err = svc.Distributions.ReissuePayment(ctx, tx, reissue)
	require.ErrorIs(t, err, investments.ErrPaymentState, "it has not failed")
	for range 2 {
		failed, err := svc.Distributions.FailPayment(ctx, tx, fail)
		require.NoError(t, err)
		require.Equal(t, investments.PaymentStatusFailed, failed.PaymentStatus)
	}
	require.Equal(t, "1676.71", balances(t, tx, o)[investments.AccountDistributionsPayable])
	pos, err := svc.Positions.Position(ctx, tx, *subs[0].PositionID)
	require.NoError(t, err)
	require.True(t, pos.TotalDistributions.IsZero())
	for range 2 {
		again, err := svc.Distributions.ReissuePayment(ctx, tx, reissue)
		require.NoError(t, err)
		require.Equal(t, 2, again.PaymentAttempt)
	}
	require.Equal(t, "97000.00", balances(t, tx, o)[investments.AccountCash])
	require.Empty(t, balances(t, tx, o)[investments.AccountDistributionsPayable])
	fail.IdempotencyKey, fail.Date = "f2", date.MustParse("2026-04-30")
	_, err = svc.Distributions.FailPayment(ctx, tx, fail)
	require.NoError(t, err, "the second attempt may fail too")
}

// Paying and reversing one distribution at the same moment: either it was
// reversed before it was paid, or paid and then reversed with a receivable;
// never both at once and never twice.
func TestPayAndReverse_race(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), newService()
	o, _, _ := promoted(t, db)
	for round := range 4 {
		key := fmt.Sprint("q", round)
		d, err := svc.Distributions.Declare(ctx, db, declaration(o, key, "2026-04-15", "1000", investor(t, db)))
		require.NoError(t, err)
		_, err = svc.Distributions.Approve(ctx, db, investments.ApproveDistributionParams{DistributionID: d.ID, ActorID: investor(t, db)})
		require.NoError(t, err)
		before := balances(t, db, o)[investments.AccountCash]
		var wg sync.WaitGroup
		var payErr, backErr error
		wg.Go(func() {
			_, payErr = svc.Distributions.Pay(ctx, db, investments.PayParams{IdempotencyKey: "pay " + key, DistributionID: d.ID, Date: d.DistributionDate, Method: investments.PayACH, ActorID: staff})
		})
		wg.Go(func() {
			_, backErr = reverse(ctx, db, svc.Distributions, investments.ReverseDistributionParams{ActorID: investor(t, db), IdempotencyKey: "back " + key, DistributionID: d.ID, Date: d.DistributionDate, Reason: "race"})
		})
		wg.Wait()
		require.NoError(t, backErr)
		after := balances(t, db, o)[investments.AccountCash]
		if payErr != nil {
			require.ErrorIs(t, payErr, investments.ErrDistributionState)
			require.Equal(t, before, after)
		} else {
			require.NotEqual(t, before, after)
		}
	}
}

// A portfolio is computed while a reversal is under way that it cannot see: what it says
// then is of that moment, and no fault that Verify reports.
func TestReverse_besidePortfolio(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	clock := time.Date(2026, 2, 1, 9, 0, 0, 0, time.UTC)
	svc := investments.New(investments.Config{Evidence: says(accredited), Horizon: 3650, Now: func() time.Time {
		clock = clock.Add(time.Second)
		return clock
	}})
	o, _, _ := promoted(t, db)
	d := paid(t, db, o, "q1", "2026-04-15", "3000")
	asker, boss := investor(t, db), investor(t, db)
	_, err := svc.Distributions.RequestReversal(ctx, db, investments.RequestReversalParams{DistributionID: d.ID, Date: d.DistributionDate, Reason: "wrong", ActorID: asker})
	require.NoError(t, err)
	before := portfolioTotals(t, db)
	err = store.InTx(ctx, db, func(tx bun.IDB) error {
		_, err := svc.Distributions.Reverse(ctx, tx, investments.ReverseDistributionParams{ActorID: boss, IdempotencyKey: "back", DistributionID: d.ID, Date: d.DistributionDate, Reason: "wrong"})
		if err != nil {
			return err
		}
		return svc.Reports.RefreshPortfolios(ctx, db, investments.RefreshPortfoliosParams{AsOf: date.MustParse("2026-12-31")})
	})
	require.NoError(t, err)
	require.Equal(t, before, portfolioTotals(t, db), "the reversal was not to be seen")
	for _, i := range investments.Invariants() {
		var found []map[string]any
		require.NoError(t, db.NewRaw(i.Query).Scan(ctx, &found), i.Name)
		require.Empty(t, found, i.Name)
	}
	found, err := svc.Reports.VerifyPortfolios(ctx, db)
	require.NoError(t, err)
	require.Empty(t, found)
	require.NoError(t, svc.Reports.RefreshPortfolios(ctx, db, investments.RefreshPortfoliosParams{AsOf: date.MustParse("2026-12-31")}))
	require.NotEqual(t, before, portfolioTotals(t, db))
	_, err = db.ExecContext(ctx, "UPDATE investments.investor_portfolios SET total_distributions = total_distributions + 1")
	require.NoError(t, err)
	found, err = svc.Reports.VerifyPortfolios(ctx, db)
	require.NoError(t, err)
	require.NotEmpty(t, found, "all has been seen, so that it is compared")
}

func portfolioTotals(t *testing.T, db bun.IDB) (out []string) {
	t.Helper()
	require.NoError(t, db.NewRaw("SELECT total_distributions::text FROM investments.investor_portfolios ORDER BY investor_id").Scan(t.Context(), &out))
	return out
}

// reverse undoes a distribution as two people do it: one has asked for it, and p's
// actor agrees. What is wrong with it shows when it is done.
func reverse(ctx context.Context, db bun.IDB, svc *investments.Distributions, p investments.ReverseDistributionParams) (*investments.Distribution, error) {
	_, _ = svc.RequestReversal(ctx, db, investments.RequestReversalParams{DistributionID: p.DistributionID, Date: p.Date, Reason: p.Reason, ActorID: asker})
	return svc.Reverse(ctx, db, p)
}
