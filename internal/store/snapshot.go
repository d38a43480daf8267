package store

import (
	"context"
	"database/sql"

	"github.com/uptrace/bun"
)

// Snapshot runs a read of several statements. Given a pool or a connection, all
// of them see one moment, in a transaction that is read-only; inside a caller's
// transaction they see what it sees.
func Snapshot(ctx context.Context, db bun.IDB, fn func(tx bun.IDB) error) error {
	switch db.(type) {
	case pool, bun.Conn, *bun.Conn: // the transaction is ours
		return begun(ctx, db, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}, fn)
	}
	return nest(ctx, db, "SAVEPOINT freehold", fn)
}
