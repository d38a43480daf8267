package model

import (
	"fmt"
	"math/big"
	"time"
)

// Day is a calendar date, counted in days from 1970-01-01.
type Day int

// D parses a date such as "2021-03-31"; it panics on another form.
func D(s string) Day {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return Day(t.Unix() / 86400)
}

func ymd(y, m, d int) Day {
	return Day(time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

func (d Day) time() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

func (d Day) parts() (y, m, day int) {
	t := d.time()
	return t.Year(), int(t.Month()), t.Day()
}

// Year is the calendar year of d.
func (d Day) Year() int { return d.time().Year() }

// String is d as 2021-03-31.
func (d Day) String() string { return d.time().Format(time.DateOnly) }

func leap(y int) bool { return y%4 == 0 && (y%100 != 0 || y%400 == 0) }

func frac(a, b int64) *big.Rat { return big.NewRat(a, b) }

// yearFraction is section 3 of the conventions: a included, b excluded.
func yearFraction(count string, a, b Day) *big.Rat {
	switch count {
	case "", "ACT/365F":
		return frac(int64(b-a), 365)
	case "ACT/360":
		return frac(int64(b-a), 360)
	case "ACT/ACT-ISDA":
		total := new(big.Rat)
		for d := a; d < b; {
			y := d.Year()
			end := min(ymd(y+1, 1, 1), b)
			days := int64(365)
			if leap(y) {
				days = 366
			}
			total.Add(total, frac(int64(end-d), days))
			d = end
		}
		return total
	case "30E/360", "30/360US":
		return thirty360(count, a, b)
	}
	panic(fmt.Sprintf("model: day count %q", count))
}

func thirty360(count string, a, b Day) *big.Rat {
	y1, m1, d1 := a.parts()
	y2, m2, d2 := b.parts()
	if count == "30E/360" {
		d1, d2 = min(d1, 30), min(d2, 30)
	} else {
		_, next1, _ := (a + 1).parts()
		_, next2, _ := (b + 1).parts()
		last1, last2 := m1 == 2 && next1 == 3, m2 == 2 && next2 == 3
		if last1 && last2 {
			d2 = 30
		}
		if last1 {
			d1 = 30
		}
		if d2 == 31 && d1 >= 30 {
			d2 = 30
		}
		if d1 == 31 {
			d1 = 30
		}
	}
	return frac(int64(360*(y2-y1)+30*(m2-m1)+d2-d1), 360)
}

// boundary is the first compounding boundary after d, and last the one at or
// before it: first days of calendar years, quarters or months.
func boundary(compounding string, d Day) Day {
	y, m, _ := d.parts()
	switch compounding {
	case "annual":
		return ymd(y+1, 1, 1)
	case "quarterly":
		return ymd(y, (m-1)/3*3+4, 1)
	case "monthly":
		return ymd(y, m+1, 1)
	}
	panic("model: no boundaries in " + compounding)
}

func lastBoundary(compounding string, d Day) Day {
	y, m, _ := d.parts()
	switch compounding {
	case "annual":
		return ymd(y, 1, 1)
	case "quarterly":
		return ymd(y, (m-1)/3*3+1, 1)
	case "monthly":
		return ymd(y, m, 1)
	}
	panic("model: no boundaries in " + compounding)
}
