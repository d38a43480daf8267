package documents

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// EnvelopeClosed says that nothing is asked any more, and why: all have signed, one has
// declined, it was taken back, or its time is over.
type EnvelopeClosed struct {
	EnvelopeID id.Of[Envelope] `json:"envelope_id"`
	DocumentID id.Of[Document] `json:"document_id"` // the version
	Status     EnvelopeStatus  `json:"status"`
}

// EventType names the event.
func (EnvelopeClosed) EventType() (string, int) { return "documents.envelope_closed", 1 }

// SignerReminded says that a signer was to be reminded.
type SignerReminded struct {
	EnvelopeID id.Of[Envelope]         `json:"envelope_id"`
	RequestID  id.Of[SignatureRequest] `json:"request_id"`
	SignerID   *id.Of[auth.User]       `json:"signer_id"` // nil: somebody without an account
	RemindedBy id.Of[auth.User]        `json:"reminded_by"`
}

// EventType names the event.
func (SignerReminded) EventType() (string, int) { return "documents.signer_reminded", 1 }

// closeEnvelope ends an open envelope whose document is locked, and what is open of its
// requests.
func (c *chain) closeEnvelope(ctx context.Context, tx bun.IDB, e *Envelope, status EnvelopeStatus, actor *id.Of[auth.User], reason string, now time.Time) (store.Emission, error) {
	none := store.Emission{}
	e.Status, e.ClosedAt, e.ClosedReason = status, &now, store.Optional(reason)
	if err := envelopes.Save(ctx, tx, e, &e.UpdatedAt, "status", "closed_at", "closed_reason"); err != nil {
		return none, err
	}
	left, typ := RequestVoided, SignatureEventVoided
	switch status {
	case EnvelopeExpired:
		left, typ = RequestExpired, SignatureEventExpired
	case EnvelopeCompleted:
		typ = SignatureEventCompleted
	}
	if _, err := store.ExecParams(ctx, tx, constraints, "UPDATE documents.signature_requests SET status = $2 WHERE envelope_id = $1 AND status = 'pending'",
		e.ID.String(), string(left)); err != nil {
		return none, err
	}
	if status != EnvelopeDeclined { // the link of the answer says it
		if err := c.add(ctx, tx, e, link{typ: typ, actor: actor, at: now}); err != nil {
			return none, err
		}
	}
	return store.Event(aggregateDocument, c.root, EnvelopeClosed{e.ID, e.DocumentID, status}), nil
}

// voidOpen takes back what is open of a locked document's signatures.
func voidOpen(ctx context.Context, tx bun.IDB, root id.Of[Document], actor *id.Of[auth.User], reason string, now time.Time) (out []store.Emission, err error) {
	open, err := envelopes.AllParams(ctx, tx, `en.status = 'open' AND en.document_id IN
		(SELECT d.id FROM documents.documents d WHERE d.parent_document_id = $1 OR d.id = $1) ORDER BY en.id FOR NO KEY UPDATE`, root.String())
	if err != nil || len(open) == 0 {
		return nil, err
	}
	end, err := endOf(ctx, tx, root)
	if err != nil {
		return nil, err
	}
	for i := range open {
		e, err := end.closeEnvelope(ctx, tx, &open[i], EnvelopeVoided, actor, reason, now)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

// VoidEnvelopeParams takes an ask for signatures back.
type VoidEnvelopeParams struct {
	EnvelopeID id.Of[Envelope]
	ActorID    id.Of[auth.User]
	Reason     string
}

// VoidEnvelope takes an open ask for signatures back; what was signed stays signed. Who
// may edit the document does so. It locks the document, and returns field errors,
// [ErrEnvelopeNotFound], [ErrEnvelopeClosed], [ErrDocumentNotFound] or [ErrForbidden]. Run
// again with the same reason, it returns the envelope as it is.
func (s *Signatures) VoidEnvelope(ctx context.Context, db bun.IDB, p VoidEnvelopeParams) (*Envelope, error) {
	var f check.Fields
	f.Required("reason", p.Reason, check.Long)
	if err := f.Err(); err != nil {
		return nil, err
	}
	var e *Envelope
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		if e, err = envelopes.Get(ctx, tx, p.EnvelopeID); err != nil {
			return err
		}
		d, err := s.lockLatest(ctx, tx, e.DocumentID, p.ActorID, mayEdit)
		if err != nil {
			return err
		}
		if e, err = envelopes.Lock(ctx, tx, p.EnvelopeID); err != nil {
			return err
		}
		switch {
		case e.Status == EnvelopeVoided && e.ClosedReason != nil && *e.ClosedReason == p.Reason:
			return nil
		case e.Status != EnvelopeOpen:
			return ErrEnvelopeClosed
		}
		end, err := endOf(ctx, tx, d.Root())
		if err != nil {
			return err
		}
		now := s.now()
		closed, err := end.closeEnvelope(ctx, tx, e, EnvelopeVoided, &p.ActorID, p.Reason, now)
		if err != nil {
			return err
		}
		return s.hooks.Emit(ctx, tx, now, closed)
	})
	if err != nil {
		return nil, err
	}
	return e, nil
}

// ExpireEnvelopes ends open asks for signatures whose time is over by the database's
// clock, at most limit of them (0 is 500), and returns how many. Call it now and then; a
// signature comes too late whether it was called or not. It locks each document.
func (s *Signatures) ExpireEnvelopes(ctx context.Context, db bun.IDB, limit int) (int, error) {
	if limit == 0 {
		limit = 500
	}
	var f check.Fields
	f.Integer("limit", &limit, 1, 100_000)
	if err := f.Err(); err != nil {
		return 0, err
	}
	n := 0
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		now := s.now()
		events, err := expire(ctx, tx, limit, now)
		if err != nil {
			return err
		}
		n = len(events)
		return s.hooks.Emit(ctx, tx, now, events...)
	})
	return n, err
}

// askedOf is an envelope and the first version of its document.
type askedOf struct {
	ID   id.Of[Envelope] `bun:"id"`
	Root id.Of[Document] `bun:"root"`
}

// expire ends the envelopes whose time is over.
func expire(ctx context.Context, tx bun.IDB, limit int, now time.Time) ([]store.Emission, error) {
	due, err := store.Rows[askedOf](ctx, tx, `SELECT e.id, COALESCE(d.parent_document_id, d.id) AS root FROM documents.envelopes e JOIN documents.documents d ON d.id = e.document_id
		WHERE e.status = 'open' AND e.expires_at <= now() ORDER BY e.expires_at, e.id LIMIT $1`, limit)
	if err != nil {
		return nil, err
	}
	return closeAll(ctx, tx, due, EnvelopeExpired, nil, "", now)
}

// closeAll locks the documents and then the envelopes, each in the order of their ids, and
// ends the envelopes that are open.
func closeAll(ctx context.Context, tx bun.IDB, list []askedOf, status EnvelopeStatus, actor *id.Of[auth.User], reason string, now time.Time) (events []store.Emission, err error) {
	roots, ids, rootOf := make([]id.Of[Document], len(list)), make([]id.Of[Envelope], len(list)), map[id.Of[Envelope]]id.Of[Document]{}
	for i, x := range list {
		roots[i], ids[i], rootOf[x.ID] = x.Root, x.ID, x.Root
	}
	if _, err := documents.LockAll(ctx, tx, roots); err != nil {
		return nil, err
	}
	locked, err := envelopes.LockAll(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	ends := map[id.Of[Document]]*chain{}
	for i := range locked {
		e, root := &locked[i], rootOf[locked[i].ID]
		if e.Status != EnvelopeOpen {
			continue
		}
		if ends[root] == nil {
			if ends[root], err = endOf(ctx, tx, root); err != nil {
				return nil, err
			}
		}
		closed, err := ends[root].closeEnvelope(ctx, tx, e, status, actor, reason, now)
		if err != nil {
			return nil, err
		}
		events = append(events, closed)
	}
	return events, nil
}

// RemindSignerParams names a request and who reminds.
type RemindSignerParams struct {
	RequestID id.Of[SignatureRequest]
	ActorID   id.Of[auth.User]
}

// RemindSigner records that a signer is reminded, which the host does by mail; somebody
// without an account gets a new link, and the old one leads nowhere. Who may edit the
// document does so. It locks the document, and returns [ErrRequestNotFound],
// [ErrEnvelopeClosed], [ErrRequestAnswered], [ErrDocumentNotFound] or [ErrForbidden].
func (s *Signatures) RemindSigner(ctx context.Context, db bun.IDB, p RemindSignerParams) (*Invitation, error) {
	var out *Invitation
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		r, e, err := requestAndEnvelope(ctx, tx, p.RequestID)
		if err != nil {
			return err
		}
		d, err := s.lockLatest(ctx, tx, e.DocumentID, p.ActorID, mayEdit)
		if err != nil {
			return err
		}
		if r, e, err = lockOpen(ctx, tx, r); err != nil {
			return err
		}
		end, err := endOf(ctx, tx, d.Root())
		if err != nil {
			return err
		}
		now := s.now()
		out, r.RemindedAt = &Invitation{Request: r}, &now
		if r.SignerID == nil {
			token, hash := newToken()
			out.Token, r.TokenHash = &token, &hash
		}
		if err := requests.Save(ctx, tx, r, &r.UpdatedAt, "reminded_at", "token_hash"); err != nil {
			return err
		}
		if err := end.add(ctx, tx, e, link{typ: SignatureEventReminded, request: &r.ID, actor: &p.ActorID, at: now}); err != nil {
			return err
		}
		return s.hooks.Emit(ctx, tx, now, store.Event(aggregateDocument, d.Root(), SignerReminded{e.ID, r.ID, r.SignerID, p.ActorID}))
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// over reports whether an envelope's time is over, by the database's clock.
func (e *Envelope) over(ctx context.Context, tx bun.IDB) (over bool, err error) {
	err = store.Scan(ctx, tx, []any{&over}, "SELECT $1::timestamptz <= now()", store.TimeKey(e.ExpiresAt))
	return over, err
}

func requestAndEnvelope(ctx context.Context, tx bun.IDB, request id.Of[SignatureRequest]) (*SignatureRequest, *Envelope, error) {
	r, err := requests.Get(ctx, tx, request)
	if err != nil {
		return nil, nil, err
	}
	e, err := envelopes.Get(ctx, tx, r.EnvelopeID)
	return r, e, err
}

// lockOpen locks the envelope of a request and the request, which has to wait for its
// answer. The document is locked. Expiry is judged by the database's clock. Where the
// request is answered already, it comes with the error.
func lockOpen(ctx context.Context, tx bun.IDB, r *SignatureRequest) (*SignatureRequest, *Envelope, error) {
	e, err := envelopes.Lock(ctx, tx, r.EnvelopeID) // which a request never leaves
	if err != nil {
		return nil, nil, err
	}
	if r, err = requests.Lock(ctx, tx, r.ID); err != nil {
		return nil, nil, err
	}
	if r.Status == RequestSigned || r.Status == RequestDeclined {
		return r, e, ErrRequestAnswered
	}
	over, err := e.over(ctx, tx)
	if err != nil {
		return nil, nil, err
	}
	if over || e.Status != EnvelopeOpen || r.Status != RequestPending {
		return nil, nil, ErrEnvelopeClosed
	}
	return r, e, nil
}
