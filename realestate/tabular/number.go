package tabular

import (
	"strings"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/realestate/money"
)

// parseAmount reads "1234.5", "$1,234.50", "-$1,234.50", "(1,234.50)",
// "$ (1,234.50)", "1,234.50-", "USD 1,234.50" and the accountants' zero "$ -".
func parseAmount(s string) (money.Amount, bool) {
	digits, negative, ok := number(s)
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

// parseNumber reads a number with the freedoms of parseAmount and any number
// of decimals, up to 15.
func parseNumber(s string) (decimal.Decimal, bool) {
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

// parseRate reads a fraction: "7%", "7.25 %" and "0.0725" are rates; "7.25"
// alone could mean either and is refused.
func parseRate(s string) (decimal.Decimal, bool) {
	percent, isPercent := strings.CutSuffix(s, "%")
	d, ok := parseNumber(trim(percent))
	switch {
	case !ok:
		return decimal.Zero, false
	case isPercent:
		return d.Shift(-2), true
	}
	return d, d.Abs().LessThanOrEqual(decimal.NewFromInt(1))
}

// parseCount reads a whole number: "1180", "1,180", or "1180.0" as spreadsheets
// write them.
func parseCount(s string) (int, bool) {
	d, ok := parseNumber(s)
	if !ok || !d.IsInteger() || d.IsNegative() || d.GreaterThan(decimal.NewFromInt(1_000_000_000)) {
		return 0, false
	}
	return int(d.IntPart()), true
}

// number takes sign, currency sign and thousands commas off a number and
// returns its digits. Parentheses stand around the number or around its currency
// sign too, and make it negative; a sign stands once.
func number(s string) (digits string, negative, ok bool) {
	s = trim(strings.ReplaceAll(s, "\u2212", "-"))
	s = trim(strings.TrimPrefix(strings.TrimSuffix(s, "USD"), "USD"))
	currency, signs := false, 0
	for cut := true; cut; {
		switch {
		case strings.HasPrefix(s, "$") && !currency:
			currency, s = true, trim(s[1:])
		case strings.HasPrefix(s, "-") && signs == 0:
			signs, s = 1, trim(s[1:])
		case strings.HasPrefix(s, "(") && strings.HasSuffix(s, ")") && signs == 0:
			signs, s = 1, trim(s[1:len(s)-1])
			if s == "" {
				return "", false, false
			}
		default:
			cut = false
		}
	}
	if s == "" && signs == 1 {
		return "0", false, true // "$ -"
	}
	if rest, found := strings.CutSuffix(s, "-"); found && signs == 0 {
		s, signs = trim(rest), 1
	}
	if rest, found := strings.CutPrefix(s, "+"); found && signs == 0 {
		s = rest
	}
	digits, ok = ungroup(s)
	return digits, signs == 1, ok
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

// parseBool reads yes and no in the usual spellings.
func parseBool(s string) (value, ok bool) {
	switch strings.ToLower(s) {
	case "yes", "y", "true", "x", "1":
		return true, true
	case "no", "n", "false", "0":
		return false, true
	}
	return false, false
}

// maxCell is more than any column of a database that these tables feed takes.
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
