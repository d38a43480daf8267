package realestate

import (
	"context"
	"database/sql"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/freehold-go/freehold/internal/pgxtx"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
)

// ErrNoTx: there is no transaction to lend.
var ErrNoTx = fault.New(fault.Invalid, fault.CodeTransaction, "an open transaction is needed").On("tx")

// LendTx makes a plain *sql.Tx of the host's usable as the db argument of every
// verb and read. The host goes on owning it: it alone commits or rolls back,
// and what the library wrote commits with the host's own rows.
func LendTx(tx *sql.Tx) bun.IDB { return store.Lend(tx) }

// LendPgxPool makes a pool of pgx serve as the pool of bun that every verb and read
// takes. The two share connections: one is taken from the host's pool for each
// transaction and each statement outside of one, and goes back right after it, so the
// limits and the settings of the host's pool hold. Only how statements are sent is the
// library's own, as [OpenDB] describes it, whatever the pool is set to.
//
// Closing what LendPgxPool returns leaves the host's pool open. It is made once, as the pool
// is.
func LendPgxPool(pool *pgxpool.Pool) *bun.DB {
	db := sql.OpenDB(pgxtx.Connector(pool))
	db.SetMaxIdleConns(0) // a connection that waited here would be missing in the host's pool
	return bun.NewDB(db, pgdialect.New())
}

// InPgxTx runs fn inside tx, an open transaction of pgx that the host has begun, on a
// connection or from a pool. It is [InTx] for such a host: all of fn happens in tx or
// nothing of it, by a savepoint, and a failure leaves tx as it was. fn sees what the host
// has written in tx, and the host sees what fn has written. The host goes on owning tx:
// it alone commits or rolls back.
//
// db ends with fn: later it fails with sql.ErrConnDone. Inside fn the host may use tx too,
// though not while rows of either side are being read, and only from one goroutine at a
// time, as pgx has it. A ctx that ends while a statement is under way makes pgx close the
// connection, and tx is gone with it; between statements it undoes fn alone.
//
// It returns [ErrNoTx] when tx is nil, and pgx.ErrTxClosed when it has ended.
func InPgxTx(ctx context.Context, tx pgx.Tx, fn func(db bun.IDB) error) error {
	if tx == nil {
		return ErrNoTx
	}
	conn, end, err := pgxtx.Open(ctx, tx)
	if err != nil {
		return err
	}
	defer end()
	return store.InTx(ctx, store.Lend(conn), fn)
}
