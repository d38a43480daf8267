package investments

import "github.com/freehold-go/freehold/internal/store"

// reserveInvariants are about what is kept back of distributions and cash.
func reserveInvariants() []store.Invariant {
	// onReserves is what each journal put on the account of reserves.
	const onReserves = `(SELECT p.journal_id, p.book_id, sum(CASE WHEN p.debit_account = a.id THEN p.amount ELSE -p.amount END) AS amount
		FROM financials.postings p JOIN financials.accounts a ON a.id IN (p.debit_account, p.credit_account) AND a.book_id = p.book_id AND a.code = '` + AccountReserves + `'
		GROUP BY 1, 2)`
	return []store.Invariant{
		{Name: "what a distribution holds back and releases is in its journal", Query: `
			SELECT d.id::text, format('journal %s, reserves %s', COALESCE(b.amount, 0), COALESCE(m.amount, 0))
			FROM investments.distributions d JOIN financials.journals j ON j.id = d.declaration_journal_id
			LEFT JOIN ` + onReserves + ` b ON b.journal_id = j.id AND b.book_id = j.book_id
			LEFT JOIN (SELECT distribution_id, sum(amount) AS amount FROM investments.reserve_movements GROUP BY 1) m ON m.distribution_id = d.id
			WHERE COALESCE(b.amount, 0) <> COALESCE(m.amount, 0)`},
		{Name: "cash that is set aside or taken out moves its reserve", Query: `
			SELECT j.id::text, format('journal %s, reserve %s', COALESCE(b.amount, 0), COALESCE(rm.amount, 0))
			FROM financials.journals j LEFT JOIN investments.reserve_movements rm ON rm.journal_id = j.id AND rm.book_id = j.book_id
			LEFT JOIN ` + onReserves + ` b ON b.journal_id = j.id AND b.book_id = j.book_id
			WHERE (rm.id IS NOT NULL OR j.source_type IN ('` + sourceCash + string(CashReserve) + `', '` + sourceCash + string(CashReserveRelease) + `'))
				AND COALESCE(b.amount, 0) <> COALESCE(rm.amount, 0)`},
		{Name: "no reserve is below zero on any day", Query: undoneReserves("TRUE") + `
			SELECT t.opportunity_id::text, format('reserve %s: %s on %s', t.reserve, t.balance, t.effective_date)
			FROM (SELECT rm.opportunity_id, rm.reserve, rm.effective_date,
					sum(rm.amount) OVER (PARTITION BY rm.opportunity_id, rm.reserve ORDER BY rm.effective_date) AS balance
				FROM investments.reserve_movements rm LEFT JOIN investments.distributions d ON d.id = rm.distribution_id
				WHERE ` + reserveBooked + `) t
			WHERE t.balance < 0`},
		{Name: "what a distribution gives is the cash declared, less what it held back, with what it released", Query: `
			SELECT d.id::text, format('gives %s, cash %s, into reserves %s', d.total_amount, c.inputs->>'amount', m.amount)
			FROM investments.distributions d JOIN investments.distribution_calculations c ON c.distribution_id = d.id
			CROSS JOIN LATERAL (SELECT COALESCE(sum(rm.amount), 0) AS amount FROM investments.reserve_movements rm WHERE rm.distribution_id = d.id) m
			WHERE d.total_amount + m.amount <> (c.inputs->>'amount')::numeric`},
	}
}
