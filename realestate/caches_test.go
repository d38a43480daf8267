package realestate_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/events"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/realestatetest"
)

// cache is a stored column that follows from other rows, with the one thing that
// writes it and the invariant that proves it. spoil is a statement that makes a
// row of it wrong; :name stands for the id of the deal's row of that name.
type cache struct{ column, writer, invariant, spoil string }

// caches are all of them. Documents, history and ledger balances are no caches:
// the ledger's own invariants prove its balances.
var caches = []cache{
	{"properties.properties.occupancy_rate", "verbs on units", "a property's occupancy is that of its units",
		"UPDATE properties.properties SET occupancy_rate = 0.123456 WHERE id = :property"},
	{"properties.properties.investment_open", "trigger property_summary", "a property's summary is that of its offerings",
		"UPDATE properties.properties SET investment_open = NOT investment_open WHERE id = :property"},
	{"properties.properties.minimum_investment", "trigger property_summary", "a property's summary is that of its offerings",
		"UPDATE properties.properties SET minimum_investment = 1.23 WHERE id = :property"},
	{"properties.properties.maximum_investment", "trigger property_summary", "a property's summary is that of its offerings",
		"UPDATE properties.properties SET maximum_investment = 1.23 WHERE id = :property"},
	{"properties.properties.target_raise", "trigger property_summary", "a property's summary is that of its offerings",
		"UPDATE properties.properties SET target_raise = 1.23 WHERE id = :property"},
	{"properties.properties.amount_raised", "trigger property_summary", "a property's summary is that of its offerings",
		"UPDATE properties.properties SET amount_raised = 1.23 WHERE id = :property"},
	{"properties.properties.investor_count", "trigger property_summary", "a property's summary is that of its offerings",
		"UPDATE properties.properties SET investor_count = 77 WHERE id = :property"},
	{"renovations.projects.actual_rent_increase", "verbs on the work in units", "a project's increase of rent is that of its completed units",
		"INSERT INTO renovations.projects (property_id, project_name, actual_rent_increase) SELECT id, 'Baths', 1.23 FROM properties.properties WHERE id = :property"},
	{"events.events.current_attendees", "trigger attendee_count", "an event's current_attendees are its registrations",
		"UPDATE events.events SET current_attendees = 77 WHERE id = :event"},
	{"investments.opportunities.committed_amount", "verbs on subscriptions", "committed_amount is the open and funded subscriptions",
		"UPDATE investments.opportunities SET committed_amount = 1.23 WHERE id = :offering"},
	{"investments.opportunities.amount_raised", "trigger opportunity_metrics", "amount_raised and investor_count are the counted positions",
		"UPDATE investments.opportunities SET amount_raised = 1.23 WHERE id = :offering"},
	{"investments.opportunities.investor_count", "trigger opportunity_metrics", "amount_raised and investor_count are the counted positions",
		"UPDATE investments.opportunities SET investor_count = 77 WHERE id = :offering"},
	{"investments.subscriptions.received", "verbs on contributions", "a subscription's received amount is its contributions",
		"UPDATE investments.subscriptions SET status = 'open', received = received - 1 WHERE opportunity_id = :offering"},
	{"investments.property_investments.total_distributions", "verbs on payments", "a position's distributions are its transactions",
		"UPDATE investments.property_investments SET total_distributions = 1.23 WHERE opportunity_id = :offering"},
	{"investments.investor_portfolios.total_invested", "trigger investment_portfolio", "a portfolio's total_invested is its counted positions",
		"UPDATE investments.investor_portfolios SET total_invested = 1.23 WHERE investor_id = :investor"},
}

// A cached column that says something else than its source is found by its
// invariant, whichever column it is.
func TestCaches_proved(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	p, err := realestate.New(realestate.Config{})
	require.NoError(t, err)
	investor := realestatetest.User(t, db)
	offering := realestatetest.Offering(t, db)
	realestatetest.Position(t, db, offering.ID, investor.ID, money.MustParse("50000"))
	event := realestatetest.Event(t, db)
	register(t, db, event.ID, investor.ID, events.RegistrationRegistered)
	report, err := p.Verify(ctx, db)
	require.NoError(t, err)
	require.True(t, report.OK(), report)

	ids := map[string]string{"offering": offering.ID.String(), "property": offering.PropertyID.String(), "investor": investor.ID.String(), "event": event.ID.String()}
	for _, c := range caches {
		statement, name, _ := strings.Cut(c.spoil, ":")
		tx, err := db.BeginTx(ctx, nil)
		require.NoError(t, err)
		result, err := tx.NewRaw(statement+"?", ids[name]).Exec(ctx)
		require.NoError(t, err, c.column)
		n, err := result.RowsAffected()
		require.NoError(t, err)
		require.EqualValues(t, 1, n, c.column)
		report, err := p.Verify(ctx, tx)
		require.NoError(t, err, c.column)
		var names []string
		for _, f := range report.Findings {
			names = append(names, f.Invariant)
		}
		require.Contains(t, names, c.invariant, "%s, written by the %s", c.column, c.writer)
		require.NoError(t, tx.Rollback())
	}
}

// register puts a registration on record, as a host's import would.
func register(t *testing.T, db bun.IDB, event id.Of[events.Event], user id.Of[auth.User], status events.RegistrationStatus) *events.Registration {
	t.Helper()
	now := time.Now()
	r := &events.Registration{ID: id.New[events.Registration](), EventID: event, UserID: user, Status: status, CreatedAt: now, UpdatedAt: now}
	_, err := db.NewInsert().Model(r).Exec(t.Context())
	require.NoError(t, err)
	return r
}

// What a property says of its offerings follows them, whatever happens to them.
func TestCaches_property(t *testing.T) {
	t.Parallel()
	ctx, db, p := t.Context(), pgtest.Tx(t), platform()
	property := realestatetest.Property(t, db)
	says := func() string {
		got, err := p.Properties.Property(ctx, db, property.ID)
		require.NoError(t, err)
		return fmt.Sprint(got.InvestmentOpen, got.MinimumInvestment, got.MaximumInvestment, got.TargetRaise, got.AmountRaised, got.InvestorCount)
	}
	require.Equal(t, "false <nil> <nil> <nil> 0.00 0", says())
	offer := func(least, most, target string) *investments.Offering {
		return realestatetest.Offering(t, db, func(o *investments.CreateOfferingParams) {
			o.PropertyID = property.ID
			o.MinimumInvestment, o.MaximumInvestment, o.TargetRaise = amount(least), amount(most), amount(target)
		})
	}
	first := offer("25000", "100000", "300000")
	require.Equal(t, "true 25000.00 100000.00 300000.00 0.00 0", says())
	second := offer("10000", "", "200000")
	require.Equal(t, "true 10000.00 <nil> 500000.00 0.00 0", says())

	investor := realestatetest.User(t, db)
	realestatetest.Position(t, db, first.ID, investor.ID, money.MustParse("50000"))
	realestatetest.Position(t, db, second.ID, investor.ID, money.MustParse("10000"))
	require.Equal(t, "true 10000.00 <nil> 500000.00 60000.00 2", says())
	_, err := db.NewUpdate().Model((*investments.Offering)(nil)).Set("status = 'closed'").Where("id = ?", second.ID).Exec(ctx)
	require.NoError(t, err)
	require.Equal(t, "true 25000.00 100000.00 500000.00 60000.00 2", says())
	_, err = db.NewUpdate().Model((*investments.Offering)(nil)).Set("status = 'cancelled'").Where("id = ?", first.ID).Exec(ctx)
	require.NoError(t, err)
	require.Equal(t, "false <nil> <nil> 200000.00 60000.00 2", says())

	// Nobody's edit: the version stays, so that an update that somebody prepared goes through.
	got, err := p.Properties.Property(ctx, db, property.ID)
	require.NoError(t, err)
	require.Equal(t, property.Version, got.Version)
}

func amount(s string) *money.Amount {
	if s == "" {
		return nil
	}
	a := money.MustParse(s)
	return &a
}

// An event counts who has a seat, and refuses more of them than it holds.
func TestCaches_event(t *testing.T) {
	t.Parallel()
	ctx, db, p := t.Context(), pgtest.Tx(t), platform()
	most := 2
	event := realestatetest.Event(t, db, func(e *events.CreateEventParams) { e.MaxAttendees = &most })
	attendees := func() int {
		e, err := p.Events.Event(ctx, db, event.ID)
		require.NoError(t, err)
		return e.CurrentAttendees
	}
	one := register(t, db, event.ID, person(t, db), events.RegistrationRegistered)
	two := register(t, db, event.ID, person(t, db), events.RegistrationWaitlisted)
	require.Equal(t, 1, attendees())
	move := func(r *events.Registration, status events.RegistrationStatus) error {
		return realestate.InTx(ctx, db, func(tx bun.IDB) error {
			_, err := tx.NewUpdate().Model(r).Set("status = ?", status).WherePK().Exec(ctx)
			return realestate.TranslateError("events", err)
		})
	}
	require.NoError(t, move(two, events.RegistrationRegistered))
	require.Equal(t, 2, attendees())
	three := register(t, db, event.ID, person(t, db), events.RegistrationWaitlisted)
	require.Error(t, move(three, events.RegistrationRegistered))
	require.Equal(t, 2, attendees())
	require.NoError(t, move(one, events.RegistrationCancelled))
	require.Equal(t, 1, attendees())
	_, err := db.NewDelete().Model(two).WherePK().Exec(ctx)
	require.NoError(t, err)
	require.Equal(t, 0, attendees())
}
