// Package page is keyset pagination: a list is read in pages, and each page
// carries an opaque [Cursor] that says where the next begins.
//
// A cursor holds the full sort key of the last item, at full precision, with
// the id behind it to break ties; a page therefore costs the same wherever it
// is, and rows inserted meanwhile neither repeat nor hide others. There is no
// offset and no total count.
package page

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"iter"

	"github.com/freehold-go/freehold/realestate/fault"
)

// The sizes of a page.
const (
	DefaultLimit = 50
	MaxLimit     = 1000
)

// The conditions of this package.
var (
	// ErrCursor: the cursor was not made by this list. The text is not quoted.
	ErrCursor = fault.New(fault.Invalid, "cursor_malformed", "the cursor does not belong to this list").On("after")
	// ErrLimit: the limit is negative or above [MaxLimit].
	ErrLimit = fault.New(fault.Invalid, fault.CodeOutOfRange, "a page holds 1 to 1000 items").On("limit")
)

// Request asks for one page. The zero value is the first page of
// [DefaultLimit] items.
type Request struct {
	Limit int    `json:"limit,omitempty"` // 0 means DefaultLimit
	After Cursor `json:"after,omitempty"` // "" means from the start
}

// Size returns the limit to use, or [ErrLimit].
func (r Request) Size() (int, error) {
	switch {
	case r.Limit == 0:
		return DefaultLimit, nil
	case r.Limit < 0 || r.Limit > MaxLimit:
		return 0, ErrLimit
	}
	return r.Limit, nil
}

// Page is one page of a list.
type Page[T any] struct {
	Items []T    `json:"items"`
	Next  Cursor `json:"next,omitempty"` // "" when this page is the last
}

// Cursor is a place in one list, opaque to callers and safe in a URL.
type Cursor string

// Encode makes a cursor of the parts of a sort key.
func Encode(parts ...string) Cursor {
	n := 0
	for _, p := range parts {
		n += len(p) + binary.MaxVarintLen32
	}
	b := make([]byte, 0, n)
	for _, p := range parts {
		b = binary.AppendUvarint(b, uint64(len(p)))
		b = append(b, p...)
	}
	return Cursor(base64.RawURLEncoding.EncodeToString(b))
}

// Decode returns the parts of a cursor that must have n of them, or
// [ErrCursor].
func (c Cursor) Decode(n int) ([]string, error) {
	b, err := base64.RawURLEncoding.DecodeString(string(c))
	if err != nil {
		return nil, ErrCursor
	}
	parts := make([]string, 0, n)
	for len(b) > 0 {
		size, w := binary.Uvarint(b)
		if w <= 0 || size > uint64(len(b)-w) || len(parts) == n {
			return nil, ErrCursor
		}
		parts = append(parts, string(b[w:w+int(size)]))
		b = b[w+int(size):]
	}
	if len(parts) != n {
		return nil, ErrCursor
	}
	return parts, nil
}

// All walks a list page by page, from the first to the last item. It stops at
// the first error, which it yields with a zero item.
//
//	for o, err := range page.All(ctx, func(ctx context.Context, r page.Request) (page.Page[Offering], error) {
//		return svc.Offerings(ctx, db, filter, r)
//	}) { ... }
func All[T any](ctx context.Context, fetch func(context.Context, Request) (Page[T], error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		req := Request{Limit: MaxLimit}
		for {
			p, err := fetch(ctx, req)
			if err != nil {
				var zero T
				yield(zero, err)
				return
			}
			for _, item := range p.Items {
				if !yield(item, nil) {
					return
				}
			}
			if p.Next == "" {
				return
			}
			req.After = p.Next
		}
	}
}
