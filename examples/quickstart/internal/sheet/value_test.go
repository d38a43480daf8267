package sheet_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/examples/quickstart/internal/sheet"
)

func TestParseAmount(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"1234.5": "1234.50", "$1,234.50": "1234.50", "1,234,567": "1234567.00", "$ 12.00": "12.00", ".5": "0.50", "7.": "7.00",
		"(123.45)": "-123.45", "($1,234.50)": "-1234.50", "$(12.00)": "!", "-$5.00": "-5.00", "$-5.00": "-5.00", "5.00-": "-5.00",
		"\u221212.50": "-12.50", "$ -": "0.00", "-": "0.00", "$\u00a01,000": "1000.00", "USD 20": "20.00", "20 USD": "20.00", "+3": "3.00",
		"0": "0.00", "1.500": "1.50", "$0.00": "0.00",
		"": "!", "$": "!", "abc": "!", "1.234": "!", "1,23": "!", "1,2345": "!", "12,34.5": "!", ",123": "!", "1.2.3": "!", "(5": "!", "5)": "!",
		"(-5)": "!", "--5": "!", "1e3": "!", "NaN": "!", "1 234": "!", "€5": "!", "$$5": "!", "99999999999999999": "!", "0x10": "!",
	} {
		got, ok := sheet.ParseAmount(in)
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
		got, ok := sheet.ParseRate(in)
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
		got, ok := sheet.ParseCount(in)
		require.Equal(t, want >= 0, ok, in)
		if ok {
			require.Equal(t, want, got, in)
		}
	}
}

func TestParseDate(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"2026-03-31": "2026-03-31", "3/31/2026": "2026-03-31", "03/31/2026": "2026-03-31", "3/31/26": "2026-03-31", "3-31-2026": "2026-03-31",
		"31-Mar-2026": "2026-03-31", "31-Mar-26": "2026-03-31", "Mar 31, 2026": "2026-03-31", "March 31, 2026": "2026-03-31",
		"2026-03-31 00:00:00": "2026-03-31", "2026-03-31T12:30:00Z": "2026-03-31", "3/31/2026 0:00": "2026-03-31",
		"": "", "31/3/2026": "", "2026-02-30": "", "2/30/2026": "", "tomorrow": "", "45747": "", "2026-03-31 soon": "", "3/31": "", "0000-01-01": "",
	} {
		got, ok := sheet.ParseDate(in)
		require.Equal(t, want != "", ok, in)
		require.Equal(t, want, got.String(), in)
	}
}

func TestParseMonth(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"2025-03": "2025-03-01", "Mar 2025": "2025-03-01", "March 2025": "2025-03-01", "Mar-25": "2025-03-01", "Mar-2025": "2025-03-01",
		"3/2025": "2025-03-01", "3/31/2025": "2025-03-01", "2025-03-31": "2025-03-01",
		"": "", "Total": "", "2025": "", "13/2025": "",
	} {
		got, ok := sheet.ParseMonth(in)
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
		value, ok := sheet.ParseBool(in)
		require.Equal(t, want, [2]bool{value, ok}, in)
	}
}
