package ledger

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
)

// VerifyNewParams says which book to prove, and from where.
type VerifyNewParams struct {
	BookID id.Of[Book]
	Since  *Mark // nil is the newest that was kept
}

// VerifyNew proves what a book has gained since a mark: the seals after it with their
// journals and postings, the journals without a seal, and that the balances are those
// of the mark and the sums of these. What the mark covers is not read again: a change
// there is found by [Service.Verify] alone, which names the rows too where the balances
// do not agree. Without a mark VerifyNew is Verify. The marks of the book are a chain,
// which it checks.
//
// It reads one snapshot when db is a pool, on a standby as well, and changes nothing:
// give the mark of the report to [Proofs.KeepMark]. A finding is not an error; it
// returns [ErrBookNotFound] and [ErrMark].
func (s *Proofs) VerifyNew(ctx context.Context, db bun.IDB, p VerifyNewParams) (*Report, error) {
	var f check.Fields
	f.Given("book_id", p.BookID)
	if err := f.Err(); err != nil {
		return nil, err
	}
	if m := p.Since; m != nil && (m.BookID != p.BookID || !bytes.Equal(m.Hash, m.digest())) {
		return nil, ErrMark
	}
	r := &Report{BookID: p.BookID}
	err := store.Snapshot(ctx, db, func(tx bun.IDB) error {
		if _, err := books.Get(ctx, tx, p.BookID); err != nil {
			return err
		}
		last, err := r.marks(ctx, tx)
		if err != nil {
			return err
		}
		since := p.Since
		if since == nil {
			since = last
		}
		if since == nil {
			r, err = s.books.Verify(ctx, tx, p.BookID)
			return err
		}
		if err := r.after(ctx, tx, since); err != nil {
			return store.Err(err, constraints)
		}
		return r.mark(ctx, tx, last, s.books.now())
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// after checks what came after a mark.
func (r *Report) after(ctx context.Context, tx bun.IDB, m *Mark) error {
	at, err := seals.All(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("le.book_id = ? AND le.position = ?", r.BookID, m.Position)
	})
	if err != nil {
		return err
	}
	if len(at) == 0 || !bytes.Equal(at[0].Hash, m.SealHash) {
		r.add(Finding{"mark_seal", "freehold.ledger_seals", r.BookID.String(), m.Position, "the seal of the mark is gone, or another one"})
		return nil
	}
	r.Seals, r.Sealed = m.Position, m.JournalCount
	if err := r.chain(ctx, tx, &at[0], nil); err != nil {
		return err
	}
	if err := r.listed(ctx, tx, nil); err != nil {
		return err
	}
	was, err := r.balancesAt(ctx, tx, m.Position)
	if err == nil && !bytes.Equal(was, m.BalancesHash) {
		r.add(Finding{"mark_balances", "financials.account_balances", r.BookID.String(), 0,
			"the balances are not those of the mark and of the postings since; Verify says which"})
	}
	return err
}

// marks checks the chain of the marks that were kept, and returns the newest.
func (r *Report) marks(ctx context.Context, tx bun.IDB) (*Mark, error) {
	list, err := marksOf(ctx, tx, r.BookID)
	if err != nil {
		return nil, err
	}
	var last *Mark
	for i := range list {
		m := &list[i]
		if !m.follows(last) || !bytes.Equal(m.Hash, m.digest()) {
			r.add(Finding{"mark_hash", "freehold.ledger_marks", fmt.Sprint(m.BookID, " ", m.Number), 0, "it does not follow from the mark before, or does not read as it was kept"})
		}
		last = m
	}
	return last, nil
}

// mark adds the mark that follows last, where there is nothing to find and something
// is sealed.
func (r *Report) mark(ctx context.Context, tx bun.IDB, last *Mark, now time.Time) error {
	if !r.OK() || r.Seals == 0 {
		return nil
	}
	balances, err := r.balancesAt(ctx, tx, r.Seals)
	if err != nil {
		return err
	}
	m := &Mark{BookID: r.BookID, Number: 1, Position: r.Seals, SealHash: r.Head, JournalCount: r.Sealed, BalancesHash: balances, VerifiedAt: now}
	if last != nil {
		m.Number, m.PreviousHash = last.Number+1, last.Hash
	}
	m.Hash = m.digest()
	r.Mark = m
	return nil
}

// balancesAt hashes what the journals of the seals up to a position come to, by account
// and subledger: the balances of today without the postings of later seals and of no
// seal, so that the earlier ones need not be read.
func (r *Report) balancesAt(ctx context.Context, tx bun.IDB, position int64) ([]byte, error) {
	w, n := newHasher(), 0
	err := store.NewQuery(tx, constraints, `WITH late AS (
			SELECT journal_id FROM freehold.sealed_journals WHERE book_id = ?0 AND position > ?1
			UNION ALL SELECT journal_id FROM financials.unsealed_journals WHERE book_id = ?0),
		since AS (SELECT p.debit_account, p.credit_account, p.amount, p.subledger_id FROM late l
			CROSS JOIN LATERAL (SELECT * FROM financials.postings p WHERE p.journal_id = l.journal_id AND p.book_id = ?0 OFFSET 0) p),
		moved AS (SELECT debit_account AS account, subledger_id AS sub, -amount AS debits, 0::numeric AS credits FROM since
			UNION ALL SELECT credit_account, subledger_id, 0, -amount FROM since)
		SELECT account::text, COALESCE(sub::text, ''), sum(debits)::text, sum(credits)::text FROM (
			SELECT b.account_id AS account, NULL::uuid AS sub, b.debits, b.credits
			FROM financials.account_balances b WHERE b.book_id = ?0
			UNION ALL SELECT b.account_id, b.subledger_id, b.debits, b.credits
			FROM financials.subledger_balances b WHERE b.book_id = ?0
			UNION ALL SELECT account, NULL, debits, credits FROM moved
			UNION ALL SELECT m.account, m.sub, m.debits, m.credits
			FROM moved m JOIN financials.accounts a ON a.id = m.account AND a.book_id = ?0 AND a.subledgered WHERE m.sub IS NOT NULL) x
		GROUP BY account, sub HAVING sum(debits) <> 0 OR sum(credits) <> 0 ORDER BY account, sub`, r.BookID, position).Each(ctx, func(row store.Row) error {
		var account, sub, debits, credits string
		if err := row.Scan(&account, &sub, &debits, &credits); err != nil {
			return err
		}
		for _, v := range []string{account, sub, debits, credits} {
			w.text(v)
		}
		n++
		return nil
	})
	w.text(strconv.Itoa(n))
	return w.sum(), err
}
