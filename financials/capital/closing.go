package capital

import (
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/money"
)

// ErrClosing: a subsequent closing lacks members, commitments or calls, or a call
// lies after it.
var ErrClosing = fault.New(fault.Invalid, "capital_closing_invalid", "a subsequent closing has members with commitments above zero, and calls on or before it")

// Member is an account that was there before a subsequent closing.
type Member struct {
	Account     string       `json:"account"`
	Commitment  money.Amount `json:"commitment"`
	Contributed money.Amount `json:"contributed"`
}

// Call is capital that all members together paid in on a day.
type Call struct {
	Date   date.Date    `json:"date"`
	Amount money.Amount `json:"amount"`
}

// Closing is what a later account pays to those who were there before it.
type Closing struct {
	// Capital is its share of contributed capital, Interest what it pays for the
	// time since, which is capital for nobody.
	Capital  money.Amount `json:"capital"`
	Interest money.Amount `json:"interest"`
	// ToCapital and ToInterest say who gets it, in proportion to what each had
	// paid in beyond its own share, in ascending order of accounts.
	ToCapital  []Part `json:"to_capital"`
	ToInterest []Part `json:"to_interest"`
}

// SubsequentClosing computes a later admission: the account pays its share, by
// commitments, of the capital called so far to those who were there, in proportion
// to their excess, and interest on it from each call's day. The capital and accrued
// return of those who were there fall by what they receive, and stand for the later
// account as from the first closing: in the waterfall each payment of ToCapital is
// a transfer of that fraction of the payee's account. It returns [ErrClosing],
// [ErrFee] for the rate or day count, or [money.ErrOutOfRange].
//
// A and B committed 500,000.00 each and paid in 200,000.00 each on 1 January; C
// joins on 1 July with 1,000,000.00. C pays 200,000.00, half of it to each, and at
// 8 % ACT/365F 181 days' interest of 7,934.25.
func SubsequentClosing(on date.Date, commitment money.Amount, members []Member, calls []Call, rate decimal.Decimal, count date.DayCount) (Closing, error) {
	var f fault.Fields
	ms := slices.Clone(members)
	slices.SortFunc(ms, func(a, b Member) int { return strings.Compare(a.Account, b.Account) })
	f.Check(commitment.Sign() > 0 && len(ms) > 0, "commitment", ErrClosing.Code, ErrClosing.Msg)
	all, paidIn := commitment.Decimal().Rat(), new(big.Rat)
	for i, m := range ms {
		f.Check(m.Account != "" && m.Commitment.Sign() >= 0 && m.Contributed.Sign() >= 0 && (i == 0 || ms[i-1].Account != m.Account),
			"members["+strconv.Itoa(i)+"]", ErrClosing.Code, ErrClosing.Msg)
		all.Add(all, m.Commitment.Decimal().Rat())
		paidIn.Add(paidIn, m.Contributed.Decimal().Rat())
	}
	called := new(big.Rat)
	for i, c := range calls {
		f.Check(!c.Date.IsZero() && !c.Date.After(on) && c.Amount.Sign() > 0, "calls["+strconv.Itoa(i)+"]", ErrClosing.Code, ErrClosing.Msg)
		called.Add(called, c.Amount.Decimal().Rat())
	}
	f.Check(called.Cmp(paidIn) == 0, "calls", ErrClosing.Code, "the calls add up to what the members have contributed")
	if err := f.Err(); err != nil {
		return Closing{}, err
	}
	share := new(big.Rat).Quo(commitment.Decimal().Rat(), all)
	segments := make([]FeeSegment, len(calls))
	for i, c := range calls {
		segments[i] = FeeSegment{c.Date, on, c.Amount}
	}
	interest, err := interestOn(share, rate, count, segments)
	if err != nil {
		return Closing{}, err
	}
	out := Closing{Interest: interest}
	if out.Capital, err = roundRat(new(big.Rat).Mul(paidIn, share)); err != nil {
		return Closing{}, err
	}
	// Excess: contributed less the member's share of what has been called.
	excess := make([]*big.Int, len(ms))
	for i, m := range ms {
		own := new(big.Rat).Quo(new(big.Rat).Mul(paidIn, m.Commitment.Decimal().Rat()), all)
		x := new(big.Rat).Sub(m.Contributed.Decimal().Rat(), own)
		if excess[i] = new(big.Int); x.Sign() > 0 {
			// All have the denominator 100*all in cents, at most; the sum's is common.
			x.Mul(x, new(big.Rat).Mul(all, big.NewRat(10_000, 1)))
			excess[i].Quo(x.Num(), x.Denom())
		}
	}
	if out.ToCapital, err = sharedBy(out.Capital, ms, excess); err == nil {
		out.ToInterest, err = sharedBy(out.Interest, ms, excess)
	}
	return out, err
}

// interestOn is the rounded interest on a share of what was called.
func interestOn(share *big.Rat, rate decimal.Decimal, count date.DayCount, segments []FeeSegment) (money.Amount, error) {
	var f fault.Fields
	f.Check(count.Valid(), "day_count", ErrFee.Code, ErrFee.Msg)
	f.Check(rate.Sign() >= 0 && rate.Exponent() >= -20 && rate.Exponent() <= 3, "rate", ErrFee.Code, ErrFee.Msg)
	if err := f.Err(); err != nil {
		return money.Zero, err
	}
	sum := new(big.Rat)
	for _, s := range segments {
		num, den, err := count.Fraction(s.From, s.To)
		if err != nil {
			return money.Zero, err
		}
		sum.Add(sum, new(big.Rat).Mul(s.Base.Decimal().Rat(), big.NewRat(num, den)))
	}
	return roundRat(sum.Mul(sum, share).Mul(sum, rate.Rat()))
}

func sharedBy(total money.Amount, ms []Member, weights []*big.Int) ([]Part, error) {
	if total.IsZero() {
		return nil, nil
	}
	parts := make([]int64, len(ms))
	if err := money.AllocateBig(parts, total.Cents(), weights, nil); err != nil {
		return nil, err
	}
	var out []Part
	for i, m := range ms {
		if parts[i] == 0 {
			continue
		}
		x, err := money.FromCents(parts[i])
		if err != nil {
			return nil, err
		}
		out = append(out, Part{m.Account, x})
	}
	return out, nil
}
