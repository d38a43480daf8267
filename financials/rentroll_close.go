package financials

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

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

// CloseRentRoll freezes the rent roll of a day: one entry for each unit, with
// the unit's lease, rent, area and occupancy as they are now. A day is closed
// once: the same params again change nothing and bring back the first roll, with
// Unchanged, whatever has become of the units; others are [ErrRentRollClosed].
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
		if out, err = s.closedBefore(ctx, tx, p); err != nil || out != nil {
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

// closedBefore is the roll of the day where the same params have closed it, nil
// where nobody has.
func (s *Service) closedBefore(ctx context.Context, tx bun.IDB, p CloseRentRollParams) (*RentRoll, error) {
	day := store.Command{Verb: "financials.close_rent_roll", Key: p.PropertyID.String() + " " + p.AsOf.String()}
	_, again, err := store.Once(ctx, tx, day, p, "rent_roll", p.PropertyID)
	switch {
	case errors.Is(err, store.ErrKeyReused):
		return nil, ErrRentRollClosed
	case err != nil || !again:
		return nil, err
	}
	roll, err := s.RentRollOn(ctx, tx, p.PropertyID, p.AsOf)
	if err != nil {
		return nil, err
	}
	roll.Unchanged = true
	return roll, nil
}

func (p *CloseRentRollParams) validate(days check.Days) error {
	var f check.Fields
	f.Given("property_id", p.PropertyID)
	f.GivenHappened("as_of", p.AsOf, days)
	for i := range p.Tenancies {
		t, at := &p.Tenancies[i], "tenancies["+strconv.Itoa(i)+"]."
		f.Given(at+"unit_id", t.UnitID)
		f.Text(at+"tenant_name", t.TenantName, 255)
		f.Count(at+"days_delinquent", &t.DaysDelinquent)
		f.Amount(at+"security_deposit", t.SecurityDeposit)
		f.Amount(at+"billed", t.Billed)
		f.Amount(at+"collected", t.Collected)
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

// listed bounds the units that an error names.
const listed = 10

// closable reports why units as they are now do not make a rent roll of a day.
func closable(p *properties.Property, units []properties.Unit, asOf date.Date) error {
	if p.YearBuilt != nil && asOf.Year() < *p.YearBuilt {
		return ErrRentRollUnbuilt.With("in %d", *p.YearBuilt)
	}
	var early, empty []string
	for i := range units {
		u := &units[i]
		if !u.OccupancyStatus.Occupied() {
			continue
		}
		if u.CurrentRent == nil && u.LeaseStart == nil {
			empty = append(empty, u.Number)
		}
		if since := letSince(u); since != nil && since.After(asOf) {
			early = append(early, u.Number)
		}
	}
	switch {
	case len(empty) > 0:
		return ErrRentRollNotLet.With("%s", numbers(empty))
	case len(early) > 0:
		return ErrRentRollEarly.With("%s", numbers(early))
	}
	return nil
}

// letSince is the first day that is known of the tenancy of a unit, or nil.
func letSince(u *properties.Unit) *date.Date {
	if u.MoveIn == nil || u.LeaseStart != nil && u.LeaseStart.Before(*u.MoveIn) {
		return u.LeaseStart
	}
	return u.MoveIn
}

// numbers lists the numbers of units.
func numbers(list []string) string {
	if len(list) > listed {
		return strings.Join(list[:listed], ", ") + " and others"
	}
	return strings.Join(list, ", ")
}
