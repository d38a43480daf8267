package ledger

import (
	"cmp"
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// balanceKey is an account, or a subledger of it.
type balanceKey struct {
	account   id.Of[Account]
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
			if err := add(&sum(balanceKey{l.DebitAccount, sub}).debits, l.Amount); err != nil {
				return nil, err
			}
			if err := add(&sum(balanceKey{l.CreditAccount, sub}).credits, l.Amount); err != nil {
				return nil, err
			}
		}
	}
	slices.SortFunc(sums, func(a, b balanceSum) int {
		return cmp.Or(a.account.Compare(b.account), a.subledger.Compare(b.subledger))
	})
	return sums, nil
}

// addToBalances brings the balances up to date for many lines.
func addToBalances(ctx context.Context, tx bun.IDB, heads []Journal, lines []Posting) error {
	sums, err := balanceSums(lines)
	if err != nil {
		return err
	}
	return store.Err(store.Exec(ctx, tx, "SELECT freehold.add_sums_to_balances($1, $2, $3, $4, $5)",
		idArray(bookIDs(heads)),
		store.TextArray(sums, func(s *balanceSum) string { return s.account.String() }),
		store.TextArray(sums, func(s *balanceSum) string {
			if s.subledger.IsZero() {
				return ""
			}
			return s.subledger.String()
		}),
		store.TextArray(sums, func(s *balanceSum) string { return s.debits.String() }),
		store.TextArray(sums, func(s *balanceSum) string { return s.credits.String() })), constraints)
}
