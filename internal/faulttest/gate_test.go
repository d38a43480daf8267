package faulttest

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"net"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
)

// gate stands in front of one connection. While it is armed it stops before
// every statement, and lets one pass each time it is told to. It reads the
// protocol, so it sees what hooks would miss: BEGIN, COMMIT, COPY, pipelines.
type gate struct {
	armed atomic.Bool
	at    chan struct{} // a statement waits
	pass  chan struct{} // let it go
}

type gated struct {
	net.Conn
	gate *gate
}

// Write sends what pgx has put together: a simple or an extended query at the
// start of a statement; what follows in a COPY passes.
func (c gated) Write(b []byte) (int, error) {
	if c.gate.armed.Load() && len(b) > 0 && (b[0] == 'Q' || b[0] == 'P' || b[0] == 'B') {
		c.gate.at <- struct{}{}
		<-c.gate.pass
	}
	return c.Conn.Write(b)
}

// lane is a pool of a single connection behind a gate.
type lane struct {
	*bun.DB
	gate *gate
	pid  int
}

// newLane makes a lane on which the statements of a verb share round trips, or go each by
// itself.
func newLane(t *testing.T, dsn string, each bool) *lane {
	t.Helper()
	l := &lane{gate: &gate{at: make(chan struct{}), pass: make(chan struct{})}}
	connect := func(c driver.Connector) driver.Connector { return c }
	if each {
		connect = func(c driver.Connector) driver.Connector { return eachConnector{c} }
	}
	l.DB = openBy(t, dsn, connect, func(cfg *pgx.ConnConfig) {
		dial := cfg.DialFunc
		cfg.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
			c, err := dial(ctx, network, addr)
			return gated{c, l.gate}, err
		}
	})
	l.SetMaxOpenConns(1)
	require.NoError(t, l.NewRaw("SELECT pg_backend_pid()").Scan(t.Context(), &l.pid))
	return l
}

// eachConnector makes connections that do not show pgx's, so that the library sends each
// statement by itself.
type eachConnector struct{ driver.Connector }

// Connect is part of [driver.Connector].
func (c eachConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return eachConn{conn.(*stdlib.Conn)}, nil
}

// eachConn has all methods of pgx's adapter but Conn, which its field's name hides.
type eachConn struct{ *stdlib.Conn }

// open opens a pool as realestate.OpenDB does, with a changed configuration and
// without pings.
func open(t *testing.T, dsn string, change func(*pgx.ConnConfig)) *bun.DB {
	t.Helper()
	return openBy(t, dsn, func(c driver.Connector) driver.Connector { return c }, change)
}

func openBy(t *testing.T, dsn string, connect func(driver.Connector) driver.Connector, change func(*pgx.ConnConfig)) *bun.DB {
	t.Helper()
	cfg, err := pgx.ParseConfig(dsn)
	require.NoError(t, err)
	cfg.DefaultQueryExecMode = pgx.QueryExecModeExec
	change(cfg)
	pool := sql.OpenDB(connect(stdlib.GetConnector(*cfg, stdlib.OptionShouldPing(func(context.Context, stdlib.ShouldPingParams) bool { return false }))))
	t.Cleanup(func() { require.NoError(t, pool.Close()) })
	return bun.NewDB(pool, pgdialect.New())
}
