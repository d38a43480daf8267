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

// The conditions of allocating income and losses.
var (
	// ErrStake: a stake has no account, days that are reversed, or a weight below
	// zero.
	ErrStake = fault.New(fault.Invalid, "capital_stake_invalid", "a stake has an account, days in order and a weight not below zero")
	// ErrNobodyHolds: an amount is to be allocated and nobody held in its days.
	ErrNobodyHolds = fault.New(fault.Illegal, "capital_nobody_holds", "nobody held on the days that the amount belongs to")
	// ErrSegment: with an interim closing holdings change inside a segment.
	ErrSegment = fault.New(fault.Illegal, "capital_segment_cut", "holdings change inside this segment; give the amounts before and from that day")
	// ErrLossBeyondCapital: a loss is larger than all capital and the terms name
	// nobody who bears it.
	ErrLossBeyondCapital = fault.New(fault.Illegal, "capital_loss_beyond", "the loss is larger than all capital accounts together, and nobody is named to bear the rest")
)

// Stake is what an account held from a day through another: units where every
// position has units, contributed capital otherwise. One account may have several
// stakes, one after the other or at once.
type Stake struct {
	Account string          `json:"account"`
	From    date.Date       `json:"from"`
	Through date.Date       `json:"through"` // included
	Weight  decimal.Decimal `json:"weight"`
}

// Segment is a part of a period, both days included, and the income or, below
// zero, the loss of it.
type Segment struct {
	From    date.Date    `json:"from"`
	Through date.Date    `json:"through"`
	Amount  money.Amount `json:"amount"`
}

// Part is one account's part of an amount.
type Part struct {
	Account string       `json:"account"`
	Amount  money.Amount `json:"amount"`
}

// InterimClosing allocates income or losses that are known for every segment in
// which nobody's holding changes: within a segment by weight. It is what a deal
// does unless its terms say otherwise. A segment inside which a stake begins or
// ends is [ErrSegment]. It returns [ErrStake], [ErrOrder], [ErrNobodyHolds] or
// [money.ErrOutOfRange] as well, each naming its field. The parts come in
// ascending order of accounts.
//
// Of 3,000.00 in January and 1,000.00 in February, where A and B held 100 units
// each and B passed them on to C on 1 February, A has 2,000.00, B 1,500.00 and
// C 500.00.
func InterimClosing(segments []Segment, stakes []Stake) ([]Part, error) {
	var f fault.Fields
	checkStakes(&f, stakes)
	for i, s := range segments {
		at := "segments[" + strconv.Itoa(i) + "]"
		if s.From.IsZero() || s.Through.Before(s.From) || i > 0 && !s.From.After(segments[i-1].Through) {
			f.AddErr(at, ErrOrder)
			continue
		}
		for _, k := range stakes {
			if k.From.After(s.From) && !k.From.After(s.Through) || !k.Through.Before(s.From) && k.Through.Before(s.Through) {
				f.AddErr(at, ErrSegment)
				break
			}
		}
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	total := map[string]money.Amount{}
	for i, s := range segments {
		parts, err := byDays(s, stakes)
		if err == nil {
			err = addParts(total, parts)
		}
		if err != nil {
			f.AddErr("segments["+strconv.Itoa(i)+"]", err)
			return nil, f.Err()
		}
	}
	return inAccountOrder(total), nil
}

// Proration allocates one amount of a whole period by weight times the days held
// in it. It returns [ErrStake], [ErrOrder], [ErrNobodyHolds] or
// [money.ErrOutOfRange]. The parts come in ascending order of accounts.
//
// Of 5,900.00 from 1 January through 28 February, where A and B held 100 units
// each and B passed them on to C on 1 February, A has 59 days' 2,950.00, B 31
// days' 1,550.00 and C 28 days' 1,400.00.
func Proration(period Segment, stakes []Stake) ([]Part, error) {
	var f fault.Fields
	checkStakes(&f, stakes)
	if period.From.IsZero() || period.Through.Before(period.From) {
		f.AddErr("period", ErrOrder)
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	parts, err := byDays(period, stakes)
	if err != nil {
		return nil, err
	}
	total := map[string]money.Amount{}
	if err := addParts(total, parts); err != nil {
		return nil, err
	}
	return inAccountOrder(total), nil
}

func checkStakes(f *fault.Fields, stakes []Stake) {
	for i, s := range stakes {
		if s.Account == "" || s.From.IsZero() || s.Through.Before(s.From) || s.Weight.Sign() < 0 ||
			s.Weight.Exponent() < -20 || s.Weight.Exponent() > 15 {
			f.AddErr("stakes["+strconv.Itoa(i)+"]", ErrStake)
		}
	}
}

// byDays shares an amount by weight times days held.
func byDays(s Segment, stakes []Stake) ([]Part, error) {
	weight := map[string]*big.Int{}
	for _, k := range stakes {
		from, through := k.From, k.Through
		if from.Before(s.From) {
			from = s.From
		}
		if through.After(s.Through) {
			through = s.Through
		}
		if through.Before(from) {
			continue
		}
		w := k.Weight.Shift(20).BigInt()
		w.Mul(w, big.NewInt(int64(through.Sub(from)+1)))
		if weight[k.Account] == nil {
			weight[k.Account] = new(big.Int)
		}
		weight[k.Account].Add(weight[k.Account], w)
	}
	accounts := make([]string, 0, len(weight))
	for a := range weight {
		accounts = append(accounts, a)
	}
	slices.Sort(accounts)
	weights, sum := make([]*big.Int, len(accounts)), new(big.Int)
	for i, a := range accounts {
		weights[i] = weight[a]
		sum.Add(sum, weight[a])
	}
	if s.Amount.IsZero() {
		return nil, nil
	}
	if sum.Sign() == 0 {
		return nil, ErrNobodyHolds
	}
	cents := make([]int64, len(accounts))
	if err := money.AllocateBig(cents, s.Amount.Cents(), weights, nil); err != nil {
		return nil, err
	}
	out := make([]Part, len(accounts))
	for i, a := range accounts {
		x, err := money.FromCents(cents[i])
		if err != nil {
			return nil, err
		}
		out[i] = Part{a, x}
	}
	return out, nil
}

func addParts(total map[string]money.Amount, parts []Part) error {
	for _, p := range parts {
		sum, err := total[p.Account].Add(p.Amount)
		if err != nil {
			return err
		}
		total[p.Account] = sum
	}
	return nil
}

func inAccountOrder(total map[string]money.Amount) []Part {
	out := make([]Part, 0, len(total))
	for a, x := range total {
		out = append(out, Part{a, x})
	}
	slices.SortFunc(out, func(a, b Part) int { return strings.Compare(a.Account, b.Account) })
	return out
}
