package realestate_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
)

// noCaches are columns that are called like caches and are none, or that are proved
// otherwise, each with the reason.
var noCaches = map[string]string{
	"freehold.ledger_marks.journal_count":                          "part of a mark's hash, and what the seals up to it say",
	"financials.journals.line_count":                               "declared with the journal, and held to its postings by a composite key and a check",
	"financials.postings.line_count":                               "the journal's own, by a composite key",
	"freehold.ledger_seals.journal_count":                          "sealed in the hash chain, which the ledger's own verification proves",
	"properties.properties.total_units":                            "given: a property may be put on record without its units",
	"properties.properties.total_buildings":                        "given",
	"properties.properties.total_sqft":                             "given",
	"properties.properties.current_valuation":                      "given, by Revalue",
	"properties.units.current_rent":                                "proved against the leases: \"a unit says what its leases say\"; else as reported",
	"properties.floor_plans.total_units":                           "given: of the plan, whose units need not be on record",
	"properties.comparable_properties.total_units":                 "given: of somebody else's property",
	"media.virtual_tours.view_count":                               "a counter of views, whose rows go when they are added up",
	"financials.property_income.total_income":                      "a statement's own line, held to the others by a check",
	"financials.property_expenses.total_operating_expenses":        "a statement's own line, held to the others by a check",
	"financials.property_expenses.total_expenses":                  "a statement's own line, held to the others by a check",
	"financials.lease_terms.last_day":                              "held against the other days of the term: \"the last day of a term follows from its days\"",
	"financials.rent_roll.current_balance":                         "given: what a tenant owes, as the roll says",
	"investments.property_investments.total_returns":               "frozen at the exit: \"the returns of a position that left are its distributions less the capital that it put in or took over\"",
	"investments.investor_portfolios.total_properties":             "as of a day; Reports.VerifyPortfolios computes it anew",
	"investments.investor_portfolios.weighted_avg_irr":             "as of a day; Reports.VerifyPortfolios computes it anew",
	"investments.investor_portfolios.weighted_avg_cash_on_cash":    "as of a day; Reports.VerifyPortfolios computes it anew",
	"investments.investor_portfolios.allocation_by_state":          "as of a day; Reports.VerifyPortfolios computes it anew",
	"investments.investor_portfolios.allocation_by_city":           "as of a day; Reports.VerifyPortfolios computes it anew",
	"investments.investor_portfolios.allocation_by_property_type":  "as of a day; Reports.VerifyPortfolios computes it anew",
	"investments.investor_portfolios.allocation_by_property_class": "as of a day; Reports.VerifyPortfolios computes it anew",
	"investments.investor_portfolios.current_value":                "as of a day; Reports.VerifyPortfolios computes it anew",
	"investments.investor_portfolios.total_distributions":          "as of a day; Reports.VerifyPortfolios computes it anew",
	"investments.investor_portfolios.total_equity_multiple":        "as of a day; Reports.VerifyPortfolios computes it anew",
	"investments.capital_calls.total_amount":                       "given: \"a capital call's lines sum to its total\"",
	"investments.partner_events.day_count":                         "given: a convention",
	"investments.distributions.total_amount":                       "given: \"a distribution's lines sum to its total\"",
	"documents.document_shares.access_count":                       "held against the log: \"a share was opened as often as the access log says\"",
	"documents.links.access_count":                                 "held against the log: \"a link was opened as often as the access log says\"",
	"communications.email_campaigns.recipient_count":               "the host's, until the library sends mail: no verb writes it",
	"communications.email_campaigns.sent_count":                    "the host's, until the library sends mail: no verb writes it",
	"communications.email_campaigns.open_count":                    "the host's, until the library sends mail: no verb writes it",
	"communications.email_campaigns.click_count":                   "the host's, until the library sends mail: no verb writes it",
	"communications.email_campaigns.bounce_count":                  "the host's, until the library sends mail: no verb writes it",
	"communications.email_campaigns.unsubscribe_count":             "the host's, until the library sends mail: no verb writes it",
	"communications.email_sends.retry_count":                       "a counter of tries, which leave no rows",
}

// A column that is called like a cache is one, with its writer and its invariant, or
// says why not. Each cache has one row, and no row is of a column that is gone.
func TestCaches_all(t *testing.T) {
	t.Parallel()
	var columns []string
	require.NoError(t, pgtest.Tx(t).NewRaw(`SELECT format('%s.%s.%s', c.table_schema, c.table_name, c.column_name)
		FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
		WHERE t.table_type = 'BASE TABLE' AND c.table_schema IN ('freehold', 'auth', 'users', 'communications', 'properties', 'renovations', 'media', 'market',
				'financials', 'investments', 'events', 'documents', 'analytics')
			AND c.table_name !~ '(_history|_archive|_y[0-9]{4}m[0-9]{2}|_default)$'
			AND c.column_name ~ '(_count$|^total_|^current_|^weighted_avg_|^allocation_by_|^amount_raised$|^committed_amount$|^last_day$)'`).Scan(t.Context(), &columns))
	require.Greater(t, len(columns), 30)
	listed := map[string]bool{}
	for _, c := range caches {
		require.False(t, listed[c.column], "%s has one writer", c.column)
		listed[c.column] = true
	}
	there := map[string]bool{}
	for _, column := range columns {
		there[column] = true
		_, none := noCaches[column]
		require.NotEqual(t, listed[column], none, "%s is in one of the lists of caches_test.go and this file", column)
	}
	for column, why := range noCaches {
		require.True(t, there[column], "%s is gone", column)
		require.NotEmpty(t, why)
	}
}
