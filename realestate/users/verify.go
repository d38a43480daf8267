package users

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/internal/text"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
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

// VerificationData opens what was handed in with a verification. To whom it may be
// shown, and the record of that, is the caller's matter. It returns
// [ErrVerificationNotFound], [ErrNoVerificationData], or what [vault.Vault.Open]
// returns.
func (s *Service) VerificationData(ctx context.Context, db bun.IDB, verification id.Of[Verification]) (auth.Secret, error) {
	v, err := s.Verification(ctx, db, verification)
	if err != nil {
		return auth.Secret{}, err
	}
	if v.VerificationData == nil {
		return auth.Secret{}, ErrNoVerificationData
	}
	plain, err := s.vault.Open(v.dataPlace(), v.VerificationData.Reveal())
	return auth.NewSecret(plain), err
}

// ApproveVerificationParams approves a pending verification.
type ApproveVerificationParams struct {
	ID         id.Of[Verification]
	ReviewerID id.Of[auth.User]
	ExpiresAt  *time.Time // nil: the approval does not expire
}

// ApproveVerification approves a pending verification. It locks it and returns
// [ErrVerificationNotFound], [ErrVerificationReviewed], [ErrSelfReview],
// auth.ErrActorInactive when the reviewer is not an active user, or a field error
// when the approval would have expired already.
func (s *Service) ApproveVerification(ctx context.Context, db bun.IDB, p ApproveVerificationParams) (*Verification, error) {
	now := s.now()
	var f fault.Fields
	f.Check(p.ExpiresAt == nil || now.Before(*p.ExpiresAt), "expires_at", check.InPast, "a time in the future")
	if err := f.Err(); err != nil {
		return nil, err
	}
	return s.review(ctx, db, p.ID, p.ReviewerID, now, func(v *Verification) {
		v.Status, v.ExpiresAt = VerificationApproved, p.ExpiresAt
	})
}

// RejectVerificationParams rejects a pending verification.
type RejectVerificationParams struct {
	ID         id.Of[Verification]
	ReviewerID id.Of[auth.User]
	Reason     string // required, at most 2,000 characters; the user reads it
}

// RejectVerification rejects a pending verification. It locks it and returns
// [ErrVerificationNotFound], [ErrVerificationReviewed], [ErrSelfReview],
// auth.ErrActorInactive, or a field error when there is no reason.
func (s *Service) RejectVerification(ctx context.Context, db bun.IDB, p RejectVerificationParams) (*Verification, error) {
	var f fault.Fields
	f.Check(strings.TrimSpace(p.Reason) != "", "reason", check.Required, "a reason is needed")
	text.Block(&f, "reason", &p.Reason, maxReason)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return s.review(ctx, db, p.ID, p.ReviewerID, s.now(), func(v *Verification) {
		v.Status, v.RejectionReason = VerificationRejected, &p.Reason
	})
}

// review locks a verification, lets decide change it and stores it.
func (s *Service) review(ctx context.Context, db bun.IDB, vid id.Of[Verification], reviewer id.Of[auth.User], now time.Time, decide func(*Verification)) (*Verification, error) {
	var v *Verification
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		if v, err = verifications.Lock(ctx, tx, vid); err != nil {
			return err
		}
		if err = v.reviewable(reviewer); err != nil {
			return err
		}
		if err = auth.ActiveActor(ctx, tx, reviewer); err != nil {
			return err
		}
		decide(v)
		v.ReviewedAt, v.ReviewedBy = &now, &reviewer
		err = verifications.UpdateParams(ctx, tx, v, "status", "expires_at", "rejection_reason", "reviewed_at", "reviewed_by")
		if err != nil {
			return err
		}
		if v, err = verifications.Get(ctx, tx, vid); err != nil { // the database keeps updated_at
			return err
		}
		return s.hooks.Emit(ctx, tx, now, store.Event(aggregateVerification, v.ID, v.decision(reviewer)))
	})
	if err != nil {
		return nil, err
	}
	return v, nil
}

// decision is the event of what was decided.
func (v *Verification) decision(reviewer id.Of[auth.User]) store.Payload {
	if v.Status == VerificationApproved {
		return VerificationApprovedEvent{v.UserID, v.Type, reviewer}
	}
	return VerificationRejectedEvent{v.UserID, v.Type, reviewer}
}

// reviewable reports why reviewer cannot decide on v. It touches no database.
func (v *Verification) reviewable(reviewer id.Of[auth.User]) error {
	switch {
	case v.Status != VerificationPending:
		return ErrVerificationReviewed.With("it is %s", v.Status)
	case reviewer == v.UserID:
		return ErrSelfReview
	}
	return nil
}

// Verification returns a verification, or [ErrVerificationNotFound].
func (s *Service) Verification(ctx context.Context, db bun.IDB, v id.Of[Verification]) (*Verification, error) {
	return verifications.Get(ctx, db, v)
}

// CurrentVerification returns the user's verification of the type that is
// approved and, by the database's clock, not expired; of several the one that
// lasts longest. It returns [ErrNotVerified].
func (s *Service) CurrentVerification(ctx context.Context, db bun.IDB, user id.Of[auth.User], t VerificationType) (*Verification, error) {
	return proofs.One(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery { return current(q, user, t) })
}

// HoldVerification is [Service.CurrentVerification] for a decision that rests
// on it: inside a transaction the verification cannot be changed until the
// transaction ends, while others may hold it too.
func (s *Service) HoldVerification(ctx context.Context, tx bun.IDB, user id.Of[auth.User], t VerificationType) (*Verification, error) {
	return proofs.One(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery { return current(q, user, t).For("SHARE") })
}

// ExpireVerifications marks the approved verifications whose time is over, by
// the database's clock, and returns how many. [Service.CurrentVerification]
// does not depend on it.
func (s *Service) ExpireVerifications(ctx context.Context, db bun.IDB) (int, error) {
	var n int64
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		res, err := tx.NewUpdate().Model((*Verification)(nil)).Set("status = ?", VerificationExpired).
			Where("?TableAlias.status = ?", VerificationApproved).Where("?TableAlias.expires_at <= now()").Exec(ctx)
		if err != nil {
			return store.Err(err, constraints)
		}
		if n, err = res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		return s.hooks.Emit(ctx, tx, s.now(), store.Event(aggregateExpiry, id.New[expiry](), VerificationsExpired{int(n)}))
	})
	if err != nil {
		return 0, err
	}
	return int(n), nil
}
