package schematest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
)

// Four decimals made 0.0006 of 50,000 in 87.3 million, 4.8 % too much, and 25 as
// a "percentage" did not fit at all.
func TestDefect_ownershipPrecision(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	position := newPosition(t, tx, newOpportunity(t, tx, newProperty(t, tx)), newUser(t, tx), "funded", "50000")
	const set = `UPDATE investments.property_investments SET ownership_percentage = ? WHERE id = ? RETURNING ownership_percentage::text`
	const exact = "0.000572737686139747995" // 50,000 / 87,300,000
	require.Equal(t, "0.0005727377", one(t, tx, set, bun.Safe(exact), position))
	require.Equal(t, "1.0000000000", one(t, tx, set, bun.Safe("1"), position))
	for _, wrong := range []string{"25", "1.0000000001", "-0.1"} {
		require.ErrorContains(t, refused(t, tx, set, bun.Safe(wrong), position), "chk_property_investments_ownership_percentage")
	}
}

// A million over three units came back as 999,999.9999.
func TestDefect_perUnitAmounts(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	require.Equal(t, [][]string{{"333333.3333333333", "1000000.00"}}, rows(t, tx, `
		INSERT INTO investments.distributions (property_id, distribution_type, distribution_date, total_amount, per_unit_amount)
		VALUES (?, 'quarterly', '2024-03-31', 1000000, 1000000 / 3.0)
		RETURNING per_unit_amount::text, round(3 * per_share_amount, 2)::text`, newProperty(t, tx)))
}

// The tables said DECIMAL(5,2), the appendix DECIMAL(5,4): percent points or
// fractions? Fractions. A bounded rate in percent points is refused, a computed
// return may be large, and a population may shrink.
func TestDefect_rates(t *testing.T) {
	t.Parallel()
	c, tx := loadCatalog(t), pgtest.Tx(t)
	require.Empty(t, narrowRates(t, c, tx))
	for _, name := range []string{
		"properties.properties.occupancy_rate", "properties.comparable_properties.occupancy_rate",
		"financials.property_performance.occupancy_rate", "market.market_areas.unemployment_rate",
		"market.market_areas.vacancy_rate", "market.property_valuations.cap_rate_used",
	} {
		r := c.relation(name[:strings.LastIndex(name, ".")])
		col := r.column(name[strings.LastIndex(name, ".")+1:])
		require.Equal(t, "NUMERIC(9,6)", col.typ, name)
		for value, ok := range map[string]bool{"95.5": false, "1.000001": false, "-0.01": false, "0": true, "1": true, "0.955": true} {
			require.Equal(t, ok, accepts(t, tx, c, r, col, value+"::numeric"), "%s = %s", name, value)
		}
	}
	for name, value := range map[string]string{
		"market.market_areas.population_growth_rate":            "-0.123456",
		"investments.investor_portfolios.weighted_avg_irr":      "12345678.0123456789",
		"investments.investor_portfolios.total_equity_multiple": "1.8500000000",
		"financials.property_performance.debt_service_coverage": "1.2512345678",
		"financials.property_performance.cash_on_cash_return":   "-0.0312345678",
		"financials.property_performance.delinquency_rate":      "1.0500000000",
		"properties.comparable_properties.distance_miles":       "1234.56",
		"financials.property_performance.rent_per_sqft":         "1.2345678901",
		"investments.distributions.expense_ratio":               "0.4512345678",
	} {
		r := c.relation(name[:strings.LastIndex(name, ".")])
		col := r.column(name[strings.LastIndex(name, ".")+1:])
		require.Equal(t, value, one(t, tx, "SELECT ("+value+")::"+col.typ+"::text"), "%s keeps every digit", name)
		require.True(t, accepts(t, tx, c, r, col, "("+value+")::"+col.typ), "%s = %s", name, value)
	}
}

// A TIMESTAMP drops the offset it is given. The offset counts here, whatever the
// session's zone, and an event keeps the name of its own.
func TestDefect_timestampsWithoutZone(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	require.Empty(t, zoneless(t, loadCatalog(t), tx))
	id := one(t, tx, `INSERT INTO events.events (title, slug, start_datetime, end_datetime, timezone)
		VALUES ('Annual meeting', 'zones', '2024-07-01 09:00-05', '2024-07-01 10:00:00.123456-05', 'America/Chicago') RETURNING id`)
	for _, zone := range []string{"UTC", "Asia/Tokyo"} {
		exec(t, tx, "SELECT set_config('timezone', ?, TRUE)", zone)
		require.Equal(t, [][]string{{"2024-07-01 14:00:00", "2024-07-01 09:00:00", "2024-07-01 15:00:00.123456"}}, rows(t, tx, `
			SELECT (start_datetime AT TIME ZONE 'UTC')::text, (start_datetime AT TIME ZONE timezone)::text,
				(end_datetime AT TIME ZONE 'UTC')::text FROM events.events WHERE id = ?`, id))
	}
}

// Only transactions had a currency. Whatever has an amount of an offering's
// money has one, as three capital letters.
func TestDefect_currencies(t *testing.T) {
	t.Parallel()
	c, tx := loadCatalog(t), pgtest.Tx(t)
	for _, name := range []string{
		"investments.opportunities", "investments.property_investments", "investments.distributions",
		"investments.transactions", "investments.subscriptions", "financials.books",
	} {
		r := c.relation(name)
		col := r.column("currency")
		require.NotNil(t, col, name)
		require.True(t, col.notNull, name)
		require.Equal(t, "'USD'", col.def, name)
		for value, ok := range map[string]bool{"USD": true, "EUR": true, "usd": false, "US": false, "": false} {
			require.Equal(t, ok, accepts(t, tx, c, r, col, literal(col, value)), "%s currency %q", name, value)
		}
	}
}

// An INTEGER of bytes ends at 2 GiB, less than a film of a building.
func TestDefect_fileSizes(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	property, user := newProperty(t, tx), newUser(t, tx)
	const size = "5000000000"
	require.Equal(t, size, one(t, tx, `INSERT INTO media.property_videos (property_id, file_size) VALUES (?, ?) RETURNING file_size`, property, bun.Safe(size)))
	require.Equal(t, size, one(t, tx, `INSERT INTO media.property_photos (property_id, file_size) VALUES (?, ?) RETURNING file_size`, property, bun.Safe(size)))
	require.Equal(t, size, one(t, tx, `INSERT INTO documents.documents (owner_id, name, file_size) VALUES (?, 'x', ?) RETURNING file_size`, user, bun.Safe(size)))
}

// Latitude, longitude and location are one fact: a part of it is refused, and so
// is a place that is nowhere. A venue's point is longitude, then latitude.
func TestDefect_places(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	property := newProperty(t, tx)
	set := func(values string) string {
		return `UPDATE properties.properties SET (latitude, longitude, location) = (` + values + `) WHERE id = ?`
	}
	exec(t, tx, set(`30.26, -97.74, 'SRID=4326;POINT(-97.74 30.26)'`), property)
	require.Equal(t, "-97.74", one(t, tx, `SELECT ST_X(location::geometry)::text FROM properties.properties WHERE id = ?`, property))
	exec(t, tx, set(`NULL, NULL, NULL`), property)
	for values, constraint := range map[string]string{
		`30.26, -97.74, NULL`:                            "chk_properties_coordinates",
		`90.5, -97.74, 'SRID=4326;POINT(-97.74 30.26)'`:  "chk_properties_latitude",
		`30.26, -180.1, 'SRID=4326;POINT(-97.74 30.26)'`: "chk_properties_longitude",
	} {
		require.ErrorContains(t, refused(t, tx, set(values), property), constraint)
	}
	require.Error(t, refused(t, tx, set(`30.26, -97.74, 'SRID=3857;POINT(-97.74 30.26)'`), property), "another reference system")
	const venue = `INSERT INTO events.events (title, slug, start_datetime, end_datetime, venue_coordinates)
		VALUES ('x', 'venue', '2024-07-01 09:00Z', '2024-07-01 10:00Z', ?)`
	require.ErrorContains(t, refused(t, tx, venue, "(30.26,-97.74)"), "chk_events_venue_coordinates", "latitude first")
	exec(t, tx, venue, "(-97.74,30.26)")
}

// Ids have a default on the server and may come from the client, which makes a
// retry safe.
func TestDefect_ids(t *testing.T) {
	t.Parallel()
	c, tx := loadCatalog(t), pgtest.Tx(t)
	for _, r := range c.tables() {
		if col := r.column("id"); col != nil && !r.isHistory() {
			require.Equal(t, "gen_random_uuid()", col.def, r.String())
		}
	}
	const v7 = "01890a5d-ac96-774b-bcce-b302099a8057"
	require.Equal(t, v7, one(t, tx, `INSERT INTO analytics.user_events (id, event_name) VALUES (?, 'opened') RETURNING id`, v7))
}

// Secrets stood in clear, in columns as wide as the secret. The columns are wide
// enough for a ciphertext that names its key, and hold it as text.
func TestDefect_secretsInClear(t *testing.T) {
	t.Parallel()
	c := loadCatalog(t)
	for _, name := range []string{
		"auth.users.mfa_secret", "users.profiles.date_of_birth", "users.verifications.verification_data",
		"events.events.virtual_passcode", "media.virtual_tours.matterport_sdk_key",
		"investments.investor_accounts.tax_id", "investments.payment_instructions.details",
	} {
		col := c.relation(name[:strings.LastIndex(name, ".")]).column(name[strings.LastIndex(name, ".")+1:])
		require.Equal(t, "TEXT", col.typ, name)
	}
	// A token is stored as its hash, so that a copy of the table signs nobody in.
	tx := pgtest.Tx(t)
	user := newUser(t, tx)
	const session = `INSERT INTO auth.sessions (user_id, family_id, token_hash, expires_at) VALUES (?, gen_random_uuid(), ?, now())`
	require.ErrorContains(t, refused(t, tx, session, user, "the token itself"), "chk_sessions_token_hash")
	exec(t, tx, session, user, strings.Repeat("0f", 32))
}

// A country is free text with a default; the library validates it.
func TestDefect_freeTextPlaces(t *testing.T) {
	t.Parallel()
	c := loadCatalog(t)
	require.Equal(t, &column{name: "country", typ: "VARCHAR(50)", def: "'USA'", notNull: true}, c.relation("properties.properties").column("country"))
	require.Equal(t, &column{name: "state", typ: "VARCHAR(50)", notNull: true}, c.relation("properties.properties").column("state"))
}
