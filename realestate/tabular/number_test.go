package tabular

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/realestate/date"
)

func TestParseAmount(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"1234.5": "1234.50", "$1,234.50": "1234.50", "1,234,567": "1234567.00", "$ 12.00": "12.00", ".5": "0.50", "7.": "7.00",
		"(123.45)": "-123.45", "($1,234.50)": "-1234.50", "$(12.00)": "-12.00", "$ (54.00)": "-54.00", "($ 54.00)": "-54.00", "(1.00)-": "!", "-(1.00)": "!", "$-(1)": "!", "()": "!", "(-)": "!", "$ ()": "!", "-$5.00": "-5.00", "$-5.00": "-5.00", "5.00-": "-5.00",
		"\u221212.50": "-12.50", "$ -": "0.00", "-": "0.00", "$\u00a01,000": "1000.00", "USD 20": "20.00", "20 USD": "20.00", "+3": "3.00",
		"0": "0.00", "1.500": "1.50", "$0.00": "0.00",
		"": "!", "$": "!", "abc": "!", "1.234": "!", "1,23": "!", "1,2345": "!", "12,34.5": "!", ",123": "!", "1.2.3": "!", "(5": "!", "5)": "!",
		"(-5)": "!", "--5": "!", "1e3": "!", "NaN": "!", "1 234": "!", "€5": "!", "$$5": "!", "99999999999999999": "!", "0x10": "!",
	} {
		got, ok := parseAmount(in)
		require.Equal(t, want != "!", ok, "%q gives %s", in, got)
		if ok {
			require.Equal(t, want, got.String(), in)
		}
	}
}

func TestParseRate(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"7%": "0.07", "7.25 %": "0.0725", "0.0725": "0.0725", "5.35%": "0.0535", "100%": "1", "1": "1", "-2%": "-0.02", "(2%)": "!", "0": "0",
		"7": "!", "7.25": "!", "": "!", "%": "!", "a%": "!", "7%%": "!",
	} {
		got, ok := parseRate(in)
		require.Equal(t, want != "!", ok, "%q gives %s", in, got)
		if ok {
			require.Equal(t, want, got.String(), in)
		}
	}
}

func TestParseCount(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]int{
		"0": 0, "1,180": 1180, "940.0": 940, "12": 12,
		"": -1, "-1": -1, "1.5": -1, "x": -1, "99999999999": -1,
	} {
		got, ok := parseCount(in)
		require.Equal(t, want >= 0, ok, in)
		if ok {
			require.Equal(t, want, got, in)
		}
	}
}

// today is the day that years of two digits are judged by.
var today = date.MustParse("2026-05-01")

func TestParseDate(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"2026-03-31": "2026-03-31", "3/31/2026": "2026-03-31", "03/31/2026": "2026-03-31", "3/31/26": "2026-03-31", "3-31-2026": "2026-03-31",
		"31-Mar-2026": "2026-03-31", "31-Mar-26": "2026-03-31", "Mar 31, 2026": "2026-03-31", "March 31, 2026": "2026-03-31", "20260331": "2026-03-31",
		"2026-03-31 00:00:00": "2026-03-31", "2026-03-31T12:30:00Z": "2026-03-31", "3/31/2026 0:00": "2026-03-31", "3/31/26 0:00": "2026-03-31",
		"45658": "2025-01-01", "45658.75": "2025-01-01", "20000": "1954-10-03", "80000": "2119-01-11", "1/1/90": "1990-01-01", "6/1/46": "unsure", "6/1/65": "unsure",
		"5/1/46": "2046-05-01", "5/1/76": "1976-05-01", "4/30/76": "unsure",
		"": "", "31/3/2026": "", "2026-02-30": "", "2/30/2026": "", "tomorrow": "", "19999": "", "80001": "", "2026": "", "4565": "", "456581": "", "45658.x": "",
		"2026-03-31 soon": "", "3/31": "", "0000-01-01": "", "12312026": "", "10200101": "",
	} {
		got, ok, sure := parseDate(in, today, false)
		require.Equal(t, want != "", ok, in)
		require.Equal(t, ok && want != "unsure", ok && sure, in)
		if ok && sure {
			require.Equal(t, want, got.String(), in)
		}
	}
}

// A past day of two digits is the last one that is not after today; nothing is
// guessed without a today, nor where the next one is close ahead: a lease that begins
// next summer did not begin a hundred years ago.
func TestParseDate_past(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"6/1/65": "1965-06-01", "5/1/26": "2026-05-01", "5/2/28": "1928-05-02", "1/1/00": "2000-01-01", "2/29/00": "2000-02-29"} {
		got, ok, sure := parseDate(in, today, true)
		require.True(t, ok && sure, in)
		require.Equal(t, want, got.String(), in)
	}
	for _, in := range []string{"6/1/27", "5/2/26", "5/1/28"} {
		_, ok, sure := parseDate(in, today, true)
		require.True(t, ok && !sure, in)
	}
	_, ok, sure := parseDate("6/1/25", date.Date{}, true)
	require.True(t, ok && !sure)
}

func TestParseMonth(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"2025-03": "2025-03-01", "Mar 2025": "2025-03-01", "March 2025": "2025-03-01", "Mar-25": "2025-03-01", "Mar-2025": "2025-03-01",
		"3/2025": "2025-03-01", "3/31/2025": "2025-03-01", "2025-03-31": "2025-03-01",
		"Jan-65": "", "45717": "2025-03-01", "": "", "Total": "", "2025": "", "13/2025": "",
	} {
		got, ok := parseMonth(in, today)
		require.Equal(t, want != "", ok, in)
		require.Equal(t, want, got.String(), in)
	}
}

func TestParseBool(t *testing.T) {
	t.Parallel()
	for in, want := range map[string][2]bool{
		"yes": {true, true}, "X": {true, true}, "TRUE": {true, true}, "1": {true, true}, "no": {false, true}, "0": {false, true},
		"": {}, "maybe": {}, "2": {},
	} {
		value, ok := parseBool(in)
		require.Equal(t, want, [2]bool{value, ok}, in)
	}
}
