package storage

import (
	"encoding/base64"
	"io"
	"net/http"
	"strconv"

	"github.com/freehold-go/freehold/realestate/fault"
)

// Handler serves the signed requests of a store that does not serve them itself. Serve
// it at the path of the signer's base URL; it needs no session, for the signature says
// what is allowed. What it serves is never run by a browser as a page of the host's.
func Handler(store Store, signer *Signer) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; sandbox")
		w.Header().Set("Cache-Control", "private, no-store")
		if signer == nil {
			refuse(w, ErrNoSigner)
			return
		}
		switch r.Method {
		case http.MethodPut:
			put(w, r, store, signer)
		case http.MethodGet, http.MethodHead:
			get(w, r, store, signer)
		default:
			w.Header().Set("Allow", "GET, HEAD, PUT")
			w.WriteHeader(http.StatusMethodNotAllowed)
		}
	})
}

func put(w http.ResponseWriter, r *http.Request, store Store, signer *Signer) {
	key, q, err := signer.check(r)
	var o Object
	if err == nil {
		o, err = object(key, q)
	}
	sum := r.Header.Get(ChecksumHeader)
	if err == nil && (r.ContentLength != o.Size || r.Header.Get("Content-Type") != o.Type ||
		sum != "" && sum != base64.StdEncoding.EncodeToString(o.SHA256[:])) {
		err = ErrMismatch
	}
	if err == nil {
		err = store.Put(r.Context(), o, http.MaxBytesReader(w, r.Body, o.Size+1))
	}
	if err != nil {
		refuse(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func get(w http.ResponseWriter, r *http.Request, store Store, signer *Signer) {
	key, q, err := signer.check(r)
	if err != nil {
		refuse(w, err)
		return
	}
	body, o, err := store.Get(r.Context(), key)
	if err != nil {
		refuse(w, err)
		return
	}
	defer func() { _ = body.Close() }()
	w.Header().Set("Content-Type", o.Type)
	w.Header().Set("Content-Length", strconv.FormatInt(o.Size, 10))
	w.Header().Set("Content-Disposition", Disposition(q.Get("name")))
	w.Header().Set(ChecksumHeader, base64.StdEncoding.EncodeToString(o.SHA256[:]))
	if r.Method == http.MethodHead {
		return
	}
	_, _ = io.Copy(w, body) // what is wrong lacks its last byte, and the client sees that
}

// refuse answers with the code of an error.
func refuse(w http.ResponseWriter, err error) {
	status := http.StatusInternalServerError
	switch fault.KindOf(err) {
	case fault.NotFound:
		status = http.StatusNotFound
	case fault.Invalid:
		status = http.StatusBadRequest
	case fault.Conflict:
		status = http.StatusConflict
	case fault.Forbidden:
		status = http.StatusForbidden
	case fault.Unavailable:
		status = http.StatusServiceUnavailable
	}
	http.Error(w, fault.CodeOf(err), status)
}
