package store

import (
	"context"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// Sort is the fixed order of a list: columns that together are unique, the last
// being the id, all in one direction, so that one row comparison finds the next
// page through an index over them.
type Sort[T any] struct {
	Columns []Column
	Desc    bool
	Key     func(*T) []string // the row's values of Columns, as text
}

// Column is a column of a sort key. Type is one of uuid, timestamptz, date,
// numeric and text; other types are cast to one of them by an index of their
// own or not sorted by.
type Column struct{ Name, Type string }

// NewestFirst is the usual order: by creation, the newest first, ties by id.
func NewestFirst[T any](key func(*T) (time.Time, string)) Sort[T] {
	return Sort[T]{
		Columns: []Column{{"created_at", "timestamptz"}, {"id", "uuid"}},
		Desc:    true,
		Key: func(row *T) []string {
			at, key := key(row)
			return []string{TimeKey(at), key}
		},
	}
}

// TimeKey is a time as a cursor holds it: to the microsecond, as stored.
func TimeKey(t time.Time) string { return t.UTC().Format(timeKey) }

// List reads one page in the order of r.Sort among the rows that narrow
// selects. A cursor of another list is page.ErrCursor, and is found out before
// it reaches the database, where it would abort the caller's transaction.
func (r Repo[T]) List(ctx context.Context, db bun.IDB, req page.Request, narrow func(*bun.SelectQuery) *bun.SelectQuery) (page.Page[T], error) {
	limit, err := req.Size()
	if err != nil {
		return page.Page[T]{}, err
	}
	after, err := r.Sort.decode(req.After)
	if err != nil {
		return page.Page[T]{}, err
	}
	rows, err := r.All(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		return r.Sort.apply(narrow(q), after, limit+1) // one more tells whether there is a next page
	})
	if err != nil {
		return page.Page[T]{}, err
	}
	if rows == nil {
		rows = []T{} // an empty list is [] in JSON, not null
	}
	p := page.Page[T]{Items: rows}
	if len(rows) > limit {
		p.Items = rows[:limit]
		p.Next = page.Encode(r.Sort.Key(&rows[limit-1])...)
	}
	return p, nil
}

func (s Sort[T]) decode(c page.Cursor) ([]string, error) {
	if c == "" {
		return nil, nil
	}
	parts, err := c.Decode(len(s.Columns))
	if err != nil {
		return nil, err
	}
	for i, p := range parts {
		if !s.Columns[i].holds(p) {
			return nil, page.ErrCursor
		}
	}
	return parts, nil
}

// timeKey is the form of [TimeKey].
const timeKey = "2006-01-02T15:04:05.000000Z"

// longestText is how many bytes a text in a cursor has at most. Lists are not sorted by
// longer ones.
const longestText = 4096

// holds reports whether a text is in the form that cursors have values of the column
// in, and no other that the server might read otherwise or not at all.
func (c Column) holds(text string) bool {
	switch c.Type {
	case "uuid":
		_, err := id.Parse[struct{}](text)
		return err == nil
	case "timestamptz":
		t, err := time.Parse(timeKey, text)
		return err == nil && t.Year() > 0
	case "date":
		_, err := date.Parse(text)
		return err == nil
	case "numeric":
		return len(text) <= 64 && plainNumber.MatchString(text)
	}
	return len(text) <= longestText && utf8.ValidString(text) && strings.IndexByte(text, 0) < 0
}

// plainNumber is a decimal without an exponent.
var plainNumber = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)

func (s Sort[T]) apply(q *bun.SelectQuery, after []string, limit int) *bun.SelectQuery {
	names, marks, order := make([]string, len(s.Columns)), make([]string, len(s.Columns)), make([]string, len(s.Columns))
	args := make([]any, len(after))
	for i, c := range s.Columns {
		names[i], marks[i], order[i] = "?TableAlias."+c.Name, "?::"+c.Type, "?TableAlias."+c.Name
		if s.Desc {
			order[i] += " DESC"
		}
		if after != nil {
			args[i] = after[i]
		}
	}
	if after != nil {
		op := " > "
		if s.Desc {
			op = " < "
		}
		q = q.Where("("+strings.Join(names, ", ")+")"+op+"("+strings.Join(marks, ", ")+")", args...)
	}
	return q.OrderExpr(strings.Join(order, ", ")).Limit(int64(limit))
}
