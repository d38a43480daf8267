package media

import "github.com/freehold-go/freehold/internal/retention"

// Maintenance lists what this package's tables need done in time, for
// realestate.Platform.Maintain.
func Maintenance(keep retention.Periods) []retention.Work {
	return []retention.Work{{Verb: "Media.FoldTourViews", What: "tour_views", Keep: keep.TourViews,
		Rows: retention.Rows{Table: "media.tour_views", At: "created_at", Order: "id", Where: "created_at < ?"}}}
}
