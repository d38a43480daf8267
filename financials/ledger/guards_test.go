package ledger

import (
	"context"
	"crypto/sha256"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

var testTime = time.Date(2025, 4, 1, 12, 0, 0, 0, time.UTC)

// testBook is a book with two accounts.
type testBook struct {
	Book
	cash, capital id.Of[Account]
}

func newTestBook(t *testing.T, db bun.IDB) testBook {
	t.Helper()
	v := id.New[Book]()
	b := testBook{Book: Book{ID: v, Code: v.String(), Name: "Fund", Kind: BookEntity, Currency: "USD", Version: 1, CreatedAt: testTime, UpdatedAt: testTime}}
	require.NoError(t, books.Insert(t.Context(), db, &b.Book))
	b.cash, b.capital = addAccount(t, db, v, "1000", Asset), addAccount(t, db, v, "3000", Equity)
	return b
}

func addAccount(t *testing.T, db bun.IDB, book id.Of[Book], code string, kind AccountType) id.Of[Account] {
	t.Helper()
	a := Account{ID: id.New[Account](), BookID: book, Code: code, Name: code, Type: kind, Status: AccountStatusActive, Version: 1, CreatedAt: testTime, UpdatedAt: testTime}
	require.NoError(t, accounts.Insert(t.Context(), db, &a))
	return a.ID
}

func (b testBook) journal(on string) *Journal {
	hash := sha256.Sum256([]byte(on))
	return &Journal{ID: id.New[Journal](), BookID: b.ID, EffectiveDate: date.MustParse(on), Actor: "clerk", ContentHash: hash[:], RecordedAt: testTime, LineCount: 2}
}

// post writes j and its lines as a verb does.
func (b testBook) post(ctx context.Context, db bun.IDB, j *Journal) error {
	return write(ctx, db, []Journal{*j}, []Posting{*b.posting(j, 1), *b.posting(j, 2)}, true, nil)
}

func (b testBook) posting(j *Journal, line int) *Posting {
	return &Posting{JournalID: j.ID, Line: line, LineCount: j.LineCount, BookID: b.ID, EffectiveDate: j.EffectiveDate, DebitAccount: b.cash, CreditAccount: b.capital, Amount: money.MustParse("25.00")}
}

// in runs fn under a savepoint, so that an error leaves the test's transaction
// usable.
func in(t *testing.T, tx bun.IDB, fn func(bun.IDB) error) error {
	t.Helper()
	return store.InTx(t.Context(), tx, fn)
}

// A posted journal never changes, by any statement.
func TestJournals_appendOnly(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	b := newTestBook(t, tx)
	j := b.journal("2025-01-15")
	require.NoError(t, journals.Insert(ctx, tx, j))
	require.NoError(t, postings.Insert(ctx, tx, b.posting(j, 1)))

	for _, statement := range []string{
		"UPDATE financials.journals SET description = 'x'",
		"DELETE FROM financials.journals",
		"UPDATE financials.postings SET amount = 1",
		"DELETE FROM financials.postings",
		"TRUNCATE financials.postings",
	} {
		err := in(t, tx, func(tx bun.IDB) error {
			_, err := tx.ExecContext(ctx, statement)
			return store.Err(err, constraints)
		})
		require.ErrorIs(t, err, store.ErrAppendOnly, statement)
	}
}

// A posted journal gains no lines, whatever number of lines its writer states.
func TestPostings_noneMore(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	b := newTestBook(t, db)
	j := b.journal("2025-01-15")
	require.NoError(t, store.InTx(ctx, db, func(tx bun.IDB) error {
		if err := journals.Insert(ctx, tx, j); err != nil {
			return err
		}
		return postings.InsertAll(ctx, tx, []Posting{*b.posting(j, 1), *b.posting(j, 2)})
	}))

	require.ErrorIs(t, postings.Insert(ctx, db, b.posting(j, 3)), ErrJournalPosted)
	require.ErrorIs(t, postings.Insert(ctx, db, b.posting(j, 2)), store.ErrExists)
	more := b.posting(j, 3)
	more.LineCount = 3
	require.ErrorIs(t, postings.Insert(ctx, db, more), store.ErrReference)
}

// A posting stays in its journal's book and on its date, and has two accounts.
func TestPostings_refused(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	b, other := newTestBook(t, tx), newTestBook(t, tx)
	j := b.journal("2025-01-15")
	require.NoError(t, journals.Insert(ctx, tx, j))

	for name, c := range map[string]struct {
		change func(*Posting)
		want   error
	}{
		"one account":     {func(p *Posting) { p.CreditAccount = p.DebitAccount }, ErrSameAccount},
		"foreign account": {func(p *Posting) { p.CreditAccount = other.capital }, ErrForeignAccount},
		"foreign book":    {func(p *Posting) { p.BookID = other.ID }, fault.Invalid},
		"other date":      {func(p *Posting) { p.EffectiveDate = date.MustParse("2025-01-16") }, store.ErrReference},
		"no amount":       {func(p *Posting) { p.Amount = money.Zero }, store.ErrCheck},
		"negative amount": {func(p *Posting) { p.Amount = p.Amount.Neg() }, store.ErrCheck},
	} {
		p := b.posting(j, 1)
		c.change(p)
		err := in(t, tx, func(tx bun.IDB) error { return postings.Insert(ctx, tx, p) })
		require.ErrorIs(t, err, c.want, name)
	}
	require.NoError(t, postings.Insert(ctx, tx, b.posting(j, 1)))
}

// A journal is reversed once, within its book, and not by itself.
func TestJournals_reversedOnce(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	b, other := newTestBook(t, tx), newTestBook(t, tx)
	j := b.journal("2025-01-15")
	require.NoError(t, journals.Insert(ctx, tx, j))

	foreign := other.journal("2025-01-20")
	foreign.ReversesID = &j.ID
	err := in(t, tx, func(tx bun.IDB) error { return journals.Insert(ctx, tx, foreign) })
	require.ErrorIs(t, err, store.ErrReference)

	first, second := b.journal("2025-01-20"), b.journal("2025-01-21")
	first.ReversesID, second.ReversesID = &j.ID, &j.ID
	require.NoError(t, journals.Insert(ctx, tx, first))
	err = in(t, tx, func(tx bun.IDB) error { return journals.Insert(ctx, tx, second) })
	require.ErrorIs(t, err, ErrReversed)

	self := b.journal("2025-01-22")
	self.ReversesID = &self.ID
	err = in(t, tx, func(tx bun.IDB) error { return journals.Insert(ctx, tx, self) })
	require.ErrorIs(t, err, ErrSelfReversal)
}

// A closed book takes no ordinary journal of a closed day.
func TestJournals_closedPeriod(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	b := newTestBook(t, tx)
	closeThrough(t, ctx, tx, b, "2025-03-31")

	err := in(t, tx, func(tx bun.IDB) error { return b.post(ctx, tx, b.journal("2025-03-31")) })
	require.ErrorIs(t, err, ErrPeriodClosed)
	adjusting := b.journal("2025-03-31")
	adjusting.Adjusting = true
	require.NoError(t, b.post(ctx, tx, adjusting))
	require.NoError(t, b.post(ctx, tx, b.journal("2025-04-01")))
}

func closeThrough(t *testing.T, ctx context.Context, db bun.IDB, b testBook, day string) {
	t.Helper()
	through := date.MustParse(day)
	b.ClosedThrough = &through
	require.NoError(t, books.Update(ctx, db, &b.Book, "closed_through"))
}

// Closing waits for a journal in flight, which therefore counts; a journal that
// comes while the closing is in flight waits for it, and is refused.
func TestJournals_closingRace(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	b := newTestBook(t, db)
	inFlight, closed, posted := make(chan struct{}), make(chan error, 1), make(chan error, 1)

	var before int64
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		if err := b.post(ctx, tx, b.journal("2025-03-30")); err != nil {
			return err
		}
		go func() {
			closed <- store.InTx(ctx, db, func(tx bun.IDB) error {
				through := date.MustParse("2025-03-31")
				row, err := lockBook(ctx, tx, b.ID)
				if err != nil {
					return err
				}
				row.ClosedThrough = &through
				if err := books.Update(ctx, tx, row, "closed_through"); err != nil {
					return err
				}
				close(inFlight)
				waitForWaiters(t, ctx, db, 1)
				before, err = tx.NewSelect().Model((*Journal)(nil)).Where("book_id = ?", b.ID).Count(ctx)
				return err
			})
		}()
		waitForWaiters(t, ctx, db, 1)
		select {
		case <-inFlight:
			t.Error("the closing passed a journal in flight")
		default:
		}
		return nil
	})
	require.NoError(t, err)
	<-inFlight
	go func() { posted <- b.post(ctx, db, b.journal("2025-03-30")) }()
	require.NoError(t, <-closed)
	require.ErrorIs(t, <-posted, ErrPeriodClosed)
	require.EqualValues(t, 1, before, "the closing saw the journal it waited for")
}

// waitForWaiters returns once n sessions of the database wait for a lock.
func waitForWaiters(t *testing.T, ctx context.Context, db *bun.DB, n int) {
	t.Helper()
	require.Eventually(t, func() bool {
		var waiting int
		err := db.NewRaw(`SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(ctx, &waiting)
		return err == nil && waiting >= n
	}, 10*time.Second, 5*time.Millisecond)
}

// The normal side of an account follows from its type.
func TestAccountType_balance(t *testing.T) {
	t.Parallel()
	ten, four := money.MustParse("10.00"), money.MustParse("4.00")
	for kind, want := range map[AccountType]string{Asset: "6.00", Expense: "6.00", Liability: "-6.00", Equity: "-6.00", Income: "-6.00"} {
		got, err := kind.Balance(ten, four)
		require.NoError(t, err)
		require.Equal(t, want, got.String(), kind)
	}
}
