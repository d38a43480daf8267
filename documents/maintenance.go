package documents

import "github.com/freehold-go/freehold/internal/retention"

// Maintenance lists what this package's tables need done in time, for
// realestate.Platform.Maintain. What only the storage knows of is not among it.
func Maintenance(keep retention.Periods) []retention.Work {
	return []retention.Work{
		{Verb: "Documents.SweepUploads", What: "uploads", Keep: keep.Uploads,
			Rows: retention.Rows{Table: "documents.uploads", At: "GREATEST(expires_at, completed_at)", Order: "expires_at",
				Where: `document_id IS NULL AND taken_at IS NULL AND removed_at IS NULL AND expires_at < ? AND (completed_at IS NULL OR completed_at < ?)`}},
		{Verb: "Signatures.ExpireEnvelopes", What: "envelopes",
			Rows: retention.Rows{Table: "documents.envelopes", At: "expires_at", Where: "status = 'open' AND expires_at <= now()"}},
	}
}
