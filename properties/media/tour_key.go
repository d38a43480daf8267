package media

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/reseal"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/vault"
)

// maxTourKey is how long a vendor's key may be, in characters.
const maxTourKey = 500

// tourKeys are sealed for their tour and its property.
var tourKeys = reseal.Column{Table: "media.virtual_tours", Name: "matterport_sdk_key", Owner: "property_id"}

func (t *VirtualTour) keyPlace() vault.Place {
	return tourKeys.Place(t.ID.String(), t.PropertyID.String())
}

// sealKey seals the key that a new tour brings.
func (s *Service) sealKey(t *VirtualTour) error {
	if t.MatterportSDKKey == nil {
		return nil
	}
	sealed, err := s.vault.Seal(t.keyPlace(), t.MatterportSDKKey.Reveal())
	if err != nil {
		return err
	}
	key := SealedKey(sealed)
	t.MatterportSDKKey = &key
	return nil
}

// RevealTourKey opens the vendor's key of a tour; "" is none. It is a secret: the
// host gives it to the vendor's viewer and to nothing else. It returns
// [ErrTourNotFound], [vault.ErrNoVault], and the vault's errors when the value was
// not sealed by it for this tour.
func (s *Service) RevealTourKey(ctx context.Context, db bun.IDB, v id.Of[VirtualTour]) (string, error) {
	t, err := tours.Get(ctx, db, v)
	if err != nil || t.MatterportSDKKey == nil {
		return "", err
	}
	return s.vault.Open(t.keyPlace(), t.MatterportSDKKey.Reveal())
}
