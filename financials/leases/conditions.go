package leases

import (
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

// Proration says what a part of a month costs. The first and the last day both count.
type Proration string

// The prorations.
const (
	// ProrateActual: days over the days of that month. The default.
	ProrateActual Proration = "actual"
	// ProrateThirty: days over 30.
	ProrateThirty Proration = "thirty"
	// ProrateAnnual: twelve months over 365 a day.
	ProrateAnnual Proration = "annual"
	// ProrateFull: the full month.
	ProrateFull Proration = "full"
)

// Valid reports whether p is one of the prorations.
func (p Proration) Valid() bool {
	switch p {
	case ProrateActual, ProrateThirty, ProrateAnnual, ProrateFull:
		return true
	}
	return false
}

// Prorate is what the days from first to last, of one month, cost of a month's amount:
// all of it where they are the whole month. It is rounded to the nearest cent, ties away
// from zero.
func Prorate(p Proration, amount money.Amount, first, last date.Date) (money.Amount, error) {
	days, month := int64(last.Sub(first)+1), int64(date.DaysIn(first.Year(), first.Month()))
	if days >= month || p == ProrateFull {
		return amount, nil
	}
	switch p {
	case ProrateThirty:
		return part(amount, days, 30)
	case ProrateAnnual:
		return part(amount, 12*days, 365)
	}
	return part(amount, days, month)
}

// part is amount·num/den, ties away from zero: at 30 decimals nothing else looks like a tie.
func part(amount money.Amount, num, den int64) (money.Amount, error) {
	return money.Round(amount.Decimal().Mul(decimal.NewFromInt(num)).DivRound(decimal.NewFromInt(den), 30))
}

// LateFee says what late rent costs: Flat and Rate once a period, or PerDay a day up
// to Cap.
type LateFee struct {
	Flat   *money.Amount    `json:"flat,omitempty"`
	Rate   *decimal.Decimal `json:"rate,omitempty"` // a fraction of the period's unpaid rent
	PerDay *money.Amount    `json:"per_day,omitempty"`
	Cap    *money.Amount    `json:"cap,omitempty"` // of all days of a period
}

// Index says to which series of prices a rent follows, and how far.
type Index struct {
	Name      string           `json:"name"` // such as "CPI-U"
	BaseMonth date.Date        `json:"base_month"`
	BaseRent  money.Amount     `json:"base_rent"`
	Floor     *decimal.Decimal `json:"floor,omitempty"` // least change, a fraction of the rent before
	Cap       *decimal.Decimal `json:"cap,omitempty"`   // largest change, a fraction of the rent before
}

// PercentageRent is rent on a tenant's sales.
type PercentageRent struct {
	Rate decimal.Decimal `json:"rate"` // a fraction of the sales above the breakpoint
	// Breakpoint is a whole year's, of which a part of a year has its part by days; nil is the
	// natural one, the base rent of the year over Rate.
	Breakpoint *money.Amount `json:"breakpoint,omitempty"`
}

// Conditions are how a lease is billed, and its commercial terms. They stand in each
// term of the lease.
type Conditions struct {
	DueDay      int             `json:"due_day,omitempty"`   // 1 to 31, moved to the month's end; 0 is 1
	Proration   Proration       `json:"proration,omitempty"` // "" is actual
	GraceDays   *int            `json:"grace_days,omitempty"`
	LateFee     *LateFee        `json:"late_fee,omitempty"`     // nil is none
	ReturnedFee *money.Amount   `json:"returned_fee,omitempty"` // for a returned payment
	Deposit     *money.Amount   `json:"deposit,omitempty"`      // what was agreed
	Index       *Index          `json:"index,omitempty"`
	Recoveries  []Recovery      `json:"recoveries,omitempty"`
	Percentage  *PercentageRent `json:"percentage_rent,omitempty"`
}

// DefaultGrace is how many days after the due day rent is still in time.
const DefaultGrace = 5

func (c *Conditions) dueDay() int { return max(c.DueDay, 1) }

func (c *Conditions) grace() int {
	if c.GraceDays == nil {
		return DefaultGrace
	}
	return *c.GraceDays
}

func (c *Conditions) proration() Proration {
	if c.Proration == "" {
		return ProrateActual
	}
	return c.Proration
}

func (c *Conditions) validate() error {
	var f check.Fields
	f.Integer("due_day", &c.DueDay, 0, 31)
	if c.Proration != "" {
		check.One(&f, "proration", c.Proration)
	}
	f.Integer("grace_days", c.GraceDays, 0, 365)
	f.Amount("returned_fee", c.ReturnedFee)
	f.Amount("deposit", c.Deposit)
	if l := c.LateFee; l != nil {
		f.Amount("late_fee.flat", l.Flat)
		f.Amount("late_fee.per_day", l.PerDay)
		f.Amount("late_fee.cap", l.Cap)
		f.RateTo("late_fee.rate", l.Rate, 10)
		f.Check((l.PerDay != nil) != (l.Flat != nil || l.Rate != nil), "late_fee", check.NotAllowed, "an amount once a period, or one a day")
	}
	if x := c.Index; x != nil {
		f.Required("index.name", x.Name, 50)
		f.Given("index.base_month", x.BaseMonth)
		f.Above("index.base_rent", x.BaseRent)
		f.Number("index.floor", x.Floor, 10, -1, 100)
		f.Number("index.cap", x.Cap, 10, -1, 100)
	}
	if p := c.Percentage; p != nil {
		f.Part("percentage_rent.rate", &p.Rate, 10)
		f.Amount("percentage_rent.breakpoint", p.Breakpoint)
	}
	seen := map[string]bool{}
	for i := range c.Recoveries {
		r, at := &c.Recoveries[i], fmt.Sprintf("recoveries[%d]", i)
		f.AddErr(at, r.validate())
		f.Check(!seen[r.Pool], at+".pool", check.Duplicate, "each pool once")
		seen[r.Pool] = true
	}
	return f.Err()
}
