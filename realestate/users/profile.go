package users

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// RiskTolerance is how much risk an investor likes to take.
type RiskTolerance string

// The degrees of risk tolerance.
const (
	RiskConservative RiskTolerance = "conservative"
	RiskModerate     RiskTolerance = "moderate"
	RiskAggressive   RiskTolerance = "aggressive"
)

// The conditions of profiles.
var (
	// ErrProfileNotFound: the user has no profile.
	ErrProfileNotFound = fault.New(fault.NotFound, "profile_not_found", "the user has no profile")
	// ErrInvestmentRange: the range ends below its beginning.
	ErrInvestmentRange = fault.New(fault.Invalid, fault.CodeInverted, "the maximum is below the minimum").On("investment_range")
)

// profiles is the repository of Profile rows.
var profiles = store.Repo[Profile]{NotFound: ErrProfileNotFound, Constraints: constraints}

// profileColumns are the columns that saving a profile may change.
var profileColumns = []string{
	"first_name", "last_name", "display_name", "avatar_url", "bio", "headline", "company", "position",
	"location_city", "location_state", "location_country", "timezone", "linkedin_url", "website_url",
	"phone", "date_of_birth", "investment_interests", "investment_range_min", "investment_range_max",
	"risk_tolerance", "investment_horizon", "sectors_of_interest", "profile_visibility", "show_email",
	"show_phone", "show_investments", "profile_completed_at", "profile_completion_score", "version",
}

// Valid reports whether r is one of the degrees.
func (r RiskTolerance) Valid() bool {
	switch r {
	case RiskConservative, RiskModerate, RiskAggressive:
		return true
	}
	return false
}

// Horizon is how long an investor likes to stay invested.
type Horizon string

// The horizons.
const (
	HorizonShort  Horizon = "short"
	HorizonMedium Horizon = "medium"
	HorizonLong   Horizon = "long"
)

// Valid reports whether h is one of the horizons.
func (h Horizon) Valid() bool {
	switch h {
	case HorizonShort, HorizonMedium, HorizonLong:
		return true
	}
	return false
}

// Visibility says who sees a profile.
type Visibility string

// The visibilities.
const (
	VisibilityPublic      Visibility = "public"
	VisibilityConnections Visibility = "connections"
	VisibilityPrivate     Visibility = "private"
)

// Valid reports whether v is one of the visibilities.
func (v Visibility) Valid() bool {
	switch v {
	case VisibilityPublic, VisibilityConnections, VisibilityPrivate:
		return true
	}
	return false
}

// Profile is what users show of themselves and how they like to invest; a user has
// at most one.
type Profile struct {
	bun.BaseModel `bun:"table:users.profiles,alias:pf" json:"-"`

	ID              id.Of[Profile]   `bun:"id,pk" json:"id"`
	UserID          id.Of[auth.User] `bun:"user_id" json:"user_id"`
	FirstName       *string          `bun:"first_name" json:"first_name"`
	LastName        *string          `bun:"last_name" json:"last_name"`
	DisplayName     *string          `bun:"display_name" json:"display_name"`
	AvatarURL       *string          `bun:"avatar_url" json:"avatar_url"`
	Bio             *string          `bun:"bio" json:"bio"`
	Headline        *string          `bun:"headline" json:"headline"`
	Company         *string          `bun:"company" json:"company"`
	Position        *string          `bun:"position" json:"position"`
	LocationCity    *string          `bun:"location_city" json:"location_city"`
	LocationState   *string          `bun:"location_state" json:"location_state"`
	LocationCountry *string          `bun:"location_country" json:"location_country"`
	Timezone        *string          `bun:"timezone" json:"timezone"` // an IANA name
	LinkedInURL     *string          `bun:"linkedin_url" json:"linked_in_url"`
	WebsiteURL      *string          `bun:"website_url" json:"website_url"`
	Phone           *string          `bun:"phone" json:"phone"`
	DateOfBirth     *auth.Secret     `bun:"date_of_birth" json:"date_of_birth"` // sealed; see [Service.DateOfBirth]

	InvestmentInterests []string       `bun:"investment_interests,array" json:"investment_interests"`
	InvestmentRangeMin  *money.Amount  `bun:"investment_range_min" json:"investment_range_min"`
	InvestmentRangeMax  *money.Amount  `bun:"investment_range_max" json:"investment_range_max"`
	RiskTolerance       *RiskTolerance `bun:"risk_tolerance" json:"risk_tolerance"`
	InvestmentHorizon   *Horizon       `bun:"investment_horizon" json:"investment_horizon"`
	SectorsOfInterest   []string       `bun:"sectors_of_interest,array" json:"sectors_of_interest"`

	ProfileVisibility Visibility `bun:"profile_visibility" json:"profile_visibility"`
	ShowEmail         bool       `bun:"show_email" json:"show_email"`
	ShowPhone         bool       `bun:"show_phone" json:"show_phone"`
	ShowInvestments   bool       `bun:"show_investments" json:"show_investments"`

	ProfileCompletedAt     *time.Time `bun:"profile_completed_at" json:"profile_completed_at"`
	ProfileCompletionScore int        `bun:"profile_completion_score" json:"profile_completion_score"` // 0 to 100
	Version                int64      `bun:"version" json:"version"`
	CreatedAt              time.Time  `bun:"created_at" json:"created_at"`
	UpdatedAt              time.Time  `bun:"updated_at" json:"updated_at"`
}

// Name returns the name to call the user by: the display name, else first and
// last name, else "".
func (p *Profile) Name() string {
	if p.DisplayName != nil && *p.DisplayName != "" {
		return *p.DisplayName
	}
	var first, last string
	if p.FirstName != nil {
		first = *p.FirstName
	}
	if p.LastName != nil {
		last = *p.LastName
	}
	if first != "" && last != "" {
		return first + " " + last
	}
	return first + last
}

// insertProfile reports false when the user got a profile meanwhile.
func insertProfile(ctx context.Context, tx bun.IDB, p *Profile) (bool, error) {
	return profiles.InsertParams(ctx, tx, p, "ON CONFLICT (user_id) DO NOTHING")
}

func lockProfile(ctx context.Context, tx bun.IDB, user id.Of[auth.User]) (*Profile, error) {
	return profiles.OneParams(ctx, tx, "pf.user_id = $1 FOR NO KEY UPDATE", user.String())
}
