package investments

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freehold-go/freehold/investments/history"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

func cents(t *rapid.T, low, high int64, name string) money.Amount {
	a, err := money.FromCents(rapid.Int64Range(low, high).Draw(t, name))
	require.NoError(t, err)
	return a
}

func total(t *rapid.T, parts []money.Amount) money.Amount {
	sum, err := money.Sum(parts...)
	require.NoError(t, err)
	return sum
}

// A call's parts make its amount, and nobody is asked for more than he has
// left, whatever was called before. Those who are not full are asked in
// proportion to what they committed, to the cent.
func TestCallParts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		subs := make([]Subscription, rapid.IntRange(1, 12).Draw(t, "n"))
		uncalled := money.Zero
		for i := range subs {
			subs[i].ID, subs[i].Amount = id.New[Subscription](), cents(t, 1, 10_000_000_00, "amount")
			subs[i].Called = cents(t, 0, subs[i].Amount.Cents(), "called")
			left, err := subs[i].Amount.Sub(subs[i].Called)
			require.NoError(t, err)
			uncalled, err = uncalled.Add(left)
			require.NoError(t, err)
		}
		if uncalled.IsZero() {
			return
		}
		asked := cents(t, 1, uncalled.Cents(), "asked")
		parts, err := callParts(subs, nil, &asked)
		require.NoError(t, err)
		require.Equal(t, asked, total(t, parts))
		for i := range parts {
			left, err := subs[i].Amount.Sub(subs[i].Called)
			require.NoError(t, err)
			require.False(t, left.Less(parts[i]), "no more than is left")
			for j := range parts { // who could give more gives no smaller part than another, but for the cent
				full := parts[i] == left
				mine, his := parts[i].Decimal().Mul(subs[j].Amount.Decimal()), parts[j].Decimal().Mul(subs[i].Amount.Decimal())
				cent := decimal.New(1, -2).Mul(subs[i].Amount.Decimal().Add(subs[j].Amount.Decimal()))
				require.True(t, full || !mine.Add(cent).LessThan(his), "%s of %s against %s of %s", parts[i], subs[i].Amount, parts[j], subs[j].Amount)
			}
		}
		f := decimal.New(rapid.Int64Range(1, 10_000).Draw(t, "fraction"), -4)
		parts, err = callParts(subs, &f, nil)
		require.NoError(t, err)
		for i := range parts {
			left, err := subs[i].Amount.Sub(subs[i].Called)
			require.NoError(t, err)
			exact := subs[i].Amount.Decimal().Mul(f)
			require.False(t, left.Less(parts[i]))
			require.True(t, parts[i] == left || parts[i].Decimal().Sub(exact).Abs().LessThan(decimal.New(15, -3)), "a fraction of the commitment, but for the rounding of the total and of the part")
		}
	})
}

// Whatever the fraction, giver and receiver together hold what the giver held:
// capital, unreturned capital and units.
func TestTransfer_conserves(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		units := decimal.New(rapid.Int64Range(0, 1e12).Draw(t, "units"), -UnitDecimals)
		from := &Position{InvestmentAmount: cents(t, 100_00, 10_000_000_00, "capital"), Units: &units, Status: PositionStatusFunded}
		held, returned := from.InvestmentAmount, cents(t, 0, from.InvestmentAmount.Cents(), "returned")
		tr := &Transfer{Fraction: decimal.New(rapid.Int64Range(1_000_000, 10_000_000_000).Draw(t, "fraction"), -FractionDecimals), EffectiveDate: date.MustParse("2026-02-01")}
		p, err := tr.portion(from, []history.Movement{{Kind: history.Contribution, Date: date.MustParse("2026-01-01"), Amount: held},
			{Kind: history.Distribution, Date: date.MustParse("2026-01-02"), Amount: returned, Capital: returned}}, nil)
		require.NoError(t, err)
		exact := held.Decimal().Mul(tr.Fraction)
		require.True(t, p.Contributed.Decimal().Sub(exact).Abs().LessThanOrEqual(decimal.New(5, -3)), "round(fraction * balance)")
		require.False(t, p.Contributed.Less(p.Unreturned))
		to := &Position{Status: PositionStatusPending}
		require.NoError(t, tr.give(from, p))
		require.NoError(t, tr.take(to, p))
		require.Equal(t, held, total(t, []money.Amount{from.InvestmentAmount, to.InvestmentAmount}))
		require.True(t, units.Equal(from.Units.Add(*to.Units)))
		require.True(t, from.Units.Sign() >= 0 && from.InvestmentAmount.Sign() >= 0)
		require.Equal(t, tr.whole(), from.Status == PositionStatusExited)
		if tr.whole() {
			require.True(t, from.InvestmentAmount.IsZero() && from.Units.IsZero())
		}
	})
}

func TestWithdraw_refused(t *testing.T) {
	t.Parallel()
	for _, pos := range []Position{{InvestmentAmount: money.MustParse("5"), Status: PositionStatusExited}, {InvestmentAmount: money.MustParse("4.99"), Status: PositionStatusFunded}} {
		_, err := pos.withdraw(money.MustParse("5"), nil)
		require.ErrorIs(t, err, ErrCapitalMoved)
	}
}

// A scale-back divides exactly the total, and nobody keeps more than he had.
func TestScale(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		subs, committed := make([]Subscription, rapid.IntRange(1, 12).Draw(t, "n")), money.Zero
		for i := range subs {
			subs[i].ID, subs[i].Amount, subs[i].Status = id.New[Subscription](), cents(t, 1000_00, 10_000_000_00, "amount"), SubscriptionStatusOpen
			var err error
			committed, err = committed.Add(subs[i].Amount)
			require.NoError(t, err)
		}
		keep := cents(t, 1000_00, committed.Cents(), "total")
		open, parts, err := (&Offering{CommittedAmount: committed}).scale(subs, &keep)
		if keep == committed {
			require.ErrorIs(t, err, ErrNothingToScale)
			return
		}
		if err != nil {
			require.ErrorIs(t, err, ErrScaledAway)
			return
		}
		require.Equal(t, committed, open)
		require.Equal(t, keep, total(t, parts))
		for i := range parts {
			require.False(t, subs[i].Amount.Less(parts[i]))
		}
	})
}
