package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate/fault"
)

// ErrStringEscapes: the session reads backslashes in values as escapes, so that a
// value could end its own quotes and go on as SQL. The library writes values into
// its statements and works in no such session.
var ErrStringEscapes = fault.New(fault.Illegal, "string_escapes", "standard_conforming_strings is off; switch it on for the role, the database or the pool")

// noEscapes divides by zero in a session that reads backslashes as escapes.
const noEscapes = "SELECT 1 / (current_setting('standard_conforming_strings') = 'on')::int"

// checkEscapes refuses a connection whose session reads backslashes as escapes. The
// server tells pgx of the setting by itself, so that nothing is asked.
func checkEscapes(ctx context.Context, conn bun.Conn) error {
	_, err := checked(ctx, conn)
	return err
}

// checked is checkEscapes, and reports whether the connection names statements.
func checked(ctx context.Context, conn bun.Conn) (names bool, err error) {
	status := ""
	err = pgxOf(conn, func(pg *pgx.Conn, n Namer) {
		status, names = pg.PgConn().ParameterStatus("standard_conforming_strings"), n != unnamed{}
	})
	if err != nil && !errors.Is(err, errNotPgx) {
		return false, Err(err, nil)
	}
	switch status {
	case "on":
		return names, nil
	case "off":
		return false, ErrStringEscapes
	}
	_, err = conn.ExecContext(ctx, noEscapes)
	return false, escapesError(err)
}

// escapesError tells what the failure of [noEscapes] means.
func escapesError(err error) error {
	if sqlState(err) == "22012" {
		return ErrStringEscapes.Because(err)
	}
	return Err(err, nil)
}

// Reader is db for a read of one statement: of a pool a connection of its own that
// has been checked. done gives it back.
func Reader(ctx context.Context, db bun.IDB) (_ bun.IDB, done func(), err error) {
	p, ok := db.(pool)
	if !ok {
		return db, func() {}, nil
	}
	conn, _, err := reader(ctx, p)
	if err != nil {
		return nil, nil, err
	}
	return conn, func() { _ = conn.Close() }, nil
}

// reader is [Reader] of a pool, whose connection is given back by its Close. It reports
// whether the connection names statements.
func reader(ctx context.Context, p pool) (conn bun.Conn, names bool, err error) {
	if conn, err = p.Conn(ctx); err != nil {
		return conn, false, Err(err, nil)
	}
	if names, err = checked(ctx, conn); err != nil {
		_ = conn.Close()
	}
	return conn, names, err
}
