package media

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/id"
)

// TourAdded says that a virtual tour of a property was put on record.
type TourAdded struct {
	PropertyID id.Of[properties.Property] `json:"property_id"`
}

// EventType names the event.
func (TourAdded) EventType() (string, int) { return "media.tour_added", 1 }

// AddTourParams is a virtual tour to put on record.
type AddTourParams struct {
	ID               id.Of[VirtualTour] // optional; a new one by default
	PropertyID       id.Of[properties.Property]
	FloorPlanID      *id.Of[properties.FloorPlan]
	Type             *TourType
	URL              *string
	EmbedCode        *string
	MatterportID     *string
	MatterportSDKKey *SealedKey
	HasMeasurements  bool
	HasFloorPlan     bool
	HasDollhouse     bool
}

// AddTour puts a virtual tour on record. It returns all field errors at once, a
// property or floor plan that does not exist among them, or already_exists when the
// id is another tour's, or [vault.ErrNoVault] for a key without a vault. Run again
// with the same id and params, it returns what it made.
func (s *Service) AddTour(ctx context.Context, db bun.IDB, p AddTourParams) (*VirtualTour, error) {
	now := s.now()
	row := &VirtualTour{ID: p.ID.OrNew(), PropertyID: p.PropertyID, FloorPlanID: p.FloorPlanID, Type: p.Type, URL: p.URL, EmbedCode: p.EmbedCode, MatterportID: p.MatterportID, MatterportSDKKey: p.MatterportSDKKey, HasMeasurements: p.HasMeasurements, HasFloorPlan: p.HasFloorPlan, HasDollhouse: p.HasDollhouse, CreatedAt: now, UpdatedAt: now}
	if err := row.validate(); err != nil {
		return nil, err
	}
	if err := s.sealKey(row); err != nil {
		return nil, err
	}
	c := store.Creation[VirtualTour]{Verb: "media.add_tour", Params: p, Chosen: p.ID, Kind: "virtual_tour", Rows: tours}
	return store.CreateOnce(ctx, db, c, func(tx bun.IDB) (*VirtualTour, error) {
		if err := tours.Insert(ctx, tx, row); err != nil {
			return nil, err
		}
		return row, s.hooks.Emit(ctx, tx, now, store.Event(aggregateTour, row.ID, TourAdded{row.PropertyID}))
	})
}

func (t *VirtualTour) validate() error {
	var c check.Fields
	c.Given("property_id", t.PropertyID)
	check.OptionalText(&c, "url", t.URL, 500)
	check.OptionalText(&c, "embed_code", t.EmbedCode, check.Long)
	check.OptionalText(&c, "matterport_id", t.MatterportID, 100)
	check.OptionalText(&c, "matterport_sdk_key", t.MatterportSDKKey, maxTourKey)
	c.Count("view_count", &t.ViewCount)
	c.Count("avg_view_duration", t.AvgViewDuration)
	check.Enum(&c, "type", t.Type)
	return c.Err()
}
