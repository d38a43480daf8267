package leases

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// unitSQL is what the leases of a property say of its units on a day: ?0 is the
// property, ?1 the day. Of units that no lease has there is none.
const unitSQL = `SELECT t.unit_id, CASE WHEN t.notice_on <= ?1 THEN 'notice' ELSE 'occupied' END AS status, r.amount AS rent,
		(SELECT max(s.starts_on) FROM (SELECT c.starts_on, c.amount, lag(c.amount) OVER (ORDER BY c.starts_on) AS before FROM financials.lease_charges c
			WHERE c.lease_id = t.lease_id AND c.kind = 'rent' AND NOT c.once AND c.superseded_at IS NULL AND c.starts_on <= ?1) s WHERE s.before < s.amount) AS raised,
		t.starts_on, t.ends_on, COALESCE(f.moved_in_on, f.starts_on) AS moved_in, CASE WHEN t.notice_on <= ?1 THEN t.notice_on END AS notice_on
	FROM financials.lease_terms t
	JOIN financials.lease_terms f ON f.lease_id = t.lease_id AND f.property_id = ?0 AND f.number = 1 AND f.superseded_at IS NULL
	LEFT JOIN financials.lease_charges r ON r.lease_id = t.lease_id AND r.kind = 'rent' AND NOT r.once AND r.superseded_at IS NULL
		AND r.starts_on <= ?1 AND (r.ends_on IS NULL OR r.ends_on >= ?1)
	WHERE t.property_id = ?0 AND t.superseded_at IS NULL AND t.starts_on <= ?1 AND (t.last_day IS NULL OR t.last_day >= ?1)
		AND COALESCE(f.moved_in_on, f.starts_on) <= ?1`

// project brings the columns of one unit, or of all units of the property, in line with
// the leases as they are on today's day. All of them follow where one did not yet: then
// the property has its first lease.
func (c *core) project(ctx context.Context, tx bun.IDB, property id.Of[properties.Property], unit *id.Of[properties.Unit]) error {
	today := c.days().Today
	if unit != nil {
		var others bool
		err := store.Read(ctx, tx, tx.NewRaw(`SELECT EXISTS (SELECT 1 FROM properties.units WHERE property_id = ? AND id <> ? AND occupancy_basis IS DISTINCT FROM 'leases')`, property, *unit), &others)
		if err != nil {
			return store.Err(err, constraints)
		}
		if others {
			unit = nil
		}
	}
	p := properties.ProjectOccupancyParams{PropertyID: property, Basis: properties.BasisLeases, AsOf: today, Others: unit == nil}
	var err error
	if unit != nil {
		p.Units, err = c.tenancies(ctx, tx, properties.TenanciesRequest{PropertyID: property, UnitIDs: []id.Of[properties.Unit]{*unit}, On: today})
	} else {
		p.Units, err = tenanciesOf(ctx, tx, unitSQL, property, today)
	}
	if err != nil {
		return err
	}
	return c.properties.ProjectOccupancy(ctx, tx, p)
}

// tenancies is what the leases say of some units on a day, of vacant ones too.
func (c *core) tenancies(ctx context.Context, db bun.IDB, r properties.TenanciesRequest) ([]properties.UnitOccupancy, error) {
	let, err := tenanciesOf(ctx, db, unitSQL+" AND t.unit_id IN (?2)", r.PropertyID, r.On, bun.List(r.UnitIDs))
	if err != nil {
		return nil, err
	}
	has := make(map[id.Of[properties.Unit]]bool, len(let))
	for i := range let {
		has[let[i].UnitID] = true
	}
	for _, u := range r.UnitIDs {
		if !has[u] {
			let = append(let, properties.UnitOccupancy{UnitID: u, Status: properties.OccupancyVacant})
		}
	}
	return let, nil
}

// tenanciesOf reads rows of unitSQL.
func tenanciesOf(ctx context.Context, db bun.IDB, query string, args ...any) ([]properties.UnitOccupancy, error) {
	rows, err := scan[struct {
		UnitID   id.Of[properties.Unit]     `bun:"unit_id"`
		Status   properties.OccupancyStatus `bun:"status"`
		Rent     *money.Amount              `bun:"rent"`
		Raised   *date.Date                 `bun:"raised"`
		StartsOn *date.Date                 `bun:"starts_on"`
		EndsOn   *date.Date                 `bun:"ends_on"`
		MovedIn  *date.Date                 `bun:"moved_in"`
		NoticeOn *date.Date                 `bun:"notice_on"`
	}](ctx, db, query, args...)
	if err != nil {
		return nil, err
	}
	out := make([]properties.UnitOccupancy, len(rows))
	for i, r := range rows {
		out[i] = properties.UnitOccupancy{UnitID: r.UnitID, Status: r.Status, Rent: r.Rent, LastRentIncrease: r.Raised,
			LeaseStart: r.StartsOn, LeaseEnd: r.EndsOn, MoveIn: r.MovedIn, NoticeDate: r.NoticeOn}
	}
	return out, nil
}

// Tenancies tells what the leases of a property say of some of its units on a day, each
// once, and nothing of a property without leases. It is a [properties.TenanciesFunc], by
// which properties.Service and renovations.Service judge whether a unit is empty. It
// returns the field errors.
func (s *Leases) Tenancies(ctx context.Context, db bun.IDB, r properties.TenanciesRequest) ([]properties.UnitOccupancy, error) {
	var f check.Fields
	f.Given("property_id", r.PropertyID)
	f.Some("unit_ids", len(r.UnitIDs))
	f.Given("on", r.On)
	if err := f.Err(); err != nil {
		return nil, err
	}
	db, done, err := store.Reader(ctx, db)
	if err != nil {
		return nil, err
	}
	defer done()
	has, err := hasLeases(ctx, db, r.PropertyID, nil)
	if err != nil || !has {
		return nil, err
	}
	return s.tenancies(ctx, db, r)
}

// RefreshUnitsParams names a property whose units are to follow its leases.
type RefreshUnitsParams struct {
	PropertyID id.Of[properties.Property]
}

// RefreshUnits brings the columns of a property's units in line with its leases as of
// today: a lease that began, ended or stepped since the last verb shows then. A host
// calls it once a day; verbs on a lease refresh its unit themselves, and verbs of
// renovations what they judge ([Leases.Tenancies]). A property without
// leases is left as it is. It locks the property and the units.
func (s *Leases) RefreshUnits(ctx context.Context, db bun.IDB, p RefreshUnitsParams) error {
	return store.InTx(ctx, db, func(tx bun.IDB) error {
		if _, err := s.properties.LockProperty(ctx, tx, p.PropertyID); err != nil {
			return err
		}
		has, err := hasLeases(ctx, tx, p.PropertyID, nil)
		if err != nil || !has {
			return err
		}
		return s.project(ctx, tx, p.PropertyID, nil)
	})
}

// hasLeases reports whether a property's occupancy rests on leases, as known at a time.
func hasLeases(ctx context.Context, db bun.IDB, property id.Of[properties.Property], known *time.Time) (bool, error) {
	q, args := "SELECT EXISTS (SELECT 1 FROM financials.leases WHERE property_id = ?)", []any{property}
	if known != nil {
		q, args = "SELECT EXISTS (SELECT 1 FROM financials.lease_terms WHERE property_id = ? AND recorded_at <= ?)", append(args, check.Clamp(*known))
	}
	var has bool
	err := store.Read(ctx, db, db.NewRaw(q, args...), &has)
	return has, store.Err(err, constraints)
}
