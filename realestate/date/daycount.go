package date

import "github.com/freehold-go/freehold/realestate/fault"

// DayCount is a rule for turning two dates into a fraction of a year. The
// first date is included, the second excluded.
type DayCount string

// The day counts.
const (
	// Act365F is actual days over 365, also in leap years. The default of
	// preferred returns, and the only one of XIRR.
	Act365F DayCount = "ACT/365F"
	// Act360 is actual days over 360.
	Act360 DayCount = "ACT/360"
	// Thirty360US is the bond basis of SIA and NASD, with its rules for the end
	// of February.
	Thirty360US DayCount = "30/360US"
	// Thirty360E is the Eurobond basis: every 31st is a 30th.
	Thirty360E DayCount = "30E/360"
	// ActActISDA is days in leap years over 366 plus the other days over 365.
	ActActISDA DayCount = "ACT/ACT-ISDA"
)

// ErrDayCount: the text names no day count of this package.
var ErrDayCount = fault.New(fault.Invalid, fault.CodeNotAllowed,
	"a day count is one of ACT/365F, ACT/360, 30/360US, 30E/360, ACT/ACT-ISDA")

// isdaDenominator is 365 times 366, over which both kinds of year are whole.
const isdaDenominator = 365 * 366

// Valid reports whether c is one of the five.
func (c DayCount) Valid() bool {
	switch c {
	case Act365F, Act360, Thirty360US, Thirty360E, ActActISDA:
		return true
	}
	return false
}

// Fraction returns the year fraction from one date to another exactly, as
// num/den with den > 0 and the same for every pair of dates of one day count.
// It is negative when to is before from. An unknown day count is [ErrDayCount].
func (c DayCount) Fraction(from, to Date) (num, den int64, err error) {
	if to.Before(from) {
		num, den, err = c.Fraction(to, from)
		return -num, den, err
	}
	switch c {
	case Act365F:
		return int64(to.Sub(from)), 365, nil
	case Act360:
		return int64(to.Sub(from)), 360, nil
	case Thirty360US, Thirty360E:
		return int64(c.thirtyDays(from, to)), 360, nil
	case ActActISDA:
		return isda(from, to), isdaDenominator, nil
	}
	return 0, 1, ErrDayCount
}

// Days returns the days that c counts between two dates: 30-day months for the
// 30/360 family, calendar days for the others.
func (c DayCount) Days(from, to Date) int {
	if c != Thirty360US && c != Thirty360E {
		return to.Sub(from)
	}
	if to.Before(from) {
		return -c.thirtyDays(to, from)
	}
	return c.thirtyDays(from, to)
}

func (c DayCount) thirtyDays(from, to Date) int {
	y1, m1, d1 := from.Civil()
	y2, m2, d2 := to.Civil()
	if c == Thirty360E {
		d1, d2 = min(d1, 30), min(d2, 30)
	} else {
		endFeb1 := m1 == 2 && d1 == DaysIn(y1, m1)
		if endFeb1 {
			if m2 == 2 && d2 == DaysIn(y2, m2) {
				d2 = 30
			}
			d1 = 30
		}
		if d2 == 31 && d1 >= 30 {
			d2 = 30
		}
		if d1 == 31 {
			d1 = 30
		}
	}
	return 360*(y2-y1) + 30*int(m2-m1) + d2 - d1
}

// isda returns the fraction over [isdaDenominator].
func isda(from, to Date) int64 {
	var total int64
	y1, y2 := from.Year(), to.Year()
	for y, start := y1, from; y <= y2; y++ {
		end := to
		if y < y2 {
			end = Date{fromCivil(y+1, 1, 1)}
		}
		perDay := int64(366)
		if IsLeap(y) {
			perDay = 365
		}
		total += int64(end.Sub(start)) * perDay
		start = end
	}
	return total
}
