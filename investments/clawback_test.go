package investments_test

import (
	"fmt"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// sibling is another offering of the same people, in the same database.
func (d *deal) sibling(terms string) *deal {
	d.Helper()
	p, err := properties.NewService(properties.Config{}).RegisterProperty(d.Context(), d.db, properties.RegisterPropertyParams{
		Name: "Birch Row " + id.New[properties.Property]().String(), AddressLine1: "1 Birch Row", City: "Columbus", State: "OH", ZipCode: "43004"})
	require.NoError(d, err)
	out := *d
	out.subs = map[string]*investments.Subscription{}
	out.o, err = d.svc.Offerings.Create(d.Context(), d.db, investments.CreateOfferingParams{PropertyID: p.ID, Name: "Birch Row", Slug: id.New[investments.Offering]().String(),
		Classes: []investments.ShareClassParams{{Code: "a"}}, ActorID: staff})
	require.NoError(d, err)
	out.o, err = d.svc.Offerings.Open(d.Context(), d.db, investments.OpenOfferingParams{OfferingID: out.o.ID, ActorID: staff})
	require.NoError(d, err)
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
