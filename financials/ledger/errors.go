package ledger

import (
	"maps"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
)

// constraints are the names that say more than the convention can tell.
// chk_journals_closed_period, chk_postings_posted_journal, chk_postings_closed_account
// and fk_unsealed_journals_journal_id are raised by functions, because they compare rows
// of two tables.
var constraints = store.Constraints{
	"uk_books_code":                               ErrBookExists.On("code"),
	"uk_books_property_id":                        ErrBookExists.On("property_id"),
	"uk_accounts_book_id_code":                    ErrAccountExists,
	"uk_periods_book_id_period_start":             ErrPeriodExists,
	"uk_journals_book_id_idempotency_key":         ErrJournalExists,
	"uk_pending_journals_book_id_idempotency_key": ErrJournalExists,
	"uk_journals_reverses_id_book_id":             ErrReversed,
	"uk_pending_journals_journal_id_book_id":      ErrPostedCopy,
	"chk_journals_closed_period":                  ErrPeriodClosed,
	"chk_postings_posted_journal":                 ErrJournalPosted,
	"chk_postings_closed_account":                 ErrAccountClosed,
	"fk_postings_debit_account":                   ErrForeignAccount,
	"fk_postings_credit_account":                  ErrForeignAccount,
	"fk_pending_postings_debit_account":           ErrForeignAccount,
	"fk_pending_postings_credit_account":          ErrForeignAccount,
	"uk_journals_id":                              ErrJournalExists.On("id"),
	"pk_journals":                                 ErrJournalExists.On("id"),
	"pk_pending_journals":                         ErrJournalExists.On("id"),
	"uk_pending_journals_id":                      ErrJournalExists.On("id"),
	"fk_unsealed_journals_journal_id":             ErrJournalNotFound.On("ids"),
	"chk_postings_sides":                          ErrSameAccount,
	"chk_pending_postings_sides":                  ErrSameAccount,
	"chk_journals_self_reversal":                  ErrSelfReversal,
	"chk_journals_source":                         ErrSource,
	"chk_pending_journals_source":                 ErrSource,
	"chk_books_subject":                           ErrBookSubject,
	"chk_periods_period":                          ErrPeriodReversed,
	"chk_periods_closing":                         ErrPeriodClosing,
	"chk_pending_journals_posted_copy":            ErrPostedCopy,
}

// Constraints maps the names of constraints that say more than the convention can
// tell to their errors, for hosts that write to the tables themselves.
func Constraints() map[string]*fault.Error { return maps.Clone(constraints) }
