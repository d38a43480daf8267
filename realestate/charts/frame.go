package charts

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/internal/check"
)

// The limits of a chart.
const (
	maxCategories = 500
	maxSeries     = 12
	maxSteps      = 50
	maxPoints     = 10_000
	maxText       = 255
	maxUnit       = 10
	minSide       = 200
	maxSide       = 4000
)

// The size of a chart that names none, in pixels.
const (
	defaultWidth  = 720
	defaultHeight = 360
)

// Frame is what every chart has.
type Frame struct {
	// Title stands above the chart and is its accessible name.
	Title string
	// Description says what the chart shows to those who don't see it; "" is a list of
	// its figures.
	Description string
	// Width and Height are in pixels, from 200 to 4000; zero is 720 by 360.
	Width, Height int
	// Prefix and Suffix stand around each number, such as "$" or "%".
	Prefix, Suffix string
}

// Series is one row of values, one for each category. A nil value is a gap.
type Series struct {
	Name   string
	Values []*decimal.Decimal
}

// Values makes values without gaps.
func Values(list ...decimal.Decimal) []*decimal.Decimal {
	out := make([]*decimal.Decimal, len(list))
	for i := range list {
		out[i] = &list[i]
	}
	return out
}

// checked is the frame with its defaults, and its field errors in f.
func (c Frame) checked(f *check.Fields) Frame {
	f.Required("title", c.Title, maxText)
	f.Text("description", c.Description, check.Long)
	f.Text("prefix", c.Prefix, maxUnit)
	f.Text("suffix", c.Suffix, maxUnit)
	if c.Width == 0 {
		c.Width = defaultWidth
	}
	if c.Height == 0 {
		c.Height = defaultHeight
	}
	f.Integer("width", &c.Width, minSide, maxSide)
	f.Integer("height", &c.Height, minSide, maxSide)
	return c
}

// number is a value as people read it.
func (c *Frame) number(d decimal.Decimal) string {
	if d.IsNegative() {
		return "-" + c.Prefix + groupedText(d.Neg().String()) + c.Suffix
	}
	return c.Prefix + groupedText(d.String()) + c.Suffix
}

// The forms in which a number has a place on a picture.
const (
	maxPlaces = 12
	maxDigits = 15
)

// drawable checks a value: at most 15 digits before the point and 12 behind it.
func drawable(f *check.Fields, field string, d decimal.Decimal) bool {
	small := d.Exponent() >= -maxPlaces && d.Exponent() <= maxDigits && d.NumDigits() <= maxDigits+maxPlaces &&
		d.Abs().LessThan(decimal.New(1, maxDigits))
	f.Check(small, field, check.OutOfRange, fmt.Sprintf("at most %d digits before the point and %d decimals", maxDigits, maxPlaces))
	return small
}

// table is categories with the series over them.
type table struct {
	categories []string
	series     []Series
}

// validate adds the field errors of a table.
func (t *table) validate(f *check.Fields) {
	f.Some("categories", len(t.categories))
	f.Check(len(t.categories) <= maxCategories, "categories", check.TooMany, fmt.Sprintf("at most %d", maxCategories))
	f.Some("series", len(t.series))
	f.Check(len(t.series) <= maxSeries, "series", check.TooMany, fmt.Sprintf("at most %d", maxSeries))
	for i, name := range t.categories {
		f.Text(fmt.Sprintf("categories[%d]", i), name, maxText)
	}
	for i, s := range t.series {
		at := fmt.Sprintf("series[%d].", i)
		f.Required(at+"name", s.Name, maxText)
		f.Check(len(s.Values) == len(t.categories), at+"values", check.NotAllowed, "one value for each category")
		for n, v := range s.Values {
			if v != nil {
				drawable(f, fmt.Sprintf("%svalues[%d]", at, n), *v)
			}
		}
	}
}

// describe lists the figures of a table.
func (t *table) describe(c *Frame) string {
	parts := make([]string, len(t.series))
	for i, s := range t.series {
		said := make([]string, 0, len(s.Values))
		for n, v := range s.Values {
			if v != nil {
				said = append(said, t.categories[n]+" "+c.number(*v))
			}
		}
		if len(said) == 0 {
			said = []string{"no values"}
		}
		parts[i] = s.Name + ": " + strings.Join(said, ", ") + "."
	}
	return strings.Join(parts, " ")
}

// names are those of the series.
func (t *table) names() []string {
	out := make([]string, len(t.series))
	for i, s := range t.series {
		out[i] = s.Name
	}
	return out
}
