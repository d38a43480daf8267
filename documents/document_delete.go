package documents

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// The conditions of what is kept.
var (
	// ErrHeld: there is a legal hold on the document.
	ErrHeld = fault.New(fault.Illegal, "document_held", "there is a legal hold on the document")
	// ErrRetained: the document has to be kept for a time that is not over.
	ErrRetained = fault.New(fault.Illegal, "document_retained", "the document has to be kept for now")
	// ErrSigned: a version of the document is signed, and a record for good.
	ErrSigned = fault.New(fault.Illegal, "document_signed", "somebody has signed the document")
	// ErrRetentionShortened: a document is kept for longer, never for less.
	ErrRetentionShortened = fault.New(fault.Illegal, "document_retention_shortened", "a document is kept longer, never shorter").On("until")
)

// DocumentDeleted says that a document, with all of its versions, is out of sight.
type DocumentDeleted struct {
	DeletedBy id.Of[auth.User] `json:"deleted_by"`
}

// EventType names the event.
func (DocumentDeleted) EventType() (string, int) { return "documents.document_deleted", 1 }

// DocumentRestored says that a deleted document is back.
type DocumentRestored struct {
	RestoredBy id.Of[auth.User] `json:"restored_by"`
}

// EventType names the event.
func (DocumentRestored) EventType() (string, int) { return "documents.document_restored", 1 }

// DocumentHeld says that there is a legal hold on a document.
type DocumentHeld struct {
	HeldBy id.Of[auth.User] `json:"held_by"`
}

// EventType names the event.
func (DocumentHeld) EventType() (string, int) { return "documents.document_held", 1 }

// DocumentReleased says that a document's legal hold ended.
type DocumentReleased struct {
	ReleasedBy id.Of[auth.User] `json:"released_by"`
}

// EventType names the event.
func (DocumentReleased) EventType() (string, int) { return "documents.document_released", 1 }

// DocumentRetained says until when a document is kept.
type DocumentRetained struct {
	Until      date.Date        `json:"until"`
	RetainedBy id.Of[auth.User] `json:"retained_by"`
}

// EventType names the event.
func (DocumentRetained) EventType() (string, int) { return "documents.document_retained", 1 }

// DeleteDocumentParams names a document and who deletes it.
type DeleteDocumentParams struct {
	DocumentID id.Of[Document] // any version
	ActorID    id.Of[auth.User]
}

// RestoreDocumentParams names a document and who brings it back.
type RestoreDocumentParams DeleteDocumentParams

// ReleaseDocumentParams names a document and who ends its legal hold.
type ReleaseDocumentParams DeleteDocumentParams

// deletable reports why a document cannot be deleted. It touches no database.
func (d *Document) deletable(today date.Date, signed bool) error {
	switch {
	case d.HoldReason != nil:
		return ErrHeld
	case signed:
		return ErrSigned
	case d.RetainUntil != nil && !d.RetainUntil.Before(today):
		return ErrRetained.With("until %s", d.RetainUntil)
	}
	return nil
}

// DeleteDocument takes a document with all of its versions out of sight, and voids what
// is open of its signatures. Its rows and its bytes stay; [Service.RestoreDocument]
// brings it back. It locks the document, and returns [ErrDocumentNotFound],
// [ErrForbidden], [ErrHeld], [ErrSigned] or [ErrRetained].
func (s *Service) DeleteDocument(ctx context.Context, db bun.IDB, p DeleteDocumentParams) (*Document, error) {
	return s.change(ctx, db, p, mayEdit, func(tx bun.IDB, d *Document) ([]store.Emission, error) {
		var signed bool
		if err := store.Scan(ctx, tx, []any{&signed}, `SELECT EXISTS (SELECT 1 FROM documents.signature_events e WHERE e.document_id = $1 AND e.type = 'signed')
			OR EXISTS (SELECT 1 FROM documents.signatures g JOIN documents.documents d ON d.id = g.document_id
				WHERE (d.parent_document_id = $1 OR d.id = $1) AND g.status = 'signed')`, d.Root().String()); err != nil {
			return nil, err
		}
		now := s.now()
		if err := d.deletable(date.Of(now), signed); err != nil {
			return nil, err
		}
		voided, err := voidOpen(ctx, tx, d.Root(), &p.ActorID, "the document was deleted", now)
		if err != nil {
			return nil, err
		}
		d.DeletedAt = &now
		return append([]store.Emission{store.Event(aggregateDocument, d.Root(), DocumentDeleted{p.ActorID})}, voided...),
			s.ofAll(ctx, tx, d, "deleted_at = $2::timestamptz", "AND deleted_at IS NULL", store.TimeKey(now))
	})
}

// RestoreDocument brings a deleted document back, with the versions that were deleted
// with it. Who may edit it does so. It locks the document, and returns
// [ErrDocumentNotFound] or [ErrForbidden]. One that is not deleted is returned as it is.
func (s *Service) RestoreDocument(ctx context.Context, db bun.IDB, p RestoreDocumentParams) (*Document, error) {
	if p.ActorID.IsZero() {
		return nil, auth.ErrActorRequired
	}
	var d *Document
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		named, err := documents.Get(ctx, tx, p.DocumentID)
		if err != nil {
			return err
		}
		root, err := documents.Lock(ctx, tx, named.Root())
		if err != nil {
			return err
		}
		if err := s.need(ctx, tx, root, p.ActorID, false, mayEdit); err != nil {
			return err
		}
		if root.DeletedAt == nil {
			d, err = documents.One(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery { return latest(q, root.ID) })
			return err
		}
		if err := s.ofAll(ctx, tx, root, "deleted_at = NULL", "AND deleted_at = $2::timestamptz", store.TimeKey(*root.DeletedAt)); err != nil {
			return err
		}
		if d, err = documents.One(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery { return latest(q, root.ID) }); err != nil {
			return err
		}
		return s.hooks.Emit(ctx, tx, s.now(), store.Event(aggregateDocument, root.ID, DocumentRestored{p.ActorID}))
	})
	if err != nil {
		return nil, err
	}
	return d, nil
}

// HoldDocumentParams is a legal hold.
type HoldDocumentParams struct {
	DocumentID id.Of[Document] // any version
	ActorID    id.Of[auth.User]
	Reason     string // at most 500 characters
}

// HoldDocument puts a legal hold on a document: nobody deletes it. Who may edit it does
// so. It locks the document, and returns field errors, [ErrDocumentNotFound],
// [ErrForbidden] or [ErrHeld]. Run again with the same reason, it returns the document as
// it is.
func (s *Service) HoldDocument(ctx context.Context, db bun.IDB, p HoldDocumentParams) (*Document, error) {
	var f check.Fields
	f.Required("reason", p.Reason, 500)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return s.change(ctx, db, DeleteDocumentParams{p.DocumentID, p.ActorID}, mayEdit, func(tx bun.IDB, d *Document) ([]store.Emission, error) {
		switch {
		case d.HoldReason != nil && *d.HoldReason == p.Reason:
			return nil, nil
		case d.HoldReason != nil:
			return nil, ErrHeld
		}
		d.HoldReason = &p.Reason
		return []store.Emission{store.Event(aggregateDocument, d.Root(), DocumentHeld{p.ActorID})}, s.ofAll(ctx, tx, d, "hold_reason = $2", "", p.Reason)
	})
}

// ReleaseDocument ends a document's legal hold. A role that permits to approve documents
// is needed (Config.Can), which its owner does not have by owning it. It locks the
// document, and returns [ErrDocumentNotFound] or [ErrForbidden]. One without a hold is
// returned as it is.
func (s *Service) ReleaseDocument(ctx context.Context, db bun.IDB, p ReleaseDocumentParams) (*Document, error) {
	return s.change(ctx, db, DeleteDocumentParams(p), mayView, func(tx bun.IDB, d *Document) ([]store.Emission, error) {
		switch ok, err := s.permits(ctx, tx, p.ActorID, auth.ActionApprove, d); {
		case err != nil:
			return nil, err
		case !ok:
			return nil, ErrForbidden
		case d.HoldReason == nil:
			return nil, nil
		}
		d.HoldReason = nil
		return []store.Emission{store.Event(aggregateDocument, d.Root(), DocumentReleased{p.ActorID})}, s.ofAll(ctx, tx, d, "hold_reason = NULL", "")
	})
}

// RetainDocumentParams says how long a document is kept.
type RetainDocumentParams struct {
	DocumentID id.Of[Document] // any version
	ActorID    id.Of[auth.User]
	Until      date.Date // it is not deleted before this day's end
}

// RetainDocument keeps a document for longer. Who may edit it does so. It locks the
// document, and returns field errors, [ErrDocumentNotFound], [ErrForbidden] or
// [ErrRetentionShortened].
func (s *Service) RetainDocument(ctx context.Context, db bun.IDB, p RetainDocumentParams) (*Document, error) {
	var f check.Fields
	f.Given("until", p.Until)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return s.change(ctx, db, DeleteDocumentParams{p.DocumentID, p.ActorID}, mayEdit, func(tx bun.IDB, d *Document) ([]store.Emission, error) {
		if d.RetainUntil != nil && p.Until.Before(*d.RetainUntil) {
			return nil, ErrRetentionShortened
		}
		d.RetainUntil = &p.Until
		return []store.Emission{store.Event(aggregateDocument, d.Root(), DocumentRetained{p.Until, p.ActorID})},
			s.ofAll(ctx, tx, d, "retain_until = $2::date", "", p.Until.String())
	})
}

// change locks a document for somebody with a right, changes it and emits.
func (s *core) change(ctx context.Context, db bun.IDB, p DeleteDocumentParams, right right, do func(tx bun.IDB, d *Document) ([]store.Emission, error)) (*Document, error) {
	var d *Document
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		if d, err = s.lockLatest(ctx, tx, p.DocumentID, p.ActorID, right); err != nil {
			return err
		}
		events, err := do(tx, d)
		if err != nil {
			return err
		}
		return s.hooks.Emit(ctx, tx, s.now(), events...)
	})
	if err != nil {
		return nil, err
	}
	return d, nil
}

// ofAll writes the versions of a locked document that where selects, and brings the time
// of change into d where it is one of them.
func (s *core) ofAll(ctx context.Context, tx bun.IDB, d *Document, set, where string, args ...any) error {
	type written struct {
		ID        id.Of[Document] `bun:"id"`
		UpdatedAt time.Time       `bun:"updated_at"`
	}
	rows, err := store.Rows[written](ctx, tx, "UPDATE documents.documents SET "+set+" WHERE (parent_document_id = $1 OR id = $1) "+where+" RETURNING id, updated_at",
		append([]any{d.Root().String()}, args...)...)
	for _, r := range rows {
		if r.ID == d.ID {
			d.UpdatedAt = r.UpdatedAt
		}
	}
	return err
}
