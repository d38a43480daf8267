package realestate

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
)

// InTx runs fn in a transaction: a new one when db is a pool or a connection, a
// savepoint when db is a transaction already. All of fn happens or nothing.
// When ctx ends in the middle, InTx returns its error and leaves nothing of fn
// behind, also inside a caller's transaction, where bun's own RunInTx would
// keep it. Hosts are advised to nest with InTx.
//
// A COMMIT whose answer was lost is the fault kind Unknown.
func InTx(ctx context.Context, db bun.IDB, fn func(tx bun.IDB) error) error {
	return store.InTx(ctx, db, func(tx bun.IDB) error { return fn(store.Hosted(tx)) })
}

// SetActor names who is responsible for what the transaction tx writes from
// now on: history rows keep it as changed_by, and events as their actor. Use the id of
// a user or the name of a job, not a person's name or address. It lasts until tx ends,
// or until a verb names its own actor.
func SetActor(ctx context.Context, tx bun.IDB, actor string) error {
	_, err := store.Write(ctx, tx, tx.NewRaw("SELECT set_config('freehold.actor', ?, TRUE)", actor))
	return store.Err(err, nil)
}
