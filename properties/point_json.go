package properties

import (
	"encoding/json"
	"slices"
)

// geoJSON is a point as RFC 7946 has it: the longitude comes first.
type geoJSON struct {
	Type        string    `json:"type"`
	Coordinates []float64 `json:"coordinates"`
}

// MarshalJSON writes a GeoJSON point. It returns [ErrPoint] for no place.
func (p Point) MarshalJSON() ([]byte, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	return json.Marshal(geoJSON{"Point", slices.Clone(p.FlatCoords())})
}

// UnmarshalJSON reads a GeoJSON point. It returns [ErrPoint].
func (p *Point) UnmarshalJSON(b []byte) error {
	var g geoJSON
	if err := json.Unmarshal(b, &g); err != nil || g.Type != "Point" || len(g.Coordinates) != 2 {
		return ErrPoint
	}
	q, err := NewPoint(g.Coordinates[0], g.Coordinates[1])
	if err != nil {
		return err
	}
	*p = q
	return nil
}
