package ledger

import (
	"context"
	"strconv"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// AccountParams is a line of a chart of accounts.
type AccountParams struct {
	Code        string
	Name        string
	Type        AccountType
	Subledgered bool // keep a balance per subledger too
}

// OpenBookParams is a book to open, with its chart of accounts.
type OpenBookParams struct {
	ID         id.Of[Book] // zero makes a new one
	Code       string      // unique, such as "elm-court" or "sponsor-llc"
	Name       string
	PropertyID *id.Of[properties.Property] // the property whose book it is; nil is an entity's
	Currency   string                      // "" is USD
	Accounts   []AccountParams
}

// OpenBook opens a book with its accounts. It returns [ErrBookExists] for a
// code or property that has one, and all field errors at once.
func (s *Service) OpenBook(ctx context.Context, db bun.IDB, p OpenBookParams) (*Book, error) {
	now := s.now()
	b := &Book{ID: p.ID, Code: p.Code, Name: p.Name, Kind: BookEntity, PropertyID: p.PropertyID, Currency: p.Currency,
		Version: 1, CreatedAt: now, UpdatedAt: now}
	if b.ID.IsZero() {
		b.ID = id.New[Book]()
	}
	if b.PropertyID != nil {
		b.Kind = BookProperty
	}
	if b.Currency == "" {
		b.Currency = "USD"
	}
	var f fault.Fields
	f.Check(p.Code != "", "code", check.Required, "a book has a code")
	f.Check(p.Name != "", "name", check.Required, "a book has a name")
	f.AddErr("", checkChart(p.Accounts))
	if err := f.Err(); err != nil {
		return nil, err
	}
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		if err := books.Insert(ctx, tx, b); err != nil {
			return err
		}
		if _, err := s.addAccounts(ctx, tx, b.ID, p.Accounts); err != nil {
			return err
		}
		return s.hooks.Emit(ctx, tx, now, store.Event(aggregateBook, b.ID, BookOpened{b.PropertyID, b.Currency, len(p.Accounts)}))
	})
	if err != nil {
		return nil, err
	}
	return b, nil
}

// AddAccounts adds lines to a book's chart of accounts. It returns
// [ErrAccountExists], and all field errors at once.
func (s *Service) AddAccounts(ctx context.Context, db bun.IDB, book id.Of[Book], list []AccountParams) ([]Account, error) {
	if err := checkChart(list); err != nil {
		return nil, err
	}
	var rows []Account
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		if rows, err = s.addAccounts(ctx, tx, book, list); err != nil || len(rows) == 0 {
			return err
		}
		return s.hooks.Emit(ctx, tx, rows[0].CreatedAt, store.Event(aggregateBook, book, AccountsAdded{len(rows)}))
	})
	if err != nil {
		return nil, err
	}
	return rows, nil
}

func (s *Service) addAccounts(ctx context.Context, tx bun.IDB, book id.Of[Book], list []AccountParams) ([]Account, error) {
	now := s.now()
	rows := make([]Account, len(list))
	for i, a := range list {
		rows[i] = Account{ID: id.New[Account](), BookID: book, Code: a.Code, Name: a.Name, Type: a.Type,
			Subledgered: a.Subledgered, Status: AccountActive, Version: 1, CreatedAt: now, UpdatedAt: now}
	}
	return rows, accounts.InsertAll(ctx, tx, rows)
}

// EnsureAccounts adds those lines to a book's chart of accounts whose codes it
// lacks, in one statement, and returns the whole chart by code. An account that
// is there stays as it is, also one of another name or type. Two calls at once
// add an account once.
func (s *Service) EnsureAccounts(ctx context.Context, db bun.IDB, book id.Of[Book], list []AccountParams) (map[string]Account, error) {
	if err := checkChart(list); err != nil {
		return nil, err
	}
	chart, err := s.Chart(ctx, db, book)
	if err != nil {
		return nil, err
	}
	var rows []Account
	now := s.now()
	for _, a := range list {
		if _, ok := chart[a.Code]; !ok {
			rows = append(rows, Account{ID: id.New[Account](), BookID: book, Code: a.Code, Name: a.Name, Type: a.Type,
				Subledgered: a.Subledgered, Status: AccountActive, Version: 1, CreatedAt: now, UpdatedAt: now})
		}
	}
	if len(rows) == 0 {
		return chart, nil
	}
	err = store.InTx(ctx, db, func(tx bun.IDB) error {
		_, err := tx.NewInsert().Model(&rows).On("CONFLICT (book_id, code) DO NOTHING").Returning("NULL").Exec(ctx)
		return store.Err(err, constraints)
	})
	if err != nil {
		return nil, err
	}
	return s.Chart(ctx, db, book)
}

func checkChart(list []AccountParams) error {
	var f check.Fields
	for i, a := range list {
		at := "accounts[" + strconv.Itoa(i) + "]."
		f.Check(a.Code != "", at+"code", check.Required, "an account has a code")
		f.Check(a.Name != "", at+"name", check.Required, "an account has a name")
		check.One(&f, at+"type", a.Type)
	}
	return f.Err()
}

// Book reads a book. It returns [ErrBookNotFound].
func (s *Service) Book(ctx context.Context, db bun.IDB, v id.Of[Book]) (*Book, error) {
	return books.Get(ctx, db, v)
}

// BookByCode reads a book by its code. It returns [ErrBookNotFound].
func (s *Service) BookByCode(ctx context.Context, db bun.IDB, code string) (*Book, error) {
	return books.One(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("lb.code = ?", code) })
}

// Books lists all books by code.
func (s *Service) Books(ctx context.Context, db bun.IDB, r page.Request) (page.Page[Book], error) {
	return books.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery { return q })
}

// Chart returns the accounts of a book by their codes. Charts are short, so
// they are not paged.
func (s *Service) Chart(ctx context.Context, db bun.IDB, book id.Of[Book]) (map[string]Account, error) {
	rows, err := accounts.All(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("la.book_id = ?", book) })
	if err != nil {
		return nil, err
	}
	chart := make(map[string]Account, len(rows))
	for _, a := range rows {
		chart[a.Code] = a
	}
	return chart, nil
}
