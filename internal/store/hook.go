package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"
)

// Hook is called by a verb with all of its events, after the verb's writes and
// just before they go to the outbox, in the verb's transaction. It is called
// once per verb, whatever the number of rows, and not by a key's replay. An error
// refuses the verb: nothing of it happens. A verb that uses another one, as creating
// an offering opens a book, gives each of them its own call.
type Hook func(ctx context.Context, tx bun.IDB, events []Emission) error

// Hooks are the hooks of a service, called in order.
type Hooks []Hook

// Emit calls the hooks and then writes the events to the outbox, in the order given
// and in the transaction of the change that they tell of. It is a verb's last write,
// when the rows of the change are locked already: the heads of the events' aggregates
// stay locked to the transaction's end. A verb that has no events calls no hooks.
func (hs Hooks) Emit(ctx context.Context, tx bun.IDB, at time.Time, events ...Emission) error {
	if len(events) == 0 {
		return nil
	}
	for _, hook := range hs {
		if err := hook(ctx, Hosted(tx), events); err != nil {
			return err
		}
	}
	return emit(ctx, tx, at, events...)
}

// EmitBehind is [Hooks.Emit] behind the last writes of a verb, which run as by [Together] and
// need a round trip each: without hooks, which see all that was written and all events at
// once, the event shares it. more, unless it is nil, tells the events behind it, which are of
// what the writes found.
func (hs Hooks) EmitBehind(ctx context.Context, tx bun.IDB, at time.Time, writes []Part, event Emission, more func() []Emission) error {
	var events []Emission
	if len(hs) == 0 {
		writes = append(writes[:len(writes):len(writes)], func(tx bun.IDB) error { return emit(ctx, tx, at, event) })
	} else {
		events = append(events, event)
	}
	if err := Together(ctx, tx, writes...); err != nil {
		return err
	}
	if more != nil {
		events = append(events, more()...)
	}
	return hs.Emit(ctx, tx, at, events...)
}

// Telling is what one of several commands that share a transaction has to tell. Ctx is its
// caller's, and Actor is the id of who acts; "" is whom the transaction has named.
type Telling struct {
	Ctx    context.Context
	Actor  string
	Events []Emission
}

// EmitEach is [Hooks.EmitBehind] of several commands: the hooks are called once for each.
func (hs Hooks) EmitEach(ctx context.Context, tx bun.IDB, at time.Time, writes []Part, each []Telling) error {
	var events []Emission
	for _, t := range each {
		for _, e := range t.Events {
			e.row.by = t.Actor
			events = append(events, e)
		}
	}
	last := func(tx bun.IDB) error { return emit(ctx, tx, at, events...) }
	if len(hs) == 0 {
		return Together(ctx, tx, append(writes[:len(writes):len(writes)], last)...)
	}
	if err := Together(ctx, tx, writes...); err != nil {
		return err
	}
	for _, t := range each {
		if t.Actor != "" {
			if err := Exec(ctx, tx, "SELECT set_config('freehold.actor', $1::text, TRUE)", t.Actor); err != nil {
				return Err(err, nil)
			}
		}
		for _, hook := range hs {
			if err := hook(t.Ctx, Hosted(tx), t.Events); err != nil {
				return err
			}
		}
	}
	return last(tx)
}

// Payload is what happened, as the verb's typed event.
func (e Emission) Payload() Payload { return e.payload }

// Aggregate is the kind of thing that it happened to, and its id.
func (e Emission) Aggregate() (kind, id string) { return e.row.aggregate, e.row.id }
