package main

import (
	"context"
	"errors"
	"net/http"

	"github.com/freehold-go/freehold/realestate/auth/httpauth"
	"github.com/freehold-go/freehold/realestate/fault"
)

// httpError is a condition of the API itself, beneath any verb.
type httpError struct {
	status int
	code   string
	detail string
}

func (e *httpError) Error() string { return e.detail }

// problem is an error as a client reads it (RFC 9457). Code is stable and meant
// for programs; Detail is for people.
type problem struct {
	Type   string       `json:"type"`
	Title  string       `json:"title"`
	Status int          `json:"status"`
	Code   string       `json:"code"`
	Detail string       `json:"detail"`
	Errors []fieldError `json:"errors,omitempty"`
}

type fieldError struct {
	Field  string `json:"field"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// problemOf is the answer to a client about an error. The texts of faults carry
// no personal data by their contract; of any other error the answer says nothing.
func problemOf(err error) problem {
	p := problem{Type: "about:blank", Status: statusOf(err)}
	p.Title = http.StatusText(p.Status)
	var own *httpError
	var f *fault.Error
	switch {
	case errors.As(err, &own):
		p.Code, p.Detail = own.code, own.detail
	case errors.Is(err, fault.Unknown):
		p.Code, p.Detail = fault.CodeOf(err), "the outcome is not known; send the same request with the same Idempotency-Key to learn it"
	case errors.As(err, &f):
		p.Code, p.Detail = f.Code, f.Msg
	case errors.Is(err, context.DeadlineExceeded):
		p.Code, p.Detail = "timeout", "it took too long; nothing was written"
	default:
		p.Code, p.Detail = "internal", "an error on our side"
	}
	for _, e := range fault.FieldErrors(err) {
		p.Errors = append(p.Errors, fieldError{e.Field, e.Code, e.Msg})
	}
	if len(p.Errors) > 1 {
		p.Code, p.Detail = "validation", "several fields are wrong"
	}
	return p
}

// statusOf maps the kinds of faults to status codes. Among several the input's
// own errors come first. A thing not found that has a field is not what the URL
// names but what a field of the body names.
func statusOf(err error) int {
	var own *httpError
	if errors.As(err, &own) {
		return own.status
	}
	if status := httpauth.Status(err); status == http.StatusUnauthorized || status == http.StatusTooManyRequests {
		return status
	}
	if errors.Is(err, fault.NotFound) && len(fault.FieldErrors(err)) > 0 {
		return http.StatusUnprocessableEntity
	}
	for _, k := range []struct {
		kind   fault.Kind
		status int
	}{
		{fault.Unknown, http.StatusInternalServerError},
		{fault.Unavailable, http.StatusServiceUnavailable},
		{fault.Invalid, http.StatusUnprocessableEntity},
		{fault.NotFound, http.StatusNotFound},
		{fault.Forbidden, http.StatusForbidden},
		{fault.Conflict, http.StatusConflict},
		{fault.Illegal, http.StatusConflict},
	} {
		if errors.Is(err, k.kind) {
			return k.status
		}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// statusClientGone is how the log shows a client that did not wait.
const statusClientGone = 499

// fail answers a request with its error, and logs those that are ours.
func (a *api) fail(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil && errors.Is(err, context.Canceled) {
		w.WriteHeader(statusClientGone) // for the log alone
		return
	}
	p := problemOf(err)
	if p.Status >= http.StatusInternalServerError {
		a.log.ErrorContext(r.Context(), "request failed", "request", requestID(r), "code", p.Code, "error", safe(err))
	}
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	if p.Status == http.StatusServiceUnavailable || errors.Is(err, fault.Unknown) {
		w.Header().Set("Retry-After", "1")
	}
	writeJSON(w, p.Status, "application/problem+json", p)
}
