package leases

import (
	"cmp"
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// PartyParams is a tenant or a guarantor of a lease.
type PartyParams struct {
	TenantID id.Of[Tenant]
	Role     Role       // "" is a tenant
	From     *date.Date // nil is the start of the lease
	To       *date.Date // nil is its end
}

// SignLeaseParams is a lease that was signed.
type SignLeaseParams struct {
	ID           id.Of[Lease] // zero makes a new one
	UnitID       id.Of[properties.Unit]
	Kind         Kind   // "" is residential
	Reference    string // what the host or another system calls it; at most 100 characters
	Parties      []PartyParams
	StartsOn     date.Date
	EndsOn       *date.Date // nil is month to month
	MonthToMonth bool       // it goes on after EndsOn until notice is given
	MovedInOn    *date.Date // nil is StartsOn
	Rent         []RentStep // the first from StartsOn
	Charges      []ChargeParams
	Conditions   Conditions
	ActorID      id.Of[auth.User]
}

// LeaseSigned says that a unit is let from a day on.
type LeaseSigned struct {
	PropertyID id.Of[properties.Property] `json:"property_id"`
	UnitID     id.Of[properties.Unit]     `json:"unit_id"`
	Kind       Kind                       `json:"kind"`
	StartsOn   date.Date                  `json:"starts_on"`
	EndsOn     *date.Date                 `json:"ends_on,omitempty"`
	SignedBy   id.Of[auth.User]           `json:"signed_by"`
}

// EventType names the event.
func (LeaseSigned) EventType() (string, int) { return "leases.lease_signed", 1 }

// SignLease puts a lease on record: of today, of the past or of the future beside the
// present one. The unit must have no other lease on any of its days: one that goes on
// month to month without notice has them all. The property's book gets the accounts
// that leases need, and is opened where there is none.
//
// It locks the property and the unit. It returns [ErrLeaseOverlap], [ErrLeaseExists],
// [ErrTenantNotFound], properties.ErrUnitNotFound or all field errors at once. The same id
// and params again return the lease as it is then.
func (s *Leases) SignLease(ctx context.Context, db bun.IDB, p SignLeaseParams) (*Lease, error) {
	if err := p.validate(s.days()); err != nil {
		return nil, err
	}
	c := store.Creation[Lease]{Scope: s.scope, Verb: "leases.sign_lease", Params: p, Chosen: p.ID, Kind: aggregateLease, Rows: leases, Taken: ErrLeaseExists}
	return store.CreateOnce(ctx, db, c, func(tx bun.IDB) (*Lease, error) { return s.sign(ctx, tx, p) })
}

func (p *SignLeaseParams) validate(days check.Days) error {
	var f check.Fields
	f.Given("unit_id", p.UnitID)
	f.GivenWithin("starts_on", p.StartsOn, days)
	f.Day("ends_on", p.EndsOn)
	f.Day("moved_in_on", p.MovedInOn)
	f.Text("reference", p.Reference, 100)
	f.Given("actor_id", p.ActorID)
	if p.Kind != "" {
		check.One(&f, "kind", p.Kind)
	}
	if p.EndsOn != nil && p.EndsOn.Before(p.StartsOn) {
		f.AddErr("", ErrTermDates.On("ends_on"))
	}
	if p.MovedInOn != nil && p.MovedInOn.Before(p.StartsOn) {
		f.AddErr("", ErrTermDates.On("moved_in_on"))
	}
	rents := false
	for i := range p.Parties {
		party := &p.Parties[i]
		rents = rents || party.Role != RoleGuarantor
		validateParty(&f, "parties["+itoa(i)+"].", party)
	}
	if !rents {
		f.AddErr("", ErrNoTenant)
	}
	validateSteps(&f, p.Rent, p.StartsOn)
	for i := range p.Charges {
		c, at := &p.Charges[i], "charges["+itoa(i)+"]."
		c.validate(&f, at)
		f.Check(c.Kind != ChargeRent || c.Once, at+"kind", check.NotAllowed, "the rent has its own steps")
		twice := slices.ContainsFunc(p.Charges[:i], func(o ChargeParams) bool { return o.meets(c) })
		f.Check(!twice, at+"from", check.Duplicate, "another charge of this kind stands on these days")
	}
	f.AddErr("conditions", p.Conditions.validate())
	return f.Err()
}

func validateParty(f *check.Fields, at string, p *PartyParams) {
	f.Given(at+"tenant_id", p.TenantID)
	if p.Role != "" {
		check.One(f, at+"role", p.Role)
	}
	f.Day(at+"from", p.From)
	f.Day(at+"to", p.To)
	f.Check(p.From == nil || p.To == nil || !p.To.Before(*p.From), at+"to", check.Inverted, "the last day is before the first")
}

// sign records a lease under the locks of its property and unit.
func (s *Leases) sign(ctx context.Context, tx bun.IDB, p SignLeaseParams) (*Lease, error) {
	u, err := s.properties.LockUnit(ctx, tx, p.UnitID)
	if fault.CodeOf(err) == properties.ErrUnitNotFound.Code {
		return nil, properties.ErrUnitNotFound.On("unit_id")
	}
	if err != nil {
		return nil, err
	}
	if err := s.acts(ctx, tx, VerbSignLease, p.ActorID, matter{property: u.PropertyID, tenants: p.Parties}); err != nil {
		return nil, err
	}
	book, err := s.bookOf(ctx, tx, u.PropertyID)
	if err != nil {
		return nil, err
	}
	if _, err := s.chartOf(ctx, tx, book); err != nil {
		return nil, err
	}
	a := s.signed(p, u.PropertyID, book)
	if err := leases.Insert(ctx, tx, a.lease); err != nil {
		return nil, err
	}
	if _, err := s.record(ctx, tx, a, &Agreement{}, p.ActorID); err != nil {
		return nil, err
	}
	return a.lease, nil
}

// signed is the lease that p makes, and what it says.
func (s *Leases) signed(p SignLeaseParams, property id.Of[properties.Property], book id.Of[ledger.Book]) *amendment {
	now := s.now()
	l := &Lease{ID: p.ID.OrNew(), PropertyID: property, UnitID: p.UnitID, BookID: book, Kind: cmp.Or(p.Kind, Residential), Reference: store.Optional(p.Reference),
		Version: 1, CreatedAt: now, UpdatedAt: now}
	a := &amendment{lease: l, days: s.days(), reason: ReasonSigned, event: LeaseSigned{l.PropertyID, l.UnitID, l.Kind, p.StartsOn, p.EndsOn, p.ActorID}}
	a.terms = []Term{{Number: 1, StartsOn: p.StartsOn, EndsOn: p.EndsOn, MonthToMonth: p.MonthToMonth || p.EndsOn == nil, MovedInOn: p.MovedInOn, Conditions: p.Conditions}}
	for i := range p.Parties {
		a.party(&p.Parties[i])
	}
	a.steps(p.Rent)
	for i := range p.Charges {
		a.charge(p.Charges[i], nil)
	}
	return a
}

// party adds a party.
func (a *amendment) party(p *PartyParams) {
	a.parties = append(a.parties, Party{ID: id.New[Party](), TenantID: p.TenantID, Role: cmp.Or(p.Role, RoleTenant), StartsOn: p.From, EndsOn: p.To})
}

// RenewLeaseParams is a new term for the tenants of a lease.
type RenewLeaseParams struct {
	LeaseID      id.Of[Lease]
	StartsOn     date.Date
	EndsOn       *date.Date // nil is month to month
	MonthToMonth bool
	Rent         []RentStep  // the first from StartsOn
	Conditions   *Conditions // nil is those of the term before
	ActorID      id.Of[auth.User]
}

// LeaseRenewed says that a lease has another term.
type LeaseRenewed struct {
	Number   int        `json:"number"`
	StartsOn date.Date  `json:"starts_on"`
	EndsOn   *date.Date `json:"ends_on,omitempty"`
}

// EventType names the event.
func (LeaseRenewed) EventType() (string, int) { return "leases.lease_renewed", 1 }

// RenewLease gives a lease another term. It starts on the day after the term before it,
// or later where that goes on month to month. A notice or a termination is void, with its
// fee. Charges
// other than the rent go on as they are scheduled. The same renewal again changes
// nothing.
//
// It locks the property and the unit. It returns [ErrRenewalGap], [ErrLeaseMoved],
// [ErrLeaseOverlap] where the unit is let to others by then, [ErrLeaseCancelled],
// [ErrLeaseNotFound] or the field errors.
func (s *Leases) RenewLease(ctx context.Context, db bun.IDB, p RenewLeaseParams) (*Agreement, error) {
	var f check.Fields
	f.Given("lease_id", p.LeaseID)
	f.GivenWithin("starts_on", p.StartsOn, s.days())
	f.Day("ends_on", p.EndsOn)
	f.Given("actor_id", p.ActorID)
	validateSteps(&f, p.Rent, p.StartsOn)
	if p.EndsOn != nil && p.EndsOn.Before(p.StartsOn) {
		f.AddErr("", ErrTermDates.On("ends_on"))
	}
	if p.Conditions != nil {
		f.AddErr("conditions", p.Conditions.validate())
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	return s.amend(ctx, db, VerbRenewLease, p.LeaseID, p.ActorID, func(a *amendment) error { return a.renew(p) })
}

func (a *amendment) renew(p RenewLeaseParams) error {
	last := a.last()
	open := p.MonthToMonth || p.EndsOn == nil
	switch {
	case last.Number > 1 && last.StartsOn == p.StartsOn && same(last.EndsOn, p.EndsOn) && last.MonthToMonth == open:
		return nil // it was renewed so
	case last.MovedOutOn != nil:
		return ErrLeaseMoved
	case !p.StartsOn.After(last.StartsOn),
		last.EndsOn != nil && p.StartsOn.Before(last.EndsOn.AddDays(1)),
		last.EndsOn != nil && !last.MonthToMonth && p.StartsOn != last.EndsOn.AddDays(1):
		return ErrRenewalGap
	}
	next := Term{Number: last.Number + 1, StartsOn: p.StartsOn, EndsOn: p.EndsOn, MonthToMonth: open, Conditions: last.Conditions}
	if p.Conditions != nil {
		next.Conditions = *p.Conditions
	}
	a.stay(nil)
	a.terms = append(a.terms, next)
	a.steps(p.Rent)
	a.reason = ReasonRenewed
	a.tell(LeaseRenewed{next.Number, next.StartsOn, next.EndsOn})
	return nil
}
