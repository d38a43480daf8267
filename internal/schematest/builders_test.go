package schematest

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"
)

// serial makes names that no two rows of a run share.
var serial atomic.Int64

func newUser(t *testing.T, db bun.IDB) string {
	t.Helper()
	return one(t, db, `INSERT INTO auth.users (email, password_hash) VALUES (?, '!') RETURNING id`,
		fmt.Sprintf("user-%d@example.test", serial.Add(1)))
}

func newProperty(t *testing.T, db bun.IDB) string {
	t.Helper()
	n := serial.Add(1)
	return one(t, db, `INSERT INTO properties.properties (property_name, slug, address_line1, city, state, zip_code, total_units)
		VALUES ('Maple Court', ?, '1 Main St', 'Austin', 'TX', '78701', 10) RETURNING id`, fmt.Sprintf("maple-court-%d", n))
}

func newUnit(t *testing.T, db bun.IDB, property, number string) string {
	t.Helper()
	return one(t, db, `INSERT INTO properties.units (property_id, unit_number) VALUES (?, ?) RETURNING id`, property, number)
}

func newOpportunity(t *testing.T, db bun.IDB, property string) string {
	t.Helper()
	return one(t, db, `INSERT INTO investments.opportunities (property_id, name, slug, status, target_raise, open_date)
		VALUES (?, 'Maple Court I', ?, 'open', 5000000, CURRENT_DATE) RETURNING id`,
		property, fmt.Sprintf("maple-court-i-%d", serial.Add(1)))
}

// newPosition adds a position; the property is the offering's.
func newPosition(t *testing.T, db bun.IDB, opportunity, investor, status, amount string) string {
	t.Helper()
	return one(t, db, `INSERT INTO investments.property_investments (opportunity_id, investor_id, status, investment_amount)
		VALUES (?, ?, ?, ?) RETURNING id`, opportunity, investor, status, amount)
}

// refused runs a statement that must fail, in a savepoint, and returns its error.
func refused(t *testing.T, tx bun.IDB, query string, args ...any) error {
	t.Helper()
	exec(t, tx, "SAVEPOINT refused")
	_, err := tx.ExecContext(t.Context(), query, args...)
	require.Error(t, err, query)
	exec(t, tx, "ROLLBACK TO SAVEPOINT refused")
	return err
}
