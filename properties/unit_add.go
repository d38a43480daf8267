package properties

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// UnitsAdded says that units of a property were put on record. It is the one
// event of the command.
type UnitsAdded struct {
	Units int `json:"units"`
}

// EventType names the event.
func (UnitsAdded) EventType() (string, int) { return "properties.units_added", 1 }

// UnitParams is a unit to put on record. Whether it is let its lease says, or a
// reported rent roll.
type UnitParams struct {
	ID     id.Of[Unit] // zero makes a new one
	Number string

	UnitDetails
}

// AddUnitsParams is units of a property to put on record.
type AddUnitsParams struct {
	IdempotencyKey string // optional; with one the verb is safe to run again
	PropertyID     id.Of[Property]
	Units          []UnitParams
}

// AddUnits puts units of a property on record, in one statement however many,
// and brings the property's occupancy rate and number of units up to date. Units of
// a property whose occupancy rests on leases are vacant; those of others are
// unknown until a lease or a rent roll tells of them. It locks the property.
//
// It returns [ErrPropertyNotFound], [ErrUnitExists], or all field errors at
// once, under "units[i]". The same key and request again return the units as they
// are then.
func (s *Service) AddUnits(ctx context.Context, db bun.IDB, p AddUnitsParams) ([]Unit, error) {
	rows, err := newUnits(p.PropertyID, p.Units, s.now(), s.days())
	if err != nil {
		return nil, err
	}
	k := store.Keyed[Property]{Verb: "properties.add_units", Params: p, Optional: true, Kind: "property", Result: p.PropertyID}
	out, err := store.RunOnce(ctx, db, k, func(ctx context.Context, tx bun.IDB, _ id.Of[Property]) (*[]Unit, error) {
		return again(ctx, tx, p)
	}, func(tx bun.IDB) (*[]Unit, error) { return &rows, s.addUnits(ctx, tx, p.PropertyID, rows) })
	if err != nil {
		return nil, err
	}
	return *out, nil
}

func (s *Service) addUnits(ctx context.Context, tx bun.IDB, property id.Of[Property], rows []Unit) error {
	p, err := lockLive(ctx, tx, property)
	if err != nil {
		return err
	}
	if err := letByLeases(ctx, tx, property, rows); err != nil {
		return err
	}
	if err := units.InsertAll(ctx, tx, rows); err != nil {
		return err
	}
	if err := rollUp(ctx, tx, p); err != nil || len(rows) == 0 {
		return err
	}
	return s.hooks.Emit(ctx, tx, rows[0].CreatedAt, store.Event(aggregateProperty, property, UnitsAdded{len(rows)}))
}

// again reads the units that p put on record before, in its order.
func again(ctx context.Context, tx bun.IDB, p AddUnitsParams) (*[]Unit, error) {
	all, err := units.All(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("u.property_id = ?", p.PropertyID) })
	if err != nil {
		return nil, err
	}
	place := make(map[[2]string]int, len(all))
	for i := range all {
		place[[2]string{text(all[i].Building), all[i].Number}] = i
	}
	out := make([]Unit, 0, len(p.Units))
	for i := range p.Units {
		if at, ok := place[[2]string{text(p.Units[i].Building), p.Units[i].Number}]; ok { // renumbered ones are left out
			out = append(out, all[at])
		}
	}
	return &out, nil
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// newUnits makes the rows that list describes, with all field errors.
func newUnits(property id.Of[Property], list []UnitParams, now time.Time, days check.Days) ([]Unit, error) {
	var f fault.Fields
	rows := make([]Unit, len(list))
	seen := make(map[[2]string]bool, len(list))
	ids := make(map[id.Of[Unit]]bool, len(list))
	for i := range list {
		p, u := &list[i], &rows[i]
		*u = Unit{
			ID: p.ID.OrNew(), PropertyID: property, Number: p.Number, OccupancyStatus: OccupancyUnknown,
			Version: 1, CreatedAt: now, UpdatedAt: now,
		}
		_, err := apply(p.changes(u), nil)
		at := fmt.Sprintf("units[%d]", i)
		f.AddErr(at, err)
		f.AddErr(at, u.validate())
		f.AddErr(at, u.fits(days))
		key := [2]string{"", u.Number}
		if u.Building != nil {
			key[0] = *u.Building
		}
		if seen[key] || ids[u.ID] {
			f.AddErr(at, ErrUnitExists)
		}
		seen[key], ids[u.ID] = true, true
	}
	return rows, f.Err()
}
