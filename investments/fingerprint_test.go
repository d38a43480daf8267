package investments_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/investments"
)

// A distribution is approved only while every row that it was computed from is what
// it was: each kind of row is changed behind its back, and the fingerprint notices.
func TestFingerprint_noticesEachRow(t *testing.T) {
	t.Parallel()
	d := open(t, `{"promote_recipient": %q, "prefs": {"a": {"rate": "0.08"}, "b": {"rate": "0.08"}}, "tiers": {"capital": [
		{"name": "pref", "type": "pref"}, {"name": "capital", "type": "return_of_capital"}, {"name": "split", "type": "split", "promote": "0.2"}]}}`, "a", "b")
	d.wires("a", "100000", "2021-01-10")
	d.wires("b", "100000", "2021-01-11")
	require.NoError(t, d.commits("c", "50000", "b"))
	d.wires("c", "50000", "2021-01-12")
	d.refunds("c", "10000", "2021-01-20")
	require.NoError(t, d.passes("a", "e", "0.5", "2021-02-01"))
	d.pay(payout{amount: "1000", day: "2021-03-31"})
	waits, err := d.declares(payout{amount: "2000", day: "2021-06-30"})
	require.NoError(t, err)
	for name, q := range map[string]string{
		"the amount of a receipt":        "UPDATE investments.capital_movements SET amount = amount + 1 WHERE opportunity_id = ?0 AND kind = 'contribution' AND amount = 100000",
		"the day of a receipt":           "UPDATE investments.capital_movements SET counts_on = counts_on + 1 WHERE opportunity_id = ?0 AND kind = 'contribution' AND amount = 100000",
		"the units of a receipt":         "UPDATE investments.capital_movements SET units = 5 WHERE opportunity_id = ?0 AND kind = 'contribution' AND amount = 100000",
		"a receipt that is gone":         "DELETE FROM investments.capital_movements WHERE opportunity_id = ?0 AND kind = 'contribution' AND counts_on = '2021-01-11'",
		"the amount of a refund":         "UPDATE investments.capital_movements SET amount = amount + 1 WHERE opportunity_id = ?0 AND kind = 'refund'",
		"what a transfer took":           "UPDATE investments.capital_movements SET amount = amount + 1 WHERE opportunity_id = ?0 AND kind = 'transfer_out'",
		"the units that a transfer took": "UPDATE investments.capital_movements SET units = 5 WHERE opportunity_id = ?0 AND kind = 'transfer_in'",
		"the fraction of a transfer":     "UPDATE investments.transfers SET fraction = 0.25 WHERE opportunity_id = ?0",
		"the day of a transfer":          "UPDATE investments.transfers SET effective_date = effective_date + 1 WHERE opportunity_id = ?0",
		"a transfer that is undone":      "UPDATE investments.transfers SET status = 'cancelled' WHERE opportunity_id = ?0",
		"the amount of a distribution":   "UPDATE investments.distributions SET total_amount = total_amount + 1 WHERE opportunity_id = ?0 AND id <> ?1",
		"the record date of one":         "UPDATE investments.distributions SET record_date = record_date - 1 WHERE opportunity_id = ?0 AND id <> ?1",
		"the kind of one":                "UPDATE investments.distributions SET distribution_type = 'sale_proceeds' WHERE opportunity_id = ?0 AND id <> ?1",
		"the method of one":              "UPDATE investments.distributions SET calculation_method = 'preferred' WHERE opportunity_id = ?0 AND id <> ?1",
		"one that is reversed":           "UPDATE investments.distributions SET status = 'reversed', reversed_at = now() WHERE opportunity_id = ?0 AND id <> ?1",
		"the day of the terms":           "UPDATE investments.offering_terms SET effective_date = effective_date + 1 WHERE opportunity_id = ?0",
		"the class of a position":        "UPDATE investments.property_investments SET share_class = 'b' WHERE opportunity_id = ?0 AND share_class = 'a'",
		"who is a sponsor":               "UPDATE investments.property_investments SET account_id = (SELECT id FROM investments.investor_accounts WHERE is_sponsor LIMIT 1) WHERE opportunity_id = ?0 AND investment_amount = 40000",
	} {
		err := attempt(t, d.db, func(tx bun.IDB) error {
			inner := *d
			inner.db = tx
			_, err := tx.ExecContext(t.Context(), "SET LOCAL session_replication_role = replica")
			require.NoError(t, err)
			res, err := tx.NewRaw(q, d.o.ID, waits.ID).Exec(t.Context())
			require.NoError(t, err, name)
			n, err := res.RowsAffected()
			require.NoError(t, err)
			require.Positive(t, n, name)
			_, err = tx.ExecContext(t.Context(), "SET LOCAL session_replication_role = origin")
			require.NoError(t, err)
			return inner.approves(waits)
		})
		require.ErrorIs(t, err, investments.ErrDistributionStale, name)
	}
	require.NoError(t, d.approves(waits), "untouched it passes")
}
