package properties

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

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
// the one given, [ErrSlugTaken], [ErrStatusChange], [ErrAcquisitionChange], or
// all field errors at once. An update that
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
		return store.Emit(ctx, tx, s.now(), store.Event(aggregateProperty, row.ID, PropertyUpdated{row.Version, columns}))
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
			f.Check(!located, "coordinates", "not_clearable", "set and cleared at once")
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

// RevalueParams is the value of a property on a day.
type RevalueParams struct {
	PropertyID id.Of[Property]
	Amount     money.Amount
	Date       date.Date
}

// Revalue makes a valuation the property's current one. The valuation itself
// is a row of market.property_valuations, which this package may not know; the
// caller hands over its amount and date. It locks the property.
//
// A valuation of the day that the property already carries replaces it; one of
// an earlier day is [ErrLaterValuation], so that recording an old appraisal
// late does not turn the value back. It returns [ErrPropertyNotFound].
func (s *Service) Revalue(ctx context.Context, db bun.IDB, p RevalueParams) (*Property, error) {
	var c check.Fields
	c.Amount("amount", &p.Amount)
	c.Day("date", &p.Date)
	c.Happened("date", &p.Date, s.days())
	if err := c.Err(); err != nil {
		return nil, err
	}
	var row *Property
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		if row, err = lockLive(ctx, tx, p.PropertyID); err != nil {
			return err
		}
		if changed, err := row.revalue(p.Amount, p.Date); err != nil || !changed {
			return err
		}
		if err := saveProperty(ctx, tx, row, "current_valuation", "valuation_date"); err != nil {
			return err
		}
		return store.Emit(ctx, tx, s.now(), store.Event(aggregateProperty, row.ID, PropertyRevalued{p.Amount, p.Date}))
	})
	if err != nil {
		return nil, err
	}
	return row, nil
}

// revalue carries a value unless a later one is there, and reports whether
// anything changed.
func (p *Property) revalue(amount money.Amount, on date.Date) (bool, error) {
	if p.ValuationDate != nil {
		if on.Before(*p.ValuationDate) {
			return false, ErrLaterValuation.With("%s", *p.ValuationDate)
		}
		if on == *p.ValuationDate && p.CurrentValuation != nil && amount == *p.CurrentValuation {
			return false, nil
		}
	}
	p.CurrentValuation, p.ValuationDate = &amount, &on
	return true, nil
}

// DeleteProperty takes a property out of every list and read; its row, its
// units and its history stay, and its slug is free for another. It locks the
// property and returns [ErrPropertyNotFound].
//
// Whether the property may go (it holds no investments) is a question to other
// domains, which the platform's workflow answers before it calls this.
func (s *Service) DeleteProperty(ctx context.Context, db bun.IDB, v id.Of[Property]) error {
	now := s.now()
	return store.InTx(ctx, db, func(tx bun.IDB) error {
		row, err := lockLive(ctx, tx, v)
		if err != nil {
			return err
		}
		row.DeletedAt = &now
		if err := saveProperty(ctx, tx, row, "deleted_at"); err != nil {
			return err
		}
		return store.Emit(ctx, tx, now, store.Event(aggregateProperty, row.ID, PropertyDeleted{}))
	})
}
