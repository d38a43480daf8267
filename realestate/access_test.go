package realestate_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/accesstest"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/users"
)

// Every read that takes a viewer, by every viewer, shows what it may and nothing
// else.
func TestAccessMatrix(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	p := platformWithVault(t)
	w := accesstest.New(t, db, p)
	_, err := db.NewRaw("UPDATE auth.users SET email = 'mark-email@example.com' WHERE id = ?", w.Subject).Exec(ctx)
	require.NoError(t, err)
	marks := []string{"mark-name", "mark-email", "555-0199", "mark-interest", "1971-02-03"}
	name, contact, invests := marks[:1], marks[1:3], marks[3:4]
	join := func(lists ...[]string) (out []string) {
		for _, l := range lists {
			out = append(out, l...)
		}
		return out
	}
	on, off := true, false
	cells := 0
	for _, show := range []*bool{&off, &on} {
		for _, visible := range []users.Visibility{users.VisibilityPublic, users.VisibilityConnections, users.VisibilityPrivate} {
			_, err := p.Profiles.SaveProfile(ctx, db, users.SaveProfileParams{UserID: w.Subject, DisplayName: text("mark-name"), Phone: text("555-0199"),
				DateOfBirth: date.MustParse("1971-02-03").Ptr(), InvestmentInterests: []string{"mark-interest"}, ProfileVisibility: &visible,
				ShowEmail: show, ShowPhone: show, ShowInvestments: show})
			require.NoError(t, err)
			others := name
			if *show {
				others = join(name, contact, invests)
			}
			all := join(name, contact, invests)
			sees := map[accesstest.Viewer][]string{accesstest.Self: all, accesstest.Sponsor: all}
			if visible != users.VisibilityPrivate {
				sees[accesstest.Connection] = others
			}
			if visible == users.VisibilityPublic {
				sees[accesstest.Stranger], sees[accesstest.Pending], sees[accesstest.Anonymous] = others, others, others
			}
			cells += w.Check(t, accesstest.Read{Name: "profile " + string(visible), Marks: marks, Sees: sees,
				Get: func(ctx context.Context, db bun.IDB, viewer, subject id.Of[auth.User]) (any, error) {
					return p.Profiles.ViewProfile(ctx, db, users.ViewProfileParams{UserID: subject, ViewerID: viewer})
				}})
		}
	}
	require.Equal(t, 60, cells)
	// A suspended user's profile is there for staff only.
	_, err = db.NewRaw("UPDATE auth.users SET status = 'suspended' WHERE id = ?", w.Subject).Exec(ctx)
	require.NoError(t, err)
	_, err = p.Profiles.ViewProfile(ctx, db, users.ViewProfileParams{UserID: w.Subject, ViewerID: w.Who[accesstest.Connection]})
	require.ErrorIs(t, err, users.ErrProfileNotFound)
}
