package sheet

import (
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

// ParseAmount reads "1234.5", "$1,234.50", "-$1,234.50", "(1,234.50)",
// "1,234.50-", "USD 1,234.50" and the accountants' zero "$ -".
func ParseAmount(s string) (money.Amount, bool) {
	digits, negative, ok := number(strings.TrimPrefix(strings.TrimSuffix(s, "USD"), "USD"))
	if !ok {
		return money.Zero, false
	}
	a, err := money.Parse(digits)
	if err != nil {
		return money.Zero, false
	}
	if negative {
		a = a.Neg()
	}
	return a, true
}

// ParseNumber reads a number with the freedoms of [ParseAmount] and any number
// of decimals, up to 15.
func ParseNumber(s string) (decimal.Decimal, bool) {
	digits, negative, ok := number(s)
	if !ok || len(digits) > 24 {
		return decimal.Zero, false
	}
	if _, fraction, _ := strings.Cut(digits, "."); len(fraction) > 15 {
		return decimal.Zero, false
	}
	d, err := decimal.NewFromString(digits)
	if err != nil {
		return decimal.Zero, false
	}
	if negative {
		d = d.Neg()
	}
	return d, true
}

// ParseRate reads a fraction: "7%", "7.25 %" and "0.0725" are rates; "7.25"
// alone could mean either and is refused.
func ParseRate(s string) (decimal.Decimal, bool) {
	percent, isPercent := strings.CutSuffix(s, "%")
	d, ok := ParseNumber(trim(percent))
	switch {
	case !ok:
		return decimal.Zero, false
	case isPercent:
		return d.Shift(-2), true
	}
	return d, d.Abs().LessThanOrEqual(decimal.NewFromInt(1))
}

// ParseCount reads a whole number: "1180", "1,180", or "1180.0" as spreadsheets
// write them.
func ParseCount(s string) (int, bool) {
	d, ok := ParseNumber(s)
	if !ok || !d.IsInteger() || d.IsNegative() || d.GreaterThan(decimal.NewFromInt(1_000_000_000)) {
		return 0, false
	}
	return int(d.IntPart()), true
}

// number takes sign, currency sign and thousands commas off a number and
// returns its digits.
func number(s string) (digits string, negative, ok bool) {
	s = trim(strings.ReplaceAll(s, "\u2212", "-"))
	if inner, found := strings.CutPrefix(s, "("); found {
		if inner, found = strings.CutSuffix(inner, ")"); !found {
			return "", false, false
		}
		s, negative = trim(inner), true
	}
	// The sign stands before or after the currency sign, or at the end.
	for _, cut := range []string{"-", "$", "-"} {
		rest, found := strings.CutPrefix(s, cut)
		if !found {
			continue
		}
		if s = trim(rest); cut == "-" {
			if negative {
				return "", false, false
			}
			negative = true
		}
	}
	if s == "" && negative {
		return "0", false, true // "$ -"
	}
	if rest, found := strings.CutSuffix(s, "-"); found && !negative {
		s, negative = trim(rest), true
	}
	digits, ok = ungroup(strings.TrimPrefix(s, "+"))
	return digits, negative, ok
}

// ungroup drops thousands commas and refuses any that do not stand before
// three digits, since they may be meant as a decimal point.
func ungroup(s string) (string, bool) {
	whole, fraction, hasFraction := strings.Cut(s, ".")
	groups := strings.Split(whole, ",")
	for i, g := range groups {
		if !allDigits(g) || len(groups) > 1 && (i > 0 && len(g) != 3 || i == 0 && (g == "" || len(g) > 3)) {
			return "", false
		}
	}
	if !allDigits(fraction) || whole == "" && fraction == "" {
		return "", false
	}
	whole = strings.Join(groups, "")
	if whole == "" {
		whole = "0"
	}
	if hasFraction && fraction != "" {
		return whole + "." + fraction, true
	}
	return whole, true
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// ParseDate reads "2026-03-31", "3/31/2026" (month first), "3/31/26",
// "31-Mar-2026" and "Mar 31, 2026"; a time of day behind it is dropped.
func ParseDate(s string) (date.Date, bool) {
	if d, err := date.Parse(s); err == nil {
		return d, true
	}
	if i := strings.IndexAny(s, " T"); i == len("2026-03-31") {
		if d, err := date.Parse(s[:i]); err == nil && timeOfDay(s[i+1:]) {
			return d, true
		}
	}
	return layouts(s, "1/2/2006", "1-2-2006", "1/2/06", "2-Jan-2006", "2-Jan-06", "2 Jan 2006", "Jan 2, 2006", "January 2, 2006",
		"1/2/2006 15:04", "1/2/2006 15:04:05", "1/2/2006 3:04:05 PM")
}

func timeOfDay(s string) bool {
	for _, layout := range []string{"15:04", "15:04:05", "15:04:05Z07:00"} {
		if _, err := time.Parse(layout, s); err == nil {
			return true
		}
	}
	return false
}

// ParseMonth reads a month: "2026-03", "Mar 2026", "March 2026", "Mar-26",
// "3/2026", or any day of it.
func ParseMonth(s string) (date.Date, bool) {
	d, ok := layouts(s, "2006-01", "Jan 2006", "January 2006", "Jan-06", "Jan-2006", "Jan 06", "1/2006")
	if !ok {
		d, ok = ParseDate(s)
	}
	if !ok {
		return date.Date{}, false
	}
	return d.StartOfMonth(), true
}

func layouts(s string, list ...string) (date.Date, bool) {
	for _, layout := range list {
		if t, err := time.Parse(layout, s); err == nil && t.Year() >= 1 {
			return date.Of(t), true
		}
	}
	return date.Date{}, false
}

// ParseBool reads yes and no in the usual spellings.
func ParseBool(s string) (value, ok bool) {
	switch strings.ToLower(s) {
	case "yes", "y", "true", "x", "1":
		return true, true
	case "no", "n", "false", "0":
		return false, true
	}
	return false, false
}

// maxCell is more than any column of the database takes.
const maxCell = 2000

// printable reports whether a text can be stored and shown.
func printable(s string) bool {
	for _, r := range s {
		if r < ' ' && r != '\n' && r != '\t' && r != '\r' || r == 0x7f {
			return false
		}
	}
	return len(s) <= maxCell
}
