package investments

import "github.com/freehold-go/freehold/internal/store"

// partnerInvariants are about what is between partners: loans, calls that were not
// funded, advances, and what is distributed in kind.
func partnerInvariants() []store.Invariant {
	return []store.Invariant{
		{Name: "what partners owe each other in the book is what they lent less what was repaid", Query: `
			SELECT COALESCE(l.position, b.position)::text, format('book %s, loans %s', COALESCE(b.owed, 0), COALESCE(l.owed, 0))
			FROM (SELECT x.position, sum(x.amount) AS owed
				FROM (SELECT e.id, e.lender_id, e.position_id, e.amount FROM investments.partner_events e WHERE e.kind = 'loan' AND e.withdrawn_at IS NULL
					UNION ALL SELECT e.id, e.lender_id, e.position_id, -p.principal FROM investments.loan_payments p
						JOIN investments.partner_events e ON e.id = p.loan_id JOIN investments.distributions d ON d.id = p.distribution_id
						WHERE d.status IN ('approved', 'processing', 'completed', 'failed')
					UNION ALL SELECT e.loan_id, e.lender_id, e.position_id, e.interest_paid - e.amount FROM investments.partner_events e
						WHERE e.kind = 'repayment' AND e.withdrawn_at IS NULL) m
				CROSS JOIN LATERAL (VALUES (m.lender_id, m.amount), (m.position_id, -m.amount)) AS x (position, amount) GROUP BY 1) l
			FULL JOIN (SELECT s.subledger_id AS position, s.debits - s.credits AS owed FROM financials.accounts a
				JOIN investments.opportunities o ON o.book_id = a.book_id
				JOIN financials.subledger_balances s ON s.account_id = a.id AND s.book_id = a.book_id WHERE a.code = '` + AccountPartnerLoans + `') b ON b.position = l.position
			WHERE COALESCE(b.owed, 0) <> COALESCE(l.owed, 0)`},
		{Name: "what was missing from calls is in the book", Query: `
			SELECT COALESCE(l.position_id, b.position)::text, format('book %s, events %s', COALESCE(b.missing, 0), COALESCE(l.missing, 0))
			FROM (SELECT position_id, sum(amount) AS missing FROM investments.partner_events WHERE kind = 'dilution' AND withdrawn_at IS NULL GROUP BY 1) l
			FULL JOIN (SELECT s.subledger_id AS position, s.debits - s.credits AS missing FROM financials.accounts a
				JOIN investments.opportunities o ON o.book_id = a.book_id
				JOIN financials.subledger_balances s ON s.account_id = a.id AND s.book_id = a.book_id WHERE a.code = '` + AccountUnfunded + `') b ON b.position = l.position_id
			WHERE COALESCE(b.missing, 0) <> COALESCE(l.missing, 0)`},
		{Name: "an event between partners is in the history while it stands", Query: `
			SELECT e.id::text, format('%s of %s: %s movements of %s', e.kind, e.amount, m.n, m.amount)
			FROM investments.partner_events e
			CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE amount > 0) - count(*) FILTER (WHERE amount < 0) AS n, COALESCE(sum(amount), 0) AS amount
				FROM investments.capital_movements WHERE partner_event_id = e.id) m
			CROSS JOIN LATERAL (SELECT CASE WHEN e.withdrawn_at IS NOT NULL THEN 0 WHEN e.kind IN ('loan', 'repayment') THEN 2 WHEN e.kind = 'dilution' THEN 1 ELSE 0 END AS n) w
			WHERE m.n <> w.n OR m.amount <> w.n * COALESCE(e.amount, 0)`},
		{Name: "what goes to lenders comes from their debtors", Query: `
			SELECT d.id::text, format('redirected %s, from debtors %s, paid on loans %s', sum(l.redirected), -sum(l.redirected) FILTER (WHERE l.redirected < 0), p.paid)
			FROM investments.distributions d JOIN investments.investor_distributions l ON l.distribution_id = d.id
			LEFT JOIN investments.distribution_calculations c ON c.distribution_id = d.id
			CROSS JOIN LATERAL (SELECT COALESCE(sum(interest + principal), 0) AS paid FROM investments.loan_payments WHERE distribution_id = d.id) p
			GROUP BY d.id, p.paid, c.inputs HAVING sum(l.redirected) <> 0
				OR c.inputs->'true_up' IS NULL AND COALESCE(-sum(l.redirected) FILTER (WHERE l.redirected < 0), 0) > p.paid`},
		{Name: "what goes from debtors to lenders is in the history, line by line", Query: `
			SELECT l.id::text, format('redirected %s, history %s', l.redirected, COALESCE(m.amount, 0))
			FROM investments.investor_distributions l JOIN investments.distributions d ON d.id = l.distribution_id
			LEFT JOIN (SELECT line_id, sum(CASE kind WHEN 'loan_paid' THEN -amount ELSE amount END) AS amount
				FROM investments.capital_movements WHERE kind IN ('loan_paid', 'loan_received') GROUP BY 1) m ON m.line_id = l.id
			WHERE COALESCE(m.amount, 0) <> CASE WHEN d.status IN ('approved', 'processing', 'completed', 'failed') THEN l.redirected ELSE 0 END`},
		{Name: "nobody gave back more than they were advanced", Query: `
			SELECT COALESCE(l.investment_id, l.account_id, l.investor_id)::text, format('%s', sum(t.amount))
			FROM investments.distribution_tiers t JOIN investments.investor_distributions l ON l.id = t.line_id
			JOIN investments.distributions d ON d.id = l.distribution_id
			WHERE t.kind = 'advance' AND d.status NOT IN ('cancelled', 'reversed') GROUP BY d.opportunity_id, 1 HAVING sum(t.amount) < 0`},
		{Name: "what lines get in kind is what was distributed in kind", Query: `
			SELECT d.id::text, format('lines %s, distributed %s', sum(l.in_kind), COALESCE(c.inputs->>'in_kind', '0'))
			FROM investments.distributions d JOIN investments.investor_distributions l ON l.distribution_id = d.id
			LEFT JOIN investments.distribution_calculations c ON c.distribution_id = d.id
			GROUP BY d.id, c.inputs HAVING sum(l.in_kind) <> COALESCE((c.inputs->>'in_kind')::numeric, 0)`},
	}
}
