package properties

import (
	"database/sql/driver"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"

	"github.com/shopspring/decimal"
	"github.com/twpayne/go-geom"
	"github.com/twpayne/go-geom/encoding/ewkb"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/realestate/fault"
)

// srid is WGS 84, the coordinate system of GPS and of PostGIS's geography.
const srid = 4326

// ErrPoint: the value is not one place on earth: not a point, empty, not in
// WGS 84, not a number, or outside -90..90 degrees of latitude and -180..180
// of longitude. The error does not quote the value.
var ErrPoint = fault.New(fault.Invalid, "point_malformed", "a place is a latitude of -90 to 90 and a longitude of -180 to 180 degrees")

// Point is a place on earth, a geography(Point,4326) of PostGIS. It wraps
// geom.Point, whose own Scan and Value do not work under bun: a Point is
// written as hexadecimal EWKB and read from hexadecimal or binary EWKB. The
// zero value is no place and cannot be stored; a nullable place is a *Point.
type Point struct{ geom.Point }

// NewPoint makes a Point of a longitude and a latitude in degrees. It returns
// [ErrPoint].
func NewPoint(lon, lat float64) (Point, error) {
	if !inRange(lon, 180) || !inRange(lat, 90) {
		return Point{}, ErrPoint
	}
	return Point{*geom.NewPointFlat(geom.XY, []float64{lon, lat}).SetSRID(srid)}, nil
}

// inRange is false for NaN too.
func inRange(degrees, limit float64) bool { return degrees >= -limit && degrees <= limit }

// IsZero reports whether p is no place.
func (p Point) IsZero() bool { return len(p.FlatCoords()) == 0 }

// Lon returns the longitude in degrees, NaN when p is no place.
func (p Point) Lon() float64 { return p.coord(0) }

// Lat returns the latitude in degrees, NaN when p is no place.
func (p Point) Lat() float64 { return p.coord(1) }

func (p Point) coord(i int) float64 {
	if p.IsZero() {
		return math.NaN()
	}
	return p.FlatCoords()[i]
}

// Value writes hexadecimal EWKB. It returns [ErrPoint] for no place and for a
// geom.Point that is none of ours.
func (p Point) Value() (driver.Value, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	b, err := ewkb.Marshal(&p.Point, ewkb.NDR)
	if err != nil {
		return nil, ErrPoint.Because(err)
	}
	return hex.EncodeToString(b), nil
}

// Scan reads a geography or geometry column as hexadecimal text or binary
// EWKB. NULL is [ErrPoint]; scan into *Point where a column may be null.
func (p *Point) Scan(src any) error {
	var b []byte
	switch v := src.(type) {
	case string:
		b = []byte(v)
	case []byte:
		b = v
	case nil:
		return ErrPoint.With("the column is null")
	default:
		return ErrPoint.With("cannot scan %s", fmt.Sprintf("%T", src))
	}
	// Binary EWKB starts with its byte order, 0 or 1; text starts with '0'.
	if len(b) > 0 && b[0] > 1 {
		raw := make([]byte, hex.DecodedLen(len(b)))
		if _, err := hex.Decode(raw, b); err != nil {
			return ErrPoint
		}
		b = raw
	}
	if !isPoint(b) {
		return ErrPoint
	}
	g, err := ewkb.Unmarshal(b)
	if err != nil {
		return ErrPoint.Because(err)
	}
	pt, ok := g.(*geom.Point)
	if !ok {
		return ErrPoint
	}
	q := Point{*pt}
	if err := q.check(); err != nil {
		return err
	}
	*p = q
	return nil
}

// pointType is the type word of an EWKB point in two dimensions with an SRID.
const pointType = 0x20000001

// isPoint looks at the head of EWKB before it is decoded: the decoder would
// make room for as many coordinates as a line or polygon claims to have.
func isPoint(b []byte) bool {
	if len(b) != 1+4+4+16 || b[0] > 1 {
		return false
	}
	if b[0] == 0 {
		return binary.BigEndian.Uint32(b[1:]) == pointType
	}
	return binary.LittleEndian.Uint32(b[1:]) == pointType
}

// check reports ErrPoint unless p is a flat WGS 84 point within range.
func (p Point) check() error {
	if p.Layout() != geom.XY || p.SRID() != srid || len(p.FlatCoords()) != 2 ||
		!inRange(p.Lon(), 180) || !inRange(p.Lat(), 90) {
		return ErrPoint
	}
	return nil
}

// Coordinates are a place in decimal degrees, as addresses are geocoded: at
// most eight decimals, about a millimeter.
type Coordinates struct {
	Latitude  decimal.Decimal // -90 to 90
	Longitude decimal.Decimal // -180 to 180
}

// point converts c. It returns ErrPoint for a value out of range or with more
// than eight decimals, which the columns would round.
func (c Coordinates) point() (Point, error) {
	if !check.Exact(c.Latitude, 8) || !check.Exact(c.Longitude, 8) {
		return Point{}, ErrPoint
	}
	return NewPoint(c.Longitude.InexactFloat64(), c.Latitude.InexactFloat64())
}
