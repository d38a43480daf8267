// Package id is typed identifiers: an Of[Property] cannot be passed where an
// Of[Offering] is wanted.
//
// New ids are UUIDv7: they sort by creation time, which keeps B-tree inserts on
// the right edge of the index, and they are made by the client, so a request
// can be retried with the ids it had. Any UUID version is read.
package id

import (
	"bytes"
	"database/sql/driver"
	"encoding/hex"
	"fmt"

	"github.com/google/uuid"

	"github.com/freehold-go/freehold/realestate/fault"
)

// ErrMalformed: the text is not a UUID. The error does not quote the text.
var ErrMalformed = fault.New(fault.Invalid, "id_malformed", "an id is a UUID such as 0192f0c1-2b3c-7d4e-8f5a-6b7c8d9e0f1a")

// Of is the identifier of a T. The zero value means "no id" and is never
// stored; a nullable reference is a *Of[T].
type Of[T any] [16]byte

// New makes a fresh UUIDv7. Within a process ids grow monotonically.
func New[T any]() Of[T] { return Of[T](uuid.Must(uuid.NewV7())) }

// Parse reads the canonical 36-character form, in either case. It returns
// [ErrMalformed].
func Parse[T any](s string) (Of[T], error) {
	if len(s) != 36 {
		return Of[T]{}, ErrMalformed
	}
	u, err := uuid.Parse(s)
	if err != nil {
		return Of[T]{}, ErrMalformed
	}
	return Of[T](u), nil
}

// MustParse is [Parse] for constants in examples and tests; it panics.
func MustParse[T any](s string) Of[T] {
	v, err := Parse[T](s)
	if err != nil {
		panic(err)
	}
	return v
}

// Cast turns the id of one type into the id of another that shares the row,
// such as a position seen as a ledger sub-account.
func Cast[T, F any](v Of[F]) Of[T] { return Of[T](v) }

// IsZero reports whether v is "no id".
func (v Of[T]) IsZero() bool { return v == Of[T]{} }

// Compare orders ids by their bytes, which is the order of their text and of
// PostgreSQL's uuid type.
func (v Of[T]) Compare(w Of[T]) int { return bytes.Compare(v[:], w[:]) }

// String returns the canonical lower-case form.
func (v Of[T]) String() string { return uuid.UUID(v).String() }

// OrNew returns v, or a fresh id when v is "no id".
func (v Of[T]) OrNew() Of[T] {
	if v.IsZero() {
		return New[T]()
	}
	return v
}

// Ptr returns a pointer to a copy, for nullable columns.
func (v Of[T]) Ptr() *Of[T] { return &v }

// MarshalText writes String.
func (v Of[T]) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads what [Parse] reads.
func (v *Of[T]) UnmarshalText(b []byte) error {
	return v.scanText(string(b))
}

func (v *Of[T]) scanText(s string) error {
	w, err := Parse[T](s)
	if err != nil {
		return err
	}
	*v = w
	return nil
}

// Value writes the canonical form. That of the zero id is no row's, so that a
// query by it finds nothing; the library's own writes refuse it, since storing it
// would hide a forgotten reference.
func (v Of[T]) Value() (driver.Value, error) { return v.String(), nil }

// AppendValue appends what Value returns, for bulk writes.
func (v Of[T]) AppendValue(b []byte) ([]byte, error) {
	if v.IsZero() {
		return b, ErrMalformed.With("the zero id cannot be stored")
	}
	for i, end := range [...]int{4, 6, 8, 10, 16} {
		start := 0
		if i > 0 {
			start = 2 + 2*i
			b = append(b, '-')
		}
		b = hex.AppendEncode(b, v[start:end])
	}
	return b, nil
}

// Scan reads a uuid column in text or binary form. NULL is [ErrMalformed]; scan
// into *Of[T] where a column may be null.
func (v *Of[T]) Scan(src any) error {
	switch s := src.(type) {
	case string:
		return v.scanText(s)
	case []byte:
		if len(s) == 16 {
			copy(v[:], s)
			return nil
		}
		return v.UnmarshalText(s)
	case [16]byte:
		*v = s
		return nil
	case nil:
		return ErrMalformed.With("the column is null")
	}
	return ErrMalformed.With("cannot scan %s", fmt.Sprintf("%T", src))
}
