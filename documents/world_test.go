package documents

import (
	"bytes"
	"context"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/documents/storage"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// stored is a service with a storage, roles and a clock that is the machine's.
func stored(t *testing.T, s storage.Store) *Service {
	t.Helper()
	return NewService(Config{Storage: s, Can: auth.New(auth.Config{}).Access.Can})
}

// served is a store in memory whose signed requests reach it.
func served(t *testing.T, now func() time.Time) *storage.Memory {
	t.Helper()
	var h http.Handler
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(w, r) }))
	t.Cleanup(srv.Close)
	signer, err := storage.NewSigner(storage.SignerConfig{BaseURL: srv.URL, Key: bytes.Repeat([]byte("k3y!"), 8), Now: now})
	require.NoError(t, err)
	s := storage.NewMemory(storage.MemoryConfig{Signer: signer, Now: now})
	h = storage.Handler(s, signer)
	return s
}

// sig is the verbs on signatures of the same configuration.
func (s *Service) sig() *Signatures { return &Signatures{s.core} }

const pdf = "%PDF-1.7\n% a paper\n"

// paper uploads bytes and makes a document of them.
func paper(t *testing.T, db bun.IDB, svc *Service, owner id.Of[auth.User], body string, with ...func(*AddDocumentParams)) *Document {
	t.Helper()
	u, err := svc.UploadFile(t.Context(), db, UploadFileParams{UploaderID: owner, FileName: "paper.pdf", Content: strings.NewReader(body)})
	require.NoError(t, err)
	p := AddDocumentParams{OwnerID: owner, Name: "Paper", UploadID: &u.ID}
	for _, f := range with {
		f(&p)
	}
	d, err := svc.AddDocument(t.Context(), db, p)
	require.NoError(t, err)
	return d
}

func role(t *testing.T, db bun.IDB, who id.Of[auth.User], r auth.Role) {
	t.Helper()
	_, err := db.NewRaw("INSERT INTO auth.role_grants (user_id, role) VALUES (?, ?)", who, r).Exec(t.Context())
	require.NoError(t, err)
}

func readAll(t *testing.T, c *Content, err error) string {
	t.Helper()
	require.NoError(t, err)
	defer func() { _ = c.Body.Close() }()
	b, err := io.ReadAll(c.Body)
	require.NoError(t, err)
	return string(b)
}

// holds runs the invariants of the domain.
func holds(t *testing.T, db bun.IDB) {
	t.Helper()
	for _, inv := range Invariants() {
		var n int
		require.NoError(t, db.NewRaw("SELECT count(*) FROM ("+inv.Query+") AS violations").Scan(t.Context(), &n), inv.Name)
		require.Zero(t, n, inv.Name)
	}
}

// within runs something in a savepoint, so that a refusal leaves the transaction usable.
func within(t *testing.T, db bun.IDB, do func(ctx context.Context, tx bun.IDB) error) error {
	t.Helper()
	return store.InTx(t.Context(), db, func(tx bun.IDB) error { return do(t.Context(), tx) })
}

func sha(d *Document) (sum [32]byte) {
	_, _ = hex.Decode(sum[:], []byte(*d.FileHash))
	return sum
}
