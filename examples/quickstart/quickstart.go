package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/examples/quickstart/internal/deal"
	"github.com/freehold-go/freehold/examples/quickstart/internal/screen"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// quickstart carries a deal through the platform. Each step looks for what it
// would make and makes what is missing, so that any number of runs, whole or
// cut short, add up to one.
type quickstart struct {
	*realestate.Platform
	db      *bun.DB
	deal    *deal.Deal
	steps   *screen.Steps
	started time.Time

	property      id.Of[properties.Property]
	offering      id.Of[investments.Offering]
	users         map[string]id.Of[auth.User] // by e-mail address in lower case
	subscriptions []*investments.Subscription // by line of the investors' file
	transfers     tally                       // those made so far, of this run and earlier ones
	verified      int                         // invariants that hold
	sealed        int64                       // journals in the hash chain of the book
	made          int                         // things that this run made or moved
}

// do runs a unit of work in one transaction, retried where that helps, and
// names this program as its author in the history.
func (q *quickstart) do(ctx context.Context, fn func(tx bun.IDB) error) error {
	return realestate.Do(ctx, q.db, func(tx bun.IDB) error {
		if err := realestate.SetActor(ctx, tx, "quickstart"); err != nil {
			return err
		}
		return fn(tx)
	})
}

// tally counts what a step made and what was there already.
type tally struct{ made, there int }

func (t *tally) count(made bool) {
	if made {
		t.made++
	} else {
		t.there++
	}
}

// String says "12 new", "12, there already" or "2 new, 10 there already".
func (t tally) String() string {
	switch {
	case t.there == 0:
		return fmt.Sprintf("%d new", t.made)
	case t.made == 0:
		return fmt.Sprintf("%d, there already", t.there)
	}
	return fmt.Sprintf("%d new, %d there already", t.made, t.there)
}

// count adds one thing to a step's tally and advances its bar.
func (q *quickstart) count(t *tally, made bool) {
	t.count(made)
	if made {
		q.made++
	}
	q.steps.Advance()
}

// said is what a step without parts reports.
func (q *quickstart) said(made bool, what string) string {
	q.steps.Advance()
	if !made {
		return what + ", there already"
	}
	q.made++
	return what
}

// ensure finds a thing or makes it. When another run made it in between, it is
// found then.
func ensure[T any](find, create func() (*T, error)) (thing *T, made bool, err error) {
	thing, err = find()
	if !errors.Is(err, fault.NotFound) {
		return thing, false, err
	}
	thing, err = create()
	if errors.Is(err, fault.Conflict) {
		thing, err = find()
		return thing, false, err
	}
	return thing, err == nil, err
}

// fresh reports whether something happened in this run: a verb that finds its
// idempotency key used returns the first result, with the time it had then.
func (q *quickstart) fresh(t *time.Time) bool { return t != nil && !t.Before(q.started) }
