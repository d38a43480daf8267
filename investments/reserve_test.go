package investments_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// Two reserves: a tenth of the cash for taxes, and the roof's until it is 5,000.00.
const reserveTerms = `{"promote_recipient": %q, "tiers": {"capital": [
	{"name": "taxes", "type": "holdback", "rate": "0.1", "reserve": "taxes"},
	{"name": "roof", "type": "holdback", "amount": "5000", "reserve": "roof"},
	{"name": "capital", "type": "return_of_capital"}, {"name": "rest", "type": "split", "promote": "0.2"}]}}`

// reserves are what they hold, by name.
func (d *deal) reserves(day string) map[string]string {
	d.Helper()
	list, err := d.svc.Capital.Reserves(d.Context(), d.db, d.o.ID, date.MustParse(day))
	require.NoError(d, err)
	out := map[string]string{}
	for _, r := range list {
		in, err := r.Balance.Add(r.Out)
		require.NoError(d, err)
		require.Equal(d, r.In, in)
		out[r.Name] = r.Balance.String()
	}
	return out
}

// releases declares, approves and pays a distribution with releases.
func (d *deal) releases(amount, day string, from ...waterfall.ReserveAmount) (v *investments.Distribution, err error) {
	err = attempt(d.T, d.db, func(tx bun.IDB) (err error) {
		v, err = d.svc.Distributions.Declare(d.Context(), tx, d.release(amount, day, from...))
		return err
	})
	if err != nil {
		return nil, err
	}
	require.NoError(d, d.approves(v))
	require.NoError(d, d.pays(v, day))
	return v, nil
}

func (d *deal) release(amount, day string, from ...waterfall.ReserveAmount) investments.DeclareParams {
	return investments.DeclareParams{IdempotencyKey: d.key(), OfferingID: d.o.ID, Type: investments.DistributionQuarterly, Date: date.MustParse(day),
		Amount: money.MustParse(amount), ActorID: d.staff[0], Releases: from}
}

func reserve(name, amount string) waterfall.ReserveAmount {
	return waterfall.ReserveAmount{Reserve: name, Amount: money.MustParse(amount)}
}

func (d *deal) setsAside(kind investments.CashKind, name, amount, day string) (r *investments.CashRecord, err error) {
	p := investments.RecordCashParams{IdempotencyKey: d.key(), OfferingID: d.o.ID, Kind: kind, Reserve: name, Amount: money.MustParse(amount), Date: date.MustParse(day), ActorID: d.staff[0]}
	err = attempt(d.T, d.db, func(tx bun.IDB) (err error) {
		r, err = d.svc.Capital.RecordCash(d.Context(), tx, p)
		return err
	})
	return r, err
}

// Of 10,000.00 1,000.00 are held back for taxes and 5,000.00 for the roof. The roof is
// mended for 3,000.00 out of its reserve, which the next distribution fills up again,
// and what taxes need no more is released.
func TestReserves(t *testing.T) {
	t.Parallel()
	ctx, d := t.Context(), open(t, reserveTerms)
	d.wires("x", "60000", "2020-01-01")
	d.wires("y", "40000", "2020-01-01")
	d.cash(investments.CashIncome, "50000", "2020-03-31")

	first, err := d.declares(payout{amount: "10000", day: "2020-04-01"})
	require.NoError(t, err)
	require.Equal(t, "4000.00", first.TotalAmount.String())
	require.Equal(t, []string{"2400.00 0.00 2400.00", "1600.00 0.00 1600.00"}, d.nets(first, "x", "y"))
	require.Empty(t, d.reserves("2020-04-01"), "before it is approved")
	_, err = d.setsAside(investments.CashReserveRelease, "roof", "1", "2020-04-01")
	require.ErrorIs(t, err, investments.ErrReserveShort)
	require.NoError(t, d.approves(first))
	require.NoError(t, d.pays(first, "2020-04-01"))
	require.Equal(t, map[string]string{"taxes": "1000.00", "roof": "5000.00"}, d.reserves("2020-04-01"))
	sheet, err := d.svc.Capital.BalanceSheet(ctx, d.db, d.o.ID, date.MustParse("2020-04-01"))
	require.NoError(t, err)
	require.Equal(t, "140000.00", sheet.Cash.String())
	why, err := d.svc.Distributions.ExplainLine(ctx, d.db, d.line(first, "x").ID)
	require.NoError(t, err)
	require.Equal(t, "2400.00", why.Paid.String())
	kept, err := d.svc.Distributions.Reserved(ctx, d.db, first.ID)
	require.NoError(t, err)
	require.Equal(t, []string{"taxes 1000.00", "roof 5000.00"}, []string{kept[0].Reserve + " " + kept[0].Amount.String(), kept[1].Reserve + " " + kept[1].Amount.String()})
	d.sound()

	spent, err := d.setsAside(investments.CashReserveRelease, "roof", "3000", "2020-05-01")
	require.NoError(t, err)
	require.Equal(t, "roof", spent.Reserve)
	second := d.pay(payout{amount: "10000", day: "2020-07-01"})
	require.Equal(t, "6000.00", second.TotalAmount.String(), "3,000.00 fill up the roof's reserve")
	require.Equal(t, map[string]string{"taxes": "2000.00", "roof": "5000.00"}, d.reserves("2020-07-01"))
	d.sound()

	_, err = d.releases("1000", "2020-10-01", reserve("taxes", "2000.01"))
	require.ErrorIs(t, err, waterfall.ErrRelease)
	third, err := d.releases("1000", "2020-10-01", reserve("taxes", "1500"))
	require.NoError(t, err)
	require.Equal(t, "2500.00", third.TotalAmount.String(), "nothing is held back for what is released")
	require.Equal(t, map[string]string{"taxes": "500.00", "roof": "5000.00"}, d.reserves("2020-10-01"))
	d.sound()

	st, err := d.svc.Reports.PrepareStatement(ctx, d.db, investments.PrepareStatementParams{InvestorID: d.person("x"), Type: investments.StatementAnnual,
		PeriodStart: date.MustParse("2020-01-01"), PeriodEnd: date.MustParse("2020-12-31"), ActorID: staff})
	require.NoError(t, err)
	require.Equal(t, "5500.00", st.Holdings[0].Reserves.String())

	// Undone, what was released is in the reserve again; what the roof cost, the second
	// one cannot do without.
	_, err = reverse(ctx, d.db, d.svc.Distributions, investments.ReverseDistributionParams{IdempotencyKey: d.key(), DistributionID: third.ID, Date: date.MustParse("2020-11-01"), Reason: "wrong", ActorID: d.staff[1]})
	require.NoError(t, err)
	require.Equal(t, map[string]string{"taxes": "2000.00", "roof": "5000.00"}, d.reserves("2020-12-01"))
	d.sound()
	_, err = d.setsAside(investments.CashReserveRelease, "roof", "4000", "2020-12-01")
	require.NoError(t, err)
	require.ErrorIs(t, attempt(t, d.db, func(tx bun.IDB) error {
		_, err := reverse(ctx, tx, d.svc.Distributions, investments.ReverseDistributionParams{IdempotencyKey: d.key(), DistributionID: second.ID, Date: date.MustParse("2020-12-02"), Reason: "wrong", ActorID: d.staff[1]})
		return err
	}), investments.ErrReserveShort)
	list, err := d.svc.Capital.ReserveMovements(ctx, d.db, d.o.ID, page.Request{})
	require.NoError(t, err)
	require.Len(t, list.Items, 7)
	d.sound()
}

// What was held back is what it is: money that is entered late is made good between
// investors, and the reserve stays.
func TestReserves_trueUp(t *testing.T) {
	t.Parallel()
	d := open(t, `{"promote_recipient": %q, "prefs": {"a": {"rate": "0.08"}}, "tiers": {"capital": [{"name": "pref", "type": "pref"},
		{"name": "tenth", "type": "holdback", "rate": "0.1"}, {"name": "capital", "type": "return_of_capital"}, {"name": "rest", "type": "split"}]}}`)
	d.wires("x", "60000", "2020-01-01")
	require.NoError(t, d.commits("y", "40000", "a"))
	d.wires("y", "10000", "2020-01-01")
	v := d.pay(payout{amount: "10000", day: "2020-12-31"})
	require.Equal(t, "9560.00", v.TotalAmount.String()) // 5,600.00 of preference, a tenth of the rest is kept
	d.wires("y", "30000", "2020-07-01")
	_, err := d.declares(payout{amount: "5000", day: "2021-12-31"})
	require.ErrorIs(t, err, investments.ErrHistoryChanged)
	made := d.pay(payout{amount: "20000", day: "2021-12-31", trueUp: true})
	kept, err := d.svc.Distributions.Reserved(t.Context(), d.db, made.ID)
	require.NoError(t, err)
	require.Len(t, kept, 1)
	review, err := d.svc.Distributions.Review(t.Context(), d.db, d.o.ID)
	require.NoError(t, err)
	require.Empty(t, review.TrueUp)
	d.sound()
}

func TestReserves_refused(t *testing.T) {
	t.Parallel()
	d := open(t, reserveTerms)
	d.wires("x", "60000", "2020-01-01")
	d.cash(investments.CashIncome, "50000", "2020-03-31")
	_, err := d.declares(payout{amount: "1000", day: "2020-04-01"})
	require.ErrorIs(t, err, investments.ErrAllHeld)
	_, err = d.setsAside(investments.CashIncome, "roof", "1", "2020-04-01")
	require.ErrorContains(t, err, "reserve")
	in, err := d.setsAside(investments.CashReserve, "roof", "5000", "2020-04-01")
	require.NoError(t, err)
	v := d.pay(payout{amount: "1000", day: "2020-04-02"})
	require.Equal(t, "900.00", v.TotalAmount.String(), "the roof's is full")
	_, err = d.releases("10", "2020-05-01", reserve("roof", "5000"))
	require.NoError(t, err)
	undo := investments.ReverseCashParams{IdempotencyKey: d.key(), CashID: in.ID, Date: date.MustParse("2020-06-01"), Reason: "wrong", ActorID: d.staff[0]}
	require.ErrorIs(t, attempt(t, d.db, func(tx bun.IDB) error { _, err := d.svc.Capital.ReverseCash(d.Context(), tx, undo); return err }), investments.ErrReserveShort)
	_, err = d.setsAside(investments.CashReserveRelease, "taxes", "601.01", "2020-06-01")
	require.ErrorIs(t, err, investments.ErrReserveShort)
	_, err = d.setsAside(investments.CashReserveRelease, "taxes", "1", "2020-04-01")
	require.ErrorIs(t, err, investments.ErrReserveShort, "it was held back the day after")
	_, err = d.releases("10", "2020-06-01", reserve("roof", "0"))
	require.ErrorContains(t, err, "releases[0].amount")

	plain := open(t, "")
	plain.wires("x", "100", "2020-01-01")
	_, err = plain.releases("10", "2020-06-01", reserve("roof", "1"))
	require.ErrorIs(t, err, investments.ErrMethodMixed)
	d.sound()
}
