package main

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// The ways in which a body can be no request at all.
var (
	errMediaType = &httpError{http.StatusUnsupportedMediaType, "media_type", "send application/json"}
	errTooLarge  = &httpError{http.StatusRequestEntityTooLarge, "body_too_large", "the body is too large"}
	errMalformed = &httpError{http.StatusBadRequest, "json_malformed", "the body is one JSON object"}
	errUnknown   = &httpError{http.StatusBadRequest, "json_unknown_field", "the body has a field that this request does not know"}
)

// decode reads the body into v: one JSON object, no field that v does not have,
// nothing behind it.
func decode(r *http.Request, v any) error {
	if t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || t != "application/json" {
		return errMediaType
	}
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	err := d.Decode(v)
	if err == nil {
		if _, err = d.Token(); errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			return errMalformed
		}
	}
	var large *http.MaxBytesError
	var wrong *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &large):
		return errTooLarge
	case errors.As(err, &wrong) && wrong.Field != "":
		var f fault.Fields
		f.Add(wrong.Field, "wrong_type", "a "+wrong.Type.String()+" is expected")
		return f.Err()
	case wrong != nil, errors.As(err, &syntax), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errMalformed
	}
	return errUnknown
}

// fields reads the text fields of a request into the library's types and
// collects every error. An absent field stays zero, for the verb to complain
// about where it needs one.
type fields struct{ fault.Fields }

func readID[T any](f *fields, field, text string) (v id.Of[T]) {
	if text != "" {
		var err error
		v, err = id.Parse[T](text)
		f.AddErr(field, err)
	}
	return v
}

func (f *fields) amount(field, text string) (v money.Amount) {
	if text != "" {
		var err error
		v, err = money.Parse(text)
		f.AddErr(field, err)
	}
	return v
}

func (f *fields) optionalAmount(field, text string) *money.Amount {
	if text == "" {
		return nil
	}
	v := f.amount(field, text)
	return &v
}

func (f *fields) date(field, text string) (v date.Date) {
	if text != "" {
		var err error
		v, err = date.Parse(text)
		f.AddErr(field, err)
	}
	return v
}

// writeJSON sends the answer. Its encoding cannot fail: bodies are structs of
// this program.
func writeJSON(w http.ResponseWriter, status int, media string, body any) {
	w.Header().Set("Content-Type", media)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if body == nil {
		return
	}
	_ = json.NewEncoder(w).Encode(body) // the client may be gone
}
