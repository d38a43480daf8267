package loans

import (
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/money"
)

// Row is one scheduled payment.
type Row struct {
	// Number counts payments from 1.
	Number int `json:"n"`
	// Due is the date of the payment.
	Due date.Date `json:"due"`
	// Days is the number of days that accrued, and 30 on [Thirty360].
	Days int `json:"days"`
	// Payment is interest and principal together.
	Payment money.Amount `json:"payment"`
	// Interest is what accrued in the period.
	Interest money.Amount `json:"interest"`
	// Principal is what the payment takes off the balance; below zero where the
	// interest exceeds the payment.
	Principal money.Amount `json:"principal"`
	// Balance is what is owed after the payment.
	Balance money.Amount `json:"balance"`
}

// Schedule is every payment of a loan to the end of its term.
type Schedule struct {
	// Terms is the loan.
	Terms Terms `json:"terms"`
	// LevelPayment is the payment of an amortizing month.
	LevelPayment money.Amount `json:"level_payment"`
	// Rows are the payments in order. There are fewer than the term's months
	// when the loan is paid off before its end.
	Rows []Row `json:"rows"`
	// Balloon is the balance after the last row, due with it. Zero for a loan
	// that amortizes fully.
	Balloon money.Amount `json:"balloon"`
	// TotalInterest is the interest of all rows.
	TotalInterest money.Amount `json:"total_interest"`
}

// NewSchedule computes the payments of a loan. Bad terms are [fault.Errors]
// that name each field; a balance that grows out of range (a payment far below
// the interest) is [money.ErrOutOfRange].
func NewSchedule(t Terms) (Schedule, error) {
	return NewScheduleWith(t, nil)
}

// schedule computes the payments of validated terms.
func (t Terms) schedule(resets []Reset) (Schedule, error) {
	level, err := t.level()
	if err != nil {
		return Schedule{}, err
	}
	r, err := parseRate(t.AnnualRate)
	if err != nil {
		return Schedule{}, err
	}
	s := Schedule{Terms: t, LevelPayment: level, Rows: make([]Row, 0, t.TermMonths)}
	prev, balance := t.StartDate, t.Principal
	for k := 1; k <= t.TermMonths && balance.Sign() > 0; k++ {
		if len(resets) > 0 {
			if level, resets, err = t.reset(k, prev, balance, level, resets); err != nil {
				return Schedule{}, err
			}
			if r, err = parseRate(t.AnnualRate); err != nil {
				return Schedule{}, err
			}
		}
		row := Row{Number: k, Due: t.StartDate.AddMonths(k)}
		days, year := t.days(prev, row.Due)
		row.Days = int(days)
		if year == 12 {
			row.Days = 30
		}
		if row.Interest, err = r.interest(balance.Cents(), days, year); err != nil {
			return Schedule{}, err
		}
		if err := t.pay(&row, level, balance); err != nil {
			return Schedule{}, err
		}
		s.Rows = append(s.Rows, row)
		prev, balance = row.Due, row.Balance
	}
	s.Balloon = balance
	sum, err := total(s.Rows)
	if err != nil {
		return Schedule{}, err
	}
	s.TotalInterest = sum.Interest
	return s, nil
}

// pay fills the row's payment, principal and balance.
func (t *Terms) pay(row *Row, level, balance money.Amount) (err error) {
	row.Payment = row.Interest
	if n := row.Number - t.InterestOnlyMonths; n > 0 {
		row.Payment = level
		if row.Principal, err = level.Sub(row.Interest); err != nil {
			return err
		}
		if n == t.AmortizationMonths || row.Principal.Cmp(balance) >= 0 {
			row.Principal = balance
			if row.Payment, err = balance.Add(row.Interest); err != nil {
				return err
			}
		}
	}
	row.Balance, err = balance.Sub(row.Principal)
	return err
}

// Totals is what a run of payments adds up to.
type Totals struct {
	Payments  int          `json:"payments"`
	Paid      money.Amount `json:"paid"`
	Interest  money.Amount `json:"interest"`
	Principal money.Amount `json:"principal"`
}

func total(rows []Row) (Totals, error) {
	out := Totals{Payments: len(rows)}
	var err error
	for i := range rows {
		if out.Interest, err = out.Interest.Add(rows[i].Interest); err != nil {
			return Totals{}, err
		}
		if out.Principal, err = out.Principal.Add(rows[i].Principal); err != nil {
			return Totals{}, err
		}
	}
	out.Paid, err = out.Interest.Add(out.Principal)
	return out, err
}

// Between adds up the payments due from one date to another, both included:
// the debt service of a statement's period, ready for its principal and
// interest lines. The balloon is not a payment of the schedule and not in it.
// It returns [money.ErrOutOfRange].
func (s Schedule) Between(first, last date.Date) (Totals, error) {
	lo, hi := 0, 0
	for hi < len(s.Rows) && !s.Rows[hi].Due.After(last) {
		if s.Rows[hi].Due.Before(first) {
			lo = hi + 1
		}
		hi++
	}
	return total(s.Rows[lo:max(lo, hi)])
}

// BalanceOn returns what is owed at the end of a day, its payment made, the
// balloon not: the loan before the first due date, and the balloon after the
// last. Interest accrued since the last due date is not in it. A day before
// the start is [ErrStart].
func (s Schedule) BalanceOn(d date.Date) (money.Amount, error) {
	if d.Before(s.Terms.StartDate) {
		return money.Amount{}, ErrStart.With("the loan starts on %s", s.Terms.StartDate)
	}
	balance := s.Terms.Principal
	for i := range s.Rows {
		if s.Rows[i].Due.After(d) {
			break
		}
		balance = s.Rows[i].Balance
	}
	return balance, nil
}

// Check proves a schedule that may have been stored or sent: balances follow
// from rows, the principal paid plus the balloon is the loan, and the interest
// adds up. It returns [ErrInconsistent].
func (s Schedule) Check() error {
	balance, interest := s.Terms.Principal.Cents(), int64(0)
	for i, r := range s.Rows {
		balance -= r.Principal.Cents()
		interest += r.Interest.Cents()
		if r.Number != i+1 || r.Balance.Cents() != balance ||
			r.Payment.Cents() != r.Interest.Cents()+r.Principal.Cents() {
			return ErrInconsistent.With("payment %d", i+1)
		}
	}
	if balance != s.Balloon.Cents() || interest != s.TotalInterest.Cents() {
		return ErrInconsistent.With("the totals")
	}
	return nil
}

// ErrInconsistent: the rows of a schedule do not add up.
var ErrInconsistent = fault.New(fault.Invalid, "loan_schedule_inconsistent", "the schedule does not add up")
