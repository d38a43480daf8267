package ledger_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/pgtest"
)

var proofs = ledger.NewProofs(ledger.Config{})

// kept proves all of a book, or what is new in it, and keeps the mark.
func kept(t *testing.T, f fixture, db bun.IDB, whole bool) *ledger.Mark {
	t.Helper()
	r := verify(t, f, db)
	if !whole {
		r = verifyNew(t, f, db, nil)
	}
	require.True(t, r.OK(), "%+v", r.Findings)
	require.NotNil(t, r.Mark)
	m, err := proofs.KeepMark(t.Context(), db, ledger.KeepMarkParams{Mark: *r.Mark})
	require.NoError(t, err)
	return m
}

func verifyNew(t *testing.T, f fixture, db bun.IDB, since *ledger.Mark) *ledger.Report {
	t.Helper()
	r, err := proofs.VerifyNew(t.Context(), db, ledger.VerifyNewParams{BookID: f.book.ID, Since: since})
	require.NoError(t, err)
	return r
}

// From mark to mark, what is new is proved, whatever is unsealed at each of them, and
// the mark says the same as one that all of the book was read for.
func TestVerifyNew(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	f := sealedBook(t, db)
	first := kept(t, f, db, false) // from nothing
	require.EqualValues(t, 3, first.Position)
	require.EqualValues(t, 6, first.JournalCount)
	require.Nil(t, first.PreviousHash)
	again, err := proofs.KeepMark(ctx, db, ledger.KeepMarkParams{Mark: *first})
	require.NoError(t, err)
	require.Equal(t, first.Hash, again.Hash)

	for _, n := range []string{"8", "9"} {
		_, err := f.svc.Post(ctx, db, f.full(n))
		require.NoError(t, err)
	}
	require.EqualValues(t, 2, seal(t, f, db, 2).JournalCount)
	r := verifyNew(t, f, db, nil)
	require.True(t, r.OK(), "%+v", r.Findings)
	require.EqualValues(t, []int64{4, 8, 1}, []int64{r.Seals, r.Sealed, r.Unsealed})
	whole := verify(t, f, db)
	require.Equal(t, whole.Mark.BalancesHash, r.Mark.BalancesHash)
	require.Equal(t, whole.Mark.SealHash, r.Mark.SealHash)
	second := kept(t, f, db, false)
	require.Equal(t, first.Hash, second.PreviousHash)

	// One that does not follow the newest is refused, and so is one that nobody made.
	_, err = proofs.KeepMark(ctx, db, ledger.KeepMarkParams{Mark: *first})
	require.ErrorIs(t, err, ledger.ErrMarkPassed)
	forged := *second
	forged.JournalCount++
	_, err = proofs.KeepMark(ctx, db, ledger.KeepMarkParams{Mark: forged})
	require.ErrorIs(t, err, ledger.ErrMark)
	_, err = proofs.VerifyNew(ctx, db, ledger.VerifyNewParams{BookID: f.book.ID, Since: &forged})
	require.ErrorIs(t, err, ledger.ErrMark)
	other := open(t, db)
	_, err = proofs.VerifyNew(ctx, db, ledger.VerifyNewParams{BookID: other.book.ID, Since: second})
	require.ErrorIs(t, err, ledger.ErrMark)
	require.Nil(t, verifyNew(t, other, db, nil).Mark, "nothing is sealed")

	// A copy from elsewhere does as well as what was kept, an old one too.
	require.True(t, verifyNew(t, f, db, first).OK())
}

// What a mark covers is not read again, and what is new is; balances and marks that
// were changed are found wherever the change is.
func TestVerifyNew_finds(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	f := sealedBook(t, db)
	kept(t, f, db, true)
	_, err := f.svc.Post(ctx, db, f.full("8"))
	require.NoError(t, err)
	seal(t, f, db, 1)
	kept(t, f, db, false)
	seal(t, f, db, 0)
	_, err = f.svc.Post(ctx, db, f.full("9"))
	require.NoError(t, err)
	since := func(statement string, args ...any) (isNew, whole *ledger.Report) {
		whole = tamperedBy(t, f, db, func(tx bun.IDB) { isNew = verifyNew(t, f, tx, nil) }, statement, args...)
		return isNew, whole
	}
	journal := func(key string) string {
		return "(SELECT id FROM financials.journals WHERE idempotency_key = '" + key + "' AND book_id = '" + f.book.ID.String() + "')"
	}
	for _, c := range []struct{ statement, want string }{
		{"UPDATE financials.postings SET memo = 'x' WHERE line = 1 AND journal_id = " + journal("1"), ""}, // under the mark
		{"UPDATE financials.postings SET memo = 'x' WHERE line = 1 AND journal_id = " + journal("8"), "journal_content"},
		{"UPDATE financials.postings SET memo = 'x' WHERE line = 1 AND journal_id = " + journal("9"), "journal_content"},
		{"UPDATE financials.postings SET amount = amount + 1 WHERE line = 1 AND journal_id = " + journal("9"), "mark_balances"},
		{"UPDATE financials.account_balances SET debits = debits + 1 WHERE account_id = '" + f.chart["1000"].ID.String() + "'", "mark_balances"},
		{"DELETE FROM financials.unsealed_journals WHERE journal_id = " + journal("9"), "mark_balances"},
		{"UPDATE freehold.ledger_seals SET hash = sha256('x') WHERE position = 4 AND book_id = '" + f.book.ID.String() + "'", "mark_seal"},
		{"UPDATE freehold.ledger_marks SET balances_hash = sha256('x') WHERE number = 2 AND book_id = '" + f.book.ID.String() + "'", "mark_hash"},
		{"UPDATE freehold.ledger_marks SET verified_at = verified_at + interval '1 second' WHERE number = 1 AND book_id = '" + f.book.ID.String() + "'", "mark_hash"},
	} {
		isNew, whole := since(c.statement)
		require.False(t, whole.OK(), c.statement)
		require.Nil(t, whole.Mark)
		if c.want == "" {
			require.True(t, isNew.OK(), "%s: %+v", c.statement, isNew.Findings)
			continue
		}
		require.Contains(t, codes(isNew), c.want, c.statement)
		require.Nil(t, isNew.Mark, c.statement)
	}
}
