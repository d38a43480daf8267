package payables

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// The conditions of maintenance requests.
var (
	// ErrMaintenanceNotFound: there is no such request.
	ErrMaintenanceNotFound = fault.New(fault.NotFound, "maintenance_request_not_found", "there is no such request")
	// ErrMaintenanceExists: another request has this id.
	ErrMaintenanceExists = fault.New(fault.Conflict, "maintenance_request_exists", "another request has this id").On("id")
	// ErrMaintenanceStatus: the request is not in the state that the verb needs.
	ErrMaintenanceStatus = fault.New(fault.Illegal, "maintenance_request_status", "the request's status does not allow this")
	// ErrMaintenanceUnit: the unit is not one of the property.
	ErrMaintenanceUnit = fault.New(fault.Invalid, "maintenance_unit_elsewhere", "the property has no such unit").On("unit_id")
	// ErrMaintenanceState: what a request says of its end, its vendor or its cost is not its
	// status.
	ErrMaintenanceState = fault.New(fault.Invalid, "maintenance_request_state_inconsistent", "what it says of its end, its vendor or its cost is not its status").On("status")
	// ErrMaintenanceDays: work began or ended before what came before it.
	ErrMaintenanceDays = fault.New(fault.Invalid, fault.CodeInverted, "it is before the report, or before the work began").On("date")
)

// Priority says how soon something is to be repaired.
type Priority string

// The priorities, the least first.
const (
	PriorityLow       Priority = "low"
	PriorityNormal    Priority = "normal"
	PriorityHigh      Priority = "high"
	PriorityEmergency Priority = "emergency"
)

// Valid reports whether p is one of the priorities.
func (p Priority) Valid() bool {
	switch p {
	case PriorityLow, PriorityNormal, PriorityHigh, PriorityEmergency:
		return true
	}
	return false
}

// MaintenanceStatus says where a request is.
type MaintenanceStatus string

// The statuses of a request, in their order.
const (
	MaintenanceOpen       MaintenanceStatus = "open"
	MaintenanceAssigned   MaintenanceStatus = "assigned"
	MaintenanceInProgress MaintenanceStatus = "in_progress"
	MaintenanceCompleted  MaintenanceStatus = "completed"
	MaintenanceCancelled  MaintenanceStatus = "cancelled"
)

// Valid reports whether s is one of the statuses.
func (s MaintenanceStatus) Valid() bool {
	switch s {
	case MaintenanceOpen, MaintenanceAssigned, MaintenanceInProgress, MaintenanceCompleted, MaintenanceCancelled:
		return true
	}
	return false
}

// MaintenanceRequest is what is broken at a property, who repairs it and what it cost. The
// cost is what was said at its end; what it was billed with stands in the bills that name
// it.
type MaintenanceRequest struct {
	bun.BaseModel `bun:"table:financials.maintenance_requests,alias:mr" json:"-"`

	ID            id.Of[MaintenanceRequest]  `bun:"id,pk" json:"id"`
	PropertyID    id.Of[properties.Property] `bun:"property_id" json:"property_id"`
	UnitID        *id.Of[properties.Unit]    `bun:"unit_id" json:"unit_id"` // nil is the property's own
	Summary       string                     `bun:"summary" json:"summary"`
	Details       *string                    `bun:"details" json:"details"`
	Priority      Priority                   `bun:"priority" json:"priority"`
	Status        MaintenanceStatus          `bun:"status" json:"status"`
	VendorID      *id.Of[Vendor]             `bun:"vendor_id" json:"vendor_id"`
	ReportedOn    date.Date                  `bun:"reported_on" json:"reported_on"`
	ScheduledOn   *date.Date                 `bun:"scheduled_on" json:"scheduled_on"`
	StartedOn     *date.Date                 `bun:"started_on" json:"started_on"`
	EndedOn       *date.Date                 `bun:"ended_on" json:"ended_on"` // completed or cancelled
	EstimatedCost *money.Amount              `bun:"estimated_cost" json:"estimated_cost"`
	ActualCost    *money.Amount              `bun:"actual_cost" json:"actual_cost"`
	Reason        *string                    `bun:"reason" json:"reason"` // why it was cancelled
	ReportedBy    id.Of[auth.User]           `bun:"reported_by" json:"reported_by"`
	Version       int64                      `bun:"version" json:"version"`
	CreatedAt     time.Time                  `bun:"created_at" json:"created_at"`
	UpdatedAt     time.Time                  `bun:"updated_at" json:"updated_at"`
}

// requests is the repository of MaintenanceRequest rows, newest first.
var requests = store.Repo[MaintenanceRequest]{
	NotFound:    ErrMaintenanceNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(r *MaintenanceRequest) (time.Time, string) { return r.CreatedAt, r.ID.String() }),
}

// Maintenance reads a request. It returns [ErrMaintenanceNotFound].
func (s *Service) Maintenance(ctx context.Context, db bun.IDB, request id.Of[MaintenanceRequest]) (*MaintenanceRequest, error) {
	return requests.Get(ctx, db, request)
}

// MaintenanceFilter narrows a list of requests; the zero value takes all.
type MaintenanceFilter struct {
	PropertyID *id.Of[properties.Property]
	UnitID     *id.Of[properties.Unit]
	VendorID   *id.Of[Vendor]
	Statuses   []MaintenanceStatus // none is any
	Priority   Priority            // "" is any
}

func (f MaintenanceFilter) check() error {
	var c check.Fields
	check.Each(&c, "statuses", f.Statuses)
	check.Maybe(&c, "priority", f.Priority)
	return c.Err()
}

// MaintenanceList lists requests, the newest first, a page at a time.
func (s *Service) MaintenanceList(ctx context.Context, db bun.IDB, f MaintenanceFilter, r page.Request) (page.Page[MaintenanceRequest], error) {
	if err := f.check(); err != nil {
		return page.Page[MaintenanceRequest]{}, err
	}
	return requests.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery {
		if f.PropertyID != nil {
			q = q.Where("mr.property_id = ?", *f.PropertyID)
		}
		if f.UnitID != nil {
			q = q.Where("mr.unit_id = ?", *f.UnitID)
		}
		if f.VendorID != nil {
			q = q.Where("mr.vendor_id = ?", *f.VendorID)
		}
		if len(f.Statuses) > 0 {
			q = q.Where("mr.status IN (?)", bun.List(f.Statuses))
		}
		if f.Priority != "" {
			q = q.Where("mr.priority = ?", f.Priority)
		}
		return q
	})
}
