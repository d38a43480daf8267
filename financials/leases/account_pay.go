package leases

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// TenantPaid says that money came from a tenant or went back: a payment, its return, a
// refund or a deposit.
type TenantPaid struct {
	EntryID id.Of[Entry]     `json:"entry_id"`
	Entry   EntryKind        `json:"entry"`
	Amount  money.Amount     `json:"amount"`
	Date    date.Date        `json:"date"`
	ActorID id.Of[auth.User] `json:"actor_id"`
}

// EventType names the event.
func (TenantPaid) EventType() (string, int) { return "leases.tenant_paid", 1 }

// ApplyParams is what of a payment goes to one charge.
type ApplyParams struct {
	ChargeID id.Of[Entry]
	Amount   money.Amount
}

// ReceivePaymentParams is money that a tenant paid.
type ReceivePaymentParams struct {
	IdempotencyKey string
	LeaseID        id.Of[Lease]
	Amount         money.Amount
	Date           date.Date // on which it came
	// Applications are what the payer said it is for; the rest goes by rule: by due
	// date, then rent before other charges before late fees.
	Applications []ApplyParams
	Memo         string // at most 255 characters
	ActorID      id.Of[auth.User]
}

// ReceivePayment records a payment. What the charges do not need is paid ahead and
// meets the next charge on its due date. Nothing is stored of the rule: what is open is
// derived for each day ([Accounts.OpenCharges]).
//
// It locks the lease. It returns [ErrOverApplied], [ErrNotCharge], [ErrLeaseNotFound],
// ledger.ErrPeriodClosed or the field errors. The same key and request again return the
// first entry.
func (s *Accounts) ReceivePayment(ctx context.Context, db bun.IDB, p ReceivePaymentParams) (*Entry, error) {
	f := s.moneyFields(p.LeaseID, p.Amount, p.ActorID, p.Memo)
	f.GivenHappened("date", p.Date, s.days())
	seen := map[id.Of[Entry]]bool{}
	for i := range p.Applications {
		at := "applications[" + itoa(i) + "]."
		f.Given(at+"charge_id", p.Applications[i].ChargeID)
		f.Above(at+"amount", p.Applications[i].Amount)
		f.Check(!seen[p.Applications[i].ChargeID], at+"charge_id", check.Duplicate, "each charge once")
		seen[p.Applications[i].ChargeID] = true
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	return s.money(ctx, db, VerbReceivePayment, p, p.LeaseID, p.ActorID, func(tx bun.IDB, l *Lease) (made, error) {
		said, err := directed(ctx, tx, l, p)
		return made{entry: s.entry(l, EntryPayment, p.Amount, p.Date, p.Memo), said: said}, err
	})
}

// directed checks what the payer said against what is open of the charges.
func directed(ctx context.Context, tx bun.IDB, l *Lease, p ReceivePaymentParams) ([]Application, error) {
	if len(p.Applications) == 0 {
		return nil, nil
	}
	named := make([]id.Of[Entry], len(p.Applications))
	for i := range p.Applications {
		named[i] = p.Applications[i].ChargeID
	}
	list, err := scan[struct {
		ID   id.Of[Entry] `bun:"id"`
		Open money.Amount `bun:"open"`
	}](ctx, tx, `SELECT e.id, e.amount - COALESCE((SELECT sum(r.amount) FROM financials.lease_entries r WHERE r.of_id = e.id AND r.kind = 'reversal'), 0)
			- COALESCE((SELECT sum(a.amount) FROM financials.lease_applications a WHERE a.charge_id = e.id
				AND NOT EXISTS (SELECT 1 FROM financials.lease_entries r WHERE r.of_id = a.payment_id AND r.kind = 'return')), 0) AS open
		FROM financials.lease_entries e WHERE e.id IN (?) AND e.lease_id = ? AND e.kind = 'charge'`, bun.List(named), l.ID)
	if err != nil {
		return nil, err
	}
	open := make(map[id.Of[Entry]]money.Amount, len(list))
	for _, c := range list {
		open[c.ID] = c.Open
	}
	out := make([]Application, len(p.Applications))
	left := p.Amount
	for i, a := range p.Applications {
		at := "applications[" + itoa(i) + "].charge_id"
		unpaid, ok := open[a.ChargeID]
		switch {
		case !ok:
			return nil, ErrNotCharge.On(at)
		case unpaid.Less(a.Amount):
			return nil, ErrOverApplied.On(at)
		case left.Less(a.Amount):
			return nil, ErrOverApplied
		}
		if left, err = left.Sub(a.Amount); err != nil {
			return nil, err
		}
		out[i] = Application{ID: id.New[Application](), ChargeID: a.ChargeID, LeaseID: l.ID, Amount: a.Amount}
	}
	return out, nil
}

// ReturnPaymentParams is a payment that came back.
type ReturnPaymentParams struct {
	IdempotencyKey string
	PaymentID      id.Of[Entry]
	Date           date.Date // on which it came back
	Memo           string    // at most 255 characters
	ActorID        id.Of[auth.User]
}

// ReturnPayment records that a payment was returned, such as a check without funds. It
// is undone on that day, and charges the fee that the lease agrees. It locks the lease. It
// returns [ErrNotPayment], [ErrReturned], [ErrEntryEarly], [ErrEntryNotFound],
// ledger.ErrPeriodClosed or the field errors. The same key and request again return
// the first entry.
func (s *Accounts) ReturnPayment(ctx context.Context, db bun.IDB, p ReturnPaymentParams) (*Entry, error) {
	var f check.Fields
	f.Given("payment_id", p.PaymentID)
	f.GivenHappened("date", p.Date, s.days())
	f.Given("actor_id", p.ActorID)
	f.Text("memo", p.Memo, 255)
	if err := f.Err(); err != nil {
		return nil, err
	}
	of, err := entries.Get(ctx, db, p.PaymentID) // it never changes
	if err != nil {
		return nil, err
	}
	return s.money(ctx, db, VerbReturnPayment, p, of.LeaseID, p.ActorID, func(tx bun.IDB, l *Lease) (made, error) {
		switch {
		case of.Kind != EntryPayment:
			return made{}, ErrNotPayment
		case p.Date.Before(of.EffectiveOn):
			return made{}, ErrEntryEarly
		}
		done, err := undone(ctx, tx, of, EntryReturn)
		if err == nil && done {
			err = ErrReturned
		}
		if err != nil {
			return made{}, err
		}
		m := made{entry: s.entry(l, EntryReturn, of.Amount, p.Date, p.Memo)}
		m.entry.OfID = &of.ID
		cond, err := conditionsOn(ctx, tx, l.ID, p.Date)
		if err != nil || cond == nil || cond.ReturnedFee == nil || cond.ReturnedFee.Sign() == 0 {
			return m, err
		}
		fee := s.charged(l, EntryCharge, ChargeReturnedFee, *cond.ReturnedFee, p.Date, "")
		fee.OfID = &of.ID
		m.more = []Entry{fee}
		return m, nil
	})
}

// conditionsOn are those of the term that a day falls into, or of the last one; nil where
// the lease was cancelled.
func conditionsOn(ctx context.Context, tx bun.IDB, lease id.Of[Lease], day date.Date) (*Conditions, error) {
	list, err := terms.All(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("lt.lease_id = ?", lease).Where("lt.superseded_at IS NULL").OrderExpr("lt.number")
	})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	out := &list[0].Conditions
	for i := range list {
		if !list[i].StartsOn.After(day) {
			out = &list[i].Conditions
		}
	}
	return out, nil
}

// RefundParams is money that goes back to a tenant.
type RefundParams struct {
	IdempotencyKey string
	LeaseID        id.Of[Lease]
	Amount         money.Amount
	Date           date.Date
	Memo           string // at most 255 characters
	ActorID        id.Of[auth.User]
}

// Refund pays back what a tenant paid ahead. It locks the lease. It returns
// [ErrOverRefunded] for more than was paid ahead on that day, and is to this day,
// [ErrLeaseNotFound], ledger.ErrPeriodClosed or the field errors. The same key and
// request again return the first entry.
func (s *Accounts) Refund(ctx context.Context, db bun.IDB, p RefundParams) (*Entry, error) {
	f := s.moneyFields(p.LeaseID, p.Amount, p.ActorID, p.Memo)
	f.GivenHappened("date", p.Date, s.days())
	if err := f.Err(); err != nil {
		return nil, err
	}
	return s.money(ctx, db, VerbRefund, p, p.LeaseID, p.ActorID, func(tx bun.IDB, l *Lease) (made, error) {
		b, err := s.spendable(ctx, tx, l.ID, p.Date)
		if err == nil && b.Prepaid.Less(p.Amount) {
			err = ErrOverRefunded
		}
		return made{entry: s.entry(l, EntryRefund, p.Amount, p.Date, p.Memo)}, err
	})
}

// ReceiveDepositParams is a deposit that a tenant paid.
type ReceiveDepositParams struct {
	IdempotencyKey string
	LeaseID        id.Of[Lease]
	Amount         money.Amount
	Date           date.Date
	Memo           string // at most 255 characters
	ActorID        id.Of[auth.User]
}

// ReceiveDeposit records a deposit: a liability until it is applied or refunded, and no
// payment of what is charged. It locks the lease. It returns [ErrLeaseNotFound],
// ledger.ErrPeriodClosed or the field errors. The same key and request again return
// the first entry.
func (s *Accounts) ReceiveDeposit(ctx context.Context, db bun.IDB, p ReceiveDepositParams) (*Entry, error) {
	f := s.moneyFields(p.LeaseID, p.Amount, p.ActorID, p.Memo)
	f.GivenHappened("date", p.Date, s.days())
	if err := f.Err(); err != nil {
		return nil, err
	}
	return s.money(ctx, db, VerbReceiveDeposit, p, p.LeaseID, p.ActorID, func(_ bun.IDB, l *Lease) (made, error) {
		return made{entry: s.entry(l, EntryDeposit, p.Amount, p.Date, p.Memo)}, nil
	})
}

// made is what a verb of money makes.
type made struct {
	entry Entry         // which the verb returns
	more  []Entry       // posted with it
	said  []Application // what a payer said
}

// money runs a verb that charges, credits or moves money, under the lease's lock and the
// key of params.
func (s *Accounts) money(ctx context.Context, db bun.IDB, verb Verb, params any, lease id.Of[Lease], actor id.Of[auth.User],
	decide func(tx bun.IDB, l *Lease) (made, error)) (*Entry, error) {
	v := id.New[Entry]()
	k := store.Keyed[Entry]{Scope: s.scope, Verb: "leases." + string(verb), Params: params, Kind: "lease_entry", Result: v}
	return store.RunOnce(ctx, db, k, entries.Get, func(tx bun.IDB) (*Entry, error) {
		l, err := s.lock(ctx, tx, verb, lease, actor)
		if err != nil {
			return nil, err
		}
		m, err := decide(tx, l)
		if err != nil {
			return nil, err
		}
		e := &m.entry
		e.ID = v
		if err := s.book(ctx, tx, l, string(e.Kind), actor, append([]Entry{*e}, m.more...)...); err != nil {
			return nil, err
		}
		for i := range m.said {
			m.said[i].PaymentID = v
		}
		if err := applications.InsertAll(ctx, tx, m.said); err != nil {
			return nil, err
		}
		var told store.Payload = TenantPaid{e.ID, e.Kind, e.Amount, e.EffectiveOn, actor}
		if e.ChargeKind != nil {
			told = TenantCharged{e.ID, e.Kind, *e.ChargeKind, e.Amount, e.EffectiveOn, actor}
		}
		if err := s.hooks.Emit(ctx, tx, e.RecordedAt, store.Event(aggregateLease, l.ID, told)); err != nil {
			return nil, err
		}
		return entries.Get(ctx, tx, v)
	})
}
