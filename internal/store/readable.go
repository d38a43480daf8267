package store

import (
	"bytes"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"
)

// Readable is [ErrNotStorable] when a query has a value that has no form, such as a
// text with a NUL: bun writes the reason into the statement instead, where it is a
// syntax error that would abort a caller's transaction. Outside of one the server may
// say so.
func Readable(db bun.IDB, q schema.QueryAppender) error {
	if isOwn(db) || IsPool(db) {
		return nil
	}
	text, err := q.AppendQuery(schema.NewQueryGen(db.Dialect()), nil)
	if err != nil {
		return err
	}
	if hasFailure(text) {
		return ErrNotStorable
	}
	return nil
}

// failure is how bun begins the reason why a value has no form.
var failure = []byte("?!(")

// hasFailure reports whether a failure stands in a statement outside of its quotes.
func hasFailure(text []byte) bool {
	for from := 0; ; {
		at := bytes.Index(text[from:], failure)
		if at < 0 {
			return false
		}
		from += at + len(failure)
		if bytes.Count(text[:from], []byte("'"))%2 == 0 { // a quote inside quotes is two
			return true
		}
	}
}
