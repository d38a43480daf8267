package waterfall

import (
	"math/big"

	"github.com/freehold-go/freehold/investments/waterfall/internal/wide"
	"github.com/freehold-go/freehold/realestate/money"
)

// payPrefTier pays unpaid preferred return.
func (u *run) payPrefTier(st *step, line *Step) (int64, error) {
	u.due = resize(u.due, len(st.charged))
	var sum wide.Int
	for k, i := range st.charged {
		u.due[k] = u.dueParts(int(i))
		if sum = sum.Add(u.due[k]); sum.IsNeg() {
			return 0, ErrTooLarge.With("tier %s", st.t.Name)
		}
	}
	need := roundParts(sum, u.p.den)
	paid := min(u.cash, need)
	line.need(need)
	line.rule("Pay unpaid preferred return, by what each account is due.")
	line.input("unpaid preferred return", exactText(sum, u.p.den))
	line.Investors, line.Weight = cents(paid), WeightDue
	if paid == 0 {
		return 0, nil
	}
	u.shareDue(sum, paid)
	for k, i := range st.charged {
		if u.parts[k] != 0 {
			u.payPref(int(i), u.parts[k])
		}
	}
	if u.watch != nil {
		u.watch.paid(u.engine, st.charged, u.parts)
	}
	u.credit(st, st.charged, paid, false)
	return paid, nil
}

// shareDue allocates total over u.due, which sums to sum > 0, into u.parts, by
// largest remainder as money.Allocator does for integers.
func (e *engine) shareDue(sum wide.Int, total int64) {
	e.parts, e.rem = resize(e.parts, len(e.due)), resize(e.rem, len(e.due))
	ratio := wide.NewRatio(sum)
	left := total
	for k := range e.due {
		q, rem := ratio.Split(uint64(total), e.due[k])
		e.parts[k], e.rem[k] = int64(q), rem
		left -= int64(q)
	}
	if left > 0 {
		money.TopUp(e.parts, int(left), func(i, j int) bool {
			if c := wide.CmpUnsigned(e.rem[i], e.rem[j]); c != 0 {
				return c > 0
			}
			if c := e.due[i].Cmp(e.due[j]); c != 0 {
				return c > 0
			}
			return i < j
		})
	}
}

// payCapitalTier returns capital.
func (u *run) payCapitalTier(st *step, line *Step) (int64, error) {
	u.weights = resize(u.weights, len(st.charged))
	var need int64
	for k, i := range st.charged {
		u.weights[k] = u.s.acc.unreturned[i]
		need += u.weights[k]
	}
	paid := min(u.cash, need)
	line.need(need)
	line.rule("Return capital, by what each account has not got back.")
	line.input("unreturned capital", cents(need).Format())
	line.Investors, line.Weight = cents(paid), WeightUnreturned
	if paid == 0 {
		return 0, nil
	}
	if err := u.share(paid); err != nil {
		return 0, ErrNoCapital.With("tier %s", st.t.Name)
	}
	for k, i := range st.charged {
		u.s.acc.unreturned[i] -= u.parts[k]
	}
	if u.watch != nil {
		u.watch.returned(u.engine, st.charged, u.parts)
	}
	u.credit(st, st.charged, paid, true)
	return paid, nil
}

// groups shares cash between those who bear promote and those who are spared,
// by contributed capital or what else the step shares by.
func (u *run) groups(st *step, cash int64) (charged, spared int64) {
	if len(st.spared) == 0 {
		return cash, 0
	}
	kc, ks := sumOf(u.basis(st), st.charged), sumOf(u.basis(st), st.spared)
	if ks == 0 {
		return cash, 0
	}
	var parts [2]int64
	_ = u.alloc.Int64(parts[:], cash, []int64{kc, ks}, nil) // ks > 0, and no weight is negative
	return parts[0], parts[1]
}

// alongside returns what the spared get while the others' tier takes x, so
// that everyone's cash before promote stays in proportion to capital.
func (u *run) alongside(st *step, x int64) int64 {
	if len(st.spared) == 0 || x == 0 {
		return 0
	}
	ks, kc := u.capitalOf(st.spared), u.capitalOf(st.charged)
	if kc == 0 {
		return 0
	}
	return mulDiv(x, ks, kc)
}

// payout pays the three parts of a tier with promote and returns their sum.
func (u *run) payout(st *step, line *Step, investors, promote, spared int64) (int64, error) {
	line.Investors, line.Promote, line.Spared, line.Weight = cents(investors), cents(promote), cents(spared), st.weight()
	if len(st.spared) > 0 {
		line.input("capital that bears promote", cents(u.capitalOf(st.charged)).Format())
		line.input("capital that is spared", cents(u.capitalOf(st.spared)).Format())
	}
	if err := u.shareOut(st, st.charged, investors); err != nil {
		return 0, err
	}
	if err := u.shareOut(st, st.spared, spared); err != nil {
		return 0, err
	}
	return investors + promote + spared, u.payPromote(st, promote)
}

// paySplit shares all cash between investors and promote.
func (u *run) paySplit(st *step, line *Step) (int64, error) {
	line.rule("Share all remaining cash: %s to promote, %s to investors by %s.", percent(st.promote), percent(unit-st.promote), st.weight())
	line.input("promote", percent(st.promote))
	xc, xs := u.groups(st, u.cash)
	investors := mulDiv(xc, unit-st.promote, unit)
	return u.payout(st, line, investors, xc-investors, xs)
}

// payCatchUp brings promote up to its target part of all profit paid.
func (u *run) payCatchUp(st *step, line *Step) (int64, error) {
	p := u.s.promote
	for k, spare := range st.spare {
		if !spare {
			p += u.s.profit[k]
		}
	}
	g := u.s.promote
	line.rule("Pay %s of the cash to promote until it has %s of all profit paid.", percent(st.share), percent(st.target))
	line.input("profit paid so far (P)", cents(p).Format())
	line.input("promote paid so far (G)", cents(g).Format())
	line.input("target (t)", percent(st.target))
	line.input("catch-up share (g)", percent(st.share))
	need := catchUpNeed(p, g, st.share, st.target)
	if len(st.spared) > 0 && u.capitalOf(st.charged) == 0 {
		need = 0 // all capital is spared: there is nothing to catch up on
	}
	also := u.alongside(st, need)
	line.need(satAdd(need, also))
	xc, xs := need, also
	if u.cash < satAdd(need, also) {
		xc, xs = u.groups(st, u.cash)
		if xc > need {
			xc, xs = need, u.cash-need
		}
	}
	promote := mulDiv(xc, st.share, unit)
	return u.payout(st, line, xc-promote, promote, xs)
}

// catchUpNeed is round((t*P - G)/(g - t)), not below 0.
func catchUpNeed(p, g, share, target int64) int64 {
	n := new(big.Int).Mul(big.NewInt(target), big.NewInt(p))
	n.Sub(n, new(big.Int).Mul(big.NewInt(g), big.NewInt(unit)))
	if n.Sign() <= 0 {
		return 0
	}
	return roundRat(new(big.Rat).SetFrac(n, big.NewInt(share-target)))
}

// satAdd adds two amounts that are not negative, stopping at the largest int64.
func satAdd(a, b int64) int64 {
	if a > 1<<62 || b > 1<<62 {
		return 1<<63 - 1
	}
	return a + b
}
