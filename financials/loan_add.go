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
	Payment            *money.Amount // the level payment of the note; nil is the computed one
	StartDate          date.Date
	Commitment         *money.Amount   // up to which it may be drawn; nil is the principal
	Floating           *FloatingParams // nil is a fixed rate
	Notes              string
}

// FloatingParams is a rate that follows an index; AnnualRate is the one of the start.
type FloatingParams struct {
	RateIndex   string           // such as "SOFR"; at most 50 characters
	Margin      decimal.Decimal  // added to the index; at most ten decimals
	Floor       *decimal.Decimal // the least rate; nil is zero
	Cap         *decimal.Decimal // the most
	ResetMonths int              // how long a rate counts
}

// AddLoan puts a mortgage on record, with terms that make a schedule. A second
// call with the same ID and the same params is the first one's success.
//
// Nothing is owed on it before it is drawn ([Loans.DrawLoan]).
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
	l.Commitment, l.Payment = p.Commitment, p.Payment
	if x := p.Floating; x != nil {
		l.RateIndex, l.Margin, l.RateFloor, l.RateCap, l.ResetMonths = &x.RateIndex, &x.Margin, x.Floor, x.Cap, &x.ResetMonths
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
	if p.Commitment != nil && p.Commitment.Less(p.Principal) {
		f.AddErr("", ErrLoanCommitment)
	}
	if p.Payment != nil {
		f.Above("payment", *p.Payment)
	}
	p.validateFloating(&f)
	terms.AnnualRate = decimal.Zero // its column is narrower than what a schedule can be made of
	f.AddErr("", terms.Validate())
	return f.Err()
}

func (p *AddLoanParams) validateFloating(f *check.Fields) {
	x := p.Floating
	if x == nil {
		return
	}
	f.Required("floating.rate_index", x.RateIndex, 50)
	f.Number("floating.margin", &x.Margin, 10, -1, 1)
	f.RateTo("floating.floor", x.Floor, 10)
	f.RateTo("floating.cap", x.Cap, 10)
	f.Integer("floating.reset_months", &x.ResetMonths, 1, 1200)
	if x.Floor != nil && x.Cap != nil && x.Cap.LessThan(*x.Floor) {
		f.AddErr("", ErrLoanFloating.On("floating.cap"))
	}
}
