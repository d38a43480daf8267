package capital

import (
	"math/big"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/realestate/money"
)

// Bearer is an account that a loss is allocated to: what it would bear by the
// terms' weight, and the capital account that the loss comes off.
type Bearer struct {
	Account string          `json:"account"`
	Weight  decimal.Decimal `json:"weight"`
	Capital money.Amount    `json:"capital"`
}

// LimitLoss allocates a loss, given as a positive amount, by weight, but takes no
// capital account below zero while others are above it: what an account cannot
// bear goes to the others by their weights, and when the weights are used up to
// whoever has capital, by capital. A loss beyond all capital goes to the account
// named beyond; where none is named it is [ErrLossBeyondCapital]. It returns
// [ErrStake] for a weight below zero or a loss below zero. The parts are positive
// and come in ascending order of accounts.
//
// Of a loss of 900.00 by weights of 1 to 1 on capital of 300.00 and 1,000.00, the
// first account bears 300.00 and the second 600.00.
func LimitLoss(loss money.Amount, bearers []Bearer, beyond string) ([]Part, error) {
	bs := slices.Clone(bearers)
	slices.SortFunc(bs, func(a, b Bearer) int { return strings.Compare(a.Account, b.Account) })
	room, borne := make([]int64, len(bs)), make([]int64, len(bs))
	for i, b := range bs {
		if b.Account == "" || b.Weight.Sign() < 0 || b.Weight.Exponent() < -20 || b.Weight.Exponent() > 15 || i > 0 && bs[i-1].Account == b.Account {
			return nil, ErrStake
		}
		room[i] = max(0, b.Capital.Cents())
	}
	left := loss.Cents()
	if left < 0 {
		return nil, ErrStake.With("a loss is given as a positive amount")
	}
	byWeight := func(i int) *big.Int { return bs[i].Weight.Shift(20).BigInt() }
	byCapital := func(i int) *big.Int { return big.NewInt(room[i]) }
	for _, weight := range []func(int) *big.Int{byWeight, byCapital} {
		left = bear(left, room, borne, weight)
	}
	total := map[string]money.Amount{}
	for i, b := range bs {
		if borne[i] != 0 {
			total[b.Account], _ = money.FromCents(borne[i])
		}
	}
	if left > 0 {
		if beyond == "" {
			return nil, ErrLossBeyondCapital
		}
		x, err := money.FromCents(total[beyond].Cents() + left)
		if err != nil {
			return nil, err
		}
		total[beyond] = x
	}
	return inAccountOrder(total), nil
}

// bear spreads a loss over those with room by weight until it is gone, or nobody
// with a weight has room. It returns what is left. In every round somebody runs
// out of room, or the loss ends.
func bear(left int64, room, borne []int64, weight func(int) *big.Int) int64 {
	for left > 0 {
		weights, sum := make([]*big.Int, len(room)), new(big.Int)
		for i := range room {
			weights[i] = new(big.Int)
			if room[i] > 0 {
				weights[i] = weight(i)
			}
			sum.Add(sum, weights[i])
		}
		parts := make([]int64, len(room))
		if sum.Sign() == 0 || money.AllocateBig(parts, left, weights, nil) != nil {
			return left
		}
		for i, x := range parts {
			x = min(x, room[i])
			room[i], borne[i], left = room[i]-x, borne[i]+x, left-x
		}
	}
	return 0
}
