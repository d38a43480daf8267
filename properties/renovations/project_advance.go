package renovations

import (
	"context"
	"reflect"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// ProjectApproved says that a project may start, within a budget.
type ProjectApproved struct {
	PropertyID     id.Of[properties.Property] `json:"property_id"`
	ApprovedBudget *money.Amount              `json:"approved_budget"`
}

// EventType names the event.
func (ProjectApproved) EventType() (string, int) { return "renovations.project_approved", 1 }

// ProjectStarted says that work began.
type ProjectStarted struct {
	PropertyID  id.Of[properties.Property] `json:"property_id"`
	ActualStart *date.Date                 `json:"actual_start"`
}

// EventType names the event.
func (ProjectStarted) EventType() (string, int) { return "renovations.project_started", 1 }

// ProjectCompleted says that a project is done.
type ProjectCompleted struct {
	PropertyID id.Of[properties.Property] `json:"property_id"`
	ActualEnd  *date.Date                 `json:"actual_end"`
	ActualCost *money.Amount              `json:"actual_cost"`
}

// EventType names the event.
func (ProjectCompleted) EventType() (string, int) { return "renovations.project_completed", 1 }

// ApproveProjectParams is the budget of a planned project.
type ApproveProjectParams struct {
	ProjectID id.Of[Project]
	Budget    money.Amount
	ActorID   id.Of[auth.User] // who approves
}

// ApproveProject approves a planned project with a budget. It locks the property and the
// project. It returns [ErrProjectNotFound], [ErrProjectStatus], [auth.ErrActorInactive] or
// the field errors.
func (s *Service) ApproveProject(ctx context.Context, db bun.IDB, p ApproveProjectParams) (*Project, error) {
	var f check.Fields
	f.Given("actor_id", p.ActorID)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return s.advance(ctx, db, p.ProjectID, advancement{from: ProjectStatusPlanning, to: ProjectStatusApproved, verb: VerbApproveProject, by: p.ActorID,
		set: func(row *Project) { row.ApprovedBudget = &p.Budget }})
}

// StartProjectParams is the start of an approved project.
type StartProjectParams struct {
	ProjectID id.Of[Project]
	Date      date.Date // on which work began
}

// StartProject records on which day, today at the latest, work began on an approved project. It locks
// the project and returns [ErrProjectNotFound], [ErrProjectStatus] or the field
// errors.
func (s *Service) StartProject(ctx context.Context, db bun.IDB, p StartProjectParams) (*Project, error) {
	return s.advance(ctx, db, p.ProjectID, advancement{from: ProjectStatusApproved, to: ProjectStatusInProgress, set: func(row *Project) { row.ActualStart = &p.Date }})
}

// CompleteProjectParams is the end of a project in progress.
type CompleteProjectParams struct {
	ProjectID id.Of[Project]
	Date      date.Date // on which it was done
	Cost      money.Amount
}

// CompleteProject records on which day, today at the latest, a project in
// progress was done and what it cost. The work in its units that was not done yet
// is done on that day too, and the units are renovated and back on the market. It locks
// the property, the project and the units. It returns [ErrProjectNotFound],
// [ErrProjectStatus], [ErrActualDates], [ErrUnitDates] when work in a unit began later, or the
// field errors.
func (s *Service) CompleteProject(ctx context.Context, db bun.IDB, p CompleteProjectParams) (*Project, error) {
	return s.advance(ctx, db, p.ProjectID, advancement{from: ProjectStatusInProgress, to: ProjectStatusCompleted, set: func(row *Project) {
		row.ActualEnd, row.ActualCost, row.Completion = &p.Date, &p.Cost, 100
	}})
}

// advancement is a step of a project: by whom, where it takes somebody, and what it sets.
type advancement struct {
	from, to ProjectStatus
	verb     Verb // "" takes nobody
	by       id.Of[auth.User]
	set      func(*Project)
}

// advance moves a locked project from one status to the next. One that has come there by
// the same command stays as it is.
func (s *Service) advance(ctx context.Context, db bun.IDB, project id.Of[Project], step advancement) (*Project, error) {
	var row *Project
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		if row, err = s.lock(ctx, tx, project); err != nil {
			return err
		}
		if step.verb != "" {
			if err := s.acts(ctx, tx, step.verb, step.by, row); err != nil {
				return err
			}
		}
		if row.Status == step.to { // run again
			same := *row
			step.set(&same)
			if reflect.DeepEqual(same, *row) {
				return nil
			}
		}
		if row.Status != step.from {
			return ErrProjectStatus.With("%s, not %s", row.Status, step.from)
		}
		row.Status = step.to
		step.set(row)
		if err := validatePlan(row, nil); err != nil {
			return err
		}
		if err := row.happened(check.NewDays(s.now(), 0)); err != nil {
			return err
		}
		if step.to == ProjectStatusCompleted {
			if err := s.endUnits(ctx, tx, row, UnitCompleted, *row.ActualEnd); err != nil {
				return err
			}
		}
		err = save(ctx, tx, row, "status", "approved_budget", "actual_start_date", "actual_end_date", "actual_cost",
			"completion_percentage", "actual_rent_increase")
		if err != nil {
			return err
		}
		return s.hooks.Emit(ctx, tx, s.now(), store.Event(aggregateProject, row.ID, row.change()))
	})
	if err != nil {
		return nil, err
	}
	return row, nil
}

// lock locks a project behind its property.
func (s *Service) lock(ctx context.Context, tx bun.IDB, project id.Of[Project]) (*Project, error) {
	known, err := projects.Get(ctx, tx, project) // unlocked, to learn the property
	if err != nil {
		return nil, err
	}
	if _, err := s.properties.LockProperty(ctx, tx, known.PropertyID); err != nil {
		return nil, err
	}
	return projects.Lock(ctx, tx, project)
}

// change is the event of the status that a verb has given the project.
func (p *Project) change() store.Payload {
	switch p.Status {
	case ProjectStatusApproved:
		return ProjectApproved{p.PropertyID, p.ApprovedBudget}
	case ProjectStatusInProgress:
		return ProjectStarted{p.PropertyID, p.ActualStart}
	}
	return ProjectCompleted{p.PropertyID, p.ActualEnd, p.ActualCost}
}

// save writes columns of a locked project and counts its version up.
func save(ctx context.Context, tx bun.IDB, p *Project, columns ...string) error {
	p.Version++
	return projects.Save(ctx, tx, p, &p.UpdatedAt, append(columns, "version")...)
}
