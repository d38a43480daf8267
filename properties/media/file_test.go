package media_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
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
	"github.com/freehold-go/freehold/properties/media/picture"
	"github.com/freehold-go/freehold/properties/renovations"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/realestatetest"
)

// place is what a camera writes into its pictures, and nobody else is to read.
const place = "39.9612 N 82.9988 W"

// photo is a JPEG of w by h points, of one color, held so that its right edge was above
// (EXIF 6), which tells its place.
func photo(t *testing.T, w, h int, c color.Color) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range m.Pix {
		m.Pix[i] = 255
	}
	for y := range h {
		for x := range w {
			m.Set(x, y, c)
		}
	}
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, m, nil))
	exif := []byte("Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00" + place)
	head := binary.BigEndian.AppendUint16([]byte{0xff, 0xd8, 0xff, 0xe1}, uint16(len(exif)+2))
	return bytes.Join([][]byte{head, exif, b.Bytes()[2:]}, nil)
}

// mp4 is a video of one sample, which tells a place; "" is none.
func mp4(place string) []byte {
	box := func(name string, parts ...string) string {
		body := name + strings.Join(parts, "")
		return string(binary.BigEndian.AppendUint32(nil, uint32(len(body)+4))) + body
	}
	words := func(list ...uint32) (s string) {
		for _, n := range list {
			s += string(binary.BigEndian.AppendUint32(nil, n))
		}
		return s
	}
	head := box("ftyp", "mp42", words(0), "mp42isom")
	stbl := box("stbl", box("stsd", words(0, 1), box("avc1", strings.Repeat("\x00", 78))), box("stts", words(0, 1, 1, 1)), box("stsc", words(0, 1, 1, 1, 1)),
		box("stsz", words(0, 6, 1)), box("stco", words(0, 1, uint32(len(head)+8))))
	moov := []string{box("mvhd", strings.Repeat("\x00", 100)), box("trak", box("tkhd", words(7, 0, 0, 1), strings.Repeat("\x00", 68)),
		box("mdia", box("mdhd", words(0, 0, 0, 600, 600, 0)), box("hdlr", words(0, 0), "vide", strings.Repeat("\x00", 13)), box("minf", box("vmhd", words(1, 0, 0)), stbl)))}
	if place != "" {
		moov = append(moov, box("udta", box("\xa9xyz", place)))
	}
	return []byte(head + box("mdat", "sample") + box("moov", moov...))
}

// gallery is a service with a storage, and a property.
type gallery struct {
	*media.Service
	papers   *documents.Service
	storage  storage.Store
	db       bun.IDB
	who      id.Of[auth.User]
	property id.Of[properties.Property]
	unit     id.Of[properties.Unit]
}

func newGallery(t *testing.T, db bun.IDB, s storage.Store) *gallery {
	t.Helper()
	g := &gallery{Service: media.NewService(media.Config{Storage: s, CDNBaseURL: "https://cdn.example.com/", Vault: newVault(t)}),
		papers: documents.NewService(documents.Config{Storage: s}), storage: s, db: db, who: realestatetest.User(t, db).ID}
	g.property, g.unit = property(t, db)
	return g
}

// upload sends a file.
func (g *gallery) upload(t *testing.T, name string, body []byte, with ...func(*documents.UploadFileParams)) *id.Of[documents.Upload] {
	t.Helper()
	p := documents.UploadFileParams{UploaderID: g.who, FileName: name, Content: bytes.NewReader(body)}
	for _, f := range with {
		f(&p)
	}
	u, err := g.papers.UploadFile(t.Context(), g.db, p)
	require.NoError(t, err)
	return &u.ID
}

// body reads an object to its end.
func (g *gallery) body(t *testing.T, key string) []byte {
	t.Helper()
	r, _, err := g.storage.Get(t.Context(), key)
	require.NoError(t, err)
	defer func() { _ = r.Close() }()
	b, err := io.ReadAll(r)
	require.NoError(t, err)
	return b
}

// holds runs the invariants of the domain.
func holds(t *testing.T, db bun.IDB) {
	t.Helper()
	for _, inv := range media.Invariants() {
		var n int
		require.NoError(t, db.NewRaw("SELECT count(*) FROM ("+inv.Query+") AS violations").Scan(t.Context(), &n), inv.Name)
		require.Zero(t, n, inv.Name)
	}
}

// A photo comes by an upload and is shown in four sizes, the right way up, from a CDN,
// without its place; what was sent is gone, and nothing is left when the photo is deleted.
func TestAddPhoto_stored(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	late := time.Now().Add(48 * time.Hour)
	g := newGallery(t, db, storage.NewMemory(storage.MemoryConfig{}))
	sent := photo(t, 3000, 1500, color.RGBA{200, 30, 30, 255})
	require.Contains(t, string(sent), place)
	p := media.AddPhotoParams{ID: id.New[media.Photo](), PropertyID: g.property, UnitID: &g.unit, Room: ptr("kitchen"), UploadID: g.upload(t, "IMG_1.JPG", sent), UploaderID: g.who}
	got, err := g.AddPhoto(ctx, db, p)
	require.NoError(t, err)
	require.Equal(t, [2]int{1500, 3000}, [2]int{*got.Width, *got.Height})
	require.Equal(t, "image/jpeg", *got.MIMEType)
	require.Equal(t, "IMG_1.JPG", *got.FileName)
	again, err := g.AddPhoto(ctx, db, p)
	require.NoError(t, err, "again, though what was sent is given up")
	require.Equal(t, got.ID, again.ID)

	list, err := g.Files(ctx, db, media.FileFilter{PhotoID: &got.ID})
	require.NoError(t, err)
	want := []struct {
		v    media.Variant
		w, h int
	}{{media.VariantFull, 1500, 3000}, {media.VariantLarge, 1024, 2048}, {media.VariantMedium, 512, 1024}, {media.VariantThumbnail, 160, 320}}
	require.Len(t, list, len(want))
	for i, f := range list {
		require.Equal(t, want[i].v, f.Variant)
		require.Equal(t, [2]int{want[i].w, want[i].h}, [2]int{*f.Width, *f.Height})
		require.Equal(t, "https://cdn.example.com/"+f.ObjectKey, *f.URL)
		require.True(t, strings.HasPrefix(f.ObjectKey, "media/"))
		b := g.body(t, f.ObjectKey)
		require.Len(t, b, int(f.Size))
		require.NotContains(t, string(b), place)
		require.NotContains(t, string(b), "Exif")
		c, err := jpeg.DecodeConfig(bytes.NewReader(b))
		require.NoError(t, err)
		require.Equal(t, [2]int{want[i].w, want[i].h}, [2]int{c.Width, c.Height})
	}
	require.Equal(t, list[0].URL, got.CDNURL)
	require.Equal(t, list[0].URL, got.FileURL)
	require.Equal(t, list[3].URL, got.ThumbnailURL)
	holds(t, db)

	sweep := func() *documents.SweepReport {
		r, err := documents.NewService(documents.Config{Storage: g.storage, Now: func() time.Time { return late }}).SweepUploads(ctx, db, documents.SweepUploadsParams{})
		require.NoError(t, err)
		return r
	}
	count := func() int {
		all, err := g.storage.List(ctx, "", "", 1000)
		require.NoError(t, err)
		return len(all)
	}
	require.Equal(t, 5, count(), "four, and what was sent")
	require.Equal(t, documents.SweepReport{Removed: 1}, *sweep())
	require.Equal(t, 4, count())
	require.NoError(t, g.DeletePhoto(ctx, db, got.ID))
	require.ErrorIs(t, g.DeletePhoto(ctx, db, got.ID), media.ErrPhotoNotFound)
	require.Equal(t, documents.SweepReport{Removed: 4}, *sweep())
	require.Zero(t, count())
	holds(t, db)
}

// What cannot be a photo, and what is not this uploader's to give, is refused and leaves no row.
func TestAddPhoto_uploadRefused(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	g := newGallery(t, db, storage.NewMemory(storage.MemoryConfig{}))
	small := photo(t, 8, 8, color.White)
	var bomb bytes.Buffer
	require.NoError(t, png.Encode(&bomb, image.NewGray(image.Rect(0, 0, 8, 8))))
	binary.BigEndian.PutUint32(bomb.Bytes()[16:], 60_000)
	binary.BigEndian.PutUint32(bomb.Bytes()[20:], 60_000)
	add := func(u *id.Of[documents.Upload], change ...func(*media.AddPhotoParams)) error {
		p := media.AddPhotoParams{PropertyID: g.property, UploadID: u, UploaderID: g.who}
		for _, f := range change {
			f(&p)
		}
		_, err := g.AddPhoto(ctx, db, p)
		return err
	}
	require.ErrorIs(t, add(g.upload(t, "a.pdf", []byte("%PDF-1.7\n"))), media.ErrFileKind)
	require.ErrorIs(t, add(g.upload(t, "a.mp4", mp4(""))), media.ErrFileKind)
	require.ErrorIs(t, add(g.upload(t, "a.jpg", small[:len(small)/2])), media.ErrFileKind)
	require.ErrorIs(t, add(g.upload(t, "a.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"></svg>`))), media.ErrFileKind)
	require.Error(t, add(g.upload(t, "bomb.png", bomb.Bytes())), "its head is not that of its checksum, or too large")
	require.ErrorIs(t, add(g.upload(t, "a.jpg", small, func(p *documents.UploadFileParams) { p.Public = true })), documents.ErrUploadState, "its place was public")
	require.ErrorIs(t, add(ptr(id.New[documents.Upload]())), documents.ErrUploadNotFound)
	mine := g.upload(t, "a.jpg", small)
	require.ErrorIs(t, add(mine, func(p *media.AddPhotoParams) { p.UploaderID = realestatetest.User(t, db).ID }), documents.ErrUploadNotFound)
	err := add(mine, func(p *media.AddPhotoParams) {
		p.FileURL, p.CDNURL, p.ThumbnailURL, p.Width, p.Height, p.FileSize, p.MIMEType = ptr("a"), ptr("a"), ptr("a"), ptr(1), ptr(1), ptr(int64(1)), ptr("a")
	})
	require.Len(t, fault.FieldErrors(err), 7)
	for field, p := range map[string]media.AddPhotoParams{"file_url": {PropertyID: g.property, FileURL: ptr("object:media/x")}, "thumbnail_url": {PropertyID: g.property, ThumbnailURL: ptr("object:media/x")}} {
		_, err = g.AddPhoto(ctx, db, p)
		require.Equal(t, field, fault.FieldErrors(err)[0].Field)
	}
	require.NoError(t, add(mine))
	require.ErrorIs(t, add(mine), documents.ErrUploadState, "once")
	paper := g.upload(t, "a.jpg", small)
	_, err = g.papers.AddDocument(ctx, db, documents.AddDocumentParams{OwnerID: g.who, Name: "x", UploadID: paper})
	require.NoError(t, err)
	require.ErrorIs(t, add(paper), documents.ErrUploadState, "a document's")
	_, err = g.papers.AddDocument(ctx, db, documents.AddDocumentParams{OwnerID: g.who, Name: "x",
		UploadID: g.upload(t, "a.jpg", small, func(p *documents.UploadFileParams) { p.Public = true })})
	require.ErrorIs(t, err, documents.ErrUploadState, "a document is not public by its key")
	bare := media.NewService(media.Config{})
	_, err = bare.AddPhoto(ctx, db, media.AddPhotoParams{PropertyID: g.property, UploadID: mine, UploaderID: g.who})
	require.ErrorIs(t, err, documents.ErrNoStorage)
	_, err = bare.SignFile(ctx, db, id.New[media.File]())
	require.ErrorIs(t, err, documents.ErrNoStorage)
	var n int
	require.NoError(t, db.NewRaw("SELECT count(*) FROM media.property_photos").Scan(ctx, &n))
	require.Equal(t, 1, n)
	holds(t, db)
}

// Of sixteen that make a photo of one upload at once, one does.
func TestAddPhoto_uploadRace(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	g := newGallery(t, db, storage.NewMemory(storage.MemoryConfig{}))
	u := g.upload(t, "a.jpg", photo(t, 50, 50, color.White))
	var wg sync.WaitGroup
	errs := make([]error, 16)
	for i := range errs {
		wg.Go(func() {
			_, errs[i] = g.AddPhoto(ctx, db, media.AddPhotoParams{PropertyID: g.property, UploadID: u, UploaderID: g.who})
		})
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		require.ErrorIs(t, err, documents.ErrUploadState)
	}
	require.Equal(t, 1, won)
	holds(t, db)
}

// Without a CDN, or for what is not public, a client gets a file by a signed request.
func TestSignFile(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	var h http.Handler
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(w, r) }))
	t.Cleanup(srv.Close)
	signer, err := storage.NewSigner(storage.SignerConfig{BaseURL: srv.URL, Key: bytes.Repeat([]byte("k3y!"), 8)})
	require.NoError(t, err)
	mem := storage.NewMemory(storage.MemoryConfig{Signer: signer})
	h = storage.Handler(mem, signer)
	g := newGallery(t, tx, mem)
	g.Service = media.NewService(media.Config{Storage: mem})
	p, err := g.AddPhoto(ctx, tx, media.AddPhotoParams{PropertyID: g.property, UploadID: g.upload(t, "a.jpg", photo(t, 50, 50, color.White)), UploaderID: g.who})
	require.NoError(t, err)
	require.Nil(t, p.CDNURL)
	require.True(t, strings.HasPrefix(*p.FileURL, "object:media/"))
	list, err := g.Files(ctx, tx, media.FileFilter{PhotoID: &p.ID})
	require.NoError(t, err)
	require.Len(t, list, 2)
	require.Nil(t, list[0].URL)
	r, err := g.SignFile(ctx, tx, list[0].ID)
	require.NoError(t, err)
	resp, err := http.Get(r.URL)
	require.NoError(t, err)
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, g.body(t, list[0].ObjectKey), b)
	_, err = g.SignFile(ctx, tx, id.New[media.File]())
	require.ErrorIs(t, err, media.ErrFileNotFound)
}

// Photos are found by unit, room and building work, and are shown in the order that somebody
// gave them, behind the primary one.
func TestPhotos_inOrder(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	g := newGallery(t, tx, nil)
	works := renovations.NewService(renovations.Config{})
	project, err := works.PlanProject(ctx, tx, renovations.PlanProjectParams{PropertyID: g.property, Name: "Roof"})
	require.NoError(t, err)
	add := func(p media.AddPhotoParams) id.Of[media.Photo] {
		t.Helper()
		p.PropertyID = g.property
		got, err := g.AddPhoto(ctx, tx, p)
		require.NoError(t, err)
		return got.ID
	}
	ids := func(f media.PhotoFilter) (out []id.Of[media.Photo]) {
		t.Helper()
		list, err := g.Gallery(ctx, tx, g.property, f)
		require.NoError(t, err)
		for _, p := range list {
			out = append(out, p.ID)
		}
		return out
	}
	a, b, c := add(media.AddPhotoParams{UnitID: &g.unit, Room: ptr("kitchen")}), add(media.AddPhotoParams{ProjectID: &project.ID}), add(media.AddPhotoParams{})
	require.Equal(t, []id.Of[media.Photo]{a}, ids(media.PhotoFilter{Room: "kitchen", UnitID: &g.unit}))
	require.Equal(t, []id.Of[media.Photo]{b}, ids(media.PhotoFilter{ProjectID: &project.ID}))
	order := func(list ...id.Of[media.Photo]) error {
		return g.OrderPhotos(ctx, tx, media.OrderPhotosParams{PropertyID: g.property, PhotoIDs: list})
	}
	require.NoError(t, order(c, a, b))
	require.Equal(t, []id.Of[media.Photo]{c, a, b}, ids(media.PhotoFilter{}))
	require.NoError(t, order(b, a))
	require.Equal(t, []id.Of[media.Photo]{b, a, c}, ids(media.PhotoFilter{}))
	_, err = g.MakePrimary(ctx, tx, c)
	require.NoError(t, err)
	require.Equal(t, []id.Of[media.Photo]{c, b, a}, ids(media.PhotoFilter{}))
	require.ErrorIs(t, order(a, a), media.ErrPhotoList)
	require.ErrorIs(t, order(a, id.New[media.Photo]()), media.ErrPhotoList)
	require.Equal(t, "photo_ids", fault.FieldErrors(order())[0].Field)

	other, unit := property(t, tx)
	elsewhere, err := works.PlanProject(ctx, tx, renovations.PlanProjectParams{PropertyID: other, Name: "Roof"})
	require.NoError(t, err)
	up := func(p media.UpdatePhotoParams) (*media.Photo, error) {
		p.PhotoID = a
		return g.UpdatePhoto(ctx, tx, p)
	}
	got, err := up(media.UpdatePhotoParams{Caption: ptr("The kitchen"), Tags: &[]string{"new"}, Type: ptr(media.PhotoUnit), Category: ptr(media.CategoryGallery), ProjectID: &project.ID})
	require.NoError(t, err)
	require.Equal(t, "The kitchen", *got.Caption)
	require.Equal(t, "kitchen", *got.Room, "left")
	got, err = up(media.UpdatePhotoParams{Caption: ptr(""), Room: ptr(""), UnitID: &id.Of[properties.Unit]{}})
	require.NoError(t, err)
	require.Nil(t, got.Caption)
	require.Nil(t, got.Room)
	require.Nil(t, got.UnitID)
	within := func(p media.UpdatePhotoParams) error {
		return store.InTx(ctx, tx, func(inner bun.IDB) error {
			p.PhotoID = a
			_, err := g.UpdatePhoto(ctx, inner, p)
			return err
		})
	}
	require.ErrorIs(t, within(media.UpdatePhotoParams{UnitID: &unit}), media.ErrUnitElsewhere)
	require.ErrorIs(t, within(media.UpdatePhotoParams{ProjectID: &elsewhere.ID}), media.ErrProjectElsewhere)
	_, err = up(media.UpdatePhotoParams{Type: ptr(media.PhotoType("x")), Category: ptr(media.PhotoCategory("x")), Caption: ptr("\x00")})
	require.Len(t, fault.FieldErrors(err), 3)
}

// A video waits for its transcoder, is shown, put away and shown again, and goes with its file.
func TestVideo_stored(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	g := newGallery(t, db, storage.NewMemory(storage.MemoryConfig{}))
	p := media.AddVideoParams{ID: id.New[media.Video](), PropertyID: g.property, UploadID: g.upload(t, "v.mp4", mp4("")), UploaderID: g.who, Title: ptr("Flight")}
	v, err := g.AddVideo(ctx, db, p)
	require.NoError(t, err)
	require.Equal(t, media.VideoStatusProcessing, v.Status)
	require.Equal(t, int64(len(mp4(""))), *v.FileSize)
	require.True(t, strings.HasPrefix(*v.FileURL, "object:documents/"), "nobody sees it by a CDN")
	again, err := g.AddVideo(ctx, db, p)
	require.NoError(t, err)
	require.Equal(t, v.ID, again.ID)
	_, err = g.AddVideo(ctx, db, media.AddVideoParams{PropertyID: g.property, UploadID: p.UploadID, UploaderID: g.who})
	require.ErrorIs(t, err, documents.ErrUploadState)
	_, err = g.AddVideo(ctx, db, media.AddVideoParams{PropertyID: g.property, UploadID: g.upload(t, "a.jpg", photo(t, 8, 8, color.White)), UploaderID: g.who})
	require.ErrorIs(t, err, media.ErrFileKind)
	list, err := g.Files(ctx, db, media.FileFilter{VideoID: &v.ID})
	require.NoError(t, err)
	require.Len(t, list, 1)
	require.Nil(t, list[0].URL)
	require.Equal(t, mp4(""), g.body(t, list[0].ObjectKey), "it tells nothing, and stays as it was sent")
	v, err = g.PublishVideo(ctx, db, media.PublishVideoParams{VideoID: v.ID, StreamingURL: ptr("https://cdn.example.com/v.m3u8"), ThumbnailURL: ptr("https://cdn.example.com/v.jpg"),
		DurationSeconds: ptr(90), Resolution: ptr("1920x1080")})
	require.NoError(t, err)
	require.Equal(t, media.VideoStatusActive, v.Status)
	v, err = g.ArchiveVideo(ctx, db, v.ID)
	require.NoError(t, err)
	require.Equal(t, media.VideoStatusArchived, v.Status)
	v, err = g.PublishVideo(ctx, db, media.PublishVideoParams{VideoID: v.ID})
	require.NoError(t, err)
	require.Equal(t, [2]any{"https://cdn.example.com/v.m3u8", 90}, [2]any{*v.StreamingURL, *v.DurationSeconds}, "left")
	public, err := g.AddVideo(ctx, db, media.AddVideoParams{PropertyID: g.property, UploaderID: g.who, Public: true, UploadID: g.upload(t, "v.mp4", mp4(""))})
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(*public.FileURL, "https://cdn.example.com/media/"))
	holds(t, db)
	for _, x := range []id.Of[media.Video]{v.ID, public.ID} {
		require.NoError(t, g.DeleteVideo(ctx, db, x))
	}
	require.ErrorIs(t, g.DeleteVideo(ctx, db, v.ID), media.ErrVideoNotFound)
	_, err = g.ArchiveVideo(ctx, db, v.ID)
	require.ErrorIs(t, err, media.ErrVideoNotFound)
	_, err = g.papers.SweepUploads(ctx, db, documents.SweepUploadsParams{})
	require.NoError(t, err)
	left, err := g.storage.List(ctx, "", "", 10)
	require.NoError(t, err)
	require.Len(t, left, 1, "the picture that became nothing, and is young")
	holds(t, db)
}

// A video loses its place before anybody sees it, whether it is public or waits for its
// transcoder, and what was sent is swept away; one whose place cannot be taken out is refused,
// and kept as it was sent only where somebody says so.
func TestAddVideo_place(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	g := newGallery(t, db, storage.NewMemory(storage.MemoryConfig{}))
	public := func(p *documents.UploadFileParams) { p.Public = true }
	mkv := []byte("\x1a\x45\xdf\xa3\xa3\x42\x86\x81\x01\x42\x82\x84webm" + place)
	film := mp4(place)
	require.Contains(t, string(film), place)
	add := func(u *id.Of[documents.Upload], change ...func(*media.AddVideoParams)) (*media.Video, error) {
		p := media.AddVideoParams{PropertyID: g.property, UploadID: u, UploaderID: g.who}
		for _, f := range change {
			f(&p)
		}
		return g.AddVideo(ctx, db, p)
	}
	keeps, shows := func(p *media.AddVideoParams) { p.KeepPlace = true }, func(p *media.AddVideoParams) { p.Public = true }
	for _, c := range []struct {
		what          string
		body          []byte
		upload        []func(*documents.UploadFileParams)
		change        []func(*media.AddVideoParams)
		err           error
		public, tells bool
	}{
		{what: "for a transcoder", body: film},
		{what: "for everybody", body: film, change: []func(*media.AddVideoParams){shows}, public: true},
		{what: "as it was sent", body: film, change: []func(*media.AddVideoParams){keeps}, tells: true},
		{what: "as it was sent, for everybody", body: film, change: []func(*media.AddVideoParams){keeps, shows}, public: true, tells: true},
		{what: "was public", body: film, upload: []func(*documents.UploadFileParams){public}, err: documents.ErrUploadState},
		{what: "was public, as it was sent", body: film, upload: []func(*documents.UploadFileParams){public}, change: []func(*media.AddVideoParams){keeps}, public: true, tells: true},
		{what: "another kind", body: mkv, err: media.ErrVideoPlace},
		{what: "another kind, as it was sent", body: mkv, change: []func(*media.AddVideoParams){keeps}, tells: true},
		{what: "half a video", body: film[:len(film)-30], err: media.ErrVideoPlace},
	} {
		v, err := add(g.upload(t, "v", append([]byte{}, c.body...), c.upload...), c.change...)
		if c.err != nil {
			require.ErrorIs(t, err, c.err, c.what)
			continue
		}
		require.NoError(t, err, c.what)
		list, err := g.Files(ctx, db, media.FileFilter{VideoID: &v.ID})
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.Equal(t, c.public, list[0].URL != nil, c.what)
		got := g.body(t, list[0].ObjectKey)
		require.Len(t, got, len(c.body), c.what)
		require.Equal(t, c.tells, strings.Contains(string(got), place), c.what)
		require.Equal(t, int64(len(got)), *v.FileSize)
	}
	_, err := g.AddVideo(ctx, db, media.AddVideoParams{PropertyID: g.property, Public: true, KeepPlace: true})
	require.Len(t, fault.FieldErrors(err), 2)
	holds(t, db)
	late := documents.NewService(documents.Config{Storage: g.storage, Now: func() time.Time { return time.Now().Add(48 * time.Hour) }})
	_, err = late.SweepUploads(ctx, db, documents.SweepUploadsParams{})
	require.NoError(t, err)
	left, err := g.storage.List(ctx, "", "", 100)
	require.NoError(t, err)
	require.Len(t, left, 6, "the videos, and nothing that was sent")
}

// A tour of a panorama loses its place as a photo does, and one of a video as that does.
func TestTour_stored(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	g := newGallery(t, db, storage.NewMemory(storage.MemoryConfig{}))
	round, err := g.AddTour(ctx, db, media.AddTourParams{PropertyID: g.property, Type: ptr(media.TourPhotos360), UploadID: g.upload(t, "p.jpg", photo(t, 400, 200, color.White)), UploaderID: g.who})
	require.NoError(t, err)
	list, err := g.Files(ctx, db, media.FileFilter{TourID: &round.ID})
	require.NoError(t, err)
	require.Len(t, list, 2)
	require.Equal(t, list[0].URL, round.URL)
	require.NotContains(t, string(g.body(t, list[0].ObjectKey)), place)
	film, err := g.AddTour(ctx, db, media.AddTourParams{PropertyID: g.property, Type: ptr(media.TourVideo), UploadID: g.upload(t, "p.mp4", mp4(place)), UploaderID: g.who})
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(*film.URL, "object:documents/"))
	require.NotContains(t, string(g.body(t, strings.TrimPrefix(*film.URL, "object:"))), place)
	_, err = g.AddTour(ctx, db, media.AddTourParams{PropertyID: g.property, UploadID: g.upload(t, "p.pdf", []byte("%PDF-1.7\n")), UploaderID: g.who})
	require.ErrorIs(t, err, media.ErrFileKind)
	require.NoError(t, g.CountTourView(ctx, db, media.CountTourViewParams{TourID: round.ID, Seconds: 5}))
	holds(t, db)
	for _, x := range []id.Of[media.VirtualTour]{round.ID, film.ID} {
		require.NoError(t, g.DeleteTour(ctx, db, x))
	}
	require.ErrorIs(t, g.DeleteTour(ctx, db, film.ID), media.ErrTourNotFound)
	holds(t, db)
	_, err = g.AddPhoto(ctx, db, media.AddPhotoParams{PropertyID: g.property, UploadID: g.upload(t, "big.jpg", append([]byte("\xff\xd8\xff\xe0"), make([]byte, picture.MaxBytes)...)), UploaderID: g.who})
	require.ErrorIs(t, err, picture.ErrTooLarge)
	require.False(t, errors.Is(err, media.ErrFileKind))
}

// Views that many count at once, while they are added up, are each counted once; nobody who
// looks waits for the row of the tour.
func TestTourViews_scale(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	g := newGallery(t, db, nil)
	var list [2]id.Of[media.VirtualTour]
	for i := range list {
		tour, err := g.AddTour(ctx, db, media.AddTourParams{PropertyID: g.property})
		require.NoError(t, err)
		list[i] = tour.ID
	}
	require.NoError(t, store.InTx(ctx, db, func(tx bun.IDB) error { // somebody else holds the row
		_, err := tx.NewRaw("SELECT id FROM media.virtual_tours WHERE id = ? FOR NO KEY UPDATE", list[0]).Exec(ctx)
		require.NoError(t, err)
		return g.CountTourView(ctx, db, media.CountTourViewParams{TourID: list[0], Seconds: 10})
	}))
	var wg sync.WaitGroup
	errs := make(chan error, 400)
	for n := range 16 {
		wg.Go(func() {
			for range 20 {
				errs <- g.CountTourView(ctx, db, media.CountTourViewParams{TourID: list[n%2], Seconds: 30, Views: 3})
			}
		})
	}
	for range 3 {
		wg.Go(func() {
			for range 10 {
				_, err := g.FoldTourViews(ctx, db, 7)
				errs <- err
			}
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		require.NoError(t, err)
	}
	for {
		n, err := g.FoldTourViews(ctx, db, 0)
		require.NoError(t, err)
		if n == 0 {
			break
		}
	}
	type count struct {
		ViewCount, AvgViewDuration int
		ViewSeconds                int64
	}
	for i, want := range []count{{1 + 8*20*3, 10, 10 + 8*20*30}, {8 * 20 * 3, 10, 8 * 20 * 30}} {
		var got count
		require.NoError(t, db.NewRaw("SELECT view_count, avg_view_duration, view_seconds FROM media.virtual_tours WHERE id = ?", list[i]).Scan(ctx, &got))
		require.Equal(t, want, got)
	}
	holds(t, db)
	_, err := g.FoldTourViews(ctx, db, -1)
	require.ErrorIs(t, err, fault.Invalid)
	require.ErrorIs(t, g.CountTourView(ctx, db, media.CountTourViewParams{TourID: list[0], Views: -1}), fault.Invalid)
}
