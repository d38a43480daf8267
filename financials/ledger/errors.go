package ledger

import (
	"maps"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
)

// The conditions of this package.
var (
	// ErrBookNotFound: there is no such book.
	ErrBookNotFound = fault.New(fault.NotFound, "book_not_found", "there is no such book")
	// ErrAccountNotFound: there is no such account in the book.
	ErrAccountNotFound = fault.New(fault.NotFound, "account_not_found", "there is no such account")
	// ErrPeriodNotFound: there is no such period.
	ErrPeriodNotFound = fault.New(fault.NotFound, "period_not_found", "there is no such period")
	// ErrJournalNotFound: there is no such journal.
	ErrJournalNotFound = fault.New(fault.NotFound, "journal_not_found", "there is no such journal")
	// ErrBookExists: another book has the code, or the property has a book.
	ErrBookExists = fault.New(fault.Conflict, "book_exists", "there is a book of this code or property already")
	// ErrAccountExists: the book has an account of this code.
	ErrAccountExists = fault.New(fault.Conflict, "account_exists", "the book has an account of this code").On("code")
	// ErrPeriodExists: the book has a period that starts on this day.
	ErrPeriodExists = fault.New(fault.Conflict, "period_exists", "the book has a period that starts on this day").On("period_start")
	// ErrJournalExists: a journal of the book has this idempotency key.
	ErrJournalExists = fault.New(fault.Conflict, "journal_exists", "a journal of the book has this key").On("idempotency_key")
	// ErrReversed: the journal has been reversed.
	ErrReversed = fault.New(fault.Conflict, "journal_reversed", "the journal has been reversed already").On("reverses_id")
	// ErrPeriodClosed: the journal is dated in a closed period and is not an
	// adjusting one.
	ErrPeriodClosed = fault.New(fault.Illegal, "period_closed", "the book is closed on this day").On("effective_date")
	// ErrJournalPosted: a posted journal gains no lines.
	ErrJournalPosted = fault.New(fault.Illegal, "journal_posted", "a posted journal takes no more lines").On("journal_id")
	// ErrSameAccount: a posting debits and credits one account.
	ErrSameAccount = fault.New(fault.Invalid, "posting_same_account", "a posting debits one account and credits another").On("credit_account")
	// ErrSelfReversal: a journal reverses itself.
	ErrSelfReversal = fault.New(fault.Invalid, "journal_reverses_itself", "a journal reverses another one").On("reverses_id")
	// ErrSource: a source's type and id belong together.
	ErrSource = fault.New(fault.Invalid, "journal_source_incomplete", "a source has a type and an id").On("source_id")
	// ErrBookSubject: the book of a property names it, and no other book does.
	ErrBookSubject = fault.New(fault.Invalid, "book_subject_inconsistent", "the book of a property names it, and no other does").On("property_id")
	// ErrPeriodReversed: a period ends before it starts.
	ErrPeriodReversed = fault.New(fault.Invalid, fault.CodeInverted, "the period ends before it starts").On("period_end")
	// ErrPeriodClosing: a closed period has the time of its closing, an open
	// one has none.
	ErrPeriodClosing = fault.New(fault.Invalid, "period_closing_inconsistent", "a closed period, and no other, has a time of closing").On("closed_at")
	// ErrPostedCopy: a pending journal names its copy when it is posted, and not
	// before; both have one id.
	ErrPostedCopy = fault.New(fault.Invalid, "pending_copy_inconsistent", "a posted draft, and no other, names its journal").On("journal_id")
	// ErrAccountClosed: a closed account takes no postings.
	ErrAccountClosed = fault.New(fault.Illegal, "account_closed", "a closed account takes no postings").On("account_id")
	// ErrForeignAccount: an account is not of the journal's book.
	ErrForeignAccount = fault.New(fault.Invalid, "posting_foreign_account", "the account is not of the journal's book").On("account_id")
	// ErrAccountInUse: an account is closed when its balance is zero.
	ErrAccountInUse = fault.New(fault.Illegal, "account_balance_open", "an account is closed when its balance is zero").On("account_id")
	// ErrDraftExpired: the pending journal's time is over.
	ErrDraftExpired = fault.New(fault.Illegal, "draft_expired", "the pending journal has expired").On("expires_at")
	// ErrDraftVoided: a voided journal is not posted.
	ErrDraftVoided = fault.New(fault.Illegal, "draft_voided", "the pending journal was voided").On("status")
	// ErrDraftPosted: a posted journal is not voided but reversed.
	ErrDraftPosted = fault.New(fault.Illegal, "draft_posted", "the pending journal was posted; reverse it").On("status")
	// ErrCloseOrder: a book is closed forwards, one day or more at a time, and
	// reopened backwards, the last period first.
	ErrCloseOrder = fault.New(fault.Illegal, "close_out_of_order", "a book is closed forwards and reopened backwards").On("period_end")
	// ErrSealing: another process sealed the book meanwhile. Try again.
	ErrSealing = fault.New(fault.Unavailable, "ledger_sealing", "the book is being sealed")
	// ErrSealNotFound: the book's chain has no seal at this position.
	ErrSealNotFound = fault.New(fault.NotFound, "ledger_seal_not_found", "the chain has no seal at this position")
)

// constraints are the names that say more than the convention can tell.
// chk_journals_closed_period, chk_postings_posted_journal and
// chk_postings_closed_account are raised by triggers, because they compare rows
// of two tables.
var constraints = store.Constraints{
	"uk_books_code":                               ErrBookExists.On("code"),
	"uk_books_property_id":                        ErrBookExists.On("property_id"),
	"uk_accounts_book_id_code":                    ErrAccountExists,
	"uk_periods_book_id_period_start":             ErrPeriodExists,
	"uk_journals_book_id_idempotency_key":         ErrJournalExists,
	"uk_pending_journals_book_id_idempotency_key": ErrJournalExists,
	"uk_journals_reverses_id_book_id":             ErrReversed,
	"uk_pending_journals_journal_id":              ErrPostedCopy,
	"chk_journals_closed_period":                  ErrPeriodClosed,
	"chk_postings_posted_journal":                 ErrJournalPosted,
	"chk_postings_closed_account":                 ErrAccountClosed,
	"fk_postings_debit_account":                   ErrForeignAccount,
	"fk_postings_credit_account":                  ErrForeignAccount,
	"fk_pending_postings_debit_account":           ErrForeignAccount,
	"fk_pending_postings_credit_account":          ErrForeignAccount,
	"pk_journals":                                 ErrJournalExists.On("id"),
	"pk_pending_journals":                         ErrJournalExists.On("id"),
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
