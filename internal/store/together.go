package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"iter"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun"
)

// Part is a part of a verb, in the verb's transaction.
type Part = func(tx bun.IDB) error

// Together runs parts of a verb, none of which needs what another one finds, so that
// they share their round trips: what all of them ask first is sent at once, and then what
// they ask next. Within a round trip the statements run one after the other, in the order
// of the parts, each with a snapshot of its own: what stands behind a lock sees what its
// last holder committed, and locks are taken in that order. Parts go on with the answers
// in their order, too. An error ends the parts behind the one that it is of; those before it
// go on, since their errors come first.
//
// Parts use the tx that they are given, and may run parts of their own by it. What they, or a
// host's code in them, run by [InTx] or [Single] goes by itself, with a savepoint, so that they
// can go on after its error. Where tx is not a transaction of this package, or the driver is
// not pgx, they run one after the other.
func Together(ctx context.Context, tx bun.IDB, parts ...Part) error {
	if len(parts) == 1 {
		return parts[0](tx)
	}
	switch d := tx.(type) {
	case joined:
		return interleave(d, parts, func(wave []*question) error {
			if !d.ask(wave) {
				return errEnded
			}
			return nil
		})
	case owned:
		if !d.part || pgxOf(d.conn, nil) != nil {
			break
		}
		rows := sql.OpenDB(answers{})
		defer func() { _ = rows.Close() }() // it has no connections
		return interleave(joined{d.Tx, d.conn, asker{nil, rows}}, parts, func(wave []*question) error { return send(ctx, d.conn, wave) })
	}
	return inTurn(tx, parts)
}

// TogetherFew is [Together] of parts that read or write some for each of n things. For
// [CopyRows] of them and more they run one after the other, so that they write by COPY, and
// read row by row: what parts that share round trips read is in memory, all of it.
func TogetherFew(ctx context.Context, tx bun.IDB, n int, parts ...Part) error {
	if n < CopyRows {
		return Together(ctx, tx, parts...)
	}
	return inTurn(tx, parts)
}

// Replan has the server forget the plans that the connection keeps, before n rows are
// written, where they are [CopyRows] or more: those of foreign keys may be of a time when their
// tables had one page, and would read these whole for each row.
func Replan(ctx context.Context, tx bun.IDB, n int) error {
	if n < CopyRows {
		return nil
	}
	return Err(Exec(ctx, tx, "DISCARD PLANS"), nil)
}

func inTurn(tx bun.IDB, parts []Part) error {
	for _, run := range parts {
		if err := run(tx); err != nil {
			return err
		}
	}
	return nil
}

// interleave runs parts on tx, and has put bring the answers to what all of them ask.
func interleave(tx joined, parts []Part, put func(wave []*question) error) (refused error) {
	asking := make([]*running, len(parts))
	for i, run := range parts {
		p := &running{}
		p.next, p.stop = iter.Pull(func(ask func([]*question) bool) { p.err = run(joined{tx.Tx, tx.conn, asker{ask, tx.rows}}) })
		defer p.stop()
		asking[i] = p
	}
	for len(asking) > 0 {
		var on []*running
		var wave []*question
		for _, p := range asking { // each goes on, to what it asks next or to its end
			failed := slices.ContainsFunc(p.asks, func(q *question) bool { return q.answer.err != nil })
			var more bool
			if p.asks, more = p.next(); more {
				on, wave = append(on, p), append(wave, p.asks...)
			} else if p.err != nil {
				if failed {
					return p.err // the transaction takes no more statements
				}
				refused = p.err // unless one of the parts before it refuses, too
				break
			}
		}
		if len(wave) > 0 {
			if err := put(wave); err != nil {
				return err
			}
		}
		asking = on
	}
	return refused
}

// Into is a part of [Together] that keeps what it reads.
func Into[T any](dest *T, read func(tx bun.IDB) (T, error)) Part {
	return func(tx bun.IDB) (err error) {
		*dest, err = read(tx)
		return err
	}
}

// running is a part on its way.
type running struct {
	next func() ([]*question, bool)
	stop func()
	asks []*question // what it waits for
	err  error       // what it ended with
}

// question is one statement, and what the server said to it.
type question struct {
	query  string
	args   []any
	answer answer
}

// send asks the server in one round trip, and answers come in text. Statements have names where
// the library's single ones have them: pgx's own batches go by the mode of the host's pool,
// which may name statements behind pgbouncer, and bring arrays that bun can't read.
func send(ctx context.Context, conn bun.Conn, wave []*question) error {
	if err := ctx.Err(); err != nil {
		return err // the transaction is rolled back beside, and its connection may be closed
	}
	err := pgxOf(conn, func(pg *pgx.Conn, names Namer) {
		ctx, end := traced(ctx, pg, wave)
		batch, err := batchOf(ctx, pg, names, wave)
		if err != nil {
			for _, q := range wave {
				q.answer.err = err
			}
			end(err)
			return
		}
		results := pg.PgConn().ExecBatch(ctx, batch)
		for _, q := range wave {
			if q.answer.read(pg.TypeMap(), results); q.answer.err != nil {
				names.Learn(q.answer.err)
			}
		}
		end(results.Close()) // the answers have its error
	})
	if err != nil {
		return errors.Join(ctx.Err(), err)
	}
	return nil
}

// batchOf is what is sent for a wave.
func batchOf(ctx context.Context, pg *pgx.Conn, names Namer, wave []*question) (*pgconn.Batch, error) {
	batch, args := &pgconn.Batch{}, &pgx.ExtendedQueryBuilder{}
	for _, q := range wave {
		of, err := names.Named(ctx, q.query, q.args)
		if err == nil {
			err = args.Build(pg.TypeMap(), of, q.args)
		}
		switch {
		case err != nil:
			return nil, err
		case of != nil:
			batch.ExecPrepared(of.Name, args.ParamValues, args.ParamFormats, nil)
		default:
			batch.ExecParams(q.query, args.ParamValues, nil, args.ParamFormats, nil)
		}
	}
	return batch, nil
}

// traced tells the tracer of the host's pool of a batch, as pgx does, until end.
func traced(ctx context.Context, pg *pgx.Conn, wave []*question) (_ context.Context, end func(error)) {
	tracer, ok := pg.Config().Tracer.(pgx.BatchTracer)
	if !ok {
		return ctx, func(error) {}
	}
	batch := &pgx.Batch{}
	for _, q := range wave {
		batch.Queue(q.query, q.args...)
	}
	ctx = tracer.TraceBatchStart(ctx, pg, pgx.TraceBatchStartData{Batch: batch})
	return ctx, func(err error) {
		for _, q := range wave {
			tracer.TraceBatchQuery(ctx, pg, pgx.TraceBatchQueryData{SQL: q.query, Args: q.args, Err: q.answer.err})
		}
		tracer.TraceBatchEnd(ctx, pg, pgx.TraceBatchEndData{Err: err})
	}
}

// errNotPgx: the connection is another driver's.
var errNotPgx = errors.New("not a connection of pgx")

// connection is a *sql.Conn, or what embeds one.
type connection interface{ Raw(f func(any) error) error }

// pgxOf calls do with the connection of pgx below conn, if do is not nil, and with what may
// name its statements.
func pgxOf(conn connection, do func(*pgx.Conn, Namer)) error {
	return conn.Raw(func(c any) error {
		pg, ok := c.(interface{ Conn() *pgx.Conn }) // stdlib's, and what embeds it
		if !ok {
			return errNotPgx
		}
		if do != nil {
			names, ok := c.(Namer)
			if !ok {
				names = unnamed{}
			}
			do(pg.Conn(), names)
		}
		return nil
	})
}

// joined is the transaction that a part of [Together] sees: its statements wait until
// those of the other parts can be sent with them.
type joined struct {
	bun.Tx
	conn bun.Conn
	asker
}

// apart is the transaction for statements that go by themselves. Nothing is on its way while
// a part runs.
func (j joined) apart(part bool) owned { return owned{j.Tx, j.conn, part} }

func (j joined) text(query string, args []any) string {
	if len(args) == 0 {
		return query
	}
	return builder().QueryGen().FormatQuery(query, args...)
}

func (j joined) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return j.asker.ExecContext(ctx, j.text(query, args))
}

func (j joined) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return j.asker.QueryContext(ctx, j.text(query, args))
}

func (j joined) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return j.asker.QueryRowContext(ctx, j.text(query, args))
}

func (j joined) NewValues(model any) *bun.ValuesQuery { return j.Tx.NewValues(model).Conn(j.asker) }
func (j joined) NewSelect() *bun.SelectQuery          { return j.Tx.NewSelect().Conn(j.asker) }
func (j joined) NewInsert() *bun.InsertQuery          { return j.Tx.NewInsert().Conn(j.asker) }
func (j joined) NewUpdate() *bun.UpdateQuery          { return j.Tx.NewUpdate().Conn(j.asker) }
func (j joined) NewDelete() *bun.DeleteQuery          { return j.Tx.NewDelete().Conn(j.asker) }
func (j joined) NewMerge() *bun.MergeQuery            { return j.Tx.NewMerge().Conn(j.asker) }
func (j joined) NewRaw(query string, args ...any) *bun.RawQuery {
	return j.Tx.NewRaw(query, args...).Conn(j.asker)
}

// asker is what the statements of a part are sent through.
type asker struct {
	ask  func([]*question) bool
	rows *sql.DB
}

// errEnded: another part has failed, and this one goes on no more.
var errEnded = errors.New("another part of the verb has failed")

func (a asker) put(query string, args []any) *answer {
	q := &question{query: query, args: args}
	if !a.ask([]*question{q}) {
		q.answer.err = errEnded
	}
	return &q.answer
}

// ExecContext is what bun and [Exec] call.
func (a asker) ExecContext(_ context.Context, query string, args ...any) (sql.Result, error) {
	got := a.put(query, args)
	return driver.RowsAffected(got.affected), got.err
}

// QueryContext is what bun and [Rows] call.
func (a asker) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	got := a.put(query, args)
	return a.rows.QueryContext(context.WithoutCancel(ctx), "", got) // they are here already
}

// QueryRowContext is QueryContext of one row.
func (a asker) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	got := a.put(query, args)
	return a.rows.QueryRowContext(context.WithoutCancel(ctx), "", got)
}
