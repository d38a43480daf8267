package store

import (
	"context"
	"database/sql"

	"github.com/jackc/pgx/v5/pgconn"
)

// Namer is a connection that may name statements.
type Namer interface {
	// Named is the prepared statement of a query with args; nil sends it without a name.
	Named(ctx context.Context, query string, args []any) (*pgconn.StatementDescription, error)
	// Learn is told an error of the server's, which may be of a name.
	Learn(err error)
}

// unnamed is any other connection.
type unnamed struct{}

func (unnamed) Named(context.Context, string, []any) (*pgconn.StatementDescription, error) {
	return nil, nil
}
func (unnamed) Learn(error) {}

// unwatched is a connection of a [Namer] whose reads only pgx watches for the end of their
// context: database/sql would start a goroutine more for each.
type unwatched struct{ *sql.Conn }

func (c unwatched) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return c.Conn.QueryContext(endless{ctx}, query, args...)
}

// endless hides that a context can end.
type endless struct{ context.Context }

func (endless) Done() <-chan struct{} { return nil }

// Ending is the context that a [Namer] is to watch for what it is asked.
func Ending(ctx context.Context) context.Context {
	if hidden, ok := ctx.(endless); ok {
		return hidden.Context
	}
	return ctx
}
