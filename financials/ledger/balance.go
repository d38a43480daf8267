package ledger

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// AccountBalance is what an account was debited and credited so far, or one shard
// of it: the shards of a hot account add up. It is a cache of the postings.
type AccountBalance struct {
	bun.BaseModel `bun:"table:financials.account_balances,alias:lx" json:"-"`

	AccountID id.Of[Account] `bun:"account_id,pk" json:"account_id"`
	BookID    id.Of[Book]    `bun:"book_id,pk" json:"book_id"`
	Shard     int            `bun:"shard,pk" json:"shard"`
	Debits    money.Amount   `bun:"debits" json:"debits"`
	Credits   money.Amount   `bun:"credits" json:"credits"`
}

// SubledgerBalance is what a subledgered account was debited and credited so far
// for one subledger. It is a cache of the postings.
type SubledgerBalance struct {
	bun.BaseModel `bun:"table:financials.subledger_balances,alias:ly" json:"-"`

	AccountID   id.Of[Account]   `bun:"account_id,pk" json:"account_id"`
	BookID      id.Of[Book]      `bun:"book_id,pk" json:"book_id"`
	SubledgerID id.Of[Subledger] `bun:"subledger_id,pk" json:"subledger_id"`
	Debits      money.Amount     `bun:"debits" json:"debits"`
	Credits     money.Amount     `bun:"credits" json:"credits"`
}

// subledgerBalances is the repository of SubledgerBalance rows, for those written
// in bulk.
var subledgerBalances = store.Repo[SubledgerBalance]{NotFound: ErrAccountNotFound, Constraints: constraints}

// Totals is what was debited and credited, and what that leaves on the
// account's normal side.
type Totals struct {
	Account Account      `json:"account"`
	Debits  money.Amount `json:"debits"`
	Credits money.Amount `json:"credits"`
	Balance money.Amount `json:"balance"`
}

// Balance reads an account's balance of this moment from the balances, not
// from the postings. It returns [ErrAccountNotFound].
func (s *Service) Balance(ctx context.Context, db bun.IDB, account id.Of[Account]) (Totals, error) {
	a, err := accounts.Get(ctx, db, account)
	if err != nil {
		return Totals{}, err
	}
	return a.totals(ctx, db, `SELECT COALESCE(sum(debits), 0), COALESCE(sum(credits), 0) FROM financials.account_balances
		WHERE account_id = ? AND book_id = ?`, account, a.BookID)
}

// SubledgerTotals reads the balance of one subledger (an investor's position)
// on a subledgered account. It returns [ErrAccountNotFound].
func (s *Service) SubledgerTotals(ctx context.Context, db bun.IDB, account id.Of[Account], subledger id.Of[Subledger]) (Totals, error) {
	a, err := accounts.Get(ctx, db, account)
	if err != nil {
		return Totals{}, err
	}
	return a.totals(ctx, db, `SELECT COALESCE(sum(debits), 0), COALESCE(sum(credits), 0) FROM financials.subledger_balances
		WHERE account_id = ? AND book_id = ? AND subledger_id = ?`, account, a.BookID, subledger)
}

func (a *Account) totals(ctx context.Context, db bun.IDB, query string, args ...any) (t Totals, err error) {
	db, done, err := store.Reader(ctx, db)
	if err != nil {
		return t, err
	}
	defer done()
	t.Account = *a
	if err = store.Read(ctx, db, db.NewRaw(query, args...), &t.Debits, &t.Credits); err != nil {
		return t, store.Err(err, constraints)
	}
	t.Balance, err = a.Type.Balance(t.Debits, t.Credits)
	return t, err
}
