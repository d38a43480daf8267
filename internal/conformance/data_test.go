package conformance

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

// realCases decodes one file of published real figures from the folder that
// FREEHOLD_DATA names.
func realCases(t *testing.T, name string) (out []object) {
	t.Helper()
	dir := os.Getenv("FREEHOLD_DATA")
	if dir == "" {
		t.Skip("FREEHOLD_DATA names no folder of real input data")
	}
	f, err := os.Open(filepath.Join(dir, "cases", name))
	require.NoError(t, err)
	defer f.Close()
	dec := json.NewDecoder(f)
	dec.UseNumber()
	require.NoError(t, dec.Decode(&out))
	require.NotEmpty(t, out)
	return out
}

// Real distributions: a term sheet's split in whole dollars, a fund's months of
// cash and reinvested distributions, and a daily rate per share.
func TestRealDistributions(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, c := range realCases(t, "distributions.json") {
		var err error
		in := reader{of: c, path: "case", err: &err}.object("inputs")
		want := reader{of: c, path: "case", err: &err}.object("expected")
		tolerance, _ := number(c["tolerance"])
		switch {
		case in.has("weights"):
			seen["split"] = true
			var weights []int64
			for _, w := range in.decimals("weights") {
				weights = append(weights, w.IntPart())
			}
			parts := make([]int64, len(weights))
			require.NoError(t, money.AllocateInt64(parts, int64(in.int("total")), weights, nil))
			for i, w := range want.decimals("shares") {
				require.Equal(t, w.IntPart(), parts[i], c["id"])
			}
		case in.has("months"):
			seen["months"] = true
			totals := want.amounts("totals")
			for i, m := range in.objects("months") {
				sum, sumErr := m.money("cash").Add(m.money("reinvested"))
				require.NoError(t, sumErr)
				require.Equal(t, totals[i], sum, c["id"])
			}
		case in.has("price"):
			seen["daily"] = true
			from := date.MustParse("2021-01-01")
			num, den, dayErr := date.Act365F.Fraction(from, from.AddDays(1))
			require.NoError(t, dayErr)
			rate := in.decimal("price").Mul(in.decimal("annual_rate")).Mul(decimal.NewFromInt(num)).DivRound(decimal.NewFromInt(den), 10)
			require.True(t, rate.Sub(want.decimal("daily_per_share")).Abs().LessThanOrEqual(tolerance), c["id"])
		}
		require.NoError(t, err, c["id"])
	}
	require.Len(t, seen, 3)
}

// Sources equal uses, and both have the published shares.
func TestRealSourcesAndUses(t *testing.T) {
	t.Parallel()
	for _, c := range realCases(t, "sources_uses.json") {
		var err error
		in := reader{of: c, path: "case", err: &err}.object("inputs")
		want := reader{of: c, path: "case", err: &err}.object("expected")
		tolerance := reader{of: c, path: "case", err: &err}.object("tolerance").decimal("pct")
		for side, pct := range map[string]string{"sources": "source_pct", "uses": "use_pct"} {
			var all []money.Amount
			for name := range in.object(side).of {
				all = append(all, in.object(side).money(name))
			}
			sum, sumErr := money.Sum(all...)
			require.NoError(t, sumErr)
			require.Equal(t, want.money("total"), sum, c["id"])
			for name := range want.object(pct).of {
				share, defined := in.object(side).money(name).Ratio(sum, 6)
				require.True(t, defined)
				diff := share.Shift(2).Sub(want.object(pct).decimal(name)).Abs()
				require.True(t, diff.LessThanOrEqual(tolerance), "%v %s", c["id"], name)
			}
		}
		require.NoError(t, err, c["id"])
	}
}
