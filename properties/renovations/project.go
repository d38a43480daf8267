package renovations

import (
	"context"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// The conditions of projects.
var (
	// ErrProjectNotFound: there is no such project.
	ErrProjectNotFound = fault.New(fault.NotFound, "project_not_found", "there is no such project")
	// ErrProjectExists: a project with this id was planned before.
	ErrProjectExists = fault.New(fault.Conflict, "project_exists", "a project with this id exists")
	// ErrProjectStatus: the project is not in the state that the verb needs.
	ErrProjectStatus = fault.New(fault.Illegal, "project_status", "the project's status does not allow this")
	// ErrProjectState: a project that waits, or was given up, does not say why.
	ErrProjectState = fault.New(fault.Invalid, "project_state_inconsistent", "a project that waits, or was given up, says why").On("status")
	// ErrPlannedDates: a project is planned to end before it starts.
	ErrPlannedDates = fault.New(fault.Invalid, fault.CodeInverted, "the project is planned to end before it starts").On("planned_end")
	// ErrActualDates: a project ended before it started.
	ErrActualDates = fault.New(fault.Invalid, fault.CodeInverted, "the project ended before it started").On("date")
)

// aggregateProject is what this package's events are about.
const aggregateProject = "project"

// ProjectType says why money is spent on a property.
type ProjectType string

// The project types.
const (
	ProjectValueAdd           ProjectType = "value_add"
	ProjectMaintenance        ProjectType = "maintenance"
	ProjectCapitalImprovement ProjectType = "capital_improvement"
)

// Valid reports whether t is one of the project types.
func (t ProjectType) Valid() bool {
	switch t {
	case ProjectValueAdd, ProjectMaintenance, ProjectCapitalImprovement:
		return true
	}
	return false
}

// ProjectStatus says where a project is in its life.
type ProjectStatus string

// The project statuses, in their order.
const (
	ProjectStatusPlanning   ProjectStatus = "planning"
	ProjectStatusApproved   ProjectStatus = "approved"
	ProjectStatusInProgress ProjectStatus = "in_progress"
	ProjectStatusCompleted  ProjectStatus = "completed"
	// ProjectStatusOnHold: approved or begun, and waiting.
	ProjectStatusOnHold ProjectStatus = "on_hold"
	// ProjectStatusCancelled: given up.
	ProjectStatusCancelled ProjectStatus = "cancelled"
)

// Valid reports whether s is one of the project statuses.
func (s ProjectStatus) Valid() bool {
	switch s {
	case ProjectStatusPlanning, ProjectStatusApproved, ProjectStatusInProgress, ProjectStatusCompleted, ProjectStatusOnHold, ProjectStatusCancelled:
		return true
	}
	return false
}

// Project is a renovation or capital project of a property. Increases of net
// operating income are a year's, increases of rent a month's, and either may
// be negative. The actual increase of rent is the sum of those of its completed units
// whose rents before and after are known; that of net operating income is measured
// ([Service.MeasureProject]).
type Project struct {
	bun.BaseModel `bun:"table:renovations.projects,alias:rp" json:"-"`

	ID         id.Of[Project]             `bun:"id,pk" json:"id"`
	PropertyID id.Of[properties.Property] `bun:"property_id" json:"property_id"`
	Name       string                     `bun:"project_name" json:"name"`
	Type       *ProjectType               `bun:"project_type" json:"type"`

	PlannedStart *date.Date `bun:"planned_start_date" json:"planned_start"`
	ActualStart  *date.Date `bun:"actual_start_date" json:"actual_start"`
	PlannedEnd   *date.Date `bun:"planned_end_date" json:"planned_end"`
	ActualEnd    *date.Date `bun:"actual_end_date" json:"actual_end"`

	EstimatedCost  *money.Amount `bun:"estimated_cost" json:"estimated_cost"`
	ApprovedBudget *money.Amount `bun:"approved_budget" json:"approved_budget"`
	ActualCost     *money.Amount `bun:"actual_cost" json:"actual_cost"`

	Scope         *string  `bun:"scope_description" json:"scope"`
	UnitsAffected *int     `bun:"units_affected" json:"units_affected"`
	CommonAreas   []string `bun:"common_areas_affected,array" json:"common_areas"`

	Status       ProjectStatus `bun:"status" json:"status"`
	StatusReason *string       `bun:"status_reason" json:"status_reason"`      // why it is on hold, or was cancelled
	Completion   int           `bun:"completion_percentage" json:"completion"` // whole percent, 0 to 100

	ProjectedNOIIncrease  *money.Amount `bun:"projected_noi_increase" json:"projected_noi_increase"`
	ProjectedRentIncrease *money.Amount `bun:"projected_rent_increase" json:"projected_rent_increase"`
	ActualNOIIncrease     *money.Amount `bun:"actual_noi_increase" json:"actual_noi_increase"`
	ActualRentIncrease    *money.Amount `bun:"actual_rent_increase" json:"actual_rent_increase"`

	Version   int64     `bun:"version" json:"version"`
	CreatedAt time.Time `bun:"created_at" json:"created_at"`
	UpdatedAt time.Time `bun:"updated_at" json:"updated_at"`
}

// projects is the repository of Project rows, newest first.
var projects = store.Repo[Project]{
	NotFound:    ErrProjectNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(p *Project) (time.Time, string) { return p.CreatedAt, p.ID.String() }),
}

// Project reads a project. It returns [ErrProjectNotFound].
func (s *Service) Project(ctx context.Context, db bun.IDB, project id.Of[Project]) (*Project, error) {
	return projects.Get(ctx, db, project)
}

// ProjectFilter narrows a list of projects; the zero value takes those of all properties.
type ProjectFilter struct {
	PropertyID *id.Of[properties.Property]
	Statuses   []ProjectStatus // none is any
	Type       ProjectType     // "" is any
}

func (f ProjectFilter) check() error {
	var c check.Fields
	check.Each(&c, "statuses", f.Statuses)
	check.Maybe(&c, "type", f.Type)
	return c.Err()
}

// Projects lists projects, the newest first, a page at a time.
func (s *Service) Projects(ctx context.Context, db bun.IDB, f ProjectFilter, r page.Request) (page.Page[Project], error) {
	if err := f.check(); err != nil {
		return page.Page[Project]{}, err
	}
	return projects.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery {
		if f.PropertyID != nil {
			q = q.Where("rp.property_id = ?", *f.PropertyID)
		}
		if len(f.Statuses) > 0 {
			q = q.Where("rp.status IN (?)", bun.List(f.Statuses))
		}
		if f.Type != "" {
			q = q.Where("rp.project_type = ?", f.Type)
		}
		return q
	})
}

// ReturnOnCost is the measured increase of net operating income, a year's, over the
// actual cost, as a fraction with six decimals. It is nil where either is unknown or the
// cost is zero.
func (p *Project) ReturnOnCost() *decimal.Decimal {
	if p.ActualNOIIncrease == nil || p.ActualCost == nil {
		return nil
	}
	return ratio(*p.ActualNOIIncrease, *p.ActualCost)
}

// ratio is a fraction with six decimals, or nil where it has none.
func ratio(part, whole money.Amount) *decimal.Decimal {
	r, ok := part.Ratio(whole, 6)
	if !ok {
		return nil
	}
	return &r
}

// ProjectsUnderway counts the projects of a property that have started and are not
// completed.
func (s *Service) ProjectsUnderway(ctx context.Context, db bun.IDB, property id.Of[properties.Property]) (int, error) {
	db, done, err := store.Reader(ctx, db)
	if err != nil {
		return 0, err
	}
	defer done()
	n, err := store.Count(ctx, db, db.NewSelect().Model((*Project)(nil)).Where("rp.property_id = ?", property).Where("rp.status = ?", ProjectStatusInProgress))
	return n, store.Err(err, constraints)
}
