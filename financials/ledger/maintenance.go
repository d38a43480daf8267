package ledger

import (
	"strconv"

	"github.com/freehold-go/freehold/internal/retention"
)

// Maintenance lists what this package's tables need done in time, for
// realestate.Platform.Maintain.
func Maintenance(keep retention.Periods) []retention.Work {
	return []retention.Work{
		{Verb: "Ledger.Seal", What: "unsealed_journals", Keep: keep.Unsealed, ID: "book_id",
			Rows: retention.Rows{Table: "financials.unsealed_journals", At: "recorded_at", Where: "recorded_at < ?"},
			// Book by book, since the key of the table begins with it.
			From: `financials.books b CROSS JOIN LATERAL (SELECT u.book_id, u.recorded_at FROM financials.unsealed_journals u
				WHERE u.book_id = b.id AND u.recorded_at < ? ORDER BY u.recorded_at LIMIT ` + strconv.Itoa(retention.MaxRows+1) + `) AS unsealed`},
		{Verb: "Ledger.VoidExpired", What: "pending_journals", ID: "book_id",
			Rows: retention.Rows{Table: "financials.pending_journals", At: "expires_at", Where: "expires_at <= now()"},
			From: `financials.books b CROSS JOIN LATERAL (SELECT p.book_id, p.expires_at FROM financials.pending_journals p
				WHERE p.book_id = b.id AND p.status = 'pending') AS pending`},
	}
}
