package communications

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// NotificationType says what a notification is about. The list is open.
type NotificationType string

// The usual types of notification.
const (
	NotifyInvestmentUpdate  NotificationType = "investment_update"
	NotifyCapitalCall       NotificationType = "capital_call"
	NotifyDistribution      NotificationType = "distribution_paid"
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
	bun.BaseModel `bun:"table:communications.notifications,alias:n"`

	ID         id.Of[Notification] `bun:"id,pk"`
	UserID     id.Of[auth.User]    `bun:"user_id"`
	Type       *NotificationType   `bun:"type"`
	Title      *string             `bun:"title"`
	Message    *string             `bun:"message"`
	Channels   []Channel           `bun:"channels,array"`
	Read       bool                `bun:"read"` // true whenever ReadAt is set
	ReadAt     *time.Time          `bun:"read_at"`
	ActionType *ActionType         `bun:"action_type"`
	ActionURL  *string             `bun:"action_url"`
	ActionData map[string]any      `bun:"action_data,type:jsonb,nullzero"`
	Priority   Priority            `bun:"priority"`
	ExpiresAt  *time.Time          `bun:"expires_at"`
	CreatedAt  time.Time           `bun:"created_at"`
	UpdatedAt  time.Time           `bun:"updated_at"`
}
