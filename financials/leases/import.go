package leases

import (
	"cmp"
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// ImportRentRollParams is a rent roll of another system that is turned into leases.
type ImportRentRollParams struct {
	IdempotencyKey string
	PropertyID     id.Of[properties.Property]
	AsOf           date.Date
	Tenancies      []financials.Tenancy
	Conditions     Conditions // of all leases
	ActorID        id.Of[auth.User]
}

// RentRollImported says that a reported rent roll was turned into leases.
type RentRollImported struct {
	AsOf    date.Date        `json:"as_of"`
	Leases  int              `json:"leases"`
	ActorID id.Of[auth.User] `json:"actor_id"`
}

// EventType names the event.
func (RentRollImported) EventType() (string, int) { return "leases.rent_roll_imported", 1 }

// Imported is what an import made.
type Imported struct {
	Leases []Lease `json:"leases"` // of the occupied units, in the order of the tenancies
}

// ImportRentRoll turns a rent roll of another system into leases: a tenant and a lease
// for each occupied unit, from the start that is told (the move-in, or the day of the
// roll, where none is) to its end; one that has ended goes on month to month. What the
// tenant owes is an opening charge, due as many days before the roll as it is late; what
// they paid ahead is an opening credit, and the deposit an opening deposit. From then on
// the property's occupancy rests on its leases. A roll that should stay as reported is
// closed in [financials.Service.CloseRentRoll] instead. One event tells of all of them.
//
// It locks the property. It returns [ErrLeaseOverlap] where a unit has a lease and
// properties.ErrUnitNotFound for one of another property, or all field errors at once,
// under "tenancies[i]". The same key and request
// again return the leases as they are then.
func (s *Leases) ImportRentRoll(ctx context.Context, db bun.IDB, p ImportRentRollParams) (*Imported, error) {
	if err := p.validate(s.days()); err != nil {
		return nil, err
	}
	k := store.Keyed[properties.Property]{Scope: s.scope, Verb: "leases.import_rent_roll", Params: p, Kind: aggregateProperty, Result: p.PropertyID}
	replay := func(ctx context.Context, tx bun.IDB, _ id.Of[properties.Property]) (*Imported, error) {
		list, err := leases.All(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.Where("le.property_id = ?", p.PropertyID).Where("le.reference = ?", p.reference()).OrderExpr("le.id")
		})
		return &Imported{list}, err
	}
	return store.RunOnce(ctx, db, k, replay, func(tx bun.IDB) (*Imported, error) {
		if _, err := s.properties.LockProperty(ctx, tx, p.PropertyID); err != nil {
			return nil, err
		}
		if err := s.acts(ctx, tx, VerbImportRentRoll, p.ActorID, matter{property: p.PropertyID}); err != nil {
			return nil, err
		}
		out, opening, err := s.bringIn(ctx, tx, &p)
		if err != nil {
			return nil, err
		}
		if len(opening) > 0 {
			if err := s.postDays(ctx, tx, p.PropertyID, p.ActorID, "Opening balances of "+p.AsOf.String(), opening); err != nil {
				return nil, err
			}
		}
		return out, s.hooks.Emit(ctx, tx, s.now(), store.Event(aggregateProperty, p.PropertyID, RentRollImported{p.AsOf, len(out.Leases), p.ActorID}))
	})
}

func (p *ImportRentRollParams) reference() string { return "rent roll of " + p.AsOf.String() }

func (p *ImportRentRollParams) validate(days check.Days) error {
	var f check.Fields
	f.Given("property_id", p.PropertyID)
	f.GivenHappened("as_of", p.AsOf, days)
	f.Given("actor_id", p.ActorID)
	f.AddErr("conditions", p.Conditions.validate())
	f.Some("tenancies", len(p.Tenancies))
	seen := map[id.Of[properties.Unit]]bool{}
	for i := range p.Tenancies {
		t, at := &p.Tenancies[i], "tenancies["+itoa(i)+"]."
		f.Given(at+"unit_id", t.UnitID)
		f.Check(!seen[t.UnitID], at+"unit_id", check.Duplicate, "each unit once")
		seen[t.UnitID] = true
		check.One(&f, at+"status", t.Status)
		f.Text(at+"tenant_name", t.TenantName, 255)
		f.Count(at+"days_delinquent", &t.DaysDelinquent)
		f.Check(t.DaysDelinquent <= 36500, at+"days_delinquent", check.OutOfRange, "a number of days within a hundred years")
		f.Amount(at+"monthly_rent", t.MonthlyRent)
		f.Amount(at+"security_deposit", t.SecurityDeposit)
		f.Day(at+"lease_start", t.LeaseStart)
		f.Day(at+"lease_end", t.LeaseEnd)
		f.Day(at+"move_in", t.MoveIn)
		f.Day(at+"notice_date", t.NoticeDate)
		f.Happened(at+"notice_date", t.NoticeDate, days)
		f.Check(!t.Status.Occupied() || t.MonthlyRent != nil, at+"monthly_rent", check.Required, "an occupied unit has a rent")
		if start := p.start(t); t.Status.Occupied() && start.After(p.AsOf) {
			f.Add(at+"lease_start", check.Disordered, "the lease of an occupied unit has begun by the day of the roll")
		}
		if t.LeaseEnd != nil && t.LeaseEnd.Before(p.start(t)) {
			f.AddErr(at[:len(at)-1], ErrTermDates.On("lease_end"))
		}
	}
	return f.Err()
}

// start is the day from which a tenancy counts.
func (p *ImportRentRollParams) start(t *financials.Tenancy) date.Date {
	switch {
	case t.LeaseStart != nil:
		return *t.LeaseStart
	case t.MoveIn != nil:
		return *t.MoveIn
	}
	return p.AsOf
}

// bringIn writes the tenants and leases of a roll, a statement for each table, and returns
// them with their opening entries.
func (s *Leases) bringIn(ctx context.Context, tx bun.IDB, p *ImportRentRollParams) (*Imported, []Entry, error) {
	var units []id.Of[properties.Unit]
	if err := store.Read(ctx, tx, tx.NewRaw("SELECT id FROM properties.units WHERE property_id = ?", p.PropertyID), &units); err != nil {
		return nil, nil, store.Err(err, constraints)
	}
	here := make(map[id.Of[properties.Unit]]bool, len(units))
	for _, u := range units {
		here[u] = true
	}
	book, err := s.bookOf(ctx, tx, p.PropertyID)
	if err != nil {
		return nil, nil, err
	}
	out, w := &Imported{}, writes{by: p.ActorID, at: s.now()}
	var people []Tenant
	var list []*amendment
	var places []string
	var opening []Entry
	for i := range p.Tenancies {
		t, at := &p.Tenancies[i], "tenancies["+itoa(i)+"]"
		if !t.Status.Occupied() {
			continue
		}
		if !here[t.UnitID] {
			return nil, nil, under(properties.ErrUnitNotFound.On("unit_id"), at)
		}
		tenant := Tenant{ID: id.New[Tenant](), Kind: TenantPerson, Name: cmp.Or(t.TenantName, "not told"), Version: 1, CreatedAt: w.at, UpdatedAt: w.at}
		a, err := s.tenancy(p, t, tenant.ID, book)
		if err != nil {
			return nil, nil, under(err, at)
		}
		people, list, places, out.Leases = append(people, tenant), append(list, a), append(places, at), append(out.Leases, *a.lease)
		opening = append(opening, s.openings(p, t, a.lease)...)
		w.add(a, &Agreement{})
	}
	if len(list) == 0 {
		return out, nil, nil
	}
	if n, err := s.free(ctx, tx, list); err != nil {
		return nil, nil, under(err, places[n])
	}
	if err := tenants.InsertAll(ctx, tx, people); err != nil {
		return nil, nil, err
	}
	if err := leases.InsertAll(ctx, tx, out.Leases); err != nil {
		return nil, nil, err
	}
	if err := w.save(ctx, tx); err != nil {
		return nil, nil, err
	}
	return out, opening, s.project(ctx, tx, p.PropertyID, nil)
}

// tenancy is the lease that a tenancy of the roll is turned into.
func (s *Leases) tenancy(p *ImportRentRollParams, t *financials.Tenancy, tenant id.Of[Tenant], book id.Of[ledger.Book]) (*amendment, error) {
	start := p.start(t)
	sign := SignLeaseParams{UnitID: t.UnitID, Reference: p.reference(), Parties: []PartyParams{{TenantID: tenant}}, StartsOn: start, EndsOn: t.LeaseEnd,
		Rent: []RentStep{{start, *t.MonthlyRent}}, Conditions: p.Conditions, ActorID: p.ActorID}
	sign.MonthToMonth = t.LeaseEnd != nil && t.LeaseEnd.Before(p.AsOf)
	if t.MoveIn != nil && t.MoveIn.After(start) {
		sign.MovedInOn = t.MoveIn
	}
	if err := sign.validate(s.days()); err != nil {
		return nil, err
	}
	a := s.signed(sign, p.PropertyID, book)
	if t.Status == properties.OccupancyNotice {
		a.last().NoticeOn = t.NoticeDate
	}
	return a, a.settle()
}

// openings are the entries that a tenancy begins with.
func (s *Leases) openings(p *ImportRentRollParams, t *financials.Tenancy, l *Lease) (list []Entry) {
	if b := given(t.CurrentBalance); b.Sign() > 0 {
		list = append(list, s.charged(l, EntryCharge, ChargeOpening, b, p.AsOf.AddDays(-t.DaysDelinquent), "opening balance"))
	} else if b.Sign() < 0 {
		list = append(list, s.charged(l, EntryCredit, ChargeOpening, b.Neg(), p.AsOf, "opening balance"))
	}
	if d := given(t.SecurityDeposit); d.Sign() > 0 {
		list = append(list, s.charged(l, EntryDeposit, ChargeOpening, d, p.AsOf, "opening deposit"))
	}
	return list
}

// under puts the field of an error below a place.
func under(err error, at string) error {
	var f fault.Fields
	f.AddErr(at, err)
	if fault.KindOf(err) == "" {
		return err
	}
	return f.Err()
}
