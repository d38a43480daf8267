package investments_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/investments/history"
)

// rateOf are terms of a simple preference, without anybody who is promoted.
func rateOf(rate string) string {
	return fmt.Sprintf(`{"prefs": {"a": {"rate": %q, "compounding": "none"}}, "tiers": {"capital": [
		{"name": "pref", "type": "pref"}, {"name": "capital", "type": "return_of_capital"}, {"name": "split", "type": "split"}]}}`, rate)
}

// New terms lie between the record date of a distribution and its date. Money that came
// in on the day of the terms, after the record date, neither earns nor shares in it, and
// has earned from its own day afterwards, whether the history goes on or runs again.
func TestHistory_recordDateBeforeNewTerms(t *testing.T) {
	t.Parallel()
	d := open(t, "")
	d.setTerms(rateOf("0.08"), "2021-01-01")
	d.wires("a", "100000", "2021-01-10")
	d.setTerms(rateOf("0.10"), "2021-07-01")
	d.wires("b", "100000", "2021-07-01")
	v := d.pay(payout{amount: "1000", day: "2021-07-15", record: "2021-06-20"})
	require.Equal(t, map[string]string{"a": "1000.00"}, d.lines(v))
	require.Equal(t, "383.56", d.balance("b", "2021-07-15").UnpaidPref.String(), "14 days at 10 %")
	require.Equal(t, "3153.42", d.balance("a", "2021-07-15").UnpaidPref.String(), "172 days at 8 % and 14 at 10 %, less 1,000")
	// Goes on from the first one's state: 77 further days at 10 % each.
	next := d.pay(payout{amount: "7756.16", day: "2021-09-30"})
	require.Equal(t, map[string]string{"a": "5263.01", "b": "2493.15"}, d.lines(next))
	d.sound()
}

// The first terms are no new ones: they hold for what came before them too.
func TestHistory_recordDateBeforeTheFirstTerms(t *testing.T) {
	t.Parallel()
	d := open(t, "")
	d.wires("a", "100000", "2021-01-10")
	d.setTerms(rateOf("0.08"), "2021-07-01")
	d.wires("b", "100000", "2021-06-25")
	require.Equal(t, map[string]string{"a": "1000.00"}, d.lines(d.pay(payout{amount: "1000", day: "2021-07-15", record: "2021-06-20"})))
	d.sound()
}

// For money between the record date and the day of new terms there is no order that is
// right: it would come after a distribution to which the new terms were applied first.
func TestHistory_recordDateBetweenMoneyAndNewTerms(t *testing.T) {
	t.Parallel()
	d := open(t, "")
	d.setTerms(rateOf("0.08"), "2021-01-01")
	d.wires("a", "100000", "2021-01-10")
	d.setTerms(rateOf("0.10"), "2021-07-01")
	d.wires("b", "100000", "2021-06-25")
	_, err := d.declares(payout{amount: "1000", day: "2021-07-15", record: "2021-06-20"})
	require.ErrorIs(t, err, history.ErrBetween)
	d.pay(payout{amount: "1000", day: "2021-07-15", record: "2021-06-25"})
	d.sound()
}

// On the days before all of an investor's money went back, it was theirs.
func TestHistory_portfolioBeforeARefund(t *testing.T) {
	t.Parallel()
	d := open(t, standardTerms)
	d.wires("a", "100000", "2021-01-10")
	d.wires("b", "25000", "2021-01-16")
	d.refunds("b", "25000", "2021-04-19")
	before, after := d.portfolio("b", "2021-03-10"), d.portfolio("b", "2021-05-01")
	require.Equal(t, "25000.00", before.CurrentValue.String())
	require.Equal(t, "0.00", after.CurrentValue.String())
	require.Zero(t, before.TotalProperties, "what is held is as of now")
}
