package media

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/documents"
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
	UploadID         *id.Of[documents.Upload]  // of a panorama or a video; nil says where the tour is, in URL or by its vendor
	UploaderID       id.Of[documents.Uploader] // of UploadID
	Public           bool                      // of a video, as of AddVideo
	KeepPlace        bool                      // likewise
	Type             *TourType
	URL              *string
	EmbedCode        *string
	MatterportID     *string
	MatterportSDKKey *SealedKey
	HasMeasurements  bool
	HasFloorPlan     bool
	HasDollhouse     bool
}

// AddTour puts a virtual tour on record. Of the upload of a panorama it makes the files that
// are shown, as [Service.AddPhoto] does; that of a video loses its place, as in
// [Service.AddVideo]. It returns what
// those do for an upload, all field errors at once, a
// property or floor plan that does not exist among them, or already_exists when the
// id is another tour's, or [vault.ErrNoVault] for a key without a vault. Run again
// with the same id and params, it returns what it made.
func (s *Service) AddTour(ctx context.Context, db bun.IDB, p AddTourParams) (*VirtualTour, error) {
	now := s.now()
	row := &VirtualTour{ID: p.ID.OrNew(), PropertyID: p.PropertyID, FloorPlanID: p.FloorPlanID, Type: p.Type, URL: p.URL, EmbedCode: p.EmbedCode, MatterportID: p.MatterportID, MatterportSDKKey: p.MatterportSDKKey, HasMeasurements: p.HasMeasurements, HasFloorPlan: p.HasFloorPlan, HasDollhouse: p.HasDollhouse, CreatedAt: now, UpdatedAt: now}
	if err := row.validate(p.checkUpload); err != nil {
		return nil, err
	}
	in, err := s.tour(ctx, db, p)
	if err != nil {
		return nil, err
	}
	for _, v := range []Variant{VariantOriginal, VariantFull} {
		if file := in.of(v); file != nil {
			row.URL = s.urlOf(file.upload)
		}
	}
	if err := s.sealKey(row); err != nil {
		return nil, err
	}
	c := store.Creation[VirtualTour]{Verb: "media.add_tour", Params: p, Chosen: p.ID, Kind: "virtual_tour", Rows: tours}
	return store.CreateOnce(ctx, db, c, func(tx bun.IDB) (*VirtualTour, error) {
		if p.UploadID != nil && in.none() {
			return nil, store.ErrExists.On("id")
		}
		if err := tours.Insert(ctx, tx, row); err != nil {
			return nil, err
		}
		if err := in.keep(ctx, tx, now, File{TourID: &row.ID}); err != nil {
			return nil, err
		}
		return row, s.hooks.Emit(ctx, tx, now, store.Event(aggregateTour, row.ID, TourAdded{row.PropertyID}))
	})
}

// tour is the files of an upload: none without one, and of a tour that is there.
func (s *Service) tour(ctx context.Context, db bun.IDB, p AddTourParams) (*incoming, error) {
	is, err := there(ctx, db, tours, p.ID)
	if err != nil || is || p.UploadID == nil {
		return &incoming{}, err
	}
	u, err := s.receive(ctx, db, *p.UploadID, p.UploaderID)
	switch {
	case err != nil:
		return nil, err
	case strings.HasPrefix(u.FileType, "video/"):
		return s.receiveVideo(ctx, db, u, p.UploaderID, p.KeepPlace, p.Public)
	}
	return s.receivePicture(ctx, db, u, p.UploaderID)
}

func (p AddTourParams) checkUpload(c *check.Fields) {
	checkUpload(c, p.UploadID, map[string]bool{"url": p.URL != nil})
	checkHow(c, p.UploadID, p.Public, p.KeepPlace)
}

// validate checks the fields of a tour, and more.
func (t *VirtualTour) validate(more ...func(*check.Fields)) error {
	var c check.Fields
	c.Given("property_id", t.PropertyID)
	elsewhere(&c, "url", t.URL)
	check.OptionalText(&c, "embed_code", t.EmbedCode, check.Long)
	check.OptionalText(&c, "matterport_id", t.MatterportID, 100)
	check.OptionalText(&c, "matterport_sdk_key", t.MatterportSDKKey, maxTourKey)
	c.Count("view_count", &t.ViewCount)
	c.Count("avg_view_duration", t.AvgViewDuration)
	check.Enum(&c, "type", t.Type)
	for _, f := range more {
		f(&c)
	}
	return c.Err()
}
