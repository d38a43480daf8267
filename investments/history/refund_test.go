package history_test

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/investments/history"
	"github.com/freehold-go/freehold/realestate/money"
)

// Money that goes back on the day of a transfer was never there to be taken along.
func TestCarry_refundOfTheDay(t *testing.T) {
	t.Parallel()
	p, q := who(1), who(2)
	ms := []history.Movement{received(p, "2020-08-07", "25000"), refunded(p, "2020-08-18", "15000")}
	mv := move(1, p, q, "2020-08-18", "0.5")
	got, err := mv.Carry(ms, nil)
	require.NoError(t, err)
	require.Equal(t, history.Carried{Contributed: dollars("5000"), Unreturned: dollars("5000"), Account: dollars("5000")}, got)
}

// What is left of a receipt has the units that it alone would have bought.
func TestUnitsBack(t *testing.T) {
	t.Parallel()
	buys := func(a money.Amount) *decimal.Decimal {
		u := a.Decimal().Div(decimal.RequireFromString("33.33")).Truncate(6)
		return &u
	}
	p := who(1)
	first, second := received(p, "2020-01-01", "1000"), received(p, "2020-02-01", "500")
	first.Units, second.Units = buys(dollars("1000")), buys(dollars("500"))
	ms := []history.Movement{first, second}
	for amount, left := range map[string]string{"100": "42.004200", "500": "30.003000", "700": "24.002400", "1500": "0.000000"} {
		back, err := history.UnitsBack(ms, refunded(p, "2020-03-01", amount), buys)
		require.NoError(t, err)
		require.Equal(t, left, first.Units.Add(*second.Units).Sub(*back).StringFixed(6), amount)
		r := refunded(p, "2020-03-01", amount)
		r.Units = back
		held, err := history.Holdings(append(ms, r), day("2020-12-31"))
		require.NoError(t, err)
		if amount != "1500" {
			require.Equal(t, left, held[0].Units.StringFixed(6), "holdings say the same")
		}
	}
	_, err := history.UnitsBack(ms, refunded(p, "2020-03-01", "1500.01"), buys)
	require.ErrorIs(t, err, history.ErrRefundUnmatched)
}

// A value of a past day knows nothing of what is corrected later.
func TestFiguresOf_laterCorrection(t *testing.T) {
	t.Parallel()
	p, q := who(1), who(2)
	mv := move(1, p, q, "2020-02-01", "0.5")
	ms := moved(t, []history.Movement{received(p, "2020-01-01", "1000")}, mv)
	c := history.Correction{Move: mv, Capital: dollars("-100"), Carrying: dollars("-100")}
	from, to := c.Movements()
	from.Date, to.Date = day("2020-05-01"), day("2020-05-01")
	ms = append(ms, from, to)
	for on, want := range map[string][2]string{"2020-03-01": {"500.00", "500.00"}, "2020-05-01": {"600.00", "400.00"}} {
		for i, who := range []history.Movement{from, to} {
			f, err := history.FiguresOf(of(ms, who.Position), day(on), nil)
			require.NoError(t, err)
			require.Equal(t, want[i], f.Value.String(), on)
		}
	}
}
