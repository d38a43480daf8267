package leases

import (
	"cmp"
	"context"
	"reflect"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// The conditions of tenants.
var (
	// ErrTenantNotFound: there is no such tenant.
	ErrTenantNotFound = fault.New(fault.NotFound, "tenant_not_found", "there is no such tenant")
	// ErrTenantExists: another tenant has this id.
	ErrTenantExists = fault.New(fault.Conflict, "tenant_exists", "another tenant has this id").On("id")
	// ErrTenantLeased: the tenant has a lease that runs or is to begin, so that the
	// name is needed.
	ErrTenantLeased = fault.New(fault.Illegal, "tenant_leased", "the tenant has a lease that has not ended")
	// ErrTenantErased: the tenant's data were erased.
	ErrTenantErased = fault.New(fault.Illegal, "tenant_erased", "the tenant's data were erased")
)

// TenantKind says whether a tenant is a person or a company.
type TenantKind string

// The kinds of tenant.
const (
	TenantPerson  TenantKind = "person"
	TenantCompany TenantKind = "company"
)

// aggregateTenant is what the events of tenants are about.
const aggregateTenant = "tenant"

// Valid reports whether k is one of the kinds.
func (k TenantKind) Valid() bool { return k == TenantPerson || k == TenantCompany }

// Tenant is a person or a company that rents or guarantees. Name, email and phone are
// personal data.
type Tenant struct {
	bun.BaseModel `bun:"table:financials.tenants,alias:tn" json:"-"`

	ID        id.Of[Tenant]     `bun:"id,pk" json:"id"`
	Kind      TenantKind        `bun:"kind" json:"kind"`
	Name      string            `bun:"name" json:"name"`
	Email     *string           `bun:"email" json:"email"`
	Phone     *string           `bun:"phone" json:"phone"`
	UserID    *id.Of[auth.User] `bun:"user_id" json:"user_id"`
	ErasedAt  *time.Time        `bun:"erased_at" json:"erased_at"`
	Version   int64             `bun:"version" json:"version"`
	CreatedAt time.Time         `bun:"created_at" json:"created_at"`
	UpdatedAt time.Time         `bun:"updated_at" json:"updated_at"`
}

// tenants is the repository of Tenant rows, by name.
var tenants = store.Repo[Tenant]{
	NotFound:    ErrTenantNotFound,
	Constraints: constraints,
	Sort: store.Sort[Tenant]{
		Columns: []store.Column{{Name: "name", Type: "text"}, {Name: "id", Type: "uuid"}},
		Key:     func(t *Tenant) []string { return []string{t.Name, t.ID.String()} },
	},
}

// TenantAdded says that a tenant is on record.
type TenantAdded struct {
	Kind TenantKind `json:"kind"`
}

// EventType names the event.
func (TenantAdded) EventType() (string, int) { return "leases.tenant_added", 1 }

// TenantUpdated says that facts of a tenant were changed.
type TenantUpdated struct {
	Version int64 `json:"version"`
}

// EventType names the event.
func (TenantUpdated) EventType() (string, int) { return "leases.tenant_updated", 1 }

// TenantErased says that a tenant's data are gone.
type TenantErased struct {
	ActorID id.Of[auth.User] `json:"actor_id"`
}

// EventType names the event.
func (TenantErased) EventType() (string, int) { return "leases.tenant_erased", 1 }

// AddTenantParams is a tenant to put on record.
type AddTenantParams struct {
	ID     id.Of[Tenant] // zero makes a new one
	Kind   TenantKind    // "" is a person
	Name   string
	Email  *string
	Phone  *string
	UserID *id.Of[auth.User] // the tenant's own account, where they have one
}

// AddTenant puts a tenant on record. It returns [ErrTenantExists] or the field errors
// of p; the same id and params again return the tenant as they are then.
func (s *Leases) AddTenant(ctx context.Context, db bun.IDB, p AddTenantParams) (*Tenant, error) {
	now := s.now()
	t := &Tenant{ID: p.ID.OrNew(), Kind: cmp.Or(p.Kind, TenantPerson), Name: p.Name, Email: p.Email, Phone: p.Phone, UserID: p.UserID, Version: 1, CreatedAt: now, UpdatedAt: now}
	if err := t.validate(); err != nil {
		return nil, err
	}
	c := store.Creation[Tenant]{Scope: s.scope, Verb: "leases.add_tenant", Params: p, Chosen: p.ID, Kind: aggregateTenant, Rows: tenants, Taken: ErrTenantExists}
	return store.CreateOnce(ctx, db, c, func(tx bun.IDB) (*Tenant, error) {
		if _, err := tenants.InsertParams(ctx, tx, t, ""); err != nil {
			return nil, err
		}
		return t, s.hooks.Emit(ctx, tx, now, store.Event(aggregateTenant, t.ID, TenantAdded{t.Kind}))
	})
}

func (t *Tenant) validate() error {
	var f check.Fields
	check.One(&f, "kind", t.Kind)
	f.Required("name", t.Name, 255)
	check.OptionalText(&f, "email", t.Email, 255)
	check.OptionalText(&f, "phone", t.Phone, 50)
	f.Check(t.UserID == nil || !t.UserID.IsZero(), "user_id", check.Required, "leave it out or name one")
	return f.Err()
}

// UpdateTenantParams changes the facts of a tenant that are not nil.
type UpdateTenantParams struct {
	ID      id.Of[Tenant]
	Version int64 // the version that the caller read
	Kind    *TenantKind
	Name    *string
	Email   *string // "" removes it
	Phone   *string // "" removes it
	UserID  *id.Of[auth.User]
}

// UpdateTenant changes facts of a tenant. An update that changes nothing writes nothing.
// It returns [ErrTenantNotFound],
// [store.ErrStale], [ErrTenantErased] or the field errors.
func (s *Leases) UpdateTenant(ctx context.Context, db bun.IDB, p UpdateTenantParams) (*Tenant, error) {
	var t *Tenant
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		if t, err = tenants.Lock(ctx, tx, p.ID); err != nil {
			return err
		}
		switch {
		case t.Version != p.Version:
			return store.ErrStale
		case t.ErasedAt != nil:
			return ErrTenantErased
		}
		was := *t
		if p.Kind != nil {
			t.Kind = *p.Kind
		}
		if p.Name != nil {
			t.Name = *p.Name
		}
		if p.Email != nil {
			t.Email = store.Optional(*p.Email)
		}
		if p.Phone != nil {
			t.Phone = store.Optional(*p.Phone)
		}
		if p.UserID != nil {
			t.UserID = p.UserID
		}
		if err := t.validate(); err != nil || reflect.DeepEqual(*t, was) {
			return err
		}
		t.Version++
		if err := tenants.Save(ctx, tx, t, &t.UpdatedAt, "kind", "name", "email", "phone", "user_id", "version"); err != nil {
			return err
		}
		return s.hooks.Emit(ctx, tx, s.now(), store.Event(aggregateTenant, t.ID, TenantUpdated{t.Version}))
	})
	if err != nil {
		return nil, err
	}
	return t, nil
}

// EraseTenantParams names a tenant to be erased.
type EraseTenantParams struct {
	TenantID id.Of[Tenant]
	ActorID  id.Of[auth.User]
}

// EraseTenant takes a tenant's name, email and phone out of the tenant and out of the
// rent rolls of the days on which they rented, under whatever name they stood there;
// leases and money stay. A tenant with a user account is erased with the
// user too (freehold.erase_person). Erasing again changes nothing. It returns
// [ErrTenantLeased] while a lease of theirs has not ended, or [ErrTenantNotFound].
func (s *Leases) EraseTenant(ctx context.Context, db bun.IDB, p EraseTenantParams) (*Tenant, error) {
	if p.ActorID.IsZero() {
		return nil, ErrActorRequired
	}
	var t *Tenant
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		if t, err = tenants.Lock(ctx, tx, p.TenantID); err != nil || t.ErasedAt != nil {
			return err
		}
		if err := s.acts(ctx, tx, VerbEraseTenant, p.ActorID, matter{}); err != nil {
			return err
		}
		var running bool
		err = store.Read(ctx, tx, tx.NewRaw(`SELECT EXISTS (SELECT 1 FROM financials.lease_parties p JOIN financials.lease_terms t ON t.lease_id = p.lease_id AND t.superseded_at IS NULL
			WHERE p.tenant_id = ? AND p.superseded_at IS NULL AND (t.last_day IS NULL OR t.last_day >= ?))`, t.ID, s.days().Today), &running)
		if err != nil {
			return store.Err(err, constraints)
		}
		if running {
			return ErrTenantLeased
		}
		now := s.now()
		if _, err := store.Write(ctx, tx, tx.NewRaw("SELECT financials.erase_tenant(?, ?)", t.ID, now)); err != nil {
			return store.Err(err, constraints)
		}
		if t, err = tenants.Get(ctx, tx, t.ID); err != nil {
			return err
		}
		return s.hooks.Emit(ctx, tx, now, store.Event(aggregateTenant, t.ID, TenantErased{p.ActorID}))
	})
	if err != nil {
		return nil, err
	}
	return t, nil
}

// Tenant reads a tenant. It returns [ErrTenantNotFound].
func (s *Leases) Tenant(ctx context.Context, db bun.IDB, tenant id.Of[Tenant]) (*Tenant, error) {
	return tenants.Get(ctx, db, tenant)
}

// TenantFilter narrows a list of tenants; the zero value takes all.
type TenantFilter struct {
	LeaseID *id.Of[Lease] // those who are party to it, now
	UserID  *id.Of[auth.User]
}

// Tenants lists tenants by name.
func (s *Leases) Tenants(ctx context.Context, db bun.IDB, f TenantFilter, r page.Request) (page.Page[Tenant], error) {
	return tenants.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery {
		if f.LeaseID != nil {
			q = q.Where("EXISTS (SELECT 1 FROM financials.lease_parties p WHERE p.tenant_id = tn.id AND p.lease_id = ? AND p.superseded_at IS NULL)", *f.LeaseID)
		}
		if f.UserID != nil {
			q = q.Where("tn.user_id = ?", *f.UserID)
		}
		return q
	})
}
