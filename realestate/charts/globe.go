package charts

import (
	"github.com/shopspring/decimal"
)

// Angles in degrees.
var (
	right    = decimal.New(90, 0)
	straight = decimal.New(180, 0)
	full     = decimal.New(360, 0)
	// degree is one in radians.
	degree = decimal.RequireFromString("0.01745329251994329577")
	// leastAngle is what a picture shows at least, about a kilometer.
	leastAngle = decimal.New(1, -2)
	// leastWidth is how narrow a degree of longitude gets beside one of latitude; at the
	// poles it would be nothing.
	leastWidth = decimal.New(5, -2)
)

// globe puts degrees on a picture.
type globe struct {
	v                        *canvas
	left, top, right, bottom px
	wrapped                  bool // the picture goes over the 180th meridian
	lat, lon                 axis
	narrow                   decimal.Decimal // a degree of longitude beside one of latitude
	midLat, midLon           decimal.Decimal
	scale                    decimal.Decimal // tenths of a pixel to a degree of latitude
}

// newGlobe is a picture that holds all points, with a margin around them.
func newGlobe(v *canvas, points []Point) *globe {
	g := &globe{v: v, left: margin + 500, top: titleLine + 160, right: v.w - margin, bottom: v.h - 360}
	lat, lon, other := spread{}, spread{}, spread{}
	for i := range points {
		lat.add(points[i].Latitude)
		lon.add(points[i].Longitude)
		other.add(eastward(points[i].Longitude))
	}
	if other.hi.Sub(other.lo).LessThan(lon.hi.Sub(lon.lo)) {
		g.wrapped, lon = true, other
	}
	two := decimal.New(2, 0)
	g.midLat, g.midLon = lat.lo.Add(lat.hi).Div(two), lon.lo.Add(lon.hi).Div(two)
	g.narrow = decimal.Max(g.midLat.Mul(degree).Cos().Round(maxPlaces), leastWidth)
	wide := decimal.Max(lon.hi.Sub(lon.lo).Mul(g.narrow), leastAngle)
	tall := decimal.Max(lat.hi.Sub(lat.lo), leastAngle)
	room := decimal.New(8, -1)
	g.scale = decimal.Min(decimal.New(max(g.right-g.left, 1), 0).Mul(room).DivRound(wide, maxPlaces),
		decimal.New(max(g.bottom-g.top, 1), 0).Mul(room).DivRound(tall, maxPlaces))
	half := decimal.New(max(g.bottom-g.top, 1), 0).DivRound(g.scale.Mul(two), maxPlaces)
	g.lat = niceAxis(g.midLat.Sub(half), g.midLat.Add(half))
	half = decimal.New(max(g.right-g.left, 1), 0).DivRound(g.scale.Mul(g.narrow).Mul(two), maxPlaces)
	g.lon = niceAxis(g.midLon.Sub(half), g.midLon.Add(half))
	return g
}

// eastward counts a longitude to the east only.
func eastward(d decimal.Decimal) decimal.Decimal {
	if d.IsNegative() {
		return d.Add(full)
	}
	return d
}

func (g *globe) place(p *Point) (x, y px) {
	lon := p.Longitude
	if g.wrapped {
		lon = eastward(lon)
	}
	return g.x(lon), g.y(p.Latitude)
}

func (g *globe) x(lon decimal.Decimal) px {
	return (g.left+g.right)/2 + lon.Sub(g.midLon).Mul(g.narrow).Mul(g.scale).Round(0).IntPart()
}

func (g *globe) y(lat decimal.Decimal) px {
	return (g.top+g.bottom)/2 - lat.Sub(g.midLat).Mul(g.scale).Round(0).IntPart()
}

// grid draws the latitudes and longitudes that are in the picture.
func (g *globe) grid() {
	for _, d := range g.lat.ticks() {
		if y := g.y(d); y >= g.top && y <= g.bottom && d.Abs().LessThanOrEqual(right) {
			g.v.line(g.left, y, g.right, y, `stroke="`+grid+`"`)
			g.v.text(g.left-60, y+40, side(d, "N", "S"), `text-anchor="end"`)
		}
	}
	for _, d := range g.lon.ticks() {
		if x := g.x(d); x >= g.left && x <= g.right {
			g.v.line(x, g.top, x, g.bottom, `stroke="`+grid+`"`)
			if d.GreaterThan(straight) {
				d = d.Sub(full)
			}
			g.v.text(x, g.bottom+180, side(d, "E", "W"), `text-anchor="middle"`)
		}
	}
}

// side is an angle with the half of the globe that it is on.
func side(d decimal.Decimal, above, below string) string {
	switch {
	case d.IsZero():
		return "0°"
	case d.IsNegative():
		return d.Neg().String() + "° " + below
	}
	return d.String() + "° " + above
}
