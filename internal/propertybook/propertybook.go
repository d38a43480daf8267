// Package propertybook finds the book of a property, with the accounts that a service books
// to, for the services that share it: leases, payables, loans.
package propertybook

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// Finder finds books by these services.
type Finder struct {
	Books      *ledger.Service
	Properties *properties.Service
}

// Find finds the book of a property, whose lock the caller holds, or opens it with a chart.
func (f Finder) Find(ctx context.Context, tx bun.IDB, property id.Of[properties.Property], chart []ledger.AccountParams) (id.Of[ledger.Book], error) {
	var none id.Of[ledger.Book]
	found, err := store.Rows[struct {
		ID id.Of[ledger.Book] `bun:"id"`
	}](ctx, tx, "SELECT id FROM financials.books WHERE property_id = $1", property)
	if err != nil {
		return none, err
	}
	if len(found) > 0 {
		return found[0].ID, nil
	}
	p, err := f.Properties.Property(ctx, tx, property)
	if err != nil {
		return none, err
	}
	b, err := f.Books.OpenBook(ctx, tx, ledger.OpenBookParams{Code: "property-" + p.ID.String(), Name: p.Name, PropertyID: &p.ID, Currency: p.Currency, Accounts: chart})
	if err != nil {
		return none, err
	}
	return b.ID, nil
}

// Accounts reads the accounts of a chart in a book by their codes; those that the book lacks
// are added. One whose code the book uses for another kind of account is refused as
// unsuitable.
func (f Finder) Accounts(ctx context.Context, tx bun.IDB, book id.Of[ledger.Book], chart []ledger.AccountParams, unsuitable *fault.Error) (map[string]id.Of[ledger.Account], error) {
	all, err := f.Books.EnsureAccounts(ctx, tx, ledger.EnsureAccountsParams{BookID: book, Accounts: chart})
	if err != nil {
		return nil, err
	}
	out := make(map[string]id.Of[ledger.Account], len(chart))
	for _, a := range chart {
		if all[a.Code].Type != a.Type {
			return nil, unsuitable.With("%s", a.Code)
		}
		out[a.Code] = all[a.Code].ID
	}
	return out, nil
}
