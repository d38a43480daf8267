package fault

import (
	"errors"
	"strings"
)

// Errors is every field error of one validation, in the order they were found.
// errors.Is and errors.As see each of them.
type Errors []*Error

// Error joins the messages with "; ".
func (es Errors) Error() string {
	parts := make([]string, len(es))
	for i, e := range es {
		parts[i] = e.Error()
	}
	return strings.Join(parts, "; ")
}

// Unwrap returns the errors one by one.
func (es Errors) Unwrap() []error {
	out := make([]error, len(es))
	for i, e := range es {
		out[i] = e
	}
	return out
}

// Fields collects field errors while a value is validated. The zero value is
// ready for use:
//
//	var f fault.Fields
//	f.Check(p.Name != "", "name", fault.CodeRequired, "a name is needed")
//	f.Check(p.Units > 0, "units", fault.CodeOutOfRange, "at least one unit")
//	return f.Err()
type Fields struct{ errs Errors }

// MaxErrors is how many field errors one validation reports. Where there are more,
// the last is [ErrMore].
const MaxErrors = 100

// ErrMore: there are more field errors than are reported.
var ErrMore = New(Invalid, "more_errors", "further errors are not listed")

// Add records that field is invalid, with a code and a message of its own.
func (f *Fields) Add(field, code, msg string) {
	f.append(&Error{Kind: Invalid, Code: code, Field: field, Msg: msg})
}

// maxField is how many bytes of a field's name are kept: it may hold a key of the
// input's.
const maxField = 200

func (f *Fields) append(e *Error) {
	if len(e.Field) > maxField {
		e = e.On(strings.ToValidUTF8(e.Field[:maxField], "") + "...")
	}
	switch n := len(f.errs); {
	case n < MaxErrors:
		f.errs = append(f.errs, e)
	case n == MaxErrors:
		f.errs = append(f.errs, ErrMore)
	}
}

// Check adds an error unless ok.
func (f *Fields) Check(ok bool, field, code, msg string) {
	if !ok {
		f.Add(field, code, msg)
	}
}

// AddErr records err under field; nil is ignored. An [Error] or [Errors] keeps
// its code, and its own field is put behind field with a dot. Any other error
// becomes code "invalid" with its text dropped, since it may quote the input.
func (f *Fields) AddErr(field string, err error) {
	if err == nil {
		return
	}
	var many Errors
	if errors.As(err, &many) {
		for _, e := range many {
			f.append(e.On(join(field, e.Field)))
		}
		return
	}
	var one *Error
	if errors.As(err, &one) {
		f.append(one.On(join(field, one.Field)))
		return
	}
	f.append((&Error{Kind: Invalid, Code: CodeInvalid, Field: field, Msg: "the value is not valid"}).Because(err))
}

// Err returns nil when nothing was added, else [Errors].
func (f *Fields) Err() error {
	if len(f.errs) == 0 {
		return nil
	}
	return f.errs
}

// FieldErrors returns every Error in err that names a field.
func FieldErrors(err error) []*Error {
	var out []*Error
	var many Errors
	if errors.As(err, &many) {
		for _, e := range many {
			if e.Field != "" {
				out = append(out, e)
			}
		}
		return out
	}
	var one *Error
	if errors.As(err, &one) && one.Field != "" {
		out = append(out, one)
	}
	return out
}

func join(outer, inner string) string {
	switch {
	case inner == "":
		return outer
	case outer == "", strings.HasPrefix(inner, "["):
		return outer + inner
	}
	return outer + "." + inner
}
