package ledger

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// balanceKey is an account, or a subledger of it.
type balanceKey struct {
	account   id.Of[Account]
	book      id.Of[Book]
	subledger id.Of[Subledger] // zero is the account as a whole
}

// balanceSum is what lines add to a balance.
type balanceSum struct {
	balanceKey
	debits, credits money.Amount
}

// balanceSums adds lines up by account and by subledger, in the order in which
// balances are locked.
func balanceSums(lines []Posting) ([]balanceSum, error) {
	at := make(map[balanceKey]int, 2*len(lines))
	sums := make([]balanceSum, 0, 2*len(lines))
	sum := func(k balanceKey) *balanceSum {
		i, ok := at[k]
		if !ok {
			i = len(sums)
			at[k], sums = i, append(sums, balanceSum{balanceKey: k})
		}
		return &sums[i]
	}
	add := func(to *money.Amount, amount money.Amount) (err error) {
		*to, err = to.Add(amount)
		return err
	}
	for i := range lines {
		l := &lines[i]
		keys := []id.Of[Subledger]{{}}
		if l.SubledgerID != nil {
			keys = append(keys, *l.SubledgerID)
		}
		for _, sub := range keys {
			if err := add(&sum(balanceKey{l.DebitAccount, l.BookID, sub}).debits, l.Amount); err != nil {
				return nil, err
			}
			if err := add(&sum(balanceKey{l.CreditAccount, l.BookID, sub}).credits, l.Amount); err != nil {
				return nil, err
			}
		}
	}
	slices.SortFunc(sums, func(a, b balanceSum) int {
		return cmp.Or(a.account.Compare(b.account), a.subledger.Compare(b.subledger))
	})
	return sums, nil
}

// addToBalances brings the balances up to date for many lines. Accounts on which
// no subledger has a balance yet get theirs as plain rows, which costs the server
// half; who else writes to one of them meanwhile makes all of them go the way that
// adds to what is there.
func addToBalances(ctx context.Context, tx bun.IDB, lines []Posting, sums []balanceSum) error {
	fresh, err := withoutBalances(ctx, tx, bookIDs(lines))
	if err != nil {
		return err
	}
	var rows []SubledgerBalance
	rest := make([]balanceSum, 0, len(sums))
	for _, s := range sums {
		if !s.subledger.IsZero() && fresh[s.account] {
			rows = append(rows, SubledgerBalance{AccountID: s.account, BookID: s.book, SubledgerID: s.subledger, Debits: s.debits, Credits: s.credits})
		} else {
			rest = append(rest, s)
		}
	}
	if len(rows) > 0 {
		err := store.InTx(ctx, tx, func(tx bun.IDB) error { return subledgerBalances.InsertAll(ctx, tx, rows) })
		switch {
		case errors.Is(err, store.ErrExists):
			rest = sums
		case err != nil:
			return err
		}
	}
	return addSums(ctx, tx, rest)
}

// withoutBalances are the subledgered accounts of books on which no subledger has
// a balance.
func withoutBalances(ctx context.Context, tx bun.IDB, books []id.Of[Book]) (map[id.Of[Account]]bool, error) {
	var ids []id.Of[Account]
	err := store.Read(ctx, tx, tx.NewRaw(`SELECT id FROM financials.accounts a WHERE book_id IN (?) AND subledgered
		AND NOT EXISTS (SELECT 1 FROM financials.subledger_balances b WHERE b.account_id = a.id AND b.book_id = a.book_id)`, bun.List(books)), &ids)
	fresh := make(map[id.Of[Account]]bool, len(ids))
	for _, v := range ids {
		fresh[v] = true
	}
	return fresh, store.Err(err, constraints)
}

// addSums adds to balances, or begins them. sums are in the order of accounts.
func addSums(ctx context.Context, tx bun.IDB, sums []balanceSum) error {
	var accounts []id.Of[Account]
	var books []id.Of[Book]
	places := store.TextArray(sums, func(s *balanceSum) string {
		if n := len(accounts); n == 0 || accounts[n-1] != s.account {
			accounts, books = append(accounts, s.account), append(books, s.book)
		}
		return strconv.Itoa(len(accounts))
	})
	return store.Err(store.Exec(ctx, tx, "SELECT financials.add_sums_to_balances($1, $2, $3, $4, $5, $6)",
		idArray(books), idArray(accounts), places,
		store.TextArray(sums, func(s *balanceSum) string {
			if s.subledger.IsZero() {
				return ""
			}
			return s.subledger.String()
		}),
		store.TextArray(sums, func(s *balanceSum) string { return s.debits.String() }),
		store.TextArray(sums, func(s *balanceSum) string { return s.credits.String() })), constraints)
}
