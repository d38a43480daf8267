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

// TenantCharged says that a tenant was charged once, credited, or that one of these was
// reversed.
type TenantCharged struct {
	EntryID id.Of[Entry]     `json:"entry_id"`
	Entry   EntryKind        `json:"entry"`
	Kind    ChargeKind       `json:"kind"`
	Amount  money.Amount     `json:"amount"`
	Date    date.Date        `json:"date"`
	ActorID id.Of[auth.User] `json:"actor_id"`
}

// EventType names the event.
func (TenantCharged) EventType() (string, int) { return "leases.tenant_charged", 1 }

// AddChargeParams is a charge that is made once and at once.
type AddChargeParams struct {
	IdempotencyKey string
	LeaseID        id.Of[Lease]
	Kind           ChargeKind // no concession
	Amount         money.Amount
	DueOn          date.Date
	Memo           string // at most 255 characters
	ActorID        id.Of[auth.User]
}

// AddCharge charges the tenants of a lease once, such as for a repair. It locks the
// lease. It returns [ErrLeaseNotFound], ledger.ErrPeriodClosed or the field errors.
// The same key and request again return the first entry.
func (s *Accounts) AddCharge(ctx context.Context, db bun.IDB, p AddChargeParams) (*Entry, error) {
	f := s.moneyFields(p.LeaseID, p.Amount, p.ActorID, p.Memo)
	f.Given("due_on", p.DueOn)
	f.Within("due_on", &p.DueOn, s.days())
	checkKind(f, "kind", p.Kind)
	f.Check(p.Kind != ChargeConcession, "kind", check.NotAllowed, "a concession is a credit")
	if err := f.Err(); err != nil {
		return nil, err
	}
	return s.once(ctx, db, "leases.add_charge", p, p.LeaseID, p.ActorID, func(_ bun.IDB, l *Lease) (Entry, error) {
		return s.charged(l, EntryCharge, p.Kind, p.Amount, p.DueOn, p.Memo), nil
	})
}

// AddCreditParams is a credit to the tenants of a lease.
type AddCreditParams struct {
	IdempotencyKey string
	LeaseID        id.Of[Lease]
	Kind           ChargeKind // what is credited: a concession, or the income that is given back
	Amount         money.Amount
	Date           date.Date
	Memo           string // at most 255 characters
	ActorID        id.Of[auth.User]
}

// AddCredit lowers what the tenants of a lease owe. It goes to their charges by rule, as
// money does. It locks the lease and returns what [Accounts.AddCharge] returns.
func (s *Accounts) AddCredit(ctx context.Context, db bun.IDB, p AddCreditParams) (*Entry, error) {
	f := s.moneyFields(p.LeaseID, p.Amount, p.ActorID, p.Memo)
	f.Given("date", p.Date)
	f.Within("date", &p.Date, s.days())
	checkKind(f, "kind", p.Kind)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return s.once(ctx, db, "leases.add_credit", p, p.LeaseID, p.ActorID, func(_ bun.IDB, l *Lease) (Entry, error) {
		return s.charged(l, EntryCredit, p.Kind, p.Amount, p.Date, p.Memo), nil
	})
}

// ReverseChargeParams is a charge or a credit to undo.
type ReverseChargeParams struct {
	IdempotencyKey string
	EntryID        id.Of[Entry]
	Memo           string // at most 255 characters
	ActorID        id.Of[auth.User]
}

// ReverseCharge undoes what was charged or credited once, or a late fee, from its own
// day on; money that went to it is free for other charges. It locks the lease. It
// returns [ErrScheduled] for a scheduled charge, [ErrReversed], [ErrNotCharge],
// [ErrEntryNotFound] or ledger.ErrPeriodClosed. The same key and request again return
// the first entry.
func (s *Accounts) ReverseCharge(ctx context.Context, db bun.IDB, p ReverseChargeParams) (*Entry, error) {
	var f check.Fields
	f.Given("entry_id", p.EntryID)
	f.Given("actor_id", p.ActorID)
	f.Text("memo", p.Memo, 255)
	if err := f.Err(); err != nil {
		return nil, err
	}
	of, err := entries.Get(ctx, db, p.EntryID) // it never changes
	if err != nil {
		return nil, err
	}
	return s.once(ctx, db, "leases.reverse_charge", p, of.LeaseID, p.ActorID, func(tx bun.IDB, l *Lease) (Entry, error) {
		switch {
		case of.Kind != EntryCharge && of.Kind != EntryCredit, of.ChargeKind != nil && *of.ChargeKind == ChargeBadDebt:
			return Entry{}, ErrNotCharge.On("entry_id")
		case of.Period != nil && of.Period.Day() == 1: // a settlement of a year is for its last day
			return Entry{}, ErrScheduled
		}
		var done bool
		if err := tx.NewRaw("SELECT EXISTS (SELECT FROM financials.lease_entries WHERE of_id = ? AND kind = 'reversal')", of.ID).Scan(ctx, &done); err != nil {
			return Entry{}, store.Err(err, constraints)
		}
		if done {
			return Entry{}, ErrReversed
		}
		e := s.charged(l, EntryReversal, *of.ChargeKind, of.Amount, of.EffectiveOn, p.Memo)
		e.OfID, e.ofCredit = &of.ID, of.Kind == EntryCredit
		return e, nil
	})
}

// moneyFields checks what every verb of money takes.
func (s *Accounts) moneyFields(lease id.Of[Lease], amount money.Amount, actor id.Of[auth.User], memo string) *check.Fields {
	var f check.Fields
	f.Given("lease_id", lease)
	f.Above("amount", amount)
	f.Given("actor_id", actor)
	f.Text("memo", memo, 255)
	return &f
}

// once runs a verb that makes one entry of charge or credit, under the lease's lock and
// the key of params.
func (s *Accounts) once(ctx context.Context, db bun.IDB, verb string, params any, lease id.Of[Lease], actor id.Of[auth.User], decide func(tx bun.IDB, l *Lease) (Entry, error)) (*Entry, error) {
	v := id.New[Entry]()
	k := store.Keyed[Entry]{Scope: s.scope, Verb: verb, Params: params, Kind: "lease_entry", Result: v}
	return store.RunOnce(ctx, db, k, entries.Get, func(tx bun.IDB) (*Entry, error) {
		l, err := s.lock(ctx, tx, lease, actor)
		if err != nil {
			return nil, err
		}
		e, err := decide(tx, l)
		if err != nil {
			return nil, err
		}
		e.ID = v
		if err := s.book(ctx, tx, l, string(e.Kind), actor, e); err != nil {
			return nil, err
		}
		err = s.hooks.Emit(ctx, tx, e.RecordedAt, store.Event(aggregateLease, l.ID, TenantCharged{e.ID, e.Kind, *e.ChargeKind, e.Amount, e.EffectiveOn, actor}))
		if err != nil {
			return nil, err
		}
		return entries.Get(ctx, tx, v)
	})
}
