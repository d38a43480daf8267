// Package check collects field errors with the limits of the columns that the
// values go to. It refuses what the database would refuse without naming the
// field, and what it would round. A condition has one code, whatever verb finds
// it.
package check

import (
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/money"
)

// The codes of package fault, by which a condition has one code, whatever verb
// finds it. No other package writes a code out.
const (
	Required        = fault.CodeRequired
	NotAllowed      = fault.CodeNotAllowed
	OutOfRange      = fault.CodeOutOfRange
	TooManyDecimals = fault.CodeTooManyDecimals
	TooLong         = fault.CodeTooLong
	TooMany         = fault.CodeTooMany
	Malformed       = fault.CodeMalformed
	Invisible       = fault.CodeInvisible
	BadName         = fault.CodeName
	BadSlug         = fault.CodeSlug
	BadURL          = fault.CodeURL
	BadTimezone     = fault.CodeTimezone
	BadJSON         = fault.CodeJSON
	NoDate          = fault.CodeNoDate
	InFuture        = fault.CodeInFuture
	InPast          = fault.CodeInPast
	TooFar          = fault.CodeTooFar
	Inverted        = fault.CodeInverted
	Disordered      = fault.CodeDisordered
	Duplicate       = fault.CodeDuplicate
	NotClearable    = fault.CodeNotClearable
)

// MaxInt is the largest number an INTEGER column holds.
const MaxInt = 1<<31 - 1

// Long is the limit of texts that the database does not limit, in characters: some
// thirty pages.
const Long = 100_000

// Fields collects the field errors of one row. The zero value is ready for
// use; a nil pointer to a value is always right.
type Fields struct{ fault.Fields }

// Text checks a text of at most limit characters.
func (c *Fields) Text(field, s string, limit int) {
	switch {
	case !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0:
		c.Add(field, Malformed, "the text is not valid UTF-8")
	case utf8.RuneCountInString(s) > limit:
		c.Add(field, TooLong, fmt.Sprintf("at most %d characters", limit))
	}
}

// Required is Text for a value that must be there and not be blank.
func (c *Fields) Required(field, s string, limit int) {
	c.Check(strings.TrimSpace(s) != "", field, Required, "a value is required")
	c.Text(field, s, limit)
}

// slugForm is what fits the path of a URL.
var slugForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// Slug checks a text for the path of a URL, of 1 to limit characters.
func (c *Fields) Slug(field, s string, limit int) {
	c.Required(field, s, limit)
	c.Check(s == "" || slugForm.MatchString(s), field, BadSlug, "lower-case letters, digits and single hyphens between them")
}

// Given requires an id, a date or a time.
func (c *Fields) Given(field string, v interface{ IsZero() bool }) {
	c.Check(!v.IsZero(), field, Required, "a value is required")
}

// Some requires at least one of a list.
func (c *Fields) Some(field string, n int) {
	c.Check(n > 0, field, Required, "at least one is required")
}

// The limits of arrays of texts, such as tags.
const (
	MaxTexts = 1000
	MaxEntry = 1000 // characters of each
)

// Texts checks an array of texts, and each of them.
func (c *Fields) Texts(field string, list []string) {
	if len(list) > MaxTexts {
		c.Add(field, TooMany, fmt.Sprintf("at most %d entries", MaxTexts))
		return
	}
	for i, s := range list {
		c.Text(fmt.Sprintf("%s[%d]", field, i), s, MaxEntry)
	}
}

// Integer checks a number from lo to hi.
func (c *Fields) Integer(field string, n *int, lo, hi int) {
	if n != nil && (*n < lo || *n > hi) {
		c.Add(field, OutOfRange, fmt.Sprintf("a number from %d to %d", lo, hi))
	}
}

// Count checks a number that counts something.
func (c *Fields) Count(field string, n *int) { c.Integer(field, n, 0, MaxInt) }

// Amount refuses a negative amount.
func (c *Fields) Amount(field string, a *money.Amount) {
	if a != nil && a.Sign() < 0 {
		c.Add(field, OutOfRange, "the amount is negative")
	}
}

// Above requires an amount above zero.
func (c *Fields) Above(field string, a money.Amount) {
	c.Check(a.Sign() > 0, field, OutOfRange, "the amount is not above zero")
}

// NotNegative refuses an amount below zero.
func (c *Fields) NotNegative(field string, a money.Amount) { c.Amount(field, &a) }

// Size refuses a number of bytes below zero.
func (c *Fields) Size(field string, n *int64) {
	c.Check(n == nil || *n >= 0, field, OutOfRange, "the size is negative")
}

// Day refuses a pointer to "no date", which could not be stored.
func (c *Fields) Day(field string, d *date.Date) {
	if d != nil && d.IsZero() {
		c.Add(field, NoDate, "leave the date out or give one")
	}
}

// Number checks an exact number with at most places decimals, from lo to less
// than hi.
func (c *Fields) Number(field string, d *decimal.Decimal, places int32, lo, hi int64) {
	switch {
	case d == nil:
	case !Exact(*d, places):
		c.Add(field, TooManyDecimals, fmt.Sprintf("at most %d decimals", places))
	case d.LessThan(decimal.NewFromInt(lo)) || d.GreaterThanOrEqual(decimal.NewFromInt(hi)):
		c.Add(field, OutOfRange, fmt.Sprintf("a number from %d to less than %d", lo, hi))
	}
}

// Rate checks a fraction from 0 to 1 with at most six decimals.
func (c *Fields) Rate(field string, d *decimal.Decimal) { c.RateTo(field, d, 6) }

// RateTo checks a fraction from 0 to 1 with at most places decimals.
func (c *Fields) RateTo(field string, d *decimal.Decimal, places int32) {
	switch {
	case d == nil:
	case !Exact(*d, places):
		c.Add(field, TooManyDecimals, fmt.Sprintf("at most %d decimals", places))
	case d.IsNegative() || d.GreaterThan(decimal.NewFromInt(1)):
		c.Add(field, OutOfRange, "a rate is a fraction from 0 to 1")
	}
}

// OptionalText is Text for a nullable text of any string type.
func OptionalText[T ~string](c *Fields, field string, s *T, limit int) {
	if s != nil {
		c.Text(field, string(*s), limit)
	}
}

// One checks a value of a closed list that must be given.
func One[T interface{ Valid() bool }](c *Fields, field string, v T) { Enum(c, field, &v) }

// Maybe checks a value of a closed list that may be left out, as a filter's.
func Maybe[T interface {
	~string
	Valid() bool
}](c *Fields, field string, v T) {
	if v != "" {
		One(c, field, v)
	}
}

// Each checks values of a closed list, each under its place in the field.
func Each[T interface{ Valid() bool }](c *Fields, field string, list []T) {
	for i, v := range list {
		One(c, field+"["+strconv.Itoa(i)+"]", v)
	}
}

// EachText checks texts of an open list, each under its place in the field.
func EachText[T ~string](c *Fields, field string, list []T, limit int) {
	for i, s := range list {
		c.Text(field+"["+strconv.Itoa(i)+"]", string(s), limit)
	}
}

// Enum checks a value of a closed list.
func Enum[T interface{ Valid() bool }](c *Fields, field string, v *T) {
	if v != nil && !(*v).Valid() {
		c.Add(field, NotAllowed, "not one of the known values")
	}
}

// Exact reports whether d has at most n decimals and a sane size, without
// expanding a hostile exponent.
func Exact(d decimal.Decimal, n int32) bool {
	if !Sane(d) {
		return false
	}
	return d.IsZero() || d.Exponent() >= -n || d.Truncate(n).Equal(d)
}

// Sane reports whether d can be computed with: a number whose exponent is far from
// zero is small in memory, and written out or compared it fills it.
func Sane(d decimal.Decimal) bool { return d.Exponent() >= -100 && d.Exponent() <= 20 }

// Part checks a part of something: above 0, at most 1, with at most places
// decimals.
func (c *Fields) Part(field string, d *decimal.Decimal, places int32) {
	switch {
	case d == nil:
	case !Exact(*d, places):
		c.Add(field, TooManyDecimals, fmt.Sprintf("at most %d decimals", places))
	case d.Sign() <= 0 || d.GreaterThan(decimal.NewFromInt(1)):
		c.Add(field, OutOfRange, "a fraction is above 0 and at most 1")
	}
}

// Moment refuses a time outside the years 1 to 9999.
func (c *Fields) Moment(field string, t *time.Time) {
	if t != nil && !InCalendar(*t) {
		c.Add(field, OutOfRange, "a time in the years 1 to 9999")
	}
}

// InCalendar reports whether a time lies in the years 1 to 9999.
func InCalendar(t time.Time) bool { y := t.UTC().Year(); return y >= 1 && y <= 9999 }

// Clamp moves a time outside the years 1 to 9999 to the nearest inside. Nothing is
// stored outside of them, so a search up to the one is a search up to the other.
func Clamp(t time.Time) time.Time {
	switch y := t.UTC().Year(); {
	case y < 1:
		return time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	case y > 9999:
		return time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC)
	}
	return t
}

// Address refuses an IP address that is none, or that has a zone, which is a name on
// one machine.
func (c *Fields) Address(field string, a *netip.Addr) {
	if a != nil && (!a.IsValid() || a.Zone() != "") {
		c.Add(field, NotAllowed, "an IP address without a zone")
	}
}
