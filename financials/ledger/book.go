package ledger

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
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

// The conditions of books.
var (
	// ErrBookNotFound: there is no such book.
	ErrBookNotFound = fault.New(fault.NotFound, "book_not_found", "there is no such book")
	// ErrBookExists: another book has the code, or the property has a book.
	ErrBookExists = fault.New(fault.Conflict, "book_exists", "there is a book of this code or property already")
	// ErrBookSubject: the book of a property names it, and no other book does.
	ErrBookSubject = fault.New(fault.Invalid, "book_subject_inconsistent", "the book of a property names it, and no other does").On("property_id")
)

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

// books is the repository of Book rows, by code.
var books = store.Repo[Book]{
	NotFound:    ErrBookNotFound,
	Constraints: constraints,
	Sort: store.Sort[Book]{
		Columns: []store.Column{{Name: "code", Type: "text"}, {Name: "id", Type: "uuid"}},
		Key:     func(b *Book) []string { return []string{b.Code, b.ID.String()} },
	},
}

// Book reads a book. It returns [ErrBookNotFound].
func (s *Service) Book(ctx context.Context, db bun.IDB, book id.Of[Book]) (*Book, error) {
	return books.Get(ctx, db, book)
}

// BookByCode reads a book by its code. It returns [ErrBookNotFound].
func (s *Service) BookByCode(ctx context.Context, db bun.IDB, code string) (*Book, error) {
	return books.One(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("lb.code = ?", code) })
}

// BookFilter narrows a list of books; the zero value takes all.
type BookFilter struct {
	PropertyID *id.Of[properties.Property] // whose book it is: one at most
}

// Books lists books by code. The book of a property is found so, whichever verb opened it.
func (s *Service) Books(ctx context.Context, db bun.IDB, f BookFilter, r page.Request) (page.Page[Book], error) {
	return books.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery {
		if f.PropertyID != nil {
			q = q.Where("lb.property_id = ?", *f.PropertyID)
		}
		return q
	})
}

// lockBook excludes journals from a book until the transaction ends: it waits for
// those in flight, which hold the book's row by their foreign key, and they for it.
func lockBook(ctx context.Context, tx bun.IDB, book id.Of[Book]) (*Book, error) {
	return books.One(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("lb.id = ?", book).For("UPDATE") })
}

// aggregateBook is what this package's events are about: a book, with its chart,
// its periods and its chain of seals.
const aggregateBook = "book"

// BookOpened says that a book takes journals.
type BookOpened struct {
	PropertyID *id.Of[properties.Property] `json:"property_id,omitempty"` // nil is an entity's book
	Currency   string                      `json:"currency"`
	Accounts   int                         `json:"accounts"`
}

// EventType names the event.
func (BookOpened) EventType() (string, int) { return "ledger.book_opened", 1 }
