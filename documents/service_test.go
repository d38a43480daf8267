package documents

import (
	"context"
	"crypto/sha256"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/builders"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

var base = time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)

func service() *Service { return NewService(Config{Now: func() time.Time { return base }}) }

func ptr[T any](v T) *T { return &v }

func person(t *testing.T, db bun.IDB) id.Of[auth.User] {
	t.Helper()
	return builders.User(t, db).ID
}

func insert(t *testing.T, db bun.IDB, row any) error {
	t.Helper()
	return builders.Insert(t, db, constraints, row)
}

func file(content string) File {
	return File{
		Name: "a.pdf", Type: "application/pdf", Size: 3 << 31, // beyond 32 bits
		SHA256: sha256.Sum256([]byte(content)), StorageURL: "s3://bucket/" + content,
	}
}

func add(t *testing.T, db bun.IDB, owner id.Of[auth.User]) *Document {
	t.Helper()
	d, err := service().AddDocument(t.Context(), db, AddDocumentParams{
		OwnerID: owner, Name: "Agreement", File: file("one"), Type: ptr(TypeContract), Category: ptr(CategoryLegal),
		Tags: []string{"2026", "k-1"}, Metadata: map[string]any{"deal": "Elm Street"}, RequiresSignature: true,
	})
	require.NoError(t, err)
	return d
}

func TestAddDocument(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	d := add(t, tx, person(t, tx))
	got, err := service().Document(ctx, tx, DocumentParams{ID: d.ID, ViewerID: d.OwnerID})
	require.NoError(t, err)
	require.Equal(t, 1, got.Version)
	require.True(t, got.IsLatestVersion)
	require.Equal(t, got.ID, got.Root())
	require.Equal(t, VisibilityPrivate, got.Visibility)
	require.Equal(t, int64(3<<31), *got.FileSize)
	require.Equal(t, "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed", *got.FileHash, "the SHA-256 of one")
	require.Equal(t, []string{"2026", "k-1"}, got.Tags)
	require.Equal(t, map[string]any{"deal": "Elm Street"}, got.Metadata)
	require.True(t, got.UploadedAt.Equal(base))

	_, err = service().AddDocument(ctx, tx, AddDocumentParams{ID: d.ID, OwnerID: d.OwnerID, Name: "x", File: file("x")})
	require.ErrorIs(t, err, store.ErrExists)
	_, err = service().AddDocument(ctx, tx, AddDocumentParams{OwnerID: id.New[auth.User](), Name: "x", File: file("x")})
	require.ErrorIs(t, err, store.ErrReference)
	_, err = service().Document(ctx, tx, DocumentParams{ID: id.New[Document](), AsPlatform: true})
	require.ErrorIs(t, err, ErrDocumentNotFound)
}

func TestAddDocument_reportsEveryField(t *testing.T) {
	t.Parallel()
	_, err := service().AddDocument(t.Context(), pgtest.Tx(t), AddDocumentParams{
		Name: strings.Repeat("é", 256), File: File{Size: -1}, Type: ptr(Type("x")), Category: ptr(Category("x")), Visibility: "x",
	})
	require.Equal(t, []string{
		"owner_id", "name", "file.name", "file.type", "file.storage_url", "file.size", "file.sha256", "type", "category", "visibility",
	}, fieldsOf(err))
}

func fieldsOf(err error) (fields []string) {
	for _, e := range fault.FieldErrors(err) {
		fields = append(fields, e.Field)
	}
	return fields
}

func TestAddVersion(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), service()
	first := add(t, tx, person(t, tx))
	second, err := svc.AddVersion(ctx, tx, AddVersionParams{DocumentID: first.ID, ActorID: first.OwnerID, File: file("two")})
	require.NoError(t, err)
	third, err := svc.AddVersion(ctx, tx, AddVersionParams{DocumentID: second.ID, ActorID: second.OwnerID, File: file("three")}) // of any version
	require.NoError(t, err)
	fourth, err := svc.AddVersion(ctx, tx, AddVersionParams{DocumentID: first.ID, ActorID: first.OwnerID, File: file("four")})
	require.NoError(t, err)
	for i, d := range []*Document{second, third, fourth} {
		require.Equal(t, i+2, d.Version)
		require.Equal(t, first.ID, d.Root())
	}

	all, err := svc.Documents(ctx, tx, DocumentFilter{AsPlatform: true, OwnerID: &first.OwnerID, AllVersions: true}, page.Request{})
	require.NoError(t, err)
	require.Len(t, all.Items, 4)
	latest, err := svc.Documents(ctx, tx, DocumentFilter{AsPlatform: true, OwnerID: &first.OwnerID, Tag: "k-1", Type: ptr(TypeContract), Category: ptr(CategoryLegal)}, page.Request{})
	require.NoError(t, err)
	require.Len(t, latest.Items, 1)
	require.Equal(t, fourth.ID, latest.Items[0].ID)
	require.Equal(t, "Agreement", latest.Items[0].Name, "taken over")
	require.Equal(t, "s3://bucket/four", *latest.Items[0].StorageURL)
	none, err := svc.Documents(ctx, tx, DocumentFilter{AsPlatform: true, OwnerID: &first.OwnerID, Tag: "k"}, page.Request{})
	require.NoError(t, err)
	require.Empty(t, none.Items)

	_, err = svc.Documents(ctx, tx, DocumentFilter{AsPlatform: true, Tag: "\xff", Folder: ptr("\x00"), Type: ptr(Type("x")), Category: ptr(Category("x"))}, page.Request{})
	require.Equal(t, []string{"type", "category", "tag", "folder"}, fieldsOf(err))

	_, err = svc.AddVersion(ctx, tx, AddVersionParams{DocumentID: id.New[Document](), ActorID: first.OwnerID, File: file("x")})
	require.ErrorIs(t, err, ErrDocumentNotFound)
	_, err = svc.AddVersion(ctx, tx, AddVersionParams{DocumentID: first.ID, ActorID: first.OwnerID, File: File{}})
	require.ErrorIs(t, err, fault.Invalid)
}

// Sixty-four versions added at once get the numbers 2 to 65, and one is the latest.
func TestAddVersion_concurrent(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), service()
	d := add(t, db, person(t, db))
	var wg sync.WaitGroup
	errs, versions := make([]error, 64), make([]int, 64)
	for i := range 64 {
		wg.Go(func() {
			v, err := svc.AddVersion(ctx, db, AddVersionParams{DocumentID: d.ID, ActorID: d.OwnerID, File: file(strconv.Itoa(i))})
			if errs[i] = err; err == nil {
				versions[i] = v.Version
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	slices.Sort(versions)
	for i, v := range versions {
		require.Equal(t, i+2, v)
	}
	p, err := svc.Documents(ctx, db, DocumentFilter{AsPlatform: true}, page.Request{})
	require.NoError(t, err)
	require.Len(t, p.Items, 1)
	require.Equal(t, 65, p.Items[0].Version)
}

// A version whose deadline strikes midway leaves nothing in the caller's
// transaction.
func TestAddVersion_cancelled(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	d := add(t, tx, person(t, tx))
	ctx, cancel := context.WithCancel(t.Context())
	err := store.InTx(ctx, tx, func(inner bun.IDB) error {
		_, err := service().AddVersion(ctx, inner, AddVersionParams{DocumentID: d.ID, ActorID: d.OwnerID, File: file("two")})
		cancel()
		return err
	})
	require.ErrorIs(t, err, context.Canceled)
	got, err := service().Documents(t.Context(), tx, DocumentFilter{AsPlatform: true, OwnerID: &d.OwnerID, AllVersions: true}, page.Request{})
	require.NoError(t, err)
	require.Len(t, got.Items, 1)
	require.True(t, got.Items[0].IsLatestVersion)
}

// The rules of documents and shares, each violated once.
func TestSchema_refusals(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	owner, friend := person(t, tx), person(t, tx)
	d := add(t, tx, owner)
	doc := func(change func(*Document)) *Document {
		c := *d
		c.ID = id.New[Document]()
		change(&c)
		return &c
	}
	for i, c := range []struct {
		row  *Document
		want error
	}{
		{doc(func(c *Document) { c.ParentDocumentID, c.Version = &d.ID, 2 }), ErrVersionExists},
		{doc(func(c *Document) { c.ParentDocumentID, c.Version, c.IsLatestVersion = &d.ID, 1, false }), ErrLineage},
		{doc(func(c *Document) { c.ParentDocumentID, c.Version = &c.ID, 2 }), ErrLineage},
		{doc(func(c *Document) { c.FileHash = ptr("ABC") }), store.ErrCheck},
		{doc(func(c *Document) { c.Version = 0 }), store.ErrCheck},
		{doc(func(c *Document) { c.Visibility = "" }), store.ErrCheck},
	} {
		require.ErrorIs(t, insert(t, tx, c.row), c.want, strconv.Itoa(i))
	}

	share := func() *Share {
		return &Share{ID: id.New[Share](), DocumentID: d.ID, SharedBy: owner, SharedWith: friend, CanView: true, SharedAt: base, CreatedAt: base, UpdatedAt: base}
	}
	s := share()
	require.NoError(t, insert(t, tx, s))
	require.True(t, s.Live(base))
	require.ErrorIs(t, insert(t, tx, share()), ErrShared)
	s.RevokedAt = &base
	_, err := tx.NewUpdate().Model(s).Column("revoked_at").WherePK().Exec(t.Context())
	require.NoError(t, err)
	require.False(t, s.Live(base))
	require.NoError(t, insert(t, tx, share()), "revoked, and shared again")

	_, err = tx.NewDelete().Model(d).WherePK().Exec(t.Context())
	require.NoError(t, err, "nothing was signed")
}

// Signatures are legal records: their states agree with their times, who
// declined may be asked again.
func TestSignatures(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	owner, signer := person(t, tx), person(t, tx)
	d := add(t, tx, owner)
	sig := func(change func(*Signature)) *Signature {
		s := &Signature{ID: id.New[Signature](), DocumentID: d.ID, SignerID: signer, Status: SignaturePending, RequestedAt: base, CreatedAt: base, UpdatedAt: base}
		change(s)
		return s
	}
	declined := sig(func(s *Signature) { s.Status, s.DeclinedAt = SignatureDeclined, &base })
	require.NoError(t, insert(t, tx, declined))
	s := sig(func(s *Signature) { s.IPAddress = ptr(netip.MustParseAddr("192.0.2.7")) })
	require.NoError(t, insert(t, tx, s), "declined once, asked again")
	require.ErrorIs(t, insert(t, tx, sig(func(*Signature) {})), ErrSignatureRequested)
	require.ErrorIs(t, insert(t, tx, sig(func(s *Signature) { s.SignerID, s.Status = owner, SignatureSigned })), ErrSignatureState)
	require.ErrorIs(t, insert(t, tx, sig(func(s *Signature) { s.SignerID, s.DeclinedAt = owner, &base })), ErrSignatureState)

	err := store.InTx(ctx, tx, func(tx bun.IDB) error {
		_, err := tx.NewDelete().Model(d).WherePK().Exec(ctx)
		return store.Err(err, constraints)
	})
	require.ErrorIs(t, err, store.ErrReferenced, "a document with signatures stays")
}

// A verb that ran and whose answer was lost runs again, with the id that its
// caller chose: it finds its own row.
func TestAdd_again(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), service()
	p := AddDocumentParams{ID: id.New[Document](), OwnerID: person(t, tx), Name: "Agreement", File: file("one")}
	first, err := svc.AddDocument(ctx, tx, p)
	require.NoError(t, err)
	v := AddVersionParams{ID: id.New[Document](), ActorID: p.OwnerID, DocumentID: first.ID, File: file("two")}
	second, err := svc.AddVersion(ctx, tx, v)
	require.NoError(t, err)

	again, err := svc.AddDocument(ctx, tx, p)
	require.NoError(t, err)
	require.Equal(t, first.ID, again.ID)
	require.False(t, again.IsLatestVersion, "as it is then")
	next, err := svc.AddVersion(ctx, tx, v)
	require.NoError(t, err)
	require.Equal(t, second.Version, next.Version)
	v.File = file("three")
	_, err = svc.AddVersion(ctx, tx, v)
	require.ErrorIs(t, err, store.ErrExists)
	p.Name = "Another"
	_, err = svc.AddDocument(ctx, tx, p)
	require.ErrorIs(t, err, store.ErrExists)
	all, err := svc.Documents(ctx, tx, DocumentFilter{AsPlatform: true, OwnerID: &p.OwnerID, AllVersions: true}, page.Request{})
	require.NoError(t, err)
	require.Len(t, all.Items, 2)
}
