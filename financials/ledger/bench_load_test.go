package ledger_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/realestate/id"
)

// bookLoad is the rows of journals of two lines between fifty accounts, as [ledger.Service.Post]
// writes them: ids that grow, a thousand journals of one time, every column that a posting of
// the library's own fills. The content hash is computed by SQL from what doc.go and the
// columns say, apart from the library's, so that a proof of it is one.
const bookLoad = `
CREATE FUNCTION pg_temp.bytes(t text) RETURNS bytea LANGUAGE sql AS
	$$ SELECT CASE WHEN t IS NULL THEN '\xffffffffffffffff'::bytea ELSE int8send(octet_length(t)) || convert_to(t, 'UTF8') END $$;
CREATE FUNCTION pg_temp.line(n int, debit uuid, credit uuid, amount numeric, sub uuid) RETURNS bytea LANGUAGE sql AS
	$$ SELECT pg_temp.bytes(n::text) || pg_temp.bytes(debit::text) || pg_temp.bytes(credit::text) || pg_temp.bytes(amount::text)
		|| pg_temp.bytes(sub::text) || pg_temp.bytes(NULL) $$;
CREATE UNLOGGED TABLE loading AS
	SELECT ('01900000-0000-7000-8%[2]s-' || lpad(to_hex(i), 12, '0'))::uuid AS id, 'k' || i AS key, '2026-01-05'::date + (i / 10000)::int %% 300 AS day,
		'2026-01-05 00:00:00Z'::timestamptz + i / 1000 * interval '1 second' AS recorded,
		a[1 + i %% 50] AS debit1, a[1 + (i + 1) %% 50] AS credit1, a[1 + (i + 7) %% 50] AS debit2, a[1 + (i + 3) %% 50] AS credit2,
		(1 + i %% 99999 + 0.25)::numeric(15,2) AS amount1, (2 + i %% 77777 + 0.5)::numeric(15,2) AS amount2,
		('01900000-0000-7001-8%[2]s-' || lpad(to_hex(i %% 20000), 12, '0'))::uuid AS sub
	FROM (SELECT ARRAY(SELECT id FROM financials.accounts WHERE book_id = '%[1]s' ORDER BY code) AS a) x, generate_series(%[3]d::bigint, %[4]d) i;
INSERT INTO financials.journals (id, book_id, effective_date, description, idempotency_key, actor, content_hash, recorded_at, line_count)
	SELECT id, '%[1]s', day, 'transfer', key, 'clerk', sha256(pg_temp.bytes(id::text) || pg_temp.bytes('%[1]s') || pg_temp.bytes(day::text) || pg_temp.bytes('transfer')
		|| pg_temp.bytes(NULL) || pg_temp.bytes(NULL) || pg_temp.bytes(NULL) || pg_temp.bytes('false') || pg_temp.bytes(NULL) || pg_temp.bytes(key)
		|| pg_temp.bytes('clerk') || pg_temp.bytes(to_char(recorded AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
		|| pg_temp.line(1, debit1, credit1, amount1, sub) || pg_temp.line(2, debit2, credit2, amount2, NULL)), recorded, 2
	FROM loading;
INSERT INTO financials.unsealed_journals (book_id, recorded_at, journal_id) SELECT '%[1]s', recorded, id FROM loading;
INSERT INTO financials.postings (journal_id, line, line_count, book_id, effective_date, debit_account, credit_account, amount, subledger_id)
	SELECT l.id, n, 2, '%[1]s', l.day, CASE n WHEN 1 THEN debit1 ELSE debit2 END, CASE n WHEN 1 THEN credit1 ELSE credit2 END,
		CASE n WHEN 1 THEN amount1 ELSE amount2 END, CASE n WHEN 1 THEN sub END
	FROM loading l, generate_series(1, 2) n;
CREATE TEMPORARY VIEW moved AS
	SELECT debit1 AS account, sub, amount1 AS debit, 0 AS credit, id FROM loading UNION ALL SELECT credit1, sub, 0, amount1, id FROM loading
	UNION ALL SELECT debit2, NULL, amount2, 0, id FROM loading UNION ALL SELECT credit2, NULL, 0, amount2, id FROM loading;
INSERT INTO financials.account_balances AS b (account_id, book_id, shard, debits, credits)
	SELECT account, '%[1]s', get_byte(uuid_send(id), 15) %% 8, sum(debit), sum(credit) FROM moved GROUP BY 1, 3
	ON CONFLICT (account_id, book_id, shard) DO UPDATE SET debits = b.debits + EXCLUDED.debits, credits = b.credits + EXCLUDED.credits;
INSERT INTO financials.subledger_balances AS b (account_id, book_id, subledger_id, debits, credits)
	SELECT account, '%[1]s', sub, sum(debit), sum(credit) FROM moved JOIN financials.accounts a ON a.id = account AND a.subledgered WHERE sub IS NOT NULL GROUP BY 1, 3
	ON CONFLICT (account_id, book_id, subledger_id) DO UPDATE SET debits = b.debits + EXCLUDED.debits, credits = b.credits + EXCLUDED.credits;
DROP VIEW moved;
DROP TABLE loading;`

// loadedBook is a book that is loaded with rows and sealed, part by part.
type loadedBook struct {
	svc    *ledger.Service
	id     id.Of[ledger.Book]
	number int
	loaded int // journals
}

// newLoadedBook is a book of fifty accounts, two of which keep balances of subledgers.
func newLoadedBook(b *testing.B, db *bun.DB, number int) *loadedBook {
	b.Helper()
	svc := ledger.NewService(ledger.Config{})
	params := ledger.OpenBookParams{Code: fmt.Sprint("loaded-", number), Name: "Loaded"}
	for i := range 50 {
		params.Accounts = append(params.Accounts, ledger.AccountParams{Code: fmt.Sprintf("%05d", i), Name: "Account", Type: ledger.Asset, Subledgered: i%25 == 0})
	}
	book, err := svc.OpenBook(b.Context(), db, params)
	require.NoError(b, err)
	return &loadedBook{svc: svc, id: book.ID, number: number}
}

// add loads more journals, past triggers and foreign keys, a hundred thousand at a time.
func (l *loadedBook) add(b *testing.B, db *bun.DB, n int) {
	b.Helper()
	for end := l.loaded + n; l.loaded < end; {
		part := min(100_000, end-l.loaded)
		tx, err := db.BeginTx(b.Context(), nil)
		require.NoError(b, err)
		defer func() { _ = tx.Rollback() }()
		_, err = tx.ExecContext(b.Context(), "SET LOCAL session_replication_role = replica")
		require.NoError(b, err)
		_, err = tx.ExecContext(b.Context(), "DROP FUNCTION IF EXISTS pg_temp.bytes, pg_temp.line;"+
			fmt.Sprintf(bookLoad, l.id, fmt.Sprintf("%03x", l.number), l.loaded+1, l.loaded+part))
		require.NoError(b, err)
		require.NoError(b, tx.Commit())
		l.loaded += part
	}
}

// seal links all that is loaded.
func (l *loadedBook) seal(b *testing.B, db *bun.DB) {
	b.Helper()
	for {
		s, err := l.svc.Seal(b.Context(), db, ledger.SealParams{BookID: l.id})
		require.NoError(b, err)
		if s == nil {
			return
		}
	}
}
