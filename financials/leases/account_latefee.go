package leases

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// longestAssessment is how many days one call assesses.
const longestAssessment = 92

// ErrAssessment: the days to assess are too many.
var ErrAssessment = fault.New(fault.Invalid, fault.CodeTooFar, "at most 92 days are assessed at once").On("through")

// AssessLateFeesParams is the days whose late fees are assessed.
type AssessLateFeesParams struct {
	PropertyID id.Of[properties.Property]
	From       date.Date
	Through    date.Date // not in the future
	ActorID    id.Of[auth.User]
}

// LateFees is what an assessment came to.
type LateFees struct {
	Fees   int          `json:"fees"`
	Amount money.Amount `json:"amount"`
}

// LateFeesAssessed says that late rent was charged fees.
type LateFeesAssessed struct {
	From    date.Date        `json:"from"`
	Through date.Date        `json:"through"`
	Fees    int              `json:"fees"`
	Amount  money.Amount     `json:"amount"`
	ActorID id.Of[auth.User] `json:"actor_id"`
}

// EventType names the event.
func (LateFeesAssessed) EventType() (string, int) { return "leases.late_fees_assessed", 1 }

// AssessLateFees charges the late fees that the leases of a property agree, dated from
// one day through another. Rent is late when it is unpaid at the end of its due date
// and the grace days; the fee is dated the next day. A fee a day goes on until the rent
// is paid or the cap is reached. A period has its fee once, and fees bear none. A fee
// that was reversed is not charged again, and assessing again charges nothing. Days are
// assessed one after the other, each with the fees of those before it: money goes to an
// older fee first, and the rent of the next month may be late for it. So it is the same
// whether days are assessed at once or one by one.
//
// It locks the property. It returns [ErrAssessment], properties.ErrPropertyNotFound,
// ledger.ErrPeriodClosed or the field errors.
func (s *Accounts) AssessLateFees(ctx context.Context, db bun.IDB, p AssessLateFeesParams) (*LateFees, error) {
	var f check.Fields
	f.Given("property_id", p.PropertyID)
	f.Given("from", p.From)
	f.GivenHappened("through", p.Through, s.days())
	f.Given("actor_id", p.ActorID)
	f.Check(!p.Through.Before(p.From), "through", check.Inverted, "the last day is before the first")
	if p.Through.Sub(p.From) >= longestAssessment {
		f.AddErr("", ErrAssessment)
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	out := &LateFees{}
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		if _, err := s.properties.LockProperty(ctx, tx, p.PropertyID); err != nil {
			return err
		}
		if err := s.acts(ctx, tx, VerbAssessLateFees, p.ActorID, matter{property: p.PropertyID}); err != nil {
			return err
		}
		list, err := lateRents(ctx, tx, p)
		if err != nil || len(list) == 0 {
			return err
		}
		var in *chart
		for day := p.From; !day.After(p.Through); day = day.AddDays(1) {
			fees, err := s.feesOf(ctx, tx, p.PropertyID, list, day)
			if err != nil {
				return err
			}
			if len(fees) == 0 {
				continue
			}
			for i := range fees {
				if out.Amount, err = out.Amount.Add(fees[i].Amount); err != nil {
					return err
				}
			}
			out.Fees += len(fees)
			if in == nil {
				if in, err = s.chartOfProperty(ctx, tx, p.PropertyID); err != nil {
					return err
				}
			}
			if err := s.postDaysIn(ctx, tx, in, p.PropertyID, p.ActorID, "Late fees of "+day.String(), fees); err != nil {
				return err
			}
		}
		if out.Fees == 0 {
			return nil
		}
		return s.hooks.Emit(ctx, tx, s.now(), store.Event(aggregateProperty, p.PropertyID, LateFeesAssessed{p.From, p.Through, out.Fees, out.Amount, p.ActorID}))
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// lateRent is the rent of a period that may be late.
type lateRent struct {
	ChargeID   id.Of[Entry] `bun:"charge_id"` // the first of the period
	LeaseID    id.Of[Lease] `bun:"lease_id"`
	DueOn      date.Date    `bun:"due_on"`
	Conditions Conditions   `bun:"conditions,type:jsonb"`
	Charged    money.Amount `bun:"charged"`    // fees so far
	Days       []string     `bun:"days,array"` // those that have a fee
}

// lateRents reads the rents of leases with a late fee whose fees may fall into the days
// of p.
func lateRents(ctx context.Context, tx bun.IDB, p AssessLateFeesParams) ([]lateRent, error) {
	return scan[lateRent](ctx, tx, `SELECT r.charge_id, r.lease_id, r.due_on, t.conditions, COALESCE(f.charged, 0) AS charged, COALESCE(f.days, '{}') AS days
		FROM (SELECT (array_agg(id ORDER BY id))[1] AS charge_id, lease_id, effective_on AS due_on, array_agg(id) AS ids FROM financials.lease_entries
			WHERE property_id = ?0 AND kind = 'charge' AND charge_kind = 'rent' AND effective_on < ?1 GROUP BY lease_id, effective_on) r
		JOIN financials.lease_terms t ON t.lease_id = r.lease_id AND t.superseded_at IS NULL AND t.starts_on <= r.due_on AND (t.last_day IS NULL OR t.last_day >= r.due_on)
			AND t.conditions -> 'late_fee' IS NOT NULL
		CROSS JOIN LATERAL (SELECT sum(e.amount) AS charged, array_agg(e.effective_on::text) AS days FROM financials.lease_entries e
			WHERE e.lease_id = r.lease_id AND e.of_id = ANY (r.ids) AND e.kind = 'charge' AND e.charge_kind = 'late_fee') f
		WHERE CASE WHEN t.conditions #> '{late_fee,per_day}' IS NULL
			THEN r.due_on + COALESCE((t.conditions ->> 'grace_days')::int, `+itoa(DefaultGrace)+`) + 1 BETWEEN ?2 AND ?1 AND f.charged IS NULL
			ELSE r.due_on > ?2::date - 400 END
		ORDER BY r.lease_id, r.due_on`, p.PropertyID, p.Through, p.From)
}

// feesOf makes the fees that are dated a day.
func (s *Accounts) feesOf(ctx context.Context, tx bun.IDB, property id.Of[properties.Property], list []lateRent, day date.Date) ([]Entry, error) {
	var unpaid map[dueKey]money.Amount
	var out []Entry
	for i := range list {
		r := &list[i]
		first, fee := r.DueOn.AddDays(r.Conditions.grace()+1), r.Conditions.LateFee
		if fee.PerDay == nil && day != first || day.Before(first) || slices.Contains(r.Days, day.String()) {
			continue
		}
		if unpaid == nil {
			open, err := openCharges(ctx, tx, ofProperty, property, day.AddDays(-1), nil)
			if err != nil {
				return nil, err
			}
			unpaid = make(map[dueKey]money.Amount, len(open))
			for _, c := range open {
				k := dueKey{c.LeaseID, c.Kind, c.DueOn}
				if unpaid[k], err = unpaid[k].Add(c.Unpaid); err != nil {
					return nil, err
				}
			}
		}
		amount, err := r.fee(unpaid[dueKey{r.LeaseID, ChargeRent, r.DueOn}])
		if err != nil {
			return nil, err
		}
		if amount.Sign() <= 0 {
			continue
		}
		e := s.charged(&Lease{ID: r.LeaseID, PropertyID: property}, EntryCharge, ChargeLateFee, amount, day, "")
		e.OfID = &r.ChargeID
		if r.Charged, err = r.Charged.Add(amount); err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

// fee is what so much unpaid rent costs on one day.
func (r *lateRent) fee(unpaid money.Amount) (money.Amount, error) {
	if unpaid.Sign() <= 0 {
		return money.Amount{}, nil
	}
	f := r.Conditions.LateFee
	var amount money.Amount
	if f.PerDay != nil {
		amount = *f.PerDay
	}
	if f.Flat != nil {
		amount = *f.Flat
	}
	if f.Rate != nil {
		part, err := unpaid.MulRate(*f.Rate)
		if err != nil {
			return money.Amount{}, err
		}
		if amount, err = amount.Add(part); err != nil {
			return money.Amount{}, err
		}
	}
	if f.Cap != nil {
		left, err := f.Cap.Sub(r.Charged)
		if err != nil {
			return money.Amount{}, err
		}
		amount = money.Min(amount, left)
	}
	return amount, nil
}
