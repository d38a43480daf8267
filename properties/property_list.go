package properties

import (
	"context"
	"iter"
	"reflect"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// Property reads a property. It returns [ErrPropertyNotFound], also for a
// deleted one.
func (s *Service) Property(ctx context.Context, db bun.IDB, property id.Of[Property]) (*Property, error) {
	return assets.One(ctx, db, live(property))
}

// PropertyBySlug reads a property by its slug. It returns
// [ErrPropertyNotFound].
func (s *Service) PropertyBySlug(ctx context.Context, db bun.IDB, slug string) (*Property, error) {
	return assets.One(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("p.slug = ?", slug).Where("p.deleted_at IS NULL")
	})
}

// LockProperty reads a property and locks it until tx ends: the lock under
// which other domains check what must be unique or free of overlap within a
// property. It returns [ErrPropertyNotFound].
func (s *Service) LockProperty(ctx context.Context, tx bun.IDB, property id.Of[Property]) (*Property, error) {
	return lockLive(ctx, tx, property)
}

// HoldProperty reads a property for a decision that rests on it: until tx ends it is
// neither changed nor deleted, while others may hold it too. It returns
// [ErrPropertyNotFound].
func (s *Service) HoldProperty(ctx context.Context, tx bun.IDB, property id.Of[Property]) (*Property, error) {
	return assets.One(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery { return live(property)(q).For("SHARE") })
}

// PropertyAsOf reads a property as the database held it at a time. Rollups of
// offerings and the occupancy rate are as they were when that version was
// replaced, since their changes make no version. It returns
// [ErrPropertyNotFound] for a time before the property was registered or after
// it was deleted.
func (s *Service) PropertyAsOf(ctx context.Context, db bun.IDB, property id.Of[Property], at time.Time) (*Property, error) {
	p, err := asOf(ctx, db, assets, property, at)
	if err == nil && p.DeletedAt != nil {
		return nil, ErrPropertyNotFound
	}
	return p, err
}

// PropertyFilter narrows a list of properties; the zero value takes all. Within
// a field any value matches, and all fields must.
type PropertyFilter struct {
	Statuses       []Status
	Types          []PropertyType
	Classes        []Class
	City           string
	State          string
	MarketName     string
	InvestmentOpen *bool
}

func (f PropertyFilter) check() error {
	var c check.Fields
	check.Each(&c, "statuses", f.Statuses)
	check.EachText(&c, "types", f.Types, 50)
	check.Each(&c, "classes", f.Classes)
	c.Text("city", f.City, 100)
	c.Text("state", f.State, 100)
	c.Text("market_name", f.MarketName, 100)
	return c.Err()
}

func (f PropertyFilter) narrow(q *bun.SelectQuery) *bun.SelectQuery {
	q = q.Where("p.deleted_at IS NULL")
	if len(f.Statuses) > 0 {
		q = q.Where("p.status IN (?)", bun.List(f.Statuses))
	}
	if len(f.Types) > 0 {
		q = q.Where("p.property_type IN (?)", bun.List(f.Types))
	}
	if len(f.Classes) > 0 {
		q = q.Where("p.property_class IN (?)", bun.List(f.Classes))
	}
	for column, value := range map[string]string{"city": f.City, "state": f.State, "market_name": f.MarketName} {
		if value != "" {
			q = q.Where("p.? = ?", bun.Ident(column), value)
		}
	}
	if f.InvestmentOpen != nil {
		q = q.Where("p.investment_open = ?", *f.InvestmentOpen)
	}
	return q
}

// Properties lists properties, the newest first, a page at a time.
func (s *Service) Properties(ctx context.Context, db bun.IDB, f PropertyFilter, r page.Request) (page.Page[Property], error) {
	if err := f.check(); err != nil {
		return page.Page[Property]{}, err
	}
	return assets.List(ctx, db, r, f.narrow)
}

// AllProperties walks all properties that f takes, the newest first.
func (s *Service) AllProperties(ctx context.Context, db bun.IDB, f PropertyFilter) iter.Seq2[Property, error] {
	return page.All(ctx, func(ctx context.Context, r page.Request) (page.Page[Property], error) {
		return s.Properties(ctx, db, f, r)
	})
}

// asOf reads the version of a row that the database held at a time: the
// present row, or one of its history.
func asOf[T any](ctx context.Context, db bun.IDB, repo store.Repo[T], row id.Of[T], at time.Time) (*T, error) {
	t := db.Dialect().Tables().Get(reflect.TypeFor[T]())
	names := make([]string, len(t.Fields))
	for i, f := range t.Fields {
		names[i] = string(f.SQLName)
	}
	columns := bun.Safe(strings.Join(names, ", "))
	base, alias := bun.Safe(t.Name), bun.Safe(t.Alias)
	return repo.One(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.ModelTableExpr(`(
			SELECT ?0 FROM ?1 WHERE id = ?3 AND updated_at <= ?4
			UNION ALL
			SELECT ?0 FROM ?1_history WHERE id = ?3 AND valid_from <= ?4 AND ?4 < valid_to
		) AS ?2`, columns, base, alias, row, check.Clamp(at).UTC()).OrderExpr("?.updated_at DESC", alias)
	})
}
