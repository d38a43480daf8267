package communications

import "github.com/freehold-go/freehold/internal/retention"

// Maintenance lists what this package's tables need done in time, for
// realestate.Platform.Maintain.
func Maintenance(keep retention.Periods) []retention.Work {
	sends, _ := rowsOf(PurgeSends)
	notifications, _ := rowsOf(PurgeNotifications)
	return []retention.Work{
		{Verb: "Communications.Purge", What: string(PurgeSends), Rows: sends, Keep: keep.Sends},
		{Verb: "Communications.Purge", What: string(PurgeNotifications), Rows: notifications, Keep: keep.Notifications},
	}
}
