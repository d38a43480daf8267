package communications

import (
	"maps"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
)

// The conditions of this package.
var (
	// ErrNotificationNotFound: the user has no such notification.
	ErrNotificationNotFound = fault.New(fault.NotFound, "notification_not_found", "the user has no such notification")
	// ErrNotificationRead: a time of reading on a notification that is unread.
	ErrNotificationRead = fault.New(fault.Invalid, "notification_read_inconsistent", "an unread notification has no time of reading").On("read")
	// ErrSchedule: a scheduled campaign without its time.
	ErrSchedule = fault.New(fault.Invalid, "campaign_schedule_required", "a scheduled campaign needs its time").On("scheduled_at")
	// ErrSentAlready: the campaign has an e-mail to this recipient.
	ErrSentAlready = fault.New(fault.Conflict, "campaign_recipient_exists", "the campaign reaches this recipient already").On("recipient_id")
)

// constraints are the names that say more than the convention can tell.
var constraints = store.Constraints{
	"chk_notifications_reading":               ErrNotificationRead,
	"chk_email_campaigns_schedule":            ErrSchedule,
	"uk_email_sends_campaign_id_recipient_id": ErrSentAlready,
}

// Constraints names the constraints of this package's tables whose violation
// means one of its conditions, for hosts that write the tables themselves.
func Constraints() map[string]*fault.Error { return maps.Clone(constraints) }
