package depreciation

import (
	"encoding/json"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/money"
)

func terms(basis string, month time.Month, l Life, m Method) Terms {
	return Terms{Basis: money.MustParse(basis), PlacedInService: date.Must(2023, month, 15), Life: l, Method: m}
}

// The percentages of IRS Publication 946 as Cengage's table 7.4 prints them
// (cxp.cengage.com, 39-year): a basis of 100,000.00 turns each of them into
// whole cents, so the schedule shows the table itself.
func TestTable_39years(t *testing.T) {
	t.Parallel()
	first := strings.Fields("2.461 2.247 2.033 1.819 1.605 1.391 1.177 0.963 0.749 0.535 0.321 0.107")
	last := strings.Fields("0.107 0.321 0.535 0.749 0.963 1.177 1.391 1.605 1.819 2.033 2.247 2.461")
	for m := range 12 {
		s, err := NewSchedule(terms("100000.00", time.Month(m+1), Nonresidential, Table))
		require.NoError(t, err)
		require.Len(t, s.Years, 40)
		for i, y := range s.Years {
			want := "2.564"
			switch i {
			case 0:
				want = first[m]
			case 39:
				want = last[m]
			}
			require.Equal(t, want, percentOf(y), "month %d year %d", m+1, i+1)
		}
	}
}

func percentOf(y Year) string { return y.Depreciation.Decimal().Shift(-3).StringFixed(3) }

// IRS Publication 946, Table A-6.
func TestTable_27years(t *testing.T) {
	t.Parallel()
	first := strings.Fields("3.485 3.182 2.879 2.576 2.273 1.970 1.667 1.364 1.061 0.758 0.455 0.152")
	last := strings.Fields("1.970 2.273 2.576 2.879 3.182 3.485 0.152 0.455 0.758 1.061 1.364 1.667")
	for m := range 12 {
		s, err := NewSchedule(terms("100000.00", time.Month(m+1), Residential, Table))
		require.NoError(t, err)
		want := []string{first[m], "3.636", "3.636", "3.636", "3.636", "3.636", "3.636", "3.636", "3.636"}
		pair := []string{"3.637", "3.636"} // years 10, 11, 12, ...
		full := 27
		if m >= 6 {
			pair, full = []string{"3.636", "3.637"}, 28
		}
		for y := 10; y <= full; y++ {
			want = append(want, pair[y%2])
		}
		want = append(want, last[m])
		var got []string
		for _, y := range s.Years {
			got = append(got, percentOf(y))
		}
		require.Equal(t, want, got, "month %d", m+1)
	}
}

func TestFormula_firstAndLastYears(t *testing.T) {
	t.Parallel()
	s, err := NewSchedule(terms("330000.00", time.March, Residential, Formula)) // 1,000 a month
	require.NoError(t, err)
	require.Len(t, s.Years, 28)
	require.Equal(t, Year{2023, 19, money.MustParse("9500.00"), money.MustParse("9500.00"), money.MustParse("320500.00")}, s.Years[0])
	require.Equal(t, money.MustParse("12000.00"), s.Years[1].Depreciation)
	require.Equal(t, Year{2050, 17, money.MustParse("8500.00"), money.MustParse("330000.00"), money.Zero}, s.Years[27])
	require.Equal(t, money.MustParse("12000.00"), s.In(2024))
	require.True(t, s.In(2022).IsZero())
	require.True(t, s.In(2051).IsZero())
	require.True(t, Schedule{}.In(2023).IsZero())
}

func TestDisposed(t *testing.T) {
	t.Parallel()
	s, err := NewSchedule(terms("330000.00", time.March, Residential, Formula))
	require.NoError(t, err)
	sold, err := s.Disposed(date.Must(2025, time.March, 1))
	require.NoError(t, err)
	require.Len(t, sold.Years, 3)
	require.Equal(t, Year{2025, 5, money.MustParse("2500.00"), money.MustParse("24000.00"), money.MustParse("306000.00")}, sold.Years[2])

	sameYear, err := s.Disposed(date.Must(2023, time.December, 31))
	require.NoError(t, err)
	require.Len(t, sameYear.Years, 1)
	require.True(t, sameYear.Years[0].Depreciation.IsZero())
	require.Equal(t, s.Terms.Basis, sameYear.Years[0].Remaining)

	late, err := s.Disposed(date.Must(2090, time.January, 1))
	require.NoError(t, err)
	require.Equal(t, s.Years, late.Years)
	end, err := s.Disposed(date.Must(2050, time.December, 1)) // recovered in September
	require.NoError(t, err)
	require.Equal(t, s.Years, end.Years)

	_, err = s.Disposed(date.Must(2023, time.March, 14))
	require.ErrorIs(t, err, ErrDisposal)
	_, err = s.Disposed(date.Date{})
	require.ErrorIs(t, err, ErrDisposal)
}

func TestValidate_namesEveryField(t *testing.T) {
	t.Parallel()
	_, err := NewSchedule(Terms{Basis: money.MustParse("-0.01"), Life: "31.5", Method: "x"})
	require.ErrorIs(t, err, fault.Invalid)
	for _, want := range []error{ErrBasis, ErrPlacedInService, ErrLife, ErrMethod} {
		require.ErrorIs(t, err, want)
	}
	require.Len(t, fault.FieldErrors(err), 4)
	_, err = NewSchedule(Terms{PlacedInService: date.Must(9999, time.June, 1), Life: Residential, Method: Table})
	require.ErrorIs(t, err, ErrPlacedInService)
}

func anyTerms() *rapid.Generator[Terms] {
	return rapid.Custom(func(t *rapid.T) Terms {
		basis, err := money.FromCents(rapid.Int64Range(0, money.MaxCents).Draw(t, "basis"))
		require.NoError(t, err)
		placed, err := date.FromDays(rapid.IntRange(600_000, 800_000).Draw(t, "placed"))
		require.NoError(t, err)
		return Terms{Basis: basis, PlacedInService: placed,
			Life:   rapid.SampledFrom([]Life{Residential, Nonresidential}).Draw(t, "life"),
			Method: rapid.SampledFrom([]Method{Table, Formula}).Draw(t, "method")}
	})
}

func TestSchedule_sumsToTheBasis(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := anyTerms().Draw(t, "terms")
		if rapid.Bool().Draw(t, "tiny") {
			in.Basis, _ = money.FromCents(in.Basis.Cents() % 1000)
		}
		s, err := NewSchedule(in)
		require.NoError(t, err)
		var sum money.Amount
		half := 0
		for i, y := range s.Years {
			require.True(t, y.Depreciation.Sign() >= 0)
			require.Equal(t, in.PlacedInService.Year()+i, y.Year)
			sum, err = sum.Add(y.Depreciation)
			require.NoError(t, err)
			require.Equal(t, sum, y.Accumulated)
			left, err := in.Basis.Sub(sum)
			require.NoError(t, err)
			require.Equal(t, left, y.Remaining)
			half += y.HalfMonths
		}
		require.Equal(t, in.Basis, sum)
		require.Equal(t, 2*in.Life.months(), half)
	})
}

// The plain reading of the formula in big.Rat.
func TestFormula_equalsTheReference(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := anyTerms().Draw(t, "terms")
		in.Method = Formula
		s, err := NewSchedule(in)
		require.NoError(t, err)
		life := decimal.RequireFromString(string(in.Life)).Mul(decimal.NewFromInt(12)).Rat()
		months := new(big.Rat).Sub(big.NewRat(25, 2), big.NewRat(int64(in.PlacedInService.Month()), 1))
		before := decimal.Zero
		for _, y := range s.Years {
			if months.Cmp(life) > 0 {
				months.Set(life)
			}
			share := new(big.Rat).Quo(new(big.Rat).Mul(in.Basis.Decimal().Rat(), months), life)
			cum := decimal.RequireFromString(share.FloatString(2))
			require.Equal(t, cum.Sub(before).StringFixed(2), y.Depreciation.String())
			before = cum
			months.Add(months, big.NewRat(12, 1))
		}
		require.True(t, before.Equal(in.Basis.Decimal()))
	})
}

// Terms come in as JSON from hosts: whatever it says, a schedule either adds up
// or is a typed error.
func FuzzTerms(f *testing.F) {
	f.Add([]byte(`{"basis":"4456101.37","placed_in_service":"2023-09-01","life_years":"27.5","method":"table"}`))
	f.Add([]byte(`{"basis":0.01,"placed_in_service":"9950-12-31","life_years":"39","method":"formula"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var in Terms
		if json.Unmarshal(b, &in) != nil {
			return
		}
		s, err := NewSchedule(in)
		if err != nil {
			require.ErrorIs(t, err, fault.Invalid)
			return
		}
		require.Equal(t, in.Basis, s.Years[len(s.Years)-1].Accumulated)
	})
}
