package investments_test

import (
	"fmt"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/realestatetest"
)

// sibling is another offering of the same people, in the same database.
func (d *deal) sibling(terms string, change ...func(*investments.CreateOfferingParams)) *deal {
	d.Helper()
	out := *d
	out.subs = map[string]*investments.Subscription{}
	out.o = realestatetest.Offering(d.T, d.db, append([]func(*investments.CreateOfferingParams){func(p *investments.CreateOfferingParams) {
		p.MinimumInvestment, p.HardCap, p.Classes, p.ActorID = nil, nil, []investments.ShareClassParams{{Code: "a"}}, staff
	}}, change...)...)
	out.setTerms(terms, "2016-01-01")
	return &out
}

// A fund of ten deals of 10,000,000.00: two return 50,000,000.00 each, eight nothing.
// Carry of 16,000,000.00 comes back. Published at buyoutsinsider.com/whats-a-clawback.
func TestClawback(t *testing.T) {
	t.Parallel()
	d := open(t, "")
	gp, err := d.svc.Accounts.Open(t.Context(), d.db, investments.OpenAccountParams{InvestorID: d.person("gp"), Type: investments.AccountLLC, Name: "Sponsor LLC", IsSponsor: true, ActorID: staff})
	require.NoError(t, err)
	terms := fmt.Sprintf(`{"promote_recipient": %q, "tiers": {"capital": [{"name": "capital", "type": "return_of_capital"}, {"name": "carry", "type": "split", "promote": "0.2"}]}}`, gp.ID)
	var all []id.Of[investments.Offering]
	for i := range 10 {
		one := d.sibling(terms)
		one.wires("lp", "10000000", "2017-01-01")
		if i < 2 {
			one.pay(payout{amount: "50000000", day: "2019-01-01", kind: investments.DistributionSaleProceeds})
		}
		all = append(all, one.o.ID)
	}
	for tax, want := range map[string]string{"0": "16000000.00", "0.4": "9600000.00"} {
		c, err := d.svc.Reports.Clawback(t.Context(), d.db, investments.ClawbackParams{OfferingIDs: all, TaxRate: decimal.RequireFromString(tax)})
		require.NoError(t, err)
		require.Equal(t, []string{"16000000.00", "0.00", "16000000.00", want}, []string{c.American.String(), c.European.String(), c.Gross.String(), c.Clawback.String()})
	}
	other := d.sibling(fmt.Sprintf(capitalOnly, gp.ID))
	_, err = d.svc.Reports.Clawback(t.Context(), d.db, investments.ClawbackParams{OfferingIDs: append(all[:1:1], other.o.ID)})
	require.ErrorIs(t, err, investments.ErrClawbackTerms)
	_, err = d.svc.Reports.Clawback(t.Context(), d.db, investments.ClawbackParams{OfferingIDs: append(all[:1:1], d.o.ID)})
	require.ErrorIs(t, err, investments.ErrClawbackTerms)
	_, err = d.svc.Reports.Clawback(t.Context(), d.db, investments.ClawbackParams{TaxRate: decimal.NewFromInt(2)})
	require.ErrorIs(t, err, fault.Invalid)
}

// By partner, each gets back what was too much out of its own part; and what went by the
// method preferred paid no promote, in a replay neither. Of two deals of 10,000,000.00
// from each of two one returns 50,000,000.00 and one nothing.
func TestClawback_byPartnerAndPreferred(t *testing.T) {
	t.Parallel()
	d := open(t, "")
	terms := fmt.Sprintf(`{"run": "partner", "promote_recipient": %q, "tiers": {"capital": [{"name": "capital", "type": "return_of_capital"}, {"name": "carry", "type": "split", "promote": "0.2"}]}}`, d.gp())
	var all []id.Of[investments.Offering]
	for i := range 2 {
		one := d.sibling(terms)
		one.wires("ann", "10000000", "2017-01-01")
		one.wires("bob", "10000000", "2017-01-01")
		if i == 0 {
			one.pay(payout{amount: "1000000", day: "2018-01-01", method: investments.MethodPreferred})
			one.pay(payout{amount: "49000000", day: "2019-01-01", kind: investments.DistributionSaleProceeds})
		}
		all = append(all, one.o.ID)
	}
	c, err := d.svc.Reports.Clawback(t.Context(), d.db, investments.ClawbackParams{OfferingIDs: all})
	require.NoError(t, err)
	// 29,000,000.00 beyond the capital of one deal, 9,000,000.00 beyond that of both.
	require.Equal(t, []string{"5800000.00", "1800000.00", "4000000.00"}, []string{c.American.String(), c.European.String(), c.Clawback.String()})
	require.Len(t, c.ByPartner, 2)
	for i, who := range []string{c.ByPartner[0].Account, c.ByPartner[1].Account} {
		require.Contains(t, []string{d.person("ann").String() + " a", d.person("bob").String() + " a"}, who)
		require.Equal(t, "2000000.00", c.ByPartner[i].Clawback.String())
	}
}
