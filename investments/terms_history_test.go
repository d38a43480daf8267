package investments_test

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// attempt runs a verb in a savepoint, so that its refusal leaves tx usable.
func attempt(t *testing.T, tx bun.IDB, fn func(bun.IDB) error) error {
	t.Helper()
	return store.InTx(t.Context(), tx, fn)
}

// Money that went back before it shared in anything earns nothing.
func TestTerms_refundedMoneyEarnsNothing(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o, _, subs := promoted(t, tx)
	gone := funded(t, tx, o, investor(t, tx), "100000")
	_, err := svc.Commitments.RefundContribution(ctx, tx, investments.RefundContributionParams{IdempotencyKey: "back", SubscriptionID: gone.ID,
		Date: date.MustParse("2026-02-01"), Reason: "cold feet", ActorID: staff})
	require.NoError(t, err)
	d, err := svc.Distributions.Declare(ctx, tx, declaration(o, "q1", "2026-04-15", "3000", investor(t, tx)))
	require.NoError(t, err)
	require.Equal(t, map[string]string{subs[0].PositionID.String(): "1676.71", subs[1].PositionID.String(): "1117.81", "promote": "205.48"}, grosses(t, tx, d))
}

// An adjustment that paid capital back counts when the history is run again.
func TestTerms_adjustmentsStayInHistory(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o, _, subs := promoted(t, tx)
	p := declaration(o, "q1", "2026-04-15", "3000", investor(t, tx))
	p.Adjustments = []waterfall.Adjustment{
		{Account: subs[0].PositionID.String(), Delta: money.MustParse("500"), Reason: "capital due", Against: waterfall.AgainstCapital},
		{Account: subs[1].PositionID.String(), Delta: money.MustParse("-500"), Reason: "capital due"}}
	first, err := svc.Distributions.Declare(ctx, tx, p)
	require.NoError(t, err)
	second, err := svc.Distributions.Declare(ctx, tx, declaration(o, "q2", "2026-07-15", "3000", investor(t, tx)))
	require.NoError(t, err)
	calc, err := svc.Distributions.Calculation(ctx, tx, second.ID)
	require.NoError(t, err)
	var opened waterfall.State
	require.NoError(t, opened.UnmarshalBinary(calc.OpeningState))
	a, err := opened.Find(subs[0].PositionID.String())
	require.NoError(t, err)
	require.Equal(t, "59500.00", a.Unreturned.String(), "the second one starts from it")
	require.NotNil(t, first)
}

func TestTerms_cancelRestsOnOrder(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o, _, _ := promoted(t, tx)
	first, err := svc.Distributions.Declare(ctx, tx, declaration(o, "q1", "2026-04-15", "3000", investor(t, tx)))
	require.NoError(t, err)
	second, err := svc.Distributions.Declare(ctx, tx, declaration(o, "q2", "2026-07-15", "3000", investor(t, tx)))
	require.NoError(t, err)
	require.ErrorIs(t, attempt(t, tx, func(tx bun.IDB) error {
		_, err := svc.Distributions.Cancel(ctx, tx, investments.CancelDistributionParams{DistributionID: first.ID, Reason: "x", ActorID: staff})
		return err
	}), investments.ErrDistributionOrder)
	_, err = svc.Distributions.Cancel(ctx, tx, investments.CancelDistributionParams{DistributionID: second.ID, Reason: "x", ActorID: staff})
	require.NoError(t, err)
	_, err = svc.Distributions.Cancel(ctx, tx, investments.CancelDistributionParams{DistributionID: first.ID, Reason: "x", ActorID: staff})
	require.NoError(t, err)
}

func TestSetTerms_refuses(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o := raise(t, tx, "1000000")
	funded(t, tx, o, investor(t, tx), "60000")
	terms := func(who string) *waterfall.Terms {
		p := decimal.RequireFromString("0.2")
		return &waterfall.Terms{PromoteRecipient: who, Tiers: waterfall.Lists{Capital: []waterfall.Tier{{Name: "split", Type: waterfall.TierSplit, Promote: &p}}}}
	}
	set := func(tx bun.IDB, t *waterfall.Terms) error {
		_, err := svc.Offerings.SetTerms(ctx, tx, investments.SetTermsParams{OfferingID: o.ID, EffectiveDate: date.MustParse("2026-01-01"), Terms: t, ActorID: staff})
		return err
	}
	require.ErrorIs(t, attempt(t, tx, func(tx bun.IDB) error { return set(tx, terms("the sponsor")) }), investments.ErrTermsParty)
	require.ErrorIs(t, attempt(t, tx, func(tx bun.IDB) error { return set(tx, terms(id.New[investments.Account]().String())) }), investments.ErrTermsParty, "nobody of that id")
	d, err := svc.Distributions.Declare(ctx, tx, declaration(o, "pro rata", "2026-04-15", "100", investor(t, tx)))
	require.NoError(t, err)
	gp, err := svc.Accounts.Open(ctx, tx, investments.OpenAccountParams{InvestorID: investor(t, tx), Type: investments.AccountLLC, Name: "GP", ActorID: staff})
	require.NoError(t, err)
	require.ErrorIs(t, attempt(t, tx, func(tx bun.IDB) error { return set(tx, terms(gp.ID.String())) }), investments.ErrTermsDate)
	_, err = svc.Distributions.Cancel(ctx, tx, investments.CancelDistributionParams{DistributionID: d.ID, Reason: "terms come first", ActorID: staff})
	require.NoError(t, err)
	require.NoError(t, set(tx, terms(gp.ID.String())))
}

func TestDeclare_recordDateAndWithholding(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o := raise(t, tx, "1000000")
	sub := funded(t, tx, o, investor(t, tx), "60000")
	p := declaration(o, "k", "2026-04-15", "100", investor(t, tx))
	p.Withholding = map[id.Of[investments.Position]]decimal.Decimal{id.New[investments.Position](): decimal.RequireFromString("0.3")}
	require.ErrorIs(t, attempt(t, tx, func(tx bun.IDB) error { _, err := svc.Distributions.Declare(ctx, tx, p); return err }), investments.ErrWithholding)

	// All of it withheld: nothing is paid out, and the books still close.
	p.Withholding = map[id.Of[investments.Position]]decimal.Decimal{*sub.PositionID: decimal.NewFromInt(1)}
	d, err := svc.Distributions.Declare(ctx, tx, p)
	require.NoError(t, err)
	_, err = svc.Distributions.Approve(ctx, tx, investments.ApproveDistributionParams{DistributionID: d.ID, ActorID: investor(t, tx)})
	require.NoError(t, err)
	_, err = svc.Distributions.Pay(ctx, tx, investments.PayParams{IdempotencyKey: "pay", DistributionID: d.ID, Date: d.DistributionDate, Method: investments.PayACH, ActorID: staff})
	require.NoError(t, err)
	require.Equal(t, "100.00", balances(t, tx, o)[investments.AccountWithholdingPayable])

	late := funded(t, tx, o, investor(t, tx), "40000")
	require.NotNil(t, late)
	p = declaration(o, "before", "2026-05-15", "100", investor(t, tx))
	p.RecordDate = date.MustParse("2026-01-15").Ptr()
	_, err = svc.Distributions.Declare(ctx, tx, p)
	require.NoError(t, err, "both were funded that day")
	p.IdempotencyKey = "earlier"
	more, err := svc.Commitments.Commit(ctx, tx, commitment(o, investor(t, tx), "30000"))
	require.NoError(t, err)
	_, err = svc.Commitments.ReceiveContribution(ctx, tx, investments.ReceiveContributionParams{IdempotencyKey: "later", SubscriptionID: more.ID, Date: date.MustParse("2026-03-01"), ActorID: staff})
	require.NoError(t, err)
	early, err := svc.Distributions.Declare(ctx, tx, p)
	require.NoError(t, err, "who held what that day is known")
	require.Equal(t, map[string]string{sub.PositionID.String(): "60.00", late.PositionID.String(): "40.00"}, grosses(t, tx, early))
}

// Capital that a tier returns is a transaction of its own kind, and no longer
// part of what the position is worth.
func TestPay_returnOfCapital(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o, _, subs := promoted(t, tx)
	d, err := svc.Distributions.Declare(ctx, tx, func() investments.DeclareParams {
		p := declaration(o, "refi", "2026-04-15", "52072.60", investor(t, tx))
		p.Type = investments.DistributionRefinance
		return p
	}())
	require.NoError(t, err)
	_, err = svc.Distributions.Approve(ctx, tx, investments.ApproveDistributionParams{DistributionID: d.ID, ActorID: investor(t, tx)})
	require.NoError(t, err)
	_, err = svc.Distributions.Pay(ctx, tx, investments.PayParams{IdempotencyKey: "pay", DistributionID: d.ID, Date: d.DistributionDate, Method: investments.PayWire, ActorID: staff})
	require.NoError(t, err)
	cash, err := svc.Reports.Transactions(ctx, tx, subs[0].InvestorID, page.Request{})
	require.NoError(t, err)
	kinds := map[investments.TransactionType]string{}
	for _, c := range cash.Items {
		kinds[c.Type] = c.Amount.String()
	}
	// 100.00 of fee and 1,972.60 of pref go first; 50,000 of capital is 60 % his.
	require.Equal(t, map[investments.TransactionType]string{investments.TransactionInvestment: "60000.00",
		investments.TransactionDistribution: "1183.56", investments.TransactionReturnOfCapital: "30000.00"}, kinds)
	require.NoError(t, svc.Reports.RefreshPortfolios(ctx, tx, investments.RefreshPortfoliosParams{InvestorIDs: nil, AsOf: date.MustParse("2026-12-31")}))
	f, err := svc.Reports.Portfolio(ctx, tx, subs[0].InvestorID)
	require.NoError(t, err)
	require.Equal(t, "30000.00", f.CurrentValue.String())
	require.Equal(t, "31183.56", f.TotalDistributions.String())
}

// New terms count from their day on: what accrued before it stays at the old
// rate, with or without a distribution in between.
func TestTerms_changeIsNotRetroactive(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o := raise(t, tx, "1000000")
	funded(t, tx, o, investor(t, tx), "100000") // 15 January
	gp, err := svc.Accounts.Open(ctx, tx, investments.OpenAccountParams{InvestorID: investor(t, tx), Type: investments.AccountLLC, Name: "GP", ActorID: staff})
	require.NoError(t, err)
	all := decimal.NewFromInt(1)
	for _, v := range []struct{ from, rate string }{{"2026-01-01", "0.08"}, {"2026-03-01", "0.12"}} {
		_, err = svc.Offerings.SetTerms(ctx, tx, investments.SetTermsParams{OfferingID: o.ID, EffectiveDate: date.MustParse(v.from), Terms: &waterfall.Terms{
			PromoteRecipient: gp.ID.String(), Prefs: map[string]waterfall.Pref{"common": {Rate: decimal.RequireFromString(v.rate), Compounding: waterfall.CompoundNone}},
			Tiers: waterfall.Lists{Capital: []waterfall.Tier{{Name: "pref", Type: waterfall.TierPref}, {Name: "rest", Type: waterfall.TierSplit, Promote: &all}}}}, ActorID: staff})
		require.NoError(t, err)
	}
	d, err := svc.Distributions.Declare(ctx, tx, declaration(o, "q1", "2026-04-15", "5000", investor(t, tx)))
	require.NoError(t, err)
	// 45 days of 8 % and 45 of 12 % on 100,000.
	require.Equal(t, "2534.25", grosses(t, tx, d)["promote"])
	_, err = svc.Distributions.Declare(ctx, tx, declaration(o, "q2", "2026-07-15", "5000", investor(t, tx)))
	require.NoError(t, err, "and the past comes out the same again")
}
