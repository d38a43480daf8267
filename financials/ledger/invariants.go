package ledger

import "github.com/freehold-go/freehold/internal/store"

// Invariants lists what always holds in this package's tables, for
// realestate.Platform.Verify.
func Invariants() []store.Invariant {
	return []store.Invariant{
		{Name: "account balances are their postings", Query: `
			SELECT a.id::text, format('cached %s/%s, postings %s/%s', b.debits, b.credits, p.debits, p.credits)
			FROM financials.accounts a
			LEFT JOIN (SELECT book_id, account_id, sum(debits) AS debits, sum(credits) AS credits
				FROM financials.account_balances GROUP BY 1, 2) b ON b.account_id = a.id AND b.book_id = a.book_id
			LEFT JOIN (SELECT book_id, account, sum(debit) AS debits, sum(credit) AS credits
				FROM (SELECT book_id, debit_account AS account, amount AS debit, 0::numeric AS credit FROM financials.postings
					UNION ALL SELECT book_id, credit_account, 0, amount FROM financials.postings) sides
				GROUP BY 1, 2) p ON p.account = a.id AND p.book_id = a.book_id
			WHERE COALESCE(b.debits, 0) <> COALESCE(p.debits, 0) OR COALESCE(b.credits, 0) <> COALESCE(p.credits, 0)`},
		{Name: "subledger balances are their postings", Query: `
			SELECT COALESCE(b.subledger_id, p.sub)::text, format('cached %s/%s, postings %s/%s', b.debits, b.credits, p.debits, p.credits)
			FROM financials.subledger_balances b
			FULL JOIN (SELECT book, account, sub, sum(debit) AS debits, sum(credit) AS credits
				FROM (SELECT book_id AS book, debit_account AS account, subledger_id AS sub, amount AS debit, 0::numeric AS credit FROM financials.postings
					UNION ALL SELECT book_id, credit_account, subledger_id, 0, amount FROM financials.postings) both_sides
				JOIN financials.accounts a ON a.id = account AND a.book_id = book AND a.subledgered
				WHERE sub IS NOT NULL GROUP BY 1, 2, 3) p ON p.book = b.book_id AND p.account = b.account_id AND p.sub = b.subledger_id
			WHERE b.debits IS DISTINCT FROM p.debits OR b.credits IS DISTINCT FROM p.credits`},
		{Name: "every journal has lines", Query: `
			SELECT j.id::text, 'it has none' FROM financials.journals j
			WHERE NOT EXISTS (SELECT 1 FROM financials.postings p WHERE p.journal_id = j.id AND p.book_id = j.book_id)`},
		{Name: "a posting's accounts are of its book", Query: `
			SELECT p.journal_id || ' ' || p.line, 'an account is not in its book' FROM financials.postings p
			LEFT JOIN financials.accounts d ON d.id = p.debit_account AND d.book_id = p.book_id
			LEFT JOIN financials.accounts c ON c.id = p.credit_account AND c.book_id = p.book_id
			WHERE d.id IS NULL OR c.id IS NULL`},
		{Name: "a code and a property have one book", Query: `
			SELECT min(id::text), format('%s books of code %s', count(*), code) FROM financials.books GROUP BY code HAVING count(*) > 1
			UNION ALL SELECT min(id::text), format('%s books of property %s', count(*), property_id) FROM financials.books
			WHERE property_id IS NOT NULL GROUP BY property_id HAVING count(*) > 1`},
		{Name: "the property of a book is there", Query: `
			SELECT b.id::text, format('property %s', b.property_id) FROM financials.books b
			LEFT JOIN properties.properties p ON p.id = b.property_id WHERE b.property_id IS NOT NULL AND p.id IS NULL`},
		{Name: "who closed a period is there", Query: `
			SELECT p.id::text, format('user %s', p.closed_by) FROM financials.periods p
			LEFT JOIN auth.users u ON u.id = p.closed_by WHERE p.closed_by IS NOT NULL AND u.id IS NULL`},
		{Name: "a journal is in one book", Query: `
			SELECT id::text, format('it is in %s books', count(*)) FROM financials.journals GROUP BY id HAVING count(*) > 1`},
		{Name: "a draft is in one book", Query: `
			SELECT id::text, format('it is in %s books', count(*)) FROM financials.pending_journals GROUP BY id HAVING count(*) > 1`},
	}
}
