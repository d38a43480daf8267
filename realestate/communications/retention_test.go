package communications_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/retention"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/communications"
	"github.com/freehold-go/freehold/realestate/id"
)

// What still waits, what a campaign would send again, what proves that somebody
// unsubscribed and what has not expired stays.
func TestPurge(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Tx(t)
	now := time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC)
	over := now.AddDate(-1, 0, 0)
	svc := communications.NewService(communications.Config{Now: func() time.Time { return now }})
	exec := func(query string, args ...any) {
		_, err := db.NewRaw(query, args...).Exec(ctx)
		require.NoError(t, err)
	}
	user, sent, sending := id.New[auth.User](), id.New[communications.Campaign](), id.New[communications.Campaign]()
	exec("INSERT INTO auth.users (id, email, password_hash) VALUES (?, ?, '!')", user, user.String()+"@example.com")
	exec("INSERT INTO communications.email_campaigns (id, name, subject, status) VALUES (?, 'a', 'a', 'sent'), (?, 'b', 'b', 'sending')", sent, sending)
	send := func(campaign *id.Of[communications.Campaign], subject, status string, at time.Time, unsubscribed *time.Time) {
		exec(`INSERT INTO communications.email_sends (campaign_id, recipient_id, to_email, from_email, subject, status, created_at, updated_at, unsubscribed_at)
			VALUES (?, ?, 'a@example.com', 'b@example.com', ?, ?, ?, ?, ?)`, campaign, user, subject, status, at, at, unsubscribed)
	}
	early := over.Add(-time.Hour)
	send(&sent, "gone", "delivered", early, nil)
	send(nil, "gone", "failed", early, nil)
	send(&sending, "would be sent again", "delivered", early, nil)
	send(nil, "waits", "pending", early, nil)
	send(nil, "proves", "delivered", early, &early)
	send(nil, "young", "delivered", over, nil)
	for _, expires := range []*time.Time{nil, &early, &now} {
		exec("INSERT INTO communications.notifications (user_id, title, expires_at, created_at, updated_at) VALUES (?, 't', ?, ?, ?)", user, expires, early, early)
	}

	for _, dry := range []bool{true, false} {
		n, err := svc.Purge(ctx, db, communications.PurgeParams{What: communications.PurgeSends, Before: over, DryRun: dry})
		require.NoError(t, err)
		require.EqualValues(t, 2, n)
		n, err = svc.Purge(ctx, db, communications.PurgeParams{What: communications.PurgeNotifications, Before: over, DryRun: dry})
		require.NoError(t, err)
		require.EqualValues(t, 2, n)
	}
	var left []string
	require.NoError(t, db.NewRaw("SELECT subject FROM communications.email_sends ORDER BY 1").Scan(ctx, &left))
	require.Equal(t, []string{"proves", "waits", "would be sent again", "young"}, left)
	_, err := svc.Purge(ctx, db, communications.PurgeParams{What: "templates", Before: over})
	require.ErrorIs(t, err, retention.ErrPurgeWhat)
}
