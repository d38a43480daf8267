package loans

import (
	"math/big"
	"math/bits"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/money"
)

// rate is an annual rate as num/den: an exact fraction in lowest decimal
// terms, with den a power of ten of at most 10^15.
type rate struct{ num, den uint64 }

// parseRate refuses what is not a plain fraction before any big number is
// expanded from a hostile exponent.
func parseRate(d decimal.Decimal) (rate, error) {
	if d.Sign() < 0 || d.Exponent() < -200 || d.Exponent() > 2 || d.NumDigits() > 200 {
		return rate{}, ErrRate
	}
	if d.IsZero() {
		return rate{0, 1}, nil
	}
	if !d.Equal(d.Truncate(MaxRateDecimals)) || d.GreaterThan(decimal.NewFromInt(maxRate)) {
		return rate{}, ErrRate
	}
	r := rate{num: d.Shift(MaxRateDecimals).BigInt().Uint64(), den: 1e15}
	for r.den > 1 && r.num%10 == 0 {
		r.num, r.den = r.num/10, r.den/10
	}
	return r, nil
}

// interest returns cents·rate·days/year, rounded to the cent with ties away
// from zero. The sizes fit: cents·num·days has at most 112 bits, and the
// quotient at most 60.
func (r rate) interest(cents int64, days, year uint64) (money.Amount, error) {
	neg := cents < 0
	if neg {
		cents = -cents
	}
	hi, lo := bits.Mul64(uint64(cents), r.num*days)
	den := r.den * year
	if hi >= den {
		return money.Amount{}, money.ErrOutOfRange
	}
	q, rem := bits.Div64(hi, lo, den)
	if rem >= den-rem {
		q++
	}
	if q > uint64(money.MaxCents) {
		return money.Amount{}, money.ErrOutOfRange
	}
	if neg {
		return money.FromCents(-int64(q))
	}
	return money.FromCents(int64(q))
}

// monthly returns the monthly rate on a basis as an exact fraction.
func (r rate) monthly(b Basis) (num, den *big.Int) {
	num, den = new(big.Int).SetUint64(r.num), new(big.Int).SetUint64(r.den)
	den.Mul(den, big.NewInt(12))
	if b == Actual360 {
		num.Mul(num, big.NewInt(365))
		den.Mul(den, big.NewInt(360))
	}
	g := new(big.Int).GCD(nil, nil, num, den)
	return num.Quo(num, g), den.Quo(den, g)
}

// days returns the days and the length of the year over which interest due on
// due accrues.
func (t *Terms) days(prev, due date.Date) (days, year uint64) {
	year = 365
	switch t.AccrualBasis {
	case Thirty360, "":
		return 1, 12
	case Actual360:
		year = 360
	}
	if t.AccrualPeriod == CalendarMonth {
		return uint64(due.StartOfMonth().AddDays(-1).Day()), year
	}
	return uint64(due.Sub(prev)), year
}

// AnnualInterest returns the interest of one year on a balance that does not
// amortize, as lenders quote debt service: balance·rate on [Thirty360] and
// [Actual365F], balance·rate·365/360 on [Actual360], rounded to the cent. It
// returns [ErrRate], [ErrBasis], [ErrPrincipal] or [money.ErrOutOfRange].
func AnnualInterest(balance money.Amount, annualRate decimal.Decimal, b Basis) (money.Amount, error) {
	r, err := parseRate(annualRate)
	switch {
	case err != nil:
		return money.Amount{}, err
	case balance.Sign() < 0:
		return money.Amount{}, ErrPrincipal.With("a balance is not below zero")
	}
	switch b.or() {
	case Thirty360, Actual365F:
		return r.interest(balance.Cents(), 1, 1)
	case Actual360:
		return r.interest(balance.Cents(), 365, 360)
	}
	return money.Amount{}, ErrBasis
}

// Interest returns the interest on a balance from one date, included, to
// another, excluded, rounded to the cent: a payoff between due dates, or a
// stub period. On [Thirty360] the days are those of 30-day months (30/360US).
// It returns [ErrRate], [ErrBasis], [ErrPrincipal], [ErrStart] when to is
// before from or more than a year after it, or [money.ErrOutOfRange].
func Interest(balance money.Amount, annualRate decimal.Decimal, b Basis, from, to date.Date) (money.Amount, error) {
	r, err := parseRate(annualRate)
	switch {
	case err != nil:
		return money.Amount{}, err
	case balance.Sign() < 0:
		return money.Amount{}, ErrPrincipal.With("a balance is not below zero")
	case from.IsZero() || to.Before(from) || to.Sub(from) > 366:
		return money.Amount{}, ErrStart.With("the period is at most a year and ends after it starts")
	}
	switch b.or() {
	case Thirty360:
		return r.interest(balance.Cents(), uint64(max(0, date.Thirty360US.Days(from, to))), 360)
	case Actual360:
		return r.interest(balance.Cents(), uint64(to.Sub(from)), 360)
	case Actual365F:
		return r.interest(balance.Cents(), uint64(to.Sub(from)), 365)
	}
	return money.Amount{}, ErrBasis
}

// LevelPayment returns the payment that clears the loan in
// [Terms.AmortizationMonths] on [Terms.PaymentBasis], rounded to the cent; the
// payment of the note where [Terms.Payment] gives it; and zero where nothing
// amortizes. Only the fields that it depends on are validated.
func (t Terms) LevelPayment() (money.Amount, error) {
	var f fault.Fields
	t.validateLevel(&f)
	if err := f.Err(); err != nil {
		return money.Amount{}, err
	}
	return t.level()
}

// level computes a validated loan's payment: with i = a/d in lowest terms,
// P·a·(d+a)^n / (d·((d+a)^n - d^n)).
func (t *Terms) level() (money.Amount, error) {
	switch {
	case t.Payment != nil:
		return *t.Payment, nil
	case t.AmortizationMonths == 0:
		return money.Amount{}, nil
	}
	r, err := parseRate(t.AnnualRate)
	if err != nil {
		return money.Amount{}, err
	}
	num, den := big.NewInt(t.Principal.Cents()), big.NewInt(int64(t.AmortizationMonths))
	if r.num != 0 {
		a, d := r.monthly(t.PaymentBasis.or())
		n := big.NewInt(int64(t.AmortizationMonths))
		grown := new(big.Int).Exp(new(big.Int).Add(d, a), n, nil)
		flat := new(big.Int).Exp(d, n, nil)
		num.Mul(num, a).Mul(num, grown)
		den.Sub(grown, flat).Mul(den, d)
	}
	return roundQuo(num, den)
}

// roundQuo returns num/den cents, both positive, rounded to the nearest with
// ties away from zero.
func roundQuo(num, den *big.Int) (money.Amount, error) {
	num.Lsh(num, 1).Add(num, den)
	q := num.Quo(num, new(big.Int).Lsh(den, 1))
	if !q.IsInt64() {
		return money.Amount{}, money.ErrOutOfRange
	}
	return money.FromCents(q.Int64())
}
