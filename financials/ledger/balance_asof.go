package ledger

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// BalanceAsOfParams says what balance is wanted.
type BalanceAsOfParams struct {
	AccountID   id.Of[Account]
	SubledgerID *id.Of[Subledger] // an investor's position, say; nil is the whole account
	Day         date.Date         // effective dates to this day, the day included
	Known       time.Time         // recorded by then; zero is what is known now
}

// BalanceAsOf adds up an account's postings with effective dates to a day that had
// been recorded by a time: what the books say today of that day, or what they said
// then. It returns [ErrAccountNotFound].
func (s *Service) BalanceAsOf(ctx context.Context, db bun.IDB, p BalanceAsOfParams) (Totals, error) {
	a, err := accounts.Get(ctx, db, p.AccountID)
	if err != nil {
		return Totals{}, err
	}
	return a.totals(ctx, db, asOf+` WHERE (p.debit_account = ?0 OR p.credit_account = ?0) AND p.effective_date <= ?1
		AND (?2::timestamptz IS NULL OR j.recorded_at <= ?2::timestamptz) AND (?3::uuid IS NULL OR p.subledger_id = ?3::uuid) AND p.book_id = ?4`,
		p.AccountID, p.Day, knownBy(p.Known), p.SubledgerID, a.BookID)
}

// knownBy is a time as a parameter; the zero time is NULL.
func knownBy(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = check.Clamp(t)
	return &t
}

const asOf = `SELECT COALESCE(sum(p.amount) FILTER (WHERE p.debit_account = ?0), 0), COALESCE(sum(p.amount) FILTER (WHERE p.credit_account = ?0), 0)
	FROM financials.postings p JOIN financials.journals j ON j.id = p.journal_id AND j.book_id = p.book_id`

// TrialBalanceParams says what totals are wanted.
type TrialBalanceParams struct {
	BookID id.Of[Book]
	Day    date.Date // effective dates to this day, the day included
	Known  time.Time // recorded by then; zero is what is known now
}

// TrialBalance returns the totals of all accounts of a book as of a day, by
// code, as they were known at a time; the zero time is now. The debits and credits of
// its rows add up to the same.
func (s *Service) TrialBalance(ctx context.Context, db bun.IDB, p TrialBalanceParams) ([]Totals, error) {
	if p.Known.IsZero() {
		return balances(ctx, db, p.BookID, `FROM financials.postings p WHERE p.effective_date <= ?`, p.Day)
	}
	return balances(ctx, db, p.BookID, `FROM financials.postings p JOIN financials.journals j ON j.id = p.journal_id AND j.book_id = p.book_id
		WHERE p.effective_date <= ? AND j.recorded_at <= ?`, p.Day, check.Clamp(p.Known))
}

func balances(ctx context.Context, db bun.IDB, book id.Of[Book], from string, args ...any) ([]Totals, error) {
	db, done, err := store.Reader(ctx, db)
	if err != nil {
		return nil, err
	}
	defer done()
	var rows []struct {
		Account `bun:",extend"`
		Debits  money.Amount `bun:"debits"`
		Credits money.Amount `bun:"credits"`
	}
	sum := "(SELECT COALESCE(sum(p.amount), 0) " + from + " AND p.book_id = la.book_id AND "
	err = store.Read(ctx, db, db.NewSelect().Model((*Account)(nil)).ColumnExpr("la.*").
		ColumnExpr(sum+"p.debit_account = la.id) AS debits", args...).
		ColumnExpr(sum+"p.credit_account = la.id) AS credits", args...).
		Where("la.book_id = ?", book).OrderExpr("la.code"), &rows)
	if err != nil {
		return nil, store.Err(err, constraints)
	}
	out := make([]Totals, len(rows))
	for i, r := range rows {
		out[i] = Totals{Account: r.Account, Debits: r.Debits, Credits: r.Credits}
		if out[i].Balance, err = r.Type.Balance(r.Debits, r.Credits); err != nil {
			return nil, err
		}
	}
	return out, nil
}
