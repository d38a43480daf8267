package realestate

// lifeInvariants are about what is allocated to positions, what they own, and
// their exit.
func lifeInvariants() []invariant {
	return []invariant{
		{"a position's gains are what the ledger holds for it", `
			SELECT p.id::text, format('realized %s, ledger %s; unrealized %s, ledger %s', p.realized_gains, COALESCE(m.realized, 0),
				p.unrealized_gains, COALESCE(m.unrealized, 0))
			FROM investments.property_investments p
			JOIN investments.opportunities o ON o.id = p.opportunity_id
			LEFT JOIN (SELECT a.book_id, b.subledger_id, sum(b.credits - b.debits) FILTER (WHERE a.code = '3320') AS realized,
					sum(b.credits - b.debits) FILTER (WHERE a.code = '3310') AS unrealized
				FROM financials.accounts a JOIN financials.subledger_balances b ON b.account_id = a.id
				WHERE a.code IN ('3310', '3320') GROUP BY 1, 2) m ON m.book_id = o.book_id AND m.subledger_id = p.id
			WHERE p.realized_gains <> COALESCE(m.realized, 0) OR p.unrealized_gains <> COALESCE(m.unrealized, 0)`},
		{"only a funded position has unrealized gains", `
			SELECT id::text, format('it is %s, unrealized %s', status, unrealized_gains)
			FROM investments.property_investments WHERE status <> 'funded' AND unrealized_gains <> 0`},
		{"what capital accounts consist of is posted by position", `
			SELECT a.id::text, format('account %s/%s, positions %s/%s', x.debits, x.credits, y.debits, y.credits)
			FROM financials.accounts a JOIN investments.opportunities o ON o.book_id = a.book_id
			CROSS JOIN LATERAL (SELECT COALESCE(sum(debits), 0) AS debits, COALESCE(sum(credits), 0) AS credits
				FROM financials.account_balances WHERE account_id = a.id) x
			CROSS JOIN LATERAL (SELECT COALESCE(sum(b.debits), 0) AS debits, COALESCE(sum(b.credits), 0) AS credits
				FROM financials.subledger_balances b JOIN investments.property_investments p ON p.id = b.subledger_id AND p.opportunity_id = o.id
				WHERE b.account_id = a.id) y
			WHERE a.code IN ('3000', '3100', '3300', '3310', '3320', '3330', '3400') AND (x.debits <> y.debits OR x.credits <> y.credits)`},
		{"a stored ownership is units, else capital, over all of the offering's", `
			SELECT p.id::text, format('stored %s, derived %s', p.ownership_percentage, w.fraction)
			FROM investments.property_investments p
			LEFT JOIN (SELECT h.id, round(CASE WHEN t.by_units THEN COALESCE(h.units, 0) / t.units ELSE h.investment_amount / NULLIF(t.capital, 0) END, 10) AS fraction
				FROM investments.property_investments h
				JOIN (SELECT opportunity_id, sum(units) AS units, sum(investment_amount) AS capital,
						bool_and(units IS NOT NULL) FILTER (WHERE investment_amount > 0) AND sum(units) > 0 AS by_units
					FROM investments.property_investments WHERE status IN ('funded', 'exited') AND deleted_at IS NULL GROUP BY 1) t
					ON t.opportunity_id = h.opportunity_id
				WHERE h.status IN ('funded', 'exited') AND h.deleted_at IS NULL) w ON w.id = p.id
			WHERE p.opportunity_id IS NOT NULL AND p.ownership_percentage IS NOT NULL AND p.ownership_percentage <> COALESCE(w.fraction, 0)`},
		{"the returns of a position that left are its distributions less the capital that it put in or took over", `
			SELECT p.id::text, format('cached %s, distributions %s, capital %s', p.total_returns, p.total_distributions, COALESCE(c.capital, 0))
			FROM investments.property_investments p
			LEFT JOIN (SELECT position_id, sum(CASE WHEN kind = 'contribution' THEN amount WHEN kind = 'refund' THEN -amount WHEN kind = 'transfer_out' THEN -capital ELSE capital END) AS capital
				FROM investments.capital_movements WHERE kind IN ('contribution', 'refund', 'transfer_in', 'transfer_out', 'conversion') GROUP BY 1) c ON c.position_id = p.id
			WHERE p.opportunity_id IS NOT NULL AND p.total_returns <> CASE WHEN p.status = 'exited' THEN p.total_distributions - COALESCE(c.capital, 0) ELSE 0 END`},
	}
}
