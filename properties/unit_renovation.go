package properties

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
)

// RenovationsEnded says that work in units of a property came to its end.
type RenovationsEnded struct {
	Renovated int `json:"renovated"`
	GivenUp   int `json:"given_up"`
}

// EventType names the event.
func (RenovationsEnded) EventType() (string, int) { return "properties.renovations_ended", 1 }

// UnitOccupancyChanged says that a unit was taken off the market for a renovation or
// put back on it. What leases change, [OccupancyProjected] tells.
type UnitOccupancyChanged struct {
	PropertyID id.Of[Property] `json:"property_id"`
	Was        OccupancyStatus `json:"was"`
	Occupancy  OccupancyStatus `json:"occupancy"`
}

// EventType names the event.
func (UnitOccupancyChanged) EventType() (string, int) { return "properties.unit_occupancy_changed", 2 }

// StartRenovationParams is the start of a unit's renovation.
type StartRenovationParams struct {
	UnitID id.Of[Unit]
	Date   date.Date // on which it began
}

// FinishRenovationParams is the end of a unit's renovation.
type FinishRenovationParams struct {
	UnitID id.Of[Unit]
	Date   date.Date // from which it is renovated
}

// StartRenovation takes a unit off the market that has no tenant, today and on the day,
// today at the latest, on which its renovation began. What leases say decides where there
// are some (Config.Tenancies); the unit then repeats what they say of today. It locks the
// property and the unit, and brings the property's occupancy rate up to date. It returns
// [ErrUnitNotVacant], [ErrUnitNotFound] or the field errors.
func (s *Service) StartRenovation(ctx context.Context, db bun.IDB, p StartRenovationParams) (*Unit, error) {
	var c check.Fields
	c.GivenHappened("date", p.Date, s.days())
	if err := c.Err(); err != nil {
		return nil, err
	}
	return s.renovate(ctx, db, p.UnitID, func(tx bun.IDB, u *Unit) error {
		if err := u.startRenovation(); err != nil {
			return err
		}
		return s.wasEmpty(ctx, tx, u, p.Date)
	})
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
	return s.renovate(ctx, db, p.UnitID, func(_ bun.IDB, u *Unit) error { return u.finishRenovation(p.Date) })
}

// RenovationEnd is the end of the work in one unit.
type RenovationEnd struct {
	UnitID id.Of[Unit]
	Date   *date.Date // from which it is renovated; nil is work that was given up
}

// EndRenovationsParams is the end of the work in units of one property.
type EndRenovationsParams struct {
	PropertyID id.Of[Property]
	Units      []RenovationEnd
}

// EndRenovations is [Service.FinishRenovation] for many units, for the verbs of
// renovation projects. A unit that was renovated while it was let, or on the market,
// is renovated too. Of one whose work was given up, the condition is what it was before. A
// unit that is as told already keeps its version. It locks the property and the units. It
// returns [ErrPropertyNotFound], or all field errors at once, under "units[i]".
func (s *Service) EndRenovations(ctx context.Context, db bun.IDB, p EndRenovationsParams) error {
	if err := p.validate(check.NewDays(s.now(), s.horizon)); err != nil {
		return err
	}
	return store.InTx(ctx, db, func(tx bun.IDB) error {
		property, err := lockLive(ctx, tx, p.PropertyID)
		if err != nil {
			return err
		}
		told := make(map[id.Of[Unit]]RenovationEnd, len(p.Units))
		ids := make([]id.Of[Unit], len(p.Units))
		for i, u := range p.Units {
			told[u.UnitID], ids[i] = u, u.UnitID
		}
		rows, err := units.All(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.Where("u.property_id = ?", p.PropertyID).Where("u.id IN (?)", bun.List(ids)).OrderExpr("u.id").For("NO KEY UPDATE")
		})
		if err != nil {
			return err
		}
		if len(rows) != len(ids) {
			return ErrProjectedUnit.On("units")
		}
		events, err := s.follow(ctx, tx, p.PropertyID, rows)
		if err != nil {
			return err
		}
		var e RenovationsEnded
		for i := range rows {
			u := &rows[i]
			was := *u
			u.endRenovation(told[u.ID].Date)
			if sameCondition(&was, u) {
				continue
			}
			if told[u.ID].Date != nil {
				e.Renovated++
			} else {
				e.GivenUp++
			}
			if err := saveUnit(ctx, tx, u, "occupancy_status", "renovation_status", "renovation_completed_date"); err != nil {
				return err
			}
		}
		if e != (RenovationsEnded{}) {
			events = append(events, store.Event(aggregateProperty, p.PropertyID, e))
		}
		if len(events) == 0 {
			return nil
		}
		if err := rollUp(ctx, tx, property); err != nil {
			return err
		}
		return s.hooks.Emit(ctx, tx, s.now(), events...)
	})
}

func (p *EndRenovationsParams) validate(days check.Days) error {
	var c check.Fields
	c.Given("property_id", p.PropertyID)
	c.Some("units", len(p.Units))
	seen := make(map[id.Of[Unit]]bool, len(p.Units))
	for i, u := range p.Units {
		at := fmt.Sprintf("units[%d].", i)
		c.Given(at+"unit_id", u.UnitID)
		c.Check(!seen[u.UnitID], at+"unit_id", check.Duplicate, "each unit once")
		c.Happened(at+"date", u.Date, days)
		seen[u.UnitID] = true
	}
	return c.Err()
}

// endRenovation puts a unit back on the market that was off it: renovated from a day on,
// or as it was before.
func (u *Unit) endRenovation(on *date.Date) {
	status := RenovationRenovated
	if on != nil {
		u.RenovationCompleted = on
	} else if u.RenovationCompleted == nil {
		status = RenovationClassic
	}
	if on == nil && (u.RenovationStatus == nil || *u.RenovationStatus != RenovationInProgress) {
		return
	}
	u.RenovationStatus = &status
	if u.OccupancyStatus == OccupancyRenovation {
		u.OccupancyStatus = OccupancyVacant
		if u.OccupancyBasis == nil {
			u.OccupancyStatus = OccupancyUnknown
		}
	}
}

func sameCondition(a, b *Unit) bool {
	return a.OccupancyStatus == b.OccupancyStatus && equal(a.RenovationStatus, b.RenovationStatus) && equal(a.RenovationCompleted, b.RenovationCompleted)
}

func equal[T comparable](a, b *T) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}

// renovate runs a decision on a locked unit, as the leases say it is today, and stores what
// it made of it.
func (s *Service) renovate(ctx context.Context, db bun.IDB, unit id.Of[Unit], decide func(tx bun.IDB, u *Unit) error) (*Unit, error) {
	var u *Unit
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		p, locked, err := lockUnit(ctx, tx, unit)
		if err != nil {
			return err
		}
		rows := []Unit{*locked}
		events, err := s.follow(ctx, tx, p.ID, rows)
		if err != nil {
			return err
		}
		u = &rows[0]
		was := u.OccupancyStatus
		if err := decide(tx, u); err != nil {
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
		events = append(events, store.Event(aggregateUnit, u.ID, UnitOccupancyChanged{u.PropertyID, was, u.OccupancyStatus}))
		return s.hooks.Emit(ctx, tx, s.now(), events...)
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
	u.endRenovation(&on)
	return nil
}
