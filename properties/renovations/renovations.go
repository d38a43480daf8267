package renovations

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

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
	ProjectPlanning   ProjectStatus = "planning"
	ProjectApproved   ProjectStatus = "approved"
	ProjectInProgress ProjectStatus = "in_progress"
	ProjectCompleted  ProjectStatus = "completed"
)

// Valid reports whether s is one of the project statuses.
func (s ProjectStatus) Valid() bool {
	switch s {
	case ProjectPlanning, ProjectApproved, ProjectInProgress, ProjectCompleted:
		return true
	}
	return false
}

// Project is a renovation or capital project of a property. Increases of net
// operating income are a year's, increases of rent a month's, and either may
// be negative.
type Project struct {
	bun.BaseModel `bun:"table:renovations.projects,alias:rp"`

	ID         id.Of[Project]             `bun:"id,pk"`
	PropertyID id.Of[properties.Property] `bun:"property_id"`
	Name       string                     `bun:"project_name"`
	Type       *ProjectType               `bun:"project_type"`

	PlannedStart *date.Date `bun:"planned_start_date"`
	ActualStart  *date.Date `bun:"actual_start_date"`
	PlannedEnd   *date.Date `bun:"planned_end_date"`
	ActualEnd    *date.Date `bun:"actual_end_date"`

	EstimatedCost  *money.Amount `bun:"estimated_cost"`
	ApprovedBudget *money.Amount `bun:"approved_budget"`
	ActualCost     *money.Amount `bun:"actual_cost"`

	Scope         *string  `bun:"scope_description"`
	UnitsAffected *int     `bun:"units_affected"`
	CommonAreas   []string `bun:"common_areas_affected,array"`

	Status     ProjectStatus `bun:"status"`
	Completion int           `bun:"completion_percentage"` // whole percent, 0 to 100

	ProjectedNOIIncrease  *money.Amount `bun:"projected_noi_increase"`
	ProjectedRentIncrease *money.Amount `bun:"projected_rent_increase"`
	ActualNOIIncrease     *money.Amount `bun:"actual_noi_increase"`
	ActualRentIncrease    *money.Amount `bun:"actual_rent_increase"`

	Version   int64     `bun:"version"`
	CreatedAt time.Time `bun:"created_at"`
	UpdatedAt time.Time `bun:"updated_at"`
}

// UnitRenovationStatus says how far the work in one unit is.
type UnitRenovationStatus string

// The unit renovation statuses, in their order.
const (
	UnitPending    UnitRenovationStatus = "pending"
	UnitInProgress UnitRenovationStatus = "in_progress"
	UnitCompleted  UnitRenovationStatus = "completed"
)

// Valid reports whether s is one of the unit renovation statuses.
func (s UnitRenovationStatus) Valid() bool {
	switch s {
	case UnitPending, UnitInProgress, UnitCompleted:
		return true
	}
	return false
}

// UnitRenovation is the part of a project that happens in one unit. Rents are
// a month's.
type UnitRenovation struct {
	bun.BaseModel `bun:"table:renovations.unit_renovations,alias:ur"`

	ID                 id.Of[UnitRenovation]  `bun:"id,pk"`
	ProjectID          id.Of[Project]         `bun:"project_id"`
	UnitID             id.Of[properties.Unit] `bun:"unit_id"`
	Scope              []string               `bun:"renovation_scope,array"`
	Start              *date.Date             `bun:"start_date"`
	End                *date.Date             `bun:"end_date"`
	DaysVacant         *int                   `bun:"days_vacant"`
	BudgetedCost       *money.Amount          `bun:"budgeted_cost"`
	ActualCost         *money.Amount          `bun:"actual_cost"`
	PreRenovationRent  *money.Amount          `bun:"pre_renovation_rent"`
	PostRenovationRent *money.Amount          `bun:"post_renovation_rent"`
	Status             UnitRenovationStatus   `bun:"status"`
	CreatedAt          time.Time              `bun:"created_at"`
	UpdatedAt          time.Time              `bun:"updated_at"`
}

// ChangeOrder is an agreed change to a project's scope and cost.
type ChangeOrder struct {
	Number      string       `json:"number,omitempty"`
	Description string       `json:"description"`
	Amount      money.Amount `json:"amount"` // negative when work is dropped
	ApprovedOn  *date.Date   `json:"approved_on,omitempty"`
}

// ProgressUpdate is a dated report on a project.
type ProgressUpdate struct {
	bun.BaseModel `bun:"table:renovations.progress_updates,alias:pu"`

	ID              id.Of[ProgressUpdate] `bun:"id,pk"`
	ProjectID       id.Of[Project]        `bun:"project_id"`
	Date            date.Date             `bun:"update_date"`
	Completion      *int                  `bun:"completion_percentage"` // whole percent, 0 to 100
	UnitsCompleted  *int                  `bun:"units_completed"`
	SpentToDate     *money.Amount         `bun:"spent_to_date"`
	Issues          *string               `bun:"issues_encountered"`
	ChangeOrders    []ChangeOrder         `bun:"change_orders,type:jsonb,nullzero"`
	PhotoURLs       []string              `bun:"photo_urls,array"`
	VideoURL        *string               `bun:"video_url"`
	ContractorNotes *string               `bun:"contractor_notes"`
	ManagerNotes    *string               `bun:"manager_notes"`
	CreatedAt       time.Time             `bun:"created_at"`
	UpdatedAt       time.Time             `bun:"updated_at"`
}
