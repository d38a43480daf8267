package investments

import "github.com/freehold-go/freehold/internal/store"

// ledgerInvariants are about what is named of the ledger, which may live on other machines,
// where no foreign key leads.
func ledgerInvariants() []store.Invariant {
	return []store.Invariant{
		{Name: "a journal that a deal names is in the ledger", Query: `
			WITH named AS MATERIALIZED (
				SELECT 'transactions' AS kind, min(id::text) AS id, journal_id, NULL::uuid AS book_id FROM investments.transactions WHERE journal_id IS NOT NULL GROUP BY journal_id
				UNION ALL SELECT 'transfers', id::text, journal_id, NULL FROM investments.transfers WHERE journal_id IS NOT NULL
				UNION ALL SELECT 'distributions', id::text, declaration_journal_id, NULL FROM investments.distributions WHERE declaration_journal_id IS NOT NULL
				UNION ALL SELECT 'distributions', id::text, reversal_journal_id, NULL FROM investments.distributions WHERE reversal_journal_id IS NOT NULL
				UNION ALL SELECT 'distribution_sources', id::text, journal_id, NULL FROM investments.distribution_sources
				UNION ALL SELECT 'write_offs', id::text, journal_id, NULL FROM investments.write_offs WHERE journal_id IS NOT NULL
				UNION ALL SELECT 'capital_movements', min(id::text), journal_id, book_id FROM investments.capital_movements GROUP BY journal_id, book_id
				UNION ALL SELECT 'reserve_movements', id::text, journal_id, book_id FROM investments.reserve_movements WHERE journal_id IS NOT NULL
				UNION ALL SELECT 'partner_events', id::text, journal_id, book_id FROM investments.partner_events WHERE journal_id IS NOT NULL
				UNION ALL SELECT 'partner_events', id::text, withdrawal_journal_id, book_id FROM investments.partner_events WHERE withdrawal_journal_id IS NOT NULL)
			SELECT n.id, format('%s: journal %s is not in its book', n.kind, n.journal_id) FROM named n
			LEFT JOIN financials.journals j ON j.id = n.journal_id AND (n.book_id IS NULL OR j.book_id = n.book_id) WHERE j.id IS NULL`},
		{Name: "the book of an offering is in the ledger", Query: `
			SELECT o.id::text, format('book %s', o.book_id) FROM investments.opportunities o
			LEFT JOIN financials.books b ON b.id = o.book_id WHERE o.book_id IS NOT NULL AND b.id IS NULL`},
	}
}
