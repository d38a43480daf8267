package investments

import (
	"context"
	"errors"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/convoy"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// lane is where commands that one actor gives on one offering go together: histories name one
// actor of a transaction.
type lane struct {
	offering id.Of[Offering]
	actor    id.Of[auth.User]
}

// errWithout ends a try of commands that share a transaction, which is to be made again without
// some of them.
var errWithout = errors.New("again without those that do not fit")

// together runs commands that share a transaction: it claims the keys of each, and then each
// runs all whose keys are new. With [errWithout] each has written nothing and says which of
// them fit: those are tried again. The others are left to run alone, to be refused, or to bring
// back what their keys stand for.
func together[T, P, R any](ctx context.Context, db *bun.DB, on []*convoy.Member[P, R], once func(P) store.Keyed[T],
	each func(tx bun.IDB, on []*convoy.Member[P, R]) (out []R, fit []bool, err error)) error {
	var out []R
	for len(on) > 0 {
		err := convoy.InTx(ctx, db, func(tx bun.IDB) error {
			uses := make([]store.Keyed[T], len(on))
			for i, m := range on {
				uses[i] = once(m.Params)
			}
			var claimed []bool
			calm, err := convoy.Hurry(ctx, tx, store.Into(&claimed, func(tx bun.IDB) ([]bool, error) { return store.OnceEach(ctx, tx, uses) }))
			if err != nil {
				return err
			}
			if on = marked(on, claimed); len(on) == 0 {
				return nil
			}
			if err := calm(tx); err != nil {
				return err
			}
			var fit []bool
			if out, fit, err = each(tx, on); errors.Is(err, errWithout) {
				on = marked(on, fit)
			}
			return err
		})
		if err == nil {
			break
		}
		if !errors.Is(err, errWithout) {
			return err
		}
	}
	for i, m := range on {
		m.Settle(out[i], nil)
	}
	return nil
}

// present are the commands whose callers are still there, the first of each key.
func present[K comparable, P, R any](all []*convoy.Member[P, R], key func(P) K) (some []*convoy.Member[P, R]) {
	seen := make(map[K]bool, len(all))
	for _, m := range all {
		if k := key(m.Params); m.Ctx.Err() == nil && !seen[k] {
			some, seen[k] = append(some, m), true
		}
	}
	return some
}

// permitsBeside reports whether the rule of a verb permits a command among others. Whoever was
// asked may have spoiled the transaction; that is an error.
func (c *core) permitsBeside(ctx context.Context, tx bun.IDB, verb Verb, actor id.Of[auth.User], m matter, party bool) (bool, error) {
	err := c.permits(ctx, tx, verb, actor, m, party)
	switch {
	case err == nil || !answers(err):
		return err == nil, err
	case c.policy.Roles:
		return false, store.Err(store.Exec(ctx, tx, "SELECT 1"), nil)
	}
	return false, nil
}

// marked are the elements of all that are marked.
func marked[T any](all []T, marks []bool) (some []T) {
	for i, v := range all {
		if marks[i] {
			some = append(some, v)
		}
	}
	return some
}

// answers reports whether an error says something about the command, and not of the server.
func answers(err error) bool {
	switch fault.KindOf(err) {
	case fault.NotFound, fault.Invalid, fault.Conflict, fault.Illegal, fault.Forbidden:
		return true
	}
	return false
}
