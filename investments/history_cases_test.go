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
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
	"github.com/freehold-go/freehold/realestate/realestatetest"
)

// deal is an offering of one class "a" without units, and investors by name.
type deal struct {
	*testing.T
	db    bun.IDB
	svc   *investments.Services
	o     *investments.Offering
	staff [2]id.Of[auth.User]
	who   map[string]id.Of[auth.User]
	subs  map[string]*investments.Subscription
	keys  int
}

// open makes the deal; terms is a text with a place for the sponsor's account,
// "" is none.
func open(t *testing.T, terms string, classes ...string) *deal {
	t.Helper()
	d := &deal{T: t, db: pgtest.Tx(t), svc: newService(), who: map[string]id.Of[auth.User]{}, subs: map[string]*investments.Subscription{}}
	hire(t, d.db)
	if classes == nil {
		classes = []string{"a"}
	}
	var list []investments.ShareClassParams
	for _, c := range classes {
		list = append(list, investments.ShareClassParams{Code: c})
	}
	d.o = realestatetest.Offering(t, d.db, func(p *investments.CreateOfferingParams) {
		p.MinimumInvestment, p.HardCap, p.Classes, p.ActorID = nil, nil, list, staff
	})
	d.staff = [2]id.Of[auth.User]{investor(t, d.db), investor(t, d.db)}
	if terms != "" {
		gp := heldBy(t, d.db, investor(t, d.db), true)
		d.setTerms(fmt.Sprintf(terms, gp.ID), "2016-01-01")
	}
	return d
}

const (
	standardTerms = `{"promote_recipient": %q, "prefs": {"a": {"rate": "0.08", "compounding": "none"}}, "tiers": {"capital": [
		{"name": "pref", "type": "pref"}, {"name": "capital", "type": "return_of_capital"}, {"name": "split", "type": "split", "promote": "0.2"}]}}`
)

func (d *deal) setTerms(text, from string) {
	d.Helper()
	parsed, err := waterfall.ParseTerms([]byte(text))
	require.NoError(d, err)
	_, err = d.svc.Offerings.SetTerms(d.Context(), d.db, investments.SetTermsParams{OfferingID: d.o.ID, EffectiveDate: date.MustParse(from), Terms: parsed, ActorID: staff})
	require.NoError(d, err)
}

func (d *deal) key() string { d.keys++; return fmt.Sprint(d.o.Slug, d.keys) }

func (d *deal) person(name string) id.Of[auth.User] {
	if _, ok := d.who[name]; !ok {
		d.who[name] = investor(d.T, d.db)
	}
	return d.who[name]
}

// commits makes a commitment; wires receives money for it.
func (d *deal) commits(name, amount, class string) error {
	d.person(name)
	return store.InTx(d.Context(), d.db, func(tx bun.IDB) error {
		sub, err := d.svc.Commitments.Commit(d.Context(), tx, investments.CommitParams{IdempotencyKey: d.key(), OfferingID: d.o.ID, InvestorID: d.person(name), ShareClass: class,
			Amount: money.MustParse(amount), Date: date.MustParse("2016-01-01"), ActorID: d.person(name)})
		if err == nil {
			d.subs[name] = sub
		}
		return err
	})
}

func (d *deal) wires(name, amount, day string) {
	d.Helper()
	if d.subs[name] == nil {
		require.NoError(d, d.commits(name, amount, "a"))
	}
	sub, err := d.svc.Commitments.ReceiveContribution(d.Context(), d.db, investments.ReceiveContributionParams{IdempotencyKey: d.key(), SubscriptionID: d.subs[name].ID, Amount: money.MustParse(amount), Date: date.MustParse(day), ActorID: staff})
	require.NoError(d, err)
	d.subs[name] = sub
}

func (d *deal) refunds(name, amount, day string) {
	d.Helper()
	_, err := d.svc.Commitments.RefundContribution(d.Context(), d.db, investments.RefundContributionParams{IdempotencyKey: d.key(), SubscriptionID: d.subs[name].ID, Amount: money.MustParse(amount), Date: date.MustParse(day), ActorID: staff})
	require.NoError(d, err)
}

type payout struct {
	kind      investments.DistributionType
	amount    string
	day       string
	record    string
	character *investments.Character
	trueUp    bool
	last      bool
	method    investments.Method
}

func (d *deal) declares(p payout) (out *investments.Distribution, err error) {
	params := investments.DeclareParams{IdempotencyKey: d.key(), OfferingID: d.o.ID, Type: p.kind, Date: date.MustParse(p.day), Amount: money.MustParse(p.amount), Character: p.character, TrueUp: p.trueUp, Last: p.last, Method: p.method, ActorID: d.staff[0]}
	if params.Type == "" {
		params.Type = investments.DistributionQuarterly
	}
	if p.record != "" {
		params.RecordDate = ptr(date.MustParse(p.record))
	}
	err = store.InTx(d.Context(), d.db, func(tx bun.IDB) (err error) {
		out, err = d.svc.Distributions.Declare(d.Context(), tx, params)
		return err
	})
	return out, err
}

func (d *deal) approves(v *investments.Distribution) error {
	return store.InTx(d.Context(), d.db, func(tx bun.IDB) error {
		_, err := d.svc.Distributions.Approve(d.Context(), tx, investments.ApproveDistributionParams{DistributionID: v.ID, ActorID: d.staff[1]})
		return err
	})
}

func (d *deal) pays(v *investments.Distribution, day string) error {
	return store.InTx(d.Context(), d.db, func(tx bun.IDB) error {
		_, err := d.svc.Distributions.Pay(d.Context(), tx, investments.PayParams{IdempotencyKey: d.key(), DistributionID: v.ID, Date: date.MustParse(day), Method: investments.PayACH, ActorID: staff})
		return err
	})
}

// pay declares, approves and pays on the day.
func (d *deal) pay(p payout) *investments.Distribution {
	d.Helper()
	v, err := d.declares(p)
	require.NoError(d, err)
	require.NoError(d, d.approves(v))
	require.NoError(d, d.pays(v, p.day))
	return v
}

// passes transfers a fraction of a position.
func (d *deal) passes(from, to, fraction, day string) error {
	d.person(to)
	return store.InTx(d.Context(), d.db, func(tx bun.IDB) error {
		ctx := d.Context()
		tr, err := d.svc.Positions.RequestTransfer(ctx, tx, investments.RequestTransferParams{IdempotencyKey: d.key(), PositionID: d.position(from), ToInvestorID: d.person(to),
			Fraction: decimal.RequireFromString(fraction), EffectiveDate: date.MustParse(day), ActorID: ownerOf(d.T, tx, d.position(from))})
		if err != nil {
			return err
		}
		if _, err := d.svc.Positions.ApproveTransfer(ctx, tx, investments.ApproveTransferParams{TransferID: tr.ID, ActorID: d.staff[1]}); err != nil {
			return err
		}
		_, err = d.svc.Positions.CompleteTransfer(ctx, tx, investments.CompleteTransferParams{IdempotencyKey: d.key(), TransferID: tr.ID, ActorID: staff})
		return err
	})
}

func (d *deal) position(name string) (out id.Of[investments.Position]) {
	d.Helper()
	require.NoError(d, d.db.NewRaw(`SELECT id FROM investments.property_investments WHERE opportunity_id = ? AND investor_id = ? AND status <> 'cancelled'`, d.o.ID, d.person(name)).Scan(d.Context(), &out))
	return out
}

// lines are what each investor got of a distribution; without a line nothing.
func (d *deal) lines(v *investments.Distribution) map[string]string {
	d.Helper()
	list, err := d.svc.Distributions.DistributionLines(d.Context(), d.db, v.ID, page.Request{})
	require.NoError(d, err)
	out := map[string]string{}
	for _, l := range list.Items {
		for name, who := range d.who {
			if who == l.InvestorID {
				out[name] = l.DistributionAmount.String()
			}
		}
	}
	return out
}

func (d *deal) balance(name, day string) *investments.PositionBalance {
	d.Helper()
	b, err := d.svc.Positions.PositionBalance(d.Context(), d.db, d.position(name), date.MustParse(day))
	require.NoError(d, err)
	return b
}

func (d *deal) portfolio(name, day string) *investments.Portfolio {
	d.Helper()
	require.NoError(d, d.svc.Reports.RefreshPortfolios(d.Context(), d.db, investments.RefreshPortfoliosParams{AsOf: date.MustParse(day)}))
	f, err := d.svc.Reports.Portfolio(d.Context(), d.db, d.person(name))
	require.NoError(d, err)
	return f
}

func (d *deal) account(name, from, to string) *investments.CapitalAccount {
	d.Helper()
	a, err := d.svc.Capital.CapitalAccount(d.Context(), d.db, investments.CapitalAccountParams{PositionID: d.position(name), From: date.MustParse(from), To: date.MustParse(to)})
	require.NoError(d, err)
	return a
}

// exits closes the raise and ends the positions; it returns the realized gains.
func (d *deal) exits(day string, names ...string) (out []string) {
	d.Helper()
	_, err := d.svc.Offerings.Close(d.Context(), d.db, investments.CloseOfferingParams{OfferingID: d.o.ID, ActorID: staff})
	require.NoError(d, err)
	_, err = d.svc.Capital.ExitOffering(d.Context(), d.db, investments.ExitOfferingParams{IdempotencyKey: d.key(), OfferingID: d.o.ID, Date: date.MustParse(day), ActorID: staff})
	require.NoError(d, err)
	for _, name := range names {
		pos, err := d.svc.Positions.Position(d.Context(), d.db, d.position(name))
		require.NoError(d, err)
		out = append(out, pos.RealizedGains.String())
	}
	return out
}

func TestHistory_receiptAfterRefund(t *testing.T) {
	t.Parallel()
	d := open(t, standardTerms)
	d.wires("a", "100000", "2021-01-10")
	require.NoError(t, d.commits("b", "100000", "a"))
	d.wires("b", "60000", "2021-01-10")
	d.refunds("b", "10000", "2021-02-01")
	d.wires("b", "40000", "2021-07-01")
	d.pay(payout{amount: "1000", day: "2021-03-31"})
	last := d.pay(payout{amount: "10000", day: "2021-12-31"})
	require.Equal(t, "4204.65", d.lines(last)["b"])
	review, err := d.svc.Distributions.Review(t.Context(), d.db, d.o.ID)
	require.NoError(t, err)
	require.Empty(t, review.Changed)
	require.Empty(t, review.TrueUp)
	require.Equal(t, "50000.00", d.balance("b", "2021-06-30").Contributed.String())
}

func TestHistory_receiptAfterRefund_inOrder(t *testing.T) {
	t.Parallel()
	d := open(t, standardTerms)
	d.wires("a", "100000", "2021-01-10")
	require.NoError(t, d.commits("b", "100000", "a"))
	d.wires("b", "60000", "2021-01-10")
	d.refunds("b", "10000", "2021-02-01")
	d.pay(payout{amount: "1000", day: "2021-03-31"})
	d.wires("b", "40000", "2021-07-01")
	require.Equal(t, "4204.65", d.lines(d.pay(payout{amount: "10000", day: "2021-12-31"}))["b"])
}

func TestHistory_refundOfAll(t *testing.T) {
	t.Parallel()
	fund := func(terms string) *deal {
		d := open(t, terms)
		d.wires("a", "100000", "2021-01-10")
		require.NoError(t, d.commits("b", "100000", "a"))
		d.wires("b", "60000", "2021-01-10")
		d.refunds("b", "60000", "2021-01-20")
		return d
	}
	d := fund(standardTerms)
	d.wires("b", "40000", "2021-07-01")
	require.Equal(t, "4637.18", d.lines(d.pay(payout{amount: "20000", day: "2021-12-31"}))["b"])

	d = fund("")
	d.wires("b", "40000", "2021-07-01")
	require.Equal(t, map[string]string{"a": "10000.00"}, d.lines(d.pay(payout{amount: "10000", day: "2021-12-31", record: "2021-03-01"})), "nobody else held anything then")

	d = fund(standardTerms)
	d.pay(payout{amount: "1000", day: "2021-03-31"})
	d.wires("b", "40000", "2021-07-01")
	require.Equal(t, "2065.75", d.lines(d.pay(payout{amount: "10000", day: "2021-12-31"}))["b"])
	require.Equal(t, "2857.15", d.lines(d.pay(payout{amount: "10000", day: "2022-12-31"}))["b"])
}

// refinanced is a deal of two whose refinancing is declared on 1 March and approved.
func refinanced(t *testing.T) (*deal, *investments.Distribution) {
	t.Helper()
	d := open(t, standardTerms)
	d.wires("a", "100000", "2021-01-10")
	d.wires("b", "100000", "2021-01-10")
	v, err := d.declares(payout{kind: investments.DistributionRefinance, amount: "100000", day: "2021-03-01"})
	require.NoError(t, err)
	require.NoError(t, d.approves(v))
	return d, v
}

func TestHistory_paidAfterTransfer(t *testing.T) {
	t.Parallel()
	d, v := refinanced(t)
	require.NoError(t, d.passes("a", "c", "1", "2021-03-10"))
	require.NoError(t, d.pays(v, "2021-03-20"))
	require.Equal(t, "51095.89", d.portfolio("c", "2021-04-01").CurrentValue.String())
	require.Equal(t, "51095.89", d.balance("c", "2021-04-01").Unreturned.String())
	require.True(t, d.account("a", "2021-01-01", "2021-12-31").Closing.IsZero(), "left whole")
	d.pay(payout{kind: investments.DistributionSaleProceeds, amount: "150000", day: "2021-06-01"})
	require.Equal(t, []string{"19329.35", "19329.35"}, d.exits("2021-06-02", "b", "c"))
	exit, err := d.svc.Capital.Exit(t.Context(), d.db, d.o.ID)
	require.NoError(t, err)
	sum, err := exit.Contributed.Add(exit.TotalReturns)
	require.NoError(t, err)
	require.Equal(t, exit.Distributed, sum, "over its life, capital and returns are what was distributed, with those who left before")
}

func TestHistory_reversedAfterTransfer(t *testing.T) {
	t.Parallel()
	d, v := refinanced(t)
	require.NoError(t, d.pays(v, "2021-03-01"))
	require.NoError(t, d.passes("a", "c", "1", "2021-03-10"))
	require.Equal(t, "51095.89", d.portfolio("c", "2021-03-15").CurrentValue.String())
	_, err := reverse(t.Context(), d.db, d.svc.Distributions, investments.ReverseDistributionParams{IdempotencyKey: d.key(), DistributionID: v.ID, Date: date.MustParse("2021-03-20"), Reason: "wrong", ActorID: d.staff[1]})
	require.NoError(t, err)
	require.Equal(t, "100000.00", d.portfolio("c", "2021-04-01").CurrentValue.String())
	require.Equal(t, "100000.00", d.balance("c", "2021-04-01").Unreturned.String())
	require.True(t, d.account("a", "2021-01-01", "2021-12-31").Closing.IsZero())
	require.Equal(t, "100000.00", d.account("c", "2021-01-01", "2021-12-31").Closing.String())
}

// A transfer between the declaration and its approval takes along what the
// distribution leaves.
func TestHistory_approvedAfterTransfer(t *testing.T) {
	t.Parallel()
	d := open(t, standardTerms)
	d.wires("a", "100000", "2021-01-10")
	v, err := d.declares(payout{kind: investments.DistributionRefinance, amount: "50000", day: "2021-03-01"})
	require.NoError(t, err)
	require.NoError(t, d.passes("a", "c", "0.5", "2021-03-10"))
	require.NoError(t, d.approves(v))
	require.NoError(t, d.pays(v, "2021-03-20"))
	require.Equal(t, map[string]string{"a": "50000.00"}, d.lines(v))
	require.InDelta(t, d.account("a", "2021-01-01", "2021-12-31").Closing.Cents(), d.account("c", "2021-01-01", "2021-12-31").Closing.Cents(), 1)
	require.InDelta(t, d.balance("a", "2021-04-01").Unreturned.Cents(), d.balance("c", "2021-04-01").Unreturned.Cents(), 1)
	require.Equal(t, d.balance("c", "2021-04-01").Unreturned, d.portfolio("c", "2021-04-01").CurrentValue)
}

func TestHistory_trueUpOfCapital(t *testing.T) {
	t.Parallel()
	d := open(t, standardTerms)
	d.wires("a", "100000", "2021-01-10")
	d.pay(payout{kind: investments.DistributionRefinance, amount: "60000", day: "2021-03-01"})
	d.wires("b", "100000", "2021-01-10")
	_, err := d.declares(payout{kind: investments.DistributionRefinance, amount: "60000", day: "2021-06-01"})
	require.ErrorIs(t, err, investments.ErrHistoryChanged)
	second := d.pay(payout{kind: investments.DistributionRefinance, amount: "60000", day: "2021-06-01", trueUp: true})
	require.Equal(t, map[string]string{"a": "0.01", "b": "59999.99"}, d.lines(second))
	lines, err := d.svc.Distributions.DistributionLines(t.Context(), d.db, second.ID, page.Request{})
	require.NoError(t, err)
	for _, l := range lines.Items {
		if l.InvestorID != d.who["a"] {
			continue
		}
		tiers, err := d.svc.Distributions.LineTiers(t.Context(), d.db, l.ID)
		require.NoError(t, err)
		got := map[string]string{}
		for _, tier := range tiers {
			got[tier.Kind] = tier.Amount.String()
		}
		require.Equal(t, map[string]string{"pref": "1433.61", "return_of_capital": "-1433.60"}, got)
		x, err := d.svc.Distributions.ExplainLine(t.Context(), d.db, l.ID)
		require.NoError(t, err)
		require.Equal(t, l.DistributionAmount, x.Total)
	}
	findings, err := d.svc.Distributions.Verify(t.Context(), d.db, second.ID)
	require.NoError(t, err)
	require.Empty(t, findings)
	for _, name := range []string{"a", "b"} { // to the cent of allocation
		require.InDelta(t, 42529.49, d.balance(name, "2021-06-02").Unreturned.Decimal().InexactFloat64(), 0.011, name)
		require.Equal(t, d.balance(name, "2021-06-02").Unreturned, d.portfolio(name, "2021-06-02").CurrentValue, name)
	}
	totals, err := d.svc.Reports.TaxTotals(t.Context(), d.db, investments.TaxFilter{Year: 2021, OfferingID: &d.o.ID}, page.Request{})
	require.NoError(t, err)
	by := map[string]map[string]money.Amount{}
	for _, x := range totals.Items {
		name := "a"
		if x.InvestorID == d.who["b"] {
			name = "b"
		}
		character := ""
		if x.Character != nil {
			character = string(*x.Character)
		}
		if by[character] == nil {
			by[character] = map[string]money.Amount{}
		}
		by[character][name] = x.Gross
	}
	require.Len(t, by, 2)
	for character, x := range by {
		require.InDelta(t, x["a"].Cents(), x["b"].Cents(), 1, character)
	}
	d.pay(payout{kind: investments.DistributionSaleProceeds, amount: "200000", day: "2022-01-01"})
	require.ElementsMatch(t, []string{"46375.36", "46375.37"}, d.exits("2022-01-02", "a", "b"))
}

func TestHistory_recordDateByTerms(t *testing.T) {
	t.Parallel()
	d := open(t, standardTerms)
	d.wires("a", "100000", "2021-01-10")
	require.NoError(t, d.passes("a", "c", "1", "2021-04-10"))
	v := d.pay(payout{amount: "1000", day: "2021-04-15", record: "2021-03-31"})
	require.Equal(t, map[string]string{"a": "1000.00"}, d.lines(v))
	// The same, with the transfer told after the distribution was declared.
	told, err := d.declares(payout{amount: "1000", day: "2021-05-15", record: "2021-05-01"})
	require.NoError(t, err)
	require.ErrorIs(t, d.passes("c", "x", "0.5", "2021-05-01"), investments.ErrTransferBehind)
	require.NoError(t, d.passes("c", "x", "0.5", "2021-05-10"))
	require.NoError(t, d.approves(told))
	require.NoError(t, d.pays(told, "2021-05-15"))
	require.Equal(t, map[string]string{"c": "1000.00"}, d.lines(told))
	require.NoError(t, d.passes("x", "c", "1", "2021-05-20"))
	next := d.pay(payout{amount: "1000", day: "2021-06-30"})
	require.Equal(t, map[string]string{"c": "1000.00"}, d.lines(next))
	// The order of a transfer, the distribution after it and one of an earlier record
	// date is not defined.
	require.NoError(t, d.passes("c", "e", "0.5", "2021-07-10"))
	d.pay(payout{amount: "1000", day: "2021-07-20"})
	_, err = d.declares(payout{amount: "1000", day: "2021-07-31", record: "2021-07-01"})
	require.ErrorContains(t, err, "2021-07-20")
}

func TestHistory_capitalAfterTheRecordDate(t *testing.T) {
	t.Parallel()
	d := open(t, standardTerms)
	d.wires("a", "100000", "2021-01-10")
	d.wires("b", "100000", "2021-04-10")
	require.Equal(t, map[string]string{"a": "1000.00"}, d.lines(d.pay(payout{amount: "1000", day: "2021-04-15", record: "2021-03-31"})))
}

func TestHistory_staleApproval(t *testing.T) {
	t.Parallel()
	d := open(t, standardTerms)
	d.wires("a", "100000", "2021-01-10")
	early, err := d.declares(payout{amount: "1000", day: "2021-06-30"})
	require.NoError(t, err)
	require.NoError(t, d.approves(early))
	v, err := d.declares(payout{amount: "2000", day: "2021-12-31"})
	require.NoError(t, err)
	d.wires("c", "5000", "2022-02-01") // after it, which changes nothing of it
	d.wires("b", "100000", "2021-01-10")
	require.ErrorIs(t, d.approves(v), investments.ErrDistributionStale)
	require.ErrorIs(t, d.pays(early, "2021-06-30"), investments.ErrDistributionStale)
	_, err = d.svc.Distributions.Process(t.Context(), d.db, investments.ProcessDistributionParams{IdempotencyKey: d.key(), DistributionID: early.ID, Date: date.MustParse("2021-06-30"), Method: investments.PayACH, ActorID: staff})
	require.ErrorIs(t, err, investments.ErrDistributionStale)
}

// What came back is not paid again by a history that has changed since.
func TestHistory_staleReissue(t *testing.T) {
	t.Parallel()
	d := open(t, standardTerms)
	d.wires("a", "100000", "2021-01-10")
	v := d.pay(payout{amount: "1000", day: "2021-06-30"})
	line := d.line(v, "a").ID
	_, err := d.svc.Distributions.FailPayment(t.Context(), d.db, investments.FailPaymentParams{IdempotencyKey: d.key(), LineID: line, Date: date.MustParse("2021-07-05"), Reason: "refused", ActorID: staff})
	require.NoError(t, err)
	again := func() error {
		return attempt(t, d.db, func(tx bun.IDB) error {
			_, err := d.svc.Distributions.ReissuePayment(t.Context(), tx, investments.ReissuePaymentParams{IdempotencyKey: d.key(), LineID: line, Date: date.MustParse("2021-07-10"), Method: investments.PayACH, ActorID: staff})
			return err
		})
	}
	d.wires("b", "100000", "2021-01-10")
	require.ErrorIs(t, again(), investments.ErrDistributionStale)
	d.refunds("b", "100000", "2021-01-10")
	require.NoError(t, again())
}

// What was unpaid under simple accrual is capital for the preference once the terms
// compound, and earns from that day.
func TestHistory_simpleThenCompounding(t *testing.T) {
	t.Parallel()
	for compounding, want := range map[string]string{"daily": "108942.11", "monthly": "108606.81"} {
		text := `{"promote_recipient": "%s", "prefs": {"a": {"rate": "0.1", "compounding": "%s"}}, "tiers": {"capital": [
			{"name": "pref", "type": "pref"}, {"name": "capital", "type": "return_of_capital"}, {"name": "split", "type": "split", "promote": "0.2"}]}}`
		d := open(t, "")
		gp := d.gp()
		d.setTerms(fmt.Sprintf(text, gp, "none"), "2016-01-01")
		d.setTerms(fmt.Sprintf(text, gp, compounding), "2021-01-01")
		d.wires("x", "100000", "2017-01-01")
		require.Equal(t, want, d.balance("x", "2025-01-01").UnpaidPref.String(), compounding)
		v, err := d.declares(payout{amount: want, day: "2025-01-01"})
		require.NoError(t, err)
		require.Equal(t, map[string]string{"x": want}, d.lines(v), "all of it is preference")
		require.Equal(t, map[string]string{"pref": want}, d.kinds(v, "x"), compounding)
		d.sound()
	}
}

// kinds are what the line of an investor has of each kind of tier.
func (d *deal) kinds(v *investments.Distribution, name string) map[string]string {
	d.Helper()
	tiers, err := d.svc.Distributions.LineTiers(d.Context(), d.db, d.line(v, name).ID)
	require.NoError(d, err)
	out := map[string]string{}
	for _, tier := range tiers {
		out[tier.Kind] = tier.Amount.String()
	}
	return out
}

// A payment that came back leaves a second root near a total loss; the stored rate is
// the one nearest the guess.
func TestHistory_paymentCameBack(t *testing.T) {
	t.Parallel()
	d := open(t, capitalOnly)
	d.wires("x", "100000", "2021-01-10")
	d.pay(payout{kind: investments.DistributionRefinance, amount: "60000", day: "2022-01-10"})
	v := d.pay(payout{amount: "2000", day: "2022-06-30"})
	_, err := d.svc.Distributions.FailPayment(t.Context(), d.db, investments.FailPaymentParams{IdempotencyKey: d.key(), LineID: d.line(v, "x").ID,
		Date: date.MustParse("2022-07-04"), Reason: "refused", ActorID: staff})
	require.NoError(t, err)
	d.pay(payout{kind: investments.DistributionRefinance, amount: "48000", day: "2022-12-31"})
	f := d.portfolio("x", "2022-12-31")
	require.NotNil(t, f.IRR)
	require.Equal(t, "0.0554618", f.IRR.StringFixed(7))
}

func TestHistory_characterIsALabel(t *testing.T) {
	t.Parallel()
	d := open(t, standardTerms)
	d.wires("a", "100000", "2021-01-10")
	d.wires("b", "100000", "2021-01-10")
	d.pay(payout{amount: "3000", day: "2021-12-31", character: of(investments.CharacterReturnOfCapital)})
	require.Equal(t, "100000.00", d.portfolio("a", "2021-12-31").CurrentValue.String())
	require.Equal(t, "100000.00", d.balance("a", "2021-12-31").Unreturned.String())
	require.Equal(t, "1500.00", d.account("a", "2021-01-01", "2021-12-31").Distributions.ReturnOfCapital.String())
}

func TestHistory_statementWithIncome(t *testing.T) {
	t.Parallel()
	d := open(t, "")
	d.wires("a", "100000", "2021-01-10")
	d.wires("b", "100000", "2021-01-10")
	for kind, amount := range map[investments.AllocationKind]string{investments.AllocationIncome: "10000", investments.AllocationFees: "1000"} {
		_, err := d.svc.Capital.Allocate(t.Context(), d.db, investments.AllocateParams{IdempotencyKey: d.key(), OfferingID: d.o.ID, Kind: kind, Amount: money.MustParse(amount), Date: date.MustParse("2021-12-31"), ActorID: staff})
		require.NoError(t, err)
	}
	st, err := d.svc.Reports.PrepareStatement(t.Context(), d.db, investments.PrepareStatementParams{InvestorID: d.who["a"], Type: investments.StatementAnnual, PeriodStart: date.MustParse("2021-01-01"), PeriodEnd: date.MustParse("2021-12-31"), ActorID: staff})
	require.NoError(t, err)
	require.Equal(t, "104500.00", st.Summary.Closing.String())
	require.Equal(t, "104500.00", d.account("a", "2021-01-01", "2021-12-31").Closing.String())
	require.Equal(t, "contribution", st.Transactions[0].Description)
}

// A fee that an investor receives is none that lessens their capital, and the statement of
// a year knows nothing of the next. Statement, capital account and tax totals differ by
// what was declared and not paid, which they say.
func TestHistory_statementTies(t *testing.T) {
	t.Parallel()
	ctx, d := t.Context(), open(t, "")
	d.setTerms(fmt.Sprintf(`{"tiers": {"capital": [{"name": "fee", "type": "fee", "payee": %q, "amount": "100", "unpaid": "lapses"}, {"name": "split", "type": "split"}]}}`, d.gp()), "2020-01-01")
	d.wires("gp", "1000", "2021-01-10")
	d.wires("x", "1000", "2021-01-10")
	d.pay(payout{amount: "300", day: "2021-06-30"})
	waits, err := d.declares(payout{amount: "500", day: "2021-12-31"})
	require.NoError(t, err)
	require.NoError(t, d.approves(waits))
	statement := func(name string) *investments.Statement {
		st, err := d.svc.Reports.PrepareStatement(ctx, d.db, investments.PrepareStatementParams{InvestorID: d.person(name), Type: investments.StatementAnnual,
			PeriodStart: date.MustParse("2021-01-01"), PeriodEnd: date.MustParse("2021-12-31"), ActorID: staff})
		require.NoError(t, err)
		return st
	}
	taxed := func(name string, year int) string {
		totals, err := d.svc.Reports.TaxTotals(ctx, d.db, investments.TaxFilter{Year: year, OfferingID: &d.o.ID}, page.Request{})
		require.NoError(t, err)
		sum := money.Zero
		for _, x := range totals.Items {
			if x.InvestorID == d.person(name) {
				sum, err = sum.Add(x.Gross)
				require.NoError(t, err)
			}
		}
		return sum.String()
	}
	before := map[string]string{}
	for _, name := range []string{"gp", "x"} {
		st := statement(name)
		require.Equal(t, []string{"1000.00", "300.00", "0.00", "700.00", "100.00", "200.00"}, []string{st.Summary.Contributions.String(), st.Summary.Distributions.String(),
			st.Summary.Fees.String(), st.Summary.Closing.String(), st.Summary.Paid.String(), st.Summary.DeclaredNotPaid.String()}, name)
		a := d.account(name, "2021-01-01", "2021-12-31")
		require.Equal(t, []money.Amount{st.Summary.Closing, st.Summary.Paid, st.Summary.DeclaredNotPaid, st.Summary.Fees},
			[]money.Amount{a.Closing, a.Paid, a.DeclaredNotPaid, a.Fees}, name)
		before[name] = asText(t, []any{st.Summary, st.Holdings, st.Performance})
	}
	require.Equal(t, "100.00", taxed("x", 2021), "what was paid")
	require.Equal(t, "200.00", taxed("gp", 2021), "and the fee")
	require.NoError(t, d.pays(waits, "2022-01-05"))
	d.pay(payout{amount: "900", day: "2022-03-31"})
	for _, name := range []string{"gp", "x"} {
		st := statement(name)
		require.Equal(t, before[name], asText(t, []any{st.Summary, st.Holdings, st.Performance}), name)
	}
	require.Equal(t, "100.00", taxed("x", 2021))
	require.Equal(t, "600.00", taxed("x", 2022), "200.00 and 400.00")
}

func TestHistory_transferAfterReturn(t *testing.T) {
	t.Parallel()
	d := open(t, standardTerms)
	d.wires("a", "100000", "2021-01-10")
	d.pay(payout{kind: investments.DistributionRefinance, amount: "60000", day: "2021-01-10"})
	require.NoError(t, d.passes("a", "b", "1", "2021-06-10"))
	require.Equal(t, "0.00", d.account("a", "2021-01-01", "2021-12-31").Closing.String())
	require.Equal(t, "40000.00", d.account("b", "2021-06-11", "2021-12-31").Opening.String())
	f := d.portfolio("a", "2021-12-31")
	require.Equal(t, "1", f.EquityMultiple.String(), "60,000 and 40,000 for 100,000")
	require.True(t, f.IRR.IsZero())
	require.True(t, *f.IRRUnique)
}

func TestHistory_multipleAfterPartialTransfer(t *testing.T) {
	t.Parallel()
	d := open(t, standardTerms)
	d.wires("a", "99000", "2021-01-10")
	require.NoError(t, d.passes("a", "b", "0.5", "2021-02-10"))
	d.pay(payout{kind: investments.DistributionSaleProceeds, amount: "191805.02", day: "2022-01-10"})
	d.exits("2022-01-11", "a")
	f := d.portfolio("a", "2022-12-31")
	got, err := f.TotalDistributions.Add(money.MustParse("49500"))
	require.NoError(t, err)
	want, ok := got.Ratio(money.MustParse("99000"), 10)
	require.True(t, ok)
	require.True(t, want.Equal(*f.EquityMultiple), "%s %s", want, f.EquityMultiple)
}

func TestHistory_classForgotten(t *testing.T) {
	t.Parallel()
	d := open(t, "", "A", "B")
	require.ErrorIs(t, d.commits("x", "1000", ""), investments.ErrShareClassRequired)
	require.ErrorIs(t, d.commits("x", "1000", "common"), investments.ErrShareClassRequired)
	require.NoError(t, d.commits("x", "1000", "A"))
	require.NoError(t, d.commits("y", "1000", "B"))
	d.wires("x", "1000", "2021-01-10")
	d.wires("y", "1000", "2021-01-10")
	parsed, err := waterfall.ParseTerms([]byte(`{"tiers": {"capital": [{"name": "split", "type": "split", "to": ["A"]}]}}`))
	require.NoError(t, err)
	err = store.InTx(t.Context(), d.db, func(tx bun.IDB) error {
		_, err := d.svc.Offerings.SetTerms(t.Context(), tx, investments.SetTermsParams{OfferingID: d.o.ID, EffectiveDate: date.MustParse("2021-01-01"), Terms: parsed, ActorID: staff})
		return err
	})
	require.ErrorIs(t, err, investments.ErrTermsClass)
}

// A class is paid by a preference with a name of its own, by its percentage, and by those
// of its positions; a tier that pays other preferences or percentages does not pay it.
func TestSetTerms_classesServed(t *testing.T) {
	t.Parallel()
	d := open(t, "", "A", "B")
	d.wiresTo("x", "A", "1000", "2021-01-10")
	d.wiresTo("y", "B", "1000", "2021-01-10")
	const capital = `{"name": "capital", "type": "return_of_capital", "to": ["A"]}`
	for text, served := range map[string]bool{
		`{"prefs": {"A": {"rate": "0.08"}, "B on A": {"rate": "0.03", "class": "B", "on": "A"}},
			"tiers": {"capital": [{"name": "8 %", "type": "pref"}, {"name": "3 %", "type": "pref", "pref": "B on A"}, ` + capital + `]}}`: true,
		`{"prefs": {"A": {"rate": "0.08"}, "B": {"rate": "0.03", "on": "A"}}, "tiers": {"capital": [{"name": "8 %", "type": "pref"}, ` + capital + `]}}`: false,
		`{"prefs": {"A": {"rate": "0.08"}}, "tiers": {"capital": [{"name": "8 %", "type": "pref"}, ` + capital + `]}}`:                                   false,
		`{"tiers": {"capital": [` + capital + `, {"name": "rest", "type": "split", "percentages": {"A": "1/2", "B": "1/2"}}]}}`:                          true,
		`{"tiers": {"capital": [` + capital + `, {"name": "rest", "type": "split", "percentages": {"A": "1"}}]}}`:                                        false,
		`{"tiers": {"capital": [` + capital + `, {"name": "rest", "type": "split", "percentages": {"` + d.position("y").String() + `": "1"}}]}}`:         true,
		`{"tiers": {"capital": [` + capital + `, {"name": "rest", "type": "split", "percentages": {"` + d.position("x").String() + `": "1"}}]}}`:         false,
	} {
		terms, err := waterfall.ParseTerms([]byte(text))
		require.NoError(t, err)
		_, err = d.svc.Offerings.PreviewTerms(t.Context(), d.db, investments.SetTermsParams{OfferingID: d.o.ID, EffectiveDate: date.MustParse("2021-01-01"), Terms: terms, ActorID: staff})
		if served {
			require.NoError(t, err, text)
			continue
		}
		require.ErrorIs(t, err, investments.ErrTermsClass, text)
	}
}

// Money that comes into a class after the terms were set, which do not name it, is no way
// around them: nothing is declared before they do.
func TestDeclare_classUnnamed(t *testing.T) {
	t.Parallel()
	d := open(t, "", "A", "B")
	split := `{"tiers": {"capital": [{"name": "split", "type": "split", "to": [%s]}]}}`
	d.wiresTo("x", "A", "1000", "2021-01-10")
	d.setTerms(fmt.Sprintf(split, `"A"`), "2021-01-01")
	d.wiresTo("y", "B", "1000", "2021-01-10")
	_, err := d.declares(payout{amount: "100", day: "2021-06-30"})
	require.ErrorIs(t, err, investments.ErrTermsClass)
	d.setTerms(fmt.Sprintf(split, `"A", "B"`), "2021-01-01")
	v, err := d.declares(payout{amount: "100", day: "2021-06-30"})
	require.NoError(t, err)
	require.Equal(t, map[string]string{"x": "50.00", "y": "50.00"}, d.lines(v))
}

// wiresTo commits to a class and wires all of it.
func (d *deal) wiresTo(name, class, amount, day string) {
	d.Helper()
	require.NoError(d, d.commits(name, amount, class))
	d.wires(name, amount, day)
}

// Nothing lands in a class that nobody made, and a split by units stays one.
func TestHistory_classForgotten_preview(t *testing.T) {
	t.Parallel()
	d := open(t, "")
	one, half := decimal.NewFromInt(1000), decimal.NewFromInt(500)
	o, err := d.svc.Offerings.Create(t.Context(), d.db, investments.CreateOfferingParams{PropertyID: d.o.PropertyID, Name: "Birch Row", Slug: d.key(), ActorID: d.staff[0],
		Classes: []investments.ShareClassParams{{Code: "A", UnitPrice: &one}, {Code: "B", UnitPrice: &half}}})
	require.NoError(t, err)
	d.o, err = d.svc.Offerings.Open(t.Context(), d.db, investments.OpenOfferingParams{OfferingID: o.ID, ActorID: d.staff[0]})
	require.NoError(t, err)
	require.NoError(t, d.commits("x", "1000", "A"))
	require.NoError(t, d.commits("y", "1000", "B"))
	d.wires("x", "1000", "2021-01-10")
	d.wires("y", "1000", "2021-01-10")
	require.ErrorIs(t, d.commits("z", "1000", ""), investments.ErrShareClassRequired)
	preview, err := d.svc.Distributions.Preview(t.Context(), d.db, investments.DeclareParams{OfferingID: d.o.ID, Type: investments.DistributionQuarterly,
		Date: date.MustParse("2021-03-31"), Amount: money.MustParse("3000"), ActorID: d.staff[0]})
	require.NoError(t, err)
	got := map[id.Of[investments.Position]]string{}
	for _, l := range preview.Lines {
		got[*l.PositionID] = l.DistributionAmount.String()
	}
	require.Equal(t, map[id.Of[investments.Position]]string{d.position("x"): "1000.00", d.position("y"): "2000.00"}, got, "by units, not by capital")
}

func TestHistory_currency(t *testing.T) {
	t.Parallel()
	d := open(t, "")
	for _, code := range []string{"JPY", "eur", "EURO"} {
		_, err := d.svc.Offerings.Create(t.Context(), d.db, investments.CreateOfferingParams{PropertyID: d.o.PropertyID, Name: "Birch Row", Slug: d.key(), Currency: code, ActorID: staff})
		require.ErrorContains(t, err, "currency")
	}
	o, err := d.svc.Offerings.Create(t.Context(), d.db, investments.CreateOfferingParams{PropertyID: d.o.PropertyID, Name: "Birch Row", Slug: d.key(), Currency: "EUR", ActorID: staff})
	require.NoError(t, err)
	d.o, err = d.svc.Offerings.Open(t.Context(), d.db, investments.OpenOfferingParams{OfferingID: o.ID, ActorID: staff})
	require.NoError(t, err)
	require.NoError(t, d.commits("a", "1000", ""))
	d.wires("a", "1000", "2021-01-10")
	require.Equal(t, "EUR", d.subs["a"].Currency)
	pos, err := d.svc.Positions.Position(t.Context(), d.db, d.position("a"))
	require.NoError(t, err)
	require.Equal(t, "EUR", pos.Currency)
}

// An offering that names no currency has its property's, and no figure adds two.
func TestHistory_twoCurrencies(t *testing.T) {
	t.Parallel()
	ctx, d := t.Context(), open(t, "")
	dollars := d.o
	d.wires("a", "1000", "2021-01-10")
	d.pay(payout{amount: "100", day: "2021-03-31"})
	house := realestatetest.Property(t, d.db, func(p *properties.RegisterPropertyParams) { p.Currency = "EUR" })
	o, err := d.svc.Offerings.Create(ctx, d.db, investments.CreateOfferingParams{PropertyID: house.ID, Name: "Linden Hof", Slug: d.key(), ActorID: d.staff[0]})
	require.NoError(t, err)
	require.Equal(t, "EUR", o.Currency)
	d.o, err = d.svc.Offerings.Open(ctx, d.db, investments.OpenOfferingParams{OfferingID: o.ID, ActorID: d.staff[0]})
	require.NoError(t, err)
	d.subs = map[string]*investments.Subscription{}
	require.NoError(t, d.commits("a", "500", ""))
	d.wires("a", "500", "2021-02-10")
	d.pay(payout{amount: "7", day: "2021-04-30"})
	require.NoError(t, d.svc.Reports.RefreshPortfolios(ctx, d.db, investments.RefreshPortfoliosParams{AsOf: date.MustParse("2021-12-31")}))
	all, err := d.svc.Reports.Portfolios(ctx, d.db, d.person("a"))
	require.NoError(t, err)
	var got []string
	for _, f := range all {
		got = append(got, fmt.Sprint(f.Currency, " ", f.TotalInvested, " ", f.CurrentValue, " ", f.TotalDistributions))
	}
	require.Equal(t, []string{"EUR 500.00 500.00 7.00", "USD 1000.00 1000.00 100.00"}, got)
	_, err = d.svc.Reports.Portfolio(ctx, d.db, d.person("a"))
	require.ErrorIs(t, err, investments.ErrSeveralCurrencies)

	statement := investments.PrepareStatementParams{InvestorID: d.person("a"), Type: investments.StatementAnnual, PeriodStart: date.MustParse("2021-01-01"),
		PeriodEnd: date.MustParse("2021-12-31"), ActorID: d.staff[0]}
	require.ErrorIs(t, attempt(t, d.db, func(tx bun.IDB) error { _, err := d.svc.Reports.PrepareStatement(ctx, tx, statement); return err }), investments.ErrSeveralCurrencies)
	for currency, closing := range map[string]string{"EUR": "493.00", "USD": "900.00"} {
		statement.Currency = currency
		st, err := d.svc.Reports.PrepareStatement(ctx, d.db, statement)
		require.NoError(t, err)
		require.Equal(t, closing, st.Summary.Closing.String())
		require.Len(t, st.Transactions, 2)
	}
	totals, err := d.svc.Reports.TaxTotals(ctx, d.db, investments.TaxFilter{Year: 2021, InvestorID: ptr(d.person("a"))}, page.Request{})
	require.NoError(t, err)
	got = nil
	for _, x := range totals.Items {
		got = append(got, fmt.Sprint(x.Currency, " ", x.Gross))
	}
	require.Equal(t, []string{"EUR 7.00", "USD 100.00"}, got)
	require.NotEqual(t, dollars.ID, d.o.ID)
	invariantsHold(t, d.db)
}

// The cents that were wired late earn from their own day, though the distribution
// of an earlier record date did not know them.
func TestHistory_lateCapitalEarnsAfterwards(t *testing.T) {
	t.Parallel()
	d := open(t, standardTerms)
	d.wires("a", "100000", "2021-01-10")
	d.wires("b", "100000", "2021-04-05")
	d.pay(payout{amount: "1000", day: "2021-04-15", record: "2021-03-31"})
	require.Equal(t, "219.18", d.balance("b", "2021-04-15").UnpaidPref.String())
	last := d.pay(payout{amount: "10000", day: "2021-06-30"})
	again, err := d.svc.Distributions.Review(t.Context(), d.db, d.o.ID)
	require.NoError(t, err)
	require.Empty(t, again.Changed, d.lines(last))
}
