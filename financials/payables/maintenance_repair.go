package payables

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// AssignMaintenanceParams is who is to repair something.
type AssignMaintenanceParams struct {
	RequestID     id.Of[MaintenanceRequest]
	VendorID      id.Of[Vendor]
	ScheduledOn   *date.Date
	EstimatedCost *money.Amount
	ActorID       id.Of[auth.User]
}

// AssignMaintenance gives a request to a vendor, or to another one, as long as no work has
// begun. Assigning again as it is changes nothing. It locks the property, the vendor and the
// request. It returns [ErrMaintenanceStatus], [ErrMaintenanceDays] for a day before the
// report, [ErrVendorNotFound], [ErrVendorErased], [ErrActorParty], [auth.ErrActorInactive], [ErrMaintenanceNotFound] or the field errors.
func (s *Service) AssignMaintenance(ctx context.Context, db bun.IDB, p AssignMaintenanceParams) (*MaintenanceRequest, error) {
	var f check.Fields
	f.Given("vendor_id", p.VendorID)
	f.Within("scheduled_on", p.ScheduledOn, s.days())
	f.Amount("estimated_cost", p.EstimatedCost)
	f.Given("actor_id", p.ActorID)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return s.change(ctx, db, VerbAssignMaintenance, p.RequestID, &p.VendorID, p.ActorID, func(r *MaintenanceRequest) (bool, error) {
		switch {
		case r.Status == MaintenanceAssigned && *r.VendorID == p.VendorID && equal(r.ScheduledOn, p.ScheduledOn) && equal(r.EstimatedCost, p.EstimatedCost):
			return false, nil // run again
		case r.Status != MaintenanceOpen && r.Status != MaintenanceAssigned:
			return false, ErrMaintenanceStatus.With("it is %s", r.Status)
		case p.ScheduledOn != nil && p.ScheduledOn.Before(r.ReportedOn):
			return false, ErrMaintenanceDays.On("scheduled_on")
		}
		r.Status, r.VendorID, r.ScheduledOn, r.EstimatedCost = MaintenanceAssigned, &p.VendorID, p.ScheduledOn, p.EstimatedCost
		return true, nil
	})
}

func equal[T comparable](a, b *T) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}

// StartMaintenanceParams is the day on which a repair began.
type StartMaintenanceParams struct {
	RequestID id.Of[MaintenanceRequest]
	Date      date.Date
	ActorID   id.Of[auth.User]
}

// StartMaintenance records on which day, today at the latest, the vendor began. It locks
// the property and the request. It returns [ErrMaintenanceStatus], [ErrMaintenanceDays],
// [auth.ErrActorInactive], [ErrMaintenanceNotFound] or the field errors.
func (s *Service) StartMaintenance(ctx context.Context, db bun.IDB, p StartMaintenanceParams) (*MaintenanceRequest, error) {
	if err := s.when(p.Date, p.ActorID).Err(); err != nil {
		return nil, err
	}
	return s.change(ctx, db, VerbStartMaintenance, p.RequestID, nil, p.ActorID, func(r *MaintenanceRequest) (bool, error) {
		switch {
		case r.Status == MaintenanceInProgress && equal(r.StartedOn, &p.Date):
			return false, nil // run again
		case r.Status != MaintenanceAssigned:
			return false, ErrMaintenanceStatus.With("it is %s", r.Status)
		case p.Date.Before(r.ReportedOn):
			return false, ErrMaintenanceDays
		}
		r.Status, r.StartedOn = MaintenanceInProgress, &p.Date
		return true, nil
	})
}

// when checks the day of something that has happened, and that somebody is named.
func (s *Service) when(on date.Date, actor id.Of[auth.User]) *check.Fields {
	var f check.Fields
	f.GivenHappened("date", on, s.days())
	f.Given("actor_id", actor)
	return &f
}

// CompleteMaintenanceParams is the end of a repair.
type CompleteMaintenanceParams struct {
	RequestID id.Of[MaintenanceRequest]
	Date      date.Date
	Cost      money.Amount // zero where it cost nothing
	ActorID   id.Of[auth.User]
}

// CompleteMaintenance records on which day, today at the latest, something was repaired and
// what it cost, by a vendor or by the house itself. It locks the property and the
// request. It returns [ErrMaintenanceStatus], [ErrMaintenanceDays], [ErrActorParty],
// [auth.ErrActorInactive], [ErrMaintenanceNotFound] or the field errors.
func (s *Service) CompleteMaintenance(ctx context.Context, db bun.IDB, p CompleteMaintenanceParams) (*MaintenanceRequest, error) {
	f := s.when(p.Date, p.ActorID)
	f.NotNegative("cost", p.Cost)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return s.change(ctx, db, VerbCompleteMaintenance, p.RequestID, nil, p.ActorID, func(r *MaintenanceRequest) (bool, error) {
		switch {
		case r.Status == MaintenanceCompleted && equal(r.EndedOn, &p.Date) && equal(r.ActualCost, &p.Cost):
			return false, nil // run again
		case r.over():
			return false, ErrMaintenanceStatus.With("it is %s", r.Status)
		case p.Date.Before(r.ReportedOn), r.StartedOn != nil && p.Date.Before(*r.StartedOn):
			return false, ErrMaintenanceDays
		}
		r.Status, r.EndedOn, r.ActualCost = MaintenanceCompleted, &p.Date, &p.Cost
		return true, nil
	})
}

// CancelMaintenanceParams is a request that comes to nothing.
type CancelMaintenanceParams struct {
	RequestID id.Of[MaintenanceRequest]
	Date      date.Date
	Reason    string
	ActorID   id.Of[auth.User]
}

// CancelMaintenance gives up a request that is not at its end, on a day that is today at
// the latest, such as one that was reported twice. It locks the property and the request. It returns
// [ErrMaintenanceStatus], [ErrMaintenanceDays], [auth.ErrActorInactive],
// [ErrMaintenanceNotFound] or the field errors.
func (s *Service) CancelMaintenance(ctx context.Context, db bun.IDB, p CancelMaintenanceParams) (*MaintenanceRequest, error) {
	f := s.when(p.Date, p.ActorID)
	f.Required("reason", p.Reason, check.Long)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return s.change(ctx, db, VerbCancelMaintenance, p.RequestID, nil, p.ActorID, func(r *MaintenanceRequest) (bool, error) {
		switch {
		case r.Status == MaintenanceCancelled && equal(r.EndedOn, &p.Date) && *r.Reason == p.Reason:
			return false, nil // run again
		case r.over():
			return false, ErrMaintenanceStatus.With("it is %s", r.Status)
		case p.Date.Before(r.ReportedOn), r.StartedOn != nil && p.Date.Before(*r.StartedOn):
			return false, ErrMaintenanceDays
		}
		r.Status, r.EndedOn, r.Reason = MaintenanceCancelled, &p.Date, &p.Reason
		return true, nil
	})
}
