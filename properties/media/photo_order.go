package media

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/id"
)

// aggregateProperty is the property, as package properties calls it.
const aggregateProperty = "property"

// PhotosOrdered says that the photos of a property are shown in another order.
type PhotosOrdered struct {
	Photos int `json:"photos"` // that have a place
}

// EventType names the event.
func (PhotosOrdered) EventType() (string, int) { return "media.photos_ordered", 1 }

// OrderPhotosParams is the order of a property's photos.
type OrderPhotosParams struct {
	PropertyID id.Of[properties.Property]
	PhotoIDs   []id.Of[Photo] // 1 to 1,000, each once
}

// OrderPhotos gives photos of a property their places, 1 and so on; the property's others
// have none then, and come behind them. It locks the property, and returns field errors,
// properties.ErrPropertyNotFound or [ErrPhotoList].
func (s *Service) OrderPhotos(ctx context.Context, db bun.IDB, p OrderPhotosParams) error {
	var c check.Fields
	c.Given("property_id", p.PropertyID)
	c.Some("photo_ids", len(p.PhotoIDs))
	c.Check(len(p.PhotoIDs) <= maxGallery, "photo_ids", check.TooMany, "at most 1,000")
	if err := c.Err(); err != nil {
		return err
	}
	return store.InTx(ctx, db, func(tx bun.IDB) error {
		if _, err := s.properties.LockProperty(ctx, tx, p.PropertyID); err != nil {
			return err
		}
		ids := store.TextArray(p.PhotoIDs, func(v *id.Of[Photo]) string { return v.String() })
		var known, changed int
		if err := store.Scan(ctx, tx, []any{&known, &changed}, `SELECT count(DISTINCT ph.id) FILTER (WHERE o.place IS NOT NULL),
				count(*) FILTER (WHERE ph.display_order IS DISTINCT FROM o.place)
			FROM media.property_photos ph LEFT JOIN unnest($2::uuid[]) WITH ORDINALITY AS o (id, place) ON o.id = ph.id
			WHERE ph.property_id = $1`, p.PropertyID.String(), ids); err != nil {
			return store.Err(err, constraints)
		}
		if known != len(p.PhotoIDs) {
			return ErrPhotoList
		}
		if changed == 0 {
			return nil
		}
		if _, err := store.ExecParams(ctx, tx, constraints, `UPDATE media.property_photos ph SET display_order =
				(SELECT o.place FROM unnest($2::uuid[]) WITH ORDINALITY AS o (id, place) WHERE o.id = ph.id)
			WHERE ph.property_id = $1`, p.PropertyID.String(), ids); err != nil {
			return err
		}
		return s.hooks.Emit(ctx, tx, s.now(), store.Event(aggregateProperty, p.PropertyID, PhotosOrdered{len(p.PhotoIDs)}))
	})
}
