package renovations

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// Config is what a [Service] needs. The zero value is ready for use.
type Config struct {
	// Now is the clock, read once per call; nil is time.Now.
	Now func() time.Time
}

// Service is the verbs and reads of this domain. It holds no connection, is
// immutable and safe for concurrent use.
type Service struct {
	clock      func() time.Time
	properties *properties.Service
}

// NewService makes a Service.
func NewService(cfg Config) *Service {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Service{clock: cfg.Now, properties: properties.NewService(properties.Config{Now: cfg.Now})}
}

// now is the time of a call as the database keeps it.
func (s *Service) now() time.Time { return s.clock().UTC().Truncate(time.Microsecond) }

// PlanProjectParams is a project in planning.
type PlanProjectParams struct {
	ID         id.Of[Project] // zero makes a new one
	PropertyID id.Of[properties.Property]
	Name       string

	Type                  *ProjectType
	PlannedStart          *date.Date
	PlannedEnd            *date.Date
	EstimatedCost         *money.Amount
	Scope                 *string
	CommonAreas           []string
	ProjectedNOIIncrease  *money.Amount // a year's
	ProjectedRentIncrease *money.Amount // a month's

	// Units are the units to be renovated, in one statement however many.
	Units []PlanUnit
}

// PlanUnit is a unit's part in a planned project.
type PlanUnit struct {
	UnitID            id.Of[properties.Unit]
	Scope             []string
	BudgetedCost      *money.Amount
	PreRenovationRent *money.Amount // a month's
}

// PlanProject puts a project and its units on record. It locks the property,
// so that none of the units can move meanwhile.
//
// It returns [properties.ErrPropertyNotFound], [ErrProjectExists],
// [ErrUnitElsewhere], or all field errors at once.
func (s *Service) PlanProject(ctx context.Context, db bun.IDB, p PlanProjectParams) (*Project, error) {
	now := s.now()
	row := &Project{
		ID: p.ID, PropertyID: p.PropertyID, Name: p.Name, Type: p.Type, PlannedStart: p.PlannedStart,
		PlannedEnd: p.PlannedEnd, EstimatedCost: p.EstimatedCost, Scope: p.Scope, CommonAreas: p.CommonAreas,
		ProjectedNOIIncrease: p.ProjectedNOIIncrease, ProjectedRentIncrease: p.ProjectedRentIncrease,
		Status: ProjectPlanning, Version: 1, CreatedAt: now, UpdatedAt: now,
	}
	if row.ID.IsZero() {
		row.ID = id.New[Project]()
	}
	rows := make([]UnitRenovation, len(p.Units))
	ids := make([]id.Of[properties.Unit], len(p.Units))
	for i, u := range p.Units {
		ids[i] = u.UnitID
		rows[i] = UnitRenovation{
			ID: id.New[UnitRenovation](), ProjectID: row.ID, UnitID: u.UnitID, Scope: u.Scope,
			BudgetedCost: u.BudgetedCost, PreRenovationRent: u.PreRenovationRent,
			Status: UnitPending, CreatedAt: now, UpdatedAt: now,
		}
	}
	if len(rows) > 0 {
		n := len(rows)
		row.UnitsAffected = &n
	}
	if err := validatePlan(row, rows); err != nil {
		return nil, err
	}
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		if _, err := s.properties.LockProperty(ctx, tx, p.PropertyID); err != nil {
			return err
		}
		if err := sameProperty(ctx, tx, p.PropertyID, ids); err != nil {
			return err
		}
		if err := projects.Insert(ctx, tx, row); err != nil {
			return err
		}
		if err := unitRenovations.InsertAll(ctx, tx, rows); err != nil {
			return err
		}
		return store.Emit(ctx, tx, now, store.Event(aggregateProject, row.ID, ProjectPlanned{row.PropertyID, len(rows), row.EstimatedCost}))
	})
	if err != nil {
		return nil, err
	}
	return row, nil
}

// sameProperty reports ErrUnitElsewhere unless all units are the property's.
func sameProperty(ctx context.Context, tx bun.IDB, v id.Of[properties.Property], ids []id.Of[properties.Unit]) error {
	if len(ids) == 0 {
		return nil
	}
	n, err := tx.NewSelect().Model((*properties.Unit)(nil)).
		Where("u.property_id = ?", v).Where("u.id IN (?)", bun.List(ids)).Count(ctx)
	if err == nil && int(n) != len(ids) {
		return ErrUnitElsewhere
	}
	return store.Err(err, constraints)
}

// ApproveProject approves a planned project with a budget. It locks the
// project and returns [ErrProjectNotFound], [ErrProjectStatus] or the field
// errors.
func (s *Service) ApproveProject(ctx context.Context, db bun.IDB, v id.Of[Project], budget money.Amount) (*Project, error) {
	return s.advance(ctx, db, v, ProjectPlanning, ProjectApproved, func(p *Project) { p.ApprovedBudget = &budget })
}

// StartProject records on which day, today at the latest, work began on an
// approved project. It locks the project and returns [ErrProjectNotFound],
// [ErrProjectStatus] or the field errors.
func (s *Service) StartProject(ctx context.Context, db bun.IDB, v id.Of[Project], on date.Date) (*Project, error) {
	return s.advance(ctx, db, v, ProjectApproved, ProjectInProgress, func(p *Project) { p.ActualStart = &on })
}

// CompleteProject records on which day, today at the latest, a project in
// progress was done and what it cost. The work in its units that was not done yet
// is done on that day too. It locks the project and returns [ErrProjectNotFound],
// [ErrProjectStatus], [ErrActualDates], [ErrUnitDates] when work in a unit began
// later, or the field errors.
func (s *Service) CompleteProject(ctx context.Context, db bun.IDB, v id.Of[Project], on date.Date, cost money.Amount) (*Project, error) {
	return s.advance(ctx, db, v, ProjectInProgress, ProjectCompleted, func(p *Project) {
		p.ActualEnd, p.ActualCost, p.Completion = &on, &cost, 100
	})
}

// advance moves a locked project from one status to the next.
func (s *Service) advance(ctx context.Context, db bun.IDB, v id.Of[Project], from, to ProjectStatus, set func(*Project)) (*Project, error) {
	var row *Project
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		if row, err = projects.Lock(ctx, tx, v); err != nil {
			return err
		}
		if row.Status != from {
			return ErrProjectStatus.With("%s, not %s", row.Status, from)
		}
		row.Status = to
		set(row)
		if err := validatePlan(row, nil); err != nil {
			return err
		}
		if err := row.happened(check.NewDays(s.now(), 0)); err != nil {
			return err
		}
		if to == ProjectCompleted {
			if err := completeUnits(ctx, tx, row); err != nil {
				return err
			}
		}
		err = save(ctx, tx, row, "status", "approved_budget", "actual_start_date", "actual_end_date", "actual_cost",
			"completion_percentage")
		if err != nil {
			return err
		}
		return store.Emit(ctx, tx, s.now(), store.Event(aggregateProject, row.ID, row.change()))
	})
	if err != nil {
		return nil, err
	}
	return row, nil
}

// change is the event of the status that a verb has given the project.
func (p *Project) change() store.Payload {
	switch p.Status {
	case ProjectApproved:
		return ProjectApprovedEvent{p.PropertyID, p.ApprovedBudget}
	case ProjectInProgress:
		return ProjectStarted{p.PropertyID, p.ActualStart}
	}
	return ProjectCompletedEvent{p.PropertyID, p.ActualEnd, p.ActualCost}
}

// save writes columns of a locked project and counts its version up.
func save(ctx context.Context, tx bun.IDB, p *Project, columns ...string) error {
	p.Version++
	_, err := tx.NewUpdate().Model(p).Column(append(columns, "version")...).WherePK().Returning("updated_at").Exec(ctx)
	return store.Err(err, constraints)
}

// ReportProgressParams is a dated report on a project.
type ReportProgressParams struct {
	ID              id.Of[ProgressUpdate] // zero makes a new one
	ProjectID       id.Of[Project]
	Date            date.Date
	Completion      *int // whole percent, 0 to 100
	UnitsCompleted  *int
	SpentToDate     *money.Amount
	Issues          *string
	ChangeOrders    []ChangeOrder
	PhotoURLs       []string
	VideoURL        *string
	ContractorNotes *string
	ManagerNotes    *string
}

// ReportProgress records a report on a project in progress and carries its
// completion and cost over to the project, unless a report of a later day is
// there. It locks the project and returns [ErrProjectNotFound],
// [ErrProjectStatus], [ErrReportEarly] or all field errors at once.
func (s *Service) ReportProgress(ctx context.Context, db bun.IDB, p ReportProgressParams) (*ProgressUpdate, error) {
	now := s.now()
	row := &ProgressUpdate{
		ID: p.ID, ProjectID: p.ProjectID, Date: p.Date, Completion: p.Completion, UnitsCompleted: p.UnitsCompleted,
		SpentToDate: p.SpentToDate, Issues: p.Issues, ChangeOrders: p.ChangeOrders, PhotoURLs: p.PhotoURLs,
		VideoURL: p.VideoURL, ContractorNotes: p.ContractorNotes, ManagerNotes: p.ManagerNotes,
		CreatedAt: now, UpdatedAt: now,
	}
	if row.ID.IsZero() {
		row.ID = id.New[ProgressUpdate]()
	}
	if err := row.validate(check.NewDays(now, 0)); err != nil {
		return nil, err
	}
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		project, err := projects.Lock(ctx, tx, p.ProjectID)
		if err != nil {
			return err
		}
		if project.Status != ProjectInProgress {
			return ErrProjectStatus.With("%s, not %s", project.Status, ProjectInProgress)
		}
		if project.ActualStart != nil && p.Date.Before(*project.ActualStart) {
			return ErrReportEarly.With("%s", *project.ActualStart)
		}
		later, err := tx.NewSelect().Model((*ProgressUpdate)(nil)).
			Where("pu.project_id = ?", p.ProjectID).Where("pu.update_date > ?", p.Date).Exists(ctx)
		if err != nil {
			return store.Err(err, constraints)
		}
		if err := updates.Insert(ctx, tx, row); err != nil {
			return err
		}
		if !later {
			if row.Completion != nil {
				project.Completion = *row.Completion
			}
			if row.SpentToDate != nil {
				project.ActualCost = row.SpentToDate
			}
			if err := save(ctx, tx, project, "completion_percentage", "actual_cost"); err != nil {
				return err
			}
		}
		return store.Emit(ctx, tx, now, store.Event(aggregateProject, project.ID, ProgressReported{row.ID, row.Date, row.Completion, row.SpentToDate}))
	})
	if err != nil {
		return nil, err
	}
	return row, nil
}

// Project reads a project. It returns [ErrProjectNotFound].
func (s *Service) Project(ctx context.Context, db bun.IDB, v id.Of[Project]) (*Project, error) {
	return projects.Get(ctx, db, v)
}

// Projects lists the projects of a property, the newest first, a page at a
// time.
func (s *Service) Projects(ctx context.Context, db bun.IDB, v id.Of[properties.Property], r page.Request) (page.Page[Project], error) {
	return projects.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("rp.property_id = ?", v) })
}

// UnitRenovations lists the units of a project, a page at a time.
func (s *Service) UnitRenovations(ctx context.Context, db bun.IDB, v id.Of[Project], r page.Request) (page.Page[UnitRenovation], error) {
	return unitRenovations.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("ur.project_id = ?", v) })
}

// ProgressUpdates lists the reports on a project, the latest date first, a page
// at a time.
func (s *Service) ProgressUpdates(ctx context.Context, db bun.IDB, v id.Of[Project], r page.Request) (page.Page[ProgressUpdate], error) {
	return updates.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("pu.project_id = ?", v) })
}

// validatePlan returns every field error of a project and its units.
func validatePlan(p *Project, rows []UnitRenovation) error {
	var c check.Fields
	c.Required("project_name", p.Name, 255)
	check.Enum(&c, "project_type", p.Type)
	check.OptionalText(&c, "scope_description", p.Scope, check.Long)
	c.Texts("common_areas_affected", p.CommonAreas)
	c.Day("planned_start_date", p.PlannedStart)
	c.Day("planned_end_date", p.PlannedEnd)
	c.Day("actual_start_date", p.ActualStart)
	c.Day("actual_end_date", p.ActualEnd)
	c.Amount("estimated_cost", p.EstimatedCost)
	c.Amount("approved_budget", p.ApprovedBudget)
	c.Amount("actual_cost", p.ActualCost)
	if p.PlannedStart != nil && p.PlannedEnd != nil && p.PlannedEnd.Before(*p.PlannedStart) {
		c.AddErr("", ErrPlannedDates)
	}
	if p.ActualStart != nil && p.ActualEnd != nil && p.ActualEnd.Before(*p.ActualStart) {
		c.AddErr("", ErrActualDates)
	}
	seen := map[id.Of[properties.Unit]]bool{}
	for i := range rows {
		u, at := &rows[i], fmt.Sprintf("units[%d].", i)
		c.Check(!u.UnitID.IsZero() && !seen[u.UnitID], at+"unit_id", "required", "each unit once")
		seen[u.UnitID] = true
		c.Texts(at+"renovation_scope", u.Scope)
		c.Amount(at+"budgeted_cost", u.BudgetedCost)
		c.Amount(at+"pre_renovation_rent", u.PreRenovationRent)
	}
	return c.Err()
}

// validate returns every field error of u.
func (u *ProgressUpdate) validate(days check.Days) error {
	var c check.Fields
	c.Day("update_date", &u.Date)
	c.Happened("update_date", &u.Date, days)
	c.Integer("completion_percentage", u.Completion, 0, 100)
	c.Count("units_completed", u.UnitsCompleted)
	c.Amount("spent_to_date", u.SpentToDate)
	c.Texts("photo_urls", u.PhotoURLs)
	check.OptionalText(&c, "issues_encountered", u.Issues, check.Long)
	check.OptionalText(&c, "video_url", u.VideoURL, 500)
	check.OptionalText(&c, "contractor_notes", u.ContractorNotes, check.Long)
	check.OptionalText(&c, "manager_notes", u.ManagerNotes, check.Long)
	for i, o := range u.ChangeOrders {
		at := fmt.Sprintf("change_orders[%d].", i)
		c.Text(at+"number", o.Number, check.Long)
		c.Required(at+"description", o.Description, check.Long)
		c.Day(at+"approved_on", o.ApprovedOn)
	}
	return c.Err()
}
