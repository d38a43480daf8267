package leases

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// The conditions of commercial terms.
var (
	// ErrNoIndex: the lease agrees no index.
	ErrNoIndex = fault.New(fault.Illegal, "lease_without_index", "the lease agrees no index")
	// ErrNoRecovery: the lease agrees no recovery of this pool.
	ErrNoRecovery = fault.New(fault.Illegal, "lease_without_recovery", "the lease agrees no recovery of this pool").On("pool")
	// ErrNoPercentage: the lease agrees no percentage rent.
	ErrNoPercentage = fault.New(fault.Illegal, "lease_without_percentage", "the lease agrees no percentage rent")
	// ErrNothingDue: there is nothing to charge or to credit.
	ErrNothingDue = fault.New(fault.Illegal, "lease_nothing_due", "there is nothing to charge or to credit")
)

// StepByIndexParams is a step of a rent that follows an index.
type StepByIndexParams struct {
	LeaseID   id.Of[Lease]
	From      date.Date       // of the new rent
	Month     date.Date       // of the index that it follows
	Value     decimal.Decimal // of the index in that month
	BaseValue decimal.Decimal // in the base month
	ActorID   id.Of[auth.User]
}

// indexStep is how a step came to its amount, as it is stored with the charge.
type indexStep struct {
	Index     string          `json:"index"`
	Month     date.Date       `json:"month"`
	Value     decimal.Decimal `json:"value"`
	BaseMonth date.Date       `json:"base_month"`
	BaseValue decimal.Decimal `json:"base_value"`
	BaseRent  money.Amount    `json:"base_rent"`
	Before    money.Amount    `json:"before"`
}

// StepByIndex sets the rent of a lease from a day on by its index, within the floor and
// the cap. It locks the property and the unit. It returns [ErrNoIndex], [ErrTermDates]
// where no rent is charged on the day before, [ErrLeaseNotFound] or the field errors.
func (s *Leases) StepByIndex(ctx context.Context, db bun.IDB, p StepByIndexParams) (*Agreement, error) {
	var f check.Fields
	f.Given("lease_id", p.LeaseID)
	f.GivenWithin("from", p.From, s.days())
	f.Given("month", p.Month)
	f.Given("actor_id", p.ActorID)
	f.Number("value", &p.Value, 10, 0, 1_000_000_000)
	f.Number("base_value", &p.BaseValue, 10, 0, 1_000_000_000)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return s.amend(ctx, db, VerbStepByIndex, p.LeaseID, p.ActorID, func(a *amendment) error {
		var x *Index
		for i := range a.terms {
			if !a.terms[i].StartsOn.After(p.From) {
				x = a.terms[i].Conditions.Index
			}
		}
		if x == nil {
			return ErrNoIndex
		}
		said := Agreement{Charges: a.charges}
		step := indexStep{x.Name, p.Month, p.Value, x.BaseMonth, p.BaseValue, x.BaseRent, said.RentOn(p.From.AddDays(-1))}
		if step.Before.IsZero() { // the floor and the cap would have nothing to measure from
			return ErrTermDates.On("from")
		}
		rent, err := x.Step(p.Value, p.BaseValue, step.Before)
		if err != nil {
			return err
		}
		source, err := json.Marshal(step)
		if err != nil {
			return err
		}
		c := ChargeParams{Kind: ChargeRent, Amount: rent, From: p.From}
		for i := range a.charges { // a step that is agreed for later stays
			if next := &a.charges[i]; next.Kind == ChargeRent && !next.Once && next.StartsOn.After(p.From) {
				c.To = next.StartsOn.AddDays(-1).Ptr()
				break
			}
		}
		if a.charge(c, source) {
			a.tell(LeaseCharged{ChargeRent, rent, p.From, false})
		}
		return nil
	})
}

// PoolCosts is what one pool of a lease came to in a year.
type PoolCosts struct {
	Pool  string
	Costs PoolYear
}

// ReconcileRecoveryParams is a year of the costs that a tenant bears a share of.
type ReconcileRecoveryParams struct {
	IdempotencyKey string
	LeaseID        id.Of[Lease]
	Year           int
	Pools          []PoolCosts // each pool of the lease, once
	DueOn          date.Date   // of the difference
	ActorID        id.Of[auth.User]
}

// ReconcileRecovery settles a year of recovered costs: what the tenant bears of all pools
// by the lease, less what was billed as recovery for the year's months, is charged, or
// credited. A tenant who was there for a part of the year bears that part, by days of the
// year of which the first and the last count: who has moved out on 30 June bears 181 of 365.
// Terms that agree it otherwise, such as a renewal with another base year, each have their
// days ([Recovery.Due] has an example). The pools are those of all terms of the year, and
// their costs are the whole year's. It locks the lease. It returns [ErrNoRecovery] for pools that are not those
// of the lease, [ErrNothingDue] where the estimates were exact, [ErrLeaseNotFound] or
// the field errors. The same key and request again return the first entry.
func (s *Accounts) ReconcileRecovery(ctx context.Context, db bun.IDB, p ReconcileRecoveryParams) (*Entry, error) {
	first, err := s.yearFields(p.LeaseID, p.Year, p.DueOn, p.ActorID)
	if err != nil {
		return nil, err
	}
	return s.money(ctx, db, VerbReconcileRecovery, p, p.LeaseID, p.ActorID, func(tx bun.IDB, l *Lease) (made, error) {
		a, err := agreementOf(ctx, tx, l, nil)
		if err != nil {
			return made{}, err
		}
		owed, err := recovered(recoveriesOf(a.Terms, first), p.Pools)
		if err != nil {
			return made{}, err
		}
		return s.settleYear(ctx, tx, l, ChargeRecovery, first, owed, p.DueOn)
	})
}

// borne is a recovery as it was agreed for some days of a year.
type borne struct {
	Recovery
	days, year int
}

// recoveriesOf lists what the terms of a lease recover on days of a year; terms that agree
// the same are one.
func recoveriesOf(terms []Term, first date.Date) (out []borne) {
	last := lastOfYear(first)
	for i := range terms {
		days := daysIn(terms[i:i+1], first)
		if days == 0 {
			continue
		}
		for _, r := range terms[i].Conditions.Recoveries {
			n := slices.IndexFunc(out, func(b borne) bool { return b.Recovery.equal(&r) })
			if n < 0 {
				n, out = len(out), append(out, borne{r, 0, last.Sub(first) + 1})
			}
			out[n].days += days
		}
	}
	return out
}

// daysIn counts the days of a year that some terms of a lease, one after the other, are in
// force.
func daysIn(terms []Term, first date.Date) (n int) {
	for i := range terms {
		from, to := maxDay(terms[i].StartsOn, first), lastOfYear(first)
		if end := terms[i].LastDay; end != nil && end.Before(to) {
			to = *end
		}
		n += max(0, to.Sub(from)+1)
	}
	return n
}

// recovered is what a tenant bears of the pools of a year, of which each is named once.
func recovered(list []borne, pools []PoolCosts) (owed money.Amount, err error) {
	costs, used := make(map[string]PoolYear, len(pools)), map[string]bool{}
	for _, p := range pools {
		costs[p.Pool] = p.Costs
	}
	for i := range list {
		b := &list[i]
		year, ok := costs[b.Pool]
		if !ok {
			return owed, ErrNoRecovery
		}
		used[b.Pool], year.Days, year.YearDays = true, b.days, b.year
		due, err := b.Due(year)
		if err != nil {
			return owed, err
		}
		if owed, err = owed.Add(due.Due); err != nil {
			return owed, err
		}
	}
	if len(used) == 0 || len(used) != len(pools) {
		return owed, ErrNoRecovery
	}
	return owed, nil
}

// ChargePercentageRentParams is a year of a tenant's sales.
type ChargePercentageRentParams struct {
	IdempotencyKey string
	LeaseID        id.Of[Lease]
	Year           int
	Sales          money.Amount
	DueOn          date.Date
	ActorID        id.Of[auth.User]
}

// ChargePercentageRent charges the rent on a year's sales above the breakpoint, less what
// was charged as percentage rent for the year's months. The natural breakpoint takes
// the base rent as it is scheduled for the twelve months; a stated one counts in proportion to
// the days of the year on which the lease was in force. It locks the lease. It returns
// [ErrNoPercentage], [ErrNothingDue], [ErrLeaseNotFound] or the field errors. The same
// key and request again return the first entry.
func (s *Accounts) ChargePercentageRent(ctx context.Context, db bun.IDB, p ChargePercentageRentParams) (*Entry, error) {
	first, err := s.yearFields(p.LeaseID, p.Year, p.DueOn, p.ActorID)
	if err == nil && p.Sales.Sign() < 0 {
		err = fault.New(fault.Invalid, check.OutOfRange, "the amount is negative").On("sales")
	}
	if err != nil {
		return nil, err
	}
	return s.money(ctx, db, VerbChargePercentageRent, p, p.LeaseID, p.ActorID, func(tx bun.IDB, l *Lease) (made, error) {
		cond, err := conditionsOn(ctx, tx, l.ID, lastOfYear(first))
		if err != nil || cond == nil || cond.Percentage == nil {
			return made{}, cmp.Or(err, error(ErrNoPercentage))
		}
		a, err := agreementOf(ctx, tx, l, nil)
		if err != nil {
			return made{}, err
		}
		var rent money.Amount
		for m := range 12 {
			list, err := monthOf(a.Terms, a.Charges, first.AddMonths(m))
			if err != nil {
				return made{}, err
			}
			for _, d := range list {
				if d.kind == ChargeRent {
					if rent, err = rent.Add(d.amount); err != nil {
						return made{}, err
					}
				}
			}
		}
		owed, err := cond.Percentage.Owed(SalesYear{p.Sales, rent, daysIn(a.Terms, first), lastOfYear(first).Sub(first) + 1})
		if err != nil {
			return made{}, err
		}
		return s.settleYear(ctx, tx, l, ChargePercentageRent, first, owed, p.DueOn)
	})
}

// yearFields checks a year to settle and returns its first day.
func (s *Accounts) yearFields(lease id.Of[Lease], year int, due date.Date, actor id.Of[auth.User]) (date.Date, error) {
	var f check.Fields
	f.Given("lease_id", lease)
	f.Given("actor_id", actor)
	f.GivenWithin("due_on", due, s.days())
	f.Integer("year", &year, 1900, 9998)
	if err := f.Err(); err != nil {
		return date.Date{}, err
	}
	return date.New(year, 1, 1)
}

// billed is what was charged of a kind for the months of a year, and settled for it, less
// what was reversed: a settlement is for the last day of its year.
func billed(ctx context.Context, tx bun.IDB, l *Lease, kind ChargeKind, first date.Date) (money.Amount, error) {
	rows, err := scan[struct {
		Amount money.Amount `bun:"amount"`
	}](ctx, tx, `SELECT COALESCE(sum(`+billedSQL+`), 0) AS amount FROM financials.lease_entries n LEFT JOIN financials.lease_entries o ON o.id = n.of_id
		WHERE n.lease_id = ? AND n.charge_kind = ? AND n.period BETWEEN ? AND ?`, l.ID, kind, first, lastOfYear(first))
	if err != nil {
		return money.Amount{}, err
	}
	return rows[0].Amount, nil
}

func lastOfYear(first date.Date) date.Date { return first.AddMonths(12).AddDays(-1) }

// settleYear makes the entry that brings what was billed for a year to what is owed.
func (s *Accounts) settleYear(ctx context.Context, tx bun.IDB, l *Lease, kind ChargeKind, first date.Date, owed money.Amount, on date.Date) (made, error) {
	billed, err := billed(ctx, tx, l, kind, first)
	if err != nil {
		return made{}, err
	}
	more, err := owed.Sub(billed)
	if err == nil && more.IsZero() {
		err = ErrNothingDue
	}
	if err != nil {
		return made{}, err
	}
	e := s.charged(l, EntryCharge, kind, more.Abs(), on, "")
	if more.Sign() < 0 {
		e.Kind = EntryCredit
	}
	e.Period = lastOfYear(first).Ptr()
	return made{entry: e}, nil
}
