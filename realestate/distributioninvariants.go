package realestate

// distributionInvariants are about distributions after their declaration: who let
// them pass, what was paid and undone, recovered and withheld.
func distributionInvariants() []invariant {
	return []invariant{
		{"a completed line has exactly one live payment, and no other line has one", `
			SELECT l.id::text, format('it is %s, live payments %s', l.payment_status, m.live)
			FROM investments.investor_distributions l
			CROSS JOIN LATERAL (SELECT count(DISTINCT COALESCE(t.command_id, t.id)) AS live FROM investments.transactions t
				WHERE t.distribution_line_id = l.id AND t.status = 'completed' AND t.type IN ('distribution', 'fee', 'return_of_capital')
					AND t.reverses_id IS NULL AND NOT EXISTS (SELECT FROM investments.transactions r WHERE r.reverses_id = t.id)) m
			WHERE m.live <> CASE WHEN l.payment_status = 'completed' AND l.distribution_amount > 0 THEN 1 ELSE 0 END`},
		{"a distribution's status agrees with its lines", `
			SELECT d.id::text, format('it is %s with %s pending, %s sent, %s completed, %s failed and %s reversed lines',
				d.status, m.pending, m.sent, m.completed, m.failed, m.reversed)
			FROM investments.distributions d
			CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE payment_status = 'pending') AS pending, count(*) FILTER (WHERE payment_status = 'sent') AS sent,
				count(*) FILTER (WHERE payment_status = 'completed') AS completed, count(*) FILTER (WHERE payment_status = 'failed') AS failed,
				count(*) FILTER (WHERE payment_status = 'reversed') AS reversed
				FROM investments.investor_distributions WHERE distribution_id = d.id) m
			WHERE NOT CASE
				WHEN d.status IN ('pending', 'cancelled', 'approved') THEN m.sent + m.completed + m.failed + m.reversed = 0
				WHEN d.status = 'processing' THEN m.pending + m.sent > 0 AND m.sent + m.completed + m.failed > 0 AND m.reversed = 0
				WHEN d.status = 'completed' THEN m.pending + m.sent + m.reversed = 0 AND m.completed > 0
				WHEN d.status = 'failed' THEN m.pending + m.sent + m.completed + m.reversed = 0
				ELSE m.pending + m.sent + m.completed + m.failed = 0 END`},
		{"a distribution that was let pass is booked, one that is reversed is booked back", `
			SELECT id::text, format('it is %s, booked by %s, booked back by %s', status, declaration_journal_id, reversal_journal_id)
			FROM investments.distributions
			WHERE (declaration_journal_id IS NULL) <> (status IN ('pending', 'cancelled')) OR (reversal_journal_id IS NULL) <> (status <> 'reversed')`},
		{"a distribution that was let pass had enough people agree, its creator only where he may", `
			SELECT d.id::text, format('%s of %s people agreed, the creator %s', m.people, COALESCE(r.required, 1), CASE WHEN m.creator THEN 'among them' ELSE 'not' END)
			FROM investments.distributions d
			LEFT JOIN freehold.approval_requests r ON r.subject_kind = 'distribution' AND r.subject_id = d.id AND r.action = 'approve' AND r.status = 'approved'
			CROSS JOIN LATERAL (
				SELECT count(DISTINCT a.approver_id) AS people, COALESCE(bool_or(a.approver_id = d.created_by), FALSE) AS creator
				FROM freehold.approvals a WHERE a.request_id = r.id AND a.decision = 'approved'
				HAVING r.id IS NOT NULL
				UNION ALL -- before there were rounds of approval
				SELECT CASE WHEN d.approved_by IS NULL THEN 0 ELSE 1 END, COALESCE(d.approved_by = d.created_by, FALSE) WHERE r.id IS NULL) m
			WHERE d.status NOT IN ('pending', 'cancelled')
				AND (m.people < COALESCE(r.required, 1) OR (m.creator AND NOT COALESCE(r.self_approval, FALSE)))`},
		{"what was agreed to is what was declared", `
			SELECT d.id::text, format('agreed to %s, it is %s', encode(r.subject_hash, 'hex'), encode(investments.distribution_hash(d.id), 'hex'))
			FROM investments.distributions d
			JOIN freehold.approval_requests r ON r.subject_kind = 'distribution' AND r.subject_id = d.id AND r.action = 'approve'
			WHERE r.status IN ('pending', 'approved') AND r.subject_hash <> investments.distribution_hash(d.id)`},
		{"what is payable to a position is its unpaid lines", `
			SELECT COALESCE(l.investment_id, b.subledger_id)::text, format('payable %s, lines %s', COALESCE(b.payable, 0), COALESCE(l.net, 0))
			FROM (SELECT x.subledger_id, x.credits - x.debits AS payable FROM financials.accounts a
				JOIN financials.subledger_balances x ON x.account_id = a.id
				JOIN investments.property_investments p ON p.id = x.subledger_id WHERE a.code = '2100') b
			FULL JOIN (SELECT l.investment_id, sum(l.net_distribution) AS net FROM investments.investor_distributions l
				JOIN investments.distributions d ON d.id = l.distribution_id
				WHERE l.investment_id IS NOT NULL AND d.status IN ('approved', 'processing', 'completed', 'failed')
					AND l.payment_status IN ('pending', 'sent', 'failed') GROUP BY 1) l ON l.investment_id = b.subledger_id
			WHERE COALESCE(b.payable, 0) <> COALESCE(l.net, 0)`},
		{"what is to be recovered is what reversed distributions had paid, less what came back", `
			SELECT o.id::text, format('receivable %s, lines %s', COALESCE(b.owed, 0), COALESCE(l.owed, 0))
			FROM investments.opportunities o
			LEFT JOIN (SELECT a.book_id, sum(x.debits - x.credits) AS owed FROM financials.accounts a
				JOIN financials.account_balances x ON x.account_id = a.id WHERE a.code = '1200' GROUP BY 1) b ON b.book_id = o.book_id
			LEFT JOIN (SELECT d.opportunity_id, sum(l.net_distribution - COALESCE(r.amount, 0)) AS owed FROM investments.investor_distributions l
				JOIN investments.distributions d ON d.id = l.distribution_id AND d.status = 'reversed'
				LEFT JOIN (SELECT distribution_line_id, sum(amount) AS amount FROM investments.transactions
					WHERE type = 'adjustment' AND status = 'completed' GROUP BY 1) r ON r.distribution_line_id = l.id
				WHERE l.payment_status = 'reversed' AND l.payment_date IS NOT NULL GROUP BY 1) l ON l.opportunity_id = o.id
			WHERE COALESCE(b.owed, 0) <> COALESCE(l.owed, 0)`},
		{"no more came back for a line than it had been paid", `
			SELECT l.id::text, format('paid %s, came back %s', l.net_distribution, sum(t.amount))
			FROM investments.investor_distributions l
			JOIN investments.transactions t ON t.distribution_line_id = l.id AND t.type = 'adjustment' AND t.status = 'completed'
			GROUP BY l.id HAVING sum(t.amount) NOT BETWEEN 0 AND l.net_distribution OR l.payment_status <> 'reversed' OR l.payment_date IS NULL`},
		{"withholding payable is what was withheld and not remitted", `
			SELECT o.id::text, format('payable %s, withheld %s, remitted %s', COALESCE(b.payable, 0), COALESCE(l.withheld, 0), COALESCE(m.remitted, 0))
			FROM investments.opportunities o
			LEFT JOIN (SELECT a.book_id, sum(x.credits - x.debits) AS payable FROM financials.accounts a
				JOIN financials.account_balances x ON x.account_id = a.id WHERE a.code = '2200' GROUP BY 1) b ON b.book_id = o.book_id
			LEFT JOIN (SELECT d.opportunity_id, sum(l.tax_withholding) AS withheld FROM investments.investor_distributions l
				JOIN investments.distributions d ON d.id = l.distribution_id
				WHERE d.status IN ('approved', 'processing', 'completed', 'failed') GROUP BY 1) l ON l.opportunity_id = o.id
			LEFT JOIN (SELECT p.book_id, sum(CASE d.code WHEN '2200' THEN p.amount ELSE -p.amount END) AS remitted FROM financials.postings p
				JOIN financials.accounts d ON d.id = p.debit_account JOIN financials.accounts c ON c.id = p.credit_account
				WHERE (d.code, c.code) IN (('2200', '1000'), ('1000', '2200')) GROUP BY 1) m ON m.book_id = o.book_id -- less what came back
			WHERE COALESCE(b.payable, 0) <> COALESCE(l.withheld, 0) - COALESCE(m.remitted, 0)`},
	}
}
