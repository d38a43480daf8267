package schematest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
)

// The document joined investor_summary with every accreditation, so that a
// second one showed the investor twice, and showed deleted users.
func TestDefect_fanOutOfInvestorSummary(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	user, gone := newUser(t, tx), newUser(t, tx)
	property := newProperty(t, tx)
	exec(t, tx, `INSERT INTO users.profiles (user_id, first_name, company) VALUES (?, 'Ann', 'Ann LLC')`, user)
	const verify = `INSERT INTO users.verifications (user_id, type, status, reviewed_at, expires_at, created_at)
		VALUES (?, 'accredited', ?, now(), now() + ?::interval, now() - ?::interval)`
	exec(t, tx, verify, user, "approved", "-1 day", "5 years")
	exec(t, tx, verify, user, "approved", "1 year", "2 years")
	exec(t, tx, verify, user, "rejected", "1 year", "1 day")
	for _, amount := range []string{"100", "200", "300"} {
		newPosition(t, tx, newOpportunity(t, tx, property), user, "funded", amount)
	}
	exec(t, tx, `DELETE FROM auth.users WHERE id = ?`, gone)

	const summary = `SELECT first_name, company, verification_status, total_invested::text, investment_count FROM shared.investor_summary WHERE id = ?`
	require.Equal(t, [][]string{{"Ann", "Ann LLC", "approved", "600.00", "3"}}, rows(t, tx, summary, user),
		"the accreditation in force counts, not the last attempt")
	require.Empty(t, rows(t, tx, summary, gone))

	exec(t, tx, `UPDATE users.verifications SET expires_at = now() WHERE user_id = ? AND status = 'approved'`, user)
	exec(t, tx, `DELETE FROM users.verifications WHERE user_id = ? AND status = 'rejected'`, user)
	require.Equal(t, "expired", rows(t, tx, summary, user)[0][2], "an approval that ran out is none")
}

// Averages and sums over a join grow with every further join. The views
// aggregate beside each row instead.
func TestDefect_aggregatesOverJoins(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	property, user := newProperty(t, tx), newUser(t, tx)
	a, b := newOpportunity(t, tx, property), newOpportunity(t, tx, property)
	newPosition(t, tx, a, user, "funded", "100")
	newPosition(t, tx, a, newUser(t, tx), "funded", "50")
	newPosition(t, tx, a, newUser(t, tx), "pending", "7")
	newPosition(t, tx, b, user, "funded", "200")
	exec(t, tx, `UPDATE investments.investor_portfolios SET current_value = 400, total_distributions = 25 WHERE investor_id = ?`, user)

	exec(t, tx, `REFRESH MATERIALIZED VIEW analytics.portfolio_performance`)
	require.Equal(t, [][]string{{"300.00", "400.00", "125.00", "2"}}, rows(t, tx, `
		SELECT total_invested::text, total_value::text, total_returns::text, investment_count
		FROM analytics.portfolio_performance WHERE investor_id = ?`, user))
	require.Equal(t, [][]string{{"2", "150.00", "4999850.00", "150.00"}}, rows(t, tx, `
		SELECT investor_count, total_raised::text, remaining_amount::text, amount_raised::text
		FROM shared.active_opportunities WHERE id = ?`, a))
	require.NotContains(t, one(t, tx, `SELECT string_agg(pg_get_viewdef(c.oid), ' ') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname IN ('shared', 'analytics') AND c.relkind IN ('v', 'm')`), "GROUP BY")
}

// The holding period ran from the day the row was made to the second it was
// read. It runs from the funding to the exit, or to the day of the refresh.
func TestDefect_holdingPeriod(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	property, user := newProperty(t, tx), newUser(t, tx)
	funded := newPosition(t, tx, newOpportunity(t, tx, property), user, "funded", "100")
	exited := newPosition(t, tx, newOpportunity(t, tx, property), user, "exited", "100")
	exec(t, tx, `UPDATE investments.property_investments SET funding_date = CURRENT_DATE - 100 WHERE id = ?`, funded)
	exec(t, tx, `UPDATE investments.property_investments SET funding_date = CURRENT_DATE - 900, actual_exit_date = CURRENT_DATE - 600 WHERE id = ?`, exited)
	exec(t, tx, `REFRESH MATERIALIZED VIEW analytics.portfolio_performance`)
	require.Equal(t, [][]string{{"200", "true"}}, rows(t, tx, `
		SELECT avg_holding_period::int, as_of = CURRENT_DATE FROM analytics.portfolio_performance WHERE investor_id = ?`, user))
}

// The index of the document was not unique, so that the hourly refresh failed.
// The refresh goes through while a reader holds the view.
func TestDefect_refreshConcurrently(t *testing.T) {
	t.Parallel()
	db := pgtest.Clone(t)
	user := newUser(t, db)
	newPosition(t, db, newOpportunity(t, db, newProperty(t, db)), user, "funded", "100")
	const refresh = `REFRESH MATERIALIZED VIEW CONCURRENTLY analytics.portfolio_performance`
	exec(t, db, refresh)

	reader, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	defer func() { require.NoError(t, reader.Rollback()) }()
	require.Equal(t, "1", one(t, reader, `SELECT count(*) FROM analytics.portfolio_performance`))
	newPosition(t, db, newOpportunity(t, db, newProperty(t, db)), newUser(t, db), "funded", "100")
	exec(t, db, refresh)
	require.Equal(t, "2", one(t, db, `SELECT count(*) FROM analytics.portfolio_performance`))
}

// active_opportunities named investor_count twice and said o.*, which freezes
// the columns of the day it was made. Its columns are listed; all that the
// document asks for are there, and no column of the base table is left to chance.
func TestDefect_columnsOfTheViews(t *testing.T) {
	t.Parallel()
	c, db := loadCatalog(t), pgtest.Clone(t)
	for name, columns := range map[string]string{
		"shared.investor_summary": "id email first_name last_name company location_city location_state verification_status total_invested total_value investment_count",
		"shared.active_opportunities": "id property_id name slug description executive_summary status open_date close_date minimum_investment maximum_investment " +
			"target_raise currency units_offered amount_raised created_at updated_at investor_count total_raised remaining_amount",
		"analytics.portfolio_performance": "investor_id total_invested total_value total_returns irr multiple investment_count avg_holding_period",
		"investments.investments": "id investor_id property_id opportunity_id amount ownership_percentage share_class currency units commitment_date funding_date " +
			"status created_at updated_at version",
		"investments.portfolios": "investor_id total_invested total_value total_returns irr multiple updated_at",
	} {
		r := c.relation(name)
		require.NotNil(t, r, name)
		for _, column := range strings.Fields(columns) {
			require.NotNil(t, r.column(column), "%s.%s", name, column)
		}
	}
	exec(t, db, `ALTER TABLE investments.opportunities ADD COLUMN added TEXT`)
	require.Empty(t, rows(t, db, `SELECT 1 FROM information_schema.columns
		WHERE table_schema = 'shared' AND table_name = 'active_opportunities' AND column_name = 'added'`))
}

// Only offerings that are open today are active.
func TestDefect_activeOpportunities(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	property := newProperty(t, tx)
	active := func(set string) string {
		o := newOpportunity(t, tx, property)
		exec(t, tx, fmt.Sprintf(`UPDATE investments.opportunities SET %s WHERE id = '%s'`, set, o))
		return one(t, tx, `SELECT count(*) FROM shared.active_opportunities WHERE id = ?`, o)
	}
	require.Equal(t, "1", active(`close_date = NULL`))
	require.Equal(t, "1", active(`close_date = CURRENT_DATE`))
	require.Equal(t, "0", active(`open_date = CURRENT_DATE - 2, close_date = CURRENT_DATE - 1`))
	require.Equal(t, "0", active(`status = 'closed'`))
	require.Equal(t, "0", active(`deleted_at = now()`))
}

// The tables that the document uses without defining them can be used by those
// names: read, written, returned and locked.
func TestDefect_undefinedTables(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	property, user := newProperty(t, tx), newUser(t, tx)
	opportunity := newOpportunity(t, tx, property)
	id := one(t, tx, `INSERT INTO investments.investments (opportunity_id, investor_id, amount, status)
		VALUES (?, ?, 1000, 'pending') RETURNING id`, opportunity, user)
	require.Equal(t, [][]string{{property, "1000.00", "common"}},
		rows(t, tx, `SELECT property_id, amount::text, share_class FROM investments.investments WHERE id = ? FOR UPDATE`, id))
	require.Equal(t, "funded", one(t, tx, `UPDATE investments.investments SET status = 'funded' WHERE id = ? RETURNING status`, id))
	require.Equal(t, "2000.00", one(t, tx, `INSERT INTO investments.investments (id, opportunity_id, investor_id, amount)
		VALUES (?, ?, ?, 1) ON CONFLICT (id) DO UPDATE SET amount = 2000 RETURNING amount::text`, id, opportunity, user))
	require.Equal(t, "2000.00", one(t, tx, `SELECT total_invested::text FROM investments.portfolios WHERE investor_id = ?`, user))
	exec(t, tx, `INSERT INTO investments.transactions (investor_id, investment_id, type, amount) VALUES (?, ?, 'investment', 2000)`, user, id)
	require.ErrorContains(t, refused(t, tx, `DELETE FROM investments.investments WHERE id = ?`, id), "fk_transactions_investment_id")
	require.Equal(t, "0", one(t, tx, `SELECT count(*) FROM investments.opportunities o WHERE o.id = ? AND o.amount_raised <> 2000`, opportunity))
}
