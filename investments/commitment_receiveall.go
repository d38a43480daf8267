package investments

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strconv"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/history"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// Receipt is money that came in for one subscription.
type Receipt struct {
	SubscriptionID id.Of[Subscription]
	Amount         money.Amount // zero is all that is outstanding when its turn comes
	Date           date.Date    // the day it counts from
	Reference      string       // of the bank
}

// ReceiveContributionsParams is money received for subscriptions of one offering.
type ReceiveContributionsParams struct {
	IdempotencyKey string
	OfferingID     id.Of[Offering]
	Receipts       []Receipt // in the order in which they count; a subscription may have several
	ActorID        id.Of[auth.User]
}

// ReceivedContributions says what a batch of receipts came to. Its transactions and
// journals have its CommandID.
type ReceivedContributions struct {
	OfferingID id.Of[Offering]       `json:"offering_id"`
	CommandID  id.Of[ledger.Command] `json:"command_id"`
	Count      int                   `json:"count"`
	Amount     money.Amount          `json:"amount"`
}

// ContributionsReceived is the event of a batch of receipts. Completed is how many
// subscriptions it completed.
type ContributionsReceived struct {
	OfferingID id.Of[Offering]       `json:"offering_id"`
	CommandID  id.Of[ledger.Command] `json:"command_id"`
	Count      int                   `json:"count"`
	Completed  int                   `json:"completed"`
	Amount     money.Amount          `json:"amount"`
	Currency   string                `json:"currency"`
}

// EventType names the event.
func (ContributionsReceived) EventType() (string, int) {
	return "investments.contributions_received", 1
}

func (p *ReceiveContributionsParams) validate(days check.Days) error {
	var f check.Fields
	f.Given("offering_id", p.OfferingID)
	f.Some("receipts", len(p.Receipts))
	f.Given("actor_id", p.ActorID)
	for i := range p.Receipts {
		r := &p.Receipts[i]
		if !r.SubscriptionID.IsZero() && r.Amount.Sign() >= 0 && !r.Date.IsZero() && r.Reference == "" && !r.Date.After(days.Today) {
			continue // names are made for receipts that need a look
		}
		at := receiptAt(i)
		f.Given(at+".subscription_id", r.SubscriptionID)
		f.NotNegative(at+".amount", r.Amount)
		f.GivenWithin(at+".date", r.Date, days)
	}
	return f.Err()
}

func receiptAt(i int) string { return "receipts[" + strconv.Itoa(i) + "]" }

// receiptsRequest is what a key stands for: the receipts by a hash, since they may
// be many.
type receiptsRequest struct {
	OfferingID id.Of[Offering]  `json:"offering_id"`
	ActorID    id.Of[auth.User] `json:"actor_id"`
	Count      int              `json:"count"`
	Receipts   string           `json:"receipts"`
}

func (p *ReceiveContributionsParams) request() receiptsRequest {
	h := sha256.New()
	var buf []byte
	for i := range p.Receipts {
		r := &p.Receipts[i]
		buf = append(buf[:0], r.SubscriptionID[:]...)
		buf = binary.BigEndian.AppendUint64(buf, uint64(r.Amount.Cents()))
		buf = binary.BigEndian.AppendUint64(buf, uint64(r.Date.Days()))
		buf = binary.BigEndian.AppendUint64(buf, uint64(len(r.Reference)))
		_, _ = h.Write(append(buf, r.Reference...)) // a hash takes all
	}
	return receiptsRequest{p.OfferingID, p.ActorID, len(p.Receipts), hex.EncodeToString(h.Sum(nil))}
}

// ReceiveContributions records money that came in for many subscriptions of an offering,
// as [Commitments.ReceiveContribution] would do for each in the order given, in a fixed number of
// statements: each receipt has its own journal, which can be reversed alone, and
// its own transaction; all share one command id. All of them are recorded, or
// none; what is wrong with receipts is reported at once, as "receipts[i]".
//
// It locks the offering, then the subscriptions and then the positions in the
// order of their ids. It returns, for each receipt, what Fund returns, and
// [ErrOfferingNotFound] or [ledger.ErrPeriodClosed] for all. The same key and
// request again return the same result.
func (s *Commitments) ReceiveContributions(ctx context.Context, db bun.IDB, p ReceiveContributionsParams) (*ReceivedContributions, error) {
	if err := p.validate(s.days()); err != nil {
		return nil, err
	}
	out := &ReceivedContributions{OfferingID: p.OfferingID, CommandID: id.New[ledger.Command](), Count: len(p.Receipts)}
	k := store.Keyed[ledger.Command]{Scope: s.scope, Verb: "investments.receive_contributions", Params: p, Request: p.request(), Kind: "command", Result: out.CommandID}
	return store.RunOnce(ctx, db, k, func(ctx context.Context, tx bun.IDB, first id.Of[ledger.Command]) (*ReceivedContributions, error) {
		out.CommandID = first
		err := store.Read(ctx, tx, tx.NewRaw("SELECT count(*), COALESCE(sum(amount), 0) FROM investments.transactions WHERE command_id = ?", first), &out.Count, &out.Amount)
		return out, store.Err(err, constraints)
	}, func(tx bun.IDB) (*ReceivedContributions, error) {
		return out, s.receiveContributions(ctx, tx, p, out)
	})
}

func (s *Commitments) receiveContributions(ctx context.Context, tx bun.IDB, p ReceiveContributionsParams, out *ReceivedContributions) error {
	whose := of("investments.subscriptions", subscriptionsOf(p.Receipts)...)
	whose.id = id.Cast[auth.Thing](p.OfferingID)
	b, err := s.loadBatch(ctx, tx, p.OfferingID, p.Receipts, receiptColumns,
		func(tx bun.IDB) error { return s.acts(ctx, tx, VerbReceiveContributions, p.ActorID, whose) })
	if err != nil {
		return err
	}
	if err := b.apply(p.Receipts, s.now()); err != nil {
		return err
	}
	if out.Amount, err = money.Sum(b.amounts...); err != nil {
		return err
	}
	command := func(int) id.Of[ledger.Command] { return out.CommandID }
	writes := slices.Concat(b.writes(ctx), s.bookContributions(ctx, b, p.Receipts, p.ActorID, command))
	if err := store.Replan(ctx, tx, len(p.Receipts)); err != nil {
		return err
	}
	if err := store.TogetherFew(ctx, tx, len(p.Receipts), writes...); err != nil {
		return err
	}
	own := store.Event("offering", p.OfferingID, ContributionsReceived{OfferingID: p.OfferingID, CommandID: out.CommandID,
		Count: out.Count, Completed: b.completed(), Amount: out.Amount, Currency: b.offering.Currency})
	return s.hooks.Emit(ctx, tx, s.now(), withCalls(own, p.OfferingID, b.ended)...)
}

func subscriptionsOf(receipts []Receipt) []id.Of[Subscription] {
	ids := make([]id.Of[Subscription], len(receipts))
	for i := range receipts {
		ids[i] = receipts[i].SubscriptionID
	}
	return ids
}

// bookContributions are the parts that post a journal for each receipt, and write its movement
// and its transaction, each of the command that is told.
func (s *Commitments) bookContributions(ctx context.Context, b *receiptBatch, receipts []Receipt, by id.Of[auth.User], command func(i int) id.Of[ledger.Command]) []store.Part {
	now := s.now()
	cash, capital := b.books.account(AccountCash), b.books.account(AccountCapital)
	entries, list := make([]ledger.Entry, len(receipts)), make([]ledger.PostParams, len(receipts))
	rows, moved := make([]Transaction, len(receipts)), make([]Movement, len(receipts))
	for i := range receipts {
		r := &receipts[i]
		sub, journal := b.subs[r.SubscriptionID], id.New[ledger.Journal]()
		entries[i] = ledger.Entry{Debit: cash, Credit: capital, Amount: b.amounts[i], Subledger: id.Cast[ledger.Subledger](*sub.PositionID)}
		list[i] = ledger.PostParams{ID: journal, BookID: b.books.id, EffectiveDate: r.Date, Description: "contribution", SourceType: "subscription",
			SourceID: id.Cast[ledger.Source](sub.ID), CommandID: command(i), Actor: actor(by), Entries: entries[i : i+1]}
		rows[i] = Transaction{
			ID: id.New[Transaction](), InvestorID: sub.InvestorID, AccountID: sub.AccountID, PositionID: sub.PositionID,
			Type: TransactionInvestment, Amount: b.amounts[i], Currency: sub.Currency, EffectiveDate: r.Date,
			ReferenceNumber: optional(r.Reference), Status: TransactionStatusCompleted, CompletedAt: &now,
			SubscriptionID: &sub.ID, JournalID: &journal, CommandID: ptr(command(i)), CreatedAt: now,
		}.described()
		moved[i] = s.booked(b.offering.ID, b.books, journal, r.Date).movement(*sub.PositionID, history.Contribution, b.amounts[i])
		moved[i].SubscriptionID, moved[i].Units = &sub.ID, b.classes[sub.ShareClass].unitsFor(b.amounts[i])
	}
	return []store.Part{
		func(tx bun.IDB) error {
			_, err := s.ledger.PostBatch(ctx, tx, ledger.PostBatchParams{Journals: list})
			return err
		},
		func(tx bun.IDB) error { return movements.InsertAll(ctx, tx, moved) },
		func(tx bun.IDB) error { return transactions.InsertAll(ctx, tx, rows) },
	}
}
