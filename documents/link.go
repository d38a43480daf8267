package documents

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// The conditions of links.
var (
	// ErrLink: there is no such link, it has expired, is revoked or was tried too often,
	// or the passcode is another. It is not said which.
	ErrLink = fault.New(fault.Forbidden, "document_link_refused", "the link or its passcode is not good")
	// ErrLinkNotFound: there is no such link.
	ErrLinkNotFound = fault.New(fault.NotFound, "document_link_not_found", "there is no such link")
)

// maxFailures is how many wrong passcodes end a link.
const maxFailures = 10

// Link lets whoever holds its token, and knows its passcode where it has one, at a
// document's latest version without an account. The token is 256 random bits and kept as
// its SHA-256; the passcode is kept as an HMAC whose key is the token, so that a stolen
// table does not let anybody try passcodes.
type Link struct {
	bun.BaseModel `bun:"table:documents.links,alias:dl" json:"-"`

	ID           id.Of[Link]      `bun:"id,pk" json:"id"`
	DocumentID   id.Of[Document]  `bun:"document_id" json:"document_id"` // the first version
	CreatedBy    id.Of[auth.User] `bun:"created_by" json:"created_by"`
	TokenHash    auth.Secret      `bun:"token_hash" json:"token_hash"`
	PasscodeHash *auth.Secret     `bun:"passcode_hash" json:"passcode_hash"` // nil: it needs none
	CanDownload  bool             `bun:"can_download" json:"can_download"`
	Failures     int              `bun:"failures" json:"failures"` // wrong passcodes
	ExpiresAt    time.Time        `bun:"expires_at" json:"expires_at"`
	AccessedAt   *time.Time       `bun:"accessed_at" json:"accessed_at"`
	AccessCount  int              `bun:"access_count" json:"access_count"`
	RevokedAt    *time.Time       `bun:"revoked_at" json:"revoked_at"`
	CreatedAt    time.Time        `bun:"created_at" json:"created_at"`
	UpdatedAt    time.Time        `bun:"updated_at" json:"updated_at"`
}

var links = store.Repo[Link]{
	NotFound:    ErrLinkNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(l *Link) (time.Time, string) { return l.CreatedAt, l.ID.String() }),
}

// LinkCreated says that there is a link to a document for people without an account.
type LinkCreated struct {
	LinkID    id.Of[Link]      `json:"link_id"`
	CreatedBy id.Of[auth.User] `json:"created_by"`
}

// EventType names the event.
func (LinkCreated) EventType() (string, int) { return "documents.link_created", 1 }

// LinkRevoked says that a link leads nowhere any more.
type LinkRevoked struct {
	LinkID    id.Of[Link]      `json:"link_id"`
	RevokedBy id.Of[auth.User] `json:"revoked_by"`
}

// EventType names the event.
func (LinkRevoked) EventType() (string, int) { return "documents.link_revoked", 1 }

// newToken draws a token, and its hash.
func newToken() (token, hash auth.Secret) {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails
	token = auth.NewSecret(base64.RawURLEncoding.EncodeToString(b))
	return token, hashOf(token)
}

func hashOf(token auth.Secret) auth.Secret {
	sum := sha256.Sum256([]byte(token.Reveal()))
	return auth.NewSecret(hex.EncodeToString(sum[:]))
}

func passcodeHash(token, passcode auth.Secret) auth.Secret {
	h := hmac.New(sha256.New, []byte(token.Reveal()))
	h.Write([]byte(passcode.Reveal()))
	return auth.NewSecret(hex.EncodeToString(h.Sum(nil)))
}

// CreateLinkParams describes a link.
type CreateLinkParams struct {
	DocumentID  id.Of[Document] // any version
	ActorID     id.Of[auth.User]
	ExpiresAt   time.Time
	Passcode    auth.Secret // empty: none; 4 to 100 characters otherwise
	CanDownload bool
}

// NewLink is a link with its token, which nobody sees again.
type NewLink struct {
	Link  *Link       `json:"link"`
	Token auth.Secret `json:"token"`
}

// CreateLink makes a link to a document's latest version. Who may share it does so, and
// one to download who may download it; it lasts no longer than their right. It locks the
// document, and returns field errors, [ErrDocumentNotFound], [ErrForbidden] or [ErrOutlives].
func (s *Service) CreateLink(ctx context.Context, db bun.IDB, p CreateLinkParams) (*NewLink, error) {
	now, code := s.now(), p.Passcode.Reveal()
	var f check.Fields
	f.Given("expires_at", p.ExpiresAt)
	f.Moment("expires_at", &p.ExpiresAt)
	f.Check(p.ExpiresAt.IsZero() || p.ExpiresAt.After(now), "expires_at", check.InPast, "a time to come")
	f.Text("passcode", code, 100)
	f.Check(code == "" || len(code) >= 4, "passcode", check.OutOfRange, "4 to 100 characters")
	if err := f.Err(); err != nil {
		return nil, err
	}
	token, hash := newToken()
	l := &Link{ID: id.New[Link](), CreatedBy: p.ActorID, TokenHash: hash, CanDownload: p.CanDownload, ExpiresAt: p.ExpiresAt, CreatedAt: now, UpdatedAt: now}
	if code != "" {
		l.PasscodeHash = passcodeHash(token, p.Passcode).Ptr()
	}
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		d, has, err := s.lockRights(ctx, tx, p.DocumentID, p.ActorID, mayShare)
		if err != nil {
			return err
		}
		if p.CanDownload && !has.has[mayDownload] {
			return ErrForbidden
		}
		if err := has.outlives(&p.ExpiresAt, mayShare); err != nil {
			return err
		}
		l.DocumentID = d.Root()
		if _, err := links.InsertParams(ctx, tx, l, ""); err != nil {
			return err
		}
		return s.hooks.Emit(ctx, tx, now, store.Event(aggregateDocument, d.Root(), LinkCreated{l.ID, p.ActorID}))
	})
	if err != nil {
		return nil, err
	}
	return &NewLink{l, token}, nil
}

// RevokeLinkParams names a link and who revokes it.
type RevokeLinkParams struct {
	LinkID  id.Of[Link]
	ActorID id.Of[auth.User]
}

// RevokeLink ends a link. Who may share the document does so. It locks the document, and
// returns [ErrLinkNotFound], [ErrDocumentNotFound] or [ErrForbidden]. One that is
// revoked is returned as it is.
func (s *Service) RevokeLink(ctx context.Context, db bun.IDB, p RevokeLinkParams) (*Link, error) {
	var l *Link
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		if l, err = links.Get(ctx, tx, p.LinkID); err != nil {
			return err
		}
		d, err := s.lockLatest(ctx, tx, l.DocumentID, p.ActorID, mayShare)
		if err != nil {
			return err
		}
		if l, err = links.Lock(ctx, tx, p.LinkID); err != nil || l.RevokedAt != nil {
			return err
		}
		now := s.now()
		l.RevokedAt = &now
		if err := links.Save(ctx, tx, l, &l.UpdatedAt, "revoked_at"); err != nil {
			return err
		}
		return s.hooks.Emit(ctx, tx, now, store.Event(aggregateDocument, d.Root(), LinkRevoked{l.ID, p.ActorID}))
	})
	if err != nil {
		return nil, err
	}
	return l, nil
}

// LinksParams names a document and who looks at its links: who may share it.
type LinksParams managedParams

// Links lists the links of a document, newest first. It returns [ErrDocumentNotFound]
// or [ErrForbidden].
func (s *Service) Links(ctx context.Context, db bun.IDB, p LinksParams, req page.Request) (page.Page[Link], error) {
	return managed(ctx, db, s.core, managedParams(p), func(tx bun.IDB, root id.Of[Document]) (page.Page[Link], error) {
		return links.List(ctx, tx, req, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("?TableAlias.document_id = ?", root) })
	})
}

// OpenLinkParams is what somebody with a link shows.
type OpenLinkParams struct {
	Token    auth.Secret
	Passcode auth.Secret
	Access   Access // the default is AccessView
}

// OpenLink opens the bytes of the latest version of the document that a link is to, and
// writes that into the access log. Ten wrong passcodes end a link; it wants the pool, so
// that their count stays whatever the caller does then. It returns field errors,
// [ErrLink], [ErrForbidden] for a download by a link to view, [ErrNotStored],
// storage.ErrCorrupt, or auth.ErrPoolRequired in a transaction.
func (s *Service) OpenLink(ctx context.Context, db bun.IDB, p OpenLinkParams) (*Content, error) {
	open := OpenDocumentParams{Access: p.Access}
	if err := open.check(); err != nil {
		return nil, err
	}
	if !store.IsPool(db) {
		return nil, auth.ErrPoolRequired
	}
	var d *Document
	var refused error
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		found, err := links.AllParams(ctx, tx, "dl.token_hash = $1 AND dl.revoked_at IS NULL AND dl.expires_at > now() AND dl.failures < $2 FOR NO KEY UPDATE",
			hashOf(p.Token).Reveal(), maxFailures)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return ErrLink
		}
		l := &found[0]
		if l.PasscodeHash != nil && !l.PasscodeHash.Equal(passcodeHash(p.Token, p.Passcode)) {
			refused, l.Failures = ErrLink, l.Failures+1
			return links.Update(ctx, tx, l, "failures") // which stays, whatever the caller is told
		}
		if open.Access == AccessDownload && !l.CanDownload {
			return ErrForbidden
		}
		if d, err = documents.One(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery { return latest(q, l.DocumentID) }); err != nil {
			if errors.Is(err, ErrDocumentNotFound) {
				return ErrLink
			}
			return err
		}
		if _, err := s.keyOf(d); err != nil {
			return err
		}
		return s.opened(ctx, tx, &AccessEntry{DocumentID: d.ID, LinkID: &l.ID, Access: open.Access})
	})
	if err == nil {
		err = refused
	}
	if err != nil {
		return nil, err
	}
	return s.content(ctx, d)
}
