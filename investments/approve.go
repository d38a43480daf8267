package investments

import (
	"context"

	"github.com/uptrace/bun"

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

// Approve lets a pending distribution be paid, by somebody else than who
// declared it, and books it: the investors' distributions against what is
// payable to them. Approving again by the same person changes nothing.
//
// It locks the distribution. It returns [ErrSelfApproval],
// [ErrDistributionState], [ledger.ErrPeriodClosed] or
// [ErrDistributionNotFound].
func (s *Service) Approve(ctx context.Context, db bun.IDB, v id.Of[Distribution], by id.Of[auth.User]) (*Distribution, error) {
	var out *Distribution
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		d, err := distributions.Lock(ctx, tx, v)
		if err != nil {
			return err
		}
		out = d
		done, err := d.approves(by)
		if err != nil || done {
			return err
		}
		j, err := s.bookDeclaration(ctx, tx, d)
		if err != nil {
			return err
		}
		now := s.now()
		d.Status, d.ApprovedBy, d.ApprovedAt, d.DeclarationJournalID, d.UpdatedAt = DistributionApproved, &by, &now, &j, now
		d.Version++
		return distributions.Update(ctx, tx, d, "status", "approved_by", "approved_at", "declaration_journal_id", "version")
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// approves reports whether by may approve d, and whether he has done so. It
// touches no database.
func (d *Distribution) approves(by id.Of[auth.User]) (done bool, err error) {
	switch {
	case by.IsZero():
		return false, fault.New(fault.Invalid, "required", "who approves must be known").On("approved_by")
	case d.ApprovedBy != nil && *d.ApprovedBy == by && d.Status != DistributionCancelled:
		return true, nil
	case d.Status != DistributionPending:
		return false, ErrDistributionState.With("it is %s", d.Status)
	case d.CreatedBy != nil && *d.CreatedBy == by:
		return false, ErrSelfApproval
	}
	return false, nil
}

func (s *Service) bookOfDistribution(ctx context.Context, tx bun.IDB, d *Distribution) (book, error) {
	if d.OfferingID == nil {
		return book{}, ErrNoBook
	}
	o, err := offerings.Get(ctx, tx, *d.OfferingID)
	if err != nil {
		return book{}, err
	}
	return s.bookOf(ctx, tx, o)
}

func linesOf(ctx context.Context, db bun.IDB, v id.Of[Distribution]) ([]DistributionLine, error) {
	return distributionLines.All(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("dl.distribution_id = ?", v).OrderExpr("dl.id")
	})
}

// CancelDistribution withdraws a pending distribution. An approved one has been
// booked; it is [ErrDistributionState]. One that a later distribution by terms
// rests on is [ErrDistributionOrder].
func (s *Service) CancelDistribution(ctx context.Context, db bun.IDB, v id.Of[Distribution], reason string) (*Distribution, error) {
	var out *Distribution
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		d, err := lockDistribution(ctx, tx, v)
		if err != nil {
			return err
		}
		out = d
		switch d.Status {
		case DistributionCancelled:
			return nil
		case DistributionPending:
			if err := lastByTerms(ctx, tx, d); err != nil {
				return err
			}
			d.Status, d.StatusReason, d.UpdatedAt = DistributionCancelled, optional(reason), s.now()
			d.Version++
			return distributions.Update(ctx, tx, d, "status", "status_reason", "version")
		}
		return ErrDistributionState.With("it is %s", d.Status)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
