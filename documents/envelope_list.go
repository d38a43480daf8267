package documents

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// EnvelopeFilter says who looks, and narrows a list of asks for signatures.
type EnvelopeFilter struct {
	ViewerID   id.Of[auth.User]
	AsPlatform bool // the platform itself, which sees everything

	DocumentID *id.Of[Document] // of any of its versions
	Status     *EnvelopeStatus
	ToSign     bool // those that wait for the viewer's own signature, whether it is their turn or not
}

// Envelopes lists asks for signatures that the viewer sees, newest first: those of documents
// that they may share, and those that ask them. [Signatures.Envelope] has the requests of one.
// It returns field errors, or auth.ErrActorInactive.
func (s *Signatures) Envelopes(ctx context.Context, db bun.IDB, f EnvelopeFilter, req page.Request) (out page.Page[Envelope], err error) {
	var fields check.Fields
	check.Enum(&fields, "status", f.Status)
	if err := fields.Err(); err != nil {
		return out, err
	}
	return s.listEnvelopes(ctx, db, f, req)
}

func (s *core) listEnvelopes(ctx context.Context, db bun.IDB, f EnvelopeFilter, req page.Request) (out page.Page[Envelope], err error) {
	err = store.InTx(ctx, db, func(tx bun.IDB) error {
		visible, err := s.envelopesOf(ctx, tx, f.ViewerID, f.AsPlatform)
		if err != nil {
			return err
		}
		out, err = envelopes.List(ctx, tx, req, func(q *bun.SelectQuery) *bun.SelectQuery { return f.narrow(visible(q)) })
		return err
	})
	return out, err
}

// envelopesOf narrows envelopes to those that a viewer sees, as [Signatures.Envelope] does.
func (s *core) envelopesOf(ctx context.Context, tx bun.IDB, viewer id.Of[auth.User], platform bool) (func(*bun.SelectQuery) *bun.SelectQuery, error) {
	everything := func(q *bun.SelectQuery) *bun.SelectQuery { return q }
	if platform {
		return everything, nil
	}
	if viewer.IsZero() {
		return func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("FALSE") }, nil
	}
	if err := auth.ActiveViewer(ctx, tx, viewer); err != nil {
		return nil, err
	}
	ask := func(tx bun.IDB) error { return s.ask(ctx, tx, viewer, auth.ActionEdit, nil) }
	if all, err := permitted(store.InTx(ctx, tx, ask)); all || err != nil { // as looks does
		return everything, err
	}
	return func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where(`(EXISTS (SELECT 1 FROM documents.signature_requests r WHERE r.envelope_id = ?TableAlias.id AND r.signer_id = ?0)
			OR EXISTS (SELECT 1 FROM documents.documents d WHERE d.id = ?TableAlias.document_id AND (d.owner_id = ?0
				OR EXISTS (SELECT 1 FROM documents.document_shares s WHERE s.document_id = COALESCE(d.parent_document_id, d.id) AND s.shared_with = ?0
					AND s.can_view AND s.can_share AND s.revoked_at IS NULL AND (s.expires_at IS NULL OR s.expires_at > now())))))`, viewer)
	}, nil
}

func (f EnvelopeFilter) narrow(q *bun.SelectQuery) *bun.SelectQuery {
	if f.DocumentID != nil {
		q = q.Where(`?TableAlias.document_id IN (SELECT d.id FROM documents.documents d JOIN documents.documents n ON n.id = ?
			WHERE COALESCE(d.parent_document_id, d.id) = COALESCE(n.parent_document_id, n.id))`, *f.DocumentID)
	}
	q = same(q, "status", f.Status)
	if f.ToSign {
		q = q.Where(`?TableAlias.status = 'open' AND ?TableAlias.expires_at > now() AND EXISTS (SELECT 1 FROM documents.signature_requests r
			WHERE r.envelope_id = ?TableAlias.id AND r.signer_id = ? AND r.status = 'pending')`, f.ViewerID)
	}
	return q
}
