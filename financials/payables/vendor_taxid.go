package payables

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/vault"
)

// The conditions of tax ids.
var (
	// ErrNoVault: the service has no keys to encrypt with.
	ErrNoVault = vault.ErrNoVault
	// ErrTaxID: the text is not a tax id of the United States.
	ErrTaxID = fault.New(fault.Invalid, "vendor_tax_id_malformed", "a tax id has 9 digits").On("tax_id")
	// ErrNoTaxID: the vendor has no tax id.
	ErrNoTaxID = fault.New(fault.NotFound, "vendor_tax_id_not_found", "the vendor has no tax id")
)

// vendorsTable and taxIDColumn are where tax ids are stored.
const (
	vendorsTable = "financials.vendors"
	taxIDColumn  = "tax_id"
)

// SetVendorTaxIDParams is the tax id of a vendor.
type SetVendorTaxIDParams struct {
	VendorID id.Of[Vendor]
	TaxID    auth.Secret // 9 digits; dashes and spaces don't matter
	ActorID  id.Of[auth.User]
}

// SetVendorTaxID stores the tax id of a vendor: encrypted, with a blind index, and its last
// four digits for display. The same tax id again changes nothing. It locks the vendor. It
// returns [ErrTaxID], [ErrNoVault], [ErrVendorErased], [auth.ErrActorInactive] or
// [ErrVendorNotFound].
func (s *Service) SetVendorTaxID(ctx context.Context, db bun.IDB, p SetVendorTaxIDParams) (*Vendor, error) {
	if p.ActorID.IsZero() {
		return nil, ErrActorRequired
	}
	if s.vault == nil {
		return nil, ErrNoVault
	}
	plain := strings.NewReplacer("-", "", " ", "").Replace(p.TaxID.Reveal())
	if len(plain) != 9 || strings.Trim(plain, "0123456789") != "" {
		return nil, ErrTaxID
	}
	return s.vendor(ctx, db, VerbSetVendorTaxID, p.VendorID, p.ActorID, func(_ bun.IDB, v *Vendor) (bool, error) {
		if v.ErasedAt != nil {
			return false, ErrVendorErased
		}
		if v.TaxID != nil {
			if stored, err := s.vault.Open(v.taxIDPlace(), v.TaxID.Reveal()); err == nil && stored == plain {
				return false, nil // run again
			}
		}
		sealed, err := s.vault.Seal(v.taxIDPlace(), plain)
		if err != nil {
			return false, err
		}
		last := plain[5:]
		v.TaxID, v.TaxIDIndex, v.TaxIDLast4 = auth.NewSecret(sealed).Ptr(), s.vault.Index(vendorsTable, taxIDColumn, plain), &last
		return true, nil
	})
}

func (v *Vendor) taxIDPlace() vault.Place {
	return vault.Place{Table: vendorsTable, Column: taxIDColumn, Row: v.ID.String(), Owner: v.ID.String()}
}

// RevealVendorTaxID decrypts the tax id of a vendor, for form 1099. Whom it may be shown
// to, and the record of that, is the caller's matter. It returns [ErrNoTaxID],
// [ErrNoVault], [vault.ErrForged], [vault.ErrUnknownKey] or [ErrVendorNotFound].
func (s *Service) RevealVendorTaxID(ctx context.Context, db bun.IDB, vendor id.Of[Vendor]) (auth.Secret, error) {
	if s.vault == nil {
		return auth.Secret{}, ErrNoVault
	}
	v, err := vendors.Get(ctx, db, vendor)
	if err != nil {
		return auth.Secret{}, err
	}
	if v.TaxID == nil {
		return auth.Secret{}, ErrNoTaxID
	}
	plain, err := s.vault.Open(v.taxIDPlace(), v.TaxID.Reveal())
	return auth.NewSecret(plain), err
}
