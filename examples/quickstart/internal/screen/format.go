package screen

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/realestate/money"
)

// Undefined stands for a ratio that has no value.
const Undefined = "n/a"

// Dollars formats an amount with thousands commas, a negative one in
// parentheses: "$1,234.50", "($12.00)".
func Dollars(a money.Amount) string {
	whole, cents, _ := strings.Cut(a.Abs().String(), ".")
	s := "$" + grouped(whole) + "." + cents
	if a.Sign() < 0 {
		return "(" + s + ")"
	}
	return s
}

// Price formats what a unit costs, with at least two decimals.
func Price(d decimal.Decimal) string {
	whole, fraction, _ := strings.Cut(d.StringFixed(max(2, -d.Exponent())), ".")
	for len(fraction) > 2 && strings.HasSuffix(fraction, "0") {
		fraction = fraction[:len(fraction)-1]
	}
	return "$" + grouped(whole) + "." + fraction
}

// Count formats a whole number with thousands commas.
func Count(n int) string { return grouped(strconv.Itoa(n)) }

// Percent formats a fraction with two decimals: 0.0619 is "6.19 %".
func Percent(d *decimal.Decimal) string {
	if d == nil {
		return Undefined
	}
	return d.Shift(2).StringFixed(2) + " %"
}

// Times formats a ratio with two decimals: "1.42x".
func Times(d *decimal.Decimal) string {
	if d == nil {
		return Undefined
	}
	return d.StringFixed(2) + "x"
}

// Units formats a number of units without trailing zeros.
func Units(d *decimal.Decimal) string {
	if d == nil {
		return ""
	}
	whole, fraction, found := strings.Cut(d.String(), ".")
	fraction = strings.TrimRight(fraction, "0")
	if !found || fraction == "" {
		return grouped(whole)
	}
	return grouped(whole) + "." + fraction
}

// Sentence makes the first letter a capital.
func Sentence(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if r == utf8.RuneError {
		return s
	}
	return string(unicode.ToUpper(r)) + s[n:]
}

// grouped puts commas between thousands. A leading minus stays in front.
func grouped(digits string) string {
	sign := ""
	if rest, found := strings.CutPrefix(digits, "-"); found {
		sign, digits = "-", rest
	}
	var b strings.Builder
	for i, r := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(r)
	}
	return sign + b.String()
}
