package waterfall

import (
	"fmt"
	"math/big"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
)

// Vesting is the part of a recipient's share of promote that it has from a day on.
// Before the first day it has nothing. What has not vested goes to the recipients who
// have all of theirs, in proportion to their shares; so a split in which a share vests
// has one that does not.
type Vesting struct {
	From date.Date       `json:"from"`
	Part decimal.Decimal `json:"part"`
}

// validateVesting checks the vesting of one share.
func validateVesting(f *fault.Fields, path, tier string, v []Vesting) {
	last := date.Date{}
	for i, x := range v {
		at := fmt.Sprintf("%s.vesting[%d]", path, i)
		f.Check(x.From.After(last), at+".from", check.Disordered, tier+"vesting is in the order of its dates")
		last = x.From
		r, ok := fixedRate(x.Part)
		f.Check(ok && r >= 0 && r <= unit, at+".part", check.OutOfRange, tier+"a vested part is a fraction from 0 to 1 with at most 10 decimals")
	}
	f.Check(len(v) <= maxTiers, path+".vesting", check.TooMany, "at most 100 dates")
}

// vestedOn is the part of its share that a recipient has on a day.
func (to *recipient) vestedOn(day date.Date) *big.Rat {
	if len(to.vesting) == 0 {
		return new(big.Rat).Set(one)
	}
	out := new(big.Rat)
	for _, v := range to.vesting {
		if !v.from.After(day) {
			out.SetFrac64(v.rate, unit)
		}
	}
	return out
}

func normalVesting(v []Vesting) []Vesting {
	var out []Vesting
	for _, x := range v {
		out = append(out, Vesting{x.From, *normalRate(&x.Part)})
	}
	return out
}
