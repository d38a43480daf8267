package investments_test

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
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
	d.notices(waits, map[string]string{
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
		"what the terms say":             `UPDATE investments.offering_terms SET terms = jsonb_set(terms, '{prefs,a,rate}', '"0.05"') WHERE opportunity_id = ?0`,
		"the class of a position":        "UPDATE investments.property_investments SET share_class = 'b' WHERE opportunity_id = ?0 AND share_class = 'a'",
		"who is a sponsor":               "UPDATE investments.property_investments SET account_id = (SELECT id FROM investments.investor_accounts WHERE is_sponsor LIMIT 1) WHERE opportunity_id = ?0 AND investment_amount = 40000",
	})
}

// The same for what happened between partners, for side letters, reserves, and what was
// adjusted and advanced by an earlier distribution.
func TestFingerprint_noticesEachEvent(t *testing.T) {
	t.Parallel()
	ctx, d := t.Context(), open(t, `{"promote_recipient": %q, "prefs": {"a": {"rate": "0.04", "index": {"name": "SOFR"}, "default_rate": "0.12"}}, "tiers": {"capital": [
		{"name": "roof", "type": "holdback", "rate": "0.1", "reserve": "roof"},
		{"name": "pref", "type": "pref"}, {"name": "capital", "type": "return_of_capital"}, {"name": "split", "type": "split", "promote": "0.2"}]}}`)
	d.wires("a", "100000", "2021-01-10")
	d.wires("b", "100000", "2021-01-10")
	d.wires("c", "100000", "2021-01-10")
	_, err := d.svc.Positions.FixRate(ctx, d.db, investments.FixRateParams{IdempotencyKey: d.key(), OfferingID: d.o.ID, Index: "SOFR", Date: date.MustParse("2021-01-10"), Rate: decimal.RequireFromString("0.01"), ActorID: staff})
	require.NoError(t, err)
	loan := d.lends("a", "b", "1000", "0.1", "2021-01-15", waterfall.CompoundMonthly)
	_, err = d.svc.Positions.RepayLoan(ctx, d.db, investments.RepayLoanParams{IdempotencyKey: d.key(), LoanID: loan.ID, Date: date.MustParse("2021-01-20"), Amount: money.MustParse("100"), ActorID: staff})
	require.NoError(t, err)
	_, err = d.svc.Positions.DilutePartner(ctx, d.db, investments.DilutePartnerParams{IdempotencyKey: d.key(), PositionID: d.position("b"), Date: date.MustParse("2021-01-25"), Missing: money.MustParse("50"),
		Factor: decimal.RequireFromString("1.5"), ActorID: staff})
	require.NoError(t, err)
	_, err = d.svc.Positions.EnterDefault(ctx, d.db, investments.EnterDefaultParams{IdempotencyKey: d.key(), OfferingID: d.o.ID, Preference: "a", Date: date.MustParse("2021-02-01"), ActorID: staff})
	require.NoError(t, err)
	_, err = d.letter("a", investments.SideTermPrefRate, "0.05")
	require.NoError(t, err)
	_, err = d.setsAside(investments.CashReserve, "taxes", "500", "2021-02-01")
	require.NoError(t, err)
	p := d.release("10000", "2021-03-31", reserve("taxes", "200"))
	p.Advances = []waterfall.Advance{{Account: d.position("b").String(), Amount: money.MustParse("100")}}
	p.Adjustments = []waterfall.Adjustment{{Account: d.position("a").String(), Delta: money.MustParse("1"), Reason: "x"}, {Account: d.position("b").String(), Delta: money.MustParse("-1"), Reason: "x"}}
	first, err := d.svc.Distributions.Declare(ctx, d.db, p)
	require.NoError(t, err)
	require.NoError(t, d.approves(first))
	require.NoError(t, d.pays(first, "2021-03-31"))
	waits, err := d.declares(payout{amount: "2000", day: "2021-06-30"})
	require.NoError(t, err)
	const ofFirst = " WHERE distribution_id <> ?1 AND distribution_id IN (SELECT id FROM investments.distributions WHERE opportunity_id = ?0)"
	d.notices(waits, map[string]string{
		"the amount of a loan": "UPDATE investments.partner_events SET amount = amount + 1 WHERE opportunity_id = ?0 AND kind = 'loan'",
		"the rate of a loan":   "UPDATE investments.partner_events SET rate = 0.2 WHERE opportunity_id = ?0 AND kind = 'loan'",
		"the day of a loan":    "UPDATE investments.partner_events SET effective_date = effective_date - 1 WHERE opportunity_id = ?0 AND kind = 'loan'",
		"how a loan compounds": "UPDATE investments.partner_events SET compounding = 'annual' WHERE opportunity_id = ?0 AND kind = 'loan'",
		"who lent": `UPDATE investments.partner_events SET lender_id = (SELECT p.id FROM investments.property_investments p
			WHERE p.opportunity_id = ?0 AND p.id NOT IN (lender_id, position_id)) WHERE opportunity_id = ?0 AND kind = 'loan'`,
		"a repayment":             "UPDATE investments.partner_events SET amount = amount + 1 WHERE opportunity_id = ?0 AND kind = 'repayment'",
		"what a dilution misses":  "UPDATE investments.partner_events SET amount = amount + 1 WHERE opportunity_id = ?0 AND kind = 'dilution'",
		"what a dilution costs":   "UPDATE investments.partner_events SET factor = 2 WHERE opportunity_id = ?0 AND kind = 'dilution'",
		"the day of a default":    "UPDATE investments.partner_events SET effective_date = effective_date + 1 WHERE opportunity_id = ?0 AND kind = 'default'",
		"a default that ends":     "UPDATE investments.partner_events SET ends = TRUE WHERE opportunity_id = ?0 AND kind = 'default'",
		"a fixing":                "UPDATE investments.partner_events SET rate = 0.02 WHERE opportunity_id = ?0 AND kind = 'rate'",
		"an event withdrawn":      "UPDATE investments.partner_events SET withdrawn_at = now(), withdrawn_by = created_by, withdrawal_reason = 'x', withdrawal_journal_id = journal_id WHERE opportunity_id = ?0 AND kind = 'dilution'",
		"the rate of a letter":    "UPDATE investments.partner_events SET rate = 0.06 WHERE opportunity_id = ?0 AND kind = 'side_letter'",
		"the term of a letter":    "UPDATE investments.partner_events SET name = 'promote_waived', rate = NULL WHERE opportunity_id = ?0 AND kind = 'side_letter'",
		"a letter withdrawn":      "UPDATE investments.partner_events SET withdrawn_at = now(), withdrawn_by = created_by, withdrawal_reason = 'x', withdrawal_journal_id = journal_id WHERE opportunity_id = ?0 AND kind = 'side_letter'",
		"what was held back":      "UPDATE investments.reserve_movements SET amount = amount + 1" + ofFirst + " AND kind = 'held'",
		"what was released":       "UPDATE investments.reserve_movements SET amount = amount - 1" + ofFirst + " AND kind = 'released'",
		"what was adjusted":       `UPDATE investments.distribution_calculations SET extras = jsonb_set(extras, '{adjustments,0,delta}', '"2.00"')` + ofFirst,
		"what was advanced":       `UPDATE investments.distribution_calculations SET extras = jsonb_set(extras, '{advances,0,amount}', '"101.00"')` + ofFirst,
		"that it was of the last": `UPDATE investments.distribution_calculations SET extras = jsonb_set(extras, '{last}', 'true')` + ofFirst,
	})
}

// notices changes rows behind the back of a distribution that waits, one after the other,
// and sees that it is not approved.
func (d *deal) notices(waits *investments.Distribution, rows map[string]string) {
	d.Helper()
	for name, q := range rows {
		err := attempt(d.T, d.db, func(tx bun.IDB) error {
			inner := *d
			inner.db = tx
			_, err := tx.ExecContext(d.Context(), "SET LOCAL session_replication_role = replica")
			require.NoError(d, err)
			res, err := tx.NewRaw(q, d.o.ID, waits.ID).Exec(d.Context())
			require.NoError(d, err, name)
			n, err := res.RowsAffected()
			require.NoError(d, err)
			require.Positive(d, n, name)
			_, err = tx.ExecContext(d.Context(), "SET LOCAL session_replication_role = origin")
			require.NoError(d, err)
			return inner.approves(waits)
		})
		require.ErrorIs(d, err, investments.ErrDistributionStale, name)
	}
	require.NoError(d, d.approves(waits), "untouched it passes")
}
