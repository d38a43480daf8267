package storage_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/documents/storage"
	"github.com/freehold-go/freehold/internal/storagetest"
	"github.com/freehold-go/freehold/realestate/fault"
)

// served is a server whose handler comes later than its address.
func served(t *testing.T, now func() time.Time) (*storage.Signer, func(storage.Store)) {
	t.Helper()
	var handler atomic.Pointer[http.Handler]
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*handler.Load()).ServeHTTP(w, r) }))
	t.Cleanup(srv.Close)
	signer, err := storage.NewSigner(storage.SignerConfig{BaseURL: srv.URL + "/files", Key: bytes.Repeat([]byte("k3y!"), 8), Now: now})
	require.NoError(t, err)
	return signer, func(s storage.Store) {
		h := storage.Handler(s, signer)
		handler.Store(&h)
	}
}

func local(t *testing.T, dir string, signer *storage.Signer) *storage.Local {
	t.Helper()
	s, err := storage.OpenLocal(dir, storage.LocalConfig{Signer: signer})
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestLocal(t *testing.T) {
	t.Parallel()
	signer, serve := served(t, nil)
	dir := t.TempDir()
	s := local(t, dir, signer)
	serve(s)
	storagetest.Run(t, storagetest.Signed{Store: s, PartSize: 50_000})
	for _, folder := range []string{"new", "parts"} {
		left, err := os.ReadDir(filepath.Join(dir, folder))
		require.NoError(t, err)
		if folder == "new" {
			require.Empty(t, left, "what failed leaves no file")
		}
	}
}

func TestMemory(t *testing.T) {
	t.Parallel()
	signer, serve := served(t, nil)
	s := storage.NewMemory(storage.MemoryConfig{Signer: signer})
	serve(s)
	storagetest.Run(t, storagetest.Signed{Store: s, PartSize: 50_000})
}

// Whatever byte of a stored file changes, no reader gets all of it; a link in the folder
// leads nowhere.
func TestLocal_corrupt(t *testing.T) {
	t.Parallel()
	ctx, dir := t.Context(), t.TempDir()
	s := local(t, dir, nil)
	body := []byte("the bytes of a paper")
	o := storage.Describe("a/b", "text/plain", body)
	require.NoError(t, s.Put(ctx, o, bytes.NewReader(body)))
	file := filepath.Join(dir, "objects", "a", "b@")
	whole, err := os.ReadFile(file)
	require.NoError(t, err)
	head := whole[:len(whole)-len(body)]
	for i := range body {
		changed := bytes.Clone(body)
		changed[i] ^= 0x20
		require.NoError(t, os.WriteFile(file, append(bytes.Clone(head), changed...), 0o600))
		r, _, err := s.Get(ctx, o.Key)
		require.NoError(t, err)
		got, err := io.ReadAll(r)
		require.ErrorIs(t, err, storage.ErrCorrupt)
		require.Less(t, len(got), len(body))
		require.NoError(t, r.Close())
	}
	for _, changed := range [][]byte{body[:5], append(bytes.Clone(body), 'x'), {}} {
		require.NoError(t, os.WriteFile(file, append(bytes.Clone(head), changed...), 0o600))
		r, _, err := s.Get(ctx, o.Key)
		require.NoError(t, err)
		_, err = io.ReadAll(r)
		require.ErrorIs(t, err, storage.ErrCorrupt)
		require.NoError(t, r.Close())
	}
	require.NoError(t, os.WriteFile(file, head[:100], 0o600))
	_, _, err = s.Get(ctx, o.Key)
	require.ErrorIs(t, err, storage.ErrCorrupt)
	outside := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(outside, []byte("secret"), 0o600))
	require.NoError(t, os.Symlink(outside, filepath.Join(dir, "objects", "link@")))
	_, _, err = s.Get(ctx, "link")
	require.Error(t, err)
	require.NotContains(t, err.Error(), outside)
}

// A signed request is good until its time, and needs a signer.
func TestSigned_expire(t *testing.T) {
	t.Parallel()
	var later atomic.Int64
	signer, serve := served(t, func() time.Time { return time.Now().Add(time.Duration(later.Load())) })
	s := storage.NewMemory(storage.MemoryConfig{Signer: signer})
	serve(s)
	body := []byte("%PDF-1.7")
	require.NoError(t, s.Put(t.Context(), storage.Describe("a", "application/pdf", body), bytes.NewReader(body)))
	r, err := s.SignDownload(t.Context(), "a", storage.Download{Lifetime: time.Minute})
	require.NoError(t, err)
	get := func() int {
		resp, err := http.Get(r.URL)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		return resp.StatusCode
	}
	require.Equal(t, http.StatusOK, get())
	later.Store(int64(2 * time.Minute))
	require.Equal(t, http.StatusForbidden, get())

	unsigned := storage.NewMemory(storage.MemoryConfig{})
	_, err = unsigned.SignDownload(t.Context(), "a", storage.Download{Lifetime: time.Minute})
	require.ErrorIs(t, err, storage.ErrNoSigner)
	for _, cfg := range []storage.SignerConfig{{}, {BaseURL: "ftp://x", Key: make([]byte, 31)}, {BaseURL: "https://x?y", Key: make([]byte, 1)}} {
		_, err := storage.NewSigner(cfg)
		require.Len(t, fault.FieldErrors(err), 2)
	}
}

// A server in front of the disk that stops in the middle of a file leaves nothing under
// the key; after another start the object can be put.
func TestLocal_restart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := local(t, dir, nil)
	body := strings.Repeat("x", 100_000)
	o := storage.Describe("a", "text/plain", []byte(body))
	ctx, cancel := context.WithCancel(t.Context())
	err := s.Put(ctx, o, io.MultiReader(strings.NewReader(body[:50_000]), reader(func() { cancel() }), strings.NewReader(body[50_000:])))
	require.ErrorIs(t, err, context.Canceled)
	require.NoError(t, s.Close())
	again := local(t, dir, nil)
	_, err = again.Stat(t.Context(), "a")
	require.ErrorIs(t, err, storage.ErrNotFound)
	require.NoError(t, again.Put(t.Context(), o, strings.NewReader(body)))
	require.NoError(t, again.Put(t.Context(), o, strings.NewReader(body)))
}

// reader does something where it is read, and has no bytes.
type reader func()

func (r reader) Read([]byte) (int, error) { r(); return 0, io.EOF }
