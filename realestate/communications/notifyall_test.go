package communications

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// Many at once are what each of them would be alone, in a caller's transaction
// and out of one.
func TestNotifyAll(t *testing.T) {
	t.Parallel()
	db := pgtest.Clone(t)
	tx, err := db.Begin()
	require.NoError(t, err)
	defer func() { _ = tx.Rollback() }()
	for name, db := range map[string]bun.IDB{"in a transaction": tx, "with the pool": pgtest.Clone(t)} {
		ctx, svc, a, b := t.Context(), service(), person(t, db), person(t, db)
		action, url := ActionViewInvestment, `/a?q="x"&y=\z`
		list := []NotifyParams{
			{UserID: a, Type: NotifyCapitalCall, Title: "One, \"quoted\" {and} \\ braced", Message: "line\nbreak", Channels: []Channel{ChannelInApp, ChannelEmail},
				ActionType: &action, ActionURL: &url, ActionData: map[string]any{"amount": "12.34", "text": `a"b\c{d}`}, Priority: PriorityHigh, ExpiresAt: ptr(base.AddDate(10, 0, 0))},
			{UserID: b, Type: NotifyInvestmentUpdate, Title: "Two"},
		}
		rows, err := svc.NotifyAll(ctx, db, list)
		require.NoError(t, err, name)
		require.Len(t, rows, 2)
		require.True(t, list[1].ID.IsZero(), "the caller's list stays as it is")
		for i, who := range []id.Of[auth.User]{a, b} {
			alone := list[i]
			alone.ID = id.Of[Notification]{}
			single, err := svc.Notify(ctx, db, alone)
			require.NoError(t, err)
			got, err := svc.Notifications(ctx, db, who, NotificationFilter{}, page.Request{})
			require.NoError(t, err)
			require.Len(t, got.Items, 2)
			x, y := got.Items[0], got.Items[1]
			require.ElementsMatch(t, []id.Of[Notification]{rows[i].ID, single.ID}, []id.Of[Notification]{x.ID, y.ID})
			x.ID = y.ID
			require.Equal(t, x, y, name)
		}
		none, err := svc.NotifyAll(ctx, db, nil)
		require.NoError(t, err)
		require.Empty(t, none)

		list = append(list, NotifyParams{UserID: a, Type: "x", Title: "t", Priority: "soon"}, NotifyParams{Type: "x", Title: "t"})
		_, err = svc.NotifyAll(ctx, db, list)
		fields := fault.FieldErrors(err)
		require.Len(t, fields, 2)
		require.Equal(t, "notifications[2].priority notifications[3].user_id", fmt.Sprint(fields[0].Field, " ", fields[1].Field))
		_, err = svc.NotifyAll(ctx, db, []NotifyParams{{UserID: a, Type: "x", Title: "t"}, {UserID: id.New[auth.User](), Type: "x", Title: "t"}})
		require.ErrorIs(t, err, store.ErrReference)
		_, err = svc.NotifyAll(ctx, db, []NotifyParams{{UserID: a, Type: "x", Title: "t"}, {ID: rows[0].ID, UserID: a, Type: "x", Title: "t"}})
		require.ErrorIs(t, err, store.ErrExists)
		got, err := svc.Notifications(ctx, db, a, NotificationFilter{}, page.Request{})
		require.NoError(t, err)
		require.Len(t, got.Items, 2, "all of them or none: %s", name)
	}
}
