package waterfall

import (
	"fmt"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/realestate/fault"
)

// Run says on whose balances a list of tiers runs.
type Run string

// The runs.
const (
	// RunPooled runs the tiers once, on all accounts together.
	RunPooled Run = "pooled"
	// RunPartner first apportions the cash to the accounts by contributed capital, after
	// dilutions, and then runs the tiers on each account's part, its own balances and its
	// own promote.
	RunPartner Run = "partner"
)

// The columns of a run by partner: what an account was paid that is no return of
// capital, and the promote that was paid out of its part.
const (
	columnProfit  = "profit"
	columnPromote = "promote"
)

// validateRun checks what a run by partner can hold.
func (t *Terms) validateRun(f *fault.Fields) {
	f.Check(t.Run == "" || t.Run == RunPooled || t.Run == RunPartner, "run", check.NotAllowed, "the tiers run pooled or by partner")
	if t.Run != RunPartner {
		return
	}
	last := map[string]int{} // by list: the first tier that runs by partner
	t.every(func(path string, i int, x *Tier) bool {
		at := fmt.Sprintf("%s[%d]", path, i)
		common := x.Type == TierFee || x.Type == TierHoldback
		if _, begun := last[path]; !begun && !common {
			last[path] = i
		}
		_, begun := last[path]
		f.Check(!common || !begun, at+".type", codeCommonAfterPartner, "fees and holdbacks come before the tiers that run by partner")
		f.Check(x.Order != Sequential, at+".order", codeSequentialByPartner, "every account runs on its own; there is no order of classes")
		f.Check(x.Lots == "", at+".lots", codeLotsByPartner, "every account runs on its own; there is no order of contributions")
		f.Check(len(x.Of) == 0 && x.By != ByEach && x.Percentages == nil && x.Share != ShareUnits, at, codeTogetherByPartner,
			"every account runs on its own flows; of, each, percentages and units look at several")
		f.Check(t.Prefs[x.Pref].On == "", at+".pref", codeOnByPartner, "every account runs on its own capital")
		return true
	})
}

// byPartner is a distribution that runs account by account.
type byPartner struct {
	*run
	cash            []int64 // what is left of each account's part
	profit, promote *column
	lacks           int64 // what a step has left its accounts lacking
}

// runByPartner apportions the cash and runs the tiers from the first that is no fee
// or holdback.
func (u *run) runByPartner(steps []step) error {
	s := u.s
	b := byPartner{run: u, cash: make([]int64, len(s.roster.ids)), profit: &s.cols[u.p.profit], promote: &s.cols[u.p.promote]}
	for len(steps) > 0 && (steps[0].t.Type == TierFee || steps[0].t.Type == TierHoldback) {
		if err := u.step(&steps[0]); err != nil {
			return err
		}
		steps = steps[1:]
	}
	if u.cash > 0 && len(steps) > 0 {
		weights := make([]int64, len(b.cash))
		shares := s.acc.contributed
		if u.diluted != nil {
			shares = u.diluted
		}
		for i, k := range shares {
			if s.roster.treat[i] != treatLoan {
				weights[i] = k
			}
		}
		if err := u.alloc.Int64(b.cash, u.cash, weights, nil); err != nil {
			return ErrNoCapital.With("tier %s", steps[0].t.Name)
		}
	}
	u.r.apportioned = append([]int64(nil), b.cash...)
	for k := range steps {
		if err := b.step(&steps[k]); err != nil {
			return err
		}
	}
	return nil
}

// step runs one tier on every account that it names.
func (b *byPartner) step(st *step) error {
	b.members(st)
	line := Step{Tier: st.tier, Name: st.t.Name, Type: st.t.Type, CashBefore: cents(b.run.cash), Weight: WeightOwn}
	if b.waits(st, &line) {
		return nil
	}
	line.rule("%s Every account's part of the cash runs on its own balances.", b.ruleOf(st))
	line.input("apportioned by", string(b.r.apportionedBy()))
	b.lacks = 0
	var need, investors, spared, promote int64
	for _, bears := range []bool{true, false} {
		group := st.spared
		if bears {
			group = st.charged
		}
		b.parts = resize(b.parts, len(group))
		var sum int64
		for k, i := range group {
			n, inv, gp, err := b.one(st, int(i), bears)
			if err != nil {
				return err
			}
			b.parts[k] = inv
			need, sum, promote = satAdd(need, n), sum+inv, promote+gp
		}
		if bears {
			investors = sum
		} else {
			spared = sum
		}
		b.book(st, group, sum)
	}
	if st.t.Type != TierSplit {
		line.need(need)
	}
	line.Investors, line.Spared, line.Promote = cents(investors), cents(spared), cents(promote)
	b.lacking(st, &line, b.lacks)
	if err := b.payPromote(st, promote); err != nil {
		return err
	}
	b.run.cash -= investors + spared + promote
	line.CashAfter = cents(b.run.cash)
	b.r.add(&line)
	return nil
}

// book credits what stands in b.parts.
func (b *byPartner) book(st *step, group []int32, sum int64) {
	if sum == 0 {
		return
	}
	switch st.t.Type {
	case TierReturnOfCapital:
		for k, i := range group {
			b.s.acc.unreturned[i] -= b.parts[k]
		}
		if b.watch != nil {
			b.watch.returned(b.engine, group, b.parts)
		}
	case TierPref:
		if b.watch != nil && st.apart < 0 {
			b.watch.paid(b.engine, group, b.parts)
		}
	}
	b.credit(st, group, sum, st.t.Type == TierReturnOfCapital)
}

// one runs a tier on one account: what it could take, what the account gets, and the
// promote out of its part. Its balances of preferred return are lowered here.
func (b *byPartner) one(st *step, i int, bears bool) (need, investor, promote int64, err error) {
	cash := b.cash[i]
	p := st.promote
	if !bears {
		p = 0
	}
	switch st.t.Type {
	case TierSplit:
		investor = mulDiv(cash, unit-p, unit)
		promote = cash - investor
	case TierCatchUp:
		if bears {
			need = catchUpNeed(b.profit.cents(i)+b.promote.cents(i), b.promote.cents(i), st.share, st.target)
		}
		x := min(cash, need)
		promote = mulDiv(x, st.share, unit)
		investor = x - promote
	default:
		n, err := b.ownNeed(st, i)
		if err != nil {
			return 0, 0, 0, err
		}
		need, investor = n, n
		if p != 0 {
			promote = mulDiv(n, p, unit-p)
			need = satAdd(n, promote)
		}
		if cash < need {
			investor = min(n, mulDiv(cash, unit-p, unit))
			promote = cash - investor
		}
		b.lacks = satAdd(b.lacks, n-investor)
		if st.t.Type == TierPref && investor > 0 {
			b.payPref(st, i, investor)
		}
	}
	b.cash[i] -= investor + promote
	if promote != 0 {
		b.promote.addCents(i, promote)
	}
	return need, investor, promote, nil
}

// ownNeed is what an account lacks to a preferred return, capital or a hurdle.
func (b *byPartner) ownNeed(st *step, i int) (int64, error) {
	switch st.t.Type {
	case TierPref:
		return roundParts(b.dueParts(st, i), st.den), nil
	case TierReturnOfCapital:
		return b.s.acc.unreturned[i], nil
	}
	v, err := b.investorNeed(st, i, b.r.totals[i], b.backOf(i))
	return roundParts(v, 1), err
}

// ruleOf says what a tier does to an account.
func (b *byPartner) ruleOf(st *step) string {
	switch st.t.Type {
	case TierPref:
		return "Pay its unpaid preferred return." + besideText(st)
	case TierReturnOfCapital:
		return "Return its capital." + besideText(st)
	case TierCatchUp:
		return fmt.Sprintf("Pay %s to promote until it has %s of the profit of this account.", percent(st.share), percent(st.target))
	case TierSplit:
		return fmt.Sprintf("Share all that is left: %s to promote, %s to the account.", percent(st.promote), percent(unit-st.promote))
	}
	return hurdleRule(st)
}
