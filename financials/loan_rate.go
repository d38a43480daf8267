package financials

import (
	"context"
	"strconv"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/loans"
	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// The conditions of rates that follow an index.
var (
	// ErrIndexValueExists: the index has another value of that day.
	ErrIndexValueExists = fault.New(fault.Conflict, "index_value_exists", "the index has another value of that day")
	// ErrIndexValueMissing: no value of the index is known by that day.
	ErrIndexValueMissing = fault.New(fault.NotFound, "index_value_missing", "no value of the index is known by that day")
	// ErrRateFixed: the rate of the loan follows no index.
	ErrRateFixed = fault.New(fault.Illegal, "loan_rate_fixed", "the rate of the loan follows no index").On("loan_id")
	// ErrResetDay: the rate is not reset on that day.
	ErrResetDay = fault.New(fault.Invalid, "loan_reset_day", "the rate is reset a number of reset months after the start").On("on")
	// ErrRateReset: the loan has a rate from that day on.
	ErrRateReset = fault.New(fault.Conflict, "loan_rate_reset", "the loan has a rate from that day on").On("on")
	// ErrLoanFloating: what a floating rate is made of does not fit together.
	ErrLoanFloating = fault.New(fault.Invalid, "loan_floating_inconsistent", "a rate that follows an index has index, margin and reset months, and a floor that is not above its cap").On("rate_index")
)

// IndexValue is what an index of interest rates was on a day, a fraction. It never changes.
type IndexValue struct {
	bun.BaseModel `bun:"table:financials.index_values,alias:fx" json:"-"`

	ID         id.Of[IndexValue] `bun:"id,pk" json:"id"`
	RateIndex  string            `bun:"rate_index" json:"rate_index"`
	ValueDate  date.Date         `bun:"value_date" json:"value_date"`
	Value      decimal.Decimal   `bun:"value" json:"value"`
	RecordedAt time.Time         `bun:"recorded_at" json:"recorded_at"`
}

// LoanRate is the rate of a loan from a day on, with the index value that made it.
type LoanRate struct {
	bun.BaseModel `bun:"table:financials.loan_rates,alias:fr" json:"-"`

	ID          id.Of[LoanRate]  `bun:"id,pk" json:"id"`
	LoanID      id.Of[Loan]      `bun:"loan_id" json:"loan_id"`
	EffectiveOn date.Date        `bun:"effective_on" json:"effective_on"`
	IndexDate   date.Date        `bun:"index_date" json:"index_date"`
	IndexValue  decimal.Decimal  `bun:"index_value" json:"index_value"`
	AnnualRate  decimal.Decimal  `bun:"annual_rate" json:"annual_rate"`
	RecordedBy  id.Of[auth.User] `bun:"recorded_by" json:"recorded_by"`
	RecordedAt  time.Time        `bun:"recorded_at" json:"recorded_at"`
}

var (
	// indexValues is the repository of IndexValue rows.
	indexValues = store.Repo[IndexValue]{NotFound: ErrIndexValueMissing, Constraints: constraints}
	// loanRates is the repository of LoanRate rows.
	loanRates = store.Repo[LoanRate]{NotFound: ErrLoanNotFound, Constraints: constraints}
)

// DatedValue is a value of an index on a day.
type DatedValue struct {
	Date  date.Date
	Value decimal.Decimal // a fraction with at most ten decimals
}

// IndexValuesRecorded says that values of an index are known.
type IndexValuesRecorded struct {
	Index   string           `json:"index"`
	Values  int              `json:"values"` // that were new
	Last    date.Date        `json:"last"`   // the latest day of them
	ActorID id.Of[auth.User] `json:"actor_id"`
}

// EventType names the event.
func (IndexValuesRecorded) EventType() (string, int) { return "financials.index_values_recorded", 1 }

// RecordIndexValuesParams is values of an index as it was published.
type RecordIndexValuesParams struct {
	RateIndex string       // such as "SOFR"; at most 50 characters
	Values    []DatedValue // each day once; at most 10,000
	ActorID   id.Of[auth.User]
}

// RecordIndexValues keeps what an index of interest rates was on some days, and returns how
// many were new: one that is known already changes nothing. It returns
// [ErrIndexValueExists] on a day whose value is another one, or the field errors.
func (s *Loans) RecordIndexValues(ctx context.Context, db bun.IDB, p RecordIndexValuesParams) (int, error) {
	if err := p.validate(s.days()); err != nil {
		return 0, err
	}
	added := 0
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		if err := s.acts(ctx, tx, VerbRecordIndexValues, p.ActorID, id.Of[properties.Property]{}); err != nil {
			return err
		}
		now, last := s.now(), date.Date{}
		for i, v := range p.Values {
			row := &IndexValue{ID: id.New[IndexValue](), RateIndex: p.RateIndex, ValueDate: v.Date, Value: v.Value, RecordedAt: now}
			fresh, err := indexValues.InsertParams(ctx, tx, row, "ON CONFLICT (rate_index, value_date) DO NOTHING")
			if err != nil {
				return err
			}
			if fresh {
				added++
				if v.Date.After(last) {
					last = v.Date
				}
				continue
			}
			known, err := indexValues.OneParams(ctx, tx, "fx.rate_index = $1 AND fx.value_date = $2", p.RateIndex, v.Date.String())
			if err == nil && !known.Value.Equal(v.Value) {
				err = ErrIndexValueExists.On("values[" + strconv.Itoa(i) + "].value")
			}
			if err != nil {
				return err
			}
		}
		if added == 0 {
			return nil
		}
		return s.hooks.Emit(ctx, tx, now, store.Event(aggregateUser, p.ActorID, IndexValuesRecorded{p.RateIndex, added, last, p.ActorID}))
	})
	return added, err
}

func (p *RecordIndexValuesParams) validate(days check.Days) error {
	var f check.Fields
	f.Required("rate_index", p.RateIndex, 50)
	f.Given("actor_id", p.ActorID)
	f.Some("values", len(p.Values))
	f.Check(len(p.Values) <= 10_000, "values", check.TooMany, "at most 10,000 values")
	seen := make(map[date.Date]bool, len(p.Values))
	for i := range p.Values {
		v, at := &p.Values[i], "values["+strconv.Itoa(i)+"]."
		f.GivenHappened(at+"date", v.Date, days)
		f.Check(!seen[v.Date], at+"date", check.Duplicate, "each day once")
		seen[v.Date] = true
		f.Number(at+"value", &v.Value, 10, -1, 1)
	}
	return f.Err()
}

// RateReset says that another rate of a loan takes effect.
type RateReset struct {
	EffectiveOn date.Date        `json:"effective_on"`
	AnnualRate  decimal.Decimal  `json:"annual_rate"`
	IndexValue  decimal.Decimal  `json:"index_value"`
	ActorID     id.Of[auth.User] `json:"actor_id"`
}

// EventType names the event.
func (RateReset) EventType() (string, int) { return "financials.rate_reset", 1 }

// ResetRateParams is the day from which another rate counts.
type ResetRateParams struct {
	LoanID  id.Of[Loan]
	On      date.Date // a number of reset months after the start
	Back    int       // days before On that the index is read; zero is that day
	ActorID id.Of[auth.User]
}

// ResetRate makes the rate that a loan has from a day on: the latest value of its index by
// then and the margin, within floor and cap, and never below zero. Resetting it for the
// same day again returns the first.
//
// It locks the property and the loan. It returns [ErrRateFixed], [ErrResetDay],
// [ErrIndexValueMissing], [ErrLoanEnded], [ErrLoanNotFound] or the field errors.
func (s *Loans) ResetRate(ctx context.Context, db bun.IDB, p ResetRateParams) (*LoanRate, error) {
	var f check.Fields
	f.Given("loan_id", p.LoanID)
	f.GivenWithin("on", p.On, s.days())
	f.Integer("back", &p.Back, 0, 366)
	f.Given("actor_id", p.ActorID)
	if err := f.Err(); err != nil {
		return nil, err
	}
	var out *LoanRate
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		l, _, err := s.lockLoan(ctx, tx, VerbResetRate, p.LoanID, p.ActorID)
		if err != nil {
			return err
		}
		if err := l.resets(p.On); err != nil {
			return err
		}
		there, err := loanRates.AllParams(ctx, tx, "fr.loan_id = $1 AND fr.effective_on = $2", l.ID, p.On.String())
		if err != nil {
			return err
		}
		if len(there) > 0 {
			out = &there[0]
			return nil
		}
		v, err := indexValues.OneParams(ctx, tx, "fx.rate_index = $1 AND fx.value_date <= $2 ORDER BY fx.value_date DESC LIMIT 1", *l.RateIndex, p.On.AddDays(-p.Back).String())
		if err != nil {
			return err
		}
		now := s.now()
		out = &LoanRate{ID: id.New[LoanRate](), LoanID: l.ID, EffectiveOn: p.On, IndexDate: v.ValueDate, IndexValue: v.Value, AnnualRate: l.rateAt(v.Value), RecordedBy: p.ActorID, RecordedAt: now}
		if err := loanRates.Insert(ctx, tx, out); err != nil {
			return err
		}
		return s.hooks.Emit(ctx, tx, now, store.Event(aggregateLoan, l.ID, RateReset{p.On, out.AnnualRate, v.Value, p.ActorID}))
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// resets reports why the rate is not reset on a day.
func (l *Loan) resets(on date.Date) error {
	switch {
	case l.RateIndex == nil:
		return ErrRateFixed
	case l.Status == LoanStatusPaidOff || l.Status == LoanStatusRefinanced:
		return ErrLoanEnded
	}
	for k := *l.ResetMonths; k <= l.TermMonths; k += *l.ResetMonths {
		if l.StartDate.AddMonths(k) == on {
			return nil
		}
	}
	return ErrResetDay
}

// rateAt is the rate that a value of the index makes.
func (l *Loan) rateAt(value decimal.Decimal) decimal.Decimal {
	r := decimal.Max(value.Add(*l.Margin), decimal.Zero)
	if l.RateFloor != nil {
		r = decimal.Max(r, *l.RateFloor)
	}
	if l.RateCap != nil {
		r = decimal.Min(r, *l.RateCap)
	}
	return decimal.Min(r, decimal.NewFromInt(1))
}

// ratesOf are the resets of a loan by day.
func ratesOf(ctx context.Context, db bun.IDB, loan id.Of[Loan]) ([]LoanRate, error) {
	return loanRates.AllParams(ctx, db, "fr.loan_id = $1 ORDER BY fr.effective_on", loan)
}

// scheduleOf is the schedule of a loan with the rates that are known.
func scheduleOf(ctx context.Context, db bun.IDB, l *Loan) (loans.Schedule, error) {
	rates, err := ratesOf(ctx, db, l.ID)
	if err != nil {
		return loans.Schedule{}, err
	}
	resets := make([]loans.Reset, len(rates))
	for i, r := range rates {
		resets[i] = loans.Reset{From: r.EffectiveOn, AnnualRate: r.AnnualRate}
	}
	return loans.NewScheduleWith(l.Terms(), resets)
}
