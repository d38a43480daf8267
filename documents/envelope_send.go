package documents

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// maxRecipients is how many papers are sent at once at most.
const maxRecipients = 1000

// Recipient is somebody who gets a paper of their own to sign.
type Recipient struct {
	Signer    Signer            // no countersigner
	Fields    map[string]string // what their paper says beside the fields of all
	AccountID *id.Of[investments.Account]
}

// SendTemplateParams is a template that becomes a paper for each of many, to be signed by
// them.
type SendTemplateParams struct {
	IdempotencyKey string
	ActorID        id.Of[auth.User] // owns the papers and asks for the signatures
	Template       Template
	Fields         map[string]string // what all papers say
	Recipients     []Recipient       // 1 to 1,000, each once
	Countersigners []Signer          // of every paper, behind its recipient
	ExpiresAt      time.Time
	Message        *string
	Type           *Type
	Category       *Category
	OfferingID     *id.Of[investments.Offering]
	// RequiresSignature has each recipient sign their paper of the offering before they
	// commit, where the gate asks for that.
	RequiresSignature bool
	Folder            string
	Tags              []string
}

// SentPaper is what became of the paper of one recipient.
type SentPaper struct {
	DocumentID id.Of[Document] `json:"document_id"`
	EnvelopeID id.Of[Envelope] `json:"envelope_id"`
	Sent       bool            `json:"sent"`
	Invitation *Invitation     `json:"invitation"` // the recipient's; its token comes with the run that sent it
	Code       string          `json:"code"`       // why it was not sent, "" where it was
	Err        error           `json:"-"`
}

// SentPapers is what became of the papers, in the order of their recipients.
type SentPapers struct {
	Papers []SentPaper `json:"papers"`
	Sent   int         `json:"sent"`
	Failed int         `json:"failed"`
}

func (p SendTemplateParams) check() error {
	var f check.Fields
	f.Given("actor_id", p.ActorID)
	f.Given("expires_at", p.ExpiresAt)
	f.Some("recipients", len(p.Recipients))
	f.Check(len(p.Recipients) <= maxRecipients, "recipients", check.TooMany, "at most 1,000")
	f.Check(len(p.Countersigners) < maxSigners, "countersigners", check.TooMany, "at most 99")
	p.Template.check(&f, "template.", p.Fields)
	seen := map[string]bool{}
	for i, r := range p.Recipients[:min(len(p.Recipients), maxRecipients)] {
		who := "mail " + strings.ToLower(r.Signer.Email)
		if r.Signer.UserID != nil {
			who = "user " + r.Signer.UserID.String()
		}
		f.Check(!seen[who], fmt.Sprintf("recipients[%d].signer", i), check.Duplicate, "each gets one paper")
		f.Check(!r.Signer.Countersigner, fmt.Sprintf("recipients[%d].signer", i), check.NotAllowed, "a recipient signs first")
		seen[who] = true
	}
	return f.Err()
}

// SendTemplate makes a paper of a template for each of many, such as a subscription agreement
// for every investor, and asks them to sign it. Each paper with its request is whole or not
// at all, and on a pool a transaction of its own: a run that was stopped, or killed, is run
// again with the same key and params and goes on where it was. Nobody gets two, whatever
// happens and also where two run at once: the ids of the papers follow from the key.
//
// What one recipient's fields or signer are refused for stands beside them, by its code, and
// the others get theirs. It returns field errors of what is of all, [ErrNoRenderer],
// [ErrNoStorage], idempotency_key_reused for a key of other params, and what stops the whole
// run, such as a context that ends, together with what was done by then.
func (s *Signatures) SendTemplate(ctx context.Context, db bun.IDB, p SendTemplateParams) (*SentPapers, error) {
	switch {
	case s.renderer == nil:
		return nil, ErrNoRenderer
	case s.storage == nil:
		return nil, ErrNoStorage
	}
	if err := p.check(); err != nil {
		return nil, err
	}
	batch := derived[SentPapers](p.IdempotencyKey, "batch", 0)
	if err := store.InTx(ctx, db, func(tx bun.IDB) error {
		if err := auth.ActiveActor(ctx, tx, p.ActorID); err != nil {
			return err
		}
		_, _, err := store.Once(ctx, tx, store.Command{Verb: "documents.send_template", Key: p.IdempotencyKey}, p, "batch", batch)
		return err
	}); err != nil {
		return nil, err
	}
	out := &SentPapers{Papers: []SentPaper{}}
	for i := range p.Recipients {
		one, err := s.sendOne(ctx, db, p, i)
		var refused *fault.Error
		switch known := errors.As(err, &refused); {
		case err == nil:
			out.Sent++
		case !known || ctx.Err() != nil || refused.Kind == fault.Unavailable || refused.Kind == fault.Unknown:
			return out, err
		default:
			one.Sent, one.Invitation, one.Code, one.Err = false, nil, fault.CodeOf(err), err
			out.Failed++
		}
		out.Papers = append(out.Papers, one)
	}
	return out, nil
}

// sendOne makes the paper of one recipient and asks for its signatures.
func (s *Signatures) sendOne(ctx context.Context, db bun.IDB, p SendTemplateParams, i int) (SentPaper, error) {
	r := p.Recipients[i]
	one := SentPaper{DocumentID: derived[Document](p.IdempotencyKey, "document", i), EnvelopeID: derived[Envelope](p.IdempotencyKey, "envelope", i)}
	fields := map[string]string{}
	for _, from := range []map[string]string{p.Fields, r.Fields} {
		for name, value := range from {
			fields[name] = value
		}
	}
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		d, err := (&Service{s.core}).FillTemplate(ctx, tx, FillTemplateParams{ID: one.DocumentID, OwnerID: p.ActorID, Template: p.Template, Fields: fields, Type: p.Type,
			Category: p.Category, RequiresSignature: p.RequiresSignature, OfferingID: p.OfferingID, AccountID: r.AccountID, Folder: p.Folder, Tags: p.Tags})
		if err != nil {
			return err
		}
		signers := []Signer{r.Signer}
		for _, c := range p.Countersigners {
			c.Countersigner = true
			signers = append(signers, c)
		}
		v, err := s.askOnce(ctx, tx, RequestSignaturesParams{ID: one.EnvelopeID, DocumentID: d.ID, ActorID: p.ActorID, Signers: signers, ExpiresAt: p.ExpiresAt, Message: p.Message})
		if err != nil {
			return err
		}
		one.Sent = true
		if len(v.Invitations) > 0 {
			one.Invitation = &v.Invitations[0]
		}
		return nil
	})
	return one, err
}

// askOnce is RequestSignatures for an envelope that may be there: whoever was asked before is
// not asked again, and that their time may be over since changes nothing.
func (s *Signatures) askOnce(ctx context.Context, tx bun.IDB, p RequestSignaturesParams) (*EnvelopeView, error) {
	e, err := envelopes.Get(ctx, tx, p.ID)
	switch {
	case errors.Is(err, ErrEnvelopeNotFound):
		return s.RequestSignatures(ctx, tx, p)
	case err != nil:
		return nil, err
	}
	made, err := invitationsOf(ctx, tx, e.ID)
	return &EnvelopeView{Envelope: e, Invitations: made}, err
}

// derived is the id of what a key makes, of one kind and number.
func derived[T any](key, kind string, n int) id.Of[T] {
	sum := sha256.Sum256(fmt.Appendf(nil, "documents.send_template %s %d %d:%s", kind, n, len(key), key))
	v := id.Of[T](sum[:16])
	v[6], v[8] = v[6]&0x0f|0x80, v[8]&0x3f|0x80 // version 8, whose bits are its maker's
	return v
}
