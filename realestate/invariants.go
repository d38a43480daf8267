package realestate

import "slices"

// invariants lists what [Platform.Verify] proves. Each name says what holds.
func invariants() []invariant {
	return slices.Concat(coreInvariants(), bookInvariants(), capitalInvariants(), calculationInvariants(), distributionInvariants(), lifeInvariants(), historyInvariants(), eventInvariants())
}

// coreInvariants are about offerings, positions and distributions.
func coreInvariants() []invariant {
	return []invariant{
		{"a distribution's lines sum to its total", `
			SELECT d.id::text, format('lines %s, total %s', COALESCE(sum(l.distribution_amount), 0), d.total_amount)
			FROM investments.distributions d LEFT JOIN investments.investor_distributions l ON l.distribution_id = d.id
			GROUP BY d.id HAVING COALESCE(sum(l.distribution_amount), 0) <> d.total_amount`},
		{"a line's tiers sum to its gross amount", `
			SELECT l.id::text, format('tiers %s, gross %s', t.amount, l.distribution_amount)
			FROM investments.investor_distributions l
			LEFT JOIN (SELECT line_id, sum(amount) AS amount FROM investments.distribution_tiers GROUP BY 1) t ON t.line_id = l.id
			WHERE COALESCE(t.amount, 0) <> l.distribution_amount`},
		{"a line is paid at most once, and only out of a paid distribution", `
			SELECT l.id::text, format('paid %s of %s, distribution is %s', COALESCE(sum(t.amount), 0), l.distribution_amount, d.status)
			FROM investments.investor_distributions l JOIN investments.distributions d ON d.id = l.distribution_id
			LEFT JOIN investments.transactions t ON t.distribution_line_id = l.id AND t.status = 'completed' AND t.type IN ('distribution', 'fee', 'return_of_capital')
			GROUP BY l.id, d.status
			HAVING COALESCE(sum(t.amount), 0) NOT IN (0, l.distribution_amount)
				OR (COALESCE(sum(t.amount), 0) <> 0 AND d.status NOT IN ('processing', 'completed', 'failed'))
				OR (COALESCE(sum(t.amount), 0) <> l.distribution_amount AND l.payment_status = 'completed')`},
		{"committed_amount is the open and funded subscriptions", `
			SELECT o.id::text, format('cached %s, subscriptions %s', o.committed_amount, COALESCE(sum(s.amount - s.refunded), 0))
			FROM investments.opportunities o
			LEFT JOIN investments.subscriptions s ON s.opportunity_id = o.id AND s.status IN ('open', 'funded')
			GROUP BY o.id HAVING o.committed_amount <> COALESCE(sum(s.amount - s.refunded), 0)`},
		{"no offering is sold beyond its hard cap", `
			SELECT id::text, format('committed %s, cap %s', committed_amount, hard_cap)
			FROM investments.opportunities WHERE committed_amount > hard_cap`},
		{"amount_raised and investor_count are the counted positions", `
			SELECT o.id::text, format('cached %s of %s investors, positions %s of %s', o.amount_raised, o.investor_count, m.raised, m.investors)
			FROM investments.opportunities o
			CROSS JOIN LATERAL (SELECT COALESCE(sum(investment_amount), 0) AS raised, count(DISTINCT investor_id) AS investors
				FROM investments.property_investments p
				WHERE p.opportunity_id = o.id AND p.status IN ('funded', 'exited') AND p.deleted_at IS NULL) m
			WHERE o.amount_raised <> m.raised OR o.investor_count <> m.investors`},
		{"a subscription's received amount is its contributions", `
			SELECT s.id::text, format('received %s, transactions %s', s.received, COALESCE(sum(t.amount), 0))
			FROM investments.subscriptions s
			LEFT JOIN investments.transactions t ON t.subscription_id = s.id AND t.status = 'completed' AND t.type = 'investment'
			GROUP BY s.id HAVING s.received <> COALESCE(sum(t.amount), 0)`},
		{"a position's distributions are its transactions", `
			SELECT p.id::text, format('cached %s, transactions %s', p.total_distributions, COALESCE(sum(t.amount), 0))
			FROM investments.property_investments p
			LEFT JOIN investments.transactions t ON t.investment_id = p.id AND t.status = 'completed' AND t.type IN ('distribution', 'return_of_capital')
			GROUP BY p.id HAVING p.total_distributions <> COALESCE(sum(t.amount), 0)`},
		{"a position's capital is what the ledger holds for it", `
			SELECT p.id::text, format('position %s, ledger %s', p.investment_amount, COALESCE(b.credits - b.debits, 0))
			FROM investments.property_investments p
			JOIN investments.opportunities o ON o.id = p.opportunity_id
			LEFT JOIN financials.accounts a ON a.book_id = o.book_id AND a.code = '3000'
			LEFT JOIN financials.subledger_balances b ON b.account_id = a.id AND b.subledger_id = p.id
			WHERE CASE WHEN p.status IN ('funded', 'exited') AND p.deleted_at IS NULL THEN p.investment_amount ELSE 0 END
				<> COALESCE(b.credits - b.debits, 0)`},
		{"what is payable in a book is its approved and failed lines", `
			SELECT o.id::text, format('payable %s, lines %s', COALESCE(b.payable, 0), COALESCE(l.net, 0))
			FROM investments.opportunities o
			LEFT JOIN (SELECT a.book_id, sum(x.credits - x.debits) AS payable FROM financials.accounts a
				JOIN financials.account_balances x ON x.account_id = a.id WHERE a.code = '2100' GROUP BY 1) b ON b.book_id = o.book_id
			LEFT JOIN (SELECT d.opportunity_id, sum(l.net_distribution) AS net FROM investments.investor_distributions l
				JOIN investments.distributions d ON d.id = l.distribution_id
				WHERE d.status IN ('approved', 'processing', 'completed', 'failed') AND l.payment_status IN ('pending', 'sent', 'failed') GROUP BY 1) l ON l.opportunity_id = o.id
			WHERE COALESCE(b.payable, 0) <> COALESCE(l.net, 0)`},
		{"a portfolio's total_distributions are within its transactions", `
			SELECT f.id::text, format('cached %s, transactions %s', f.total_distributions, t.most)
			FROM investments.investor_portfolios f
			CROSS JOIN LATERAL (SELECT GREATEST(max(d.amount), 0) AS most, max(d.last) AS last -- a portfolio is as of a day, which may be an earlier one
				FROM (SELECT sum(sum(amount)) OVER (ORDER BY effective_date) AS amount, max(created_at) AS last FROM investments.transactions
					WHERE investor_id = f.investor_id AND investment_id IS NOT NULL AND status = 'completed' AND type IN ('distribution', 'return_of_capital')
					GROUP BY effective_date) d) t
			WHERE f.last_calculated_at IS NOT NULL AND f.last_calculated_at > t.last AND f.total_distributions > t.most`},
		{"a portfolio's total_invested is its counted positions", `
			SELECT f.id::text, format('cached %s, positions %s', f.total_invested, COALESCE(sum(p.investment_amount), 0))
			FROM investments.investor_portfolios f
			LEFT JOIN investments.property_investments p ON p.investor_id = f.investor_id AND p.status IN ('funded', 'exited') AND p.deleted_at IS NULL
			GROUP BY f.id HAVING f.total_invested <> COALESCE(sum(p.investment_amount), 0)`},
	}
}

// bookInvariants are about the ledger and what is not investors' money.
func bookInvariants() []invariant {
	return []invariant{
		{"account balances are their postings", `
			SELECT a.id::text, format('cached %s/%s, postings %s/%s', b.debits, b.credits, p.debits, p.credits)
			FROM financials.accounts a
			CROSS JOIN LATERAL (SELECT COALESCE(sum(debits), 0) AS debits, COALESCE(sum(credits), 0) AS credits
				FROM financials.account_balances WHERE account_id = a.id) b
			CROSS JOIN LATERAL (SELECT
				COALESCE((SELECT sum(amount) FROM financials.postings WHERE debit_account = a.id AND book_id = a.book_id), 0) AS debits,
				COALESCE((SELECT sum(amount) FROM financials.postings WHERE credit_account = a.id AND book_id = a.book_id), 0) AS credits) p
			WHERE b.debits <> p.debits OR b.credits <> p.credits`},
		{"subledger balances are their postings", `
			SELECT COALESCE(b.subledger_id, p.sub)::text, format('cached %s/%s, postings %s/%s', b.debits, b.credits, p.debits, p.credits)
			FROM financials.subledger_balances b
			FULL JOIN (SELECT account, sub, sum(debit) AS debits, sum(credit) AS credits
				FROM (SELECT debit_account AS account, subledger_id AS sub, amount AS debit, 0::numeric AS credit FROM financials.postings
					UNION ALL SELECT credit_account, subledger_id, 0, amount FROM financials.postings) both_sides
				JOIN financials.accounts a ON a.id = account AND a.subledgered
				WHERE sub IS NOT NULL GROUP BY 1, 2) p ON p.account = b.account_id AND p.sub = b.subledger_id
			WHERE b.debits IS DISTINCT FROM p.debits OR b.credits IS DISTINCT FROM p.credits`},
		{"every journal has lines", `
			SELECT j.id::text, 'it has none' FROM financials.journals j
			WHERE NOT EXISTS (SELECT FROM financials.postings p WHERE p.journal_id = j.id)`},
		{"statements in force do not overlap", `
			SELECT a.id::text, format('overlaps %s', b.id) FROM financials.property_income a
			JOIN financials.property_income b ON b.property_id = a.property_id AND b.id > a.id
				AND b.period_start <= a.period_end AND b.period_end >= a.period_start
			WHERE a.superseded_at IS NULL AND b.superseded_at IS NULL
			UNION ALL
			SELECT a.id::text, format('overlaps %s', b.id) FROM financials.property_expenses a
			JOIN financials.property_expenses b ON b.property_id = a.property_id AND b.id > a.id
				AND b.period_start <= a.period_end AND b.period_end >= a.period_start
			WHERE a.superseded_at IS NULL AND b.superseded_at IS NULL`},
		{"a property's occupancy is that of its units", `
			SELECT p.id::text, format('cached %s, units %s of %s', p.occupancy_rate, u.occupied, u.units)
			FROM properties.properties p
			CROSS JOIN LATERAL (SELECT count(*) AS units, count(*) FILTER (WHERE occupancy_status IN ('occupied', 'notice')) AS occupied
				FROM properties.units WHERE property_id = p.id) u
			WHERE p.deleted_at IS NULL AND u.units > 0 AND p.occupancy_rate IS DISTINCT FROM round(u.occupied::numeric / u.units, 6)`},
		{"a property's coordinates and location are one point", `
			SELECT id::text, 'they differ' FROM properties.properties
			WHERE location IS NOT NULL AND (abs(latitude - ST_Y(location::geometry)::numeric) > 0.00000001 OR abs(longitude - ST_X(location::geometry)::numeric) > 0.00000001)`},
	}
}
