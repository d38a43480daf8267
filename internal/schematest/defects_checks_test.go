package schematest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
)

// What the document says in prose or not at all: values out of range, periods
// that end before they begin, totals that are not the sum of their parts. Every
// case is refused by the constraint that is named after it.
func TestDefect_missingChecks(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	property, user := newProperty(t, tx), newUser(t, tx)
	unit := newUnit(t, tx, property, "1")
	opportunity := newOpportunity(t, tx, property)
	position := newPosition(t, tx, opportunity, user, "funded", "100")
	project := one(t, tx, `INSERT INTO renovations.projects (property_id, project_name) VALUES (?, 'Roof') RETURNING id`, property)
	distribution := one(t, tx, `INSERT INTO investments.distributions (opportunity_id, type, distribution_date, total_amount)
		VALUES (?, 'dividend', '2024-03-31', 10) RETURNING id`, opportunity)
	set := func(table, id, values string) string {
		return fmt.Sprintf("UPDATE %s SET %s WHERE id = '%s'", table, values, id)
	}
	month := func(table, columns, values string) string {
		return fmt.Sprintf("INSERT INTO financials.%s (property_id, period_start, period_end%s) VALUES ('%s', %s)", table, columns, property, values)
	}
	for constraint, statement := range map[string]string{
		"chk_properties_total_units":                 set("properties.properties", property, "total_units = -1"),
		"chk_properties_occupancy_rate":              set("properties.properties", property, "occupancy_rate = 95.5"),
		"chk_properties_property_class":              set("properties.properties", property, "property_class = 'E'"),
		"chk_units_condition_rating":                 set("properties.units", unit, "condition_rating = 6"),
		"chk_units_lease_dates":                      set("properties.units", unit, "lease_start_date = '2024-02-01', lease_end_date = '2024-01-31'"),
		"chk_units_current_rent":                     set("properties.units", unit, "current_rent = -1"),
		"chk_projects_completion_percentage":         set("renovations.projects", project, "completion_percentage = 101"),
		"chk_projects_planned_dates":                 set("renovations.projects", project, "planned_start_date = '2024-02-01', planned_end_date = '2024-01-31'"),
		"chk_investment_amounts":                     set("investments.opportunities", opportunity, "minimum_investment = 2, maximum_investment = 1"),
		"chk_dates":                                  set("investments.opportunities", opportunity, "open_date = '2024-02-01', close_date = '2024-01-31'"),
		"chk_opportunities_capacity":                 set("investments.opportunities", opportunity, "target_raise = 1, hard_cap = 1, committed_amount = 2"),
		"chk_property_investments_investment_amount": set("investments.property_investments", position, "investment_amount = -1"),
		"chk_property_investments_status":            set("investments.property_investments", position, "status = 'sold'"),
		"chk_distributions_total_amount":             set("investments.distributions", distribution, "total_amount = 0"),
		"chk_distributions_status":                   set("investments.distributions", distribution, "status = 'paid'"),
		"chk_property_income_period":                 month("property_income", "", "'2024-02-01', '2024-01-31'"),
		"chk_property_income_total":                  month("property_income", ", gross_rental_income, loss_to_lease, bad_debt, total_income", "'2024-01-01', '2024-01-31', 100, 10, 5, 100"),
		"chk_property_income_effective_rent":         month("property_income", ", gross_rental_income, vacancy_loss, effective_rental_income", "'2024-01-01', '2024-01-31', 100, 10, 100"),
		"chk_property_expenses_period":               month("property_expenses", "", "'2024-02-01', '2024-01-31'"),
		"chk_property_expenses_operating_total":      month("property_expenses", ", utilities, other_operating, total_operating_expenses", "'2024-01-01', '2024-01-31', 1, 2, 4"),
		"chk_property_expenses_total":                month("property_expenses", ", utilities, mortgage_interest, total_expenses", "'2024-01-01', '2024-01-31', 1, 2, 1"),
		"chk_property_performance_period":            month("property_performance", "", "'2024-02-01', '2024-01-31'"),
		"chk_investor_distributions_net": fmt.Sprintf(`INSERT INTO investments.investor_distributions
			(distribution_id, property_id, investor_id, investment_id, distribution_amount, tax_withholding, net_distribution)
			VALUES ('%s', '%s', '%s', '%s', 10, 3, 8)`, distribution, property, user, position),
		"chk_transactions_amount": fmt.Sprintf(`INSERT INTO investments.transactions (investor_id, type, amount) VALUES ('%s', 'fee', 0)`, user),
		"chk_transactions_type":   fmt.Sprintf(`INSERT INTO investments.transactions (investor_id, type, amount) VALUES ('%s', 'gift', 1)`, user),
		"chk_investment_range":    fmt.Sprintf(`INSERT INTO users.profiles (user_id, investment_range_min, investment_range_max) VALUES ('%s', 2, 1)`, user),
		"chk_event_times":         `INSERT INTO events.events (title, slug, start_datetime, end_datetime) VALUES ('x', 'x', now(), now())`,
		"chk_rent_roll_lease": fmt.Sprintf(`INSERT INTO financials.rent_roll (property_id, unit_id, as_of_date, lease_start, lease_end)
			VALUES ('%s', '%s', '2024-01-31', '2024-02-01', '2024-01-31')`, property, unit),
		"chk_rent_roll_days_delinquent": fmt.Sprintf(`INSERT INTO financials.rent_roll (property_id, unit_id, as_of_date, days_delinquent)
			VALUES ('%s', '%s', '2024-01-31', -1)`, property, unit),
	} {
		t.Run(constraint, func(t *testing.T) {
			require.ErrorContains(t, refused(t, tx, statement), `"`+constraint+`"`)
		})
	}
}

// Lists that lacked a value which the workflows need, or were missing.
func TestDefect_enumerationGaps(t *testing.T) {
	t.Parallel()
	values := closedValues(t, loadCatalog(t), pgtest.Tx(t))
	for column, needs := range map[string]string{
		"investments.property_investments.status":           "cancelled",
		"investments.distributions.status":                  "approved failed cancelled reversed",
		"investments.investor_distributions.payment_status": "failed reversed",
		"investments.opportunities.status":                  "draft open closed funded cancelled",
	} {
		require.Subset(t, values[column], strings.Fields(needs), column)
	}
	for _, column := range []string{
		"properties.properties.property_type", "communications.notifications.type", "users.verifications.provider",
	} {
		require.Empty(t, values[column], "%s is an open list", column)
	}
}

// Lines that real operating statements have.
func TestDefect_missingLines(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	property := newProperty(t, tx)
	exec(t, tx, `INSERT INTO financials.property_income (property_id, period_start, period_end, gross_rental_income, loss_to_lease, bad_debt, effective_rental_income, total_income)
		VALUES (?, '2024-01-01', '2024-01-31', 100, 10, 5, 85, 85)`, property)
	exec(t, tx, `INSERT INTO financials.property_expenses (property_id, period_start, period_end, utilities, office_administrative, other_operating, total_operating_expenses, total_expenses)
		VALUES (?, '2024-01-01', '2024-01-31', 1, 2, 3, 6, 6)`, property)
}

// Times that the document forgot: when a document, a share, a signature or an
// e-mail was made, and what may be taken out of sight.
func TestDefect_missingTimes(t *testing.T) {
	t.Parallel()
	c := loadCatalog(t)
	for _, name := range []string{"documents.documents", "documents.document_shares", "documents.signatures", "communications.email_sends"} {
		require.True(t, c.relation(name).column("created_at").notNull, name)
	}
	require.Empty(t, oddDeletions(t, c, nil))
	require.Empty(t, absentDefaults(t, c, nil), "columns with a default that may be NULL")
}

// The document inserted an administrator with a hash in clear. Nobody is there.
func TestDefect_seededAdministrator(t *testing.T) {
	t.Parallel()
	require.Empty(t, seeded(t, loadCatalog(t), pgtest.Tx(t)))
}

// The document named one rule of retention. Everything that only grows lies in
// monthly partitions or can be found by its age; idempotency keys stay, since a
// command must never run again.
func TestDefect_retention(t *testing.T) {
	t.Parallel()
	c := loadCatalog(t)
	require.Empty(t, unpartitioned(t, c, nil))
	for table, column := range map[string]string{
		"auth.sessions": "expires_at", "auth.password_resets": "expires_at",
		"communications.notifications": "created_at", "communications.email_sends": "created_at",
		"freehold.outbox": "delivered_at",
	} {
		found := false
		for _, i := range c.indexes {
			found = found || i.schema+"."+i.table == table && i.columns[0] == column
		}
		require.True(t, found, "%s by %s", table, column)
	}
}
