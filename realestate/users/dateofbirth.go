package users

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/vault"
)

// The conditions of dates of birth.
var (
	// ErrNoDateOfBirth: the profile holds no date of birth.
	ErrNoDateOfBirth = fault.New(fault.NotFound, "date_of_birth_not_found", "the profile holds no date of birth")
)

// DateOfBirth opens the date of birth of a user's profile. To whom it may be shown,
// and the record of that, is the caller's matter. It returns [ErrProfileNotFound],
// [ErrNoDateOfBirth], or what [vault.Vault.Open] returns.
func (s *Service) DateOfBirth(ctx context.Context, db bun.IDB, user id.Of[auth.User]) (date.Date, error) {
	p, err := s.Profile(ctx, db, user)
	if err != nil {
		return date.Date{}, err
	}
	if p.DateOfBirth == nil {
		return date.Date{}, ErrNoDateOfBirth
	}
	return s.openBirth(p)
}

func (s *Service) openBirth(p *Profile) (date.Date, error) {
	plain, err := s.vault.Open(p.birthPlace(), p.DateOfBirth.Reveal())
	if err != nil {
		return date.Date{}, err
	}
	d, err := date.Parse(plain)
	if err != nil {
		return date.Date{}, vault.ErrSealed
	}
	return d, nil
}

func (pr *Profile) birthPlace() vault.Place {
	return birthColumn.Place(pr.ID.String(), pr.UserID.String())
}

// sealBirth writes what p says of the date of birth. What the profile holds already
// stays sealed as it is.
func (s *Service) sealBirth(pr *Profile, p SaveProfileParams) error {
	d := p.DateOfBirth
	switch {
	case d == nil:
		return nil
	case d.IsZero():
		pr.DateOfBirth = nil
		return nil
	case pr.DateOfBirth != nil:
		if held, err := s.openBirth(pr); err == nil && held == *d {
			return nil
		}
	}
	sealed, err := s.vault.Seal(pr.birthPlace(), d.String())
	if err == nil {
		pr.DateOfBirth = auth.NewSecret(sealed).Ptr()
	}
	return err
}
