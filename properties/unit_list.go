package properties

import (
	"context"
	"iter"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// Unit reads a unit. It returns [ErrUnitNotFound].
func (s *Service) Unit(ctx context.Context, db bun.IDB, unit id.Of[Unit]) (*Unit, error) {
	return units.Get(ctx, db, unit)
}

// UnitAsOf reads a unit as the database held it at a time. It returns
// [ErrUnitNotFound] for a time before the unit was added.
func (s *Service) UnitAsOf(ctx context.Context, db bun.IDB, unit id.Of[Unit], at time.Time) (*Unit, error) {
	return asOf(ctx, db, units, unit, at)
}

// UnitFilter narrows a list of a property's units; the zero value takes all.
type UnitFilter struct {
	OccupancyStatuses []OccupancyStatus
	Types             []UnitType
}

// Units lists the units of a property by number, a page at a time.
func (s *Service) Units(ctx context.Context, db bun.IDB, property id.Of[Property], f UnitFilter, r page.Request) (page.Page[Unit], error) {
	var c check.Fields
	check.Each(&c, "occupancy_statuses", f.OccupancyStatuses)
	check.EachText(&c, "types", f.Types, 50)
	if err := c.Err(); err != nil {
		return page.Page[Unit]{}, err
	}
	return units.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery {
		q = q.Where("u.property_id = ?", property)
		if len(f.OccupancyStatuses) > 0 {
			q = q.Where("u.occupancy_status IN (?)", bun.List(f.OccupancyStatuses))
		}
		if len(f.Types) > 0 {
			q = q.Where("u.unit_type IN (?)", bun.List(f.Types))
		}
		return q
	})
}

// AllUnits walks all units of a property that f takes, by number.
func (s *Service) AllUnits(ctx context.Context, db bun.IDB, property id.Of[Property], f UnitFilter) iter.Seq2[Unit, error] {
	return page.All(ctx, func(ctx context.Context, r page.Request) (page.Page[Unit], error) {
		return s.Units(ctx, db, property, f, r)
	})
}
