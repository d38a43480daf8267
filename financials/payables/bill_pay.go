package payables

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// BillPaid says that money went to a vendor, or came back.
type BillPaid struct {
	PaymentID  id.Of[BillPayment]         `json:"payment_id"`
	PropertyID id.Of[properties.Property] `json:"property_id"`
	Kind       PaymentKind                `json:"kind"`
	Amount     money.Amount               `json:"amount"`
	Date       date.Date                  `json:"date"`
	ActorID    id.Of[auth.User]           `json:"actor_id"`
}

// EventType names the event.
func (BillPaid) EventType() (string, int) { return "payables.bill_paid", 1 }

// PayBillParams is a payment of a bill.
type PayBillParams struct {
	IdempotencyKey string
	BillID         id.Of[Bill]
	Amount         money.Amount // at most what is open
	Date           date.Date    // on which the money went
	Reference      string       // the check, the transfer; at most 100 characters
	ActorID        id.Of[auth.User]
}

// PayBill records that an approved bill was paid, whole or in part, and books it in the
// property's book: the line of the bill against cash. It locks the property, the vendor
// and the bill. It returns [ErrBillStatus], [ErrOverPaid], [ErrPaymentEarly],
// [ErrActorParty], [auth.ErrActorInactive], [ErrBookAccount], ledger.ErrPeriodClosed,
// [ErrBillNotFound] or the field errors. The same key and request again return the first
// payment.
func (s *Service) PayBill(ctx context.Context, db bun.IDB, p PayBillParams) (*BillPayment, error) {
	var f check.Fields
	f.Given("bill_id", p.BillID)
	f.Above("amount", p.Amount)
	f.GivenHappened("date", p.Date, s.days())
	f.Text("reference", p.Reference, 100)
	f.Given("actor_id", p.ActorID)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return s.money(ctx, db, VerbPayBill, p, p.BillID, p.ActorID, func(tx bun.IDB, b *Bill, m *BillPayment) error {
		switch {
		case b.Status != BillApproved:
			return ErrBillStatus.With("it is %s", b.Status)
		case p.Date.Before(b.BilledOn):
			return ErrPaymentEarly
		}
		paid, err := b.paid(ctx, tx)
		if err != nil {
			return err
		}
		open, err := b.Amount.Sub(paid)
		if err != nil {
			return err
		}
		if open.Less(p.Amount) {
			return ErrOverPaid.With("%s is open", open)
		}
		m.Kind, m.Amount, m.PaidOn, m.Reference = Paid, p.Amount, p.Date, store.Optional(p.Reference)
		return nil
	})
}

// ReturnBillPaymentParams is a payment that came back.
type ReturnBillPaymentParams struct {
	IdempotencyKey string
	PaymentID      id.Of[BillPayment]
	Date           date.Date // on which it came back
	ActorID        id.Of[auth.User]
}

// ReturnBillPayment records that a payment came back whole, such as a check that was not
// cashed: the bill is open again, and the property's book undone on that day. It locks
// what [Service.PayBill] locks. It returns [ErrPaymentReturned], [ErrPaymentEarly],
// [ErrPaymentNotFound], [ErrActorParty], [auth.ErrActorInactive], ledger.ErrPeriodClosed or
// the field errors. The same key and request again return the first return.
func (s *Service) ReturnBillPayment(ctx context.Context, db bun.IDB, p ReturnBillPaymentParams) (*BillPayment, error) {
	var f check.Fields
	f.Given("payment_id", p.PaymentID)
	f.GivenHappened("date", p.Date, s.days())
	f.Given("actor_id", p.ActorID)
	if err := f.Err(); err != nil {
		return nil, err
	}
	of, err := payments.Get(ctx, db, p.PaymentID) // it never changes
	if err != nil {
		return nil, err
	}
	return s.money(ctx, db, VerbReturnBillPayment, p, of.BillID, p.ActorID, func(tx bun.IDB, _ *Bill, m *BillPayment) error {
		switch {
		case of.Kind != Paid:
			return ErrPaymentReturned
		case p.Date.Before(of.PaidOn):
			return ErrPaymentEarly
		}
		var before bool
		err := store.Scan(ctx, tx, []any{&before}, "SELECT EXISTS (SELECT 1 FROM financials.bill_payments WHERE of_id = $1)", of.ID.String())
		if err == nil && before {
			err = ErrPaymentReturned
		}
		m.Kind, m.Amount, m.PaidOn, m.OfID = Returned, of.Amount, p.Date, &of.ID
		return err
	})
}

// money is a verb that moves money of a bill: once for its key, behind the locks, booked.
func (s *Service) money(ctx context.Context, db bun.IDB, verb Verb, params any, bill id.Of[Bill], actor id.Of[auth.User],
	decide func(tx bun.IDB, b *Bill, m *BillPayment) error) (*BillPayment, error) {
	m := &BillPayment{ID: id.New[BillPayment](), BillID: bill, JournalID: id.New[ledger.Journal](), RecordedBy: actor, RecordedAt: s.now()}
	k := store.Keyed[BillPayment]{Scope: s.scope, Verb: "payables." + string(verb), Params: params, Kind: "bill_payment", Result: m.ID}
	return store.RunOnce(ctx, db, k, payments.Get, func(tx bun.IDB) (*BillPayment, error) {
		b, err := s.lock(ctx, tx, verb, bill, actor)
		if err != nil {
			return nil, err
		}
		m.PropertyID = b.PropertyID
		if err := decide(tx, b, m); err != nil {
			return nil, err
		}
		if err := s.post(ctx, tx, b, m, actor); err != nil {
			return nil, err
		}
		if err := payments.Insert(ctx, tx, m); err != nil {
			return nil, err
		}
		return m, s.hooks.Emit(ctx, tx, m.RecordedAt, store.Event(aggregateBill, b.ID, BillPaid{m.ID, m.PropertyID, m.Kind, m.Amount, m.PaidOn, actor}))
	})
}
