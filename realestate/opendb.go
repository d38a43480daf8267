package realestate

import (
	"context"
	"database/sql"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/freehold-go/freehold/internal/pgxtx"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
)

// ErrDSN: the connection string cannot be read. It is not quoted, since it may
// hold a password.
var ErrDSN = fault.New(fault.Invalid, "dsn_malformed", "a DSN is postgres://user@host/database or host=... dbname=...").On("dsn")

// poolSize keeps a process well below the 100 connections a server takes by
// default. A host that knows better calls SetMaxOpenConns.
const poolSize = 16

// OpenDB opens a pool of connections to PostgreSQL, tuned for bun: pgx runs
// every query in one round trip without naming prepared statements, because named
// statements break behind a pooler such as pgbouncer in its transaction mode. It connects
// once to see that the server answers, and returns [ErrDSN] or an Unavailable fault.
//
// A DSN with default_query_exec_mode=cache_statement tells that nothing of that kind stands
// between: then a statement with parameters that a connection sends again is prepared, and
// the server plans it once. statement_cache_capacity is how many a connection keeps, 512 where
// it is not set. Of the other modes of pgx none is taken. Where the columns of a table change
// meanwhile, a transaction that is under way may be an Unavailable fault, which [Do] runs again.
//
// Values go as parameters, but for whole numbers and long lists of ids, so that the log
// of a server at its default settings holds nothing that people told, whatever fails. That
// needs pgx in a mode that has parameters, as here: in its simple protocol, and in bun's
// pgdriver, they are written into the text, and a server logs the text of what fails.
//
// OpenDB is a convenience. Any *bun.DB over PostgreSQL serves, as does a
// transaction of one. [LendPgxPool] makes a pool of pgx serve, [LendTx] a plain
// *sql.Tx, and [InPgxTx] an open transaction of pgx. The caller closes the pool.
func OpenDB(ctx context.Context, dsn string) (*bun.DB, error) {
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, ErrDSN
	}
	told, _ := pgconn.ParseConfig(dsn) // which leaves the options of pgx alone
	names := told != nil && told.RuntimeParams["default_query_exec_mode"] == "cache_statement" && cfg.StatementCacheCapacity > 0
	cfg.DefaultQueryExecMode = pgx.QueryExecModeExec
	cfg.DescriptionCacheCapacity = 0
	if !names {
		cfg.StatementCacheCapacity = 0
	}
	if cfg.RuntimeParams["application_name"] == "" {
		cfg.RuntimeParams["application_name"] = "freehold"
	}
	// Values are written into the text: where a backslash in one was an escape, it could
	// end its quotes. This wins over what the DSN, the role and the database say.
	cfg.RuntimeParams["standard_conforming_strings"] = "on"
	connector := stdlib.GetConnector(*cfg)
	if names {
		connector = pgxtx.Named(*cfg)
	}
	pool := sql.OpenDB(connector)
	pool.SetMaxOpenConns(poolSize)
	pool.SetMaxIdleConns(poolSize) // closing and opening connections under load costs more than keeping them
	if err := pool.PingContext(ctx); err != nil {
		_ = pool.Close()
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		return nil, store.ErrUnavailable.With("no answer from the server").Because(err)
	}
	return bun.NewDB(pool, pgdialect.New()), nil
}
