package users

import (
	"context"
	"errors"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// ProfileView is what one user sees of another's profile. A date of birth is in none.
type ProfileView struct {
	UserID id.Of[auth.User] `json:"user_id"`
	Name   string           `json:"name"`

	AvatarURL       *string `json:"avatar_url,omitempty"`
	Bio             *string `json:"bio,omitempty"`
	Headline        *string `json:"headline,omitempty"`
	Company         *string `json:"company,omitempty"`
	Position        *string `json:"position,omitempty"`
	LocationCity    *string `json:"location_city,omitempty"`
	LocationState   *string `json:"location_state,omitempty"`
	LocationCountry *string `json:"location_country,omitempty"`
	LinkedInURL     *string `json:"linkedin_url,omitempty"`
	WebsiteURL      *string `json:"website_url,omitempty"`

	Email *string `json:"email,omitempty"` // when the user shows it
	Phone *string `json:"phone,omitempty"` // likewise

	// When the user shows how they invest.
	InvestmentInterests []string       `json:"investment_interests,omitempty"`
	SectorsOfInterest   []string       `json:"sectors_of_interest,omitempty"`
	InvestmentRangeMin  *money.Amount  `json:"investment_range_min,omitempty"`
	InvestmentRangeMax  *money.Amount  `json:"investment_range_max,omitempty"`
	RiskTolerance       *RiskTolerance `json:"risk_tolerance,omitempty"`
	InvestmentHorizon   *Horizon       `json:"investment_horizon,omitempty"`
}

// ViewProfileParams says who looks at whose profile.
type ViewProfileParams struct {
	UserID   id.Of[auth.User]
	ViewerID id.Of[auth.User] // zero for anybody who is not signed in
}

// ViewProfile returns what a viewer sees of a user's profile, by the visibility and
// the flags that the user has set:
//
//	visibility    who sees the profile
//	public        everybody, signed in or not
//	connections   those whose connection was accepted
//	private       nobody else
//
// The user themselves sees all of it, and so does who may view profiles by their role
// (see Config.Can). Where one of the two has blocked the other, where the user is
// suspended or deleted, and where the visibility says no, the profile is not there:
// the error is [ErrProfileNotFound], as for a profile that never was. A viewer who is
// suspended or deleted gets auth.ErrActorInactive.
func (s *Service) ViewProfile(ctx context.Context, db bun.IDB, p ViewProfileParams) (*ProfileView, error) {
	var out *ProfileView
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		everything := false
		if !p.ViewerID.IsZero() {
			if err := auth.ActiveViewer(ctx, tx, p.ViewerID); err != nil {
				return err
			}
			var err error
			if everything, err = s.seesAll(ctx, tx, p); err != nil {
				return err
			}
		}
		pr, err := s.Profile(ctx, tx, p.UserID)
		if err != nil {
			return err
		}
		owner, connection, err := standing(ctx, tx, p)
		if err != nil {
			return err
		}
		if !everything && !pr.visible(owner, connection) {
			return ErrProfileNotFound
		}
		out = pr.view(owner, everything)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// seesAll reports whether the viewer is the user, or may view profiles by a role.
func (s *Service) seesAll(ctx context.Context, tx bun.IDB, p ViewProfileParams) (bool, error) {
	if p.ViewerID == p.UserID {
		return true, nil
	}
	if s.can == nil {
		return false, nil
	}
	err := s.can(ctx, tx, p.ViewerID, auth.ActionView, auth.ObjectOf(auth.KindProfile, p.UserID).OwnedBy(p.UserID))
	if errors.Is(err, fault.Forbidden) {
		return false, nil
	}
	return err == nil, err
}

// owner is what a view needs of the user behind a profile.
type owner struct {
	Email  string
	Status auth.Status
}

// standing reads the user behind a profile and the connection with the viewer, "" for
// none.
func standing(ctx context.Context, tx bun.IDB, p ViewProfileParams) (*owner, ConnectionStatus, error) {
	rows, err := store.Rows[struct {
		owner      `bun:",extend"`
		Connection ConnectionStatus
	}](ctx, tx, `SELECT u.email, u.status, coalesce((SELECT c.status FROM users.connections c
			WHERE least(c.requester_id, c.recipient_id) = least(u.id, $2::uuid) AND greatest(c.requester_id, c.recipient_id) = greatest(u.id, $2::uuid)), '') AS connection
		FROM auth.users u WHERE u.id = $1`, p.UserID.String(), p.ViewerID.String())
	if err != nil {
		return nil, "", err
	}
	if len(rows) == 0 {
		return nil, "", ErrProfileNotFound
	}
	return &rows[0].owner, rows[0].Connection, nil
}

// visible reports whether somebody with this connection sees the profile at all.
func (pr *Profile) visible(o *owner, connection ConnectionStatus) bool {
	if o.Status != auth.StatusActive || connection == ConnectionBlocked {
		return false
	}
	switch pr.ProfileVisibility {
	case VisibilityPublic:
		return true
	case VisibilityConnections:
		return connection == ConnectionAccepted
	}
	return false
}

// view is the profile without what the flags hide.
func (pr *Profile) view(o *owner, everything bool) *ProfileView {
	v := &ProfileView{
		UserID: pr.UserID, Name: pr.Name(), AvatarURL: pr.AvatarURL, Bio: pr.Bio, Headline: pr.Headline, Company: pr.Company, Position: pr.Position,
		LocationCity: pr.LocationCity, LocationState: pr.LocationState, LocationCountry: pr.LocationCountry, LinkedInURL: pr.LinkedInURL, WebsiteURL: pr.WebsiteURL,
	}
	if pr.ShowEmail || everything {
		v.Email = &o.Email
	}
	if pr.ShowPhone || everything {
		v.Phone = pr.Phone
	}
	if pr.ShowInvestments || everything {
		v.InvestmentInterests, v.SectorsOfInterest = pr.InvestmentInterests, pr.SectorsOfInterest
		v.InvestmentRangeMin, v.InvestmentRangeMax = pr.InvestmentRangeMin, pr.InvestmentRangeMax
		v.RiskTolerance, v.InvestmentHorizon = pr.RiskTolerance, pr.InvestmentHorizon
	}
	return v
}
