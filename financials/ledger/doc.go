// Package ledger is the double-entry books: the part of schema financials that
// the money of investors is counted in.
//
// # Verbs by task
//
//	open a book       OpenBook, AddAccounts, EnsureAccounts, Chart            ExampleService_Post
//	post and reverse  Post, PostBatch, Reverse                               ExampleService_Post
//	draft first       Draft, PostPending, VoidPending, VoidExpired           ExampleService_PostPending
//	read balances     Balance, BalanceAsOf, TrialBalance, AccountStatement  ExampleService_AccountStatement
//	close             ClosePeriod, ReopenPeriod, CloseAccount, ReopenAccount  ExampleService_ClosePeriod
//	prove             Seal, SealAt, Verify                                   ExampleService_Verify
//	prove what is new  Proofs.VerifyNew, Proofs.KeepMark                      ExampleService_Verify
//
// # The domain
//
// A [Book] has a chart of [Account] rows. A [Journal] belongs to one book and is a
// set of [Posting] rows, each of which debits one account and credits another with
// one positive amount. An unbalanced journal therefore cannot be written down, and
// the books balance without anybody checking. Journals and postings are
// append-only, by trigger and by privilege; a mistake is reversed by a mirror
// journal that names it, once. A journal gains no lines after the transaction that
// wrote it.
//
//	books := ledger.NewService(ledger.Config{})
//	book, err := books.OpenBook(ctx, db, ledger.OpenBookParams{
//		Code: "elm-court", Name: "Elm Court",
//		Accounts: []ledger.AccountParams{
//			{Code: "1000", Name: "Cash", Type: ledger.Asset},
//			{Code: "3000", Name: "Investor capital", Type: ledger.Equity, Subledgered: true},
//		},
//	})
//	chart, err := books.Chart(ctx, db, book.ID)
//	journal, err := books.Post(ctx, db, ledger.PostParams{
//		BookID: book.ID, EffectiveDate: day, Description: "Contribution", IdempotencyKey: "wire-7", Actor: user.String(),
//		Entries: []ledger.Entry{{Debit: chart["1000"].ID, Credit: chart["3000"].ID, Amount: amount, Subledger: position}},
//	})
//
// # Keys
//
// A journal is named by its idempotency key, which is unique in its book, or by an ID
// that the caller chose, so the journal itself is the row that remembers the command.
// The same key or ID and request returns the first journal; see [Service.PostBatch].
// A journal that has neither is part of a command with a key of its own and carries
// its CommandID; one without any of the three is refused, since another run would
// double it. A draft is posted under its own id, and a reversal is named by what it
// reverses.
//
// # Who acts
//
// A journal names who is responsible in words: a user's id, or the name of a job, since a
// book may be kept by a program. The ledger takes the words and judges nobody. A host that
// offers Post, PostBatch, Reverse, Draft or PostPending to people checks who acts in the
// same transaction, with auth.ActiveActor and its roles, as the verbs of investments,
// leases, loans and payables do before they post. ClosePeriod and ReopenPeriod check the
// user that they name.
//
// # Two times
//
// Every journal has an effective date, by which balances as of a day are struck,
// and the time it was recorded, by which one can ask what was known when:
// [Service.BalanceAsOf], [Service.TrialBalance], [Service.AccountStatement].
// A book is closed through a day ([Service.ClosePeriod]); from then on only
// adjusting journals may be dated on or before it. Closing waits for the journals
// in flight, and they for it, by the book's row, so that none slips in, also from a transaction of a
// stricter isolation level, which fails to serialize.
//
// # Balances
//
// Assets and expenses are debit-normal, liabilities, equity and income
// credit-normal. Balances are kept in tables of their own ([AccountBalance],
// [SubledgerBalance]) as caches of the postings, away from the rows that foreign
// keys lock, and spread over eight rows per account by connection. A subledger's
// balance is kept on the accounts that ask for it; a posting without a subledger
// counts on the account alone.
//
// # Sealing
//
// Posting stores the hash of a journal's content and notes that no seal covers the
// journal yet. [Service.Seal] takes what is noted and committed and links the hashes
// into the book's chain, so that posting never waits for a chain's head, nor sealing
// for a journal in flight; a journal is in the first seal after its commit that has
// room. Nothing in the order is a number of the server's, so that a book seals on
// after a restore, in another database and on any node. [Service.Verify] proves
// chain, content and balances. A job calls both:
//
//	for {
//		seal, err := books.Seal(ctx, db, ledger.SealParams{BookID: book.ID})
//		if err != nil || seal == nil {
//			break
//		}
//		archive(seal.Position, seal.Hash) // outside the database
//	}
//	report, err := proofs.VerifyNew(ctx, standby, ledger.VerifyNewParams{BookID: book.ID})
//	if err == nil && report.Mark != nil {
//		_, err = proofs.KeepMark(ctx, db, ledger.KeepMarkParams{Mark: *report.Mark})
//	}
//
// Verify reads all of a book. VerifyNew goes on from a [Mark], which says through
// which seal the book was proved and what its balances were there, so that it costs
// what is new; a change of what the mark covers is found by Verify alone.
//
// A chain proves that what it covers has not changed as long as its newest hash is
// known from elsewhere: cutting off its end, or forging all of it, shows only
// against a copy.
//
// # Events
//
// Opening a book, growing its chart, closing and reopening an account or a period
// and sealing write a domain event each. A journal, pending or posted, writes none:
// the journals are the append-only record already, and a row more for each, behind
// a lock of the book, would take from posting what it is built for. The verb that
// posts tells what happened, and a seal tells how far the record goes.
//
// Tables: financials.books, financials.accounts, financials.periods,
// financials.journals, financials.postings, financials.unsealed_journals,
// financials.pending_journals, financials.pending_postings, financials.account_balances,
// financials.subledger_balances, and of schema freehold ledger_seals, sealed_journals
// and ledger_marks.
package ledger
