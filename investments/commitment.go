package investments

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// The conditions of commitments.
var (
	// ErrOfferingClosed: the offering takes no commitments.
	ErrOfferingClosed = fault.New(fault.Illegal, "offering_closed", "the offering takes no commitments")
	// ErrCommitmentDate: the day of a commitment is before the offering opens or after
	// it closes.
	ErrCommitmentDate = fault.New(fault.Invalid, "commitment_date_outside_offering", "the day lies outside of the offering's").On("date")
	// ErrBelowMinimum: less than the smallest investment of the offering or
	// class.
	ErrBelowMinimum = fault.New(fault.Invalid, "below_minimum", "the amount is below the smallest investment").On("amount")
	// ErrAboveMaximum: more than one investor may commit.
	ErrAboveMaximum = fault.New(fault.Invalid, "above_maximum", "the amount is above what one investor may commit").On("amount")
	// ErrAccountOwner: the account is not the investor's, or is not active.
	ErrAccountOwner = fault.New(fault.Invalid, "account_not_usable", "the account is not an active one of this investor").On("account_id")
)

// CommitParams is a commitment to make.
type CommitParams struct {
	IdempotencyKey string
	OfferingID     id.Of[Offering]
	InvestorID     id.Of[auth.User]
	AccountID      *id.Of[Account] // nil is the investor in person
	ShareClass     string          // required once the offering has classes; "" is common
	Amount         money.Amount
	Date           date.Date
	// JoinWaitlist takes a place on the waitlist when there is no room.
	JoinWaitlist bool
	ActorID      id.Of[auth.User]
}

func (p *CommitParams) validate(days check.Days) error {
	var f check.Fields
	f.Given("offering_id", p.OfferingID)
	f.Given("investor_id", p.InvestorID)
	f.Above("amount", p.Amount)
	f.GivenWithin("date", p.Date, days)
	f.Given("actor_id", p.ActorID)
	return f.Err()
}

// Commit records that an investor will fund part of an offering, and makes the
// position that the money will feed. An investor may commit more than once.
//
// It locks the offering, so concurrent commitments together never exceed the
// hard cap, nor overtake the waitlist, and then the investor, so that no other
// commitment of theirs comes between the evidence and what it is judged for. On a
// pool, commitments to the offering that come at once share a transaction; see
// [Services]. With JoinWaitlist, a commitment that finds
// no room waits instead: its subscription is waitlisted, with a number drawn
// under the lock; see [Commitments.Admit] and [Commitments.ScaleBack]. It returns
// [ErrOfferingClosed], [ErrCommitmentDate], [ErrBelowMinimum],
// [ErrAboveMaximum], [ErrOversubscribed], what the gate returns
// ([ErrNotAccredited]), [ErrShareClassNotFound], [ErrAccountOwner] or
// [ErrOfferingNotFound]. The same key and request again return the first
// subscription.
func (s *Commitments) Commit(ctx context.Context, db bun.IDB, p CommitParams) (*Subscription, error) {
	if p.ShareClass == "" {
		p.ShareClass = ClassCommon
	}
	if err := p.validate(s.days()); err != nil {
		return nil, err
	}
	return s.commits.Do(ctx, db, p.OfferingID, p, func(ctx context.Context) (*Subscription, error) {
		sub := s.newSubscription(p)
		return store.RunOnce(ctx, db, s.commitOnce(p, sub), subscriptions.Get, func(tx bun.IDB) (*Subscription, error) { return sub, s.commit(ctx, tx, p, sub) })
	}, s.commitTogether)
}

func (s *Commitments) commitOnce(p CommitParams, sub *Subscription) store.Keyed[Subscription] {
	return store.Keyed[Subscription]{Scope: s.scope, Verb: "investments.commit", Params: p, Kind: "subscription", Result: sub.ID}
}

func (s *Commitments) newSubscription(p CommitParams) *Subscription {
	now := s.now()
	return &Subscription{
		ID: id.New[Subscription](), OfferingID: p.OfferingID, InvestorID: p.InvestorID, AccountID: p.AccountID,
		ShareClass: p.ShareClass, RequestedAmount: p.Amount, Amount: p.Amount, Status: SubscriptionStatusOpen,
		CommitmentDate: p.Date, Version: 1, CreatedAt: now, UpdatedAt: now,
	}
}

func (s *Commitments) commit(ctx context.Context, tx bun.IDB, p CommitParams, sub *Subscription) error {
	e, err := s.evidence(ctx, tx, EvidenceRequest{p.OfferingID, p.InvestorID})
	if err != nil {
		return err
	}
	var o *Offering
	var own candidate
	var pos *Position
	err = store.Together(ctx, tx, slices.Concat([]store.Part{
		store.Into(&o, func(tx bun.IDB) (*Offering, error) { return lockOffering(ctx, tx, p.OfferingID) }),
		func(tx bun.IDB) error { return lockInvestors(ctx, tx, []id.Of[auth.User]{p.InvestorID}) },
		func(tx bun.IDB) error {
			return s.acts(ctx, tx, VerbCommit, p.ActorID, ofHolder(sub.ID, p.InvestorID, p.AccountID))
		},
	}, own.reads(ctx, sub), []store.Part{
		store.Into(&pos, func(tx bun.IDB) (*Position, error) { return reserved(ctx, tx, sub) }),
	})...)
	if err != nil {
		return err
	}
	sub.Currency = o.Currency
	if err := o.takes(p.Date); err != nil {
		return err
	}
	err = s.mayCommit(o, sub, own, e, money.Zero, func(class *ShareClass, already, amount money.Amount) error {
		return o.fits(ctx, tx, class, already, amount)
	})
	if p.JoinWaitlist && o.mayWait(err, p.Amount) {
		return s.wait(ctx, tx, o, sub)
	}
	if err != nil {
		return err
	}
	write, err := sub.reserve(ctx, o, pos)
	if err != nil {
		return err
	}
	return s.hooks.EmitBehind(ctx, tx, s.now(), []store.Part{
		write,
		func(tx bun.IDB) error { return subscriptions.Insert(ctx, tx, sub) },
		func(tx bun.IDB) error { return addCommitted(ctx, tx, o.ID, p.Amount) },
	}, sub.told(), nil)
}

// told is the event of a new subscription.
func (sub *Subscription) told() store.Emission {
	if sub.Status == SubscriptionStatusWaitlisted {
		return store.Event(aggregateSubscription, sub.ID, SubscriptionWaitlisted{
			OfferingID: sub.OfferingID, InvestorID: sub.InvestorID, AccountID: sub.AccountID, ShareClass: sub.ShareClass, Amount: sub.Amount,
			CommitmentDate: sub.CommitmentDate, WaitlistNumber: *sub.WaitlistNumber})
	}
	return store.Event(aggregateSubscription, sub.ID, SubscriptionCommitted{
		OfferingID: sub.OfferingID, InvestorID: sub.InvestorID, AccountID: sub.AccountID, PositionID: *sub.PositionID, ShareClass: sub.ShareClass,
		Amount: sub.Amount, CommitmentDate: sub.CommitmentDate})
}

// takes reports why o takes no commitment of a day: it lies outside of the days that
// the offering names. It touches no database.
func (o *Offering) takes(on date.Date) error {
	switch {
	case o.OpenDate != nil && on.Before(*o.OpenDate):
		return ErrCommitmentDate.With("it opens on %s", *o.OpenDate)
	case o.CloseDate != nil && on.After(*o.CloseDate):
		return ErrCommitmentDate.With("it closed on %s", *o.CloseDate)
	}
	return nil
}

// accepts reports why o cannot take amount more of a class from an investor who
// has already committed some. It touches no database.
func (o *Offering) accepts(class *ShareClass, already, amount money.Amount) error {
	if o.Status != OfferingStatusOpen {
		return ErrOfferingClosed.With("it is %s", o.Status)
	}
	minimum := money.Zero
	if o.MinimumInvestment != nil {
		minimum = *o.MinimumInvestment
	}
	if class.MinimumInvestment != nil {
		minimum = *class.MinimumInvestment // a class's own minimum goes before the offering's
	}
	if already.IsZero() && amount.Less(minimum) { // a top-up may be smaller
		return ErrBelowMinimum.With("%s < %s", amount, minimum)
	}
	total, err := already.Add(amount)
	if err != nil {
		return err
	}
	if o.MaximumInvestment != nil && o.MaximumInvestment.Less(total) {
		return ErrAboveMaximum.With("%s with what is committed > %s", total, o.MaximumInvestment)
	}
	committed, err := o.CommittedAmount.Add(amount)
	if err != nil {
		return err
	}
	if o.HardCap != nil && o.HardCap.Less(committed) {
		left, _ := o.HardCap.Sub(o.CommittedAmount) // both are within the range
		return ErrOversubscribed.With("%s left", left)
	}
	return nil
}

// reserved finds the position of a subscription's holder and class, locked; nil is none
// yet.
func reserved(ctx context.Context, tx bun.IDB, sub *Subscription) (*Position, error) {
	pos, err := positionOf(ctx, tx, sub.OfferingID, sub.InvestorID, sub.AccountID, sub.ShareClass)
	if fault.KindOf(err) == fault.NotFound {
		return nil, nil
	}
	return pos, err
}

// reserve gives a subscription its position, a new one where there is none. While nothing
// is funded it carries what is committed. write brings it to the database.
func (sub *Subscription) reserve(ctx context.Context, o *Offering, pos *Position) (write store.Part, err error) {
	if pos == nil {
		pos = sub.position(o)
		sub.PositionID = &pos.ID
		return func(tx bun.IDB) error { return positions.Insert(ctx, tx, pos) }, nil
	}
	sub.PositionID = &pos.ID
	if pos.Status.Counts() {
		return func(bun.IDB) error { return nil }, nil
	}
	if pos.InvestmentAmount, err = pos.InvestmentAmount.Add(sub.Amount); err != nil {
		return nil, err
	}
	return func(tx bun.IDB) error { return positions.Update(ctx, tx, pos, "investment_amount") }, nil
}

// position is a new one for a subscription.
func (sub *Subscription) position(o *Offering) *Position {
	return &Position{
		ID: id.New[Position](), PropertyID: o.PropertyID, OfferingID: &o.ID, InvestorID: sub.InvestorID, AccountID: sub.AccountID,
		InvestmentAmount: sub.Amount, ShareClass: sub.ShareClass, Currency: o.Currency, CommitmentDate: &sub.CommitmentDate,
		Status: PositionStatusCommitted, Version: 1, CreatedAt: sub.CreatedAt, UpdatedAt: sub.UpdatedAt,
	}
}

func classOf(ctx context.Context, db bun.IDB, o id.Of[Offering], code string) (*ShareClass, error) {
	c, err := shareClasses.One(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("sc.opportunity_id = ?", o).Where("sc.code = ?", code)
	})
	if fault.KindOf(err) == fault.NotFound {
		return nil, noClass(code)
	}
	return c, err
}

// noClass is what it means that an offering has no class of a code.
func noClass(code string) error {
	if code == ClassCommon {
		return ErrShareClassRequired
	}
	return ErrShareClassNotFound.On("share_class")
}

func usableAccount(ctx context.Context, tx bun.IDB, v id.Of[Account], investor id.Of[auth.User]) (*Account, error) {
	a, err := accounts.One(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("ia.id = ?", v).Where("ia.deleted_at IS NULL").For("SHARE")
	})
	if fault.KindOf(err) == fault.NotFound || err == nil && !a.usableBy(investor) {
		return nil, ErrAccountOwner
	}
	return a, err
}

// usableBy reports whether an investor may commit by the account.
func (a *Account) usableBy(investor id.Of[auth.User]) bool {
	return a.DeletedAt == nil && a.InvestorID == investor && a.Status == AccountStatusActive
}

// committedBy reads what an investor has committed to an offering, and to all
// of them. The caller has locked the investor, after the offering: two commitments of
// one investor wait for each other, whatever they are to.
func committedBy(ctx context.Context, tx bun.IDB, o id.Of[Offering], investor id.Of[auth.User]) (here, overall money.Amount, err error) {
	err = store.Read(ctx, tx, tx.NewSelect().Model((*Subscription)(nil)).ColumnExpr("COALESCE(sum(amount - refunded) FILTER (WHERE opportunity_id = ?), 0)", o).
		ColumnExpr("COALESCE(sum(amount - refunded), 0)").Where("investor_id = ?", investor).
		Where("status IN (?)", bun.List([]SubscriptionStatus{SubscriptionStatusOpen, SubscriptionStatusFunded})), &here, &overall)
	return here, overall, store.Err(err, constraints)
}

// lockInvestors locks users in the order of their ids, against each other's
// commitments and not against rows that refer to them.
func lockInvestors(ctx context.Context, tx bun.IDB, who []id.Of[auth.User]) error {
	if len(who) == 1 { // planned once
		return store.Err(store.Exec(ctx, tx, "SELECT 1 FROM auth.users WHERE id = $1 FOR NO KEY UPDATE", who[0].String()), constraints)
	}
	_, err := store.Write(ctx, tx, tx.NewRaw(`SELECT 1 FROM auth.users WHERE id = ANY (?::uuid[]) ORDER BY id FOR NO KEY UPDATE`,
		store.TextArray(who, func(v *id.Of[auth.User]) string { return v.String() })))
	return store.Err(err, constraints)
}

// addCommitted moves the offering's running total. The caller holds its lock;
// the check against the hard cap stands behind it in the database.
func addCommitted(ctx context.Context, tx bun.IDB, o id.Of[Offering], amount money.Amount) error {
	_, err := store.Write(ctx, tx, tx.NewUpdate().Model((*Offering)(nil)).
		Set("committed_amount = committed_amount + ?", amount).Where("id = ?", o))
	return store.Err(err, constraints)
}
