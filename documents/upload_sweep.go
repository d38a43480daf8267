package documents

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
)

// SweepUploadsParams says what is old.
type SweepUploadsParams struct {
	// Grace is how long after it could last be used an upload or an object is left
	// alone, 0 to 10,000 hours. Zero is 24 hours.
	Grace time.Duration
}

// SweepReport says what a sweep did.
type SweepReport struct {
	Abandoned int `json:"abandoned"` // uploads that were given up
	Removed   int `json:"removed"`   // objects of uploads that were given up
	Orphans   int `json:"orphans"`   // objects that no row names
	// What was being written and never came to its end; see [storage.Store].
	Interrupted int `json:"interrupted"`
}

// sweepBatch is how many rows and objects are looked at together.
const sweepBatch = 500

// SweepUploads removes what uploads that ended nowhere have left: first it gives up
// those that were neither completed nor made a document in time, which commits, and then
// removes their objects; then it removes objects that no upload and no document names,
// such as of a transaction that was rolled back, and what was being written when a process was
// killed; an upload in parts has until then to come to its end. It never removes what a row names that
// still may become, or is, a document, or that was taken by another row ([TakeUploads]). It wants the pool, returns auth.ErrPoolRequired in
// a transaction, and can be stopped anywhere and run again, also twice at once.
func (s *Service) SweepUploads(ctx context.Context, db bun.IDB, p SweepUploadsParams) (*SweepReport, error) {
	var f check.Fields
	f.Check(p.Grace >= 0 && p.Grace <= 10_000*time.Hour, "grace", check.OutOfRange, "0 to 10,000 hours")
	if err := f.Err(); err != nil {
		return nil, err
	}
	if s.storage == nil {
		return nil, ErrNoStorage
	}
	if !store.IsPool(db) {
		return nil, auth.ErrPoolRequired
	}
	if p.Grace == 0 {
		p.Grace = 24 * time.Hour
	}
	report, before := &SweepReport{}, s.now().Add(-p.Grace)
	for {
		n, err := store.ExecParams(ctx, db, constraints, `UPDATE documents.uploads SET status = 'abandoned' WHERE id IN (
			SELECT u.id FROM documents.uploads u WHERE u.document_id IS NULL AND u.taken_at IS NULL AND u.removed_at IS NULL AND u.status IN ('pending', 'complete')
				AND u.expires_at < $1::timestamptz AND COALESCE(u.completed_at, u.expires_at) < $1::timestamptz
			ORDER BY u.id LIMIT 500 FOR UPDATE SKIP LOCKED)`, store.TimeKey(before))
		if err != nil {
			return report, err
		}
		if report.Abandoned += int(n); n < sweepBatch {
			break
		}
	}
	if err := s.removeAbandoned(ctx, db, report); err != nil {
		return report, err
	}
	for _, prefix := range []string{keyPrefix, publicPrefix} {
		if err := s.removeOrphans(ctx, db, prefix, before, report); err != nil {
			return report, err
		}
	}
	n, err := s.storage.Tidy(ctx, before)
	report.Interrupted += n
	return report, err
}

func (s *core) removeAbandoned(ctx context.Context, db bun.IDB, report *SweepReport) error {
	for {
		rows, err := uploads.AllParams(ctx, db, "up.status = 'abandoned' AND up.removed_at IS NULL ORDER BY up.id LIMIT 500")
		if err != nil || len(rows) == 0 {
			return err
		}
		for i := range rows {
			if err := s.storage.Delete(ctx, rows[i].ObjectKey); err != nil {
				return err
			}
			now := s.now()
			rows[i].RemovedAt = &now
			if err := uploads.Update(ctx, db, &rows[i], "removed_at"); err != nil {
				return err
			}
			report.Removed++
		}
	}
}

// removeOrphans goes over the objects below a prefix. The key of an object is made
// together with its row, so that no row can come to name one that is old.
func (s *core) removeOrphans(ctx context.Context, db bun.IDB, prefix string, before time.Time, report *SweepReport) error {
	for after := ""; ; {
		entries, err := s.storage.List(ctx, prefix, after, sweepBatch)
		if err != nil || len(entries) == 0 {
			return err
		}
		after = entries[len(entries)-1].Key
		var old []string
		for _, e := range entries {
			if e.ModifiedAt.Before(before) {
				old = append(old, e.Key)
			}
		}
		unnamed, err := store.Rows[struct{ Key string }](ctx, db, `SELECT k AS key FROM unnest($1::text[]) k
			WHERE NOT EXISTS (SELECT 1 FROM documents.uploads u WHERE u.object_key = k AND u.status <> 'abandoned')
				AND NOT EXISTS (SELECT 1 FROM documents.documents d WHERE d.storage_url = $2 || k)`, store.TextArray(old, func(k *string) string { return *k }), objectURL)
		if err != nil {
			return err
		}
		for _, u := range unnamed {
			if err := s.storage.Delete(ctx, u.Key); err != nil {
				return err
			}
			report.Orphans++
		}
		if len(entries) < sweepBatch {
			return nil
		}
	}
}
