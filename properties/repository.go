package properties

import (
	"context"
	"reflect"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
)

// assets is the repository of Property rows, newest first.
var assets = store.Repo[Property]{
	NotFound:    ErrPropertyNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(p *Property) (time.Time, string) { return p.CreatedAt, p.ID.String() }),
}

// units is the repository of Unit rows, by number within a property.
var units = store.Repo[Unit]{
	NotFound:    ErrUnitNotFound,
	Constraints: constraints,
	Sort: store.Sort[Unit]{
		Columns: []store.Column{{Name: "unit_number", Type: "text"}, {Name: "id", Type: "uuid"}},
		Key:     func(u *Unit) []string { return []string{u.Number, u.ID.String()} },
	},
}

// floorPlans is the repository of FloorPlan rows, newest first.
var floorPlans = store.Repo[FloorPlan]{
	Constraints: constraints,
	Sort:        store.NewestFirst(func(p *FloorPlan) (time.Time, string) { return p.CreatedAt, p.ID.String() }),
}

// comparables is the repository of Comparable rows, newest first.
var comparables = store.Repo[Comparable]{
	Constraints: constraints,
	Sort:        store.NewestFirst(func(p *Comparable) (time.Time, string) { return p.CreatedAt, p.ID.String() }),
}

// live narrows a query to one property that is not deleted.
func live(v id.Of[Property]) func(*bun.SelectQuery) *bun.SelectQuery {
	return func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("p.id = ?", v).Where("p.deleted_at IS NULL") }
}

// lockLive locks a property that is not deleted.
func lockLive(ctx context.Context, tx bun.IDB, v id.Of[Property]) (*Property, error) {
	return assets.One(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery { return live(v)(q).For("NO KEY UPDATE") })
}

// lockUnit locks a unit and, before it, its property, in the order in which
// every verb of this package locks them.
func lockUnit(ctx context.Context, tx bun.IDB, v id.Of[Unit]) (*Property, *Unit, error) {
	u, err := units.Get(ctx, tx, v)
	if err != nil {
		return nil, nil, err
	}
	p, err := lockLive(ctx, tx, u.PropertyID)
	if err != nil {
		return nil, nil, err
	}
	u, err = units.Lock(ctx, tx, v)
	return p, u, err
}

// saveProperty writes columns of a locked property, counts its version up and
// brings the new version and time into p.
func saveProperty(ctx context.Context, tx bun.IDB, p *Property, columns ...string) error {
	p.Version++
	_, err := tx.NewUpdate().Model(p).Column(append(columns, "version")...).WherePK().Returning("updated_at").Exec(ctx)
	return store.Err(err, constraints)
}

// saveUnit is saveProperty for a locked unit.
func saveUnit(ctx context.Context, tx bun.IDB, u *Unit, columns ...string) error {
	u.Version++
	_, err := tx.NewUpdate().Model(u).Column(append(columns, "version")...).WherePK().Returning("updated_at").Exec(ctx)
	return store.Err(err, constraints)
}

// rollUp recomputes a locked property's occupancy rate from its units, and
// raises its number of units to those on record. Both are caches: neither the
// version nor the history of the property takes notice of the rate.
func rollUp(ctx context.Context, tx bun.IDB, p *Property) error {
	_, err := tx.NewUpdate().Model(p).
		Set("occupancy_rate = r.rate, total_units = GREATEST(p.total_units, r.units)").
		TableExpr(`(SELECT count(*) AS units,
			round(count(*) FILTER (WHERE occupancy_status IN ('occupied', 'notice'))::numeric / NULLIF(count(*), 0), 6) AS rate
			FROM properties.units WHERE property_id = ?) AS r`, p.ID).
		Where("p.id = ?", p.ID).Where("r.units > 0").
		Returning("p.occupancy_rate, p.total_units, p.updated_at").Exec(ctx)
	return store.Err(err, constraints)
}

// asOf reads the version of a row that the database held at a time: the
// present row, or one of its history.
func asOf[T any](ctx context.Context, db bun.IDB, repo store.Repo[T], v id.Of[T], at time.Time) (*T, error) {
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
		) AS ?2`, columns, base, alias, v, at.UTC()).OrderExpr("?.updated_at DESC", alias)
	})
}
