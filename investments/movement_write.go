package investments

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
)

// declared is the parts that write the movements of the lines of a distribution as it is booked:
// each with what its tiers return of the capital. What a true-up gives to, or takes
// from, a position that was passed on whole by the record date counts before it
// was: who holds now takes the place. What goes from debtors
// to lenders has movements of its own.
func (b booking) declared(ctx context.Context, d *Distribution) []store.Part {
	lines := func(tx bun.IDB) error {
		_, err := store.Write(ctx, tx, tx.NewRaw(`INSERT INTO investments.capital_movements (id, opportunity_id, position_id, kind, effective_date, counts_on, amount, capital,
			sale, sale_capital, line_id, book_id, journal_id, recorded_at)
		SELECT `+store.NewIDs("dl.id")+`, ?0::uuid, dl.investment_id, 'distribution', ?1::date, COALESCE(gone.before, ?1::date), dl.distribution_amount, COALESCE(r.capital, 0),
			COALESCE(r.sale, 0), COALESCE(r.sale_capital, 0), dl.id, ?2::uuid, ?3::uuid, ?4::timestamptz
		FROM investments.investor_distributions AS dl
		LEFT JOIN (SELECT p.id, max(t.effective_date) - 1 AS before FROM investments.property_investments p
				JOIN investments.transfers t ON t.from_investment_id = p.id AND t.status = 'completed'
			WHERE p.opportunity_id = ?0 AND p.status = 'exited' AND p.investment_amount = 0 GROUP BY 1) gone ON gone.id = dl.investment_id AND gone.before < ?6::date
		CROSS JOIN LATERAL (SELECT sum(t.sale) AS sale, COALESCE(sum(t.amount) FILTER (WHERE t.kind = 'return_of_capital'), 0) AS capital,
				COALESCE(sum(t.sale) FILTER (WHERE t.kind = 'return_of_capital'), 0) AS sale_capital
			FROM investments.distribution_tiers t WHERE t.line_id = dl.id AND (t.kind = 'return_of_capital' OR t.sale <> 0)) r
		WHERE dl.distribution_id = ?5 AND dl.investment_id IS NOT NULL AND (dl.distribution_amount, COALESCE(r.capital, 0), COALESCE(r.sale, 0), COALESCE(r.sale_capital, 0)) <> (0, 0, 0, 0)`,
			b.offering, b.date, b.book, b.journal, b.at, d.ID, d.record()))
		return store.Err(err, constraints)
	}
	loans := func(tx bun.IDB) error {
		_, err := store.Write(ctx, tx, tx.NewRaw(`INSERT INTO investments.capital_movements (id, opportunity_id, position_id, kind, effective_date, counts_on, amount,
			line_id, book_id, journal_id, recorded_at)
		SELECT `+store.NewIDs("dl.id")+`, ?0::uuid, dl.investment_id, CASE WHEN dl.redirected > 0 THEN 'loan_received' ELSE 'loan_paid' END, ?1::date, ?1::date,
			abs(dl.redirected), dl.id, ?2::uuid, ?3::uuid, ?4::timestamptz
		FROM investments.investor_distributions AS dl WHERE dl.distribution_id = ?5 AND dl.investment_id IS NOT NULL AND dl.redirected <> 0`,
			b.offering, b.date, b.book, b.journal, b.at, d.ID))
		return store.Err(err, constraints)
	}
	return []store.Part{lines, loans}
}

// movementOfLine is the movement of a line of a distribution AS dl as it was booked, of
// which there is one at most. It is found by the line, whatever the planner knows of tables
// that were just filled: OFFSET keeps it from looking for those of a kind, or those that
// reverse nothing, for each line anew.
const movementOfLine = `SELECT m.* FROM (SELECT m.* FROM investments.capital_movements m WHERE m.line_id = dl.id OFFSET 0) m
	WHERE m.kind = 'distribution' AND m.reverses_id IS NULL LIMIT 1`

// paid writes the movements of payments: as the lines were declared. Lines that
// move no cash are of the journal that declared them.
func (b booking) paid(ctx context.Context, tx bun.IDB, p paymentSet) error {
	_, err := store.Write(ctx, tx, tx.NewRaw(`INSERT INTO investments.capital_movements (id, opportunity_id, position_id, kind, effective_date, counts_on, amount, capital,
			sale, sale_capital, line_id, book_id, journal_id, recorded_at)
		SELECT `+store.NewIDs("m.id")+`, m.opportunity_id, m.position_id, 'payment', ?0::date, ?0::date, m.amount, m.capital,
			m.sale, m.sale_capital, dl.id, m.book_id, CASE WHEN dl.net_distribution > 0 THEN ?1::uuid ELSE m.journal_id END, ?2::timestamptz
		FROM investments.investor_distributions AS dl
		CROSS JOIN LATERAL (`+movementOfLine+`) m
		WHERE ?3`, b.date, b.journalOrNone(), b.at, p.where()))
	return store.Err(err, constraints)
}

// journalOrNone is the journal for SQL, NULL where nothing was posted.
func (b booking) journalOrNone() *id.Of[ledger.Journal] {
	if b.journal.IsZero() {
		return nil
	}
	return &b.journal
}

// unpaid undoes the movements of payments that stand.
func (b booking) unpaid(ctx context.Context, tx bun.IDB, p paymentSet) error {
	return b.reverse(ctx, tx, `m.id = ANY (ARRAY(SELECT x.id FROM investments.investor_distributions AS dl
		CROSS JOIN LATERAL (SELECT m.id, m.kind FROM investments.capital_movements m WHERE m.line_id = dl.id OFFSET 0) x WHERE x.kind = 'payment' AND ?))`, p.where())
}

// reverse undoes the movements that a condition on capital_movements AS m selects,
// each once: they count no more, from the day on which they did. What reverses a movement is
// looked up for each by itself, and what a condition finds by other tables is an array: as joins,
// a server that has not looked at the movements since they were few reads all of them for each.
func (b booking) reverse(ctx context.Context, tx bun.IDB, condition string, args ...any) error {
	_, err := store.Write(ctx, tx, tx.NewRaw(`INSERT INTO investments.capital_movements (id, opportunity_id, position_id, kind, effective_date, counts_on, amount, capital,
			sale, sale_capital, carrying, unrealized, consideration, units, subscription_id, transfer_id, line_id, partner_event_id, reverses_id, book_id, journal_id, recorded_at)
		SELECT `+store.NewIDs("m.id")+`, m.opportunity_id, m.position_id, m.kind, ?0::date, m.counts_on, -m.amount, -m.capital,
			-m.sale, -m.sale_capital, -m.carrying, -m.unrealized, -m.consideration, -m.units, m.subscription_id, m.transfer_id, m.line_id, m.partner_event_id, m.id, m.book_id, ?1::uuid, ?2::timestamptz
		FROM investments.capital_movements m
		WHERE ?3 AND m.reverses_id IS NULL AND (SELECT r.id FROM investments.capital_movements r WHERE r.reverses_id = m.id) IS NULL`,
		b.date, b.journal, b.at, bun.SafeQuery(condition, args...)))
	return store.Err(err, constraints)
}
