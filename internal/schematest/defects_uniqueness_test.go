package schematest

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
)

// A to B, B to A, A to A and a status of any name were all accepted.
func TestDefect_connections(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	ann, bob := newUser(t, tx), newUser(t, tx)
	const connect = `INSERT INTO users.connections (requester_id, recipient_id, status) VALUES (?, ?, ?)`
	exec(t, tx, connect, ann, bob, "pending")
	require.ErrorContains(t, refused(t, tx, connect, ann, bob, "pending"), "uk_unique_connection")
	require.ErrorContains(t, refused(t, tx, connect, bob, ann, "pending"), "uk_unique_connection")
	require.ErrorContains(t, refused(t, tx, connect, ann, ann, "pending"), "chk_connections_self")
	require.ErrorContains(t, refused(t, tx, connect, ann, newUser(t, tx), "x"), "chk_connections_status")
}

// c@x and C@x were two accounts, and a deleted one kept its address for ever.
func TestDefect_emailAddresses(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	const add = `INSERT INTO auth.users (email, password_hash) VALUES (?, '!') RETURNING id`
	first := one(t, tx, add, "case@example.test")
	require.ErrorContains(t, refused(t, tx, add, "case@example.test"), "uk_users_email")
	require.ErrorContains(t, refused(t, tx, add, "CASE@example.test"), "chk_users_email")
	exec(t, tx, `DELETE FROM auth.users WHERE id = ?`, first)
	one(t, tx, add, "case@example.test")
	require.ErrorContains(t, refused(t, tx, `UPDATE auth.users SET status = 'active', deleted_at = NULL WHERE id = ?`, first), "uk_users_email")
}

// 'deleted' and deleted_at say the same and could disagree.
func TestDefect_deletedTwice(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	user := newUser(t, tx)
	for _, set := range []string{"status = 'deleted'", "deleted_at = now()", "status = 'suspended', deleted_at = now()"} {
		require.ErrorContains(t, refused(t, tx, "UPDATE auth.users SET "+set+" WHERE id = ?", user), "chk_users_deletion")
	}
}

// A statement without a type had no duplicate, and a period could end before it
// began.
func TestDefect_statements(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	user := newUser(t, tx)
	const add = `INSERT INTO investments.statements (investor_id, type, period_start, period_end) VALUES (?, ?, ?, ?)`
	exec(t, tx, add, user, "monthly", "2024-01-01", "2024-01-31")
	require.ErrorContains(t, refused(t, tx, add, user, "monthly", "2024-01-01", "2024-01-31"), "uk_statements")
	require.ErrorContains(t, refused(t, tx, add, user, nil, "2024-01-01", "2024-01-31"), "SQLSTATE 23502")
	require.ErrorContains(t, refused(t, tx, add, user, "annual", "2024-02-01", "2024-01-31"), "chk_statements_period")
}

// What the document forgot to make unique, or made unique too widely. Each case
// inserts a row twice: the second time with a change that makes room, or without.
func TestDefect_missingUniqueness(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	property, user := newProperty(t, tx), newUser(t, tx)
	unit := newUnit(t, tx, property, "1")
	document := one(t, tx, `INSERT INTO documents.documents (owner_id, name) VALUES (?, 'Agreement') RETURNING id`, user)
	for _, c := range []struct{ what, insert, values, again, room, constraint string }{
		{"rent roll", "financials.rent_roll (property_id, unit_id, as_of_date)",
			"'" + property + "', '" + unit + "', '2024-01-31'", "", "'" + property + "', '" + unit + "', '2024-02-29'", "uk_rent_roll"},
		{"performance of a month and of a quarter", "financials.property_performance (property_id, period_start, period_end, period_type)",
			"'" + property + "', '2024-01-01', '2024-01-31', 'monthly'", "", "'" + property + "', '2024-01-01', '2024-01-31', 'quarterly'", "uk_property_performance"},
		{"unit numbers in two buildings", "properties.units (property_id, building_number, unit_number)",
			"'" + property + "', 'A', '2'", "", "'" + property + "', 'B', '2'", "uk_units"},
		{"unit number without a building", "properties.units (property_id, unit_number)",
			"'" + property + "', '7'", "", "'" + property + "', '8'", "uk_units"},
		{"primary photo", "media.property_photos (property_id, is_primary)",
			"'" + property + "', TRUE", "", "'" + property + "', FALSE", "uk_property_photos_primary"},
		{"latest version", "documents.documents (owner_id, name, parent_document_id, version)",
			"'" + user + "', 'Agreement', '" + document + "', 2", "", "", "uk_documents_latest_version"},
		{"market without a state", "market.market_areas (market_name)", "'Austin'", "", "'Dallas'", "uk_market_areas"},
		{"funnel", "analytics.investment_funnel (user_id, opportunity_id)",
			"'" + user + "', '" + newOpportunity(t, tx, property) + "'", "", "", "uk_investment_funnel"},
	} {
		t.Run(c.what, func(t *testing.T) {
			first := fmt.Sprintf("INSERT INTO %s VALUES (%s)", c.insert, c.values)
			if c.what != "latest version" {
				exec(t, tx, first)
			}
			require.ErrorContains(t, refused(t, tx, first), c.constraint)
			if c.room != "" {
				exec(t, tx, fmt.Sprintf("INSERT INTO %s VALUES (%s)", c.insert, c.room))
			}
		})
	}
}

// A signer who declined could never be asked again, and a share that was revoked
// never be granted again.
func TestDefect_askedAgain(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	owner, signer := newUser(t, tx), newUser(t, tx)
	document := one(t, tx, `INSERT INTO documents.documents (owner_id, name) VALUES (?, 'Agreement') RETURNING id`, owner)
	const ask = `INSERT INTO documents.signatures (document_id, signer_id) VALUES (?, ?)`
	exec(t, tx, ask, document, signer)
	require.ErrorContains(t, refused(t, tx, ask, document, signer), "uk_signatures_document_id_signer_id")
	exec(t, tx, `UPDATE documents.signatures SET status = 'declined', declined_at = now() WHERE document_id = ?`, document)
	exec(t, tx, ask, document, signer)

	const share = `INSERT INTO documents.document_shares (document_id, shared_by, shared_with) VALUES (?, ?, ?)`
	exec(t, tx, share, document, owner, signer)
	require.ErrorContains(t, refused(t, tx, share, document, owner, signer), "uk_unique_share")
	exec(t, tx, `UPDATE documents.document_shares SET revoked_at = now() WHERE document_id = ?`, document)
	exec(t, tx, share, document, owner, signer)
}

// One slug for each row in sight: a deleted row frees its own.
func TestDefect_slugsOfDeletedRows(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	property := newProperty(t, tx)
	event := func() string {
		return `INSERT INTO events.events (title, slug, start_datetime, end_datetime) VALUES ('x', 'slug', now(), now() + interval '1 hour')`
	}
	for table, insert := range map[string]string{
		"properties.properties": `INSERT INTO properties.properties (property_name, slug, address_line1, city, state, zip_code, total_units)
			VALUES ('x', 'slug', 'x', 'x', 'x', 'x', 1)`,
		"events.events":             event(),
		"investments.opportunities": fmt.Sprintf(`INSERT INTO investments.opportunities (property_id, name, slug) VALUES ('%s', 'x', 'slug')`, property),
	} {
		exec(t, tx, insert)
		require.ErrorContains(t, refused(t, tx, insert), "_slug", table)
		exec(t, tx, "UPDATE ? SET deleted_at = now() WHERE slug = 'slug'", bun.Safe(table))
		exec(t, tx, insert)
	}
}

// One position for each offering, holder and class: not one for each property,
// which forbade a second class and a second offering.
func TestDefect_onePositionPerProperty(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	property, user := newProperty(t, tx), newUser(t, tx)
	a, b := newOpportunity(t, tx, property), newOpportunity(t, tx, property)
	exec(t, tx, `INSERT INTO investments.share_classes (opportunity_id, code) VALUES (?, 'preferred')`, a)
	account := one(t, tx, `INSERT INTO investments.investor_accounts (investor_id, account_type, name) VALUES (?, 'ira', 'IRA') RETURNING id`, user)
	const add = `INSERT INTO investments.property_investments (opportunity_id, investor_id, share_class, account_id, investment_amount) VALUES (?, ?, ?, ?, 1)`
	exec(t, tx, add, a, user, "common", nil)
	exec(t, tx, add, b, user, "common", nil)
	exec(t, tx, add, a, user, "preferred", nil)
	exec(t, tx, add, a, user, "common", account)
	require.ErrorContains(t, refused(t, tx, add, a, user, "common", nil), "uk_property_investments_opportunity_holder")
	require.ErrorContains(t, refused(t, tx, add, b, user, "preferred", nil), "fk_property_investments_share_class")
	exec(t, tx, `UPDATE investments.property_investments SET status = 'cancelled' WHERE opportunity_id = ? AND account_id IS NULL AND share_class = 'common'`, a)
	exec(t, tx, add, a, user, "common", nil)

	const direct = `INSERT INTO investments.property_investments (property_id, investor_id, investment_amount) VALUES (?, ?, 1)`
	exec(t, tx, direct, property, user)
	require.ErrorContains(t, refused(t, tx, direct, property, user), "uk_property_investments_property_holder")
}
