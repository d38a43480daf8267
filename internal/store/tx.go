package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate/fault"
)

// ErrUnknownOutcome: COMMIT was sent and its answer never came. The command may
// or may not have happened; running it again with the same idempotency key
// tells.
var ErrUnknownOutcome = fault.New(fault.Unknown, "commit_unknown", "the answer to COMMIT was lost")

// ErrIsolation: under REPEATABLE READ a verb would decide by what it saw before it
// got its locks, and so it would under SERIALIZABLE, which only guards against other
// transactions of that level: the library's own are READ COMMITTED.
var ErrIsolation = fault.New(fault.Illegal, "isolation_level", "verbs run under READ COMMITTED, and reads under any level").On("db")

// owned is a transaction that this package opened. Knowing its connection,
// bulk inserts can use COPY inside it.
type owned struct {
	bun.Tx
	conn bun.Conn
	part bool // it runs a verb, which ends with its first error; see [SinglePart]
}

// isPart reports whether an error ends the verb that runs in a transaction.
func isPart(db bun.IDB) bool {
	switch d := db.(type) {
	case owned:
		return d.part
	case joined:
		return true
	}
	return false
}

// pool is a *bun.DB, or a host's type that embeds one.
type pool interface {
	Conn(ctx context.Context) (bun.Conn, error)
}

// InTx runs fn in a transaction: a new one when db is a pool or a connection,
// a savepoint when db is already a transaction of anyone's. All of fn happens
// or nothing, also when ctx ends in the middle: then InTx returns ctx's error
// and, inside a caller's transaction, nothing of fn is left in it.
//
// A new transaction is READ COMMITTED, whatever the server's default is; a caller's
// under another level is [ErrIsolation]. An error that left the outcome of COMMIT
// open is [ErrUnknownOutcome].
func InTx(ctx context.Context, db bun.IDB, fn func(tx bun.IDB) error) error {
	switch db.(type) {
	case pool, bun.Conn, *bun.Conn:
		return begun(ctx, db, &sql.TxOptions{Isolation: sql.LevelReadCommitted}, fn)
	}
	if j, ours := db.(joined); ours {
		db = j.apart(true)
	}
	if o, ours := db.(owned); ours { // READ COMMITTED, or a snapshot that only reads
		o.part = true
		return nest(ctx, o, "SAVEPOINT freehold", fn)
	}
	return nest(ctx, db, savepointChecked, fn)
}

// begun runs fn in a transaction of its own on a pool or a connection.
func begun(ctx context.Context, db bun.IDB, how *sql.TxOptions, fn func(tx bun.IDB) error) error {
	switch d := db.(type) {
	case pool:
		conn, err := d.Conn(ctx)
		if err != nil {
			return Err(err, nil)
		}
		defer func() { _ = conn.Close() }() // gives it back to the pool
		return own(ctx, conn, how, fn)
	case *bun.Conn:
		return own(ctx, *d, how, fn)
	}
	return own(ctx, db.(bun.Conn), how, fn)
}

// refuseSnapshot fails where all of a transaction sees one moment, in the round trip of
// the savepoint: the name of the level is no number.
const refuseSnapshot = `SELECT CASE WHEN current_setting('transaction_isolation') IN ('repeatable read', 'serializable')
	THEN current_setting('transaction_isolation')::int END`

// savepointChecked is a savepoint and the two checks of the session behind it, in one
// round trip.
const savepointChecked = "SAVEPOINT freehold; " + noEscapes + "; " + refuseSnapshot

// refusalOf is what a failed check of [savepointChecked] means; nil is another error.
func refusalOf(err error) error {
	switch r, _ := reportOf(err); r.state {
	case "22P02":
		return ErrIsolation
	case "22012":
		return ErrStringEscapes.Because(err)
	}
	return nil
}

// InPart is [InTx] without the savepoint inside a verb's own InTx, as [SinglePart] is [Single]:
// an error of fn ends the verb.
func InPart(ctx context.Context, db bun.IDB, fn func(tx bun.IDB) error) error {
	if isPart(db) {
		return fn(db)
	}
	return InTx(ctx, db, fn)
}

func own(ctx context.Context, conn bun.Conn, how *sql.TxOptions, fn func(tx bun.IDB) error) (err error) {
	defer func() { err = ended(ctx, err) }()
	if err := checkEscapes(ctx, conn); err != nil {
		return err
	}
	tx, err := conn.BeginTx(ctx, how)
	if err != nil {
		return Err(err, nil)
	}
	defer func() { _ = tx.Rollback() }() // after Commit it does nothing
	if err := fn(owned{tx, conn, true}); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return commitError(ctx, tx.Commit())
}

// commitError tells a COMMIT that certainly failed from one whose answer was
// lost. pgconn.SafeToRetry is no help: pgx reports a line that broke while it
// waited for the answer as "conn closed", which it calls safe.
func commitError(ctx context.Context, err error) error {
	var pg *pgconn.PgError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrTxDone): // rolled back because ctx ended before COMMIT was sent
		return errors.Join(ctx.Err(), err)
	case errors.Is(err, pgx.ErrTxCommitRollback):
		return ErrTxAborted.Because(err)
	case errors.As(err, &pg), sqlState(err) != "":
		return Err(err, nil)
	}
	return ErrUnknownOutcome.Because(err)
}

// ended tells that ctx has ended, where the driver calls the connection bad
// instead: a context that ends just before a statement is sent is to pgx's
// adapter a connection that another one may replace.
func ended(ctx context.Context, err error) error {
	if cause := ctx.Err(); cause != nil && !errors.Is(err, cause) && Retryable(err) {
		return errors.Join(cause, err)
	}
	return err
}

// nest closes its savepoint with a context that cannot be cancelled. Otherwise
// a deadline that strikes inside fn would leave fn's writes in the caller's
// transaction. Savepoints of one name shadow one another, last in first out, so
// a fixed name nests.
func nest(ctx context.Context, tx bun.IDB, savepoint string, fn func(tx bun.IDB) error) (err error) {
	defer func() { err = ended(ctx, err) }()
	if j, part := tx.(joined); part { // what the other parts do is in no savepoint of this one
		tx = j.apart(true)
	}
	if _, err := tx.ExecContext(ctx, savepoint); err != nil {
		refusal := refusalOf(err)
		if refusal == nil {
			return Err(err, nil)
		}
		fn = func(bun.IDB) error { return refusal } // the savepoint is there, and is closed below
	}
	closing, done := context.WithoutCancel(ctx), false
	defer func() {
		if done {
			return
		}
		for _, q := range [...]string{"ROLLBACK TO SAVEPOINT freehold", "RELEASE SAVEPOINT freehold"} {
			if _, rerr := tx.ExecContext(closing, q); rerr != nil {
				err = errors.Join(err, rerr) // the connection is gone, and the transaction with it
				return
			}
		}
	}()
	if err != nil {
		return escapesError(err)
	}
	if err := fn(tx); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if _, err := tx.ExecContext(closing, "RELEASE SAVEPOINT freehold"); err != nil {
		return Err(err, nil)
	}
	done = true
	return nil
}
