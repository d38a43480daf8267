package investments_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

func exit(o *investments.Offering, key string) investments.ExitOfferingParams {
	return investments.ExitOfferingParams{IdempotencyKey: key, OfferingID: o.ID, Date: date.MustParse("2026-12-31"), ActorID: staff}
}

func tryExit(t *testing.T, db bun.IDB, p investments.ExitOfferingParams) (out *investments.Exit, err error) {
	t.Helper()
	err = store.InTx(t.Context(), db, func(tx bun.IDB) (err error) {
		out, err = newService().Capital.ExitOffering(t.Context(), tx, p)
		return err
	})
	return out, err
}

// payOut declares, approves and pays a distribution without terms.
func payOut(t *testing.T, db bun.IDB, o *investments.Offering, key string, kind investments.DistributionType, character *investments.Character, amount, day string) *investments.Distribution {
	t.Helper()
	ctx, svc := t.Context(), newService()
	p := declaration(o, key, day, amount, investor(t, db))
	p.Type, p.Character = kind, character
	d, err := svc.Distributions.Declare(ctx, db, p)
	require.NoError(t, err)
	_, err = svc.Distributions.Approve(ctx, db, investments.ApproveDistributionParams{DistributionID: d.ID, ActorID: investor(t, db)})
	require.NoError(t, err)
	d, err = svc.Distributions.Pay(ctx, db, investments.PayParams{IdempotencyKey: "pay " + key, DistributionID: d.ID, Date: date.MustParse(day), Method: investments.PayACH, ActorID: staff})
	require.NoError(t, err)
	return d
}

func of(c investments.Character) *investments.Character { return &c }

// closed ends the raise.
func closed(t *testing.T, db bun.IDB, o *investments.Offering) {
	t.Helper()
	_, err := newService().Offerings.Close(t.Context(), db, investments.CloseOfferingParams{OfferingID: o.ID, ActorID: staff})
	require.NoError(t, err)
}

// sold is an offering of 60,000 and 40,000 that paid 3,000 of income, 10,000 of a
// refinancing and got 120,000 for the sale. Without terms nothing returns capital,
// whatever it is called.
func sold(t *testing.T, db bun.IDB) *investments.Offering {
	t.Helper()
	o := raise(t, db, "1000000")
	funded(t, db, o, investor(t, db), "60000")
	funded(t, db, o, investor(t, db), "40000")
	closed(t, db, o)
	key := o.Slug
	payOut(t, db, o, key+"income", investments.DistributionQuarterly, of(investments.CharacterDividend), "3000", "2026-04-15")
	payOut(t, db, o, key+"refinance", investments.DistributionRefinance, of(investments.CharacterReturnOfCapital), "10000", "2026-06-15")
	payOut(t, db, o, key+"sale", investments.DistributionSaleProceeds, nil, "120000", "2026-12-15")
	return o
}

func positionsOf(t *testing.T, db bun.IDB, o *investments.Offering) []investments.Position {
	t.Helper()
	list, err := newService().Positions.Ownership(t.Context(), db, o.ID)
	require.NoError(t, err)
	out := make([]investments.Position, len(list))
	for i, w := range list {
		out[i] = *positionOf(t, db, w.PositionID)
	}
	return out
}

func TestExitOffering(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o := sold(t, tx)
	allocate(t, tx, o, "income", investments.AllocationIncome, "13000", "2026-04-15")
	allocate(t, tx, o, "value", investments.AllocationUnrealized, "25000", "2026-12-01")
	_, err := svc.Capital.Exit(ctx, tx, o.ID)
	require.ErrorIs(t, err, investments.ErrNotExited)

	var out *investments.Exit
	for range 2 {
		out, err = tryExit(t, tx, exit(o, "exit"))
		require.NoError(t, err)
	}
	require.Equal(t, &investments.Exit{OfferingID: o.ID, Date: date.MustParse("2026-12-31"), Positions: 2, Contributed: money.MustParse("100000"),
		Distributed: money.MustParse("133000"), Proceeds: money.MustParse("120000"), RealizedGains: money.MustParse("20000"), TotalReturns: money.MustParse("33000")}, out)
	require.Equal(t, 1, events(t, tx, "investments.offering_exited"))
	for i, want := range []struct{ realized, returns string }{{"12000.00", "19800.00"}, {"8000.00", "13200.00"}} {
		pos := positionsOf(t, tx, o)[i]
		require.Equal(t, investments.PositionStatusExited, pos.Status)
		require.Equal(t, "2026-12-31", pos.ActualExitDate.String())
		require.Equal(t, want.realized, pos.RealizedGains.String())
		require.Equal(t, want.realized, heldOn(t, tx, o, investments.AccountRealized, pos.ID))
		require.Equal(t, want.returns, pos.TotalReturns.String())
		require.True(t, pos.UnrealizedGains.IsZero(), "released")
		account, err := svc.Capital.CapitalAccount(ctx, tx, investments.CapitalAccountParams{PositionID: pos.ID, To: date.MustParse("2026-12-31")})
		require.NoError(t, err)
		require.True(t, account.Closing.IsZero(), "all that came in and was earned went out: %+v", account)
		require.True(t, account.UnrealizedChange.IsZero())
	}
	_, err = tryExit(t, tx, exit(o, "again"))
	require.ErrorIs(t, err, investments.ErrNothingToExit)
	_, err = tryAllocate(t, tx, allocation(o, "late value", investments.AllocationUnrealized, "1", "2026-12-31"))
	require.ErrorIs(t, err, investments.ErrAllocationBehind)
	allocate(t, tx, o, "late income", investments.AllocationIncome, "10", "2027-01-31") // the last result goes to who held at the end
	require.NoError(t, svc.Reports.RefreshPortfolios(ctx, tx, investments.RefreshPortfoliosParams{InvestorIDs: nil, AsOf: date.MustParse("2026-12-31")}))
	f, err := svc.Reports.Portfolio(ctx, tx, positionsOf(t, tx, o)[0].InvestorID)
	require.NoError(t, err)
	require.True(t, f.CurrentValue.IsZero(), "nothing is left to value")
	require.Equal(t, "79800.00", f.TotalDistributions.String(), "the gain is in what was paid")
	require.Equal(t, "1.33", f.EquityMultiple.String())
}

// An escrow is released after the exit: it goes to who held at the end, counts
// as returned at once, and the gains follow when the exit is told.
func TestExitOffering_lateProceeds(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o := sold(t, tx)
	_, err := tryExit(t, tx, exit(o, "exit"))
	require.NoError(t, err)
	escrow := payOut(t, tx, o, "escrow", investments.DistributionSaleProceeds, nil, "1000", "2027-03-01")
	pos := positionsOf(t, tx, o)[0]
	require.Equal(t, "12000.00", pos.RealizedGains.String())
	require.Equal(t, "20400.00", pos.TotalReturns.String())
	_, err = tryExit(t, tx, exit(o, "early"))
	require.ErrorIs(t, err, investments.ErrExitBehind, "the escrow is dated after it")
	late := exit(o, "late")
	late.Date = date.MustParse("2027-03-31")
	out, err := tryExit(t, tx, late)
	require.NoError(t, err)
	require.Equal(t, "21000.00", out.RealizedGains.String())
	require.Equal(t, "34000.00", out.TotalReturns.String())
	require.Equal(t, "2026-12-31", out.Date.String(), "the day of exit stays")
	require.Equal(t, "12600.00", positionsOf(t, tx, o)[0].RealizedGains.String())

	_, err = reverse(ctx, tx, svc.Distributions, investments.ReverseDistributionParams{ActorID: investor(t, tx), IdempotencyKey: "back", DistributionID: escrow.ID, Date: date.MustParse("2027-04-01"), Reason: "claimed"})
	require.NoError(t, err)
	late.IdempotencyKey, late.Date = "late 2", date.MustParse("2027-04-01")
	out, err = tryExit(t, tx, late)
	require.NoError(t, err)
	require.Equal(t, "20000.00", out.RealizedGains.String())
	require.Equal(t, "33000.00", out.TotalReturns.String())
}

func TestReverseExit(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o := sold(t, tx)
	allocate(t, tx, o, "value", investments.AllocationUnrealized, "-500", "2026-12-01")
	before := positionsOf(t, tx, o)
	_, err := tryExit(t, tx, exit(o, "exit"))
	require.NoError(t, err)
	back := investments.ReverseExitParams{IdempotencyKey: "back", OfferingID: o.ID, Date: date.MustParse("2026-12-30"), Reason: "the sale fell through", ActorID: staff}
	err = store.InTx(ctx, tx, func(tx bun.IDB) error { _, err := reverseExit(ctx, tx, svc.Capital, back); return err })
	require.ErrorIs(t, err, investments.ErrReversalDate)
	back.Date = date.MustParse("2027-01-02")
	for range 2 {
		_, err = reverseExit(ctx, tx, svc.Capital, back)
		require.NoError(t, err)
	}
	require.Equal(t, 1, events(t, tx, "investments.exit_reversed"))
	for i, pos := range positionsOf(t, tx, o) {
		require.Equal(t, investments.PositionStatusFunded, pos.Status)
		require.Nil(t, pos.ActualExitDate)
		require.True(t, pos.RealizedGains.IsZero() && pos.TotalReturns.IsZero())
		require.Equal(t, before[i].UnrealizedGains, pos.UnrealizedGains)
	}
	_, err = tryExit(t, tx, exit(o, "too early"))
	require.ErrorIs(t, err, investments.ErrExitBehind)
	again := exit(o, "again")
	again.Date = date.MustParse("2027-01-03")
	out, err := tryExit(t, tx, again)
	require.NoError(t, err)
	require.Equal(t, "20000.00", out.RealizedGains.String())
}

// What the positions gain and what they had put in add up to what they were
// paid, also when one was bought after a return of capital.
func TestExitOffering_afterTransfer(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	o := raise(t, tx, "1000000")
	from := *funded(t, tx, o, investor(t, tx), "60000").PositionID
	funded(t, tx, o, investor(t, tx), "40000")
	closed(t, tx, o)
	payOut(t, tx, o, "refinance", investments.DistributionRefinance, of(investments.CharacterReturnOfCapital), "10000", "2026-06-15")
	tr := approvedTransfer(t, tx, from, investor(t, tx), "1", "2026-07-01")
	tr, err := complete(ctx, tx, tr.ID, "sold")
	require.NoError(t, err)
	payOut(t, tx, o, "sale", investments.DistributionSaleProceeds, of(investments.CharacterCapitalGain), "80000", "2026-12-15")
	out, err := tryExit(t, tx, exit(o, "exit"))
	require.NoError(t, err)
	require.Equal(t, "-20000.00", out.RealizedGains.String(), "all of it was unreturned")
	require.Equal(t, "-10000.00", out.TotalReturns.String())
	buyer := positionOf(t, tx, *tr.ToPositionID)
	require.Equal(t, "-12000.00", buyer.RealizedGains.String(), "48,000 for 60,000 unreturned")
	require.Equal(t, "-12000.00", buyer.TotalReturns.String())
	require.True(t, positionOf(t, tx, from).RealizedGains.IsZero())
	require.Equal(t, "2026-07-01", positionOf(t, tx, from).ActualExitDate.String(), "he had left before")
}

func TestExitOffering_refused(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o := raise(t, tx, "1000000")
	who := investor(t, tx)
	funded(t, tx, o, who, "60000")
	open, err := svc.Commitments.Commit(ctx, tx, commitment(o, investor(t, tx), "30000"))
	require.NoError(t, err)
	refuse := func(want error, p investments.ExitOfferingParams) {
		t.Helper()
		_, err := tryExit(t, tx, p)
		require.ErrorIs(t, err, want)
	}
	require.Len(t, fault.FieldErrors(func() error {
		_, err := svc.Capital.ExitOffering(ctx, tx, investments.ExitOfferingParams{IdempotencyKey: "k", ActorID: staff})
		return err
	}()), 2)
	refuse(investments.ErrOfferingNotFound, investments.ExitOfferingParams{IdempotencyKey: "k", OfferingID: id.New[investments.Offering](), Date: date.MustParse("2026-12-31"), ActorID: staff})
	refuse(investments.ErrOfferingState, exit(o, "k"))
	closed(t, tx, o)
	refuse(investments.ErrExitOpen, exit(o, "k"))
	_, err = svc.Commitments.CancelSubscription(ctx, tx, investments.CancelSubscriptionParams{IdempotencyKey: "c", SubscriptionID: open.ID, ActorID: staff})
	require.NoError(t, err)
	refuse(investments.ErrNoProceeds, exit(o, "k"))
	d, err := svc.Distributions.Declare(ctx, tx, sale(o, "sale", investor(t, tx)))
	require.NoError(t, err)
	refuse(investments.ErrExitUnpaid, exit(o, "k"))
	_, err = svc.Distributions.Approve(ctx, tx, investments.ApproveDistributionParams{DistributionID: d.ID, ActorID: investor(t, tx)})
	require.NoError(t, err)
	refuse(investments.ErrExitUnpaid, exit(o, "k"))
	_, err = svc.Distributions.Pay(ctx, tx, investments.PayParams{IdempotencyKey: "p", DistributionID: d.ID, Date: d.DistributionDate, Method: investments.PayACH, ActorID: staff})
	require.NoError(t, err)
	lines, err := svc.Distributions.DistributionLines(ctx, tx, d.ID, page.Request{})
	require.NoError(t, err)
	_, err = svc.Distributions.FailPayment(ctx, tx, investments.FailPaymentParams{IdempotencyKey: "f", LineID: lines.Items[0].ID, Date: date.MustParse("2026-12-20"), Reason: "account closed", ActorID: staff})
	require.NoError(t, err)
	refuse(investments.ErrExitUnpaid, exit(o, "k"))
	_, err = svc.Distributions.ReissuePayment(ctx, tx, investments.ReissuePaymentParams{IdempotencyKey: "r", LineID: lines.Items[0].ID, Date: date.MustParse("2027-01-10"), Method: investments.PayCheck, ActorID: staff})
	require.NoError(t, err)
	refuse(investments.ErrExitBehind, exit(o, "k"))
	p := exit(o, "k")
	p.Date = date.MustParse("2027-01-10")
	_, err = tryExit(t, tx, p)
	require.NoError(t, err)

	lost := raise(t, tx, "1000000")
	pos := *funded(t, tx, lost, who, "60000").PositionID
	closed(t, tx, lost)
	p = exit(lost, "lost")
	p.WriteOff = true
	_, err = tryExit(t, tx, p)
	require.NoError(t, err)
	require.Equal(t, "-60000.00", positionOf(t, tx, pos).RealizedGains.String(), "a total loss")
	account, err := svc.Capital.CapitalAccount(ctx, tx, investments.CapitalAccountParams{PositionID: pos, To: p.Date})
	require.NoError(t, err)
	require.True(t, account.Closing.IsZero())
}

func sale(o *investments.Offering, key string, who id.Of[auth.User]) investments.DeclareParams {
	p := declaration(o, key, "2026-12-15", "70000", who)
	p.Type = investments.DistributionSaleProceeds
	return p
}

func TestOwnership(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o := raise(t, tx, "1000000")
	a, b := *funded(t, tx, o, investor(t, tx), "60000").PositionID, *funded(t, tx, o, investor(t, tx), "30000").PositionID
	stored := func(v id.Of[investments.Position]) string {
		if p := positionOf(t, tx, v).OwnershipPercentage; p != nil {
			return p.StringFixed(10)
		}
		return ""
	}
	list, err := svc.Positions.Ownership(ctx, tx, o.ID)
	require.NoError(t, err)
	require.Len(t, list, 2)
	require.Equal(t, "0.6666666667", list[0].Fraction.String())
	require.Empty(t, stored(a), "nobody asked for it yet")
	require.NoError(t, svc.Positions.RefreshOwnership(ctx, tx, o.ID))
	require.Equal(t, "0.6666666667", stored(a))
	require.Equal(t, "0.3333333333", stored(b))

	sub, err := svc.Commitments.Commit(ctx, tx, commitment(o, investor(t, tx), "90000"))
	require.NoError(t, err)
	require.Equal(t, "0.3333333333", stored(b), "a promise changes nothing")
	_, err = svc.Commitments.ReceiveContribution(ctx, tx, investments.ReceiveContributionParams{IdempotencyKey: "f", SubscriptionID: sub.ID, Date: date.MustParse("2026-02-01"), ActorID: staff})
	require.NoError(t, err)
	require.Empty(t, stored(a)+stored(b), "what was true before is forgotten")
	require.NoError(t, svc.Positions.RefreshOwnership(ctx, tx, o.ID))
	require.Equal(t, "0.5000000000", stored(*sub.PositionID))
	tr := approvedTransfer(t, tx, a, investor(t, tx), "1", "2026-03-01")
	_, err = complete(ctx, tx, tr.ID, "t")
	require.NoError(t, err)
	require.Empty(t, stored(b))
	require.NoError(t, svc.Positions.RefreshOwnership(ctx, tx, o.ID))
	require.Equal(t, "0.0000000000", stored(a), "it has passed on")
	_, err = svc.Commitments.RefundContribution(ctx, tx, investments.RefundContributionParams{IdempotencyKey: "r", SubscriptionID: sub.ID, Date: date.MustParse("2026-03-01"), ActorID: staff})
	require.NoError(t, err)
	require.Empty(t, stored(b))
	require.ErrorIs(t, svc.Positions.RefreshOwnership(ctx, tx, id.New[investments.Offering]()), investments.ErrOfferingNotFound)

	// Without units, by capital.
	_, err = tx.NewRaw("UPDATE investments.property_investments SET units = NULL WHERE id = ?", b).Exec(ctx)
	require.NoError(t, err)
	list, err = svc.Positions.Ownership(ctx, tx, o.ID)
	require.NoError(t, err)
	for _, w := range list {
		if w.PositionID == b {
			require.Equal(t, "0.3333333333", w.Fraction.String())
		}
	}
}

// Under terms the sale pays promote too; gains are of what investors got.
func TestExitOffering_byTerms(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o, _, subs := promoted(t, tx)
	closed(t, tx, o)
	pay := func(key, amount, day string, kind investments.DistributionType) map[string]string {
		p := declaration(o, key, day, amount, investor(t, tx))
		p.Type = kind
		d, err := svc.Distributions.Declare(ctx, tx, p)
		require.NoError(t, err)
		_, err = svc.Distributions.Approve(ctx, tx, investments.ApproveDistributionParams{DistributionID: d.ID, ActorID: investor(t, tx)})
		require.NoError(t, err)
		_, err = svc.Distributions.Pay(ctx, tx, investments.PayParams{IdempotencyKey: key, DistributionID: d.ID, Date: d.DistributionDate, Method: investments.PayACH, ActorID: staff})
		require.NoError(t, err)
		return grosses(t, tx, d)
	}
	pay("q1", "3000", "2026-04-15", investments.DistributionQuarterly)
	pay("refinance", "20000", "2026-04-16", investments.DistributionRefinance)
	got := pay("sale", "150000", "2026-12-15", investments.DistributionSaleProceeds)
	_, err := tryExit(t, tx, exit(o, "exit"))
	require.NoError(t, err)
	for _, sub := range subs {
		pos := positionOf(t, tx, *sub.PositionID)
		var returned money.Amount
		require.NoError(t, tx.NewRaw(`SELECT sum(t.amount) FROM investments.distribution_tiers t JOIN investments.investor_distributions l ON l.id = t.line_id
			JOIN investments.distributions d ON d.id = l.distribution_id
			WHERE l.investment_id = ? AND t.kind = 'return_of_capital' AND d.distribution_type = 'refinance'`, pos.ID).Scan(ctx, &returned))
		require.Positive(t, returned.Sign())
		unreturned, err := pos.InvestmentAmount.Sub(returned)
		require.NoError(t, err)
		want, err := money.MustParse(got[pos.ID.String()]).Sub(unreturned)
		require.NoError(t, err)
		require.Equal(t, want, pos.RealizedGains)
		require.Positive(t, want.Sign())
	}
	pay("escrow", "1000", "2027-02-01", investments.DistributionSaleProceeds)
	late := exit(o, "late")
	late.Date = date.MustParse("2027-02-01")
	before := positionOf(t, tx, *subs[0].PositionID).RealizedGains
	_, err = tryExit(t, tx, late)
	require.NoError(t, err)
	require.Positive(t, positionOf(t, tx, *subs[0].PositionID).RealizedGains.Cmp(before))
}

// Four clients tell of one exit under different keys: it happens once.
func TestExitOffering_race(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), newService()
	o := sold(t, db)
	var wg sync.WaitGroup
	errs := make(chan error, 4)
	for i := range 4 {
		wg.Go(func() {
			_, err := svc.Capital.ExitOffering(ctx, db, exit(o, fmt.Sprint(i)))
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
		require.ErrorIs(t, err, investments.ErrNothingToExit)
	}
	require.Equal(t, 1, won)
	require.Equal(t, "20000.00", balanceOf(t, db, o, investments.AccountRealized))
}

// reverseExit undoes an exit as two people do it.
func reverseExit(ctx context.Context, db bun.IDB, svc *investments.Capital, p investments.ReverseExitParams) (*investments.Offering, error) {
	_, _ = svc.RequestExitReversal(ctx, db, investments.RequestExitReversalParams{OfferingID: p.OfferingID, Date: p.Date, Reason: p.Reason, ActorID: asker})
	return svc.ReverseExit(ctx, db, p)
}

// What a true-up makes good keeps its character. Two partners are alike, but the money
// of one was recorded late: they get their half of a quarter's income with the sale.
// It is income then too, and the gains are alike.
func TestExitOffering_trueUp(t *testing.T) {
	t.Parallel()
	d := open(t, standardTerms)
	d.wires("a", "100000", "2021-01-10")
	require.NoError(t, d.commits("b", "100000", "a"))
	d.pay(payout{amount: "1000", day: "2021-03-31"})
	d.wires("b", "100000", "2021-01-10")
	sale := d.pay(payout{kind: investments.DistributionSaleProceeds, amount: "240000", day: "2021-12-31", trueUp: true})
	ofSale := money.Zero
	for _, name := range []string{"a", "b"} {
		tiers, err := d.svc.Distributions.LineTiers(t.Context(), d.db, d.line(sale, name).ID)
		require.NoError(t, err)
		gross, part := money.Zero, money.Zero
		for _, tier := range tiers {
			gross, err = gross.Add(tier.Amount)
			require.NoError(t, err)
			part, err = part.Add(tier.Sale)
			require.NoError(t, err)
		}
		made, err := gross.Sub(part)
		require.NoError(t, err)
		require.Equal(t, map[string]string{"a": "-500.00", "b": "500.00"}[name], made.String(), "income of the quarter")
		ofSale, err = ofSale.Add(part)
		require.NoError(t, err)
	}
	gains := d.exits("2022-01-02", "a", "b")
	differ, err := money.MustParse(gains[0]).Sub(money.MustParse(gains[1]))
	require.NoError(t, err)
	require.LessOrEqual(t, max(differ.Cents(), -differ.Cents()), int64(1), gains)
	exit, err := d.svc.Capital.Exit(t.Context(), d.db, d.o.ID)
	require.NoError(t, err)
	require.Equal(t, ofSale, exit.Proceeds, "what the sale paid investors")
	d.sound()
}
