package investments

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/approval"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// The conditions of approving and paying.
var (
	// ErrSelfApproval: who declared a distribution cannot approve it.
	ErrSelfApproval = fault.New(fault.Forbidden, "self_approval", "somebody else than who declared it must approve").On("approved_by")
	// ErrDistributionState: the distribution's status does not allow the verb.
	ErrDistributionState = fault.New(fault.Illegal, "distribution_state", "the distribution's status does not allow it")
)

// ApproveDistributionParams is one person's agreement to a distribution.
type ApproveDistributionParams struct {
	DistributionID id.Of[Distribution]
	ActorID        id.Of[auth.User] // who agrees
}

// Approve records that somebody agrees to a pending distribution. When as many
// people as the policy asks for have agreed (see [ApprovalPolicy]; one other than
// who declared it by default), the distribution is approved and booked: the
// investors' distributions against what is payable to them. Until then it stays
// pending; [Distributions.Approvals] tells who is missing. Approving again by the same
// person changes nothing.
//
// What the first approver saw is frozen by its hash, so that the others agree to
// the same, and nobody agrees to what the history has outrun. It locks the offering
// and the distribution. It returns [ErrDistributionStale], [ErrOverRecovered] where what
// it sets off is owed no more, [ErrSelfApproval], [ErrDistributionState],
// [ErrApprovalChanged], [ErrReserveShort], [ledger.ErrPeriodClosed] or
// [ErrDistributionNotFound].
func (s *Distributions) Approve(ctx context.Context, db bun.IDB, p ApproveDistributionParams) (*Distribution, error) {
	return s.decide(ctx, db, VerbApproveDistribution, p.DistributionID, p.ActorID, true, func(tx bun.IDB, o *Offering, d *Distribution, r *approval.Request) error {
		var b book
		err := store.Together(ctx, tx,
			func(tx bun.IDB) error { return s.fresh(ctx, tx, o, d) },
			func(tx bun.IDB) (err error) {
				if r.Missing() <= 1 { // it is booked with this agreement
					b, err = s.bookOfDistribution(ctx, tx, o)
				}
				return err
			})
		if err != nil {
			return err
		}
		first, err := approval.Decide(ctx, tx, r, approval.Decision{By: id.Cast[approval.Person](p.ActorID), Approved: true, At: s.now()})
		if err != nil || !first {
			return err
		}
		events := []store.Emission{distributionEvent(d.ID, DistributionApprovalGiven{By: p.ActorID, Agreed: r.Agreed(), Required: r.Required})}
		if r.Status == approval.Approved {
			j, now := id.New[ledger.Journal](), s.now()
			d.Status, d.ApprovedBy, d.ApprovedAt, d.DeclarationJournalID, d.UpdatedAt = DistributionStatusApproved, &p.ActorID, &now, &j, now
			d.Version++
			if err := s.bookDeclaration(ctx, tx, o, d, b, p.ActorID); err != nil {
				return err
			}
			events = append(events, distributionEvent(d.ID, DistributionApproved{Total: d.TotalAmount, JournalID: j}))
		}
		return s.hooks.Emit(ctx, tx, s.now(), events...)
	})
}

// bookOfDistribution is the book of a distribution's offering.
func (s *Distributions) bookOfDistribution(ctx context.Context, tx bun.IDB, o *Offering) (book, error) {
	if o == nil {
		return book{}, ErrNoBook
	}
	return s.bookOf(ctx, tx, o)
}

// CancelDistributionParams is a distribution to cancel before it is paid.
type CancelDistributionParams struct {
	DistributionID id.Of[Distribution]
	Reason         string
	ActorID        id.Of[auth.User]
}

// Cancel withdraws a pending distribution and what was agreed to it
// so far. An approved one has been booked; it is [ErrDistributionState]. One that
// a later distribution by terms rests on is [ErrDistributionOrder].
func (s *Distributions) Cancel(ctx context.Context, db bun.IDB, p CancelDistributionParams) (*Distribution, error) {
	if p.ActorID.IsZero() {
		return nil, ErrActorRequired
	}
	var out *Distribution
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		_, d, err := s.lockDistribution(ctx, tx, p.DistributionID, VerbCancelDistribution, p.ActorID)
		if err != nil {
			return err
		}
		out = d
		switch d.Status {
		case DistributionStatusCancelled:
			return nil
		case DistributionStatusPending:
			if err := lastByTerms(ctx, tx, d); err != nil {
				return err
			}
			if err := approval.Withdraw(ctx, tx, "distribution", id.Cast[approval.Subject](d.ID), "approve", s.now()); err != nil {
				return err
			}
			return s.endPending(ctx, tx, d, p.Reason, DistributionCancelled{Total: d.TotalAmount})
		}
		return ErrDistributionState.With("it is %s", d.Status)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
