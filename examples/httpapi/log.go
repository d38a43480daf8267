package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/freehold-go/freehold/realestate/fault"
)

type requestKey struct{}

// requestID is the name by which the log and the client know a request.
func requestID(r *http.Request) string {
	v, _ := r.Context().Value(requestKey{}).(string) // "" outside of a request
	return v
}

// logged writes one line per request: the route's pattern, never the URL, the
// query, headers or bodies, so that no personal data gets into the log.
func (a *api) logged(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begin, name := time.Now(), rand.Text()
		r = r.WithContext(context.WithValue(r.Context(), requestKey{}, name))
		w.Header().Set("Request-Id", name)
		seen := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		mux.ServeHTTP(seen, r)
		a.log.LogAttrs(r.Context(), slog.LevelInfo, "request", slog.String("request", name),
			slog.String("route", r.Pattern), slog.Int("status", seen.status), slog.Duration("took", time.Since(begin)))
	})
}

// statusWriter remembers the status of a response.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController find the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// safe is what the log may say of an error. A fault shows its kind, code and
// field. The text of a driver's error may quote a row, so only the server's
// code for it is kept, and of anything else its type.
func safe(err error) slog.Value {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.LogValue()
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return slog.GroupValue(slog.String("sqlstate", pg.Code), slog.String("constraint", pg.ConstraintName))
	}
	return slog.StringValue(fmt.Sprintf("%T", err))
}
