package payables

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// The conditions of bills.
var (
	// ErrBillNotFound: there is no such bill.
	ErrBillNotFound = fault.New(fault.NotFound, "bill_not_found", "there is no such bill")
	// ErrBillExists: another bill has this id.
	ErrBillExists = fault.New(fault.Conflict, "bill_exists", "another bill has this id").On("id")
	// ErrBillTwice: a bill of this vendor with this number is there.
	ErrBillTwice = fault.New(fault.Conflict, "bill_entered_before", "a bill of this vendor with this number is there").On("reference")
	// ErrBillDays: a bill is due before its day.
	ErrBillDays = fault.New(fault.Invalid, fault.CodeInverted, "the bill is due before its day").On("due_on")
	// ErrBillStatus: the bill is not in the state that the verb needs.
	ErrBillStatus = fault.New(fault.Illegal, "bill_status", "the bill's status does not allow this")
	// ErrBillState: what a bill says of its decision is not its status.
	ErrBillState = fault.New(fault.Invalid, "bill_state_inconsistent", "a decided bill says by whom and when").On("status")
	// ErrSecondPerson: who entered a bill does not decide it.
	ErrSecondPerson = fault.New(fault.Forbidden, "bill_second_person", "somebody else decides than who entered it").On("actor_id")
	// ErrBillPaid: the bill has a payment that was not returned.
	ErrBillPaid = fault.New(fault.Illegal, "bill_paid", "the bill has a payment that was not returned")
	// ErrOverPaid: more is to be paid than is open of the bill.
	ErrOverPaid = fault.New(fault.Invalid, "bill_over_paid", "more is paid than is open of the bill").On("amount")
	// ErrBillRequest: the request is of another property.
	ErrBillRequest = fault.New(fault.Invalid, "bill_request_elsewhere", "the property has no such request").On("request_id")
	// ErrPaymentNotFound: there is no such payment.
	ErrPaymentNotFound = fault.New(fault.NotFound, "bill_payment_not_found", "there is no such payment")
	// ErrPaymentReturned: the payment was returned before, or is a return.
	ErrPaymentReturned = fault.New(fault.Illegal, "bill_payment_returned", "the payment was returned before, or is a return").On("payment_id")
	// ErrPaymentOf: a return names the payment that it undoes, and a payment none.
	ErrPaymentOf = fault.New(fault.Invalid, "bill_payment_inconsistent", "a return names its payment, and a payment none").On("of_id")
	// ErrVoidEarly: the bill is taken back before its day, or before a payment of it came back.
	ErrVoidEarly = fault.New(fault.Invalid, "bill_void_early", "it is before the bill's day, or a payment's return").On("date")
	// ErrPaymentEarly: the money moved before the bill, or the payment, was there.
	ErrPaymentEarly = fault.New(fault.Invalid, "bill_payment_early", "it is before the bill's day, or the payment's").On("date")
)

// BillStatus says where a bill is. Whether it is paid is said by its payments.
type BillStatus string

// The bill statuses.
const (
	BillPending  BillStatus = "pending"
	BillApproved BillStatus = "approved"
	BillRejected BillStatus = "rejected"
	BillVoided   BillStatus = "voided" // taken back after it was approved
)

// Valid reports whether s is one of the statuses.
func (s BillStatus) Valid() bool {
	switch s {
	case BillPending, BillApproved, BillRejected, BillVoided:
		return true
	}
	return false
}

// Bill is what a vendor asks of a property.
type Bill struct {
	bun.BaseModel `bun:"table:financials.bills,alias:bl" json:"-"`

	ID         id.Of[Bill]                `bun:"id,pk" json:"id"`
	PropertyID id.Of[properties.Property] `bun:"property_id" json:"property_id"`
	VendorID   id.Of[Vendor]              `bun:"vendor_id" json:"vendor_id"`
	RequestID  *id.Of[MaintenanceRequest] `bun:"request_id" json:"request_id"`
	Reference  *string                    `bun:"reference" json:"reference"` // the number that the vendor gave it
	Line       ExpenseLine                `bun:"line" json:"line"`           // of the operating statement
	Amount     money.Amount               `bun:"amount" json:"amount"`
	BilledOn   date.Date                  `bun:"billed_on" json:"billed_on"`
	DueOn      date.Date                  `bun:"due_on" json:"due_on"`
	Reported   bool                       `bun:"reported" json:"reported"` // on form 1099, where the vendor is
	Memo       *string                    `bun:"memo" json:"memo"`
	Status     BillStatus                 `bun:"status" json:"status"`
	EnteredBy  id.Of[auth.User]           `bun:"entered_by" json:"entered_by"`
	DecidedBy  *id.Of[auth.User]          `bun:"decided_by" json:"decided_by"` // the last who had to
	DecidedAt  *time.Time                 `bun:"decided_at" json:"decided_at"`
	VoidedOn   *date.Date                 `bun:"voided_on" json:"voided_on"` // from then on it is owed no more
	Version    int64                      `bun:"version" json:"version"`
	CreatedAt  time.Time                  `bun:"created_at" json:"created_at"`
	UpdatedAt  time.Time                  `bun:"updated_at" json:"updated_at"`
}

// bills is the repository of Bill rows, by the day that they are due.
var bills = store.Repo[Bill]{
	NotFound:    ErrBillNotFound,
	Constraints: constraints,
	Sort: store.Sort[Bill]{
		Columns: []store.Column{{Name: "due_on", Type: "date"}, {Name: "id", Type: "uuid"}},
		Key:     func(b *Bill) []string { return []string{b.DueOn.String(), b.ID.String()} },
	},
}

// PaymentKind says what a payment's row is.
type PaymentKind string

// The kinds of payment.
const (
	Paid     PaymentKind = "payment"
	Returned PaymentKind = "return"
)

// Valid reports whether k is one of the kinds.
func (k PaymentKind) Valid() bool { return k == Paid || k == Returned }

// BillPayment is money that went to a vendor for a bill, or came back. It never changes.
type BillPayment struct {
	bun.BaseModel `bun:"table:financials.bill_payments,alias:bp" json:"-"`

	ID         id.Of[BillPayment]         `bun:"id,pk" json:"id"`
	BillID     id.Of[Bill]                `bun:"bill_id" json:"bill_id"`
	PropertyID id.Of[properties.Property] `bun:"property_id" json:"property_id"`
	Kind       PaymentKind                `bun:"kind" json:"kind"`
	Amount     money.Amount               `bun:"amount" json:"amount"` // above zero
	PaidOn     date.Date                  `bun:"paid_on" json:"paid_on"`
	Reference  *string                    `bun:"reference" json:"reference"` // the check, the transfer
	OfID       *id.Of[BillPayment]        `bun:"of_id" json:"of_id"`         // what a return undoes
	JournalID  id.Of[ledger.Journal]      `bun:"journal_id" json:"journal_id"`
	RecordedBy id.Of[auth.User]           `bun:"recorded_by" json:"recorded_by"`
	RecordedAt time.Time                  `bun:"recorded_at" json:"recorded_at"`
}

// payments is the repository of BillPayment rows, by day.
var payments = store.Repo[BillPayment]{
	NotFound:    ErrPaymentNotFound,
	Constraints: constraints,
	Sort: store.Sort[BillPayment]{
		Columns: []store.Column{{Name: "paid_on", Type: "date"}, {Name: "id", Type: "uuid"}},
		Key:     func(p *BillPayment) []string { return []string{p.PaidOn.String(), p.ID.String()} },
	},
}

// paidSQL is what was paid of a bill b and not returned, by now.
const paidSQL = `COALESCE((SELECT sum(CASE p.kind WHEN 'payment' THEN p.amount ELSE -p.amount END) FROM financials.bill_payments p WHERE p.bill_id = b.id), 0)`

// Bill reads a bill. It returns [ErrBillNotFound].
func (s *Service) Bill(ctx context.Context, db bun.IDB, bill id.Of[Bill]) (*Bill, error) {
	return bills.Get(ctx, db, bill)
}

// BillFilter narrows a list of bills; the zero value takes all.
type BillFilter struct {
	PropertyID *id.Of[properties.Property]
	VendorID   *id.Of[Vendor]
	RequestID  *id.Of[MaintenanceRequest]
	Status     BillStatus // "" is any
	DueBy      *date.Date // on that day at the latest
	Unpaid     bool       // approved, and not paid whole
}

func (f BillFilter) check() error {
	var c check.Fields
	check.Maybe(&c, "status", f.Status)
	c.Day("due_by", f.DueBy)
	return c.Err()
}

// Bills lists bills by the day that they are due, a page at a time.
func (s *Service) Bills(ctx context.Context, db bun.IDB, f BillFilter, r page.Request) (page.Page[Bill], error) {
	if err := f.check(); err != nil {
		return page.Page[Bill]{}, err
	}
	return bills.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery {
		if f.PropertyID != nil {
			q = q.Where("bl.property_id = ?", *f.PropertyID)
		}
		if f.VendorID != nil {
			q = q.Where("bl.vendor_id = ?", *f.VendorID)
		}
		if f.RequestID != nil {
			q = q.Where("bl.request_id = ?", *f.RequestID)
		}
		if f.Status != "" {
			q = q.Where("bl.status = ?", f.Status)
		}
		if f.DueBy != nil {
			q = q.Where("bl.due_on <= ?", *f.DueBy)
		}
		if f.Unpaid {
			q = q.Where("bl.status = ?", BillApproved).Where("EXISTS (SELECT 1 FROM financials.bills b WHERE b.id = bl.id AND b.amount > " + paidSQL + ")")
		}
		return q
	})
}

// BillPayments lists the payments of a bill and their returns, by day.
func (s *Service) BillPayments(ctx context.Context, db bun.IDB, bill id.Of[Bill], r page.Request) (page.Page[BillPayment], error) {
	return payments.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("bp.bill_id = ?", bill) })
}
