package date_test

import (
	"fmt"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
)

var dayCounts = []date.DayCount{date.Act365F, date.Act360, date.Thirty360US, date.Thirty360E, date.ActActISDA}

// anyDate favors the ends of months, where the conventions differ.
func anyDate() *rapid.Generator[date.Date] {
	return rapid.Custom(func(t *rapid.T) date.Date {
		d := date.Must(rapid.IntRange(1890, 2110).Draw(t, "year"), time.Month(rapid.IntRange(1, 12).Draw(t, "month")), 1)
		if rapid.Bool().Draw(t, "at the end") {
			return d.EndOfMonth().AddDays(-rapid.IntRange(0, 2).Draw(t, "before the end"))
		}
		return d.AddDays(rapid.IntRange(0, 27).Draw(t, "day"))
	})
}

// slowFraction says each convention in its own words: actual days are counted
// one by one, the 30/360 rules are applied as they are written.
func slowFraction(c date.DayCount, from, to date.Date) *big.Rat {
	sum := new(big.Rat)
	switch c {
	case date.Act365F, date.Act360, date.ActActISDA:
		for d := from; d.Before(to); d = d.AddDays(1) {
			year := int64(365)
			if c == date.Act360 {
				year = 360
			} else if c == date.ActActISDA && time.Date(d.Year(), 12, 31, 0, 0, 0, 0, time.UTC).YearDay() == 366 {
				year = 366
			}
			sum.Add(sum, big.NewRat(1, year))
		}
		return sum
	}
	lastOfFeb := func(d date.Date) bool { return d.Month() == time.February && d.AddDays(1).Month() == time.March }
	d1, d2 := from.Day(), to.Day()
	if c == date.Thirty360E {
		if d1 == 31 {
			d1 = 30
		}
		if d2 == 31 {
			d2 = 30
		}
	} else {
		if lastOfFeb(from) && lastOfFeb(to) {
			d2 = 30
		}
		if lastOfFeb(from) {
			d1 = 30
		}
		if d2 == 31 && d1 >= 30 {
			d2 = 30
		}
		if d1 == 31 {
			d1 = 30
		}
	}
	return big.NewRat(int64(360*(to.Year()-from.Year())+30*(int(to.Month())-int(from.Month()))+d2-d1), 360)
}

func TestDayCount_equalsReference(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		from := anyDate().Draw(t, "from")
		to := from.AddDays(rapid.IntRange(0, 4000).Draw(t, "days"))
		if rapid.Bool().Draw(t, "to the end of a month") {
			to = to.EndOfMonth()
		}
		for _, c := range dayCounts {
			num, den, err := c.Fraction(from, to)
			require.NoError(t, err)
			require.Positive(t, den)
			require.Zero(t, big.NewRat(num, den).Cmp(slowFraction(c, from, to)), "%s %s %s", c, from, to)

			back, _, err := c.Fraction(to, from)
			require.NoError(t, err)
			require.Equal(t, -num, back, "a period read backwards is negative")
			require.Equal(t, c.Days(from, to), -c.Days(to, from))
		}
	})
}

// Actual counts are additive: a period is the sum of its parts. (The 30/360
// counts are not: 30 to 31 January is nothing, 31 January to 1 February a day.)
func TestDayCount_additive(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := anyDate().Draw(t, "a"), anyDate().Draw(t, "b"), anyDate().Draw(t, "c")
		for _, dc := range []date.DayCount{date.Act365F, date.Act360, date.ActActISDA} {
			ab, _, _ := dc.Fraction(a, b)
			bc, _, _ := dc.Fraction(b, c)
			ac, _, _ := dc.Fraction(a, c)
			require.Equal(t, ac, ab+bc, dc)
		}
	})
}

// Days by SIA 30/360, Eurobond 30/360 and actual: github.com/Anexen/pyxirr
// (src/core/scheduled/day_count.rs), which cites westclintech.com DAYS360. The
// last rows add the ends of February that the rules single out.
func TestDayCount_publishedDays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from, to            string
		us, european, exact int
	}{
		{"2007-01-15", "2007-07-15", 180, 180, 181},
		{"2007-09-30", "2008-09-30", 360, 360, 366},
		{"2007-02-28", "2007-03-31", 30, 32, 31},
		{"2007-02-14", "2007-02-28", 14, 14, 14},
		{"2008-02-29", "2008-03-30", 30, 31, 30},
		{"2007-10-31", "2007-11-28", 28, 28, 28},
		{"2008-08-31", "2009-02-28", 178, 178, 181},
		{"2007-02-28", "2008-02-29", 360, 361, 366},
		{"2008-02-28", "2008-03-31", 33, 32, 32},
		{"2007-01-30", "2007-01-31", 0, 0, 1},
		{"2007-01-29", "2007-01-31", 2, 1, 2},
	} {
		from, to := date.MustParse(c.from), date.MustParse(c.to)
		name := c.from + " " + c.to
		require.Equal(t, c.us, date.Thirty360US.Days(from, to), name)
		require.Equal(t, c.european, date.Thirty360E.Days(from, to), name)
		require.Equal(t, c.exact, date.Act365F.Days(from, to), name)
		require.Equal(t, c.exact, date.ActActISDA.Days(from, to), name)
	}
}

func TestDayCount_unknown(t *testing.T) {
	t.Parallel()
	from, to := date.MustParse("2024-01-01"), date.MustParse("2024-02-01")
	for _, c := range []date.DayCount{"", "30/360", "act/365f"} {
		require.False(t, c.Valid())
		_, den, err := c.Fraction(to, from)
		require.ErrorIs(t, err, date.ErrDayCount)
		require.ErrorIs(t, err, fault.Invalid)
		require.Positive(t, den, "even then nothing divides by zero")
	}
	for _, c := range dayCounts {
		require.True(t, c.Valid())
	}
}

func FuzzDayCount(f *testing.F) {
	f.Add(1, 3_652_059)
	f.Add(738_945, 738_946)
	f.Fuzz(func(t *testing.T, a, b int) {
		from, err := date.FromDays(a)
		if err != nil {
			return
		}
		to, err := date.FromDays(b)
		if err != nil {
			return
		}
		for _, c := range dayCounts {
			num, den, err := c.Fraction(from, to)
			require.NoError(t, err)
			years, actual := float64(num)/float64(den), float64(b-a)/365.25
			require.InDelta(t, actual, years, 0.1+0.02*max(actual, -actual), c)
		}
	})
}

func ExampleDayCount_Fraction() {
	from, to := date.MustParse("2023-12-31"), date.MustParse("2024-03-31")
	for _, c := range []date.DayCount{date.Act365F, date.Act360, date.Thirty360US, date.Thirty360E, date.ActActISDA} {
		num, den, _ := c.Fraction(from, to)
		fmt.Println(c, big.NewRat(num, den), c.Days(from, to))
	}
	// Output:
	// ACT/365F 91/365 91
	// ACT/360 91/360 91
	// 30/360US 1/4 90
	// 30E/360 1/4 90
	// ACT/ACT-ISDA 5536/22265 91
}
