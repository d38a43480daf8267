package properties

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
)

// UnitUpdated says that facts of a unit were changed. Columns names them.
type UnitUpdated struct {
	PropertyID id.Of[Property] `json:"property_id"`
	Version    int64           `json:"version"`
	Columns    []string        `json:"columns"`
}

// EventType names the event.
func (UnitUpdated) EventType() (string, int) { return "properties.unit_updated", 1 }

// UpdateUnitParams changes the facts of a unit that are not nil, and empties
// the optional ones that Clear names. Whether it is occupied, and at what rent, its
// leases say.
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
// It returns [ErrUnitNotFound], [ErrStale], [ErrUnitExists], or all field errors at
// once. An update that changes nothing writes nothing.
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
		return s.hooks.Emit(ctx, tx, s.now(), store.Event(aggregateUnit, u.ID, UnitUpdated{u.PropertyID, u.Version, columns}))
	})
	if err != nil {
		return nil, err
	}
	return u, nil
}
