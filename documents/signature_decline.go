package documents

import (
	"context"
	"net/netip"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// SignatureRefused says that somebody has declined to sign.
type SignatureRefused struct {
	EnvelopeID id.Of[Envelope]         `json:"envelope_id"`
	RequestID  id.Of[SignatureRequest] `json:"request_id"`
	DocumentID id.Of[Document]         `json:"document_id"` // the version
	SignerID   *id.Of[auth.User]       `json:"signer_id"`   // nil: somebody without an account
}

// EventType names the event.
func (SignatureRefused) EventType() (string, int) { return "documents.signature_refused", 1 }

// DeclineSignatureParams is a refusal.
type DeclineSignatureParams struct {
	RequestID id.Of[SignatureRequest]
	SignerID  id.Of[auth.User] // or
	Token     auth.Secret      // of somebody without an account
	Reason    string
	IPAddress *netip.Addr
	UserAgent *string
}

// DeclineSignature refuses to sign, which ends the envelope; who declined may be asked
// again. It locks the document, and returns field errors, [ErrRequestNotFound],
// [ErrRequestAnswered], [ErrEnvelopeClosed] or auth.ErrActorInactive. Run again with the
// same params, it returns the request as it is.
func (s *Signatures) DeclineSignature(ctx context.Context, db bun.IDB, p DeclineSignatureParams) (*SignatureRequest, error) {
	var f check.Fields
	f.Required("reason", p.Reason, check.Long)
	f.Address("ip_address", p.IPAddress)
	check.OptionalText(&f, "user_agent", p.UserAgent, 1000)
	if err := f.Err(); err != nil {
		return nil, err
	}
	said := &SignatureEvidence{Intent: &p.Reason, IPAddress: p.IPAddress, UserAgent: p.UserAgent}
	a := answer{ViewRequestParams{p.RequestID, p.SignerID, p.Token}, SignatureEventDeclined, said, ""}
	return s.answer(ctx, db, a, func(tx bun.IDB, d *Document, e *Envelope, r *SignatureRequest, now time.Time) ([]store.Emission, error) {
		end, err := endOf(ctx, tx, d.Root())
		if err != nil {
			return nil, err
		}
		if err := end.add(ctx, tx, e, link{SignatureEventDeclined, &r.ID, r.SignerID, said, now}); err != nil {
			return nil, err
		}
		r.Status, r.AnsweredAt, r.DeclineReason = RequestDeclined, &now, &p.Reason
		if err := requests.Save(ctx, tx, r, &r.UpdatedAt, "status", "answered_at", "decline_reason"); err != nil {
			return nil, err
		}
		if r.SignatureID != nil {
			g := &Signature{ID: *r.SignatureID, Status: SignatureDeclined, DeclinedAt: &now}
			if err := signatures.Update(ctx, tx, g, "status", "declined_at"); err != nil {
				return nil, err
			}
		}
		closed, err := end.closeEnvelope(ctx, tx, e, EnvelopeDeclined, r.SignerID, "", now)
		return []store.Emission{store.Event(aggregateDocument, d.Root(), SignatureRefused{e.ID, r.ID, d.ID, r.SignerID}), closed}, err
	})
}
