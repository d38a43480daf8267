package financials

import (
	"context"
	"strconv"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// ErrRentRollUnit: a tenancy names a unit that the property does not have, or
// names it twice.
var ErrRentRollUnit = fault.New(fault.Invalid, "rent_roll_unit_unknown", "the property has no such unit, or it is listed twice")

// Tenancy is what the unit itself does not know: who rents it, and how the
// month's rent was billed and paid. Amounts that are nil are not known.
type Tenancy struct {
	UnitID          id.Of[properties.Unit]
	TenantName      string // personal data; "" when vacant or not told
	SecurityDeposit *money.Amount
	CurrentBalance  *money.Amount // negative is paid ahead
	DaysDelinquent  int
	Billed          *money.Amount
	Collected       *money.Amount
}

// CloseRentRollParams is a rent roll to close. Units that no tenancy names are
// on the roll all the same, as they stand.
type CloseRentRollParams struct {
	PropertyID id.Of[properties.Property]
	AsOf       date.Date
	Tenancies  []Tenancy
}

// RentRoll is all units of a property on a day.
type RentRoll struct {
	AsOf    date.Date
	Entries []RentRollEntry
	Metrics RollMetrics
}

// CloseRentRoll freezes the rent roll of a day: one entry for each unit, with
// the unit's lease, rent, area and occupancy as they are now. A day is closed
// once; closing it again is [ErrRentRollClosed] and changes nothing.
//
// The day is not in the future, and not before the tenancies that the units have
// now ([ErrRentRollEarly]) or before the property was built
// ([ErrRentRollUnbuilt]). Units that count as occupied have a rent or a lease
// ([ErrRentRollNotLet]).
//
// It locks the property. Field errors come back at once, those of tenancies
// under "tenancies[i]"; [ErrRentRollUnit] is among them.
func (s *Service) CloseRentRoll(ctx context.Context, db bun.IDB, p CloseRentRollParams) (*RentRoll, error) {
	if err := p.validate(s.days()); err != nil {
		return nil, err
	}
	var out *RentRoll
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		property, err := s.properties.LockProperty(ctx, tx, p.PropertyID)
		if err != nil {
			return err
		}
		var units []properties.Unit
		for u, err := range s.properties.AllUnits(ctx, tx, p.PropertyID, properties.UnitFilter{}) {
			if err != nil {
				return err
			}
			units = append(units, u)
		}
		if err := closable(property, units, p.AsOf); err != nil {
			return err
		}
		entries, err := s.entries(p, units)
		if err != nil {
			return err
		}
		m, err := RentRollMetrics(p.AsOf, rollUnits(entries))
		if err != nil {
			return err
		}
		out = &RentRoll{AsOf: p.AsOf, Entries: entries, Metrics: m}
		if err := rentRoll.InsertAll(ctx, tx, entries); err != nil {
			return err
		}
		return s.hooks.Emit(ctx, tx, s.now(), store.Event(aggregateProperty, p.PropertyID, RentRollClosed{p.AsOf, len(entries)}))
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (p *CloseRentRollParams) validate(days check.Days) error {
	var f check.Fields
	f.Given("property_id", p.PropertyID)
	f.Given("as_of_date", p.AsOf)
	f.Happened("as_of_date", &p.AsOf, days)
	for i, t := range p.Tenancies {
		at := "tenancies[" + strconv.Itoa(i) + "]."
		f.Check(t.DaysDelinquent >= 0, at+"days_delinquent", check.OutOfRange, "days are not negative")
		for field, a := range map[string]*money.Amount{"security_deposit": t.SecurityDeposit, "billed": t.Billed, "collected": t.Collected} {
			f.Amount(at+field, a)
		}
	}
	return f.Err()
}

// entries joins the units and their tenancies.
func (s *Service) entries(p CloseRentRollParams, units []properties.Unit) ([]RentRollEntry, error) {
	told := make(map[id.Of[properties.Unit]]int, len(p.Tenancies))
	var f fault.Fields
	for i, t := range p.Tenancies {
		if _, twice := told[t.UnitID]; twice {
			f.AddErr("tenancies["+strconv.Itoa(i)+"].unit_id", ErrRentRollUnit)
		}
		told[t.UnitID] = i
	}
	now := s.now()
	entries := make([]RentRollEntry, len(units))
	for i, u := range units {
		e := RentRollEntry{
			ID: id.New[RentRollEntry](), PropertyID: p.PropertyID, UnitID: u.ID, AsOfDate: p.AsOf,
			LeaseStart: u.LeaseStart, LeaseEnd: u.LeaseEnd, OccupancyStatus: u.OccupancyStatus,
			MarketRent: u.MarketRent, Sqft: u.Sqft, CreatedAt: now, UpdatedAt: now,
		}
		if e.OccupancyStatus.Occupied() {
			e.MonthlyRent = u.CurrentRent
		}
		if j, ok := told[u.ID]; ok {
			t := &p.Tenancies[j]
			delete(told, u.ID)
			if t.TenantName != "" {
				e.TenantName = &t.TenantName
			}
			e.SecurityDeposit, e.CurrentBalance, e.DaysDelinquent = t.SecurityDeposit, t.CurrentBalance, t.DaysDelinquent
			e.Billed, e.Collected = t.Billed, t.Collected
		}
		entries[i] = e
	}
	for _, i := range told {
		f.AddErr("tenancies["+strconv.Itoa(i)+"].unit_id", ErrRentRollUnit)
	}
	return entries, f.Err()
}

// RentRollOn reads the rent roll closed for a day, with its metrics. It returns
// [ErrRentRollNotFound] when none was closed.
func (s *Service) RentRollOn(ctx context.Context, db bun.IDB, v id.Of[properties.Property], asOf date.Date) (*RentRoll, error) {
	entries, err := rentRoll.All(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("rr.property_id = ?", v).Where("rr.as_of_date = ?", asOf).OrderExpr("rr.id")
	})
	if err != nil {
		return nil, err
	}
	if len(entries) == 0 {
		return nil, ErrRentRollNotFound
	}
	m, err := RentRollMetrics(asOf, rollUnits(entries))
	if err != nil {
		return nil, err
	}
	return &RentRoll{AsOf: asOf, Entries: entries, Metrics: m}, nil
}

// LatestRentRoll reads the last rent roll closed on or before a day. It returns
// [ErrRentRollNotFound] when there is none.
func (s *Service) LatestRentRoll(ctx context.Context, db bun.IDB, v id.Of[properties.Property], until date.Date) (*RentRoll, error) {
	last, err := rentRoll.One(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("rr.property_id = ?", v).Where("rr.as_of_date <= ?", until).OrderExpr("rr.as_of_date DESC")
	})
	if err != nil {
		return nil, err
	}
	return s.RentRollOn(ctx, db, v, last.AsOfDate)
}

func rollUnits(entries []RentRollEntry) []RollUnit {
	units := make([]RollUnit, len(entries))
	for i := range entries {
		units[i] = entries[i].RollUnit()
	}
	return units
}
