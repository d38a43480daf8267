package investments

import "github.com/freehold-go/freehold/internal/store"

// debtInvariants are about what payees owe back, and how it is settled.
func debtInvariants() []store.Invariant {
	return []store.Invariant{
		{Name: "what is to be recovered is what reversed distributions had paid and others billed, less what was settled", Query: `
			SELECT o.id::text, format('receivable %s, lines %s', COALESCE(b.owed, 0), COALESCE(l.owed, 0))
			FROM investments.opportunities o
			LEFT JOIN (SELECT a.book_id, sum(x.debits - x.credits) AS owed FROM financials.accounts a
				JOIN financials.account_balances x ON x.account_id = a.id AND x.book_id = a.book_id WHERE a.code = '` + AccountRecovery + `' GROUP BY 1) b ON b.book_id = o.book_id
			LEFT JOIN (SELECT d.opportunity_id, sum(abs(l.net_distribution) - COALESCE(r.amount, 0)) AS owed FROM investments.investor_distributions l
				JOIN investments.distributions d ON d.id = l.distribution_id
				LEFT JOIN (SELECT distribution_line_id, sum(amount) AS amount FROM investments.transactions
					WHERE type = 'adjustment' AND status = 'completed' GROUP BY 1) r ON r.distribution_line_id = l.id
				WHERE l.payment_status IN ('reversed', 'billed') AND l.payment_date IS NOT NULL GROUP BY 1) l ON l.opportunity_id = o.id
			WHERE COALESCE(b.owed, 0) <> COALESCE(l.owed, 0)`},
		{Name: "no more was settled of a line than is owed for it", Query: `
			SELECT l.id::text, format('owed %s, settled %s', abs(l.net_distribution), sum(t.amount))
			FROM investments.investor_distributions l
			JOIN investments.transactions t ON t.distribution_line_id = l.id AND t.type = 'adjustment' AND t.status = 'completed'
			GROUP BY l.id HAVING sum(t.amount) NOT BETWEEN 0 AND abs(l.net_distribution) OR l.payment_status NOT IN ('reversed', 'billed') OR l.payment_date IS NULL`},
		{Name: "what a booked distribution sets off settled as much of debts", Query: `
			SELECT d.id::text, format('set off %s, settled %s', COALESCE(l.amount, 0), COALESCE(t.amount, 0))
			FROM investments.distributions d
			LEFT JOIN (SELECT distribution_id, sum(set_off) AS amount FROM investments.investor_distributions GROUP BY 1) l ON l.distribution_id = d.id
			LEFT JOIN (SELECT journal_id, sum(amount) AS amount FROM investments.transactions WHERE type = 'adjustment' GROUP BY 1) t ON t.journal_id = d.declaration_journal_id
			WHERE d.declaration_journal_id IS NOT NULL AND COALESCE(l.amount, 0) <> COALESCE(t.amount, 0)`},
		{Name: "a write-off is booked, told and in the history, and as many agreed as had to, not who asked for it", Query: `
			SELECT w.id::text, format('%s: booked %s, told %s, history %s, agreed %s of %s', w.amount, l.amount, t.amount, m.amount, r.agreed, r.required)
			FROM investments.write_offs w
			LEFT JOIN (SELECT p.journal_id, sum(p.amount) AS amount FROM financials.postings p
				JOIN financials.accounts a ON a.id = p.debit_account AND a.book_id = p.book_id AND a.code = '` + AccountWrittenOff + `' GROUP BY 1) l ON l.journal_id = w.journal_id
			LEFT JOIN (SELECT journal_id, sum(amount) AS amount FROM investments.transactions WHERE type = 'adjustment' GROUP BY 1) t ON t.journal_id = w.journal_id
			LEFT JOIN (SELECT journal_id, sum(amount) AS amount FROM investments.capital_movements WHERE kind = 'write_off' GROUP BY 1) m ON m.journal_id = w.journal_id
			LEFT JOIN LATERAL (SELECT q.required, count(DISTINCT a.approver_id) FILTER (WHERE a.approver_id <> w.requested_by) AS agreed
				FROM freehold.approval_requests q JOIN freehold.approvals a ON a.request_id = q.id AND a.decision = 'approved'
				WHERE q.subject_kind = 'write_off' AND q.subject_id = w.id AND q.status = 'approved' GROUP BY q.id) r ON TRUE
			WHERE w.status = 'approved' AND (l.amount IS DISTINCT FROM w.amount OR t.amount IS DISTINCT FROM w.amount OR r.agreed IS NULL OR r.agreed < r.required
				OR w.investment_id IS NOT NULL AND m.amount IS DISTINCT FROM w.amount)`},
	}
}
