package properties

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// UnitOccupancyChanged says that a unit was let, renewed, given notice of,
// vacated, taken off the market for a renovation or put back on it.
type UnitOccupancyChanged struct {
	PropertyID  id.Of[Property] `json:"property_id"`
	Was         OccupancyStatus `json:"was"`
	Occupancy   OccupancyStatus `json:"occupancy"`
	CurrentRent *money.Amount   `json:"current_rent,omitempty"` // a month's
	LeaseStart  *date.Date      `json:"lease_start,omitempty"`
	LeaseEnd    *date.Date      `json:"lease_end,omitempty"`
	NoticeDate  *date.Date      `json:"notice_date,omitempty"`
}

// EventType names the event.
func (UnitOccupancyChanged) EventType() (string, int) { return "properties.unit_occupancy_changed", 1 }

// occupancyColumns are what the verbs of this file write.
var occupancyColumns = []string{"occupancy_status", "current_rent", "last_rent_increase", "lease_start_date",
	"lease_end_date", "move_in_date", "notice_date", "renovation_status", "renovation_completed_date"}

// OccupyUnitParams is a lease of a vacant unit.
type OccupyUnitParams struct {
	UnitID id.Of[Unit]
	Rent   money.Amount // a month's
	Start  date.Date
	End    *date.Date // nil is month to month
	MoveIn *date.Date // nil is Start
}

// RenewLeaseParams is a new lease of a unit for its tenant.
type RenewLeaseParams struct {
	UnitID id.Of[Unit]
	Rent   money.Amount // a month's
	Start  date.Date
	End    *date.Date // nil is month to month
}

// GiveNoticeParams is the notice of a unit's tenant.
type GiveNoticeParams struct {
	UnitID id.Of[Unit]
	Date   date.Date // on which the tenant gave it
}

// FinishRenovationParams is the end of a unit's renovation.
type FinishRenovationParams struct {
	UnitID id.Of[Unit]
	Date   date.Date // from which it is renovated
}

// lease is what the verbs that make a lease check.
func lease(rent money.Amount, start date.Date, end *date.Date) *check.Fields {
	var c check.Fields
	c.NotNegative("rent", rent)
	c.Given("start", start)
	c.Day("end", end)
	if end != nil && end.Before(start) {
		c.AddErr("", ErrLeaseDates.On("end"))
	}
	return &c
}

// OccupyUnit lets a vacant unit under a lease. It locks the property and the
// unit, and brings the property's occupancy rate up to date, as all verbs that
// change a unit's occupancy do.
//
// It returns [ErrUnitNotVacant], [ErrUnitNotFound] or the field errors of p.
func (s *Service) OccupyUnit(ctx context.Context, db bun.IDB, p OccupyUnitParams) (*Unit, error) {
	c := lease(p.Rent, p.Start, p.End)
	c.Day("move_in", p.MoveIn)
	if err := c.Err(); err != nil {
		return nil, err
	}
	return s.changeOccupancy(ctx, db, p.UnitID, func(u *Unit) error { return u.occupy(p) })
}

// RenewLease puts the tenant of a unit under a new lease; a notice given is
// void. The lease may start within the horizon of [Config]. A higher rent than before
// is remembered as an increase on the day the lease starts. It returns
// [ErrUnitNotOccupied], [ErrUnitNotFound] or the field errors of p.
func (s *Service) RenewLease(ctx context.Context, db bun.IDB, p RenewLeaseParams) (*Unit, error) {
	if err := lease(p.Rent, p.Start, p.End).Err(); err != nil {
		return nil, err
	}
	return s.changeOccupancy(ctx, db, p.UnitID, func(u *Unit) error { return u.renew(p) })
}

// GiveNotice records on which day the tenant of a unit gave notice. It returns
// [ErrUnitNotOccupied], [ErrNoticeGiven] or [ErrUnitNotFound].
func (s *Service) GiveNotice(ctx context.Context, db bun.IDB, p GiveNoticeParams) (*Unit, error) {
	var c check.Fields
	c.Given("date", p.Date)
	if err := c.Err(); err != nil {
		return nil, err
	}
	return s.changeOccupancy(ctx, db, p.UnitID, func(u *Unit) error { return u.giveNotice(p.Date) })
}

// VacateUnit ends the tenancy of a unit: lease, rent and notice are cleared,
// and remain in its history. It returns [ErrUnitNotOccupied] or
// [ErrUnitNotFound].
func (s *Service) VacateUnit(ctx context.Context, db bun.IDB, unit id.Of[Unit]) (*Unit, error) {
	return s.changeOccupancy(ctx, db, unit, (*Unit).vacate)
}

// StartRenovation takes a vacant unit off the market. It returns
// [ErrUnitNotVacant] or [ErrUnitNotFound].
func (s *Service) StartRenovation(ctx context.Context, db bun.IDB, unit id.Of[Unit]) (*Unit, error) {
	return s.changeOccupancy(ctx, db, unit, (*Unit).startRenovation)
}

// FinishRenovation puts a unit back on the market, renovated on a day. It
// returns [ErrUnitNotRenovating] or [ErrUnitNotFound].
func (s *Service) FinishRenovation(ctx context.Context, db bun.IDB, p FinishRenovationParams) (*Unit, error) {
	var c check.Fields
	c.Given("date", p.Date)
	if err := c.Err(); err != nil {
		return nil, err
	}
	return s.changeOccupancy(ctx, db, p.UnitID, func(u *Unit) error { return u.finishRenovation(p.Date) })
}

// changeOccupancy runs a pure decision on a locked unit and stores what it
// made of it.
func (s *Service) changeOccupancy(ctx context.Context, db bun.IDB, unit id.Of[Unit], decide func(*Unit) error) (*Unit, error) {
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
		if err := saveUnit(ctx, tx, u, occupancyColumns...); err != nil {
			return err
		}
		if err := rollUp(ctx, tx, p); err != nil {
			return err
		}
		return s.hooks.Emit(ctx, tx, s.now(), store.Event(aggregateUnit, u.ID, UnitOccupancyChanged{PropertyID: u.PropertyID, Was: was,
			Occupancy: u.OccupancyStatus, CurrentRent: u.CurrentRent, LeaseStart: u.LeaseStart, LeaseEnd: u.LeaseEnd, NoticeDate: u.NoticeDate}))
	})
	if err != nil {
		return nil, err
	}
	return u, nil
}

func (u *Unit) occupy(p OccupyUnitParams) error {
	if u.OccupancyStatus != OccupancyVacant {
		return ErrUnitNotVacant.With("%s", u.OccupancyStatus)
	}
	u.OccupancyStatus = OccupancyOccupied
	u.CurrentRent, u.LeaseStart, u.LeaseEnd, u.NoticeDate = &p.Rent, &p.Start, p.End, nil
	u.MoveIn = p.MoveIn
	if u.MoveIn == nil {
		u.MoveIn = &p.Start
	}
	return nil
}

func (u *Unit) renew(p RenewLeaseParams) error {
	if !u.OccupancyStatus.Occupied() {
		return ErrUnitNotOccupied.With("%s", u.OccupancyStatus)
	}
	if u.CurrentRent != nil && u.CurrentRent.Less(p.Rent) {
		u.LastRentIncrease = &p.Start
	}
	u.OccupancyStatus = OccupancyOccupied
	u.CurrentRent, u.LeaseStart, u.LeaseEnd, u.NoticeDate = &p.Rent, &p.Start, p.End, nil
	return nil
}

func (u *Unit) giveNotice(on date.Date) error {
	switch u.OccupancyStatus {
	case OccupancyNotice:
		return ErrNoticeGiven
	case OccupancyOccupied:
		u.OccupancyStatus, u.NoticeDate = OccupancyNotice, &on
		return nil
	}
	return ErrUnitNotOccupied.With("%s", u.OccupancyStatus)
}

func (u *Unit) vacate() error {
	if !u.OccupancyStatus.Occupied() {
		return ErrUnitNotOccupied.With("%s", u.OccupancyStatus)
	}
	u.OccupancyStatus = OccupancyVacant
	u.CurrentRent, u.LeaseStart, u.LeaseEnd, u.MoveIn, u.NoticeDate = nil, nil, nil, nil, nil
	return nil
}

func (u *Unit) startRenovation() error {
	if u.OccupancyStatus != OccupancyVacant {
		return ErrUnitNotVacant.With("%s", u.OccupancyStatus)
	}
	status := RenovationInProgress
	u.OccupancyStatus, u.RenovationStatus = OccupancyRenovation, &status
	return nil
}

func (u *Unit) finishRenovation(on date.Date) error {
	if u.OccupancyStatus != OccupancyRenovation {
		return ErrUnitNotRenovating.With("%s", u.OccupancyStatus)
	}
	status := RenovationRenovated
	u.OccupancyStatus, u.RenovationStatus, u.RenovationCompleted = OccupancyVacant, &status, &on
	return nil
}
