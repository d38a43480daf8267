package analytics_test

import (
	"context"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/analytics"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

func TestTrack(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), newService()
	user := newUser(t, db)
	e, err := svc.Track(ctx, db, analytics.TrackParams{
		UserID: &user, Name: "opened", Value: ptr(decimal.RequireFromString("12.50")),
		IPAddress: ptr(netip.MustParseAddr("192.0.2.7")), Properties: map[string]any{"plan": "a"},
	})
	require.NoError(t, err)
	require.Equal(t, noon, e.CreatedAt)
	list, err := svc.Events(ctx, db, analytics.EventFilter{UserID: &user, Name: "opened", Since: ptr(noon), Until: ptr(noon.Add(1))}, page.Request{})
	require.NoError(t, err)
	require.Empty(t, list.Items, "until is exclusive, to the microsecond")
	list, err = svc.Events(ctx, db, analytics.EventFilter{UserID: &user, Name: "opened", Since: ptr(noon)}, page.Request{})
	require.NoError(t, err)
	require.Len(t, list.Items, 1)
	require.Equal(t, e.ID, list.Items[0].ID)
	require.Equal(t, "a", list.Items[0].Properties["plan"])

	_, err = svc.Track(ctx, db, analytics.TrackParams{ID: e.ID, Name: "opened"})
	require.ErrorIs(t, err, store.ErrExists, "the same id at the same instant, whatever the partition's index is called")
	_, err = svc.Track(ctx, db, analytics.TrackParams{Name: "opened", UserID: id.New[auth.User]().Ptr()})
	require.ErrorIs(t, err, store.ErrReference)
}

func TestTrack_checks(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), newService()
	long := strings.Repeat("é", 501)
	_, err := svc.Track(ctx, db, analytics.TrackParams{
		Category: &long, Action: &long, Label: &long, Value: ptr(decimal.RequireFromString("0.001")), PageURL: &long, ReferrerURL: &long,
		DeviceType: &long, OS: &long, Browser: &long, ScreenResolution: &long, Country: &long, Region: &long, City: &long,
	})
	var fields []string
	for _, e := range fault.FieldErrors(err) {
		fields = append(fields, e.Field)
	}
	require.Equal(t, []string{"name", "category", "action", "label", "value", "page_url", "referrer_url",
		"device_type", "os", "browser", "screen_resolution", "country", "region", "city"}, fields)
	_, err = svc.Track(ctx, db, analytics.TrackParams{Name: "x", Value: ptr(decimal.RequireFromString("-100000000"))})
	require.ErrorIs(t, err, fault.Invalid)
	_, err = svc.Track(ctx, db, analytics.TrackParams{Name: "x", Value: ptr(decimal.RequireFromString("-99999999.99"))})
	require.NoError(t, err)
	_, err = svc.TrackPageView(ctx, db, analytics.TrackPageViewParams{Title: &long, TimeOnPage: ptr(-1)})
	require.Len(t, fault.FieldErrors(err), 3)
}

// A batch goes in as a whole, on both roads, or not at all.
func TestTrackAll(t *testing.T) {
	t.Parallel()
	ctx, pool, svc := t.Context(), pgtest.Clone(t), newService()
	user := newUser(t, pool)
	batch := make([]analytics.TrackParams, 1000)
	for i := range batch {
		at := noon.Add(-time.Duration(i) * time.Hour)
		batch[i] = analytics.TrackParams{UserID: &user, Name: "viewed", At: &at}
	}
	batch[3].Name = "clicked"
	require.NoError(t, svc.TrackAll(ctx, pool, batch))
	require.NoError(t, store.InTx(ctx, pool, func(tx bun.IDB) error { return svc.TrackAll(ctx, tx, batch[:5]) }))
	require.NoError(t, svc.TrackAll(ctx, pool, nil))
	counts, err := svc.EventCounts(ctx, pool, analytics.EventCountsParams{Limit: 10})
	require.NoError(t, err)
	require.Equal(t, []analytics.EventCount{{"viewed", 1003, 1}, {"clicked", 2, 1}}, counts)
	_, err = svc.EventCounts(ctx, pool, analytics.EventCountsParams{})
	require.ErrorIs(t, err, page.ErrLimit)

	batch[7].Name = ""
	err = svc.TrackAll(ctx, pool, batch)
	require.Equal(t, "events[7].name", fault.FieldErrors(err)[0].Field)
	batch[7] = analytics.TrackParams{Name: "viewed", UserID: id.New[auth.User]().Ptr()}
	require.ErrorIs(t, svc.TrackAll(ctx, pool, batch), store.ErrReference)
	require.EqualValues(t, 1005, number(t, pool, "SELECT count(*) FROM analytics.user_events"))

	// Pages of a list visit each event once.
	seen := map[id.Of[analytics.Event]]bool{}
	for e, err := range page.All(ctx, func(ctx context.Context, req page.Request) (page.Page[analytics.Event], error) {
		return svc.Events(ctx, pool, analytics.EventFilter{}, req)
	}) {
		require.NoError(t, err)
		seen[e.ID] = true
	}
	require.Len(t, seen, 1005)
}

func TestTrackPageView(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), newService()
	user := newUser(t, db)
	v, err := svc.TrackPageView(ctx, db, analytics.TrackPageViewParams{UserID: &user, Path: "/deals/elm", TimeOnPage: ptr(31), Entrance: true, At: ptr(noon.Add(-time.Minute))})
	require.NoError(t, err)
	_, err = svc.TrackPageView(ctx, db, analytics.TrackPageViewParams{Path: "/"})
	require.NoError(t, err)
	mine, err := svc.PageViews(ctx, db, &user, page.Request{})
	require.NoError(t, err)
	require.Len(t, mine.Items, 1)
	require.Equal(t, v.ID, mine.Items[0].ID)
	require.True(t, mine.Items[0].IsEntrance)
	all, err := svc.PageViews(ctx, db, nil, page.Request{})
	require.NoError(t, err)
	require.Len(t, all.Items, 2)
}
