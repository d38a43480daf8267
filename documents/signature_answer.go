package documents

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
)

// answer is what a signer says to a request: that they sign, or decline.
type answer struct {
	by   ViewRequestParams
	typ  SignatureEventType
	said *SignatureEvidence // without ids, salt and time
	hash string             // of the bytes that are signed, in hexadecimal; "" for a refusal
}

// answering locks what a signer answers: the document, the envelope, the request. It
// knows the signer, whose account has to be active. With [ErrRequestAnswered] it returns
// all three, so that a run that comes again may find its own answer.
func (s *core) answering(ctx context.Context, tx bun.IDB, p ViewRequestParams) (*Document, *Envelope, *SignatureRequest, error) {
	r, e, err := requestAndEnvelope(ctx, tx, p.RequestID)
	if err != nil {
		return nil, nil, nil, err
	}
	known := r.TokenHash != nil && !p.Token.IsZero() && r.TokenHash.Equal(hashOf(p.Token)) ||
		r.SignerID != nil && !p.SignerID.IsZero() && *r.SignerID == p.SignerID
	if !known {
		return nil, nil, nil, ErrRequestNotFound
	}
	d, err := documents.Get(ctx, tx, e.DocumentID)
	if err != nil {
		return nil, nil, nil, err
	}
	if _, err := documents.Lock(ctx, tx, d.Root()); err != nil {
		return nil, nil, nil, err
	}
	r, e, open := lockOpen(ctx, tx, r)
	if open != nil && !errors.Is(open, ErrRequestAnswered) {
		return nil, nil, nil, open
	}
	if r.TokenHash != nil && !r.TokenHash.Equal(hashOf(p.Token)) {
		return nil, nil, nil, ErrRequestNotFound // it got another link meanwhile
	}
	if r.SignerID != nil {
		if err := auth.ActiveActor(ctx, tx, p.SignerID); err != nil {
			return nil, nil, nil, err
		}
	}
	return d, e, r, open
}

// answer is the shape of both answers.
func (s *core) answer(ctx context.Context, db bun.IDB, a answer,
	do func(tx bun.IDB, d *Document, e *Envelope, r *SignatureRequest, now time.Time) ([]store.Emission, error)) (*SignatureRequest, error) {
	var out *SignatureRequest
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		d, e, r, err := s.answering(ctx, tx, a.by)
		if errors.Is(err, ErrRequestAnswered) {
			out = r
			return a.again(ctx, tx, e, r)
		}
		if err != nil {
			return err
		}
		if d.DeletedAt != nil || !d.IsLatestVersion {
			return ErrEnvelopeClosed
		}
		now := s.now()
		events, err := do(tx, d, e, r, now)
		if err != nil {
			return err
		}
		out = r
		return s.hooks.Emit(ctx, tx, now, events...)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// again is [ErrRequestAnswered] unless a request was answered with this very answer, which
// the digest of its evidence tells.
func (a answer) again(ctx context.Context, tx bun.IDB, e *Envelope, r *SignatureRequest) error {
	if a.hash != "" && a.hash != e.DocumentHash {
		return ErrRequestAnswered
	}
	found, err := evidence.AllParams(ctx, tx, "sv.event_id IN (SELECT e.id FROM documents.signature_events e WHERE e.request_id = $1 AND e.type = $2)", r.ID.String(), string(a.typ))
	if err != nil {
		return err
	}
	for i := range found {
		said := *a.said
		said.EventID, said.Salt = found[i].EventID, found[i].Salt
		if bytes.Equal(said.computed(), found[i].computed()) {
			return nil
		}
	}
	return ErrRequestAnswered
}
