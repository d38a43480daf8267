package ledger

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
)

// AccountParams is a line of a chart of accounts.
type AccountParams struct {
	Code        string // unique in the book; at most 50 characters
	Name        string // at most 255 characters
	Type        AccountType
	Subledgered bool // keep a balance per subledger too
}

// AddAccountsParams is lines to add to a book's chart of accounts.
type AddAccountsParams struct {
	BookID   id.Of[Book]
	Accounts []AccountParams
}

// AddAccounts adds lines to a book's chart of accounts. Lines that are all there
// already, as they are given, are the success of an earlier call, which comes
// back. It returns [ErrAccountExists], and all field errors at once.
func (s *Service) AddAccounts(ctx context.Context, db bun.IDB, p AddAccountsParams) ([]Account, error) {
	var f check.Fields
	f.Given("book_id", p.BookID)
	checkChart(&f, p.Accounts)
	if err := f.Err(); err != nil {
		return nil, err
	}
	rows := []Account{}
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		if rows, err = s.addAccounts(ctx, tx, p.BookID, p.Accounts); err != nil || len(rows) == 0 {
			return err
		}
		return s.hooks.Emit(ctx, tx, rows[0].CreatedAt, store.Event(aggregateBook, p.BookID, AccountsAdded{len(rows)}))
	})
	if errors.Is(err, ErrAccountExists) {
		return s.addedBefore(ctx, db, p, err)
	}
	if err != nil {
		return nil, err
	}
	return rows, nil
}

// addedBefore returns the accounts of a chart that read as they are to be added,
// or the cause.
func (s *Service) addedBefore(ctx context.Context, db bun.IDB, p AddAccountsParams, cause error) ([]Account, error) {
	chart, err := s.Chart(ctx, db, p.BookID)
	if err != nil {
		return nil, err
	}
	rows := make([]Account, len(p.Accounts))
	for i, a := range p.Accounts {
		was, ok := chart[a.Code]
		if !ok || was.Name != a.Name || was.Type != a.Type || was.Subledgered != a.Subledgered {
			return nil, cause
		}
		rows[i] = was
	}
	return rows, nil
}

func (s *Service) addAccounts(ctx context.Context, tx bun.IDB, book id.Of[Book], list []AccountParams) ([]Account, error) {
	now := s.now()
	rows := make([]Account, len(list))
	for i, a := range list {
		rows[i] = a.row(book, now)
	}
	return rows, accounts.InsertAll(ctx, tx, rows)
}

// EnsureAccountsParams is lines that a book's chart of accounts is to have.
type EnsureAccountsParams struct {
	BookID   id.Of[Book]
	Accounts []AccountParams
}

// EnsureAccounts adds those lines to a book's chart of accounts whose codes it
// lacks, in one statement, and returns the whole chart by code. An account that
// is there stays as it is, also one of another name or type. Two calls at once
// add an account once.
func (s *Service) EnsureAccounts(ctx context.Context, db bun.IDB, p EnsureAccountsParams) (map[string]Account, error) {
	var f check.Fields
	f.Given("book_id", p.BookID)
	checkChart(&f, p.Accounts)
	if err := f.Err(); err != nil {
		return nil, err
	}
	chart, err := s.Chart(ctx, db, p.BookID)
	if err != nil {
		return nil, err
	}
	var rows []Account
	now := s.now()
	for _, a := range p.Accounts {
		if _, ok := chart[a.Code]; !ok {
			rows = append(rows, a.row(p.BookID, now))
		}
	}
	if len(rows) == 0 {
		return chart, nil
	}
	err = store.InTx(ctx, db, func(tx bun.IDB) error {
		_, err := store.Write(ctx, tx, tx.NewInsert().Model(&rows).On("CONFLICT (book_id, code) DO NOTHING").Returning("NULL"))
		return store.Err(err, constraints)
	})
	if err != nil {
		return nil, err
	}
	return s.Chart(ctx, db, p.BookID)
}

// row is the account that a makes.
func (a AccountParams) row(book id.Of[Book], now time.Time) Account {
	return Account{ID: id.New[Account](), BookID: book, Code: a.Code, Name: a.Name, Type: a.Type,
		Subledgered: a.Subledgered, Status: AccountStatusActive, Version: 1, CreatedAt: now, UpdatedAt: now}
}

// checkChart checks the lines of a chart, each code of which is there once.
func checkChart(f *check.Fields, list []AccountParams) {
	seen := make(map[string]bool, len(list))
	for i, a := range list {
		at := "accounts[" + strconv.Itoa(i) + "]."
		f.Required(at+"code", a.Code, 50)
		f.Required(at+"name", a.Name, 255)
		check.One(f, at+"type", a.Type)
		f.Check(!seen[a.Code], at+"code", check.Duplicate, "each code once")
		seen[a.Code] = true
	}
}
