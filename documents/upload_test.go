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

// process is one that uploads a file and makes a document of it, in transactions and steps
// of its storage. clock is where it thinks it is.
type process struct {
	*killer
	db    *bun.DB
	owner id.Of[auth.User]
	clock time.Time
}

func (p process) service(later time.Duration) *Service {
	return NewService(Config{Storage: p.killer, Now: func() time.Time { return p.clock.Add(later) }})
}

// commit is a step that is a transaction.
func (p process) commit(ctx context.Context, do func(tx bun.IDB) error) error {
	return p.step(func() error { return store.InTx(ctx, p.db, do) })
}

// body is other bytes in each run.
func (p process) body() string { return fmt.Sprintf("%s%d %v", pdf, p.left, p.after) }

// keep uploads a file, and makes a document of it.
func (p process) keep(ctx context.Context) error {
	svc, body := p.service(0), p.body()
	var u *Upload
	if err := p.commit(ctx, func(tx bun.IDB) (err error) {
		u, err = svc.StartUpload(ctx, tx, StartUploadParams{UploaderID: p.owner, FileName: "a.pdf", Type: "application/pdf", Size: int64(len(body)), SHA256: sha256.Sum256([]byte(body))})
		return err
	}); err != nil {
		return err
	}
	if err := p.Put(ctx, u.object(u.FileType), strings.NewReader(body)); err != nil {
		return err
	}
	if err := p.commit(ctx, func(tx bun.IDB) error {
		_, err := svc.CompleteUpload(ctx, tx, CompleteUploadParams{u.ID, p.owner})
		return err
	}); err != nil {
		return err
	}
	return p.commit(ctx, func(tx bun.IDB) error {
		_, err := svc.AddDocument(ctx, tx, AddDocumentParams{OwnerID: p.owner, Name: "kept", UploadID: &u.ID})
		return err
	})
}

// careful keeps a file, and sweeps two days later.
func careful(ctx context.Context, p process) error {
	if err := p.keep(ctx); err != nil {
		return err
	}
	_, err := p.service(48*time.Hour).SweepUploads(ctx, p.db, SweepUploadsParams{})
	return err
}

// namesFirst writes the row of the document, and then the object.
func namesFirst(ctx context.Context, p process) error {
	body := p.body()
	o := storage.Describe(keyPrefix+id.New[Upload]().String(), "application/pdf", []byte(body))
	if err := p.commit(ctx, func(tx bun.IDB) error {
		d := &Document{ID: id.New[Document](), OwnerID: p.owner, Name: "named", Version: 1, IsLatestVersion: true, Visibility: VisibilityPrivate,
			StorageURL: ptr(objectURL + o.Key), UploadedAt: p.clock, CreatedAt: p.clock, UpdatedAt: p.clock}
		return documents.Insert(ctx, tx, d)
	}); err != nil {
		return err
	}
	return p.Put(ctx, o, strings.NewReader(body))
}

// sweepsByAge keeps a file, and removes what is older than a day.
func sweepsByAge(ctx context.Context, p process) error {
	if err := p.keep(ctx); err != nil {
		return err
	}
	list, err := p.List(ctx, "", "", 10_000)
	for _, e := range list {
		if e.ModifiedAt.Before(p.clock.Add(24 * time.Hour)) {
			err = errors.Join(err, p.Delete(ctx, e.Key))
		}
	}
	return err
}

// killedEverywhere runs a process again and again, which ends one step later each time,
// before the step and behind it. It returns how often it was killed, and how many
// documents had lost their bytes at the worst.
func killedEverywhere(t *testing.T, mem *storage.Memory, p process, run func(context.Context, process) error) (killed, lost int) {
	t.Helper()
	for _, after := range []bool{false, true} {
		for n := 1; ; n++ {
			p.killer = &killer{Store: mem, left: n, after: after}
			err := run(t.Context(), p)
			gone, _, _ := dangling(t, p.db, mem)
			lost = max(lost, gone)
			if err == nil {
				break
			}
			require.ErrorIs(t, err, errKilled)
			killed++
		}
	}
	return killed, lost
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
// what it left is gone after a sweep. Careless ones lose, and the count finds that.
func TestUpload_killedAtEveryStep(t *testing.T) {
	t.Parallel()
	start := time.Now().UTC()
	begin := func() (*storage.Memory, process) {
		db := pgtest.Clone(t)
		return storage.NewMemory(storage.MemoryConfig{Now: func() time.Time { return start }}), process{db: db, owner: person(t, db), clock: start}
	}
	mem, p := begin()
	killed, lost := killedEverywhere(t, mem, p, careful)
	require.GreaterOrEqual(t, killed, 10)
	require.Zero(t, lost)

	ctx, db := t.Context(), p.db
	svc := NewService(Config{Storage: mem, Now: func() time.Time { return start.Add(48 * time.Hour) }})
	require.ErrorIs(t, store.InTx(ctx, db, func(tx bun.IDB) error { // a transaction whose object arrived and that was rolled back
		_, err := svc.UploadFile(ctx, tx, UploadFileParams{UploaderID: p.owner, FileName: "a", Content: strings.NewReader(pdf)})
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
	require.GreaterOrEqual(t, kept, 3)
	holds(t, db)
	t.Logf("%d kills, %d documents kept, nothing lost; swept at the end: %+v", killed, kept, *report)

	for what, careless := range map[string]func(context.Context, process) error{"names first": namesFirst, "sweeps by age": sweepsByAge} {
		mem, p := begin()
		killed, lost := killedEverywhere(t, mem, p, careless)
		require.Positive(t, lost, what)
		t.Logf("control: who %s was killed %d times and lost %d documents", what, killed, lost)
	}
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
