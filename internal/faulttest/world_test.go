package faulttest

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/recipes"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// reads are the verbs of the recipes that look at much and change nothing.
var reads = []string{"Distributions.Preview", "Distributions.Review"}

// platform is the services, with a clock that moves on.
func platform() *realestate.Platform { return recipes.Platform(func(*realestate.Config) {}) }

// world is a database with people and a property; offerings are made as needed.
type world struct{ *recipes.World }

func newWorld(t *testing.T, db *bun.DB) *world {
	t.Helper()
	return &world{recipes.New(t, db, platform())}
}

// in is w for another test and its connections.
func (w *world) in(t *testing.T, db *bun.DB) *world {
	other := *w.World
	other.T, other.DB = t, db
	return &world{&other}
}

// perWorld is how many recipes share a database: it costs more to make than what is
// tried of a recipe.
const perWorld = 8

// inWorlds tries each recipe, some of them one after the other on a database with the same
// people. ready makes what they share.
func inWorlds(t *testing.T, ready func(*testing.T, *bun.DB) func(*world, recipes.Recipe)) {
	t.Helper()
	n := 0
	for group := range slices.Chunk(recipes.Money, perWorld) {
		if n++; !sampled(n, 8) {
			continue
		}
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			db := pgtest.Clone(t)
			shared, try := newWorld(t, db), ready(t, db)
			for _, v := range group {
				t.Run(v.Name, func(t *testing.T) { try(shared.in(t, db), v) })
			}
		})
	}
}

// ready is a command of a recipe.
func (w *world) ready(r recipes.Recipe) command { return commandOf(r.Ready(w.World)) }

// commandOf makes a command of a call, of which the context may name another actor.
func commandOf(c recipes.Call) command {
	return func(ctx context.Context, db bun.IDB) error {
		c := c
		c.Args = slices.Clone(c.Args)
		c.Args[0] = actedBy(ctx, c.Args[0])
		return c.Run(ctx, db)
	}
}

// do makes a command of a verb with its parameters.
func do[P, R any](verb func(context.Context, bun.IDB, P) (R, error), p P) command {
	return commandOf(recipes.Do(verb, p))
}

func (w *world) approve(d *investments.Distribution, by id.Of[auth.User]) command {
	return commandOf(w.Approve(d, by))
}

func (w *world) complete(tr *investments.Transfer) command { return commandOf(w.Complete(tr)) }

// verify is Platform.Verify over all of the database.
func (w *world) verify() {
	w.T.Helper()
	r, err := w.P.Verify(w.T.Context(), w.DB)
	require.NoError(w.T, err)
	require.True(w.T, r.OK(), r.String())
}
