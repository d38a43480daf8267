package ledger_test

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

func TestClosePeriod(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	f := open(t, tx)
	sub := id.New[ledger.Subledger]()
	post := func(day string, adjusting bool) error {
		return store(ctx, tx, func(tx bun.IDB) error {
			p := f.contribution(sub, "1", day)
			p.Adjusting = adjusting
			_, err := f.svc.Post(ctx, tx, p)
			return err
		})
	}
	closing := func(day string) (p *ledger.Period, err error) {
		err = store(ctx, tx, func(tx bun.IDB) error {
			p, err = f.svc.ClosePeriod(ctx, tx, ledger.ClosePeriodParams{BookID: f.book.ID, Through: date.MustParse(day)})
			return err
		})
		return p, err
	}
	require.NoError(t, post("2025-12-30", false))
	jan, err := closing("2026-01-31")
	require.NoError(t, err)
	require.Equal(t, "2025-12-30", jan.PeriodStart.String(), "from the first journal")
	again, err := closing("2026-01-31")
	require.NoError(t, err)
	require.Equal(t, jan.ID, again.ID)
	_, err = closing("2026-01-30")
	require.ErrorIs(t, err, ledger.ErrCloseOrder)
	require.ErrorIs(t, post("2026-01-31", false), ledger.ErrPeriodClosed)
	require.NoError(t, post("2026-01-31", true))
	require.NoError(t, post("2026-02-01", false))

	feb, err := closing("2026-02-28")
	require.NoError(t, err)
	require.Equal(t, "2026-02-01", feb.PeriodStart.String())
	_, err = f.svc.ReopenPeriod(ctx, tx, ledger.ReopenPeriodParams{PeriodID: jan.ID})
	require.ErrorIs(t, err, ledger.ErrCloseOrder)
	for range 2 { // the second changes nothing
		p, err := f.svc.ReopenPeriod(ctx, tx, ledger.ReopenPeriodParams{PeriodID: feb.ID})
		require.NoError(t, err)
		require.Equal(t, ledger.PeriodStatusOpen, p.Status)
	}
	require.NoError(t, post("2026-02-28", false))
	require.ErrorIs(t, post("2026-01-31", false), ledger.ErrPeriodClosed)
	march, err := closing("2026-03-31")
	require.NoError(t, err)
	require.Equal(t, feb.ID, march.ID, "what was reopened is closed again, and longer")
	list, err := f.svc.Periods(ctx, tx, f.book.ID)
	require.NoError(t, err)
	require.Len(t, list, 2)
	require.Equal(t, "2026-03-31", list[1].PeriodEnd.String())
	for _, p := range []id.Of[ledger.Period]{march.ID, jan.ID} {
		_, err := f.svc.ReopenPeriod(ctx, tx, ledger.ReopenPeriodParams{PeriodID: p})
		require.NoError(t, err)
	}
	require.NoError(t, post("2025-12-01", false), "all open")
	_, err = f.svc.ReopenPeriod(ctx, tx, ledger.ReopenPeriodParams{PeriodID: id.New[ledger.Period]()})
	require.ErrorIs(t, err, ledger.ErrPeriodNotFound)
	_, err = f.svc.ClosePeriod(ctx, tx, ledger.ClosePeriodParams{BookID: f.book.ID})
	require.ErrorIs(t, err, fault.Invalid)
}

// Whatever runs at once, no journal that is not adjusting ends up in a closed
// period after the closing returned; also from transactions that look at the
// past.
func TestClosePeriod_race(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	f := open(t, db)
	sub := id.New[ledger.Subledger]()
	old, err := db.BeginTx(ctx, nil)
	require.NoError(t, err)
	defer func() { _ = old.Rollback() }()
	_, err = old.ExecContext(ctx, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
	require.NoError(t, err)
	require.Equal(t, "0.00", f.balance(t, old, "1000"), "its snapshot is from before the closing")

	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 20 {
				if _, err := f.svc.Post(ctx, db, f.contribution(sub, "1", "2026-01-31")); err != nil && !errors.Is(err, ledger.ErrPeriodClosed) {
					t.Error(err)
				}
			}
		})
	}
	_, err = f.svc.ClosePeriod(ctx, db, ledger.ClosePeriodParams{BookID: f.book.ID, Through: date.MustParse("2026-01-31")})
	require.NoError(t, err)
	atClose := f.balance(t, db, "1000")
	wg.Wait()
	require.Equal(t, atClose, f.balance(t, db, "1000"))
	_, err = f.svc.Post(ctx, old, f.contribution(sub, "1", "2026-01-31"))
	require.Equal(t, "isolation_level", fault.CodeOf(err), "its snapshot is from before the closing")
}

func TestCloseAccount(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	f := open(t, db)
	sub, cash := id.New[ledger.Subledger](), f.chart["1000"].ID
	j, err := f.svc.Post(ctx, db, f.contribution(sub, "1", "2026-01-05"))
	require.NoError(t, err)
	_, err = f.svc.CloseAccount(ctx, db, cash)
	require.ErrorIs(t, err, ledger.ErrAccountInUse)
	_, err = f.svc.Reverse(ctx, db, ledger.ReverseParams{Actor: "clerk", JournalID: j.ID, EffectiveDate: date.MustParse("2026-01-06")})
	require.NoError(t, err)

	// Posting races with closing: either it is in time, and closing sees the
	// balance, or it is refused.
	var wg sync.WaitGroup
	var posted, closed error
	wg.Go(func() { _, posted = f.svc.Post(ctx, db, f.contribution(sub, "1", "2026-01-05")) })
	wg.Go(func() { _, closed = f.svc.CloseAccount(ctx, db, cash) })
	wg.Wait()
	require.True(t, posted == nil && errors.Is(closed, ledger.ErrAccountInUse) || closed == nil && errors.Is(posted, ledger.ErrAccountClosed), "%v %v", posted, closed)
	if closed != nil {
		p := f.contribution(sub, "1", "2026-01-05")
		p.Entries[0].Debit, p.Entries[0].Credit = p.Entries[0].Credit, p.Entries[0].Debit
		_, err := f.svc.Post(ctx, db, p)
		require.NoError(t, err)
		_, err = f.svc.CloseAccount(ctx, db, cash)
		require.NoError(t, err)
	}
	_, err = f.svc.CloseAccount(ctx, db, cash)
	require.NoError(t, err, "closed already")
	_, err = f.svc.Post(ctx, db, f.contribution(sub, "1", "2026-01-05"))
	require.ErrorIs(t, err, ledger.ErrAccountClosed)
	a, err := f.svc.ReopenAccount(ctx, db, cash)
	require.NoError(t, err)
	require.Equal(t, ledger.AccountStatusActive, a.Status)
	_, err = f.svc.Post(ctx, db, f.contribution(sub, "1", "2026-01-05"))
	require.NoError(t, err)
}

// The pages of a statement, in any size, are the whole with a running balance
// that ends at the balance; what is posted meanwhile does not disturb them.
func TestAccountStatement(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	f := open(t, tx)
	subs := []id.Of[ledger.Subledger]{id.New[ledger.Subledger](), id.New[ledger.Subledger]()}
	var batch []ledger.PostParams
	for i := range 23 {
		p := f.contribution(subs[i%2], "10", fmt.Sprintf("2026-01-%02d", 1+i/4)) // several a day
		if i%3 == 0 {
			p.Entries = append(p.Entries, ledger.Entry{Debit: f.chart["3100"].ID, Credit: f.chart["1000"].ID, Amount: money.MustParse("3"), Subledger: subs[i%2]})
		}
		batch = append(batch, p)
	}
	_, err := f.svc.PostBatch(ctx, tx, ledger.PostBatchParams{Journals: batch})
	require.NoError(t, err)
	whole, err := f.svc.AccountStatement(ctx, tx, ledger.AccountStatementParams{AccountID: f.chart["1000"].ID}, page.Request{Limit: 1000})
	require.NoError(t, err)
	require.Len(t, whole.Lines.Items, 31)
	require.Equal(t, f.balance(t, tx, "1000"), whole.Lines.Items[30].Balance.String())
	require.Equal(t, "206.00", whole.Lines.Items[30].Balance.String())

	p := ledger.AccountStatementParams{AccountID: f.chart["1000"].ID, From: date.MustParse("2026-01-02"), To: date.MustParse("2026-01-05")}
	var got []ledger.StatementLine
	for r := (page.Request{Limit: 3}); ; {
		s, err := f.svc.AccountStatement(ctx, tx, p, r)
		require.NoError(t, err)
		if len(got) > 0 {
			require.Equal(t, got[len(got)-1].Balance, s.Opening)
		} else {
			require.Equal(t, whole.Lines.Items[5].Balance, s.Opening)
		}
		got = append(got, s.Lines.Items...)
		if r.After = s.Lines.Next; r.After == "" {
			break
		}
		_, err = f.svc.Post(ctx, tx, f.contribution(subs[0], "99", "2026-01-05"))
		require.NoError(t, err)
	}
	require.Equal(t, whole.Lines.Items[6:6+len(got)], got)
	require.Equal(t, "2026-01-05", got[len(got)-1].EffectiveDate.String())

	one, err := f.svc.AccountStatement(ctx, tx, ledger.AccountStatementParams{AccountID: f.chart["3000"].ID, SubledgerID: subs[1]}, page.Request{})
	require.NoError(t, err)
	totals, err := f.svc.SubledgerTotals(ctx, tx, f.chart["3000"].ID, subs[1])
	require.NoError(t, err)
	require.Len(t, one.Lines.Items, 11)
	require.Equal(t, totals.Balance, one.Lines.Items[10].Balance)

	next, err := f.svc.AccountStatement(ctx, tx, p, page.Request{Limit: 1})
	require.NoError(t, err)
	for _, bad := range []page.Cursor{"x", page.Encode("a", "b", "c", "d", "e", "f"), next.Lines.Next} {
		_, err := f.svc.AccountStatement(ctx, tx, ledger.AccountStatementParams{AccountID: f.chart["3000"].ID}, page.Request{After: bad})
		require.ErrorIs(t, err, page.ErrCursor)
	}
	_, err = f.svc.AccountStatement(ctx, tx, p, page.Request{Limit: -1})
	require.ErrorIs(t, err, page.ErrLimit)
}

// Pages that end within journals of many lines on both sides of the account, and between them,
// are the lines as they were posted, of one subledger as of all.
func TestAccountStatement_withinJournals(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	f := open(t, tx)
	subs := []id.Of[ledger.Subledger]{id.New[ledger.Subledger](), id.New[ledger.Subledger](), id.New[ledger.Subledger]()}
	var want []string
	amount := 0
	for _, lines := range []int{1, 17, 1, 9, 2} { // of one day, in the order of their ids
		p := f.contribution(subs[0], "1", "2026-01-05")
		p.Entries = nil
		for i := range lines {
			amount++
			e := ledger.Entry{Debit: f.chart["1000"].ID, Credit: f.chart["3000"].ID, Amount: money.MustParse(strconv.Itoa(amount)), Subledger: subs[i%3]}
			switch amount % 5 {
			case 0:
				e.Debit, e.Credit = e.Credit, e.Debit
			case 1:
				e.Debit = f.chart["3100"].ID // not of the account
			}
			if p.Entries = append(p.Entries, e); amount%5 != 1 {
				want = append(want, fmt.Sprint(e.Amount, " ", i%3))
			}
		}
		_, err := f.svc.Post(ctx, tx, p)
		require.NoError(t, err)
	}
	for limit := 1; limit <= 8; limit++ {
		for which := -1; which < 3; which++ {
			p := ledger.AccountStatementParams{AccountID: f.chart["1000"].ID}
			expected := want
			if which >= 0 {
				p.SubledgerID = subs[which]
				expected = slices.DeleteFunc(slices.Clone(want), func(s string) bool { return !strings.HasSuffix(s, fmt.Sprint(" ", which)) })
			}
			var got []string
			for r := (page.Request{Limit: limit}); ; {
				s, err := f.svc.AccountStatement(ctx, tx, p, r)
				require.NoError(t, err)
				for _, l := range s.Lines.Items {
					paid, err := l.Debit.Add(l.Credit)
					require.NoError(t, err)
					got = append(got, fmt.Sprint(paid, " ", slices.Index(subs, *l.SubledgerID)))
				}
				if r.After = s.Lines.Next; r.After == "" {
					break
				}
				require.Len(t, s.Lines.Items, limit)
			}
			require.Equal(t, expected, got, "%d lines a page, subledger %d", limit, which)
		}
	}
}

// All accounts, and one subledger, as of a day and as known at a time.
func TestBalancesAsOf(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	f := open(t, tx)
	sub := id.New[ledger.Subledger]()
	first, err := f.svc.Post(ctx, tx, f.contribution(sub, "10", "2026-01-05"))
	require.NoError(t, err)
	late, err := f.svc.Post(ctx, tx, f.contribution(sub, "5", "2026-01-03")) // recorded later, dated before
	require.NoError(t, err)
	for _, c := range []struct {
		day   string
		known time.Time
		want  string
	}{
		{"2026-01-02", late.RecordedAt, "0.00"}, {"2026-01-04", late.RecordedAt, "5.00"}, {"2026-01-04", first.RecordedAt, "0.00"},
		{"2026-01-05", first.RecordedAt, "10.00"}, {"2026-01-05", late.RecordedAt, "15.00"},
	} {
		rows, err := f.svc.TrialBalance(ctx, tx, ledger.TrialBalanceParams{BookID: f.book.ID, Day: date.MustParse(c.day), Known: c.known})
		require.NoError(t, err)
		require.Len(t, rows, 3)
		require.Equal(t, c.want, rows[0].Balance.String())
		require.Equal(t, c.want, rows[1].Balance.String())
		one, err := f.svc.BalanceAsOf(ctx, tx, ledger.BalanceAsOfParams{AccountID: f.chart["3000"].ID, SubledgerID: &sub, Day: date.MustParse(c.day), Known: c.known})
		require.NoError(t, err)
		require.Equal(t, c.want, one.Balance.String())
	}
}

// A book is closed and sealed while many post to it without a pause: a closing is not
// starved by them.
func TestClosePeriod_busy(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	f := open(t, db)
	var wg sync.WaitGroup
	var closed atomic.Bool
	var posted atomic.Int64
	for range 8 {
		wg.Go(func() {
			for !closed.Load() {
				if _, err := f.svc.Post(ctx, db, f.contribution(id.New[ledger.Subledger](), "1", "2026-02-05")); err != nil {
					t.Error(err)
					return
				}
				posted.Add(1)
			}
		})
	}
	defer wg.Wait()
	defer closed.Store(true)
	for posted.Load() < 50 {
		time.Sleep(time.Millisecond)
	}
	for day := range 10 {
		_, err := f.svc.ClosePeriod(ctx, db, ledger.ClosePeriodParams{BookID: f.book.ID, Through: date.MustParse("2026-01-01").AddDays(day)})
		require.NoError(t, err)
		seal(t, f, db, 0)
	}
}
