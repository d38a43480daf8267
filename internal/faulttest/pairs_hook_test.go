package faulttest

import (
	"context"
	"errors"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/leases"
	"github.com/freehold-go/freehold/financials/payables"
	"github.com/freehold-go/freehold/internal/recipes"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/properties/renovations"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/communications"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
	"github.com/freehold-go/freehold/realestate/realestatetest"
)

// hookPairs are verbs of different domains that meet in a hook of the library's.
var hookPairs = []pair{
	{"open an offering and delete its property", deleteOpen, []string{"property_not_found/ok", "ok/property_offered"}, 20},
	{"open an offering and sell its property", sellOpen, []string{"property_sold/ok", "ok/property_offered"}, 20},
	{"draft an offering and delete its property", deleteCreate, []string{"ok/ok", "property_not_found/ok"}, 20},
	{"renovate a property and delete it", deleteRenovate, []string{"property_not_found/ok", "ok/property_under_work"}, 20},
	{"let a unit of a property and delete it", deleteLet, []string{"property_not_found/ok", "ok/property_let"}, 20},
	{"enter a bill of a property and delete it", deleteBilled, []string{"property_not_found/ok", "ok/property_billed"}, 20},
	{"renovate a property and sell it", sellRenovate, []string{"ok/ok", "ok/property_under_work"}, 20},
	{"commit for a person and delete them", deleteCommit, []string{"actor_inactive/ok", "ok/person_invested"}, 20},
	{"commit for a person and erase them", eraseCommit, []string{"actor_inactive/ok", "ok/person_invested"}, 20},
	{"transfer to a person and delete them", deleteTransfer, []string{"investor_inactive/ok", "ok/person_invested"}, 20},
	{"commit and commit for one person", commitTwice, []string{"ok/ok"}, 20},
	{"issue and issue a call", issueIssue, []string{"ok/ok"}, 20},
}

// asset is a property of this execution's own.
func (w *world) asset() *properties.Property {
	w.T.Helper()
	return realestatetest.Property(w.T, w.DB)
}

func (w *world) draft(property id.Of[properties.Property]) *investments.Offering {
	w.T.Helper()
	o, err := w.P.Offerings.Create(w.T.Context(), w.DB, investments.CreateOfferingParams{PropertyID: property, Name: "Oak Row", Slug: recipes.Key(), ActorID: recipes.Staff})
	require.NoError(w.T, err)
	return o
}

func (w *world) deletes(property id.Of[properties.Property]) command {
	return func(ctx context.Context, db bun.IDB) error { return w.P.Properties.DeleteProperty(ctx, db, property) }
}

func (w *world) sells(p *properties.Property) command {
	sold := properties.StatusSold
	return do(w.P.Properties.UpdateProperty, properties.UpdatePropertyParams{ID: p.ID, Version: p.Version, PropertyDetails: properties.PropertyDetails{Status: &sold}})
}

func (w *world) starts(p *renovations.Project) command {
	return do(w.P.Renovations.StartProject, renovations.StartProjectParams{ProjectID: p.ID, Date: recipes.FundedOn})
}

func deleteOpen(w *world) (a, b command, judge func(*world, error, error)) {
	p := w.asset()
	return do(w.P.Offerings.Open, investments.OpenOfferingParams{OfferingID: w.draft(p.ID).ID, ActorID: recipes.Staff}), w.deletes(p.ID), func(w *world, a, b error) {
		w.one(a, b, realestate.ErrPropertyOffered, properties.ErrPropertyNotFound)
		w.count(0, "investments.opportunities o JOIN properties.properties p ON p.id = o.property_id WHERE o.status = 'open' AND p.deleted_at IS NOT NULL")
	}
}

func sellOpen(w *world) (a, b command, judge func(*world, error, error)) {
	p := w.asset()
	return do(w.P.Offerings.Open, investments.OpenOfferingParams{OfferingID: w.draft(p.ID).ID, ActorID: recipes.Staff}), w.sells(p), func(w *world, a, b error) {
		w.one(a, b, realestate.ErrPropertyOffered, realestate.ErrPropertySold)
		w.count(0, "investments.opportunities o JOIN properties.properties p ON p.id = o.property_id WHERE o.status = 'open' AND p.status = 'sold'")
	}
}

// deleteCreate: a draft keeps no property, and none is drafted of one that is gone.
func deleteCreate(w *world) (a, b command, judge func(*world, error, error)) {
	p := w.asset()
	o := investments.CreateOfferingParams{PropertyID: p.ID, Name: "Oak Row", Slug: recipes.Key(), ActorID: recipes.Staff}
	return do(w.P.Offerings.Create, o), w.deletes(p.ID), func(w *world, a, b error) {
		require.NoError(w.T, b)
		if a != nil {
			w.refused(a, properties.ErrPropertyNotFound)
		}
		w.count(map[bool]int{true: 1}[a == nil], "investments.opportunities WHERE property_id = ?", p.ID)
	}
}

func deleteRenovate(w *world) (a, b command, judge func(*world, error, error)) {
	p := w.asset()
	return w.starts(w.Project(p.ID)), w.deletes(p.ID), func(w *world, a, b error) {
		w.one(a, b, realestate.ErrPropertyUnderWork, properties.ErrPropertyNotFound)
	}
}

func deleteLet(w *world) (a, b command, judge func(*world, error, error)) {
	ctx, p := w.T.Context(), w.asset()
	units, err := w.P.Properties.AddUnits(ctx, w.DB, properties.AddUnitsParams{PropertyID: p.ID, Units: []properties.UnitParams{{Number: "G-1"}}})
	require.NoError(w.T, err)
	tenant, err := w.P.Leases.AddTenant(ctx, w.DB, leases.AddTenantParams{Name: "Ana Ruiz"})
	require.NoError(w.T, err)
	start := recipes.MovedOn
	return do(w.P.Leases.SignLease, leases.SignLeaseParams{ID: id.New[leases.Lease](), UnitID: units[0].ID, Parties: []leases.PartyParams{{TenantID: tenant.ID}}, StartsOn: start,
			Rent: []leases.RentStep{{From: start, Amount: money.MustParse("1000")}}, ActorID: recipes.Staff}), w.deletes(p.ID), func(w *world, a, b error) {
			w.one(a, b, realestate.ErrPropertyLet, properties.ErrPropertyNotFound)
		}
}

func deleteBilled(w *world) (a, b command, judge func(*world, error, error)) {
	p := w.asset()
	vendor, err := w.P.Payables.AddVendor(w.T.Context(), w.DB, payables.AddVendorParams{Kind: payables.VendorCompany, Name: "Roof and Son", ActorID: recipes.Staff})
	require.NoError(w.T, err)
	return do(w.P.Payables.EnterBill, payables.EnterBillParams{ID: id.New[payables.Bill](), PropertyID: p.ID, VendorID: vendor.ID, Line: payables.LineUtilities,
			Amount: money.MustParse("10"), BilledOn: recipes.MovedOn, DueOn: recipes.MovedOn, ActorID: recipes.Staff}), w.deletes(p.ID), func(w *world, a, b error) {
			w.one(a, b, realestate.ErrPropertyBilled, properties.ErrPropertyNotFound)
		}
}

// sellRenovate: a new owner may let the work go on, which was planned before.
func sellRenovate(w *world) (a, b command, judge func(*world, error, error)) {
	p := w.asset()
	return w.starts(w.Project(p.ID)), w.sells(p), func(w *world, a, b error) {
		require.NoError(w.T, a)
		if b != nil {
			w.refused(b, realestate.ErrPropertyUnderWork)
		}
	}
}

func (w *world) leaves(who id.Of[auth.User]) command {
	return do(w.P.Users.Delete, auth.DeleteUserParams{UserID: who, ActorID: who})
}

// nobodyGone: who is deleted has no commitment and receives nothing.
func (w *world) nobodyGone() {
	w.T.Helper()
	w.count(0, "investments.subscriptions s JOIN auth.users u ON u.id = s.investor_id WHERE u.status = 'deleted'")
	w.count(0, "investments.transfers t JOIN auth.users u ON u.id = t.to_investor_id WHERE u.status = 'deleted'")
}

func deleteCommit(w *world) (a, b command, judge func(*world, error, error)) {
	o, who := w.Offering("100000"), w.Investor()
	return do(w.P.Commitments.Commit, recipes.Commitment(o, who, "50000")), w.leaves(who), func(w *world, a, b error) {
		w.one(a, b, realestate.ErrPersonInvested, investments.ErrActorInactive)
		w.nobodyGone()
	}
}

func eraseCommit(w *world) (a, b command, judge func(*world, error, error)) {
	o, who := w.Offering("100000"), w.Investor()
	return do(w.P.Commitments.Commit, recipes.Commitment(o, who, "50000")), do(w.P.Erase, realestate.EraseParams{UserID: who, ActorID: w.Admin}),
		func(w *world, a, b error) {
			w.one(a, b, realestate.ErrPersonInvested, investments.ErrActorInactive)
			w.nobodyGone()
		}
}

func deleteTransfer(w *world) (a, b command, judge func(*world, error, error)) {
	o, who := w.Offering("100000"), w.Investor()
	from := *w.Funded(o, w.Who[0], "50000").PositionID
	return do(w.P.Positions.RequestTransfer, investments.RequestTransferParams{IdempotencyKey: recipes.Key(), PositionID: from, ToInvestorID: who,
			Fraction: decimal.NewFromInt(1), EffectiveDate: recipes.MovedOn, ActorID: w.Who[0]}), w.leaves(who), func(w *world, a, b error) {
			w.one(a, b, realestate.ErrPersonInvested, investments.ErrInvestorInactive)
			w.nobodyGone()
		}
}

// commitTwice: the two write one row of the funnel.
func commitTwice(w *world) (a, b command, judge func(*world, error, error)) {
	o, who := w.Offering("100000"), w.Investor()
	commit := func() command { return do(w.P.Commitments.Commit, recipes.Commitment(o, who, "50000")) }
	return commit(), commit(), func(w *world, a, b error) {
		require.NoError(w.T, errors.Join(a, b))
		w.count(1, "analytics.investment_funnel WHERE opportunity_id = ? AND user_id = ?", o.ID, who)
	}
}

func issueIssue(w *world) (a, b command, judge func(*world, error, error)) {
	o, who := w.Offering("100000"), w.Investor()
	w.Committed(o, who, "50000")
	half := decimal.RequireFromString("0.5")
	call, err := w.P.Commitments.CallCapital(w.T.Context(), w.DB, investments.CallCapitalParams{IdempotencyKey: recipes.Key(), OfferingID: o.ID, Fraction: &half,
		DueDate: recipes.MovedOn, ActorID: w.Clerk})
	require.NoError(w.T, err)
	issue := func() command {
		return do(w.P.Commitments.IssueCall, investments.IssueCallParams{CallID: call.ID, NoticeDate: recipes.FundedOn, ActorID: recipes.Staff})
	}
	return issue(), issue(), func(w *world, a, b error) {
		require.NoError(w.T, errors.Join(a, b))
		list, err := w.P.Communications.Notifications(w.T.Context(), w.DB, who, communications.NotificationFilter{}, page.Request{})
		require.NoError(w.T, err)
		require.Len(w.T, list.Items, 1, "one notice")
	}
}
