package renovations

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// ErrUnitEarly: work in a unit began before its project did.
var ErrUnitEarly = fault.New(fault.Invalid, "unit_before_project", "the project began later").On("date")

// UnitRenovationStarted says that work in a unit began.
type UnitRenovationStarted struct {
	UnitRenovationID id.Of[UnitRenovation]  `json:"unit_renovation_id"`
	UnitID           id.Of[properties.Unit] `json:"unit_id"`
	Start            date.Date              `json:"start"`
}

// EventType names the event.
func (UnitRenovationStarted) EventType() (string, int) {
	return "renovations.unit_renovation_started", 1
}

// StartUnitRenovationParams is the start of the work in one unit.
type StartUnitRenovationParams struct {
	UnitRenovationID  id.Of[UnitRenovation]
	Date              date.Date     // on which it began
	PreRenovationRent *money.Amount // a month's; nil leaves what was planned
}

// StartUnitRenovation records on which day, today at the latest, work began in a unit of
// a project in progress, and takes the unit off the market: no tenant is in it on that
// day, nor today ([properties.Service.StartRenovation]). It locks the property, the project
// and the unit. It returns [ErrProjectStatus], [ErrUnitRenovationStatus], [ErrUnitEarly],
// [properties.ErrUnitNotVacant], [ErrUnitRenovationNotFound] or the field errors. A unit
// that is let is renovated with its tenants in place: its work is completed without a start.
func (s *Service) StartUnitRenovation(ctx context.Context, db bun.IDB, p StartUnitRenovationParams) (*UnitRenovation, error) {
	var f check.Fields
	f.GivenHappened("date", p.Date, check.NewDays(s.now(), 0))
	f.Amount("pre_renovation_rent", p.PreRenovationRent)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return s.work(ctx, db, p.UnitRenovationID, func(tx bun.IDB, project *Project, u *UnitRenovation) (store.Payload, error) {
		if u.Status == UnitInProgress && u.Start != nil && *u.Start == p.Date && sameAmount(p.PreRenovationRent, u.PreRenovationRent) {
			return nil, nil // run again
		}
		if err := project.takesWork(p.Date); err != nil {
			return nil, err
		}
		if u.Status != UnitPending {
			return nil, ErrUnitRenovationStatus.With("%s, not %s", u.Status, UnitPending)
		}
		if _, err := s.properties.StartRenovation(ctx, tx, properties.StartRenovationParams{UnitID: u.UnitID, Date: p.Date}); err != nil {
			return nil, err
		}
		u.Status, u.Start = UnitInProgress, &p.Date
		if p.PreRenovationRent != nil {
			u.PreRenovationRent = p.PreRenovationRent
		}
		return UnitRenovationStarted{u.ID, u.UnitID, p.Date}, nil
	})
}

// takesWork reports why no work in a unit can begin or end on a day.
func (p *Project) takesWork(on date.Date) error {
	switch {
	case p.Status != ProjectStatusInProgress:
		return ErrProjectStatus.With("%s, not %s", p.Status, ProjectStatusInProgress)
	case p.ActualStart != nil && on.Before(*p.ActualStart):
		return ErrUnitEarly.With("%s", *p.ActualStart)
	}
	return nil
}

// sameAmount reports whether what is asked for, if anything, is there.
func sameAmount(asked, there *money.Amount) bool {
	return asked == nil || there != nil && *asked == *there
}

// workColumns are what the verbs of the work in a unit change.
var workColumns = []string{"renovation_scope", "start_date", "end_date", "days_vacant", "budgeted_cost", "actual_cost", "pre_renovation_rent", "post_renovation_rent", "status"}

// work runs a decision on the work in a unit, behind the locks of its property and its
// project, and stores what it made of it. A decision without an event has changed nothing.
func (s *Service) work(ctx context.Context, db bun.IDB, work id.Of[UnitRenovation],
	decide func(tx bun.IDB, project *Project, u *UnitRenovation) (store.Payload, error)) (*UnitRenovation, error) {
	var u *UnitRenovation
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		known, err := unitRenovations.Get(ctx, tx, work) // unlocked, to learn the project
		if err != nil {
			return err
		}
		project, err := s.lock(ctx, tx, known.ProjectID)
		if err != nil {
			return err
		}
		if u, err = unitRenovations.Lock(ctx, tx, work); err != nil {
			return err
		}
		event, err := decide(tx, project, u)
		if err != nil || event == nil {
			return err
		}
		if err := unitRenovations.Save(ctx, tx, u, &u.UpdatedAt, workColumns...); err != nil {
			return err
		}
		was := project.ActualRentIncrease
		if err := project.sumRents(ctx, tx); err != nil {
			return err
		}
		if now := project.ActualRentIncrease; (was == nil) != (now == nil) || was != nil && *was != *now {
			if err := save(ctx, tx, project, "actual_rent_increase"); err != nil {
				return err
			}
		}
		return s.hooks.Emit(ctx, tx, s.now(), store.Event(aggregateProject, project.ID, event))
	})
	if err != nil {
		return nil, err
	}
	return u, nil
}
