package investments

import (
	"context"
	"iter"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// Offering reads an offering that is not deleted. It returns
// [ErrOfferingNotFound].
func (s *Offerings) Offering(ctx context.Context, db bun.IDB, v id.Of[Offering]) (*Offering, error) {
	return offerings.One(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("o.id = ?", v).Where("o.deleted_at IS NULL") })
}

// OfferingBySlug reads an offering by its name in URLs. It returns
// [ErrOfferingNotFound].
func (s *Offerings) OfferingBySlug(ctx context.Context, db bun.IDB, slug string) (*Offering, error) {
	return offerings.One(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("o.slug = ?", slug).Where("o.deleted_at IS NULL")
	})
}

// OfferingFilter narrows a list of offerings; the zero value is all of them.
type OfferingFilter struct {
	PropertyID *id.Of[properties.Property]
	Status     OfferingStatus // "" is any
}

// Offerings lists offerings, the newest first.
func (s *Offerings) Offerings(ctx context.Context, db bun.IDB, f OfferingFilter, r page.Request) (page.Page[Offering], error) {
	return offerings.List(ctx, db, r, f.narrow)
}

func (f OfferingFilter) narrow(q *bun.SelectQuery) *bun.SelectQuery {
	q = q.Where("o.deleted_at IS NULL")
	if f.PropertyID != nil {
		q = q.Where("o.property_id = ?", *f.PropertyID)
	}
	if f.Status != "" {
		q = q.Where("o.status = ?", f.Status)
	}
	return q
}

// AllOfferings walks all pages of [Offerings.Offerings].
func (s *Offerings) AllOfferings(ctx context.Context, db bun.IDB, f OfferingFilter) iter.Seq2[Offering, error] {
	return page.All(ctx, func(ctx context.Context, r page.Request) (page.Page[Offering], error) {
		return s.Offerings(ctx, db, f, r)
	})
}
