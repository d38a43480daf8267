package leases

import (
	"bytes"
	"encoding/json"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/money"
)

// ErrNoArea: the share of a recovery has no denominator.
var ErrNoArea = fault.New(fault.Invalid, "recovery_without_area", "the share of a recovery needs an area to divide by").On("denominator")

// Cap limits how far controllable costs may rise.
type Cap struct {
	Rate decimal.Decimal `json:"rate"` // a year's, a fraction
	// Cumulative caps measure from the base year, others from the year before.
	Cumulative bool `json:"cumulative,omitempty"`
	// Compounded ones rise on what they rose to: base·(1+rate)^years; others by
	// base·(1+rate·years).
	Compounded bool `json:"compounded,omitempty"`
}

// Recovery is a pool of costs of which a tenant bears a share.
type Recovery struct {
	Pool string `json:"pool"` // such as "cam" or "taxes"
	Area int64  `json:"area"` // of the tenant, square feet
	// Denominator is the leasable area; with OccupiedOnly the occupied one is taken, at
	// least Minimum of the leasable.
	Denominator  int64            `json:"denominator"`
	OccupiedOnly bool             `json:"occupied_only,omitempty"`
	Minimum      *decimal.Decimal `json:"minimum,omitempty"`
	// GrossUp brings the variable part of the pool to the minimum occupancy.
	GrossUp  bool          `json:"gross_up,omitempty"`
	BaseYear *money.Amount `json:"base_year,omitempty"` // the pool of the base year; nil: net of none
	Cap      *Cap          `json:"cap,omitempty"`
}

func (r *Recovery) validate() error {
	var f check.Fields
	f.Required("pool", r.Pool, 50)
	f.Check(r.Area >= 0 && r.Area <= maxArea, "area", check.OutOfRange, "an area in square feet")
	f.Check(r.Denominator > 0 && r.Denominator <= maxArea, "denominator", check.OutOfRange, "an area in square feet, above zero")
	f.RateTo("minimum", r.Minimum, 10)
	f.Amount("base_year", r.BaseYear)
	if r.Cap != nil {
		f.RateTo("cap.rate", &r.Cap.Rate, 10)
	}
	return f.Err()
}

// equal reports whether two leases, or terms of one, agree the same.
func (r *Recovery) equal(o *Recovery) bool {
	a, errA := json.Marshal(r)
	b, errB := json.Marshal(o)
	return errA == nil && errB == nil && bytes.Equal(a, b)
}

const maxArea = 1_000_000_000

// PoolYear is what a pool of costs came to in a year.
type PoolYear struct {
	Fixed    money.Amount `json:"fixed"`    // costs that do not follow the occupancy
	Variable money.Amount `json:"variable"` // those that do
	// Controllable is the part of both that a cap limits.
	Controllable money.Amount `json:"controllable"`
	OccupiedArea int64        `json:"occupied_area"` // square feet, on the average of the year; 0 is the leasable area
	// What a cap is measured from: the controllable costs of the base year and the years
	// since, or those of the year before, as they were recovered.
	BaseControllable  money.Amount `json:"base_controllable"`
	YearsSinceBase    int          `json:"years_since_base"`
	PriorControllable money.Amount `json:"prior_controllable"`
	// Days of YearDays is how long the tenant bore the costs; both 0 is the whole year.
	// [Accounts.ReconcileRecovery] counts them out of the lease.
	Days     int `json:"days,omitempty"`
	YearDays int `json:"year_days,omitempty"`
}

// RecoveryDue is what a tenant bears of a pool in a year, and how it came about.
type RecoveryDue struct {
	Pool         money.Amount    `json:"pool"`          // grossed up and capped
	GrossedUp    money.Amount    `json:"grossed_up"`    // what the gross-up added
	CapReduction money.Amount    `json:"cap_reduction"` // what the cap took off
	BaseYear     money.Amount    `json:"base_year"`     // what the base year takes off
	Share        decimal.Decimal `json:"share"`         // a fraction, 16 decimals
	Due          money.Amount    `json:"due"`
}

// Due computes what a tenant bears of a pool: max(0, pool - base year) times the share,
// times the part of the year, rounded once. The variable part is grossed up to the minimum
// occupancy first, then the controllable part is capped; pool, base year and cap are a
// year's, however long the tenant was there. It returns [ErrNoArea], field errors or
// money.ErrOutOfRange.
//
// A pool of 60,000.00 over a base year of 50,000.00, of which a tenant with 1,200 of 10,000
// square feet was there until 30 June: 10,000 * 0.12 * 181/365 = 595.07, and not 1,200.00.
func (r *Recovery) Due(y PoolYear) (RecoveryDue, error) {
	if err := r.validate(); err != nil {
		return RecoveryDue{}, err
	}
	var f check.Fields
	f.NotNegative("fixed", y.Fixed)
	f.NotNegative("variable", y.Variable)
	f.NotNegative("controllable", y.Controllable)
	f.Check(y.OccupiedArea >= 0 && y.OccupiedArea <= maxArea, "occupied_area", check.OutOfRange, "an area in square feet")
	f.Check(y.YearsSinceBase >= 0 && y.YearsSinceBase <= 100, "years_since_base", check.OutOfRange, "a number of years from 0 to 100")
	checkPart(&f, y.Days, y.YearDays)
	if err := f.Err(); err != nil {
		return RecoveryDue{}, err
	}
	leasable := decimal.NewFromInt(r.Denominator)
	occupied := leasable
	if y.OccupiedArea > 0 {
		occupied = decimal.NewFromInt(y.OccupiedArea)
	}
	least := decimal.Zero
	if r.Minimum != nil {
		least = leasable.Mul(*r.Minimum)
	}
	var out RecoveryDue
	variable := y.Variable
	if r.GrossUp && occupied.Sign() > 0 && occupied.LessThan(least) {
		grossed, err := money.Round(y.Variable.Decimal().Mul(least).DivRound(occupied, 30))
		if err != nil {
			return RecoveryDue{}, err
		}
		variable = grossed
		if out.GrossedUp, err = grossed.Sub(y.Variable); err != nil {
			return RecoveryDue{}, err
		}
	}
	var err error
	if out.Pool, err = y.Fixed.Add(variable); err != nil {
		return RecoveryDue{}, err
	}
	if out.CapReduction, err = r.capped(y); err != nil {
		return RecoveryDue{}, err
	}
	if out.Pool, err = out.Pool.Sub(out.CapReduction); err != nil {
		return RecoveryDue{}, err
	}
	if r.BaseYear != nil {
		out.BaseYear = *r.BaseYear
	}
	over, err := out.Pool.Sub(out.BaseYear)
	if err != nil {
		return RecoveryDue{}, err
	}
	over = money.Max(over, money.Amount{})
	divisor := leasable
	if r.OccupiedOnly {
		divisor = decimal.Max(occupied, least)
	}
	if divisor.Sign() <= 0 {
		return RecoveryDue{}, ErrNoArea
	}
	area := decimal.NewFromInt(r.Area)
	out.Share = area.DivRound(divisor, 16)
	part := over.Decimal().Mul(area)
	if y.YearDays > 0 {
		part, divisor = part.Mul(decimal.NewFromInt(int64(y.Days))), divisor.Mul(decimal.NewFromInt(int64(y.YearDays)))
	}
	out.Due, err = money.Round(part.DivRound(divisor, 30))
	return out, err
}

// checkPart checks a part of a year by days.
func checkPart(f *check.Fields, days, year int) {
	f.Check(year >= 0 && year <= 366, "year_days", check.OutOfRange, "the days of a year")
	f.Check(days >= 0 && days <= year, "days", check.OutOfRange, "at most the days of the year")
}

// capped is what the cap takes off the controllable costs.
func (r *Recovery) capped(y PoolYear) (money.Amount, error) {
	if r.Cap == nil {
		return money.Amount{}, nil
	}
	one := decimal.NewFromInt(1)
	limit := y.PriorControllable.Decimal().Mul(one.Add(r.Cap.Rate))
	if r.Cap.Cumulative {
		factor := one.Add(r.Cap.Rate.Mul(decimal.NewFromInt(int64(y.YearsSinceBase))))
		if r.Cap.Compounded {
			factor = one
			for range y.YearsSinceBase {
				factor = factor.Mul(one.Add(r.Cap.Rate))
			}
		}
		limit = y.BaseControllable.Decimal().Mul(factor)
	}
	most, err := money.Round(limit)
	if err != nil {
		return money.Amount{}, err
	}
	over, err := y.Controllable.Sub(most)
	return money.Max(over, money.Amount{}), err
}

// SalesYear is what a tenant sold in a year, and what rent was agreed for it.
type SalesYear struct {
	Sales money.Amount `json:"sales"`
	Rent  money.Amount `json:"rent"` // base rent as it is scheduled for the year
	// Days of YearDays is how long the lease ran; both 0 is the whole year, and of a year in
	// which it did not run at all nothing is owed.
	// [Accounts.ChargePercentageRent] counts them out of the lease.
	Days     int `json:"days,omitempty"`
	YearDays int `json:"year_days,omitempty"`
}

// Owed is percentage rent: the rate of the sales above the breakpoint, rounded once. The
// natural breakpoint is the base rent over the rate; a stated one is a whole year's, of which
// a part of a year has its part by days. It returns field errors for a rate that is no
// fraction, negative amounts, and days that are not within the year.
func (p *PercentageRent) Owed(y SalesYear) (money.Amount, error) {
	var f check.Fields
	f.Check(p.Rate.Sign() > 0 && check.Exact(p.Rate, 10) && !p.Rate.GreaterThan(decimal.NewFromInt(1)), "rate", check.OutOfRange, "a fraction is above 0 and at most 1")
	f.NotNegative("sales", y.Sales)
	f.NotNegative("rent", y.Rent)
	checkPart(&f, y.Days, y.YearDays)
	if err := f.Err(); err != nil {
		return money.Amount{}, err
	}
	if y.YearDays > 0 && y.Days == 0 {
		return money.Amount{}, nil // of no year there is no breakpoint to pass
	}
	// rate·(sales - rent/rate) = rate·sales - rent, exactly
	due := p.Rate.Mul(y.Sales.Decimal()).Sub(y.Rent.Decimal())
	if p.Breakpoint != nil {
		from, days := p.Breakpoint.Decimal(), decimal.NewFromInt(1)
		if y.YearDays > 0 {
			from, days = from.Mul(decimal.NewFromInt(int64(y.Days))), decimal.NewFromInt(int64(y.YearDays))
		}
		due = p.Rate.Mul(y.Sales.Decimal().Mul(days).Sub(from)).DivRound(days, 30)
	}
	if due.Sign() <= 0 {
		return money.Amount{}, nil
	}
	return money.Round(due)
}

// Step is the rent of an index step: the base rent times the index over that of the base
// month, rounded once, at least and at most the floor and the cap let it change from the
// rent before.
func (x *Index) Step(index, base decimal.Decimal, before money.Amount) (money.Amount, error) {
	var f check.Fields
	f.Check(check.Sane(index) && index.Sign() > 0, "index", check.OutOfRange, "an index is above zero")
	f.Check(check.Sane(base) && base.Sign() > 0, "base_index", check.OutOfRange, "an index is above zero")
	if err := f.Err(); err != nil {
		return money.Amount{}, err
	}
	rent, err := money.Round(x.BaseRent.Decimal().Mul(index).DivRound(base, 30))
	if err != nil {
		return money.Amount{}, err
	}
	one := decimal.NewFromInt(1)
	if x.Floor != nil {
		least, err := before.MulRate(one.Add(*x.Floor))
		if err != nil {
			return money.Amount{}, err
		}
		rent = money.Max(rent, least)
	}
	if x.Cap != nil {
		most, err := before.MulRate(one.Add(*x.Cap))
		if err != nil {
			return money.Amount{}, err
		}
		rent = money.Min(rent, most)
	}
	return rent, nil
}
