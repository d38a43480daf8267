package waterfall

import (
	"math/big"

	"github.com/freehold-go/freehold/investments/waterfall/internal/wide"
	"github.com/freehold-go/freehold/realestate/money"
)

// payPrefTier pays unpaid preferred return, and promote its part beside it.
func (u *run) payPrefTier(st *step, line *Step) (int64, error) {
	if st.other {
		return u.payOther(st, line)
	}
	ns, _, err := u.prefDue(st, st.spared)
	if err != nil {
		return 0, err
	}
	n, sum, err := u.prefDue(st, st.charged)
	if err != nil {
		return 0, err
	}
	line.rule("Pay unpaid preferred return, by what each account is due.%s", besideText(st))
	line.input("unpaid preferred return", exactText(sum, st.den))
	investors, promote, spared := u.beside(st, line, n, ns)
	line.Weight = WeightDue
	if investors > 0 {
		u.payDue(st, st.charged, sum, investors)
	}
	if spared > 0 {
		_, sum, _ := u.prefDue(st, st.spared)
		u.payDue(st, st.spared, sum, spared)
	}
	return investors + promote + spared, u.payPromote(st, promote)
}

// prefDue puts what members are due into u.due and returns their need and its exact
// sum.
func (u *run) prefDue(st *step, members []int32) (int64, wide.Int, error) {
	u.due = resize(u.due, len(members))
	var sum wide.Int
	for k, i := range members {
		u.due[k] = u.dueParts(st, int(i))
		if sum = sum.Add(u.due[k]); sum.IsNeg() {
			return 0, sum, ErrTooLarge.With("tier %s", st.t.Name)
		}
	}
	return roundParts(sum, st.den), sum, nil
}

// payDue pays preferred return to members by what stands in u.due.
func (u *run) payDue(st *step, members []int32, sum wide.Int, x int64) {
	u.shareDue(sum, x)
	for k, i := range members {
		if u.parts[k] != 0 {
			u.payPref(st, int(i), u.parts[k])
		}
	}
	if u.watch != nil && st.apart < 0 {
		u.watch.paid(u.engine, members, u.parts)
	}
	u.credit(st, members, x, false)
}

// beside returns what a tier pays that gives those who bear promote n, promote its
// part beside that, and those who are spared ns without. Short cash is shared
// between the two groups by what each would take.
func (u *run) beside(st *step, line *Step, n, ns int64) (investors, promote, spared int64) {
	investors, promote, spared = n, mulDiv(n, st.promote, unit-st.promote), ns
	gross := satAdd(n, promote)
	line.need(satAdd(gross, ns))
	if u.cash < satAdd(gross, ns) {
		var parts [2]int64
		_ = u.alloc.Int64(parts[:], u.cash, []int64{gross, ns}, nil) // together above the cash, so not both 0
		investors = min(n, mulDiv(parts[0], unit-st.promote, unit))
		promote, spared = parts[0]-investors, parts[1]
	}
	line.Investors, line.Promote, line.Spared = cents(investors), cents(promote), cents(spared)
	return investors, promote, spared
}

// besideText is the promote beside a tier in words.
func besideText(st *step) string {
	if st.promote == 0 {
		return ""
	}
	return " " + percent(st.promote) + " of the cash goes to promote beside it."
}

// shareDue allocates total over u.due, which sums to sum > 0, into u.parts, by
// largest remainder as money.Allocator does for integers. Balances of 40 digits may
// miss an exact tie by the last of them, so fractions of a cent, and the weights at
// a tie, are compared after rounding to 64 binary places of the sum, some 19 decimals.
func (e *engine) shareDue(sum wide.Int, total int64) {
	e.parts, e.rem = resize(e.parts, len(e.due)), resize(e.rem, len(e.due))
	ratio := wide.NewRatio(sum)
	left := total
	for k := range e.due {
		q, rem := ratio.Split(uint64(total), e.due[k])
		e.parts[k], e.rem[k] = int64(q), rem.Upper64()
		left -= int64(q)
	}
	if left > 0 {
		money.TopUp(e.parts, int(left), func(i, j int) bool {
			if e.rem[i] != e.rem[j] {
				return e.rem[i] > e.rem[j]
			}
			if v, w := ratio.Weigh(e.due[i]), ratio.Weigh(e.due[j]); v != w {
				return v > w
			}
			return i < j
		})
	}
}

// payCapitalTier returns capital, and pays promote its part beside it.
func (u *run) payCapitalTier(st *step, line *Step) (int64, error) {
	if st.t.Lots != "" {
		return u.payLots(st, line)
	}
	n, ns := sumOf(u.s.acc.unreturned, st.charged), sumOf(u.s.acc.unreturned, st.spared)
	line.rule("Return capital, by what each account has not got back.%s", besideText(st))
	line.input("unreturned capital", cents(n+ns).Format())
	investors, promote, spared := u.beside(st, line, n, ns)
	line.Weight = WeightUnreturned
	if err := u.returnCapital(st, st.charged, investors); err != nil {
		return 0, err
	}
	if err := u.returnCapital(st, st.spared, spared); err != nil {
		return 0, err
	}
	return investors + promote + spared, u.payPromote(st, promote)
}

// returnCapital returns capital to members by what each has not got back.
func (u *run) returnCapital(st *step, members []int32, x int64) error {
	if x == 0 {
		return nil
	}
	u.weights = resize(u.weights, len(members))
	for k, i := range members {
		u.weights[k] = u.s.acc.unreturned[i]
	}
	if err := u.share(x); err != nil {
		return ErrNoCapital.With("tier %s", st.t.Name)
	}
	for k, i := range members {
		u.s.acc.unreturned[i] -= u.parts[k]
		if u.hasLots(int(i)) {
			u.returnLots(int(i), u.parts[k])
		}
	}
	if u.watch != nil {
		u.watch.returned(u.engine, members, u.parts)
	}
	u.credit(st, members, x, true)
	return nil
}

// groups shares cash between those who bear promote and those who are spared,
// by contributed capital or what else the step shares by.
func (u *run) groups(st *step, cash int64) (charged, spared int64) {
	if len(st.spared) == 0 {
		return cash, 0
	}
	if st.percent != nil {
		pc, _ := u.percentOf(st, st.charged)
		ps, _ := u.percentOf(st, st.spared)
		if parts, err := allocateRats(cash, []*big.Rat{pc, ps}); err == nil {
			return parts[0], parts[1]
		}
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
	if st.percent != nil {
		pc, _ := u.percentOf(st, st.charged)
		ps, _ := u.percentOf(st, st.spared)
		if pc.Sign() == 0 {
			return 0
		}
		return roundRat(ps.Mul(ps, new(big.Rat).Quo(new(big.Rat).SetInt64(x), pc)))
	}
	ks, kc := sumOf(u.basis(st), st.spared), sumOf(u.basis(st), st.charged)
	if kc == 0 {
		return 0
	}
	return mulDiv(x, ks, kc)
}

// payout pays the three parts of a tier with promote and returns their sum.
func (u *run) payout(st *step, line *Step, investors, promote, spared int64) (int64, error) {
	line.Investors, line.Promote, line.Spared, line.Weight = cents(investors), cents(promote), cents(spared), u.weight(st)
	u.idle(st, line)
	if len(st.spared) > 0 {
		points := u.points(st.charged, st.spared)
		line.input("capital that bears promote", cents(sumOf(points, st.charged)).Format())
		line.input("capital that is spared", cents(sumOf(points, st.spared)).Format())
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
	line.rule("Share all remaining cash: %s to promote, %s to investors by %s.", percent(st.promote), percent(unit-st.promote), u.weight(st))
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
	if u.pointless(st) {
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
