package properties

import (
	"context"
	"iter"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// AddUnits puts units of a property on record, in one statement however many,
// and brings the property's occupancy rate and number of units up to date. It
// locks the property.
//
// It returns [ErrPropertyNotFound], [ErrUnitExists], or all field errors at
// once, under "units[i]".
func (s *Service) AddUnits(ctx context.Context, db bun.IDB, v id.Of[Property], list []UnitParams) ([]Unit, error) {
	rows, err := newUnits(v, list, s.now(), s.days())
	if err != nil {
		return nil, err
	}
	err = store.InTx(ctx, db, func(tx bun.IDB) error {
		p, err := lockLive(ctx, tx, v)
		if err != nil {
			return err
		}
		if err := units.InsertAll(ctx, tx, rows); err != nil {
			return err
		}
		if err := rollUp(ctx, tx, p); err != nil || len(rows) == 0 {
			return err
		}
		return store.Emit(ctx, tx, rows[0].CreatedAt, store.Event(aggregateProperty, v, UnitsAdded{len(rows)}))
	})
	if err != nil {
		return nil, err
	}
	return rows, nil
}

// Unit reads a unit. It returns [ErrUnitNotFound].
func (s *Service) Unit(ctx context.Context, db bun.IDB, v id.Of[Unit]) (*Unit, error) {
	return units.Get(ctx, db, v)
}

// UnitAsOf reads a unit as the database held it at a time. It returns
// [ErrUnitNotFound] for a time before the unit was added.
func (s *Service) UnitAsOf(ctx context.Context, db bun.IDB, v id.Of[Unit], at time.Time) (*Unit, error) {
	return asOf(ctx, db, units, v, at)
}

// UnitFilter narrows a list of a property's units; the zero value takes all.
type UnitFilter struct {
	OccupancyStatuses []OccupancyStatus
	Types             []UnitType
}

// Units lists the units of a property by number, a page at a time.
func (s *Service) Units(ctx context.Context, db bun.IDB, v id.Of[Property], f UnitFilter, r page.Request) (page.Page[Unit], error) {
	return units.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery {
		q = q.Where("u.property_id = ?", v)
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
func (s *Service) AllUnits(ctx context.Context, db bun.IDB, v id.Of[Property], f UnitFilter) iter.Seq2[Unit, error] {
	return page.All(ctx, func(ctx context.Context, r page.Request) (page.Page[Unit], error) {
		return s.Units(ctx, db, v, f, r)
	})
}

// UpdateUnitParams changes the facts of a unit that are not nil, and empties
// the optional ones that Clear names. Whether it is occupied, and under which
// lease, has verbs of its own.
type UpdateUnitParams struct {
	ID      id.Of[Unit]
	Version int64 // the version that the caller read
	Number  *string
	UnitDetails
	Clear []string // names of columns, such as "notes"
}

// UpdateUnit changes facts of a unit. It locks the unit's property and the
// unit.
//
// It returns [ErrUnitNotFound], [ErrStale], [ErrUnitExists], [ErrUnitNotLet], or all field
// errors at once. An update that changes nothing writes nothing.
func (s *Service) UpdateUnit(ctx context.Context, db bun.IDB, p UpdateUnitParams) (*Unit, error) {
	var u *Unit
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		if _, u, err = lockUnit(ctx, tx, p.ID); err != nil {
			return err
		}
		if u.Version != p.Version {
			return ErrStale
		}
		columns, err := apply(append(p.changes(u), needed("unit_number", &u.Number, p.Number)), p.Clear)
		if err != nil {
			return err
		}
		if err := u.validate(); err != nil || len(columns) == 0 {
			return err
		}
		if err := u.fits(s.days()); err != nil {
			return err
		}
		if err := saveUnit(ctx, tx, u, columns...); err != nil {
			return err
		}
		return store.Emit(ctx, tx, s.now(), store.Event(aggregateUnit, u.ID, UnitUpdated{u.PropertyID, u.Version, columns}))
	})
	if err != nil {
		return nil, err
	}
	return u, nil
}
