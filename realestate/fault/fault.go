// Package fault is the one error type of Freehold.
//
// An [Error] says what went wrong twice: a [Kind], which decides what a caller
// does about it (answer 404, ask the user again, retry), and a Code, a stable
// snake_case word that names the condition and is never reused for another.
//
// Packages declare one variable per condition and return it, or a copy with
// detail, so that both tests work on whatever comes back:
//
//	var ErrOfferingClosed = fault.New(fault.Illegal, "offering_closed", "the offering takes no commitments")
//
//	errors.Is(err, investments.ErrOfferingClosed) // this condition
//	errors.Is(err, fault.Illegal)                 // any error of the kind
//
// Validation reports every bad field at once, as [Errors].
//
// The text of an Error never carries personal data or secrets: detail is
// written by the library out of amounts, dates, states and field names. The
// cause, which may be a driver's error with row values in it, is reachable
// with errors.As but is not part of the text.
package fault

import (
	"errors"
	"fmt"
	"log/slog"
)

// Kind classifies an error by what its receiver can do about it. A Kind is
// itself an error so that it can be the target of errors.Is.
type Kind string

// The kinds. Their strings are stable and fit for logs and metrics.
const (
	// NotFound: the thing named does not exist (HTTP 404).
	NotFound Kind = "not_found"
	// Invalid: the input is wrong and stays wrong; Field says which (HTTP 422).
	Invalid Kind = "invalid"
	// Conflict: the input collides with what is stored: a duplicate, a stale
	// version, an idempotency key used for another request (HTTP 409).
	Conflict Kind = "conflict"
	// Illegal: the state of the thing does not allow the verb (HTTP 409).
	Illegal Kind = "illegal"
	// Forbidden: the actor may not do this (HTTP 403).
	Forbidden Kind = "forbidden"
	// Unavailable: nothing is wrong with the request; trying again may work
	// (HTTP 503).
	Unavailable Kind = "unavailable"
	// Unknown: a COMMIT was sent and its answer was lost. Run again with the
	// same idempotency key to learn the outcome (HTTP 500).
	Unknown Kind = "unknown"
)

// Error returns the kind's name.
func (k Kind) Error() string { return string(k) }

// Error is a condition with its kind, code and, for bad input, the field.
// Errors are immutable: With, On and Because return copies.
type Error struct {
	Kind  Kind
	Code  string // stable, snake_case, never reused
	Field string // the input field at fault, "" when there is none
	Msg   string // for people; no personal data
	cause error
}

// New makes an error, usually for a package variable.
func New(kind Kind, code, msg string) *Error {
	return &Error{Kind: kind, Code: code, Msg: msg}
}

// With returns a copy whose message is followed by detail, formatted as by
// fmt.Sprintf. The detail must hold no personal data.
func (e *Error) With(format string, args ...any) *Error {
	c := *e
	c.Msg = e.Msg + ": " + fmt.Sprintf(format, args...)
	return &c
}

// On returns a copy that names the input field at fault. Nested fields are
// written with dots and indexes, such as "tiers[2].promote".
func (e *Error) On(field string) *Error {
	c := *e
	c.Field = field
	return &c
}

// Because returns a copy that unwraps to cause. The cause is not printed.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// Error returns "field: message (code)", without the field when there is none.
func (e *Error) Error() string {
	if e.Field == "" {
		return e.Msg + " (" + e.Code + ")"
	}
	return e.Field + ": " + e.Msg + " (" + e.Code + ")"
}

// Is reports whether target is e's kind or an Error of the same code.
func (e *Error) Is(target error) bool {
	switch t := target.(type) {
	case Kind:
		return e.Kind == t
	case *Error:
		return e.Code == t.Code && e.Kind == t.Kind
	}
	return false
}

// Unwrap returns the cause, or nil.
func (e *Error) Unwrap() error { return e.cause }

// LogValue gives logs the kind, code and field, without the message.
func (e *Error) LogValue() slog.Value {
	return slog.GroupValue(slog.String("kind", string(e.Kind)),
		slog.String("code", e.Code), slog.String("field", e.Field))
}

// KindOf returns the kind of the first Error in err's tree, "" when there is
// none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return ""
}

// CodeOf returns the code of the first Error in err's tree, "" when there is
// none.
func CodeOf(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}
