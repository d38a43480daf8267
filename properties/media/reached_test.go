package media_test

import (
	"image/color"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/documents/storage"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/reached"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/properties/media"
	"github.com/freehold-go/freehold/properties/renovations"
	"github.com/freehold-go/freehold/realestate/id"
)

// The verbs reach every column and every status of the schema: a tour through them leaves
// none that was never filled or set. Without a verb of the tour something is missing.
func TestColumns_reached(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	g := newGallery(t, db, storage.NewMemory(storage.MemoryConfig{}))
	require.Greater(t, len(reached.Never(t, db, "media")), 60, "at first nothing is reached")
	project, err := renovations.NewService(renovations.Config{}).PlanProject(ctx, db, renovations.PlanProjectParams{PropertyID: g.property, Name: "Roof"})
	require.NoError(t, err)
	plan, err := properties.NewService(properties.Config{}).AddFloorPlan(ctx, db, properties.AddFloorPlanParams{PropertyID: g.property, Name: "A", Bedrooms: ptr(1)})
	require.NoError(t, err)

	var all []id.Of[media.Photo]
	categories := []media.PhotoCategory{media.CategoryHero, media.CategoryGallery, media.CategoryFloorPlan, media.CategoryRenovation, media.CategoryGallery}
	for i, kind := range []media.PhotoType{media.PhotoExterior, media.PhotoInterior, media.PhotoAmenity, media.PhotoUnit, media.PhotoAerial} {
		p := media.AddPhotoParams{PropertyID: g.property, UnitID: &g.unit, Room: ptr("kitchen"), ProjectID: &project.ID, UploadID: g.upload(t, "a.jpg", photo(t, 2500+i, 8, color.White)),
			UploaderID: g.who, Type: &kind, Category: &categories[i], Caption: ptr("The kitchen"), Tags: []string{"new"}}
		row, err := g.AddPhoto(ctx, db, p)
		require.NoError(t, err)
		all = append(all, row.ID)
	}
	half := reached.Never(t, db, "media")
	for _, missing := range []string{"property_photos.display_order", "property_photos.is_primary", "property_photos.status=archived", "virtual_tours.view_count", "property_videos.status=archived"} {
		require.Contains(t, half, missing)
	}
	require.NoError(t, g.OrderPhotos(ctx, db, media.OrderPhotosParams{PropertyID: g.property, PhotoIDs: all}))
	_, err = g.MakePrimary(ctx, db, all[0])
	require.NoError(t, err)
	_, err = g.ArchivePhoto(ctx, db, all[1])
	require.NoError(t, err)

	for i, kind := range []media.VideoType{media.VideoWalkthrough, media.VideoAerial, media.VideoTestimonial, media.VideoUpdate} {
		v, err := g.AddVideo(ctx, db, media.AddVideoParams{PropertyID: g.property, UploadID: g.upload(t, "v.mp4", mp4(place)), UploaderID: g.who, Title: ptr("Flight"), Description: ptr("Over it"), Type: &kind})
		require.NoError(t, err)
		if i > 0 {
			_, err = g.PublishVideo(ctx, db, media.PublishVideoParams{VideoID: v.ID, StreamingURL: ptr("https://a.example/v"), ThumbnailURL: ptr("https://a.example/t"), DurationSeconds: ptr(5), Resolution: ptr("1x1")})
			require.NoError(t, err)
		}
		if i > 1 {
			_, err = g.ArchiveVideo(ctx, db, v.ID)
			require.NoError(t, err)
		}
	}
	for _, kind := range []media.TourType{media.TourMatterport, media.TourPhotos360, media.TourVideo} {
		p := media.AddTourParams{PropertyID: g.property, FloorPlanID: &plan.ID, Type: &kind, EmbedCode: ptr("<iframe>"), MatterportID: ptr("m"), MatterportSDKKey: ptr(media.SealedKey("key")),
			HasMeasurements: true, HasFloorPlan: true, HasDollhouse: true}
		if kind == media.TourPhotos360 {
			p.UploadID, p.UploaderID = g.upload(t, "p.jpg", photo(t, 400, 200, color.White)), g.who
		} else {
			p.URL = ptr("https://a.example/tour")
		}
		tour, err := g.AddTour(ctx, db, p)
		require.NoError(t, err)
		require.NoError(t, g.CountTourView(ctx, db, media.CountTourViewParams{TourID: tour.ID, Seconds: 9}))
	}
	_, err = g.FoldTourViews(ctx, db, 2)
	require.NoError(t, err)
	require.Empty(t, reached.Never(t, db, "media"))
	holds(t, db)
}
