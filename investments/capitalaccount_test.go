package investments_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/capital"
	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

func accountOf(t *testing.T, db bun.IDB, pos id.Of[investments.Position], from, to string) *investments.CapitalAccount {
	t.Helper()
	var first date.Date
	if from != "" {
		first = date.MustParse(from)
	}
	out, err := newService().Capital.CapitalAccount(t.Context(), db, investments.CapitalAccountParams{PositionID: pos, From: first, To: date.MustParse(to)})
	require.NoError(t, err)
	return out
}

func TestCapitalAccount(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o := raise(t, tx, "1000000")
	sub := funded(t, tx, o, investor(t, tx), "60000")
	funded(t, tx, o, investor(t, tx), "40000")
	pos := *sub.PositionID
	extra := funded(t, tx, o, sub.InvestorID, "30000")
	_, err := svc.Commitments.RefundContribution(ctx, tx, investments.RefundContributionParams{IdempotencyKey: "r", SubscriptionID: extra.ID, Date: date.MustParse("2026-02-01"), ActorID: staff})
	require.NoError(t, err)
	allocate(t, tx, o, "income", investments.AllocationIncome, "2000", "2026-03-31")
	allocate(t, tx, o, "fees", investments.AllocationFees, "100", "2026-03-31")
	allocate(t, tx, o, "value", investments.AllocationUnrealized, "5000", "2026-03-31")
	payOut(t, tx, o, "q1", investments.DistributionQuarterly, of(investments.CharacterDividend), "1000", "2026-04-15")
	payOut(t, tx, o, "rent", investments.DistributionMonthlyIncome, nil, "100", "2026-04-20")
	interest := payOut(t, tx, o, "interest", investments.DistributionMonthlyIncome, of(investments.CharacterInterest), "50", "2026-04-25")
	payOut(t, tx, o, "refinance", investments.DistributionRefinance, of(investments.CharacterReturnOfCapital), "10000", "2026-05-15")
	pending, err := svc.Distributions.Declare(ctx, tx, declaration(o, "pending", "2026-06-01", "700", investor(t, tx)))
	require.NoError(t, err)

	require.Equal(t, &investments.CapitalAccount{PositionID: pos, From: date.MustParse("2026-01-01"), To: date.MustParse("2026-03-31"),
		Contributions: money.MustParse("90000"), Refunds: money.MustParse("30000"), Income: money.MustParse("1200"), Fees: money.MustParse("60"),
		UnrealizedChange: money.MustParse("3000"), Closing: money.MustParse("64140")}, accountOf(t, tx, pos, "2026-01-01", "2026-03-31"))
	q2 := accountOf(t, tx, pos, "2026-04-01", "2026-06-30")
	require.Equal(t, "64140.00", q2.Opening.String())
	require.Equal(t, investments.ByCharacter{Dividend: money.MustParse("600"), Unclassified: money.MustParse("60"), Interest: money.MustParse("30"),
		ReturnOfCapital: money.MustParse("6000")}, q2.Distributions, "a pending distribution is not in the books")
	require.Equal(t, "57450.00", q2.Closing.String())

	_, err = svc.Distributions.Approve(ctx, tx, investments.ApproveDistributionParams{DistributionID: pending.ID, ActorID: investor(t, tx)})
	require.NoError(t, err)
	require.Equal(t, "57030.00", accountOf(t, tx, pos, "2026-04-01", "2026-06-30").Closing.String(), "an approved one is, paid or not")
	_, err = reverse(ctx, tx, svc.Distributions, investments.ReverseDistributionParams{ActorID: investor(t, tx), IdempotencyKey: "back", DistributionID: interest.ID, Date: date.MustParse("2026-07-01"), Reason: "wrong"})
	require.NoError(t, err)
	require.Equal(t, "57030.00", accountOf(t, tx, pos, "2026-04-01", "2026-06-30").Closing.String(), "the past stays as it was")
	q3 := accountOf(t, tx, pos, "2026-07-01", "2026-09-30")
	require.Equal(t, investments.ByCharacter{Interest: money.MustParse("30")}, q3.Reversed)
	require.Equal(t, "57060.00", q3.Closing.String())
	st, err := q3.Statement()
	require.NoError(t, err)
	require.Equal(t, capital.Statement{Opening: q3.Opening, Activity: capital.Activity{Contributions: money.MustParse("30")}, Closing: q3.Closing}, st)

	tr := approvedTransfer(t, tx, pos, investor(t, tx), "0.5", "2026-10-01")
	tr, err = complete(ctx, tx, tr.ID, "half")
	require.NoError(t, err)
	q4 := accountOf(t, tx, pos, "2026-10-01", "2026-12-31")
	require.Equal(t, "28530.00", q4.TransfersOut.String(), "half of the account as it stands")
	require.Equal(t, "28530.00", q4.Closing.String())
	require.Equal(t, "28530.00", accountOf(t, tx, *tr.ToPositionID, "", "2026-12-31").TransfersIn.String())

	_, err = svc.Capital.CapitalAccount(ctx, tx, investments.CapitalAccountParams{PositionID: pos, From: date.MustParse("2026-02-01"), To: date.MustParse("2026-01-31")})
	require.ErrorIs(t, err, investments.ErrPeriodReversed)
	_, err = svc.Capital.CapitalAccount(ctx, tx, investments.CapitalAccountParams{PositionID: pos})
	require.ErrorIs(t, err, investments.ErrPeriodReversed)
	_, err = svc.Capital.CapitalAccount(ctx, tx, investments.CapitalAccountParams{PositionID: id.New[investments.Position](), To: date.MustParse("2026-01-31")})
	require.ErrorIs(t, err, investments.ErrPositionNotFound)
}

// A tier that returns capital shows as such, whatever else the sale paid.
func TestCapitalAccount_characterByTier(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	o, _, subs := promoted(t, tx)
	svc := newService()
	p := declaration(o, "sale", "2026-12-31", "160000", investor(t, tx))
	p.Type, p.Character = investments.DistributionSaleProceeds, of(investments.CharacterCapitalGain)
	d, err := svc.Distributions.Declare(t.Context(), tx, p)
	require.NoError(t, err)
	_, err = svc.Distributions.Approve(t.Context(), tx, investments.ApproveDistributionParams{DistributionID: d.ID, ActorID: investor(t, tx)})
	require.NoError(t, err)
	got := accountOf(t, tx, *subs[0].PositionID, "2026-12-31", "2026-12-31").Distributions
	require.Equal(t, "60000.00", got.ReturnOfCapital.String())
	total, err := got.Total()
	require.NoError(t, err)
	require.Equal(t, grosses(t, tx, d)[subs[0].PositionID.String()], total.String())
	gain, err := total.Sub(got.ReturnOfCapital)
	require.NoError(t, err)
	require.Equal(t, gain, got.CapitalGain)
}

// allAccounts walks the pages of an offering's capital accounts.
func allAccounts(t *testing.T, db bun.IDB, o *investments.Offering, from, to date.Date) map[id.Of[investments.Position]]investments.CapitalAccount {
	t.Helper()
	out := map[id.Of[investments.Position]]investments.CapitalAccount{}
	for a, err := range page.All(t.Context(), func(ctx context.Context, r page.Request) (page.Page[investments.CapitalAccount], error) {
		r.Limit = 2
		return newService().Capital.CapitalAccounts(ctx, db, investments.CapitalAccountsParams{OfferingID: o.ID, From: from, To: to}, r)
	}) {
		require.NoError(t, err)
		out[a.PositionID] = a
	}
	return out
}

// Whatever happens to an offering: each period of each capital account opens
// with the closing of the one before, one period over all is the chain of its
// parts, and all accounts together are the book's trial balance.
func TestCapitalAccounts_rollForward(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			tx, r := pgtest.Tx(t), rand.New(rand.NewPCG(seed, 7))
			o := raise(t, tx, "10000000")
			for range 2 + r.IntN(3) {
				funded(t, tx, o, investor(t, tx), fmt.Sprint(25_000+r.IntN(400_000)))
			}
			open, err := newService().Commitments.Commit(t.Context(), tx, commitment(o, investor(t, tx), "100000"))
			require.NoError(t, err)
			closed(t, tx, o)
			live(t, r, tx, o, open, seed%2 == 0)
			checkRoll(t, tx, o)
		})
	}
}

// live lets random things happen to an offering, in the order of their dates.
func live(t *testing.T, r *rand.Rand, tx bun.IDB, o *investments.Offering, open *investments.Subscription, exits bool) {
	t.Helper()
	ctx, svc := t.Context(), newService()
	held := map[date.Date]map[string]string{}
	fund := func(key string, amount money.Amount, day date.Date) {
		_, err := svc.Commitments.ReceiveContribution(ctx, tx, investments.ReceiveContributionParams{IdempotencyKey: key, SubscriptionID: open.ID, Amount: amount, Date: day, ActorID: staff})
		require.NoError(t, err)
	}
	day := date.MustParse("2026-02-01")
	characters := []*investments.Character{nil, of(investments.CharacterDividend), of(investments.CharacterInterest), of(investments.CharacterReturnOfCapital), of(investments.CharacterCapitalGain)}
	for i := range 10 {
		key := fmt.Sprint("step", i)
		day = day.AddDays(1 + r.IntN(40))
		cents := 1 + r.Int64N(5_000_000)
		sum, err := money.FromCents(cents)
		require.NoError(t, err)
		switch r.IntN(7) {
		case 6:
			fund(key, money.MustParse("1234.56"), day)
		case 0:
			allocate(t, tx, o, key, investments.AllocationIncome, sum.Neg().String(), day.String())
		case 1:
			allocate(t, tx, o, key, investments.AllocationFees, sum.String(), day.String())
		case 2:
			a := allocate(t, tx, o, key, investments.AllocationUnrealized, sum.String(), day.String())
			if cents%2 == 0 {
				_, err := svc.Capital.ReverseAllocation(ctx, tx, investments.ReverseAllocationParams{IdempotencyKey: key, AllocationID: a.ID, Date: day.AddDays(3), Reason: "x", ActorID: staff})
				require.NoError(t, err)
				day = day.AddDays(3)
			}
		case 3, 4:
			d := payOut(t, tx, o, key, investments.DistributionRefinance, characters[cents%5], sum.String(), day.String())
			if cents%3 == 0 {
				_, err := reverse(ctx, tx, svc.Distributions, investments.ReverseDistributionParams{ActorID: investor(t, tx), IdempotencyKey: key, DistributionID: d.ID, Date: day.AddDays(5), Reason: "x"})
				require.NoError(t, err)
				day = day.AddDays(5)
			}
		case 5:
			for _, pos := range positionsOf(t, tx, o) {
				if pos.Status == investments.PositionStatusFunded {
					tr := approvedTransfer(t, tx, pos.ID, investor(t, tx), "0.37", day.String())
					_, err := complete(ctx, tx, tr.ID, key)
					require.NoError(t, err)
					break
				}
			}
		}
		held[day] = holdings(positionsOf(t, tx, o))
	}
	day = day.AddDays(1)
	fund("the rest", money.Zero, day)
	held[day] = holdings(positionsOf(t, tx, o))
	for day, want := range held {
		then, err := investments.HoldingsOn(ctx, tx, o.ID, day)
		require.NoError(t, err)
		require.Equal(t, want, holdings(then), "what was held on %s is known afterwards", day)
		then, err = investments.HeldThen(ctx, tx, o.ID, day)
		require.NoError(t, err)
		require.Equal(t, want, holdings(then), "worked out from the transactions, too")
	}
	if exits {
		_, err := svc.Capital.ExitOffering(ctx, tx, investments.ExitOfferingParams{IdempotencyKey: "exit", OfferingID: o.ID, Date: day, WriteOff: true, ActorID: staff})
		require.NoError(t, err)
	}
}

// holdings are the capital and units of positions that hold any.
func holdings(list []investments.Position) map[string]string {
	out := map[string]string{}
	for _, p := range list {
		if !p.InvestmentAmount.IsZero() && p.Status != investments.PositionStatusCommitted {
			out[p.ID.String()] = p.InvestmentAmount.String() + " " + p.Units.StringFixed(6)
		}
	}
	return out
}

func checkRoll(t *testing.T, tx bun.IDB, o *investments.Offering) {
	t.Helper()
	start, end := date.MustParse("2026-01-01"), date.MustParse("2027-12-31")
	whole := allAccounts(t, tx, o, date.Date{}, end)
	periods, opening := map[id.Of[investments.Position]][]capital.Period{}, map[id.Of[investments.Position]]money.Amount{}
	for from := start; !from.After(end); from = from.AddMonths(3) {
		to := from.AddMonths(3).AddDays(-1)
		for pos, a := range allAccounts(t, tx, o, from, to) {
			require.Equal(t, opening[pos], a.Opening, "a period opens with the closing of the one before")
			opening[pos] = a.Closing
			st, err := a.Statement()
			require.NoError(t, err)
			periods[pos] = append(periods[pos], capital.Period{Start: from, End: to, Activity: st.Activity})
		}
		checkTrial(t, tx, o, to)
	}
	for pos, a := range whole {
		require.Equal(t, opening[pos], a.Closing)
		rolled, err := capital.Roll(money.Zero, periods[pos])
		require.NoError(t, err)
		require.Equal(t, a.Closing, rolled[len(rolled)-1].Closing)
	}
}

// checkTrial compares the sum of all accounts with the book.
func checkTrial(t *testing.T, tx bun.IDB, o *investments.Offering, day date.Date) {
	t.Helper()
	totals, err := ledger.NewService(ledger.Config{}).TrialBalance(t.Context(), tx, ledger.TrialBalanceParams{BookID: *o.BookID, Day: day})
	require.NoError(t, err)
	book := map[string]money.Amount{}
	for _, x := range totals {
		book[x.Account.Code] = x.Balance
	}
	var statements []capital.Statement
	var realized, fees, unrealized, closing money.Amount
	add := func(to *money.Amount, a money.Amount) {
		var err error
		*to, err = to.Add(a)
		require.NoError(t, err)
	}
	for _, a := range allAccounts(t, tx, o, date.Date{}, day) {
		st, err := a.Statement()
		require.NoError(t, err)
		statements = append(statements, st)
		add(&realized, a.RealizedGains)
		add(&fees, a.Fees)
		add(&unrealized, a.UnrealizedChange)
	}
	all, err := capital.Total(statements)
	require.NoError(t, err)
	require.True(t, all.Transfers.IsZero(), "what goes out comes in")
	require.Equal(t, book[investments.AccountRealized], realized)
	require.Equal(t, book[investments.AccountFees], fees.Neg())
	require.Equal(t, book[investments.AccountUnrealized], unrealized)
	for _, code := range []string{investments.AccountCapital, investments.AccountDistributions, investments.AccountIncome, investments.AccountUnrealized, investments.AccountRealized, investments.AccountFees} {
		add(&closing, book[code])
	}
	require.Equal(t, closing, all.Closing, "the closing balances are the accounts of the book")
}

func TestPositionBalances_byTerms(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o, _, subs := promoted(t, tx)
	a := *subs[0].PositionID
	on := func(day string) *investments.PositionBalance {
		b, err := svc.Positions.PositionBalance(ctx, tx, a, date.MustParse(day))
		require.NoError(t, err)
		return b
	}
	accrued := on("2026-04-15")
	require.Equal(t, "1183.56", accrued.UnpaidPref.String(), "90 days of 8 % on 60,000")
	paid(t, tx, o, "q1", "2026-04-15", "3000")
	sale := declaration(o, "sale", "2026-12-31", "50000", investor(t, tx))
	sale.Type = investments.DistributionRefinance
	_, err := svc.Distributions.Declare(ctx, tx, sale)
	require.NoError(t, err)

	require.Equal(t, "0.00", on("2026-01-14").Contributed.String(), "before the money came")
	first := on("2026-01-15")
	require.Equal(t, []string{"60000.00", "60000.00", "0.00", "0.00"}, []string{first.Contributed.String(), first.Unreturned.String(), first.UnpaidPref.String(), first.Distributed.String()})
	require.Equal(t, "1170.41", on("2026-04-14").UnpaidPref.String(), "a later payment does not reach back")
	after := on("2026-04-15")
	require.Equal(t, "0.00", after.UnpaidPref.String())
	require.Equal(t, "1676.71", after.Distributed.String())
	july := on("2026-07-15")
	require.Equal(t, "1196.71", july.UnpaidPref.String(), "91 days; the rounding of the payment carries on")
	require.Equal(t, "60000.00", july.Unreturned.String())
	end := on("2026-12-31")
	require.Equal(t, "60000.00", end.Contributed.String())
	require.Negative(t, end.Unreturned.Cmp(money.MustParse("60000")), "the refinancing returned capital")
	list, err := svc.Positions.PositionBalances(ctx, tx, o.ID, date.MustParse("2026-12-31"))
	require.NoError(t, err)
	require.Len(t, list, 2, "the sponsor's account is no position")
	unreturned, err := list[0].Unreturned.Add(list[1].Unreturned)
	require.NoError(t, err)
	var back money.Amount
	require.NoError(t, tx.NewRaw("SELECT COALESCE(sum(amount), 0) FROM investments.distribution_tiers WHERE kind = 'return_of_capital'").Scan(ctx, &back))
	left, err := money.MustParse("100000").Sub(back)
	require.NoError(t, err)
	require.Equal(t, left, unreturned)
	_, err = svc.Positions.PositionBalances(ctx, tx, o.ID, date.Date{})
	require.Error(t, err)
	_, err = svc.Positions.PositionBalances(ctx, tx, id.New[investments.Offering](), date.MustParse("2026-12-31"))
	require.ErrorIs(t, err, investments.ErrOfferingNotFound)
}

func TestPositionBalances_byCash(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o := raise(t, tx, "1000000")
	from := *funded(t, tx, o, investor(t, tx), "60000").PositionID
	payOut(t, tx, o, "q1", investments.DistributionQuarterly, nil, "600", "2026-04-15")
	payOut(t, tx, o, "refinance", investments.DistributionRefinance, of(investments.CharacterReturnOfCapital), "6000", "2026-06-15")
	tr := approvedTransfer(t, tx, from, investor(t, tx), "0.5", "2026-07-01")
	tr, err := complete(ctx, tx, tr.ID, "half")
	require.NoError(t, err)
	on := func(v id.Of[investments.Position], day string) []string {
		b, err := svc.Positions.PositionBalance(ctx, tx, v, date.MustParse(day))
		require.NoError(t, err)
		require.True(t, b.UnpaidPref.IsZero())
		return []string{b.Contributed.String(), b.Unreturned.String(), b.Distributed.String()}
	}
	require.Equal(t, []string{"0.00", "0.00", "0.00"}, on(from, "2026-01-14"))
	require.Equal(t, []string{"60000.00", "60000.00", "600.00"}, on(from, "2026-06-14"))
	require.Equal(t, []string{"60000.00", "60000.00", "6600.00"}, on(from, "2026-06-30"))
	require.Equal(t, []string{"30000.00", "30000.00", "6600.00"}, on(from, "2026-07-01"))
	require.Equal(t, []string{"30000.00", "30000.00", "0.00"}, on(*tr.ToPositionID, "2026-07-01"))
	require.Equal(t, []string{"0.00", "0.00", "0.00"}, on(*tr.ToPositionID, "2026-06-30"))
}
