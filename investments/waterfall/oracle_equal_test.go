package waterfall_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freehold-go/freehold/investments/waterfall"
)

// On random deals with every feature, the engine equals the plain second
// implementation to the cent: each tier's payment to each account, and every
// closing balance.
func TestReplay_equalsSimpleImplementation(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := anyDeal(t)
		h, err := waterfall.Replay(d.Terms, d.Partners, d.Events)
		require.NoError(t, err)
		o := newOracle(d.Terms, d.Partners)
		o.run(d.Events)
		requireFinal(t, o, h.Final)
	})
}

// The same, looking at each distribution on its own.
func TestCompute_tiersEqualSimpleImplementation(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := anyDeal(t)
		h, err := waterfall.Replay(d.Terms, d.Partners, d.Events)
		require.NoError(t, err)
		if len(h.Results) == 0 {
			return
		}
		o := newOracle(d.Terms, d.Partners)
		o.run(d.Events)
		r := h.Results[len(h.Results)-1] // the oracle keeps the last
		for k := range r.Tiers {
			for i := range r.Len() {
				want := "0"
				if x := o.payments[k][r.ID(i)]; x != nil {
					want = x.FloatString(0)
				}
				require.Equal(t, want, r.Amount(k, i).Decimal().Shift(2).String(), "%s to %s", r.Tiers[k].Name, r.ID(i))
			}
		}
		require.Equal(t, o.left.FloatString(0), r.Undistributed.Decimal().Shift(2).String())
	})
}

func requireFinal(t require.TestingT, o *oracle, s *waterfall.State) {
	for _, id := range o.ids {
		want := o.acc[id]
		got, err := s.Find(id)
		require.NoError(t, err)
		require.Equal(t, want.contributed.FloatString(0), got.Contributed.Decimal().Shift(2).String(), id)
		require.Equal(t, want.unreturned.FloatString(0), got.Unreturned.Decimal().Shift(2).String(), id)
		require.Equal(t, want.distributed.FloatString(0), got.Distributed.Decimal().Shift(2).String(), id)
		due := rounded(larger(sub(one, one), add(want.c, want.a)))
		require.Equal(t, due.FloatString(0), got.UnpaidPref().Decimal().Shift(2).String(), id)
	}
	require.Equal(t, o.promote.FloatString(0), s.PromotePaid().Decimal().Shift(2).String())
	require.Equal(t, o.reserve.FloatString(0), s.Reserve().Decimal().Shift(2).String())
}
