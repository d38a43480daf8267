package schematest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
)

// UUID columns without a foreign key, among them the template of a campaign,
// whose table was missing. A session is named without one: sessions are purged.
func TestDefect_missingForeignKeys(t *testing.T) {
	t.Parallel()
	c := loadCatalog(t)
	targets := make(map[string]string)
	for _, k := range c.constraints {
		if k.kind == "f" {
			targets[k.schema+"."+k.table+"."+strings.Join(k.columns, ",")] = k.target
		}
	}
	for column, target := range map[string]string{
		"users.verifications.reviewed_by":            "auth.users",
		"users.messages.conversation_id":             "users.conversations",
		"events.events.created_by":                   "auth.users",
		"communications.email_campaigns.created_by":  "auth.users",
		"communications.email_campaigns.template_id": "communications.email_templates",
		"analytics.user_events.session_id":           "",
		"analytics.page_views.session_id":            "",
	} {
		require.Equal(t, target, targets[column], column)
	}
	require.Empty(t, uncoveredKeys(t, c, nil), "foreign keys without an index")
	require.Empty(t, redundantIndexes(t, c, nil))
}

// No foreign key of the document said what a DELETE does. Every key on one
// column says it; one on several does nothing, since SET NULL would clear all of
// them, but for lines that go with their journal's draft.
func TestDefect_onDelete(t *testing.T) {
	t.Parallel()
	c := loadCatalog(t)
	for _, k := range c.constraints {
		if k.kind != "f" {
			continue
		}
		stated := strings.Contains(k.def, " ON DELETE ")
		if len(k.columns) == 1 || k.name == "fk_pending_postings_pending_journal_id" {
			require.True(t, stated, "%s.%s", k.schema, k.name)
		} else {
			require.False(t, stated, "%s.%s", k.schema, k.name)
		}
	}
	// Rows of money and law refuse to go with anything.
	books := []string{
		"property_investments", "distributions", "investor_distributions", "transactions", "statements", "investor_portfolios",
		"subscriptions", "capital_calls", "capital_call_lines", "transfers", "journals", "postings", "accounts",
		"property_income", "property_expenses", "property_performance", "rent_roll", "loans",
		"property_valuations", "signatures", "signature_events",
	}
	for _, k := range c.constraints {
		if k.kind == "f" && slices.Contains(books, k.table) {
			require.NotContains(t, k.def, "ON DELETE CASCADE", "%s.%s", k.schema, k.name)
			require.NotContains(t, k.def, "ON DELETE SET NULL", "%s.%s", k.schema, k.name)
		}
	}
}

// Owned rows go with their owner, optional references are cleared, money stays.
func TestDefect_onDeleteAtWork(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	exec(t, tx, `SELECT set_config('freehold.purge', 'on', TRUE)`)
	property, user, author := newProperty(t, tx), newUser(t, tx), newUser(t, tx)
	unit := newUnit(t, tx, property, "1")
	exec(t, tx, `INSERT INTO media.property_videos (property_id) VALUES (?)`, property)
	exec(t, tx, `INSERT INTO communications.notifications (user_id) VALUES (?)`, author)
	event := one(t, tx, `INSERT INTO events.events (title, slug, start_datetime, end_datetime, created_by)
		VALUES ('x', 'x', now(), now() + interval '1 hour', ?) RETURNING id`, author)
	exec(t, tx, `DELETE FROM auth.users WHERE id = ?`, author)
	require.Equal(t, "", one(t, tx, `SELECT created_by FROM events.events WHERE id = ?`, event))
	require.Equal(t, "0", one(t, tx, `SELECT count(*) FROM communications.notifications`))

	exec(t, tx, `INSERT INTO financials.rent_roll (property_id, unit_id, as_of_date) VALUES (?, ?, '2024-01-31')`, property, unit)
	require.ErrorContains(t, refused(t, tx, `DELETE FROM properties.properties WHERE id = ?`, property), "SQLSTATE 23503")
	exec(t, tx, `DELETE FROM financials.rent_roll WHERE property_id = ?`, property)
	exec(t, tx, `DELETE FROM properties.properties WHERE id = ?`, property)
	require.Equal(t, "0", one(t, tx, `SELECT count(*) FROM media.property_videos`))

	newPosition(t, tx, newOpportunity(t, tx, newProperty(t, tx)), user, "funded", "100")
	require.ErrorContains(t, refused(t, tx, `DELETE FROM investments.opportunities`), "fk_investment_opportunity")
}

// Two columns of one row could name things that do not belong together: a unit
// of another property, an offering of another property, a registration for
// another event, a line of another property's distribution.
func TestDefect_crossRowIntegrity(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	here, there, user := newProperty(t, tx), newProperty(t, tx), newUser(t, tx)
	unit := newUnit(t, tx, there, "1")
	opportunity := newOpportunity(t, tx, there)
	distribution := one(t, tx, `INSERT INTO investments.distributions (opportunity_id, type, distribution_date, total_amount)
		VALUES (?, 'dividend', '2024-03-31', 10) RETURNING id`, opportunity)
	event := func(slug string) string {
		return one(t, tx, `INSERT INTO events.events (title, slug, start_datetime, end_datetime)
			VALUES ('x', ?, now(), now() + interval '1 hour') RETURNING id`, slug)
	}
	first, second := event("first"), event("second")
	registration := one(t, tx, `INSERT INTO events.registrations (event_id, user_id) VALUES (?, ?) RETURNING id`, second, user)
	for constraint, statement := range map[string]string{
		"fk_rent_roll_unit_id":            `INSERT INTO financials.rent_roll (unit_id, as_of_date, property_id) VALUES ('` + unit + `', '2024-01-31', '%s')`,
		"fk_property_photos_unit_id":      `INSERT INTO media.property_photos (unit_id, property_id) VALUES ('` + unit + `', '%s')`,
		"fk_investment_opportunity":       `INSERT INTO investments.property_investments (opportunity_id, investor_id, investment_amount, property_id) VALUES ('` + opportunity + `', '` + user + `', 1, '%s')`,
		"fk_distributions_opportunity_id": `INSERT INTO investments.distributions (opportunity_id, type, distribution_date, total_amount, property_id) VALUES ('` + opportunity + `', 'dividend', '2024-06-30', 10, '%s')`,
		"fk_investor_distributions_distribution_id": `INSERT INTO investments.investor_distributions (distribution_id, investor_id, distribution_amount, net_distribution, property_id)
			VALUES ('` + distribution + `', '` + user + `', 1, 1, '%s')`,
	} {
		require.ErrorContains(t, refused(t, tx, fmt.Sprintf(statement, here)), constraint)
		exec(t, tx, fmt.Sprintf(statement, there))
	}
	const say = `INSERT INTO events.event_interactions (event_id, user_id, registration_id) VALUES (?, ?, ?)`
	require.ErrorContains(t, refused(t, tx, say, first, user, registration), "fk_event_interactions_registration_id")
	exec(t, tx, say, second, user, registration)
}
