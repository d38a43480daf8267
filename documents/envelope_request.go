package documents

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// maxSigners is how many signers an envelope has at most.
const maxSigners = 100

// SignaturesRequested says who is asked to sign a version of a document; those without
// an account are a number.
type SignaturesRequested struct {
	EnvelopeID  id.Of[Envelope]    `json:"envelope_id"`
	DocumentID  id.Of[Document]    `json:"document_id"` // the version
	RequestedBy id.Of[auth.User]   `json:"requested_by"`
	SignerIDs   []id.Of[auth.User] `json:"signer_ids"`
	Outsiders   int                `json:"outsiders"`
}

// EventType names the event.
func (SignaturesRequested) EventType() (string, int) { return "documents.signatures_requested", 1 }

// Signer is one who is asked: a user, or somebody without an account.
type Signer struct {
	UserID        *id.Of[auth.User]
	Name          string // of somebody without an account
	Email         string // likewise
	Countersigner bool   // signs when all who are none have signed
}

// RequestSignaturesParams asks for signatures.
type RequestSignaturesParams struct {
	ID         id.Of[Envelope] // optional; a new one by default
	DocumentID id.Of[Document] // the version, which has to be the latest
	ActorID    id.Of[auth.User]
	Signers    []Signer // 1 to 100, each user once
	InOrder    bool     // one after the other, as they are listed
	ExpiresAt  time.Time
	Message    *string
}

// Invitation is a request to sign, and for somebody without an account the token of
// their link, which nobody sees again.
type Invitation struct {
	Request *SignatureRequest `json:"request"`
	Token   *auth.Secret      `json:"token"`
}

// EnvelopeView is an envelope with its requests, in the order of signing.
type EnvelopeView struct {
	Envelope    *Envelope    `json:"envelope"`
	Invitations []Invitation `json:"invitations"`
}

func (p RequestSignaturesParams) check(now time.Time) error {
	var f check.Fields
	f.Given("document_id", p.DocumentID)
	f.Given("expires_at", p.ExpiresAt)
	f.Moment("expires_at", &p.ExpiresAt)
	f.Check(p.ExpiresAt.IsZero() || p.ExpiresAt.After(now), "expires_at", check.InPast, "a time to come")
	check.OptionalText(&f, "message", p.Message, check.Long)
	f.Some("signers", len(p.Signers))
	f.Check(len(p.Signers) <= maxSigners, "signers", check.TooMany, "at most 100")
	seen, first := map[id.Of[auth.User]]bool{}, false
	for i, signer := range p.Signers[:min(len(p.Signers), maxSigners)] {
		at := func(name string) string { return fmt.Sprintf("signers[%d].%s", i, name) }
		first = first || !signer.Countersigner
		if signer.UserID == nil {
			f.Required(at("name"), signer.Name, 255)
			f.Required(at("email"), signer.Email, 255)
			continue
		}
		f.Given(at("user_id"), *signer.UserID)
		f.Check(!seen[*signer.UserID], at("user_id"), check.Duplicate, "each user is asked once")
		seen[*signer.UserID] = true
		f.Check(signer.Name == "" && signer.Email == "", at("name"), check.NotAllowed, "a user has a name already")
	}
	f.Check(first || len(p.Signers) == 0, "signers", check.Required, "somebody signs before a countersigner")
	return f.Err()
}

// RequestSignatures asks people to sign the exact bytes of a document's latest version,
// which lets them at it: who may edit, share and download it does so, for no longer than
// they may. It locks the document, and returns field errors, [ErrDocumentNotFound],
// [ErrForbidden], [ErrOutlives], [ErrNotLatest], [ErrNoHash], or [ErrSignatureRequested] where a user has signed the
// version or is being asked. Run again with the same id and params, it returns the
// envelope as it is then, without the tokens of links, which [Signatures.RemindSigner]
// makes anew.
func (s *Signatures) RequestSignatures(ctx context.Context, db bun.IDB, p RequestSignaturesParams) (*EnvelopeView, error) {
	now := s.now()
	if err := p.check(now); err != nil {
		return nil, err
	}
	var out *EnvelopeView
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		c := store.Creation[Envelope]{Verb: "documents.request_signatures", Params: p, Chosen: p.ID, Kind: "envelope", Rows: envelopes}
		var made []Invitation
		e, err := store.CreateOnce(ctx, tx, c, func(tx bun.IDB) (e *Envelope, err error) {
			e, made, err = s.request(ctx, tx, p, now)
			return e, err
		})
		if err != nil {
			return err
		}
		if made == nil {
			made, err = invitationsOf(ctx, tx, e.ID)
		}
		out = &EnvelopeView{Envelope: e, Invitations: made}
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// request writes an envelope and what it asks of each signer.
func (s *core) request(ctx context.Context, tx bun.IDB, p RequestSignaturesParams, now time.Time) (*Envelope, []Invitation, error) {
	d, has, err := s.lockRights(ctx, tx, p.DocumentID, p.ActorID, mayEdit)
	if err == nil {
		err = has.need(mayShare, mayDownload)
	}
	if err == nil {
		err = has.outlives(&p.ExpiresAt, mayEdit, mayShare, mayDownload)
	}
	switch {
	case err != nil:
		return nil, nil, err
	case d.ID != p.DocumentID:
		return nil, nil, ErrNotLatest
	case d.FileHash == nil:
		return nil, nil, ErrNoHash
	}
	e := &Envelope{ID: p.ID.OrNew(), DocumentID: d.ID, DocumentVersion: d.Version, DocumentHash: *d.FileHash, RequestedBy: p.ActorID,
		InOrder: p.InOrder, Message: p.Message, Status: EnvelopeOpen, ExpiresAt: p.ExpiresAt, CreatedAt: now, UpdatedAt: now}
	if err := envelopes.Insert(ctx, tx, e); err != nil {
		return nil, nil, err
	}
	end, err := endOf(ctx, tx, d.Root())
	if err != nil {
		return nil, nil, err
	}
	var made []Invitation
	var asked []link
	told := SignaturesRequested{EnvelopeID: e.ID, DocumentID: d.ID, RequestedBy: p.ActorID, SignerIDs: []id.Of[auth.User]{}}
	for i, signer := range p.Signers {
		inv, err := invite(ctx, tx, e, i+1, signer, now)
		if err != nil {
			return nil, nil, err
		}
		made = append(made, inv)
		asked = append(asked, link{typ: SignatureEventRequested, request: &inv.Request.ID, actor: &p.ActorID, at: now})
		if signer.UserID == nil {
			told.Outsiders++
		} else {
			told.SignerIDs = append(told.SignerIDs, *signer.UserID)
		}
	}
	if err := end.add(ctx, tx, e, asked...); err != nil {
		return nil, nil, err
	}
	return e, made, s.hooks.Emit(ctx, tx, now, store.Event(aggregateDocument, d.Root(), told))
}

// invite writes the request of one signer.
func invite(ctx context.Context, tx bun.IDB, e *Envelope, position int, signer Signer, now time.Time) (Invitation, error) {
	r := &SignatureRequest{ID: id.New[SignatureRequest](), EnvelopeID: e.ID, Position: position, Countersigner: signer.Countersigner, Status: RequestPending,
		CreatedAt: now, UpdatedAt: now}
	inv := Invitation{Request: r}
	if signer.UserID != nil {
		signature, err := pendingSignature(ctx, tx, e, *signer.UserID, now)
		if err != nil {
			return inv, err
		}
		r.SignerID, r.SignatureID = signer.UserID, &signature.ID
	} else {
		token, hash := newToken()
		inv.Token = &token
		r.SignerName, r.SignerEmail, r.TokenHash = &signer.Name, &signer.Email, &hash
	}
	return inv, requests.Insert(ctx, tx, r)
}

// pendingSignature finds or makes the row of a user's signature under a version: one
// that was asked for before and neither given nor refused is used again. Nobody is asked
// whose account is not active.
func pendingSignature(ctx context.Context, tx bun.IDB, e *Envelope, signer id.Of[auth.User], now time.Time) (*Signature, error) {
	if err := auth.ActiveParty(ctx, tx, signer); err != nil {
		if errors.Is(err, auth.ErrActorInactive) {
			return nil, store.ErrReference.On("signers").Because(err)
		}
		return nil, err
	}
	found, err := signatures.AllParams(ctx, tx, "sg.document_id = $1 AND sg.signer_id = $2 AND sg.status <> 'declined' FOR NO KEY UPDATE",
		e.DocumentID.String(), signer.String())
	if err != nil {
		return nil, err
	}
	if len(found) > 0 {
		open, err := requests.AllParams(ctx, tx, "sr.signature_id = $1 AND sr.status = 'pending'", found[0].ID.String())
		if err != nil {
			return nil, err
		}
		if found[0].Status != SignaturePending || len(open) > 0 {
			return nil, ErrSignatureRequested
		}
		return &found[0], nil
	}
	g := &Signature{ID: id.New[Signature](), DocumentID: e.DocumentID, SignerID: signer, Status: SignaturePending, RequestedAt: now, CreatedAt: now, UpdatedAt: now}
	return g, signatures.Insert(ctx, tx, g)
}

// EnvelopeParams names an envelope and who looks: who may share the document, or one of
// its signers, who sees of the others neither addresses nor signatures nor why they
// declined.
type EnvelopeParams struct {
	EnvelopeID id.Of[Envelope]
	ViewerID   id.Of[auth.User]
	AsPlatform bool // the platform itself
}

// Envelope returns an ask for signatures with its requests. It returns
// [ErrEnvelopeNotFound] to whoever it is none of.
func (s *Signatures) Envelope(ctx context.Context, db bun.IDB, p EnvelopeParams) (*EnvelopeView, error) {
	var out *EnvelopeView
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		out, err = s.envelope(ctx, tx, p)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (s *core) envelope(ctx context.Context, tx bun.IDB, p EnvelopeParams) (*EnvelopeView, error) {
	e, err := envelopes.Get(ctx, tx, p.EnvelopeID)
	if err != nil {
		return nil, err
	}
	d, err := documents.Get(ctx, tx, e.DocumentID)
	if err != nil {
		return nil, err
	}
	r, err := s.rightsOf(ctx, tx, d, p.ViewerID, p.AsPlatform, looks)
	if err != nil {
		return nil, err
	}
	all, err := requestsOf(ctx, tx, e.ID)
	if err != nil {
		return nil, err
	}
	signs := !p.ViewerID.IsZero() && slices.ContainsFunc(all, func(r SignatureRequest) bool { return r.SignerID != nil && *r.SignerID == p.ViewerID })
	if !r.has[mayShare] && !signs {
		return nil, ErrEnvelopeNotFound
	}
	out := &EnvelopeView{Envelope: e}
	for i := range all {
		if mine := all[i].SignerID != nil && *all[i].SignerID == p.ViewerID; !r.has[mayShare] && !mine {
			all[i].SignerEmail, all[i].SignatureData, all[i].SignatureImageURL, all[i].DeclineReason = nil, nil, nil, nil
		}
		out.Invitations = append(out.Invitations, Invitation{Request: &all[i]})
	}
	return out, nil
}

// invitationsOf reads the requests of an envelope, without tokens.
func invitationsOf(ctx context.Context, tx bun.IDB, e id.Of[Envelope]) (out []Invitation, err error) {
	all, err := requestsOf(ctx, tx, e)
	for i := range all {
		out = append(out, Invitation{Request: &all[i]})
	}
	return out, err
}

// requestsOf reads the requests of an envelope in the order of signing.
func requestsOf(ctx context.Context, tx bun.IDB, e id.Of[Envelope]) ([]SignatureRequest, error) {
	return requests.AllParams(ctx, tx, "sr.envelope_id = $1 ORDER BY sr.countersigner, sr.position", e.String())
}
