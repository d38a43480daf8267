package history

import (
	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/realestate/money"
)

// Bearer is an account that may bear a part of a loss: its weight, and how much its
// capital account holds.
type Bearer struct {
	ID      string // bytes that break ties
	Weight  decimal.Decimal
	Account money.Amount
}

// ShareLoss shares a loss, which is above zero, by weight, so that it takes no
// account below zero while others are above it: who would get more than they hold
// bear what they hold, and the others share the rest. parts are as bearers are, zero
// or below; beyond is what is left once no account holds anything. It returns
// [money.ErrOutOfRange].
func ShareLoss(loss money.Amount, bearers []Bearer) (parts []money.Amount, beyond money.Amount, err error) {
	parts = make([]money.Amount, len(bearers))
	for loss.Sign() > 0 {
		var above []int
		var list []money.Share
		for i := range bearers {
			b := &bearers[i]
			left, err := b.Account.Add(parts[i])
			if err != nil {
				return nil, beyond, err
			}
			if b.Weight.Sign() > 0 && left.Sign() > 0 {
				above, list = append(above, i), append(list, money.Share{ID: b.ID, Weight: b.Weight})
			}
		}
		if len(above) == 0 {
			break
		}
		shared, err := money.Allocate(loss, list)
		if err != nil {
			return nil, beyond, err
		}
		loss = money.Zero
		for k, i := range above {
			left, err := bearers[i].Account.Add(parts[i])
			if err != nil {
				return nil, beyond, err
			}
			part := money.Min(shared[k], left)
			over, err := shared[k].Sub(part)
			if err != nil {
				return nil, beyond, err
			}
			if loss, err = loss.Add(over); err != nil {
				return nil, beyond, err
			}
			if parts[i], err = parts[i].Sub(part); err != nil {
				return nil, beyond, err
			}
		}
	}
	return parts, loss, nil
}
