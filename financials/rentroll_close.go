package financials

import (
	"context"
	"errors"
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

// Tenancy is what another system reports of a unit on a day. Amounts that are nil are
// not known.
type Tenancy struct {
	UnitID          id.Of[properties.Unit]     `json:"unit_id"`
	Status          properties.OccupancyStatus `json:"status"`
	TenantName      string                     `json:"tenant_name"`  // personal data; "" when vacant or not told
	MonthlyRent     *money.Amount              `json:"monthly_rent"` // it counts where the unit is occupied
	LeaseStart      *date.Date                 `json:"lease_start"`
	LeaseEnd        *date.Date                 `json:"lease_end"` // nil is month to month
	MoveIn          *date.Date                 `json:"move_in"`
	NoticeDate      *date.Date                 `json:"notice_date"`
	SecurityDeposit *money.Amount              `json:"security_deposit"`
	CurrentBalance  *money.Amount              `json:"current_balance"` // negative is paid ahead
	DaysDelinquent  int                        `json:"days_delinquent"`
	Billed          *money.Amount              `json:"billed"`
	Collected       *money.Amount              `json:"collected"`
}

// CloseRentRollParams is a rent roll that another system reports. Units that no
// tenancy names are on the roll too, with an occupancy that is unknown.
type CloseRentRollParams struct {
	PropertyID id.Of[properties.Property]
	AsOf       date.Date
	Tenancies  []Tenancy
}

// CloseRentRoll stores the rent roll of a day as another system reports it: one entry
// for each unit of the property, on the basis reported. A property whose leases are
// kept here has rolls of its own (package leases). A day is closed once: the same
// params again change nothing and bring back the first roll, with Unchanged; others
// are [ErrRentRollClosed], and [Service.RestateRentRoll] replaces it.
//
// Where no lease of the property is kept and no later roll was reported, the columns
// of its units follow the report ([properties.Service.ProjectOccupancy]).
//
// It locks the property. The day is not in the future, and not before the property was
// built ([ErrRentRollUnbuilt]). Field errors come back at once, those of tenancies
// under "tenancies[i]"; [ErrRentRollUnit] and [ErrRentRollNotLet] are among them.
func (s *Service) CloseRentRoll(ctx context.Context, db bun.IDB, p CloseRentRollParams) (*RentRoll, error) {
	if err := p.validate(s.days()); err != nil {
		return nil, err
	}
	return s.rolled(ctx, db, p.PropertyID, func(tx bun.IDB, property *properties.Property) (*RentRoll, error) {
		if out, err := s.closedBefore(ctx, tx, p); err != nil || out != nil {
			return out, err
		}
		return s.report(ctx, tx, property, p, 1)
	})
}

// RestateRentRollParams is another report of a day whose rent roll is closed.
type RestateRentRollParams struct {
	PropertyID id.Of[properties.Property]
	AsOf       date.Date
	Tenancies  []Tenancy
	Version    int64 // the version that is in force
}

// RestateRentRoll replaces the reported rent roll of a day by another report. What was
// reported before stays on record ([Service.RentRollVersion]). It locks the property.
// It returns [ErrRentRollNotFound], [ErrStale] where another version is in force,
// [ErrRentRollOther] where the roll rests on leases, and what
// [Service.CloseRentRoll] returns.
func (s *Service) RestateRentRoll(ctx context.Context, db bun.IDB, p RestateRentRollParams) (*RentRoll, error) {
	closing := CloseRentRollParams{PropertyID: p.PropertyID, AsOf: p.AsOf, Tenancies: p.Tenancies}
	if err := closing.validate(s.days()); err != nil {
		return nil, err
	}
	return s.rolled(ctx, db, p.PropertyID, func(tx bun.IDB, property *properties.Property) (*RentRoll, error) {
		was, err := s.RentRollOn(ctx, tx, p.PropertyID, p.AsOf)
		switch {
		case err != nil:
			return nil, err
		case was.Version != p.Version:
			return nil, ErrStale
		case was.Basis != properties.BasisReported:
			return nil, ErrRentRollOther
		}
		return s.report(ctx, tx, property, closing, was.Version+1)
	})
}

// report stores a version of a reported roll and lets the units follow it.
func (s *Service) report(ctx context.Context, tx bun.IDB, property *properties.Property, p CloseRentRollParams, version int64) (*RentRoll, error) {
	if property.YearBuilt != nil && p.AsOf.Year() < *property.YearBuilt {
		return nil, ErrRentRollUnbuilt.With("in %d", *property.YearBuilt)
	}
	var units []properties.Unit
	for u, err := range s.properties.AllUnits(ctx, tx, p.PropertyID, properties.UnitFilter{}) {
		if err != nil {
			return nil, err
		}
		units = append(units, u)
	}
	entries, err := entriesOf(p, units)
	if err != nil {
		return nil, err
	}
	if follows(units, p.AsOf) && len(p.Tenancies) > 0 {
		if err := s.properties.ProjectOccupancy(ctx, tx, projectionOf(p)); err != nil {
			return nil, err
		}
	}
	return s.freeze(ctx, tx, StoreRentRollParams{PropertyID: p.PropertyID, AsOf: p.AsOf, Basis: properties.BasisReported, Version: version, Entries: entries})
}

// follows reports whether the units follow a report of that day: none of them follows
// leases or a later report.
func follows(units []properties.Unit, asOf date.Date) bool {
	for i := range units {
		if b := units[i].OccupancyBasis; b != nil && (*b == properties.BasisLeases || units[i].OccupancyAsOf.After(asOf)) {
			return false
		}
	}
	return true
}

func projectionOf(p CloseRentRollParams) properties.ProjectOccupancyParams {
	out := properties.ProjectOccupancyParams{PropertyID: p.PropertyID, Basis: properties.BasisReported, AsOf: p.AsOf}
	for i := range p.Tenancies {
		t := &p.Tenancies[i]
		u := properties.UnitOccupancy{UnitID: t.UnitID, Status: t.Status}
		if t.Status.Occupied() {
			u.Rent, u.LeaseStart, u.LeaseEnd, u.MoveIn, u.NoticeDate = t.MonthlyRent, t.LeaseStart, t.LeaseEnd, t.MoveIn, t.NoticeDate
		}
		out.Units = append(out.Units, u)
	}
	return out
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
	roll, err := s.RentRollVersion(ctx, tx, p.PropertyID, p.AsOf, 1)
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
	seen := make(map[id.Of[properties.Unit]]bool, len(p.Tenancies))
	for i := range p.Tenancies {
		t, at := &p.Tenancies[i], "tenancies["+strconv.Itoa(i)+"]."
		f.Given(at+"unit_id", t.UnitID)
		if seen[t.UnitID] {
			f.AddErr(at+"unit_id", ErrRentRollUnit)
		}
		seen[t.UnitID] = true
		check.One(&f, at+"status", t.Status)
		f.Text(at+"tenant_name", t.TenantName, 255)
		f.Count(at+"days_delinquent", &t.DaysDelinquent)
		f.Amount(at+"monthly_rent", t.MonthlyRent)
		f.Amount(at+"security_deposit", t.SecurityDeposit)
		f.Amount(at+"billed", t.Billed)
		f.Amount(at+"collected", t.Collected)
		f.Day(at+"lease_start", t.LeaseStart)
		f.Day(at+"lease_end", t.LeaseEnd)
		f.Day(at+"move_in", t.MoveIn)
		f.Day(at+"notice_date", t.NoticeDate)
		if t.LeaseStart != nil && t.LeaseEnd != nil && t.LeaseEnd.Before(*t.LeaseStart) {
			f.AddErr(at[:len(at)-1], ErrLeaseReversed)
		}
		if t.Status.Occupied() && t.MonthlyRent == nil && t.LeaseStart == nil {
			f.AddErr(at[:len(at)-1], ErrRentRollNotLet)
		}
	}
	return f.Err()
}

// entriesOf joins the units and what is reported of them.
func entriesOf(p CloseRentRollParams, units []properties.Unit) ([]RentRollEntry, error) {
	told := make(map[id.Of[properties.Unit]]int, len(p.Tenancies))
	for i, t := range p.Tenancies {
		told[t.UnitID] = i
	}
	entries := make([]RentRollEntry, len(units))
	for i, u := range units {
		e := RentRollEntry{UnitID: u.ID, OccupancyStatus: properties.OccupancyUnknown, MarketRent: u.MarketRent, Sqft: u.Sqft}
		if j, ok := told[u.ID]; ok {
			t := &p.Tenancies[j]
			delete(told, u.ID)
			e.TenantName, e.OccupancyStatus, e.LeaseStart, e.LeaseEnd = store.Optional(t.TenantName), t.Status, t.LeaseStart, t.LeaseEnd
			e.SecurityDeposit, e.CurrentBalance, e.DaysDelinquent = t.SecurityDeposit, t.CurrentBalance, t.DaysDelinquent
			e.Billed, e.Collected = t.Billed, t.Collected
			if t.Status.Occupied() {
				e.MonthlyRent = t.MonthlyRent
			}
		}
		entries[i] = e
	}
	var f fault.Fields
	for _, j := range told {
		f.AddErr("tenancies["+strconv.Itoa(j)+"].unit_id", ErrRentRollUnit)
	}
	return entries, f.Err()
}
