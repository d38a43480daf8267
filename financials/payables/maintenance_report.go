package payables

import (
	"cmp"
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// MaintenanceReported says that something is broken.
type MaintenanceReported struct {
	PropertyID id.Of[properties.Property] `json:"property_id"`
	UnitID     *id.Of[properties.Unit]    `json:"unit_id,omitempty"`
	Priority   Priority                   `json:"priority"`
	ReportedBy id.Of[auth.User]           `json:"reported_by"`
}

// EventType names the event.
func (MaintenanceReported) EventType() (string, int) { return "payables.maintenance_reported", 1 }

// MaintenanceChanged says that a request was assigned, begun, completed or cancelled.
type MaintenanceChanged struct {
	PropertyID id.Of[properties.Property] `json:"property_id"`
	Status     MaintenanceStatus          `json:"status"`
	VendorID   *id.Of[Vendor]             `json:"vendor_id,omitempty"`
	ActualCost *money.Amount              `json:"actual_cost,omitempty"`
	ActorID    id.Of[auth.User]           `json:"actor_id"`
}

// EventType names the event.
func (MaintenanceChanged) EventType() (string, int) { return "payables.maintenance_changed", 1 }

// ReportMaintenanceParams is something that is broken.
type ReportMaintenanceParams struct {
	ID         id.Of[MaintenanceRequest] // zero makes a new one
	PropertyID id.Of[properties.Property]
	UnitID     *id.Of[properties.Unit] // nil is the property's own
	Summary    string                  // at most 255 characters
	Details    string
	Priority   Priority // "" is normal
	Date       date.Date
	ActorID    id.Of[auth.User]
}

// ReportMaintenance puts on record what is broken at a property, since a day that is
// today at the latest. It locks the property. It returns [ErrMaintenanceUnit],
// properties.ErrPropertyNotFound, [ErrMaintenanceExists], [auth.ErrActorInactive] or the
// field errors. Run again with the same id and params, it returns the request as it is
// then.
func (s *Service) ReportMaintenance(ctx context.Context, db bun.IDB, p ReportMaintenanceParams) (*MaintenanceRequest, error) {
	now := s.now()
	r := &MaintenanceRequest{ID: p.ID.OrNew(), PropertyID: p.PropertyID, UnitID: p.UnitID, Summary: p.Summary, Details: store.Optional(p.Details),
		Priority: cmp.Or(p.Priority, PriorityNormal), Status: MaintenanceOpen, ReportedOn: p.Date, ReportedBy: p.ActorID, Version: 1, CreatedAt: now, UpdatedAt: now}
	var f check.Fields
	f.Given("property_id", p.PropertyID)
	f.Check(p.UnitID == nil || !p.UnitID.IsZero(), "unit_id", check.Required, "leave it out or name one")
	f.Required("summary", p.Summary, 255)
	f.Text("details", p.Details, check.Long)
	check.One(&f, "priority", r.Priority)
	f.GivenHappened("date", p.Date, s.days())
	f.Given("actor_id", p.ActorID)
	if err := f.Err(); err != nil {
		return nil, err
	}
	c := store.Creation[MaintenanceRequest]{Scope: s.scope, Verb: "payables.report_maintenance", Params: p, Chosen: p.ID, Kind: aggregateRequest, Rows: requests,
		Taken: ErrMaintenanceExists}
	return store.CreateOnce(ctx, db, c, func(tx bun.IDB) (*MaintenanceRequest, error) {
		if _, err := s.properties.LockProperty(ctx, tx, p.PropertyID); err != nil {
			return nil, err
		}
		if err := s.acts(ctx, tx, VerbReportMaintenance, p.ActorID, p.PropertyID, id.Of[Vendor]{}); err != nil {
			return nil, err
		}
		if err := requests.Insert(ctx, tx, r); err != nil {
			return nil, err
		}
		return r, s.hooks.Emit(ctx, tx, now, store.Event(aggregateRequest, r.ID, MaintenanceReported{r.PropertyID, r.UnitID, r.Priority, p.ActorID}))
	})
}

// change runs a decision on a request, behind the locks of its property and its vendor, and
// stores what it made of it where it says that it changed something. A vendor who is to be
// assigned is judged like the one who is.
func (s *Service) change(ctx context.Context, db bun.IDB, verb Verb, request id.Of[MaintenanceRequest], assign *id.Of[Vendor], actor id.Of[auth.User],
	decide func(r *MaintenanceRequest) (bool, error)) (*MaintenanceRequest, error) {
	if actor.IsZero() {
		return nil, ErrActorRequired
	}
	var r *MaintenanceRequest
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		known, err := requests.Get(ctx, tx, request) // unlocked, to learn the property
		if err != nil {
			return err
		}
		if _, err := s.properties.LockProperty(ctx, tx, known.PropertyID); err != nil {
			return err
		}
		var vendor id.Of[Vendor]
		if assign != nil {
			v, err := vendors.Lock(ctx, tx, *assign)
			if err != nil {
				return err
			}
			if v.ErasedAt != nil {
				return ErrVendorErased
			}
			vendor = v.ID
		}
		if r, err = requests.Lock(ctx, tx, request); err != nil {
			return err
		}
		if assign == nil && r.VendorID != nil {
			vendor = *r.VendorID
		}
		if err := s.acts(ctx, tx, verb, actor, r.PropertyID, vendor); err != nil {
			return err
		}
		changed, err := decide(r)
		if err != nil || !changed {
			return err
		}
		r.Version++
		if err := requests.Save(ctx, tx, r, &r.UpdatedAt, "status", "vendor_id", "scheduled_on", "started_on", "ended_on", "estimated_cost", "actual_cost", "reason", "version"); err != nil {
			return err
		}
		return s.hooks.Emit(ctx, tx, s.now(), store.Event(aggregateRequest, r.ID, MaintenanceChanged{r.PropertyID, r.Status, r.VendorID, r.ActualCost, actor}))
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// over reports whether a request has come to its end.
func (r *MaintenanceRequest) over() bool {
	return r.Status == MaintenanceCompleted || r.Status == MaintenanceCancelled
}
