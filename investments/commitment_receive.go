package investments

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/history"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// The conditions of funding.
var (
	// ErrSubscriptionNotOpen: the subscription waits for no money.
	ErrSubscriptionNotOpen = fault.New(fault.Illegal, "subscription_not_open", "the subscription waits for no money")
	// ErrReceiptDate: money is dated before what it is for was committed.
	ErrReceiptDate = fault.New(fault.Invalid, "receipt_before_commitment", "the day is before that of the commitment").On("date")
	// ErrOverfunded: more than the subscription still waits for.
	ErrOverfunded = fault.New(fault.Invalid, "overfunded", "the amount is more than is outstanding").On("amount")
)

// UnitDecimals is the number of decimals of units; what a price leaves beyond
// them is not issued.
const UnitDecimals = 6

// ReceiveContributionParams is money received for a subscription.
type ReceiveContributionParams struct {
	IdempotencyKey string
	SubscriptionID id.Of[Subscription]
	Amount         money.Amount // zero is all that is outstanding
	Date           date.Date    // the day it counts from
	Reference      string       // of the bank; unique use is the caller's matter
	ActorID        id.Of[auth.User]
}

// ReceiveContribution records money that came in for a subscription: it posts cash against the
// investor's capital, issues units where the class has a price, and counts the
// position as funded from the first receipt. A subscription is funded when all
// of it is received. Lines of issued capital calls are filled in the order of
// their due dates; see [Commitments.ReceiveCall].
//
// It locks the offering, the subscription and the position. On a pool, receipts of
// the offering that one actor records at once share a transaction; see [Services]. It returns
// [ErrSubscriptionNotOpen], [ErrOverfunded], [ErrReceiptDate], [ErrOfferingState],
// [ErrBehindTransfer], [ledger.ErrPeriodClosed] or [ErrSubscriptionNotFound]. The same key and
// request again return the same subscription as it is then.
func (s *Commitments) ReceiveContribution(ctx context.Context, db bun.IDB, p ReceiveContributionParams) (*Subscription, error) {
	var f check.Fields
	f.Given("subscription_id", p.SubscriptionID)
	f.NotNegative("amount", p.Amount)
	f.GivenWithin("date", p.Date, s.days())
	f.Given("actor_id", p.ActorID)
	if err := f.Err(); err != nil {
		return nil, err
	}
	once := store.Keyed[Subscription]{Scope: s.scope, Verb: "investments.receive_contribution", Params: p, Kind: "subscription", Result: p.SubscriptionID}
	out, err := s.receive(ctx, db, &receiving{once: once, verb: VerbReceiveContribution, params: p}, "s.id = ?", p.SubscriptionID, func(ctx context.Context) (out received, err error) {
		out.sub, err = store.RunOnce(ctx, db, once, subscriptions.Get, func(tx bun.IDB) (*Subscription, error) {
			o, sub, err := lockSubscription(ctx, tx, p.SubscriptionID)
			if err != nil {
				return nil, err
			}
			return sub, s.receiveContribution(ctx, tx, VerbReceiveContribution, o, sub, p, nil)
		})
		return out, err
	})
	return out.sub, err
}

// receiveContribution receives money for a subscription, locked behind its offering, for
// the line of a call that it names first. then are parts behind its writes.
func (s *Commitments) receiveContribution(ctx context.Context, tx bun.IDB, verb Verb, o *Offering, sub *Subscription, p ReceiveContributionParams, line *id.Of[CapitalCallLine], then ...store.Part) error {
	var amount money.Amount
	var class *ShareClass
	var pos *Position
	var asked []CapitalCallLine
	var b book
	err := store.Together(ctx, tx,
		func(tx bun.IDB) error { return s.acts(ctx, tx, verb, p.ActorID, ofSubscription(sub)) },
		store.Into(&amount, func(bun.IDB) (money.Amount, error) { return sub.receives(o, p.Amount, p.Date) }),
		store.Into(&class, func(tx bun.IDB) (*ShareClass, error) { return classOf(ctx, tx, o.ID, sub.ShareClass) }),
		store.Into(&pos, func(tx bun.IDB) (*Position, error) { return positions.Lock(ctx, tx, *sub.PositionID) }),
		func(tx bun.IDB) error { return beforeTransfers(ctx, tx, *sub.PositionID, p.Date) },
		func(tx bun.IDB) (err error) {
			if sub.Received.Less(sub.Called) { // a call waits for it
				asked, err = askedOf(ctx, tx, sub, line)
			}
			return err
		},
		store.Into(&b, func(tx bun.IDB) (book, error) { return s.bookOf(ctx, tx, o) }))
	if err != nil {
		return err
	}
	filled, err := fillLines(asked, amount, p.Date, s.now())
	if err != nil {
		return err
	}
	if err := sub.credit(amount, s.now()); err != nil {
		return err
	}
	if err := pos.contribute(class, amount, p.Date); err != nil {
		return err
	}
	var completed []id.Of[CapitalCall]
	writes := slices.Concat(s.writeLines(ctx, o.ID, filled, &completed), []store.Part{
		func(tx bun.IDB) error {
			return subscriptions.Update(ctx, tx, sub, "received", "called", "status", "funded_at", "version")
		},
		func(tx bun.IDB) error {
			return positions.Update(ctx, tx, pos, "investment_amount", "units", "funding_date", "actual_exit_date", "status", "total_returns")
		},
	}, s.bookContribution(ctx, o, sub, class, b, amount, p), then)
	return s.hooks.EmitBehind(ctx, tx, s.now(), writes, store.Event(aggregateSubscription, sub.ID, sub.receipt(line, amount, p.Date)),
		func() []store.Emission { return callsCompleted(o.ID, completed) })
}

// receipt is the event of money that the subscription has received.
func (sub *Subscription) receipt(line *id.Of[CapitalCallLine], amount money.Amount, on date.Date) ContributionReceived {
	return ContributionReceived{OfferingID: sub.OfferingID, InvestorID: sub.InvestorID, PositionID: *sub.PositionID, CallLineID: line,
		Amount: amount, Received: sub.Received, Committed: sub.Amount, Status: sub.Status, EffectiveDate: on}
}

// receives decides how much a receipt of amount is; zero is all that is
// outstanding. It touches no database.
func (sub *Subscription) receives(o *Offering, amount money.Amount, on date.Date) (money.Amount, error) {
	switch {
	case o.Status == OfferingStatusCancelled || o.Status == OfferingStatusDraft:
		return amount, ErrOfferingState.With("it is %s", o.Status)
	case sub.Status != SubscriptionStatusOpen:
		return amount, ErrSubscriptionNotOpen.With("it is %s", sub.Status)
	case on.Before(sub.CommitmentDate):
		return amount, ErrReceiptDate.With("it was committed on %s", sub.CommitmentDate)
	}
	left, err := sub.Amount.Sub(sub.Received)
	if err != nil {
		return amount, err
	}
	if amount.IsZero() {
		amount = left
	}
	if left.Less(amount) {
		return amount, ErrOverfunded.With("%s of %s is outstanding", left, sub.Amount)
	}
	return amount, nil
}

// credit adds a receipt to what the subscription received. It touches no
// database.
func (sub *Subscription) credit(amount money.Amount, at time.Time) (err error) {
	if sub.Received, err = sub.Received.Add(amount); err != nil {
		return err
	}
	sub.Called = money.Max(sub.Called, sub.Received)
	sub.Version++
	sub.UpdatedAt = at
	if sub.Received == sub.Amount {
		sub.Status, sub.FundedAt = SubscriptionStatusFunded, &at
	}
	return nil
}

// contribute adds capital to the position. The first contribution replaces the
// amount committed, and makes the position a funded one.
func (pos *Position) contribute(class *ShareClass, amount money.Amount, on date.Date) (err error) {
	pos.open(on)
	if pos.InvestmentAmount, err = pos.InvestmentAmount.Add(amount); err != nil {
		return err
	}
	pos.addUnits(class.unitsFor(amount))
	return nil
}

// bookContribution is the parts that post a receipt and write its movement and its
// transaction.
func (s *Commitments) bookContribution(ctx context.Context, o *Offering, sub *Subscription, class *ShareClass, b book, amount money.Amount, p ReceiveContributionParams) []store.Part {
	journal, command := id.New[ledger.Journal](), id.New[ledger.Command]()
	row := s.booked(o.ID, b, journal, p.Date).movement(*sub.PositionID, history.Contribution, amount)
	row.SubscriptionID, row.Units = &sub.ID, class.unitsFor(amount)
	now := s.now()
	t := Transaction{
		ID: id.New[Transaction](), InvestorID: sub.InvestorID, AccountID: sub.AccountID, PositionID: sub.PositionID,
		Type: TransactionInvestment, Amount: amount, Currency: sub.Currency, EffectiveDate: p.Date,
		ReferenceNumber: optional(p.Reference), Status: TransactionStatusCompleted, CompletedAt: &now,
		SubscriptionID: &sub.ID, JournalID: &journal, CommandID: &command, CreatedAt: now,
	}.described()
	return []store.Part{
		func(tx bun.IDB) error {
			_, err := s.ledger.Post(ctx, tx, ledger.PostParams{
				ID: journal, BookID: b.id, EffectiveDate: p.Date, Description: "contribution", SourceType: "subscription",
				SourceID: id.Cast[ledger.Source](sub.ID), CommandID: command, Actor: actor(p.ActorID),
				Entries: []ledger.Entry{{Debit: b.account(AccountCash), Credit: b.account(AccountCapital), Amount: amount,
					Subledger: id.Cast[ledger.Subledger](*sub.PositionID)}},
			})
			return err
		},
		func(tx bun.IDB) error { return movements.Insert(ctx, tx, &row) },
		func(tx bun.IDB) error { return transactions.Insert(ctx, tx, &t) },
	}
}
