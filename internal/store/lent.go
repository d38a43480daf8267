package store

import (
	"context"
	"database/sql"
	"sync"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/schema"

	"github.com/freehold-go/freehold/realestate/fault"
)

// ErrLentTx: a lent transaction cannot be begun again. [InTx] nests in it.
var ErrLentTx = fault.New(fault.Illegal, "lent_transaction", "a lent transaction begins no other; nest with InTx")

// sender is what statements are sent through: an open transaction of the host's, or the
// connection that has one.
type sender interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// lent is a bun.IDB over a transaction of the host's. bun cannot wrap a *sql.Tx
// it did not begin, so every query is built by a bun.DB without connections and
// told to run on tx.
type lent struct {
	tx sender
	db *bun.DB
}

// builder makes queries and remembers the models' shapes for every lent
// transaction. Its empty sql.DB has no connector and starts no goroutine; it is
// never asked to connect, because every query gets its connection from lent.
var builder = sync.OnceValue(func() *bun.DB { return bun.NewDB(&sql.DB{}, pgdialect.New()) })

// Lend wraps a host's transaction. The host keeps it: it alone commits.
func Lend(tx sender) bun.IDB { return lent{tx, builder()} }

func (l lent) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return l.tx.QueryContext(ctx, l.db.QueryGen().FormatQuery(query, args...))
}

func (l lent) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return l.tx.ExecContext(ctx, l.db.QueryGen().FormatQuery(query, args...))
}

func (l lent) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return l.tx.QueryRowContext(ctx, l.db.QueryGen().FormatQuery(query, args...))
}

func (l lent) Dialect() schema.Dialect { return l.db.Dialect() }

func (l lent) BeginTx(context.Context, *sql.TxOptions) (bun.Tx, error) { return bun.Tx{}, ErrLentTx }

func (l lent) RunInTx(context.Context, *sql.TxOptions, func(context.Context, bun.Tx) error) error {
	return ErrLentTx
}

func (l lent) NewValues(model any) *bun.ValuesQuery { return l.db.NewValues(model).Conn(l) }
func (l lent) NewSelect() *bun.SelectQuery          { return l.db.NewSelect().Conn(l) }
func (l lent) NewInsert() *bun.InsertQuery          { return l.db.NewInsert().Conn(l) }
func (l lent) NewUpdate() *bun.UpdateQuery          { return l.db.NewUpdate().Conn(l) }
func (l lent) NewDelete() *bun.DeleteQuery          { return l.db.NewDelete().Conn(l) }
func (l lent) NewMerge() *bun.MergeQuery            { return l.db.NewMerge().Conn(l) }
func (l lent) NewRaw(query string, args ...any) *bun.RawQuery {
	return l.db.NewRaw(query, args...).Conn(l)
}
func (l lent) NewCreateTable() *bun.CreateTableQuery     { return l.db.NewCreateTable().Conn(l) }
func (l lent) NewDropTable() *bun.DropTableQuery         { return l.db.NewDropTable().Conn(l) }
func (l lent) NewCreateIndex() *bun.CreateIndexQuery     { return l.db.NewCreateIndex().Conn(l) }
func (l lent) NewDropIndex() *bun.DropIndexQuery         { return l.db.NewDropIndex().Conn(l) }
func (l lent) NewTruncateTable() *bun.TruncateTableQuery { return l.db.NewTruncateTable().Conn(l) }
func (l lent) NewAddColumn() *bun.AddColumnQuery         { return l.db.NewAddColumn().Conn(l) }
func (l lent) NewDropColumn() *bun.DropColumnQuery       { return l.db.NewDropColumn().Conn(l) }
