package ledger_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
)

// rowLayout is the same books with an account's totals on its own row, which
// every posting's foreign keys refer to, and without our guard triggers.
const rowLayout = `
CREATE SCHEMA scratch;
CREATE TABLE scratch.accounts AS SELECT *, 0::numeric(15,2) AS debits, 0::numeric(15,2) AS credits FROM financials.accounts;
ALTER TABLE scratch.accounts ADD PRIMARY KEY (id), ADD UNIQUE (id, book_id);
CREATE TABLE scratch.journals (LIKE financials.journals INCLUDING ALL);
ALTER TABLE scratch.journals ADD FOREIGN KEY (book_id) REFERENCES financials.books (id);
CREATE TABLE scratch.postings (LIKE financials.postings INCLUDING ALL);
ALTER TABLE scratch.postings
	ADD FOREIGN KEY (journal_id, book_id, effective_date, line_count) REFERENCES scratch.journals (id, book_id, effective_date, line_count),
	ADD FOREIGN KEY (debit_account, book_id) REFERENCES scratch.accounts (id, book_id),
	ADD FOREIGN KEY (credit_account, book_id) REFERENCES scratch.accounts (id, book_id);
CREATE FUNCTION scratch.post(book uuid, debit uuid, credit uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE j uuid := gen_random_uuid();
BEGIN
	INSERT INTO scratch.journals (id, book_id, effective_date, description, content_hash, line_count)
		VALUES (j, book, '2026-01-05', 'transfer', sha256('x'), 1);
	INSERT INTO scratch.postings (journal_id, line, line_count, book_id, effective_date, debit_account, credit_account, amount)
		VALUES (j, 1, 1, book, '2026-01-05', debit, credit, 1);
	UPDATE scratch.accounts a SET debits = a.debits + s.d, credits = a.credits + s.c
	FROM (SELECT id, CASE WHEN id = debit THEN 1 ELSE 0 END AS d, CASE WHEN id = credit THEN 1 ELSE 0 END AS c
		FROM scratch.accounts WHERE id IN (debit, credit) ORDER BY id FOR NO KEY UPDATE) s WHERE s.id = a.id;
END $$;`

// One account that 32 clients credit, each posting against another one, beside
// the layout with the balance on the account's row.
func BenchmarkPost_hotAccount(b *testing.B) {
	db := pgtest.Clone(b)
	svc, book, accounts := benchBook(b, db, 101)
	ctx := b.Context()
	_, err := db.ExecContext(ctx, rowLayout)
	require.NoError(b, err)
	hot, others := accounts[0], accounts[1:]
	for b.Loop() {
		ours := rate(b, 32, func(c, i int) error {
			_, err := svc.Post(ctx, db, transfer(book, hot, others[(c*31+i)%100]))
			return err
		})
		row := rate(b, 32, func(c, i int) error {
			_, err := db.ExecContext(ctx, "SELECT scratch.post(?, ?, ?)", book.ID, others[(c*31+i)%100], hot)
			return err
		})
		b.ReportMetric(ours, "posts/s")
		b.ReportMetric(row, "rowlayout/s")
		b.ReportMetric(ours/row, "ratio")
	}
}
