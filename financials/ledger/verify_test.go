package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// full is a journal with a value in every column, two lines.
func (f fixture) full(n string) ledger.PostParams {
	sub := id.New[ledger.Subledger]()
	return ledger.PostParams{
		BookID: f.book.ID, EffectiveDate: date.MustParse("2026-01-05"), Description: "d" + n, SourceType: "test",
		SourceID: id.New[ledger.Source](), CommandID: id.New[ledger.Command](), IdempotencyKey: n, Actor: "a",
		Entries: []ledger.Entry{
			{Debit: f.chart["1000"].ID, Credit: f.chart["3000"].ID, Amount: money.MustParse("10"), Subledger: sub, Memo: "m"},
			{Debit: f.chart["3100"].ID, Credit: f.chart["1000"].ID, Amount: money.MustParse("4"), Subledger: sub, Memo: "m"},
		},
	}
}

// sealedBook is a committed book with three seals of two journals and one
// journal that no seal covers, and another book with a seal.
func sealedBook(t *testing.T, db *bun.DB) fixture {
	t.Helper()
	ctx := t.Context()
	f, other := open(t, db), open(t, db)
	_, err := other.svc.Post(ctx, db, other.full("o"))
	require.NoError(t, err)
	require.NotNil(t, seal(t, other, db, 0))
	for _, n := range []string{"1", "2", "3", "4", "5", "6"} {
		_, err := f.svc.Post(ctx, db, f.full(n))
		require.NoError(t, err)
		if n == "2" || n == "4" || n == "6" {
			require.NotNil(t, seal(t, f, db, 0))
		}
	}
	j, err := f.svc.Post(ctx, db, f.full("7"))
	require.NoError(t, err)
	require.NotNil(t, j)
	return f
}

func seal(t *testing.T, f fixture, db bun.IDB, limit int) *ledger.Seal {
	t.Helper()
	s, err := f.svc.Seal(t.Context(), db, ledger.SealParams{BookID: f.book.ID, Limit: limit})
	require.NoError(t, err)
	return s
}

func verify(t *testing.T, f fixture, db bun.IDB) *ledger.Report {
	t.Helper()
	r, err := f.svc.Verify(t.Context(), db, f.book.ID)
	require.NoError(t, err)
	return r
}

var errUndo = errors.New("undo")

// tampered runs a statement as a superuser can, past all triggers and foreign
// keys, and returns what Verify says before undoing it.
func tampered(t *testing.T, f fixture, db *bun.DB, statement string, args ...any) *ledger.Report {
	t.Helper()
	return tamperedBy(t, f, db, func(bun.IDB) {}, statement, args...)
}

// tamperedBy is tampered with something else to do before the undoing.
func tamperedBy(t *testing.T, f fixture, db *bun.DB, also func(bun.IDB), statement string, args ...any) *ledger.Report {
	t.Helper()
	var r *ledger.Report
	err := store(t.Context(), db, func(tx bun.IDB) error {
		_, err := tx.ExecContext(t.Context(), "SET LOCAL session_replication_role = replica")
		require.NoError(t, err)
		_, err = tx.ExecContext(t.Context(), "ALTER TABLE financials.postings DROP CONSTRAINT chk_postings_posted_journal")
		require.NoError(t, err)
		res, err := tx.ExecContext(t.Context(), statement, args...)
		require.NoError(t, err, statement)
		n, err := res.RowsAffected()
		require.NoError(t, err)
		require.EqualValues(t, 1, n, statement)
		r = verify(t, f, tx)
		also(tx)
		return errUndo
	})
	require.ErrorIs(t, err, errUndo)
	return r
}

// Any change of any column of any sealed row, and any row more or less, is
// found, and so is the link that it breaks.
func TestVerify_findsEveryChange(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	f := sealedBook(t, db)
	r := verify(t, f, db)
	require.True(t, r.OK(), "%+v", r.Findings)
	require.EqualValues(t, 3, r.Seals)
	require.EqualValues(t, 6, r.Sealed)
	require.EqualValues(t, 1, r.Unsealed)
	newest, err := f.svc.SealAt(ctx, db, f.book.ID, 0)
	require.NoError(t, err)
	require.Equal(t, newest.Hash, r.Head)

	second := `(SELECT journal_id FROM freehold.sealed_journals WHERE book_id = '` + f.book.ID.String() + `' AND position = 2 AND ordinal = 1)`
	tables := map[string]string{
		"financials.journals":      "id = " + second,
		"financials.postings":      "line = 2 AND journal_id = " + second,
		"freehold.sealed_journals": "journal_id = " + second,
		"freehold.ledger_seals":    "position = 2 AND book_id = '" + f.book.ID.String() + "'",
	}
	for table, row := range tables {
		var cols []struct{ Name, Type string }
		require.NoError(t, db.NewRaw(`SELECT attname AS name, format_type(atttypid, NULL) AS type FROM pg_attribute
			WHERE attrelid = ?::regclass AND attnum > 0 AND NOT attisdropped`, table).Scan(ctx, &cols))
		require.NotEmpty(t, cols)
		for _, c := range cols {
			r := tampered(t, f, db, "UPDATE "+table+" SET "+c.Name+" = "+other(c.Name, c.Type)+" WHERE "+row)
			require.False(t, r.OK(), "%s.%s", table, c.Name)
			require.EqualValues(t, 2, r.Broken, "%s.%s: %+v", table, c.Name, r.Findings)
			require.NotEmpty(t, r.Findings[0].Row)
		}
		r := tampered(t, f, db, "DELETE FROM "+table+" WHERE "+row)
		require.False(t, r.OK(), table)
		require.NotZero(t, r.Broken, table)
	}
	require.True(t, verify(t, f, db).OK())
}

// other is an expression for another value of a column.
func other(name, kind string) string {
	switch kind {
	case "uuid":
		return "gen_random_uuid()"
	case "date":
		return name + " + 1"
	case "boolean":
		return "NOT " + name
	case "bytea":
		return "set_byte(" + name + ", 31, get_byte(" + name + ", 31) # 1)"
	case "timestamp with time zone":
		if strings.HasPrefix(name, "first_") {
			return name + " - interval '1 microsecond'"
		}
		return name + " + interval '1 microsecond'"
	case "bigint", "integer":
		return name + " + 7"
	case "numeric":
		return name + " + 0.01"
	}
	return name + " || ' '"
}

// Rows that are added behind the ledger's back are found.
func TestVerify_findsAdditions(t *testing.T) {
	t.Parallel()
	db := pgtest.Clone(t)
	f := sealedBook(t, db)
	first := `(SELECT first_journal_id FROM freehold.ledger_seals WHERE book_id = '` + f.book.ID.String() + `' AND position = 1)`
	for _, sides := range []string{"debit_account, gen_random_uuid()", "gen_random_uuid(), credit_account"} { // one side in the book
		require.Contains(t, codes(tampered(t, f, db, `INSERT INTO financials.postings SELECT gen_random_uuid(), 3, 3, book_id, effective_date, `+sides+`, 0.01 FROM financials.postings WHERE line = 1 AND journal_id = `+first)), "posting_astray", sides)
	}
	for code, statement := range map[string]string{
		"journal_content":  `INSERT INTO financials.postings SELECT journal_id, 3, 3, book_id, effective_date, debit_account, credit_account, 0.01 FROM financials.postings WHERE line = 1 AND journal_id = ` + first,
		"posting_astray":   `INSERT INTO financials.postings SELECT gen_random_uuid(), 3, 3, book_id, effective_date, debit_account, credit_account, 0.01 FROM financials.postings WHERE line = 1 AND journal_id = ` + first,
		"seal_count":       `INSERT INTO freehold.sealed_journals SELECT id, book_id, 2, 99, content_hash FROM financials.journals WHERE idempotency_key = '7' AND book_id = '` + f.book.ID.String() + `'`,
		"unsealed_astray":  `INSERT INTO financials.unsealed_journals SELECT book_id, recorded_at, id FROM financials.journals WHERE id = ` + first,
		"journal_unlisted": `DELETE FROM financials.unsealed_journals WHERE book_id = '` + f.book.ID.String() + `'`,
		"sealed_astray":    `INSERT INTO freehold.sealed_journals SELECT id, book_id, 9, 1, content_hash FROM financials.journals WHERE idempotency_key = '7' AND book_id = '` + f.book.ID.String() + `'`,
		"seal_link":        `INSERT INTO freehold.ledger_seals SELECT gen_random_uuid(), book_id, 4, first_journal_id, last_journal_id, first_recorded_at, last_recorded_at, journal_count, previous_hash, hash FROM freehold.ledger_seals WHERE position = 3 AND book_id = '` + f.book.ID.String() + `'`,
	} {
		require.Contains(t, codes(tampered(t, f, db, statement)), code)
	}
	// A journal nobody posted: it is in no seal, and its hash gives it away.
	r := tampered(t, f, db, `INSERT INTO financials.journals (id, book_id, effective_date, actor, content_hash, line_count) VALUES (gen_random_uuid(), ?, '2026-01-05', 'clerk', sha256('x'), 1)`, f.book.ID)
	require.EqualValues(t, 2, r.Unsealed)
	require.Contains(t, codes(r), "journal_content")
	require.Contains(t, codes(r), "journal_unlisted")
	require.Zero(t, r.Broken, "the chain itself stands")
}

func codes(r *ledger.Report) []string {
	var out []string
	for _, f := range r.Findings {
		out = append(out, f.Code)
	}
	return out
}

// Seals of few journals are proved many at a time, and each finding is of its own; so is one
// of a journal without a seal, however many there are of them.
func TestVerify_manySmallSeals(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	f := open(t, db)
	batch := make([]ledger.PostParams, 2500)
	for i := range batch {
		batch[i] = f.full(strconv.Itoa(i))
	}
	_, err := f.svc.PostBatch(ctx, db, ledger.PostBatchParams{Journals: batch})
	require.NoError(t, err)
	for range 7 {
		require.NotNil(t, seal(t, f, db, 3))
	}
	r := verify(t, f, db)
	require.True(t, r.OK(), "%+v", r.Findings)
	require.EqualValues(t, []int64{7, 21, 2479}, []int64{r.Seals, r.Sealed, r.Unsealed})

	of := func(column string) string { return column + " AND book_id = '" + f.book.ID.String() + "'" }
	at := func(position, ordinal int) string {
		return fmt.Sprintf("(SELECT journal_id FROM freehold.sealed_journals WHERE position = %d AND ordinal = %d AND book_id = '%s')", position, ordinal, f.book.ID)
	}
	newest := "(SELECT journal_id FROM financials.unsealed_journals WHERE book_id = '" + f.book.ID.String() + "' ORDER BY recorded_at DESC, journal_id DESC LIMIT 1)"
	for _, c := range []struct {
		statement string
		broken    int64
		codes     []string
	}{
		{"UPDATE financials.postings SET memo = 'x' WHERE line = 2 AND journal_id = " + at(5, 3), 5, []string{"journal_content"}},
		{"UPDATE financials.journals SET actor = 'x' WHERE id = " + at(1, 1), 1, []string{"journal_content"}},
		{"DELETE FROM freehold.ledger_seals WHERE " + of("position = 4"), 4, []string{"seal_missing", "sealed_astray"}},
		{"UPDATE freehold.sealed_journals SET position = 6, ordinal = 9 WHERE " + of("position = 4 AND ordinal = 2"), 4, []string{"seal_count", "seal_hash"}},
		{"UPDATE financials.postings SET memo = 'x' WHERE line = 1 AND journal_id = " + newest, 0, []string{"journal_content"}},
	} {
		r := tampered(t, f, db, c.statement)
		require.Equal(t, c.broken, r.Broken, "%s: %+v", c.statement, r.Findings)
		for _, code := range c.codes {
			require.Contains(t, codes(r), code, c.statement)
		}
		if len(c.codes) == 1 {
			require.Equal(t, c.codes, codes(r), c.statement)
		}
	}
}

// A journal on the list twice does not stand for one that is not on it: what that one says was
// changed, and the postings that are read come to the balances all the same.
func TestVerify_listedTwice(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	f := sealedBook(t, db)
	hidden, twice := f.full("8"), f.full("9")
	for i := range twice.Entries {
		twice.Entries[i].Subledger = hidden.Entries[i].Subledger
	}
	var posted [2]*ledger.Journal
	for i, p := range []ledger.PostParams{hidden, twice} {
		var err error
		posted[i], err = f.svc.Post(ctx, db, p)
		require.NoError(t, err)
	}
	err := store(ctx, db, func(tx bun.IDB) error {
		for _, s := range []string{"SET LOCAL session_replication_role = replica", "ALTER TABLE financials.unsealed_journals DROP CONSTRAINT pk_unsealed_journals",
			"UPDATE financials.unsealed_journals u SET journal_id = j.id, recorded_at = j.recorded_at FROM financials.journals j WHERE j.id = ?1 AND u.journal_id = ?0",
			"UPDATE financials.postings SET amount = amount + 1000000 WHERE journal_id = ?0"} {
			_, err := tx.ExecContext(ctx, s, posted[0].ID, posted[1].ID)
			require.NoError(t, err)
		}
		r := verify(t, f, tx)
		require.Nil(t, r.Mark)
		require.Subset(t, codes(r), []string{"journal_unlisted", "journal_content", "balance"}, "%+v", r.Findings)
		require.Equal(t, posted[0].ID.String(), r.Findings[0].Row)
		return errUndo
	})
	require.ErrorIs(t, err, errUndo)
}

// Balances that differ from their postings are found and named.
func TestVerify_findsBalances(t *testing.T) {
	t.Parallel()
	db := pgtest.Clone(t)
	f := sealedBook(t, db)
	cash := f.chart["1000"].ID.String()
	r := tampered(t, f, db, "UPDATE financials.account_balances SET debits = debits + 0.01 WHERE account_id = ?", cash)
	require.Equal(t, []string{"balance"}, codes(r))
	require.Equal(t, cash, r.Findings[0].Row)
	r = tampered(t, f, db, "DELETE FROM financials.account_balances WHERE account_id = ?", cash)
	require.Equal(t, []string{"balance"}, codes(r))
	r = tampered(t, f, db, "INSERT INTO financials.account_balances VALUES (?, ?, 100, 9999999999999.99)", cash, f.book.ID) // with the others more than an amount can be
	require.Equal(t, []string{"balance"}, codes(r))
	require.Equal(t, cash, r.Findings[0].Row)
	for _, change := range []string{"credits = credits + 1", "subledger_id = gen_random_uuid()"} {
		r = tampered(t, f, db, `UPDATE financials.subledger_balances SET `+change+` WHERE (account_id, subledger_id) =
			(SELECT account_id, subledger_id FROM financials.subledger_balances WHERE account_id = ? LIMIT 1)`, f.chart["3000"].ID)
		require.Equal(t, "balance", r.Findings[0].Code, change)
		require.Equal(t, "financials.subledger_balances", r.Findings[0].Table)
		require.Contains(t, r.Findings[0].Row, f.chart["3000"].ID.String())
	}
}

func TestVerify_noBook(t *testing.T) {
	t.Parallel()
	svc := ledger.NewService(ledger.Config{})
	tx := pgtest.Tx(t)
	_, err := svc.Verify(t.Context(), tx, id.New[ledger.Book]())
	require.ErrorIs(t, err, ledger.ErrBookNotFound)
	_, err = svc.Seal(t.Context(), tx, ledger.SealParams{BookID: id.New[ledger.Book]()})
	require.ErrorIs(t, err, ledger.ErrBookNotFound)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = svc.Seal(gone, tx, ledger.SealParams{BookID: id.New[ledger.Book]()})
	require.ErrorIs(t, err, context.Canceled)
}
