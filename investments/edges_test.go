package investments_test

import (
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// asOfAll is the balance of a position among those of all.
func (d *deal) asOfAll(name, day string) *investments.PositionBalance {
	d.Helper()
	all, err := d.svc.Positions.PositionBalances(d.Context(), d.db, d.o.ID, date.MustParse(day))
	require.NoError(d, err)
	for i := range all {
		if all[i].PositionID == d.position(name) {
			return &all[i]
		}
	}
	d.Fatalf("%s has no balance", name)
	return nil
}

// A position whose terms name others, or count from the first capital of all, has the
// balance that the whole history gives it.
func TestPositionBalance_namesOthers(t *testing.T) {
	t.Parallel()
	for name, terms := range map[string]string{
		"percentages": `{"promote_recipient": %q, "prefs": {"a": {"rate": "0.08"}}, "tiers": {"capital": [{"name": "pref", "type": "pref"},
			{"name": "rest", "type": "split", "percentages": {"a": "1/4", "b": "3/4"}}]}}`,
		"of": `{"promote_recipient": %q, "prefs": {"a": {"rate": "0.08"}}, "tiers": {"capital": [
			{"name": "hurdle", "type": "hurdle", "irr": "0.1", "to": ["a"], "of": ["b"]}, {"name": "rest", "type": "split"}]}}`,
		"from the first capital": `{"promote_recipient": %q, "prefs": {"a": {"rate": "0.08", "from": 30}}, "tiers": {"capital": [
			{"name": "pref", "type": "pref"}, {"name": "rest", "type": "split"}]}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := open(t, terms, "a", "b")
			require.NoError(t, d.commits("y", "50000", "b"))
			d.wires("y", "50000", "2020-01-01")
			d.wires("x", "100000", "2020-03-01")
			alone := d.balance("x", "2020-05-01")
			require.Equal(t, d.asOfAll("x", "2020-05-01"), alone)
			require.Equal(t, "1336.99", alone.UnpaidPref.String(), "61 days of 8 %%")
		})
	}
}

// Who has committed and paid nothing has balances of zero, whatever the terms; where
// nobody has paid there are none, and nothing to distribute.
func TestPositionBalance_withoutCapital(t *testing.T) {
	t.Parallel()
	const terms = `{"prefs": {"a": {"rate": "0.08"}}, "tiers": {"capital": [{"name": "pref", "type": "pref"}, {"name": "rest", "type": "split"}]}}`
	d := open(t, "")
	require.NoError(t, d.commits("x", "100000", "a"))
	d.setTerms(terms, "2016-01-01")
	day := date.MustParse("2020-05-01")
	require.Equal(t, &investments.PositionBalance{PositionID: d.position("x"), AsOf: day}, d.balance("x", "2020-05-01"))
	all, err := d.svc.Positions.PositionBalances(t.Context(), d.db, d.o.ID, day)
	require.NoError(t, err)
	require.Empty(t, all)
	loans, err := d.svc.Positions.MemberLoans(t.Context(), d.db, d.o.ID, day)
	require.NoError(t, err)
	require.Empty(t, loans)
	_, err = d.declares(payout{amount: "100", day: "2020-05-01"})
	require.ErrorIs(t, err, investments.ErrNoPositions)
	_, err = d.svc.Reports.Clawback(t.Context(), d.db, investments.ClawbackParams{OfferingIDs: []id.Of[investments.Offering]{d.o.ID}})
	require.ErrorIs(t, err, investments.ErrNoPositions)

	plain := open(t, "")
	loans, err = plain.svc.Positions.MemberLoans(t.Context(), plain.db, plain.o.ID, day)
	require.NoError(t, err)
	require.Empty(t, loans)
}

// A name that the engine does not take is taken nowhere: of a reserve, or of a class.
func TestNames_asTheEngine(t *testing.T) {
	t.Parallel()
	ctx, d := t.Context(), open(t, reserveTerms)
	d.wires("x", "60000", "2020-01-01")
	for _, bad := range []string{"roof\n", "\x1b[2J", strings.Repeat("é", 65)} {
		_, err := d.setsAside(investments.CashReserve, bad, "100", "2020-04-01")
		require.Equal(t, map[string]string{"reserve": check.BadName}, codes(err))
		_, err = d.svc.Distributions.Preview(ctx, d.db, d.release("1000", "2020-05-01", waterfall.ReserveAmount{Reserve: bad, Amount: money.MustParse("1")}))
		require.Equal(t, map[string]string{"releases[0].reserve": check.BadName}, codes(err))
		_, err = d.svc.Offerings.Create(ctx, d.db, investments.CreateOfferingParams{PropertyID: d.o.PropertyID, Name: "x", Slug: "x", Classes: []investments.ShareClassParams{{Code: bad}}, ActorID: staff})
		require.Equal(t, check.BadName, codes(err)["classes[0].code"])
	}
	_, err := d.svc.Offerings.Create(ctx, d.db, investments.CreateOfferingParams{PropertyID: d.o.PropertyID, Name: "x", Slug: "x", Classes: []investments.ShareClassParams{{Code: "promote"}}, ActorID: staff})
	require.Equal(t, map[string]string{"classes[0].code": check.BadName}, codes(err), "the class of those who have no capital")
	_, err = d.setsAside(investments.CashReserve, strings.Repeat("é", 64), "100", "2020-04-01")
	require.NoError(t, err)
	_, err = d.releases("10000", "2020-05-01", reserve(strings.Repeat("é", 64), "50"))
	require.NoError(t, err)
	d.sound()
}

// What is committed and went back counts on the days before it did, and is not invested.
func TestPortfolio_committedAfterRefund(t *testing.T) {
	t.Parallel()
	d := open(t, standardTerms)
	require.NoError(t, d.commits("x", "100000", "a"))
	d.wires("x", "60000", "2021-01-10")
	d.refunds("x", "60000", "2021-01-20")
	f := d.portfolio("x", "2021-01-15")
	require.Equal(t, []string{"60000.00", "0.00"}, []string{f.CurrentValue.String(), f.TotalInvested.String()})
	require.Zero(t, f.TotalProperties)
	f = d.portfolio("x", "2021-01-21")
	require.Equal(t, []string{"0.00", "0.00"}, []string{f.CurrentValue.String(), f.TotalInvested.String()})
}

// New terms of 15 March hold for a distribution whose record date lies before them: it
// comes before what that day brings, which changes nothing of it.
func TestApprove_receiptOnTheTermsDay(t *testing.T) {
	t.Parallel()
	d := open(t, standardTerms)
	d.wires("x", "100000", "2021-01-10")
	gp := heldBy(t, d.db, investor(t, d.db), true)
	d.setTerms(strings.Replace(strings.Replace(standardTerms, "%q", `"`+gp.ID.String()+`"`, 1), "0.08", "0.06", 1), "2021-03-15")
	v, err := d.declares(payout{amount: "1000", day: "2021-03-31", record: "2021-03-01"})
	require.NoError(t, err)
	d.wires("y", "50000", "2021-03-15")
	require.NoError(t, d.approves(v))
	require.NoError(t, d.pays(v, "2021-03-31"))
	review, err := d.svc.Distributions.Review(t.Context(), d.db, d.o.ID)
	require.NoError(t, err)
	require.Empty(t, review.TrueUp)
	next, err := d.declares(payout{amount: "1000", day: "2021-06-30"})
	require.NoError(t, err)
	resumed, replayed, err := investments.Openings(t.Context(), d.db, d.o.ID, date.MustParse("2021-09-30"))
	require.NoError(t, err)
	require.NotNil(t, resumed)
	require.Equal(t, replayed, resumed)
	d.wires("z", "50000", "2021-02-01") // before the record date
	require.ErrorIs(t, d.approves(next), investments.ErrDistributionStale)
	d.sound()
}

// A release that later days leave nothing for is not declared, since nobody could ever
// approve it.
func TestDeclare_releaseTakenLater(t *testing.T) {
	t.Parallel()
	d := open(t, reserveTerms)
	d.wires("x", "60000", "2020-01-01")
	_, err := d.setsAside(investments.CashReserve, "roof", "5000", "2020-04-01")
	require.NoError(t, err)
	_, err = d.setsAside(investments.CashReserveRelease, "roof", "4000", "2020-06-01")
	require.NoError(t, err)
	_, err = d.releases("1000", "2020-05-01", reserve("roof", "1000.01"))
	require.ErrorIs(t, err, investments.ErrReserveShort)
	_, err = d.releases("1000", "2020-05-01", reserve("roof", "1000"))
	require.NoError(t, err)
	d.sound()
}

// What is in kind is a part of what is paid, which reserves make less than the amount.
func TestDeclare_inKindBeyondHoldback(t *testing.T) {
	t.Parallel()
	d := open(t, `{"promote_recipient": %q, "tiers": {"capital": [{"name": "tenth", "type": "holdback", "rate": "0.1"}, {"name": "rest", "type": "split"}]}}`)
	d.wires("x", "60000", "2020-01-01")
	p := d.release("1000", "2020-05-01")
	p.InKind = money.MustParse("900.01")
	require.ErrorIs(t, attempt(t, d.db, func(tx bun.IDB) error { _, err := d.svc.Distributions.Declare(t.Context(), tx, p); return err }), investments.ErrInKind)
	p.InKind = money.MustParse("900")
	v, err := d.svc.Distributions.Declare(t.Context(), d.db, p)
	require.NoError(t, err)
	require.Equal(t, "900.00", d.line(v, "x").InKind.String())
	d.sound()
}

// What a distribution held back stays held where what is recorded late would have taken
// it: of 6,000.00 x had 800.00 and 200.00 beside 5,000.00 for the roof; with y, whose
// money was there too, 8,800.00 were due, of which the 1,000.00 are shared. The books are
// read and written on meanwhile.
func TestReview_heldBackStands(t *testing.T) {
	t.Parallel()
	ctx, d := t.Context(), open(t, `{"promote_recipient": %q, "prefs": {"a": {"rate": "0.08"}}, "tiers": {"capital": [{"name": "pref", "type": "pref"},
		{"name": "roof", "type": "holdback", "amount": "5000"}, {"name": "rest", "type": "split"}]}}`)
	d.wires("x", "10000", "2020-01-01")
	d.pay(payout{amount: "6000", day: "2020-12-31"})
	d.wires("y", "100000", "2020-01-01")

	_, err := d.declares(payout{amount: "1000", day: "2021-12-31"})
	require.ErrorIs(t, err, investments.ErrHistoryChanged)
	review, err := d.svc.Distributions.Review(ctx, d.db, d.o.ID)
	require.NoError(t, err)
	owed := map[id.Of[investments.Position]]string{}
	for _, u := range review.TrueUp {
		owed[u.PositionID] = u.Amount.String()
	}
	require.Equal(t, map[id.Of[investments.Position]]string{d.position("x"): "-909.09", d.position("y"): "909.09"}, owed)
	require.Len(t, review.Changed, 1)
	require.Equal(t, "-200.00", kindOf(review.TrueUp, d.position("x"), "split"))
	require.Equal(t, "-709.09", kindOf(review.TrueUp, d.position("x"), "pref"))
	require.Equal(t, "7090.91", d.balance("y", "2020-12-31").UnpaidPref.String())
	require.Equal(t, map[string]string{"": "5000.00"}, d.reserves("2021-01-01"))

	v := d.pay(payout{amount: "10000", day: "2021-12-31", trueUp: true})
	require.Equal(t, map[string]string{"x": "0.00", "y": "10000.00"}, d.lines(v))
	review, err = d.svc.Distributions.Review(ctx, d.db, d.o.ID)
	require.NoError(t, err)
	require.Empty(t, review.TrueUp)
	d.sound()
}

// Terms that hold all back behind a preference leave nobody what the preference got too
// much: a default of 18 % that ended at once leaves 9,972.60 of 18,000.00 to nobody. It
// stays owed; the next distributions take nothing of it and bill nobody.
func TestDeclare_trueUpToNobody(t *testing.T) {
	t.Parallel()
	ctx, d := t.Context(), open(t, `{"promote_recipient": %q, "prefs": {"a": {"rate": "0.08", "default_rate": "0.18"}}, "tiers": {"capital": [
		{"name": "pref", "type": "pref"}, {"name": "rest", "type": "holdback", "rate": "1"}]}}`)
	d.wires("x", "100000", "2020-01-01")
	enters := func(day string, ends bool) {
		_, err := d.svc.Positions.EnterDefault(ctx, d.db, investments.EnterDefaultParams{IdempotencyKey: d.key(), OfferingID: d.o.ID, Preference: "a", Date: date.MustParse(day), Ends: ends, ActorID: staff})
		require.NoError(t, err)
	}
	enters("2020-01-01", false)
	require.Equal(t, map[string]string{"x": "18000.00"}, d.lines(d.pay(payout{amount: "20000", day: "2020-12-31"})))
	enters("2020-01-02", true)
	for i, day := range []string{"2021-12-31", "2022-12-31"} {
		p := d.release("5000", day)
		p.TrueUp, p.Bill = true, i == 1
		v, err := d.svc.Distributions.Declare(ctx, d.db, p)
		require.NoError(t, err)
		require.Equal(t, map[string]string{"x": "5000.00"}, d.lines(v))
		require.NoError(t, d.approves(v))
		review, err := d.svc.Distributions.Review(ctx, d.db, d.o.ID)
		require.NoError(t, err)
		require.Len(t, review.TrueUp, 1)
		require.Equal(t, "-9972.60", review.TrueUp[0].Amount.String())
		d.sound()
	}
}

// kindOf is what a payee is owed of one kind of tier.
func kindOf(all []investments.TrueUp, who id.Of[investments.Position], kind string) (out string) {
	for _, u := range all {
		for _, p := range u.Tiers {
			if u.PositionID == who && p.Kind == kind {
				out = p.Amount.String()
			}
		}
	}
	return out
}

// An offering of a property that does not exist is refused on its field, whether it
// names a currency or not.
func TestCreateOffering_unknownProperty(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	hire(t, tx)
	for _, currency := range []string{"", "USD"} {
		err := attempt(t, tx, func(tx bun.IDB) error {
			_, err := newService().Offerings.Create(ctx, tx, investments.CreateOfferingParams{PropertyID: id.New[properties.Property](), Name: "x", Slug: "x", Currency: currency, ActorID: staff})
			return err
		})
		require.ErrorIs(t, err, store.ErrReference, currency)
		var e *fault.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, "property_id", e.Field)
	}
}

// Amounts of several currencies, and an offering twice, are not held against each
// other. What offerings of a fund distribute comes in the order of its dates, whatever
// the record dates: of 2,000.00 profit 20 % are paid deal by deal, and of 100.00 pooled.
func TestClawback_manyOfferings(t *testing.T) {
	t.Parallel()
	d := open(t, "")
	gp := heldBy(t, d.db, d.person("gp"), true)
	terms := strings.Replace(`{"promote_recipient": %q, "tiers": {"capital": [{"name": "capital", "type": "return_of_capital"}, {"name": "carry", "type": "split", "promote": "0.2"}]}}`, "%q", `"`+gp.ID.String()+`"`, 1)
	one, two := d.sibling(terms), d.sibling(terms)
	one.wires("lp", "1000", "2017-01-01")
	two.wires("lp", "1000", "2017-01-01")
	one.pay(payout{amount: "2000", record: "2018-01-01", day: "2018-03-01", kind: investments.DistributionSaleProceeds})
	two.pay(payout{amount: "100", day: "2018-02-01", kind: investments.DistributionSaleProceeds})
	claw := func(of ...id.Of[investments.Offering]) (*waterfall.ClawbackResult, error) {
		return d.svc.Reports.Clawback(t.Context(), d.db, investments.ClawbackParams{OfferingIDs: of, TaxRate: decimal.Zero})
	}
	for _, order := range [][]id.Of[investments.Offering]{{one.o.ID, two.o.ID}, {two.o.ID, one.o.ID}} {
		c, err := claw(order...)
		require.NoError(t, err)
		require.Equal(t, []string{"200.00", "20.00", "180.00"}, []string{c.American.String(), c.European.String(), c.Clawback.String()})
	}
	_, err := claw(one.o.ID, two.o.ID, one.o.ID)
	require.Equal(t, map[string]string{"offering_ids[2]": check.Duplicate}, codes(err))
	foreign := d.sibling(terms, func(p *investments.CreateOfferingParams) { p.Currency = "EUR" })
	_, err = claw(one.o.ID, foreign.o.ID)
	require.ErrorIs(t, err, investments.ErrClawbackCurrency)
	_, err = claw(id.New[investments.Offering]())
	require.ErrorIs(t, err, investments.ErrOfferingNotFound)
}
