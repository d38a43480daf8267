package waterfall

import (
	"math/big"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/investments/waterfall/internal/wide"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

// Account is one account's balances. Capitalized and Accrued are the unpaid
// preferred return, exactly: what has been compounded and earns, and what has
// accrued since.
type Account struct {
	Partner
	Contributed money.Amount    `json:"contributed"`
	Unreturned  money.Amount    `json:"unreturned_capital"`
	Distributed money.Amount    `json:"distributed"`
	Capitalized Exact           `json:"capitalized_pref"`
	Accrued     Exact           `json:"accrued_pref"`
	Hurdles     []HurdleBalance `json:"hurdles,omitempty"`
	HurdleFlows *HurdleFlows    `json:"hurdle_flows,omitempty"`
	// Columns are the balances that [Header.Columns] names.
	Columns []string `json:"columns,omitempty"`
}

// HurdleBalance is what an account still lacks, as of a date, to a rate that a
// tier tests investor by investor.
type HurdleBalance struct {
	IRR     string    `json:"irr"`
	Balance Exact     `json:"balance"`
	AsOf    date.Date `json:"as_of"`
}

// HurdleFlows are the flows that a multiple is tested on, investor by investor.
type HurdleFlows struct {
	In  Exact `json:"in"`
	Out Exact `json:"out"`
}

// UnpaidPref returns the unpaid preferred return to the cent, never negative.
func (a *Account) UnpaidPref() money.Amount {
	sum := new(big.Rat).Add(a.Capitalized.Rat(), a.Accrued.Rat())
	if sum.Sign() <= 0 {
		return money.Zero
	}
	sum.Mul(sum, big.NewRat(100, 1))
	return cents(roundRat(sum.Add(sum, new(big.Rat).SetFrac(nearly.Big(), partsPerCent.Big()))))
}

// Exact is an amount of dollars that is not whole cents, exactly: a decimal
// over a small whole number. It is written as "12.345" or "4506.25/365".
// Exacts are comparable with ==.
type Exact struct {
	n   wide.Int // parts of 1/(den*10^54) cents
	den int64
}

// exact makes an Exact, with one form for zero.
func exact(n wide.Int, den int64) Exact {
	if n.IsZero() {
		den = 1
	}
	return Exact{n, den}
}

// Rat returns the value in dollars.
func (e Exact) Rat() *big.Rat {
	den := new(big.Int).Mul(wide.Pow10(partDecimals+2).Big(), big.NewInt(max(e.den, 1)))
	return new(big.Rat).SetFrac(e.n.Big(), den)
}

// Decimal returns the value in dollars rounded to places decimals, ties away
// from zero.
func (e Exact) Decimal(places int32) decimal.Decimal {
	return decimal.NewFromBigInt(e.n.Big(), -partDecimals-2).DivRound(decimal.NewFromInt(max(e.den, 1)), places)
}

// IsZero reports whether the value is 0.
func (e Exact) IsZero() bool { return e.n.IsZero() }

// String writes the value exactly.
func (e Exact) String() string {
	s := decimal.NewFromBigInt(e.n.Big(), -partDecimals-2).String()
	if e.den > 1 && !e.n.IsZero() {
		s += "/" + big.NewInt(e.den).String()
	}
	return s
}

// MarshalText writes String.
func (e Exact) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// UnmarshalText reads what String writes. Anything else, and a value that is
// larger or finer than a balance can be, is [ErrStateMalformed].
func (e *Exact) UnmarshalText(b []byte) error {
	num, den, over := strings.Cut(string(b), "/")
	v := Exact{den: 1}
	if over {
		d, err := decimal.NewFromString(den)
		if err != nil || !d.IsInteger() || d.Exponent() > 0 || !validDenominator(d.IntPart()) {
			return ErrStateMalformed.With("a denominator that no day count has")
		}
		v.den = d.IntPart()
	}
	d, err := decimal.NewFromString(num)
	if err != nil || d.Exponent() > 0 || d.Exponent() < -partDecimals-2 || len(num) > 100 {
		return ErrStateMalformed.With("a balance is a decimal with at most %d decimals", partDecimals+2)
	}
	c := d.Coefficient()
	c.Mul(c, wide.Pow10(partDecimals+2+int(d.Exponent())).Big())
	var ok bool
	if v.n, ok = wide.FromBig(c); !ok {
		return ErrStateMalformed.With("a balance is too large")
	}
	*e = exact(v.n, v.den)
	return nil
}

func validDenominator(den int64) bool {
	switch den {
	case 1, commonDen, denominator(date.Act365F), denominator(date.Act360), denominator(date.ActActISDA):
		return true
	}
	return false
}

// commonDen is the least number that every day count's denominator divides.
const commonDen = 1_603_080

// roundRat rounds to the nearest integer, ties away from zero. A value beyond
// the range of money comes back as the largest amount.
func roundRat(r *big.Rat) int64 {
	num := new(big.Int).Abs(r.Num())
	num.Lsh(num, 1).Add(num, r.Denom())
	num.Quo(num, new(big.Int).Lsh(r.Denom(), 1))
	n := money.MaxCents
	if num.IsInt64() && num.Int64() < n {
		n = num.Int64()
	}
	if r.Sign() < 0 {
		return -n
	}
	return n
}
