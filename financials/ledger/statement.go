package ledger

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// AccountStatementParams says what a statement covers.
type AccountStatementParams struct {
	AccountID   id.Of[Account]
	From        date.Date        // zero is from the start
	To          date.Date        // the day included; zero is to the end
	SubledgerID id.Of[Subledger] // zero is all of them
}

// StatementLine is a posting as one account sees it. One of Debit and Credit is
// zero. Balance is the account's balance after the line, on its normal side.
type StatementLine struct {
	JournalID     id.Of[Journal]    `json:"journal_id"`
	Line          int               `json:"line"`
	EffectiveDate date.Date         `json:"effective_date"`
	RecordedAt    time.Time         `json:"recorded_at"`
	Description   *string           `json:"description"`
	Memo          *string           `json:"memo"`
	SubledgerID   *id.Of[Subledger] `json:"subledger_id"`
	Counter       id.Of[Account]    `json:"counter"` // the account on the other side
	Debit         money.Amount      `json:"debit"`
	Credit        money.Amount      `json:"credit"`
	Balance       money.Amount      `json:"balance"`
}

// Statement is a page of an account's statement.
type Statement struct {
	Account Account                  `json:"account"`
	Known   time.Time                `json:"known"`   // what was recorded later is left out, on all pages
	Opening money.Amount             `json:"opening"` // the balance before the first line of the page
	Lines   page.Page[StatementLine] `json:"lines"`
}

// AccountStatement lists the lines of an account between two dates by effective
// date, each with the running balance, in pages that cost about the same wherever they are; one
// that reaches a journal of very many lines reads it once more, to put them in order. Later
// pages leave out what was recorded after the first was asked for; a journal
// that was then in flight, with an earlier time of recording, may be missing or
// come on a later page. It returns [ErrAccountNotFound], [page.ErrCursor] and
// [page.ErrLimit].
func (s *Service) AccountStatement(ctx context.Context, db bun.IDB, p AccountStatementParams, r page.Request) (*Statement, error) {
	limit, err := r.Size()
	if err != nil {
		return nil, err
	}
	at, err := p.decode(r.After)
	if err != nil {
		return nil, err
	}
	a, err := accounts.Get(ctx, db, p.AccountID)
	if err != nil {
		return nil, err
	}
	out := &Statement{Account: *a}
	if at == nil {
		at = &place{known: s.now()}
		if at.balance, err = p.opening(ctx, db, a, at.known); err != nil {
			return nil, err
		}
	}
	out.Known, out.Opening = at.known, at.balance
	rows, err := p.lines(ctx, db, a, at, limit+1) // one more tells whether there is a next page
	if err != nil {
		return nil, err
	}
	more := len(rows) > limit
	if more {
		rows = rows[:limit]
	}
	for i := range rows {
		l := &rows[i]
		change, err := a.Type.Balance(l.Debit, l.Credit)
		if err != nil {
			return nil, err
		}
		if at.balance, err = at.balance.Add(change); err != nil {
			return nil, err
		}
		l.Balance = at.balance
	}
	if rows == nil {
		rows = []StatementLine{} // an empty list is [] in JSON, not null
	}
	out.Lines.Items = rows
	if more {
		l := &rows[limit-1]
		out.Lines.Next = page.Encode(p.name(), l.EffectiveDate.String(), l.JournalID.String(), strconv.Itoa(l.Line),
			at.balance.String(), store.TimeKey(at.known))
	}
	return out, nil
}

// place is where a page begins: after which line, at which balance, and as
// known when.
type place struct {
	day     date.Date
	journal id.Of[Journal]
	line    int
	balance money.Amount
	known   time.Time
}

// name tells one statement's cursors from another's.
func (p *AccountStatementParams) name() string {
	return strings.Join([]string{p.AccountID.String(), p.SubledgerID.String(), p.From.String(), p.To.String()}, " ")
}

func (p *AccountStatementParams) decode(c page.Cursor) (*place, error) {
	if c == "" {
		return nil, nil
	}
	parts, err := c.Decode(6)
	if err != nil {
		return nil, err
	}
	var at place
	var errs [5]error
	at.day, errs[0] = date.Parse(parts[1])
	at.journal, errs[1] = id.Parse[Journal](parts[2])
	at.line, errs[2] = strconv.Atoi(parts[3])
	at.balance, errs[3] = money.Parse(parts[4])
	at.known, errs[4] = time.Parse(time.RFC3339, parts[5])
	if parts[0] != p.name() || errs != [5]error{} || !check.InCalendar(at.known) {
		return nil, page.ErrCursor
	}
	return &at, nil
}

// narrow restricts the postings p to the statement, as known at a time.
func (p *AccountStatementParams) narrow(q *bun.SelectQuery, a *Account, side string, known time.Time) *bun.SelectQuery {
	q = q.TableExpr("financials.postings AS p").Join("JOIN financials.journals AS j ON j.id = p.journal_id AND j.book_id = p.book_id").
		Where("p."+side+" = ? AND p.book_id = ?", a.ID, a.BookID).Where("j.recorded_at <= ?", known)
	if !p.SubledgerID.IsZero() {
		q = q.Where("p.subledger_id = ?", p.SubledgerID)
	}
	return q
}

// opening is the balance before the first day.
func (p *AccountStatementParams) opening(ctx context.Context, db bun.IDB, a *Account, known time.Time) (money.Amount, error) {
	if p.From.IsZero() {
		return money.Zero, nil
	}
	var sums [2]money.Amount
	for i, side := range [2]string{"debit_account", "credit_account"} {
		err := store.Read(ctx, db, p.narrow(db.NewSelect(), a, side, known).ColumnExpr("COALESCE(sum(p.amount), 0)").
			Where("p.effective_date < ?", p.From), &sums[i])
		if err != nil {
			return money.Zero, store.Err(err, constraints)
		}
	}
	return a.Type.Balance(sums[0], sums[1])
}

const statementColumns = `p.journal_id, p.line, p.effective_date, j.recorded_at, j.description, p.memo, p.subledger_id, p.amount`

// after selects the first lines of one side of an account after a place: of later journals, or
// of the journal of the place alone. Later journals are read in the order of the side's own
// index, which has their lines in no order of their own; those of one journal in that of the
// primary key, so that a page within a journal of many lines costs no more.
func (p *AccountStatementParams) after(db bun.IDB, a *Account, at *place, within bool, limit int, name, other, debit string) *bun.SelectQuery {
	q := p.narrow(db.NewSelect(), a, name, at.known).ColumnExpr(statementColumns + ", p." + other + " AS counter, " + debit + " AS is_debit")
	if within {
		return q.Where("p.journal_id = ? AND p.line > ?", at.journal, at.line).OrderExpr("p.line").Limit(int64(limit))
	}
	if at.line > 0 {
		q = q.Where("(p.effective_date, p.journal_id) > (?, ?)", at.day, at.journal)
	}
	if !p.From.IsZero() {
		q = q.Where("p.effective_date >= ?", p.From)
	}
	if !p.To.IsZero() {
		q = q.Where("p.effective_date <= ?", p.To)
	}
	return q.OrderExpr("p.effective_date, p.journal_id, p.line").Limit(int64(limit))
}

// lines reads the lines after a place: what is left of its journal, and as much of the later
// ones as there is room for.
func (p *AccountStatementParams) lines(ctx context.Context, db bun.IDB, a *Account, at *place, limit int) ([]StatementLine, error) {
	both := func(within bool) schema.QueryWithArgs {
		return bun.SafeQuery("SELECT * FROM ((?) UNION ALL (?)) AS l ORDER BY effective_date, journal_id, line",
			p.after(db, a, at, within, limit, "debit_account", "credit_account", "TRUE"), p.after(db, a, at, within, limit, "credit_account", "debit_account", "FALSE"))
	}
	q := db.NewRaw("? LIMIT ?", both(false), limit)
	if at.line > 0 {
		q = db.NewRaw("WITH same AS (?0 LIMIT ?2) SELECT * FROM same UNION ALL (?1 LIMIT ?2 - (SELECT count(*) FROM same)) ORDER BY effective_date, journal_id, line",
			both(true), both(false), limit)
	}
	var rows []struct {
		JournalID     id.Of[Journal]    `bun:"journal_id"`
		Line          int               `bun:"line"`
		EffectiveDate date.Date         `bun:"effective_date"`
		RecordedAt    time.Time         `bun:"recorded_at"`
		Description   *string           `bun:"description"`
		Memo          *string           `bun:"memo"`
		SubledgerID   *id.Of[Subledger] `bun:"subledger_id"`
		Amount        money.Amount      `bun:"amount"`
		Counter       id.Of[Account]    `bun:"counter"`
		IsDebit       bool              `bun:"is_debit"`
	}
	err := store.Read(ctx, db, q, &rows)
	if err != nil {
		return nil, store.Err(err, constraints)
	}
	out := make([]StatementLine, len(rows))
	for i, r := range rows {
		out[i] = StatementLine{JournalID: r.JournalID, Line: r.Line, EffectiveDate: r.EffectiveDate, RecordedAt: r.RecordedAt,
			Description: r.Description, Memo: r.Memo, SubledgerID: r.SubledgerID, Counter: r.Counter, Debit: r.Amount}
		if !r.IsDebit {
			out[i].Debit, out[i].Credit = money.Zero, r.Amount
		}
	}
	return out, nil
}
