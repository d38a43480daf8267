package waterfall_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/investments/waterfall"
)

// The figures of the package's words about each type of tier.
func TestDoc_tiers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		tiers, cash, day string
		investor         []string // by tier, then promote in all
	}{
		"a year of preference": {`{"name": "1", "type": "pref"}, {"name": "2", "type": "split"}`, "80000", "2022-01-01", []string{"80000.00", "0.00", "0.00"}},
		"ninety days":          {`{"name": "1", "type": "pref"}, {"name": "2", "type": "split"}`, "19726.03", "2021-04-01", []string{"19726.03", "0.00", "0.00"}},
		"full catch-up": {`{"name": "1", "type": "pref"}, {"name": "2", "type": "catch_up", "gp_share": "1", "target": "0.2"}, {"name": "3", "type": "return_of_capital"}`,
			"200000", "2022-01-01", []string{"80000.00", "0.00", "100000.00", "20000.00"}},
		"half a catch-up": {`{"name": "1", "type": "pref"}, {"name": "2", "type": "catch_up", "gp_share": "0.5", "target": "0.2"}, {"name": "3", "type": "return_of_capital"}`,
			"133333.33", "2022-01-01", []string{"80000.00", "26666.66", "0.00", "26666.67"}},
		"hurdle":       {`{"name": "1", "type": "hurdle", "irr": "0.12", "promote": "0.2"}, {"name": "2", "type": "split"}`, "1400000", "2022-01-01", []string{"1120000.00", "0.00", "280000.00"}},
		"short hurdle": {`{"name": "1", "type": "hurdle", "irr": "0.12", "promote": "0.2"}, {"name": "2", "type": "split"}`, "700000", "2022-01-01", []string{"560000.00", "0.00", "140000.00"}},
		"split":        {`{"name": "1", "type": "split", "promote": "0.3"}`, "100000", "2022-01-01", []string{"70000.00", "30000.00"}},
	} {
		terms := parse(t, fmt.Sprintf(`{"prefs": {"LP": {"rate": "0.08"}}, "tiers": {"capital": [%s]}}`, c.tiers))
		h, err := waterfall.Replay(terms, []waterfall.Partner{{ID: "gp", Class: "promote"}, {ID: "lp", Class: "LP"}}, []waterfall.Event{
			contribution("2021-01-01", "lp", "1000000"), distribution(c.day, waterfall.Sale, c.cash)})
		require.NoError(t, err, name)
		r := h.Results[0]
		var got []string
		for i := range r.Tiers {
			got = append(got, r.Amount(i, 1).String())
		}
		require.Equal(t, c.investor, append(got, r.Total(0).String()), name)
		require.True(t, r.Undistributed.IsZero(), name)
	}
}

// Three accounts alike share 100.00 by largest remainder.
func TestDoc_cents(t *testing.T) {
	t.Parallel()
	terms := parse(t, `{"tiers": {"capital": [{"name": "1", "type": "split"}]}}`)
	var ps []waterfall.Partner
	var evs []waterfall.Event
	for _, name := range []string{"a", "b", "c"} {
		ps = append(ps, waterfall.Partner{ID: name, Class: "LP"})
		evs = append(evs, contribution("2021-01-01", name, "1000"))
	}
	h, err := waterfall.Replay(terms, ps, append(evs, distribution("2021-02-01", waterfall.Sale, "100")))
	require.NoError(t, err)
	r := h.Results[0]
	require.Equal(t, []string{"33.34", "33.33", "33.33"}, []string{r.Total(0).String(), r.Total(1).String(), r.Total(2).String()})
}

// A fee that accrues by the day is a preference on the investors' capital, and no profit
// where promote is waived; where it is not, the catch-up counts it.
func TestDoc_accruingFee(t *testing.T) {
	t.Parallel()
	const terms = `{"prefs":{"LP":{"rate":"0.07"},"asset management":{"class":"manager","on":"LP","rate":"0.015","base":"contributed"}},"tiers":{"capital":[
		{"name":"fee","type":"pref","pref":"asset management"},{"name":"7 %","type":"pref","to":["LP"]},{"name":"capital","type":"return_of_capital","to":["LP"]},
		{"name":"up","type":"catch_up","to":["LP"],"gp_share":"1","target":"0.2"},{"name":"rest","type":"split","to":["LP"],"promote":"0.2"}]}}`
	for waived, want := range map[bool][]string{true: {"25000.00", "140000.00", "35000.00"}, false: {"25000.00", "140000.00", "42500.00"}} {
		ps := []waterfall.Partner{{ID: "lp", Class: "LP"}, {ID: "manager", Class: "manager", PromoteWaived: waived}, {ID: "promote", Class: "promote"}}
		h := replay(t, terms, ps, contribution("2022-01-01", "lp", "1000000"),
			distribution("2022-07-01", waterfall.Operating, "5000"), distribution("2024-01-01", waterfall.Sale, "1400000"))
		require.Equal(t, "5000.00", h.Results[0].Amount(0, 1).String())
		r := h.Results[1]
		require.Equal(t, want, []string{r.Amount(0, 1).String(), r.Amount(1, 0).String(), r.Amount(3, 2).String()}, "waived: %v", waived)
	}
	require.Equal(t, "it counts the profit of class manager, too, which it does not pay; members' loans and accounts whose promote is waived do not count",
		found(t, terms)["catch_up_counts_others"].Reason)
}
