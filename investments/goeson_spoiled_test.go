package investments_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

func (d *deal) sameBalances(day string) {
	d.Helper()
	on := date.MustParse(day)
	want, resumed, err := investments.BalancesWhole(d.Context(), d.db, d.o.ID, on)
	require.NoError(d, err)
	is, err := d.svc.Positions.PositionBalances(d.Context(), d.db, d.o.ID, on)
	require.NoError(d, err)
	require.Equal(d, asText(d.T, want), asText(d.T, is), "resumed %v", resumed)
	for i := range want {
		one, err := d.svc.Positions.PositionBalance(d.Context(), d.db, want[i].PositionID, on)
		require.NoError(d, err)
		require.Equal(d, asText(d.T, &want[i]), asText(d.T, one), "resumed %v", resumed)
	}
}

// A side letter counts of a position that was known, but not funded by then, when the last
// distribution was declared.
func TestBalances_sideLetterOfALaterFunding(t *testing.T) {
	t.Parallel()
	d := open(t, "")
	d.setTerms(`{"prefs": {"a": {"rate": "0.08"}}, "tiers": {"capital": [{"name": "pref", "type": "pref"}, {"name": "split", "type": "split"}]}}`, "2016-01-01")
	d.wires("a", "100000", "2017-01-01")
	d.wires("b", "100000", "2018-06-01")
	d.pay(payout{amount: "1000", day: "2018-01-01"})
	_, err := d.letter("b", investments.SideTermPrefRate, "0.09")
	require.NoError(t, err)
	require.Equal(t, "9000.00", d.balance("b", "2019-06-01").UnpaidPref.String())
	d.sameBalances("2019-06-01")
}

// Where nothing was kept of the last distribution, or nothing that can be read, the whole
// history runs.
func TestBalances_withoutCalculation(t *testing.T) {
	t.Parallel()
	d := open(t, "")
	d.setTerms(rateOf("0.08"), "2016-01-01")
	d.wires("a", "100000", "2017-01-01")
	d.pay(payout{amount: "1000", day: "2018-01-01"})
	d.sameBalances("2019-06-01")
	_, err := d.db.ExecContext(t.Context(), `SET LOCAL session_replication_role = replica; DELETE FROM investments.distribution_calculations`)
	require.NoError(t, err)
	d.sameBalances("2019-06-01")
}

func TestBalances_unreadableState(t *testing.T) {
	t.Parallel()
	d := open(t, "")
	d.setTerms(rateOf("0.08"), "2016-01-01")
	d.wires("a", "100000", "2017-01-01")
	v := d.pay(payout{amount: "1000", day: "2018-01-01"})
	found, err := d.svc.Distributions.Verify(t.Context(), d.db, v.ID)
	require.NoError(t, err)
	require.Empty(t, found)
	_, err = d.db.ExecContext(t.Context(), `SET LOCAL session_replication_role = replica; UPDATE investments.distribution_calculations SET closing_state = '\x00'`)
	require.NoError(t, err)
	d.sameBalances("2019-06-01")
	found, err = d.svc.Distributions.Verify(t.Context(), d.db, v.ID)
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.Contains(t, found[0].Detail, "the state after it")
}

// A bit of what was kept is another: whatever it is, all balances are those of the history.
func TestBalances_spoiledBit(t *testing.T) {
	t.Parallel()
	d := open(t, "")
	d.setTerms(rateOf("0.08"), "2016-01-01")
	for _, n := range []string{"a", "b"} {
		d.wires(n, "100000", "2017-01-01")
	}
	d.pay(payout{amount: "1000", day: "2018-01-01"})
	for _, column := range []string{"closing_state", "closing_index"} {
		var size int
		require.NoError(t, d.db.NewRaw("SELECT length(?) FROM investments.distribution_calculations", bun.Ident(column)).Scan(t.Context(), &size))
		for at := 0; at < size; at += 3 {
			flip := func() {
				_, err := d.db.NewRaw(`SET LOCAL session_replication_role = replica; UPDATE investments.distribution_calculations SET ?0 = set_byte(?0, ?1, get_byte(?0, ?1) # 4);
					SET LOCAL session_replication_role = origin`, bun.Ident(column), at).Exec(t.Context())
				require.NoError(t, err)
			}
			flip()
			d.sameBalances("2019-06-01")
			flip()
		}
	}
	d.sameBalances("2019-06-01")
}

// Whatever became of the numbers, a payment comes to the right figures.
func TestPay_spoiledNumbers(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]string{
		"null":        `UPDATE investments.investor_portfolios SET folded_numbers = 'null'`,
		"text":        `UPDATE investments.investor_portfolios SET folded_numbers = (SELECT jsonb_object_agg(k, 'x') FROM jsonb_object_keys(folded_numbers) k)`,
		"fraction":    `UPDATE investments.investor_portfolios SET folded_numbers = (SELECT jsonb_object_agg(k, 1.5) FROM jsonb_object_keys(folded_numbers) k)`,
		"array":       `UPDATE investments.investor_portfolios SET folded_numbers = '[]'`,
		"empty":       `UPDATE investments.investor_portfolios SET folded_numbers = '{}'`,
		"none folded": `UPDATE investments.investor_portfolios SET folded = ''`,
	} {
		t.Run(name, func(t *testing.T) {
			ctx, db, svc := t.Context(), pgtest.Clone(t), newService()
			o, creator := loaded(t, db, 3)
			p := &payer{T: t, o: o, creator: creator, approver: investor(t, db), day: date.MustParse("2026-01-15")}
			d := p.approved(db)
			require.NoError(t, p.pay(ctx, db, d, d.DistributionDate))
			_, err := db.ExecContext(ctx, spoil)
			require.NoError(t, err)
			d = p.approved(db)
			require.NoError(t, p.pay(ctx, db, d, d.DistributionDate))
			found, err := svc.Reports.VerifyPortfolios(ctx, db)
			require.NoError(t, err)
			require.Empty(t, found)
			dump := func() (out []string) {
				require.NoError(t, db.NewRaw(`SELECT (to_jsonb(f) - '{updated_at,last_calculated_at}'::text[])::text FROM investments.investor_portfolios f ORDER BY investor_id`).Scan(ctx, &out))
				return out
			}
			on := dump()
			require.NoError(t, svc.Reports.RefreshPortfolios(ctx, db, investments.RefreshPortfoliosParams{AsOf: d.DistributionDate}))
			require.Equal(t, dump(), on)
		})
	}
}

// The next distribution pays by it, too.
func TestDeclare_sideLetterOfALaterFunding(t *testing.T) {
	t.Parallel()
	lines := func(first bool) map[string]string {
		d := open(t, "")
		d.setTerms(`{"prefs": {"a": {"rate": "0.08"}}, "tiers": {"capital": [{"name": "pref", "type": "pref"}, {"name": "split", "type": "split"}]}}`, "2016-01-01")
		d.wires("a", "100000", "2017-01-01")
		d.wires("b", "100000", "2018-06-01")
		letter := func() {
			_, err := d.letter("b", investments.SideTermPrefRate, "0.09")
			require.NoError(t, err)
		}
		if first {
			letter()
		}
		d.pay(payout{amount: "1000", day: "2018-01-01"})
		if !first {
			letter()
		}
		out := d.lines(d.pay(payout{amount: "18000", day: "2019-06-01"}))
		review, err := d.svc.Distributions.Review(t.Context(), d.db, d.o.ID)
		require.NoError(t, err)
		require.Empty(t, review.Changed)
		return out
	}
	require.Equal(t, lines(true), lines(false))
}

// One that was withdrawn is gone.
func TestBalances_sideLetterWithdrawn(t *testing.T) {
	t.Parallel()
	d := open(t, "")
	d.setTerms(`{"prefs": {"a": {"rate": "0.08"}}, "tiers": {"capital": [{"name": "pref", "type": "pref"}, {"name": "split", "type": "split"}]}}`, "2016-01-01")
	d.wires("a", "100000", "2017-01-01")
	d.wires("b", "100000", "2018-06-01")
	e, err := d.letter("b", investments.SideTermPrefRate, "0.09")
	require.NoError(t, err)
	d.pay(payout{amount: "1000", day: "2018-01-01"})
	_, err = d.svc.Positions.WithdrawPartnerEvent(t.Context(), d.db, investments.WithdrawPartnerEventParams{IdempotencyKey: d.key(), EventID: e.ID, Date: date.MustParse("2018-07-01"), Reason: "x", ActorID: staff})
	require.NoError(t, err)
	d.sameBalances("2019-06-01")
}

// Payments of two offerings for the same investors at once.
func TestPay_goesOnBesideOthers(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), newService()
	var who []id.Of[auth.User]
	for range 4 {
		who = append(who, investor(t, db))
	}
	creator, approver := investor(t, db), investor(t, db)
	var os [3]*investments.Offering
	for i := range os {
		os[i] = raise(t, db, "100000000")
		for _, w := range who {
			funded(t, db, os[i], w, "60000")
		}
	}
	var wg sync.WaitGroup
	for i, o := range os {
		wg.Go(func() {
			day := date.MustParse("2026-02-15")
			for n := range 12 {
				day = day.AddDays(3)
				d, err := svc.Distributions.Declare(ctx, db, declaration(o, fmt.Sprint("d", i, n), day.String(), fmt.Sprint(1000+n*7+i), creator))
				if err == nil {
					_, err = svc.Distributions.Approve(ctx, db, investments.ApproveDistributionParams{DistributionID: d.ID, ActorID: approver})
				}
				if err == nil {
					err = store.InTx(ctx, db, func(tx bun.IDB) error {
						_, err := svc.Distributions.Pay(ctx, tx, investments.PayParams{IdempotencyKey: d.ID.String(), DistributionID: d.ID, Date: day, Method: investments.PayACH, ActorID: staff})
						time.Sleep(time.Duration(rand.IntN(20)) * time.Millisecond)
						return err
					})
				}
				if err == nil && n%4 == 3 {
					_, err = reverse(ctx, db, svc.Distributions, investments.ReverseDistributionParams{ActorID: approver, IdempotencyKey: "r" + d.ID.String(), DistributionID: d.ID, Date: day, Reason: "wrong"})
				}
				if errors.Is(err, investments.ErrDistributionStale) { // money came in between
					if _, err = svc.Distributions.Cancel(ctx, db, investments.CancelDistributionParams{DistributionID: d.ID, Reason: "stale", ActorID: staff}); err != nil {
						_, err = reverse(ctx, db, svc.Distributions, investments.ReverseDistributionParams{ActorID: approver, IdempotencyKey: "r" + d.ID.String(), DistributionID: d.ID, Date: day, Reason: "stale"})
					}
				}
				if err != nil {
					t.Error(i, n, err)
				}
			}
		})
	}
	wg.Go(func() {
		for n := range 25 {
			time.Sleep(40 * time.Millisecond)
			if n%3 == 0 {
				if err := svc.Reports.RefreshPortfolios(ctx, db, investments.RefreshPortfoliosParams{AsOf: date.MustParse("2026-02-20").AddDays(n)}); err != nil {
					t.Error(err)
				}
			} else if err := store.InTx(ctx, db, func(tx bun.IDB) error {
				return investments.RefreshOn(ctx, svc, tx, who, date.MustParse("2026-02-20").AddDays(rand.IntN(40)))
			}); err != nil {
				t.Error(err)
			}
		}
	})
	wg.Go(func() { // money that comes, held back for a while
		for n := range 8 {
			err := store.InTx(ctx, db, func(tx bun.IDB) error {
				sub, err := svc.Commitments.Commit(ctx, tx, investments.CommitParams{IdempotencyKey: fmt.Sprint("c", n), OfferingID: os[n%3].ID, InvestorID: who[n%4], ShareClass: "common", Amount: money.MustParse("30000"),
					Date: date.MustParse("2026-01-15"), ActorID: who[n%4]})
				if err != nil {
					return err
				}
				_, err = svc.Commitments.ReceiveContribution(ctx, tx, investments.ReceiveContributionParams{IdempotencyKey: fmt.Sprint("rc", n), SubscriptionID: sub.ID, Date: date.MustParse("2026-01-16"), ActorID: staff})
				time.Sleep(120 * time.Millisecond)
				return err
			})
			if err != nil {
				t.Error(n, err)
			}
		}
	})
	wg.Wait()
	for _, day := range []string{"2026-03-01", "2026-06-01"} {
		a, b, kept, err := investments.SumsBoth(ctx, db, who, date.MustParse(day))
		require.NoError(t, err)
		require.Equal(t, b, a)
		require.True(t, kept > 0 || day == "2026-03-01")
	}
	found, err := svc.Reports.VerifyPortfolios(ctx, db)
	require.NoError(t, err)
	require.Empty(t, found)
	require.NoError(t, store.InTx(ctx, db, func(tx bun.IDB) error { return investments.RefreshOn(ctx, svc, tx, who, date.MustParse("2026-06-01")) }))
	found, err = svc.Reports.VerifyPortfolios(ctx, db)
	require.NoError(t, err)
	require.Empty(t, found)
}

// What is kept wrong must not keep the portfolio from being read.
func TestPortfolio_spoiledNumbers(t *testing.T) {
	t.Parallel()
	for _, numbers := range []string{"[]", `{"x": 1}`, "null"} {
		ctx, db, svc := t.Context(), pgtest.Clone(t), newService()
		o, creator := loaded(t, db, 2)
		p := &payer{T: t, o: o, creator: creator, approver: investor(t, db), day: date.MustParse("2026-01-15")}
		d := p.approved(db)
		require.NoError(t, p.pay(ctx, db, d, d.DistributionDate))
		var who id.Of[auth.User]
		require.NoError(t, db.NewRaw("SELECT investor_id FROM investments.investor_portfolios LIMIT 1").Scan(ctx, &who))
		_, err := db.ExecContext(ctx, "UPDATE investments.investor_portfolios SET folded_numbers = ?", numbers)
		require.NoError(t, err)
		_, err = svc.Reports.Portfolio(ctx, db, who)
		if err != nil {
			t.Error(numbers, err)
		}
	}
}

// The portfolios of several currencies of one investor, one of which loses its bytes.
func TestPay_goesOnInCurrencies(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	who, creator, approver := investor(t, tx), investor(t, tx), investor(t, tx)
	var all []*investments.Offering
	for _, currency := range []string{"USD", "EUR", "USD", "GBP"} {
		o := raise(t, tx, "100000000")
		_, err := tx.ExecContext(ctx, "SET session_replication_role = replica")
		require.NoError(t, err)
		_, err = tx.ExecContext(ctx, "UPDATE investments.opportunities SET currency = ? WHERE id = ?", currency, o.ID)
		require.NoError(t, err)
		_, err = tx.ExecContext(ctx, "UPDATE financials.books SET currency = ? WHERE id IN (SELECT book_id FROM investments.opportunities WHERE id = ?)", currency, o.ID)
		require.NoError(t, err)
		_, err = tx.ExecContext(ctx, "SET session_replication_role = origin")
		require.NoError(t, err)
		o.Currency = currency
		all = append(all, o)
		funded(t, tx, o, who, "60000")
	}
	day := date.MustParse("2026-02-15")
	for n := range 12 {
		o := all[n%4]
		day = day.AddDays(3)
		d, err := svc.Distributions.Declare(ctx, tx, declaration(o, fmt.Sprint("d", n), day.String(), fmt.Sprint(1000+n*7), creator))
		require.NoError(t, err)
		_, err = svc.Distributions.Approve(ctx, tx, investments.ApproveDistributionParams{DistributionID: d.ID, ActorID: approver})
		require.NoError(t, err)
		if n == 6 {
			_, err = tx.ExecContext(ctx, `UPDATE investments.investor_portfolios SET folded = '\x01' WHERE currency = 'EUR'`)
			require.NoError(t, err)
		}
		_, err = svc.Distributions.Pay(ctx, tx, investments.PayParams{IdempotencyKey: d.ID.String(), DistributionID: d.ID, Date: day, Method: investments.PayACH, ActorID: staff})
		require.NoError(t, err)
		a, b, kept, err := investments.SumsBoth(ctx, tx, []id.Of[auth.User]{who, creator}, day)
		require.NoError(t, err)
		require.Equal(t, b, a)
		require.Positive(t, kept)
		found, err := svc.Reports.VerifyPortfolios(ctx, tx)
		require.NoError(t, err)
		require.Empty(t, found)
	}
}
