package payables

import (
	"context"
	"errors"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/approval"
	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// BillEntered says that a vendor asks for money.
type BillEntered struct {
	PropertyID id.Of[properties.Property] `json:"property_id"`
	VendorID   id.Of[Vendor]              `json:"vendor_id"`
	Line       ExpenseLine                `json:"line"`
	Amount     money.Amount               `json:"amount"`
	DueOn      date.Date                  `json:"due_on"`
	EnteredBy  id.Of[auth.User]           `json:"entered_by"`
}

// EventType names the event.
func (BillEntered) EventType() (string, int) { return "payables.bill_entered", 1 }

// BillDecided says what became of a bill.
type BillDecided struct {
	PropertyID id.Of[properties.Property] `json:"property_id"`
	Status     BillStatus                 `json:"status"`
	Amount     money.Amount               `json:"amount"`
	DecidedBy  id.Of[auth.User]           `json:"decided_by"`
	VoidedOn   *date.Date                 `json:"voided_on,omitempty"`
}

// EventType names the event.
func (BillDecided) EventType() (string, int) { return "payables.bill_decided", 1 }

// EnterBillParams is a bill of a vendor.
type EnterBillParams struct {
	ID         id.Of[Bill] // zero makes a new one
	PropertyID id.Of[properties.Property]
	VendorID   id.Of[Vendor]
	RequestID  *id.Of[MaintenanceRequest] // that it is for, if any
	Reference  string                     // the number that the vendor gave it, at most 100 characters
	Line       ExpenseLine                // of operating expenses, or capital improvements
	Amount     money.Amount
	BilledOn   date.Date
	DueOn      date.Date
	// Unreported leaves it out of form 1099, such as a bill of goods only.
	Unreported bool
	Memo       string
	ActorID    id.Of[auth.User]
}

// EnterBill puts a bill on record, to be approved by somebody else
// ([Service.ApproveBill]). A day of a bill has come; it may be due within the horizon of
// the Config. It locks the property and the vendor. It returns [ErrBillExists],
// [ErrBillTwice], [ErrVendorNotFound], [ErrVendorErased], [ErrBillRequest],
// properties.ErrPropertyNotFound, [ErrActorParty], [auth.ErrActorInactive] or the field
// errors. Run again with the same id and params, it returns the bill as it is then.
func (s *Service) EnterBill(ctx context.Context, db bun.IDB, p EnterBillParams) (*Bill, error) {
	if err := p.validate(s.days()); err != nil {
		return nil, err
	}
	now := s.now()
	b := &Bill{ID: p.ID.OrNew(), PropertyID: p.PropertyID, VendorID: p.VendorID, RequestID: p.RequestID, Reference: store.Optional(p.Reference), Line: p.Line,
		Amount: p.Amount, BilledOn: p.BilledOn, DueOn: p.DueOn, Reported: !p.Unreported, Memo: store.Optional(p.Memo), Status: BillPending, EnteredBy: p.ActorID,
		Version: 1, CreatedAt: now, UpdatedAt: now}
	c := store.Creation[Bill]{Scope: s.scope, Verb: "payables.enter_bill", Params: p, Chosen: p.ID, Kind: aggregateBill, Rows: bills, Taken: ErrBillExists}
	return store.CreateOnce(ctx, db, c, func(tx bun.IDB) (*Bill, error) {
		if _, err := s.properties.LockProperty(ctx, tx, p.PropertyID); err != nil {
			return nil, err
		}
		v, err := vendors.Lock(ctx, tx, p.VendorID)
		if err != nil {
			return nil, err
		}
		if err := s.acts(ctx, tx, VerbEnterBill, p.ActorID, p.PropertyID, v.ID); err != nil {
			return nil, err
		}
		if v.ErasedAt != nil {
			return nil, ErrVendorErased
		}
		if p.RequestID != nil {
			r, err := requests.Get(ctx, tx, *p.RequestID)
			switch {
			case errors.Is(err, ErrMaintenanceNotFound) || err == nil && r.PropertyID != p.PropertyID:
				return nil, ErrBillRequest
			case err != nil:
				return nil, err
			}
		}
		made, err := bills.InsertParams(ctx, tx, b, unlessEntered)
		switch {
		case err != nil:
			return nil, err
		case !made:
			return nil, ErrBillTwice
		}
		return b, s.hooks.Emit(ctx, tx, now, store.Event(aggregateBill, b.ID, BillEntered{b.PropertyID, b.VendorID, b.Line, b.Amount, b.DueOn, b.EnteredBy}))
	})
}

// unlessEntered makes no row where the vendor's number stands: the server would quote it
// in its log, and it may name a person.
const unlessEntered = "ON CONFLICT (vendor_id, reference) WHERE reference IS NOT NULL AND status IN ('pending', 'approved') DO NOTHING"

func (p *EnterBillParams) validate(days check.Days) error {
	var f check.Fields
	f.Given("property_id", p.PropertyID)
	f.Given("vendor_id", p.VendorID)
	f.Check(p.RequestID == nil || !p.RequestID.IsZero(), "request_id", check.Required, "leave it out or name one")
	f.Text("reference", p.Reference, 100)
	check.One(&f, "line", p.Line)
	f.Above("amount", p.Amount)
	f.GivenHappened("billed_on", p.BilledOn, days)
	f.GivenWithin("due_on", p.DueOn, days)
	if p.DueOn.Before(p.BilledOn) {
		f.AddErr("", ErrBillDays)
	}
	f.Text("memo", p.Memo, check.Long)
	f.Given("actor_id", p.ActorID)
	return f.Err()
}

// ApproveBillParams is one person's agreement.
type ApproveBillParams struct {
	BillID  id.Of[Bill]
	ActorID id.Of[auth.User]
}

// ApproveBill records that somebody agrees to a bill, other than who entered it and than
// the vendor. With as many as [Config.Approvals] it is owed, and can be paid. Approving
// again by the same person changes nothing. It locks the property, the vendor and the bill. It
// returns [ErrSecondPerson], [ErrBillStatus], [ErrActorParty], [auth.ErrActorInactive] or
// [ErrBillNotFound].
func (s *Service) ApproveBill(ctx context.Context, db bun.IDB, p ApproveBillParams) (*Bill, error) {
	return s.decide(ctx, db, VerbApproveBill, p.BillID, approval.Decision{By: id.Cast[approval.Person](p.ActorID), Approved: true})
}

// RejectBillParams says no to a bill.
type RejectBillParams struct {
	BillID  id.Of[Bill]
	ActorID id.Of[auth.User]
	Reason  string
}

// RejectBill refuses a bill: nothing is owed. Rejecting again by the same person changes
// nothing. It locks and returns what [Service.ApproveBill] locks and returns.
func (s *Service) RejectBill(ctx context.Context, db bun.IDB, p RejectBillParams) (*Bill, error) {
	var f check.Fields
	f.Required("reason", p.Reason, check.Long)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return s.decide(ctx, db, VerbRejectBill, p.BillID, approval.Decision{By: id.Cast[approval.Person](p.ActorID), Note: &p.Reason})
}

// lock locks a bill behind its property and its vendor, and checks who acts.
func (s *Service) lock(ctx context.Context, tx bun.IDB, verb Verb, bill id.Of[Bill], actor id.Of[auth.User]) (*Bill, error) {
	known, err := bills.Get(ctx, tx, bill) // unlocked, to learn the property
	if err != nil {
		return nil, err
	}
	if _, err := s.properties.LockProperty(ctx, tx, known.PropertyID); err != nil {
		return nil, err
	}
	if _, err := vendors.Lock(ctx, tx, known.VendorID); err != nil {
		return nil, err
	}
	b, err := bills.Lock(ctx, tx, bill)
	if err != nil {
		return nil, err
	}
	return b, s.acts(ctx, tx, verb, actor, b.PropertyID, b.VendorID)
}

// round is what people decide about.
func (b *Bill) round() approval.Matter {
	return approval.Matter{Kind: aggregateBill, ID: id.Cast[approval.Subject](b.ID), Action: "bill", RequestedBy: id.Cast[approval.Person](b.EnteredBy)}
}

func (s *Service) decide(ctx context.Context, db bun.IDB, verb Verb, bill id.Of[Bill], say approval.Decision) (*Bill, error) {
	by := id.Cast[auth.User](say.By)
	if by.IsZero() {
		return nil, ErrActorRequired
	}
	var b *Bill
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		if b, err = s.lock(ctx, tx, verb, bill, by); err != nil {
			return err
		}
		switch {
		case b.Status != BillPending:
			return b.decided(ctx, tx, say)
		case b.EnteredBy == by:
			return ErrSecondPerson
		}
		return s.say(ctx, tx, b, say)
	})
	if err != nil {
		return nil, err
	}
	return b, nil
}

// decided reports a bill that waits for no decision, unless the person is one of those who
// decided it so.
func (b *Bill) decided(ctx context.Context, tx bun.IDB, say approval.Decision) error {
	stands := b.Status == BillApproved && say.Approved || b.Status == BillRejected && !say.Approved
	if said, err := approval.Said(ctx, tx, b.round(), say); err != nil || said && stands {
		return err
	}
	return ErrBillStatus.With("it is %s", b.Status)
}

// say records a decision, and lets the bill follow where it settles it.
func (s *Service) say(ctx context.Context, tx bun.IDB, b *Bill, say approval.Decision) error {
	round := b.round()
	round.Required, say.At = s.approvals, s.now()
	if settled, err := approval.Settle(ctx, tx, round, b, say); err != nil || !settled {
		return err
	}
	to := BillRejected
	if say.Approved {
		to = BillApproved
	}
	return s.turn(ctx, tx, b, to, id.Cast[auth.User](say.By))
}

// turn gives a locked bill another status, and tells of it.
func (s *Service) turn(ctx context.Context, tx bun.IDB, b *Bill, to BillStatus, by id.Of[auth.User]) error {
	now := s.now()
	b.Status, b.DecidedBy, b.DecidedAt = to, &by, &now
	b.Version++
	if err := bills.Save(ctx, tx, b, &b.UpdatedAt, "status", "decided_by", "decided_at", "voided_on", "version"); err != nil {
		return err
	}
	return s.hooks.Emit(ctx, tx, now, store.Event(aggregateBill, b.ID, BillDecided{b.PropertyID, b.Status, b.Amount, by, b.VoidedOn}))
}

// VoidBillParams is a bill that is taken back.
type VoidBillParams struct {
	BillID  id.Of[Bill]
	Date    date.Date // from which it is owed no more
	ActorID id.Of[auth.User]
}

// VoidBill takes an approved bill back of which nothing is paid, such as one that came
// twice; its number may be entered again, and until the day it stays in [Service.Aging].
// As it took somebody else to agree to it, it takes somebody else than who entered it.
// Voiding again changes nothing. It locks the property, the vendor and the bill. It returns
// [ErrBillStatus], [ErrSecondPerson], [ErrBillPaid], [ErrVoidEarly], [ErrActorParty], [auth.ErrActorInactive],
// [ErrBillNotFound] or the field errors.
func (s *Service) VoidBill(ctx context.Context, db bun.IDB, p VoidBillParams) (*Bill, error) {
	var f check.Fields
	f.GivenHappened("date", p.Date, s.days())
	f.Given("actor_id", p.ActorID)
	if err := f.Err(); err != nil {
		return nil, err
	}
	var b *Bill
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		if b, err = s.lock(ctx, tx, VerbVoidBill, p.BillID, p.ActorID); err != nil || b.Status == BillVoided {
			return err
		}
		switch {
		case b.Status != BillApproved:
			return ErrBillStatus.With("it is %s", b.Status)
		case b.EnteredBy == p.ActorID:
			return ErrSecondPerson
		}
		if err := b.voids(ctx, tx, p.Date); err != nil {
			return err
		}
		return s.turn(ctx, tx, b, BillVoided, p.ActorID)
	})
	if err != nil {
		return nil, err
	}
	return b, nil
}

// voids takes a locked bill back from a day on.
func (b *Bill) voids(ctx context.Context, tx bun.IDB, on date.Date) error {
	var paid money.Amount
	moved := b.BilledOn
	err := store.Scan(ctx, tx, []any{&paid, &moved}, `SELECT `+paidSQL+`, GREATEST(b.billed_on, (SELECT max(p.paid_on) FROM financials.bill_payments p WHERE p.bill_id = b.id))
		FROM financials.bills b WHERE b.id = $1`, b.ID.String())
	switch {
	case err != nil:
		return err
	case !paid.IsZero():
		return ErrBillPaid.With("%s", paid)
	case on.Before(moved):
		return ErrVoidEarly.With("%s", moved)
	}
	b.VoidedOn = &on
	return nil
}

// paid is what was paid of a locked bill and not returned.
func (b *Bill) paid(ctx context.Context, tx bun.IDB) (money.Amount, error) {
	var paid money.Amount
	err := store.Scan(ctx, tx, []any{&paid}, "SELECT "+paidSQL+" FROM financials.bills b WHERE b.id = $1", b.ID.String())
	return paid, err
}
