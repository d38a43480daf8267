package financials

import (
	"context"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/loans"
	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// AddLoanParams is a mortgage to put on record. Rates are fractions. The bases
// and the accrual period may be "" for the usual ones (see [loans.Terms]).
type AddLoanParams struct {
	PropertyID         id.Of[properties.Property]
	Lender             string
	LoanNumber         string // "" for none; unique within the property
	Principal          money.Amount
	AnnualRate         decimal.Decimal
	TermMonths         int
	AmortizationMonths int // counted after the interest-only months
	InterestOnlyMonths int
	PaymentBasis       loans.Basis
	AccrualBasis       loans.Basis
	AccrualPeriod      loans.Period
	StartDate          date.Date
	Notes              string
}

// AddLoan puts a mortgage on record, with terms that make a schedule: its
// errors are those of [loans.Terms.Validate], [ErrLoanExists] and
// [properties.ErrPropertyNotFound].
func (s *Service) AddLoan(ctx context.Context, db bun.IDB, p AddLoanParams) (*Loan, error) {
	now := s.now()
	l := &Loan{
		ID: id.New[Loan](), PropertyID: p.PropertyID, Lender: p.Lender, LoanNumber: optional(p.LoanNumber),
		Principal: p.Principal, AnnualRate: p.AnnualRate, TermMonths: p.TermMonths,
		AmortizationMonths: p.AmortizationMonths, InterestOnlyMonths: p.InterestOnlyMonths,
		PaymentBasis: orDefault(p.PaymentBasis, loans.Thirty360), AccrualBasis: orDefault(p.AccrualBasis, loans.Thirty360),
		AccrualPeriod: orDefault(p.AccrualPeriod, loans.DueDates), StartDate: p.StartDate, Status: LoanActive,
		Notes: optional(p.Notes), Version: 1, CreatedAt: now, UpdatedAt: now,
	}
	var f check.Fields
	f.Within("start_date", &p.StartDate, s.days())
	f.Given("property_id", p.PropertyID)
	f.Check(p.Lender != "", "lender", check.Required, "a lender is needed")
	f.AddErr("", l.Terms().Validate())
	if err := f.Err(); err != nil {
		return nil, err
	}
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		if _, err := s.properties.LockProperty(ctx, tx, p.PropertyID); err != nil {
			return err
		}
		if err := mortgages.Insert(ctx, tx, l); err != nil {
			return err
		}
		return s.hooks.Emit(ctx, tx, now, store.Event(aggregateLoan, l.ID, LoanAdded{l.PropertyID, l.Principal, l.StartDate, l.TermMonths}))
	})
	if err != nil {
		return nil, err
	}
	return l, nil
}

// Loan reads a mortgage. It returns [ErrLoanNotFound].
func (s *Service) Loan(ctx context.Context, db bun.IDB, v id.Of[Loan]) (*Loan, error) {
	return mortgages.Get(ctx, db, v)
}

// Loans lists a property's mortgages, newest first.
func (s *Service) Loans(ctx context.Context, db bun.IDB, v id.Of[properties.Property], r page.Request) (page.Page[Loan], error) {
	return mortgages.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("fl.property_id = ?", v) })
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func orDefault[T ~string](v, usual T) T {
	if v == "" {
		return usual
	}
	return v
}
