package ledger

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
)

// strays looks for rows that belong to nothing: memberships in no seal, journals that no seal
// covers or will, and what is listed and is no journal without a seal. It reports whether the
// list has all journals without a seal and nothing else.
func (r *Report) strays(ctx context.Context, tx bun.IDB, t *tally) (complete bool, err error) {
	found := len(r.Findings) + r.More
	if err := r.query(ctx, tx, "sealed_astray", "freehold.sealed_journals", "its seal is not there",
		`SELECT s.journal_id::text, s.position FROM freehold.sealed_journals s WHERE s.book_id = ?0
		AND NOT EXISTS (SELECT 1 FROM freehold.ledger_seals l WHERE l.book_id = s.book_id AND l.position = s.position)`); err != nil {
		return false, err
	}
	if err := r.query(ctx, tx, "unsealed_astray", "financials.unsealed_journals", "it is no journal without a seal",
		`SELECT u.journal_id::text, 0 FROM financials.unsealed_journals u WHERE u.book_id = ?0
		AND (NOT EXISTS (SELECT 1 FROM financials.journals j
				WHERE j.id = u.journal_id AND j.book_id = u.book_id AND j.recorded_at = u.recorded_at)
			OR EXISTS (SELECT 1 FROM freehold.sealed_journals s WHERE s.journal_id = u.journal_id AND s.book_id = u.book_id))`); err != nil {
		return false, err
	}
	// Where both lists are of journals of the book and have as many as it has, each is in one of them. What
	// is listed twice counts once, or it would stand for one that is not listed.
	if found == len(r.Findings)+r.More {
		var all, listed int64
		if err := store.Read(ctx, tx, tx.NewRaw(`SELECT (SELECT count(*) FROM financials.journals WHERE book_id = ?0), (SELECT count(DISTINCT journal_id) FROM financials.unsealed_journals WHERE book_id = ?0)`,
			r.BookID), &all, &listed); err != nil {
			return false, err
		}
		if all == t.sealed+listed {
			return true, nil
		}
	}
	return false, r.query(ctx, tx, "journal_unlisted", "financials.journals", "no seal covers it, and none will",
		`SELECT j.id::text, 0 FROM financials.journals j WHERE j.book_id = ?0
		AND NOT EXISTS (SELECT 1 FROM freehold.sealed_journals s WHERE s.journal_id = j.id AND s.book_id = j.book_id)
		AND NOT EXISTS (SELECT 1 FROM financials.unsealed_journals u
			WHERE u.book_id = j.book_id AND u.recorded_at = j.recorded_at AND u.journal_id = j.id)`)
}

// postingsAstray names postings without their journal or with an account of another book.
func (r *Report) postingsAstray(ctx context.Context, tx bun.IDB) error {
	return r.query(ctx, tx, "posting_astray", "financials.postings", "its journal or an account is not in its book, or the journal not on its date",
		`SELECT p.journal_id || ' ' || p.line, 0 FROM financials.accounts a
		JOIN financials.postings p ON p.book_id = a.book_id AND (p.debit_account = a.id OR p.credit_account = a.id)
		LEFT JOIN financials.accounts c ON c.book_id = p.book_id AND c.id = CASE a.id WHEN p.debit_account THEN p.credit_account ELSE p.debit_account END
		LEFT JOIN financials.journals j ON j.id = p.journal_id AND j.book_id = p.book_id AND j.effective_date = p.effective_date
		WHERE a.book_id = ?0 AND (j.id IS NULL OR c.id IS NULL) GROUP BY 1`)
}

// query adds a finding for each row (key, position) of a query about book ?0.
func (r *Report) query(ctx context.Context, tx bun.IDB, code, table, detail, query string) error {
	var rows []struct {
		Row      string
		Position int64
	}
	err := store.Read(ctx, tx, tx.NewRaw("SELECT q.* FROM ("+query+") AS q (row, position) ORDER BY 2, 1", r.BookID), &rows)
	for _, x := range rows {
		r.add(Finding{code, table, x.Row, x.Position, detail})
	}
	return err
}

// unsealedPage is how many journals without a seal are read at once.
const unsealedPage = 2000

// unsealedJournal is a journal on the list of those without a seal.
type unsealedJournal struct {
	RecordedAt time.Time
	JournalID  id.Of[Journal]
}

// listed checks that the journals on the list of those without a seal read as they were posted.
func (r *Report) listed(ctx context.Context, tx bun.IDB, t *tally) error {
	var last unsealedJournal
	for first := true; ; first = false {
		var page []unsealedJournal
		err := store.Read(ctx, tx, tx.NewRaw(`SELECT recorded_at, journal_id FROM financials.unsealed_journals
			WHERE book_id = ? AND (? OR (recorded_at, journal_id) > (?, ?)) ORDER BY 1, 2 LIMIT ?`,
			r.BookID, first, last.RecordedAt, last.JournalID, unsealedPage), &page)
		if err != nil || len(page) == 0 {
			return err
		}
		last = page[len(page)-1]
		var list []member
		if err := store.Read(ctx, tx, tx.NewRaw(`SELECT j.* FROM unnest(?1::uuid[]) WITH ORDINALITY u (id, n)
			CROSS JOIN LATERAL (SELECT * FROM financials.journals WHERE id = u.id AND book_id = ?0 OFFSET 0) j ORDER BY u.n`,
			r.BookID, store.TextArray(page, func(u *unsealedJournal) string { return u.JournalID.String() })), &list); err != nil {
			return err
		}
		if err := r.unsealed(ctx, tx, list, t); err != nil {
			return err
		}
	}
}

// unlisted is listed for the journals that are in no seal, listed or not; each page of them
// reads the whole book.
func (r *Report) unlisted(ctx context.Context, tx bun.IDB, t *tally) error {
	var last member
	for first := true; ; first = false {
		var list []member
		err := store.Read(ctx, tx, tx.NewRaw(`SELECT lj.* FROM financials.journals lj WHERE lj.book_id = ?
			AND NOT EXISTS (SELECT 1 FROM freehold.sealed_journals s WHERE s.journal_id = lj.id AND s.book_id = lj.book_id)
			AND (? OR (lj.effective_date, lj.id) > (?, ?)) ORDER BY lj.effective_date, lj.id LIMIT ?`,
			r.BookID, first, last.EffectiveDate, last.ID, unsealedPage), &list)
		if err != nil || len(list) == 0 {
			return err
		}
		last = list[len(list)-1]
		if err := r.unsealed(ctx, tx, list, t); err != nil {
			return err
		}
	}
}

// unsealed counts journals that no seal covers, and checks that they read as they were posted.
func (r *Report) unsealed(ctx context.Context, tx bun.IDB, list []member, t *tally) error {
	r.Unsealed += int64(len(list))
	for i := range list {
		list[i].Ordinal = int64(i + 1)
	}
	ids := store.TextArray(list, func(m *member) string { return m.ID.String() })
	return r.contents(ctx, tx, list, t, "SELECT u.id, 0, u.n FROM unnest(?1::uuid[]) WITH ORDINALITY AS u (id, n)", ids)
}

// balances names the accounts and subledgers whose balances are not the sums of the
// postings.
func (r *Report) balances(ctx context.Context, tx bun.IDB) error {
	const sides = `SELECT a.id AS account, p.subledger_id AS sub, p.amount AS debit, 0 AS credit
		FROM financials.accounts a JOIN financials.postings p ON p.debit_account = a.id AND p.book_id = a.book_id WHERE a.book_id = ?0 AND (a.subledgered OR TRUE = ?1)
		UNION ALL SELECT a.id, p.subledger_id, 0, p.amount
		FROM financials.accounts a JOIN financials.postings p ON p.credit_account = a.id AND p.book_id = a.book_id WHERE a.book_id = ?0 AND (a.subledgered OR TRUE = ?1)`
	var rows, subs []struct{ Table, Row, Detail string }
	err := store.Read(ctx, tx, tx.NewRaw(`SELECT 'financials.account_balances' AS "table", COALESCE(s.account, b.account)::text AS row,
			format('debits %s, credits %s; its postings say %s and %s', COALESCE(b.debits, 0), COALESCE(b.credits, 0), COALESCE(s.debits, 0), COALESCE(s.credits, 0)) AS detail
		FROM (SELECT account, sum(debit) AS debits, sum(credit) AS credits FROM (`+sides+`) x GROUP BY 1) s
		FULL JOIN (SELECT b.account_id AS account, sum(b.debits) AS debits, sum(b.credits) AS credits
			FROM financials.account_balances b WHERE b.book_id = ?0 GROUP BY 1) b ON b.account = s.account
		WHERE (COALESCE(b.debits, 0), COALESCE(b.credits, 0)) <> (COALESCE(s.debits, 0), COALESCE(s.credits, 0)) ORDER BY 2`,
		r.BookID, true), &rows)
	if err != nil {
		return err
	}
	err = store.Read(ctx, tx, tx.NewRaw(`SELECT 'financials.subledger_balances' AS "table", COALESCE(s.account, b.account_id) || ' ' || COALESCE(s.sub, b.subledger_id) AS row,
			format('debits %s, credits %s; its postings say %s and %s', COALESCE(b.debits, 0), COALESCE(b.credits, 0), COALESCE(s.debits, 0), COALESCE(s.credits, 0)) AS detail
		FROM (SELECT account, sub, sum(debit) AS debits, sum(credit) AS credits FROM (`+sides+`) x WHERE sub IS NOT NULL GROUP BY 1, 2) s
		FULL JOIN (SELECT b.* FROM financials.subledger_balances b WHERE b.book_id = ?0) b
			ON b.account_id = s.account AND b.subledger_id = s.sub
		WHERE (COALESCE(b.debits, 0), COALESCE(b.credits, 0)) <> (COALESCE(s.debits, 0), COALESCE(s.credits, 0)) ORDER BY 2`,
		r.BookID, false), &subs)
	for _, x := range append(rows, subs...) {
		r.add(Finding{"balance", x.Table, x.Row, 0, x.Detail})
	}
	return err
}
