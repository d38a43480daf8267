package store

import (
	"context"
	"errors"

	"github.com/uptrace/bun"
)

// Single runs one statement, with $1 parameters as [Exec], that is a unit of
// work of its own. On a pool or a connection it commits by itself, in one round
// trip; inside a transaction it nests as [InTx] does.
//
// Where it commits by itself, an answer that never comes leaves the outcome
// open, as with COMMIT: the error is [ErrUnknownOutcome], and also ctx's when
// that was why. Errors of the server come back as the driver gave them, for
// [Err] with the constraints of the caller.
func Single(ctx context.Context, db bun.IDB, query string, args ...any) error {
	switch d := db.(type) {
	case pool:
		conn, err := d.Conn(ctx)
		if err != nil {
			return Err(err, nil)
		}
		defer func() { _ = conn.Close() }() // gives it back to the pool
		if err := checkEscapes(ctx, conn); err != nil {
			return err
		}
		return single(ctx, conn, query, args)
	case bun.Conn:
		return single(ctx, d, query, args)
	case *bun.Conn:
		return single(ctx, *d, query, args)
	case joined:
		db = d.apart(true)
	}
	return nest(ctx, db, savepointChecked, func(tx bun.IDB) error { return Exec(ctx, tx, query, args...) })
}

// SinglePart is [Single] without the savepoint inside a verb's own [InTx], which an error
// ends. It is for a part of a unit of work that nothing follows when it fails.
func SinglePart(ctx context.Context, db bun.IDB, query string, args ...any) error {
	if isPart(db) {
		return Exec(ctx, db, query, args...)
	}
	return Single(ctx, db, query, args...)
}

// Hosted is a transaction of this package for the code of a host, which may go on where
// a part of it has failed: there [SinglePart] is [Single].
func Hosted(tx bun.IDB) bun.IDB {
	switch d := tx.(type) {
	case owned:
		d.part = false
		return d
	case joined:
		return d.apart(false)
	}
	return tx
}

func single(ctx context.Context, conn bun.Conn, query string, args []any) error {
	if err := ctx.Err(); err != nil {
		return err // nothing was sent
	}
	err := Exec(ctx, conn, query, args...)
	switch {
	case err == nil, sqlState(err) != "":
		return err
	}
	// As with COMMIT, pgx's own word that a retry is safe is not taken.
	return errors.Join(ctx.Err(), ErrUnknownOutcome.Because(err))
}
