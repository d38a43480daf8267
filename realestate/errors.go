package realestate

import "github.com/freehold-go/freehold/internal/store"

// The conditions that verbs of any domain return.
var (
	// ErrKeyRequired: a verb that needs an idempotency key was called without one.
	ErrKeyRequired = store.ErrKeyRequired
	// ErrKeyReused: the idempotency key was used before, with another request.
	ErrKeyReused = store.ErrKeyReused
	// ErrStale: the row was changed by someone else since it was read.
	ErrStale = store.ErrStale
	// ErrExists: the id, or another key, is that of another row.
	ErrExists = store.ErrExists
	// ErrReference: a reference names a row that does not exist.
	ErrReference = store.ErrReference
	// ErrReferenced: a row that others refer to cannot be removed.
	ErrReferenced = store.ErrReferenced
	// ErrRequired: a value is missing.
	ErrRequired = store.ErrRequired
	// ErrNotAllowed: a value is not one of those that its field takes.
	ErrNotAllowed = store.ErrCheck
	// ErrOutOfRange: a number or an amount is below or above its bounds.
	ErrOutOfRange = store.ErrNumberRange
	// ErrTooLong: a text is longer than its field.
	ErrTooLong = store.ErrTooLong
	// ErrNotStorable: a value has no form that the database could store.
	ErrNotStorable = store.ErrNotStorable
	// ErrAppendOnly: rows of this table are corrected by further rows.
	ErrAppendOnly = store.ErrAppendOnly
	// ErrPrivilege: the database role lacks a right.
	ErrPrivilege = store.ErrPrivilege
	// ErrUnavailable: the database was busy, restarting or out of reach, or chose
	// this transaction to fail. Nothing was written; [Do] tries again.
	ErrUnavailable = store.ErrUnavailable
	// ErrIsolation: the transaction's isolation level does not let the verb see
	// what others have committed meanwhile.
	ErrIsolation = store.ErrIsolation
	// ErrTransactionAborted: a statement of the transaction had failed before.
	ErrTransactionAborted = store.ErrTxAborted
	// ErrUnknownOutcome: the answer to COMMIT was lost; the work may be done.
	ErrUnknownOutcome = store.ErrUnknownOutcome
)
