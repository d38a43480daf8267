package waterfall_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/fault"
)

func found(t *testing.T, text string) map[string]waterfall.Finding {
	t.Helper()
	out := map[string]waterfall.Finding{}
	for _, f := range parse(t, text).Findings() {
		out[f.Code] = f
	}
	return out
}

// Promote before capital, with what it costs; said as a return it is no finding.
func TestFindings_promoteBeforeCapital(t *testing.T) {
	t.Parallel()
	const rest = `"promote":"0.3"},{"name":"capital","type":"return_of_capital"},{"name":"half","type":"split","promote":"0.5"}]}}`
	fs := found(t, `{"prefs":{"LP":{"rate":"0.09"}},"tiers":{"capital":[{"name":"9 %","type":"pref"},{"name":"14 %","type":"hurdle","irr":"0.14",`+rest)
	f := fs["promote_before_capital"]
	require.Equal(t, waterfall.SeverityWarning, f.Severity)
	require.Equal(t, "tiers.capital[1].irr", f.Field)
	require.Equal(t, "14 %", f.Tier)
	require.Equal(t, "on a standard example promote is 416,926.03; mended it is 151,980.43", f.Cost)
	fs = found(t, `{"prefs":{"LP":{"rate":"0.09"}},"tiers":{"capital":[{"name":"9 %","type":"pref"},{"name":"14 %","type":"hurdle","return":"0.14","capital":false,`+rest)
	require.NotContains(t, fs, "promote_before_capital")
	for field, level := range map[string]string{"return": `"return":"0.14",`, "multiple": `"multiple":"1.3",`} {
		f := found(t, `{"prefs":{"LP":{"rate":"0.09"}},"tiers":{"capital":[{"name":"9 %","type":"pref"},{"name":"level","type":"hurdle",`+level+rest)["promote_before_capital"]
		require.Equal(t, "tiers.capital[1]."+field, f.Field)
		require.Contains(t, f.Cost, "on a standard example promote is ", field)
	}
}

// New terms say what becomes of an unpaid fee; stored ones need not.
func TestFindings_unpaidFee(t *testing.T) {
	t.Parallel()
	const text = `{"tiers":{"capital":[{"name":"fee","type":"fee","payee":"m","amount":"10"},{"name":"s","type":"split"}]}}`
	terms := parse(t, text)
	require.NoError(t, terms.Validate())
	err := terms.ValidateNew()
	require.ErrorIs(t, err, fault.Invalid)
	require.Equal(t, "tiers.capital[0].unpaid", fault.FieldErrors(err)[0].Field)
	require.Equal(t, waterfall.SeverityError, terms.Findings()[0].Severity)
	terms.Tiers.Capital[0].Unpaid = waterfall.UnpaidLapses
	require.NoError(t, terms.ValidateNew())
	require.Empty(t, terms.Findings())
	stored, err := parse(t, text).Hash()
	require.NoError(t, err)
	said, err := terms.Hash()
	require.NoError(t, err)
	require.Equal(t, stored, said)
}

func TestFindings_each(t *testing.T) {
	t.Parallel()
	for code, text := range map[string]string{
		"pref_never_paid":        `{"prefs":{"a":{"rate":"0.08"}},"tiers":{"capital":[{"name":"c","type":"return_of_capital"},{"name":"s","type":"split"}]}}`,
		"tier_never_reached":     `{"tiers":{"capital":[{"name":"s","type":"split"},{"name":"t","type":"split"}]}}`,
		"cash_undistributed":     `{"tiers":{"capital":[{"name":"c","type":"return_of_capital"}]}}`,
		"capital_never_returned": `{"prefs":{"a":{"rate":"0.08"}},"tiers":{"capital":[{"name":"p","type":"pref"},{"name":"s","type":"split"}]}}`,
		"catch_up_before_pref":   `{"prefs":{"a":{"rate":"0.08"}},"tiers":{"capital":[{"name":"u","type":"catch_up","gp_share":"1","target":"0.2"},{"name":"p","type":"pref"},{"name":"c","type":"return_of_capital"},{"name":"s","type":"split","promote":"0.2"}]}}`,
		"catch_up_opens_again":   `{"prefs":{"a":{"rate":"0.08"}},"tiers":{"capital":[{"name":"p","type":"pref"},{"name":"c","type":"return_of_capital"},{"name":"u","type":"catch_up","gp_share":"1","target":"0.3"},{"name":"s","type":"split","promote":"0.2"}]}}`,
		"paid_beyond_own_need":   `{"tiers":{"capital":[{"name":"h","type":"hurdle","irr":"0.1","by":"each"},{"name":"s","type":"split"}]}}`,
		"surplus_counts":         `{"tiers":{"capital":[{"name":"h","type":"hurdle","irr":"0.1"},{"name":"s","type":"split"}]}}`,
	} {
		f, ok := found(t, text)[code]
		require.True(t, ok, code)
		require.NotEmpty(t, f.Reason)
	}
	// A usual waterfall has nothing to say but notes.
	for _, f := range parse(t, classicJSON).Findings() {
		require.Equal(t, waterfall.SeverityNote, f.Severity, f)
	}
	// What is wrong is an error, with its field.
	bad := &waterfall.Terms{}
	require.Equal(t, waterfall.SeverityError, bad.Findings()[0].Severity)
	require.Equal(t, "tiers.capital", bad.Findings()[0].Field)
}
