package events

import (
	"crypto/sha256"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/builders"
	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
	"github.com/freehold-go/freehold/realestate/vault"
)

var base = time.Now().UTC().Truncate(time.Microsecond)

func service() *Service {
	secret := sha256.Sum256([]byte("a key of the tests"))
	v, err := vault.New(vault.Key{ID: "k1", Secret: secret[:]})
	if err != nil {
		panic(err)
	}
	return NewService(Config{Now: func() time.Time { return base }, Vault: v})
}

func ptr[T any](v T) *T { return &v }

// slug is unlike every other test's, because tests share a database.
func slug(name string) string { return name + "-" + id.New[Event]().String() }

func person(t *testing.T, db bun.IDB) id.Of[auth.User] {
	t.Helper()
	return builders.User(t, db).ID
}

func insert(t *testing.T, db bun.IDB, row any) error {
	t.Helper()
	return builders.Insert(t, db, constraints, row)
}

func call(starts time.Time) CreateEventParams {
	return CreateEventParams{Title: "Investor call", Slug: slug("call"), StartsAt: starts, EndsAt: starts.Add(time.Hour)}
}

func TestCreateEvent(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), service()
	host := person(t, tx)
	p := call(time.Date(2027, 3, 14, 9, 0, 0, 1999, time.FixedZone("", -5*3600)))
	p.Type, p.Format, p.Timezone = ptr(TypeWebinar), ptr(FormatHybrid), ptr("America/New_York")
	p.VenueCoordinates = &LonLat{-73.985428, 40.748817}
	p.VirtualPasscode = auth.NewSecret("open sesame").Ptr()
	p.RegistrationFee, p.MaxAttendees = ptr(money.MustParse("12345678901.23")), ptr(2)
	p.Agenda = []AgendaItem{{StartsAt: base, EndsAt: base.Add(time.Minute), Title: "Welcome", Speakers: []string{"Ada"}}}
	p.Speakers = []Speaker{{Name: "Ada", UserID: &host}}
	p.CreatedBy = &host
	made, err := svc.CreateEvent(ctx, tx, p)
	require.NoError(t, err)

	got, err := svc.Event(ctx, tx, made.ID)
	require.NoError(t, err)
	require.Equal(t, StatusDraft, got.Status)
	require.Equal(t, VisibilityPublic, got.Visibility)
	require.True(t, got.RegistrationRequired)
	require.True(t, got.StartDatetime.Equal(time.Date(2027, 3, 14, 14, 0, 0, 1000, time.UTC)), "an instant, to the microsecond")
	require.Equal(t, *p.VenueCoordinates, *got.VenueCoordinates)
	require.NotContains(t, got.VirtualPasscode.Reveal(), "sesame")
	clear, err := svc.RevealPasscode(ctx, tx, made.ID)
	require.NoError(t, err)
	require.Equal(t, "open sesame", clear.Reveal())
	require.Equal(t, "12345678901.23", got.RegistrationFee.String())
	require.Equal(t, p.Agenda, got.Agenda)
	require.Equal(t, p.Speakers, got.Speakers)
	require.Nil(t, got.Materials)
	left, limited := got.SeatsLeft()
	require.True(t, limited)
	require.Equal(t, 2, left)

	_, err = svc.CreateEvent(ctx, tx, CreateEventParams{Title: "x", Slug: p.Slug, StartsAt: base, EndsAt: base.Add(1000)})
	require.ErrorIs(t, err, store.ErrExists)
	require.Equal(t, "slug", fault.FieldErrors(err)[0].Field)
}

func TestCreateEvent_reportsEveryField(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	_, err := service().CreateEvent(t.Context(), tx, CreateEventParams{
		Slug: "Q3 Call", StartsAt: base, EndsAt: base.Add(999), Timezone: ptr("New York"),
		Type: ptr(Type("party")), Format: ptr(Format("x")), VirtualPlatform: ptr(Platform("x")),
		VenueCoordinates: &LonLat{0, 91}, MaxAttendees: ptr(0), RegistrationFee: ptr(money.MustParse("-0.01")), Visibility: "x",
	})
	var fields []string
	for _, e := range fault.FieldErrors(err) {
		fields = append(fields, e.Field)
	}
	require.Equal(t, []string{
		"title", "slug", "ends_at", "timezone", "type", "format", "virtual_platform",
		"venue_coordinates", "max_attendees", "registration_fee", "visibility",
	}, fields)
	require.ErrorIs(t, err, ErrEventTimes)
}

func TestPublishEvent(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), service()
	e, err := svc.CreateEvent(ctx, tx, call(base.AddDate(0, 0, 1)))
	require.NoError(t, err)
	e, err = svc.PublishEvent(ctx, tx, e.ID)
	require.NoError(t, err)
	require.Equal(t, StatusPublished, e.Status)
	require.True(t, e.PublishedAt.Equal(base))
	require.Equal(t, int64(2), e.Version)
	_, err = svc.PublishEvent(ctx, tx, e.ID)
	require.ErrorIs(t, err, ErrEventStatus)
	_, err = svc.PublishEvent(ctx, tx, id.New[Event]())
	require.ErrorIs(t, err, ErrEventNotFound)
}

// An event starts within the horizon of the service.
func TestCreateEvent_horizon(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	_, err := service().CreateEvent(ctx, tx, call(base.AddDate(40, 0, 0)))
	require.Equal(t, check.TooFar, fault.FieldErrors(err)[0].Code)
	near := NewService(Config{Now: func() time.Time { return base }, Horizon: 7})
	_, err = near.CreateEvent(ctx, tx, call(base.AddDate(0, 0, 9)))
	require.Equal(t, "starts_at", fault.FieldErrors(err)[0].Field)
	_, err = near.CreateEvent(ctx, tx, call(base.AddDate(0, 0, 6)))
	require.NoError(t, err)
}

// An event that is over is not published.
func TestPublishEvent_over(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), service()
	e, err := svc.CreateEvent(ctx, tx, call(base.AddDate(0, 0, -1)))
	require.NoError(t, err)
	_, err = svc.PublishEvent(ctx, tx, e.ID)
	require.ErrorIs(t, err, ErrEventOver)
}

// Drafts, private, deleted and past events are not listed; events of one
// instant are each listed once, across pages.
func TestUpcomingEvents(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), service()
	when := base.AddDate(0, 1, 0)
	publish := func(p CreateEventParams) *Event {
		e, err := svc.CreateEvent(ctx, db, p)
		require.NoError(t, err)
		e, err = svc.PublishEvent(ctx, db, e.ID)
		require.NoError(t, err)
		return e
	}
	want := map[id.Of[Event]]bool{}
	for range 5 {
		want[publish(call(when)).ID] = true
	}
	running := publish(CreateEventParams{Title: "now", Slug: slug("now"), StartsAt: base.Add(-time.Hour), EndsAt: base.Add(time.Hour)})
	want[running.ID] = true
	past := publish(call(when))
	_, err := db.NewUpdate().Model((*Event)(nil)).Set("start_datetime = ?, end_datetime = ?", base.AddDate(0, -1, 0), base.AddDate(0, -1, 1)).Where("e.id = ?", past.ID).Exec(ctx)
	require.NoError(t, err)
	private := call(when)
	private.Visibility = VisibilityPrivate
	publish(private)
	_, err = svc.CreateEvent(ctx, db, call(when))
	require.NoError(t, err)
	gone := publish(call(when))
	_, err = db.NewUpdate().Model(gone).Set("deleted_at = now()").WherePK().Exec(ctx)
	require.NoError(t, err)

	_, err = svc.Event(ctx, db, gone.ID)
	require.ErrorIs(t, err, ErrEventNotFound)
	again := call(when)
	again.Slug = gone.Slug
	_, err = svc.CreateEvent(ctx, db, again)
	require.NoError(t, err, "a deleted event frees its slug")

	got := map[id.Of[Event]]bool{}
	req := page.Request{Limit: 2}
	for pages := 1; ; pages++ {
		p, err := svc.UpcomingEvents(ctx, db, req)
		require.NoError(t, err)
		for _, e := range p.Items {
			require.False(t, got[e.ID], "twice")
			got[e.ID] = true
		}
		if pages == 1 {
			require.Equal(t, running.ID, p.Items[0].ID, "the earliest first")
		}
		if p.Next == "" {
			require.Equal(t, 3, pages)
			break
		}
		req.After = p.Next
	}
	require.Equal(t, want, got)
}

// The rules of the tables, each violated once.
func TestSchema_refusals(t *testing.T) {
	t.Parallel()
	tx, svc := pgtest.Tx(t), service()
	user := person(t, tx)
	one, err := svc.CreateEvent(t.Context(), tx, call(base))
	require.NoError(t, err)
	two, err := svc.CreateEvent(t.Context(), tx, call(base))
	require.NoError(t, err)
	reg := func(change func(*Registration)) *Registration {
		r := &Registration{ID: id.New[Registration](), EventID: one.ID, UserID: person(t, tx), Status: RegistrationRegistered, CreatedAt: base, UpdatedAt: base}
		change(r)
		return r
	}
	mine := reg(func(r *Registration) { r.UserID, r.WaitlistNumber = user, ptr(1) })
	require.NoError(t, insert(t, tx, mine))

	for i, c := range []struct {
		row  any
		want error
	}{
		{reg(func(r *Registration) { r.UserID = user }), ErrRegistered},
		{reg(func(r *Registration) { r.UserID = id.New[auth.User]() }), store.ErrReference},
		{reg(func(r *Registration) { r.EventID = id.New[Event]() }), store.ErrReference},
		{reg(func(r *Registration) { r.WaitlistNumber = ptr(1) }), store.ErrExists},
		{reg(func(r *Registration) { r.Status = "maybe" }), store.ErrCheck},
		{reg(func(r *Registration) { r.PaymentAmount = ptr(money.MustParse("-0.01")) }), store.ErrCheck},
		{reg(func(r *Registration) { r.JoinedAt, r.LeftAt = ptr(base), ptr(base.Add(-time.Second)) }), ErrAttendanceTimes},
		{&Interaction{ID: id.New[Interaction](), EventID: two.ID, UserID: user, RegistrationID: &mine.ID, CreatedAt: base, UpdatedAt: base}, store.ErrReference},
	} {
		require.ErrorIs(t, insert(t, tx, c.row), c.want, strconv.Itoa(i))
	}
	require.NoError(t, insert(t, tx, &Interaction{
		ID: id.New[Interaction](), EventID: one.ID, UserID: user, RegistrationID: &mine.ID,
		Metadata: map[string]any{"emoji": "👍"}, CreatedAt: base, UpdatedAt: base,
	}))
	full := func(max, now int) error {
		return store.InTx(t.Context(), tx, func(tx bun.IDB) error {
			_, err := tx.NewUpdate().Model((*Event)(nil)).Set("max_attendees = ?, current_attendees = ?", max, now).Where("e.id = ?", one.ID).Exec(t.Context())
			return store.Err(err, constraints)
		})
	}
	require.NoError(t, full(2, 2))
	require.ErrorIs(t, full(2, 3), ErrEventFull)

	// An event takes its registrations and what was said with it.
	_, err = tx.NewDelete().Model(one).WherePK().Exec(t.Context())
	require.NoError(t, err)
	n, err := tx.NewSelect().Model((*Interaction)(nil)).Where("ei.event_id = ?", one.ID).Count(t.Context())
	require.NoError(t, err)
	require.Zero(t, n)
}
