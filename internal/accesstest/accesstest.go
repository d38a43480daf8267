// Package accesstest holds reads that take a viewer against one matrix: what each kind
// of viewer sees of somebody's data, and that they see nothing else. A read that takes
// a viewer adds its row to the test of the facade.
package accesstest

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// Viewer is how somebody stands to the one whose data is read.
type Viewer string

// The viewers.
const (
	Self       Viewer = "self"
	Connection Viewer = "connection" // accepted
	Stranger   Viewer = "stranger"
	Blocked    Viewer = "blocked"   // by the subject
	Blocker    Viewer = "blocker"   // has blocked the subject
	Pending    Viewer = "pending"   // has asked for a connection
	Sponsor    Viewer = "sponsor"   // views everything by role
	Suspended  Viewer = "suspended" // a connection and a sponsor, suspended
	Erased     Viewer = "erased"    // a connection, erased
	Anonymous  Viewer = "anonymous"
)

// Viewers is all of them.
var Viewers = []Viewer{Self, Connection, Stranger, Blocked, Blocker, Pending, Sponsor, Suspended, Erased, Anonymous}

// World is a subject and those who look at it.
type World struct {
	DB       *bun.DB
	Platform *realestate.Platform
	Subject  id.Of[auth.User]
	Who      map[Viewer]id.Of[auth.User]
}

// New makes a world on a database of its own that holds nothing.
func New(t testing.TB, db *bun.DB, p *realestate.Platform) *World {
	t.Helper()
	ctx := t.Context()
	w := &World{DB: db, Platform: p, Who: map[Viewer]id.Of[auth.User]{}}
	person := func() id.Of[auth.User] {
		u, err := p.Users.Register(ctx, db, auth.RegisterParams{Email: id.New[auth.User]().String() + "@viewer.example"})
		require.NoError(t, err)
		return u.ID
	}
	admin := person()
	_, err := p.Access.GrantRole(ctx, db, auth.GrantRoleParams{UserID: admin, Role: auth.RoleAdministrator})
	require.NoError(t, err)
	for _, v := range Viewers {
		if v != Anonymous {
			w.Who[v] = person()
		}
	}
	w.Subject = w.Who[Self]
	for v, status := range map[Viewer]string{Connection: "accepted", Blocked: "blocked", Pending: "pending", Suspended: "accepted", Erased: "accepted"} {
		_, err := db.NewRaw("INSERT INTO users.connections (requester_id, recipient_id, status) VALUES (?, ?, ?)", w.Who[v], w.Subject, status).Exec(ctx)
		require.NoError(t, err)
	}
	_, err = db.NewRaw("INSERT INTO users.connections (requester_id, recipient_id, status) VALUES (?, ?, 'blocked')", w.Subject, w.Who[Blocker]).Exec(ctx)
	require.NoError(t, err)
	for _, v := range []Viewer{Sponsor, Suspended} {
		_, err = p.Access.GrantRole(ctx, db, auth.GrantRoleParams{UserID: w.Who[v], Role: auth.RoleSponsor, GrantedBy: admin})
		require.NoError(t, err)
	}
	_, err = p.Users.Suspend(ctx, db, auth.SuspendUserParams{UserID: w.Who[Suspended], SuspendedBy: admin, Reason: "test"})
	require.NoError(t, err)
	_, err = p.Erase(ctx, db, realestate.EraseParams{UserID: w.Who[Erased], ActorID: admin})
	require.NoError(t, err)
	return w
}

// Read is a read that takes a viewer, with the marks in the subject's data that each
// viewer may see. A viewer who is not named sees none.
type Read struct {
	Name  string
	Marks []string
	Sees  map[Viewer][]string
	Get   func(ctx context.Context, db bun.IDB, viewer, subject id.Of[auth.User]) (any, error)
}

// Check runs a read as every viewer: the answer, or the text of its error, holds
// exactly the marks that the viewer may see. It returns how many cells it held.
func (w *World) Check(t testing.TB, r Read) int {
	t.Helper()
	for _, v := range Viewers {
		got, err := r.Get(t.Context(), w.DB, w.Who[v], w.Subject)
		text := ""
		if err != nil {
			text = err.Error()
		} else {
			body, merr := json.Marshal(got)
			require.NoError(t, merr)
			text = string(body)
		}
		allowed := map[string]bool{}
		for _, m := range r.Sees[v] {
			allowed[m] = true
		}
		for _, m := range r.Marks {
			require.Equal(t, allowed[m], strings.Contains(text, m), "%s: %s and %s", r.Name, v, m)
		}
		require.Equal(t, len(r.Sees[v]) == 0, err != nil, "%s: %s gets %v", r.Name, v, err)
	}
	return len(Viewers)
}

// RulesDocumented sees that the table of rules in the comments of the package's policy.go,
// which hosts read, has these lines and no others.
func RulesDocumented(t *testing.T, lines []string) {
	t.Helper()
	source, err := os.ReadFile("policy.go")
	require.NoError(t, err)
	_, table, found := strings.Cut(string(source), "//\tverb  ")
	require.True(t, found)
	table, _, found = strings.Cut(table, "\n//\n")
	require.True(t, found)
	require.ElementsMatch(t, strings.Split(table, "\n")[1:], lines)
}
