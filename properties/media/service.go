package media

import (
	"context"
	"reflect"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
	"github.com/freehold-go/freehold/realestate/vault"
)

// Config is what a [Service] needs. The zero value is ready for use.
type Config struct {
	// Now is the clock, read once per call; nil is time.Now.
	Now func() time.Time
	// Vault seals the keys of tours; nil refuses to store any.
	Vault *vault.Vault
}

// Service is the verbs and reads of this domain. It holds no connection, is
// immutable and safe for concurrent use.
type Service struct {
	clock      func() time.Time
	properties *properties.Service
	vault      *vault.Vault
}

// NewService makes a Service.
func NewService(cfg Config) *Service {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Service{clock: cfg.Now, properties: properties.NewService(properties.Config{Now: cfg.Now}), vault: cfg.Vault}
}

// now is the time of a call as the database keeps it.
func (s *Service) now() time.Time { return s.clock().UTC().Truncate(time.Microsecond) }

// AddPhoto puts a photo on record. A zero id is replaced by a new one, the times
// are set, and a photo without a status is active. A primary photo takes the
// place of the one before. It locks the property.
//
// It returns [properties.ErrPropertyNotFound], [ErrUnitElsewhere],
// [ErrPhotoArchived] for an archived primary photo, or all field errors at
// once.
func (s *Service) AddPhoto(ctx context.Context, db bun.IDB, p Photo) (*Photo, error) {
	if p.ID.IsZero() {
		p.ID = id.New[Photo]()
	}
	if p.Status == "" {
		p.Status = PhotoActive
	}
	p.CreatedAt = s.now()
	p.UpdatedAt = p.CreatedAt
	if err := p.validate(); err != nil {
		return nil, err
	}
	if p.IsPrimary && p.Status != PhotoActive {
		return nil, ErrPhotoArchived
	}
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		if _, err := s.properties.LockProperty(ctx, tx, p.PropertyID); err != nil {
			return err
		}
		if p.IsPrimary {
			if err := clearPrimary(ctx, tx, p.PropertyID); err != nil {
				return err
			}
		}
		if err := photos.Insert(ctx, tx, &p); err != nil {
			return err
		}
		return store.Emit(ctx, tx, p.CreatedAt, store.Event(aggregatePhoto, p.ID, PhotoAdded{p.PropertyID, p.IsPrimary}))
	})
	if err != nil {
		return nil, err
	}
	return &p, nil
}

// MakePrimary makes a photo the one that stands for its property. It locks the
// property and returns [ErrPhotoNotFound] or [ErrPhotoArchived].
func (s *Service) MakePrimary(ctx context.Context, db bun.IDB, v id.Of[Photo]) (*Photo, error) {
	return s.changePhoto(ctx, db, v, func(ctx context.Context, tx bun.IDB, p *Photo) error {
		if p.Status != PhotoActive {
			return ErrPhotoArchived
		}
		p.IsPrimary = true
		return clearPrimary(ctx, tx, p.PropertyID)
	})
}

// ArchivePhoto takes a photo out of the gallery; a primary photo stops being
// one. It locks the property and returns [ErrPhotoNotFound].
func (s *Service) ArchivePhoto(ctx context.Context, db bun.IDB, v id.Of[Photo]) (*Photo, error) {
	return s.changePhoto(ctx, db, v, func(_ context.Context, _ bun.IDB, p *Photo) error {
		p.Status, p.IsPrimary = PhotoArchived, false
		return nil
	})
}

// changePhoto changes a photo under the lock of its property.
func (s *Service) changePhoto(ctx context.Context, db bun.IDB, v id.Of[Photo], change func(context.Context, bun.IDB, *Photo) error) (*Photo, error) {
	var p *Photo
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		if p, err = photos.Get(ctx, tx, v); err != nil {
			return err
		}
		if _, err := s.properties.LockProperty(ctx, tx, p.PropertyID); err != nil {
			return err
		}
		if p, err = photos.Lock(ctx, tx, v); err != nil {
			return err
		}
		was := *p
		if err := change(ctx, tx, p); err != nil {
			return err
		}
		_, err = tx.NewUpdate().Model(p).Column("status", "is_primary").WherePK().Returning("updated_at").Exec(ctx)
		if err != nil || p.Status == was.Status && p.IsPrimary == was.IsPrimary {
			return store.Err(err, constraints)
		}
		return store.Emit(ctx, tx, s.now(), store.Event(aggregatePhoto, p.ID, p.change()))
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// change is the event of what a verb has made of the photo.
func (p *Photo) change() store.Payload {
	if p.Status == PhotoArchived {
		return PhotoArchivedEvent{p.PropertyID}
	}
	return PhotoMadePrimary{p.PropertyID}
}

// clearPrimary makes room for a primary photo of a locked property.
func clearPrimary(ctx context.Context, tx bun.IDB, v id.Of[properties.Property]) error {
	_, err := tx.NewUpdate().Model((*Photo)(nil)).Set("is_primary = FALSE").
		Where("ph.property_id = ?", v).Where("ph.is_primary").Exec(ctx)
	return store.Err(err, constraints)
}

// PhotoFilter narrows a list of photos; the zero value takes all.
type PhotoFilter struct {
	UnitID *id.Of[properties.Unit]
	Status PhotoStatus
	Tag    string
}

// Photos lists the photos of a property, the newest first, a page at a time.
func (s *Service) Photos(ctx context.Context, db bun.IDB, v id.Of[properties.Property], f PhotoFilter, r page.Request) (page.Page[Photo], error) {
	return photos.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery {
		q = q.Where("ph.property_id = ?", v)
		if f.UnitID != nil {
			q = q.Where("ph.unit_id = ?", *f.UnitID)
		}
		if f.Status != "" {
			q = q.Where("ph.status = ?", f.Status)
		}
		if f.Tag != "" {
			q = q.Where("ph.tags @> ARRAY[?]::text[]", f.Tag)
		}
		return q
	})
}

// AddVideo puts a video on record. A zero id is replaced by a new one, the times
// are set, and a video without a status is processing. It returns all field
// errors at once; a property that does not exist is one of them.
func (s *Service) AddVideo(ctx context.Context, db bun.IDB, v Video) (*Video, error) {
	if v.ID.IsZero() {
		v.ID = id.New[Video]()
	}
	if v.Status == "" {
		v.Status = VideoProcessing
	}
	v.CreatedAt = s.now()
	v.UpdatedAt = v.CreatedAt
	if err := v.validate(); err != nil {
		return nil, err
	}
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		if err := videos.Insert(ctx, tx, &v); err != nil {
			return err
		}
		return store.Emit(ctx, tx, v.CreatedAt, store.Event(aggregateVideo, v.ID, VideoAdded{v.PropertyID, v.Status}))
	})
	if err != nil {
		return nil, err
	}
	return &v, nil
}

// PublishVideo makes a video visible once it is processed. It returns
// [ErrVideoNotFound].
func (s *Service) PublishVideo(ctx context.Context, db bun.IDB, v id.Of[Video], streamingURL *string) (*Video, error) {
	row := &Video{ID: v, Status: VideoActive, StreamingURL: streamingURL}
	if err := row.validate(); err != nil {
		return nil, err
	}
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		was, err := videos.Lock(ctx, tx, v)
		if err != nil {
			return err
		}
		if err = videos.Update(ctx, tx, row, "status", "streaming_url"); err != nil {
			return err
		}
		if row, err = videos.Get(ctx, tx, v); err != nil || row.Status == was.Status && reflect.DeepEqual(row.StreamingURL, was.StreamingURL) {
			return err
		}
		return store.Emit(ctx, tx, s.now(), store.Event(aggregateVideo, row.ID, VideoPublished{row.PropertyID}))
	})
	if err != nil {
		return nil, err
	}
	return row, nil
}

// Videos lists the videos of a property, the newest first, a page at a time.
func (s *Service) Videos(ctx context.Context, db bun.IDB, v id.Of[properties.Property], r page.Request) (page.Page[Video], error) {
	return videos.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("pv.property_id = ?", v) })
}

// AddTour puts a virtual tour on record. A zero id is replaced by a new one and
// the times are set. It returns all field errors at once; a property or floor
// plan that does not exist is one of them.
func (s *Service) AddTour(ctx context.Context, db bun.IDB, t VirtualTour) (*VirtualTour, error) {
	if t.ID.IsZero() {
		t.ID = id.New[VirtualTour]()
	}
	t.CreatedAt = s.now()
	t.UpdatedAt = t.CreatedAt
	if err := t.validate(); err != nil {
		return nil, err
	}
	if err := s.sealKey(&t); err != nil {
		return nil, err
	}
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		if err := tours.Insert(ctx, tx, &t); err != nil {
			return err
		}
		return store.Emit(ctx, tx, t.CreatedAt, store.Event(aggregateTour, t.ID, TourAdded{t.PropertyID}))
	})
	if err != nil {
		return nil, err
	}
	return &t, nil
}

// CountTourView counts a view of a tour that lasted some seconds and keeps the
// average. It returns [ErrTourNotFound].
func (s *Service) CountTourView(ctx context.Context, db bun.IDB, v id.Of[VirtualTour], seconds int) error {
	var c check.Fields
	c.Count("seconds", &seconds)
	if err := c.Err(); err != nil {
		return err
	}
	return store.InTx(ctx, db, func(tx bun.IDB) error { return countView(ctx, tx, v, seconds) })
}

// countView counts a view in one statement, so that two at once both count.
func countView(ctx context.Context, tx bun.IDB, v id.Of[VirtualTour], seconds int) error {
	res, err := tx.NewUpdate().Model((*VirtualTour)(nil)).
		Set("avg_view_duration = round((COALESCE(avg_view_duration, 0)::numeric * view_count + ?) / (view_count + 1))", seconds).
		Set("view_count = view_count + 1").Where("vt.id = ?", v).Exec(ctx)
	if err != nil {
		return store.Err(err, constraints)
	}
	if n, err := res.RowsAffected(); err != nil || n > 0 {
		return err
	}
	return ErrTourNotFound
}

// Tours lists the virtual tours of a property, the newest first, a page at a
// time.
func (s *Service) Tours(ctx context.Context, db bun.IDB, v id.Of[properties.Property], r page.Request) (page.Page[VirtualTour], error) {
	return tours.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("vt.property_id = ?", v) })
}

func (p *Photo) validate() error {
	var c check.Fields
	check.OptionalText(&c, "file_name", p.FileName, 255)
	check.OptionalText(&c, "file_url", p.FileURL, 500)
	check.OptionalText(&c, "cdn_url", p.CDNURL, 500)
	check.OptionalText(&c, "thumbnail_url", p.ThumbnailURL, 500)
	check.OptionalText(&c, "caption", p.Caption, check.Long)
	check.OptionalText(&c, "mime_type", p.MIMEType, 50)
	c.Texts("tags", p.Tags)
	c.Count("width", p.Width)
	c.Count("height", p.Height)
	c.Integer("display_order", p.DisplayOrder, -check.MaxInt, check.MaxInt)
	c.Check(p.FileSize == nil || *p.FileSize >= 0, "file_size", "negative", "the size is negative")
	check.Enum(&c, "photo_type", p.Type)
	check.Enum(&c, "category", p.Category)
	check.Enum(&c, "status", &p.Status)
	return c.Err()
}

func (v *Video) validate() error {
	var c check.Fields
	check.OptionalText(&c, "title", v.Title, 255)
	check.OptionalText(&c, "description", v.Description, check.Long)
	check.OptionalText(&c, "file_url", v.FileURL, 500)
	check.OptionalText(&c, "streaming_url", v.StreamingURL, 500)
	check.OptionalText(&c, "thumbnail_url", v.ThumbnailURL, 500)
	check.OptionalText(&c, "resolution", v.Resolution, 20)
	c.Count("duration_seconds", v.DurationSeconds)
	c.Check(v.FileSize == nil || *v.FileSize >= 0, "file_size", "negative", "the size is negative")
	check.Enum(&c, "video_type", v.Type)
	check.Enum(&c, "status", &v.Status)
	return c.Err()
}

func (t *VirtualTour) validate() error {
	var c check.Fields
	check.OptionalText(&c, "tour_url", t.URL, 500)
	check.OptionalText(&c, "embed_code", t.EmbedCode, check.Long)
	check.OptionalText(&c, "matterport_id", t.MatterportID, 100)
	check.OptionalText(&c, "matterport_sdk_key", t.MatterportSDKKey, maxTourKey)
	c.Count("view_count", &t.ViewCount)
	c.Count("avg_view_duration", t.AvgViewDuration)
	check.Enum(&c, "tour_type", t.Type)
	return c.Err()
}
