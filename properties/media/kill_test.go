package media_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/color"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/documents"
	"github.com/freehold-go/freehold/documents/storage"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/properties/media"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/realestatetest"
)

// errKilled is a process that ends.
var errKilled = errors.New("killed")

// killer lets a process do so many steps, before or after which it ends. A step is a call of
// the storage or the end of a transaction of media's; what a process has done between two of
// them is undone with its transaction, so that there are no other places to end in.
type killer struct {
	storage.Store
	left  int
	after bool // the step is done, and its answer never comes
}

func (k *killer) step(do func() error) error {
	if k.left--; k.left == 0 && k.after {
		_ = do()
	}
	if k.left <= 0 {
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

// process is one that keeps photos.
type process struct {
	*killer
	db       *bun.DB
	who      id.Of[auth.User]
	property id.Of[properties.Property]
	picture  []byte
	clock    time.Time
}

func (p process) media() *media.Service {
	commit := func(context.Context, bun.IDB, []store.Emission) error { return p.step(func() error { return nil }) }
	return media.NewService(media.Config{Storage: p.killer, Now: func() time.Time { return p.clock }, Hooks: []store.Hook{commit}})
}

func (p process) papers(later time.Duration) *documents.Service {
	return documents.NewService(documents.Config{Storage: p.killer, Now: func() time.Time { return p.clock.Add(later) }})
}

// keep makes a photo of a file.
func (p process) keep(ctx context.Context) (*media.Photo, error) {
	u, err := p.papers(0).UploadFile(ctx, p.db, documents.UploadFileParams{UploaderID: p.who, FileName: "a.jpg", Content: bytes.NewReader(p.picture)})
	if err != nil {
		return nil, err
	}
	return p.media().AddPhoto(ctx, p.db, media.AddPhotoParams{PropertyID: p.property, UploadID: &u.ID, UploaderID: p.who})
}

// careful keeps one photo, deletes another, and sweeps two days later.
func careful(ctx context.Context, p process) error {
	if _, err := p.keep(ctx); err != nil {
		return err
	}
	other, err := p.keep(ctx)
	if err != nil {
		return err
	}
	if err := p.media().DeletePhoto(ctx, p.db, other.ID); err != nil {
		return err
	}
	_, err = p.papers(48*time.Hour).SweepUploads(ctx, p.db, documents.SweepUploadsParams{})
	return err
}

// filesFirst deletes the files of a photo, and then the photo.
func filesFirst(ctx context.Context, p process) error {
	photo, err := p.keep(ctx)
	if err != nil {
		return err
	}
	list, err := p.media().Files(ctx, p.db, media.FileFilter{PhotoID: &photo.ID})
	for _, f := range list {
		err = errors.Join(err, p.Delete(ctx, f.ObjectKey))
	}
	if err != nil {
		return err
	}
	return p.media().DeletePhoto(ctx, p.db, photo.ID)
}

// sweepsUnknown keeps a photo, and removes what no document names.
func sweepsUnknown(ctx context.Context, p process) error {
	if _, err := p.keep(ctx); err != nil {
		return err
	}
	list, err := p.List(ctx, "", "", 10_000)
	for _, e := range list {
		var named bool
		scan := p.db.NewRaw("SELECT EXISTS (SELECT 1 FROM documents.documents d WHERE d.storage_url = 'object:' || ?)", e.Key).Scan(ctx, &named)
		if err = errors.Join(err, scan); err == nil && !named {
			err = p.Delete(ctx, e.Key)
		}
	}
	return err
}

// dangling counts the files of photos whose bytes are not there, photos that lack a file,
// objects that no file names, and files.
func dangling(t *testing.T, db *bun.DB, s storage.Store) (lost, bare, orphans, kept int) {
	t.Helper()
	var keys []string
	require.NoError(t, db.NewRaw("SELECT u.object_key FROM media.files f JOIN documents.uploads u ON u.id = f.upload_id").Scan(t.Context(), &keys))
	require.NoError(t, db.NewRaw("SELECT count(*) FROM media.property_photos p WHERE (SELECT count(*) FROM media.files f WHERE f.photo_id = p.id) <> 2").Scan(t.Context(), &bare))
	named := map[string]bool{}
	for _, key := range keys {
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
	return lost, bare, orphans, len(keys)
}

// A process that is killed at every step loses no photo's bytes, and no photo lacks a file;
// what it left is gone after a sweep. Careless ones lose, and the count finds that.
func TestPhoto_killedAtEveryStep(t *testing.T) {
	t.Parallel()
	start := time.Now().UTC()
	everywhere := func(run func(context.Context, process) error) (mem *storage.Memory, p process, killed, worst, left int) {
		db := pgtest.Clone(t)
		mem = storage.NewMemory(storage.MemoryConfig{Now: func() time.Time { return start }})
		p = process{db: db, who: realestatetest.User(t, db).ID, picture: photo(t, 40, 20, color.White), clock: start}
		p.property, _ = property(t, db)
		for _, after := range []bool{false, true} {
			for n := 1; ; n++ {
				p.killer = &killer{Store: mem, left: n, after: after}
				err := run(t.Context(), p)
				lost, bare, orphans, _ := dangling(t, db, mem)
				worst, left = max(worst, lost+bare), max(left, orphans)
				if err == nil {
					break
				}
				require.ErrorIs(t, err, errKilled, fmt.Sprint(n))
				killed++
			}
		}
		return mem, p, killed, worst, left
	}
	mem, p, killed, worst, left := everywhere(careful)
	require.GreaterOrEqual(t, killed, 40)
	require.Zero(t, worst)
	require.NotZero(t, left, "the kills left something to sweep")
	lost, bare, orphans, kept := dangling(t, p.db, mem)
	require.Equal(t, [3]int{}, [3]int{lost, bare, orphans})
	require.GreaterOrEqual(t, kept, 20)
	holds(t, p.db)
	t.Logf("%d kills, %d files kept, nothing lost; up to %d objects were left, and none behind the last sweep", killed, kept, left)

	for what, careless := range map[string]func(context.Context, process) error{"deletes files first": filesFirst, "sweeps what no document names": sweepsUnknown} {
		_, _, killed, worst, _ := everywhere(careless)
		require.Positive(t, worst, what)
		t.Logf("control: who %s was killed %d times and lost %d files", what, killed, worst)
	}
}
