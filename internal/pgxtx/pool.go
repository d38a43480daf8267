package pgxtx

import (
	"context"
	"database/sql/driver"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
)

// Connector returns the connector of database/sql over a pool of pgx. It is pgx's own but
// for how statements are sent: see [arguments].
func Connector(pool *pgxpool.Pool) driver.Connector { return poolConnector{pool} }

var errNoPool = errors.New("pgxtx: the pool is nil")

type poolConnector struct{ pool *pgxpool.Pool }

func (c poolConnector) Connect(ctx context.Context) (driver.Conn, error) {
	if c.pool == nil {
		return nil, errNoPool
	}
	opened, err := stdlib.GetPoolConnector(c.pool).Connect(ctx)
	if err != nil {
		return nil, err
	}
	return pooled{opened.(*stdlib.Conn)}, nil
}

// Driver is pgx's.
func (poolConnector) Driver() driver.Driver { return stdlib.GetDefaultDriver() }

// pooled is pgx's adapter over a connection of the pool.
type pooled struct{ adapter }

// adapter is pgx's under another name, since a field named Conn would hide its method
// Conn, by which bulk inserts reach COPY.
type adapter = *stdlib.Conn

func (c pooled) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	return c.adapter.ExecContext(ctx, query, direct(args))
}

func (c pooled) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	return c.adapter.QueryContext(ctx, query, direct(args))
}

// direct is [arguments] for pgx's adapter.
func direct(named []driver.NamedValue) []driver.NamedValue {
	return append([]driver.NamedValue{{Value: pgx.QueryExecModeExec}}, named...)
}
