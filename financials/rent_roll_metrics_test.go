package financials

import (
	"math/big"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/money"
)

func ptr[T any](v T) *T { return &v }

func TestRentInPlace(t *testing.T) {
	t.Parallel()
	type status string
	for s, want := range map[status]bool{"occupied": true, "notice": true, "vacant": false, "renovation": false, "": false} {
		require.Equal(t, want, RentInPlace(s), s)
	}
}

func TestRentRollMetrics(t *testing.T) {
	t.Parallel()
	asOf := date.MustParse("2026-01-01")
	m, err := RentRollMetrics(asOf, []RollUnit{
		{Occupied: true, MarketRent: usd("2000"), MonthlyRent: usd("1800"), SqFt: ptr(900), LeaseEnd: date.MustParse("2027-01-01").Ptr(),
			Billed: usd("1800"), Collected: usd("1800")},
		{Occupied: true, MarketRent: usd("1000"), MonthlyRent: usd("1200"), LeaseEnd: date.MustParse("2025-12-31").Ptr(),
			CurrentBalance: usd("300"), DaysDelinquent: 12, Billed: usd("1200"), Collected: usd("900")}, // expired, above the market
		{Occupied: true, MarketRent: usd("1000"), MonthlyRent: usd("1000"), SqFt: ptr(0), CurrentBalance: usd("-50"), DaysDelinquent: 3},
		{MarketRent: usd("1500"), MonthlyRent: usd("9999"), SqFt: ptr(700), LeaseEnd: date.MustParse("2030-01-01").Ptr(),
			CurrentBalance: usd("100"), DaysDelinquent: 90}, // vacant: what a former tenant owes still counts
		{MarketRent: usd("500"), CurrentBalance: usd("80")}, // owed but not late
	})
	require.NoError(t, err)
	require.Equal(t, 5, m.TotalUnits)
	require.Equal(t, 3, m.OccupiedUnits)
	require.Equal(t, "0.6", m.PhysicalOccupancy.String())
	require.Equal(t, usd("4000"), m.InPlaceMonthlyRent)
	require.Equal(t, "1333.3333333333333333", m.AverageRent.String())
	require.Equal(t, "2", m.RentPerSqFt.String())
	require.Equal(t, usd("6000"), m.GrossPotentialRentMarket)
	require.Equal(t, usd("0"), m.LossToLease)
	require.Equal(t, "0", m.LossToLeasePct.String())
	require.Equal(t, "0.45", m.WALTYears.String())
	require.Equal(t, usd("400"), m.DelinquentAmount)
	require.Equal(t, "0.1", m.DelinquencyRate.String())
	require.Equal(t, "0.9", m.CollectionRate.String())
}

func TestRentRollMetrics_undefined(t *testing.T) {
	t.Parallel()
	m, err := RentRollMetrics(date.MustParse("2026-01-01"), nil)
	require.NoError(t, err)
	require.Equal(t, RollMetrics{}, m)
	m, err = RentRollMetrics(date.MustParse("2026-01-01"), []RollUnit{{MarketRent: usd("1")}})
	require.NoError(t, err)
	require.Equal(t, "0", m.PhysicalOccupancy.String())
	require.Nil(t, m.AverageRent)
	require.Nil(t, m.WALTYears)
	require.Nil(t, m.LossToLeasePct)
}

func TestRentRollMetrics_badInput(t *testing.T) {
	t.Parallel()
	_, err := RentRollMetrics(date.Date{}, []RollUnit{{}, {MarketRent: usd("-1")}, {MonthlyRent: usd("-1")},
		{Billed: usd("-1")}, {Collected: usd("-1")}, {SqFt: ptr(-1)}, {SqFt: ptr(1 << 40)}})
	var got []string
	for _, e := range fault.FieldErrors(err) {
		got = append(got, e.Field)
	}
	require.Equal(t, []string{"as_of", "units[1].market_rent", "units[2].monthly_rent", "units[3].billed",
		"units[4].collected", "units[5].sqft", "units[6].sqft"}, got)
	require.ErrorIs(t, err, ErrRollDate)
	require.ErrorIs(t, err, ErrRollAmount)

	top := usd("9999999999999.99")
	for _, u := range []RollUnit{{MarketRent: top}, {Billed: top}, {Collected: top}, {CurrentBalance: top, DaysDelinquent: 1},
		{Occupied: true, MonthlyRent: top}} {
		_, err = RentRollMetrics(date.MustParse("2026-01-01"), []RollUnit{u, u})
		require.ErrorIs(t, err, money.ErrOutOfRange)
	}
}

// The order of units never matters, and the weighted term and the ratios equal
// plain big.Rat arithmetic.
func TestRentRollMetrics_properties(t *testing.T) {
	t.Parallel()
	asOf := date.MustParse("2026-01-01")
	rapid.Check(t, func(t *rapid.T) {
		amount := func(name string, low int64) money.Amount {
			a, err := money.FromCents(rapid.Int64Range(low, 1_000_000).Draw(t, name))
			require.NoError(t, err)
			return a
		}
		units := make([]RollUnit, rapid.IntRange(1, 30).Draw(t, "units"))
		weighted, rents, owed := new(big.Rat), new(big.Rat), new(big.Rat)
		for i := range units {
			u := RollUnit{Occupied: rapid.Bool().Draw(t, "occupied"), MarketRent: amount("market", 0), MonthlyRent: amount("rent", 0),
				CurrentBalance: amount("balance", -1_000_000), DaysDelinquent: rapid.IntRange(-1, 2).Draw(t, "days")}
			if rapid.Bool().Draw(t, "lease") {
				u.LeaseEnd = asOf.AddDays(rapid.IntRange(-500, 1000).Draw(t, "left")).Ptr()
			}
			if u.CurrentBalance.Sign() > 0 && u.DaysDelinquent > 0 {
				owed.Add(owed, u.CurrentBalance.Decimal().Rat())
			}
			if u.Occupied {
				rents.Add(rents, u.MonthlyRent.Decimal().Rat())
				if u.LeaseEnd != nil {
					left := big.NewRat(int64(max(0, u.LeaseEnd.Sub(asOf))), 365)
					weighted.Add(weighted, left.Mul(left, u.MonthlyRent.Decimal().Rat()))
				}
			}
			units[i] = u
		}
		m, err := RentRollMetrics(asOf, units)
		require.NoError(t, err)
		again, err := RentRollMetrics(asOf, rapid.Permutation(units).Draw(t, "order"))
		require.NoError(t, err)
		require.Equal(t, m, again)
		require.Equal(t, owed.FloatString(2), m.DelinquentAmount.String())
		equal := func(num *big.Rat, got *decimal.Decimal) {
			if rents.Sign() == 0 {
				require.Nil(t, got)
				return
			}
			require.Equal(t, new(big.Rat).Quo(num, rents).FloatString(RatioDecimals), got.StringFixed(RatioDecimals))
		}
		equal(weighted, m.WALTYears)
		equal(owed, m.DelinquencyRate)
	})
}

func BenchmarkRentRollMetrics(b *testing.B) {
	units := make([]RollUnit, 1000)
	for i := range units {
		units[i] = RollUnit{Occupied: i%10 != 0, MarketRent: usd("2000"), MonthlyRent: usd("1900.50"), SqFt: ptr(850),
			LeaseEnd: date.MustParse("2026-01-01").AddDays(i).Ptr()}
	}
	asOf := date.MustParse("2026-03-31")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := RentRollMetrics(asOf, units); err != nil {
			b.Fatal(err)
		}
	}
}
