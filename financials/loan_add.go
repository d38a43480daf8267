package financials

import (
	"cmp"
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
)

// AddLoanParams is a mortgage to put on record. Rates are fractions. The bases
// and the accrual period may be "" for the usual ones (see [loans.Terms]).
type AddLoanParams struct {
	ID                 id.Of[Loan] // zero makes a new one
	PropertyID         id.Of[properties.Property]
	Lender             string // at most 255 characters
	LoanNumber         string // "" for none; unique within the property; at most 100 characters
	Principal          money.Amount
	AnnualRate         decimal.Decimal // 0 to 1, at most ten decimals
	TermMonths         int
	AmortizationMonths int // counted after the interest-only months
	InterestOnlyMonths int
	PaymentBasis       loans.Basis
	AccrualBasis       loans.Basis
	AccrualPeriod      loans.Period
	StartDate          date.Date
	Notes              string
}

// AddLoan puts a mortgage on record, with terms that make a schedule. A second
// call with the same ID and the same params is the first one's success.
//
// It locks the property. Its errors are [ErrLoanExists] for a number that the
// property has or an id of another loan, [properties.ErrPropertyNotFound], and
// all field errors at once, those of [loans.Terms.Validate] among them.
func (s *Service) AddLoan(ctx context.Context, db bun.IDB, p AddLoanParams) (*Loan, error) {
	now := s.now()
	l := &Loan{
		ID: p.ID.OrNew(), PropertyID: p.PropertyID, Lender: p.Lender, LoanNumber: store.Optional(p.LoanNumber),
		Principal: p.Principal, AnnualRate: p.AnnualRate, TermMonths: p.TermMonths,
		AmortizationMonths: p.AmortizationMonths, InterestOnlyMonths: p.InterestOnlyMonths,
		PaymentBasis: cmp.Or(p.PaymentBasis, loans.Thirty360), AccrualBasis: cmp.Or(p.AccrualBasis, loans.Thirty360),
		AccrualPeriod: cmp.Or(p.AccrualPeriod, loans.DueDates), StartDate: p.StartDate, Status: LoanStatusActive,
		Notes: store.Optional(p.Notes), Version: 1, CreatedAt: now, UpdatedAt: now,
	}
	if err := p.validate(s.days(), l.Terms()); err != nil {
		return nil, err
	}
	c := store.Creation[Loan]{Verb: "financials.add_loan", Params: p, Chosen: p.ID, Kind: aggregateLoan, Rows: mortgages, Taken: ErrLoanExists.On("id")}
	return store.CreateOnce(ctx, db, c, func(tx bun.IDB) (*Loan, error) {
		if _, err := s.properties.LockProperty(ctx, tx, p.PropertyID); err != nil {
			return nil, err
		}
		if err := mortgages.Insert(ctx, tx, l); err != nil {
			return nil, err
		}
		return l, s.hooks.Emit(ctx, tx, now, store.Event(aggregateLoan, l.ID, LoanAdded{l.PropertyID, l.Principal, l.StartDate, l.TermMonths}))
	})
}

func (p *AddLoanParams) validate(days check.Days, terms loans.Terms) error {
	var f check.Fields
	f.Given("property_id", p.PropertyID)
	f.Required("lender", p.Lender, 255)
	f.Text("loan_number", p.LoanNumber, 100)
	f.RateTo("annual_rate", &p.AnnualRate, 10)
	f.Text("notes", p.Notes, check.Long)
	f.Within("start_date", &p.StartDate, days)
	terms.AnnualRate = decimal.Zero // its column is narrower than what a schedule can be made of
	f.AddErr("", terms.Validate())
	return f.Err()
}
