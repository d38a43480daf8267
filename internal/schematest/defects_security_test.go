package schematest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
)

// The document promises read-only views across services and names no role and no
// policy. A host may switch both on; nothing is on before.
func TestDefect_noRowLevelSecurity(t *testing.T) {
	t.Parallel()
	tx := inTx(t, pgtest.Clone(t))
	protected := `SELECT count(*) FROM pg_class WHERE relrowsecurity AND relname <> 'row_security_keys'`
	require.Equal(t, "0", one(t, tx, protected))
	property := newProperty(t, tx)
	opportunity := newOpportunity(t, tx, property)
	ann, bob := newUser(t, tx), newUser(t, tx)
	newPosition(t, tx, opportunity, ann, "funded", "100")
	newPosition(t, tx, opportunity, bob, "funded", "200")

	// A role of the test's own: superusers are not limited.
	role := strings.ToLower(fmt.Sprintf("freehold_test_%d", serial.Add(1)) + one(t, tx, `SELECT txid_current()::text`))
	exec(t, tx, `SELECT freehold.enable_row_level_security()`)
	require.NotEqual(t, "0", one(t, tx, protected))
	exec(t, tx, "CREATE ROLE "+role+" IN ROLE freehold_investor")
	exec(t, tx, "GRANT INSERT ON investments.property_investments TO "+role)
	token := one(t, tx, `SELECT freehold.issue_investor_token(?, 60)`, ann)
	exec(t, tx, "SET LOCAL ROLE "+role)

	const sum = `SELECT COALESCE(sum(investment_amount), 0)::text FROM investments.property_investments`
	require.Equal(t, "0", one(t, tx, sum), "it fails closed")
	exec(t, tx, `SELECT set_config('freehold.investor_token', ?, TRUE)`, token)
	require.Equal(t, "100.00", one(t, tx, sum))
	if one(t, tx, "SELECT current_setting('server_version_num')::int >= 150000") == "true" {
		require.Equal(t, "100.00", one(t, tx, `SELECT sum(total_invested)::text FROM investments.portfolios`), "a view lets no more through")
	}
	require.ErrorContains(t, refused(t, tx, `INSERT INTO investments.property_investments (opportunity_id, investor_id, investment_amount, property_id)
		VALUES (?, ?, 1, ?)`, opportunity, ann, property), "row-level security")

	exec(t, tx, `RESET ROLE`)
	exec(t, tx, "SET LOCAL ROLE freehold_platform")
	require.Equal(t, "300.00", one(t, tx, sum))
	exec(t, tx, `RESET ROLE`)
	exec(t, tx, `SELECT freehold.disable_row_level_security()`)
	require.Equal(t, "0", one(t, tx, protected))
}
