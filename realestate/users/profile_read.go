package users

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/vault"
)

// Profile returns a user's profile as the user sees it, or [ErrProfileNotFound].
func (s *Service) Profile(ctx context.Context, db bun.IDB, user id.Of[auth.User]) (*Profile, error) {
	if user.IsZero() {
		return nil, ErrProfileNotFound
	}
	return profiles.OneParams(ctx, db, "pf.user_id = $1", user.String())
}

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
