package investments

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/history"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
)

// holdingsOn reads what each position of an offering held at the end of a day:
// its contributed capital and units. As long as no capital moved later, that is
// what it holds; else it is worked out from the history. Money that was refunded
// later was never there. Positions that have left since are among them, with what
// they held.
func holdingsOn(ctx context.Context, tx bun.IDB, o id.Of[Offering], day date.Date) ([]Position, error) {
	var since bool
	var held []Position
	// The few columns that matter, since there may be hundreds of thousands; what nothing has
	// changed since is what there is now.
	err := store.NewQuery(tx, constraints, `SELECT s.since, pi.id, COALESCE(pi.investment_amount, 0), pi.units
		FROM (SELECT EXISTS (SELECT 1 FROM `+ofKinds("opportunity_id = ?0 AND counts_on > ?1", history.Contribution, history.TransferIn, history.TransferOut, history.Conversion)+`) AS since) s
		LEFT JOIN investments.property_investments pi ON NOT s.since AND pi.opportunity_id = ?0 AND pi.status IN ('funded', 'exited')
			AND pi.investment_amount > 0 AND pi.deleted_at IS NULL
		ORDER BY pi.id`, o, day).Each(ctx, func(row store.Row) error {
		var p Position
		var found *id.Of[Position]
		if err := row.Scan(&since, &found, &p.InvestmentAmount, &p.Units); err != nil || found == nil {
			return err
		}
		p.ID = *found
		held = append(held, p)
		return nil
	})
	if err == nil && since {
		return heldThen(ctx, tx, o, day)
	}
	return held, err
}

// storeHoldings writes what positions hold, in one statement: triggers on positions bring the
// offering's and the investors' summaries up to date once for each. Returns are of who has left:
// whoever comes back has none.
func storeHoldings(ctx context.Context, tx bun.IDB, rows []Position) error {
	column := func(of func(*Position) string) string { return store.TextArray(rows, of) }
	day := func(d *date.Date) string {
		if d == nil {
			return ""
		}
		return d.String()
	}
	return store.Err(store.Exec(ctx, tx, `UPDATE investments.property_investments pi SET investment_amount = r.amount, units = r.units,
			unrealized_gains = r.unrealized, funding_date = r.funded, actual_exit_date = r.exited, status = r.status,
			total_returns = CASE WHEN r.status = 'exited' THEN pi.total_returns ELSE 0 END
		FROM unnest($1::uuid[], $2::numeric[], $3::numeric[], $4::numeric[], $5::date[], $6::date[], $7::text[])
			AS r (id, amount, units, unrealized, funded, exited, status) WHERE pi.id = r.id`,
		column(func(v *Position) string { return v.ID.String() }),
		column(func(v *Position) string { return v.InvestmentAmount.String() }),
		column(func(v *Position) string {
			if v.Units == nil {
				return ""
			}
			return v.Units.String()
		}),
		column(func(v *Position) string { return v.UnrealizedGains.String() }),
		column(func(v *Position) string { return day(v.FundingDate) }),
		column(func(v *Position) string { return day(v.ActualExitDate) }),
		column(func(v *Position) string { return string(v.Status) })), constraints)
}

// heldThen works holdings out from the history.
func heldThen(ctx context.Context, tx bun.IDB, o id.Of[Offering], day date.Date) ([]Position, error) {
	ms, err := readHistory(ctx, tx, factColumns+ofKinds("opportunity_id = ?0", history.Contribution, history.Refund, history.TransferIn, history.TransferOut, history.Conversion)+
		factsOfLines+`ORDER BY cm.number`, o)
	if err != nil {
		return nil, err
	}
	found, err := history.Holdings(ms, day)
	if err != nil {
		return nil, err
	}
	held := make([]Position, len(found))
	for i, h := range found {
		held[i] = Position{ID: id.Cast[Position](h.Position), InvestmentAmount: h.Contributed, Units: h.Units}
	}
	return held, nil
}

// partOf reports whether a position has had a part in an allocation that stands
// and is dated on or after a day.
func partOf(ctx context.Context, tx bun.IDB, pos id.Of[Position], day date.Date) (took bool, err error) {
	err = store.Read(ctx, tx, tx.NewRaw(`SELECT EXISTS (SELECT 1 FROM financials.postings p
			JOIN financials.journals j ON j.id = p.journal_id AND j.book_id = p.book_id AND j.effective_date = p.effective_date
			WHERE p.subledger_id = ? AND p.effective_date >= ? AND j.source_type LIKE 'allocation:%'
				AND NOT EXISTS (SELECT 1 FROM financials.journals r WHERE r.reverses_id = j.id AND r.book_id = j.book_id))`, pos, day), &took)
	return took, store.Err(err, constraints)
}

// bookedGains lists what the accounts of realized and unrealized gains have for each position,
// which are names in SQL. It is a list of its own for undoneReserves' reason, and is put
// together with the positions by a sum, not a join: that takes its time in proportion to
// them, whatever the server knows of how many there are.
func bookedGains(realized, unrealized, book string) string {
	return `WITH booked AS MATERIALIZED (SELECT x.subledger_id AS id, sum(x.credits - x.debits) FILTER (WHERE x.account_id = ` + realized + `) AS realized,
			sum(x.credits - x.debits) FILTER (WHERE x.account_id = ` + unrealized + `) AS unrealized
		FROM financials.subledger_balances x WHERE x.account_id IN (` + realized + `, ` + unrealized + `) AND x.book_id = ` + book + ` GROUP BY 1) `
}

// followLedger sets the positions' realized and unrealized gains to what the
// ledger holds for them, in one statement. The caller holds the offering's lock.
func followLedger(ctx context.Context, tx bun.IDB, o *Offering, b book) error {
	_, err := store.Write(ctx, tx, tx.NewRaw(bookedGains("?0", "?1", "?3")+`UPDATE investments.property_investments pi SET realized_gains = m.realized, unrealized_gains = m.unrealized
		FROM (SELECT h.id, COALESCE(sum(h.realized), 0) AS realized, COALESCE(sum(h.unrealized), 0) AS unrealized
			FROM (SELECT id, realized, unrealized FROM booked
				UNION ALL SELECT p.id, NULL, NULL FROM investments.property_investments p WHERE p.opportunity_id = ?2) h GROUP BY 1) m
		WHERE pi.id = m.id AND pi.opportunity_id = ?2 AND (pi.realized_gains <> m.realized OR pi.unrealized_gains <> m.unrealized)`,
		b.account(AccountRealized), b.account(AccountUnrealized), o.ID, b.id))
	return store.Err(err, constraints)
}
