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
	status := ""
	err := pgxOf(conn, func(pg *pgx.Conn, _ Namer) { status = pg.PgConn().ParameterStatus("standard_conforming_strings") })
	if err != nil && !errors.Is(err, errNotPgx) {
		return Err(err, nil)
	}
	switch status {
	case "on":
		return nil
	case "off":
		return ErrStringEscapes
	}
	_, err = conn.ExecContext(ctx, noEscapes)
	return escapesError(err)
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
	conn, err := p.Conn(ctx)
	if err != nil {
		return nil, nil, Err(err, nil)
	}
	done = func() { _ = conn.Close() } // gives it back to the pool
	if err := checkEscapes(ctx, conn); err != nil {
		done()
		return nil, nil, err
	}
	return conn, done, nil
}
