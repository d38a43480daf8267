package ledger

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// tally is what the postings come to that [Service.Verify] read with their journals, to
// compare with what the server counts and with the balances: where all of it agrees, no
// posting was missed and no balance is wrong, and the postings need not be read again to
// find out which. A nil tally counts nothing.
type tally struct {
	accounts        map[id.Of[Account]]*accountTally
	subledgers      map[balanceKey]*sides
	sealed          int64 // journals of seals that are there
	debits, credits int64 // lines by accounts of the book
	unsure          bool  // a line has an account of no book of ours, or a sum is out of range
}

// accountTally is the tally of an account of the book.
type accountTally struct {
	sides
	subledgered bool
}

// sides are sums of debits and credits.
type sides struct{ debits, credits money.Amount }

func newTally() *tally {
	return &tally{accounts: map[id.Of[Account]]*accountTally{}, subledgers: map[balanceKey]*sides{}}
}

// accountsOf makes the tallies of the accounts of a book.
func (t *tally) accountsOf(ctx context.Context, tx bun.IDB, book id.Of[Book]) error {
	return store.NewQuery(tx, constraints, "SELECT id, subledgered FROM financials.accounts WHERE book_id = ?", book).Each(ctx, func(row store.Row) error {
		var v id.Of[Account]
		a := &accountTally{}
		err := row.Scan(&v, &a.subledgered)
		t.accounts[v] = a
		return err
	})
}

// members counts journals of seals, which are in one each.
func (t *tally) members(list []member) {
	for i := range list {
		if t != nil && list[i].Position > 0 && !list[i].ID.IsZero() {
			t.sealed++
		}
	}
}

// line counts a posting of the book.
func (t *tally) line(l *Posting) {
	if t == nil {
		return
	}
	debit, credit := t.accounts[l.DebitAccount], t.accounts[l.CreditAccount]
	if debit != nil {
		t.debits++
		t.add(&debit.debits, l.Amount)
	}
	if credit != nil {
		t.credits++
		t.add(&credit.credits, l.Amount)
	}
	if debit == nil || credit == nil {
		t.unsure = true
		return
	}
	if l.SubledgerID == nil {
		return
	}
	if debit.subledgered {
		t.add(&t.subledger(l, l.DebitAccount).debits, l.Amount)
	}
	if credit.subledgered {
		t.add(&t.subledger(l, l.CreditAccount).credits, l.Amount)
	}
}

func (t *tally) subledger(l *Posting, account id.Of[Account]) *sides {
	k := balanceKey{account, l.BookID, *l.SubledgerID}
	s := t.subledgers[k]
	if s == nil {
		s = &sides{}
		t.subledgers[k] = s
	}
	return s
}

func (t *tally) add(to *money.Amount, amount money.Amount) {
	sum, err := to.Add(amount)
	t.unsure = t.unsure || err != nil
	*to = sum
}

// agrees reports whether the lines are all that the book has, and the balances their sums.
// The lines are postings of the book, each counted once, so that as many are all of them.
func (t *tally) agrees(ctx context.Context, tx bun.IDB, book id.Of[Book]) (bool, error) {
	if t.unsure {
		return false, nil
	}
	for side, lines := range map[string]int64{"debit_account": t.debits, "credit_account": t.credits} {
		var n int64
		err := store.Read(ctx, tx, tx.NewRaw("SELECT count(*) FROM financials.accounts a JOIN financials.postings p ON p.? = a.id AND p.book_id = a.book_id WHERE a.book_id = ?",
			bun.Ident(side), book), &n)
		if err != nil || n != lines {
			return false, err
		}
	}
	same, err := t.balances(ctx, tx, book)
	if err != nil || !same {
		return false, err
	}
	// What has been compared is gone or zero.
	for _, a := range t.accounts {
		same = same && a.sides == sides{}
	}
	for _, s := range t.subledgers {
		same = same && *s == sides{}
	}
	return same, nil
}

// balances takes from the sums what the balances say, and reports whether none is of
// something that has no line.
func (t *tally) balances(ctx context.Context, tx bun.IDB, book id.Of[Book]) (bool, error) {
	same := true
	err := store.NewQuery(tx, constraints, `SELECT account_id, NULL::uuid, sum(debits)::text, sum(credits)::text FROM financials.account_balances WHERE book_id = ?0 GROUP BY 1
		UNION ALL SELECT account_id, subledger_id, debits::text, credits::text FROM financials.subledger_balances WHERE book_id = ?0`, book).Each(ctx, func(row store.Row) error {
		var account id.Of[Account]
		var sub *id.Of[Subledger]
		var debits, credits string
		if err := row.Scan(&account, &sub, &debits, &credits); err != nil {
			return err
		}
		says, ok := parseSides(debits, credits)
		if !ok {
			same = false // out of range, and so no sum of these lines
			return nil
		}
		var sums *sides
		if a := t.accounts[account]; sub == nil && a != nil {
			sums = &a.sides
		} else if sub != nil {
			sums = t.subledgers[balanceKey{account, book, *sub}]
		}
		switch {
		case sums != nil && *sums == says:
			*sums = sides{}
		case says != sides{}:
			same = false
		}
		return nil
	})
	return same, err
}

// parseSides reports false for what is no amount.
func parseSides(debits, credits string) (s sides, ok bool) {
	var of [2]error
	s.debits, of[0] = money.Parse(debits)
	s.credits, of[1] = money.Parse(credits)
	return s, of == [2]error{}
}
