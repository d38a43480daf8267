// Package storagetest holds every storage.Store against what its interface promises.
package storagetest

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/documents/storage"
	"github.com/freehold-go/freehold/realestate/fault"
)

// Signed is a store whose signed requests reach it.
type Signed struct {
	storage.Store
	PartSize int // at least storage.MinPart where the server asks for that
	// AsFiles is set for a server that keeps objects in files under their own names, so
	// that "a" and "a/b" cannot both be there.
	AsFiles bool
}

// Run holds a store against the interface, in a part of it that nobody else uses.
func Run(t *testing.T, s Signed) {
	t.Helper()
	objects(t, s)
	races(t, s)
	lists(t, s)
	parts(t, s)
	uploads(t, s)
	downloads(t, s)
	tidies(t, s)
}

// tidies shows that what was begun and not ended goes when it is old, and nothing else.
func tidies(t *testing.T, s Signed) {
	ctx := t.Context()
	b := body(s.PartSize)
	whole, o := storage.Describe("tidy/whole", "application/pdf", b), storage.Describe("tidy/parts", "application/pdf", b)
	require.NoError(t, s.Put(ctx, whole, bytes.NewReader(b)))
	begin := func() (string, []storage.Part) {
		upload, err := s.StartParts(ctx, o)
		require.NoError(t, err)
		p, err := s.PutPart(ctx, o, upload, 1, o.Size, bytes.NewReader(b))
		require.NoError(t, err)
		return upload, []storage.Part{p}
	}
	upload, parts := begin()
	n, err := s.Tidy(ctx, time.Now().Add(-time.Hour))
	require.NoError(t, err)
	require.Zero(t, n, "it is young")
	n, err = s.Tidy(ctx, time.Now().Add(time.Hour))
	require.NoError(t, err)
	require.Positive(t, n)
	require.ErrorIs(t, s.CompleteParts(ctx, o, upload, parts), storage.ErrPartsNotFound)
	n, err = s.Tidy(ctx, time.Now().Add(time.Hour))
	require.NoError(t, err)
	require.Zero(t, n, "again")
	gone(t, s, o.Key)
	require.Equal(t, b, read(t, s, whole.Key))
	upload, parts = begin()
	require.NoError(t, s.CompleteParts(ctx, o, upload, parts))
	n, err = s.Tidy(ctx, time.Now().Add(time.Hour))
	require.NoError(t, err)
	require.Zero(t, n, "it came to its end")
	require.Equal(t, b, read(t, s, o.Key))
}

func body(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}

func read(t *testing.T, s storage.Store, key string) []byte {
	t.Helper()
	r, _, err := s.Get(t.Context(), key)
	require.NoError(t, err)
	defer func() { _ = r.Close() }()
	b, err := io.ReadAll(r)
	require.NoError(t, err)
	return b
}

// gone reports that nothing is there under a key.
func gone(t *testing.T, s storage.Store, key string) {
	t.Helper()
	_, err := s.Stat(t.Context(), key)
	require.ErrorIs(t, err, storage.ErrNotFound)
	_, _, err = s.Get(t.Context(), key)
	require.ErrorIs(t, err, storage.ErrNotFound)
}

func objects(t *testing.T, s storage.Store) {
	ctx := t.Context()
	for n, size := range []int{0, 1, 100_000} {
		b := body(size)
		o := storage.Describe("objects/"+strconv.Itoa(n), "application/pdf", b)
		gone(t, s, o.Key)
		require.NoError(t, s.Put(ctx, o, bytes.NewReader(b)))
		require.NoError(t, s.Put(ctx, o, bytes.NewReader(b)), "again")
		got, err := s.Stat(ctx, o.Key)
		require.NoError(t, err)
		require.Equal(t, o, got)
		require.Equal(t, b, read(t, s, o.Key))
		other := append(bytes.Clone(b), 'x')
		require.ErrorIs(t, s.Put(ctx, storage.Describe(o.Key, o.Type, other), bytes.NewReader(other)), storage.ErrExists)
		require.Equal(t, b, read(t, s, o.Key), "as it was")
		require.NoError(t, s.Delete(ctx, o.Key))
		require.NoError(t, s.Delete(ctx, o.Key), "again")
		gone(t, s, o.Key)
	}
	b := body(50_000)
	changed := bytes.Clone(b)
	changed[25_000] ^= 1
	o := storage.Describe("objects/wrong", "text/plain", b)
	stop := errors.New("stop")
	ended, cancel := context.WithCancel(ctx)
	cancel()
	for what, try := range map[string]func() error{
		"short":   func() error { return s.Put(ctx, o, bytes.NewReader(b[:49_999])) },
		"long":    func() error { return s.Put(ctx, o, io.MultiReader(bytes.NewReader(b), strings.NewReader("x"))) },
		"changed": func() error { return s.Put(ctx, o, bytes.NewReader(changed)) },
		"broken": func() error {
			return s.Put(ctx, o, io.MultiReader(bytes.NewReader(b[:30_000]), iotest.ErrReader(stop)))
		},
		"cancelled": func() error { return s.Put(ended, o, bytes.NewReader(b)) },
		"none":      func() error { return s.Put(ctx, o, nil) },
	} {
		err := try()
		require.Error(t, err, what)
		if what == "short" || what == "long" || what == "changed" || what == "none" {
			require.ErrorIs(t, err, storage.ErrMismatch, what)
		}
		gone(t, s, o.Key)
	}
	for _, key := range []string{"", "/a", "a/", "a//b", "../a", "a/../b", ".a", "a/.b", "a b", "a\x00", "ä", `a\b`, strings.Repeat("k", 401)} {
		bad := o
		bad.Key = key
		require.ErrorIs(t, s.Put(ctx, bad, bytes.NewReader(b)), fault.Invalid, "%q", key)
		_, err := s.Stat(ctx, key)
		require.ErrorIs(t, err, fault.Invalid, "%q", key)
		require.ErrorIs(t, s.Delete(ctx, key), fault.Invalid, "%q", key)
	}
	require.Len(t, fault.FieldErrors(s.Put(ctx, storage.Object{Size: -1}, nil)), 4)
}

// Clients that put different objects under one key: one of them is there, whole.
func races(t *testing.T, s storage.Store) {
	ctx := t.Context()
	bodies := map[[sha256.Size]byte][]byte{}
	var wg sync.WaitGroup
	for range 8 {
		b := body(20_000)
		o := storage.Describe("race/one", "text/plain", b)
		bodies[o.SHA256] = b
		wg.Go(func() { _ = s.Put(ctx, o, bytes.NewReader(b)) })
	}
	wg.Wait()
	o, err := s.Stat(ctx, "race/one")
	require.NoError(t, err)
	require.NotNil(t, bodies[o.SHA256])
	require.Equal(t, bodies[o.SHA256], read(t, s, "race/one"), "whole, and the one that it says it is")
	require.NoError(t, s.Delete(ctx, "race/one"))
}

func lists(t *testing.T, s Signed) {
	ctx := t.Context()
	keys := []string{"list/a", "list/a-b", "list/a/x", "list/b/c/d", "list/z"}
	if s.AsFiles {
		keys[0] = "list/a.1"
		slices.Sort(keys)
	}
	for _, k := range append(keys, "listed") {
		require.NoError(t, s.Put(ctx, storage.Describe(k, "text/plain", []byte(k)), strings.NewReader(k)))
	}
	var got []string
	for after := ""; ; {
		page, err := s.List(ctx, "list/", after, 2)
		require.NoError(t, err)
		for _, e := range page {
			require.Equal(t, int64(len(e.Key)), e.Size)
			require.False(t, e.ModifiedAt.IsZero())
			got = append(got, e.Key)
		}
		if len(page) < 2 {
			break
		}
		after = page[1].Key
	}
	require.Equal(t, keys, got)
	none, err := s.List(ctx, "nothing/", "", 10)
	require.NoError(t, err)
	require.Empty(t, none)
}

func parts(t *testing.T, s Signed) {
	ctx := t.Context()
	b := body(2*s.PartSize + 1000)
	o := storage.Describe("parts/one", "video/mp4", b)
	cut := [][]byte{b[:s.PartSize], b[s.PartSize : 2*s.PartSize], b[2*s.PartSize:]}
	put := func(upload string, n int, b []byte) storage.Part {
		t.Helper()
		p, err := s.PutPart(ctx, o, upload, n, int64(len(b)), bytes.NewReader(b))
		require.NoError(t, err)
		return p
	}
	upload, err := s.StartParts(ctx, o)
	require.NoError(t, err)
	third := put(upload, 3, cut[2]) // in any order
	put(upload, 1, body(s.PartSize))
	first := put(upload, 1, cut[0]) // replaces it
	second := put(upload, 2, cut[1])
	gone(t, s, o.Key)
	require.ErrorIs(t, s.CompleteParts(ctx, o, upload, []storage.Part{first, second}), storage.ErrMismatch)
	require.ErrorIs(t, s.CompleteParts(ctx, o, upload, []storage.Part{first, first, third}), fault.Invalid)
	require.NoError(t, s.CompleteParts(ctx, o, upload, []storage.Part{third, first, second}))
	require.Equal(t, b, read(t, s, o.Key))

	wrong := o
	wrong.Key = "parts/wrong"
	upload, err = s.StartParts(ctx, wrong)
	require.NoError(t, err)
	var ps []storage.Part
	for n, c := range cut {
		c = bytes.Clone(c)
		c[0] ^= byte(n) // the second and the third are changed
		p, err := s.PutPart(ctx, wrong, upload, n+1, int64(len(c)), bytes.NewReader(c))
		require.NoError(t, err)
		ps = append(ps, p)
	}
	require.ErrorIs(t, s.CompleteParts(ctx, wrong, upload, ps), storage.ErrMismatch)
	gone(t, s, wrong.Key)

	upload, err = s.StartParts(ctx, wrong)
	require.NoError(t, err)
	require.NoError(t, s.AbortParts(ctx, wrong, upload))
	require.NoError(t, s.AbortParts(ctx, wrong, upload), "again")
	_, err = s.PutPart(ctx, wrong, upload, 1, 1, strings.NewReader("x"))
	require.ErrorIs(t, err, storage.ErrPartsNotFound)
	require.ErrorIs(t, s.CompleteParts(ctx, wrong, upload, ps), storage.ErrPartsNotFound)
	_, err = s.PutPart(ctx, o, upload, 0, 1, strings.NewReader("x"))
	require.ErrorIs(t, err, fault.Invalid)
}

// send sends a request as a client does.
func send(t *testing.T, r storage.Request, method string, body []byte, change func(*http.Request)) (int, []byte, http.Header) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, r.URL, bytes.NewReader(body))
	require.NoError(t, err)
	for k, v := range r.Header {
		if k != "Content-Length" {
			req.Header[k] = v
		}
	}
	if change != nil {
		change(req)
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, b, resp.Header
}

func uploads(t *testing.T, s storage.Store) {
	ctx := t.Context()
	b := body(30_000)
	changed := bytes.Clone(b)
	changed[7] ^= 1
	o := storage.Describe("signed/up", "application/pdf", b)
	r, err := s.SignUpload(ctx, o, time.Hour)
	require.NoError(t, err)
	other := func(from, to string) func(*http.Request) {
		return func(q *http.Request) {
			require.Contains(t, q.URL.String(), from)
			u := strings.Replace(q.URL.String(), from, to, 1)
			n, err := http.NewRequest(q.Method, u, nil)
			require.NoError(t, err)
			q.URL = n.URL
		}
	}
	for what, try := range map[string]struct {
		body   []byte
		change func(*http.Request)
	}{
		"another key":  {b, other("signed/up", "signed/UP")},
		"other bytes":  {changed, nil},
		"fewer bytes":  {b[:29_999], nil},
		"more bytes":   {append(bytes.Clone(b), 'x'), nil},
		"another type": {b, func(q *http.Request) { q.Header.Set("Content-Type", "text/html") }},
		"another hash": {changed, func(q *http.Request) {
			q.Header.Set(storage.ChecksumHeader, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
		}},
		"a signature of nobod": {b, other("ignature=", "ignature=0")},
	} {
		status, _, _ := send(t, r, http.MethodPut, try.body, try.change)
		require.GreaterOrEqual(t, status, 400, what)
		gone(t, s, o.Key)
		gone(t, s, "signed/UP")
	}
	status, text, _ := send(t, r, http.MethodPut, b, nil)
	require.Less(t, status, 300, string(text))
	require.Equal(t, b, read(t, s, o.Key))
	got, err := s.Stat(ctx, o.Key)
	require.NoError(t, err)
	require.Equal(t, o.Size, got.Size)
	require.Equal(t, o.Type, got.Type)
	require.Equal(t, o.SHA256, got.SHA256)
	for _, life := range []time.Duration{0, -time.Hour, storage.MaxSigned + time.Second} {
		_, err := s.SignUpload(ctx, o, life)
		require.ErrorIs(t, err, fault.Invalid, fmt.Sprint(life))
	}
}

func downloads(t *testing.T, s storage.Store) {
	b := body(10_000)
	o := storage.Describe("signed/down", "application/pdf", b)
	require.NoError(t, s.Put(t.Context(), o, bytes.NewReader(b)))
	r, err := s.SignDownload(t.Context(), o.Key, storage.Download{FileName: "Lease; \"A\".pdf", Lifetime: time.Hour})
	require.NoError(t, err)
	status, got, header := send(t, r, http.MethodGet, nil, nil)
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, b, got)
	require.Equal(t, o.Type, header.Get("Content-Type"))
	require.Contains(t, header.Get("Content-Disposition"), "attachment")
	for _, method := range []string{http.MethodPut, http.MethodDelete, http.MethodPost} {
		status, _, _ := send(t, r, method, nil, nil)
		require.GreaterOrEqual(t, status, 400, method)
	}
	require.Equal(t, b, read(t, s, o.Key))
	r.URL = strings.Replace(r.URL, "signed/down", "signed/up", 1)
	status, _, _ = send(t, r, http.MethodGet, nil, nil)
	require.GreaterOrEqual(t, status, 400)
}
