package renovations

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// UnitRenovationCompleted says that work in a unit is done.
type UnitRenovationCompleted struct {
	UnitRenovationID id.Of[UnitRenovation]  `json:"unit_renovation_id"`
	UnitID           id.Of[properties.Unit] `json:"unit_id"`
	End              date.Date              `json:"end"`
	ActualCost       money.Amount           `json:"actual_cost"`
}

// EventType names the event.
func (UnitRenovationCompleted) EventType() (string, int) {
	return "renovations.unit_renovation_completed", 1
}

// UnitRenovationCancelled says that work in a unit was given up.
type UnitRenovationCancelled struct {
	UnitRenovationID id.Of[UnitRenovation]  `json:"unit_renovation_id"`
	UnitID           id.Of[properties.Unit] `json:"unit_id"`
	End              date.Date              `json:"end"`
}

// EventType names the event.
func (UnitRenovationCancelled) EventType() (string, int) {
	return "renovations.unit_renovation_cancelled", 1
}

// CompleteUnitRenovationParams is the end of the work in one unit.
type CompleteUnitRenovationParams struct {
	UnitRenovationID   id.Of[UnitRenovation]
	Date               date.Date // on which it was done
	Cost               money.Amount
	PostRenovationRent *money.Amount // a month's, where it is known by now
	// DaysVacant is how long the unit stood empty for the work; nil is from its start to
	// its end, and of work that had no start nothing.
	DaysVacant *int
}

// CompleteUnitRenovation records on which day, today at the latest, the work in a unit of
// a project in progress was done, what it cost and which rent it brought. The unit is
// renovated from that day on, and back on the market where it was off it. It locks the
// property, the project and the unit. It returns [ErrProjectStatus],
// [ErrUnitRenovationStatus], [ErrUnitEarly], [ErrUnitDates], [ErrUnitRenovationNotFound] or
// the field errors.
func (s *Service) CompleteUnitRenovation(ctx context.Context, db bun.IDB, p CompleteUnitRenovationParams) (*UnitRenovation, error) {
	var f check.Fields
	f.GivenHappened("date", p.Date, check.NewDays(s.now(), 0))
	f.NotNegative("cost", p.Cost)
	f.Amount("post_renovation_rent", p.PostRenovationRent)
	f.Count("days_vacant", p.DaysVacant)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return s.work(ctx, db, p.UnitRenovationID, func(tx bun.IDB, project *Project, u *UnitRenovation) (store.Payload, error) {
		if u.Status == UnitCompleted && u.End != nil && *u.End == p.Date && sameAmount(&p.Cost, u.ActualCost) && sameAmount(p.PostRenovationRent, u.PostRenovationRent) {
			return nil, nil // run again
		}
		if err := project.takesWork(p.Date); err != nil {
			return nil, err
		}
		switch {
		case !u.open():
			return nil, ErrUnitRenovationStatus.With("%s", u.Status)
		case u.Start != nil && p.Date.Before(*u.Start):
			return nil, ErrUnitDates.On("date").With("%s", *u.Start)
		}
		u.DaysVacant = p.DaysVacant
		if u.DaysVacant == nil && u.Start != nil {
			days := p.Date.Sub(*u.Start)
			u.DaysVacant = &days
		}
		u.Status, u.End, u.ActualCost = UnitCompleted, &p.Date, &p.Cost
		if p.PostRenovationRent != nil {
			u.PostRenovationRent = p.PostRenovationRent
		}
		ends := []properties.RenovationEnd{{UnitID: u.UnitID, Date: &p.Date}}
		return UnitRenovationCompleted{u.ID, u.UnitID, p.Date, p.Cost}, s.endRenovations(ctx, tx, project, ends)
	})
}

// CancelUnitRenovationParams is work in a unit that is given up.
type CancelUnitRenovationParams struct {
	UnitRenovationID id.Of[UnitRenovation]
	Date             date.Date // on which it is given up
}

// CancelUnitRenovation records on which day, today at the latest, the work in a unit was
// given up, before or after it began; a unit that was off the market is back on it. It
// locks and returns what [Service.CompleteUnitRenovation] locks and returns, and is
// possible while the project is on hold too.
func (s *Service) CancelUnitRenovation(ctx context.Context, db bun.IDB, p CancelUnitRenovationParams) (*UnitRenovation, error) {
	var f check.Fields
	f.GivenHappened("date", p.Date, check.NewDays(s.now(), 0))
	if err := f.Err(); err != nil {
		return nil, err
	}
	return s.work(ctx, db, p.UnitRenovationID, func(tx bun.IDB, project *Project, u *UnitRenovation) (store.Payload, error) {
		switch {
		case u.Status == UnitCancelled:
			return nil, nil // run again
		case !u.open():
			return nil, ErrUnitRenovationStatus.With("%s", u.Status)
		case u.Start != nil && p.Date.Before(*u.Start):
			return nil, ErrUnitDates.On("date").With("%s", *u.Start)
		}
		begun := u.Status == UnitInProgress
		u.Status = UnitCancelled
		var ends []properties.RenovationEnd
		if begun {
			days := p.Date.Sub(*u.Start)
			u.End, u.DaysVacant = &p.Date, &days
			ends = append(ends, properties.RenovationEnd{UnitID: u.UnitID})
		}
		return UnitRenovationCancelled{u.ID, u.UnitID, p.Date}, s.endRenovations(ctx, tx, project, ends)
	})
}
