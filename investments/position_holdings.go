package investments

import (
	"context"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// holdingsOn reads what each position of an offering held at the end of a day:
// its contributed capital and units. As long as no capital moved later, that is
// what it holds; else it is worked out from the transactions. Money that was
// refunded later was never there, as in the computation by terms. Positions that
// have left since are among them, with what they held. It returns
// [ErrAllocationUnits] where units cannot be told.
func holdingsOn(ctx context.Context, tx bun.IDB, o id.Of[Offering], day date.Date) ([]Position, error) {
	var since bool
	err := tx.NewRaw(`SELECT EXISTS (SELECT FROM investments.transactions t JOIN investments.property_investments p ON p.id = t.investment_id
		WHERE p.opportunity_id = ? AND t.effective_date > ? AND t.status = 'completed'
			AND t.type IN ('investment', 'refund', 'transfer_in', 'transfer_out'))`, o, day).Scan(ctx, &since)
	if err != nil {
		return nil, store.Err(err, constraints)
	}
	if since {
		return heldThen(ctx, tx, o, day)
	}
	// The few columns that matter, since there may be hundreds of thousands.
	rows, err := tx.QueryContext(ctx, `SELECT id, investment_amount, units FROM investments.property_investments
		WHERE opportunity_id = ? AND status IN ('funded', 'exited') AND investment_amount > 0 AND deleted_at IS NULL ORDER BY id`, o)
	if err != nil {
		return nil, store.Err(err, constraints)
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	var held []Position
	for rows.Next() {
		var p Position
		if err := rows.Scan(&p.ID, &p.InvestmentAmount, &p.Units); err != nil {
			return nil, err
		}
		held = append(held, p)
	}
	return held, store.Err(rows.Err(), constraints)
}

// heldThen works holdings out from the transactions.
func heldThen(ctx context.Context, tx bun.IDB, o id.Of[Offering], day date.Date) ([]Position, error) {
	var rows []struct {
		ID      id.Of[Position]  `bun:"id"`
		Units   *decimal.Decimal `bun:"units"`
		Capital money.Amount     `bun:"capital"`
		Unknown bool             `bun:"unknown"` // units, by a refund or a conversion since
	}
	// Units are issued by each receipt, as unitsFor does, and moved by transfers. What a
	// refund took back, and what a conversion took out, is on record as capital only.
	err := tx.NewRaw(`WITH cash AS (
			SELECT t.investment_id, t.subscription_id,
				COALESCE(sum(t.amount) FILTER (WHERE t.type = 'investment' AND t.effective_date <= ?1), 0) AS early,
				COALESCE(sum(CASE t.type WHEN 'investment' THEN t.amount ELSE -t.amount END), 0) AS kept,
				COALESCE(sum(trunc(round(t.amount::numeric(40, 20) / c.unit_price, 10), 6)) FILTER (WHERE t.type = 'investment' AND t.effective_date > ?1), 0) AS units,
				COALESCE(bool_or(t.type = 'refund' AND t.effective_date > ?1), FALSE) AS unknown
			FROM investments.transactions t
			JOIN investments.property_investments p ON p.id = t.investment_id
			JOIN investments.share_classes c ON c.opportunity_id = p.opportunity_id AND c.code = p.share_class
			WHERE p.opportunity_id = ?0 AND t.status = 'completed' AND t.type IN ('investment', 'refund') GROUP BY 1, 2),
		paid AS (
			SELECT investment_id, sum(LEAST(early, kept)) AS capital, sum(units) AS later, bool_or(unknown) AS unknown
			FROM cash GROUP BY 1),
		moved AS (
			SELECT id, sum(amount) FILTER (WHERE effective_date <= ?1) AS capital, sum(units) FILTER (WHERE effective_date > ?1) AS later,
				bool_or(converted AND effective_date > ?1) AS unknown
			FROM (SELECT r.from_investment_id AS id, r.effective_date, -r.amount AS amount, -COALESCE(r.units, 0) AS units, p.share_class <> r.to_share_class AS converted
					FROM investments.transfers r JOIN investments.property_investments p ON p.id = r.from_investment_id
					WHERE r.opportunity_id = ?0 AND r.status = 'completed'
				UNION ALL
				SELECT r.to_investment_id, r.effective_date, r.amount, COALESCE(r.units, 0), FALSE
					FROM investments.transfers r WHERE r.opportunity_id = ?0 AND r.status = 'completed') both_ends
			GROUP BY 1)
		SELECT pi.id, pi.units - COALESCE(c.later, 0) - COALESCE(m.later, 0) AS units,
			COALESCE(c.capital, 0) + COALESCE(m.capital, 0) AS capital, COALESCE(c.unknown, FALSE) OR COALESCE(m.unknown, FALSE) AS unknown
		FROM investments.property_investments pi
		LEFT JOIN paid c ON c.investment_id = pi.id LEFT JOIN moved m ON m.id = pi.id
		WHERE pi.opportunity_id = ?0 AND pi.deleted_at IS NULL AND COALESCE(c.capital, 0) + COALESCE(m.capital, 0) <> 0
		ORDER BY pi.id`, o, day).Scan(ctx, &rows)
	if err != nil {
		return nil, store.Err(err, constraints)
	}
	held := make([]Position, len(rows))
	for i, r := range rows {
		if r.Units != nil && r.Unknown {
			return nil, ErrAllocationUnits
		}
		held[i] = Position{ID: r.ID, InvestmentAmount: r.Capital, Units: r.Units}
	}
	return held, nil
}

// partOf reports whether a position has had a part in an allocation that stands
// and is dated on or after a day.
func partOf(ctx context.Context, tx bun.IDB, pos id.Of[Position], day date.Date) (took bool, err error) {
	err = tx.NewRaw(`SELECT EXISTS (SELECT FROM financials.postings p
			JOIN financials.journals j ON j.id = p.journal_id AND j.book_id = p.book_id AND j.effective_date = p.effective_date
			WHERE p.subledger_id = ? AND p.effective_date >= ? AND j.source_type LIKE 'allocation:%'
				AND NOT EXISTS (SELECT FROM financials.journals r WHERE r.reverses_id = j.id AND r.book_id = j.book_id))`, pos, day).Scan(ctx, &took)
	return took, store.Err(err, constraints)
}

// followLedger sets the positions' realized and unrealized gains to what the
// ledger holds for them, in one statement. The caller holds the offering's lock.
func followLedger(ctx context.Context, tx bun.IDB, o *Offering, b book) error {
	_, err := tx.NewRaw(`UPDATE investments.property_investments pi SET realized_gains = m.realized, unrealized_gains = m.unrealized
		FROM (SELECT p.id, COALESCE(r.credits - r.debits, 0) AS realized, COALESCE(u.credits - u.debits, 0) AS unrealized
			FROM investments.property_investments p
			LEFT JOIN financials.subledger_balances r ON r.account_id = ? AND r.subledger_id = p.id
			LEFT JOIN financials.subledger_balances u ON u.account_id = ? AND u.subledger_id = p.id
			WHERE p.opportunity_id = ?) m
		WHERE pi.id = m.id AND (pi.realized_gains <> m.realized OR pi.unrealized_gains <> m.unrealized)`,
		b.account(AccountRealized), b.account(AccountUnrealized), o.ID).Exec(ctx)
	return store.Err(err, constraints)
}
