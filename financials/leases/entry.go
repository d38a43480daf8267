package leases

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

// The conditions of tenants' ledgers.
var (
	// ErrEntryNotFound: there is no such entry.
	ErrEntryNotFound = fault.New(fault.NotFound, "lease_entry_not_found", "there is no such entry")
	// ErrEntryOf: a reversal or a return names what it undoes.
	ErrEntryOf = fault.New(fault.Invalid, "lease_entry_inconsistent", "a reversal or a return names what it undoes").On("of_id")
	// ErrReturned: the payment has come back already.
	ErrReturned = fault.New(fault.Illegal, "payment_returned", "the payment has come back already")
	// ErrLateFeeExists: the charge has a late fee of that day.
	ErrLateFeeExists = fault.New(fault.Conflict, "late_fee_exists", "the charge has a late fee of that day")
	// ErrApplied: a payment names a charge twice.
	ErrApplied = fault.New(fault.Conflict, "payment_applied", "a payment names each charge once").On("applications")
	// ErrOverApplied: more is to go to a charge, or out of a payment, than it is.
	ErrOverApplied = fault.New(fault.Invalid, "payment_over_applied", "more is applied than the payment or the charge comes to").On("applications")
	// ErrNotCharge: the entry is no charge of this lease.
	ErrNotCharge = fault.New(fault.Invalid, "lease_entry_not_charge", "the entry is no charge of this lease")
	// ErrNotPayment: the entry is no payment.
	ErrNotPayment = fault.New(fault.Invalid, "lease_entry_not_payment", "the entry is no payment").On("payment_id")
	// ErrScheduled: a scheduled charge follows the lease, which is corrected instead.
	ErrScheduled = fault.New(fault.Illegal, "lease_charge_scheduled", "a scheduled charge follows what the lease says; correct the lease and post the month again")
	// ErrReversed: the charge is reversed already.
	ErrReversed = fault.New(fault.Illegal, "lease_charge_reversed", "the charge is reversed already")
	// ErrOverRefunded: more is to be refunded than was paid ahead.
	ErrOverRefunded = fault.New(fault.Invalid, "lease_over_refunded", "more is refunded than was paid ahead").On("amount")
	// ErrEntryEarly: a day is before what it undoes.
	ErrEntryEarly = fault.New(fault.Invalid, fault.CodeDisordered, "the day is before the one of what it undoes").On("date")
)

// EntryKind says what an entry of a tenant's ledger is.
type EntryKind string

// The kinds of entry.
const (
	EntryCharge          EntryKind = "charge"
	EntryReversal        EntryKind = "reversal" // of a charge or a credit, in whole or in part
	EntryCredit          EntryKind = "credit"   // a concession, a write-off, another credit
	EntryPayment         EntryKind = "payment"
	EntryReturn          EntryKind = "return" // of a payment
	EntryRefund          EntryKind = "refund" // of what was paid ahead
	EntryDeposit         EntryKind = "deposit"
	EntryDepositApplied  EntryKind = "deposit_applied"
	EntryDepositRefunded EntryKind = "deposit_refunded"
)

// Valid reports whether k is one of the kinds.
func (k EntryKind) Valid() bool {
	switch k {
	case EntryCharge, EntryReversal, EntryCredit, EntryPayment, EntryReturn, EntryRefund, EntryDeposit, EntryDepositApplied, EntryDepositRefunded:
		return true
	}
	return false
}

// Entry is a line of a tenant's ledger. It never changes.
type Entry struct {
	bun.BaseModel `bun:"table:financials.lease_entries,alias:ln" json:"-"`

	ID          id.Of[Entry]               `bun:"id,pk" json:"id"`
	LeaseID     id.Of[Lease]               `bun:"lease_id" json:"lease_id"`
	PropertyID  id.Of[properties.Property] `bun:"property_id" json:"property_id"`
	Kind        EntryKind                  `bun:"kind" json:"kind"`
	ChargeKind  *ChargeKind                `bun:"charge_kind" json:"charge_kind"` // of charges, their reversals, and credits
	Amount      money.Amount               `bun:"amount" json:"amount"`           // above zero
	EffectiveOn date.Date                  `bun:"effective_on" json:"effective_on"`
	Period      *date.Date                 `bun:"period" json:"period"` // the month of a scheduled charge, by its first day; the last day of a year that is settled
	OfID        *id.Of[Entry]              `bun:"of_id" json:"of_id"`   // what it undoes, or what a fee is for
	JournalID   id.Of[ledger.Journal]      `bun:"journal_id" json:"journal_id"`
	Memo        *string                    `bun:"memo" json:"memo"`
	RecordedAt  time.Time                  `bun:"recorded_at" json:"recorded_at"`

	ofCredit bool // a reversal: of a credit
}

// entries is the repository of Entry rows, by day within a lease.
var entries = store.Repo[Entry]{
	NotFound:    ErrEntryNotFound,
	Constraints: constraints,
	Sort: store.Sort[Entry]{
		Columns: []store.Column{{Name: "effective_on", Type: "date"}, {Name: "id", Type: "uuid"}},
		Key:     func(e *Entry) []string { return []string{e.EffectiveOn.String(), e.ID.String()} },
	},
}

// Application is what of a payment goes to a charge because the payer says so.
type Application struct {
	bun.BaseModel `bun:"table:financials.lease_applications,alias:la" json:"-"`

	ID        id.Of[Application] `bun:"id,pk" json:"id"`
	PaymentID id.Of[Entry]       `bun:"payment_id" json:"payment_id"`
	ChargeID  id.Of[Entry]       `bun:"charge_id" json:"charge_id"`
	LeaseID   id.Of[Lease]       `bun:"lease_id" json:"lease_id"`
	Amount    money.Amount       `bun:"amount" json:"amount"`
}

// applications is the repository of Application rows.
var applications = store.Repo[Application]{NotFound: ErrEntryNotFound, Constraints: constraints}

// sides are the codes of the accounts that an entry debits and credits.
func (e *Entry) sides() (debit, credit string) {
	switch e.Kind {
	case EntryCharge:
		return AccountReceivable, incomeOf[*e.ChargeKind]
	case EntryReversal:
		if e.ofCredit {
			return AccountReceivable, incomeOf[*e.ChargeKind]
		}
		return incomeOf[*e.ChargeKind], AccountReceivable
	case EntryCredit:
		return incomeOf[*e.ChargeKind], AccountReceivable
	case EntryPayment:
		return AccountCash, AccountReceivable
	case EntryReturn, EntryRefund:
		return AccountReceivable, AccountCash
	case EntryDeposit:
		if e.ChargeKind != nil {
			return AccountOpening, AccountDeposits
		}
		return AccountCash, AccountDeposits
	case EntryDepositApplied:
		return AccountDeposits, AccountReceivable
	}
	return AccountDeposits, AccountCash
}

// billedSQL is by how much an entry n, which undoes o or nothing, raises what was billed.
const billedSQL = `CASE WHEN n.kind = 'charge' OR n.kind = 'reversal' AND o.kind = 'credit' THEN n.amount WHEN n.kind IN ('credit', 'reversal') THEN -n.amount ELSE 0 END`

// entry makes an entry of a lease.
func (c *core) entry(l *Lease, kind EntryKind, amount money.Amount, on date.Date, memo string) Entry {
	return Entry{ID: id.New[Entry](), LeaseID: l.ID, PropertyID: l.PropertyID, Kind: kind, Amount: amount, EffectiveOn: on, Memo: store.Optional(memo), RecordedAt: c.now()}
}

func (c *core) charged(l *Lease, kind EntryKind, what ChargeKind, amount money.Amount, on date.Date, memo string) Entry {
	e := c.entry(l, kind, amount, on, memo)
	e.ChargeKind = &what
	return e
}

// book posts entries of one lease, those of each day in a journal of its own.
func (c *core) book(ctx context.Context, tx bun.IDB, l *Lease, about string, actor id.Of[auth.User], list ...Entry) error {
	var out []posting
	for _, e := range list {
		at := -1
		for i := range out {
			if out[i].on == e.EffectiveOn {
				at = i
			}
		}
		if at < 0 {
			out = append(out, posting{journal: id.New[ledger.Journal](), on: e.EffectiveOn, about: about, kind: aggregateLease,
				source: id.Cast[ledger.Source](l.ID), actor: actor})
			at = len(out) - 1
		}
		e.JournalID = out[at].journal
		out[at].entries = append(out[at].entries, e)
	}
	in, err := c.chartOf(ctx, tx, l.BookID)
	if err != nil {
		return err
	}
	return c.post(ctx, tx, in, out)
}

// lock locks a lease for its money, and checks who acts.
func (c *core) lock(ctx context.Context, tx bun.IDB, verb Verb, lease id.Of[Lease], actor id.Of[auth.User]) (*Lease, error) {
	l, err := leases.Lock(ctx, tx, lease)
	if err != nil {
		return nil, err
	}
	return l, c.acts(ctx, tx, verb, actor, l.matter())
}

// EntryFilter narrows a list of entries; the zero value takes all.
type EntryFilter struct {
	Kinds []EntryKind
	From  *date.Date
	To    *date.Date
	Known *time.Time // what was recorded by then
}

func (f EntryFilter) check() error {
	var c check.Fields
	check.Each(&c, "kinds", f.Kinds)
	c.Day("from", f.From)
	c.Day("to", f.To)
	return c.Err()
}

// Entries lists the entries of a lease by day.
func (s *Accounts) Entries(ctx context.Context, db bun.IDB, lease id.Of[Lease], f EntryFilter, r page.Request) (page.Page[Entry], error) {
	if err := f.check(); err != nil {
		return page.Page[Entry]{}, err
	}
	return entries.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery {
		q = q.Where("ln.lease_id = ?", lease)
		if len(f.Kinds) > 0 {
			q = q.Where("ln.kind IN (?)", bun.List(f.Kinds))
		}
		if f.From != nil {
			q = q.Where("ln.effective_on >= ?", *f.From)
		}
		if f.To != nil {
			q = q.Where("ln.effective_on <= ?", *f.To)
		}
		if f.Known != nil {
			q = q.Where("ln.recorded_at <= ?", check.Clamp(*f.Known))
		}
		return q
	})
}

// Entry reads an entry. It returns [ErrEntryNotFound].
func (s *Accounts) Entry(ctx context.Context, db bun.IDB, entry id.Of[Entry]) (*Entry, error) {
	return entries.Get(ctx, db, entry)
}
