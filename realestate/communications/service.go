package communications

import (
	"context"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// Config configures a [Service]. The zero value is ready for use.
type Config struct {
	// Now is the clock; the default is time.Now.
	Now func() time.Time
}

// Service is the verbs on notifications. It holds no connection and is safe for
// concurrent use.
type Service struct{ clock func() time.Time }

// NewService makes a Service.
func NewService(cfg Config) *Service {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Service{clock: cfg.Now}
}

// now reads the clock once, in the form that the database keeps.
func (s *Service) now() time.Time { return s.clock().UTC().Truncate(time.Microsecond) }

// notifications is the repository of notifications, newest first.
var notifications = store.Repo[Notification]{
	NotFound:    ErrNotificationNotFound,
	Constraints: constraints,
	Sort: store.NewestFirst(func(n *Notification) (time.Time, string) {
		return n.CreatedAt, n.ID.String()
	}),
}

// NotifyParams describes a notification.
type NotifyParams struct {
	ID         id.Of[Notification] // optional; a new one by default
	UserID     id.Of[auth.User]
	Type       NotificationType
	Title      string
	Message    string
	Channels   []Channel // the default is in_app alone
	Priority   Priority  // the default is PriorityNormal
	ActionType *ActionType
	ActionURL  *string
	ActionData map[string]any
	ExpiresAt  *time.Time // nil: it does not expire
}

// check fills in defaults and reports every bad field.
func (p *NotifyParams) check() error {
	if p.ID.IsZero() {
		p.ID = id.New[Notification]()
	}
	if p.Priority == "" {
		p.Priority = PriorityNormal
	}
	if len(p.Channels) == 0 {
		p.Channels = []Channel{ChannelInApp}
	}
	var f fault.Fields
	f.Check(!p.UserID.IsZero(), "user_id", "required", "a user is needed")
	f.Check(p.Type != "", "type", "required", "a type is needed")
	f.Check(len(p.Type) <= 50, "type", "text_too_long", "at most 50 characters")
	f.Check(p.Title != "", "title", "required", "a title is needed")
	f.Check(utf8.RuneCountInString(p.Title) <= 255, "title", "text_too_long", "at most 255 characters")
	f.Check(p.ActionType == nil || len(*p.ActionType) <= 50, "action_type", "text_too_long", "at most 50 characters")
	f.Check(p.ActionURL == nil || utf8.RuneCountInString(*p.ActionURL) <= 500, "action_url", "text_too_long", "at most 500 characters")
	f.Check(p.Priority.Valid(), "priority", "value_not_allowed", "low, normal, high or urgent")
	for _, c := range p.Channels {
		f.Check(c.Valid(), "channels", "value_not_allowed", "email, sms, push or in_app")
	}
	return f.Err()
}

// notification is the row of checked params.
func (p NotifyParams) notification(at time.Time) Notification {
	return Notification{
		ID: p.ID, UserID: p.UserID, Type: &p.Type, Title: &p.Title, Message: &p.Message, Channels: p.Channels,
		ActionType: p.ActionType, ActionURL: p.ActionURL, ActionData: p.ActionData, Priority: p.Priority,
		ExpiresAt: p.ExpiresAt, CreatedAt: at, UpdatedAt: at,
	}
}

// Notify tells a user something. It returns field errors, already_exists when
// the id is taken, or reference_not_found when there is no such user.
func (s *Service) Notify(ctx context.Context, db bun.IDB, p NotifyParams) (*Notification, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	row := p.notification(s.now())
	n := &row
	err := store.InTx(ctx, db, func(tx bun.IDB) error { return notifications.Insert(ctx, tx, n) })
	if err != nil {
		return nil, err
	}
	return n, nil
}

// NotificationFilter narrows a list of notifications. The zero value narrows
// nothing but what has expired, by the database's clock.
type NotificationFilter struct {
	Unread  bool // only those not read
	Expired bool // expired ones as well
}

// Notifications lists a user's notifications, newest first.
func (s *Service) Notifications(ctx context.Context, db bun.IDB, user id.Of[auth.User], filter NotificationFilter, req page.Request) (page.Page[Notification], error) {
	return notifications.List(ctx, db, req, func(q *bun.SelectQuery) *bun.SelectQuery {
		q = q.Where("?TableAlias.user_id = ?", user)
		if filter.Unread {
			q = q.Where("NOT ?TableAlias.read")
		}
		if !filter.Expired {
			q = q.Where("(?TableAlias.expires_at IS NULL OR ?TableAlias.expires_at > now())")
		}
		return q
	})
}

// MarkRead records that a user has read a notification of his. Reading it again
// changes nothing. It locks the notification and returns
// [ErrNotificationNotFound], also for another user's.
func (s *Service) MarkRead(ctx context.Context, db bun.IDB, user id.Of[auth.User], notification id.Of[Notification]) (*Notification, error) {
	var n *Notification
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		if n, err = notifications.Lock(ctx, tx, notification); err != nil {
			return err
		}
		if n.UserID != user {
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
		n, err = notifications.Get(ctx, tx, notification) // the database keeps updated_at
		return err
	})
	if err != nil {
		return nil, err
	}
	return n, nil
}
