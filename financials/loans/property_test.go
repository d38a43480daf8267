package loans

import (
	"math/big"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

func anyTerms() *rapid.Generator[Terms] {
	return rapid.Custom(func(t *rapid.T) Terms {
		p, err := money.FromCents(rapid.Int64Range(1, 1e13).Draw(t, "cents"))
		require.NoError(t, err)
		start, err := date.FromDays(rapid.IntRange(1, 3_000_000).Draw(t, "start"))
		require.NoError(t, err)
		out := Terms{
			Principal:          p,
			AnnualRate:         decimal.New(rapid.Int64Range(0, 250_000).Draw(t, "rate"), -6),
			TermMonths:         rapid.IntRange(1, 480).Draw(t, "term"),
			AmortizationMonths: rapid.IntRange(1, 480).Draw(t, "amortization"),
			InterestOnlyMonths: rapid.IntRange(0, 60).Draw(t, "io"),
			AccrualBasis:       rapid.SampledFrom([]Basis{"", Thirty360, Actual360, Actual365F}).Draw(t, "accrual"),
			PaymentBasis:       rapid.SampledFrom([]Basis{"", Thirty360, Actual360, Actual365F}).Draw(t, "payment basis"),
			AccrualPeriod:      rapid.SampledFrom([]Period{"", DueDates, CalendarMonth}).Draw(t, "period"),
			StartDate:          start,
		}
		return out
	})
}

// The plain reading of the rules in big.Rat, which the fast one must equal.
func reference(t Terms) (level int64, rows [][4]int64, balloon int64) {
	rat := func(n int64) *big.Rat { return new(big.Rat).SetInt64(n) }
	annual := t.AnnualRate.Rat()
	i := new(big.Rat).Quo(annual, rat(12))
	if t.PaymentBasis == Actual360 {
		i.Mul(i, big.NewRat(365, 360))
	}
	p := rat(t.Principal.Cents())
	if i.Sign() == 0 {
		level = cents(new(big.Rat).Quo(p, rat(int64(t.AmortizationMonths))))
	} else {
		v := new(big.Rat).Inv(new(big.Rat).Add(rat(1), i))
		pow := rat(1)
		for range t.AmortizationMonths {
			pow.Mul(pow, v)
		}
		level = cents(new(big.Rat).Quo(new(big.Rat).Mul(p, i), new(big.Rat).Sub(rat(1), pow)))
	}
	balance := t.Principal.Cents()
	for k := 1; k <= t.TermMonths && balance > 0; k++ {
		prev, due := t.StartDate.AddMonths(k-1), t.StartDate.AddMonths(k)
		days := int64(due.Sub(prev))
		if t.AccrualPeriod == CalendarMonth {
			days = int64(due.StartOfMonth().Sub(due.StartOfMonth().AddMonths(-1)))
		}
		share := big.NewRat(1, 12)
		switch t.AccrualBasis {
		case Actual360:
			share = big.NewRat(days, 360)
		case Actual365F:
			share = big.NewRat(days, 365)
		}
		interest := cents(new(big.Rat).Mul(new(big.Rat).Mul(rat(balance), annual), share))
		payment, principal := interest, int64(0)
		if k > t.InterestOnlyMonths {
			payment, principal = level, level-interest
			if k-t.InterestOnlyMonths == t.AmortizationMonths || principal >= balance {
				payment, principal = balance+interest, balance
			}
		}
		balance -= principal
		rows = append(rows, [4]int64{payment, interest, principal, balance})
	}
	return level, rows, balance
}

// cents rounds half away from zero, through text.
func cents(r *big.Rat) int64 {
	d, err := decimal.NewFromString(r.FloatString(0)) // FloatString rounds halves away from zero
	if err != nil {
		panic(err)
	}
	return d.IntPart()
}

func TestSchedule_equalsTheReference(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		terms := anyTerms().Draw(t, "terms")
		terms.AmortizationMonths = 1 + terms.AmortizationMonths%120 // big.Rat powers are slow
		s, err := NewSchedule(terms)
		require.NoError(t, err)
		level, rows, balloon := reference(terms)
		require.Equal(t, level, s.LevelPayment.Cents())
		require.Equal(t, balloon, s.Balloon.Cents())
		require.Len(t, s.Rows, len(rows))
		for i, r := range s.Rows {
			require.Equal(t, rows[i], [4]int64{r.Payment.Cents(), r.Interest.Cents(), r.Principal.Cents(), r.Balance.Cents()}, "payment %d", i+1)
		}
	})
}

func TestSchedule_principalPlusBalloonIsTheLoan(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		terms := anyTerms().Draw(t, "terms")
		s, err := NewSchedule(terms)
		require.NoError(t, err)
		require.NoError(t, s.Check())
		sum, err := s.Between(terms.StartDate, date.MustParse("9999-12-31"))
		require.NoError(t, err)
		got, err := sum.Principal.Add(s.Balloon)
		require.NoError(t, err)
		require.Equal(t, terms.Principal, got)
		if terms.TermMonths >= terms.InterestOnlyMonths+terms.AmortizationMonths {
			require.True(t, s.Balloon.IsZero())
		}
		for i, r := range s.Rows {
			require.True(t, i == 0 || r.Due.After(s.Rows[i-1].Due))
			require.True(t, r.Interest.Sign() >= 0)
			require.True(t, r.Balance.Sign() >= 0)
		}
	})
}

// One fixed point for the payment: a cent less leaves something after the last
// month, a cent more leaves the loan paid, at exact monthly rates.
func TestLevelPayment_isTheSmallestThatClears(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		terms := anyTerms().Draw(t, "terms")
		terms.PaymentBasis, terms.AmortizationMonths = Thirty360, 1+terms.AmortizationMonths%120
		level, err := terms.LevelPayment()
		require.NoError(t, err)
		i := new(big.Rat).Quo(terms.AnnualRate.Rat(), new(big.Rat).SetInt64(12))
		left := func(halfCents int64) int {
			b := new(big.Rat).SetInt64(terms.Principal.Cents())
			for range terms.AmortizationMonths {
				b.Add(b, new(big.Rat).Mul(b, i))
				b.Sub(b, big.NewRat(halfCents, 2))
			}
			return b.Sign()
		}
		require.True(t, left(2*level.Cents()-1) >= 0)
		require.True(t, left(2*level.Cents()+1) <= 0)
	})
}

// Nothing that a Terms can hold panics or hangs, and what is accepted adds up.
func FuzzNewSchedule(f *testing.F) {
	f.Add(int64(100_000_000), int64(6), int32(-2), 360, 360, 0, "30/360", "ACT/360", "", int64(-1), 700_000)
	f.Add(int64(1), int64(1), int32(-1<<31), 1, 1, 1, "ACT/360", "", "calendar_month", int64(0), 1)
	f.Add(money.MaxCents, int64(10), int32(0), 1200, 1200, 0, "ACT/365F", "", "due_dates", int64(0), 3_652_059)
	f.Fuzz(func(t *testing.T, c, coef int64, exp int32, term, amort, io int, accrual, basis, period string, payment int64, start int) {
		principal, err := money.FromCents(c)
		if err != nil {
			return
		}
		terms := Terms{Principal: principal, AnnualRate: decimal.New(coef, exp), TermMonths: term, AmortizationMonths: amort,
			InterestOnlyMonths: io, AccrualBasis: Basis(accrual), PaymentBasis: Basis(basis), AccrualPeriod: Period(period)}
		if p, err := money.FromCents(payment); err == nil && payment >= 0 {
			terms.Payment = &p
		}
		if d, err := date.FromDays(start); err == nil {
			terms.StartDate = d
		}
		s, err := NewSchedule(terms)
		if err != nil {
			return
		}
		require.NoError(t, s.Check())
	})
}
