package investments_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

// The balance of one position, from its own movements where they are enough, is what the
// balances of all say of it: before and after others' receipts, a refund, a transfer and
// a distribution.
func TestPositionBalance_alone(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), newService()
	o, creator := crowd(t, db, 5)
	same := func(days ...string) {
		t.Helper()
		for _, day := range days {
			all, err := svc.Positions.PositionBalances(ctx, db, o.ID, date.MustParse(day))
			require.NoError(t, err)
			for i := range all {
				one, err := svc.Positions.PositionBalance(ctx, db, all[i].PositionID, date.MustParse(day))
				require.NoError(t, err)
				require.Equal(t, all[i], *one, day)
			}
		}
	}
	days := []string{"2025-01-16", "2025-02-28", "2025-07-15", "2026-01-31"}
	same(days...)
	sub, err := svc.Commitments.Commit(ctx, db, commitment(o, investor(t, db), "100000"))
	require.NoError(t, err)
	for key, part := range map[string][2]string{"a": {"60000.01", "2026-01-12"}, "b": {"20000", "2026-01-20"}} {
		_, err = svc.Commitments.ReceiveContribution(ctx, db, investments.ReceiveContributionParams{IdempotencyKey: key, SubscriptionID: sub.ID,
			Amount: money.MustParse(part[0]), Date: date.MustParse(part[1]), ActorID: staff})
		require.NoError(t, err)
	}
	back := refund(sub, "back", "30000")
	back.Date = date.MustParse("2026-01-25")
	_, err = svc.Commitments.RefundContribution(ctx, db, back)
	require.NoError(t, err)
	days = append(days, "2026-01-15", "2026-02-01")
	same(days...)

	moved := approvedTransfer(t, db, *sub.PositionID, investor(t, db), "0.5", "2026-01-28")
	_, err = complete(ctx, db, moved.ID, "move")
	require.NoError(t, err)
	same(days...)
	d, err := svc.Distributions.Declare(ctx, db, declaration(o, "q", "2026-01-31", "5000", creator))
	require.NoError(t, err)
	_, err = svc.Distributions.Approve(ctx, db, investments.ApproveDistributionParams{DistributionID: d.ID, ActorID: investor(t, db)})
	require.NoError(t, err)
	same(days...)
	none, err := svc.Positions.PositionBalance(ctx, db, *sub.PositionID, date.MustParse("2025-06-30"))
	require.NoError(t, err)
	require.True(t, none.Contributed.IsZero())
}

// After a distribution one position goes on from its account in the state that it left, and
// looks at the others only where capital of before came late, or somebody became another.
func TestPositionBalance_goesOn(t *testing.T) {
	t.Parallel()
	d := open(t, "", "a", "b")
	d.setTerms(rateOf("0.08"), "2016-01-01")
	for _, n := range []string{"x", "y", "z", "w"} {
		require.NoError(t, d.commits(n, "200000", "a"))
		if n != "w" {
			d.wires(n, "100000", "2017-01-01")
		}
	}
	d.pay(payout{amount: "1000", day: "2018-01-01"})
	goes := func(want bool, why string) {
		t.Helper()
		for _, n := range []string{"x", "y", "z"} {
			_, alone, gone, err := investments.BalanceAlone(t.Context(), d.db, d.position(n), date.MustParse("2019-06-01"))
			require.NoError(t, err)
			require.Equal(t, want, alone, "%s: %s", n, why)
			require.Equal(t, want, gone, "%s: %s", n, why)
		}
		d.sameBalances("2019-06-01")
	}
	again := func(amount, day string) {
		review, err := d.svc.Distributions.Review(t.Context(), d.db, d.o.ID)
		require.NoError(t, err)
		d.pay(payout{amount: amount, day: day, trueUp: len(review.TrueUp) > 0})
	}
	goes(true, "nothing has changed")
	d.wires("w", "70000", "2018-03-01")
	goes(true, "a receipt of a day after it")
	d.refunds("w", "1000", "2018-04-01")
	goes(true, "a refund of such a receipt")
	d.wires("w", "500", "2018-03-15")
	goes(true, "a receipt beside the refund, of a commitment without earlier ones")
	d.wires("v", "70000", "2017-06-01")
	goes(false, "a receipt of a day before it")
	again("1000", "2018-05-01")
	goes(true, "the next distribution knows of it")
	d.wires("z", "700", "2018-05-15")
	goes(true, "a receipt of a commitment with receipts before it")
	_, err := d.letter("y", investments.SideTermPrefRate, "0.09")
	require.NoError(t, err)
	goes(false, "a side letter")
	again("3000", "2018-09-01")
	goes(true, "known again")
	for name, q := range map[string]string{
		"class":   "UPDATE investments.property_investments SET share_class = 'b' WHERE id = ?",
		"sponsor": "WITH a AS (INSERT INTO investments.investor_accounts (investor_id, account_type, name, is_sponsor) SELECT investor_id, 'individual', 'x', FALSE FROM investments.property_investments WHERE id = ?0 RETURNING id) UPDATE investments.property_investments SET account_id = a.id FROM a WHERE property_investments.id = ?0",
	} {
		err := attempt(t, d.db, func(tx bun.IDB) error {
			_, err := tx.NewRaw(q, d.position("x")).Exec(t.Context())
			require.NoError(t, err)
			if name == "sponsor" {
				_, err = tx.NewRaw("UPDATE investments.investor_accounts SET is_sponsor = TRUE WHERE name = 'x'").Exec(t.Context())
				require.NoError(t, err)
			}
			_, alone, _, err := investments.BalanceAlone(t.Context(), tx, d.position("y"), date.MustParse("2019-06-01"))
			require.NoError(t, err)
			require.False(t, alone, name)
			return errors.ErrUnsupported // and back
		})
		require.ErrorIs(t, err, errors.ErrUnsupported)
	}
	goes(true, "all of it is undone")
	d.setTerms(`{"prefs": {"a": {"rate": "0.07"}}, "tiers": {"capital": [{"name": "split", "type": "split"}], "operating": [{"name": "pref", "type": "pref"}, {"name": "split", "type": "split"}]}}`, "2019-01-01")
	goes(true, "later terms")
}

// Receipts that come late in one statement are counted once: a count for each would write the
// offering's row as often in one transaction.
func TestOffering_lateReceiptsTogether(t *testing.T) {
	t.Parallel()
	d := open(t, "")
	d.setTerms(rateOf("0.08"), "2016-01-01")
	d.wires("x", "100000", "2017-01-01")
	d.pay(payout{amount: "1000", day: "2018-01-01"})
	all := investments.ReceiveContributionsParams{IdempotencyKey: d.key(), OfferingID: d.o.ID, ActorID: staff}
	for _, n := range []string{"y", "z", "w"} {
		require.NoError(t, d.commits(n, "50000", "a"))
		all.Receipts = append(all.Receipts, investments.Receipt{SubscriptionID: d.subs[n].ID, Amount: money.MustParse("50000"), Date: date.MustParse("2017-06-01")})
	}
	_, err := d.svc.Commitments.ReceiveContributions(t.Context(), d.db, all)
	require.NoError(t, err)
	o, err := d.svc.Offerings.Offering(t.Context(), d.db, d.o.ID)
	require.NoError(t, err)
	require.Equal(t, int64(1), o.LateChanges)
	require.Equal(t, date.MustParse("2018-01-01"), *o.DistributedThrough)
}
