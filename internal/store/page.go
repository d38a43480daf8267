package store

import (
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// Cut makes a page of rows that a query of its own read, limit and one more
// where there are so many. key is the place of a row in the list.
func Cut[T any](rows []T, limit int, key func(*T) page.Cursor) page.Page[T] {
	if rows == nil {
		rows = []T{} // an empty list is [] in JSON, not null
	}
	p := page.Page[T]{Items: rows}
	if len(rows) > limit {
		p.Items = rows[:limit]
		p.Next = key(&rows[limit-1])
	}
	return p
}

// AfterID reads a request for a page of a list that is sorted by one id: how many
// rows there are at most, and the id after which they begin, zero for the first
// page. It returns [page.ErrLimit] or [page.ErrCursor].
func AfterID[T any](r page.Request) (limit int, after id.Of[T], err error) {
	if limit, err = r.Size(); err != nil || r.After == "" {
		return limit, after, err
	}
	parts, err := r.After.Decode(1)
	if err != nil {
		return limit, after, err
	}
	if after, err = id.Parse[T](parts[0]); err != nil {
		return limit, after, page.ErrCursor
	}
	return limit, after, nil
}

// IDCursor is the place of a row in a list that is sorted by its id.
func IDCursor[T any](row id.Of[T]) page.Cursor { return page.Encode(row.String()) }
