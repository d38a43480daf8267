package realestate_test

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/documents"
	"github.com/freehold-go/freehold/events"
	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/financials/leases"
	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/financials/payables"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/properties/market"
	"github.com/freehold-go/freehold/properties/media"
	"github.com/freehold-go/freehold/properties/renovations"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/realestatetest"
	"github.com/freehold-go/freehold/realestate/users"
)

var errRefused = fault.New(fault.Forbidden, "host_refuses", "the host says no")

// hooked is a verb of each domain, which says the same each time that it is called.
type hooked struct {
	domain string
	call   func(ctx context.Context, p *realestate.Platform, db bun.IDB) error
	// again is what the same call returns afterwards: nil is the first result.
	again *fault.Error
}

// verbsOfDomains needs a property, an investor and an open offering.
func verbsOfDomains(property id.Of[properties.Property], investor id.Of[auth.User], offering id.Of[investments.Offering]) []hooked {
	user, asset, project, video, area := id.New[auth.User](), id.New[properties.Property](), id.New[renovations.Project](), id.New[media.Video](), id.New[market.Area]()
	event, paper, book, loan := id.New[events.Event](), id.New[documents.Document](), id.New[ledger.Book](), id.New[financials.Loan]()
	tenant, vendor := id.New[leases.Tenant](), id.New[payables.Vendor]()
	starts := time.Date(2026, 3, 1, 18, 0, 0, 0, time.UTC)
	return []hooked{
		{"auth", func(ctx context.Context, p *realestate.Platform, db bun.IDB) error {
			_, err := p.Users.Register(ctx, db, auth.RegisterParams{ID: user, Email: user.String() + "@example.com"})
			return err
		}, nil},
		{"users", func(ctx context.Context, p *realestate.Platform, db bun.IDB) error {
			_, err := p.Profiles.SaveProfile(ctx, db, users.SaveProfileParams{UserID: investor, Bio: text("Invests.")})
			return err
		}, nil},
		{"properties", func(ctx context.Context, p *realestate.Platform, db bun.IDB) error {
			_, err := p.Properties.RegisterProperty(ctx, db, properties.RegisterPropertyParams{ID: asset, Name: "Oak Row", AddressLine1: "2 Oak Row", City: "Columbus", State: "OH", ZipCode: "43004"})
			return err
		}, nil},
		{"renovations", func(ctx context.Context, p *realestate.Platform, db bun.IDB) error {
			_, err := p.Renovations.PlanProject(ctx, db, renovations.PlanProjectParams{ID: project, PropertyID: property, Name: "Roof"})
			return err
		}, nil},
		{"media", func(ctx context.Context, p *realestate.Platform, db bun.IDB) error {
			_, err := p.Media.AddVideo(ctx, db, media.AddVideoParams{ID: video, PropertyID: property})
			return err
		}, nil},
		{"market", func(ctx context.Context, p *realestate.Platform, db bun.IDB) error {
			_, err := p.Market.AddArea(ctx, db, market.AddAreaParams{ID: area, Name: "Clintonville"})
			return err
		}, nil},
		{"leases", func(ctx context.Context, p *realestate.Platform, db bun.IDB) error {
			_, err := p.Leases.AddTenant(ctx, db, leases.AddTenantParams{ID: tenant, Name: "Ana Ruiz"})
			return err
		}, nil},
		{"financials", func(ctx context.Context, p *realestate.Platform, db bun.IDB) error {
			_, err := p.Financials.AddLoan(ctx, db, financials.AddLoanParams{ID: loan, PropertyID: property, Lender: "First Bank", LoanNumber: "L-1", Principal: money.MustParse("500000"),
				AnnualRate: decimal.RequireFromString("0.05"), TermMonths: 120, AmortizationMonths: 360, StartDate: date.MustParse("2026-01-01")})
			return err
		}, nil},
		{"ledger", func(ctx context.Context, p *realestate.Platform, db bun.IDB) error {
			_, err := p.Ledger.OpenBook(ctx, db, ledger.OpenBookParams{ID: book, Code: "sponsor", Name: "Sponsor"})
			return err
		}, nil},
		{"investments", func(ctx context.Context, p *realestate.Platform, db bun.IDB) error {
			_, err := p.Commitments.Commit(ctx, db, investments.CommitParams{IdempotencyKey: "hook", OfferingID: offering, InvestorID: investor,
				Amount: money.MustParse("25000"), Date: date.MustParse("2026-02-01"), ActorID: investor})
			return err
		}, nil},
		{"events", func(ctx context.Context, p *realestate.Platform, db bun.IDB) error {
			_, err := p.Events.CreateEvent(ctx, db, events.CreateEventParams{ID: event, Title: "Open house", Slug: "open-house", StartsAt: starts, EndsAt: starts.Add(time.Hour)})
			return err
		}, nil},
		{"payables", func(ctx context.Context, p *realestate.Platform, db bun.IDB) error {
			_, err := p.Payables.AddVendor(ctx, db, payables.AddVendorParams{ID: vendor, Name: "Buckeye Plumbing", ActorID: investor})
			return err
		}, nil},
		{"documents", func(ctx context.Context, p *realestate.Platform, db bun.IDB) error {
			_, err := p.Documents.AddDocument(ctx, db, documents.AddDocumentParams{ID: paper, OwnerID: investor, Name: "Agreement",
				File: documents.File{Name: "agreement.pdf", Type: "application/pdf", Size: 1, SHA256: [32]byte{1}, StorageURL: "https://files.example.test/1"}})
			return err
		}, nil},
	}
}

// A host's hook sees the events of every domain that writes some, once each, and none
// when the same call comes again. When it refuses, the verb leaves nothing behind.
func TestHooks_everyDomain(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	var seen []string
	refuse := true
	now := func() time.Time { return time.Date(2026, 2, 1, 9, 0, 0, 0, time.UTC) }
	p, err := realestate.New(realestate.Config{Now: now, Hooks: []realestate.Hook{func(_ context.Context, _ bun.IDB, list []realestate.Emission) error {
		for _, e := range list {
			name, _ := e.Payload().EventType()
			seen = append(seen, name)
		}
		if refuse {
			return errRefused
		}
		return nil
	}}})
	require.NoError(t, err)
	property, investor := realestatetest.Property(t, tx), realestatetest.Investor(t, tx)
	offering := realestatetest.Offering(t, tx, func(o *investments.CreateOfferingParams) { o.PropertyID = property.ID })

	written := func() (n int) {
		require.NoError(t, tx.NewRaw("SELECT count(*) FROM freehold.outbox").Scan(ctx, &n))
		return n
	}
	var domains []string
	for _, v := range verbsOfDomains(property.ID, investor.ID, offering.ID) {
		domains = append(domains, v.domain)
		before := written()
		refuse, seen = true, nil
		require.ErrorIs(t, v.call(ctx, p, tx), errRefused, v.domain)
		require.Equal(t, before, written(), "%s: the refused verb writes nothing", v.domain)
		refuse, seen = false, nil
		require.NoError(t, v.call(ctx, p, tx), v.domain)
		require.Len(t, seen, 1, v.domain)
		require.True(t, strings.HasPrefix(seen[0], v.domain+"."), "%s: %s", v.domain, seen[0])
		require.Equal(t, before+1, written(), "%s: what the hook saw is written", v.domain)
		again := v.call(ctx, p, tx)
		if v.again == nil {
			require.NoError(t, again, v.domain)
		} else {
			require.ErrorIs(t, again, v.again, v.domain)
		}
		require.Len(t, seen, 1, "%s: the second call is no event", v.domain)
	}
	require.ElementsMatch(t, domainsWithEvents(t), domains, "every domain that writes events is here")
}

// domainsWithEvents are the domains of the events that hosts rely on.
func domainsWithEvents(t *testing.T) (out []string) {
	t.Helper()
	list, err := os.ReadFile("../internal/arch/testdata/events.golden")
	require.NoError(t, err)
	for line := range strings.Lines(string(list)) {
		domain, _, _ := strings.Cut(line, ".")
		out = append(out, domain)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// A verb that uses another domain's verb shows the hook both.
func TestHooks_innerVerbs(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	var seen []string
	p, err := realestate.New(realestate.Config{Hooks: []realestate.Hook{func(_ context.Context, _ bun.IDB, list []realestate.Emission) error {
		for _, e := range list {
			name, _ := e.Payload().EventType()
			seen = append(seen, name)
		}
		return nil
	}}})
	require.NoError(t, err)
	property := realestatetest.Property(t, tx).ID
	require.NoError(t, hire(ctx, tx))
	_, err = p.Offerings.Create(ctx, tx, investments.CreateOfferingParams{PropertyID: property, Name: "Elm Court", Slug: "elm-court", ActorID: staff})
	require.NoError(t, err)
	require.Equal(t, []string{"ledger.book_opened", "investments.offering_created"}, seen)
	seen = nil
	_, err = p.Market.RecordValuation(ctx, tx, market.RecordValuationParams{PropertyID: property, Date: date.MustParse("2025-01-01"), Amount: money.MustParse("1000000")})
	require.NoError(t, err)
	require.Equal(t, []string{"properties.property_revalued", "market.valuation_recorded"}, seen)
}

// Every hook of the library's own is in the table, is called in its order, and can be
// left out. A hook that is left out guards nothing.
func TestHooks_leftOut(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	var names []realestate.HookName
	golden, err := os.ReadFile("../internal/arch/testdata/events.golden")
	require.NoError(t, err)
	for _, h := range realestate.BuiltInHooks() {
		names = append(names, h.Name)
		require.NotEmpty(t, h.Does, h.Name)
		require.NotEmpty(t, h.Events, h.Name)
		for _, e := range h.Events {
			require.Contains(t, "\n"+string(golden), "\n"+e+" ", "%s acts on an event that there is", h.Name)
		}
	}
	bare, err := realestate.New(realestate.Config{LeaveOut: names})
	require.NoError(t, err)
	o := realestatetest.Offering(t, tx)
	who := realestatetest.Investor(t, tx).ID
	realestatetest.Position(t, tx, o.ID, who, money.MustParse("50000"))

	require.ErrorIs(t, platform().Properties.DeleteProperty(ctx, tx, o.PropertyID), realestate.ErrPropertyOffered)
	require.NoError(t, bare.Properties.DeleteProperty(ctx, tx, o.PropertyID))
	_, err = platform().Users.Delete(ctx, tx, auth.DeleteUserParams{UserID: who, ActorID: who})
	require.ErrorIs(t, err, realestate.ErrPersonInvested)
	_, err = bare.Users.Delete(ctx, tx, auth.DeleteUserParams{UserID: who, ActorID: who})
	require.NoError(t, err)
	_, err = realestate.New(realestate.Config{LeaveOut: []realestate.HookName{"no_such"}})
	require.Equal(t, "leave_out", fault.FieldErrors(err)[0].Field)
}

// A property serves its offerings to the end: it is not deleted or sold under an open
// one, is sold under a funded one, is deleted after the exit, and nothing of it is
// offered once it is sold or gone.
func TestPropertyGuard(t *testing.T) {
	t.Parallel()
	ctx, tx, p := t.Context(), pgtest.Tx(t), platform()
	o := realestatetest.Offering(t, tx)
	who := realestatetest.Investor(t, tx).ID
	become := func(s properties.Status) error {
		now, err := p.Properties.Property(ctx, tx, o.PropertyID)
		require.NoError(t, err)
		_, err = p.Properties.UpdateProperty(ctx, tx, properties.UpdatePropertyParams{ID: now.ID, Version: now.Version, PropertyDetails: properties.PropertyDetails{Status: &s}})
		return err
	}
	refused := func(want, got error) { t.Helper(); require.ErrorIs(t, got, want) }
	refused(realestate.ErrPropertyOffered, p.Properties.DeleteProperty(ctx, tx, o.PropertyID))
	require.NoError(t, become(properties.StatusActive))
	refused(realestate.ErrPropertyOffered, become(properties.StatusSold))
	refused(properties.ErrStatusChange, become(properties.StatusProspect))

	realestatetest.Position(t, tx, o.ID, who, money.MustParse("50000"))
	require.NoError(t, hire(ctx, tx))
	_, err := p.Offerings.Close(ctx, tx, investments.CloseOfferingParams{OfferingID: o.ID, ActorID: staff})
	require.NoError(t, err)
	require.NoError(t, become(properties.StatusSelling))
	require.NoError(t, become(properties.StatusSold), "investors are paid out of the sale")
	refused(realestate.ErrPropertyOffered, p.Properties.DeleteProperty(ctx, tx, o.PropertyID))

	draft, err := p.Offerings.Create(ctx, tx, investments.CreateOfferingParams{PropertyID: o.PropertyID, Name: "Again", Slug: "again", ActorID: staff})
	require.NoError(t, err)
	_, err = p.Offerings.Open(ctx, tx, investments.OpenOfferingParams{OfferingID: draft.ID, ActorID: staff})
	refused(realestate.ErrPropertySold, err)
	_, err = p.Capital.ExitOffering(ctx, tx, investments.ExitOfferingParams{IdempotencyKey: "exit", OfferingID: o.ID, Date: date.MustParse("2026-01-31"), WriteOff: true, ActorID: who})
	require.NoError(t, err)
	require.NoError(t, p.Properties.DeleteProperty(ctx, tx, o.PropertyID), "everybody has left")
	_, err = p.Offerings.Open(ctx, tx, investments.OpenOfferingParams{OfferingID: draft.ID, ActorID: staff})
	refused(properties.ErrPropertyNotFound, err)
	require.Equal(t, "property_id", fault.FieldErrors(err)[0].Field)
	_, err = p.Offerings.Create(ctx, tx, investments.CreateOfferingParams{PropertyID: o.PropertyID, Name: "Again", Slug: "and-again", ActorID: staff})
	refused(properties.ErrPropertyNotFound, err)

	other := realestatetest.Property(t, tx).ID
	project, err := p.Renovations.PlanProject(ctx, tx, renovations.PlanProjectParams{PropertyID: other, Name: "Roof"})
	require.NoError(t, err)
	_, err = p.Renovations.ApproveProject(ctx, tx, renovations.ApproveProjectParams{ProjectID: project.ID, Budget: money.MustParse("10000"), ActorID: staff})
	require.NoError(t, err)
	_, err = p.Renovations.StartProject(ctx, tx, renovations.StartProjectParams{ProjectID: project.ID, Date: date.MustParse("2026-01-05")})
	require.NoError(t, err)
	refused(realestate.ErrPropertyUnderWork, p.Properties.DeleteProperty(ctx, tx, other))
	_, err = p.Renovations.CompleteProject(ctx, tx, renovations.CompleteProjectParams{ProjectID: project.ID, Date: date.MustParse("2026-01-15"), Cost: money.MustParse("9000")})
	require.NoError(t, err)
	require.NoError(t, p.Properties.DeleteProperty(ctx, tx, other))
}

// Who is invested, is owed or owes something is neither deleted nor erased, in person
// or by a joint account, until nothing is open any more.
func TestPersonGuard(t *testing.T) {
	t.Parallel()
	ctx, tx, p := t.Context(), pgtest.Tx(t), platform()
	o := realestatetest.Offering(t, tx)
	who, wife := realestatetest.Investor(t, tx).ID, realestatetest.Investor(t, tx).ID
	admin := realestatetest.Staff(t, tx, auth.RoleAdministrator).ID
	gone := func(person id.Of[auth.User], want error) {
		t.Helper()
		for _, try := range []func(tx bun.IDB) error{
			func(tx bun.IDB) error {
				_, err := p.Users.Delete(ctx, tx, auth.DeleteUserParams{UserID: person, ActorID: person})
				return err
			},
			func(tx bun.IDB) error {
				_, err := p.Erase(ctx, tx, realestate.EraseParams{UserID: person, ActorID: admin, DryRun: true})
				return err
			},
			func(tx bun.IDB) error {
				_, err := p.Erase(ctx, tx, realestate.EraseParams{UserID: person, ActorID: admin})
				return err
			},
		} {
			err := store.InTx(ctx, tx, func(tx bun.IDB) error {
				if err := try(tx); err != nil {
					return err
				}
				return errRefused // what would be is taken back
			})
			require.ErrorIs(t, err, want)
		}
	}
	joint := realestatetest.Account(t, tx, who, func(a *investments.OpenAccountParams) { a.Type, a.JointInvestorID = investments.AccountJoint, &wife })
	held := realestatetest.Position(t, tx, o.ID, who, money.MustParse("50000"), func(c *investments.CommitParams) { c.AccountID = &joint.ID })
	gone(who, realestate.ErrPersonInvested)
	gone(wife, realestate.ErrPersonInvested)
	gone(realestatetest.Investor(t, tx).ID, errRefused)

	require.NoError(t, hire(ctx, tx))
	d, paid := realestatetest.Distribution(t, tx, o.ID, money.MustParse("1000")), realestatetest.Funded().AddDays(61)
	_, err := p.Distributions.Approve(ctx, tx, investments.ApproveDistributionParams{DistributionID: d.ID, ActorID: admin})
	require.NoError(t, err)
	_, err = p.Distributions.Pay(ctx, tx, investments.PayParams{IdempotencyKey: "pay", DistributionID: d.ID, Date: paid, Method: investments.PayACH, ActorID: staff})
	require.NoError(t, err)
	_, err = reverse(ctx, tx, p.Distributions, investments.ReverseDistributionParams{IdempotencyKey: "back", DistributionID: d.ID, Date: paid.AddDays(1), Reason: "wrong", ActorID: admin})
	require.NoError(t, err)
	_, err = p.Offerings.Close(ctx, tx, investments.CloseOfferingParams{OfferingID: o.ID, ActorID: staff})
	require.NoError(t, err)
	open, err := p.Reports.Obligations(ctx, tx, wife)
	require.NoError(t, err)
	require.Equal(t, investments.Obligations{Positions: 1, Recoveries: 1}, open)
	require.Equal(t, *held.AccountID, joint.ID)
}

// A property is not deleted while a lease of it runs, while its tenants owe or are owed
// something, or while a loan of it is not paid off.
func TestPropertyGuard_tenantsVendorsAndLoans(t *testing.T) {
	t.Parallel()
	ctx, tx, p := t.Context(), realestatetest.Tx(t), platform()
	property := realestatetest.Property(t, tx).ID
	staff := person(t, tx)
	units, err := p.Properties.AddUnits(ctx, tx, properties.AddUnitsParams{PropertyID: property, Units: []properties.UnitParams{{Number: "G-1"}}})
	require.NoError(t, err)
	tenant, err := p.Leases.AddTenant(ctx, tx, leases.AddTenantParams{Name: "Ana Ruiz"})
	require.NoError(t, err)
	start := date.MustParse("2025-01-01")
	l, err := p.Leases.SignLease(ctx, tx, leases.SignLeaseParams{UnitID: units[0].ID, Parties: []leases.PartyParams{{TenantID: tenant.ID}}, StartsOn: start,
		Rent: []leases.RentStep{{From: start, Amount: money.MustParse("1000")}}, ActorID: staff})
	require.NoError(t, err)
	require.ErrorIs(t, p.Properties.DeleteProperty(ctx, tx, property), realestate.ErrPropertyLet)
	_, err = p.TenantAccounts.PostCharges(ctx, tx, leases.PostChargesParams{PropertyID: property, Month: start, ActorID: staff})
	require.NoError(t, err)
	_, err = p.Leases.MoveOut(ctx, tx, leases.MoveOutParams{LeaseID: l.ID, Date: date.MustParse("2025-01-31"), ActorID: staff})
	require.NoError(t, err)
	require.ErrorIs(t, p.Properties.DeleteProperty(ctx, tx, property), realestate.ErrPropertyLet, "January's rent is owed")
	_, err = p.TenantAccounts.ReceivePayment(ctx, tx, leases.ReceivePaymentParams{IdempotencyKey: "january", LeaseID: l.ID, Amount: money.MustParse("1000"), Date: date.MustParse("2025-01-31"), ActorID: staff})
	require.NoError(t, err)
	loan, err := p.Financials.AddLoan(ctx, tx, financials.AddLoanParams{PropertyID: property, Lender: "First Bank", Principal: money.MustParse("1000"), TermMonths: 120, AmortizationMonths: 360,
		StartDate: date.MustParse("2025-01-01")})
	require.NoError(t, err)
	_, err = p.Loans.DrawLoan(ctx, tx, financials.DrawLoanParams{IdempotencyKey: "draw", LoanID: loan.ID, Amount: money.MustParse("1000"), Date: date.MustParse("2025-01-01"), ActorID: staff})
	require.NoError(t, err)
	require.ErrorIs(t, p.Properties.DeleteProperty(ctx, tx, property), realestate.ErrPropertyMortgaged)
	_, err = p.Loans.PayOffLoan(ctx, tx, financials.PayOffLoanParams{IdempotencyKey: "pay off", LoanID: loan.ID, Date: date.MustParse("2025-02-01"), ActorID: staff})
	require.NoError(t, err)
	vendor, err := p.Payables.AddVendor(ctx, tx, payables.AddVendorParams{Kind: payables.VendorCompany, Name: "Roof and Son", ActorID: staff})
	require.NoError(t, err)
	bill, err := p.Payables.EnterBill(ctx, tx, payables.EnterBillParams{PropertyID: property, VendorID: vendor.ID, Line: payables.LineMaintenanceRepairs, Amount: money.MustParse("10"),
		BilledOn: start, DueOn: start, ActorID: staff})
	require.NoError(t, err)
	require.ErrorIs(t, p.Properties.DeleteProperty(ctx, tx, property), realestate.ErrPropertyBilled)
	_, err = p.Payables.RejectBill(ctx, tx, payables.RejectBillParams{BillID: bill.ID, Reason: "not ours", ActorID: person(t, tx)})
	require.NoError(t, err)
	require.NoError(t, p.Properties.DeleteProperty(ctx, tx, property))
}
