package main

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/examples/quickstart/internal/deal"
	"github.com/freehold-go/freehold/examples/quickstart/internal/screen"
	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/financials/loans"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// registerProperty puts the property and its units on record, and its value.
func (q *quickstart) registerProperty(ctx context.Context) (string, error) {
	p := &q.deal.Property
	found, made, err := ensure(
		func() (*properties.Property, error) { return q.Properties.PropertyBySlug(ctx, q.db, p.Slug) },
		func() (row *properties.Property, err error) {
			err = q.do(ctx, func(tx bun.IDB) error {
				if row, err = q.Properties.RegisterProperty(ctx, tx, q.propertyParams()); err != nil || p.Valuation == nil {
					return err
				}
				_, err = q.Properties.Revalue(ctx, tx, properties.RevalueParams{PropertyID: row.ID, Amount: *p.Valuation, Date: *p.ValuationDate})
				return err
			})
			return row, err
		})
	if err != nil {
		return "", err
	}
	q.property = found.ID
	return q.said(made, fmt.Sprintf("%s, %s, %s, with %d units", found.Name, found.City, found.State, len(q.deal.Units))), nil
}

func (q *quickstart) propertyParams() properties.RegisterPropertyParams {
	p, owned := &q.deal.Property, properties.AcquisitionOwned
	out := properties.RegisterPropertyParams{
		ID: idOf[properties.Property]("property", p.Slug), Name: p.Name, Slug: p.Slug,
		AddressLine1: p.Address, City: p.City, State: p.State, ZipCode: p.Zip,
		PropertyDetails: properties.PropertyDetails{
			AddressLine2: given(p.Address2), Type: given(properties.PropertyType(p.Type)),
			Subtype: given(properties.PropertySubtype(p.Subtype)), Class: given(p.Class), YearBuilt: p.YearBuilt,
			LastRenovated: p.LastRenovated, TotalBuildings: p.Buildings, ParkingSpaces: p.Parking, LotSizeAcres: p.LotAcres,
			PurchasePrice: &p.PurchasePrice, PurchaseDate: &p.PurchaseDate, AcquisitionStatus: &owned,
			ManagementCompany: given(p.ManagedBy), MarketName: given(p.Market), SubmarketName: given(p.Submarket), Description: given(p.Description),
		},
	}
	if p.Latitude != nil {
		out.Coordinates = &properties.Coordinates{Latitude: *p.Latitude, Longitude: *p.Longitude}
	}
	for i := range q.deal.Units {
		u := &q.deal.Units[i]
		condition := properties.RenovationClassic
		switch {
		case u.UnderRenovation:
			condition = properties.RenovationInProgress
		case u.Renovated:
			condition = properties.RenovationRenovated
		}
		out.Units = append(out.Units, properties.UnitParams{
			ID: q.unitID(u), Number: u.Number,
			UnitDetails: properties.UnitDetails{
				Building: given(u.Building), Floor: u.Floor, Type: given(unitType(u)), Bedrooms: u.Bedrooms,
				Bathrooms: u.Bathrooms, Sqft: u.Sqft, MarketRent: u.MarketRent, RenovationStatus: &condition,
			},
		})
	}
	return out
}

func (q *quickstart) unitID(u *deal.Unit) id.Of[properties.Unit] {
	return idOf[properties.Unit]("unit", q.deal.Property.Slug, u.Building, u.Number)
}

// unitType names a unit by its bedrooms where they are known, else as the file
// does.
func unitType(u *deal.Unit) properties.UnitType {
	switch {
	case u.Bedrooms == nil:
		return properties.UnitType(u.Type)
	case *u.Bedrooms == 0:
		return properties.UnitStudio
	}
	return properties.UnitType(fmt.Sprintf("%dbr", *u.Bedrooms))
}

// addLoan puts the mortgage on record.
func (q *quickstart) addLoan(ctx context.Context) (string, error) {
	l := q.deal.Loan
	if l == nil {
		q.steps.Advance()
		return "none", nil
	}
	_, made, err := ensure(
		func() (*financials.Loan, error) { return q.findLoan(ctx) },
		func() (row *financials.Loan, err error) {
			err = q.do(ctx, func(tx bun.IDB) error {
				row, err = q.Financials.AddLoan(ctx, tx, financials.AddLoanParams{
					PropertyID: q.property, Lender: l.Lender, LoanNumber: l.Number, Principal: l.Principal, AnnualRate: l.AnnualRate,
					TermMonths: l.TermMonths, AmortizationMonths: l.AmortizationMonths, InterestOnlyMonths: l.InterestOnlyMonths,
					AccrualBasis: loans.Basis(l.Accrual), StartDate: l.Start,
				})
				return err
			})
			return row, err
		})
	if err != nil {
		return "", err
	}
	rate := l.AnnualRate
	return q.said(made, fmt.Sprintf("%s at %s for %d months", screen.Dollars(l.Principal), screen.Percent(&rate), l.TermMonths)), nil
}

// findLoan finds the loan of the deal among those of the property.
func (q *quickstart) findLoan(ctx context.Context) (*financials.Loan, error) {
	for l, err := range page.All(ctx, func(ctx context.Context, r page.Request) (page.Page[financials.Loan], error) {
		return q.Financials.Loans(ctx, q.db, q.property, r)
	}) {
		if err != nil {
			return nil, err
		}
		if l.LoanNumber != nil && *l.LoanNumber == q.deal.Loan.Number {
			return &l, nil
		}
	}
	return nil, financials.ErrLoanNotFound
}

// postStatements puts a statement in force for each month.
func (q *quickstart) postStatements(ctx context.Context) (string, error) {
	var t tally
	for i := range q.deal.Months {
		m := &q.deal.Months[i]
		// The file names its signs; what is below zero, such as a refund of insurance, is meant.
		meant := (&financials.OperatingStatement{Income: m.Income, Expenses: m.Expenses}).NegativeLines()
		var s *financials.Statement
		err := q.do(ctx, func(tx bun.IDB) (err error) {
			s, err = q.Financials.PostStatement(ctx, tx, financials.PostStatementParams{
				PropertyID: q.property, PeriodStart: m.First, PeriodEnd: m.Last(), Income: m.Income, Expenses: m.Expenses,
				ReplacementReserves: m.ReplacementReserves, Negative: meant,
			})
			return err
		})
		if err != nil {
			return "", fmt.Errorf("%s, month of %s: %w", deal.OperatingFile, m.First, err)
		}
		q.count(&t, !s.Unchanged)
	}
	return t.String(), nil
}

// closeRentRoll stores the rent roll of its day as the property manager reports it.
func (q *quickstart) closeRentRoll(ctx context.Context) (string, error) {
	asOf := q.deal.Property.RentRollDate
	roll, made, err := ensure(
		func() (*financials.RentRoll, error) { return q.Financials.RentRollOn(ctx, q.db, q.property, asOf) },
		func() (roll *financials.RentRoll, err error) {
			p := financials.CloseRentRollParams{PropertyID: q.property, AsOf: asOf, Tenancies: q.tenancies()}
			err = q.do(ctx, func(tx bun.IDB) error {
				roll, err = q.Financials.CloseRentRoll(ctx, tx, p)
				return err
			})
			return roll, err
		})
	if err != nil {
		return "", err
	}
	return q.said(made, fmt.Sprintf("%d units as of %s, %s occupied", roll.Metrics.TotalUnits, asOf, screen.Percent(roll.Metrics.PhysicalOccupancy))), nil
}

// measurePerformance computes and keeps the year's metrics.
func (q *quickstart) measurePerformance(ctx context.Context) (string, error) {
	first, last := q.year()
	equity, err := q.equity()
	if err != nil {
		return "", err
	}
	row, made, err := ensure(
		func() (*financials.Performance, error) {
			return q.Financials.PerformanceOf(ctx, q.db, financials.PerformanceOfParams{PropertyID: q.property, PeriodType: financials.PeriodAnnual, PeriodStart: first, PeriodEnd: last})
		},
		func() (row *financials.Performance, err error) {
			err = q.do(ctx, func(tx bun.IDB) error {
				m, err := q.Financials.MeasurePerformance(ctx, tx, financials.MeasurePerformanceParams{
					PropertyID: q.property, PeriodStart: first, PeriodEnd: last, PeriodType: financials.PeriodAnnual,
					Value: &q.deal.Property.PurchasePrice, EquityInvested: &equity,
				})
				if err == nil {
					row = m.Performance
				}
				return err
			})
			return row, err
		})
	if err != nil {
		return "", err
	}
	return q.said(made, fmt.Sprintf("NOI %s, cap rate %s, DSCR %s", screen.Dollars(*row.NOI), screen.Percent(row.CapRate), screen.Times(row.DebtServiceCoverage))), nil
}

// year is the first and the last day of the statements.
func (q *quickstart) year() (first, last date.Date) {
	return q.deal.Months[0].First, q.deal.Months[len(q.deal.Months)-1].Last()
}

// equity is what the investors put in.
func (q *quickstart) equity() (sum money.Amount, err error) {
	for i := range q.deal.Commitments {
		if c := &q.deal.Commitments[i]; c.Funded != nil && err == nil {
			sum, err = sum.Add(c.Amount)
		}
	}
	return sum, err
}

// given returns nil for an empty text, which the files do not tell from none.
func given[T ~string](v T) *T {
	if v == "" {
		return nil
	}
	return &v
}
