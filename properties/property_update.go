package properties

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// PropertyUpdated says that facts of a property were changed. Columns names
// them.
type PropertyUpdated struct {
	Version int64    `json:"version"`
	Columns []string `json:"columns"`
}

// EventType names the event.
func (PropertyUpdated) EventType() (string, int) { return "properties.property_updated", 1 }

// UpdatePropertyParams changes the facts of a property that are not nil, and
// empties the optional ones that Clear names.
type UpdatePropertyParams struct {
	ID id.Of[Property]
	// Version is the version that the caller read; another one in the database
	// means that somebody else changed the property meanwhile.
	Version int64

	Name         *string
	Slug         *string
	AddressLine1 *string
	City         *string
	State        *string
	ZipCode      *string
	Country      *string
	PropertyDetails

	// Clear names columns to empty, such as "year_built"; "coordinates" stands
	// for latitude, longitude and location.
	Clear []string
}

// UpdateProperty changes facts of a property. It locks the property.
//
// It returns [ErrPropertyNotFound], [ErrStale] when the version is not
// the one given, [ErrSlugTaken], [ErrStatusChange], [ErrAcquisitionChange], or all field
// errors at once. An update that
// changes nothing writes nothing.
func (s *Service) UpdateProperty(ctx context.Context, db bun.IDB, p UpdatePropertyParams) (*Property, error) {
	var row *Property
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		if row, err = lockLive(ctx, tx, p.ID); err != nil {
			return err
		}
		if row.Version != p.Version {
			return ErrStale
		}
		was, acquired := row.Status, row.AcquisitionStatus
		columns, err := p.apply(row)
		if err != nil || len(columns) == 0 {
			return err
		}
		if err := row.moved(was, acquired); err != nil {
			return err
		}
		if err := row.dates(s.days()); err != nil {
			return err
		}
		if err := saveProperty(ctx, tx, row, columns...); err != nil {
			return err
		}
		if err := rollUp(ctx, tx, row); err != nil {
			return err
		}
		return s.hooks.Emit(ctx, tx, s.now(), store.Event(aggregateProperty, row.ID, PropertyUpdated{row.Version, columns}))
	})
	if err != nil {
		return nil, err
	}
	return row, nil
}

// apply writes the changes into row and returns the columns, or all field
// errors.
func (p *UpdatePropertyParams) apply(row *Property) ([]string, error) {
	var f fault.Fields
	located := p.Coordinates != nil
	f.AddErr("coordinates", func() error {
		if !located {
			return nil
		}
		return row.SetCoordinates(p.Coordinates)
	}())
	changes := append(p.changes(row),
		needed("property_name", &row.Name, p.Name), needed("slug", &row.Slug, p.Slug),
		needed("address_line1", &row.AddressLine1, p.AddressLine1), needed("city", &row.City, p.City),
		needed("state", &row.State, p.State), needed("zip_code", &row.ZipCode, p.ZipCode),
		needed("country", &row.Country, p.Country),
		change{"coordinates", false, nil, func() { _ = row.SetCoordinates(nil) }}) // nil cannot fail
	columns, err := apply(changes, p.Clear)
	f.AddErr("", err)
	f.AddErr("", row.validate())
	for i, c := range columns {
		if c == "coordinates" {
			f.Check(!located, "coordinates", check.NotClearable, "set and cleared at once")
			columns[i], located = "location", false
			columns = append(columns, "latitude", "longitude")
			break
		}
	}
	if located {
		columns = append(columns, "latitude", "longitude", "location")
	}
	return columns, f.Err()
}
