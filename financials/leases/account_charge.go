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
	f.GivenWithin("due_on", p.DueOn, s.days())
	checkKind(f, "kind", p.Kind)
	f.Check(p.Kind != ChargeConcession, "kind", check.NotAllowed, "a concession is a credit")
	if err := f.Err(); err != nil {
		return nil, err
	}
	return s.money(ctx, db, VerbAddCharge, p, p.LeaseID, p.ActorID, func(_ bun.IDB, l *Lease) (made, error) {
		return made{entry: s.charged(l, EntryCharge, p.Kind, p.Amount, p.DueOn, p.Memo)}, nil
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
	f.GivenWithin("date", p.Date, s.days())
	checkKind(f, "kind", p.Kind)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return s.money(ctx, db, VerbAddCredit, p, p.LeaseID, p.ActorID, func(_ bun.IDB, l *Lease) (made, error) {
		return made{entry: s.charged(l, EntryCredit, p.Kind, p.Amount, p.Date, p.Memo)}, nil
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
	return s.money(ctx, db, VerbReverseCharge, p, of.LeaseID, p.ActorID, func(tx bun.IDB, l *Lease) (made, error) {
		switch {
		case of.Kind != EntryCharge && of.Kind != EntryCredit, of.ChargeKind != nil && *of.ChargeKind == ChargeBadDebt:
			return made{}, ErrNotCharge.On("entry_id")
		case of.Period != nil && of.Period.Day() == 1: // a settlement of a year is for its last day
			return made{}, ErrScheduled
		}
		done, err := undone(ctx, tx, of, EntryReversal)
		if err == nil && done {
			err = ErrReversed
		}
		if err != nil {
			return made{}, err
		}
		e := s.charged(l, EntryReversal, *of.ChargeKind, of.Amount, of.EffectiveOn, p.Memo)
		e.OfID, e.Period, e.ofCredit = &of.ID, of.Period, of.Kind == EntryCredit // a year is settled anew
		return made{entry: e}, nil
	})
}

// undone reports whether an entry, whose lease the caller holds, has one of a kind that
// undoes it.
func undone(ctx context.Context, tx bun.IDB, of *Entry, by EntryKind) (is bool, err error) {
	err = store.Read(ctx, tx, tx.NewRaw("SELECT EXISTS (SELECT 1 FROM financials.lease_entries WHERE of_id = ? AND kind = ?)", of.ID, by), &is)
	return is, store.Err(err, constraints)
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
