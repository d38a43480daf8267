package media_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/properties/media"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
	"github.com/freehold-go/freehold/realestate/realestatetest"
	"github.com/freehold-go/freehold/realestate/vault"
)

func ptr[T any](v T) *T { return &v }

// property registers a property with a unit.
func property(t *testing.T, db bun.IDB) (id.Of[properties.Property], id.Of[properties.Unit]) {
	t.Helper()
	u := id.New[properties.Unit]()
	p := realestatetest.Property(t, db, func(p *properties.RegisterPropertyParams) { p.Units = []properties.UnitParams{{ID: u, Number: "1"}} })
	return p.ID, u
}

func TestPhotos(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), media.NewService(media.Config{})
	v, unit := property(t, db)
	_, elsewhere := property(t, db)
	add := func(p media.AddPhotoParams) *media.Photo {
		t.Helper()
		p.PropertyID = v
		got, err := svc.AddPhoto(ctx, db, p)
		require.NoError(t, err)
		return got
	}
	primary := func() (ids []id.Of[media.Photo]) {
		t.Helper()
		list, err := svc.Photos(ctx, db, v, media.PhotoFilter{}, page.Request{})
		require.NoError(t, err)
		for _, p := range list.Items {
			if p.IsPrimary {
				ids = append(ids, p.ID)
			}
		}
		return ids
	}
	first := add(media.AddPhotoParams{IsPrimary: true, FileName: ptr("a.jpg"), FileSize: ptr(int64(3) << 30), Type: ptr(media.PhotoAerial), Category: ptr(media.CategoryHero)})
	second := add(media.AddPhotoParams{IsPrimary: true, Tags: []string{"pool", "sun"}, UnitID: &unit})
	require.Equal(t, []id.Of[media.Photo]{second.ID}, primary())
	_, err := svc.MakePrimary(ctx, db, first.ID)
	require.NoError(t, err)
	require.Equal(t, []id.Of[media.Photo]{first.ID}, primary())
	_, err = svc.MakePrimary(ctx, db, first.ID)
	require.NoError(t, err, "again changes nothing")
	require.Equal(t, []id.Of[media.Photo]{first.ID}, primary())
	_, err = svc.ArchivePhoto(ctx, db, first.ID)
	require.NoError(t, err)
	require.Empty(t, primary())
	_, err = svc.MakePrimary(ctx, db, first.ID)
	require.ErrorIs(t, err, media.ErrPhotoArchived)

	for want, f := range map[id.Of[media.Photo]]media.PhotoFilter{
		first.ID: {Status: media.PhotoStatusArchived}, second.ID: {UnitID: &unit, Status: media.PhotoStatusActive, Tag: "pool"}} {
		list, err := svc.Photos(ctx, db, v, f, page.Request{})
		require.NoError(t, err)
		require.Len(t, list.Items, 1)
		require.Equal(t, want, list.Items[0].ID)
	}
	_, err = svc.AddPhoto(ctx, db, media.AddPhotoParams{PropertyID: v, UnitID: &elsewhere})
	require.ErrorIs(t, err, media.ErrUnitElsewhere)
	_, err = svc.AddPhoto(ctx, db, media.AddPhotoParams{PropertyID: v, IsPrimary: true, Status: media.PhotoStatusArchived})
	require.ErrorIs(t, err, media.ErrPhotoArchived)
	_, err = svc.AddPhoto(ctx, db, media.AddPhotoParams{PropertyID: id.New[properties.Property]()})
	require.ErrorIs(t, err, properties.ErrPropertyNotFound)
	_, err = svc.AddPhoto(ctx, db, media.AddPhotoParams{PropertyID: v, Type: ptr(media.PhotoType("x")), Category: ptr(media.PhotoCategory("x")), Status: "x",
		FileSize: ptr(int64(-1)), Width: ptr(-1), MIMEType: ptr(strings.Repeat("m", 51))})
	require.Len(t, fault.FieldErrors(err), 6)
	_, err = svc.ArchivePhoto(ctx, db, id.New[media.Photo]())
	require.ErrorIs(t, err, media.ErrPhotoNotFound)
}

// Eight clients each add a primary photo at once; one remains and nobody fails.
func TestAddPhoto_primaryRace(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), media.NewService(media.Config{})
	v, _ := property(t, db)
	var wg sync.WaitGroup
	errs := make(chan error, 8)
	for range 8 {
		wg.Go(func() {
			_, err := svc.AddPhoto(ctx, db, media.AddPhotoParams{PropertyID: v, IsPrimary: true})
			errs <- err
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		require.NoError(t, err)
	}
	list, err := svc.Photos(ctx, db, v, media.PhotoFilter{}, page.Request{})
	require.NoError(t, err)
	n := 0
	for _, p := range list.Items {
		if p.IsPrimary {
			n++
		}
	}
	require.Equal(t, 1, n)
}

func TestVideos(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), media.NewService(media.Config{})
	v, _ := property(t, db)
	got, err := svc.AddVideo(ctx, db, media.AddVideoParams{PropertyID: v, Title: ptr("Flight"), Type: ptr(media.VideoAerial), FileSize: ptr(int64(1) << 40)})
	require.NoError(t, err)
	require.Equal(t, media.VideoStatusProcessing, got.Status)
	pub, err := svc.PublishVideo(ctx, db, media.PublishVideoParams{VideoID: got.ID, StreamingURL: ptr("https://cdn.example.com/v.m3u8")})
	require.NoError(t, err)
	require.Equal(t, media.VideoStatusActive, pub.Status)
	require.Equal(t, int64(1)<<40, *pub.FileSize)
	list, err := svc.Videos(ctx, db, v, page.Request{})
	require.NoError(t, err)
	require.Len(t, list.Items, 1)
	_, err = svc.PublishVideo(ctx, db, media.PublishVideoParams{VideoID: id.New[media.Video](), StreamingURL: nil})
	require.ErrorIs(t, err, media.ErrVideoNotFound)
	_, err = svc.AddVideo(ctx, db, media.AddVideoParams{PropertyID: v, Type: ptr(media.VideoType("x")), Status: "x", DurationSeconds: ptr(-1), FileSize: ptr(int64(-1))})
	require.Len(t, fault.FieldErrors(err), 4)
	_, err = svc.AddVideo(ctx, db, media.AddVideoParams{PropertyID: id.New[properties.Property]()})
	require.ErrorIs(t, err, fault.Invalid)
	require.Equal(t, "property_id", fault.FieldErrors(err)[0].Field)
}

func TestTours(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), media.NewService(media.Config{Vault: newVault(t)})
	v, _ := property(t, db)
	key := media.SealedKey("c2VjcmV0" + strings.Repeat("x", 200))
	tour, err := svc.AddTour(ctx, db, media.AddTourParams{PropertyID: v, Type: ptr(media.TourMatterport), MatterportSDKKey: &key})
	require.NoError(t, err)
	for _, s := range []int{10, 20, 31} {
		require.NoError(t, svc.CountTourView(ctx, db, media.CountTourViewParams{TourID: tour.ID, Seconds: s}))
	}
	list, err := svc.Tours(ctx, db, v, page.Request{})
	require.NoError(t, err)
	require.Zero(t, list.Items[0].ViewCount)
	n, err := svc.FoldTourViews(ctx, db, 0)
	require.NoError(t, err)
	require.Equal(t, 3, n)
	list, err = svc.Tours(ctx, db, v, page.Request{})
	require.NoError(t, err)
	got := list.Items[0]
	require.Equal(t, [2]int{3, 20}, [2]int{got.ViewCount, *got.AvgViewDuration})
	require.NotContains(t, got.MatterportSDKKey.Reveal(), "c2VjcmV0")
	clear, err := svc.RevealTourKey(ctx, db, tour.ID)
	require.NoError(t, err)
	require.Equal(t, string(key), clear)
	require.ErrorIs(t, svc.CountTourView(ctx, db, media.CountTourViewParams{TourID: id.New[media.VirtualTour](), Seconds: 1}), media.ErrTourNotFound)
	require.ErrorIs(t, svc.CountTourView(ctx, db, media.CountTourViewParams{TourID: tour.ID, Seconds: -1}), fault.Invalid)
	_, err = svc.AddTour(ctx, db, media.AddTourParams{PropertyID: v, Type: ptr(media.TourType("x")), EmbedCode: ptr("\x00")})
	require.Len(t, fault.FieldErrors(err), 2)
	_, err = svc.AddTour(ctx, db, media.AddTourParams{PropertyID: v, FloorPlanID: ptr(id.New[properties.FloorPlan]())})
	require.Equal(t, "floor_plan_id", fault.FieldErrors(err)[0].Field)
}

// However a tour is printed, its key does not show.
func TestSealedKey_neverShows(t *testing.T) {
	t.Parallel()
	key := media.SealedKey("TOPSECRET")
	tour := media.VirtualTour{MatterportSDKKey: &key}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("tour", "key", key, "tour", tour)
	b, err := json.Marshal(tour)
	require.NoError(t, err)
	for _, text := range []string{
		fmt.Sprint(key), fmt.Sprintf("%v %+v %#v %s %q %x", key, key, key, key, key, key), fmt.Sprintf("%+v", tour), string(b), log.String(), key.String(),
	} {
		require.NotContains(t, text, "TOPSECRET")
		require.NotContains(t, text, "544f50")
	}
}

func newVault(t *testing.T) *vault.Vault {
	t.Helper()
	secret := sha256.Sum256([]byte("a key of the tests"))
	v, err := vault.New(vault.Key{ID: "k1", Secret: secret[:]})
	require.NoError(t, err)
	return v
}

// Without a vault no key is stored, the database takes none in clear, and a sealed
// one opens for its tour of its property alone. Another first key seals it anew.
func TestTourKey(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	svc := media.NewService(media.Config{Vault: newVault(t)})
	v, _ := property(t, db)
	add := func(svc *media.Service, key string) (*media.VirtualTour, error) {
		k := media.SealedKey(key)
		return svc.AddTour(ctx, db, media.AddTourParams{PropertyID: v, MatterportSDKKey: &k})
	}
	_, err := add(media.NewService(media.Config{}), "secret")
	require.ErrorIs(t, err, vault.ErrNoVault)
	_, err = add(svc, strings.Repeat("x", 501))
	require.Equal(t, "matterport_sdk_key", fault.FieldErrors(err)[0].Field)
	one, err := add(svc, "secret of one")
	require.NoError(t, err)
	two, err := add(svc, "secret of two")
	require.NoError(t, err)
	for _, clear := range []string{"secret", "fv1.", "fv1.k.", "xfv1.k1.AAAA", ""} {
		_, err = db.NewRaw("UPDATE media.virtual_tours SET matterport_sdk_key = ? WHERE id = ?", clear, two.ID).Exec(ctx)
		require.ErrorContains(t, err, "chk_virtual_tours_matterport_sdk_key", clear)
	}
	_, err = db.NewRaw("UPDATE media.virtual_tours SET matterport_sdk_key = ? WHERE id = ?", one.MatterportSDKKey.Reveal(), two.ID).Exec(ctx)
	require.NoError(t, err)
	_, err = svc.RevealTourKey(ctx, db, two.ID)
	require.ErrorIs(t, err, vault.ErrForged)
	_, err = svc.RevealTourKey(ctx, db, id.New[media.VirtualTour]())
	require.ErrorIs(t, err, media.ErrTourNotFound)

	older, newer := sha256.Sum256([]byte("a key of the tests")), sha256.Sum256([]byte("another key"))
	both, err := vault.New(vault.Key{ID: "k2", Secret: newer[:]}, vault.Key{ID: "k1", Secret: older[:]})
	require.NoError(t, err)
	report, err := media.NewService(media.Config{Vault: both}).Reseal(ctx, db, 0)
	require.NoError(t, err)
	require.Equal(t, 1, report.Resealed, "the moved one does not open and is reported")
	require.Len(t, report.Failed, 1)
	clear, err := media.NewService(media.Config{Vault: both}).RevealTourKey(ctx, db, one.ID)
	require.NoError(t, err)
	require.Equal(t, "secret of one", clear)
}
