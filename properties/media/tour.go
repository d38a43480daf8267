package media

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// ErrTourNotFound: there is no such virtual tour.
var ErrTourNotFound = fault.New(fault.NotFound, "tour_not_found", "there is no such virtual tour")

// TourType says how a virtual tour is made.
type TourType string

// The tour types.
const (
	TourMatterport TourType = "matterport"
	TourPhotos360  TourType = "360_photos"
	TourVideo      TourType = "video"
)

// Valid reports whether t is one of the tour types.
func (t TourType) Valid() bool {
	switch t {
	case TourMatterport, TourPhotos360, TourVideo:
		return true
	}
	return false
}

// SealedKey is a vendor's key: in clear where [Service.AddTour] takes it, sealed
// where it is stored and read; [Service.RevealTourKey] opens it. Printing, logging
// and JSON show "[sealed]".
type SealedKey string

const sealed = "[sealed]"

// Reveal returns the key as it is held, sealed in a tour that was read.
func (k SealedKey) Reveal() string { return string(k) }

// String returns "[sealed]".
func (k SealedKey) String() string { return sealed }

// Format writes "[sealed]" under every verb of fmt.
func (k SealedKey) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(sealed)) }

// LogValue logs "[sealed]".
func (k SealedKey) LogValue() slog.Value { return slog.StringValue(sealed) }

// MarshalJSON writes "[sealed]".
func (k SealedKey) MarshalJSON() ([]byte, error) { return json.Marshal(sealed) }

// Value stores the ciphertext.
func (k SealedKey) Value() (driver.Value, error) { return string(k), nil }

// VirtualTour is a walk-through of a property or of one of its floor plans. How often it was
// viewed is as of the last [Service.FoldTourViews].
type VirtualTour struct {
	bun.BaseModel `bun:"table:media.virtual_tours,alias:vt" json:"-"`

	ID               id.Of[VirtualTour]           `bun:"id,pk" json:"id"`
	PropertyID       id.Of[properties.Property]   `bun:"property_id" json:"property_id"`
	FloorPlanID      *id.Of[properties.FloorPlan] `bun:"floor_plan_id" json:"floor_plan_id"`
	Type             *TourType                    `bun:"tour_type" json:"type"`
	URL              *string                      `bun:"tour_url" json:"url"`
	EmbedCode        *string                      `bun:"embed_code" json:"embed_code"`
	MatterportID     *string                      `bun:"matterport_id" json:"matterport_id"`
	MatterportSDKKey *SealedKey                   `bun:"matterport_sdk_key" json:"matterport_sdk_key"`
	HasMeasurements  bool                         `bun:"has_measurements" json:"has_measurements"`
	HasFloorPlan     bool                         `bun:"has_floor_plan" json:"has_floor_plan"`
	HasDollhouse     bool                         `bun:"has_dollhouse" json:"has_dollhouse"`
	ViewCount        int                          `bun:"view_count" json:"view_count"`
	ViewSeconds      int64                        `bun:"view_seconds" json:"view_seconds"`           // all views together
	AvgViewDuration  *int                         `bun:"avg_view_duration" json:"avg_view_duration"` // seconds
	CreatedAt        time.Time                    `bun:"created_at" json:"created_at"`
	UpdatedAt        time.Time                    `bun:"updated_at" json:"updated_at"`
}

// tours is the repository of VirtualTour rows, newest first.
var tours = store.Repo[VirtualTour]{
	NotFound:    ErrTourNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(t *VirtualTour) (time.Time, string) { return t.CreatedAt, t.ID.String() }),
}

// Tours lists the virtual tours of a property, the newest first, a page at a
// time.
func (s *Service) Tours(ctx context.Context, db bun.IDB, property id.Of[properties.Property], r page.Request) (page.Page[VirtualTour], error) {
	return tours.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("vt.property_id = ?", property) })
}
