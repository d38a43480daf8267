package investments

import "github.com/freehold-go/freehold/internal/store"

// accountEffect is what a movement does to its position's capital account, and
// contributedEffect to contributed capital, as package history has it.
const (
	accountEffect = `CASE WHEN kind IN ('contribution', 'income', 'unrealized', 'realized', 'adjustment') THEN amount WHEN kind IN ('refund', 'distribution', 'fee') THEN -amount
		WHEN kind IN ('transfer_in', 'conversion') THEN carrying WHEN kind = 'transfer_out' THEN -carrying ELSE 0 END`
	contributedEffect = `CASE WHEN kind IN ('contribution', 'transfer_in', 'conversion') THEN amount WHEN kind IN ('refund', 'transfer_out') THEN -amount ELSE 0 END`
)

// historyInvariants tie the history of capital to the journals, and what is cached
// of it to the history.
func historyInvariants() []store.Invariant {
	return []store.Invariant{
		{Name: "each journal's movements of capital are its postings, position by position", Query: `
			SELECT COALESCE(m.journal_id, p.journal_id)::text, format('position %s: movements %s, postings %s', COALESCE(m.position_id, p.subledger_id), COALESCE(m.account, 0), COALESCE(p.account, 0))
			FROM (SELECT journal_id, position_id, sum(` + accountEffect + `) AS account FROM investments.capital_movements GROUP BY 1, 2) m
			FULL JOIN (SELECT x.journal_id, x.subledger_id, sum(side.amount) AS account
				FROM financials.postings x CROSS JOIN LATERAL (VALUES (x.credit_account, x.amount), (x.debit_account, -x.amount)) AS side (account, amount)
				JOIN financials.accounts a ON a.id = side.account AND a.book_id = x.book_id AND a.code IN (` + capitalCodes + `)
				JOIN investments.opportunities o ON o.book_id = x.book_id
				WHERE x.subledger_id IS NOT NULL GROUP BY 1, 2) p ON p.journal_id = m.journal_id AND p.subledger_id = m.position_id
			WHERE COALESCE(m.account, 0) <> COALESCE(p.account, 0)`},
		{Name: "a movement of capital is of its journal's book and day, and of its position's offering", Query: `
			SELECT m.id::text, format('day %s, journal %s', m.effective_date, j.effective_date)
			FROM investments.capital_movements m JOIN investments.property_investments p ON p.id = m.position_id
			JOIN investments.opportunities o ON o.id = m.opportunity_id LEFT JOIN financials.journals j ON j.id = m.journal_id AND j.book_id = m.book_id
			WHERE p.opportunity_id IS DISTINCT FROM m.opportunity_id OR o.book_id IS DISTINCT FROM m.book_id OR j.id IS NULL
				OR (m.effective_date <> j.effective_date AND m.kind NOT IN ('payment', 'transfer_out', 'transfer_in', 'conversion'))`},
		{Name: "a position's capital, units, distributions and gains are its history's", Query: `
			SELECT p.id::text, format('capital %s, history %s; units %s, history %s; distributions %s, history %s; unrealized %s, history %s; realized %s, history %s',
				p.investment_amount, COALESCE(m.contributed, 0), p.units, m.units, p.total_distributions, COALESCE(m.paid, 0), p.unrealized_gains, COALESCE(m.unrealized, 0), p.realized_gains, COALESCE(m.realized, 0))
			FROM investments.property_investments p
			LEFT JOIN (SELECT position_id, sum(` + contributedEffect + `) AS contributed, sum(amount) FILTER (WHERE kind = 'payment') AS paid,
					sum(CASE WHEN kind IN ('refund', 'transfer_out') THEN -units ELSE units END) AS units,
					sum(CASE kind WHEN 'unrealized' THEN amount WHEN 'transfer_out' THEN -unrealized ELSE unrealized END) AS unrealized,
					sum(amount) FILTER (WHERE kind = 'realized') AS realized
				FROM investments.capital_movements GROUP BY 1) m ON m.position_id = p.id
			WHERE p.opportunity_id IS NOT NULL AND (CASE WHEN p.status IN ('funded', 'exited') AND p.deleted_at IS NULL THEN p.investment_amount ELSE 0 END <> COALESCE(m.contributed, 0)
				OR p.status IN ('funded', 'exited') AND p.deleted_at IS NULL AND COALESCE(p.units, 0) <> COALESCE(m.units, 0)
				OR p.total_distributions <> COALESCE(m.paid, 0) OR p.unrealized_gains <> COALESCE(m.unrealized, 0) OR p.realized_gains <> COALESCE(m.realized, 0))`},
		{Name: "what a booked line gives and returns of the capital is in the history, and what was paid of it", Query: `
			SELECT l.id::text, format('it is %s: gross %s, returned %s, of a sale %s; declared %s, returned %s, of a sale %s; paid %s, returned %s, of a sale %s', l.payment_status,
				l.distribution_amount, COALESCE(t.returned, 0), COALESCE(t.sale, 0), COALESCE(m.gross, 0), COALESCE(m.returned, 0), COALESCE(m.sale, 0),
				COALESCE(m.paid, 0), COALESCE(m.paid_returned, 0), COALESCE(m.paid_sale, 0))
			FROM investments.investor_distributions l JOIN investments.distributions d ON d.id = l.distribution_id
			LEFT JOIN (SELECT line_id, sum(amount) FILTER (WHERE kind = 'return_of_capital') AS returned, sum(sale) AS sale,
					sum(sale) FILTER (WHERE kind = 'return_of_capital') AS sale_returned FROM investments.distribution_tiers GROUP BY 1) t ON t.line_id = l.id
			LEFT JOIN (SELECT line_id, sum(amount) FILTER (WHERE kind = 'distribution') AS gross, sum(capital) FILTER (WHERE kind = 'distribution') AS returned,
					sum(sale) FILTER (WHERE kind = 'distribution') AS sale, sum(sale_capital) FILTER (WHERE kind = 'distribution') AS sale_returned,
					sum(amount) FILTER (WHERE kind = 'payment') AS paid, sum(capital) FILTER (WHERE kind = 'payment') AS paid_returned,
					sum(sale) FILTER (WHERE kind = 'payment') AS paid_sale, sum(sale_capital) FILTER (WHERE kind = 'payment') AS paid_sale_returned
				FROM investments.capital_movements WHERE line_id IS NOT NULL GROUP BY 1) m ON m.line_id = l.id
			CROSS JOIN LATERAL (SELECT CASE WHEN d.status IN ('approved', 'processing', 'completed', 'failed') THEN 1 ELSE 0 END AS booked,
				CASE WHEN l.payment_status IN ('completed', 'billed') THEN 1 ELSE 0 END AS paid) n
			WHERE l.investment_id IS NOT NULL AND d.opportunity_id IS NOT NULL
				AND (COALESCE(m.gross, 0) <> n.booked * l.distribution_amount OR COALESCE(m.returned, 0) <> n.booked * COALESCE(t.returned, 0)
					OR COALESCE(m.sale, 0) <> n.booked * COALESCE(t.sale, 0) OR COALESCE(m.sale_returned, 0) <> n.booked * COALESCE(t.sale_returned, 0)
					OR COALESCE(m.paid, 0) <> n.paid * l.distribution_amount OR COALESCE(m.paid_returned, 0) <> n.paid * COALESCE(t.returned, 0)
					OR COALESCE(m.paid_sale, 0) <> n.paid * COALESCE(t.sale, 0) OR COALESCE(m.paid_sale_returned, 0) <> n.paid * COALESCE(t.sale_returned, 0))`},
		{Name: "a transfer's ends are of one amount, and so is what was corrected of them", Query: `
			SELECT transfer_id::text, format('contributed %s, unreturned %s, capital accounts %s', sum(` + contributedEffect + `),
				sum(CASE kind WHEN 'transfer_out' THEN -capital ELSE capital END), sum(` + accountEffect + `))
			FROM investments.capital_movements WHERE transfer_id IS NOT NULL GROUP BY 1
			HAVING sum(` + contributedEffect + `) <> 0 OR sum(CASE kind WHEN 'transfer_out' THEN -capital ELSE capital END) <> 0 OR sum(` + accountEffect + `) <> 0`},
		{Name: "the capital and the returns of an offering that was left are what it distributed", Query: `
			SELECT o.opportunity_id::text, format('capital %s, returns %s, distributed %s', o.capital, o.returns, o.distributed)
			FROM (SELECT opportunity_id, sum(investment_amount) AS capital, sum(total_returns) AS returns, sum(total_distributions) AS distributed,
					bool_or(status = 'funded') AS held, bool_or(investment_amount > 0) AS left
				FROM investments.property_investments WHERE opportunity_id IS NOT NULL AND status IN ('funded', 'exited') AND deleted_at IS NULL GROUP BY 1) o
			WHERE o.left AND NOT o.held AND o.capital + o.returns <> o.distributed`},
	}
}

// statementInvariants tie what statements, tax totals and capital accounts say of one
// year together.
func statementInvariants() []store.Invariant {
	return []store.Invariant{
		{Name: "what was paid in a year is the same in the tax totals and in the capital accounts", Query: `
			SELECT COALESCE(m.position_id, t.investment_id)::text, format('in %s: tax totals %s, capital account %s', COALESCE(m.year, t.year), COALESCE(t.paid, 0), COALESCE(m.paid, 0))
			FROM (SELECT position_id, EXTRACT(YEAR FROM effective_date) AS year, sum(amount) AS paid FROM investments.capital_movements WHERE kind = 'payment' GROUP BY 1, 2) m
			FULL JOIN (SELECT investment_id, EXTRACT(YEAR FROM effective_date) AS year, sum(amount) AS paid FROM investments.transactions
				WHERE status = 'completed' AND type IN ('distribution', 'return_of_capital') AND distribution_line_id IS NOT NULL AND investment_id IS NOT NULL GROUP BY 1, 2) t
				ON t.investment_id = m.position_id AND t.year = m.year
			WHERE COALESCE(m.paid, 0) <> COALESCE(t.paid, 0)`},
		{Name: "what capital accounts state as declared and not paid is the lines that wait for payment", Query: `
			SELECT COALESCE(m.position_id, l.investment_id)::text, format('declared and not paid %s, lines %s', COALESCE(m.open, 0), COALESCE(l.open, 0))
			FROM (SELECT position_id, sum(CASE kind WHEN 'distribution' THEN amount ELSE -amount END) AS open FROM investments.capital_movements
				WHERE kind IN ('distribution', 'payment') GROUP BY 1) m
			FULL JOIN (SELECT l.investment_id, sum(l.distribution_amount) AS open FROM investments.investor_distributions l JOIN investments.distributions d ON d.id = l.distribution_id
				WHERE l.investment_id IS NOT NULL AND d.opportunity_id IS NOT NULL AND d.status IN ('approved', 'processing', 'completed', 'failed')
					AND l.payment_status IN ('pending', 'sent', 'failed') GROUP BY 1) l ON l.investment_id = m.position_id
			WHERE COALESCE(m.open, 0) <> COALESCE(l.open, 0)`},
	}
}
