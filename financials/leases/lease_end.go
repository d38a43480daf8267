package leases

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// LeaseNoticed says that the tenants of a lease leave, or stay after all.
type LeaseNoticed struct {
	NoticeOn *date.Date `json:"notice_on,omitempty"` // nil: the notice was withdrawn
	LeavesOn *date.Date `json:"leaves_on,omitempty"`
}

// EventType names the event.
func (LeaseNoticed) EventType() (string, int) { return "leases.lease_noticed", 1 }

// LeaseTerminated says that a lease ends before its agreed end.
type LeaseTerminated struct {
	NoticeOn date.Date     `json:"notice_on"`
	LastDay  date.Date     `json:"last_day"`
	Fee      *money.Amount `json:"fee,omitempty"`
}

// EventType names the event.
func (LeaseTerminated) EventType() (string, int) { return "leases.lease_terminated", 1 }

// LeaseMovedIn says on which day the tenants moved in.
type LeaseMovedIn struct {
	Date date.Date `json:"date"`
}

// EventType names the event.
func (LeaseMovedIn) EventType() (string, int) { return "leases.lease_moved_in", 1 }

// LeaseMovedOut says on which day the tenants moved out.
type LeaseMovedOut struct {
	Date date.Date `json:"date"`
}

// EventType names the event.
func (LeaseMovedOut) EventType() (string, int) { return "leases.lease_moved_out", 1 }

// LeaseCancelled says that a lease does not begin.
type LeaseCancelled struct {
	CancelledBy id.Of[auth.User] `json:"cancelled_by"`
}

// EventType names the event.
func (LeaseCancelled) EventType() (string, int) { return "leases.lease_cancelled", 1 }

// GiveNoticeParams is the notice of the tenants of a lease.
type GiveNoticeParams struct {
	LeaseID  id.Of[Lease]
	Date     date.Date // on which it was given
	LeavesOn date.Date // the last day, not before the agreed end
	ActorID  id.Of[auth.User]
}

// GiveNotice records that the tenants leave after a day, at the end of the agreed term
// or while it goes on month to month; from the next day on the unit can be let to
// others. Another notice replaces the first, and no termination: with its fee that stays
// until [Leases.WithdrawNotice], which is no tenant's to use. It returns [ErrTermRunning]
// where the agreed term runs longer ([Leases.TerminateLease]), [ErrTermDates] for a day
// before the lease begins, until which it is cancelled ([Leases.CancelLease]), [ErrTerminated],
// [ErrLeaseMoved], [ErrLeaseOverlap], [ErrLeaseNotFound] or the field errors.
func (s *Leases) GiveNotice(ctx context.Context, db bun.IDB, p GiveNoticeParams) (*Agreement, error) {
	var f check.Fields
	f.Given("lease_id", p.LeaseID)
	f.GivenHappened("date", p.Date, s.days())
	f.GivenWithin("leaves_on", p.LeavesOn, s.days())
	f.Given("actor_id", p.ActorID)
	f.Check(!p.LeavesOn.Before(p.Date), "leaves_on", check.Disordered, "the tenants leave after their notice")
	if err := f.Err(); err != nil {
		return nil, err
	}
	return s.amend(ctx, db, VerbGiveNotice, p.LeaseID, p.ActorID, func(a *amendment) error {
		t := a.last()
		switch {
		case t.MovedOutOn != nil:
			return ErrLeaseMoved
		case a.terminated():
			return ErrTerminated
		case t.EndsOn != nil && p.LeavesOn.Before(*t.EndsOn):
			return ErrTermRunning
		case p.Date.Before(a.terms[0].StartsOn):
			return ErrTermDates.On("date")
		}
		a.stay(nil)
		t.NoticeOn, t.LeavesOn, a.reason = &p.Date, &p.LeavesOn, ReasonNotice
		a.tell(LeaseNoticed{&p.Date, &p.LeavesOn})
		return nil
	})
}

// WithdrawNoticeParams takes a notice back.
type WithdrawNoticeParams struct {
	LeaseID id.Of[Lease]
	ActorID id.Of[auth.User]
}

// WithdrawNotice takes a notice or an early termination back, with the fee of it, where
// the unit is not let to others from then on. It returns [ErrNoNotice], [ErrLeaseMoved], [ErrLeaseOverlap]
// or [ErrLeaseNotFound].
func (s *Leases) WithdrawNotice(ctx context.Context, db bun.IDB, p WithdrawNoticeParams) (*Agreement, error) {
	if p.ActorID.IsZero() {
		return nil, ErrActorRequired
	}
	return s.amend(ctx, db, VerbWithdrawNotice, p.LeaseID, p.ActorID, func(a *amendment) error {
		t := a.last()
		switch {
		case t.MovedOutOn != nil:
			return ErrLeaseMoved
		case t.NoticeOn == nil:
			return ErrNoNotice
		}
		a.stay(nil)
		a.reason = ReasonNotice
		a.tell(LeaseNoticed{})
		return nil
	})
}

// TerminateLeaseParams ends a lease before its agreed end.
type TerminateLeaseParams struct {
	LeaseID id.Of[Lease]
	Date    date.Date     // on which it was agreed
	LastDay date.Date     // of the tenants in the unit
	Fee     *money.Amount // due on LastDay; nil is none
	ActorID id.Of[auth.User]
}

// TerminateLease ends a lease on a day before its agreed end, for a fee or none. Another
// termination replaces it with its fee. Later terms are void. Charges that were posted for later days are credited by the
// next [Accounts.PostCharges]. It returns [ErrTermDates] for a day before the lease
// began, [ErrLeaseMoved], [ErrLeaseNotFound] or the field errors.
func (s *Leases) TerminateLease(ctx context.Context, db bun.IDB, p TerminateLeaseParams) (*Agreement, error) {
	var f check.Fields
	f.Given("lease_id", p.LeaseID)
	f.GivenHappened("date", p.Date, s.days())
	f.GivenWithin("last_day", p.LastDay, s.days())
	f.Check(p.Fee == nil || p.Fee.Sign() > 0, "fee", check.OutOfRange, "the amount is not above zero")
	f.Given("actor_id", p.ActorID)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return s.amend(ctx, db, VerbTerminateLease, p.LeaseID, p.ActorID, func(a *amendment) error {
		var fee *ChargeParams
		if p.Fee != nil {
			fee = &ChargeParams{Kind: ChargeTermination, Amount: *p.Fee, Once: true, From: p.LastDay}
		}
		a.stay(fee)
		if err := a.endOn(p.LastDay); err != nil {
			return err
		}
		t := a.last()
		t.NoticeOn, t.LeavesOn, a.reason = &p.Date, &p.LastDay, ReasonTerminated
		if fee != nil {
			a.terminationFee(t, fee)
		}
		a.tell(LeaseTerminated{p.Date, p.LastDay, p.Fee})
		return nil
	})
}

// stay takes a notice or a termination back, with its fee; but one such as again stays.
func (a *amendment) stay(again *ChargeParams) {
	t := a.last()
	a.charges = slices.DeleteFunc(a.charges, func(c ScheduledCharge) bool {
		return t.feeOf(&c) && (again == nil || c.StartsOn != again.From || c.Amount != again.Amount)
	})
	t.NoticeOn, t.LeavesOn = nil, nil
}

// terminationFee charges the fee of a term's termination, unless it stayed.
func (a *amendment) terminationFee(t *Term, p *ChargeParams) {
	if slices.ContainsFunc(a.charges, func(c ScheduledCharge) bool { return t.feeOf(&c) }) {
		return
	}
	number := t.Number
	a.charges = append(a.charges, ScheduledCharge{ID: id.New[ScheduledCharge](), LeaseID: a.lease.ID, Kind: p.Kind, Amount: p.Amount, Once: true,
		StartsOn: p.From, TermNumber: &number})
}

// feeOf reports whether a charge is the fee of the term's termination.
func (t *Term) feeOf(c *ScheduledCharge) bool {
	return c.TermNumber != nil && *c.TermNumber == t.Number
}

// terminated reports whether the last term was ended by a termination: before its agreed
// end, or for a fee.
func (a *amendment) terminated() bool {
	t := a.last()
	return t.LeavesOn != nil && (t.Reason == ReasonTerminated || t.EndsOn != nil && t.LeavesOn.Before(*t.EndsOn) ||
		slices.ContainsFunc(a.charges, func(c ScheduledCharge) bool { return t.feeOf(&c) }))
}

// endOn drops the terms that begin after a day.
func (a *amendment) endOn(day date.Date) error {
	if a.last().MovedOutOn != nil {
		return ErrLeaseMoved
	}
	for len(a.terms) > 1 && a.last().StartsOn.After(day) {
		a.terms = a.terms[:len(a.terms)-1]
	}
	if a.last().StartsOn.After(day) {
		return ErrTermDates.On("last_day")
	}
	return nil
}

// MoveInParams says that the tenants of a lease moved in.
type MoveInParams struct {
	LeaseID id.Of[Lease]
	Date    date.Date
	ActorID id.Of[auth.User]
}

// MoveIn records on which day the tenants moved in, where that is not the day that the
// lease begins; rent runs from its start all the same. It returns [ErrTermDates],
// [ErrLeaseNotFound] or the field errors.
func (s *Leases) MoveIn(ctx context.Context, db bun.IDB, p MoveInParams) (*Agreement, error) {
	if err := onDay(p.Date, p.ActorID, s.days()); err != nil {
		return nil, err
	}
	return s.amend(ctx, db, VerbMoveIn, p.LeaseID, p.ActorID, func(a *amendment) error {
		t := &a.terms[0]
		if p.Date.Before(t.StartsOn) {
			return ErrTermDates.On("date")
		}
		t.MovedInOn, a.reason = &p.Date, ReasonMovedIn
		a.tell(LeaseMovedIn{p.Date})
		return nil
	})
}

// MoveOutParams says that the tenants of a lease moved out.
type MoveOutParams struct {
	LeaseID id.Of[Lease]
	Date    date.Date // the last day, which counts
	ActorID id.Of[auth.User]
}

// MoveOut records on which day the tenants moved out. The lease ends with it; terms
// that would begin later are void, and charges posted for later days are credited by
// the next [Accounts.PostCharges]. [Accounts.MoveOutStatement] says what is owed then,
// and [Accounts.SettleDeposit] settles it. It returns [ErrLeaseMoved],
// [ErrTermDates], [ErrLeaseOverlap], [ErrLeaseNotFound] or the field errors.
func (s *Leases) MoveOut(ctx context.Context, db bun.IDB, p MoveOutParams) (*Agreement, error) {
	if err := onDay(p.Date, p.ActorID, s.days()); err != nil {
		return nil, err
	}
	return s.amend(ctx, db, VerbMoveOut, p.LeaseID, p.ActorID, func(a *amendment) error {
		if was := a.last().MovedOutOn; was != nil && *was == p.Date {
			return nil
		}
		if err := a.endOn(p.Date); err != nil {
			return err
		}
		a.last().MovedOutOn, a.reason = &p.Date, ReasonMovedOut
		a.tell(LeaseMovedOut{p.Date})
		return nil
	})
}

func onDay(day date.Date, actor id.Of[auth.User], days check.Days) error {
	var f check.Fields
	f.GivenHappened("date", day, days)
	f.Given("actor_id", actor)
	return f.Err()
}

// CancelLeaseParams calls a lease off.
type CancelLeaseParams struct {
	LeaseID id.Of[Lease]
	ActorID id.Of[auth.User]
}

// CancelLease calls off a lease that has not begun; what was known of it stays. What was
// posted for it is credited by the next [Accounts.PostCharges]. It returns
// [ErrLeaseBegun], [ErrLeaseCancelled] or [ErrLeaseNotFound].
func (s *Leases) CancelLease(ctx context.Context, db bun.IDB, p CancelLeaseParams) (*Agreement, error) {
	if p.ActorID.IsZero() {
		return nil, ErrActorRequired
	}
	return s.amend(ctx, db, VerbCancelLease, p.LeaseID, p.ActorID, func(a *amendment) error {
		if !a.terms[0].StartsOn.After(a.days.Today) {
			return ErrLeaseBegun
		}
		a.terms, a.charges = nil, nil
		a.tell(LeaseCancelled{p.ActorID})
		return nil
	})
}
