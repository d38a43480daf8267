package waterfall_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What documents leave open is said, each where terms have it.
func TestDescribe_says(t *testing.T) {
	t.Parallel()
	for want, terms := range map[string]string{
		"A distribution declared by the method preferred leaves these steps aside. It pays unpaid preferred return, then, of refinancing or sale proceeds, unreturned capital": lpPref(`"compounding":"annual"`),
		"compounded on the first day of each calendar year (1 January)":                                                                lpPref(`"compounding":"annual"`),
		"compounded on the yearly anniversaries of the day the account first had capital, or the last day of a month that has no such": lpPref(`"compounding":"annual","boundaries":"anniversary"`),
		"A payment of it counts first against what has been compounded.":                                                               lpPref(`"compounding":"daily"`),
		"10 % is 9.569 % a year compounded monthly or 9.6455 % compounded quarterly":                                                   tiersOf("", `{"name":"h","type":"hurdle","irr":"0.1"},`+split20),
		"Promote is shared: 50 % to a (of which it has nothing at first, 25 % from 2024-01-01 and 100 % from 2025-01-01) and 50 % to b. What a recipient does not have yet goes to": tiersOf(
			vested(`{"from":"2024-01-01","part":"0.25"},{"from":"2025-01-01","part":"1"}`), back+split20),
		"It looks at those whom it pays and who bear promote; who bears none is not tested.":                           tiersOf(`"promote_base":"outside",`, `{"name":"h","type":"hurdle","irr":"0.1"},`+split20),
		"until fund alone has had 10 % a year on its contributions":                                                    tiersOf("", `{"name":"h","type":"hurdle","irr":"0.1","of":["fund"]},`+split20),
		"Where it names whom it looks at, it looks at these alone, whether they bear promote or not":                   tiersOf("", `{"name":"h","type":"hurdle","irr":"0.1","of":["fund"]},`+split20),
		"Promote, fees, money held back and everything paid on members' loans do not count.":                           tiersOf("", `{"name":"h","type":"hurdle","multiple":"1.5"},`+split20),
		"Profit, for a catch-up, is everything paid so far to investors who bear promote, other than returns of capit": tiersOf(lp8, pref+back+`{"name":"u","type":"catch_up","gp_share":"1","target":"0.2"},`+split20),
		"that of a class which has paid nothing in goes to the others in proportion to theirs":                         tiersOf("", back+`{"name":"s","type":"split","percentages":{"A":"1/3","B":"2/3"}}`),
		"No step pays promote.":                             tiersOf("", back+equal),
		"Cash left after the last step is not distributed.": tiersOf("", `{"name":"c","type":"return_of_capital"}`),
		"Note (preferred return LP): it is not cumulative":  lpPref(`"lapse":"annual"`),
		"Warning (tier s): no tier before it returns":       tiersOf("", split20),
		"Note (operating cash): the preferred return LP is": `{` + lp8 + `"tiers":{"operating":[` + split20 + `],"capital":[` + pref + back + split20 + `]}}`,
	} {
		text, err := parse(t, terms).Describe()
		require.NoError(t, err)
		require.Contains(t, text, want)
	}
	text, err := parse(t, lpPref(`"compounding":"none"`)).Describe()
	require.NoError(t, err)
	require.NotContains(t, text, "Cash left after the last step", "a split leaves nothing")
}

// Dates at the ends of time and lists as long as they may be are judged, too, the
// latter in a time that does not grow with the square of the tiers.
func TestFindings_ends(t *testing.T) {
	t.Parallel()
	for _, day := range []string{"0001-01-01", "9999-12-31"} {
		fs := found(t, lpPref(`"from":"`+day+`","rates":[{"from":"`+day+`","rate":"0.01"}]`))
		require.Contains(t, fs, "pref_starts_late")
		require.Contains(t, fs, "rates_fall")
	}
	var tiers []string
	for i := range 99 {
		tiers = append(tiers, fmt.Sprintf(`{"name":"%d","type":"hurdle","irr":"0.%02d","promote":"0.%02d","by":"each"}`, i, 99-i, 99-i))
	}
	all := parse(t, tiersOf(`"prefs":{"LP":{"rate":"0.08"}},`, strings.Join(tiers, ",")+`,{"name":"c","type":"return_of_capital"}`)).Findings()
	require.Greater(t, len(all), 300)
}
