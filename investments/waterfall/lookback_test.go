package waterfall_test

import (
	"encoding/json"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/investments/waterfall"
)

// Until the last sale everybody shares alike. Then, once, the investors have 10 % a year
// over the life of the deal before a fifth of the rest is promote.
const lookBackJSON = `{"tiers":{"capital":[
	{"name":"ten","type":"hurdle","irr":"0.1","look_back":true},
	{"name":"promote","type":"split","promote":"0.2","look_back":true},
	{"name":"alike","type":"split"}]}}`

func lastSale(day, amount string) waterfall.Event {
	d := distribution(day, waterfall.Sale, amount)
	d.Last = true
	return d
}

func TestHurdle_lookBack(t *testing.T) {
	t.Parallel()
	ps := []waterfall.Partner{{ID: "gp", Class: "promote"}, {ID: "lp", Class: "LP"}}
	evs := []waterfall.Event{contribution("2021-01-01", "lp", "1000"), distribution("2022-01-01", waterfall.Sale, "600"),
		lastSale("2023-01-01", "1000"), distribution("2023-06-01", waterfall.Sale, "100")}
	h := replay(t, lookBackJSON, ps, evs...)
	require.Equal(t, "600.00", paid(t, h.Results[0], "lp")) // 1,100.00 would have come first otherwise; promote waits
	require.Equal(t, "0.00", paid(t, h.Results[0], "gp"))
	require.Equal(t, "This tier is computed once, after the last sale; the cash passes it by.", h.Results[0].Trace.Steps[0].Rule)
	// 1,210.00 less 660.00 are 550.00; a fifth of the 450.00 left is 90.00.
	require.Equal(t, "550.00", h.Results[1].Tiers[0].Paid.String())
	require.Equal(t, "90.00", paid(t, h.Results[1], "gp"))
	require.Contains(t, h.Results[1].Trace.Table(), "until investors together have 10 % a year, computed once, after the last sale")
	require.Equal(t, "100.00", paid(t, h.Results[2], "lp")) // what comes later is shared alike again

	// The state knows that it was computed, stored and read back too.
	b, err := json.Marshal(h.Final)
	require.NoError(t, err)
	back := new(waterfall.State)
	require.NoError(t, json.Unmarshal(b, back))
	_, _, err = waterfall.Apply(parse(t, lookBackJSON), back, []waterfall.Event{lastSale("2024-01-01", "1")})
	require.ErrorIs(t, err, waterfall.ErrEvent)
	require.ErrorContains(t, err, "computed once")
	operating := lastSale("2023-01-01", "1")
	operating.Kind = waterfall.Operating
	_, err = waterfall.Replay(parse(t, lookBackJSON), ps, []waterfall.Event{evs[0], operating})
	require.ErrorIs(t, err, waterfall.ErrEvent)
}

// A projection's exit is the last sale.
func TestProjection_lookBack(t *testing.T) {
	t.Parallel()
	ps := []waterfall.Partner{{ID: "gp", Class: "promote"}, {ID: "lp", Class: "LP"}}
	h := replay(t, lookBackJSON, ps, contribution("2021-01-01", "lp", "1000"), distribution("2022-01-01", waterfall.Sale, "600"))
	p := waterfall.Projection{Terms: parse(t, lookBackJSON), State: h.Final, Exits: []waterfall.Exit{{Date: on("2023-01-01"), NOI: usd("100")}}, Caps: []decimal.Decimal{decimal.RequireFromString("0.1")}}
	g, err := p.Run()
	require.NoError(t, err)
	require.Equal(t, "90.00", g[0][0].Promote.String())
}

// What the last cash does not reach is said, beside the promote paid before.
func TestHurdle_lookBackLacks(t *testing.T) {
	t.Parallel()
	ps := []waterfall.Partner{{ID: "gp", Class: "promote"}, {ID: "lp", Class: "LP"}}
	for _, run := range []string{"pooled", "partner"} {
		h := replay(t, `{"run":"`+run+`","tiers":{"capital":[{"name":"ten","type":"hurdle","irr":"0.1","look_back":true},{"name":"promote","type":"split","promote":"0.2"}]}}`,
			ps, contribution("2021-01-01", "lp", "1000"), distribution("2022-01-01", waterfall.Sale, "500"), lastSale("2023-01-01", "700"))
		require.Equal(t, "100.00", paid(t, h.Results[0], "gp"), run)
		// 1,210.00 less 440.00 are 770.00.
		require.Equal(t, "700.00", paid(t, h.Results[1], "lp"), run)
		in := h.Results[1].Trace.Steps[0].Inputs
		require.Contains(t, in, waterfall.Input{Name: "lacking after the last sale", Value: "70.00"}, run)
		require.Contains(t, in, waterfall.Input{Name: "promote paid before", Value: "100.00"}, run)
	}
}

// A look-back is a field of the tiers that pay promote, of the list that serves sales.
func TestValidate_lookBack(t *testing.T) {
	t.Parallel()
	_, err := waterfall.ParseTerms([]byte(`{"tiers":{"capital":[{"name":"s","type":"split"}],"operating":[{"name":"s","type":"split","look_back":true}]}}`))
	requireCode(t, err, "tiers.operating[0].look_back", "look_back_operating")
	_, err = waterfall.ParseTerms([]byte(`{"tiers":{"capital":[{"name":"c","type":"return_of_capital","look_back":true}]}}`))
	requireCode(t, err, "tiers.capital[0].look_back", "field_not_of_type")

	// It is a part of the deal; what does not look back has the hash it always had.
	hash := func(text string) string {
		h, err := parse(t, text).Hash()
		require.NoError(t, err)
		return h
	}
	require.Equal(t, hash(`{"tiers":{"capital":[{"name":"s","type":"split"}]}}`), hash(`{"tiers":{"capital":[{"name":"s","type":"split","look_back":false}]}}`))
	require.NotEqual(t, hash(`{"tiers":{"capital":[{"name":"s","type":"split"}]}}`), hash(`{"tiers":{"capital":[{"name":"s","type":"split","look_back":true}]}}`))
}
