package documents

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// DocumentShared says that somebody may see a document.
type DocumentShared struct {
	ShareID    id.Of[Share]     `json:"share_id"`
	SharedBy   id.Of[auth.User] `json:"shared_by"`
	SharedWith id.Of[auth.User] `json:"shared_with"`
}

// EventType names the event.
func (DocumentShared) EventType() (string, int) { return "documents.document_shared", 1 }

// ShareRevoked says that somebody may see a document no more by this share.
type ShareRevoked struct {
	ShareID    id.Of[Share]     `json:"share_id"`
	RevokedBy  id.Of[auth.User] `json:"revoked_by"`
	SharedWith id.Of[auth.User] `json:"shared_with"`
}

// EventType names the event.
func (ShareRevoked) EventType() (string, int) { return "documents.share_revoked", 1 }

// ShareDocumentParams lets somebody at a document. A share lets them view it.
type ShareDocumentParams struct {
	ID          id.Of[Share]    // optional; a new one by default
	DocumentID  id.Of[Document] // any version
	ActorID     id.Of[auth.User]
	SharedWith  id.Of[auth.User]
	CanDownload bool
	CanEdit     bool
	CanShare    bool
	ExpiresAt   *time.Time // nil: it does not expire
}

// ShareDocument lets a user at a document with all of its versions. Who may share it
// does so, and gives no right that they do not have, nor for longer. It locks the document,
// and returns field errors, [ErrDocumentNotFound], [ErrForbidden], [ErrOutlives],
// [ErrShareSelf], [ErrShared], or reference_not_found when there is no such user. A share that has expired is revoked
// to make room. Run again with the same id and params, it returns the share as it is
// then.
func (s *Service) ShareDocument(ctx context.Context, db bun.IDB, p ShareDocumentParams) (*Share, error) {
	now := s.now()
	var f check.Fields
	f.Given("document_id", p.DocumentID)
	f.Given("shared_with", p.SharedWith)
	f.Moment("expires_at", p.ExpiresAt)
	f.Check(p.ExpiresAt == nil || p.ExpiresAt.After(now), "expires_at", check.InPast, "a time to come")
	if err := f.Err(); err != nil {
		return nil, err
	}
	sh := &Share{ID: p.ID.OrNew(), SharedBy: p.ActorID, SharedWith: p.SharedWith, CanView: true, CanDownload: p.CanDownload, CanEdit: p.CanEdit,
		CanShare: p.CanShare, ExpiresAt: p.ExpiresAt, SharedAt: now, CreatedAt: now, UpdatedAt: now}
	c := store.Creation[Share]{Verb: "documents.share", Params: p, Chosen: p.ID, Kind: "share", Rows: shares}
	return store.CreateOnce(ctx, db, c, func(tx bun.IDB) (*Share, error) {
		d, has, err := s.lockRights(ctx, tx, p.DocumentID, p.ActorID, mayShare)
		if err != nil {
			return nil, err
		}
		if d.OwnerID == p.SharedWith {
			return nil, ErrShareSelf
		}
		if p.CanDownload && !has.has[mayDownload] || p.CanEdit && !has.has[mayEdit] {
			return nil, ErrForbidden
		}
		if err := has.outlives(p.ExpiresAt, mayShare); err != nil {
			return nil, err
		}
		sh.DocumentID = d.Root()
		if _, err := store.ExecParams(ctx, tx, constraints, `UPDATE documents.document_shares SET revoked_at = $3::timestamptz
			WHERE document_id = $1 AND shared_with = $2 AND revoked_at IS NULL AND expires_at <= now()`,
			sh.DocumentID.String(), p.SharedWith.String(), store.TimeKey(now)); err != nil {
			return nil, err
		}
		wrote, err := shares.InsertParams(ctx, tx, sh, "ON CONFLICT (document_id, shared_with) WHERE revoked_at IS NULL DO NOTHING")
		switch {
		case err != nil:
			return nil, err
		case !wrote:
			return nil, ErrShared
		}
		return sh, s.hooks.Emit(ctx, tx, now, store.Event(aggregateDocument, d.Root(), DocumentShared{sh.ID, p.ActorID, p.SharedWith}))
	})
}

// RevokeShareParams names a share and who revokes it.
type RevokeShareParams struct {
	ShareID id.Of[Share]
	ActorID id.Of[auth.User]
}

// RevokeShare ends a share, and the links to the document that its holder has made, whose
// tokens they know; with whom they have shared it stands in [Service.Shares]. Whoever gave
// it, and whoever may share the document, does so. It locks the document, and returns
// [ErrShareNotFound], [ErrDocumentNotFound] or [ErrForbidden]. One that is revoked is
// returned as it is.
func (s *Service) RevokeShare(ctx context.Context, db bun.IDB, p RevokeShareParams) (*Share, error) {
	if p.ActorID.IsZero() {
		return nil, auth.ErrActorRequired
	}
	var sh *Share
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		if sh, err = shares.Get(ctx, tx, p.ShareID); err != nil {
			return err
		}
		d, err := documents.Lock(ctx, tx, sh.DocumentID)
		if err != nil {
			return err
		}
		if err := auth.ActiveActor(ctx, tx, p.ActorID); err != nil {
			return err
		}
		if sh.SharedBy != p.ActorID {
			if err := s.need(ctx, tx, d, p.ActorID, false, mayShare); err != nil {
				return err
			}
		}
		if sh, err = shares.Lock(ctx, tx, p.ShareID); err != nil || sh.RevokedAt != nil {
			return err
		}
		now := s.now()
		sh.RevokedAt = &now
		if err := shares.Save(ctx, tx, sh, &sh.UpdatedAt, "revoked_at"); err != nil {
			return err
		}
		events := []store.Emission{store.Event(aggregateDocument, d.ID, ShareRevoked{sh.ID, p.ActorID, sh.SharedWith})}
		ended, err := store.Rows[revoked](ctx, tx, `UPDATE documents.links SET revoked_at = $3::timestamptz
			WHERE document_id = $1 AND created_by = $2 AND revoked_at IS NULL RETURNING id`, d.ID.String(), sh.SharedWith.String(), store.TimeKey(now))
		if err != nil {
			return err
		}
		for _, l := range ended {
			events = append(events, store.Event(aggregateDocument, d.ID, LinkRevoked{l.ID, p.ActorID}))
		}
		return s.hooks.Emit(ctx, tx, now, events...)
	})
	if err != nil {
		return nil, err
	}
	return sh, nil
}

// revoked is a link that ended with a share.
type revoked struct {
	ID id.Of[Link] `bun:"id"`
}

// managedParams names a document, and who looks at how it is shared, opened and signed:
// who may share it.
type managedParams struct {
	DocumentID id.Of[Document] // any version
	ViewerID   id.Of[auth.User]
	AsPlatform bool // the platform itself
}

// SharesParams names a document and who looks at its shares: who may share it.
type SharesParams managedParams

// managed runs a read for somebody who may share a document.
func managed[T any](ctx context.Context, db bun.IDB, s *core, p managedParams, read func(tx bun.IDB, root id.Of[Document]) (T, error)) (out T, err error) {
	err = store.InTx(ctx, db, func(tx bun.IDB) error {
		d, err := documents.One(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery { return live(q).Where("?TableAlias.id = ?", p.DocumentID) })
		if err != nil {
			return err
		}
		r, err := s.rightsOf(ctx, tx, d, p.ViewerID, p.AsPlatform, looks)
		if err != nil {
			return err
		}
		if err := r.need(mayShare); err != nil {
			return err
		}
		out, err = read(tx, d.Root())
		return err
	})
	return out, err
}

// Shares lists the shares of a document, revoked ones too, newest first. It returns
// [ErrDocumentNotFound] or [ErrForbidden].
func (s *Service) Shares(ctx context.Context, db bun.IDB, p SharesParams, req page.Request) (page.Page[Share], error) {
	return managed(ctx, db, s.core, managedParams(p), func(tx bun.IDB, root id.Of[Document]) (page.Page[Share], error) {
		return shares.List(ctx, tx, req, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("?TableAlias.document_id = ?", root) })
	})
}
