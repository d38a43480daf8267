package leases

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// ErrNotMovedOut: the tenants have not moved out by that day.
var ErrNotMovedOut = fault.New(fault.Illegal, "lease_not_moved_out", "the tenants have not moved out by that day").On("date")

// ErrSettled: there is nothing to settle.
var ErrSettled = fault.New(fault.Illegal, "lease_settled", "there is neither a deposit nor a balance to settle")

// Damage is what the tenants of a lease pay for after they moved out.
type Damage struct {
	Amount money.Amount `json:"amount"`
	Memo   string       `json:"memo"` // at most 255 characters
}

// MoveOutStatement says what is left between landlord and tenants after they moved out:
// the deposit less what they owe and the damages; the rest is refunded, with what they
// had paid ahead. What a later day has used already is not there any more: a deposit is
// settled once, whatever day is named.
type MoveOutStatement struct {
	LeaseID     id.Of[Lease] `json:"lease_id"`
	Date        date.Date    `json:"date"`
	DepositHeld money.Amount `json:"deposit_held"` // before
	Owed        money.Amount `json:"owed"`         // unpaid charges before the damages
	Prepaid     money.Amount `json:"prepaid"`      // before the damages
	Damages     money.Amount `json:"damages"`
	Applied     money.Amount `json:"applied"`    // of the deposit to what is owed
	Refunded    money.Amount `json:"refunded"`   // of the deposit
	PaidBack    money.Amount `json:"paid_back"`  // of what was paid ahead
	StillOwed   money.Amount `json:"still_owed"` // what the deposit did not cover
}

// statement computes a move-out statement out of a balance.
func statement(b *Balance, day date.Date, damages []Damage) (*MoveOutStatement, error) {
	m := &MoveOutStatement{LeaseID: b.LeaseID, Date: day, DepositHeld: b.DepositHeld, Owed: b.Owed, Prepaid: b.Prepaid}
	var err error
	for _, d := range damages {
		if m.Damages, err = m.Damages.Add(d.Amount); err != nil {
			return nil, err
		}
	}
	debt, err := m.Owed.Add(m.Damages)
	if err != nil {
		return nil, err
	}
	covered := money.Min(m.Prepaid, debt) // what was paid ahead meets the damages first
	m.PaidBack, _ = m.Prepaid.Sub(covered)
	debt, _ = debt.Sub(covered)
	m.Applied = money.Min(m.DepositHeld, debt)
	m.Refunded, _ = m.DepositHeld.Sub(m.Applied)
	m.StillOwed, _ = debt.Sub(m.Applied)
	return m, nil
}

// MoveOutStatementParams is a move-out to state.
type MoveOutStatementParams struct {
	LeaseID id.Of[Lease]
	Date    date.Date
	Damages []Damage
}

// MoveOutStatement shows what [Accounts.SettleDeposit] would post. It returns
// [ErrNotMovedOut], [ErrLeaseNotFound] or the field errors.
func (s *Accounts) MoveOutStatement(ctx context.Context, db bun.IDB, p MoveOutStatementParams) (*MoveOutStatement, error) {
	if err := settlement(p.LeaseID, p.Date, p.Damages).Err(); err != nil {
		return nil, err
	}
	if _, err := leases.Get(ctx, db, p.LeaseID); err != nil {
		return nil, err
	}
	return s.stateMoveOut(ctx, db, p)
}

func (s *Accounts) stateMoveOut(ctx context.Context, db bun.IDB, p MoveOutStatementParams) (*MoveOutStatement, error) {
	var out bool
	err := store.Read(ctx, db, db.NewRaw(`SELECT NOT EXISTS (SELECT 1 FROM financials.lease_terms WHERE lease_id = ?0 AND superseded_at IS NULL AND (moved_out_on IS NULL OR moved_out_on > ?1)
		AND number = (SELECT max(number) FROM financials.lease_terms WHERE lease_id = ?0 AND superseded_at IS NULL))`, p.LeaseID, p.Date), &out)
	if err != nil {
		return nil, store.Err(err, constraints)
	}
	if !out {
		return nil, ErrNotMovedOut
	}
	b, err := s.spendable(ctx, db, p.LeaseID, p.Date)
	if err != nil {
		return nil, err
	}
	return statement(b, p.Date, p.Damages)
}

func settlement(lease id.Of[Lease], day date.Date, damages []Damage) *check.Fields {
	var f check.Fields
	f.Given("lease_id", lease)
	f.Given("date", day)
	for i := range damages {
		f.Above("damages["+itoa(i)+"].amount", damages[i].Amount)
		f.Text("damages["+itoa(i)+"].memo", damages[i].Memo, 255)
	}
	return &f
}

// SettleDepositParams settles a deposit after a move-out.
type SettleDepositParams struct {
	IdempotencyKey string
	LeaseID        id.Of[Lease]
	Date           date.Date
	Damages        []Damage
	ActorID        id.Of[auth.User]
}

// DepositSettled says that a deposit was applied and refunded.
type DepositSettled struct {
	Date      date.Date        `json:"date"`
	Damages   money.Amount     `json:"damages"`
	Applied   money.Amount     `json:"applied"`
	Refunded  money.Amount     `json:"refunded"`
	PaidBack  money.Amount     `json:"paid_back"`
	StillOwed money.Amount     `json:"still_owed"`
	ActorID   id.Of[auth.User] `json:"actor_id"`
}

// EventType names the event.
func (DepositSettled) EventType() (string, int) { return "leases.deposit_settled", 1 }

// SettleDeposit posts a move-out statement: the damages are charged, the deposit is
// applied to what is owed, and the rest of it is refunded, with what was paid ahead.
//
// It locks the lease. It returns [ErrNotMovedOut], [ErrSettled], [ErrLeaseNotFound],
// ledger.ErrPeriodClosed or the field errors. The same key and request again return
// the statement that was posted.
func (s *Accounts) SettleDeposit(ctx context.Context, db bun.IDB, p SettleDepositParams) (*MoveOutStatement, error) {
	f := settlement(p.LeaseID, p.Date, p.Damages)
	f.Happened("date", &p.Date, s.days())
	f.Given("actor_id", p.ActorID)
	if err := f.Err(); err != nil {
		return nil, err
	}
	// The first entry of the settlement tells when it was recorded.
	v := id.New[Entry]()
	k := store.Keyed[Entry]{Scope: s.scope, Verb: "leases.settle_deposit", Params: p, Kind: "lease_entry", Result: v}
	replay := func(ctx context.Context, tx bun.IDB, first id.Of[Entry]) (*MoveOutStatement, error) {
		e, err := entries.Get(ctx, tx, first)
		if err != nil {
			return nil, err
		}
		before, err := least(p.Date, date.Of(e.RecordedAt.UTC()), func(on date.Date) (*Balance, error) {
			return oneBalance(ctx, tx, ofLease+" AND e.journal_id <> ?3", e.LeaseID, on, &e.RecordedAt, e.JournalID)
		})
		if err == nil {
			err = before.keepDeposit(ctx, tx, ofLease+" AND e.journal_id <> ?3", p.Date, &e.RecordedAt, e.JournalID)
		}
		if err != nil {
			return nil, err
		}
		return statement(before, p.Date, p.Damages)
	}
	return store.RunOnce(ctx, db, k, replay, func(tx bun.IDB) (*MoveOutStatement, error) {
		l, err := s.lock(ctx, tx, VerbSettleDeposit, p.LeaseID, p.ActorID)
		if err != nil {
			return nil, err
		}
		m, err := s.stateMoveOut(ctx, tx, MoveOutStatementParams{p.LeaseID, p.Date, p.Damages})
		if err != nil {
			return nil, err
		}
		list := s.settle(l, m, p.Damages)
		if len(list) == 0 {
			return nil, ErrSettled
		}
		list[0].ID = v
		if err := s.book(ctx, tx, l, "settlement", p.ActorID, list...); err != nil {
			return nil, err
		}
		return m, s.hooks.Emit(ctx, tx, s.now(), store.Event(aggregateLease, l.ID,
			DepositSettled{m.Date, m.Damages, m.Applied, m.Refunded, m.PaidBack, m.StillOwed, p.ActorID}))
	})
}

// settle makes the entries of a move-out statement.
func (s *Accounts) settle(l *Lease, m *MoveOutStatement, damages []Damage) []Entry {
	var list []Entry
	for _, d := range damages {
		list = append(list, s.charged(l, EntryCharge, ChargeDamage, d.Amount, m.Date, d.Memo))
	}
	for _, x := range []struct {
		kind   EntryKind
		amount money.Amount
	}{{EntryDepositApplied, m.Applied}, {EntryDepositRefunded, m.Refunded}, {EntryRefund, m.PaidBack}} {
		if x.amount.Sign() > 0 {
			list = append(list, s.entry(l, x.kind, x.amount, m.Date, ""))
		}
	}
	return list
}
