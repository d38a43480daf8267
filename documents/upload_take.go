package documents

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// TakeUploads gives complete uploads of somebody's to rows of another domain, which refer
// to them by a foreign key: from then on no document is made of them, and no sweep gives
// them up. It locks them in the order of their ids, and returns [ErrUploadNotFound], or
// [ErrUploadState] where one is not complete, somebody else's or taken. It belongs into the
// transaction that writes those rows.
func TakeUploads(ctx context.Context, tx bun.IDB, uploader id.Of[auth.User], at time.Time, ids ...id.Of[Upload]) error {
	found, err := uploads.LockAll(ctx, tx, ids)
	if err != nil {
		return err
	}
	for i := range found {
		if !found[i].free(uploader) {
			return ErrUploadState
		}
		found[i].TakenAt = &at
		if err := uploads.Update(ctx, tx, &found[i], "taken_at"); err != nil {
			return err
		}
	}
	return nil
}

// ReleaseUploads gives uploads up that were taken, when the rows that named them are gone.
// Their objects stay until [Service.SweepUploads] removes them, for the transaction may be
// rolled back. Those that nobody has taken are left alone.
func ReleaseUploads(ctx context.Context, tx bun.IDB, ids ...id.Of[Upload]) error {
	_, err := store.ExecParams(ctx, tx, constraints, `UPDATE documents.uploads SET status = 'abandoned', taken_at = NULL WHERE id IN (
		SELECT u.id FROM documents.uploads u WHERE u.id = ANY ($1::uuid[]) AND u.taken_at IS NOT NULL ORDER BY u.id FOR NO KEY UPDATE)`,
		store.TextArray(ids, func(v *id.Of[Upload]) string { return v.String() }))
	return err
}
