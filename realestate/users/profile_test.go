package users

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

func TestSaveProfile(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), service()
	user := person(t, tx)

	_, err := svc.Profile(ctx, tx, user)
	require.ErrorIs(t, err, ErrProfileNotFound)

	made, err := svc.SaveProfile(ctx, tx, SaveProfileParams{
		UserID: user, FirstName: ptr("Ada"), LastName: ptr("Lovelace"), Bio: ptr("counts"),
		InvestmentInterests: []string{"multi,family", `"quoted"`}, ShowEmail: ptr(true),
		InvestmentRange: &InvestmentRange{Min: ptr(money.MustParse("25000.00"))},
		RiskTolerance:   ptr(RiskModerate), DateOfBirth: ptr(date.MustParse("1815-12-10").AddDays(365 * 100)),
	})
	require.NoError(t, err)
	require.Equal(t, int64(1), made.Version)
	require.Equal(t, "Ada Lovelace", made.Name())
	require.Equal(t, VisibilityPublic, made.ProfileVisibility)

	got, err := svc.Profile(ctx, tx, user)
	require.NoError(t, err)
	require.Equal(t, []string{"multi,family", `"quoted"`}, got.InvestmentInterests)
	require.Equal(t, "25000.00", got.InvestmentRangeMin.String())
	require.Regexp(t, `^fv1\.a\.`, got.DateOfBirth.Reveal(), "sealed")
	born, err := svc.DateOfBirth(ctx, tx, user)
	require.NoError(t, err)
	require.Equal(t, date.MustParse("1815-12-10").AddDays(365*100), born)
	require.True(t, got.ShowEmail)
	require.Equal(t, 60, got.ProfileCompletionScore, "names, bio, interests, range, risk")

	changed, err := svc.SaveProfile(ctx, tx, SaveProfileParams{
		UserID: user, Version: 1, Bio: ptr(""), InvestmentInterests: []string{}, DateOfBirth: &date.Date{},
		RiskTolerance: ptr(RiskTolerance("")), ShowEmail: ptr(false), DisplayName: ptr("Ada L."),
	})
	require.NoError(t, err)
	require.Equal(t, int64(2), changed.Version)
	require.True(t, changed.UpdatedAt.After(made.UpdatedAt))
	require.Nil(t, changed.Bio, "an empty text clears")
	require.Nil(t, changed.InvestmentInterests, "an empty list clears")
	require.Nil(t, changed.DateOfBirth)
	require.Nil(t, changed.RiskTolerance)
	require.False(t, changed.ShowEmail)
	require.Equal(t, "Ada", *changed.FirstName, "what is not named stays")
	require.Equal(t, "Ada L.", changed.Name())
	require.Equal(t, 30, changed.ProfileCompletionScore)
}

// Saving what is stored already writes nothing: no new version, no new time.
func TestSaveProfile_unchanged(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), service()
	p := SaveProfileParams{
		UserID: person(t, tx), FirstName: ptr("Ada"), SectorsOfInterest: []string{"a"},
		InvestmentRange: &InvestmentRange{Max: ptr(money.MustParse("1.00"))}, DateOfBirth: ptr(date.MustParse("1970-01-01")),
	}
	first, err := svc.SaveProfile(ctx, tx, p)
	require.NoError(t, err)
	first, err = svc.Profile(ctx, tx, first.UserID)
	require.NoError(t, err)
	second, err := svc.SaveProfile(ctx, tx, p)
	require.NoError(t, err)
	require.Equal(t, first, second)
}

func TestSaveProfile_staleVersion(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), service()
	user := person(t, tx)
	_, err := svc.SaveProfile(ctx, tx, SaveProfileParams{UserID: user, Version: 3})
	require.ErrorIs(t, err, ErrProfileNotFound, "a version names a profile that exists")
	_, err = svc.SaveProfile(ctx, tx, SaveProfileParams{UserID: user, FirstName: ptr("A")})
	require.NoError(t, err)
	_, err = svc.SaveProfile(ctx, tx, SaveProfileParams{UserID: user, FirstName: ptr("B"), Version: 7})
	require.ErrorIs(t, err, store.ErrStale)
}

func TestSaveProfile_noUser(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	_, err := service().SaveProfile(t.Context(), tx, SaveProfileParams{UserID: id.New[auth.User]()})
	require.ErrorIs(t, err, store.ErrReference)
	require.Equal(t, "user_id", fault.FieldErrors(err)[0].Field)
}

func TestSaveProfile_reportsEveryField(t *testing.T) {
	t.Parallel()
	_, err := service().SaveProfile(t.Context(), pgtest.Tx(t), SaveProfileParams{
		FirstName: ptr(strings.Repeat("é", 101)), Phone: ptr(strings.Repeat("1", 21)),
		InvestmentRange:   &InvestmentRange{Min: ptr(money.MustParse("2.00")), Max: ptr(money.MustParse("-1.00"))},
		RiskTolerance:     ptr(RiskTolerance("reckless")),
		InvestmentHorizon: ptr(Horizon("eternal")), ProfileVisibility: ptr(Visibility("")),
	})
	var fields []string
	for _, e := range fault.FieldErrors(err) {
		fields = append(fields, e.Field)
	}
	require.Equal(t, []string{
		"user_id", "first_name", "phone", "investment_range.max", "investment_range",
		"risk_tolerance", "investment_horizon", "profile_visibility",
	}, fields)
}

// A limit in characters is the column's: the longest text that passes the check
// is stored.
func TestSaveProfile_longest(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	long := func(n int) *string { return ptr(strings.Repeat("é", n)) }
	link := func(n int) *string { return ptr("https://e.com/" + strings.Repeat("é", n-14)) }
	_, err := service().SaveProfile(t.Context(), tx, SaveProfileParams{
		UserID: person(t, tx), FirstName: long(100), LastName: long(100), DisplayName: long(200), AvatarURL: link(500),
		Bio: long(5000), Headline: long(200), Company: long(200), Position: long(200), LocationCity: long(100),
		LocationState: long(50), LocationCountry: long(50), Timezone: long(50), LinkedInURL: link(200),
		WebsiteURL: link(200), Phone: long(20),
	})
	require.NoError(t, err)
}

// Eight first saves at once make one profile, and none of them is lost.
func TestSaveProfile_concurrentFirst(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), service()
	user := person(t, db)
	fields := []func(*SaveProfileParams){
		func(p *SaveProfileParams) { p.FirstName = ptr("Ada") },
		func(p *SaveProfileParams) { p.LastName = ptr("Lovelace") },
		func(p *SaveProfileParams) { p.Headline = ptr("h") },
		func(p *SaveProfileParams) { p.Phone = ptr("1") },
		func(p *SaveProfileParams) { p.LocationCountry = ptr("USA") },
		func(p *SaveProfileParams) { p.Timezone = ptr("UTC") },
		func(p *SaveProfileParams) { p.RiskTolerance = ptr(RiskAggressive) },
		func(p *SaveProfileParams) { p.InvestmentHorizon = ptr(HorizonLong) },
	}
	var wg sync.WaitGroup
	errs := make([]error, len(fields))
	for i, f := range fields {
		wg.Go(func() {
			p := SaveProfileParams{UserID: user}
			f(&p)
			_, errs[i] = svc.SaveProfile(ctx, db, p)
		})
	}
	wg.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	got, err := svc.Profile(ctx, db, user)
	require.NoError(t, err)
	require.Equal(t, 80, got.ProfileCompletionScore, "all eight are there")
	require.Equal(t, int64(8), got.Version)
}

func TestProfile_completedOnce(t *testing.T) {
	t.Parallel()
	var pr Profile
	p := SaveProfileParams{
		FirstName: ptr("A"), LastName: ptr("L"), Bio: ptr("b"), Phone: ptr("1"), LocationCountry: ptr("USA"),
		Timezone: ptr("UTC"), InvestmentInterests: []string{"x"}, InvestmentRange: &InvestmentRange{Min: ptr(money.MustParse("1.00"))},
		RiskTolerance: ptr(RiskModerate), InvestmentHorizon: ptr(HorizonShort),
	}
	pr.apply(p, base)
	require.Equal(t, 100, pr.ProfileCompletionScore)
	require.Equal(t, base, *pr.ProfileCompletedAt)
	pr.apply(SaveProfileParams{Bio: ptr("")}, base.Add(time.Hour))
	require.Equal(t, 90, pr.ProfileCompletionScore)
	pr.apply(p, base.Add(2*time.Hour))
	require.Equal(t, base, *pr.ProfileCompletedAt, "the first time counts")
}

func TestProfile_name(t *testing.T) {
	t.Parallel()
	require.Empty(t, (&Profile{}).Name())
	require.Equal(t, "Ada", (&Profile{FirstName: ptr("Ada")}).Name())
	require.Equal(t, "Lovelace", (&Profile{LastName: ptr("Lovelace")}).Name())
}
