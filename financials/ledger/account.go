package ledger

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// AccountType says what an account counts and so which side is its normal one.
type AccountType string

// The account types.
const (
	Asset     AccountType = "asset"
	Liability AccountType = "liability"
	Equity    AccountType = "equity"
	Income    AccountType = "income"
	Expense   AccountType = "expense"
)

// Valid reports whether a is one of the account types.
func (a AccountType) Valid() bool {
	switch a {
	case Asset, Liability, Equity, Income, Expense:
		return true
	}
	return false
}

// DebitNormal reports whether debits increase an account of the type: assets and
// expenses. The balance of the others grows with credits.
func (a AccountType) DebitNormal() bool { return a == Asset || a == Expense }

// Balance returns the balance of an account of type a with these debits and
// credits, positive on its normal side. It returns [money.ErrOutOfRange].
func (a AccountType) Balance(debits, credits money.Amount) (money.Amount, error) {
	if a.DebitNormal() {
		return debits.Sub(credits)
	}
	return credits.Sub(debits)
}

// AccountStatus says whether an account takes postings.
type AccountStatus string

// The account statuses.
const (
	AccountStatusActive AccountStatus = "active"
	AccountStatusClosed AccountStatus = "closed"
)

// Valid reports whether a is one of the account statuses.
func (a AccountStatus) Valid() bool {
	switch a {
	case AccountStatusActive, AccountStatusClosed:
		return true
	}
	return false
}

// The conditions of accounts.
var (
	// ErrAccountNotFound: there is no such account in the book.
	ErrAccountNotFound = fault.New(fault.NotFound, "account_not_found", "there is no such account")
	// ErrAccountExists: the book has an account of this code.
	ErrAccountExists = fault.New(fault.Conflict, "account_exists", "the book has an account of this code").On("code")
	// ErrAccountClosed: a closed account takes no postings.
	ErrAccountClosed = fault.New(fault.Illegal, "account_closed", "a closed account takes no postings").On("account_id")
	// ErrForeignAccount: an account is not of the journal's book.
	ErrForeignAccount = fault.New(fault.Invalid, "posting_foreign_account", "the account is not of the journal's book").On("account_id")
	// ErrAccountInUse: an account is closed when its balance is zero.
	ErrAccountInUse = fault.New(fault.Illegal, "account_balance_open", "an account is closed when its balance is zero").On("account_id")
)

// Account is a line of a book's chart of accounts. A subledgered account also keeps
// a balance per [Subledger].
type Account struct {
	bun.BaseModel `bun:"table:financials.accounts,alias:la" json:"-"`

	ID     id.Of[Account] `bun:"id,pk" json:"id"`
	BookID id.Of[Book]    `bun:"book_id,pk" json:"book_id"`
	Code   string         `bun:"code" json:"code"`
	Name   string         `bun:"name" json:"name"`
	Type   AccountType    `bun:"column:type" json:"type"`

	// A control account also keeps a balance per subledger (position).
	Subledgered bool          `bun:"subledgered" json:"subledgered"`
	Status      AccountStatus `bun:"status" json:"status"`
	Version     int64         `bun:"version" json:"version"`
	CreatedAt   time.Time     `bun:"created_at" json:"created_at"`
	UpdatedAt   time.Time     `bun:"updated_at" json:"updated_at"`
}

// accounts is the repository of Account rows, by code within a book.
var accounts = store.Repo[Account]{
	NotFound:    ErrAccountNotFound,
	Constraints: constraints,
	Within:      "book_id",
	Sort: store.Sort[Account]{
		Columns: []store.Column{{Name: "code", Type: "text"}, {Name: "id", Type: "uuid"}},
		Key:     func(a *Account) []string { return []string{a.Code, a.ID.String()} },
	},
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

// AccountsAdded says that a book's chart of accounts has grown.
type AccountsAdded struct {
	Accounts int `json:"accounts"`
}

// EventType names the event.
func (AccountsAdded) EventType() (string, int) { return "ledger.accounts_added", 1 }

// AccountClosed says that an account takes no more postings.
type AccountClosed struct {
	AccountID id.Of[Account] `json:"account_id"`
	Code      string         `json:"code"`
}

// EventType names the event.
func (AccountClosed) EventType() (string, int) { return "ledger.account_closed", 1 }

// AccountReopened says that a closed account takes postings again.
type AccountReopened struct {
	AccountID id.Of[Account] `json:"account_id"`
	Code      string         `json:"code"`
}

// EventType names the event.
func (AccountReopened) EventType() (string, int) { return "ledger.account_reopened", 1 }
