package waterfall

import (
	"cmp"
	"slices"
	"strings"

	"github.com/freehold-go/freehold/realestate/money"
)

// payFee pays a fee or, as far as the cash goes, a part of it. What is missing
// is owed at the next distribution where the terms say so.
func (u *run) payFee(st *step, line *Step) (int64, error) {
	var need int64
	switch {
	case st.t.Amount != nil:
		need = st.t.Amount.Cents()
		line.rule("Pay a fee of %s to %s.", st.t.Amount.Format(), st.t.Payee)
	case st.t.Base == FeeOnContributed:
		all := u.capitalOf(st.charged)
		need = mulDiv(all, st.fee, unit)
		line.rule("Pay a fee of %s of contributed capital to %s.", percent(st.fee), st.t.Payee)
		line.input("contributed capital", cents(all).Format())
	case st.t.Base == FeeOnDistribution:
		need = mulDiv(u.all, st.fee, unit)
		line.rule("Pay a fee of %s of the whole distribution to %s.", percent(st.fee), st.t.Payee)
		line.input("cash of the distribution", cents(u.all).Format())
	default:
		left := u.cash + u.apart // what is set apart was there when the fee was worked out
		need = mulDiv(left, st.fee, unit)
		line.rule("Pay a fee of %s of the cash left to %s.", percent(st.fee), st.t.Payee)
		line.input("cash left", cents(left).Format())
	}
	if st.t.Unpaid == UnpaidCarried {
		key := feeKey{st.t.Name, st.t.Payee}
		line.input("fee of this distribution", cents(need).Format())
		line.input("unpaid of earlier ones", cents(u.s.fees[key]).Format())
		line.Rule += " What was unpaid before is paid with it."
		need = min(satAdd(need, u.s.fees[key]), money.MaxCents)
		u.s.owe(key, need-min(u.cash, need))
	}
	paid := min(u.cash, need)
	line.need(need)
	line.Fee = cents(paid)
	u.payOne(st.tier, st.payee, paid)
	return paid, nil
}

// adjust applies the explicit deltas of a distribution.
func (u *run) adjust() error {
	if len(u.d.Adjustments) == 0 {
		return nil
	}
	var sum int64
	for k := range u.d.Adjustments {
		a := &u.d.Adjustments[k]
		if a.Reason == "" || len(a.Reason) > 1000 {
			return ErrAdjustment.With("each adjustment gives a reason").On("adjustments")
		}
		sum += a.Delta.Cents()
		if sum > money.MaxCents || sum < -money.MaxCents {
			return ErrTooLarge.On("adjustments")
		}
	}
	if sum != 0 {
		return ErrAdjustment.With("the deltas sum to %s instead of zero", cents(sum)).On("adjustments")
	}
	for k := range u.d.Adjustments {
		if err := u.adjustOne(&u.d.Adjustments[k]); err != nil {
			return err
		}
	}
	for k := range u.d.Adjustments {
		if i := u.s.roster.index(u.d.Adjustments[k].Account); u.r.totals[i] < 0 {
			return ErrAdjustment.With("an account would get less than nothing").On("adjustments")
		}
	}
	return nil
}

func (u *run) adjustOne(a *Adjustment) error {
	s := u.s
	i := s.roster.index(a.Account)
	if i < 0 {
		return ErrUnknownPartner.On("adjustments")
	}
	x := a.Delta.Cents()
	against, err := u.against(a)
	if err != nil {
		return err
	}
	u.r.against = append(u.r.against, against)
	capital := !u.p.noCapitalAccount(s.roster, i)
	switch against {
	case AgainstPref, AgainstCapital:
		if !capital {
			return ErrNoCapitalAccount.On("adjustments")
		}
	case "", AgainstProfit:
	default:
		return ErrAdjustment.With("an adjustment is against profit, pref or capital").On("adjustments")
	}
	if against == AgainstPref {
		u.payPref(nil, i, x)
	}
	if against == AgainstCapital {
		left := s.acc.unreturned[i] - x
		if left < 0 || left > s.acc.contributed[i] {
			return ErrAdjustment.With("unreturned capital stays between zero and what was contributed").On("adjustments")
		}
		s.acc.unreturned[i] = left
		if u.hasLots(i) {
			u.returnLots(i, x)
		}
	}
	if capital {
		u.flow(s.roster.cohort(i)).out += x
		if against != AgainstCapital {
			if u.p.profit >= 0 {
				s.cols[u.p.profit].addCents(i, x)
			}
			s.profit[s.roster.treat[i]] += x
		} else if u.back != nil {
			u.back[i] += x
		}
	} else if s.roster.classes[s.roster.class[i]] == classPromote || u.p.promoted(i) {
		s.promote += x
	}
	if u.watch != nil {
		u.watchAdjustment(against, int32(i), x)
	}
	u.r.adjustments(i, x)
	s.acc.distributed[i] += x
	return nil
}

// against returns the balance that an adjustment changes.
func (u *run) against(a *Adjustment) (Against, error) {
	if a.Tier == "" {
		return a.Against, nil
	}
	if a.Against != "" {
		return "", ErrAdjustment.With("an adjustment names a tier or a balance, not both").On("adjustments")
	}
	_, serving := u.p.steps(u.d.Kind)
	for _, list := range [][]Tier{serving, u.p.tiers[0], u.p.tiers[1]} {
		for k := range list {
			if list[k].Name != a.Tier {
				continue
			}
			switch list[k].Type {
			case TierPref:
				return AgainstPref, nil
			case TierReturnOfCapital:
				return AgainstCapital, nil
			}
			return AgainstProfit, nil
		}
	}
	return "", ErrAdjustment.With("no tier is called %s", a.Tier).On("adjustments")
}

// watchAdjustment writes an adjustment of the watched account's balances into
// its schedule.
func (u *run) watchAdjustment(against Against, i int32, x int64) {
	switch against {
	case AgainstPref:
		u.watch.paid(u.engine, []int32{i}, []int64{x})
	case AgainstCapital:
		u.watch.returned(u.engine, []int32{i}, []int64{x})
	}
}

// feeKey names a fee whose shortfall is carried: the same tier in both lists owes
// the same balance.
type feeKey struct{ tier, payee string }

// owe sets what is owed of a fee.
func (s *State) owe(key feeKey, x int64) {
	if x == 0 {
		delete(s.fees, key)
		return
	}
	if s.fees == nil {
		s.fees = map[feeKey]int64{}
	}
	s.fees[key] = x
}

// FeeOwed is what is owed of a fee that is carried.
type FeeOwed struct {
	Tier   string       `json:"tier"`
	Payee  string       `json:"payee"`
	Amount money.Amount `json:"amount"`
}

// FeesOwed returns what is owed of fees whose shortfall is carried, by tier and
// payee.
func (s *State) FeesOwed() []FeeOwed {
	var out []FeeOwed
	for k, x := range s.fees {
		out = append(out, FeeOwed{k.tier, k.payee, cents(x)})
	}
	slices.SortFunc(out, func(a, b FeeOwed) int {
		return cmp.Or(strings.Compare(a.Tier, b.Tier), strings.Compare(a.Payee, b.Payee))
	})
	return out
}
