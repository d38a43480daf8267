// Package ledger is the double-entry books: the part of schema financials that
// the money of investors is counted in.
//
// A [Book] has a chart of [Account] rows. A [Journal] belongs to one book and is a
// set of [Posting] rows, each of which debits one account and credits another with
// one positive amount. An unbalanced journal therefore cannot be written down, and
// the books balance without anybody checking. Journals and postings are
// append-only, by trigger and by privilege; a mistake is reversed by a mirror
// journal that names it. A journal gains no lines after the transaction that
// wrote it.
//
// Every journal has two times: its effective date, by which balances as of a day
// are struck, and the time it was recorded, by which one can ask what was known
// when. A book is closed through a day; from then on only adjusting journals may
// be dated on or before it. Closing waits for the journals in flight, and they for
// it, so that none slips in.
//
// Assets and expenses are debit-normal, liabilities, equity and income
// credit-normal. Balances are kept in tables of their own ([AccountBalance],
// [SubledgerBalance]) as caches of the postings, away from the rows that foreign
// keys lock.
//
// Posting stores the hash of a journal's content. Sealing links the hashes into a
// chain per book later, so that posting never waits for a chain's head.
//
// Tables: financials.books, financials.accounts, financials.periods,
// financials.journals, financials.postings, financials.pending_journals,
// financials.pending_postings, financials.account_balances,
// financials.subledger_balances.
package ledger
