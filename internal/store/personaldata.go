package store

import (
	"context"
	"io"
	"strings"

	"github.com/uptrace/bun"
)

// PersonalTable says what becomes of a table that names people or what they told
// about themselves: how an erasure treats it and what an export takes from it. Each
// domain lists its own; a test compares the lists with the catalog.
type PersonalTable struct {
	Name string // with its schema
	// Erased says what freehold.erase_person does, Kept why nothing is done. One of
	// them is set.
	Erased, Kept string
	// Mine is the SQL condition, with $1 for the person, on the rows that are the
	// person's, Omitted why none is exported. One of them is set.
	Mine, Omitted string
}

// Reasons of several domains.
const (
	KeptID    = "names the person by id only"
	NotTheirs = "the platform's own"
)

// Export writes the rows of the table that are a person's, as a JSON array without
// the columns of hidden.
func (p PersonalTable) Export(ctx context.Context, tx bun.IDB, w io.Writer, person string, hidden []string) error {
	where := strings.ReplaceAll(p.Mine, "$1", "?")
	args := []any{strings.Join(hidden, ","), bun.Ident(p.Name)}
	for range strings.Count(where, "?") {
		args = append(args, person)
	}
	sep := "["
	err := NewQuery(tx, nil, "SELECT (to_jsonb(t) - string_to_array(?, ','))::text FROM ? AS t WHERE "+where, args...).Each(ctx, func(row Row) error {
		var text string
		if err := row.Scan(&text); err != nil {
			return err
		}
		_, err := io.WriteString(w, sep+text)
		sep = ","
		return err
	})
	if err != nil {
		return err
	}
	end := "]"
	if sep == "[" {
		end = "[]"
	}
	_, err = io.WriteString(w, end)
	return err
}
