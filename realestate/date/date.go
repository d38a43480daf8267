// Package date is calendar dates: a day without a time and without a zone.
//
// A contribution, a lease or a distribution happens on a date, the same date
// for everyone. A time.Time would carry a midnight that belongs to some zone,
// and converting it may move it to the day before; a [Date] cannot move.
//
// Dates are proleptic Gregorian, from 0001-01-01 to 9999-12-31.
package date

import (
	"database/sql/driver"
	"fmt"
	"time"

	"github.com/freehold-go/freehold/realestate/fault"
)

// The conditions of this package. Their texts do not quote the input.
var (
	// ErrMalformed: the text is not a date written as 2006-01-02.
	ErrMalformed = fault.New(fault.Invalid, fault.CodeNoDate, "a date is written as 2006-01-02")
	// ErrOutOfRange: no such day, or a year outside 1 to 9999.
	ErrOutOfRange = fault.New(fault.Invalid, "date_out_of_range", "there is no such date between 0001-01-01 and 9999-12-31")
)

// Date is a day. The zero value means "no date"; it is never stored, and a
// nullable date is a *Date. Dates are comparable with ==.
type Date struct {
	n int32 // days, 0001-01-01 is 1
}

const (
	maxDay      = 3652059 // 9999-12-31
	unixEpoch   = 719163  // 1970-01-01
	daysPer400  = 146097
	marchOffset = 306 // days from 1 March to 31 December
)

// New makes a date. A day that the month does not have is [ErrOutOfRange]; it
// is not carried into the next month.
func New(year int, month time.Month, day int) (Date, error) {
	if year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > DaysIn(year, month) {
		return Date{}, ErrOutOfRange
	}
	return Date{fromCivil(year, int(month), day)}, nil
}

// Must is [New] for constants in examples and tests; it panics.
func Must(year int, month time.Month, day int) Date {
	d, err := New(year, month, day)
	if err != nil {
		panic(err)
	}
	return d
}

// Parse reads "2006-01-02" and nothing else. It returns [ErrMalformed] or
// [ErrOutOfRange].
func Parse(s string) (Date, error) {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return Date{}, ErrMalformed
	}
	var f [3]int
	for i, span := range [3]string{s[:4], s[5:7], s[8:]} {
		for j := range len(span) {
			if span[j] < '0' || span[j] > '9' {
				return Date{}, ErrMalformed
			}
			f[i] = f[i]*10 + int(span[j]-'0')
		}
	}
	return New(f[0], time.Month(f[1]), f[2])
}

// MustParse is [Parse] for constants in examples and tests; it panics.
func MustParse(s string) Date {
	d, err := Parse(s)
	if err != nil {
		panic(err)
	}
	return d
}

// Of returns the date of t in t's own location.
func Of(t time.Time) Date {
	y, m, d := t.Date()
	if y < 1 || y > 9999 {
		return Date{}
	}
	return Date{fromCivil(y, int(m), d)}
}

// fromCivil counts days with a year that starts in March, so that the leap day
// is the last of its year.
func fromCivil(y, m, d int) int32 {
	if m <= 2 {
		y--
		m += 12
	}
	era := y / 400
	yoe := y - era*400
	doy := (153*(m-3)+2)/5 + d - 1
	doe := yoe*365 + yoe/4 - yoe/100 + doy
	return int32(era*daysPer400+doe) - marchOffset + 1
}

// Civil returns year, month and day; zeros for "no date".
func (d Date) Civil() (year int, month time.Month, day int) {
	if d.n == 0 {
		return 0, 0, 0
	}
	z := int(d.n) - 1 + marchOffset
	era := z / daysPer400
	doe := z - era*daysPer400
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	year = yoe + era*400
	day = doy - (153*mp+2)/5 + 1
	m := mp + 3
	if m > 12 {
		m -= 12
		year++
	}
	return year, time.Month(m), day
}

// Year returns the year.
func (d Date) Year() int { y, _, _ := d.Civil(); return y }

// Month returns the month.
func (d Date) Month() time.Month { _, m, _ := d.Civil(); return m }

// Day returns the day of the month.
func (d Date) Day() int { _, _, day := d.Civil(); return day }

// IsZero reports whether d is "no date".
func (d Date) IsZero() bool { return d.n == 0 }

// Ptr returns a pointer to a copy, for nullable columns.
func (d Date) Ptr() *Date { return &d }

// Days returns the days from the start of the calendar, 0001-01-01 being 1.
// Differences of two such numbers are differences of days.
func (d Date) Days() int { return int(d.n) }

// FromDays is the inverse of [Date.Days]. It returns [ErrOutOfRange].
func FromDays(n int) (Date, error) {
	if n < 1 || n > maxDay {
		return Date{}, ErrOutOfRange
	}
	return Date{int32(n)}, nil
}

// AddDays moves by n days, stopping at the ends of the calendar. "No date"
// stays "no date".
func (d Date) AddDays(n int) Date {
	if d.n == 0 {
		return d
	}
	return clamp(int64(d.n) + int64(n))
}

// AddMonths moves by n months and, where that month is shorter, to its last
// day: 31 January plus one month is 28 or 29 February. It stops at the ends of
// the calendar.
func (d Date) AddMonths(n int) Date {
	if d.n == 0 {
		return d
	}
	y, m, day := d.Civil()
	months := int64(y)*12 + int64(m) - 1 + int64(n)
	if months < 12 {
		return Date{1}
	}
	if months >= 10000*12 {
		return Date{maxDay}
	}
	y, m = int(months/12), time.Month(months%12+1)
	return Date{fromCivil(y, int(m), min(day, DaysIn(y, m)))}
}

func clamp(n int64) Date { return Date{int32(max(1, min(n, maxDay)))} }

// Sub returns the days from e to d: positive when d is later.
func (d Date) Sub(e Date) int { return int(d.n) - int(e.n) }

// Compare returns -1, 0 or 1 as d is before, equal to or after e; "no date" is
// before every date.
func (d Date) Compare(e Date) int {
	switch {
	case d.n < e.n:
		return -1
	case d.n > e.n:
		return 1
	}
	return 0
}

// Before reports d < e.
func (d Date) Before(e Date) bool { return d.n < e.n }

// After reports d > e.
func (d Date) After(e Date) bool { return d.n > e.n }

// EndOfMonth returns the last day of d's month.
func (d Date) EndOfMonth() Date {
	if d.n == 0 {
		return d
	}
	y, m, _ := d.Civil()
	return Date{fromCivil(y, int(m), DaysIn(y, m))}
}

// StartOfMonth returns the first day of d's month.
func (d Date) StartOfMonth() Date {
	if d.n == 0 {
		return d
	}
	y, m, _ := d.Civil()
	return Date{fromCivil(y, int(m), 1)}
}

// Time returns the start of the day in loc.
func (d Date) Time(loc *time.Location) time.Time {
	y, m, day := d.Civil()
	return time.Date(y, m, day, 0, 0, 0, 0, loc)
}

// IsLeap reports whether year has a 29 February.
func IsLeap(year int) bool { return year%4 == 0 && (year%100 != 0 || year%400 == 0) }

// DaysIn returns the number of days of a month, 28 to 31.
func DaysIn(year int, month time.Month) int {
	switch month {
	case time.February:
		if IsLeap(year) {
			return 29
		}
		return 28
	case time.April, time.June, time.September, time.November:
		return 30
	}
	return 31
}

// String returns "2006-01-02", and "" for "no date".
func (d Date) String() string {
	if d.n == 0 {
		return ""
	}
	return string(d.append(make([]byte, 0, 10)))
}

func (d Date) append(b []byte) []byte {
	y, m, day := d.Civil()
	return append(b, byte('0'+y/1000), byte('0'+y/100%10), byte('0'+y/10%10), byte('0'+y%10), '-',
		byte('0'+m/10), byte('0'+m%10), '-', byte('0'+day/10), byte('0'+day%10))
}

// MarshalText writes String. "No date" is written as empty text.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what [Parse] reads; empty text is "no date".
func (d *Date) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = Date{}
		return nil
	}
	v, err := Parse(string(b))
	if err != nil {
		return err
	}
	*d = v
	return nil
}

// Value writes the text form. "No date" is before every day, so that a query by it
// finds nothing; the library's own writes refuse it, since storing it would hide a
// forgotten date.
func (d Date) Value() (driver.Value, error) {
	if d.n == 0 {
		return "-infinity", nil
	}
	return d.String(), nil
}

// AppendValue appends what Value returns, for bulk writes.
func (d Date) AppendValue(b []byte) ([]byte, error) {
	if d.n == 0 {
		return b, ErrMalformed.With("no date cannot be stored")
	}
	return d.append(b), nil
}

// Scan reads a date column. NULL is [ErrMalformed]; scan into *Date where a
// column may be null. The infinite dates of PostgreSQL are [ErrMalformed].
func (d *Date) Scan(src any) error {
	switch v := src.(type) {
	case time.Time:
		if w := Of(v); !w.IsZero() {
			*d = w
			return nil
		}
		return ErrOutOfRange
	case string:
		return d.scanText(v)
	case []byte:
		return d.scanText(string(v))
	case nil:
		return ErrMalformed.With("the column is null")
	}
	return ErrMalformed.With("cannot scan %s", fmt.Sprintf("%T", src))
}

func (d *Date) scanText(s string) error {
	v, err := Parse(s)
	if err == nil {
		*d = v
	}
	return err
}

// FromUnixDays returns the date n days after 1970-01-01, the form of
// PostgreSQL-independent columnar data. It returns [ErrOutOfRange].
func FromUnixDays(n int) (Date, error) { return FromDays(n + unixEpoch) }

// UnixDays returns the days since 1970-01-01.
func (d Date) UnixDays() int { return int(d.n) - unixEpoch }
