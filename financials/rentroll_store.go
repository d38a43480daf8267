package financials

import (
	"context"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
)

// StoreRentRollParams is a version of a rent roll to freeze.
type StoreRentRollParams struct {
	PropertyID id.Of[properties.Property]
	AsOf       date.Date
	Basis      RollBasis
	Version    int64 // 1, or one more than the version in force
	// Entries are the units. Their ids, property, day, basis, version and times are
	// set by the verb.
	Entries []RentRollEntry
}

// StoreRentRoll freezes a version of a rent roll, as package leases makes it of leases
// and [Service.CloseRentRoll] of reports. The version before is superseded and stays.
// It locks the property. It returns [ErrRentRollClosed] for a version that is there,
// [ErrStale] for one that does not follow the version in force, and field errors.
func (s *Service) StoreRentRoll(ctx context.Context, db bun.IDB, p StoreRentRollParams) (*RentRoll, error) {
	if err := p.validate(s.days()); err != nil {
		return nil, err
	}
	return s.rolled(ctx, db, p.PropertyID, func(tx bun.IDB, _ *properties.Property) (*RentRoll, error) { return s.freeze(ctx, tx, p) })
}

// rolled runs a verb that makes the rent roll of a property, under the property's lock.
func (s *Service) rolled(ctx context.Context, db bun.IDB, property id.Of[properties.Property], make func(tx bun.IDB, p *properties.Property) (*RentRoll, error)) (*RentRoll, error) {
	var out *RentRoll
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		p, err := s.properties.LockProperty(ctx, tx, property)
		if err != nil {
			return err
		}
		out, err = make(tx, p)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// freeze writes a version of a roll, whose property the caller has locked.
func (s *Service) freeze(ctx context.Context, tx bun.IDB, p StoreRentRollParams) (*RentRoll, error) {
	now := s.now()
	entries := make([]RentRollEntry, len(p.Entries))
	for i, e := range p.Entries {
		e.ID, e.PropertyID, e.AsOfDate, e.Basis, e.Version = id.New[RentRollEntry](), p.PropertyID, p.AsOf, p.Basis, p.Version
		e.SupersededAt, e.CreatedAt, e.UpdatedAt = nil, now, now
		entries[i] = e
	}
	out, err := newRoll(entries)
	if err != nil {
		return nil, err
	}
	if err := supersedeRoll(ctx, tx, p, now); err != nil {
		return nil, err
	}
	if err := rentRoll.InsertAll(ctx, tx, entries); err != nil {
		return nil, err
	}
	return out, s.hooks.Emit(ctx, tx, now, store.Event(aggregateProperty, p.PropertyID, RentRollClosed{p.AsOf, len(entries), p.Basis, p.Version}))
}

func (p *StoreRentRollParams) validate(days check.Days) error {
	var f check.Fields
	f.Given("property_id", p.PropertyID)
	f.GivenHappened("as_of", p.AsOf, days)
	check.One(&f, "basis", p.Basis)
	f.Check(p.Version >= 1, "version", check.OutOfRange, "versions begin with 1")
	f.Some("entries", len(p.Entries))
	seen := make(map[id.Of[properties.Unit]]bool, len(p.Entries))
	for i := range p.Entries {
		e, at := &p.Entries[i], "entries["+strconv.Itoa(i)+"]."
		f.Given(at+"unit_id", e.UnitID)
		if seen[e.UnitID] {
			f.AddErr(at+"unit_id", ErrRentRollUnit)
		}
		seen[e.UnitID] = true
		check.One(&f, at+"occupancy_status", e.OccupancyStatus)
		check.OptionalText(&f, at+"tenant_name", e.TenantName, 255)
		f.Count(at+"days_delinquent", &e.DaysDelinquent)
		f.Count(at+"sqft", e.Sqft)
		f.Amount(at+"monthly_rent", e.MonthlyRent)
		f.Amount(at+"market_rent", e.MarketRent)
		f.Amount(at+"security_deposit", e.SecurityDeposit)
		f.Day(at+"lease_start", e.LeaseStart)
		f.Day(at+"lease_end", e.LeaseEnd)
		if e.LeaseStart != nil && e.LeaseEnd != nil && e.LeaseEnd.Before(*e.LeaseStart) {
			f.AddErr(at[:len(at)-1], ErrLeaseReversed)
		}
	}
	return f.Err()
}

// supersedeRoll ends the version before the one of p, which it follows.
func supersedeRoll(ctx context.Context, tx bun.IDB, p StoreRentRollParams, at time.Time) error {
	var last int64
	err := store.Read(ctx, tx, tx.NewRaw("SELECT COALESCE(max(version), 0) FROM financials.rent_roll WHERE property_id = ? AND as_of_date = ?", p.PropertyID, p.AsOf), &last)
	switch {
	case err != nil:
		return store.Err(err, constraints)
	case last >= p.Version:
		return ErrRentRollClosed
	case last != p.Version-1:
		return ErrStale
	}
	_, err = store.Write(ctx, tx, tx.NewRaw("UPDATE financials.rent_roll SET superseded_at = GREATEST(?, created_at) WHERE property_id = ? AND as_of_date = ? AND superseded_at IS NULL",
		at, p.PropertyID, p.AsOf))
	return store.Err(err, constraints)
}
