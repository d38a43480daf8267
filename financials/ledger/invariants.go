package ledger

import "github.com/freehold-go/freehold/internal/store"

// Invariants lists what always holds in this package's tables, for
// realestate.Platform.Verify.
func Invariants() []store.Invariant {
	return []store.Invariant{
		{Name: "account balances are their postings", Query: `
			SELECT a.id::text, format('cached %s/%s, postings %s/%s', b.debits, b.credits, p.debits, p.credits)
			FROM financials.accounts a
			CROSS JOIN LATERAL (SELECT COALESCE(sum(debits), 0) AS debits, COALESCE(sum(credits), 0) AS credits
				FROM financials.account_balances WHERE account_id = a.id) b
			CROSS JOIN LATERAL (SELECT
				COALESCE((SELECT sum(amount) FROM financials.postings WHERE debit_account = a.id AND book_id = a.book_id), 0) AS debits,
				COALESCE((SELECT sum(amount) FROM financials.postings WHERE credit_account = a.id AND book_id = a.book_id), 0) AS credits) p
			WHERE b.debits <> p.debits OR b.credits <> p.credits`},
		{Name: "subledger balances are their postings", Query: `
			SELECT COALESCE(b.subledger_id, p.sub)::text, format('cached %s/%s, postings %s/%s', b.debits, b.credits, p.debits, p.credits)
			FROM financials.subledger_balances b
			FULL JOIN (SELECT account, sub, sum(debit) AS debits, sum(credit) AS credits
				FROM (SELECT debit_account AS account, subledger_id AS sub, amount AS debit, 0::numeric AS credit FROM financials.postings
					UNION ALL SELECT credit_account, subledger_id, 0, amount FROM financials.postings) both_sides
				JOIN financials.accounts a ON a.id = account AND a.subledgered
				WHERE sub IS NOT NULL GROUP BY 1, 2) p ON p.account = b.account_id AND p.sub = b.subledger_id
			WHERE b.debits IS DISTINCT FROM p.debits OR b.credits IS DISTINCT FROM p.credits`},
		{Name: "every journal has lines", Query: `
			SELECT j.id::text, 'it has none' FROM financials.journals j
			WHERE NOT EXISTS (SELECT 1 FROM financials.postings p WHERE p.journal_id = j.id)`},
	}
}
