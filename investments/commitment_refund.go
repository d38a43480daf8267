package investments

import (
	"cmp"
	"context"

	"github.com/shopspring/decimal"
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

// The conditions of refunds.
var (
	// ErrNothingReceived: no money of the subscription is here to be refunded.
	ErrNothingReceived = fault.New(fault.Illegal, "nothing_received", "no money of the subscription is left to refund")
	// ErrOverRefunded: more than what is left of the receipts.
	ErrOverRefunded = fault.New(fault.Invalid, "over_refunded", "the amount is more than what was received and not refunded").On("amount")
	// ErrRefundDistributed: the money has had a part in a distribution.
	ErrRefundDistributed = fault.New(fault.Illegal, "refund_distributed", "the money has had a part in a distribution")
	// ErrRefundAllocated: the money has had a part in an allocation that stands.
	ErrRefundAllocated = fault.New(fault.Illegal, "refund_allocated", "the money has had a part in an allocation; it is reversed first")
	// ErrRefundDate: money cannot go back before it came.
	ErrRefundDate = fault.New(fault.Invalid, "refund_before_receipt", "the refund is dated before the last receipt").On("date")
	// ErrCapitalMoved: the capital has left the position by a transfer or an
	// exit.
	ErrCapitalMoved = fault.New(fault.Illegal, "capital_moved", "the position no longer holds the capital")
)

// RefundContributionParams is money to send back.
type RefundContributionParams struct {
	IdempotencyKey string
	SubscriptionID id.Of[Subscription]
	Amount         money.Amount // zero is all that was received, and ends the subscription
	Date           date.Date    // the day the money left
	Reference      string       // of the bank
	Reason         string
	ActorID        id.Of[auth.User]
}

// RefundContribution sends money back that came in for a subscription: it posts
// the investor's capital against cash, takes back the units that the capital
// stood for, and frees that part of the hard cap. An amount of zero refunds
// everything and cancels the subscription, with what is still outstanding of
// it; so does the refund of all of a funded one. An explicit amount otherwise
// lessens the commitment by as much. Money that has had a part in a
// distribution, an allocation or a transfer is not refunded.
//
// It locks the offering, the subscription and the position. It returns
// [ErrNothingReceived], [ErrOverRefunded], [ErrRefundDistributed], [ErrRefundAllocated],
// [ErrRefundDate], [ErrCapitalMoved], [ErrBehindTransfer], [ErrSubscriptionNotOpen],
// [ledger.ErrPeriodClosed] or [ErrSubscriptionNotFound]. The same key and
// request again return the subscription as it is then.
func (s *Commitments) RefundContribution(ctx context.Context, db bun.IDB, p RefundContributionParams) (*Subscription, error) {
	var f check.Fields
	f.Given("subscription_id", p.SubscriptionID)
	f.NotNegative("amount", p.Amount)
	f.GivenWithin("date", p.Date, s.days())
	f.Given("actor_id", p.ActorID)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return store.RunOnce(ctx, db, store.Keyed[Subscription]{Scope: s.scope, Verb: "investments.refund_contribution", Params: p, Kind: "subscription", Result: p.SubscriptionID}, subscriptions.Get, func(tx bun.IDB) (*Subscription, error) {
		return s.refundContribution(ctx, tx, p)
	})
}

func (s *Commitments) refundContribution(ctx context.Context, tx bun.IDB, p RefundContributionParams) (*Subscription, error) {
	o, sub, err := lockSubscription(ctx, tx, p.SubscriptionID)
	if err != nil {
		return nil, err
	}
	if err := s.acts(ctx, tx, VerbRefundContribution, p.ActorID, ofSubscription(sub)); err != nil {
		return nil, err
	}
	amount, ends, err := sub.refunds(p.Amount)
	if err != nil {
		return nil, err
	}
	pos, err := positions.Lock(ctx, tx, *sub.PositionID)
	if err != nil {
		return nil, err
	}
	ms, err := refundable(ctx, tx, sub, pos, p.Date)
	if err != nil {
		return nil, err
	}
	class, err := classOf(ctx, tx, o.ID, pos.ShareClass)
	if err != nil {
		return nil, err
	}
	refund := history.Movement{Position: id.Cast[history.Position](pos.ID), Kind: history.Refund, Date: p.Date, Amount: amount,
		Commitment: id.Cast[history.Commitment](sub.ID)}
	units, err := history.UnitsBack(ms, refund, class.unitsFor)
	if err != nil {
		return nil, err
	}
	if units, err = pos.withdraw(amount, units); err != nil {
		return nil, err
	}
	completed, err := s.giveBack(ctx, tx, sub, amount, ends, p.Reason)
	if err != nil {
		return nil, err
	}
	if err := s.settleEmpty(ctx, tx, pos, p.Date); err != nil {
		return nil, err
	}
	if err := s.bookRefund(ctx, tx, o, sub, amount, units, p); err != nil {
		return nil, err
	}
	if pos.Status == PositionStatusExited {
		if err := followReturns(ctx, tx, []id.Of[Position]{pos.ID}); err != nil {
			return nil, err
		}
	}
	return sub, s.emitWithCalls(ctx, tx, sub, ContributionRefunded{OfferingID: o.ID, InvestorID: sub.InvestorID, PositionID: pos.ID,
		Amount: amount, Refunded: sub.Refunded, Status: sub.Status, EffectiveDate: p.Date}, completed)
}

// refunds decides how much a refund of amount is, and whether it ends the
// subscription. It touches no database.
func (sub *Subscription) refunds(amount money.Amount) (_ money.Amount, ends bool, err error) {
	if sub.Status != SubscriptionStatusOpen && sub.Status != SubscriptionStatusFunded {
		return amount, false, ErrSubscriptionNotOpen.With("it is %s", sub.Status)
	}
	left, err := sub.Received.Sub(sub.Refunded)
	if err != nil {
		return amount, false, err
	}
	switch {
	case left.IsZero():
		return amount, false, ErrNothingReceived
	case amount.IsZero():
		return left, true, nil
	case left.Less(amount):
		return amount, false, ErrOverRefunded.With("%s is left", left)
	}
	return amount, amount == left && sub.Status == SubscriptionStatusFunded, nil
}

// refundable reads the movements of sub, and reports why money of it cannot go back
// on a day. A refund undoes
// the contribution from its first day on, so neither a distribution nor a
// transfer may have built on it.
func refundable(ctx context.Context, tx bun.IDB, sub *Subscription, pos *Position, on date.Date) ([]history.Movement, error) {
	ms, err := loadHistory(ctx, tx, "WHERE cm.subscription_id = ? ORDER BY cm.number", sub.ID)
	if err != nil {
		return nil, err
	}
	receipts, err := history.Net(ms)
	if err != nil || len(receipts) == 0 {
		return nil, cmp.Or[error](err, ErrNothingReceived)
	}
	return ms, unshared(ctx, tx, pos, receipts, on)
}

// unshared reports what has built on receipts of a position.
func unshared(ctx context.Context, tx bun.IDB, pos *Position, receipts []history.Movement, on date.Date) error {
	first, last := receipts[0].Date, receipts[0].Date
	for i := range receipts {
		if d := receipts[i].Date; d.Before(first) {
			first = d
		} else if d.After(last) {
			last = d
		}
	}
	var shared bool
	err := store.Read(ctx, tx, tx.NewRaw(`SELECT EXISTS (SELECT 1 FROM investments.investor_distributions l JOIN investments.distributions d ON d.id = l.distribution_id
		WHERE l.investment_id = ? AND d.status NOT IN ('cancelled', 'reversed')
			AND COALESCE(d.record_date, d.distribution_date) >= ?)`, pos.ID, first), &shared)
	if err != nil {
		return store.Err(err, constraints)
	}
	if shared {
		return ErrRefundDistributed
	}
	if on.Before(last) {
		return ErrRefundDate.With("the last receipt was on %s", last)
	}
	allocated, err := partOf(ctx, tx, pos.ID, first)
	if err != nil {
		return err
	}
	if allocated {
		return ErrRefundAllocated
	}
	return beforeTransfers(ctx, tx, pos.ID, first)
}

// withdraw takes capital out of the position, and units that it stands for: all of
// them with the last of the capital. It returns the units that went.
func (pos *Position) withdraw(amount money.Amount, back *decimal.Decimal) (units *decimal.Decimal, err error) {
	if pos.Status != PositionStatusFunded || pos.InvestmentAmount.Less(amount) {
		return nil, ErrCapitalMoved.With("it holds %s", pos.InvestmentAmount)
	}
	rest, err := pos.InvestmentAmount.Sub(amount)
	if err != nil {
		return nil, err
	}
	if pos.Units != nil {
		units = pos.Units
		if !rest.IsZero() {
			units = ptr(or(back))
		}
		pos.Units = ptr(pos.Units.Sub(*units))
	}
	pos.InvestmentAmount = rest
	return units, nil
}

// giveBack counts amount as refunded, ends the subscription where that is the
// end of it, and frees its part of the hard cap. It returns the calls that wait
// for nothing since.
func (s *Commitments) giveBack(ctx context.Context, tx bun.IDB, sub *Subscription, amount money.Amount, ends bool, reason string) (completed []id.Of[CapitalCall], err error) {
	freed := amount
	if ends {
		if freed, err = sub.Amount.Sub(sub.Refunded); err != nil {
			return nil, err
		}
		sub.Status, sub.CancelledAt, sub.CancelReason = SubscriptionStatusCancelled, ptr(s.now()), optional(reason)
		if completed, err = s.closeCallLines(ctx, tx, sub); err != nil {
			return nil, err
		}
	}
	if sub.Refunded, err = sub.Refunded.Add(amount); err != nil {
		return nil, err
	}
	sub.UpdatedAt = s.now()
	sub.Version++
	if err := subscriptions.Update(ctx, tx, sub, "status", "refunded", "cancelled_at", "cancel_reason", "version"); err != nil {
		return nil, err
	}
	return completed, addCommitted(ctx, tx, sub.OfferingID, freed.Neg())
}

// settleEmpty stores the position after a withdrawal. One without capital goes
// back to what is still committed to it, or ends: as cancelled when nothing but
// refunded money ever went through it, else as exited.
func (s *Commitments) settleEmpty(ctx context.Context, tx bun.IDB, pos *Position, on date.Date) error {
	if pos.InvestmentAmount.IsZero() {
		var lived bool
		err := store.Read(ctx, tx, tx.NewRaw(`SELECT
			(SELECT COALESCE(sum(amount - refunded), 0) FROM investments.subscriptions WHERE investment_id = ?0 AND status = 'open'),
			EXISTS (SELECT 1 FROM investments.transactions WHERE investment_id = ?0 AND type NOT IN ('investment', 'refund'))`,
			pos.ID), &pos.InvestmentAmount, &lived)
		switch {
		case err != nil:
			return store.Err(err, constraints)
		case lived:
			pos.InvestmentAmount, pos.Status, pos.ActualExitDate = money.Zero, PositionStatusExited, &on
		case pos.InvestmentAmount.IsZero():
			pos.Status = PositionStatusCancelled
		default:
			pos.Status, pos.FundingDate, pos.Units = PositionStatusCommitted, nil, nil
		}
	}
	pos.UpdatedAt = s.now()
	return positions.Update(ctx, tx, pos, "investment_amount", "units", "funding_date", "actual_exit_date", "status")
}

func (s *Commitments) bookRefund(ctx context.Context, tx bun.IDB, o *Offering, sub *Subscription, amount money.Amount, units *decimal.Decimal, p RefundContributionParams) error {
	b, err := s.bookOf(ctx, tx, o)
	if err != nil {
		return err
	}
	command := id.New[ledger.Command]()
	j, err := s.ledger.Post(ctx, tx, ledger.PostParams{
		BookID: b.id, EffectiveDate: p.Date, Description: "refund", SourceType: "subscription",
		SourceID: id.Cast[ledger.Source](sub.ID), CommandID: command, Actor: actor(p.ActorID),
		Entries: []ledger.Entry{{Debit: b.account(AccountCapital), Credit: b.account(AccountCash), Amount: amount,
			Subledger: id.Cast[ledger.Subledger](*sub.PositionID)}},
	})
	if err != nil {
		return err
	}
	row := s.booked(o.ID, b, j.ID, p.Date).movement(*sub.PositionID, history.Refund, amount)
	row.SubscriptionID, row.Units = &sub.ID, units
	if err := movements.Insert(ctx, tx, &row); err != nil {
		return err
	}
	now := s.now()
	t := Transaction{
		ID: id.New[Transaction](), InvestorID: sub.InvestorID, AccountID: sub.AccountID, PositionID: sub.PositionID,
		Type: TransactionRefund, Amount: amount, Currency: sub.Currency, EffectiveDate: p.Date, ReferenceNumber: optional(p.Reference),
		Description: optional(p.Reason), Status: TransactionStatusCompleted, CompletedAt: &now, SubscriptionID: &sub.ID, JournalID: &j.ID,
		CommandID: &command, CreatedAt: now,
	}.described()
	return transactions.Insert(ctx, tx, &t)
}
