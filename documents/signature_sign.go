package documents

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"image/png"
	"net/netip"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// DocumentSigned says that somebody has signed a version of a document.
type DocumentSigned struct {
	EnvelopeID id.Of[Envelope]         `json:"envelope_id"`
	RequestID  id.Of[SignatureRequest] `json:"request_id"`
	DocumentID id.Of[Document]         `json:"document_id"` // the version
	SignerID   *id.Of[auth.User]       `json:"signer_id"`   // nil: somebody without an account
}

// EventType names the event.
func (DocumentSigned) EventType() (string, int) { return "documents.document_signed", 1 }

// maxDrawn is the size of a drawn signature at most, in bytes, and maxDrawnPoints how many
// points it has.
const (
	maxDrawn       = 256 << 10
	maxDrawnPoints = 4_000_000
)

// ViewRequestParams names a request and the one whom it asks: a user, or whoever holds
// the link.
type ViewRequestParams struct {
	RequestID id.Of[SignatureRequest]
	SignerID  id.Of[auth.User] // or
	Token     auth.Secret      // of somebody without an account
}

// Verification is how a signer proved who they are, as evidence.
type Verification struct {
	Method VerificationMethod `json:"method"`
	Data   json.RawMessage    `json:"data"` // what the host or its provider knows of it; nil is nothing
}

// SignParams is a signature.
type SignParams struct {
	RequestID    id.Of[SignatureRequest]
	SignerID     id.Of[auth.User] // or
	Token        auth.Secret      // of somebody without an account
	DocumentHash string           // of the bytes that were shown, in hexadecimal
	Consent      string           // the words by which they agreed to sign electronically
	Intent       string           // the words by which they meant to sign
	Type         SignatureType
	Typed        string          // the name as typed; an electronic one has this,
	Drawn        []byte          // the name as drawn, a PNG of at most 256 KiB,
	ImageURL     *string         // or an image that the host keeps
	Provider     json.RawMessage // a digital one: the evidence of who made it
	Verification *Verification
	IPAddress    *netip.Addr
	UserAgent    *string
}

func (p SignParams) check() error {
	var f check.Fields
	f.Required("consent", p.Consent, check.Long)
	f.Required("intent", p.Intent, check.Long)
	f.Required("document_hash", p.DocumentHash, 64)
	check.One(&f, "type", p.Type)
	f.Text("typed", p.Typed, 255)
	f.Check(len(p.Drawn) <= maxDrawn, "drawn", check.TooLong, "at most 256 KiB")
	f.Check(len(p.Drawn) == 0 || len(p.Drawn) > maxDrawn || drawing(p.Drawn), "drawn", check.Malformed, "a PNG of at most 4 million points")
	check.OptionalText(&f, "image_url", p.ImageURL, 500)
	f.JSON("provider", p.Provider)
	f.Address("ip_address", p.IPAddress)
	check.OptionalText(&f, "user_agent", p.UserAgent, 1000)
	if p.Verification != nil {
		check.One(&f, "verification.method", p.Verification.Method)
		f.JSON("verification.data", p.Verification.Data)
	}
	drawn := p.Typed != "" || len(p.Drawn) > 0 || p.ImageURL != nil
	f.Check(p.Type != SignatureElectronic || drawn, "typed", check.Required, "an electronic signature is typed or drawn")
	f.Check(p.Type != SignatureDigital || len(p.Provider) > 0, "provider", check.Required, "a digital signature has its provider's evidence")
	return f.Err()
}

// drawing reports whether a file is a PNG from its first byte to its last, and of a size at
// which a name is drawn.
func drawing(file []byte) bool {
	head, err := png.DecodeConfig(bytes.NewReader(file))
	if err != nil || head.Width > maxDrawnPoints/head.Height {
		return false
	}
	_, err = png.Decode(bytes.NewReader(file))
	return err == nil
}

// drawnURL begins a drawn signature as it is stored.
const drawnURL = "data:image/png;base64,"

// data is the signature as it is stored.
func (p SignParams) data() *string {
	switch {
	case p.Type == SignatureDigital:
		return store.Optional(string(p.Provider))
	case len(p.Drawn) > 0:
		return store.Optional(drawnURL + base64.StdEncoding.EncodeToString(p.Drawn))
	}
	return store.Optional(p.Typed)
}

// signDetails are what the digest covers beside the words.
type signDetails struct {
	Type         SignatureType       `json:"type"`
	Typed        *string             `json:"typed"` // beside what was drawn, too
	Data         *string             `json:"data"`
	ImageURL     *string             `json:"image_url"`
	Method       *VerificationMethod `json:"method"`
	Verification json.RawMessage     `json:"verification"`
}

// details writes them.
func (p SignParams) details() (*string, error) {
	d := signDetails{Type: p.Type, Typed: store.Optional(p.Typed), Data: p.data(), ImageURL: p.ImageURL}
	if p.Verification != nil {
		d.Method, d.Verification = &p.Verification.Method, p.Verification.Data
	}
	b, err := json.Marshal(d)
	return store.Optional(string(b)), err
}

// SigningView is what a signer is shown.
type SigningView struct {
	Request  *SignatureRequest `json:"request"`
	Envelope *Envelope         `json:"envelope"`
	Document *Document         `json:"document"`
}

// ViewRequest shows a signer what they are asked, and records that once; who has signed is
// shown it until the envelope's time is over. It locks the document, and returns
// [ErrRequestNotFound], [ErrRequestAnswered], [ErrEnvelopeClosed] or auth.ErrActorInactive.
func (s *Signatures) ViewRequest(ctx context.Context, db bun.IDB, p ViewRequestParams) (*SigningView, error) {
	var out *SigningView
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		out, err = s.viewRequest(ctx, tx, p)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (s *core) viewRequest(ctx context.Context, tx bun.IDB, p ViewRequestParams) (*SigningView, error) {
	d, e, r, err := s.answering(ctx, tx, p)
	if errors.Is(err, ErrRequestAnswered) && r.Status == RequestSigned && d.DeletedAt == nil {
		var over bool
		if over, err = e.over(ctx, tx); err == nil && over {
			err = ErrRequestAnswered
		}
	}
	if err != nil {
		return nil, err
	}
	if r.ViewedAt == nil {
		now := s.now()
		r.ViewedAt = &now
		if err := requests.Save(ctx, tx, r, &r.UpdatedAt, "viewed_at"); err != nil {
			return nil, err
		}
		end, err := endOf(ctx, tx, d.Root())
		if err != nil {
			return nil, err
		}
		if err := end.add(ctx, tx, e, link{typ: SignatureEventViewed, request: &r.ID, actor: r.SignerID, at: now}); err != nil {
			return nil, err
		}
	}
	return &SigningView{r, e, d}, nil
}

// OpenRequestParams names a request and the one whom it asks.
type OpenRequestParams ViewRequestParams

// OpenRequest is [Signatures.ViewRequest] with the bytes to be signed, which goes into the
// access log. It also returns [ErrNotStored], or storage.ErrCorrupt at the end of the
// bytes.
func (s *Signatures) OpenRequest(ctx context.Context, db bun.IDB, p OpenRequestParams) (*Content, error) {
	var d *Document
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		v, err := s.viewRequest(ctx, tx, ViewRequestParams(p))
		if err != nil {
			return err
		}
		d = v.Document
		if _, err := s.keyOf(d); err != nil {
			return err
		}
		return s.opened(ctx, tx, &AccessEntry{DocumentID: d.ID, ViewerID: v.Request.SignerID, RequestID: &v.Request.ID, Access: AccessView})
	})
	if err != nil {
		return nil, err
	}
	return s.content(ctx, d)
}

// Sign signs the exact bytes that a signer was shown. It locks the document, and returns
// field errors, [ErrRequestNotFound], [ErrRequestAnswered], [ErrEnvelopeClosed],
// [ErrNotViewed], [ErrNotYourTurn], [ErrOtherBytes] or auth.ErrActorInactive. Run again
// with the same params, it returns the request as it is.
func (s *Signatures) Sign(ctx context.Context, db bun.IDB, p SignParams) (*SignatureRequest, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	details, err := p.details()
	if err != nil {
		return nil, store.ErrNotStorable.On("provider").Because(err)
	}
	said := &SignatureEvidence{Consent: &p.Consent, Intent: &p.Intent, IPAddress: p.IPAddress, UserAgent: p.UserAgent, Details: details}
	a := answer{ViewRequestParams{p.RequestID, p.SignerID, p.Token}, SignatureEventSigned, said, p.DocumentHash}
	return s.answer(ctx, db, a, func(tx bun.IDB, d *Document, e *Envelope, r *SignatureRequest, now time.Time) ([]store.Emission, error) {
		all, err := requestsOf(ctx, tx, e.ID)
		if err != nil {
			return nil, err
		}
		if r.ViewedAt == nil {
			return nil, ErrNotViewed
		}
		if err := r.turn(e.InOrder, all); err != nil {
			return nil, err
		}
		if p.DocumentHash != e.DocumentHash || d.FileHash == nil || *d.FileHash != e.DocumentHash {
			return nil, ErrOtherBytes
		}
		end, err := endOf(ctx, tx, d.Root())
		if err != nil {
			return nil, err
		}
		agreed := &SignatureEvidence{Consent: &p.Consent, IPAddress: p.IPAddress, UserAgent: p.UserAgent}
		if err := end.add(ctx, tx, e, link{SignatureEventConsented, &r.ID, r.SignerID, agreed, now}, link{SignatureEventSigned, &r.ID, r.SignerID, said, now}); err != nil {
			return nil, err
		}
		r.Status, r.AnsweredAt = RequestSigned, &now
		if err := p.write(ctx, tx, r, now); err != nil {
			return nil, err
		}
		events := []store.Emission{store.Event(aggregateDocument, d.Root(), DocumentSigned{e.ID, r.ID, d.ID, r.SignerID})}
		if slices.ContainsFunc(all, func(o SignatureRequest) bool { return o.ID != r.ID && o.Status == RequestPending }) {
			return events, nil
		}
		closed, err := end.closeEnvelope(ctx, tx, e, EnvelopeCompleted, nil, "", now)
		return append(events, closed), err
	})
}

// write stores a signature: a user's in its own row, another's in the request.
func (p SignParams) write(ctx context.Context, tx bun.IDB, r *SignatureRequest, now time.Time) error {
	if r.SignatureID == nil {
		r.SignatureType, r.SignatureData, r.SignatureImageURL = &p.Type, p.data(), p.ImageURL
		return requests.Save(ctx, tx, r, &r.UpdatedAt, "status", "answered_at", "signature_type", "signature_data", "signature_image_url")
	}
	g, err := signatures.Lock(ctx, tx, *r.SignatureID)
	if err != nil {
		return err
	}
	g.Status, g.SignedAt, g.SignatureType, g.SignatureData, g.SignatureImageURL = SignatureSigned, &now, &p.Type, p.data(), p.ImageURL
	g.IPAddress, g.UserAgent = p.IPAddress, p.UserAgent
	if p.Verification != nil {
		g.VerificationMethod, g.VerificationData = &p.Verification.Method, p.Verification.Data
	}
	if err := signatures.Update(ctx, tx, g, "status", "signed_at", "signature_type", "signature_data", "signature_image_url", "ip_address", "user_agent",
		"verification_method", "verification_data"); err != nil {
		return err
	}
	return requests.Save(ctx, tx, r, &r.UpdatedAt, "status", "answered_at")
}
