package sweeptest

import (
	"errors"
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/recipes"
	"github.com/freehold-go/freehold/realestate/fault"
)

// unreached are the verbs that succeed neither with what the search makes nor by a
// recipe, with the reason.
var unreached = map[string]string{}

// byRecipe gives a verb the arguments of its recipe, if it has one: what it needs is more
// than a row of each kind.
func (v *verb) byRecipe(t *testing.T, w *recipes.World, m *maker) {
	t.Helper()
	for _, r := range slices.Concat(recipes.Others, recipes.Money) {
		if r.Verb() != v.name {
			continue
		}
		args := v.argsOf(r.Ready(w))
		err := v.try(t.Context(), w.DB, args)
		if v.pool = fault.CodeOf(err) == "pool_required"; v.pool {
			if _, err = v.call(t.Context(), w.DB, args); err == nil {
				args = v.argsOf(r.Ready(w)) // that was used up
			}
		}
		if v.err = err; err == nil {
			v.best = args
			v.marked(t, w.DB, m)
			return
		}
	}
}

// hasRecipe reports whether there is a recipe for the verb.
func (v *verb) hasRecipe() bool {
	return slices.ContainsFunc(slices.Concat(recipes.Others, recipes.Money), func(r recipes.Recipe) bool { return r.Verb() == v.name })
}

// argsOf are the arguments of a call, as the verb takes them.
func (v *verb) argsOf(c recipes.Call) []reflect.Value {
	out := make([]reflect.Value, len(c.Args))
	for i, a := range c.Args {
		out[i] = reflect.New(v.fn.Type().In(i + 2)).Elem()
		if a != nil {
			out[i].Set(reflect.ValueOf(a))
		}
	}
	return out
}

// marked puts the mark into each free text of a recipe that takes it, so that it is looked
// for in the server's log.
func (v *verb) marked(t *testing.T, db *bun.DB, m *maker) {
	t.Helper()
	if v.pool {
		return
	}
	for i, a := range v.best {
		if a.Kind() != reflect.Struct {
			continue
		}
		for j := range a.NumField() {
			if f := a.Type().Field(j); !f.IsExported() || f.Type != reflect.TypeFor[string]() || a.Field(j).Len() == 0 {
				continue
			}
			args := slices.Clone(v.best)
			args[i] = clone(a)
			args[i].Field(j).SetString(a.Field(j).String() + " " + m.mark)
			if v.try(t.Context(), db, args) == nil {
				v.best, a = args, args[i]
			}
		}
	}
}

// reaches holds the verbs against the list of those that do not succeed.
func (w *world) reaches(t *testing.T) {
	var never []string
	for _, v := range w.verbs {
		switch _, listed := unreached[v.name]; {
		case v.err != nil && !listed:
			never = append(never, v.name+": "+shorten(errors.Join(v.err)))
		case v.err == nil && listed:
			never = append(never, v.name+": it is reached, and listed as one that is not")
		}
	}
	require.Empty(t, never, "verbs that never succeed hide what is behind their checks: give them a recipe")
}
