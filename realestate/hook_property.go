package realestate

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/financials/leases"
	"github.com/freehold-go/freehold/financials/payables"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/properties/renovations"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// The conditions of what a property is needed for.
var (
	// ErrPropertyOffered: an offering of the property is open, or somebody has a
	// position or a commitment in one.
	ErrPropertyOffered = fault.New(fault.Illegal, "property_offered", "an offering still needs this property")
	// ErrPropertyUnderWork: a renovation of the property has started and is not
	// completed.
	ErrPropertyUnderWork = fault.New(fault.Illegal, "property_under_work", "a renovation of this property is not completed")
	// ErrPropertyLet: a lease of the property runs or is to come, or the account of a
	// tenant of it is not even.
	ErrPropertyLet = fault.New(fault.Illegal, "property_let", "a lease or a tenant's account still needs this property")
	// ErrPropertyMortgaged: what was drawn on a loan of the property is not paid off.
	ErrPropertyMortgaged = fault.New(fault.Illegal, "property_mortgaged", "a loan of this property is not paid off")
	// ErrPropertyBilled: a bill of the property is not decided on or not paid, or a vendor
	// is at work on it.
	ErrPropertyBilled = fault.New(fault.Illegal, "property_billed", "a bill or a repair of this property is open")
	// ErrPropertySold: the property is sold, so that nothing of it is offered.
	ErrPropertySold = fault.New(fault.Illegal, "property_sold", "the property is sold").On("property_id")
)

// propertyGuardHook keeps a property and what is done with it in step. Who changes
// the property holds its row locked, and who needs it holds the row shared. So one of
// the two waits for the other, and then sees what it did.
func propertyGuardHook(g propertyGuard) Hook {
	return func(ctx context.Context, tx bun.IDB, events []Emission) error {
		for _, e := range events {
			if err := g.judge(ctx, tx, e); err != nil {
				return err
			}
		}
		return nil
	}
}

type propertyGuard struct {
	assets    *properties.Service
	works     *renovations.Service
	offerings *investments.Offerings
	leases    *leases.Leases
	records   *financials.Service
	loans     *financials.Loans
	bills     *payables.Service
}

func (g propertyGuard) judge(ctx context.Context, tx bun.IDB, e Emission) error {
	switch event := e.Payload().(type) {
	case properties.PropertyDeleted:
		return g.deleted(ctx, tx, e)
	case properties.PropertyUpdated:
		if slices.Contains(event.Columns, "status") {
			return g.moved(ctx, tx, e)
		}
	case investments.OfferingCreated:
		_, err := g.held(ctx, tx, event.PropertyID)
		return err
	case investments.OfferingOpened:
		property, err := g.held(ctx, tx, event.PropertyID)
		if err == nil && property.Status == properties.StatusSold {
			return ErrPropertySold
		}
		return err
	case renovations.ProjectStarted:
		_, err := g.held(ctx, tx, event.PropertyID)
		return err
	}
	return nil
}

// held reads the property for a verb that needs it, under a shared lock.
func (g propertyGuard) held(ctx context.Context, tx bun.IDB, property id.Of[properties.Property]) (*properties.Property, error) {
	p, err := g.assets.HoldProperty(ctx, tx, property)
	if fault.CodeOf(err) == properties.ErrPropertyNotFound.Code {
		return nil, properties.ErrPropertyNotFound.On("property_id")
	}
	return p, err
}

// deleted judges whether nobody needs the property, which its verb has locked.
func (g propertyGuard) deleted(ctx context.Context, tx bun.IDB, e Emission) error {
	property, err := aggregateOf[properties.Property](e)
	if err != nil {
		return err
	}
	use, err := g.offerings.PropertyUse(ctx, tx, property)
	if err != nil {
		return err
	}
	if use.Held > 0 {
		return ErrPropertyOffered.With("offerings: %d", use.Held)
	}
	tenants, err := g.leases.PropertyObligations(ctx, tx, property)
	if err != nil {
		return err
	}
	if tenants.Any() {
		return ErrPropertyLet.With("leases: %d, accounts: %d", tenants.Leases, tenants.Accounts)
	}
	vendors, err := g.bills.PropertyObligations(ctx, tx, property)
	if err != nil {
		return err
	}
	if vendors.Any() {
		return ErrPropertyBilled.With("bills: %d, repairs: %d", vendors.Bills, vendors.Repairs)
	}
	if err := g.unindebted(ctx, tx, property); err != nil {
		return err
	}
	return g.idle(ctx, tx, property)
}

// unindebted reports a loan of the property on which something is owed, by what was drawn.
func (g propertyGuard) unindebted(ctx context.Context, tx bun.IDB, property id.Of[properties.Property]) error {
	list := func(ctx context.Context, r page.Request) (page.Page[financials.Loan], error) {
		return g.records.Loans(ctx, tx, property, r)
	}
	for l, err := range page.All(ctx, list) {
		if err != nil {
			return err
		}
		b, err := g.loans.LoanBalance(ctx, tx, financials.LoanBalanceParams{LoanID: l.ID, On: everAfter})
		if err != nil {
			return err
		}
		if !b.Balance.IsZero() {
			return ErrPropertyMortgaged
		}
	}
	return nil
}

// everAfter is behind every entry.
var everAfter = date.MustParse("9999-12-31")

// moved judges the status that a property was given: it is not sold while an offering
// of it takes commitments, or while it is being renovated. A funded offering is no
// hindrance, since its investors are paid out of the sale.
func (g propertyGuard) moved(ctx context.Context, tx bun.IDB, e Emission) error {
	id, err := aggregateOf[properties.Property](e)
	if err != nil {
		return err
	}
	property, err := g.assets.Property(ctx, tx, id)
	if err != nil || property.Status != properties.StatusSold {
		return err
	}
	use, err := g.offerings.PropertyUse(ctx, tx, id)
	if err != nil {
		return err
	}
	if use.Open > 0 {
		return ErrPropertyOffered.On("status").With("open offerings: %d", use.Open)
	}
	return g.idle(ctx, tx, id)
}

func (g propertyGuard) idle(ctx context.Context, tx bun.IDB, property id.Of[properties.Property]) error {
	n, err := g.works.ProjectsUnderway(ctx, tx, property)
	if err == nil && n > 0 {
		return ErrPropertyUnderWork.With("projects: %d", n)
	}
	return err
}
