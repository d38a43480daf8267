package capital

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/money"
)

func rate(s string) decimal.Decimal { return decimal.RequireFromString(s) }

// twoThenThree are A and B with 100 units each; B passes them on to C on 1 February.
func twoThenThree() []Stake {
	return []Stake{
		{"A", day("2025-01-01"), day("2025-12-31"), rate("100")},
		{"B", day("2025-01-01"), day("2025-01-31"), rate("100")},
		{"C", day("2025-02-01"), day("2025-12-31"), rate("100")},
	}
}

func parts(ps []Part) map[string]string {
	out := map[string]string{}
	for _, p := range ps {
		out[p.Account] = p.Amount.String()
	}
	return out
}

func TestInterimClosing(t *testing.T) {
	t.Parallel()
	got, err := InterimClosing([]Segment{{day("2025-01-01"), day("2025-01-31"), amt("3000")}, {day("2025-02-01"), day("2025-02-28"), amt("1000")}}, twoThenThree())
	require.NoError(t, err)
	require.Equal(t, map[string]string{"A": "2000.00", "B": "1500.00", "C": "500.00"}, parts(got))

	_, err = InterimClosing([]Segment{{day("2025-01-01"), day("2025-02-28"), amt("4000")}}, twoThenThree())
	require.ErrorIs(t, err, ErrSegment)
	_, err = InterimClosing([]Segment{{day("2026-01-01"), day("2026-02-28"), amt("4000")}}, twoThenThree())
	require.ErrorIs(t, err, ErrNobodyHolds)
	_, err = InterimClosing([]Segment{{day("2025-01-01"), day("2024-02-28"), amt("4000")}}, []Stake{{"", day("2025-01-01"), day("2025-01-01"), rate("1")}})
	require.Len(t, fault.FieldErrors(err), 2)
}

func TestProration(t *testing.T) {
	t.Parallel()
	got, err := Proration(Segment{day("2025-01-01"), day("2025-02-28"), amt("5900")}, twoThenThree())
	require.NoError(t, err)
	require.Equal(t, map[string]string{"A": "2950.00", "B": "1550.00", "C": "1400.00"}, parts(got))
	got, err = Proration(Segment{day("2025-01-01"), day("2025-02-28"), amt("-5900")}, twoThenThree())
	require.NoError(t, err)
	require.Equal(t, map[string]string{"A": "-2950.00", "B": "-1550.00", "C": "-1400.00"}, parts(got))
	_, err = Proration(Segment{}, nil)
	require.ErrorIs(t, err, ErrOrder)
}

// However a period is cut, parts add up to the amounts; and where nothing changes
// in it both methods agree.
func TestAllocation_addsUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var stakes []Stake
		for i := range rapid.IntRange(1, 6).Draw(t, "stakes") {
			stakes = append(stakes, Stake{string(rune('a' + i)), day("2024-01-01"), day("2026-12-31"), decimal.New(rapid.Int64Range(1, 1e12).Draw(t, "weight"), -4)})
		}
		x, _ := money.FromCents(rapid.Int64Range(-1e12, 1e12).Draw(t, "amount"))
		s := Segment{day("2025-01-01"), date.Must(2025, 1, 1).AddDays(rapid.IntRange(0, 300).Draw(t, "days")), x}
		a, err := InterimClosing([]Segment{s}, stakes)
		require.NoError(t, err)
		b, err := Proration(s, stakes)
		require.NoError(t, err)
		require.Equal(t, a, b)
		var sum int64
		for _, p := range a {
			sum += p.Amount.Cents()
		}
		require.Equal(t, x.Cents(), sum)
	})
}

func TestLimitLoss(t *testing.T) {
	t.Parallel()
	two := []Bearer{{"A", rate("1"), amt("300")}, {"B", rate("1"), amt("1000")}}
	got, err := LimitLoss(amt("900"), two, "")
	require.NoError(t, err)
	require.Equal(t, map[string]string{"A": "300.00", "B": "600.00"}, parts(got))
	_, err = LimitLoss(amt("1300.01"), two, "")
	require.ErrorIs(t, err, ErrLossBeyondCapital)
	got, err = LimitLoss(amt("1400"), two, "sponsor")
	require.NoError(t, err)
	require.Equal(t, map[string]string{"A": "300.00", "B": "1000.00", "sponsor": "100.00"}, parts(got))
	// Whose account is already below zero bears nothing while others are above it.
	got, err = LimitLoss(amt("100"), []Bearer{{"A", rate("9"), amt("-5")}, {"B", rate("0"), amt("200")}}, "")
	require.NoError(t, err)
	require.Equal(t, map[string]string{"B": "100.00"}, parts(got))
	_, err = LimitLoss(amt("-1"), two, "")
	require.ErrorIs(t, err, ErrStake)
}

func TestPeriodFee(t *testing.T) {
	t.Parallel()
	got, err := PeriodFee(rate("0.015"), date.Act365F, []FeeSegment{{day("2025-01-01"), day("2025-02-16"), amt("10000000")}, {day("2025-02-16"), day("2025-04-01"), amt("8000000")}})
	require.NoError(t, err)
	require.Equal(t, "33369.86", got.String())
	_, err = PeriodFee(rate("-0.1"), "x", []FeeSegment{{day("2025-02-16"), day("2025-02-15"), amt("-1")}})
	require.Len(t, fault.FieldErrors(err), 4)

	a, err := FeeAccount{}.Pay(amt("1000"), amt("400"), rate("0"), date.Act365F, date.Date{}, day("2025-01-01"))
	require.NoError(t, err)
	require.Equal(t, FeeAccount{Unpaid: amt("600"), Paid: amt("400"), Asked: amt("1000")}, a)
	plain, err := a.Pay(amt("1000"), amt("5000"), rate("0"), date.Act365F, day("2025-01-01"), day("2026-01-01"))
	require.NoError(t, err)
	require.Equal(t, "1600.00", plain.Paid.String())
	earns, err := a.Pay(amt("1000"), amt("5000"), rate("0.1"), date.Act365F, day("2025-01-01"), day("2026-01-01"))
	require.NoError(t, err)
	require.Equal(t, "1660.00", earns.Paid.String())
	require.True(t, earns.Unpaid.IsZero())
}

func TestSubsequentClosing(t *testing.T) {
	t.Parallel()
	two := []Member{{"A", amt("500000"), amt("200000")}, {"B", amt("500000"), amt("200000")}}
	c, err := SubsequentClosing(day("2025-07-01"), amt("1000000"), two, []Call{{day("2025-01-01"), amt("400000")}}, rate("0.08"), date.Act365F)
	require.NoError(t, err)
	require.Equal(t, "200000.00", c.Capital.String())
	require.Equal(t, "7934.25", c.Interest.String())
	require.Equal(t, map[string]string{"A": "100000.00", "B": "100000.00"}, parts(c.ToCapital))
	require.Equal(t, map[string]string{"A": "3967.13", "B": "3967.12"}, parts(c.ToInterest))

	// In proportion to the excess: B paid in more than its share.
	two[0].Contributed, two[1].Contributed = amt("100000"), amt("300000")
	c, err = SubsequentClosing(day("2025-07-01"), amt("1000000"), two, []Call{{day("2025-01-01"), amt("400000")}}, rate("0.08"), date.Act365F)
	require.NoError(t, err)
	require.Equal(t, map[string]string{"B": "200000.00"}, parts(c.ToCapital))
	_, err = SubsequentClosing(day("2025-07-01"), amt("0"), nil, []Call{{day("2025-08-01"), amt("1")}}, rate("0.08"), date.Act365F)
	require.ErrorIs(t, err, ErrClosing)
}
