package communications

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// MarkReadParams names a notification and the user it is for.
type MarkReadParams struct {
	UserID         id.Of[auth.User]
	NotificationID id.Of[Notification]
}

// MarkRead records that a user has read a notification of theirs. Reading it again
// changes nothing. It locks the notification and returns
// [ErrNotificationNotFound], also for another user's.
func (s *Service) MarkRead(ctx context.Context, db bun.IDB, p MarkReadParams) (*Notification, error) {
	var n *Notification
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		if n, err = notifications.Lock(ctx, tx, p.NotificationID); err != nil {
			return err
		}
		if n.UserID != p.UserID {
			return ErrNotificationNotFound
		}
		if n.Read {
			return nil
		}
		now := s.now()
		n.Read, n.ReadAt = true, &now
		if err := notifications.Update(ctx, tx, n, "read", "read_at"); err != nil {
			return err
		}
		n, err = notifications.Get(ctx, tx, p.NotificationID) // the database keeps updated_at
		return err
	})
	if err != nil {
		return nil, err
	}
	return n, nil
}
