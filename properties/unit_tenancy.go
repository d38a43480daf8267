package properties

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
)

// TenanciesRequest says of which units of a property, and of which day, the leases are
// asked.
type TenanciesRequest struct {
	PropertyID id.Of[Property]
	UnitIDs    []id.Of[Unit]
	On         date.Date
}

// TenanciesFunc tells what leases say of units on a day, each unit once, a vacant one
// too; of a property without leases it tells nothing. It is called in tx, behind the
// property's lock, which verbs of leases take as well. Leases.Tenancies of
// financials/leases is one.
type TenanciesFunc func(ctx context.Context, tx bun.IDB, r TenanciesRequest) ([]UnitOccupancy, error)

// told asks the leases about units of a property, whose lock the caller holds.
func (s *Service) told(ctx context.Context, tx bun.IDB, property id.Of[Property], rows []Unit, on date.Date) ([]UnitOccupancy, error) {
	if s.tenancies == nil || len(rows) == 0 {
		return nil, nil
	}
	r := TenanciesRequest{PropertyID: property, On: on, UnitIDs: make([]id.Of[Unit], len(rows))}
	for i := range rows {
		r.UnitIDs[i] = rows[i].ID
	}
	return s.tenancies(ctx, tx, r)
}

// follow brings units, which the caller holds locked behind their property, in line with
// what the leases say of today: the units repeat what leases said when a verb of theirs
// last ran, and days have passed since. It returns the events of it, for the verb to emit
// with its own.
func (s *Service) follow(ctx context.Context, tx bun.IDB, property id.Of[Property], rows []Unit) ([]store.Emission, error) {
	today := s.days().Today
	told, err := s.told(ctx, tx, property, rows, today)
	if err != nil || len(told) == 0 {
		return nil, err
	}
	p := ProjectOccupancyParams{PropertyID: property, Basis: BasisLeases, AsOf: today, Units: told}
	if err := p.validate(); err != nil {
		return nil, err
	}
	return p.project(ctx, tx, rows)
}

// wasEmpty reports ErrUnitNotVacant of a unit in which a tenant was on a day. Of a day
// that leases don't tell of, what they say of today decides.
func (s *Service) wasEmpty(ctx context.Context, tx bun.IDB, u *Unit, on date.Date) error {
	if on == s.days().Today {
		return nil
	}
	told, err := s.told(ctx, tx, u.PropertyID, []Unit{*u}, on)
	if err != nil {
		return err
	}
	for i := range told {
		if told[i].UnitID == u.ID && told[i].Status.Occupied() {
			return ErrUnitNotVacant.With("%s on %s", told[i].Status, on)
		}
	}
	return nil
}
