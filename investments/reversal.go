package investments

import (
	"context"
	"crypto/sha256"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/approval"
	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// The conditions of reversals that need approval.
var (
	// ErrReversalNotRequested: nobody has asked for the reversal yet.
	ErrReversalNotRequested = fault.New(fault.Illegal, "reversal_not_requested", "somebody has to ask for the reversal first")
	// ErrReversalSelfApproval: who asked for a reversal cannot carry it out.
	ErrReversalSelfApproval = fault.New(fault.Forbidden, "reversal_self_approval", "somebody else than who asked for it must agree").On("actor_id")
)

// RequestReversalParams is an approved or paid distribution that somebody wants
// undone.
type RequestReversalParams struct {
	DistributionID id.Of[Distribution]
	Date           date.Date // the day the reversal is to count from
	Reason         string
	ActorID        id.Of[auth.User]
}

// RequestReversal asks for a distribution to be reversed. Somebody else does so by
// [Distributions.Reverse], with the same date and reason; where the [ApprovalPolicy]
// asks for more people to agree to the amount, as many have to call it. Another
// date or reason is a new request in place of the one before; the same again changes
// nothing.
//
// It locks the offering and the distribution. It returns [ErrDistributionState] for one
// that was not booked or is reversed already, [ErrReversalDate], [ErrActorParty] or
// [ErrDistributionNotFound].
func (s *Distributions) RequestReversal(ctx context.Context, db bun.IDB, p RequestReversalParams) (*Distribution, error) {
	if err := s.reversalFields("distribution_id", p.DistributionID, p.Date, p.Reason, p.ActorID); err != nil {
		return nil, err
	}
	var d *Distribution
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		if _, d, err = s.lockDistribution(ctx, tx, p.DistributionID, VerbRequestReversal, p.ActorID); err != nil {
			return err
		}
		if err := d.reversible(p.Date); err != nil {
			return err
		}
		first, err := s.ask(ctx, tx, distributionReversal(d, p.Date, p.Reason), p.ActorID)
		if err != nil || !first {
			return err
		}
		return s.hooks.Emit(ctx, tx, s.now(), distributionEvent(d.ID, ReversalRequested{By: p.ActorID, Date: p.Date}))
	})
	if err != nil {
		return nil, err
	}
	return d, nil
}

// RequestExitReversalParams is an exit that somebody wants undone.
type RequestExitReversalParams struct {
	OfferingID id.Of[Offering]
	Date       date.Date // the day the reversal is to count from
	Reason     string
	ActorID    id.Of[auth.User]
}

// RequestExitReversal asks for the exit of an offering to be reversed. Somebody else
// does so by [Capital.ReverseExit], with the same date and reason, as with
// [Distributions.RequestReversal]; the amount is that of the realized gains. It
// locks the offering. It returns [ErrNotExited], [ErrReversalDate] or
// [ErrOfferingNotFound].
func (s *Capital) RequestExitReversal(ctx context.Context, db bun.IDB, p RequestExitReversalParams) (*Exit, error) {
	if err := s.reversalFields("offering_id", p.OfferingID, p.Date, p.Reason, p.ActorID); err != nil {
		return nil, err
	}
	var exit *Exit
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		o, err := lockOffering(ctx, tx, p.OfferingID)
		if err != nil {
			return err
		}
		if err := s.acts(ctx, tx, VerbRequestExitReversal, p.ActorID, about(o.ID)); err != nil {
			return err
		}
		if exit, err = s.Exit(ctx, tx, o.ID); err != nil {
			return err
		}
		if p.Date.Before(exit.Date) {
			return ErrReversalDate
		}
		first, err := s.ask(ctx, tx, exitReversal(o.ID, exit, p.Date, p.Reason), p.ActorID)
		if err != nil || !first {
			return err
		}
		return s.hooks.Emit(ctx, tx, s.now(), store.Event(aggregateOffering, o.ID, ExitReversalRequested{By: p.ActorID, Date: p.Date}))
	})
	if err != nil {
		return nil, err
	}
	return exit, nil
}

func (c *core) reversalFields(field string, what interface{ IsZero() bool }, on date.Date, reason string, by id.Of[auth.User]) error {
	var f check.Fields
	f.Given(field, what)
	f.GivenWithin("date", on, c.days())
	f.Check(reason != "", "reason", check.Required, "a reversal has a reason")
	f.Given("actor_id", by)
	return f.Err()
}

// undoing is a reversal that people have to agree to.
type undoing struct {
	matter approval.Matter
	amount money.Amount // by which the policy says how many people
}

func newUndoing[T any](kind string, v id.Of[T], action string, amount money.Amount, on date.Date, reason string) undoing {
	hash := sha256.Sum256([]byte(v.String() + " " + on.String() + " " + reason))
	return undoing{approval.Matter{Kind: kind, ID: id.Cast[approval.Subject](v), Action: action, Hash: hash[:]}, amount}
}

func distributionReversal(d *Distribution, on date.Date, reason string) undoing {
	return newUndoing("distribution", d.ID, "reverse", d.TotalAmount, on, reason)
}

func exitReversal(o id.Of[Offering], e *Exit, on date.Date, reason string) undoing {
	return newUndoing("offering", o, "reverse_exit", money.Max(e.RealizedGains, e.RealizedGains.Neg()), on, reason)
}

// ask opens a round of approval for a reversal, in place of one that asks for
// something else. first is false where the same was asked for before.
func (c *core) ask(ctx context.Context, tx bun.IDB, u undoing, by id.Of[auth.User]) (first bool, err error) {
	open, err := u.open(ctx, tx)
	switch {
	case err != nil:
		return false, err
	case open != nil && string(open.Hash) == string(u.matter.Hash):
		return false, nil
	case open != nil:
		if err := approval.Withdraw(ctx, tx, u.matter.Kind, u.matter.ID, u.matter.Action, c.now()); err != nil {
			return false, err
		}
	}
	u.matter.RequestedBy = id.Cast[approval.Person](by)
	u.matter.Required, u.matter.SelfApproval = c.approvals.requires(u.amount)
	_, err = approval.Open(ctx, tx, u.matter, c.now())
	return true, err
}

// open reads the round that waits; nil is none.
func (u *undoing) open(ctx context.Context, tx bun.IDB) (*approval.Request, error) {
	rounds, err := approval.Requests(ctx, tx, u.matter.Kind, u.matter.ID, u.matter.Action)
	if err != nil || len(rounds) == 0 || rounds[0].Status != approval.Pending {
		return nil, err
	}
	return &rounds[0], nil
}

// agree records that somebody agrees to a reversal and returns the round; it is
// settled once enough people have. A verb whose rule asks for nobody's approval has
// none, nil.
func (c *core) agree(ctx context.Context, tx bun.IDB, verb Verb, u undoing, by id.Of[auth.User]) (*approval.Request, error) {
	if !c.rules[verb].Approval {
		return nil, nil
	}
	r, err := u.open(ctx, tx)
	switch {
	case err != nil:
		return nil, err
	case r == nil:
		return nil, ErrReversalNotRequested
	case string(r.Hash) != string(u.matter.Hash):
		return nil, ErrApprovalChanged
	case !r.SelfApproval && r.RequestedBy == id.Cast[approval.Person](by):
		return nil, ErrReversalSelfApproval
	}
	_, err = approval.Decide(ctx, tx, r, approval.Decision{By: id.Cast[approval.Person](by), Approved: true, At: c.now()})
	return r, err
}

// waitsFor reports whether more people have to agree.
func waitsFor(r *approval.Request) bool { return r != nil && r.Status == approval.Pending }

// ReversalRequested is the payload of "investments.reversal_requested": somebody
// wants a distribution undone.
type ReversalRequested struct {
	By   id.Of[auth.User] `json:"by"`
	Date date.Date        `json:"date"`
}

// EventType implements the outbox's payload.
func (ReversalRequested) EventType() (string, int) { return "investments.reversal_requested", 1 }

// ReversalAgreed is the payload of "investments.reversal_agreed": one person agreed
// to undo a distribution, and others still have to.
type ReversalAgreed struct {
	By       id.Of[auth.User] `json:"by"`
	Agreed   int              `json:"agreed"`
	Required int              `json:"required"`
}

// EventType implements the outbox's payload.
func (ReversalAgreed) EventType() (string, int) { return "investments.reversal_agreed", 1 }

// ExitReversalRequested is the payload of "investments.exit_reversal_requested":
// somebody wants an exit undone.
type ExitReversalRequested struct {
	By   id.Of[auth.User] `json:"by"`
	Date date.Date        `json:"date"`
}

// EventType implements the outbox's payload.
func (ExitReversalRequested) EventType() (string, int) {
	return "investments.exit_reversal_requested", 1
}

// ExitReversalAgreed is the payload of "investments.exit_reversal_agreed": one
// person agreed to undo an exit, and others still have to.
type ExitReversalAgreed struct {
	By       id.Of[auth.User] `json:"by"`
	Agreed   int              `json:"agreed"`
	Required int              `json:"required"`
}

// EventType implements the outbox's payload.
func (ExitReversalAgreed) EventType() (string, int) { return "investments.exit_reversal_agreed", 1 }
