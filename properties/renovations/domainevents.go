package renovations

import (
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// aggregateProject is what this package's events are about.
const aggregateProject = "project"

// ProjectPlanned says that a project was put on record.
type ProjectPlanned struct {
	PropertyID    id.Of[properties.Property] `json:"property_id"`
	Units         int                        `json:"units"`
	EstimatedCost *money.Amount              `json:"estimated_cost,omitempty"`
}

// EventType names the event.
func (ProjectPlanned) EventType() (string, int) { return "renovations.project_planned", 1 }

// ProjectApprovedEvent says that a project may start, within a budget.
type ProjectApprovedEvent struct {
	PropertyID     id.Of[properties.Property] `json:"property_id"`
	ApprovedBudget *money.Amount              `json:"approved_budget"`
}

// EventType names the event.
func (ProjectApprovedEvent) EventType() (string, int) { return "renovations.project_approved", 1 }

// ProjectStarted says that work began.
type ProjectStarted struct {
	PropertyID  id.Of[properties.Property] `json:"property_id"`
	ActualStart *date.Date                 `json:"actual_start_date"`
}

// EventType names the event.
func (ProjectStarted) EventType() (string, int) { return "renovations.project_started", 1 }

// ProjectCompletedEvent says that a project is done.
type ProjectCompletedEvent struct {
	PropertyID id.Of[properties.Property] `json:"property_id"`
	ActualEnd  *date.Date                 `json:"actual_end_date"`
	ActualCost *money.Amount              `json:"actual_cost"`
}

// EventType names the event.
func (ProjectCompletedEvent) EventType() (string, int) { return "renovations.project_completed", 1 }

// ProgressReported says that there is a report of a day on a project.
type ProgressReported struct {
	UpdateID    id.Of[ProgressUpdate] `json:"update_id"`
	UpdateDate  date.Date             `json:"update_date"`
	Completion  *int                  `json:"completion_percentage,omitempty"`
	SpentToDate *money.Amount         `json:"spent_to_date,omitempty"`
}

// EventType names the event.
func (ProgressReported) EventType() (string, int) { return "renovations.progress_reported", 1 }
