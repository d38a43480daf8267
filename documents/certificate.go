package documents

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// The conditions of what is rendered.
var (
	// ErrNoRenderer: no renderer is configured.
	ErrNoRenderer = fault.New(fault.Illegal, "no_renderer", "no renderer of papers is configured")
	// ErrNotCompleted: not everybody has signed.
	ErrNotCompleted = fault.New(fault.Illegal, "envelope_not_completed", "not everybody has signed")
)

// Renderer makes files of certificates and of templates that are filled in, such as PDFs.
// The host brings one: that of realestate/paper/renderer, or its own.
type Renderer interface {
	Certificate(w io.Writer, c Certificate) error
	Paper(w io.Writer, p Paper) error
}

// CertificateSigner is one signature on a certificate.
type CertificateSigner struct {
	Name         string     `json:"name"`  // of somebody without an account, or the user's id
	Typed        string     `json:"typed"` // the name as they typed it, "" for not
	Drawn        []byte     `json:"drawn"` // and as they drew it, a PNG; nil for not
	Type         string     `json:"type"`
	Method       string     `json:"method"` // how they proved who they are, "" for not
	RequestedAt  time.Time  `json:"requested_at"`
	ViewedAt     *time.Time `json:"viewed_at"`
	SignedAt     time.Time  `json:"signed_at"`
	Consent      string     `json:"consent"`
	Intent       string     `json:"intent"`
	IPAddress    string     `json:"ip_address"`
	EvidenceHash string     `json:"evidence_hash"` // in hexadecimal
}

// Certificate of completion says who signed which bytes, when and how, and where in the
// chain that stands.
type Certificate struct {
	EnvelopeID   id.Of[Envelope]     `json:"envelope_id"`
	DocumentID   id.Of[Document]     `json:"document_id"` // the version
	Name         string              `json:"name"`
	Version      int                 `json:"version"`
	DocumentHash string              `json:"document_hash"`
	CompletedAt  time.Time           `json:"completed_at"`
	Signers      []CertificateSigner `json:"signers"`
	ChainLinks   int                 `json:"chain_links"`
	ChainHead    string              `json:"chain_head"` // the hash of the link of completion, in hexadecimal
}

// CertificateParams names an envelope and who looks, as [EnvelopeParams] does.
type CertificateParams EnvelopeParams

// RenderCertificateParams names an envelope and who looks, as [EnvelopeParams] does.
type RenderCertificateParams EnvelopeParams

// Certificate returns the certificate of a completed envelope to who may share the
// document, and to its signers. It returns [ErrEnvelopeNotFound], [ErrNotCompleted], or
// [ErrSignatureEvidence] where what a signer said is gone or altered.
func (s *Signatures) Certificate(ctx context.Context, db bun.IDB, p CertificateParams) (*Certificate, error) {
	var out *Certificate
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		out, err = s.certificate(ctx, tx, EnvelopeParams(p))
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (s *core) certificate(ctx context.Context, tx bun.IDB, p EnvelopeParams) (*Certificate, error) {
	v, err := s.envelope(ctx, tx, p)
	if err != nil {
		return nil, err
	}
	e := v.Envelope
	if e.Status != EnvelopeCompleted {
		return nil, ErrNotCompleted
	}
	d, err := documents.Get(ctx, tx, e.DocumentID)
	if err != nil {
		return nil, err
	}
	c := &Certificate{EnvelopeID: e.ID, DocumentID: d.ID, Name: d.Name, Version: e.DocumentVersion, DocumentHash: e.DocumentHash, CompletedAt: *e.ClosedAt}
	ends, err := signatureEvents.AllParams(ctx, tx, "se.envelope_id = $1 AND se.type IN ('signed', 'completed')", e.ID.String())
	if err != nil {
		return nil, err
	}
	found, err := evidence.AllParams(ctx, tx, "sv.event_id IN (SELECT e.id FROM documents.signature_events e WHERE e.envelope_id = $1 AND e.type = 'signed')", e.ID.String())
	if err != nil {
		return nil, err
	}
	said := map[id.Of[SignatureEvent]]*SignatureEvidence{}
	for i := range found {
		said[found[i].EventID] = &found[i]
	}
	lines := map[id.Of[SignatureRequest]]certificateEnd{}
	for i := range ends {
		switch ev := &ends[i]; {
		case ev.Type == SignatureEventCompleted:
			c.ChainLinks, c.ChainHead = ev.Position, *hexed(ev.Hash)
		case ev.RequestID != nil:
			lines[*ev.RequestID] = certificateEnd{ev, said[ev.ID]}
		}
	}
	for _, inv := range v.Invitations {
		line, err := inv.Request.certificateLine(lines[inv.Request.ID])
		if err != nil {
			return nil, err
		}
		c.Signers = append(c.Signers, line)
	}
	return c, nil
}

// certificateEnd is the link of a signature, and what was said there.
type certificateEnd struct {
	event *SignatureEvent
	said  *SignatureEvidence
}

// certificateLine gathers what is known of one signature: what the evidence tells, and the
// digest that the chain holds of it. It touches no database.
func (r *SignatureRequest) certificateLine(end certificateEnd) (line CertificateSigner, err error) {
	line = CertificateSigner{RequestedAt: r.CreatedAt, ViewedAt: r.ViewedAt}
	switch {
	case r.SignerName != nil:
		line.Name = *r.SignerName
	case r.SignerID != nil:
		line.Name = "user " + r.SignerID.String()
	}
	if r.AnsweredAt != nil {
		line.SignedAt = *r.AnsweredAt
	}
	if end.event == nil || end.said == nil {
		return line, ErrSignatureEvidence
	}
	v := end.said
	if !bytes.Equal(v.computed(), end.event.EvidenceHash) {
		return line, ErrSignatureEvidence
	}
	line.EvidenceHash = *hexed(end.event.EvidenceHash)
	if v.Consent != nil && v.Intent != nil {
		line.Consent, line.Intent = *v.Consent, *v.Intent
	}
	if v.IPAddress != nil {
		line.IPAddress = v.IPAddress.String()
	}
	var details signDetails
	if v.Details != nil {
		if err := json.Unmarshal([]byte(*v.Details), &details); err != nil {
			return line, ErrSignatureEvidence.Because(err)
		}
	}
	line.Type = string(details.Type)
	if details.Typed != nil {
		line.Typed = *details.Typed
	}
	if details.Data != nil && details.Type == SignatureElectronic {
		if file, ok := strings.CutPrefix(*details.Data, drawnURL); ok && line.Typed != *details.Data {
			line.Drawn, _ = base64.StdEncoding.DecodeString(file) // as data wrote it
		}
	}
	if details.Method != nil {
		line.Method = string(*details.Method)
	}
	return line, nil
}

// RenderCertificate writes the certificate as a file, by the renderer of the Config. It
// returns what [Signatures.Certificate] does, and [ErrNoRenderer].
func (s *Signatures) RenderCertificate(ctx context.Context, db bun.IDB, p RenderCertificateParams, w io.Writer) error {
	if s.renderer == nil || w == nil {
		return ErrNoRenderer
	}
	c, err := s.Certificate(ctx, db, CertificateParams(p))
	if err != nil {
		return err
	}
	return s.renderer.Certificate(w, *c)
}
