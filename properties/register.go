package properties

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// RegisterPropertyParams says which property to register.
type RegisterPropertyParams struct {
	// ID is the id to give the property, for callers that may have to try
	// again; zero makes a new one.
	ID   id.Of[Property]
	Name string
	// Slug names the property in URLs: lower-case letters, digits and hyphens.
	// "" derives it from Name.
	Slug string

	AddressLine1 string
	City         string
	State        string
	ZipCode      string
	Country      string // "" is USA

	PropertyDetails

	// Units are registered with the property, in one statement however many.
	Units []UnitParams
}

// UnitParams is a unit to put on record, as it stands.
type UnitParams struct {
	ID     id.Of[Unit] // zero makes a new one
	Number string
	// OccupancyStatus is vacant when "".
	OccupancyStatus OccupancyStatus
	LeaseStart      *date.Date
	LeaseEnd        *date.Date
	MoveIn          *date.Date
	NoticeDate      *date.Date

	UnitDetails
}

// RegisterProperty puts a property and its units on record. The occupancy rate
// is computed from the units when there are any.
//
// All field errors come back at once as [fault.Errors], those of units under
// "units[i]". [ErrSlugTaken], [ErrPropertyExists] and [ErrUnitExists] say what
// exists already.
func (s *Service) RegisterProperty(ctx context.Context, db bun.IDB, p RegisterPropertyParams) (*Property, error) {
	now := s.now()
	row, err := p.property(now)
	var f fault.Fields
	f.AddErr("", err)
	f.AddErr("", row.dates(s.days()))
	rows, err := newUnits(row.ID, p.Units, now, s.days())
	f.AddErr("", err)
	if err := f.Err(); err != nil {
		return nil, err
	}
	err = store.InTx(ctx, db, func(tx bun.IDB) error {
		if err := assets.Insert(ctx, tx, row); err != nil {
			return err
		}
		if len(rows) > 0 {
			if err := units.InsertAll(ctx, tx, rows); err != nil {
				return err
			}
			if err := rollUp(ctx, tx, row); err != nil {
				return err
			}
		}
		return store.Emit(ctx, tx, now, store.Event(aggregateProperty, row.ID, PropertyRegistered{len(rows)}))
	})
	if err != nil {
		return nil, err
	}
	return row, nil
}

// property makes the row that p describes, with all its field errors.
func (p *RegisterPropertyParams) property(now time.Time) (*Property, error) {
	row := &Property{
		ID: p.ID, Name: p.Name, Slug: p.Slug, AddressLine1: p.AddressLine1, City: p.City, State: p.State,
		ZipCode: p.ZipCode, Country: p.Country, TotalUnits: len(p.Units), TotalBuildings: 1,
		Status: StatusActive, Version: 1, CreatedAt: now, UpdatedAt: now,
	}
	if row.ID.IsZero() {
		row.ID = id.New[Property]()
	}
	if row.Slug == "" {
		row.Slug = Slug(p.Name)
	}
	if row.Country == "" {
		row.Country = "USA"
	}
	var f fault.Fields
	_, err := apply(p.changes(row), nil)
	f.AddErr("", err)
	f.AddErr("coordinates", row.SetCoordinates(p.Coordinates))
	f.AddErr("", row.validate())
	f.Check(row.TotalUnits >= len(p.Units), "total_units", "fewer_than_units", "fewer units in total than are given")
	return row, f.Err()
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
			ID: p.ID, PropertyID: property, Number: p.Number, OccupancyStatus: p.OccupancyStatus,
			LeaseStart: p.LeaseStart, LeaseEnd: p.LeaseEnd, MoveIn: p.MoveIn, NoticeDate: p.NoticeDate,
			Version: 1, CreatedAt: now, UpdatedAt: now,
		}
		if u.ID.IsZero() {
			u.ID = id.New[Unit]()
		}
		if u.OccupancyStatus == "" {
			u.OccupancyStatus = OccupancyVacant
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

// Slug makes a name fit for a URL: ASCII letters in lower case and digits,
// everything between them one hyphen. A name without any gives "".
func Slug(name string) string {
	var b strings.Builder
	gap := false
	for _, r := range strings.ToLower(name) {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') {
			gap = b.Len() > 0
			continue
		}
		if gap {
			b.WriteByte('-')
			gap = false
		}
		b.WriteRune(r)
	}
	return b.String()
}
