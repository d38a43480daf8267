package documents

import (
	"context"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// Access is what somebody does with the bytes of a document.
type Access string

// The kinds of access.
const (
	AccessView     Access = "view"
	AccessDownload Access = "download"
)

// Valid reports whether a is one of the kinds.
func (a Access) Valid() bool { return a == AccessView || a == AccessDownload }

// AccessEntry is one opening of a document's bytes: by whom, where they are known, and
// by which share, link or request to sign, where it was by one.
type AccessEntry struct {
	bun.BaseModel `bun:"table:documents.access_log,alias:al" json:"-"`

	ID         id.Of[AccessEntry]       `bun:"id,pk" json:"id"`
	DocumentID id.Of[Document]          `bun:"document_id" json:"document_id"` // the version
	ViewerID   *id.Of[auth.User]        `bun:"viewer_id" json:"viewer_id"`
	ShareID    *id.Of[Share]            `bun:"share_id" json:"share_id"`
	LinkID     *id.Of[Link]             `bun:"link_id" json:"link_id"`
	RequestID  *id.Of[SignatureRequest] `bun:"request_id" json:"request_id"`
	Access     Access                   `bun:"access" json:"access"`
	CreatedAt  time.Time                `bun:"created_at" json:"created_at"`
}

var accessLog = store.Repo[AccessEntry]{
	Constraints: constraints,
	Sort:        store.NewestFirst(func(e *AccessEntry) (time.Time, string) { return e.CreatedAt, e.ID.String() }),
}

// right is what somebody needs to do something with a document.
type right int

const (
	mayView right = iota
	mayDownload
	mayEdit
	mayShare

	// looks asks for all rights and uses none to change anything, so that it locks nobody.
	looks
)

// rights are what somebody may do with a document, and why.
type rights struct {
	has     [4]bool
	lasts   [4]bool    // not by the share alone, which ends at ends
	ends    *time.Time // of the share; nil: it does not
	share   *id.Of[Share]
	request *id.Of[SignatureRequest]
}

func (r *rights) give(list ...right) {
	for _, x := range list {
		r.has[x], r.lasts[x] = true, true
	}
}

// outlives is an error where what is given by these rights would last longer than they do;
// nil lasts for good.
func (r *rights) outlives(until *time.Time, list ...right) error {
	for _, x := range list {
		if !r.lasts[x] && r.ends != nil && (until == nil || until.After(r.ends.Add(time.Microsecond))) { // as the column has it
			return ErrOutlives
		}
	}
	return nil
}

// need is an error where a right is lacking: who does not even see the document is told
// that there is none.
func (r *rights) need(list ...right) error {
	if !r.has[mayView] {
		return ErrDocumentNotFound
	}
	for _, x := range list {
		if !r.has[x] {
			return ErrForbidden
		}
	}
	return nil
}

// need is an error where somebody lacks a right.
func (s *core) need(ctx context.Context, tx bun.IDB, d *Document, viewer id.Of[auth.User], platform bool, right right) error {
	r, err := s.rightsOf(ctx, tx, d, viewer, platform, right)
	if err != nil {
		return err
	}
	return r.need(right)
}

// rightsOf says what somebody may do with a document: everything is its owner's and the
// platform's; what a share gives; what a role permits; the paper that one is asked to
// sign; and what is public. A viewer who is suspended or deleted is
// auth.ErrActorInactive. want is the right that is asked for: whoever only views or
// downloads locks nobody, and what a role permits beyond that is not found out.
func (s *core) rightsOf(ctx context.Context, tx bun.IDB, d *Document, viewer id.Of[auth.User], platform bool, want right) (r rights, err error) {
	if d.Visibility == VisibilityPublic {
		r.give(mayView, mayDownload)
	}
	if platform {
		r.give(mayView, mayDownload, mayEdit, mayShare)
	}
	if platform || viewer.IsZero() {
		return r, nil
	}
	active, asked := auth.ActiveActor, []auth.Action{auth.ActionView, auth.ActionEdit}
	switch want {
	case mayView, mayDownload:
		active, asked = auth.ActiveViewer, asked[:1]
	case looks:
		active = auth.ActiveViewer
	}
	if err := active(ctx, tx, viewer); err != nil {
		return r, err
	}
	if viewer == d.OwnerID {
		r.give(mayView, mayDownload, mayEdit, mayShare)
		return r, nil
	}
	if err := r.byShare(ctx, tx, d, viewer); err != nil {
		return r, err
	}
	if err := r.byRequest(ctx, tx, d, viewer); err != nil {
		return r, err
	}
	for _, action := range asked {
		ask := func(tx bun.IDB) error { return s.ask(ctx, tx, viewer, action, d) }
		if want == looks {
			// A role of the database that only reads may not ask for more than to view:
			// nothing more is permitted, and the transaction goes on.
			err = store.InTx(ctx, tx, ask)
		} else {
			err = ask(tx)
		}
		switch ok, err := permitted(err); {
		case err != nil:
			return r, err
		case ok && action == auth.ActionEdit:
			r.give(mayView, mayDownload, mayEdit, mayShare)
		case ok:
			r.give(mayView, mayDownload)
		}
	}
	return r, nil
}

func (r *rights) byShare(ctx context.Context, tx bun.IDB, d *Document, viewer id.Of[auth.User]) error {
	found, err := shares.AllParams(ctx, tx, `ds.document_id = $1 AND ds.shared_with = $2 AND ds.revoked_at IS NULL
		AND (ds.expires_at IS NULL OR ds.expires_at > now())`, d.Root().String(), viewer.String())
	for i := range found {
		for right, has := range [...]bool{mayView: found[i].CanView, mayDownload: found[i].CanDownload, mayEdit: found[i].CanEdit, mayShare: found[i].CanShare} {
			r.has[right] = r.has[right] || has && found[i].CanView
		}
		r.share, r.ends = &found[i].ID, found[i].ExpiresAt
	}
	return err
}

func (r *rights) byRequest(ctx context.Context, tx bun.IDB, d *Document, viewer id.Of[auth.User]) error {
	found, err := requests.AllParams(ctx, tx, `sr.signer_id = $1 AND sr.status IN ('pending', 'signed')
		AND sr.envelope_id IN (SELECT e.id FROM documents.envelopes e WHERE e.document_id = $2 AND (sr.status = 'signed' OR e.expires_at > now()))
		ORDER BY sr.id DESC LIMIT 1`, viewer.String(), d.ID.String())
	for i := range found {
		r.give(mayView, mayDownload)
		r.request = &found[i].ID
	}
	return err
}

// permits reports whether a role of somebody's permits an action on a document.
func (s *core) permits(ctx context.Context, tx bun.IDB, user id.Of[auth.User], action auth.Action, d *Document) (bool, error) {
	return permitted(s.ask(ctx, tx, user, action, d))
}

// ask returns why no role of somebody's permits an action on a document.
func (s *core) ask(ctx context.Context, tx bun.IDB, user id.Of[auth.User], action auth.Action, d *Document) error {
	if s.can == nil {
		return auth.ErrNotPermitted
	}
	object := auth.Object{Kind: auth.KindDocument}
	if d != nil {
		object = auth.ObjectOf(auth.KindDocument, d.Root()).OwnedBy(d.OwnerID)
	}
	return s.can(ctx, tx, user, action, object)
}

func permitted(err error) (bool, error) {
	if errors.Is(err, fault.Forbidden) {
		return false, nil
	}
	return err == nil, err
}

// visible narrows documents to those that a viewer sees; see rightsOf. A role over a
// single document puts it into no list.
func (s *core) visible(ctx context.Context, tx bun.IDB, viewer id.Of[auth.User], platform bool) (func(*bun.SelectQuery) *bun.SelectQuery, error) {
	everything := func(q *bun.SelectQuery) *bun.SelectQuery { return q }
	if platform {
		return everything, nil
	}
	if viewer.IsZero() {
		return func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("?TableAlias.visibility = 'public'") }, nil
	}
	if err := auth.ActiveViewer(ctx, tx, viewer); err != nil {
		return nil, err
	}
	if all, err := s.permits(ctx, tx, viewer, auth.ActionView, nil); all || err != nil {
		return everything, err
	}
	return func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where(`(?TableAlias.owner_id = ?0 OR ?TableAlias.visibility = 'public'
			OR EXISTS (SELECT 1 FROM documents.document_shares s WHERE s.document_id = COALESCE(?TableAlias.parent_document_id, ?TableAlias.id)
				AND s.shared_with = ?0 AND s.can_view AND s.revoked_at IS NULL AND (s.expires_at IS NULL OR s.expires_at > now()))
			OR EXISTS (SELECT 1 FROM documents.envelopes e JOIN documents.signature_requests r ON r.envelope_id = e.id
				WHERE e.document_id = ?TableAlias.id AND r.signer_id = ?0 AND (r.status = 'signed' OR r.status = 'pending' AND e.expires_at > now())))`, viewer)
	}, nil
}

// opened records that the bytes of a version were given out.
func (s *core) opened(ctx context.Context, tx bun.IDB, e *AccessEntry) error {
	e.ID, e.CreatedAt = id.New[AccessEntry](), s.now()
	if _, err := accessLog.InsertParams(ctx, tx, e, ""); err != nil {
		return err
	}
	at := store.TimeKey(e.CreatedAt)
	if e.ShareID != nil {
		const count = "UPDATE documents.document_shares SET access_count = access_count + 1, accessed_at = $2::timestamptz WHERE id = $1"
		if _, err := store.ExecParams(ctx, tx, constraints, count, e.ShareID.String(), at); err != nil {
			return err
		}
	}
	if e.LinkID != nil {
		const count = "UPDATE documents.links SET access_count = access_count + 1, accessed_at = $2::timestamptz WHERE id = $1"
		if _, err := store.ExecParams(ctx, tx, constraints, count, e.LinkID.String(), at); err != nil {
			return err
		}
	}
	return nil
}

// AccessLogParams names a document and who looks at who opened it: who may share it.
type AccessLogParams managedParams

// AccessLog lists who opened the bytes of any version of a document, newest first. It
// returns [ErrDocumentNotFound] or [ErrForbidden].
func (s *Service) AccessLog(ctx context.Context, db bun.IDB, p AccessLogParams, req page.Request) (page.Page[AccessEntry], error) {
	return managed(ctx, db, s.core, managedParams(p), func(tx bun.IDB, root id.Of[Document]) (page.Page[AccessEntry], error) {
		return accessLog.List(ctx, tx, req, func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.Where("?TableAlias.document_id IN (SELECT d.id FROM documents.documents d WHERE d.parent_document_id = ?0 OR d.id = ?0 AND d.parent_document_id IS NULL)", root)
		})
	})
}
