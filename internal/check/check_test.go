package check_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

type lamp string

func (l lamp) Valid() bool { return l == "on" || l == "off" }

// codes are the codes that a check adds.
func codes(f func(c *check.Fields)) string {
	var c check.Fields
	f(&c)
	var out []string
	for _, e := range fault.FieldErrors(c.Err()) {
		out = append(out, e.Code)
	}
	return strings.Join(out, " ")
}

func TestFields(t *testing.T) {
	t.Parallel()
	dec := func(s string) *decimal.Decimal { d := decimal.RequireFromString(s); return &d }
	num := func(n int) *int { return &n }
	usd := func(s string) *money.Amount { a := money.MustParse(s); return &a }
	on, dim, text := lamp("on"), lamp("dim"), "éééé"
	for _, c := range []struct {
		want  string
		check func(c *check.Fields)
	}{
		{"", func(c *check.Fields) { c.Text("f", "éééé", 4) }},
		{"text_too_long", func(c *check.Fields) { c.Text("f", "ééééé", 4) }},
		{"text_malformed", func(c *check.Fields) { c.Text("f", "\xff", 4) }},
		{"text_malformed", func(c *check.Fields) { c.Text("f", "a\x00", 4) }},
		{"required", func(c *check.Fields) { c.Required("f", " \t", 4) }},
		{"text_malformed", func(c *check.Fields) { c.Texts("f", []string{"a", "\x00"}) }},
		{"", func(c *check.Fields) {
			c.Integer("f", nil, 1, 2)
			c.Integer("f", num(1), 1, 2)
			c.Integer("f", num(2), 1, 2)
		}},
		{"out_of_range out_of_range", func(c *check.Fields) { c.Integer("f", num(0), 1, 2); c.Integer("f", num(3), 1, 2) }},
		{"out_of_range out_of_range", func(c *check.Fields) { c.Count("f", num(-1)); c.Count("f", num(1<<31)) }},
		{"", func(c *check.Fields) { c.Count("f", num(1<<31-1)); c.Amount("f", nil); c.Amount("f", usd("0")) }},
		{"out_of_range", func(c *check.Fields) { c.Amount("f", usd("-0.01")) }},
		{"required required required", func(c *check.Fields) { c.Given("f", id.Of[lamp]{}); c.Given("f", date.Date{}); c.Some("f", 0) }},
		{"", func(c *check.Fields) { c.Given("f", id.New[lamp]()); c.Given("f", time.Unix(1, 0)); c.Some("f", 1) }},
		{"out_of_range out_of_range", func(c *check.Fields) { c.Above("f", money.Zero); c.NotNegative("f", *usd("-0.01")) }},
		{"", func(c *check.Fields) { c.Above("f", *usd("0.01")); c.NotNegative("f", money.Zero); c.Size("f", nil) }},
		{"out_of_range", func(c *check.Fields) { n := int64(-1); c.Size("f", &n) }},
		{"value_not_allowed", func(c *check.Fields) { check.One(c, "f", on); check.One(c, "f", dim) }},
		{"date_malformed", func(c *check.Fields) { c.Day("f", nil); c.Day("f", &date.Date{}) }},
		{"", func(c *check.Fields) { c.Number("f", nil, 1, 0, 1); c.Number("f", dec("1.50"), 1, 0, 2) }},
		{"too_many_decimals", func(c *check.Fields) { c.Number("f", dec("1.25"), 1, 0, 2) }},
		{"out_of_range out_of_range", func(c *check.Fields) { c.Number("f", dec("2"), 1, 0, 2); c.Number("f", dec("-0.1"), 1, 0, 2) }},
		{"", func(c *check.Fields) { c.Rate("f", nil); c.Rate("f", dec("0")); c.Rate("f", dec("1.000000000")) }},
		{"out_of_range out_of_range too_many_decimals", func(c *check.Fields) {
			c.Rate("f", dec("1.000001"))
			c.Rate("f", dec("-0.1"))
			c.Rate("f", dec("0.1234567"))
		}},
		{"", func(c *check.Fields) {
			check.OptionalText[string](c, "f", nil, 4)
			check.OptionalText(c, "f", &text, 4)
		}},
		{"text_too_long", func(c *check.Fields) { check.OptionalText(c, "f", &text, 3) }},
		{"value_not_allowed", func(c *check.Fields) {
			check.Enum[lamp](c, "f", nil)
			check.Enum(c, "f", &on)
			check.Enum(c, "f", &dim)
		}},
	} {
		require.Equal(t, c.want, codes(c.check))
	}
}

func TestSlug(t *testing.T) {
	t.Parallel()
	for slug, want := range map[string]string{
		"a": "", "0-9": "", "q3-call-2026": "", strings.Repeat("a", 255): "", "": "required", strings.Repeat("a", 256): "text_too_long",
		"-a": "slug_malformed", "a-": "slug_malformed", "a--b": "slug_malformed", "A": "slug_malformed", "a b": "slug_malformed", "é": "slug_malformed", "a/b": "slug_malformed",
	} {
		require.Equal(t, want, codes(func(c *check.Fields) { c.Slug("slug", slug, 255) }), slug)
	}
}

// Exact agrees with rounding on ordinary numbers, and answers at once on
// numbers that would take for ever to write out.
func TestExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := decimal.New(rapid.Int64().Draw(t, "digits"), rapid.Int32Range(-30, 20).Draw(t, "exponent"))
		n := rapid.Int32Range(0, 12).Draw(t, "places")
		require.Equal(t, d.Round(n).Equal(d), check.Exact(d, n))
	})
	for _, exponent := range []int32{math.MaxInt32, math.MinInt32, 21, -101} {
		require.False(t, check.Exact(decimal.New(1, exponent), 6))
	}
	require.False(t, check.Exact(decimal.New(0, math.MinInt32), 6), "a zero that cannot be written out")
}
