package investments_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/date"
)

// Daily compounding is rounded on each day that anybody's capital came, to the last of forty
// digits: a balance of one position is that of the run of all, before a distribution and after.
func TestPositionBalance_daily(t *testing.T) {
	t.Parallel()
	d := open(t, `{"promote_recipient": %q, "prefs": {"a": {"rate": "0.07", "compounding": "daily"}}, "tiers": {"capital": [
		{"name": "pref", "type": "pref"}, {"name": "capital", "type": "return_of_capital"}, {"name": "split", "type": "split"}]}}`, "a")
	d.wires("x", "17425.31", "2017-01-01")
	d.wires("y", "1000", "2017-03-17")
	d.sameBalances("2017-12-01")
	d.pay(payout{amount: "100", day: "2018-01-01"})
	d.wires("z", "1000", "2018-03-17")
	d.sameBalances("2018-06-01")
}

// A hurdle that looks at those who bear promote is another one for all when somebody's position is
// the sponsor's by now.
func TestPositionBalance_accountOfAnother(t *testing.T) {
	t.Parallel()
	d := open(t, `{"promote_recipient": %q, "promote_base": "outside", "tiers": {"capital": [
		{"name": "h", "type": "hurdle", "irr": "0.10", "promote": "0.1"}, {"name": "split", "type": "split", "promote": "0.4"}]}}`, "a")
	d.wires("x", "100000", "2017-01-01")
	d.wires("y", "100000", "2016-06-01")
	d.pay(payout{amount: "300000", day: "2018-01-01"})
	before := d.balance("x", "2019-06-01").Distributed
	a := heldBy(t, d.db, d.person("y"), true)
	_, err := d.db.ExecContext(t.Context(), "UPDATE investments.property_investments SET account_id = ? WHERE id = ?", a.ID, d.position("y"))
	require.NoError(t, err)
	d.sameBalances("2019-06-01")
	require.NotEqual(t, before, d.balance("x", "2019-06-01").Distributed)
}

// An index that names places which no value of the database has is none.
func TestPositionBalance_indexBeyond(t *testing.T) {
	t.Parallel()
	d := open(t, standardTerms, "a")
	d.wires("x", "100000", "2017-01-01")
	d.pay(payout{amount: "1000", day: "2018-01-01"})
	var index []byte
	require.NoError(t, d.db.NewRaw("SELECT closing_index FROM investments.distribution_calculations").Scan(t.Context(), &index))
	head := int(index[4]&0x7f) | int(index[5])<<7 // behind the magic
	at := 6 + head
	require.GreaterOrEqual(t, index[at], byte(0x80), "a length of two bytes")
	index = append(append(append([]byte{}, index[:at]...), 0xff, 0xff, 0xff, 0xff, 0x0f), index[at+2:]...)
	_, err := d.db.ExecContext(t.Context(), "SET LOCAL session_replication_role = replica; UPDATE investments.distribution_calculations SET closing_index = ?", index)
	require.NoError(t, err)
	one, err := d.svc.Positions.PositionBalance(t.Context(), d.db, d.position("x"), date.MustParse("2019-06-01"))
	require.NoError(t, err)
	all, err := d.svc.Positions.PositionBalances(t.Context(), d.db, d.o.ID, date.MustParse("2019-06-01"))
	require.NoError(t, err)
	require.Equal(t, []investments.PositionBalance{*one}, all)
}
