package users

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/internal/text"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// ApproveVerificationParams approves a pending verification.
type ApproveVerificationParams struct {
	ID         id.Of[Verification]
	ReviewerID id.Of[auth.User]
	ExpiresAt  *time.Time // nil: the approval does not expire
}

// The conditions of reviews.
var (
	// ErrVerificationReviewed: the verification is no longer pending.
	ErrVerificationReviewed = fault.New(fault.Illegal, "verification_reviewed", "the verification is no longer pending")
	// ErrVerificationReview: an approved or rejected verification lacks the
	// time of its review.
	ErrVerificationReview = fault.New(fault.Invalid, "verification_review_required", "a reviewed verification needs the time of its review").On("reviewed_at")
	// ErrSelfReview: nobody reviews their own verification.
	ErrSelfReview = fault.New(fault.Forbidden, "verification_self_review", "nobody reviews their own verification").On("reviewer_id")
)

// expiry stands for a run of [Service.ExpireVerifications] in the type of its id.
type expiry struct{}

// VerificationApprovedEvent says that a verification was approved.
type VerificationApprovedEvent struct {
	UserID     id.Of[auth.User] `json:"user_id"`
	Type       VerificationType `json:"type"`
	ReviewedBy id.Of[auth.User] `json:"reviewed_by"`
}

// EventType names the event.
func (VerificationApprovedEvent) EventType() (string, int) { return "users.verification_approved", 1 }

// VerificationRejectedEvent says that a verification was rejected.
type VerificationRejectedEvent struct {
	UserID     id.Of[auth.User] `json:"user_id"`
	Type       VerificationType `json:"type"`
	ReviewedBy id.Of[auth.User] `json:"reviewed_by"`
}

// EventType names the event.
func (VerificationRejectedEvent) EventType() (string, int) { return "users.verification_rejected", 1 }

// VerificationsExpired says that the time of approved verifications is over. It
// is the one event of the command.
type VerificationsExpired struct {
	Verifications int `json:"verifications"`
}

// EventType names the event.
func (VerificationsExpired) EventType() (string, int) { return "users.verifications_expired", 1 }

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

// review locks a verification, lets decide change it and stores it. The same decision of
// the same person again changes nothing.
func (s *Service) review(ctx context.Context, db bun.IDB, vid id.Of[Verification], reviewer id.Of[auth.User], now time.Time, decide func(*Verification)) (*Verification, error) {
	var v *Verification
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		if v, err = verifications.Lock(ctx, tx, vid); err != nil {
			return err
		}
		same := *v
		decide(&same)
		if v.ReviewedBy != nil && *v.ReviewedBy == reviewer && same.Status == v.Status && sameMoment(same.ExpiresAt, v.ExpiresAt) &&
			sameText(same.RejectionReason, v.RejectionReason) {
			return auth.ActiveActor(ctx, tx, reviewer) // run again
		}
		if err = v.reviewable(reviewer); err != nil {
			return err
		}
		if err = auth.ActiveActor(ctx, tx, reviewer); err != nil {
			return err
		}
		decide(v)
		v.ReviewedAt, v.ReviewedBy = &now, &reviewer
		err = verifications.Update(ctx, tx, v, "status", "expires_at", "rejection_reason", "reviewed_at", "reviewed_by")
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

// sameMoment reports whether two times are the same to the microsecond, which the database
// keeps.
func sameMoment(a, b *time.Time) bool {
	return (a == nil) == (b == nil) && (a == nil || a.Round(time.Microsecond).Equal(b.Round(time.Microsecond)))
}

func sameText(a, b *string) bool { return (a == nil) == (b == nil) && (a == nil || *a == *b) }

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

// ExpireVerifications marks the approved verifications whose time is over, by
// the database's clock, and returns how many. [Service.CurrentVerification]
// does not depend on it.
func (s *Service) ExpireVerifications(ctx context.Context, db bun.IDB) (int, error) {
	var n int64
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		n, err = store.Write(ctx, tx, tx.NewUpdate().Model((*Verification)(nil)).Set("status = ?", VerificationExpired).
			Where("?TableAlias.status = ?", VerificationApproved).Where("?TableAlias.expires_at <= now()"))
		if err != nil || n == 0 {
			return store.Err(err, constraints)
		}
		return s.hooks.Emit(ctx, tx, s.now(), store.Event(aggregateExpiry, id.New[expiry](), VerificationsExpired{int(n)}))
	})
	if err != nil {
		return 0, err
	}
	return int(n), nil
}
