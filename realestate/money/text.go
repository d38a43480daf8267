package money

import (
	"database/sql/driver"
	"fmt"
	"strconv"

	"github.com/shopspring/decimal"
)

// Parse reads an amount such as "1234.56", "-0.5", "+12" or "12.": an optional
// sign, digits, and at most two decimals. Grouping, currency signs, spaces,
// exponents, "NaN" and "Infinity" are [ErrNotMoney], a third decimal is
// [ErrTooManyDecimals], and an amount that does not fit is [ErrOutOfRange]. The error does not quote the text.
func Parse(s string) (Amount, error) {
	return parse(s)
}

func parse[T string | []byte](s T) (Amount, error) {
	i, neg := 0, false
	if len(s) > 0 && (s[0] == '-' || s[0] == '+') {
		neg, i = s[0] == '-', 1
	}
	var cents int64
	digits, decimals, point, finer := 0, 0, false, false
	for ; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '.' && !point:
			point = true
		case c >= '0' && c <= '9':
			if point {
				if decimals++; decimals > 2 {
					finer = finer || c != '0' // trailing zeros carry no value
					continue
				}
			}
			digits++
			if cents > MaxCents {
				return Amount{}, ErrOutOfRange
			}
			cents = cents*10 + int64(c-'0')
		default:
			return Amount{}, ErrNotMoney
		}
	}
	switch {
	case digits == 0:
		return Amount{}, ErrNotMoney
	case finer:
		return Amount{}, ErrTooManyDecimals
	}
	for ; decimals < 2; decimals++ {
		if cents > MaxCents {
			return Amount{}, ErrOutOfRange
		}
		cents *= 10
	}
	if neg {
		cents = -cents
	}
	return FromCents(cents)
}

// String returns dollars with two decimals and no grouping: "-1234.50".
func (a Amount) String() string { return string(a.append(make([]byte, 0, 20))) }

func (a Amount) append(b []byte) []byte {
	c := a.cents
	if c < 0 {
		b, c = append(b, '-'), -c
	}
	b = strconv.AppendInt(b, c/100, 10)
	return append(b, '.', byte('0'+c%100/10), byte('0'+c%10))
}

// Format groups thousands for people: "1,234,567.80", and "-1,234.50" below
// zero. It is for reports; machines read String.
func (a Amount) Format() string {
	s := a.Abs().String()
	whole := len(s) - 3
	out := make([]byte, 0, len(s)+6)
	if a.cents < 0 {
		out = append(out, '-')
	}
	for i := 0; i < whole; i++ {
		if i > 0 && (whole-i)%3 == 0 {
			out = append(out, ',')
		}
		out = append(out, s[i])
	}
	return string(append(out, s[whole:]...))
}

// MarshalText writes String; it is also the form in XML and map keys.
func (a Amount) MarshalText() ([]byte, error) { return a.append(nil), nil }

// UnmarshalText reads what [Parse] reads.
func (a *Amount) UnmarshalText(b []byte) error {
	v, err := parse(b)
	if err != nil {
		return err
	}
	*a = v
	return nil
}

// MarshalJSON writes a JSON string, "1234.56": a JSON number would lose cents
// in readers that use binary floats.
func (a Amount) MarshalJSON() ([]byte, error) {
	return append(a.append([]byte{'"'}), '"'), nil
}

// UnmarshalJSON reads a JSON string or a plain JSON number of at most two
// decimals. Null is [ErrNotMoney]; use *Amount where an amount may be absent.
func (a *Amount) UnmarshalJSON(b []byte) error {
	if len(b) >= 2 && b[0] == '"' && b[len(b)-1] == '"' {
		b = b[1 : len(b)-1]
	}
	return a.UnmarshalText(b)
}

// Value writes the text form, which PostgreSQL reads into NUMERIC(15,2)
// exactly.
func (a Amount) Value() (driver.Value, error) { return a.String(), nil }

// AppendValue appends what Value returns, for bulk writes.
func (a Amount) AppendValue(b []byte) ([]byte, error) { return a.append(b), nil }

// Scan reads a NUMERIC column. NULL is [ErrNotMoney]; scan into *Amount where
// a column may be null. A third decimal is refused, not rounded.
func (a *Amount) Scan(src any) error {
	switch v := src.(type) {
	case string:
		w, err := parse(v)
		if err == nil {
			*a = w
		}
		return err
	case []byte:
		return a.UnmarshalText(v)
	case int64:
		w, err := Amount{}, error(nil)
		if w, err = FromDecimal(decimal.NewFromInt(v)); err == nil {
			*a = w
		}
		return err
	case nil:
		return ErrNotMoney.With("the column is null")
	}
	return ErrNotMoney.With("cannot scan %s", fmt.Sprintf("%T", src))
}
