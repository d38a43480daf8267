package ledger

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
)

// SQL of a host's own that writes journals cannot admit them as what they are not: the
// function judges the rows, and what nobody lists, or adds to the balances, Verify finds.
func TestAdmitJournals_hostsOwn(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	svc := NewService(Config{})
	b, other := newTestBook(t, tx), newTestBook(t, tx)
	early, late := b.journal("2025-01-15"), b.journal("2025-03-15")
	for _, j := range []*Journal{early, late} {
		require.NoError(t, journals.Insert(ctx, tx, j))
		require.NoError(t, postings.InsertAll(ctx, tx, []Posting{*b.posting(j, 1), *b.posting(j, 2)}))
	}
	admitted := func(ids []id.Of[Journal], books ...id.Of[Book]) error {
		return in(t, tx, func(tx bun.IDB) error {
			return store.Err(store.Exec(ctx, tx, "SELECT financials.admit_journals($1, $2, $3, '{}')", idArray(ids), idArray(books), store.TimeKey(testTime)), constraints)
		})
	}
	require.ErrorIs(t, admitted([]id.Of[Journal]{late.ID}, other.ID), ErrJournalNotFound, "of another book")
	require.ErrorIs(t, admitted([]id.Of[Journal]{late.ID}, id.New[Book]()), ErrJournalNotFound, "of no book")
	require.ErrorIs(t, admitted([]id.Of[Journal]{early.ID, late.ID}, b.ID), ErrJournalNotFound, "fewer books than journals")
	require.ErrorIs(t, admitted([]id.Of[Journal]{late.ID}, b.ID, b.ID), ErrJournalNotFound, "more")
	require.ErrorIs(t, admitted([]id.Of[Journal]{late.ID, late.ID}, b.ID, b.ID), store.ErrExists, "one twice")

	_, err := tx.ExecContext(ctx, "UPDATE financials.books SET closed_through = ? WHERE id = ?", date.MustParse("2025-02-28"), b.ID)
	require.NoError(t, err)
	require.ErrorIs(t, admitted([]id.Of[Journal]{early.ID, late.ID}, b.ID, b.ID), ErrPeriodClosed, "whatever its writer says of its date")

	require.NoError(t, admitted([]id.Of[Journal]{late.ID}, b.ID))
	r, err := svc.Verify(ctx, tx, b.ID)
	require.NoError(t, err)
	var codes []string
	for _, f := range r.Findings {
		codes = append(codes, f.Code+" "+f.Row)
	}
	require.Contains(t, codes, "journal_unlisted "+early.ID.String())
	require.NotContains(t, codes, "journal_unlisted "+late.ID.String())
}

// Lines on a closed account are refused where they are added to its balance, which Verify
// compares: by one way or the other nobody books to it.
func TestAddToBalances_closedAccount(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	b := newTestBook(t, tx)
	_, err := tx.ExecContext(ctx, "UPDATE financials.accounts SET status = 'closed' WHERE id = ? AND book_id = ?", b.capital, b.ID)
	require.NoError(t, err)
	for _, add := range []struct {
		sql  string
		args []any
	}{
		{"SELECT financials.add_to_balances($1, '{1}', $2, $3, '{5}', '{NULL}')", []any{idArray([]id.Of[Book]{b.ID}), idArray([]id.Of[Account]{b.cash}), idArray([]id.Of[Account]{b.capital})}},
		{"SELECT financials.add_sums_to_balances($1, $2, '{1,2}', '{NULL,NULL}', '{5,0}', '{0,5}')", []any{idArray([]id.Of[Book]{b.ID, b.ID}), idArray([]id.Of[Account]{b.cash, b.capital})}},
	} {
		err := in(t, tx, func(tx bun.IDB) error { return store.Err(store.Exec(ctx, tx, add.sql, add.args...), constraints) })
		require.ErrorIs(t, err, ErrAccountClosed, add.sql)
	}
}
