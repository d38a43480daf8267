package investments_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/investments"
)

const lossTerms = `{"promote_recipient": %%q, "prefs": {"a": {"rate": "0.08"}, "b": {"rate": "0.08"}}, "losses": %s, "tiers": {"capital": [
	{"name": "b first", "type": "return_of_capital", "to": ["b"]}, {"name": "pref", "type": "pref"}, {"name": "capital", "type": "return_of_capital"}, {"name": "split", "type": "split", "promote": "0.2"}]}}`

// A loss takes no capital account below zero while others are above it; one beyond all
// capital is refused; terms may say otherwise.
func TestAllocate_loss(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		losses, amount string
		a, b           string // closing
		err            error
	}{
		"within":           {"null", "-1000", "9500.00", "500.00", nil},
		"beyond one":       {"null", "-3000", "8000.00", "0.00", nil},
		"beyond all":       {"null", "-11000.01", "", "", investments.ErrLossBeyondCapital},
		"all there is":     {"null", "-11000", "0.00", "0.00", nil},
		"below zero":       {`{"below_zero": true}`, "-3000", "8500.00", "-500.00", nil},
		"a class bears it": {`{"bearer": "b"}`, "-11500", "0.00", "-500.00", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := open(t, fmt.Sprintf(lossTerms, c.losses), "a", "b")
			d.wires("a", "10000", "2021-01-10")
			require.NoError(t, d.commits("b", "10000", "b"))
			d.wires("b", "10000", "2021-01-10")
			d.pay(payout{kind: investments.DistributionRefinance, amount: "9000", day: "2021-01-10"}) // to b alone, whose weight stays
			err := attempt(t, d.db, func(tx bun.IDB) error {
				_, err := d.svc.Capital.Allocate(t.Context(), tx, allocation(d.o, d.key(), investments.AllocationIncome, c.amount, "2021-12-31"))
				return err
			})
			if c.err != nil {
				require.ErrorIs(t, err, c.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, []string{c.a, c.b}, []string{d.account("a", "2021-01-01", "2021-12-31").Closing.String(), d.account("b", "2021-01-01", "2021-12-31").Closing.String()})
			invariantsHold(t, d.db)
		})
	}
}
