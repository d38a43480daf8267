package ledger

import (
	"cmp"
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/id"
)

// OpenBookParams is a book to open, with its chart of accounts.
type OpenBookParams struct {
	ID         id.Of[Book]                 // zero makes a new one
	Code       string                      // unique, such as "elm-court" or "sponsor-llc"; at most 100 characters
	Name       string                      // at most 255 characters
	PropertyID *id.Of[properties.Property] // the property whose book it is; nil is an entity's
	Currency   string                      // three letters, ISO 4217; "" is USD
	Accounts   []AccountParams
}

// OpenBook opens a book with its accounts. A second call with the same ID and the
// same params is the first one's success. It returns [ErrBookExists] for an id, a
// code or a property that has one, and all field errors at once.
func (s *Service) OpenBook(ctx context.Context, db bun.IDB, p OpenBookParams) (*Book, error) {
	now := s.now()
	b := &Book{ID: p.ID.OrNew(), Code: p.Code, Name: p.Name, Kind: BookEntity, PropertyID: p.PropertyID, Currency: cmp.Or(p.Currency, "USD"),
		Version: 1, CreatedAt: now, UpdatedAt: now}
	if b.PropertyID != nil {
		b.Kind = BookProperty
	}
	var f check.Fields
	f.Required("code", p.Code, 100)
	f.Required("name", p.Name, 255)
	f.Check(len(b.Currency) == 3, "currency", check.NotAllowed, "a currency is named by the three letters of its ISO code")
	checkChart(&f, p.Accounts)
	if err := f.Err(); err != nil {
		return nil, err
	}
	c := store.Creation[Book]{Verb: "ledger.open_book", Params: p, Chosen: p.ID, Kind: aggregateBook, Rows: books, Taken: ErrBookExists.On("id")}
	return store.CreateOnce(ctx, db, c, func(tx bun.IDB) (*Book, error) {
		if err := books.Insert(ctx, tx, b); err != nil {
			return nil, err
		}
		if _, err := s.addAccounts(ctx, tx, b.ID, p.Accounts); err != nil {
			return nil, err
		}
		return b, s.hooks.Emit(ctx, tx, now, store.Event(aggregateBook, b.ID, BookOpened{b.PropertyID, b.Currency, len(p.Accounts)}))
	})
}
