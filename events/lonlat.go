package events

import (
	"database/sql/driver"
	"fmt"
	"strconv"
	"strings"

	"github.com/freehold-go/freehold/realestate/fault"
)

// ErrLonLat: the value is not a longitude of -180 to 180 and a latitude of -90
// to 90 degrees. The error does not quote the value.
var ErrLonLat = fault.New(fault.Invalid, "lonlat_malformed", "a place is a longitude of -180 to 180 and a latitude of -90 to 90 degrees")

// LonLat is a place in decimal degrees, stored as PostgreSQL's own POINT: x is
// the longitude, y the latitude. A nullable place is a *LonLat.
type LonLat struct {
	Lon float64 `json:"lon"` // -180 to 180, east positive
	Lat float64 `json:"lat"` // -90 to 90, north positive
}

// Check returns [ErrLonLat] unless p is a place on earth.
func (p LonLat) Check() error {
	// Written so that NaN fails.
	if p.Lon >= -180 && p.Lon <= 180 && p.Lat >= -90 && p.Lat <= 90 {
		return nil
	}
	return ErrLonLat
}

// String returns "(lon,lat)", which is how PostgreSQL writes a point.
func (p LonLat) String() string {
	return "(" + strconv.FormatFloat(p.Lon, 'g', -1, 64) + "," + strconv.FormatFloat(p.Lat, 'g', -1, 64) + ")"
}

// ParseLonLat reads "(lon,lat)" or "lon,lat". It returns [ErrLonLat].
func ParseLonLat(s string) (LonLat, error) {
	s = strings.TrimSpace(s)
	if in, ok := strings.CutPrefix(s, "("); ok {
		if s, ok = strings.CutSuffix(in, ")"); !ok {
			return LonLat{}, ErrLonLat
		}
	}
	x, y, ok := strings.Cut(s, ",")
	if !ok {
		return LonLat{}, ErrLonLat
	}
	lon, err1 := strconv.ParseFloat(strings.TrimSpace(x), 64)
	lat, err2 := strconv.ParseFloat(strings.TrimSpace(y), 64)
	p := LonLat{lon, lat}
	if err1 != nil || err2 != nil || p.Check() != nil {
		return LonLat{}, ErrLonLat
	}
	return p, nil
}

// Value writes a point. It returns [ErrLonLat] for what is no place.
func (p LonLat) Value() (driver.Value, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	return p.String(), nil
}

// Scan reads a point. NULL is [ErrLonLat]; scan into *LonLat where a column may
// be null.
func (p *LonLat) Scan(src any) error {
	var text string
	switch v := src.(type) {
	case string:
		text = v
	case []byte:
		text = string(v)
	case nil:
		return ErrLonLat.With("the column is null")
	default:
		return ErrLonLat.With("cannot scan %s", fmt.Sprintf("%T", src))
	}
	q, err := ParseLonLat(text)
	if err != nil {
		return err
	}
	*p = q
	return nil
}
