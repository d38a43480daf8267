package store

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/uptrace/bun"
)

// CopyRows is from how many rows on COPY is worth its own message.
const CopyRows = 100

// message is how many bytes at least are sent at a time, as long as there are rows:
// pgx sends what one read returns.
const message = 48 << 10

// copyIn streams the rows through COPY in its binary form: of the text form the server
// logs the row that fails. done is false when the driver below is not pgx, or a column
// has a type that pgx does not know.
func (b bulk) copyIn(ctx context.Context, db bun.IDB, conn bun.Conn) (done bool, err error) {
	r := &copyReader{bulk: b}
	if r.types, err = b.types(ctx, db); err != nil {
		return true, err
	}
	rawErr := pgxOf(conn, func(pg *pgx.Conn, _ Namer) {
		if !r.binary(pg.TypeMap()) {
			return
		}
		done = true
		query := "COPY " + string(b.table.SQLName) + " (" + b.columns() + ") FROM STDIN (FORMAT binary)"
		_, err = pg.PgConn().CopyFrom(ctx, r, query)
		if r.err != nil {
			err = r.err // what the reader found wrong says more than the aborted COPY
		}
	})
	if rawErr != nil && !errors.Is(rawErr, errNotPgx) {
		return true, rawErr
	}
	return done, err
}

// copyReader writes rows in COPY's binary format as they are read.
type copyReader struct {
	bulk
	types    map[string]columnType
	encoders []encoder // by column
	next     int
	ended    bool
	buf      []byte
	at       int // what is read of buf
	err      error
}

func (r *copyReader) Read(p []byte) (int, error) {
	for r.at == len(r.buf) {
		if r.ended {
			return 0, io.EOF
		}
		if r.err = r.fill(); r.err != nil {
			return 0, r.err
		}
	}
	n := copy(p, r.buf[r.at:])
	r.at += n
	return n, nil
}

func (r *copyReader) fill() (err error) {
	r.buf, r.at = r.buf[:0], 0
	if r.next == 0 {
		r.buf = append(r.buf, "PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00"...)
	}
	for ; r.next < r.rows.Len() && len(r.buf) < message; r.next++ {
		if err = r.binaryRow(); err != nil {
			return err
		}
	}
	if r.ended = r.next == r.rows.Len(); r.ended {
		r.buf = append(r.buf, 0xff, 0xff)
	}
	return nil
}

func (r *copyReader) binaryRow() (err error) {
	row, buf := r.rows.Index(r.next), binary.BigEndian.AppendUint16(r.buf, uint16(len(r.cols)))
	for i := range r.cols {
		start := len(buf)
		buf = append(buf, 0, 0, 0, 0)
		out, null, err := r.encoders[i].append(r.gen, buf, row)
		switch {
		case err != nil:
			return err
		case null:
			binary.BigEndian.PutUint32(buf[start:], math.MaxUint32)
			continue
		}
		buf = out
		binary.BigEndian.PutUint32(buf[start:], uint32(len(buf)-start-4))
	}
	r.buf = buf
	return nil
}

// binary finds the encoders of all columns, and reports whether there are.
func (r *copyReader) binary(m *pgtype.Map) bool {
	encoders := make([]encoder, len(r.cols))
	for i := range r.cols {
		var ok bool
		if encoders[i], ok = newEncoder(&r.cols[i], m, r.types[r.cols[i].field.Name].OID); !ok {
			return false
		}
	}
	r.encoders = encoders
	return true
}
