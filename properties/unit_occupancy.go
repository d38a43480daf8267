package properties

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// ErrProjectedUnit: the property has no such unit, or it is listed twice.
var ErrProjectedUnit = fault.New(fault.Invalid, "projected_unit_unknown", "the property has no such unit, or it is listed twice")

// OccupancyProjected says that units of a property were brought in line with their
// leases, or with a reported rent roll.
type OccupancyProjected struct {
	Basis OccupancyBasis `json:"basis"`
	AsOf  date.Date      `json:"as_of"`
	Units int            `json:"units"` // those that changed
}

// EventType names the event.
func (OccupancyProjected) EventType() (string, int) { return "properties.occupancy_projected", 1 }

// UnitOccupancy is what leases or a report say of one unit on a day. What is nil is
// not there.
type UnitOccupancy struct {
	UnitID           id.Of[Unit]     `json:"unit_id"`
	Status           OccupancyStatus `json:"status"`
	Rent             *money.Amount   `json:"rent"` // a month's
	LastRentIncrease *date.Date      `json:"last_rent_increase"`
	LeaseStart       *date.Date      `json:"lease_start"`
	LeaseEnd         *date.Date      `json:"lease_end"`
	MoveIn           *date.Date      `json:"move_in"`
	NoticeDate       *date.Date      `json:"notice_date"`
}

// ProjectOccupancyParams is what leases or a report say of a property's units.
type ProjectOccupancyParams struct {
	PropertyID id.Of[Property]
	Basis      OccupancyBasis
	AsOf       date.Date // the day that it is true of
	Units      []UnitOccupancy
	// Others says that every unit which is not listed is without a tenant.
	Others bool
}

// ProjectOccupancy brings the columns of units that tell of tenancies in line with
// leases, or with a reported rent roll: it is their one writer. The services of leases
// and of rent rolls call it in their verbs. A unit that is being renovated and has no
// tenant stays under renovation. The property's occupancy rate follows. A unit whose
// columns are as told already keeps its version, and moves to the day.
//
// It locks the property and the units that change. It returns [ErrPropertyNotFound],
// or all field errors at once, under "units[i]"; [ErrProjectedUnit] is among them.
func (s *Service) ProjectOccupancy(ctx context.Context, db bun.IDB, p ProjectOccupancyParams) error {
	if err := p.validate(); err != nil {
		return err
	}
	return store.InTx(ctx, db, func(tx bun.IDB) error {
		property, err := lockLive(ctx, tx, p.PropertyID)
		if err != nil {
			return err
		}
		all, err := units.All(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
			q = q.Where("u.property_id = ?", p.PropertyID)
			if !p.Others {
				q = q.Where("u.id IN (?)", bun.List(p.named()))
			}
			return q.OrderExpr("u.id").For("NO KEY UPDATE")
		})
		if err != nil {
			return err
		}
		events, err := p.project(ctx, tx, all)
		if err != nil {
			return err
		}
		if err := rollUp(ctx, tx, property); err != nil || len(events) == 0 {
			return err
		}
		return s.hooks.Emit(ctx, tx, s.now(), events...)
	})
}

// project brings locked units in line and returns what there is to tell. The caller brings
// the property's occupancy rate up to date.
func (p *ProjectOccupancyParams) project(ctx context.Context, tx bun.IDB, rows []Unit) ([]store.Emission, error) {
	changed, confirmed, err := p.apply(rows)
	if err != nil {
		return nil, err
	}
	if err := saveOccupancy(ctx, tx, changed); err != nil {
		return nil, err
	}
	if err := p.confirm(ctx, tx, confirmed); err != nil || len(changed) == 0 {
		return nil, err
	}
	return []store.Emission{store.Event(aggregateProperty, p.PropertyID, OccupancyProjected{p.Basis, p.AsOf, len(changed)})}, nil
}

func (p *ProjectOccupancyParams) validate() error {
	var f check.Fields
	f.Given("property_id", p.PropertyID)
	f.Given("as_of", p.AsOf)
	check.One(&f, "basis", p.Basis)
	f.Check(p.Others || len(p.Units) > 0, "units", check.Required, "at least one is required")
	seen := make(map[id.Of[Unit]]bool, len(p.Units))
	for i := range p.Units {
		u, at := &p.Units[i], fmt.Sprintf("units[%d]", i)
		f.Given(at+".unit_id", u.UnitID)
		if seen[u.UnitID] {
			f.AddErr(at, ErrProjectedUnit)
		}
		seen[u.UnitID] = true
		row := Unit{Number: "-", PropertyID: p.PropertyID}
		u.write(&row, p)
		f.AddErr(at, row.validate())
		f.AddErr(at, row.let())
	}
	return f.Err()
}

func (p *ProjectOccupancyParams) named() []id.Of[Unit] {
	out := make([]id.Of[Unit], len(p.Units))
	for i := range p.Units {
		out[i] = p.Units[i].UnitID
	}
	return out
}

// apply brings the units of all in line and returns those that changed, and those of
// which only the day did.
func (p *ProjectOccupancyParams) apply(all []Unit) (changed, confirmed []Unit, err error) {
	said := make(map[id.Of[Unit]]int, len(p.Units))
	for i := range p.Units {
		said[p.Units[i].UnitID] = i
	}
	for i := range all {
		u := &all[i]
		was, day := u.tenancy(), u.OccupancyAsOf
		told := UnitOccupancy{UnitID: u.ID, Status: OccupancyVacant}
		if n, ok := said[u.ID]; ok {
			told = p.Units[n]
			delete(said, u.ID)
		}
		if told.Status == OccupancyVacant && u.RenovationStatus != nil && *u.RenovationStatus == RenovationInProgress {
			told.Status = OccupancyRenovation
		}
		told.write(u, p)
		switch {
		case u.tenancy() != was:
			u.Version++
			changed = append(changed, *u)
		case day != nil && u.OccupancyAsOf != nil && *day != *u.OccupancyAsOf:
			confirmed = append(confirmed, *u)
		}
	}
	var f fault.Fields
	for _, n := range said {
		f.AddErr(fmt.Sprintf("units[%d]", n), ErrProjectedUnit)
	}
	return changed, confirmed, f.Err()
}

// confirm moves the day of units of which nothing else is new: their versions stay, so that
// who edits one is not disturbed.
func (p *ProjectOccupancyParams) confirm(ctx context.Context, tx bun.IDB, rows []Unit) error {
	if len(rows) == 0 {
		return nil
	}
	_, err := store.ExecParams(ctx, tx, constraints, "UPDATE properties.units SET occupancy_as_of = $2::date WHERE id = ANY ($1::uuid[])",
		store.TextArray(rows, func(u *Unit) string { return u.ID.String() }), p.AsOf.String())
	return err
}

// write puts what is told into a unit.
func (o *UnitOccupancy) write(u *Unit, p *ProjectOccupancyParams) {
	basis, asOf := p.Basis, p.AsOf
	u.OccupancyStatus, u.OccupancyBasis, u.OccupancyAsOf = o.Status, &basis, &asOf
	u.CurrentRent, u.LastRentIncrease, u.LeaseStart, u.LeaseEnd, u.MoveIn, u.NoticeDate = o.Rent, o.LastRentIncrease, o.LeaseStart, o.LeaseEnd, o.MoveIn, o.NoticeDate
	if o.Status == OccupancyUnknown {
		u.OccupancyBasis, u.OccupancyAsOf = nil, nil
	}
}

// tenancy is the projected columns of a unit, to compare; not the day that they are
// confirmed of.
func (u *Unit) tenancy() string {
	day := func(d *date.Date) string {
		if d == nil {
			return ""
		}
		return d.String()
	}
	rent, basis := "", ""
	if u.CurrentRent != nil {
		rent = u.CurrentRent.String()
	}
	if u.OccupancyBasis != nil {
		basis = string(*u.OccupancyBasis)
	}
	return fmt.Sprint(u.OccupancyStatus, basis, " ", rent, " ", day(u.LastRentIncrease), " ", day(u.LeaseStart), " ", day(u.LeaseEnd), " ",
		day(u.MoveIn), " ", day(u.NoticeDate))
}

// saveOccupancy writes the projected columns of units, in one statement.
func saveOccupancy(ctx context.Context, tx bun.IDB, rows []Unit) error {
	if len(rows) == 0 {
		return nil
	}
	list := func(value func(*Unit) string) string { return store.TextArray(rows, value) }
	day := func(of func(*Unit) *date.Date) string {
		return list(func(u *Unit) string {
			if d := of(u); d != nil {
				return d.String()
			}
			return ""
		})
	}
	_, err := store.ExecParams(ctx, tx, constraints, `UPDATE properties.units u SET occupancy_status = r.status, occupancy_basis = r.basis,
			occupancy_as_of = r.as_of::date, current_rent = r.rent::numeric, last_rent_increase = r.raised::date,
			lease_start_date = r.starts::date, lease_end_date = r.ends::date, move_in_date = r.moved::date,
			notice_date = r.noticed::date, version = u.version + 1
		FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[]) -- an empty text is NULL
			AS r (id, status, basis, as_of, rent, raised, starts, ends, moved, noticed) WHERE u.id = r.id`,
		list(func(u *Unit) string { return u.ID.String() }), list(func(u *Unit) string { return string(u.OccupancyStatus) }),
		list(func(u *Unit) string {
			if u.OccupancyBasis == nil {
				return ""
			}
			return string(*u.OccupancyBasis)
		}), day(func(u *Unit) *date.Date { return u.OccupancyAsOf }),
		list(func(u *Unit) string {
			if u.CurrentRent == nil {
				return ""
			}
			return u.CurrentRent.String()
		}), day(func(u *Unit) *date.Date { return u.LastRentIncrease }), day(func(u *Unit) *date.Date { return u.LeaseStart }),
		day(func(u *Unit) *date.Date { return u.LeaseEnd }), day(func(u *Unit) *date.Date { return u.MoveIn }), day(func(u *Unit) *date.Date { return u.NoticeDate }))
	return err
}

// letByLeases makes new units vacant where the occupancy of their property rests on
// leases: then it is known that they have none.
func letByLeases(ctx context.Context, tx bun.IDB, property id.Of[Property], rows []Unit) error {
	if len(rows) == 0 {
		return nil
	}
	others, err := units.All(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("u.property_id = ?", property).Where("u.occupancy_basis = ?", BasisLeases).OrderExpr("u.occupancy_as_of DESC").Limit(1)
	})
	if err != nil || len(others) == 0 {
		return err
	}
	for i := range rows {
		rows[i].OccupancyStatus, rows[i].OccupancyBasis, rows[i].OccupancyAsOf = OccupancyVacant, others[0].OccupancyBasis, others[0].OccupancyAsOf
	}
	return nil
}

// LockUnit locks a unit and, before it, its property until the transaction ends, for
// the verbs of leases. It returns [ErrUnitNotFound] or [ErrPropertyNotFound].
func (s *Service) LockUnit(ctx context.Context, tx bun.IDB, unit id.Of[Unit]) (*Unit, error) {
	_, u, err := lockUnit(ctx, tx, unit)
	return u, err
}
