package properties

import "github.com/freehold-go/freehold/internal/store"

// Invariants lists what always holds in this package's tables, for
// realestate.Platform.Verify.
func Invariants() []store.Invariant {
	return []store.Invariant{
		{Name: "a property's occupancy is that of its units", Query: `
			SELECT p.id::text, format('cached %s, units %s of %s', p.occupancy_rate, u.occupied, u.units)
			FROM properties.properties p
			CROSS JOIN LATERAL (SELECT count(*) AS units, count(*) FILTER (WHERE occupancy_status IN ('occupied', 'notice')) AS occupied,
				count(*) FILTER (WHERE occupancy_status = 'unknown') AS unknown
				FROM properties.units WHERE property_id = p.id) u
			WHERE p.deleted_at IS NULL AND u.units > 0 AND p.occupancy_rate IS DISTINCT FROM CASE WHEN u.unknown = 0 THEN round(u.occupied::numeric / u.units, 6) END`},
		{Name: "a property's coordinates and location are one point", Query: `
			SELECT id::text, 'they differ' FROM properties.properties
			WHERE location IS NOT NULL AND (abs(latitude - ST_Y(location::geometry)::numeric) > 0.00000001 OR abs(longitude - ST_X(location::geometry)::numeric) > 0.00000001)`},
	}
}
