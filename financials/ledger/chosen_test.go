package ledger_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// inBook opens a book and makes a journal of it, with an id that the caller chose.
func inBook(t *testing.T, db bun.IDB, svc *ledger.Service, code string, v id.Of[ledger.Journal]) ledger.PostParams {
	t.Helper()
	b, err := svc.OpenBook(t.Context(), db, ledger.OpenBookParams{Code: code, Name: code, Accounts: []ledger.AccountParams{
		{Code: "1000", Name: "Cash", Type: ledger.Asset}, {Code: "3000", Name: "Equity", Type: ledger.Equity}}})
	require.NoError(t, err)
	chart, err := svc.Chart(t.Context(), db, b.ID)
	require.NoError(t, err)
	return ledger.PostParams{ID: v, BookID: b.ID, EffectiveDate: date.MustParse("2026-01-15"), Description: "x", Actor: "clerk",
		Entries: []ledger.Entry{{Debit: chart["1000"].ID, Credit: chart["3000"].ID, Amount: money.MustParse("5")}}}
}

// An id that callers chose is one journal's, also where two books take it at the same
// moment.
func TestPost_chosenInTwoBooks(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	svc, v := ledger.NewService(ledger.Config{}), id.New[ledger.Journal]()
	first, second := inBook(t, db, svc, "a", v), inBook(t, db, svc, "b", v)
	tx, err := db.BeginTx(ctx, nil)
	require.NoError(t, err)
	_, err = svc.Post(ctx, tx, first)
	require.NoError(t, err)
	done := make(chan error)
	go func() {
		done <- db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
			_, err := svc.Post(ctx, tx, second)
			return err
		})
	}()
	for waits := false; !waits; {
		require.NoError(t, db.NewRaw("SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'").Scan(ctx, &waits))
		select {
		case err := <-done:
			require.NoError(t, tx.Commit())
			require.ErrorIs(t, err, ledger.ErrJournalExists)
			return
		default:
		}
	}
	require.NoError(t, tx.Commit())
	require.ErrorIs(t, <-done, ledger.ErrJournalExists)
}

// The same of a draft's id: two books cannot both take it, at whatever moment.
func TestDraft_chosenInTwoBooks(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	svc, v := ledger.NewService(ledger.Config{}), id.New[ledger.Journal]()
	first, second := inBook(t, db, svc, "a", v), inBook(t, db, svc, "b", v)
	tx, err := db.BeginTx(ctx, nil)
	require.NoError(t, err)
	_, err = svc.Draft(ctx, tx, ledger.DraftParams{PostParams: first})
	require.NoError(t, err)
	done := make(chan error)
	go func() {
		_, err := svc.Draft(ctx, db, ledger.DraftParams{PostParams: second})
		done <- err
	}()
	eventually(t, func() (waits bool) {
		require.NoError(t, db.NewRaw("SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'").Scan(ctx, &waits))
		return waits
	})
	require.NoError(t, tx.Commit())
	require.ErrorIs(t, <-done, ledger.ErrJournalExists)
	_, err = svc.Draft(ctx, db, ledger.DraftParams{PostParams: second})
	require.ErrorIs(t, err, ledger.ErrJournalExists, "afterwards, too")
	again, err := svc.Draft(ctx, db, ledger.DraftParams{PostParams: first})
	require.NoError(t, err)
	require.Equal(t, first.BookID, again.BookID)
}
