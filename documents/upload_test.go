package documents

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/documents/storage"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

func bytesReader(b []byte) io.Reader { return bytes.NewReader(b) }

// A client sends a file by a signed request, and the upload becomes a document once.
func TestUpload_signed(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	svc, owner := stored(t, served(t, nil)), person(t, tx)
	p := StartUploadParams{ID: id.New[Upload](), UploaderID: owner, FileName: "a.pdf", Type: "application/pdf", Size: int64(len(pdf)), SHA256: sha256.Sum256([]byte(pdf))}
	u, err := svc.StartUpload(ctx, tx, p)
	require.NoError(t, err)
	again, err := svc.StartUpload(ctx, tx, p)
	require.NoError(t, err)
	require.Equal(t, u.ID, again.ID)
	mine := SignUploadParams{u.ID, owner}
	_, err = svc.CompleteUpload(ctx, tx, CompleteUploadParams(mine))
	require.ErrorIs(t, err, storage.ErrNotFound)
	_, err = svc.AddDocument(ctx, tx, AddDocumentParams{OwnerID: owner, Name: "x", UploadID: &u.ID})
	require.ErrorIs(t, err, ErrUploadState)
	_, err = svc.SignUpload(ctx, tx, SignUploadParams{u.ID, person(t, tx)})
	require.ErrorIs(t, err, ErrUploadNotFound)
	r, err := svc.SignUpload(ctx, tx, mine)
	require.NoError(t, err)
	req, err := http.NewRequestWithContext(ctx, r.Method, r.URL, strings.NewReader(pdf))
	require.NoError(t, err)
	req.Header = r.Header
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusNoContent, resp.StatusCode)
	u, err = svc.CompleteUpload(ctx, tx, CompleteUploadParams(mine))
	require.NoError(t, err)
	require.Equal(t, UploadComplete, u.Status)
	_, err = svc.CompleteUpload(ctx, tx, CompleteUploadParams(mine))
	require.NoError(t, err, "again")
	_, err = svc.AddDocument(ctx, tx, AddDocumentParams{OwnerID: person(t, tx), Name: "x", UploadID: &u.ID})
	require.ErrorIs(t, err, ErrUploadState, "somebody else's")
	d, err := svc.AddDocument(ctx, tx, AddDocumentParams{OwnerID: owner, Name: "x", UploadID: &u.ID})
	require.NoError(t, err)
	require.Equal(t, p.SHA256, sha(d))
	_, err = svc.AddDocument(ctx, tx, AddDocumentParams{OwnerID: owner, Name: "y", UploadID: &u.ID})
	require.ErrorIs(t, err, ErrUploadState, "once")
	_, err = svc.AddDocument(ctx, tx, AddDocumentParams{OwnerID: owner, Name: "y", UploadID: &u.ID, File: file("x")})
	require.ErrorIs(t, err, fault.Invalid)

	got, err := svc.SignDownload(ctx, tx, SignDownloadParams{ID: d.ID, ViewerID: owner, Access: AccessDownload})
	require.NoError(t, err)
	resp, err = http.Get(got.URL)
	require.NoError(t, err)
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, pdf, string(b))
	require.Equal(t, `attachment; filename=a.pdf`, resp.Header.Get("Content-Disposition"))
	_, err = NewService(Config{}).StartUpload(ctx, tx, p)
	require.ErrorIs(t, err, ErrNoStorage)
	holds(t, tx)
}

// What is announced as one kind and is another is refused; what is a kind of the other
// is known by what it is.
func TestUpload_sniffed(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	svc, owner := stored(t, served(t, nil)), person(t, tx)
	for _, c := range []struct{ announced, body, want string }{
		{"application/pdf", pdf, "application/pdf"},
		{"", pdf, "application/pdf"},
		{"application/pdf", "<html><script>alert(1)</script>", ""},
		{"image/png", pdf, ""},
		{"text/html", pdf, ""},
		{"text/csv", "unit,rent\n1,900\n", "text/csv"},
		{"application/gzip", "\x1f\x8b\x08" + strings.Repeat("\x00", 100), "application/gzip"},
		{"application/pdf", "MZ\x90\x00", ""},
	} {
		u, err := svc.UploadFile(ctx, tx, UploadFileParams{UploaderID: owner, FileName: "a", Type: c.announced, Content: strings.NewReader(c.body)})
		if c.want == "" {
			require.ErrorIs(t, err, ErrUploadType, "%s %q", c.announced, c.body)
			continue
		}
		require.NoError(t, err, "%s %q", c.announced, c.body)
		require.Equal(t, c.want, u.FileType)
	}
}

// errKilled is a process that ends.
var errKilled = errors.New("killed")

// killer lets a process do so many steps on its storage, before or after which it ends.
type killer struct {
	storage.Store
	left  int
	after bool // the step is done, and its answer never comes
}

func (k *killer) step(do func() error) error {
	if k.left--; k.left == 0 {
		if k.after {
			_ = do()
		}
		return errKilled
	}
	if k.left < 0 {
		return errKilled
	}
	return do()
}

func (k *killer) Put(ctx context.Context, o storage.Object, r io.Reader) error {
	return k.step(func() error { return k.Store.Put(ctx, o, r) })
}

func (k *killer) Get(ctx context.Context, key string) (b io.ReadCloser, o storage.Object, err error) {
	err = k.step(func() error { b, o, err = k.Store.Get(ctx, key); return err })
	return b, o, err
}

func (k *killer) Delete(ctx context.Context, key string) error {
	return k.step(func() error { return k.Store.Delete(ctx, key) })
}

func (k *killer) List(ctx context.Context, prefix, after string, limit int) (e []storage.Entry, err error) {
	err = k.step(func() error { e, err = k.Store.List(ctx, prefix, after, limit); return err })
	return e, err
}

// steps is a process that uploads a file, makes a document of it and sweeps; it ends
// after so many transactions and storage steps. clock is where it thinks it is.
func steps(ctx context.Context, db *bun.DB, k *killer, owner id.Of[auth.User], clock time.Time) error {
	svc := NewService(Config{Storage: k, Now: func() time.Time { return clock }})
	commit := func(do func(tx bun.IDB) error) error {
		if k.left--; k.left == 0 && !k.after || k.left < 0 {
			return errKilled
		}
		err := store.InTx(ctx, db, do)
		if k.left == 0 {
			return errKilled // it committed
		}
		return err
	}
	var u *Upload
	body := fmt.Sprintf("%s%d %v", pdf, k.left, k.after)
	err := commit(func(tx bun.IDB) (err error) {
		u, err = svc.StartUpload(ctx, tx, StartUploadParams{UploaderID: owner, FileName: "a.pdf", Type: "application/pdf", Size: int64(len(body)), SHA256: sha256.Sum256([]byte(body))})
		return err
	})
	if err != nil {
		return err
	}
	if err := k.Put(ctx, u.object(u.FileType), strings.NewReader(body)); err != nil {
		return err
	}
	if err := commit(func(tx bun.IDB) error {
		_, err := svc.CompleteUpload(ctx, tx, CompleteUploadParams{u.ID, owner})
		return err
	}); err != nil {
		return err
	}
	if err := commit(func(tx bun.IDB) error {
		_, err := svc.AddDocument(ctx, tx, AddDocumentParams{OwnerID: owner, Name: "kept", UploadID: &u.ID})
		return err
	}); err != nil {
		return err
	}
	// Two days later the same process sweeps.
	_, err = NewService(Config{Storage: k, Now: func() time.Time { return clock.Add(48 * time.Hour) }}).SweepUploads(ctx, db, SweepUploadsParams{})
	return err
}

// dangling counts the documents whose bytes are not there, and the objects that nothing
// names.
func dangling(t *testing.T, db *bun.DB, s storage.Store) (lost, orphans, documents int) {
	t.Helper()
	var urls []string
	require.NoError(t, db.NewRaw("SELECT storage_url FROM documents.documents").Scan(t.Context(), &urls))
	named := map[string]bool{}
	for _, u := range urls {
		key := strings.TrimPrefix(u, objectURL)
		named[key] = true
		r, _, err := s.Get(t.Context(), key)
		if err == nil {
			_, err = io.Copy(io.Discard, r)
			_ = r.Close()
		}
		if err != nil {
			lost++
		}
	}
	list, err := s.List(t.Context(), "", "", 10_000)
	require.NoError(t, err)
	for _, e := range list {
		if !named[e.Key] {
			orphans++
		}
	}
	return lost, orphans, len(urls)
}

// A process that is killed at every step, before or after it, loses no document's bytes;
// what it left is gone after a sweep. A careless one, which names an object in a row
// before it is there or removes by age alone, loses: the count would find it.
func TestUpload_killedAtEveryStep(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	start := time.Now().UTC()
	mem := storage.NewMemory(storage.MemoryConfig{Now: func() time.Time { return start }})
	owner := person(t, db)
	killed, finished := 0, 0
	for _, after := range []bool{false, true} {
		for n := 1; ; n++ {
			err := steps(ctx, db, &killer{Store: mem, left: n, after: after}, owner, start)
			if err == nil {
				finished++
				break
			}
			require.ErrorIs(t, err, errKilled)
			killed++
			lost, _, _ := dangling(t, db, mem)
			require.Zero(t, lost, "killed at step %d", n)
		}
	}
	require.GreaterOrEqual(t, killed, 10)
	svc := NewService(Config{Storage: mem, Now: func() time.Time { return start.Add(48 * time.Hour) }})
	require.ErrorIs(t, store.InTx(ctx, db, func(tx bun.IDB) error { // a transaction whose object arrived and that was rolled back
		_, err := svc.UploadFile(ctx, tx, UploadFileParams{UploaderID: owner, FileName: "a", Content: strings.NewReader(pdf)})
		require.NoError(t, err)
		return errKilled
	}), errKilled)
	_, orphans, _ := dangling(t, db, mem)
	require.NotZero(t, orphans, "the kills left something to sweep")
	report, err := svc.SweepUploads(ctx, db, SweepUploadsParams{})
	require.NoError(t, err)
	require.NotZero(t, report.Orphans)
	lost, orphans, kept := dangling(t, db, mem)
	require.Equal(t, [2]int{0, 0}, [2]int{lost, orphans})
	require.GreaterOrEqual(t, kept, finished+1)
	holds(t, db)
	t.Logf("%d kills, %d documents kept, nothing lost; swept at the end: %+v", killed, kept, *report)

	// The control: age alone is no reason.
	list, err := mem.List(ctx, "", "", 10_000)
	require.NoError(t, err)
	for _, e := range list {
		require.NoError(t, mem.Delete(ctx, e.Key))
	}
	lost, _, _ = dangling(t, db, mem)
	require.Equal(t, kept, lost, "who removes by age alone loses everything")
}

// Two sweeps at once, and uploads that are made documents meanwhile: nothing is lost.
func TestSweepUploads_races(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	start := time.Now().UTC()
	mem := storage.NewMemory(storage.MemoryConfig{Now: func() time.Time { return start }})
	early := NewService(Config{Storage: mem, Now: func() time.Time { return start }})
	late := NewService(Config{Storage: mem, Now: func() time.Time { return start.Add(48 * time.Hour) }})
	owner := person(t, db)
	var made []*Upload
	for i := range 16 {
		u, err := early.UploadFile(ctx, db, UploadFileParams{UploaderID: owner, FileName: "a", Content: strings.NewReader(fmt.Sprint(pdf, i))})
		require.NoError(t, err)
		made = append(made, u)
	}
	var wg sync.WaitGroup
	errs := make([]error, len(made))
	for i, u := range made {
		wg.Go(func() {
			_, errs[i] = late.AddDocument(ctx, db, AddDocumentParams{OwnerID: owner, Name: "x", UploadID: &u.ID})
		})
	}
	for range 2 {
		wg.Go(func() { _, _ = late.SweepUploads(ctx, db, SweepUploadsParams{}) })
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		require.ErrorIs(t, err, ErrUploadState)
	}
	_, err := late.SweepUploads(ctx, db, SweepUploadsParams{})
	require.NoError(t, err)
	lost, orphans, n := dangling(t, db, mem)
	require.Equal(t, [3]int{0, 0, won}, [3]int{lost, orphans, n})
	_, err = late.SweepUploads(ctx, pgtest.Tx(t), SweepUploadsParams{})
	require.ErrorIs(t, err, auth.ErrPoolRequired)
	holds(t, db)
}
