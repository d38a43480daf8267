package conformance

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/investments/returns"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

// Published worked examples of the returns and the waterfall, run through the
// public packages. Those of loans, depreciation, metrics and valuation stand
// beside those packages.

func near(t *testing.T, want string, got decimal.Decimal, within string) {
	t.Helper()
	diff := got.Sub(decimal.RequireFromString(want)).Abs()
	require.True(t, diff.LessThanOrEqual(decimal.RequireFromString(within)), "want %s, got %s", want, got)
}

// Anexen/pyxirr, tests/test_scheduled.rs, citing mathworks.com/help/finance/xirr.html.
func TestPublished_xirrDayCounts(t *testing.T) {
	t.Parallel()
	var fs []returns.Flow
	for _, f := range [][2]string{{"2007-01-12", "-10000"}, {"2008-02-14", "2500"}, {"2008-03-03", "2000"}, {"2008-06-14", "3000"}, {"2008-12-01", "4000"}} {
		fs = append(fs, returns.Flow{Date: date.MustParse(f[0]), Amount: decimal.RequireFromString(f[1])})
	}
	for basis, want := range map[date.DayCount]string{
		date.Act360: "0.0991988898057063", date.ActActISDA: "0.100739648987346", date.Act365F: "0.100644",
	} {
		s, err := returns.NewSeriesBasis(basis, fs)
		require.NoError(t, err)
		r, err := s.Rate()
		require.NoError(t, err)
		within := "1e-10"
		if basis == date.Act365F {
			within = "1e-4" // MathWorks prints 0.1006
		}
		near(t, want, r.Decimal(), within)
	}
}

// bloombergprep.com, CFA practice question bac110: days counted from the
// start of a period of 31.
func TestPublished_modifiedDietz(t *testing.T) {
	t.Parallel()
	start := date.MustParse("2024-03-01")
	params := returns.DietzParams{Start: start, End: start.AddDays(31), BeginValue: decimal.RequireFromString("585.60"),
		EndValue: decimal.RequireFromString("602.34")}
	for _, f := range []struct {
		day    int
		amount string
	}{{5, "-15.05"}, {9, "19.82"}, {15, "16.42"}, {24, "-18.96"}} {
		params.Flows = append(params.Flows, returns.Flow{Date: start.AddDays(f.day), Amount: decimal.RequireFromString(f.amount)})
	}
	r, err := returns.ModifiedDietz(params)
	require.NoError(t, err)
	near(t, "0.0245", *r.Return, "5e-5")
	near(t, "591.237", r.AverageCapital, "5e-4")
}

// pe2insight.com, understanding private equity fund multiples.
func TestPublished_fundMultiples(t *testing.T) {
	t.Parallel()
	m, err := returns.FundMultiples(decimal.NewFromInt(100), decimal.NewFromInt(50), decimal.NewFromInt(150))
	require.NoError(t, err)
	require.Equal(t, []string{"0.5", "1.5", "2"}, []string{m.DPI.String(), m.RVPI.String(), m.TVPI.String()})
}

func parse(t *testing.T, json string) *waterfall.Terms {
	t.Helper()
	terms, err := waterfall.ParseTerms([]byte(json))
	require.NoError(t, err)
	return terms
}

func paid(h *waterfall.History) map[string]string {
	out := map[string]string{}
	for id, a := range h.Results[len(h.Results)-1].Totals() {
		out[id] = a.String()
	}
	return out
}

// plumuleadvisory.com, how investment fund carried interest works, part 2: 100
// returns 200 after a year, 8 % preferred, 20 % carry, no catch-up.
func TestPublished_carryWithoutCatchUp(t *testing.T) {
	t.Parallel()
	terms := parse(t, `{"promote_recipient":"GP","prefs":{"LP":{"rate":"0.08"}},"tiers":{"capital":[
		{"name":"capital","type":"return_of_capital"},{"name":"pref","type":"pref"},{"name":"carry","type":"split","promote":"0.20"}]}}`)
	h, err := waterfall.Replay(terms, []waterfall.Partner{{ID: "LP", Class: "LP"}, {ID: "GP", Class: "promote"}}, []waterfall.Event{
		{Date: date.MustParse("2023-01-01"), Type: waterfall.EventContribution, Partner: "LP", Amount: money.MustParse("100")},
		{Date: date.MustParse("2024-01-01"), Type: waterfall.EventDistribution, Kind: waterfall.Sale, Amount: money.MustParse("200")}})
	require.NoError(t, err)
	require.Equal(t, map[string]string{"LP": "181.60", "GP": "18.40"}, paid(h))
}

// wallstreetoasis.com, waterfall model help: 90/10 equity with a promote of 20 %
// off the top is 72/28.
func TestPublished_promoteOffTheTop(t *testing.T) {
	t.Parallel()
	terms := parse(t, `{"promote_recipient":"promote","tiers":{"capital":[{"name":"split","type":"split","promote":"0.20"}]}}`)
	day := date.MustParse("2023-01-01")
	h, err := waterfall.Replay(terms, []waterfall.Partner{{ID: "LP", Class: "LP"}, {ID: "co-invest", Class: "LP"}, {ID: "promote", Class: "promote"}},
		[]waterfall.Event{
			{Date: day, Type: waterfall.EventContribution, Partner: "LP", Amount: money.MustParse("90")},
			{Date: day, Type: waterfall.EventContribution, Partner: "co-invest", Amount: money.MustParse("10")},
			{Date: day, Type: waterfall.EventDistribution, Kind: waterfall.Sale, Amount: money.MustParse("100")}})
	require.NoError(t, err)
	require.Equal(t, map[string]string{"LP": "72.00", "co-invest": "8.00", "promote": "20.00"}, paid(h))
}

// syndicationattorneys.com, cumulative versus compounding: 100,000 at 8 % for
// two years, nothing paid.
func TestPublished_preferredReturn(t *testing.T) {
	t.Parallel()
	for compounding, want := range map[string]string{"none": "16000.00", "annual": "16640.00"} {
		terms := parse(t, `{"prefs":{"LP":{"rate":"0.08","compounding":"`+compounding+`"}},"tiers":{"capital":[{"name":"pref","type":"pref"}]}}`)
		h, err := waterfall.Replay(terms, []waterfall.Partner{{ID: "LP", Class: "LP"}}, []waterfall.Event{
			{Date: date.MustParse("2021-01-01"), Type: waterfall.EventContribution, Partner: "LP", Amount: money.MustParse("100000")}})
		require.NoError(t, err)
		s, err := waterfall.Accrue(terms, h.Final, date.MustParse("2023-01-01"))
		require.NoError(t, err)
		a, err := s.Find("LP")
		require.NoError(t, err)
		require.Equal(t, want, a.UnpaidPref().String(), compounding)
	}
}
