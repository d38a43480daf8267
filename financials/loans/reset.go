package loans

import (
	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/money"
)

// ErrResets: resets are not in the order of their days, or a rate is out of range.
var ErrResets = fault.New(fault.Invalid, "loan_resets_invalid", "resets come in the order of their days, with rates from 0 to 10")

// Reset is the rate that a loan has from a day on.
type Reset struct {
	From       date.Date       `json:"from"`
	AnnualRate decimal.Decimal `json:"annual_rate"` // a fraction
}

// NewScheduleWith is [NewSchedule] of a loan whose rate is reset. A rate counts for the
// interest from the first due date (or the start) that is not before its day. The level
// payment is fixed anew from what is owed then over the months of amortization that are
// left, unless the terms state the payment. It returns [ErrResets] and what NewSchedule
// returns.
func NewScheduleWith(t Terms, resets []Reset) (Schedule, error) {
	if err := t.Validate(); err != nil {
		return Schedule{}, err
	}
	for i, x := range resets {
		if _, err := parseRate(x.AnnualRate); err != nil || x.From.IsZero() || i > 0 && !x.From.After(resets[i-1].From) {
			return Schedule{}, ErrResets
		}
	}
	return t.schedule(resets)
}

// reset applies the resets that count for the interest from a day on, and returns the
// level payment and the resets that are left.
func (t *Terms) reset(row int, from date.Date, balance, level money.Amount, resets []Reset) (money.Amount, []Reset, error) {
	old := t.AnnualRate
	for len(resets) > 0 && !resets[0].From.After(from) {
		t.AnnualRate, resets = resets[0].AnnualRate, resets[1:]
	}
	if t.AnnualRate.Equal(old) || t.Payment != nil {
		return level, resets, nil
	}
	left := *t
	left.Principal = balance
	if paid := row - 1 - t.InterestOnlyMonths; paid > 0 {
		left.AmortizationMonths -= paid
	}
	level, err := left.level()
	return level, resets, err
}
