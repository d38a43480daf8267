package events

import "encoding/json"

// geoJSON is a point as RFC 7946 has it: the longitude comes first.
type geoJSON struct {
	Type        string     `json:"type"`
	Coordinates [2]float64 `json:"coordinates"`
}

// MarshalJSON writes a GeoJSON point. It returns [ErrLonLat] for what is no place.
func (p LonLat) MarshalJSON() ([]byte, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	return json.Marshal(geoJSON{"Point", [2]float64{p.Lon, p.Lat}})
}

// UnmarshalJSON reads a GeoJSON point. It returns [ErrLonLat].
func (p *LonLat) UnmarshalJSON(b []byte) error {
	var g geoJSON
	if err := json.Unmarshal(b, &g); err != nil || g.Type != "Point" {
		return ErrLonLat
	}
	q := LonLat{g.Coordinates[0], g.Coordinates[1]}
	if err := q.Check(); err != nil {
		return err
	}
	*p = q
	return nil
}
