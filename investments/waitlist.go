package investments

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// The conditions of waitlists.
var (
	// ErrNotWaiting: the subscription is not on the waitlist.
	ErrNotWaiting = fault.New(fault.Illegal, "not_waiting", "the subscription is not on the waitlist")
	// ErrNotNext: others wait before it.
	ErrNotNext = fault.New(fault.Illegal, "not_next", "others have waited longer")
	// ErrWaitlistNumber: the number on the waitlist is taken.
	ErrWaitlistNumber = fault.New(fault.Conflict, "waitlist_number_taken", "the number on the waitlist is taken").On("waitlist_number")
)

var errOthersWait = ErrOversubscribed.With("others wait for what is left")

// waitlist is the repository of subscriptions in the order of their numbers.
var waitlist = store.Repo[Subscription]{
	NotFound:    ErrSubscriptionNotFound,
	Constraints: constraints,
	Sort: store.Sort[Subscription]{
		Columns: []store.Column{{Name: "waitlist_number", Type: "numeric"}, {Name: "id", Type: "uuid"}},
		Key:     func(s *Subscription) []string { return []string{strconv.Itoa(*s.WaitlistNumber), s.ID.String()} },
	},
}

// fits is [Offering.accepts], and nobody waits for the room: who comes later
// does not overtake the waitlist.
func (o *Offering) fits(ctx context.Context, tx bun.IDB, class *ShareClass, already, amount money.Amount) error {
	if err := o.accepts(class, already, amount); err != nil || o.NextWaitlistNumber == 1 {
		return err
	}
	waiting, err := waits(ctx, tx, o.ID, o.NextWaitlistNumber)
	if err == nil && waiting {
		return errOthersWait
	}
	return err
}

// waits reports whether anybody waits with a number below one.
func waits(ctx context.Context, tx bun.IDB, o id.Of[Offering], below int) (waiting bool, err error) {
	err = store.Read(ctx, tx, tx.NewRaw(`SELECT EXISTS (SELECT 1 FROM investments.subscriptions WHERE opportunity_id = ? AND status = 'waitlisted' AND waitlist_number < ?)`,
		o, below), &waiting)
	return waiting, store.Err(err, constraints)
}

// mayWait reports whether refusal is one that the waitlist is for: the amount
// fits the offering, only not now.
func (o *Offering) mayWait(refusal error, amount money.Amount) bool {
	return errors.Is(refusal, ErrOversubscribed) && (o.HardCap == nil || !o.HardCap.Less(amount))
}

// wait puts sub on the waitlist with the number that the locked offering gives
// out next.
func (s *Commitments) wait(ctx context.Context, tx bun.IDB, o *Offering, sub *Subscription) error {
	sub.queue(o)
	if err := subscriptions.Insert(ctx, tx, sub); err != nil {
		return err
	}
	if err := offerings.Update(ctx, tx, o, "next_waitlist_number"); err != nil {
		return err
	}
	return s.hooks.Emit(ctx, tx, s.now(), sub.told())
}

// queue gives sub the next number on the waitlist. It touches no database.
func (sub *Subscription) queue(o *Offering) {
	sub.Status, sub.WaitlistNumber = SubscriptionStatusWaitlisted, ptr(o.NextWaitlistNumber)
	o.NextWaitlistNumber++
}

// Waitlist lists the subscriptions that wait for room in an offering, the first
// in line first. They hold no part of the hard cap.
func (s *Commitments) Waitlist(ctx context.Context, db bun.IDB, o id.Of[Offering], r page.Request) (page.Page[Subscription], error) {
	return waitlist.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("s.opportunity_id = ?", o).Where("s.status = ?", SubscriptionStatusWaitlisted)
	})
}

// AdmitParams is the subscription that is first in line, to be accepted.
type AdmitParams struct {
	IdempotencyKey string
	SubscriptionID id.Of[Subscription]
	ActorID        id.Of[auth.User]
}

// Admit accepts the first subscription of the waitlist once there is room for
// all of it, as [Commitments.Commit] would. Whoever is first and cannot be accepted
// gives way by [Commitments.CancelSubscription].
//
// It locks the offering and the subscription. It returns [ErrNotWaiting],
// [ErrNotNext], [ErrOversubscribed], [ErrOfferingClosed], [ErrAboveMaximum],
// what the gate returns, or [ErrSubscriptionNotFound]. The same key and
// subscription again return the subscription as it is then.
func (s *Commitments) Admit(ctx context.Context, db bun.IDB, p AdmitParams) (*Subscription, error) {
	var f check.Fields
	f.Given("subscription_id", p.SubscriptionID)
	f.Given("actor_id", p.ActorID)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return store.RunOnce(ctx, db, store.Keyed[Subscription]{Scope: s.scope, Verb: "investments.admit", Params: p, Kind: "subscription", Result: p.SubscriptionID}, subscriptions.Get, func(tx bun.IDB) (*Subscription, error) {
		return s.admitWaiting(ctx, tx, p)
	})
}

func (s *Commitments) admitWaiting(ctx context.Context, tx bun.IDB, p AdmitParams) (*Subscription, error) {
	known, err := subscriptions.Get(ctx, tx, p.SubscriptionID) // unlocked, to learn the offering
	if err != nil {
		return nil, err
	}
	e, err := s.evidence(ctx, tx, EvidenceRequest{known.OfferingID, known.InvestorID})
	if err != nil {
		return nil, err
	}
	o, err := lockOffering(ctx, tx, known.OfferingID)
	if err != nil {
		return nil, err
	}
	sub, err := subscriptions.Lock(ctx, tx, p.SubscriptionID)
	if err != nil {
		return nil, err
	}
	if err := lockInvestors(ctx, tx, []id.Of[auth.User]{sub.InvestorID}); err != nil {
		return nil, err
	}
	if err := s.acts(ctx, tx, VerbAdmit, p.ActorID, ofSubscription(sub)); err != nil {
		return nil, err
	}
	if sub.Status != SubscriptionStatusWaitlisted {
		return nil, ErrNotWaiting.With("it is %s", sub.Status)
	}
	earlier, err := waits(ctx, tx, o.ID, *sub.WaitlistNumber)
	if err != nil {
		return nil, err
	}
	if earlier {
		return nil, ErrNotNext
	}
	own, err := candidateOf(ctx, tx, sub)
	if err != nil {
		return nil, err
	}
	if err := s.mayCommit(o, sub, own, e, money.Zero, o.accepts); err != nil {
		return nil, err
	}
	if err := s.admit(ctx, tx, o, sub); err != nil {
		return nil, err
	}
	if err := addCommitted(ctx, tx, o.ID, sub.Amount); err != nil {
		return nil, err
	}
	return sub, s.hooks.Emit(ctx, tx, s.now(), store.Event(aggregateSubscription, sub.ID,
		SubscriptionAdmitted{o.ID, sub.InvestorID, sub.AccountID, *sub.PositionID, sub.Amount}))
}

// candidate is what the platform knows of a commitment besides its evidence. The caller
// has locked the investor.
type candidate struct {
	class   *ShareClass
	account *Account // nil is the investor in person
	here    money.Amount
	overall money.Amount // of all offerings
}

func candidateOf(ctx context.Context, tx bun.IDB, sub *Subscription) (c candidate, err error) {
	err = store.Together(ctx, tx, c.reads(ctx, sub)...)
	return c, err
}

// reads are the parts that bring it.
func (c *candidate) reads(ctx context.Context, sub *Subscription) []store.Part {
	return []store.Part{
		store.Into(&c.class, func(tx bun.IDB) (*ShareClass, error) { return classOf(ctx, tx, sub.OfferingID, sub.ShareClass) }),
		func(tx bun.IDB) (err error) {
			if sub.AccountID != nil {
				c.account, err = usableAccount(ctx, tx, *sub.AccountID, sub.InvestorID)
			}
			return err
		},
		func(tx bun.IDB) (err error) {
			c.here, c.overall, err = committedBy(ctx, tx, sub.OfferingID, sub.InvestorID)
			return err
		},
		func(tx bun.IDB) error { return activeInvestor(ctx, tx, sub.InvestorID) },
	}
}

// mayCommit judges a commitment by its class, its account, what accepts says
// of the amount, and the gate. It keeps the evidence with the subscription. beside is what
// else of the investor's the command admits.
func (s *Commitments) mayCommit(o *Offering, sub *Subscription, own candidate, e Evidence, beside money.Amount,
	accepts func(class *ShareClass, already, amount money.Amount) error) (err error) {
	if e.Committed, err = own.overall.Add(beside); err != nil {
		return err
	}
	e.Requested = sub.Amount
	sub.Evidence, _ = json.Marshal(e) // a struct of plain fields always marshals
	refusal := accepts(own.class, own.here, sub.Amount)
	if refusal != nil && fault.KindOf(refusal) != fault.Conflict {
		return refusal
	}
	if err := s.gate(o, own.account, e); err != nil { // before a place on the waitlist, too
		return err
	}
	return refusal
}

// admit turns a waiting subscription into an open one with a position.
func (s *Commitments) admit(ctx context.Context, tx bun.IDB, o *Offering, sub *Subscription) error {
	sub.UpdatedAt = s.now()
	pos, err := reserved(ctx, tx, sub)
	if err != nil {
		return err
	}
	write, err := sub.reserve(ctx, o, pos)
	if err != nil {
		return err
	}
	if err := write(tx); err != nil {
		return err
	}
	sub.Status = SubscriptionStatusOpen
	sub.Version++
	return subscriptions.Update(ctx, tx, sub, "status", "amount", "investment_id", "evidence", "version")
}
