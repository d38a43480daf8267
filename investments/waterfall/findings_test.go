package waterfall_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

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

// Promote before capital, with what it costs; said as a return it is less.
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
	require.Equal(t, waterfall.SeverityNote, fs["promote_before_return"].Severity)
	for field, level := range map[string]string{"return": `"return":"0.14",`, "multiple": `"multiple":"1.3",`} {
		f := found(t, `{"prefs":{"LP":{"rate":"0.09"}},"tiers":{"capital":[{"name":"9 %","type":"pref"},{"name":"level","type":"hurdle",`+level+rest)["promote_before_capital"]
		require.Equal(t, "tiers.capital[1]."+field, f.Field)
		require.Contains(t, f.Cost, "on a standard example promote is ", field)
	}
}

// New terms say what becomes of an unpaid fee; stored ones need not.
func TestFindings_unpaidFee(t *testing.T) {
	t.Parallel()
	const text = `{"tiers":{"capital":[{"name":"fee","type":"fee","payee":"m","rate":"0.01","base":"distribution"},{"name":"s","type":"split"}]}}`
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

// Parts of terms that rows of the table share.
const (
	lp8     = `"prefs":{"LP":{"rate":"0.08"}},`
	pref    = `{"name":"p","type":"pref"},`
	back    = `{"name":"c","type":"return_of_capital"},`
	split20 = `{"name":"s","type":"split","promote":"0.2"}`
	equal   = `{"name":"s","type":"split"}`
)

func tiersOf(prefix, tiers string) string {
	return `{` + prefix + `"tiers":{"capital":[` + tiers + `]}}`
}

func lpPref(more string) string {
	return tiersOf(`"prefs":{"LP":{"rate":"0.08",`+more+`}},`, pref+back+split20)
}

// Every code: terms in which it is found, its weight and place, and what it costs on a
// standard example or why that cannot be said.
var unusual = []struct {
	code    string
	weight  waterfall.Severity
	field   string
	terms   string
	cost    string // begins so
	without string // why there is no cost
}{
	// Preferred returns.
	{"boundaries_without_effect", note, `prefs["LP"].boundaries`, lpPref(`"boundaries":"anniversary"`), "", "no money depends on it"},
	{"later_capital_earns_not", note, `prefs["LP"].base`, lpPref(`"base":"initial"`), example + " with another million of each a year after the sale", ""},
	{"day_counts_differ", note, `prefs["LP"].day_count`, lpPref(`"day_count":"30E/360"`), example + " promote is ", ""},
	{"day_counts_differ", note, "tiers.capital[0].day_count", tiersOf("", `{"name":"h","type":"hurdle","return":"0.08","day_count":"ACT/360"},`+split20), example + " promote is ", ""},
	{"default_rate_below_rate", warning, `prefs["LP"].default_rate`, lpPref(`"default_rate":"0.05"`), example + " with a default after a year promote is ", ""},
	{"index_without_cap", note, `prefs["LP"].index.cap`, lpPref(`"index":{"name":"SOFR","spread":"0.03"}`), "", "it depends on fixings to come"},
	{"pref_not_in_list", note, "tiers.capital", `{` + lp8 + `"tiers":{"operating":[` + pref + split20 + `],"capital":[` + back + split20 + `]}}`, example + " promote is ", ""},
	{"pref_not_in_list", note, "tiers.operating", `{"prefs":{"LP":{"rate":"0.08","compounding":"annual"}},"tiers":{"operating":[` + split20 + `],"capital":[` + pref + back + split20 + `]}}`, example + " promote is ", ""},
	{"pref_lapses", note, `prefs["LP"].lapse`, lpPref(`"lapse":"annual"`), example + " promote is ", ""},
	{"pref_starts_late", note, `prefs["LP"].from`, lpPref(`"from":180`), example + " promote is ", ""},
	{"pref_starts_late", note, `prefs["LP"].from`, lpPref(`"from":"2030-06-01"`), example + " that begins a year before 2030-06-01 promote is ", ""},
	{"pref_tier_pays_nobody", warning, "tiers.capital[0].type", tiersOf("", pref+back+split20), "", "the rate that was meant is not said"},
	{"pref_never_paid", warning, `prefs["LP"]`, tiersOf(lp8, back+split20), example + " promote is ", ""},
	{"pref_never_paid", warning, `prefs["LP"]`, tiersOf(`"prefs":{"LP":{"rate":"0","rates":[{"from":"2020-06-01","rate":"0.08"}]}},`, back+split20), example + " promote is ", ""},
	{"rate_extreme", warning, `prefs["LP"].rate`, tiersOf(`"prefs":{"LP":{"rate":"8"}},`, pref+back+split20), example + " promote is ", ""},
	{"rate_extreme", warning, `prefs["LP"].default_rate`, lpPref(`"default_rate":"9"`), example + " with a default after a year promote is ", ""},
	{"rate_extreme", warning, `prefs["LP"].rates[0].rate`, lpPref(`"rates":[{"from":"2024-01-01","rate":"9"}]`), example + " that begins a year before 2024-01-01 promote is ", ""},
	{"rate_extreme", warning, `prefs["LP"].index.cap`, lpPref(`"index":{"name":"SOFR","spread":"0.03","cap":"9"}`), "", "it depends on fixings to come"},
	{"rate_extreme", warning, "tiers.capital[0].irr", tiersOf("", `{"name":"h","type":"hurdle","irr":"8"},`+split20), example + " promote is ", ""},
	{"rates_fall", note, `prefs["LP"].rates[1].rate`, lpPref(`"rates":[{"from":"2024-01-01","rate":"0.1"},{"from":"2025-01-01","rate":"0.07"}]`),
		example + " that begins a year before 2025-01-01 promote is ", ""},
	{"returned_capital_compounds", warning, `prefs["LP"].base`, lpPref(`"base":"contributed","compounding":"annual"`),
		example + " with a refinancing of half of the capital after two years promote is ", ""},
	{"returned_capital_earns", note, `prefs["LP"].base`, lpPref(`"base":"contributed"`), example + " with a refinancing of half of the capital after two years promote is ", ""},
	{"with_pref_without_pref", warning, "tiers.capital[0].with_pref", tiersOf("", `{"name":"l","type":"return_of_capital","lots":"latest_first","with_pref":true},`+split20), "", "no money depends on it"},

	// The order of the tiers.
	{"capital_never_returned", warning, "tiers.capital[1].type", tiersOf(lp8, pref+equal), "", "a split without promote pays the same by contributed capital"},
	{"capital_never_returned", warning, "tiers.capital[1].type", tiersOf(`"prefs":{"A":{"rate":"0.08"},"B":{"rate":"0.06"}},`, pref+`{"name":"s","type":"split","promote":"0.2"}`), example + " promote is ", ""},
	{"capital_paid_twice", warning, "tiers.capital[0].irr", tiersOf("", `{"name":"h","type":"hurdle","irr":"0.08"},`+back+split20), example + " promote is ", ""},
	{"capital_paid_twice", warning, "tiers.operating[0].multiple", `{"tiers":{"operating":[{"name":"h","type":"hurdle","multiple":"1.01"},` + split20 + `],"capital":[` + back + split20 + `]}}`, example + " promote is ", ""},
	{"class_never_paid", warning, "tiers.capital", tiersOf(`"prefs":{"B":{"rate":"0"}},`, `{"name":"c","type":"return_of_capital","to":["A"]},{"name":"s","type":"split","to":["A"]}`), example + " what A (example) gets is ", ""},
	{"tier_never_reached", warning, "tiers.capital[1].type", tiersOf("", `{"name":"s","type":"split","promote":"0.1"},`+`{"name":"c","type":"return_of_capital"}`), example + " promote is ", ""},
	{"tier_never_reached", warning, "tiers.capital[1].type", tiersOf("", `{"name":"s","type":"split","to":["A"]},{"name":"t","type":"split","to":["B"]}`), example + " what A (example) gets is ", ""},
	{"tier_never_reached", warning, "tiers.capital[1].type", tiersOf("", `{"name":"f","type":"fee","payee":"m","rate":"1"},`+equal), example + " what investors (example) gets is 0.00", ""},
	{"promote_before_return", note, "tiers.capital[1].return", tiersOf(lp8, pref+`{"name":"h","type":"hurdle","return":"0.14","capital":false,"promote":"0.3"},`+back+`{"name":"s","type":"split","promote":"0.5"}`), example + " sold at nine tenths of capital promote is ", ""},
	{"promote_beside_capital", note, "tiers.capital[0].promote", tiersOf("", `{"name":"c","type":"return_of_capital","promote":"0.01"},`+split20), example + " promote is ", ""},
	{"promote_before_capital", warning, "tiers.operating[0].irr", `{"tiers":{"operating":[{"name":"h","type":"hurdle","irr":"0.02","promote":"0.1"},` + split20 + `],"capital":[` + back + split20 + `]}}`, example + " promote is ", ""},
	{"promote_falls", warning, "tiers.capital[2].promote", tiersOf("", back+`{"name":"h","type":"hurdle","irr":"0.1","promote":"0.3"},`+split20), example + " promote is ", ""},
	{"promote_on_capital", warning, "tiers.capital[0].promote", tiersOf("", split20), example + " promote is ", ""},
	{"promote_never_paid", note, "tiers", tiersOf(`"promote_recipient":"gp",`, back+equal), "", "the promote that was meant is not said"},
	{"cash_undistributed", warning, "tiers.capital[0].type", tiersOf("", `{"name":"c","type":"return_of_capital"}`), example + " what stays undistributed is 660,000.00; mended it is 0.00", ""},
	{"catch_up_before_capital", warning, "tiers.capital[1].type", tiersOf(lp8, pref+`{"name":"u","type":"catch_up","gp_share":"1","target":"0.9"},`+back+`{"name":"s","type":"split","promote":"0.9"}`), example + " promote is ", ""},

	// Promote, fees and shares.
	{"promote_above_half", warning, "tiers.capital[1].promote", tiersOf("", back+`{"name":"s","type":"split","promote":"0.8"}`), example + " promote is 528,000.00; mended it is 132,000.00", ""},
	{"promote_split_unused", note, "tiers.capital[1].promote_split", tiersOf("", back+`{"name":"s","type":"split","promote_split":[{"recipient":"gp","share":"1"}]}`), "", "no money depends on it"},
	{"promote_base_differs", note, "tiers.capital[1].promote_base", tiersOf("", back+`{"name":"s","type":"split","promote":"0.2","promote_base":"outside"}`), example + " with a tenth of it from the sponsor promote is ", ""},
	{"investors_capped", warning, "tiers.capital[2].promote", tiersOf(lp8, pref+back+`{"name":"s","type":"split","promote":"1"}`), example + " promote is ", ""},
	{"percentages_skip_class", note, "tiers.capital[1].percentages", tiersOf(`"prefs":{"A":{"rate":"0"},"B":{"rate":"0"}},`, back+`{"name":"s","type":"split","percentages":{"A":"1"}}`), example + " what A (example) gets is ", ""},
	{"vesting_falls", warning, "promote_split[1].vesting[1].part", tiersOf(vested(`{"from":"2024-01-01","part":"1"},{"from":"2025-01-01","part":"0.5"}`), back+split20), example + " that begins a year before 2025-01-01 what a gets is ", ""},
	{"vesting_never_full", note, "promote_split[1].vesting[0].part", tiersOf(vested(`{"from":"2024-01-01","part":"0.5"}`), back+split20), example + " that begins a year before 2024-01-01 what a gets is ", ""},
	{"vesting_falls", warning, "tiers.capital[1].promote_split[0].vesting[1].part", tiersOf("", back+`{"name":"s","type":"split","promote":"0.2","promote_split":[
		{"recipient":"b","share":"0.5","vesting":[{"from":"2024-01-01","part":"1"},{"from":"2025-01-01","part":"0"}]},{"recipient":"a","share":"0.5"}]}`), example + " that begins a year before 2025-01-01 what a gets is ", ""},
	{"losses_below_zero", note, "losses.below_zero", tiersOf(`"losses":{"below_zero":true},`, back+equal), "", "losses change no distribution"},
	{"fee_every_distribution", note, "tiers.capital[0].base", tiersOf("", `{"name":"f","type":"fee","payee":"m","rate":"0.01","base":"contributed","unpaid":"lapses"},`+equal), "", "the number of distributions is not in the terms"},
	{"fee_every_distribution", note, "tiers.capital[0].amount", tiersOf("", `{"name":"f","type":"fee","payee":"m","amount":"100","unpaid":"lapses"},`+equal), "", "the number of distributions is not in the terms"},
	{"fee_large", warning, "tiers.capital[0].rate", tiersOf("", `{"name":"f","type":"fee","payee":"m","rate":"0.25"},`+equal), example + " what investors (example) gets is ", ""},
	{"holdback_without_limit", note, "tiers.capital[0].amount", tiersOf("", `{"name":"r","type":"holdback","rate":"0.05"},`+equal), example + " what investors (example) gets is ", ""},

	// Levels.
	{"either_test", note, "tiers.capital[0].test", tiersOf("", `{"name":"h","type":"hurdle","irr":"0.05","multiple":"1.5","test":"either"},`+split20), example + " promote is ", ""},
	{"hurdle_already_met", warning, "tiers.capital[1].type", tiersOf("", `{"name":"20","type":"hurdle","irr":"0.15","promote":"0.1"},{"name":"10","type":"hurdle","irr":"0.1","promote":"0.2"},`+split20), example + " promote is ", ""},
	{"hurdle_already_met", warning, "tiers.capital[1].type", tiersOf("", back+`{"name":"h","type":"hurdle","multiple":"1"},`+split20), "", "the tier pays nothing either way"},
	{"hurdle_already_met", warning, "tiers.capital[2].type", tiersOf(`"prefs":{"LP":{"rate":"0.08","compounding":"annual"}},`, pref+back+`{"name":"h","type":"hurdle","irr":"0.07"},`+split20), "", "the tier pays nothing either way"},
	{"hurdle_pays_nothing", warning, "tiers.capital[1].multiple", tiersOf("", back+`{"name":"h","type":"hurdle","multiple":"0"},`+split20), "", "the level that was meant is not said"},
	{"hurdle_pays_nothing", warning, "tiers.capital[1].return", tiersOf("", back+`{"name":"h","type":"hurdle","return":"0","capital":false},`+split20), "", "the level that was meant is not said"},
	{"hurdle_tests_unpaid", warning, "tiers.capital[1].of", tiersOf(`"prefs":{"A":{"rate":"0"}},`, back+`{"name":"h","type":"hurdle","irr":"0.1","to":["B"],"of":["A"]},{"name":"s","type":"split","promote":"0.2"}`), example + " promote is ", ""},
	{"level_changes_nothing", note, "tiers.capital[1].type", tiersOf("", back+`{"name":"h","type":"hurdle","irr":"0.12","promote":"0.2"},`+split20), "", "no money depends on it"},
	{"look_back", note, "tiers.capital[0].look_back", lookBackJSON, example + " with another million of each a year after the sale", ""},
	{"multiple_below_one", warning, "tiers.capital[0].multiple", tiersOf("", `{"name":"h","type":"hurdle","multiple":"0.3"},`+split20), example + " promote is ", ""},
	{"multiple_extreme", warning, "tiers.capital[0].multiple", tiersOf("", `{"name":"h","type":"hurdle","multiple":"130"},`+split20), example + " promote is 0.00; mended it is ", ""},
	{"paid_beyond_own_need", note, "tiers.capital[0].by", tiersOf("", `{"name":"h","type":"hurdle","irr":"0.1","by":"each"},`+split20), example + " that other investors join with as much after a year promote is ", ""},
	{"surplus_counts", note, "tiers.capital[1].surplus", tiersOf("", `{"name":"8 %","type":"hurdle","irr":"0.08","surplus":"lapses"},{"name":"h","type":"hurdle","irr":"0.1","promote":"0.1"},`+split20), example + " with another million of each a year after the sale and a sale of it at 1.2 times a year later promote is ", ""},
	{"surplus_counts", note, "tiers.capital[1].surplus", tiersOf("", `{"name":"l","type":"return_of_capital","lots":"latest_first"},{"name":"h","type":"hurdle","irr":"0.1"},`+split20), example + " with another million of each a year after the sale and a sale of it at 1.2 times a year later promote is ", ""},

	// Catch-ups.
	{"catch_up_before_pref", warning, "tiers.capital[0].type", tiersOf(lp8, `{"name":"u","type":"catch_up","gp_share":"1","target":"0.2"},`+pref+back+split20), example + " promote is ", ""},
	{"catch_up_counts_others", note, "tiers.capital[2].to", tiersOf(`"prefs":{"A":{"rate":"0.08"},"B":{"rate":"0.08"}},`, pref+back+`{"name":"u","type":"catch_up","gp_share":"1","target":"0.2","to":["A"]},`+split20), "", "the language has no other profit for it"},
	{"catch_up_opens_again", warning, "tiers.capital[2].target", tiersOf(lp8, pref+back+`{"name":"u","type":"catch_up","gp_share":"1","target":"0.3"},`+split20), example + " promote is ", ""},
	{"catch_up_below_split", warning, "tiers.capital[2].gp_share", tiersOf(lp8, pref+back+`{"name":"u","type":"catch_up","gp_share":"0.25","target":"0.2"},{"name":"s","type":"split","promote":"0.3"}`), example + " promote is ", ""},
	{"catch_up_on_capital", warning, "tiers.capital[1].target", tiersOf("", `{"name":"h","type":"hurdle","irr":"0.08"},{"name":"u","type":"catch_up","gp_share":"1","target":"0.2"},`+split20), example + " promote is ", ""},
	{"catch_up_without_pref", warning, "tiers.capital[1].type", tiersOf("", back+`{"name":"u","type":"catch_up","gp_share":"1","target":"0.3"},`+split20), example + " with another million of each a year after the sale", ""},
}

const (
	note    = waterfall.SeverityNote
	warning = waterfall.SeverityWarning
	example = "on a standard example"
)

func vested(v string) string {
	return `"promote_split":[{"recipient":"b","share":"0.5"},{"recipient":"a","share":"0.5","vesting":[` + v + `]}],`
}

func TestFindings_each(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, row := range unusual {
		t.Run(row.code+" "+row.field, func(t *testing.T) {
			all := parse(t, row.terms).Findings()
			k := slices.IndexFunc(all, func(f waterfall.Finding) bool { return f.Code == row.code && f.Field == row.field })
			require.GreaterOrEqual(t, k, 0, "%+v", all)
			f := all[k]
			require.Equal(t, row.weight, f.Severity)
			require.NotEmpty(t, f.Reason)
			if row.cost == "" {
				require.Empty(t, f.Cost)
				require.NotEmpty(t, row.without)
				return
			}
			require.True(t, strings.HasPrefix(f.Cost, row.cost), f.Cost)
			require.Contains(t, f.Cost, "; mended it is ")
		})
		seen[row.code] = true
	}
	file, err := parser.ParseFile(token.NewFileSet(), "findings_codes.go", nil, 0)
	require.NoError(t, err)
	doc, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	codes := 0
	ast.Inspect(file, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			code, err := strconv.Unquote(lit.Value)
			require.NoError(t, err)
			require.True(t, seen[code], "no terms in the table have %s", code)
			require.Contains(t, string(doc), "//   - "+code+": ", "the package's words have no %s", code)
			codes++
		}
		return true
	})
	require.Len(t, seen, codes)
}

// A level of which nothing is said counts its surplus, as nearly all do: that is no
// finding, and Describe says it. Nor is it one where the terms say it in so many words.
func TestFindings_usualLevels(t *testing.T) {
	t.Parallel()
	const said = "What they have had beyond it counts against what they pay in later"
	for _, terms := range []string{
		tiersOf("", `{"name":"10","type":"hurdle","irr":"0.1"},{"name":"15","type":"hurdle","irr":"0.15","promote":"0.1"},`+split20),
		tiersOf(lp8, pref+back+`{"name":"12","type":"hurdle","irr":"0.12","promote":"0.1"},`+split20),
		tiersOf("", `{"name":"8","type":"hurdle","irr":"0.08","surplus":"lapses"},{"name":"h","type":"hurdle","irr":"0.1","promote":"0.1","surplus":"counts"},`+split20),
	} {
		require.Empty(t, parse(t, terms).Findings())
		text, err := parse(t, terms).Describe()
		require.NoError(t, err)
		require.Contains(t, text, said)
		require.Equal(t, strings.Contains(terms, "lapses"), strings.Contains(text, said+", unless the step says otherwise."))
	}
	text, err := parse(t, tiersOf("", `{"name":"8","type":"hurdle","irr":"0.08","surplus":"lapses"},`+split20)).Describe()
	require.NoError(t, err)
	require.NotContains(t, text, said)
}

// Tiers that look back are noted once a list, and what waits for the last sale is told
// from a list without an end.
func TestFindings_lookBackOnce(t *testing.T) {
	t.Parallel()
	of := func(terms string) (reasons []string) {
		for _, f := range parse(t, terms).Findings() {
			reasons = append(reasons, f.Tier+": "+f.Reason)
		}
		return reasons
	}
	require.Equal(t, []string{"s: it waits for the last sale; what other distributions leave stays undistributed",
		"h: it and later tiers are computed once, after the last sale"},
		of(tiersOf("", back+`{"name":"h","type":"hurdle","irr":"0.1","look_back":true},{"name":"s","type":"split","promote":"0.2","look_back":true}`)))
	require.Equal(t, []string{"h: it is computed once, after the last sale; promote that other tiers have paid too much by then does not come back by itself"},
		of(tiersOf("", back+`{"name":"h","type":"hurdle","irr":"0.1","look_back":true},`+split20)))
	f := found(t, tiersOf("", back+`{"name":"h","type":"hurdle","irr":"0.1","look_back":true},{"name":"s","type":"split","promote":"0.2","look_back":true}`))["cash_undistributed"]
	require.True(t, strings.HasPrefix(f.Cost, example+" with another million of each a year after the sale and a sale of it at 1.2 times a year later what stays undistributed is "), f.Cost)
}

// What is wrong is an error, with its field.
func TestFindings_errors(t *testing.T) {
	t.Parallel()
	bad := &waterfall.Terms{}
	require.Equal(t, waterfall.SeverityError, bad.Findings()[0].Severity)
	require.Equal(t, "tiers.capital", bad.Findings()[0].Field)
}

// What real agreements say is found usual, but for what is listed with its reason.
func TestFindings_agreements(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, a := range agreements(t) {
		terms, err := waterfall.ParseTerms(a.Terms)
		require.NoError(t, err)
		b.WriteString(a.ID + "\n")
		for _, f := range terms.Findings() {
			b.WriteString("  " + string(f.Severity) + " " + f.Code + " (" + f.Field + "): " + f.Reason + "\n")
			if f.Cost != "" {
				b.WriteString("    " + f.Cost + "\n")
			}
		}
	}
	golden(t, "agreements.findings.txt", b.String())
}

// Whatever terms are drawn, they are judged and described; a cost compares two figures
// that differ.
func TestFindings_any(t *testing.T) {
	t.Parallel()
	deals := rapid.Custom(anyDeal)
	for seed := range 10 {
		terms := deals.Example(seed).Terms
		text, err := terms.Describe()
		require.NoError(t, err)
		for _, f := range terms.Findings() {
			if f.Severity != waterfall.SeverityError {
				require.Contains(t, text, f.Reason)
			}
			if f.Cost != "" {
				before, after, ok := strings.Cut(f.Cost, "; mended it is ")
				require.True(t, ok, f.Cost)
				require.False(t, strings.HasSuffix(before, " "+after), f.Cost)
			}
		}
	}
}
