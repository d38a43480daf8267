package documents

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// The conditions of the evidence behind signatures.
var (
	// ErrSignatureChain: an event does not carry the hash of the one before.
	ErrSignatureChain = fault.New(fault.Invalid, "signature_chain_broken", "only the first event has no previous hash").On("previous_hash")
	// ErrSignatureEvidence: a consent, a signature or a refusal lacks its evidence.
	ErrSignatureEvidence = fault.New(fault.Invalid, "signature_evidence_missing", "consent, signature and refusal need evidence").On("evidence_hash")
)

// SignatureEventType says what happened to the signatures of a document.
type SignatureEventType string

// The types of signature event.
const (
	SignatureEventRequested SignatureEventType = "requested"
	SignatureEventViewed    SignatureEventType = "viewed"
	SignatureEventConsented SignatureEventType = "consented"
	SignatureEventSigned    SignatureEventType = "signed"
	SignatureEventDeclined  SignatureEventType = "declined"
	SignatureEventReminded  SignatureEventType = "reminded"
	SignatureEventVoided    SignatureEventType = "voided"
	SignatureEventExpired   SignatureEventType = "expired"
	SignatureEventCompleted SignatureEventType = "completed"
)

// Valid reports whether t is one of the types.
func (t SignatureEventType) Valid() bool {
	switch t {
	case SignatureEventRequested, SignatureEventViewed, SignatureEventConsented, SignatureEventSigned, SignatureEventDeclined, SignatureEventReminded,
		SignatureEventVoided, SignatureEventExpired, SignatureEventCompleted:
		return true
	}
	return false
}

// SignatureEvent is one link of a document's chain. Links are never changed; those of a
// document, over all of its versions, are numbered from 1, and each carries the hash of
// the one before. It holds ids and digests and nothing personal.
type SignatureEvent struct {
	bun.BaseModel `bun:"table:documents.signature_events,alias:se" json:"-"`

	ID              id.Of[SignatureEvent]    `bun:"id,pk" json:"id"`
	DocumentID      id.Of[Document]          `bun:"document_id" json:"document_id"` // the first version
	Position        int                      `bun:"position" json:"position"`
	Type            SignatureEventType       `bun:"type" json:"type"`
	EnvelopeID      id.Of[Envelope]          `bun:"envelope_id" json:"envelope_id"`
	RequestID       *id.Of[SignatureRequest] `bun:"request_id" json:"request_id"`
	ActorID         *id.Of[auth.User]        `bun:"actor_id" json:"actor_id"` // nil: somebody without an account, or the platform
	DocumentVersion int                      `bun:"document_version" json:"document_version"`
	DocumentHash    string                   `bun:"document_hash" json:"document_hash"` // SHA-256 of the bytes, in hexadecimal
	EvidenceHash    []byte                   `bun:"evidence_hash" json:"evidence_hash"` // 32 bytes; nil where there is none
	PreviousHash    []byte                   `bun:"previous_hash" json:"previous_hash"` // 32 bytes; nil on the first event
	Hash            []byte                   `bun:"hash" json:"hash"`                   // 32 bytes
	CreatedAt       time.Time                `bun:"created_at" json:"created_at"`
}

var signatureEvents = store.Repo[SignatureEvent]{Constraints: constraints}

// SignatureEvidence is what a signer said and how they proved who they are. Its digest
// is part of the chain, with a salt, so that the chain tells nothing of it.
type SignatureEvidence struct {
	bun.BaseModel `bun:"table:documents.signature_evidence,alias:sv" json:"-"`

	ID        id.Of[SignatureEvidence] `bun:"id,pk" json:"id"`
	EventID   id.Of[SignatureEvent]    `bun:"event_id" json:"event_id"`
	Salt      []byte                   `bun:"salt" json:"salt"`       // 32 bytes
	Consent   *string                  `bun:"consent" json:"consent"` // the words agreed to
	Intent    *string                  `bun:"intent" json:"intent"`   // what the signer meant to do
	IPAddress *netip.Addr              `bun:"ip_address" json:"ip_address"`
	UserAgent *string                  `bun:"user_agent" json:"user_agent"`
	Details   *string                  `bun:"details" json:"details"` // JSON: the signature and how it was verified
	CreatedAt time.Time                `bun:"created_at" json:"created_at"`
}

var evidence = store.Repo[SignatureEvidence]{Constraints: constraints}

// digest is over all parts, each with its length, so that no two texts are the same.
func digest(parts ...*string) []byte {
	h := sha256.New()
	for _, p := range parts {
		if p == nil {
			_, _ = h.Write([]byte("-,"))
			continue
		}
		fmt.Fprintf(h, "%d:%s,", len(*p), *p)
	}
	return h.Sum(nil)
}

func ref[T any](v T) *string { s := fmt.Sprint(v); return &s }

func opt[T any](v *T) *string {
	if v == nil {
		return nil
	}
	return ref(*v)
}

func hexed(b []byte) *string {
	if b == nil {
		return nil
	}
	return ref(hex.EncodeToString(b))
}

// computed is the hash that a link should have.
func (e *SignatureEvent) computed() []byte {
	return digest(ref("freehold signature 1"), hexed(e.PreviousHash), ref(e.ID), ref(e.DocumentID), ref(strconv.Itoa(e.Position)), ref(e.Type), ref(e.EnvelopeID),
		opt(e.RequestID), opt(e.ActorID), ref(strconv.Itoa(e.DocumentVersion)), ref(e.DocumentHash), hexed(e.EvidenceHash), ref(store.TimeKey(e.CreatedAt)))
}

// computed is the digest that a link should carry of its evidence.
func (v *SignatureEvidence) computed() []byte {
	return digest(ref("freehold evidence 1"), hexed(v.Salt), ref(v.EventID), v.Consent, v.Intent, opt(v.IPAddress), v.UserAgent, v.Details)
}

// link is what is to be added to a chain.
type link struct {
	typ      SignatureEventType
	request  *id.Of[SignatureRequest]
	actor    *id.Of[auth.User]
	evidence *SignatureEvidence // without ids, salt and time
	at       time.Time
}

// chain is the end of a document's chain, whose first version is locked: nobody else adds
// to it meanwhile, and it is read once.
type chain struct {
	root     id.Of[Document]
	position int
	hash     []byte
}

// endOf reads the end of the chain of a locked document.
func endOf(ctx context.Context, tx bun.IDB, root id.Of[Document]) (*chain, error) {
	last, err := signatureEvents.AllParams(ctx, tx, "se.document_id = $1 ORDER BY se.position DESC LIMIT 1", root.String())
	if err != nil {
		return nil, err
	}
	c := &chain{root: root}
	if len(last) > 0 {
		c.position, c.hash = last[0].Position, last[0].Hash
	}
	return c, nil
}

// add adds links, with their evidence.
func (c *chain) add(ctx context.Context, tx bun.IDB, e *Envelope, links ...link) error {
	rows, said := make([]SignatureEvent, 0, len(links)), []*SignatureEvidence{}
	for _, l := range links {
		n := SignatureEvent{ID: id.New[SignatureEvent](), DocumentID: c.root, Position: c.position + 1, Type: l.typ, EnvelopeID: e.ID, RequestID: l.request, ActorID: l.actor,
			DocumentVersion: e.DocumentVersion, DocumentHash: e.DocumentHash, PreviousHash: c.hash, CreatedAt: l.at}
		if v := l.evidence; v != nil {
			v.ID, v.EventID, v.Salt, v.CreatedAt = id.New[SignatureEvidence](), n.ID, make([]byte, 32), l.at
			_, _ = rand.Read(v.Salt) // never fails
			n.EvidenceHash = v.computed()
			said = append(said, v)
		}
		n.Hash = n.computed()
		c.position, c.hash = n.Position, n.Hash
		rows = append(rows, n)
	}
	if len(rows) > 3 { // a few are quicker one by one than by asking the catalog how to write them together
		if err := signatureEvents.InsertAll(ctx, tx, rows); err != nil {
			return err
		}
		rows = nil
	}
	for i := range rows {
		if err := signatureEvents.Insert(ctx, tx, &rows[i]); err != nil {
			return err
		}
	}
	for _, v := range said {
		if err := evidence.Insert(ctx, tx, v); err != nil { // as parameters: it is personal
			return err
		}
	}
	return nil
}

// BrokenLink is the first link of a chain that is not as it was made.
type BrokenLink struct {
	Position int    `json:"position"`
	Why      string `json:"why"`
}

// ChainReport says whether a chain is whole.
type ChainReport struct {
	Links  int         `json:"links"` // that were read, up to the broken one
	Broken *BrokenLink `json:"broken"`
	Head   []byte      `json:"head"` // the last hash: kept elsewhere, it shows that no link at the end is gone
}

// VerifySignaturesParams names a document and who has its chain verified: who may share
// it.
type VerifySignaturesParams managedParams

// VerifySignatures computes the chain of a document anew, with the digests of its
// evidence, and reports the first link that is not as it was made. Who may share the
// document does so. It returns [ErrDocumentNotFound] or [ErrForbidden].
func (s *Signatures) VerifySignatures(ctx context.Context, db bun.IDB, p VerifySignaturesParams) (*ChainReport, error) {
	return managed(ctx, db, s.core, managedParams(p), func(tx bun.IDB, root id.Of[Document]) (*ChainReport, error) {
		chain, err := signatureEvents.AllParams(ctx, tx, "se.document_id = $1 ORDER BY se.position", root.String())
		if err != nil {
			return nil, err
		}
		said, err := evidence.AllParams(ctx, tx, "sv.event_id IN (SELECT e.id FROM documents.signature_events e WHERE e.document_id = $1)", root.String())
		if err != nil {
			return nil, err
		}
		byEvent := map[id.Of[SignatureEvent]]*SignatureEvidence{}
		for i := range said {
			byEvent[said[i].EventID] = &said[i]
		}
		report := &ChainReport{}
		for i := range chain {
			e := &chain[i]
			report.Links++
			if why := e.broken(i+1, report.Head, byEvent[e.ID]); why != "" {
				report.Broken = &BrokenLink{i + 1, why}
				return report, nil
			}
			report.Head = e.Hash
		}
		return report, nil
	})
}

// broken says what is wrong with a link, "" for nothing. It touches no database.
func (e *SignatureEvent) broken(position int, previous []byte, said *SignatureEvidence) string {
	switch {
	case e.Position != position:
		return "a link is missing"
	case !bytes.Equal(e.PreviousHash, previous):
		return "the link does not follow the one before"
	case !bytes.Equal(e.Hash, e.computed()):
		return "the link was changed"
	case (e.EvidenceHash == nil) != (said == nil):
		return "the evidence is missing"
	case said != nil && !bytes.Equal(e.EvidenceHash, said.computed()):
		return "the evidence was changed"
	}
	return ""
}
