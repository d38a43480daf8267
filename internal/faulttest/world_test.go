package faulttest

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

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
