package realestate

// capitalInvariants are about capital that is called, refunded, waited for and
// transferred.
func capitalInvariants() []invariant {
	return []invariant{
		{"a subscription's refunded amount is its refunds", `
			SELECT s.id::text, format('refunded %s, transactions %s', s.refunded, COALESCE(sum(t.amount), 0))
			FROM investments.subscriptions s
			LEFT JOIN investments.transactions t ON t.subscription_id = s.id AND t.status = 'completed' AND t.type = 'refund'
			GROUP BY s.id HAVING s.refunded <> COALESCE(sum(t.amount), 0)`},
		{"an ended subscription holds no money", `
			SELECT id::text, format('received %s, refunded %s', received, refunded)
			FROM investments.subscriptions WHERE status IN ('cancelled', 'waitlisted') AND received <> refunded`},
		{"a waitlist number was drawn from its offering", `
			SELECT s.id::text, format('number %s, the next is %s', s.waitlist_number, o.next_waitlist_number)
			FROM investments.subscriptions s JOIN investments.opportunities o ON o.id = s.opportunity_id
			WHERE s.waitlist_number >= o.next_waitlist_number`},
		{"a capital call's lines sum to its total", `
			SELECT c.id::text, format('lines %s, total %s', COALESCE(sum(l.amount), 0), c.total_amount)
			FROM investments.capital_calls c LEFT JOIN investments.capital_call_lines l ON l.capital_call_id = c.id
			GROUP BY c.id HAVING COALESCE(sum(l.amount), 0) <> c.total_amount`},
		{"what is called and not received is what issued calls wait for", `
			SELECT s.id::text, format('called %s, received %s, lines wait for %s', s.called, s.received, COALESCE(sum(l.amount - l.received), 0))
			FROM investments.subscriptions s
			LEFT JOIN (investments.capital_call_lines l JOIN investments.capital_calls c ON c.id = l.capital_call_id AND c.status = 'issued')
				ON l.subscription_id = s.id AND l.status IN ('open', 'partial')
			WHERE s.status IN ('open', 'funded')
			GROUP BY s.id HAVING s.called - s.received <> COALESCE(sum(l.amount - l.received), 0)`},
		{"what came in on capital calls was received", `
			SELECT s.id::text, format('received %s, lines %s', s.received, sum(l.received))
			FROM investments.subscriptions s JOIN investments.capital_call_lines l ON l.subscription_id = s.id
			GROUP BY s.id HAVING s.received < sum(l.received)`},
		{"a completed transfer moved its amount once, out of one position and into the other", `
			SELECT r.id::text, format('amount %s, out %s, in %s', r.amount, m.gone, m.come)
			FROM investments.transfers r
			CROSS JOIN LATERAL (SELECT COALESCE(sum(amount) FILTER (WHERE type = 'transfer_out' AND investment_id = r.from_investment_id), 0) AS gone,
				COALESCE(sum(amount) FILTER (WHERE type = 'transfer_in' AND investment_id = r.to_investment_id), 0) AS come
				FROM investments.transactions t WHERE t.journal_id = r.journal_id AND t.status = 'completed') m
			WHERE r.status = 'completed' AND (r.amount <> m.gone OR r.amount <> m.come)`},
		{"nothing stays in transfers clearing", `
			SELECT a.id::text, format('debits %s, credits %s', sum(b.debits), sum(b.credits))
			FROM financials.accounts a JOIN investments.opportunities o ON o.book_id = a.book_id
			JOIN financials.account_balances b ON b.account_id = a.id
			WHERE a.code = '3900' GROUP BY a.id HAVING sum(b.debits) <> sum(b.credits)`},
		{"a committed position carries what its open subscriptions come to", `
			SELECT p.id::text, format('position %s, subscriptions %s', p.investment_amount, s.amount)
			FROM investments.property_investments p
			JOIN (SELECT investment_id, COALESCE(sum(amount - refunded) FILTER (WHERE status = 'open'), 0) AS amount
				FROM investments.subscriptions GROUP BY 1) s ON s.investment_id = p.id
			WHERE p.status = 'committed' AND p.deleted_at IS NULL AND p.investment_amount <> s.amount`},
		{"a position that does not count holds no capital in the ledger", `
			SELECT p.id::text, format('it is %s, ledger %s', p.status, b.credits - b.debits)
			FROM investments.property_investments p
			JOIN investments.opportunities o ON o.id = p.opportunity_id
			JOIN financials.accounts a ON a.book_id = o.book_id AND a.code = '3000'
			JOIN financials.subledger_balances b ON b.account_id = a.id AND b.subledger_id = p.id
			WHERE (p.status NOT IN ('funded', 'exited') OR p.deleted_at IS NOT NULL) AND b.credits <> b.debits`},
	}
}
