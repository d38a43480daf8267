package capital

import (
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/money"
)

func amt(s string) money.Amount { return money.MustParse(s) }
func day(s string) date.Date    { return date.MustParse(s) }

func TestRollForward(t *testing.T) {
	t.Parallel()
	s, err := RollForward(amt("899147.36"), Activity{Contributions: amt("822283.20"), Income: amt("-108350.76"),
		UnrealizedChange: amt("-638800.11"), Fees: amt("5878.52"), Distributions: amt("555290.31"), Transfers: amt("-1.00")})
	require.NoError(t, err)
	require.Equal(t, amt("413109.86"), s.Closing)

	_, err = RollForward(amt("0"), Activity{Contributions: amt("-1"), Distributions: amt("-1")})
	require.ErrorIs(t, err, ErrSign)
	require.Len(t, fault.FieldErrors(err), 2)
	_, err = RollForward(amt("9999999999999.99"), Activity{Contributions: amt("0.01")})
	require.ErrorIs(t, err, money.ErrOutOfRange)
	// A partial sum may leave the range where the closing balance does not.
	_, err = RollForward(amt("9999999999999.99"), Activity{Contributions: amt("0.01"), Distributions: amt("0.01")})
	require.NoError(t, err)
}

func TestRoll(t *testing.T) {
	t.Parallel()
	periods := []Period{
		{day("2025-01-01"), day("2025-03-31"), Activity{Contributions: amt("100")}},
		{day("2025-04-01"), day("2025-06-30"), Activity{Income: amt("7"), Distributions: amt("5")}},
	}
	got, err := Roll(amt("1"), periods)
	require.NoError(t, err)
	require.Equal(t, amt("101"), got[0].Closing)
	require.Equal(t, amt("101"), got[1].Opening)
	require.Equal(t, amt("103"), got[1].Closing)

	for name, change := range map[string]func([]Period){
		"overlap":  func(p []Period) { p[1].Start = day("2025-03-31") },
		"reversed": func(p []Period) { p[1].End = day("2025-03-31") },
		"no date":  func(p []Period) { p[1].Start = date.Date{} },
	} {
		bad := append([]Period(nil), periods...)
		change(bad)
		_, err := Roll(amt("1"), bad)
		require.ErrorIs(t, err, ErrOrder, name)
		require.Equal(t, "periods[1]", fault.FieldErrors(err)[0].Field, name)
	}
	bad := append([]Period(nil), periods...)
	bad[0].Contributions = amt("-1")
	_, err = Roll(amt("1"), bad)
	require.Equal(t, "periods[0].contributions", fault.FieldErrors(err)[0].Field)
	none, err := Roll(amt("1"), nil)
	require.NoError(t, err)
	require.Empty(t, none)
}

func anyActivity(t *rapid.T) Activity {
	draw := func(name string, low int64) money.Amount {
		a, err := money.FromCents(rapid.Int64Range(low, 1e13).Draw(t, name))
		require.NoError(t, err)
		return a
	}
	return Activity{draw("contributions", 0), draw("income", -1e13), draw("unrealized", -1e13), draw("fees", -1e13),
		draw("distributions", 0), draw("transfers", -1e13)}
}

// The closing balance by big.Rat, chained periods equal one period of their
// sums, and the total of accounts rolls forward too.
func TestRoll_properties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var periods []Period
		start := day("2020-01-01")
		exact := new(big.Rat)
		var statements []Statement
		for range rapid.IntRange(1, 12).Draw(t, "periods") {
			a := anyActivity(t)
			periods = append(periods, Period{start, start.AddDays(30), a})
			start = start.AddDays(31)
			for _, x := range []money.Amount{a.Contributions, a.Income, a.UnrealizedChange, a.Transfers} {
				exact.Add(exact, x.Decimal().Rat())
			}
			exact.Sub(exact, a.Fees.Decimal().Rat())
			exact.Sub(exact, a.Distributions.Decimal().Rat())
			s, err := RollForward(money.Zero, a)
			require.NoError(t, err)
			statements = append(statements, s)
		}
		got, err := Roll(money.Zero, periods)
		require.NoError(t, err)
		require.Equal(t, exact.FloatString(2), got[len(got)-1].Closing.String())
		total, err := Total(statements)
		require.NoError(t, err)
		again, err := RollForward(total.Opening, total.Activity)
		require.NoError(t, err)
		require.Equal(t, total, again)
		require.Equal(t, exact.FloatString(2), total.Closing.String())
	})
}

func TestTotal_outOfRange(t *testing.T) {
	t.Parallel()
	top := Statement{Closing: amt("9999999999999.99")}
	_, err := Total([]Statement{top, top})
	require.ErrorIs(t, err, money.ErrOutOfRange)
}

// A published roll-forward of a partnership's capital, from the folder that
// FREEHOLD_DATA names.
func TestRealCapitalRoll(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("FREEHOLD_DATA")
	if dir == "" {
		t.Skip("FREEHOLD_DATA names no folder of real input data")
	}
	b, err := os.ReadFile(filepath.Join(dir, "cases", "distributions.json"))
	require.NoError(t, err)
	var cases []struct {
		ID     string                     `json:"id"`
		Inputs map[string]json.RawMessage `json:"inputs"`
		Want   map[string]json.RawMessage `json:"expected"`
	}
	require.NoError(t, json.Unmarshal(b, &cases))
	found := false
	for _, c := range cases {
		if c.Inputs["contributed_property"] == nil {
			continue
		}
		found = true
		in := func(key string) money.Amount { return amt(string(c.Inputs[key])) }
		property, err := RollForward(money.Zero, Activity{Contributions: in("contributed_property")})
		require.NoError(t, err)
		s, err := RollForward(property.Closing, Activity{Contributions: in("contributed_cash"), Income: in("net_income"),
			Distributions: in("distributions")})
		require.NoError(t, err)
		require.Equal(t, amt(string(c.Want["closing_balance"])), s.Closing, c.ID)
	}
	require.True(t, found)
}

func ExampleRollForward() {
	s, err := RollForward(money.MustParse("250000.00"), Activity{
		Contributions: money.MustParse("50000.00"),
		Income:        money.MustParse("18400.00"),
		Fees:          money.MustParse("3000.00"),
		Distributions: money.MustParse("20000.00"),
	})
	fmt.Println(s.Closing, err)
	// Output: 295400.00 <nil>
}
