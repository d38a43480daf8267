package date_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freehold-go/freehold/realestate/date"
)

const lastDay = 3652059

func dates() *rapid.Generator[date.Date] {
	return rapid.Custom(func(t *rapid.T) date.Date {
		d, err := date.FromDays(rapid.IntRange(1, lastDay).Draw(t, "days"))
		require.NoError(t, err)
		return d
	})
}

// Every day of the calendar agrees with package time.
func TestCivil_everyDay(t *testing.T) {
	t.Parallel()
	at := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	for n := 1; n <= lastDay; n++ {
		d, err := date.FromDays(n)
		if err != nil {
			t.Fatal(n, err)
		}
		y, m, day := d.Civil()
		ty, tm, td := at.Date()
		if y != ty || m != tm || day != td || date.Of(at) != d {
			t.Fatalf("day %d: %d-%d-%d, want %s", n, y, m, day, at)
		}
		at = at.AddDate(0, 0, 1)
	}
	_, err := date.FromDays(lastDay + 1)
	require.ErrorIs(t, err, date.ErrOutOfRange)
	_, err = date.FromDays(0)
	require.ErrorIs(t, err, date.ErrOutOfRange)
	require.True(t, date.Of(at).IsZero(), "the year 10000 is no date")
}

func TestParse(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"2024-02-29", "0001-01-01", "9999-12-31", "2000-02-29"} {
		d, err := date.Parse(s)
		require.NoError(t, err)
		require.Equal(t, s, d.String())
	}
	for _, s := range []string{"", "2024-2-29", "24-02-29", "2024/02/29", "2024-02-29T00:00:00Z", "infinity", "-001-01-01", "2024-02-2x", " 2024-02-2"} {
		_, err := date.Parse(s)
		require.ErrorIs(t, err, date.ErrMalformed, "%q", s)
	}
	for _, s := range []string{"2023-02-29", "2024-13-01", "2024-00-10", "2024-04-31", "0000-01-01", "1900-02-29", "2024-01-00"} {
		_, err := date.Parse(s)
		require.ErrorIs(t, err, date.ErrOutOfRange, "%q", s)
	}
}

func TestAddMonths(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from string
		n    int
		want string
	}{
		{"2024-01-31", 1, "2024-02-29"}, {"2023-01-31", 1, "2023-02-28"}, {"2024-12-15", 1, "2025-01-15"},
		{"2024-03-31", -1, "2024-02-29"}, {"2024-01-15", -13, "2022-12-15"}, {"2024-01-31", 0, "2024-01-31"},
		{"0001-01-31", -1, "0001-01-01"}, {"9999-12-01", 1, "9999-12-31"}, {"2024-08-31", 30, "2027-02-28"},
	} {
		require.Equal(t, c.want, date.MustParse(c.from).AddMonths(c.n).String(), "%s %+d", c.from, c.n)
	}
	require.True(t, date.Date{}.AddMonths(3).IsZero())
	require.True(t, date.Date{}.AddDays(3).IsZero())
}

func TestMonths(t *testing.T) {
	t.Parallel()
	d := date.MustParse("2024-02-10")
	require.Equal(t, "2024-02-29", d.EndOfMonth().String())
	require.Equal(t, "2024-02-01", d.StartOfMonth().String())
	require.Equal(t, 19764, d.UnixDays()+1)
	back, err := date.FromUnixDays(d.UnixDays())
	require.NoError(t, err)
	require.Equal(t, d, back)
	require.Equal(t, time.Date(2024, 2, 10, 0, 0, 0, 0, time.UTC), d.Time(time.UTC))
}

func TestArithmetic(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d, e := dates().Draw(t, "d"), dates().Draw(t, "e")
		require.Equal(t, d, e.AddDays(d.Sub(e)))
		require.Equal(t, d.Sub(e) < 0, d.Before(e))
		require.Equal(t, d.Sub(e) > 0, d.After(e))
		require.Equal(t, d.Compare(e), -e.Compare(d))
		y, m, day := d.Civil()
		require.Equal(t, d, date.Must(y, m, day))
	})
}

func TestRoundTrips(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := dates().Draw(t, "d")
		b, err := json.Marshal(d)
		require.NoError(t, err)
		var again date.Date
		require.NoError(t, json.Unmarshal(b, &again))
		require.Equal(t, d, again)
		v, err := d.Value()
		require.NoError(t, err)
		require.NoError(t, again.Scan(v))
		require.Equal(t, d, again)
		require.NoError(t, again.Scan(d.Time(time.FixedZone("far", 14*3600))))
		require.Equal(t, d, again, "a date column read as a time keeps its day")
	})
}

func TestNoDate(t *testing.T) {
	t.Parallel()
	var none date.Date
	require.Empty(t, none.String())
	val, err := none.Value()
	require.NoError(t, err, "a query by it finds nothing; the store refuses to write it")
	require.Equal(t, "-infinity", val)
	require.NoError(t, none.UnmarshalText(nil))
	for _, src := range []any{nil, "infinity", int64(3), []byte("")} {
		require.Error(t, none.Scan(src))
	}
	require.Equal(t, -1, none.Compare(date.MustParse("0001-01-01")))
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"2024-02-29", "0001-01-01", "9999-12-31", "2023-02-29", "x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := date.Parse(s)
		at, terr := time.Parse("2006-01-02", s)
		if err == nil {
			require.NoError(t, terr)
			require.Equal(t, s, d.String())
			require.Equal(t, date.Of(at), d)
		} else if terr == nil && at.Year() > 0 && len(s) == 10 {
			t.Fatalf("%q is a date", s)
		}
	})
}
