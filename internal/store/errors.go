package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/freehold-go/freehold/realestate/fault"
)

// Constraints maps the names of a schema's constraints to the errors their
// violation means. Only constraints that mean more than [ByName] can tell are
// in it.
type Constraints map[string]*fault.Error

// The conditions that any table can have.
var (
	// ErrUnavailable: the database was busy, restarting or out of reach, or a
	// deadlock or serialization failure chose this transaction. Nothing was
	// written; try again.
	ErrUnavailable = fault.New(fault.Unavailable, "database_unavailable", "the database could not do it now")
	// ErrReference: a reference names a row that does not exist.
	ErrReference = fault.New(fault.Invalid, "reference_not_found", "there is no such row")
	// ErrReferenced: a row that others refer to cannot be removed.
	ErrReferenced = fault.New(fault.Conflict, "still_referenced", "other rows refer to it")
	// ErrExists: a row with the same key exists.
	ErrExists = fault.New(fault.Conflict, "already_exists", "there is one already")
	// ErrCheck: a value is outside what its column allows.
	ErrCheck = fault.New(fault.Invalid, fault.CodeNotAllowed, "the value is not allowed")
	// ErrRequired: a value is missing.
	ErrRequired = fault.New(fault.Invalid, fault.CodeRequired, "a value is required")
	// ErrTooLong: a text is longer than its column.
	ErrTooLong = fault.New(fault.Invalid, fault.CodeTooLong, "a text is too long")
	// ErrNumberRange: a number does not fit its column.
	ErrNumberRange = fault.New(fault.Invalid, fault.CodeOutOfRange, "a number is too large")
	// ErrNotStorable: a value has no form the database could store, such as an
	// id that was never set.
	ErrNotStorable = fault.New(fault.Invalid, fault.CodeNotStorable, "a value cannot be stored")
	// ErrAppendOnly: rows of this table are corrected by further rows.
	ErrAppendOnly = fault.New(fault.Illegal, "append_only", "the row can no longer be changed")
	// ErrTxAborted: a statement of the transaction had failed before; only its host can
	// begin another.
	ErrTxAborted = fault.New(fault.Conflict, "transaction_aborted", "a statement of the transaction had failed")
	// ErrPrivilege: the database role lacks a right.
	ErrPrivilege = fault.New(fault.Forbidden, "database_privilege", "the database role may not do this")
)

// pgFields is what the errors of pgdriver tell by protocol letter.
type pgFields interface{ Field(k byte) string }

// report is a server error of either driver.
type report struct{ state, table, column, constraint, message string }

func reportOf(err error) (report, bool) {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return report{pg.Code, pg.TableName, pg.ColumnName, pg.ConstraintName, pg.Message}, true
	}
	var f pgFields
	if errors.As(err, &f) {
		return report{f.Field('C'), f.Field('t'), f.Field('c'), f.Field('n'), f.Field('M')}, true
	}
	return report{}, false
}

func sqlState(err error) string {
	r, _ := reportOf(err)
	return r.state
}

// Err turns a driver's error into a fault, by known first and by the
// constraint's name otherwise. A fault stays as it is, and so does an error
// that no rule expects: it is the library's or the host's bug, and hiding it
// would hide the bug.
func Err(err error, known Constraints) error {
	var already *fault.Error
	if err == nil || errors.As(err, &already) {
		return err
	}
	if r, ok := reportOf(err); ok {
		return r.whole().fault(err, known)
	}
	var dial *pgconn.ConnectError
	if errors.As(err, &dial) && !errors.Is(err, context.Canceled) {
		return ErrUnavailable.Because(opaque{err}) // its own timeout is not the caller's deadline
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	var op net.Error
	if errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.As(err, &op) || pgconn.SafeToRetry(err) || strings.HasSuffix(err.Error(), "conn closed") {
		return ErrUnavailable.Because(err)
	}
	return err
}

// opaque keeps the text of an error, and hides what it is.
type opaque struct{ err error }

func (o opaque) Error() string { return o.err.Error() }

func (r report) fault(err error, known Constraints) error {
	if r.state == "23503" && (strings.Contains(r.message, "is still referenced") || strings.HasPrefix(r.message, "update or delete")) {
		return ErrReferenced.Because(err)
	}
	if e := known[r.constraint]; e != nil {
		return e.Because(err)
	}
	if StaleName(r.state, r.message) {
		return ErrUnavailable.Because(err)
	}
	switch r.state {
	case "23505":
		e := ByName(r.table, r.constraint)
		if e.Code == ErrCheck.Code {
			e = ErrExists // a name outside the convention, such as a partition's
		}
		return e.Because(err)
	case "23503", "23514":
		return ByName(r.table, r.constraint).Because(err)
	case "23502":
		return ErrRequired.On(WireName(r.column)).Because(err)
	case "22001":
		return ErrTooLong.Because(err)
	case "22021":
		return ErrNotStorable.Because(err)
	case "22003":
		return ErrNumberRange.Because(err)
	case "22P05", "54001":
		return ErrNotStorable.Because(err)
	case "54000":
		return ErrTooLong.Because(err)
	case "42601":
		for _, at := range [...]string{`"?"`, `"!"`, `":"`} { // bun wrote why a value has no form
			if strings.Contains(r.message, at) {
				return ErrNotStorable.Because(err)
			}
		}
	case "25P02":
		return ErrTxAborted.Because(err)
	case "42501":
		return ErrPrivilege.Because(err)
	case "FH001":
		return ErrAppendOnly.Because(err)
	case "40001", "40P01", "55P03", "57014", // conflicts, and the limits of a statement
		"25P03", "25P04", // the limits of a transaction: the server has ended it
		"25006": // a server that became a standby
		return ErrUnavailable.Because(err)
	}
	switch {
	case hasClass(r.state, "08"), hasClass(r.state, "53"), hasClass(r.state, "57P"), hasClass(r.state, "58"):
		return ErrUnavailable.Because(err)
	case hasClass(r.state, "22"): // a value that no rule foresaw
		return ErrNotStorable.Because(err)
	}
	return err
}

func hasClass(state, class string) bool { return strings.HasPrefix(state, class) }

// wireNames are the fields whose columns are called otherwise.
var wireNames = map[string]string{"opportunity_id": "offering_id", "investment_id": "position_id",
	"from_investment_id": "from_position_id", "to_investment_id": "to_position_id"}

// WireName is the name of a column's field in errors, events and JSON.
func WireName(column string) string {
	if name, ok := wireNames[column]; ok {
		return name
	}
	return column
}

// ByName reads a constraint's name by the schema's convention: fk_, uk_, chk_
// or pk_, the table, and the column or columns it is about, which become the
// error's field. A name outside the convention gives an error without a field.
func ByName(table, constraint string) *fault.Error {
	kind, rest, _ := strings.Cut(constraint, "_")
	field := ""
	if f, ok := strings.CutPrefix(rest, partitioned(table)+"_"); ok {
		field = f
	}
	base := ErrCheck
	switch kind {
	case "fk":
		base = ErrReference
	case "uk", "pk", "idx":
		base = ErrExists
	}
	if field == "" {
		return base
	}
	return base.On(WireName(field))
}

// partitioned removes the suffix of a partition, _yYYYYmMM or _default: its
// constraints bear the parent's name.
func partitioned(table string) string {
	if t, ok := strings.CutSuffix(table, "_default"); ok {
		return t
	}
	if i := len(table) - len("_y2026m01"); i > 0 && table[i:i+2] == "_y" && table[i+6] == 'm' {
		return table[:i]
	}
	return table
}

// Retryable reports whether running the whole unit of work again may succeed
// and cannot do it twice: nothing of it was committed. [ErrUnknownOutcome] is
// not among them; only an idempotency key makes that safe.
func Retryable(err error) bool { return errors.Is(Err(err, nil), fault.Unavailable) }

// StaleName reports whether an error of the server is of a prepared statement's name, so that
// the same unit of work succeeds when it is run again: the name is unknown (26000), or known
// already (42P05), or the statement's columns were others when it was prepared (0A000).
func StaleName(state, message string) bool {
	switch state {
	case "26000", "42P05":
		return true
	case "0A000": // among other things that the server does not do
		return strings.HasPrefix(message, "cached plan must not change result type")
	}
	return false
}
