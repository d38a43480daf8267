package payables

import (
	"cmp"
	"context"
	"reflect"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// The conditions of vendors.
var (
	// ErrVendorNotFound: there is no such vendor.
	ErrVendorNotFound = fault.New(fault.NotFound, "vendor_not_found", "there is no such vendor")
	// ErrVendorExists: another vendor has this id.
	ErrVendorExists = fault.New(fault.Conflict, "vendor_exists", "another vendor has this id").On("id")
	// ErrVendorErased: the vendor's data were erased.
	ErrVendorErased = fault.New(fault.Illegal, "vendor_erased", "the vendor's data were erased")
	// ErrVendorOpen: the vendor has a bill that is not settled, or a repair to do.
	ErrVendorOpen = fault.New(fault.Illegal, "vendor_open", "the vendor has a bill that is not settled, or a repair to do")
)

// The kinds of aggregate that events are about.
const (
	aggregateVendor  = "vendor"
	aggregateBill    = "bill"
	aggregateRequest = "maintenance_request"
)

// VendorKind says whether a vendor is a person or a company.
type VendorKind string

// The kinds of vendor.
const (
	VendorPerson  VendorKind = "person"
	VendorCompany VendorKind = "company"
)

// Valid reports whether k is one of the kinds.
func (k VendorKind) Valid() bool { return k == VendorPerson || k == VendorCompany }

// Vendor is a person or a company that properties buy from. Name, email, phone, address
// and the tax id are personal data.
type Vendor struct {
	bun.BaseModel `bun:"table:financials.vendors,alias:vn" json:"-"`

	ID         id.Of[Vendor]     `bun:"id,pk" json:"id"`
	Kind       VendorKind        `bun:"kind" json:"kind"`
	Name       string            `bun:"name" json:"name"`
	Email      *string           `bun:"email" json:"email"`
	Phone      *string           `bun:"phone" json:"phone"`
	Address    *string           `bun:"address" json:"address"`
	UserID     *id.Of[auth.User] `bun:"user_id" json:"user_id"`
	Reported   bool              `bun:"reported" json:"reported"` // on form 1099
	TaxID      *auth.Secret      `bun:"tax_id" json:"tax_id"`     // ciphertext, never printed
	TaxIDIndex []byte            `bun:"tax_id_index" json:"tax_id_index"`
	TaxIDLast4 *string           `bun:"tax_id_last4" json:"tax_id_last4"`
	ErasedAt   *time.Time        `bun:"erased_at" json:"erased_at"`
	Version    int64             `bun:"version" json:"version"`
	CreatedAt  time.Time         `bun:"created_at" json:"created_at"`
	UpdatedAt  time.Time         `bun:"updated_at" json:"updated_at"`
}

// vendors is the repository of Vendor rows, by name.
var vendors = store.Repo[Vendor]{
	NotFound:    ErrVendorNotFound,
	Constraints: constraints,
	Sort: store.Sort[Vendor]{
		Columns: []store.Column{{Name: "name", Type: "text"}, {Name: "id", Type: "uuid"}},
		Key:     func(v *Vendor) []string { return []string{v.Name, v.ID.String()} },
	},
}

// VendorAdded says that a vendor is on record.
type VendorAdded struct {
	Kind     VendorKind       `json:"kind"`
	Reported bool             `json:"reported"`
	ActorID  id.Of[auth.User] `json:"actor_id"`
}

// EventType names the event.
func (VendorAdded) EventType() (string, int) { return "payables.vendor_added", 1 }

// VendorUpdated says that facts of a vendor were changed, its tax id among them.
type VendorUpdated struct {
	Version int64            `json:"version"`
	ActorID id.Of[auth.User] `json:"actor_id"`
}

// EventType names the event.
func (VendorUpdated) EventType() (string, int) { return "payables.vendor_updated", 1 }

// VendorErased says that a vendor's data are gone.
type VendorErased struct {
	ActorID id.Of[auth.User] `json:"actor_id"`
}

// EventType names the event.
func (VendorErased) EventType() (string, int) { return "payables.vendor_erased", 1 }

// AddVendorParams is a vendor to put on record.
type AddVendorParams struct {
	ID       id.Of[Vendor] // zero makes a new one
	Kind     VendorKind    // "" is a company
	Name     string
	Email    *string
	Phone    *string
	Address  *string
	UserID   *id.Of[auth.User] // the vendor's own account, where they have one
	Reported bool              // what is paid to them is told on form 1099
	ActorID  id.Of[auth.User]
}

// AddVendor puts a vendor on record. It returns [ErrVendorExists], [auth.ErrActorInactive]
// or the field errors of p; the same id and params again return the vendor as they are
// then.
func (s *Service) AddVendor(ctx context.Context, db bun.IDB, p AddVendorParams) (*Vendor, error) {
	now := s.now()
	v := &Vendor{ID: p.ID.OrNew(), Kind: cmp.Or(p.Kind, VendorCompany), Name: p.Name, Email: p.Email, Phone: p.Phone, Address: p.Address, UserID: p.UserID,
		Reported: p.Reported, Version: 1, CreatedAt: now, UpdatedAt: now}
	if err := v.validate(); err != nil {
		return nil, err
	}
	c := store.Creation[Vendor]{Scope: s.scope, Verb: "payables.add_vendor", Params: p, Chosen: p.ID, Kind: aggregateVendor, Rows: vendors, Taken: ErrVendorExists}
	return store.CreateOnce(ctx, db, c, func(tx bun.IDB) (*Vendor, error) {
		if err := s.acts(ctx, tx, VerbAddVendor, p.ActorID, id.Of[properties.Property]{}, id.Of[Vendor]{}); err != nil {
			return nil, err
		}
		if err := vendors.Insert(ctx, tx, v); err != nil {
			return nil, err
		}
		return v, s.hooks.Emit(ctx, tx, now, store.Event(aggregateVendor, v.ID, VendorAdded{v.Kind, v.Reported, p.ActorID}))
	})
}

func (v *Vendor) validate() error {
	var f check.Fields
	check.One(&f, "kind", v.Kind)
	f.Required("name", v.Name, 255)
	check.OptionalText(&f, "email", v.Email, 255)
	check.OptionalText(&f, "phone", v.Phone, 50)
	check.OptionalText(&f, "address", v.Address, check.Long)
	f.Check(v.UserID == nil || !v.UserID.IsZero(), "user_id", check.Required, "leave it out or name one")
	return f.Err()
}

// UpdateVendorParams changes the facts of a vendor that are not nil.
type UpdateVendorParams struct {
	ID       id.Of[Vendor]
	Version  int64 // the version that the caller read
	Kind     *VendorKind
	Name     *string
	Email    *string // "" removes it
	Phone    *string // "" removes it
	Address  *string // "" removes it
	UserID   *id.Of[auth.User]
	Reported *bool
	ActorID  id.Of[auth.User]
}

// UpdateVendor changes facts of a vendor. An update that changes nothing writes nothing. It
// returns [ErrVendorNotFound], [store.ErrStale], [ErrVendorErased],
// [auth.ErrActorInactive] or the field errors.
func (s *Service) UpdateVendor(ctx context.Context, db bun.IDB, p UpdateVendorParams) (*Vendor, error) {
	return s.vendor(ctx, db, VerbUpdateVendor, p.ID, p.ActorID, func(_ bun.IDB, v *Vendor) (bool, error) {
		switch {
		case v.Version != p.Version:
			return false, store.ErrStale
		case v.ErasedAt != nil:
			return false, ErrVendorErased
		}
		was := *v
		if p.Kind != nil {
			v.Kind = *p.Kind
		}
		if p.Name != nil {
			v.Name = *p.Name
		}
		if p.Email != nil {
			v.Email = store.Optional(*p.Email)
		}
		if p.Phone != nil {
			v.Phone = store.Optional(*p.Phone)
		}
		if p.Address != nil {
			v.Address = store.Optional(*p.Address)
		}
		if p.UserID != nil {
			v.UserID = p.UserID
		}
		if p.Reported != nil {
			v.Reported = *p.Reported
		}
		return !reflect.DeepEqual(*v, was), v.validate()
	})
}

// vendor runs a decision on a locked vendor, and stores what it made of it where it says
// that it changed something.
func (s *Service) vendor(ctx context.Context, db bun.IDB, verb Verb, vendor id.Of[Vendor], actor id.Of[auth.User],
	decide func(tx bun.IDB, v *Vendor) (bool, error)) (*Vendor, error) {
	if actor.IsZero() {
		return nil, ErrActorRequired
	}
	var v *Vendor
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		if v, err = vendors.Lock(ctx, tx, vendor); err != nil {
			return err
		}
		if err := s.acts(ctx, tx, verb, actor, id.Of[properties.Property]{}, v.ID); err != nil {
			return err
		}
		changed, err := decide(tx, v)
		if err != nil || !changed {
			return err
		}
		v.Version++
		err = vendors.Save(ctx, tx, v, &v.UpdatedAt, "kind", "name", "email", "phone", "address", "user_id", "reported", "tax_id", "tax_id_index",
			"tax_id_last4", "erased_at", "version")
		if err != nil {
			return err
		}
		var told store.Payload = VendorUpdated{v.Version, actor}
		if verb == VerbEraseVendor {
			told = VendorErased{actor}
		}
		return s.hooks.Emit(ctx, tx, s.now(), store.Event(aggregateVendor, v.ID, told))
	})
	if err != nil {
		return nil, err
	}
	return v, nil
}

// EraseVendorParams names a vendor to be erased.
type EraseVendorParams struct {
	VendorID id.Of[Vendor]
	ActorID  id.Of[auth.User]
}

// EraseVendor takes a vendor's name, email, phone, address and tax id out; bills and
// payments stay. A vendor with a user account is erased with the user too
// (freehold.erase_person). Erasing again changes nothing. It returns [ErrVendorOpen] while
// a bill of theirs is not settled or a repair waits for them, [auth.ErrActorInactive] or
// [ErrVendorNotFound]. Totals of a year that are still to be told on form 1099 are the
// caller's to keep first.
func (s *Service) EraseVendor(ctx context.Context, db bun.IDB, p EraseVendorParams) (*Vendor, error) {
	return s.vendor(ctx, db, VerbEraseVendor, p.VendorID, p.ActorID, func(tx bun.IDB, v *Vendor) (bool, error) {
		if v.ErasedAt != nil {
			return false, nil
		}
		open, err := obligations(ctx, tx, "v.id = ?0", v.ID)
		if err != nil {
			return false, err
		}
		if open.Any() {
			return false, ErrVendorOpen
		}
		now := s.now()
		v.Name, v.Email, v.Phone, v.Address, v.TaxID, v.TaxIDIndex, v.TaxIDLast4, v.ErasedAt = "erased", nil, nil, nil, nil, nil, nil, &now
		return true, nil
	})
}

// Vendor reads a vendor. It returns [ErrVendorNotFound].
func (s *Service) Vendor(ctx context.Context, db bun.IDB, vendor id.Of[Vendor]) (*Vendor, error) {
	return vendors.Get(ctx, db, vendor)
}

// VendorFilter narrows a list of vendors; the zero value takes all.
type VendorFilter struct {
	UserID   *id.Of[auth.User]
	Reported *bool
}

// Vendors lists vendors by name, a page at a time.
func (s *Service) Vendors(ctx context.Context, db bun.IDB, f VendorFilter, r page.Request) (page.Page[Vendor], error) {
	return vendors.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery {
		if f.UserID != nil {
			q = q.Where("vn.user_id = ?", *f.UserID)
		}
		if f.Reported != nil {
			q = q.Where("vn.reported = ?", *f.Reported)
		}
		return q
	})
}
