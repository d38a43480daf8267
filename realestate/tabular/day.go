package tabular

import (
	"strings"
	"time"

	"github.com/freehold-go/freehold/realestate/date"
)

// How far from today a year of two digits may lie, in years.
const (
	yearsBack  = 50
	yearsAhead = 20
	// A past day of a century before is not sure if its year may as well be one that is
	// to come so soon: a file has days of the near future where it should not.
	yearsSoon = 2
)

// Excel's serial numbers of days that are read as such: of 1954 to 2119, so that
// a year alone is none. Day 1 is 1900-01-01; because Excel counts a leap day of
// 1900, later days count from 1899-12-30.
const (
	firstSerial = 20_000
	lastSerial  = 80_000
)

var serialEpoch = date.Must(1899, time.December, 30)

// parseDate reads "2026-03-31", "3/31/2026" (month first), "3/31/26",
// "31-Mar-2026", "Mar 31, 2026", "20260331" and Excel's serial 46112; a time of
// day behind it is dropped. Whether the century of two digits is sure depends on
// today, and on whether the date is past.
func parseDate(s string, today date.Date, past bool) (d date.Date, ok, sure bool) {
	if d, err := date.Parse(s); err == nil {
		return d, true, true
	}
	if i := strings.IndexAny(s, " T"); i == len("2026-03-31") {
		if d, err := date.Parse(s[:i]); err == nil && timeOfDay(s[i+1:]) {
			return d, true, true
		}
	}
	if whole, fraction, _ := strings.Cut(s, "."); len(whole) == 5 && allDigits(whole) && allDigits(fraction) {
		n, _ := parseCount(whole)
		return serialEpoch.AddDays(n), n >= firstSerial && n <= lastSerial, true
	}
	if d, ok := layouts(s, "1/2/2006", "1-2-2006", "2-Jan-2006", "2 Jan 2006", "Jan 2, 2006", "January 2, 2006",
		"1/2/2006 15:04", "1/2/2006 15:04:05", "1/2/2006 3:04:05 PM", "20060102"); ok {
		if len(s) == len("20060102") && allDigits(s) && (d.Year() < 1900 || d.Year() > 2199) {
			return date.Date{}, false, false
		}
		return d, true, true
	}
	if d, ok := layouts(s, "1/2/06", "1-2-06", "2-Jan-06", "2 Jan 06", "1/2/06 15:04", "1/2/06 15:04:05"); ok {
		d, sure := century(d, today, past)
		return d, true, sure
	}
	return date.Date{}, false, false
}

func timeOfDay(s string) bool {
	for _, layout := range []string{"15:04", "15:04:05", "15:04:05Z07:00"} {
		if _, err := time.Parse(layout, s); err == nil {
			return true
		}
	}
	return false
}

// century finds the century of a day whose year had two digits: of a past day
// the last one that is not after today, unless the next is close ahead, else the one that
// is near today.
func century(d, today date.Date, past bool) (date.Date, bool) {
	if today.IsZero() {
		return date.Date{}, false
	}
	_, month, day := d.Civil()
	for year := today.Year() - today.Year()%100 + 100 + d.Year()%100; year > today.Year()-200; year -= 100 {
		c, err := date.New(year, month, day)
		switch {
		case err != nil: // the 29th of February
		case past && !c.After(today):
			return c, c.AddMonths(12 * 100).After(today.AddMonths(12 * yearsSoon))
		case past:
		case !c.After(today.AddMonths(12*yearsAhead)) && !c.Before(today.AddMonths(-12*yearsBack)):
			return c, true
		}
	}
	return date.Date{}, false
}

// parseMonth reads a month: "2026-03", "Mar 2026", "March 2026", "Mar-26",
// "3/2026", or any day of it.
func parseMonth(s string, today date.Date) (date.Date, bool) {
	if len(s) < len("1/2006") && len(s) != len("45658") || strings.ContainsAny(s, "$()%&") {
		return date.Date{}, false // most cells of a statement are amounts and names
	}
	d, ok := layouts(s, "2006-01", "Jan 2006", "January 2006", "Jan-2006", "1/2006")
	if ok {
		return d.StartOfMonth(), true
	}
	if d, ok = layouts(s, "Jan-06", "Jan 06"); ok {
		d, ok = century(d, today, false)
		return d, ok
	}
	d, ok, sure := parseDate(s, today, false)
	if !ok || !sure {
		return date.Date{}, false
	}
	return d.StartOfMonth(), true
}

func layouts(s string, list ...string) (date.Date, bool) {
	for _, layout := range list {
		if t, err := time.Parse(layout, s); err == nil && t.Year() >= 1 {
			return date.Of(t), true
		}
	}
	return date.Date{}, false
}
