package waterfall_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/fault"
)

// A hurdle with a floor: what the investor was paid beyond 10 % does not count
// against a later contribution. (Read by present values it does: clause g17a.)
func TestHurdle_surplusLapses(t *testing.T) {
	t.Parallel()
	ps := []waterfall.Partner{{ID: "investor", Class: "LP"}, {ID: "sponsor", Class: "promote"}}
	evs := []waterfall.Event{contribution("2019-01-01", "investor", "100000"), distribution("2020-01-01", waterfall.Refinance, "410000"),
		contribution("2021-01-01", "investor", "100000"), distribution("2022-01-01", waterfall.Sale, "110000")}
	for _, hurdle := range []string{`"irr":"0.10"`, `"irr":"0.10","by":"investor"`, `"irr":"0.10","by":"each"`, `"return":"0.10","compounding":"annual"`, `"multiple":"1.1"`,
		`"multiple":"1.1","by":"each"`} {
		h := replay(t, `{"tiers":{"capital":[{"name":"10 %","type":"hurdle","surplus":"lapses",`+hurdle+`},{"name":"half","type":"split","promote":"0.5"}]}}`, ps, evs...)
		require.Equal(t, "260000.00", paid(t, h.Results[0], "investor"), hurdle)
		require.Equal(t, "110000.00", paid(t, h.Results[1], "investor"), hurdle)
	}
}

// A hurdle that tests one account by name, in whatever class it is.
func TestHurdle_ofAnAccount(t *testing.T) {
	t.Parallel()
	ps := []waterfall.Partner{{ID: "fund", Class: "LP"}, {ID: "local", Class: "LP"}, {ID: "local-promote", Class: "promote"}}
	evs := []waterfall.Event{contribution("2015-01-01", "fund", "9000000"), contribution("2015-01-01", "local", "1000000"),
		contribution("2017-01-01", "fund", "2000000"), distribution("2018-12-31", waterfall.Sale, "20000000")}
	for _, by := range []string{"class", "each"} {
		h := replay(t, `{"tiers":{"capital":[{"name":"14","type":"hurdle","irr":"0.14","multiple":"1.3","of":["fund"],"by":"`+by+`"},
			{"name":"rest","type":"split","promote":"0.15"}]}}`, ps, evs...)
		require.Equal(t, "18253169.62", paid(t, h.Results[0], "fund"), by)
		require.Equal(t, "87451.33", paid(t, h.Results[0], "local-promote"), by)
	}
	_, err := waterfall.Open(parse(t, `{"tiers":{"capital":[{"name":"14","type":"hurdle","irr":"0.14","of":["nobody"]}]}}`), ps)
	require.ErrorIs(t, err, waterfall.ErrUnknownPartner)
}

// What a hurdle cannot be told is refused with the field.
func TestValidate_hurdles(t *testing.T) {
	t.Parallel()
	for field, hurdle := range map[string]string{
		"return":      `"return":"0.1","irr":"0.1"`,
		"surplus":     `"irr":"0.1","surplus":"vanishes"`,
		"of":          `"irr":"0.1","of":["a"],"by":"investor"`,
		"of[1]":       `"irr":"0.1","of":["a","a"]`,
		"compounding": `"return":"0.1","compounding":"daily","day_count":"30E/360"`,
		"irr":         `"capital":true`,
	} {
		_, err := waterfall.ParseTerms([]byte(`{"tiers":{"capital":[{"name":"h","type":"hurdle",` + hurdle + `}]}}`))
		require.ErrorIs(t, err, fault.Invalid, field)
		require.Equal(t, "tiers.capital[0]."+field, fault.FieldErrors(err)[0].Field)
	}
}

// Percentages are exact fractions, by account or class, on splits and hurdles.
func TestTier_percentages(t *testing.T) {
	t.Parallel()
	ps := []waterfall.Partner{{ID: "aster", Class: "A"}, {ID: "bluebell", Class: "A"}, {ID: "clover", Class: "B"}, {ID: "daisy", Class: "B"}, {ID: "gp", Class: "promote"}}
	in := []waterfall.Event{contribution("2020-01-01", "aster", "100000"), contribution("2020-01-01", "bluebell", "100000"),
		contribution("2020-01-01", "clover", "10000"), contribution("2020-01-01", "daisy", "30000")}
	h := replay(t, `{"tiers":{"capital":[{"name":"s","type":"split","promote":"0.1","percentages":{"aster":"4/9","bluebell":"2/9","B":"1/3"}}]}}`, ps,
		append(in, distribution("2021-01-01", waterfall.Sale, "1000000"))...)
	for who, want := range map[string]string{"aster": "400000.00", "bluebell": "200000.00", "clover": "75000.00", "daisy": "225000.00", "gp": "100000.00"} {
		require.Equal(t, want, paid(t, h.Results[0], who))
	}
	// Until aster alone has 1.2 times: 120,000.00 at 4/9 of the cash.
	h = replay(t, `{"tiers":{"capital":[{"name":"h","type":"hurdle","multiple":"1.2","of":["aster"],"percentages":{"aster":"4/9","bluebell":"2/9","B":"1/3"}},
		{"name":"s","type":"split","promote":"1"}]}}`, ps, append(in, distribution("2021-01-01", waterfall.Sale, "1000000"))...)
	require.Equal(t, "120000.00", paid(t, h.Results[0], "aster"))
	require.Equal(t, "730000.00", paid(t, h.Results[0], "gp"))
	// Until each has: bluebell is the last, at 2/9.
	h = replay(t, `{"tiers":{"capital":[{"name":"h","type":"hurdle","multiple":"1.2","by":"each","percentages":{"aster":"4/9","bluebell":"2/9","B":"1/3"}},
		{"name":"s","type":"split","promote":"1"}]}}`, ps, append(in, distribution("2021-01-01", waterfall.Sale, "1000000"))...)
	require.Equal(t, "120000.00", paid(t, h.Results[0], "bluebell"))
	require.Equal(t, "240000.00", paid(t, h.Results[0], "aster"))

	for field, tier := range map[string]string{
		"percentages":              `"type":"split","percentages":{"a":"1/3","b":"1/3"}`,
		"percentages[\"a\"]":       `"type":"split","percentages":{"a":"1e2"}`,
		"to":                       `"type":"split","percentages":{"a":"1"},"to":["a"]`,
		"share":                    `"type":"split","percentages":{"a":"1"},"share":"units"`,
		"percentages[\"promote\"]": `"type":"split","percentages":{"promote":"1"}`,
	} {
		_, err := waterfall.ParseTerms([]byte(`{"tiers":{"capital":[{"name":"h",` + tier + `}]}}`))
		require.ErrorIs(t, err, fault.Invalid, field)
		require.Equal(t, "tiers.capital[0]."+field, fault.FieldErrors(err)[0].Field)
	}
	a, err := parse(t, `{"tiers":{"capital":[{"name":"s","type":"split","percentages":{"a":"2/4","b":"0.5"}}]}}`).Hash()
	require.NoError(t, err)
	b, err := parse(t, `{"tiers":{"capital":[{"name":"s","type":"split","percentages":{"b":"1/2","a":"1/2"}}]}}`).Hash()
	require.NoError(t, err)
	require.Equal(t, a, b)
}
