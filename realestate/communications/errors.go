package communications

import (
	"maps"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
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
