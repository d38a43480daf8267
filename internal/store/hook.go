package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"
)

// Hook is called by a verb with all of its events, after the verb's writes and
// just before they go to the outbox, in the verb's transaction. It is called
// once per verb, whatever the number of rows, and not by a key's replay. An error
// refuses the verb: nothing of it happens.
type Hook func(ctx context.Context, tx bun.IDB, events []Emission) error

// Hooks are the hooks of a service, called in order.
type Hooks []Hook

// Emit calls the hooks and then writes the events; see the function Emit. A verb
// that has no events has no hooks either.
func (hs Hooks) Emit(ctx context.Context, tx bun.IDB, at time.Time, events ...Emission) error {
	if len(events) == 0 {
		return nil
	}
	for _, hook := range hs {
		if err := hook(ctx, tx, events); err != nil {
			return err
		}
	}
	return Emit(ctx, tx, at, events...)
}

// Payload is what happened, as the verb's typed event.
func (e Emission) Payload() Payload { return e.payload }

// Aggregate is the kind of thing that it happened to, and its id.
func (e Emission) Aggregate() (kind, id string) { return e.row.aggregate, e.row.id }
