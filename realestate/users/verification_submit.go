package users

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/internal/text"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/vault"
)

// SubmitVerificationParams describes a verification to be reviewed.
type SubmitVerificationParams struct {
	ID        id.Of[Verification] // zero makes a new one
	UserID    id.Of[auth.User]
	Type      VerificationType
	Method    *VerificationMethod
	Provider  *Provider
	Data      *auth.Secret       // what was handed in, at most 64 KiB; sealed by the service's vault
	Documents []EvidenceDocument // at most 50
}

// The bounds of what is handed in with a verification.
const (
	maxData      = 64 << 10 // bytes
	maxDocuments = 50
	maxReason    = 2000 // characters
)

// VerificationSubmitted says that a verification waits for review.
type VerificationSubmitted struct {
	UserID id.Of[auth.User] `json:"user_id"`
	Type   VerificationType `json:"type"`
}

// EventType names the event.
func (VerificationSubmitted) EventType() (string, int) { return "users.verification_submitted", 1 }

// check reports every bad field.
func (p *SubmitVerificationParams) check() error {
	var f check.Fields
	f.Given("user_id", p.UserID)
	check.One(&f, "type", p.Type)
	check.Enum(&f, "method", p.Method)
	text.Line(&f.Fields, "provider", p.Provider, 50)
	f.Check(p.Data == nil || len(p.Data.Reveal()) <= maxData, "data", check.TooLong, "at most 64 KiB")
	f.Check(len(p.Documents) <= maxDocuments, "documents", check.TooMany, "at most 50 documents")
	for i, d := range p.Documents[:min(len(p.Documents), maxDocuments)] {
		text.Line(&f.Fields, fmt.Sprintf("documents[%d].name", i), &d.Name, 255)
		text.Line(&f.Fields, fmt.Sprintf("documents[%d].type", i), &d.Type, 100)
		text.Line(&f.Fields, fmt.Sprintf("documents[%d].sha256", i), &d.SHA256, 64)
	}
	return f.Err()
}

// SubmitVerification adds a pending verification. A second call with the same ID and
// the same params is the first one's success. It returns field errors,
// [vault.ErrNoVault] for data without a vault, [ErrVerificationPending],
// auth.ErrUserDeleted, or reference_not_found when there is no such user.
func (s *Service) SubmitVerification(ctx context.Context, db bun.IDB, p SubmitVerificationParams) (*Verification, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	now := s.now()
	v := &Verification{
		ID: p.ID.OrNew(), UserID: p.UserID, Type: p.Type, Status: VerificationPending,
		Method: p.Method, Provider: p.Provider, Documents: p.Documents,
		SubmittedAt: now, CreatedAt: now, UpdatedAt: now,
	}
	if p.Data != nil && !p.Data.IsZero() {
		sealed, err := s.vault.Seal(v.dataPlace(), p.Data.Reveal())
		if err != nil {
			return nil, err
		}
		v.VerificationData = auth.NewSecret(sealed).Ptr()
	}
	c := store.Creation[Verification]{Verb: "users.submit_verification", Params: p, Chosen: p.ID, Kind: aggregateVerification, Rows: verifications}
	out, err := store.CreateOnce(ctx, db, c, func(tx bun.IDB) (*Verification, error) {
		if err := present(ctx, tx, p.UserID); err != nil {
			return nil, err
		}
		made, err := verifications.InsertParams(ctx, tx, v, "ON CONFLICT DO NOTHING")
		if err != nil {
			return nil, err
		}
		if !made {
			return nil, ErrVerificationPending
		}
		return v, s.hooks.Emit(ctx, tx, now, store.Event(aggregateVerification, v.ID, VerificationSubmitted{v.UserID, v.Type}))
	})
	if err != nil || out == v || p.Data == nil || p.Data.IsZero() || out.VerificationData == nil {
		return out, err
	}
	// What a request is compared by holds no secret, so the data are compared here.
	if data, err := s.vault.Open(out.dataPlace(), out.VerificationData.Reveal()); err != nil || data != p.Data.Reveal() {
		return nil, store.ErrExists.On("id")
	}
	return out, nil
}

func (v *Verification) dataPlace() vault.Place {
	return evidenceColumn.Place(v.ID.String(), v.UserID.String())
}
