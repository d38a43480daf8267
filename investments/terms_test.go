package investments_test

import (
	"fmt"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// promoted is an offering of two investors under an 8 % preferred return,
// return of capital, a full catch-up to 20 % and an 80/20 split, with a fee of
// 100 in front.
func promoted(t *testing.T, db bun.IDB) (*investments.Offering, *investments.Account, []*investments.Subscription) {
	t.Helper()
	ctx, svc := t.Context(), newService()
	o := raise(t, db, "1000000")
	gp := heldBy(t, db, investor(t, db), true)
	terms, err := waterfall.ParseTerms(fmt.Appendf(nil, `{"promote_recipient": %q, "prefs": {"common": {"rate": "0.08", "compounding": "none"}},
		"tiers": {"capital": [{"name": "asset fee", "type": "fee", "payee": %q, "amount": "100.00", "unpaid": "lapses"}, {"name": "pref", "type": "pref"}, {"name": "capital", "type": "return_of_capital"},
			{"name": "catch-up", "type": "catch_up", "gp_share": "1", "target": "0.2"}, {"name": "split", "type": "split", "promote": "0.2"}],
		"operating": [{"name": "pref", "type": "pref"}, {"name": "split", "type": "split", "promote": "0.2"}]}}`, gp.ID, gp.ID))
	require.NoError(t, err)
	v, err := svc.Offerings.SetTerms(ctx, db, investments.SetTermsParams{OfferingID: o.ID, EffectiveDate: date.MustParse("2026-01-01"), Terms: terms, ActorID: staff})
	require.NoError(t, err)
	same, err := svc.Offerings.SetTerms(ctx, db, investments.SetTermsParams{OfferingID: o.ID, EffectiveDate: date.MustParse("2026-01-01"), Terms: terms, ActorID: staff})
	require.NoError(t, err)
	require.Equal(t, v.ID, same.ID, "the same terms are no new version")
	return o, gp, []*investments.Subscription{funded(t, db, o, investor(t, db), "60000"), funded(t, db, o, investor(t, db), "40000")}
}

func declaration(o *investments.Offering, key, day, amount string, who id.Of[auth.User]) investments.DeclareParams {
	return investments.DeclareParams{IdempotencyKey: key, OfferingID: o.ID, Type: investments.DistributionQuarterly,
		Date: date.MustParse(day), Amount: money.MustParse(amount), ActorID: who}
}

func grosses(t *testing.T, db bun.IDB, d *investments.Distribution) map[string]string {
	t.Helper()
	lines, err := newService().Distributions.DistributionLines(t.Context(), db, d.ID, page.Request{})
	require.NoError(t, err)
	out := map[string]string{}
	for _, l := range lines.Items {
		key := string(l.Role)
		if l.PositionID != nil {
			key = l.PositionID.String()
		}
		out[key] = l.DistributionAmount.String()
	}
	return out
}

func TestDeclare_waterfall(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o, _, subs := promoted(t, tx)
	a, b := subs[0].PositionID.String(), subs[1].PositionID.String()
	creator := investor(t, tx)

	// 90 days of 8 % on 100,000: 1,972.60, then 80/20 of the rest.
	p := declaration(o, "q1", "2026-04-15", "3000", creator)
	draft, err := svc.Distributions.Preview(ctx, tx, p)
	require.NoError(t, err)
	require.NotNil(t, draft.Trace)
	list, err := svc.Distributions.Distributions(ctx, tx, o.ID, page.Request{})
	require.NoError(t, err)
	require.Empty(t, list.Items, "a preview writes nothing")

	q1, err := svc.Distributions.Declare(ctx, tx, p)
	require.NoError(t, err)
	require.Equal(t, map[string]string{a: "1676.71", b: "1117.81", "promote": "205.48"}, grosses(t, tx, q1))
	require.Equal(t, len(draft.Lines), 3)

	pro := p
	pro.IdempotencyKey, pro.Method = "mixed", investments.MethodProRata
	_, err = svc.Distributions.Declare(ctx, tx, pro)
	require.ErrorIs(t, err, investments.ErrMethodMixed)
	early := declaration(o, "early", "2026-03-01", "10", creator)
	_, err = svc.Distributions.Declare(ctx, tx, early)
	require.ErrorIs(t, err, investments.ErrDistributionOrder)

	// A sale under the capital list: the fee first, the promote last.
	sale := declaration(o, "sale", "2026-12-31", "160000", creator)
	sale.Type = investments.DistributionSaleProceeds
	sale.Withholding = map[id.Of[investments.Position]]decimal.Decimal{*subs[0].PositionID: decimal.RequireFromString("0.1")}
	sold, err := svc.Distributions.Declare(ctx, tx, sale)
	require.NoError(t, err)
	got := grosses(t, tx, sold)
	require.Equal(t, "100.00", got["fee"])
	lines, err := svc.Distributions.DistributionLines(ctx, tx, sold.ID, page.Request{})
	require.NoError(t, err)
	total := money.Zero
	for _, l := range lines.Items {
		total, err = total.Add(l.DistributionAmount)
		require.NoError(t, err)
		tiers, err := svc.Distributions.LineTiers(ctx, tx, l.ID)
		require.NoError(t, err)
		sum := money.Zero
		for _, tier := range tiers {
			sum, err = sum.Add(tier.Amount)
			require.NoError(t, err)
		}
		require.Equal(t, l.DistributionAmount, sum)
		if l.PositionID != nil && *l.PositionID == *subs[0].PositionID {
			held, err := l.DistributionAmount.MulRate(decimal.RequireFromString("0.1"))
			require.NoError(t, err)
			require.Equal(t, held, l.TaxWithholding)
		}
		why, err := svc.Distributions.ExplainLine(ctx, tx, l.ID)
		require.NoError(t, err)
		require.NotEmpty(t, why.Lines)
		require.NotEmpty(t, why.String())
	}
	require.Equal(t, sale.Amount, total)
	// Promote so far is 20 % of all profit: 3,000 + 160,000 - 100 - 100,000.
	require.Equal(t, "12374.52", got["promote"])

	_, err = svc.Offerings.SetTerms(ctx, tx, investments.SetTermsParams{OfferingID: o.ID, EffectiveDate: date.MustParse("2026-06-01"), Terms: &waterfall.Terms{}, ActorID: staff})
	require.Error(t, err)
}

// Money that is found to have come in earlier changes what a past distribution
// should have been; the next one is refused until that is put right.
func TestDeclare_historyChanged(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o, _, _ := promoted(t, tx)
	creator := investor(t, tx)
	first, err := svc.Distributions.Declare(ctx, tx, declaration(o, "q1", "2026-04-15", "3000", creator))
	require.NoError(t, err)
	funded(t, tx, o, investor(t, tx), "50000") // dated 15 January
	err = store.InTx(ctx, tx, func(tx bun.IDB) error {
		_, err := svc.Distributions.Declare(ctx, tx, declaration(o, "q2", "2026-07-15", "3000", creator))
		return err
	})
	require.ErrorIs(t, err, investments.ErrHistoryChanged)
	_, err = svc.Distributions.Cancel(ctx, tx, investments.CancelDistributionParams{DistributionID: first.ID, Reason: "a contribution was booked late", ActorID: staff})
	require.NoError(t, err)
	again, err := svc.Distributions.Declare(ctx, tx, declaration(o, "q1 again", "2026-04-15", "3000", creator))
	require.NoError(t, err)
	require.Len(t, grosses(t, tx, again), 4, "2,958.90 of pref to three, and promote on the rest")
	_, err = svc.Distributions.Declare(ctx, tx, declaration(o, "q2", "2026-07-15", "3000", creator))
	require.NoError(t, err)
}

func TestDeclare_adjustments(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o, _, subs := promoted(t, tx)
	p := declaration(o, "q1", "2026-04-15", "1000", investor(t, tx))
	p.Adjustments = []waterfall.Adjustment{
		{Account: subs[0].PositionID.String(), Delta: money.MustParse("-25"), Reason: "bank fee of a returned wire"},
		{Account: subs[1].PositionID.String(), Delta: money.MustParse("25"), Reason: "bank fee of a returned wire"}}
	d, err := svc.Distributions.Declare(ctx, tx, p)
	require.NoError(t, err)
	require.Equal(t, map[string]string{subs[0].PositionID.String(): "575.00", subs[1].PositionID.String(): "425.00"}, grosses(t, tx, d))
	_, err = svc.Distributions.Declare(ctx, tx, declaration(o, "q2", "2026-07-15", "1000", investor(t, tx)))
	require.NoError(t, err, "an adjusted past is no changed past")
	p.IdempotencyKey, p.Adjustments[0].Reason = "unexplained", ""
	_, err = svc.Distributions.Preview(ctx, tx, p)
	require.Error(t, err)
}

func TestDeclare_preferred(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o, _, subs := promoted(t, tx)
	p := declaration(o, "q1", "2026-04-15", "3000", investor(t, tx))
	p.Method = investments.MethodPreferred
	d, err := svc.Distributions.Declare(ctx, tx, p)
	require.NoError(t, err)
	require.Equal(t, map[string]string{subs[0].PositionID.String(): "1800.00", subs[1].PositionID.String(): "1200.00"}, grosses(t, tx, d))
}
