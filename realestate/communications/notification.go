package communications

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// The conditions of notifications.
var (
	// ErrNotificationNotFound: the user has no such notification.
	ErrNotificationNotFound = fault.New(fault.NotFound, "notification_not_found", "the user has no such notification")
	// ErrNotificationRead: a time of reading on a notification that is unread.
	ErrNotificationRead = fault.New(fault.Invalid, "notification_read_inconsistent", "an unread notification has no time of reading").On("read")
)

// NotificationType says what a notification is about. The list is open.
type NotificationType string

// The usual types of notification.
const (
	NotifyInvestmentUpdate  NotificationType = "investment_update"
	NotifyCapitalCall       NotificationType = "capital_call"
	NotifyDistribution      NotificationType = "distribution_paid"
	NotifyReversal          NotificationType = "distribution_reversed"
	NotifyDebt              NotificationType = "amount_owed"
	NotifyEventReminder     NotificationType = "event_reminder"
	NotifyConnectionRequest NotificationType = "connection_request"
)

// ActionType says what the user can do about a notification. The list is open.
type ActionType string

// The usual actions.
const (
	ActionViewInvestment   ActionType = "view_investment"
	ActionAcceptConnection ActionType = "accept_connection"
)

// Channel is a way to reach a user.
type Channel string

// The channels.
const (
	ChannelEmail Channel = "email"
	ChannelSMS   Channel = "sms"
	ChannelPush  Channel = "push"
	ChannelInApp Channel = "in_app"
)

// Valid reports whether c is one of the channels.
func (c Channel) Valid() bool {
	switch c {
	case ChannelEmail, ChannelSMS, ChannelPush, ChannelInApp:
		return true
	}
	return false
}

// Priority says how urgent a notification is.
type Priority string

// The priorities.
const (
	PriorityLow    Priority = "low"
	PriorityNormal Priority = "normal"
	PriorityHigh   Priority = "high"
	PriorityUrgent Priority = "urgent"
)

// Valid reports whether p is one of the priorities.
func (p Priority) Valid() bool {
	switch p {
	case PriorityLow, PriorityNormal, PriorityHigh, PriorityUrgent:
		return true
	}
	return false
}

// Notification is something the platform tells a user.
type Notification struct {
	bun.BaseModel `bun:"table:communications.notifications,alias:n" json:"-"`

	ID         id.Of[Notification] `bun:"id,pk" json:"id"`
	UserID     id.Of[auth.User]    `bun:"user_id" json:"user_id"`
	Type       *NotificationType   `bun:"type" json:"type"`
	Title      *string             `bun:"title" json:"title"`
	Message    *string             `bun:"message" json:"message"`
	Channels   []Channel           `bun:"channels,array" json:"channels"`
	Read       bool                `bun:"read" json:"read"` // true whenever ReadAt is set
	ReadAt     *time.Time          `bun:"read_at" json:"read_at"`
	ActionType *ActionType         `bun:"action_type" json:"action_type"`
	ActionURL  *string             `bun:"action_url" json:"action_url"`
	ActionData map[string]any      `bun:"action_data,type:jsonb,nullzero" json:"action_data"`
	Priority   Priority            `bun:"priority" json:"priority"`
	ExpiresAt  *time.Time          `bun:"expires_at" json:"expires_at"`
	CreatedAt  time.Time           `bun:"created_at" json:"created_at"`
	UpdatedAt  time.Time           `bun:"updated_at" json:"updated_at"`
}

// notifications is the repository of notifications, newest first.
var notifications = store.Repo[Notification]{
	NotFound:    ErrNotificationNotFound,
	Constraints: constraints,
	Sort: store.NewestFirst(func(n *Notification) (time.Time, string) {
		return n.CreatedAt, n.ID.String()
	}),
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
