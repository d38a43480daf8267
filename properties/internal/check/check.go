// Package check collects field errors with the limits of the columns that the
// values go to. It refuses what the database would refuse without naming the
// field, and what it would round.
package check

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/money"
)

// MaxInt is the largest number an INTEGER column holds.
const MaxInt = 1<<31 - 1

// Long is the limit of texts that the database does not limit.
const Long = MaxInt

// Fields collects the field errors of one row. The zero value is ready for
// use; a nil pointer to a value is always right.
type Fields struct{ fault.Fields }

// Text checks a text of at most limit characters.
func (c *Fields) Text(field, s string, limit int) {
	switch {
	case !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0:
		c.Add(field, "text_malformed", "the text is not valid UTF-8")
	case utf8.RuneCountInString(s) > limit:
		c.Add(field, "text_too_long", fmt.Sprintf("at most %d characters", limit))
	}
}

// Required is Text for a value that must be there and not be blank.
func (c *Fields) Required(field, s string, limit int) {
	c.Check(strings.TrimSpace(s) != "", field, "required", "a value is required")
	c.Text(field, s, limit)
}

// Texts checks each text of an array.
func (c *Fields) Texts(field string, list []string) {
	for i, s := range list {
		c.Text(fmt.Sprintf("%s[%d]", field, i), s, Long)
	}
}

// Integer checks a number from lo to hi.
func (c *Fields) Integer(field string, n *int, lo, hi int) {
	if n != nil && (*n < lo || *n > hi) {
		c.Add(field, "out_of_range", fmt.Sprintf("a number from %d to %d", lo, hi))
	}
}

// Count checks a number that counts something.
func (c *Fields) Count(field string, n *int) { c.Integer(field, n, 0, MaxInt) }

// Amount refuses a negative amount.
func (c *Fields) Amount(field string, a *money.Amount) {
	if a != nil && a.Sign() < 0 {
		c.Add(field, "negative", "the amount is negative")
	}
}

// Day refuses a pointer to "no date", which could not be stored.
func (c *Fields) Day(field string, d *date.Date) {
	if d != nil && d.IsZero() {
		c.Add(field, "date_malformed", "leave the date out or give one")
	}
}

// Number checks an exact number with at most places decimals, from lo to less
// than hi.
func (c *Fields) Number(field string, d *decimal.Decimal, places int32, lo, hi int64) {
	switch {
	case d == nil:
	case !Exact(*d, places):
		c.Add(field, "too_many_decimals", fmt.Sprintf("at most %d decimals", places))
	case d.LessThan(decimal.NewFromInt(lo)) || d.GreaterThanOrEqual(decimal.NewFromInt(hi)):
		c.Add(field, "out_of_range", fmt.Sprintf("a number from %d to less than %d", lo, hi))
	}
}

// Rate checks a fraction from 0 to 1 with at most six decimals.
func (c *Fields) Rate(field string, d *decimal.Decimal) {
	switch {
	case d == nil:
	case !Exact(*d, 6):
		c.Add(field, "too_many_decimals", "at most 6 decimals")
	case d.IsNegative() || d.GreaterThan(decimal.NewFromInt(1)):
		c.Add(field, "out_of_range", "a rate is a fraction from 0 to 1")
	}
}

// OptionalText is Text for a nullable text of any string type.
func OptionalText[T ~string](c *Fields, field string, s *T, limit int) {
	if s != nil {
		c.Text(field, string(*s), limit)
	}
}

// Enum checks a value of a closed list.
func Enum[T interface{ Valid() bool }](c *Fields, field string, v *T) {
	if v != nil && !(*v).Valid() {
		c.Add(field, "value_not_allowed", "not one of the known values")
	}
}

// Exact reports whether d has at most n decimals and a sane size, without
// expanding a hostile exponent.
func Exact(d decimal.Decimal, n int32) bool {
	if d.IsZero() || d.Exponent() >= -n {
		return d.Exponent() <= 20
	}
	if d.Exponent() < -100 {
		return false
	}
	return d.Truncate(n).Equal(d)
}
