package renovations

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
)

// ProjectHeld says that a project waits.
type ProjectHeld struct {
	PropertyID id.Of[properties.Property] `json:"property_id"`
}

// EventType names the event.
func (ProjectHeld) EventType() (string, int) { return "renovations.project_held", 1 }

// ProjectResumed says that a project goes on.
type ProjectResumed struct {
	PropertyID id.Of[properties.Property] `json:"property_id"`
	Status     ProjectStatus              `json:"status"`
}

// EventType names the event.
func (ProjectResumed) EventType() (string, int) { return "renovations.project_resumed", 1 }

// ProjectCancelled says that a project was given up.
type ProjectCancelled struct {
	PropertyID id.Of[properties.Property] `json:"property_id"`
	Date       date.Date                  `json:"date"`
}

// EventType names the event.
func (ProjectCancelled) EventType() (string, int) { return "renovations.project_cancelled", 1 }

// HoldProjectParams is a project that is to wait.
type HoldProjectParams struct {
	ProjectID id.Of[Project]
	Reason    string
}

// HoldProject lets a project wait that is approved or in progress; units that are off the
// market stay so. One that is on hold for that reason stays as it is. It locks the property
// and the project. It returns [ErrProjectNotFound], [ErrProjectStatus] or the field errors.
func (s *Service) HoldProject(ctx context.Context, db bun.IDB, p HoldProjectParams) (*Project, error) {
	var f check.Fields
	f.Required("reason", p.Reason, check.Long)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return s.turn(ctx, db, p.ProjectID, func(_ bun.IDB, row *Project) (store.Payload, error) {
		switch {
		case row.Status == ProjectStatusOnHold && *row.StatusReason == p.Reason:
			return nil, nil // run again
		case row.Status != ProjectStatusApproved && row.Status != ProjectStatusInProgress:
			return nil, ErrProjectStatus.With("%s", row.Status)
		}
		row.Status, row.StatusReason = ProjectStatusOnHold, &p.Reason
		return ProjectHeld{row.PropertyID}, nil
	})
}

// ResumeProject lets a project on hold go on where it was: in progress where work has
// begun, else approved. One that is there already stays as it is. It locks the property
// and the project. It returns [ErrProjectNotFound] or [ErrProjectStatus].
func (s *Service) ResumeProject(ctx context.Context, db bun.IDB, project id.Of[Project]) (*Project, error) {
	return s.turn(ctx, db, project, func(_ bun.IDB, row *Project) (store.Payload, error) {
		switch row.Status {
		case ProjectStatusApproved, ProjectStatusInProgress:
			return nil, nil // run again
		case ProjectStatusOnHold:
		default:
			return nil, ErrProjectStatus.With("%s, not %s", row.Status, ProjectStatusOnHold)
		}
		row.Status, row.StatusReason = ProjectStatusApproved, nil
		if row.ActualStart != nil {
			row.Status = ProjectStatusInProgress
		}
		return ProjectResumed{row.PropertyID, row.Status}, nil
	})
}

// CancelProjectParams is a project that is given up.
type CancelProjectParams struct {
	ProjectID id.Of[Project]
	Date      date.Date // on which it is given up
	Reason    string
}

// CancelProject gives up a project that is not completed, on a day that is today at the
// latest, and the work in its units that is not done. Units that were off the market are back on it,
// and units that are done stay renovated. It locks the property, the project and the units.
// It returns [ErrProjectNotFound], [ErrProjectStatus], [ErrActualDates], [ErrUnitDates] when work
// in a unit began later, or the field errors.
func (s *Service) CancelProject(ctx context.Context, db bun.IDB, p CancelProjectParams) (*Project, error) {
	var f check.Fields
	f.GivenHappened("date", p.Date, check.NewDays(s.now(), 0))
	f.Required("reason", p.Reason, check.Long)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return s.turn(ctx, db, p.ProjectID, func(tx bun.IDB, row *Project) (store.Payload, error) {
		switch {
		case row.Status == ProjectStatusCancelled && *row.StatusReason == p.Reason:
			return nil, nil // run again
		case row.Status == ProjectStatusCancelled || row.Status == ProjectStatusCompleted:
			return nil, ErrProjectStatus.With("%s", row.Status)
		case row.ActualStart != nil && p.Date.Before(*row.ActualStart):
			return nil, ErrActualDates.With("%s", *row.ActualStart)
		}
		row.Status, row.StatusReason = ProjectStatusCancelled, &p.Reason
		if row.ActualStart != nil {
			row.ActualEnd = &p.Date
		}
		return ProjectCancelled{row.PropertyID, p.Date}, s.endUnits(ctx, tx, row, UnitCancelled, p.Date)
	})
}

// turn runs a decision on a project, behind the locks of its property, and stores what it
// made of it. A decision without an event has changed nothing.
func (s *Service) turn(ctx context.Context, db bun.IDB, project id.Of[Project],
	decide func(tx bun.IDB, row *Project) (store.Payload, error)) (*Project, error) {
	var row *Project
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		if row, err = s.lock(ctx, tx, project); err != nil {
			return err
		}
		event, err := decide(tx, row)
		if err != nil || event == nil {
			return err
		}
		if err := save(ctx, tx, row, "status", "status_reason", "actual_end_date", "actual_noi_increase", "actual_rent_increase"); err != nil {
			return err
		}
		return s.hooks.Emit(ctx, tx, s.now(), store.Event(aggregateProject, row.ID, event))
	})
	if err != nil {
		return nil, err
	}
	return row, nil
}
