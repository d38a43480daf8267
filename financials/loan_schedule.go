package financials

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/loans"
	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// Schedule is the payments of a loan to the end of its term, at the rates that are known:
// after the last reset its rate goes on. It returns [ErrLoanNotFound].
func (s *Loans) Schedule(ctx context.Context, db bun.IDB, loan id.Of[Loan]) (*loans.Schedule, error) {
	l, err := mortgages.Get(ctx, db, loan)
	if err != nil {
		return nil, err
	}
	out, err := scheduleOf(ctx, db, l)
	return &out, err
}

// LoanPeriod is a scheduled payment beside what was paid for it: from the day after the due
// date before through its own.
type LoanPeriod struct {
	Scheduled loans.Row    `json:"scheduled"`
	Interest  money.Amount `json:"interest"`  // paid
	Principal money.Amount `json:"principal"` // paid, with what paid the loan off
	Balance   money.Amount `json:"balance"`   // owed at the end of the due date
	Late      money.Amount `json:"late"`      // of the scheduled payments so far, not paid; below zero is paid ahead
}

// LoanComparison is the schedule of a loan against what happened.
type LoanComparison struct {
	LoanID  id.Of[Loan]  `json:"loan_id"`
	Periods []LoanPeriod `json:"periods"`
}

// CompareScheduleParams is a loan and the days to compare.
type CompareScheduleParams struct {
	LoanID  id.Of[Loan]
	Through date.Date // the last due date is on it or before
}

// CompareSchedule puts the schedule of a loan beside what was paid, due date by due date. It
// returns [ErrLoanNotFound] or the field errors.
func (s *Loans) CompareSchedule(ctx context.Context, db bun.IDB, p CompareScheduleParams) (*LoanComparison, error) {
	var f check.Fields
	f.Given("loan_id", p.LoanID)
	f.Given("through", p.Through)
	if err := f.Err(); err != nil {
		return nil, err
	}
	l, err := mortgages.Get(ctx, db, p.LoanID)
	if err != nil {
		return nil, err
	}
	schedule, err := scheduleOf(ctx, db, l)
	if err != nil {
		return nil, err
	}
	h, err := historyOf(ctx, db, l.ID)
	if err != nil {
		return nil, err
	}
	return h.against(l, schedule.Rows, p.Through)
}

// against compares scheduled payments with a history.
func (h loanHistory) against(l *Loan, rows []loans.Row, through date.Date) (*LoanComparison, error) {
	out := &LoanComparison{LoanID: l.ID, Periods: []LoanPeriod{}}
	before, err := h.on(l.ID, l.StartDate.AddDays(-1))
	if err != nil {
		return nil, err
	}
	var late money.Amount
	for _, r := range rows {
		if r.Due.After(through) {
			break
		}
		b, err := h.on(l.ID, r.Due)
		if err != nil {
			return nil, err
		}
		v := LoanPeriod{Scheduled: r, Balance: b.Balance}
		if v.Interest, err = b.Interest.Sub(before.Interest); err != nil {
			return nil, err
		}
		if v.Principal, err = b.Repaid.Sub(before.Repaid); err != nil {
			return nil, err
		}
		if late, err = money.Sum(late, r.Payment, v.Interest.Neg(), v.Principal.Neg()); err != nil {
			return nil, err
		}
		v.Late, before = late, b
		out.Periods = append(out.Periods, v)
	}
	return out, nil
}
