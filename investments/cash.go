package investments

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// CashKind says what moved the entity's own cash.
type CashKind string

// The kinds of cash.
const (
	CashIncome         CashKind = "operating_income"  // rents and other income, in
	CashExpense        CashKind = "operating_expense" // operating expenses and interest, out
	CashPurchase       CashKind = "purchase"          // of the property, with what improves it, out
	CashSale           CashKind = "sale_proceeds"     // net, in
	CashLoan           CashKind = "loan_proceeds"     // of a loan or a refinancing, in
	CashLoanPayment    CashKind = "loan_payment"      // principal, out
	CashReserve        CashKind = "reserve_funding"   // set aside, out of what can be distributed
	CashReserveRelease CashKind = "reserve_release"   // back into it
)

// Valid reports whether k is one of the kinds.
func (k CashKind) Valid() bool { return k.account() != "" }

// account is the other side of the cash.
func (k CashKind) account() string {
	switch k {
	case CashIncome:
		return AccountOperatingIncome
	case CashExpense:
		return AccountOperatingExpense
	case CashPurchase, CashSale:
		return AccountProperty
	case CashLoan, CashLoanPayment:
		return AccountLoans
	case CashReserve, CashReserveRelease:
		return AccountReserves
	}
	return ""
}

// in reports cash that comes in and can be distributed.
func (k CashKind) in() bool {
	return k == CashIncome || k == CashSale || k == CashLoan || k == CashReserveRelease
}

// sourceCash is what journals of cash say that they come from, before the kind. Their
// source is the offering.
const (
	sourceCash         = "cash:"
	sourceCashReversal = "cash reversal"
)

// CashRecord is cash of an offering's entity that moved: a journal of the offering's
// book and nothing else; ID is the journal's.
type CashRecord struct {
	ID          id.Of[CashRecord]      `bun:"id" json:"id"`
	OfferingID  id.Of[Offering]        `bun:"offering_id" json:"offering_id"`
	Kind        CashKind               `bun:"kind" json:"kind"`
	Amount      money.Amount           `bun:"amount" json:"amount"` // above zero, whichever way it moved
	Date        date.Date              `bun:"date" json:"date"`
	Description *string                `bun:"description" json:"description"`
	Cited       money.Amount           `bun:"cited" json:"cited"`             // by distributions that stand
	Reserve     string                 `bun:"reserve" json:"reserve"`         // that it went into or came from, "" for the one without a name and for other kinds
	ReversedBy  *id.Of[ledger.Journal] `bun:"reversed_by" json:"reversed_by"` // nil while it stands
	RecordedAt  time.Time              `bun:"recorded_at" json:"recorded_at"`
}

// The conditions of the entity's cash.
var (
	// ErrCashNotFound: there is no such record of cash.
	ErrCashNotFound = fault.New(fault.NotFound, "cash_not_found", "there is no such record of cash")
	// ErrCashReversed: the record has been reversed.
	ErrCashReversed = fault.New(fault.Illegal, "cash_reversed", "the record of cash has been reversed")
	// ErrCashCited: a distribution that stands is paid out of the cash.
	ErrCashCited = fault.New(fault.Illegal, "cash_cited", "a distribution that stands is paid out of this cash")
	// ErrCashRelied: what the record bought has been sold since.
	ErrCashRelied = fault.New(fault.Illegal, "cash_relied_on", "what it bought has been sold since")
	// ErrCashCost: only a sale relieves cost, and no more than the property is carried at.
	ErrCashCost = fault.New(fault.Invalid, "cash_cost_exceeds_property", "only a sale relieves cost, and no more than the property is carried at").On("cost")
	// ErrSource: the cash that a distribution cites is not of its offering, came in later
	// or not at all, or is cited by others already; or what is cited is not the amount.
	ErrSource = fault.New(fault.Conflict, "distribution_source_unsuitable", "the cash cited did not come in for this offering by the day, is cited already, or is not the amount").On("sources")
)

// lowest is the least balance of an asset account at the end of a day or of any one
// since, which is what can be taken off it on that day: later days have taken the
// rest. The caller holds the offering's lock.
func (b book) lowest(ctx context.Context, tx bun.IDB, code string, from date.Date) (least money.Amount, err error) {
	err = store.Read(ctx, tx, tx.NewRaw(`WITH days AS (SELECT x.day, sum(sum(x.amount)) OVER (ORDER BY x.day) AS balance
			FROM (SELECT p.effective_date AS day, p.amount FROM financials.postings p WHERE p.book_id = ?0 AND p.debit_account = ?1
				UNION ALL SELECT p.effective_date, -p.amount FROM financials.postings p WHERE p.book_id = ?0 AND p.credit_account = ?1) AS x
			GROUP BY 1)
		SELECT LEAST(COALESCE((SELECT balance FROM days WHERE day <= ?2::date ORDER BY day DESC LIMIT 1), 0), (SELECT min(balance) FROM days WHERE day > ?2::date))`,
		b.id, b.account(code), from), &least)
	return least, store.Err(err, constraints)
}

// cashRecords reads records of cash among the journals that a condition selects, which
// may end with an order by id and a limit. What the ledger says is a list of its own, as in
// undoneReserves.
func cashRecords(ctx context.Context, db bun.IDB, where string, args ...any) ([]CashRecord, error) {
	out := []CashRecord{}
	err := store.Read(ctx, db, db.NewRaw(`WITH cash AS MATERIALIZED (SELECT lj.id, lj.book_id, lj.source_id AS offering_id, substr(lj.source_type, length('`+sourceCash+`') + 1) AS kind,
				lj.effective_date AS date, lj.description, lj.recorded_at, r.id AS reversed_by, m.amount
			FROM financials.journals lj
			LEFT JOIN financials.journals r ON r.reverses_id = lj.id AND r.book_id = lj.book_id
			CROSS JOIN LATERAL (SELECT COALESCE(sum(p.amount), 0) AS amount FROM financials.postings p
				JOIN financials.accounts a ON a.id IN (p.debit_account, p.credit_account) AND a.book_id = p.book_id AND a.code = '`+AccountCash+`'
				WHERE p.journal_id = lj.id AND p.book_id = lj.book_id AND p.effective_date = lj.effective_date) m
			WHERE lj.source_type LIKE '`+sourceCash+`%' AND `+where+`)
		SELECT k.id, k.offering_id, k.kind, k.date, k.description, k.recorded_at, k.reversed_by, k.amount,
			COALESCE((SELECT rm.reserve FROM investments.reserve_movements rm WHERE rm.journal_id = k.id AND rm.book_id = k.book_id), '') AS reserve,
			COALESCE((SELECT sum(c.amount) FROM investments.distribution_sources c JOIN investments.distributions d ON d.id = c.distribution_id
				WHERE c.journal_id = k.id AND d.status NOT IN ('cancelled', 'reversed')), 0) AS cited
		FROM cash k ORDER BY k.id DESC`, args...), &out)
	return out, store.Err(err, constraints)
}

// CashRecord reads a record of cash. It returns [ErrCashNotFound].
func (s *Capital) CashRecord(ctx context.Context, db bun.IDB, v id.Of[CashRecord]) (*CashRecord, error) {
	db, done, err := store.Reader(ctx, db)
	if err != nil {
		return nil, err
	}
	defer done()
	all, err := cashRecords(ctx, db, "lj.id = ?", v)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, ErrCashNotFound
	}
	return &all[0], nil
}

// CashRecords lists the cash of an offering's entity, reversed records too, the newest
// first.
func (s *Capital) CashRecords(ctx context.Context, db bun.IDB, v id.Of[Offering], r page.Request) (page.Page[CashRecord], error) {
	db, done, err := store.Reader(ctx, db)
	if err != nil {
		return page.Page[CashRecord]{}, err
	}
	defer done()
	limit, last, err := store.AfterID[CashRecord](r)
	if err != nil {
		return page.Page[CashRecord]{}, err
	}
	where, args := "lj.source_id = ?", []any{v}
	if !last.IsZero() {
		where, args = where+" AND lj.id < ?", append(args, last)
	}
	rows, err := cashRecords(ctx, db, where+" ORDER BY lj.id DESC LIMIT ?", append(args, limit+1)...)
	if err != nil {
		return page.Page[CashRecord]{}, err
	}
	return store.Cut(rows, limit, func(row *CashRecord) page.Cursor { return store.IDCursor(row.ID) }), nil
}
