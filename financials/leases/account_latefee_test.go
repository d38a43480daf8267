package leases_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/financials/leases"
	"github.com/freehold-go/freehold/internal/pgtest"
)

// Late fees are the same whether the days are assessed at once, in parts, day by day or
// the later ones first: January's fee makes February's rent late.
func TestAssessLateFees_batches(t *testing.T) {
	t.Parallel()
	for name, batches := range map[string][][2]string{
		"at once":      {{"2026-01-01", "2026-02-28"}},
		"by month":     {{"2026-01-01", "2026-01-31"}, {"2026-02-01", "2026-02-28"}},
		"overlapping":  {{"2026-01-01", "2026-02-10"}, {"2026-01-01", "2026-02-28"}},
		"in the midst": {{"2026-01-01", "2026-01-07"}, {"2026-01-08", "2026-02-06"}, {"2026-02-07", "2026-02-28"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, pgtest.Tx(t), "2026-02-28", 2)
			flat := h.sign(0, "2026-01-01", "", "1000", func(p *leases.SignLeaseParams) { p.Conditions.LateFee = &leases.LateFee{Flat: ptr(usd("50"))} })
			daily := h.sign(1, "2026-01-01", "", "1000", func(p *leases.SignLeaseParams) {
				p.Conditions.LateFee = &leases.LateFee{PerDay: ptr(usd("10")), Cap: ptr(usd("35"))}
			})
			h.post("2026-01-01")
			h.post("2026-02-01")
			for _, l := range []*leases.Lease{flat, daily} {
				h.pay(l, "1000", "2026-01-09")
				h.pay(l, "1000", "2026-02-01")
			}
			for _, b := range batches {
				_, err := h.Accounts.AssessLateFees(t.Context(), h.db, leases.AssessLateFeesParams{PropertyID: h.property, From: day(b[0]), Through: day(b[1]), ActorID: h.staff})
				require.NoError(t, err)
			}
			// The fees of January take from what was paid in February, so that February is late.
			require.Equal(t, "100.00 65.00", fmt.Sprint(h.balance(flat, "2026-02-28").Balance, " ", h.balance(daily, "2026-02-28").Balance))
			h.holds()
		})
	}
}

// Days before those that were assessed can be assessed after them.
func TestAssessLateFees_earlier(t *testing.T) {
	t.Parallel()
	h := newHouse(t, pgtest.Tx(t), "2026-01-31", 1)
	l := h.sign(0, "2026-01-01", "", "1000", func(p *leases.SignLeaseParams) { p.Conditions.LateFee = &leases.LateFee{PerDay: ptr(usd("10"))} })
	h.post("2026-01-01")
	assess := func(from, to string) int {
		got, err := h.Accounts.AssessLateFees(t.Context(), h.db, leases.AssessLateFeesParams{PropertyID: h.property, From: day(from), Through: day(to), ActorID: h.staff})
		require.NoError(t, err)
		return got.Fees
	}
	require.Equal(t, 2, assess("2026-01-10", "2026-01-11"))
	require.Equal(t, 5, assess("2026-01-01", "2026-01-13"), "7 to 9, 12 and 13")
	require.Equal(t, "1070.00", h.balance(l, "2026-01-31").Balance.String())
	h.holds()
}
