package communications

import (
	"strconv"
	"strings"
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

var base = time.Now().Add(-time.Hour).UTC().Truncate(time.Microsecond)

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

func notify(t *testing.T, db bun.IDB, user id.Of[auth.User], expires *time.Time) *Notification {
	t.Helper()
	n, err := service().Notify(t.Context(), db, NotifyParams{
		UserID: user, Type: NotifyInvestmentUpdate, Title: "Paid", Message: "m", ExpiresAt: expires,
		Channels: []Channel{ChannelInApp, ChannelEmail}, ActionData: map[string]any{"amount": "12.34"},
	})
	require.NoError(t, err)
	return n
}

func TestNotify(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), service()
	user := person(t, tx)
	n := notify(t, tx, user, nil)
	p, err := svc.Notifications(ctx, tx, user, NotificationFilter{}, page.Request{})
	require.NoError(t, err)
	require.Len(t, p.Items, 1)
	got := p.Items[0]
	require.Equal(t, n.ID, got.ID)
	require.Equal(t, []Channel{ChannelInApp, ChannelEmail}, got.Channels)
	require.Equal(t, map[string]any{"amount": "12.34"}, got.ActionData)
	require.Equal(t, PriorityNormal, got.Priority)
	require.False(t, got.Read)

	_, err = svc.Notify(ctx, tx, NotifyParams{ID: n.ID, UserID: user, Type: "x", Title: "x"})
	require.ErrorIs(t, err, store.ErrExists)
	_, err = svc.Notify(ctx, tx, NotifyParams{UserID: id.New[auth.User](), Type: "x", Title: "x"})
	require.ErrorIs(t, err, store.ErrReference)
	_, err = svc.Notify(ctx, tx, NotifyParams{
		Title: strings.Repeat("x", 256), Priority: "x", Channels: []Channel{"pigeon"},
		ActionType: ptr(ActionType(strings.Repeat("x", 51))), ActionURL: ptr(strings.Repeat("x", 501)),
	})
	var fields []string
	for _, e := range fault.FieldErrors(err) {
		fields = append(fields, e.Field)
	}
	require.Equal(t, []string{"user_id", "type", "title", "action_type", "action_url", "priority", "channels[0]"}, fields)
}

func TestMarkRead(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), service()
	user, other := person(t, tx), person(t, tx)
	n := notify(t, tx, user, nil)

	_, err := svc.MarkRead(ctx, tx, MarkReadParams{other, n.ID})
	require.ErrorIs(t, err, ErrNotificationNotFound, "somebody else's")
	_, err = svc.MarkRead(ctx, tx, MarkReadParams{user, id.New[Notification]()})
	require.ErrorIs(t, err, ErrNotificationNotFound)

	read, err := svc.MarkRead(ctx, tx, MarkReadParams{user, n.ID})
	require.NoError(t, err)
	require.True(t, read.Read)
	require.True(t, read.ReadAt.Equal(base))
	again, err := svc.MarkRead(ctx, tx, MarkReadParams{user, n.ID})
	require.NoError(t, err)
	require.Equal(t, read, again)
}

// Notifications of one instant are each listed once, across pages; expired and
// read ones are left out on demand.
func TestNotifications_pages(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), service()
	user := person(t, tx)
	want := map[id.Of[Notification]]bool{}
	for range 5 {
		want[notify(t, tx, user, nil).ID] = true
	}
	expired := notify(t, tx, user, ptr(base))
	notify(t, tx, person(t, tx), nil)
	read := notify(t, tx, user, nil)
	_, err := svc.MarkRead(ctx, tx, MarkReadParams{user, read.ID})
	require.NoError(t, err)

	got, req := map[id.Of[Notification]]bool{}, page.Request{Limit: 2}
	for {
		p, err := svc.Notifications(ctx, tx, user, NotificationFilter{Unread: true}, req)
		require.NoError(t, err)
		for _, n := range p.Items {
			require.False(t, got[n.ID], "twice")
			got[n.ID] = true
		}
		if p.Next == "" {
			break
		}
		req.After = p.Next
	}
	require.Equal(t, want, got)

	p, err := svc.Notifications(ctx, tx, user, NotificationFilter{Expired: true}, page.Request{})
	require.NoError(t, err)
	require.Len(t, p.Items, 7)
	require.Contains(t, []id.Of[Notification]{p.Items[0].ID, p.Items[1].ID}, expired.ID, "newest first")
	_, err = svc.Notifications(ctx, tx, user, NotificationFilter{}, page.Request{After: "nonsense"})
	require.ErrorIs(t, err, page.ErrCursor)
}

// The rules of the tables, each violated once.
func TestSchema_refusals(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	user := person(t, tx)
	tpl := &Template{ID: id.New[Template](), Name: "t-" + user.String(), Subject: "s", Variables: []string{"name"}, Active: true, CreatedBy: &user, CreatedAt: base, UpdatedAt: base}
	require.NoError(t, insert(t, tx, tpl))
	campaign := func(change func(*Campaign)) *Campaign {
		c := &Campaign{ID: id.New[Campaign](), Name: "c", Subject: "s", Status: CampaignDraft, TemplateID: &tpl.ID, CreatedAt: base, UpdatedAt: base}
		change(c)
		return c
	}
	c := campaign(func(c *Campaign) { c.RecipientFilter = map[string]any{"state": "NY"} })
	require.NoError(t, insert(t, tx, c))
	send := func(change func(*Send)) *Send {
		s := &Send{ID: id.New[Send](), CampaignID: &c.ID, RecipientID: user, ToEmail: "a@b.c", FromEmail: "d@e.f", Status: SendPending, CreatedAt: base, UpdatedAt: base}
		change(s)
		return s
	}
	require.NoError(t, insert(t, tx, send(func(*Send) {})))
	note := func(change func(*Notification)) *Notification {
		n := &Notification{ID: id.New[Notification](), UserID: user, Priority: PriorityLow, CreatedAt: base, UpdatedAt: base}
		change(n)
		return n
	}
	for i, r := range []struct {
		row  any
		want error
	}{
		{send(func(*Send) {}), ErrSentAlready},
		{send(func(s *Send) { s.RecipientID = id.New[auth.User]() }), store.ErrReference},
		{send(func(s *Send) { s.CampaignID, s.Status = nil, "lost" }), store.ErrCheck},
		{campaign(func(c *Campaign) { c.Status = CampaignScheduled }), ErrSchedule},
		{campaign(func(c *Campaign) { c.BounceCount = -1 }), store.ErrCheck},
		{campaign(func(c *Campaign) { c.TemplateID = id.New[Template]().Ptr() }), store.ErrReference},
		{note(func(n *Notification) { n.ReadAt = &base }), ErrNotificationRead},
		{note(func(n *Notification) { n.Channels = []Channel{ChannelSMS, "pigeon"} }), store.ErrCheck},
		{&Template{ID: id.New[Template](), Name: tpl.Name, Subject: "s", CreatedAt: base, UpdatedAt: base}, store.ErrExists},
	} {
		require.ErrorIs(t, insert(t, tx, r.row), r.want, strconv.Itoa(i))
	}
	require.NoError(t, insert(t, tx, send(func(s *Send) { s.CampaignID = nil })), "e-mails outside a campaign are free")

	_, err := tx.NewDelete().Model(tpl).WherePK().Exec(ctx)
	require.NoError(t, err)
	var got Campaign
	require.NoError(t, tx.NewSelect().Model(&got).Where("ec.id = ?", c.ID).Scan(ctx))
	require.Nil(t, got.TemplateID, "a campaign outlives its template")
	require.Equal(t, map[string]any{"state": "NY"}, got.RecipientFilter)
}
