package ledger

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate/id"
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

// AccountStatus says whether an account takes postings.
type AccountStatus string

// The account statuses.
const (
	AccountActive AccountStatus = "active"
	AccountClosed AccountStatus = "closed"
)

// Valid reports whether a is one of the account statuses.
func (a AccountStatus) Valid() bool {
	switch a {
	case AccountActive, AccountClosed:
		return true
	}
	return false
}

// Account is a line of a book's chart of accounts. A subledgered account also keeps
// a balance per [Subledger].
type Account struct {
	bun.BaseModel `bun:"table:financials.accounts,alias:la" json:"-"`

	ID     id.Of[Account] `bun:"id,pk" json:"id"`
	BookID id.Of[Book]    `bun:"book_id" json:"book_id"`
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
