package waterfall_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/investments/waterfall"
)

// agreement is a distribution clause of a real agreement, with a history and the
// right values. The source is in the file; the names are invented.
type agreement struct {
	ID       string              `json:"id"`
	Source   string              `json:"source"`
	Reading  string              `json:"reading"`
	Terms    json.RawMessage     `json:"terms"`
	Partners []waterfall.Partner `json:"partners"`
	Events   []waterfall.Event   `json:"events"`
	Expected []map[string]string `json:"expected"`
}

func agreements(t *testing.T) []agreement {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "agreements", "*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	var out []agreement
	for _, f := range files {
		b, err := os.ReadFile(f)
		require.NoError(t, err)
		var a agreement
		require.NoError(t, json.Unmarshal(b, &a), f)
		require.NotEmpty(t, a.Source, f)
		out = append(out, a)
	}
	return out
}

// Every clause comes out to the cent, in the engine and in the plain second
// implementation, and its terms are described and explained.
func TestAgreements(t *testing.T) {
	t.Parallel()
	for _, a := range agreements(t) {
		t.Run(a.ID, func(t *testing.T) {
			t.Parallel()
			terms, err := waterfall.ParseTerms(a.Terms)
			require.NoError(t, err)
			h, err := waterfall.Replay(terms, a.Partners, a.Events)
			require.NoError(t, err)
			require.Len(t, h.Results, len(a.Expected))
			o := newOracle(terms, a.Partners)
			o.run(a.Events)
			requireFinal(t, o, h.Final)
			for k, want := range a.Expected {
				r := h.Results[k]
				for who, amount := range want {
					i, ok := h.Final.Index(who)
					require.True(t, ok, who)
					require.Equal(t, amount, r.Paid(i).String(), "%s of distribution %d\n%s\n%s", who, k+1, a.Reading, r.Trace.Table())
				}
			}
			text, err := terms.Describe()
			require.NoError(t, err)
			require.True(t, strings.HasPrefix(text, "1. "))
			r := h.Results[len(h.Results)-1]
			for i := range r.Len() {
				x, err := r.Explain(r.ID(i))
				require.NoError(t, err)
				var sum int64
				for _, l := range x.Lines {
					sum += l.Amount.Cents()
				}
				require.Equal(t, r.Total(i).Cents(), sum, x)
			}
		})
	}
}

// A fund of ten deals of 10,000,000.00: two return 50,000,000.00 each, eight
// nothing. Carry of 16,000,000.00 comes back. Published at
// buyoutsinsider.com/whats-a-clawback.
func TestClawback_published(t *testing.T) {
	t.Parallel()
	terms := parse(t, `{"tiers":{"capital":[{"name":"capital","type":"return_of_capital"},{"name":"carry","type":"split","promote":"0.2"}]}}`)
	ps := []waterfall.Partner{{ID: "lp", Class: "LP"}, {ID: "gp", Class: "promote"}}
	var deals [][]waterfall.Event
	for i := range 10 {
		deal := []waterfall.Event{contribution("2000-01-01", "lp", "10000000")}
		if i < 2 {
			deal = append(deal, distribution("2002-01-01", waterfall.Sale, "50000000"))
		}
		deals = append(deals, deal)
	}
	for tax, want := range map[string]string{"0": "16000000.00", "0.4": "9600000.00"} {
		c, err := waterfall.Clawback(terms, ps, deals, decimal.RequireFromString(tax))
		require.NoError(t, err)
		require.Equal(t, "16000000.00", c.American.String())
		require.Equal(t, "0.00", c.European.String())
		require.Equal(t, "16000000.00", c.Gross.String())
		require.Equal(t, want, c.Clawback.String())
	}
}

// Two deals of 1,000.00. One pays 2,000.00 on 1 March to who held on 1 January, the
// other 100.00 on 1 February: pooled, these come first. 1,900.00 of 2,000.00 are capital
// then, and 20 % of the last 100.00 are carry.
func TestClawback_recordDates(t *testing.T) {
	t.Parallel()
	terms := parse(t, `{"tiers":{"capital":[{"name":"capital","type":"return_of_capital"},{"name":"carry","type":"split","promote":"0.2"}]}}`)
	ps := []waterfall.Partner{{ID: "lp", Class: "LP"}, {ID: "gp", Class: "promote"}}
	late := distribution("2018-03-01", waterfall.Sale, "2000")
	late.Record = on("2018-01-01")
	early := distribution("2018-02-01", waterfall.Sale, "100")
	a := []waterfall.Event{contribution("2017-01-01", "lp", "1000"), late}
	b := []waterfall.Event{contribution("2017-01-01", "lp", "1000"), early}
	for _, deals := range [][][]waterfall.Event{{a, b}, {b, a}} {
		c, err := waterfall.Clawback(terms, ps, deals, decimal.Zero)
		require.NoError(t, err)
		require.Equal(t, []string{"200.00", "20.00", "180.00"}, []string{c.American.String(), c.European.String(), c.Gross.String()})
		require.Equal(t, on("2018-02-01"), c.Pooled.Results[0].Distribution.Date)
		require.Equal(t, on("2018-02-01"), c.Pooled.Results[1].Distribution.Record)
	}
	require.Equal(t, on("2018-01-01"), late.Record, "what was given stays as it is")
	require.Equal(t, on("2018-01-01"), a[1].Record)
}

// That an event comes first is said of distributions alone.
func TestApply_firstIsOfDistributions(t *testing.T) {
	t.Parallel()
	ps := []waterfall.Partner{{ID: "ann", Class: "LP"}, {ID: "bob", Class: "LP"}}
	more := contribution("2021-02-01", "ann", "100")
	more.First = true
	h := replay(t, `{"tiers":{"capital":[{"name":"s","type":"split"}]}}`, ps, contribution("2021-01-01", "ann", "100"), more,
		waterfall.Event{Date: on("2021-02-01"), Type: waterfall.EventTransfer, From: "ann", To: "bob", Fraction: decimal.RequireFromString("0.5")})
	require.Equal(t, "150.00", h.Final.Account(0).Contributed.String())
	require.Equal(t, "50.00", h.Final.Account(1).Contributed.String())
}
