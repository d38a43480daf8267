package leases

import (
	"context"
	"errors"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// The conditions of closed months.
var (
	// ErrNoLeases: the property has no leases, so that its rolls are reported.
	ErrNoLeases = fault.New(fault.Illegal, "property_without_leases", "the property has no leases")
	// ErrMonthClosed: the month's roll is closed; it is restated instead.
	ErrMonthClosed = fault.New(fault.Conflict, "month_closed", "the rent roll of this month is closed already").On("month")
	// ErrMonthOpen: the month's roll is not closed.
	ErrMonthOpen = fault.New(fault.NotFound, "month_not_closed", "the rent roll of this month is not closed").On("month")
	// ErrMonthRunning: the month has not ended.
	ErrMonthRunning = fault.New(fault.Illegal, "month_running", "the month has not ended").On("month")
)

// MonthClosed says that the rent roll of a month, out of leases, is on record.
type MonthClosed struct {
	Month    date.Date        `json:"month"`
	Version  int64            `json:"version"` // above 1: it was restated
	Units    int              `json:"units"`
	ClosedBy id.Of[auth.User] `json:"closed_by"`
}

// EventType names the event.
func (MonthClosed) EventType() (string, int) { return "leases.month_closed", 1 }

// CloseMonthParams is a month to close.
type CloseMonthParams struct {
	PropertyID id.Of[properties.Property]
	Month      date.Date // any day of it
	ActorID    id.Of[auth.User]
}

// CloseMonth freezes the rent roll of a month's last day, out of the leases and the
// ledgers as they are known now, with the month's billing and collections. Closing again
// brings back what was closed. What is known later shows in [Rolls.RentRoll] and, by
// [Rolls.RestateMonth], in another version; the first one stays
// ([financials.Service.RentRollVersion]). The books are closed in the ledger.
//
// It locks the property. It returns [ErrNoLeases], [ErrMonthRunning],
// [ErrMonthClosed] where a reported roll is in force, properties.ErrPropertyNotFound or
// the field errors.
func (s *Rolls) CloseMonth(ctx context.Context, db bun.IDB, p CloseMonthParams) (*financials.RentRoll, error) {
	return s.close(ctx, db, VerbCloseMonth, p, 0)
}

// RestateMonthParams is a closed month to state anew.
type RestateMonthParams struct {
	PropertyID id.Of[properties.Property]
	Month      date.Date // any day of it
	Version    int64     // the version in force
	ActorID    id.Of[auth.User]
}

// RestateMonth states a closed month anew out of what is known now: the version in force
// is superseded, and stays. A reported roll can be restated out of leases so. It locks
// the property. It returns [ErrMonthOpen], [financials.ErrStale] where another version
// is in force, and what [Rolls.CloseMonth] returns.
func (s *Rolls) RestateMonth(ctx context.Context, db bun.IDB, p RestateMonthParams) (*financials.RentRoll, error) {
	var f check.Fields
	f.Check(p.Version > 0, "version", check.Required, "the version in force is needed")
	if err := f.Err(); err != nil {
		return nil, err
	}
	return s.close(ctx, db, VerbRestateMonth, CloseMonthParams{p.PropertyID, p.Month, p.ActorID}, p.Version)
}

func (s *Rolls) close(ctx context.Context, db bun.IDB, verb Verb, p CloseMonthParams, was int64) (*financials.RentRoll, error) {
	var f check.Fields
	f.Given("property_id", p.PropertyID)
	f.Given("month", p.Month)
	f.Given("actor_id", p.ActorID)
	if err := f.Err(); err != nil {
		return nil, err
	}
	last := p.Month.EndOfMonth()
	if last.After(s.days().Today) {
		return nil, ErrMonthRunning
	}
	var out *financials.RentRoll
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		if _, err := s.properties.LockProperty(ctx, tx, p.PropertyID); err != nil {
			return err
		}
		if err := s.acts(ctx, tx, verb, p.ActorID, matter{property: p.PropertyID}); err != nil {
			return err
		}
		there, err := s.rolls.RentRollOn(ctx, tx, p.PropertyID, last)
		open := errors.Is(err, financials.ErrRentRollNotFound)
		switch {
		case err != nil && !open:
			return err
		case was == 0 && !open && there.Basis == properties.BasisLeases:
			there.Unchanged, out = true, there
			return nil
		case was == 0 && !open:
			return ErrMonthClosed
		case was > 0 && open:
			return ErrMonthOpen
		case was > 0 && there.Version != was:
			return financials.ErrStale
		}
		roll, err := s.rollOf(ctx, tx, RentRollParams{PropertyID: p.PropertyID, Day: last})
		if err != nil {
			return err
		}
		if roll.Basis != properties.BasisLeases {
			return ErrNoLeases
		}
		out, err = s.rolls.StoreRentRoll(ctx, tx, financials.StoreRentRollParams{PropertyID: p.PropertyID, AsOf: last, Basis: properties.BasisLeases, Version: was + 1, Entries: roll.entries()})
		if err != nil {
			return err
		}
		return s.hooks.Emit(ctx, tx, s.now(), store.Event(aggregateProperty, p.PropertyID, MonthClosed{p.Month.StartOfMonth(), out.Version, len(out.Entries), p.ActorID}))
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// entries is the roll as it is frozen.
func (r *RentRoll) entries() []financials.RentRollEntry {
	out := make([]financials.RentRollEntry, len(r.Units))
	for i := range r.Units {
		u := &r.Units[i]
		balance, billed, collected := u.Balance, u.Billed, max0(u.Collected)
		e := financials.RentRollEntry{UnitID: u.UnitID, OccupancyStatus: u.Status, MarketRent: u.MarketRent, Sqft: u.Sqft}
		if u.LeaseID != nil || !billed.IsZero() || !collected.IsZero() { // or somebody has left in the month
			e.Billed, e.Collected = &billed, &collected
		}
		if u.LeaseID != nil {
			e.LeaseStart, e.LeaseEnd, e.MonthlyRent = u.StartsOn, u.EndsOn, u.Rent
			e.SecurityDeposit, e.CurrentBalance, e.DaysDelinquent = u.DepositHeld, &balance, u.DaysDelinquent
			if u.TenantName != nil { // as wide as the column
				name := []rune(*u.TenantName)
				text := string(name[:min(len(name), 255)])
				e.TenantName = &text
			}
		}
		out[i] = e
	}
	return out
}
