package realestate_test

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
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

// matrix is the reads that take a viewer, each of which TestAccessMatrix holds against
// every viewer.
var matrix = []string{"Profiles.ViewProfile", "Documents.AccessLog", "Signatures.Certificate", "Documents.Document", "Documents.Documents", "Signatures.Envelope",
	"Signatures.Envelopes", "Documents.Folders", "Documents.Links", "Documents.OpenDocument", "Signatures.RenderCertificate", "Documents.Shares", "Documents.SignDownload",
	"Signatures.VerifySignatures"}

// viewers lists the methods of the services whose parameters name a viewer.
func viewers(services any) (out []string) {
	v := reflect.ValueOf(services).Elem()
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if !f.IsExported() || f.Type.Kind() != reflect.Pointer {
			continue
		}
		for j := range f.Type.NumMethod() {
			m := f.Type.Method(j)
			for k := range m.Type.NumIn() {
				in := m.Type.In(k)
				if in.Kind() == reflect.Pointer {
					in = in.Elem()
				}
				if k == 0 || in.Kind() != reflect.Struct {
					continue
				}
				for _, field := range reflect.VisibleFields(in) {
					if strings.HasPrefix(field.Name, "Viewer") && field.IsExported() {
						out = append(out, f.Name+"."+m.Name)
					}
				}
			}
		}
	}
	return out
}

// seeing is a service with a read that is in no matrix.
type seeing struct{ Things *things }

type things struct{}

type seeParams struct{ ViewerID id.Of[auth.User] }

func (*things) See(context.Context, bun.IDB, *seeParams) error { return nil }

// A read with a viewer has its row in the matrix; a new one without fails here.
func TestAccessMatrix_complete(t *testing.T) {
	t.Parallel()
	require.ElementsMatch(t, matrix, viewers(platformWithVault(t)))
	require.Equal(t, []string{"Things.See"}, viewers(&seeing{}), "one that is new is found")
	// A viewer as a parameter by itself has no name that reflection sees: the sources do.
	files, err := filepath.Glob("../*/*.go")
	require.NoError(t, err)
	deeper, err := filepath.Glob("../*/*/*.go")
	require.NoError(t, err)
	bare, read := regexp.MustCompile(`(?m)^func \([^)]*\) [A-Z]\w*\([^)]*\bviewer\b`), 0
	for _, name := range append(files, deeper...) {
		if strings.HasSuffix(name, "_test.go") || strings.Contains(name, "internal") {
			continue
		}
		src, err := os.ReadFile(name)
		require.NoError(t, err)
		require.False(t, bare.Match(src), "%s: a viewer is a field of the read's Params, ViewerID", name)
		read++
	}
	require.Greater(t, read, 300)
	require.True(t, bare.MatchString("func (s *Things) Thing(ctx context.Context, db bun.IDB, viewer id.Of[auth.User]) error {"))
}

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
			cells += w.Check(t, accesstest.Read{Name: "Profiles.ViewProfile " + string(visible), Marks: marks, Sees: sees,
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
