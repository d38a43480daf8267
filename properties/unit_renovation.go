package properties

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
)

// UnitOccupancyChanged says that a unit was taken off the market for a renovation or
// put back on it. What leases change, [OccupancyProjected] tells.
type UnitOccupancyChanged struct {
	PropertyID id.Of[Property] `json:"property_id"`
	Was        OccupancyStatus `json:"was"`
	Occupancy  OccupancyStatus `json:"occupancy"`
}

// EventType names the event.
func (UnitOccupancyChanged) EventType() (string, int) { return "properties.unit_occupancy_changed", 2 }

// FinishRenovationParams is the end of a unit's renovation.
type FinishRenovationParams struct {
	UnitID id.Of[Unit]
	Date   date.Date // from which it is renovated
}

// StartRenovation takes a unit without a tenant off the market. It locks the property
// and the unit, and brings the property's occupancy rate up to date. It returns
// [ErrUnitNotVacant] or [ErrUnitNotFound].
func (s *Service) StartRenovation(ctx context.Context, db bun.IDB, unit id.Of[Unit]) (*Unit, error) {
	return s.renovate(ctx, db, unit, (*Unit).startRenovation)
}

// FinishRenovation records that a unit was renovated on a day, and puts it back on the
// market; one whose tenants have moved in meanwhile stays theirs. It returns
// [ErrUnitNotRenovating] or [ErrUnitNotFound].
func (s *Service) FinishRenovation(ctx context.Context, db bun.IDB, p FinishRenovationParams) (*Unit, error) {
	var c check.Fields
	c.Given("date", p.Date)
	if err := c.Err(); err != nil {
		return nil, err
	}
	return s.renovate(ctx, db, p.UnitID, func(u *Unit) error { return u.finishRenovation(p.Date) })
}

// renovate runs a pure decision on a locked unit and stores what it made of it.
func (s *Service) renovate(ctx context.Context, db bun.IDB, unit id.Of[Unit], decide func(*Unit) error) (*Unit, error) {
	var u *Unit
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		p, locked, err := lockUnit(ctx, tx, unit)
		if err != nil {
			return err
		}
		u = locked
		was := u.OccupancyStatus
		if err := decide(u); err != nil {
			return err
		}
		if err := u.validate(); err != nil {
			return err
		}
		if err := u.fits(s.days()); err != nil {
			return err
		}
		if err := saveUnit(ctx, tx, u, "occupancy_status", "renovation_status", "renovation_completed_date"); err != nil {
			return err
		}
		if err := rollUp(ctx, tx, p); err != nil {
			return err
		}
		return s.hooks.Emit(ctx, tx, s.now(), store.Event(aggregateUnit, u.ID, UnitOccupancyChanged{u.PropertyID, was, u.OccupancyStatus}))
	})
	if err != nil {
		return nil, err
	}
	return u, nil
}

func (u *Unit) startRenovation() error {
	if u.OccupancyStatus != OccupancyVacant && u.OccupancyStatus != OccupancyUnknown {
		return ErrUnitNotVacant.With("%s", u.OccupancyStatus)
	}
	status := RenovationInProgress
	u.OccupancyStatus, u.RenovationStatus = OccupancyRenovation, &status
	return nil
}

func (u *Unit) finishRenovation(on date.Date) error {
	if u.OccupancyStatus != OccupancyRenovation && (u.RenovationStatus == nil || *u.RenovationStatus != RenovationInProgress) {
		return ErrUnitNotRenovating.With("%s", u.OccupancyStatus)
	}
	status := RenovationRenovated
	u.RenovationStatus, u.RenovationCompleted = &status, &on
	if u.OccupancyStatus == OccupancyRenovation {
		u.OccupancyStatus = OccupancyVacant
		if u.OccupancyBasis == nil {
			u.OccupancyStatus = OccupancyUnknown
		}
	}
	return nil
}
