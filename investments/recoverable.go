package investments

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// ErrOverRecovered: more came back, or was set off or written off, than is owed.
var ErrOverRecovered = fault.New(fault.Conflict, "recovery_exceeds_owed", "more would be settled than is owed").On("amount")

// Recoverable is what the payee of a line owes: of a reversed distribution what they
// were paid, of a line that was billed what it is below zero; less what came back,
// was set off or written off.
type Recoverable struct {
	LineID         id.Of[DistributionLine] `bun:"line_id" json:"line_id"`
	DistributionID id.Of[Distribution]     `bun:"distribution_id" json:"distribution_id"`
	InvestorID     id.Of[auth.User]        `bun:"investor_id" json:"investor_id"`
	AccountID      *id.Of[Account]         `bun:"account_id" json:"account_id,omitempty"`
	PositionID     *id.Of[Position]        `bun:"investment_id" json:"position_id,omitempty"`
	Billed         bool                    `bun:"billed" json:"billed"` // by a distribution that stands
	OwedSince      date.Date               `bun:"owed_since" json:"owed_since"`
	Total          money.Amount            `bun:"total" json:"total"`         // net of tax
	Recovered      money.Amount            `bun:"recovered" json:"recovered"` // or set off or written off
	Owed           money.Amount            `bun:"owed" json:"owed"`
}

// recoverables selects the lines of an offering that are owed for still.
func recoverables(db bun.IDB, v id.Of[Offering], lines ...func(*bun.SelectQuery) *bun.SelectQuery) *bun.SelectQuery {
	return recoverable(db, append(lines, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("d.opportunity_id = ?", v) })...)
}

// recoverable selects them of all offerings, of the lines dl and distributions d that
// conditions select, as w with their journals j. What is owed is worked out on its own: a
// cluster that has the ledger on other machines joins the two only then.
func recoverable(db bun.IDB, lines ...func(*bun.SelectQuery) *bun.SelectQuery) *bun.SelectQuery {
	w := db.NewSelect().TableExpr("investments.investor_distributions AS dl").
		ColumnExpr("dl.id AS line_id, dl.distribution_id, dl.investor_id, dl.account_id, dl.investment_id").
		ColumnExpr("dl.payment_status = 'billed' AS billed, abs(dl.net_distribution) AS total, COALESCE(r.amount, 0) AS recovered").
		ColumnExpr("COALESCE(d.reversal_journal_id, d.declaration_journal_id) AS journal_id, d.created_at AS declared_at").
		Join("JOIN investments.distributions AS d ON d.id = dl.distribution_id").
		Join(`LEFT JOIN LATERAL (SELECT sum(t.amount) AS amount FROM (SELECT * FROM investments.transactions WHERE distribution_line_id = dl.id OFFSET 0) AS t
			WHERE t.type = 'adjustment' AND t.status = 'completed') AS r ON TRUE`).
		Where("dl.owed_back").Where("dl.payment_date IS NOT NULL").
		Where("abs(dl.net_distribution) > COALESCE(r.amount, 0)").Apply(lines...)
	return db.NewSelect().TableExpr("(?) AS w", w).
		ColumnExpr("w.line_id, w.distribution_id, w.investor_id, w.account_id, w.investment_id, j.effective_date AS owed_since").
		ColumnExpr("w.billed, w.total, w.recovered, w.total - w.recovered AS owed").
		Join("JOIN financials.journals AS j ON j.id = w.journal_id")
}

// Recoverables lists what payees of an offering still have to pay back, by line, of
// reversed distributions and of what was billed. [Distributions.RecordRecovery]
// records what comes back, DeclareParams.SetOff sets it off against what the payee
// gets next, and [Capital.RequestWriteOff] begins to give it up.
func (s *Distributions) Recoverables(ctx context.Context, db bun.IDB, v id.Of[Offering], r page.Request) (page.Page[Recoverable], error) {
	db, done, err := store.Reader(ctx, db)
	if err != nil {
		return page.Page[Recoverable]{}, err
	}
	defer done()
	limit, after, err := store.AfterID[DistributionLine](r)
	if err != nil {
		return page.Page[Recoverable]{}, err
	}
	var rows []Recoverable
	err = store.Read(ctx, db, recoverables(db, v, func(q *bun.SelectQuery) *bun.SelectQuery {
		if after.IsZero() {
			return q
		}
		return q.Where("dl.id > ?", after)
	}).OrderExpr("w.line_id").Limit(int64(limit)+1), &rows)
	if err != nil {
		return page.Page[Recoverable]{}, store.Err(err, constraints)
	}
	return store.Cut(rows, limit, func(row *Recoverable) page.Cursor { return store.IDCursor(row.LineID) }), nil
}

// debtOrder is that in which debts are settled: the earliest first, of one day that of
// the distribution that was declared first, and of one distribution by ascending id of
// who owes.
const debtOrder = "j.effective_date, w.declared_at, w.distribution_id, COALESCE(w.investment_id, w.account_id, w.investor_id), w.line_id"

// settleOwed divides what came back over the lines that it is owed for, which come in
// the order of debts. It touches no database.
func settleOwed(owed []Recoverable, amount money.Amount, on date.Date) ([]RecoveredLine, error) {
	var out []RecoveredLine
	for i := range owed {
		if amount.IsZero() {
			break
		}
		part := money.Min(amount, owed[i].Owed)
		if on.Before(owed[i].OwedSince) {
			return nil, ErrReversalDate
		}
		out = append(out, RecoveredLine{LineID: owed[i].LineID, DistributionID: owed[i].DistributionID, Amount: part})
		var err error
		if amount, err = amount.Sub(part); err != nil {
			return nil, err
		}
	}
	if !amount.IsZero() {
		return nil, ErrOverRecovered.With("%s too much", amount)
	}
	return out, nil
}
