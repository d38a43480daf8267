package waterfall

import (
	"github.com/freehold-go/freehold/investments/waterfall/internal/wide"
	"github.com/freehold-go/freehold/realestate/money"
)

// payHurdle pays investors up to a rate of return, a multiple or both, and
// promote its part beside them.
func (u *run) payHurdle(st *step, line *Step) (int64, error) {
	line.rule("%s", hurdleRule(st))
	if st.t.By == ByInvestor {
		return u.payHurdleByInvestor(st, line)
	}
	n, err := u.needTogether(st, line)
	if err != nil {
		return 0, err
	}
	if st.percent == nil && u.pointless(st) {
		n = 0
	}
	line.input("investors' need", cents(n).Format())
	full := mulDiv(n, st.promote, unit-st.promote)
	gross := satAdd(n, full)
	also := u.alongside(st, min(gross, money.MaxCents))
	line.need(satAdd(gross, also))
	if u.cash >= satAdd(gross, also) {
		return u.payout(st, line, n, full, also)
	}
	xc, xs := u.groups(st, u.cash)
	if xc > gross {
		xc, xs = gross, u.cash-gross
	}
	investors := min(n, mulDiv(xc, unit-st.promote, unit))
	u.lacking(st, line, n+also-investors-xs)
	return u.payout(st, line, investors, xc-investors, xs)
}

// payHurdleByInvestor pays every account by what it lacks itself. Those who are
// spared promote get their own need as well, only without promote beside it.
func (u *run) payHurdleByInvestor(st *step, line *Step) (int64, error) {
	ns, sumSpared, err := u.needByInvestor(st, st.spared)
	if err != nil {
		return 0, err
	}
	n, sum, err := u.needByInvestor(st, st.charged)
	if err != nil {
		return 0, err
	}
	line.input("investors' need", cents(n).Format())
	if len(st.spared) > 0 {
		line.input("need of those who are spared promote", cents(ns).Format())
	}
	investors, promote, spared := u.beside(st, line, n, ns)
	line.Weight = WeightHurdle
	u.lacking(st, line, n+ns-investors-spared)
	if investors > 0 {
		u.shareDue(sum, investors)
		u.credit(st, st.charged, investors, false)
	}
	if spared > 0 {
		if _, _, err := u.needByInvestor(st, st.spared); err != nil {
			return 0, err
		}
		u.shareDue(sumSpared, spared)
		u.credit(st, st.spared, spared, false)
	}
	return investors + promote + spared, u.payPromote(st, promote)
}

// futureValue returns what a flow is worth at the state's date at a rate, in
// parts of a cent: what investors are still owed for it.
func (u *run) futureValue(irr int64, f *flow) (wide.Int, error) {
	factor, over := u.powers.factor(irr, u.s.asOf.Days()-int(f.day))
	if over {
		return wide.Int{}, ErrTooLarge
	}
	parts, ok := partsPerCent.MulInt64(f.in - f.out)
	if ok {
		parts, ok = wide.AccrueFactor(wide.Int{}, parts, factor)
	}
	if !ok || !fits(parts, limitLimb(1)) {
		return wide.Int{}, ErrTooLarge
	}
	return parts, nil
}

// needByInvestor tests the hurdle account by account. The needs stay in u.due,
// and their exact sum, by which money is shared, is returned.
func (u *run) needByInvestor(st *step, members []int32) (int64, wide.Int, error) {
	u.due = resize(u.due, len(members))
	var sum wide.Int
	for k, i := range members {
		v, err := u.investorNeed(st, int(i), u.r.totals[i], u.backOf(int(i)))
		if err != nil {
			return 0, sum, err
		}
		if v.IsNeg() {
			v = wide.Int{}
		}
		u.due[k] = v
		if sum = sum.Add(v); sum.IsNeg() {
			return 0, sum, ErrTooLarge.With("tier %s", st.t.Name)
		}
	}
	return roundParts(sum, 1), sum, nil
}

// investorNeed returns what an account lacks to a hurdle, negative when it is
// beyond it, with paidNow cents that its balances do not know of yet, of which
// capitalNow returned capital.
func (e *engine) investorNeed(st *step, i int, paidNow, capitalNow int64) (wide.Int, error) {
	paid, _ := partsPerCent.MulInt64(paidNow)
	var byIRR, byMultiple wide.Int
	rated := st.irr >= 0 || st.level >= 0
	switch {
	case st.irr >= 0:
		now, err := e.hurdleNow(st.hurdle, i)
		if err != nil {
			return now, err
		}
		byIRR = now.Sub(paid)
	case st.level >= 0:
		l := &e.p.levels[st.level]
		byIRR, _ = wide.Compound(wide.Int{}, e.levelLack(l, i, paidNow, capitalNow), &l.pref.divDen)
	}
	if st.multiple < 0 {
		return byIRR, nil
	}
	in, ok := timesRate(e.s.inv.in[i], st.multiple)
	if !ok {
		return in, ErrTooLarge
	}
	byMultiple = in.Sub(e.s.inv.out[i]).Sub(paid)
	if st.floorCol >= 0 {
		byMultiple = byMultiple.Add(e.s.cols[st.floorCol].v[i])
	}
	larger := byIRR.Cmp(byMultiple) > 0
	switch {
	case !rated:
		return byMultiple, nil
	case larger == (st.t.Test != TestEither):
		return byIRR, nil
	}
	return byMultiple, nil
}

// timesRate returns x*rate for x >= 0, to 40 digits.
func timesRate(x wide.Int, rate int64) (wide.Int, bool) {
	v, ok := wide.AccrueFactor(wide.Int{}, x, &wide.Factor{Coef: wide.FromInt64(rate), Scale: rateDecimals})
	return v, ok && fits(v, limitLimb(1))
}
