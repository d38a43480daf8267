package waterfall_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/money"
)

const twoReserves = `{"tiers": {"capital": [
	{"name": "taxes", "type": "holdback", "rate": "0.1", "reserve": "taxes"},
	{"name": "roof", "type": "holdback", "amount": "50000", "reserve": "roof"},
	{"name": "rest", "type": "split"}
]}}`

func reserveTerms(t *testing.T) *waterfall.Terms {
	t.Helper()
	terms, err := waterfall.ParseTerms([]byte(twoReserves))
	require.NoError(t, err)
	return terms
}

// Of 100,000.00 10,000.00 go to the one reserve and 50,000.00 to the other. A release of
// 20,000.00 from the roof's holds nothing back for the roof, and 2,000.00 of the next
// 10,000.00 for taxes, which are a tenth of the cash with what is released.
func TestReserves_named(t *testing.T) {
	t.Parallel()

	terms := reserveTerms(t)
	partners := []waterfall.Partner{{ID: "lp", Class: "LP"}}
	h, err := waterfall.Replay(terms, partners, []waterfall.Event{
		{Date: on("2024-01-01"), Type: waterfall.EventContribution, Partner: "lp", Amount: usd("1000000")},
		{Date: on("2024-04-01"), Type: waterfall.EventDistribution, Kind: waterfall.Operating, Amount: usd("100000")},
		{Date: on("2024-07-01"), Type: waterfall.EventDistribution, Kind: waterfall.Operating, Amount: usd("10000"),
			Releases: []waterfall.ReserveAmount{{Reserve: "roof", Amount: usd("20000")}}},
	})
	require.NoError(t, err)
	require.Equal(t, usd("40000"), h.Results[0].Total(0))
	require.Equal(t, []waterfall.Holding{{Tier: "taxes", Amount: usd("10000")}, {Tier: "roof", Amount: usd("50000")}}, h.Results[0].Trace.Held())
	require.Equal(t, usd("27000"), h.Results[1].Total(0))
	require.Equal(t, usd("20000"), h.Results[1].Trace.Released)
	require.Equal(t, []waterfall.ReserveAmount{{Reserve: "roof", Amount: usd("30000")}, {Reserve: "taxes", Amount: usd("13000")}}, h.Final.Reserves())
	require.Contains(t, h.Results[1].Trace.Table(), "with 20,000.00 released from the reserve roof")
	require.Contains(t, h.Results[1].Trace.Steps[1].Rule, "releases money from the reserve")
	words, err := terms.Describe()
	require.NoError(t, err)
	require.Contains(t, words, "into the reserve roof, until it holds 50,000.00")

	b, err := h.Final.MarshalBinary()
	require.NoError(t, err)
	var back waterfall.State
	require.NoError(t, back.UnmarshalBinary(b))
	require.Equal(t, h.Final.Reserves(), back.Reserves())

	// The roof was mended out of its reserve, and what was held is what was held.
	r, err := waterfall.Compute(terms, h.Final, waterfall.Distribution{Date: on("2024-10-01"), Kind: waterfall.Operating, Cash: usd("60000"),
		Reserves: []waterfall.ReserveAmount{{Reserve: "taxes", Amount: usd("13000")}}})
	require.NoError(t, err)
	require.Equal(t, usd("4000"), r.Total(0))
	r, err = waterfall.Compute(terms, h.Final, waterfall.Distribution{Date: on("2024-10-01"), Kind: waterfall.Operating, Cash: usd("60000"),
		Held: []waterfall.Holding{{Tier: "roof", Amount: usd("1.50")}}})
	require.NoError(t, err)
	require.Equal(t, usd("59998.50"), r.Total(0))
	require.Equal(t, usd("30001.50"), r.Closing.Reserves()[0].Amount)
}

// What was held back is set apart before the first tier: a fee of the cash left and a
// preferred return that now need all of it share the rest, a tier that would hold back
// more keeps what it held, and where there is less cash the first tiers come first.
func TestReserves_heldStands(t *testing.T) {
	t.Parallel()

	terms, err := waterfall.ParseTerms([]byte(`{"prefs": {"LP": {"rate": "0.08"}}, "tiers": {"capital": [
		{"name": "fee", "type": "fee", "payee": "manager", "rate": "0.1"}, {"name": "pref", "type": "pref"},
		{"name": "taxes", "type": "holdback", "rate": "0.5", "reserve": "taxes"},
		{"name": "capital", "type": "return_of_capital"},
		{"name": "roof", "type": "holdback", "amount": "50000", "reserve": "roof"}, {"name": "rest", "type": "split"}]}}`))
	require.NoError(t, err)
	partners := []waterfall.Partner{{ID: "lp", Class: "LP"}, {ID: "manager", Class: "fee"}}
	for name, c := range map[string]struct {
		capital, cash        string
		held                 []waterfall.Holding
		lp, fee, taxes, roof string
		left                 string
	}{
		// 10,000.00 are the fee, 800.00 the preference, 44,600.00 half of the rest, then
		// 10,000.00 of capital and 34,600.00 for the roof.
		"as declared": {"10000", "100000", nil, "10800.00", "10000.00", "44600.00", "34600.00", "0.00"},
		"as it was": {"10000", "100000", []waterfall.Holding{{Tier: "taxes", Amount: usd("44600")}, {Tier: "roof", Amount: usd("34600")}},
			"10800.00", "10000.00", "44600.00", "34600.00", "0.00"},
		// 80,000.00 of preference would take what is left after the fee.
		"less reaches them": {"1000000", "100000", []waterfall.Holding{{Tier: "taxes", Amount: usd("44600")}, {Tier: "roof", Amount: usd("34600")}},
			"10800.00", "10000.00", "44600.00", "34600.00", "0.00"},
		// 99.00 of capital: the tiers would hold back more, and what they do not goes on.
		"more reaches them": {"99", "100000", []waterfall.Holding{{Tier: "taxes", Amount: usd("44600")}, {Tier: "roof", Amount: usd("34600")}},
			"10800.00", "10000.00", "44600.00", "34600.00", "0.00"},
		"nothing was held":   {"10000", "100000", []waterfall.Holding{}, "90000.00", "10000.00", "0.00", "0.00", "0.00"},
		"the fee is short":   {"10000", "100000", []waterfall.Holding{{Tier: "roof", Amount: usd("95000")}}, "0.00", "5000.00", "0.00", "95000.00", "0.00"},
		"the first go first": {"10000", "100000", []waterfall.Holding{{Tier: "taxes", Amount: usd("60000")}, {Tier: "roof", Amount: usd("60000")}}, "0.00", "0.00", "60000.00", "40000.00", "0.00"},
	} {
		h, err := waterfall.Replay(terms, partners, []waterfall.Event{
			{Date: on("2021-01-01"), Type: waterfall.EventContribution, Partner: "lp", Amount: usd(c.capital)},
			{Date: on("2022-01-01"), Type: waterfall.EventDistribution, Kind: waterfall.Operating, Amount: usd(c.cash), Held: c.held},
		})
		require.NoError(t, err, name)
		r := h.Results[0]
		require.Equal(t, []string{c.lp, c.fee, c.taxes, c.roof, c.left},
			[]string{r.Total(0).String(), r.Total(1).String(), r.Tiers[2].Held.String(), r.Tiers[4].Held.String(), r.Undistributed.String()}, name)
		in := map[string]string{"taxes": "0.00", "roof": "0.00"}
		for _, x := range h.Final.Reserves() {
			in[x.Reserve] = x.Amount.String()
		}
		require.Equal(t, map[string]string{"taxes": c.taxes, "roof": c.roof}, in, name)
	}
}

// What a distribution held back is given in a replay, where a credit for advances of a cent
// more may be given back than beside a holdback that grows with it. So it is used from the
// start: a distribution comes out the same when it is replayed, for each amount.
func TestReserves_heldBesideAdvances(t *testing.T) {
	t.Parallel()
	terms, err := waterfall.ParseTerms([]byte(`{"tiers": {"capital": [
		{"name": "roof", "type": "holdback", "rate": "0.333", "reserve": "roof"}, {"name": "rest", "type": "split", "promote": "0.1"}]}, "promote_recipient": "gp"}`))
	require.NoError(t, err)
	partners := []waterfall.Partner{{ID: "a", Class: "LP"}, {ID: "b", Class: "LP"}, {ID: "gp", Class: "GP"}}
	past := []waterfall.Event{
		{Date: on("2021-01-01"), Type: waterfall.EventContribution, Partner: "a", Amount: usd("89100")},
		{Date: on("2021-01-01"), Type: waterfall.EventContribution, Partner: "b", Amount: usd("9900")},
		{Date: on("2021-02-01"), Type: waterfall.EventDistribution, Kind: waterfall.Operating, Amount: usd("20000"),
			Advances: []waterfall.Advance{{Account: "b", Amount: usd("11880")}}},
	}
	settled := 0
	for cents := int64(1000); cents < 1200; cents++ {
		amount, err := money.FromCents(cents)
		require.NoError(t, err)
		one := waterfall.Event{Date: on("2021-03-01"), Type: waterfall.EventDistribution, Kind: waterfall.Operating, Amount: amount}
		h, err := waterfall.Replay(terms, partners, append(slices.Clone(past), one))
		require.NoError(t, err)
		r := h.Results[1]
		one.Held = r.Trace.Held()
		again, err := waterfall.Replay(terms, partners, append(slices.Clone(past), one))
		require.NoError(t, err)
		require.Equal(t, r.Trace.Credit, again.Results[1].Trace.Credit, amount)
		require.Equal(t, r.Trace.Held(), again.Results[1].Trace.Held(), amount)
		for i := range partners {
			require.Equal(t, r.Total(i), again.Results[1].Total(i), amount)
		}
		if strings.Contains(r.Trace.Steps[0].Rule, "was held back") {
			settled++
		}
	}
	require.Positive(t, settled, "some amounts have two credits")
}

func TestReserves_refused(t *testing.T) {
	t.Parallel()

	terms := reserveTerms(t)
	s, err := waterfall.Open(terms, []waterfall.Partner{{ID: "lp", Class: "LP"}})
	require.NoError(t, err)
	one := func(name, amount string) []waterfall.ReserveAmount {
		return []waterfall.ReserveAmount{{Reserve: name, Amount: usd(amount)}}
	}
	for name, d := range map[string]struct {
		want error
		d    waterfall.Distribution
	}{
		"empty":          {waterfall.ErrRelease, waterfall.Distribution{Releases: one("roof", "1")}},
		"below zero":     {waterfall.ErrEvent, waterfall.Distribution{Releases: one("roof", "-1")}},
		"twice":          {waterfall.ErrEvent, waterfall.Distribution{Reserves: one("roof", "9"), Releases: append(one("roof", "1"), one("roof", "1")...)}},
		"in debt":        {waterfall.ErrEvent, waterfall.Distribution{Reserves: one("roof", "-9")}},
		"both of a name": {waterfall.ErrEvent, waterfall.Distribution{Reserves: append(one("roof", "9"), one("roof", "1")...)}},
	} {
		d.d.Date, d.d.Kind, d.d.Cash = on("2024-01-01"), waterfall.Sale, usd("1")
		_, err := waterfall.Compute(terms, s, d.d)
		require.ErrorIs(t, err, d.want, name)
	}
	bad := reserveTerms(t)
	bad.Tiers.Capital[2].Reserve = "roof"
	require.ErrorContains(t, bad.Validate(), "reserve")

	var h waterfall.Header
	b, err := json.Marshal(s.Header())
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(b, &h))
	h.Reserves = map[string]money.Amount{"roof": usd("-1")}
	_, err = waterfall.Restore(h, []waterfall.Account{s.Account(0)})
	require.ErrorIs(t, err, waterfall.ErrStateMalformed)
}
