// Package withholding applies US federal withholding rates to payments. It is
// pure: no database, no clock, no binary floating point.
//
// # Conventions
//
// withheld = base·rate, rounded to the cent with ties away from zero, and
// net = gross - withheld. The base is not always the payment:
//
//   - backup withholding: the reportable payment;
//   - section 1446(a): the foreign partner's share of effectively connected
//     taxable income, whether or not it is distributed;
//   - sections 1446(f) and 1445 (FIRPTA): the amount realized by a transfer;
//   - sections 1441 and 1442 (FDAP): the gross amount of the income, at 30 % or
//     the rate of a treaty.
//
// Withholding is taken from what a payee is due and never changes a gross
// distribution or the waterfall behind it. Where tax on income exceeds the
// cash of a payment the net is below zero: the difference is owed by the
// payee.
//
// # Rates are dated configuration
//
// A rate holds from a date until the next rate of its kind. [Federal] is the
// law as this package knows it; a host that needs another rate, or the day on
// which one changes, builds its own [Rates] with [NewRates]. The package
// applies rates; which kind applies to whom is a legal determination that it
// does not make.
package withholding

import (
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/money"
)

// The conditions of this package.
var (
	// ErrKind: the text names no kind of withholding.
	ErrKind = fault.New(fault.Invalid, fault.CodeNotAllowed, "the kind of withholding is not known")
	// ErrRate: a rate is not a fraction from 0 to 1 with at most 9 decimals.
	ErrRate = fault.New(fault.Invalid, fault.CodeOutOfRange, "a withholding rate is a fraction from 0 to 1 with at most 9 decimals")
	// ErrNoRate: no rate of the kind is in force on the date.
	ErrNoRate = fault.New(fault.Invalid, "withholding_rate_missing", "no rate of this kind is in force on the date")
	// ErrDuplicateRate: two rates of one kind start on one date.
	ErrDuplicateRate = fault.New(fault.Invalid, fault.CodeDuplicate, "two rates of one kind start on the same date")
	// ErrDate: a date is missing.
	ErrDate = fault.New(fault.Invalid, fault.CodeRequired, "a date is needed")
	// ErrBase: the base of a withholding is below zero.
	ErrBase = fault.New(fault.Invalid, fault.CodeOutOfRange, "the base of a withholding is not below zero")
)

// Kind is the rule under which tax is withheld.
type Kind string

// The kinds.
const (
	// Backup is backup withholding under section 3406.
	Backup Kind = "backup"
	// Section1446aNoncorporate is on effectively connected taxable income
	// allocable to a foreign partner that is not a corporation.
	Section1446aNoncorporate Kind = "1446a_noncorporate"
	// Section1446aCorporate is the same for a foreign corporation.
	Section1446aCorporate Kind = "1446a_corporate"
	// Section1446f is on the transfer of a partnership interest by a foreign
	// person.
	Section1446f Kind = "1446f"
	// Section1445 is FIRPTA: the disposition of US real property by a foreign
	// person.
	Section1445 Kind = "1445"
	// FDAP is fixed, determinable, annual or periodical income of a foreign
	// person, sections 1441 and 1442.
	FDAP Kind = "fdap"
)

// Kinds lists every kind.
func Kinds() []Kind {
	return []Kind{Backup, Section1446aNoncorporate, Section1446aCorporate, Section1446f, Section1445, FDAP}
}

// Valid reports whether k is one of [Kinds].
func (k Kind) Valid() bool { return slices.Contains(Kinds(), k) }

// ParseKind reads a kind as people write it: case, spaces, underscores,
// parentheses, dots, dashes, the word "section" and the sign for it do not
// matter, FIRPTA is section 1445, and sections 1441 and 1442, with or without
// their rate, are FDAP. Anything else is [ErrKind].
func ParseKind(s string) (Kind, error) {
	word := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return -1
	}, s)
	word = strings.TrimPrefix(strings.TrimPrefix(word, "section"), "sec")
	switch word {
	case "backup", "backupwithholding", "3406":
		return Backup, nil
	case "1446anoncorporate", "1446anoncorp", "1446aindividual":
		return Section1446aNoncorporate, nil
	case "1446acorporate", "1446acorp", "1446acorporation":
		return Section1446aCorporate, nil
	case "1446f":
		return Section1446f, nil
	case "1445", "1445firpta", "firpta", "firpta1445":
		return Section1445, nil
	case "fdap", "1441", "1442", "14411442", "fdap1441", "fdap1442", "fdap14411442", "1441fdap", "1442fdap",
		"14411442fdap", "fdapstatutory", "fdap30", "fdaptreaty", "nra", "1441nra":
		return FDAP, nil
	}
	return "", ErrKind
}

// Rate is the rate of one kind from a date on.
type Rate struct {
	Kind Kind            `json:"kind"`
	From date.Date       `json:"from"`
	Rate decimal.Decimal `json:"rate"`
}

// Rates is a validated table of rates. The zero value has none. It is immutable
// and safe for concurrent use.
type Rates struct{ sorted []Rate }

// NewRates validates rates and copies them. Every bad row is reported at once,
// as [fault.Errors] on "rates[i].field".
func NewRates(rates ...Rate) (Rates, error) {
	var f fault.Fields
	type start struct {
		kind Kind
		from date.Date
	}
	seen := make(map[start]bool, len(rates))
	for i, r := range rates {
		at := func(field string) string { return "rates[" + decimal.NewFromInt(int64(i)).String() + "]." + field }
		if !r.Kind.Valid() {
			f.AddErr(at("kind"), ErrKind)
		}
		if r.From.IsZero() {
			f.AddErr(at("from"), ErrDate)
		}
		f.AddErr(at("rate"), checkRate(r.Rate))
		if seen[start{r.Kind, r.From}] {
			f.AddErr(at("from"), ErrDuplicateRate)
		}
		seen[start{r.Kind, r.From}] = true
	}
	if err := f.Err(); err != nil {
		return Rates{}, err
	}
	out := slices.Clone(rates)
	slices.SortFunc(out, func(a, b Rate) int { return a.From.Compare(b.From) })
	return Rates{out}, nil
}

func checkRate(d decimal.Decimal) error {
	// The exponent is judged first: a hostile one is never expanded.
	if d.Exponent() < -100 || d.Exponent() > 1 || d.NumDigits() > 100 ||
		d.Sign() < 0 || d.GreaterThan(decimal.NewFromInt(1)) || !d.Equal(d.Truncate(9)) {
		return ErrRate
	}
	return nil
}

// Federal returns the rates of US federal law that are in force from
// 2018-01-01: backup 24 %, section 1446(a) 37 % and for corporations 21 %,
// section 1446(f) 10 %, section 1445 15 % (since 2016-02-17), FDAP 30 %.
// Earlier dates have no rate.
func Federal() Rates {
	tcja := date.Must(2018, 1, 1)
	return Rates{[]Rate{
		{Section1445, date.Must(2016, 2, 17), decimal.New(15, -2)},
		{Backup, tcja, decimal.New(24, -2)},
		{Section1446aNoncorporate, tcja, decimal.New(37, -2)},
		{Section1446aCorporate, tcja, decimal.New(21, -2)},
		{Section1446f, tcja, decimal.New(10, -2)},
		{FDAP, tcja, decimal.New(30, -2)},
	}}
}

// All returns the rates, oldest first.
func (rs Rates) All() []Rate { return slices.Clone(rs.sorted) }

// On returns the rate of a kind in force on a day: the latest that starts on
// it or before. It returns [ErrKind], [ErrDate] or [ErrNoRate].
func (rs Rates) On(k Kind, d date.Date) (decimal.Decimal, error) {
	switch {
	case !k.Valid():
		return decimal.Decimal{}, ErrKind
	case d.IsZero():
		return decimal.Decimal{}, ErrDate
	}
	for i := len(rs.sorted) - 1; i >= 0; i-- {
		if r := rs.sorted[i]; r.Kind == k && !r.From.After(d) {
			return r.Rate, nil
		}
	}
	return decimal.Decimal{}, ErrNoRate.With("%s on %s", k, d)
}

// Payment is a payment from which tax is withheld.
type Payment struct {
	// Kind is the rule that applies.
	Kind Kind `json:"kind"`
	// Date is the day of the payment, which chooses the rate.
	Date date.Date `json:"date"`
	// Gross is what the payee is due.
	Gross money.Amount `json:"gross"`
	// Base is the amount to which the rate applies, the gross where it is nil.
	Base *money.Amount `json:"base,omitempty"`
	// TreatyRate, where given, replaces the table's rate of an FDAP payment. It
	// may not exceed it.
	TreatyRate *decimal.Decimal `json:"treaty_rate,omitempty"`
}

// Withheld is the outcome of a withholding.
type Withheld struct {
	Kind     Kind            `json:"kind"`
	Rate     decimal.Decimal `json:"rate"`
	Gross    money.Amount    `json:"gross"`
	Base     money.Amount    `json:"base"`
	Withheld money.Amount    `json:"withheld"`
	// Net is Gross less Withheld, below zero where the tax exceeds the payment.
	Net money.Amount `json:"net"`
}

// Withhold computes the tax on a payment and what is left of it. It returns
// [ErrKind], [ErrDate], [ErrNoRate], [ErrBase], [ErrRate] for a treaty rate
// that is no rate, exceeds the statutory one or is not on FDAP income, or
// [money.ErrOutOfRange].
func (rs Rates) Withhold(p Payment) (Withheld, error) {
	rate, err := rs.On(p.Kind, p.Date)
	if err != nil {
		return Withheld{}, err
	}
	if p.TreatyRate != nil {
		if err := checkRate(*p.TreatyRate); err != nil || p.Kind != FDAP || p.TreatyRate.GreaterThan(rate) {
			return Withheld{}, ErrRate.With("a treaty lowers the rate of fdap").On("treaty_rate")
		}
		rate = *p.TreatyRate
	}
	out := Withheld{Kind: p.Kind, Rate: rate, Gross: p.Gross, Base: p.Gross}
	if p.Base != nil {
		out.Base = *p.Base
	}
	if out.Base.Sign() < 0 {
		return Withheld{}, ErrBase
	}
	if out.Withheld, err = out.Base.MulRate(rate); err != nil {
		return Withheld{}, err
	}
	if out.Net, err = out.Gross.Sub(out.Withheld); err != nil {
		return Withheld{}, err
	}
	return out, nil
}
