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

// occupancyColumns are what the verbs of this file write.
var occupancyColumns = []string{"occupancy_status", "current_rent", "last_rent_increase", "lease_start_date",
	"lease_end_date", "move_in_date", "notice_date", "renovation_status", "renovation_completed_date"}

// LeaseParams is a lease of a unit.
type LeaseParams struct {
	UnitID id.Of[Unit]
	Rent   money.Amount // a month's
	Start  date.Date
	End    *date.Date // nil is month to month
	MoveIn *date.Date // OccupyUnit only; nil is Start
}

func (p *LeaseParams) validate() error {
	var c check.Fields
	c.Amount("rent", &p.Rent)
	c.Day("start", &p.Start)
	c.Day("end", p.End)
	c.Day("move_in", p.MoveIn)
	if p.End != nil && p.End.Before(p.Start) {
		c.AddErr("", ErrLeaseDates.On("end"))
	}
	return c.Err()
}

// OccupyUnit lets a vacant unit under a lease. It locks the property and the
// unit, and brings the property's occupancy rate up to date, as all verbs that
// change a unit's occupancy do.
//
// It returns [ErrUnitNotVacant], [ErrUnitNotFound] or the field errors of p.
func (s *Service) OccupyUnit(ctx context.Context, db bun.IDB, p LeaseParams) (*Unit, error) {
	if err := p.validate(); err != nil {
		return nil, err
	}
	return s.changeOccupancy(ctx, db, p.UnitID, func(u *Unit) error { return u.occupy(p) })
}

// RenewLease puts the tenant of a unit under a new lease; a notice given is
// void. The lease may start within the horizon of [Config]. A higher rent than before is remembered as an increase on the day the
// lease starts. It returns [ErrUnitNotOccupied], [ErrUnitNotFound] or the field
// errors of p.
func (s *Service) RenewLease(ctx context.Context, db bun.IDB, p LeaseParams) (*Unit, error) {
	if err := p.validate(); err != nil {
		return nil, err
	}
	return s.changeOccupancy(ctx, db, p.UnitID, func(u *Unit) error { return u.renew(p) })
}

// GiveNotice records on which day the tenant of a unit gave notice. It returns
// [ErrUnitNotOccupied], [ErrNoticeGiven] or [ErrUnitNotFound].
func (s *Service) GiveNotice(ctx context.Context, db bun.IDB, v id.Of[Unit], on date.Date) (*Unit, error) {
	return s.changeOccupancy(ctx, db, v, func(u *Unit) error { return u.giveNotice(on) })
}

// VacateUnit ends the tenancy of a unit: lease, rent and notice are cleared,
// and remain in its history. It returns [ErrUnitNotOccupied] or
// [ErrUnitNotFound].
func (s *Service) VacateUnit(ctx context.Context, db bun.IDB, v id.Of[Unit]) (*Unit, error) {
	return s.changeOccupancy(ctx, db, v, (*Unit).vacate)
}

// StartRenovation takes a vacant unit off the market. It returns
// [ErrUnitNotVacant] or [ErrUnitNotFound].
func (s *Service) StartRenovation(ctx context.Context, db bun.IDB, v id.Of[Unit]) (*Unit, error) {
	return s.changeOccupancy(ctx, db, v, (*Unit).startRenovation)
}

// FinishRenovation puts a unit back on the market, renovated on a day. It
// returns [ErrUnitNotRenovating] or [ErrUnitNotFound].
func (s *Service) FinishRenovation(ctx context.Context, db bun.IDB, v id.Of[Unit], on date.Date) (*Unit, error) {
	return s.changeOccupancy(ctx, db, v, func(u *Unit) error { return u.finishRenovation(on) })
}

// changeOccupancy runs a pure decision on a locked unit and stores what it
// made of it.
func (s *Service) changeOccupancy(ctx context.Context, db bun.IDB, v id.Of[Unit], decide func(*Unit) error) (*Unit, error) {
	var u *Unit
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		p, locked, err := lockUnit(ctx, tx, v)
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
		return store.Emit(ctx, tx, s.now(), store.Event(aggregateUnit, u.ID, UnitOccupancyChanged{PropertyID: u.PropertyID, Was: was,
			Occupancy: u.OccupancyStatus, CurrentRent: u.CurrentRent, LeaseStart: u.LeaseStart, LeaseEnd: u.LeaseEnd, NoticeDate: u.NoticeDate}))
	})
	if err != nil {
		return nil, err
	}
	return u, nil
}

func (u *Unit) occupy(p LeaseParams) error {
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

func (u *Unit) renew(p LeaseParams) error {
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
