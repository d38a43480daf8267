package users

import (
	"context"
	"errors"
	"net/url"
	"reflect"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/internal/text"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/vault"
)

// InvestmentRange is how much an investor likes to put into one deal. A nil
// bound is open.
type InvestmentRange struct {
	Min *money.Amount
	Max *money.Amount
}

// SaveProfileParams says what to change in a user's profile. A nil field is
// left as it is; an empty text or list clears it.
type SaveProfileParams struct {
	UserID  id.Of[auth.User]
	Version int64 // when set, the version the change was made from

	FirstName, LastName, DisplayName, AvatarURL, Bio, Headline, Company, Position *string
	LocationCity, LocationState, LocationCountry, Timezone                        *string
	LinkedInURL, WebsiteURL, Phone                                                *string

	DateOfBirth *date.Date // sealed by the service's vault; a zero date clears it

	InvestmentInterests []string
	SectorsOfInterest   []string
	InvestmentRange     *InvestmentRange
	RiskTolerance       *RiskTolerance
	InvestmentHorizon   *Horizon

	ProfileVisibility                     *Visibility
	ShowEmail, ShowPhone, ShowInvestments *bool
}

// The longest bio, and the most and longest entries of a list, in characters.
const (
	maxBio  = 5000
	maxTags = 50
	maxTag  = 100
)

// ProfileSaved says that a user's profile is new or changed; never to what.
type ProfileSaved struct {
	UserID  id.Of[auth.User] `json:"user_id"`
	Version int64            `json:"version"`
}

// EventType names the event.
func (ProfileSaved) EventType() (string, int) { return "users.profile_saved", 1 }

// isURL reports whether s is an absolute web address, which a page may link to.
func isURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil
}

// check reports every bad field.
func (p *SaveProfileParams) check(now time.Time) error {
	var f check.Fields
	f.Given("user_id", p.UserID)
	for _, t := range []struct {
		field string
		value *string
		limit int
	}{
		{"first_name", p.FirstName, 100}, {"last_name", p.LastName, 100}, {"display_name", p.DisplayName, 200},
		{"avatar_url", p.AvatarURL, 500}, {"headline", p.Headline, 200}, {"company", p.Company, 200},
		{"position", p.Position, 200}, {"location_city", p.LocationCity, 100}, {"location_state", p.LocationState, 50},
		{"location_country", p.LocationCountry, 50}, {"timezone", p.Timezone, 50}, {"linkedin_url", p.LinkedInURL, 200},
		{"website_url", p.WebsiteURL, 200}, {"phone", p.Phone, 20},
	} {
		text.Line(&f.Fields, t.field, t.value, t.limit)
	}
	text.Block(&f.Fields, "bio", p.Bio, maxBio)
	for _, u := range []struct {
		field string
		value *string
	}{{"linkedin_url", p.LinkedInURL}, {"website_url", p.WebsiteURL}} {
		f.Check(u.value == nil || *u.value == "" || isURL(*u.value), u.field, check.BadURL, "an address that begins with https:// or http://")
	}
	avatar := p.AvatarURL // may be an address within the host
	f.Check(avatar == nil || *avatar == "" || isURL(*avatar) || strings.HasPrefix(*avatar, "/"), "avatar_url", check.BadURL, "an address that begins with https://, http:// or /")
	text.Lines(&f.Fields, "investment_interests", p.InvestmentInterests, maxTags, maxTag)
	text.Lines(&f.Fields, "sectors_of_interest", p.SectorsOfInterest, maxTags, maxTag)
	if d := p.DateOfBirth; d != nil && !d.IsZero() {
		f.Check(d.Year() >= 1900 && !d.After(date.Of(now)), "date_of_birth", check.OutOfRange, "a day from 1900 to today")
	}
	if r := p.InvestmentRange; r != nil {
		f.Check(r.Min == nil || r.Min.Sign() >= 0, "investment_range.min", check.OutOfRange, "an amount of zero or more")
		f.Check(r.Max == nil || r.Max.Sign() >= 0, "investment_range.max", check.OutOfRange, "an amount of zero or more")
		if r.Min != nil && r.Max != nil && r.Max.Less(*r.Min) {
			f.AddErr("", ErrInvestmentRange)
		}
	}
	f.Check(p.RiskTolerance == nil || *p.RiskTolerance == "" || p.RiskTolerance.Valid(), "risk_tolerance", check.NotAllowed, "conservative, moderate or aggressive")
	f.Check(p.InvestmentHorizon == nil || *p.InvestmentHorizon == "" || p.InvestmentHorizon.Valid(), "investment_horizon", check.NotAllowed, "short, medium or long")
	check.Enum(&f, "profile_visibility", p.ProfileVisibility)
	return f.Err()
}

// SaveProfile makes a user's profile, or changes the one there is. It locks the
// profile; saving what is stored already writes nothing. It returns field
// errors, [vault.ErrNoVault] for a date of birth without a vault, store.ErrStale's code
// version_stale when p.Version is not the stored one, auth.ErrUserDeleted, or
// reference_not_found when there is no such user.
func (s *Service) SaveProfile(ctx context.Context, db bun.IDB, p SaveProfileParams) (*Profile, error) {
	now := s.now()
	if err := p.check(now); err != nil {
		return nil, err
	}
	if p.DateOfBirth != nil && !p.DateOfBirth.IsZero() && s.vault == nil {
		return nil, vault.ErrNoVault
	}
	var out *Profile
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		if err := present(ctx, tx, p.UserID); err != nil {
			return err
		}
		old, err := lockProfile(ctx, tx, p.UserID)
		if errors.Is(err, ErrProfileNotFound) && p.Version == 0 {
			out = &Profile{
				ID: id.New[Profile](), UserID: p.UserID, ProfileVisibility: VisibilityPublic,
				Version: 1, CreatedAt: now, UpdatedAt: now,
			}
			if err = s.sealBirth(out, p); err != nil {
				return err
			}
			out.apply(p, now)
			var made bool
			if made, err = insertProfile(ctx, tx, out); err != nil {
				return err
			}
			if made {
				return s.hooks.Emit(ctx, tx, now, store.Event(aggregateProfile, out.ID, ProfileSaved{out.UserID, out.Version}))
			}
			old, err = lockProfile(ctx, tx, p.UserID)
		}
		if err != nil {
			return err
		}
		if p.Version != 0 && p.Version != old.Version {
			return store.ErrStale
		}
		out, err = s.changeProfile(ctx, tx, old, p, now)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// changeProfile writes what p changes in old, whose row is locked.
func (s *Service) changeProfile(ctx context.Context, tx bun.IDB, old *Profile, p SaveProfileParams, now time.Time) (*Profile, error) {
	changed := *old
	if err := s.sealBirth(&changed, p); err != nil {
		return nil, err
	}
	changed.apply(p, now)
	if reflect.DeepEqual(&changed, old) {
		return old, nil
	}
	changed.Version = old.Version + 1 // the row is locked
	if err := profiles.Update(ctx, tx, &changed, profileColumns...); err != nil {
		return nil, err
	}
	out, err := profiles.OneParams(ctx, tx, "pf.id = $1", old.ID.String()) // the database keeps updated_at
	if err != nil {
		return nil, err
	}
	return out, s.hooks.Emit(ctx, tx, now, store.Event(aggregateProfile, out.ID, ProfileSaved{out.UserID, out.Version}))
}

// apply writes what p sets into the profile and keeps its completion.
func (pr *Profile) apply(p SaveProfileParams, now time.Time) {
	set(&pr.FirstName, p.FirstName)
	set(&pr.LastName, p.LastName)
	set(&pr.DisplayName, p.DisplayName)
	set(&pr.AvatarURL, p.AvatarURL)
	set(&pr.Bio, p.Bio)
	set(&pr.Headline, p.Headline)
	set(&pr.Company, p.Company)
	set(&pr.Position, p.Position)
	set(&pr.LocationCity, p.LocationCity)
	set(&pr.LocationState, p.LocationState)
	set(&pr.LocationCountry, p.LocationCountry)
	set(&pr.Timezone, p.Timezone)
	set(&pr.LinkedInURL, p.LinkedInURL)
	set(&pr.WebsiteURL, p.WebsiteURL)
	set(&pr.Phone, p.Phone)
	set(&pr.RiskTolerance, p.RiskTolerance)
	set(&pr.InvestmentHorizon, p.InvestmentHorizon)
	setList(&pr.InvestmentInterests, p.InvestmentInterests)
	setList(&pr.SectorsOfInterest, p.SectorsOfInterest)
	if r := p.InvestmentRange; r != nil {
		pr.InvestmentRangeMin, pr.InvestmentRangeMax = r.Min, r.Max
	}
	if p.ProfileVisibility != nil {
		pr.ProfileVisibility = *p.ProfileVisibility
	}
	for _, b := range []struct{ to, from *bool }{
		{&pr.ShowEmail, p.ShowEmail}, {&pr.ShowPhone, p.ShowPhone}, {&pr.ShowInvestments, p.ShowInvestments},
	} {
		if b.from != nil {
			*b.to = *b.from
		}
	}
	pr.ProfileCompletionScore = pr.completion()
	if pr.ProfileCompletionScore == 100 && pr.ProfileCompletedAt == nil {
		pr.ProfileCompletedAt = &now
	}
}

// completion is the share of the ten things a host asks for, in percent.
func (pr *Profile) completion() int {
	score := 0
	for _, have := range []bool{
		pr.FirstName != nil, pr.LastName != nil, pr.Headline != nil || pr.Bio != nil, pr.Phone != nil,
		pr.LocationCountry != nil, pr.Timezone != nil, len(pr.InvestmentInterests) > 0,
		pr.InvestmentRangeMin != nil || pr.InvestmentRangeMax != nil, pr.RiskTolerance != nil, pr.InvestmentHorizon != nil,
	} {
		if have {
			score += 10
		}
	}
	return score
}

// set changes *to unless from is nil; an empty text clears it.
func set[T ~string](to **T, from *T) {
	switch {
	case from == nil:
	case *from == "":
		*to = nil
	default:
		v := *from
		*to = &v
	}
}

// setList changes *to unless from is nil; an empty list clears it.
func setList(to *[]string, from []string) {
	switch {
	case from == nil:
	case len(from) == 0:
		*to = nil
	default:
		*to = append([]string(nil), from...)
	}
}
