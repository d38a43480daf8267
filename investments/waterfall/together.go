package waterfall

import (
	"math/big"
	"strings"

	"github.com/freehold-go/freehold/investments/waterfall/internal/wide"
	"github.com/freehold-go/freehold/realestate/money"
)

// needTogether returns what those who bear promote need in a hurdle that pays them
// by contributed capital: by the flows of its classes together, by those of others
// that it names, or until each account is there.
func (u *run) needTogether(st *step, line *Step) (int64, error) {
	if st.t.By == ByEach {
		return u.needOfEach(st, line)
	}
	x, err := u.tested(st)
	if err != nil {
		return 0, err
	}
	if len(st.t.Of) > 0 {
		line.input("tested on", strings.Join(st.t.Of, ", "))
	}
	line.input("contributions", cents(x.in).Format())
	line.input("distributions to investors", cents(x.out).Format())
	byRate, byMultiple := int64(-1), int64(-1)
	scale := one
	if len(st.t.Of) > 0 {
		if scale = u.scaleOf(st, x.capital); scale == nil {
			return 0, nil
		}
	}
	switch {
	case st.irr >= 0:
		byRate = roundScaled(x.future, 1, scale)
		line.input("needed for the rate of "+percent(st.irr), cents(byRate).Format())
	case st.level >= 0:
		byRate = roundScaled(x.level, u.p.levels[st.level].pref.den, scale)
		line.input("needed for the return of "+percent(u.p.levels[st.level].rate), cents(byRate).Format())
	}
	if st.multiple >= 0 {
		byMultiple = roundScaled(x.multiple(st.multiple).Add(x.beyond), 1, scale)
		line.input("needed for the multiple of "+rateText(st.multiple), cents(byMultiple).Format())
	}
	return min(combine(st, byRate, byMultiple), money.MaxCents), nil
}

var one = big.NewRat(1, 1)

// scaleOf is what the paid get for what the tested need: their contributed capital
// over that of the tested, or the tested's percentage of the tier; nil where that is
// nothing.
func (u *run) scaleOf(st *step, tested int64) *big.Rat {
	if st.percent == nil {
		if tested == 0 {
			return nil
		}
		return big.NewRat(sumOf(u.basis(st), st.charged), tested)
	}
	part, _ := u.percentOf(st, u.othersOf(st))
	all, _ := u.percentOf(st, st.charged)
	if part.Sign() == 0 {
		return nil
	}
	return all.Quo(all, part)
}

// combine applies the hurdle's test to needs of which one may be absent, -1.
func combine(st *step, byRate, byMultiple int64) int64 {
	switch {
	case byRate < 0:
		return byMultiple
	case byMultiple < 0:
		return byRate
	case st.t.Test == TestEither:
		return min(byRate, byMultiple)
	}
	return max(byRate, byMultiple)
}

// testSum is what a hurdle finds on the flows that it tests.
type testSum struct {
	flowSum
	beyond  wide.Int // what its multiple has forgotten
	level   wide.Int // what is lacking to a return, in parts of its day count
	capital int64    // contributed capital of those tested, after dilutions
}

// tested adds up what a hurdle that is tested together needs to know.
func (u *run) tested(st *step) (x testSum, err error) {
	counts := func(class, treat int) bool {
		if st.of != nil {
			return st.of[class] && treat != treatLoan
		}
		return st.classes[class] && !st.spare[treat]
	}
	if x.flowSum, err = u.sumFlows(st.irr, counts); err != nil {
		return x, err
	}
	if len(st.floors) > 0 {
		f := u.s.floors[st.floors[0]]
		had, err := u.forgottenAt(f)
		if err != nil {
			return x, err
		}
		x.future, x.beyond = x.future.Add(had), f.beyond
	}
	if len(st.t.Of) > 0 || st.level >= 0 {
		r, basis := u.s.roster, u.basis(st)
		for i, class := range r.class {
			if counts(int(class), int(r.treat[i])) && !u.p.noCapitalAccount(r, i) {
				x.capital += basis[i]
				if st.level >= 0 {
					x.level = x.level.Add(u.levelNow(st, i))
				}
			}
		}
	}
	for _, i := range st.ofAccounts {
		if err := u.testAccount(st, int(i), &x); err != nil {
			return x, err
		}
	}
	return x, nil
}

// levelNow is what an account lacks to a step's return, after what this
// distribution has paid so far.
func (u *run) levelNow(st *step, i int) wide.Int {
	return u.levelLack(&u.p.levels[st.level], i, u.r.totals[i], u.back[i])
}

// testAccount adds one account that a hurdle tests by name.
func (u *run) testAccount(st *step, i int, x *testSum) error {
	x.capital += u.basis(st)[i]
	paid, _ := partsPerCent.MulInt64(u.r.totals[i])
	if st.irr >= 0 {
		now, err := u.hurdleNow(st.hurdle, i)
		if err != nil {
			return err
		}
		x.future = x.future.Add(now).Sub(paid)
	}
	if st.level >= 0 {
		x.level = x.level.Add(u.levelNow(st, i))
	}
	if st.multiple >= 0 {
		in, ok := timesRate(u.s.inv.in[i], st.multiple)
		if !ok {
			return ErrTooLarge
		}
		x.beyond = x.beyond.Add(in).Sub(u.s.inv.out[i]).Sub(paid)
		if st.floorCol >= 0 {
			x.beyond = x.beyond.Add(u.s.cols[st.floorCol].v[i])
		}
	}
	return nil
}

// needOfEach returns what pays everyone by contributed capital until the last of
// those tested has what it lacks: the largest of need / share.
func (u *run) needOfEach(st *step, line *Step) (int64, error) {
	members := st.charged
	if len(st.t.Of) > 0 {
		members = u.othersOf(st)
		line.input("tested on", strings.Join(st.t.Of, ", "))
	}
	last, most := -1, new(big.Rat)
	basis := u.basis(st)
	sum := sumOf(basis, st.charged)
	for _, i := range members {
		k := basis[i]
		need, err := u.investorNeed(st, int(i), u.r.totals[i], u.backOf(int(i)))
		if err != nil {
			return 0, err
		}
		if k == 0 || need.Sign() <= 0 {
			continue
		}
		x := new(big.Rat).SetFrac(need.Big(), partsPerCent.Big())
		if st.percent != nil {
			share := u.shareOfOne(st, i)
			if share.Sign() == 0 {
				continue
			}
			x.Quo(x, share)
		} else {
			x.Mul(x, big.NewRat(sum, k))
		}
		if last < 0 || x.Cmp(most) > 0 {
			last, most = int(i), x
		}
	}
	if last < 0 {
		return 0, nil
	}
	line.input("the last to be there", u.s.roster.ids[last])
	return min(roundRat(most), money.MaxCents), nil
}

// othersOf lists the accounts whose flows a hurdle tests instead of those it pays.
func (u *run) othersOf(st *step) []int32 {
	out := append([]int32(nil), st.ofAccounts...)
	r := u.s.roster
	for i, class := range r.class {
		if st.of[class] && r.treat[i] != treatLoan {
			out = append(out, int32(i))
		}
	}
	return out
}

// backOf is the capital that this distribution has returned to an account.
func (u *run) backOf(i int) int64 {
	if u.back == nil {
		return 0
	}
	return u.back[i]
}

// roundScaled rounds scale times a sum of parts of 1/(per*10^54) cents to cents,
// ties away from zero; below zero it is 0.
func roundScaled(sum wide.Int, per int64, scale *big.Rat) int64 {
	if scale == one {
		return roundParts(sum, per)
	}
	if sum.Sign() <= 0 {
		return 0
	}
	x := new(big.Rat).SetFrac(sum.Big(), new(big.Int).Mul(partsPerCent.Big(), big.NewInt(per)))
	x.Mul(x, scale)
	return min(roundRat(x.Add(x, new(big.Rat).SetFrac(nearly.Big(), partsPerCent.Big()))), money.MaxCents)
}
