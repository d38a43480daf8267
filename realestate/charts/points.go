package charts

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/internal/check"
)

// Point is a place in degrees, as WGS 84 has them. Its value, if any, is the area of its
// circle, against the largest.
type Point struct {
	Name      string
	Latitude  decimal.Decimal // -90 to 90, the north above zero
	Longitude decimal.Decimal // -180 to 180, the east above zero
	Value     *decimal.Decimal
}

// Points shows where things are: circles on a grid of latitudes and longitudes, true to
// scale in the middle of the picture. There is no map below them; a host that has tiles
// lays them there itself.
type Points struct {
	Frame
	Points []Point // 1 to 10,000
}

// The radius of a circle.
const (
	leastRadius px = 40
	mostRadius  px = 160
)

// SVG draws the chart. It returns the field errors of what cannot be drawn.
func (c Points) SVG() (string, error) {
	var f check.Fields
	frame := c.Frame.checked(&f)
	c.validate(&f)
	if err := f.Err(); err != nil {
		return "", err
	}
	v := newCanvas(&frame)
	m := newGlobe(v, c.Points)
	m.grid()
	largest := decimal.Zero
	for i := range c.Points {
		if d := c.Points[i].Value; d != nil && d.GreaterThan(largest) {
			largest = *d
		}
	}
	for i := range c.Points {
		p := &c.Points[i]
		x, y := m.place(p)
		v.circle(x, y, radius(p.Value, largest), `fill="`+colors[0]+`" fill-opacity="0.6" stroke="`+rim+`" stroke-width="0.5"`, p.said(&frame))
	}
	return v.finish(&frame, c.describe(&frame)), nil
}

func (c *Points) validate(f *check.Fields) {
	f.Some("points", len(c.Points))
	f.Check(len(c.Points) <= maxPoints, "points", check.TooMany, fmt.Sprintf("at most %d", maxPoints))
	for i := range c.Points {
		p, at := &c.Points[i], fmt.Sprintf("points[%d].", i)
		f.Required(at+"name", p.Name, maxText)
		if drawable(f, at+"latitude", p.Latitude) {
			f.Check(p.Latitude.Abs().LessThanOrEqual(right), at+"latitude", check.OutOfRange, "from -90 to 90 degrees")
		}
		if drawable(f, at+"longitude", p.Longitude) {
			f.Check(p.Longitude.Abs().LessThanOrEqual(straight), at+"longitude", check.OutOfRange, "from -180 to 180 degrees")
		}
		if p.Value != nil && drawable(f, at+"value", *p.Value) {
			f.Check(!p.Value.IsNegative(), at+"value", check.OutOfRange, "an area is not below zero")
		}
	}
}

// said is what a point is called.
func (p *Point) said(c *Frame) string {
	if p.Value == nil {
		return p.Name
	}
	return p.Name + ": " + c.number(*p.Value)
}

// describe lists the points.
func (c *Points) describe(frame *Frame) string {
	parts := make([]string, len(c.Points))
	for i := range c.Points {
		p := &c.Points[i]
		parts[i] = fmt.Sprintf("%s at %s, %s", p.said(frame), p.Latitude, p.Longitude)
	}
	return strings.Join(parts, "; ") + "."
}

// radius is that of a circle whose area goes with a value.
func radius(d *decimal.Decimal, largest decimal.Decimal) px {
	if d == nil || largest.IsZero() {
		return leastRadius
	}
	part := d.Mul(decimal.New((mostRadius-leastRadius)*(mostRadius-leastRadius), 0)).DivRound(largest, 0)
	return leastRadius + new(big.Int).Sqrt(part.BigInt()).Int64()
}
