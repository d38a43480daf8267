package events

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/reseal"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/vault"
)

// maxPasscode is how long a passcode may be, in characters.
const maxPasscode = 100

// passcodes are sealed for their event.
var passcodes = reseal.Column{Table: "events.events", Name: "virtual_passcode", Owner: "id"}

func (e *Event) passcodePlace() vault.Place { return passcodes.Place(e.ID.String(), e.ID.String()) }

// sealPasscode puts a passcode into an event, sealed.
func (s *Service) sealPasscode(e *Event, clear *auth.Secret) error {
	if clear == nil {
		return nil
	}
	sealed, err := s.vault.Seal(e.passcodePlace(), clear.Reveal())
	if err != nil {
		return err
	}
	e.VirtualPasscode = auth.NewSecret(sealed).Ptr()
	return nil
}

// RevealPasscode opens the passcode of a virtual event; the zero secret is none.
// It returns [ErrEventNotFound], [vault.ErrNoVault], and the vault's errors when
// the value was not sealed by it for this event.
func (s *Service) RevealPasscode(ctx context.Context, db bun.IDB, event id.Of[Event]) (auth.Secret, error) {
	e, err := events.Get(ctx, db, event)
	if err != nil || e.VirtualPasscode == nil {
		return auth.Secret{}, err
	}
	clear, err := s.vault.Open(e.passcodePlace(), e.VirtualPasscode.Reveal())
	return auth.NewSecret(clear), err
}
