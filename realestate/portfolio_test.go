package realestate_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/investments/returns"
	"github.com/freehold-go/freehold/realestate/analytics"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// fromScratch computes a portfolio from an investor's positions and
// transactions, row by row.
func fromScratch(t *testing.T, db bun.IDB, who id.Of[auth.User], asOf date.Date) (*investments.Portfolio, int) {
	t.Helper()
	ctx, p := t.Context(), platform()
	back, flows := map[id.Of[investments.Position]]decimal.Decimal{}, map[date.Date]decimal.Decimal{}
	paid, year, in, got := decimal.Zero, decimal.Zero, decimal.Zero, decimal.Zero
	txs, err := p.Reports.Transactions(ctx, db, who, page.Request{Limit: 100})
	require.NoError(t, err)
	for _, x := range txs.Items {
		if x.PositionID == nil || x.EffectiveDate.After(asOf) {
			continue
		}
		amount := x.Amount.Decimal()
		moved, passed := decimal.Zero, decimal.Zero
		if x.Type == investments.TransactionTransferIn || x.Type == investments.TransactionTransferOut {
			require.NoError(t, db.NewRaw("SELECT amount - capital, consideration FROM investments.capital_movements WHERE journal_id = ? AND position_id = ?", *x.JournalID, *x.PositionID).Scan(ctx, &moved, &passed))
		}
		switch x.Type {
		case investments.TransactionInvestment:
			flows[x.EffectiveDate], in = flows[x.EffectiveDate].Sub(amount), in.Add(amount)
		case investments.TransactionTransferIn:
			flows[x.EffectiveDate], in = flows[x.EffectiveDate].Sub(passed), in.Add(passed)
			back[*x.PositionID] = back[*x.PositionID].Add(moved)
		case investments.TransactionTransferOut:
			flows[x.EffectiveDate], got = flows[x.EffectiveDate].Add(passed), got.Add(passed)
			back[*x.PositionID] = back[*x.PositionID].Sub(moved)
		case investments.TransactionRefund:
			flows[x.EffectiveDate], in = flows[x.EffectiveDate].Add(amount), in.Sub(amount)
		case investments.TransactionDistribution:
			flows[x.EffectiveDate] = flows[x.EffectiveDate].Add(amount)
			paid = paid.Add(amount)
			if x.EffectiveDate.After(asOf.AddDays(-365)) {
				year = year.Add(amount)
			}
		case investments.TransactionReturnOfCapital:
			flows[x.EffectiveDate] = flows[x.EffectiveDate].Add(amount)
			paid, back[*x.PositionID] = paid.Add(amount), back[*x.PositionID].Add(amount)
		}
	}
	held, err := p.Positions.Positions(ctx, db, investments.PositionFilter{InvestorID: &who}, page.Request{Limit: 100})
	require.NoError(t, err)
	invested, value, counted, states := decimal.Zero, decimal.Zero, 0, map[string]decimal.Decimal{}
	for _, h := range held.Items {
		if !h.Status.Counts() {
			continue
		}
		counted++
		invested = invested.Add(h.InvestmentAmount.Decimal())
		if h.Status == investments.PositionStatusFunded {
			v := h.InvestmentAmount.Decimal().Sub(back[h.ID]).Add(h.UnrealizedGains.Decimal())
			prop, err := p.Properties.Property(ctx, db, h.PropertyID)
			require.NoError(t, err)
			value, states[prop.State] = value.Add(v), states[prop.State].Add(v)
		}
	}
	var vector []returns.Cash
	for day, sum := range flows {
		a, err := money.FromDecimal(sum)
		require.NoError(t, err)
		vector = append(vector, returns.Cash{Date: day, Amount: a})
	}
	out := &investments.Portfolio{InvestorID: who}
	out.TotalInvested, _ = money.FromDecimal(invested)
	out.CurrentValue, _ = money.FromDecimal(value)
	out.TotalDistributions, _ = money.FromDecimal(paid)
	if !value.IsZero() {
		vector = append(vector, returns.Cash{Date: asOf, Amount: out.CurrentValue})
	}
	if rate, err := returns.XIRR(vector); err == nil {
		out.IRR = ptr(rate.Decimal().Round(10))
	}
	if !in.IsZero() {
		out.EquityMultiple = ptr(paid.Add(got).Add(value).DivRound(in, 10))
	}
	if !invested.IsZero() {
		out.CashOnCash = ptr(year.DivRound(invested, 10))
	}
	for state, v := range states {
		if !v.IsZero() {
			if out.AllocationByState == nil {
				out.AllocationByState = map[string]decimal.Decimal{}
			}
			out.AllocationByState[state] = v.DivRound(value, 6)
		}
	}
	return out, counted
}

func ptr[T any](v T) *T { return &v }

func sameRate(t *testing.T, want, got *decimal.Decimal, what string) {
	t.Helper()
	require.Equal(t, want == nil, got == nil, what)
	if want != nil {
		require.True(t, want.Sub(*got).Abs().LessThan(decimal.New(1, -9)), "%s: %s, not %s", what, got, want)
	}
}

// After commitments, receipts, a call, a distribution, a refund and a transfer,
// the portfolio, its earlier name, the summary and the performance of every
// investor say what his positions and transactions say.
func TestPortfolios_agree(t *testing.T) {
	t.Parallel()
	ctx, db, p := t.Context(), pgtest.Clone(t), platform()
	o := deal(t, db)
	second := deal(t, db) // another property, whose distribution touches others
	asOf := date.MustParse("2026-12-31")
	ds, err := p.Distributions.Distributions(ctx, db, second.ID, page.Request{})
	require.NoError(t, err)
	_, err = db.ExecContext(ctx, "UPDATE investments.investor_portfolios SET current_value = 1, last_calculated_at = NULL")
	require.NoError(t, err)
	require.NoError(t, p.Reports.RefreshPortfolios(ctx, db, investments.RefreshPortfoliosParams{DistributionID: new(ds.Items[0].ID), AsOf: asOf}))
	var wrong, others int
	require.NoError(t, db.NewRaw(`SELECT count(*) FILTER (WHERE touched <> (last_calculated_at IS NOT NULL)), count(*) FILTER (WHERE NOT touched)
		FROM (SELECT f.last_calculated_at, EXISTS (SELECT FROM investments.investor_distributions l
			WHERE l.investor_id = f.investor_id AND l.distribution_id = ?) AS touched FROM investments.investor_portfolios f) f`, ds.Items[0].ID).Scan(ctx, &wrong, &others))
	require.Zero(t, wrong, "those of the distribution and no others")
	require.Positive(t, others)
	require.ErrorIs(t, p.Reports.RefreshPortfolios(ctx, db, investments.RefreshPortfoliosParams{DistributionID: new(id.New[investments.Distribution]()), AsOf: asOf}), investments.ErrDistributionNotFound)
	require.Error(t, p.Reports.RefreshPortfolios(ctx, db, investments.RefreshPortfoliosParams{DistributionID: new(ds.Items[0].ID), AsOf: date.Date{}}))

	require.NoError(t, p.Reports.RefreshPortfolios(ctx, db, investments.RefreshPortfoliosParams{InvestorIDs: nil, AsOf: asOf}))
	for range 2 { // the first one fills the view, the second is beside its readers
		require.NoError(t, p.Analytics.RefreshPerformance(ctx, db))
	}
	var who []id.Of[auth.User]
	require.NoError(t, db.NewRaw("SELECT DISTINCT investor_id FROM investments.property_investments WHERE status <> 'cancelled'").Scan(ctx, &who))
	require.GreaterOrEqual(t, len(who), 10)
	paid, worth := money.Zero, 0
	for _, w := range who {
		want, counted := fromScratch(t, db, w, asOf)
		got, err := p.Reports.Portfolio(ctx, db, w)
		require.NoError(t, err)
		require.Equal(t, [3]money.Amount{want.TotalInvested, want.CurrentValue, want.TotalDistributions}, [3]money.Amount{got.TotalInvested, got.CurrentValue, got.TotalDistributions})
		sameRate(t, want.IRR, got.IRR, "irr")
		sameRate(t, want.EquityMultiple, got.EquityMultiple, "multiple")
		sameRate(t, want.CashOnCash, got.CashOnCash, "cash on cash")
		require.Len(t, got.AllocationByState, len(want.AllocationByState))
		for state, part := range want.AllocationByState {
			require.True(t, part.Equal(got.AllocationByState[state]), state)
		}
		paid, err = paid.Add(got.TotalDistributions)
		require.NoError(t, err)
		if got.CurrentValue.Sign() > 0 {
			worth++
		}
		var row struct{ Invested, Value, Distributions, Returns money.Amount }
		require.NoError(t, db.NewRaw("SELECT total_invested AS invested, total_value AS value, total_distributions AS distributions, total_returns AS returns FROM investments.portfolios WHERE investor_id = ?", w).Scan(ctx, &row))
		require.Equal(t, [3]money.Amount{want.TotalInvested, want.CurrentValue, want.TotalDistributions}, [3]money.Amount{row.Invested, row.Value, row.Distributions})
		gains, err := got.TotalReturns()
		require.NoError(t, err)
		require.Equal(t, gains, row.Returns)
		sum, err := p.Analytics.InvestorSummary(ctx, db, w)
		require.NoError(t, err)
		require.Equal(t, [2]money.Amount{want.TotalInvested, want.CurrentValue}, [2]money.Amount{*sum.TotalInvested, *sum.TotalValue})
		perf, err := p.Analytics.Performance(ctx, db, w)
		if counted == 0 {
			require.ErrorIs(t, err, analytics.ErrPerformanceNotFound)
			continue
		}
		require.NoError(t, err)
		require.EqualValues(t, counted, perf.InvestmentCount)
		require.Equal(t, [3]money.Amount{want.TotalInvested, want.CurrentValue, gains}, [3]money.Amount{perf.TotalInvested, perf.TotalValue, perf.TotalReturns})
		sameRate(t, want.IRR, perf.IRR, "irr")
	}
	var cash money.Amount
	require.NoError(t, db.NewRaw(`SELECT sum(amount) FROM investments.transactions WHERE type IN ('distribution', 'return_of_capital') AND status = 'completed'
		AND investment_id IS NOT NULL AND effective_date <= ?`, asOf).Scan(ctx, &cash))
	require.Equal(t, cash, paid)
	require.GreaterOrEqual(t, worth, 8)
	r, err := p.Verify(ctx, db)
	require.NoError(t, err)
	require.True(t, r.OK(), r.String())
	activeAgrees(t, db, o)
}

// activeAgrees compares the view of open offerings with the offering.
func activeAgrees(t *testing.T, db bun.IDB, o *investments.Offering) {
	t.Helper()
	o, err := platform().Offerings.Offering(t.Context(), db, o.ID)
	require.NoError(t, err)
	active, err := platform().Analytics.ActiveOfferings(t.Context(), db, page.Request{})
	require.NoError(t, err)
	for _, a := range active.Items {
		if id.Cast[investments.Offering](a.ID) == o.ID {
			require.Equal(t, o.AmountRaised, a.TotalRaised)
			require.Equal(t, o.AmountRaised, a.AmountRaised)
			require.Equal(t, o.CommittedAmount, a.CommittedAmount)
			require.EqualValues(t, o.InvestorCount, a.InvestorCount)
			require.Equal(t, o.Name, a.Name)
			return
		}
	}
	require.Fail(t, "the offering is open and not in the view")
}

// The funnel follows what happens through the platform: interest, commitment,
// money, in one and in bulk, and does not fall back.
func TestFunnel_follows(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	p, o := platform(), deal(t, db)
	counts := func() analytics.FunnelCounts {
		c, err := p.Analytics.FunnelCounts(ctx, db, o.ID)
		require.NoError(t, err)
		return c
	}
	before := counts()
	require.EqualValues(t, 5, before.Committed, "the deal committed through the platform")
	require.EqualValues(t, 3, before.Funded)
	require.NoError(t, p.Analytics.SyncFunnel(ctx, db, analytics.SyncFunnelParams{OfferingID: o.ID}))
	require.Equal(t, before, counts(), "nothing was missing")
	var subs []*investments.Subscription
	for range 3 {
		who := accredited(t, db)
		sub, err := p.Commitments.Commit(ctx, db, investments.CommitParams{IdempotencyKey: who.String(), OfferingID: o.ID, InvestorID: who, Amount: money.MustParse("3000"), Date: date.MustParse("2026-06-01"), ActorID: who})
		require.NoError(t, err)
		subs = append(subs, sub)
	}
	require.EqualValues(t, 8, counts().Committed)
	activeAgrees(t, db, o)
	_, err := p.Analytics.DropOff(ctx, db, analytics.DropOffParams{UserID: subs[2].InvestorID, OfferingID: o.ID})
	require.NoError(t, err)
	_, err = p.Commitments.ReceiveContribution(ctx, db, investments.ReceiveContributionParams{IdempotencyKey: "one", SubscriptionID: subs[0].ID, Date: date.MustParse("2026-06-02"), ActorID: staff})
	require.NoError(t, err)
	require.EqualValues(t, 4, counts().Funded)
	batch := investments.ReceiveContributionsParams{IdempotencyKey: "rest", OfferingID: o.ID, Receipts: []investments.Receipt{
		{SubscriptionID: subs[1].ID, Date: date.MustParse("2026-06-02")}, {SubscriptionID: subs[2].ID, Amount: money.MustParse("1"), Date: date.MustParse("2026-06-02")}}, ActorID: staff}
	for range 2 {
		got, err := p.Commitments.ReceiveContributions(ctx, db, batch)
		require.NoError(t, err)
		require.Equal(t, "3001.00", got.Amount.String())
		require.EqualValues(t, 5, counts().Funded)
		require.EqualValues(t, 1, counts().DroppedOff, "a part is not a step")
	}
	_, err = p.Commitments.ReceiveContribution(ctx, db, investments.ReceiveContributionParams{IdempotencyKey: "last", SubscriptionID: subs[2].ID, Date: date.MustParse("2026-06-03"), ActorID: staff})
	require.NoError(t, err)
	require.Zero(t, counts().DroppedOff, "and he is back")
	require.EqualValues(t, 6, counts().Funded)
	activeAgrees(t, db, o)
	_, err = p.Commitments.ReceiveContribution(ctx, db, investments.ReceiveContributionParams{IdempotencyKey: "again", SubscriptionID: subs[2].ID, Date: date.MustParse("2026-06-03"), ActorID: staff})
	require.ErrorIs(t, err, investments.ErrSubscriptionNotOpen)
	_, err = p.Commitments.ReceiveContributions(ctx, db, investments.ReceiveContributionsParams{IdempotencyKey: "again", OfferingID: o.ID, Receipts: batch.Receipts, ActorID: staff})
	require.ErrorIs(t, err, investments.ErrSubscriptionNotOpen)
	funded := counts().Funded
	who := accredited(t, db)
	called, err := p.Commitments.Commit(ctx, db, investments.CommitParams{IdempotencyKey: "called", OfferingID: o.ID, InvestorID: who, Amount: money.MustParse("1000"), Date: date.MustParse("2026-06-01"), ActorID: who})
	require.NoError(t, err)
	call, err := p.Commitments.CallCapital(ctx, db, investments.CallCapitalParams{IdempotencyKey: "call", OfferingID: o.ID, Fraction: ptr(decimal.NewFromInt(1)), ActorID: who,
		DueDate: date.MustParse("2026-06-30")})
	require.NoError(t, err)
	_, err = p.Commitments.IssueCall(ctx, db, investments.IssueCallParams{CallID: call.ID, NoticeDate: date.MustParse("2026-06-02"), ActorID: staff})
	require.NoError(t, err)
	lines, err := p.Commitments.CallLines(ctx, db, call.ID, page.Request{})
	require.NoError(t, err)
	for _, l := range lines.Items {
		if l.SubscriptionID != called.ID {
			continue
		}
		for i, paid := range []string{"400", "600"} {
			require.Equal(t, funded, counts().Funded)
			_, err = p.Commitments.ReceiveCall(ctx, db, investments.ReceiveCallParams{IdempotencyKey: fmt.Sprint("wire", i), LineID: l.ID, Amount: money.MustParse(paid), Date: date.MustParse("2026-06-20"), ActorID: staff})
			require.NoError(t, err)
		}
	}
	require.Equal(t, funded+1, counts().Funded, "by a call")
	_, err = p.Offerings.Close(ctx, db, investments.CloseOfferingParams{OfferingID: o.ID, ActorID: staff})
	require.NoError(t, err)
	active, err := p.Analytics.ActiveOfferings(ctx, db, page.Request{})
	require.NoError(t, err)
	require.Empty(t, active.Items, "a closed offering is not active")
	r, err := p.Verify(ctx, db)
	require.NoError(t, err)
	require.True(t, r.OK(), r.String())
}

// Whoever funds first makes the portfolio, whoever comes second adds to it: many
// first receipts of one investor in many offerings at once.
func TestPortfolio_firstReceiptsAtOnce(t *testing.T) {
	t.Parallel()
	ctx, db, p := t.Context(), pgtest.Clone(t), platform()
	who := accredited(t, db)
	var subs []*investments.Subscription
	for range 4 {
		o := deal(t, db)
		sub, err := p.Commitments.Commit(ctx, db, investments.CommitParams{IdempotencyKey: o.Slug, OfferingID: o.ID, InvestorID: who, Amount: money.MustParse("1000"), Date: date.MustParse("2026-01-10"), ActorID: who})
		require.NoError(t, err)
		subs = append(subs, sub)
	}
	_, err := db.ExecContext(ctx, "DELETE FROM investments.investor_portfolios WHERE investor_id = ?", who)
	require.NoError(t, err)
	errs := make(chan error, len(subs))
	for _, sub := range subs {
		go func() {
			errs <- store.InTx(ctx, db, func(tx bun.IDB) error {
				_, err := p.Commitments.ReceiveContributions(ctx, tx, investments.ReceiveContributionsParams{IdempotencyKey: sub.ID.String(), OfferingID: sub.OfferingID,
					Receipts: []investments.Receipt{{SubscriptionID: sub.ID, Date: date.MustParse("2026-01-15")}}, ActorID: staff})
				pause(ctx)
				return err
			})
		}()
	}
	for range subs {
		require.NoError(t, <-errs)
	}
	f, err := p.Reports.Portfolio(ctx, db, who)
	require.NoError(t, err)
	require.Equal(t, "4000.00", f.TotalInvested.String())
}

// pause keeps a transaction open, so that others meet its rows uncommitted.
func pause(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(50 * time.Millisecond):
	}
}

// Scaling back admits from the waitlist, and who is admitted has committed.
func TestScaleBack_funnel(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	p, o := platform(), offered(t, tx, "10000")
	for i := range 2 {
		who := accredited(t, tx)
		_, err := p.Commitments.Commit(ctx, tx, investments.CommitParams{IdempotencyKey: fmt.Sprint("commit", i), OfferingID: o.ID, InvestorID: who, Amount: money.MustParse("10000"), Date: date.MustParse("2026-01-10"), JoinWaitlist: true, ActorID: who})
		require.NoError(t, err)
		counts, err := p.Analytics.FunnelCounts(ctx, tx, o.ID)
		require.NoError(t, err)
		require.EqualValues(t, 1, counts.Committed, "waiting is not committed")
	}
	_, err := p.Commitments.ScaleBack(ctx, tx, investments.ScaleBackParams{IdempotencyKey: "scale", OfferingID: o.ID, Waitlist: true, ActorID: staff})
	require.NoError(t, err)
	counts, err := p.Analytics.FunnelCounts(ctx, tx, o.ID)
	require.NoError(t, err)
	require.EqualValues(t, 2, counts.Committed)
}

// Each figure of a portfolio is derived anew and compared, the allocations unless a
// property was changed since.
func TestVerifyPortfolios_everyFigure(t *testing.T) {
	t.Parallel()
	ctx, tx, p := t.Context(), pgtest.Tx(t), platform()
	deal(t, tx)
	require.NoError(t, p.Reports.RefreshPortfolios(ctx, tx, investments.RefreshPortfoliosParams{AsOf: date.MustParse("2026-12-31")}))
	_, err := tx.ExecContext(ctx, "UPDATE investments.investor_portfolios SET last_calculated_at = '2100-01-01'")
	require.NoError(t, err)
	found, err := p.Reports.VerifyPortfolios(ctx, tx)
	require.NoError(t, err)
	require.Empty(t, found)
	for _, set := range []string{"total_properties = total_properties + 1", "current_value = current_value + 1", "total_distributions = total_distributions + 1", "weighted_avg_irr = 0.123",
		"irr_unique = NOT irr_unique", "weighted_avg_cash_on_cash = 0.123", "total_equity_multiple = 0.123", `allocation_by_state = '{"TX": "0.500000"}'`, "allocation_by_city = '{}'",
		`allocation_by_property_type = '{"unknown": "0.5"}'`, "allocation_by_property_class = NULL"} {
		_, err := tx.ExecContext(ctx, "SAVEPOINT spoil")
		require.NoError(t, err)
		_, err = tx.ExecContext(ctx, "UPDATE investments.investor_portfolios SET "+set+" WHERE current_value > 0")
		require.NoError(t, err)
		found, err := p.Reports.VerifyPortfolios(ctx, tx)
		require.NoError(t, err)
		require.NotEmpty(t, found, set)
		_, err = tx.ExecContext(ctx, "ROLLBACK TO SAVEPOINT spoil")
		require.NoError(t, err)
	}
}
