package waterfall_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
)

const everythingJSON = `{
	"name": "Everything", "day_count": "30E/360", "promote_base": "outside",
	"promote_split": [{"recipient": "gp", "share": "0.75"}, {"recipient": "co", "share": "0.25"}],
	"prefs": {"a": {"rate": "0.0725", "compounding": "monthly"}, "b": {"rate": "0"}},
	"tiers": {
		"operating": [
			{"name": "fee <&>", "type": "fee", "payee": "manager", "amount": "1250.50"},
			{"name": "asset fee", "type": "fee", "payee": "manager", "rate": "0.0025", "base": "contributed", "to": ["a"]},
			{"name": "reserve", "type": "holdback", "rate": "0.05"},
			{"name": "pref", "type": "pref", "to": ["b", "a"], "order": "sequential"},
			{"name": "rest", "type": "split"}],
		"capital": [
			{"name": "reserve", "type": "holdback", "amount": "10000"},
			{"name": "capital", "type": "return_of_capital"},
			{"name": "up", "type": "catch_up", "gp_share": "1", "target": "0.2", "to": ["a", "b"]},
			{"name": "h1", "type": "hurdle", "irr": "0.1", "multiple": "1.5", "test": "either", "promote": "0.1"},
			{"name": "h2", "type": "hurdle", "irr": "0.12", "multiple": "1.75", "by": "investor", "promote_base": "all"},
			{"name": "h3", "type": "hurdle", "multiple": "2", "promote": "0.2", "promote_split": [{"recipient": "gp", "share": 1}]},
			{"name": "all", "type": "split", "promote": "1"}]}}`

func everything(t testing.TB) (*waterfall.Terms, []waterfall.Partner, *waterfall.History) {
	t.Helper()
	ps := []waterfall.Partner{{ID: "gp", Class: "promote"}, {ID: "co", Class: "promote"}, {ID: "manager", Class: "fee"},
		{ID: "x", Class: "a"}, {ID: "y", Class: "a", Sponsor: true}, {ID: "z", Class: "b", PromoteWaived: true}}
	evs := []waterfall.Event{contribution("2020-01-15", "x", "500000"), contribution("2020-01-15", "y", "200000"), contribution("2020-02-01", "z", "300000"),
		distribution("2020-09-30", waterfall.Operating, "40000"), distribution("2023-06-30", waterfall.Sale, "2600000")}
	terms := parse(t, everythingJSON)
	return terms, ps, replay(t, everythingJSON, ps, evs...)
}

// golden compares with a file under testdata; UPDATE=1 writes it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("UPDATE") == "1" {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

func TestDescribe_everything(t *testing.T) {
	t.Parallel()
	terms, _, _ := everything(t)
	text, err := terms.Describe()
	require.NoError(t, err)
	golden(t, "everything.txt", text)
}

func TestTrace_everything(t *testing.T) {
	t.Parallel()
	_, _, h := everything(t)
	var b strings.Builder
	for _, r := range h.Results {
		requireSums(t, r)
		b.WriteString(r.Trace.Table() + "\n" + r.Table() + "\n")
		for i := range r.Len() {
			x, err := r.Explain(r.ID(i))
			require.NoError(t, err)
			b.WriteString(x.String())
		}
		b.WriteString("\n")
	}
	golden(t, "everything.trace.txt", b.String())
}

func TestTrace_svgIsWellFormed(t *testing.T) {
	t.Parallel()
	_, _, h := everything(t)
	svg := h.Results[0].Trace.SVG()
	golden(t, "everything.svg", svg)
	dec := xml.NewDecoder(strings.NewReader(svg))
	bars := 0
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		if e, ok := tok.(xml.StartElement); ok && e.Name.Local == "title" {
			bars++
		}
	}
	require.Equal(t, 4, bars) // fee, fee, reserve and pref; nothing reaches the rest
}

func TestTrace_roundTripsAsJSON(t *testing.T) {
	t.Parallel()
	_, _, h := everything(t)
	b, err := json.Marshal(h.Results[0].Trace)
	require.NoError(t, err)
	var back waterfall.Trace
	require.NoError(t, json.Unmarshal(b, &back))
	require.Equal(t, h.Results[0].Trace, &back)
	require.Equal(t, h.Results[0].Trace.Table(), back.Table())
}

// The schema names exactly the fields that the structs have.
func TestSchema_namesEveryField(t *testing.T) {
	t.Parallel()
	var s struct {
		Properties map[string]struct {
			Properties           map[string]json.RawMessage
			AdditionalProperties json.RawMessage
		}
		Defs map[string]struct {
			Properties map[string]json.RawMessage
			Items      struct{ Properties map[string]json.RawMessage }
		} `json:"$defs"`
	}
	require.NoError(t, json.Unmarshal([]byte(waterfall.Schema()), &s))
	var pref struct{ Properties map[string]json.RawMessage }
	require.NoError(t, json.Unmarshal(s.Properties["prefs"].AdditionalProperties, &pref))
	require.ElementsMatch(t, fields(waterfall.Terms{}), keys(s.Properties))
	require.ElementsMatch(t, fields(waterfall.Lists{}), keys(s.Properties["tiers"].Properties))
	require.ElementsMatch(t, fields(waterfall.Pref{}), keys(pref.Properties))
	require.ElementsMatch(t, fields(waterfall.Tier{}), keys(s.Defs["tier"].Properties))
	require.ElementsMatch(t, fields(waterfall.Share{}), keys(s.Defs["split"].Items.Properties))
}

func keys[V any](m map[string]V) (out []string) {
	for k := range m {
		out = append(out, k)
	}
	return out
}

func fields(v any) (out []string) {
	for f := range reflect.TypeOf(v).Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		out = append(out, name)
	}
	return out
}

// A schedule's rows follow from each other, and its last row is the state.
func TestPrefSchedule_addsUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := anyDeal(t)
		d.Events = slices.DeleteFunc(d.Events, func(e waterfall.Event) bool { return e.Type == waterfall.EventTransfer })
		h, err := waterfall.Replay(d.Terms, d.Partners, d.Events)
		require.NoError(t, err)
		s, err := waterfall.PrefSchedule(d.Terms, d.Partners, d.Events, "i0", date.Date{})
		require.NoError(t, err)
		unpaid, capital := decimal.Decimal{}.Rat(), int64(0)
		for _, r := range s.Rows {
			unpaid.Add(unpaid, r.Accrued.Rat())
			unpaid.Sub(unpaid, r.Paid.Decimal().Rat())
			capital += r.Contributed.Cents() - r.Returned.Cents()
			require.Equal(t, capital, r.Capital.Cents())
			diff := sub(unpaid, r.Unpaid.Rat())
			require.Negative(t, diff.Abs(diff).Cmp(decimal.New(1, -30).Rat()), "%s", r.To)
			unpaid = r.Unpaid.Rat()
		}
		a, err := h.Final.Find("i0")
		require.NoError(t, err)
		last := s.Rows[len(s.Rows)-1]
		require.Zero(t, last.Unpaid.Rat().Cmp(add(a.Capitalized.Rat(), a.Accrued.Rat())))
		require.Equal(t, a.Unreturned, last.Capital)
	})
}

// A projected sale is the real one: same engine, same cents.
func TestProjection_isTheEngine(t *testing.T) {
	t.Parallel()
	terms := parse(t, classicJSON)
	evs := classicEvents()
	now := replay(t, classicJSON, classicPartners(), evs[:4]...).Final
	p := waterfall.Projection{Terms: terms, State: now, Events: []waterfall.Event{evs[4], distribution("2030-01-01", waterfall.Operating, "1")},
		Exits: []waterfall.Exit{{Date: on("2024-01-01"), NOI: usd("150000"), Debt: usd("900000")}},
		Caps:  []decimal.Decimal{decimal.RequireFromString("0.0625"), decimal.RequireFromString("0.5")}}
	g, err := p.Run()
	require.NoError(t, err)
	require.Equal(t, "2400000.00", g[0][0].Price.String())
	require.Equal(t, "1500000.00", g[0][0].Net.String())
	real := replay(t, classicJSON, classicPartners(), evs...)
	require.Equal(t, real.Results[2].Table(), g[0][0].Sale.Table())
	require.Equal(t, real.Final.PromotePaid(), g[0][0].Promote)
	require.NotNil(t, g[0][0].IRR)
	require.True(t, g[0][0].IRR.GreaterThan(decimal.RequireFromString("0.12")))
	require.Equal(t, "0.00", g[1][0].Net.String()) // the debt is larger than the price
	require.True(t, g[1][0].IRR.IsNegative())

	_, err = (&waterfall.Projection{}).Run()
	require.ErrorIs(t, err, waterfall.ErrProjection)
}
