package charts

import (
	"strings"

	"github.com/shopspring/decimal"
)

// figure is a number that is written at its mark; one that is a change has a sign in any
// case.
type figure struct {
	value  decimal.Decimal
	change bool
}

// form is how the figures of a chart are written: all in one unit, with so many decimals.
type form struct {
	unit
	places int32
}

// exact writes a figure as it is.
var exact = form{places: maxPlaces}

// shortForms are from the one that says most to the one that needs least room; the first is in
// whole numbers.
var shortForms = []form{{unit{}, 0}, {units[3], 1}, {units[3], 0}, {units[2], 2}, {units[2], 1}, {units[2], 0}, {units[1], 2}, {units[1], 1}, {units[1], 0}, {units[0], 2}, {units[0], 1}, {units[0], 0}}

// say writes a figure.
func (d figure) say(c *Frame, f form) string {
	sign := ""
	if d.change && !d.value.IsNegative() {
		sign = "+"
	}
	if f == exact || d.value.IsZero() {
		return sign + c.number(d.value)
	}
	short := Frame{Prefix: c.Prefix, Suffix: f.letter + c.Suffix}
	said := d.value.Shift(-f.digits).Abs().StringFixed(f.places)
	if d.value.IsNegative() {
		sign = "-"
	}
	return sign + short.Prefix + groupedText(said) + short.Suffix
}

// lost reports whether nothing is left of a figure in a form.
func (d figure) lost(f form) bool {
	return f != exact && !d.value.IsZero() && d.value.Shift(-f.digits).Round(f.places).IsZero()
}

// formOf is the form in which all figures have room beside each other: the one that says
// most, and of those that none is lost in, if there is one.
func formOf(v *canvas, c *Frame, a axis, figures []figure) form {
	largest := decimal.Zero
	for _, d := range figures {
		largest = decimal.Max(largest, d.value.Abs())
	}
	last, found, fits := exact, exact, false
	for _, f := range append([]form{exact}, shortForms...) {
		if f != exact && largest.LessThan(decimal.New(1, f.digits)) {
			break
		}
		last = f
		room := (v.w - margin - leftOf(v, a.labels(c, f.unit))) / px(len(figures))
		has, lost := true, false
		for _, d := range figures {
			has = has && width(d.say(c, f)) <= room
			lost = lost || d.lost(f)
		}
		switch {
		case has && !lost:
			return f
		case has && !fits:
			found, fits = f, true
		}
	}
	if fits {
		return found
	}
	return last
}

// groupedText puts commas between the thousands of a number that is not negative.
func groupedText(s string) string {
	whole, part, _ := strings.Cut(s, ".")
	var b strings.Builder
	for i, r := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(r)
	}
	if part != "" {
		b.WriteString("." + part)
	}
	return b.String()
}
