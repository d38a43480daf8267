package store

import (
	"context"

	"github.com/uptrace/bun"
)

// Snapshot runs a read of several statements. Given a pool or a connection, all
// of them see one moment, in a transaction that is read-only; inside a caller's
// transaction they see what it sees.
func Snapshot(ctx context.Context, db bun.IDB, fn func(tx bun.IDB) error) error {
	switch db.(type) {
	case pool, bun.Conn, *bun.Conn: // the transaction is ours
		return InTx(ctx, db, func(tx bun.IDB) error {
			if _, err := tx.ExecContext(ctx, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"); err != nil {
				return Err(err, nil)
			}
			return fn(tx)
		})
	}
	return nest(ctx, db, "SAVEPOINT freehold", fn)
}
