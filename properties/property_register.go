package properties

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// PropertyRegistered says that a property was put on record, with units.
type PropertyRegistered struct {
	Units int `json:"units"`
}

// EventType names the event.
func (PropertyRegistered) EventType() (string, int) { return "properties.property_registered", 1 }

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
	// Currency is that of its amounts, and of offerings that name no other, by its ISO
	// code; "" is [DefaultCurrency].
	Currency string

	PropertyDetails

	// Units are registered with the property, in one statement however many.
	Units []UnitParams
}

// RegisterProperty puts a property and its units on record. The occupancy rate
// is computed from the units when there are any.
//
// All field errors come back at once as [fault.Errors], those of units under
// "units[i]". [ErrSlugTaken], [ErrPropertyExists] and [ErrUnitExists] say what
// exists already. Run again with the same id and params, it returns the property
// as it is then.
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
	c := store.Creation[Property]{Verb: "properties.register_property", Params: p, Chosen: p.ID, Kind: "property", Rows: assets, Taken: ErrPropertyExists}
	return store.CreateOnce(ctx, db, c, func(tx bun.IDB) (*Property, error) {
		if err := assets.Insert(ctx, tx, row); err != nil {
			return nil, err
		}
		if len(rows) > 0 {
			if err := units.InsertAll(ctx, tx, rows); err != nil {
				return nil, err
			}
			if err := rollUp(ctx, tx, row); err != nil {
				return nil, err
			}
		}
		return row, s.hooks.Emit(ctx, tx, now, store.Event(aggregateProperty, row.ID, PropertyRegistered{len(rows)}))
	})
}

// property makes the row that p describes, with all its field errors.
func (p *RegisterPropertyParams) property(now time.Time) (*Property, error) {
	row := &Property{
		ID: p.ID.OrNew(), Name: p.Name, Slug: p.Slug, AddressLine1: p.AddressLine1, City: p.City, State: p.State,
		ZipCode: p.ZipCode, Country: p.Country, Currency: cmp.Or(p.Currency, DefaultCurrency), TotalUnits: len(p.Units), TotalBuildings: 1,
		Status: StatusActive, Version: 1, CreatedAt: now, UpdatedAt: now,
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
	f.Check(row.TotalUnits >= len(p.Units), "total_units", check.OutOfRange, "fewer units in total than are given")
	return row, f.Err()
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
