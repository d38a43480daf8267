package investments

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/approval"
	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// The conditions of deciding on a distribution that are those of any approval.
var (
	// ErrApprovalChanged: the distribution is no longer what the first approver saw.
	ErrApprovalChanged = approval.ErrSubjectChanged
	// ErrApprovalDecided: the person has decided otherwise before; decisions stand.
	ErrApprovalDecided = approval.ErrDecided
)

// DistributionApprovals is who has to agree to a distribution and who has
// decided. A distribution has one round of it: a rejection cancels it.
type DistributionApprovals struct {
	// Required is how many people, and ByCreator whether who declared it may be the
	// one. Before the first decision they are what the policy asks for today.
	Required  int                `json:"required"`
	ByCreator bool               `json:"by_creator"`
	Decisions []ApprovalDecision `json:"decisions"` // the earliest first
}

// ApprovalDecision is what one person said of a distribution.
type ApprovalDecision struct {
	By       id.Of[auth.User] `json:"by"`
	Approved bool             `json:"approved"`
	Reason   *string          `json:"reason"` // of a rejection
	At       time.Time        `json:"at"`
}

// Missing is how many people still have to agree; 0 after a rejection.
func (a *DistributionApprovals) Missing() int {
	n := a.Required
	for _, d := range a.Decisions {
		if !d.Approved {
			return 0
		}
		n--
	}
	return max(n, 0)
}

// Approvals reads who has to agree to a distribution and who has decided. It
// returns [ErrDistributionNotFound].
func (s *Distributions) Approvals(ctx context.Context, db bun.IDB, v id.Of[Distribution]) (*DistributionApprovals, error) {
	d, err := distributions.Get(ctx, db, v)
	if err != nil {
		return nil, err
	}
	out := &DistributionApprovals{}
	out.Required, out.ByCreator = s.approvals.requires(d.TotalAmount)
	rounds, err := approvalRounds(ctx, db, v)
	if err != nil || len(rounds) == 0 {
		return out, err
	}
	last := &rounds[0]
	out.Required, out.ByCreator = last.Required, last.SelfApproval
	for _, x := range last.Decisions {
		out.Decisions = append(out.Decisions, ApprovalDecision{By: id.Cast[auth.User](x.By), Approved: x.Approved, Reason: x.Note, At: x.At})
	}
	return out, nil
}

func approvalRounds(ctx context.Context, db bun.IDB, v id.Of[Distribution]) ([]approval.Request, error) {
	return approval.Requests(ctx, db, "distribution", id.Cast[approval.Subject](v), "approve")
}

// RejectDistributionParams says no to a distribution that waits for approval.
type RejectDistributionParams struct {
	DistributionID id.Of[Distribution]
	ActorID        id.Of[auth.User] // who rejects
	Reason         string
}

// Reject records that somebody who could approve a pending
// distribution refuses it, which cancels it with the reason: it is never paid.
// Who declared it withdraws it by [Distributions.Cancel] instead. Rejecting
// again by the same person changes nothing.
//
// It locks the offering and the distribution. It returns [ErrSelfApproval],
// [ErrDistributionState], [ErrApprovalDecided] for somebody who has approved it,
// [ErrDistributionOrder] where a later distribution by terms rests on it, and
// [ErrDistributionNotFound].
func (s *Distributions) Reject(ctx context.Context, db bun.IDB, p RejectDistributionParams) (*Distribution, error) {
	var f check.Fields
	f.Check(p.Reason != "", "reason", check.Required, "a rejection has a reason")
	f.Given("actor_id", p.ActorID)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return s.decide(ctx, db, VerbRejectDistribution, p.DistributionID, p.ActorID, false, func(tx bun.IDB, _ *Offering, d *Distribution, r *approval.Request) error {
		if err := lastByTerms(ctx, tx, d); err != nil {
			return err
		}
		if _, err := approval.Decide(ctx, tx, r, approval.Decision{By: id.Cast[approval.Person](p.ActorID), Note: &p.Reason, At: s.now()}); err != nil {
			return err
		}
		return s.endPending(ctx, tx, d, p.Reason, DistributionRejected{By: p.ActorID})
	})
}

// decide locks a distribution and its round of approval, opened where there is
// none, and lets say record what by thinks of it. Where by has said the same before
// and the round is over, nothing happens.
func (s *Distributions) decide(ctx context.Context, db bun.IDB, verb Verb, v id.Of[Distribution], by id.Of[auth.User], approve bool,
	say func(tx bun.IDB, o *Offering, d *Distribution, r *approval.Request) error) (*Distribution, error) {
	if by.IsZero() {
		return nil, ErrActorRequired
	}
	var out *Distribution
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		o, d, err := s.lockDistribution(ctx, tx, v, verb, by)
		if err != nil {
			return err
		}
		out = d
		if d.Status != DistributionStatusPending {
			return decided(ctx, tx, d, by, approve)
		}
		r, err := s.openApproval(ctx, tx, d, by)
		if err != nil {
			return err
		}
		if !r.SelfApproval && d.CreatedBy != nil && *d.CreatedBy == by {
			return ErrSelfApproval
		}
		return say(tx, o, d, r)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// decided reports a distribution that is not pending, unless by is one of those
// who decided it so.
func decided(ctx context.Context, tx bun.IDB, d *Distribution, by id.Of[auth.User], approve bool) error {
	if approve && d.ApprovedBy != nil && *d.ApprovedBy == by {
		return nil
	}
	rounds, err := approvalRounds(ctx, tx, d.ID)
	if err != nil {
		return err
	}
	outcome := map[bool]string{true: approval.Approved, false: approval.Rejected}[approve]
	if len(rounds) > 0 && rounds[0].Status == outcome {
		if said := rounds[0].By(id.Cast[approval.Person](by)); said != nil && said.Approved == approve {
			return nil
		}
	}
	return ErrDistributionState.With("it is %s", d.Status)
}

// openApproval reads the open round of a distribution, or makes one under the
// policy of today, which the first decision writes.
func (s *Distributions) openApproval(ctx context.Context, tx bun.IDB, d *Distribution, by id.Of[auth.User]) (*approval.Request, error) {
	a := approval.Matter{Kind: "distribution", ID: id.Cast[approval.Subject](d.ID), Action: "approve", RequestedBy: id.Cast[approval.Person](by)}
	if d.CreatedBy != nil {
		a.RequestedBy = id.Cast[approval.Person](*d.CreatedBy)
	}
	a.Required, a.SelfApproval = s.approvals.requires(d.TotalAmount)
	var rounds []approval.Request
	err := store.Together(ctx, tx,
		func(tx bun.IDB) error {
			return store.Err(store.Read(ctx, tx, tx.NewRaw("SELECT investments.distribution_hash(?)", d.ID), &a.Hash), constraints)
		},
		store.Into(&rounds, func(tx bun.IDB) ([]approval.Request, error) { return approvalRounds(ctx, tx, d.ID) }))
	if err != nil {
		return nil, err
	}
	return approval.Current(rounds, a, s.now())
}

// endPending cancels a pending distribution.
func (s *Distributions) endPending(ctx context.Context, tx bun.IDB, d *Distribution, reason string, what store.Payload) error {
	d.Status, d.StatusReason, d.UpdatedAt = DistributionStatusCancelled, optional(reason), s.now()
	d.Version++
	if err := distributions.Update(ctx, tx, d, "status", "status_reason", "version"); err != nil {
		return err
	}
	return s.hooks.Emit(ctx, tx, s.now(), distributionEvent(d.ID, what))
}
