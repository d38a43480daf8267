package analytics

import "github.com/freehold-go/freehold/internal/retention"

// Maintenance lists what this package's tables need done in time, for
// realestate.Platform.Maintain.
func Maintenance(keep retention.Periods) []retention.Work {
	partitions := func(m *retention.Months, over retention.Work) retention.Work {
		return retention.Work{Verb: "Analytics.EnsurePartitions", What: m.Table, Rows: over.Rows, Keep: over.Keep, Months: m, Ahead: keep.PartitionsAhead}
	}
	// The verb makes partitions of strays itself.
	archive := retention.Work{Verb: "Analytics.ArchiveUserEvents", What: eventMonths.Table, Rows: rowsOf(&eventMonths), Keep: keep.LiveEvents, Archives: true}
	views := retention.Work{Verb: "Analytics.Purge", What: string(PurgePageViews), Rows: rowsOf(&viewMonths), Keep: keep.PageViews}
	return []retention.Work{
		partitions(&eventMonths, archive), partitions(&viewMonths, views), archive, views,
		{Verb: "Analytics.Purge", What: string(PurgeArchivedEvents), Rows: rowsOf(&archiveMonths), Keep: keep.ArchivedEvents},
	}
}
