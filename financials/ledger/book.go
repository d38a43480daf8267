package ledger

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
)

// BookKind says whose books they are.
type BookKind string

// The kinds of book.
const (
	BookProperty BookKind = "property"
	BookEntity   BookKind = "entity"
)

// Valid reports whether b is one of the kinds of book.
func (b BookKind) Valid() bool {
	switch b {
	case BookProperty, BookEntity:
		return true
	}
	return false
}

// Book is a set of accounts that balance among themselves: one per property, or
// one per entity that the host wants. A journal dated on or before ClosedThrough is
// refused unless it is an adjusting one.
type Book struct {
	bun.BaseModel `bun:"table:financials.books,alias:lb" json:"-"`

	ID         id.Of[Book]                 `bun:"id,pk" json:"id"`
	Code       string                      `bun:"code" json:"code"`
	Name       string                      `bun:"name" json:"name"`
	Kind       BookKind                    `bun:"kind" json:"kind"`
	PropertyID *id.Of[properties.Property] `bun:"property_id" json:"property_id"`
	Currency   string                      `bun:"currency" json:"currency"`

	// No journal that is dated on or before this day is taken, adjusting ones excepted.
	ClosedThrough *date.Date `bun:"closed_through" json:"closed_through"`
	Version       int64      `bun:"version" json:"version"`
	CreatedAt     time.Time  `bun:"created_at" json:"created_at"`
	UpdatedAt     time.Time  `bun:"updated_at" json:"updated_at"`
}
