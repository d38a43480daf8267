package waterfall

import (
	"slices"

	"github.com/freehold-go/freehold/realestate/money"
)

// Advance is money that an account gets before the tiers, such as a tax distribution:
// an advance on what they give it later.
type Advance struct {
	Account string       `json:"account"`
	Amount  money.Amount `json:"amount"`
}

// columnAdvance is what an account was advanced and the tiers have not given it yet.
const columnAdvance = "advance"

// Advanced returns what the account at a position was advanced and the tiers have not
// given it yet.
func (s *State) Advanced(i int) money.Amount {
	if k := s.column(columnAdvance); k >= 0 {
		return cents(s.cols[k].cents(i))
	}
	return money.Zero
}

// checkAdvances resolves the advances of a distribution and returns their sum.
func (e *engine) checkAdvances(d *Distribution) (sum int64, err error) {
	for _, a := range d.Advances {
		x := a.Amount.Cents()
		switch {
		case e.s.roster.index(a.Account) < 0:
			return 0, ErrUnknownPartner.On("advances")
		case x <= 0:
			return 0, ErrEvent.With("an advance is above zero").On("advances")
		}
		sum += x
		if sum > d.Cash.Cents() {
			return 0, ErrEvent.With("the advances are more than the cash").On("advances")
		}
	}
	return sum, nil
}

// outstanding returns what was advanced to each account before, nil without any.
func (e *engine) outstanding() (out []int64, sum int64) {
	k := e.s.column(columnAdvance)
	if k < 0 {
		return nil, 0
	}
	out = make([]int64, len(e.s.roster.ids))
	for i := range out {
		out[i] = e.s.cols[k].cents(i)
		sum += out[i]
	}
	return out, sum
}

// creditUsed returns how much of the advances outstanding the tiers give back: the
// largest sum that, added to the cash, makes them give those accounts at least as
// much of what each was advanced. Rounding lets what they give rise and fall by a
// cent or two from one sum to the next, so several sums may be the last that is
// given back; halving the cents between none and all settles which one it is.
func (e *engine) creditUsed(d *Distribution, cash, all int64) (int64, error) {
	out, sum := e.outstanding()
	if sum == 0 {
		return 0, nil
	}
	enough := func(credit int64) (bool, error) {
		trial := &engine{p: e.p, s: e.s.clone(), first: e.first}
		r, err := trial.tiers(d, cash+credit, all+credit)
		if err != nil {
			return false, err
		}
		var given int64
		for i, x := range r.r.totals {
			given += min(out[i], x)
		}
		return given >= credit, nil
	}
	ok, err := enough(sum)
	if err != nil || ok {
		return sum, err
	}
	lo, hi := int64(0), sum // enough at lo, not at hi
	for hi-lo > 1 {
		mid := lo + (hi-lo)/2
		if ok, err = enough(mid); err != nil {
			return 0, err
		}
		if ok {
			lo = mid
		} else {
			hi = mid
		}
	}
	return lo, nil
}

// settleHeld makes a distribution that holds cash back come out as it will in a replay,
// where what it held back is given ([Distribution.Held]): then a credit of a cent more may
// be given back, as no holdback grows with it. That one is used from the start.
func (e *engine) settleHeld(d *Distribution, all, credit int64) (*Distribution, int64, error) {
	if _, outstanding := e.outstanding(); outstanding == 0 || d.Held != nil {
		return d, credit, nil
	}
	if steps, _ := e.p.steps(d.Kind); !slices.ContainsFunc(steps, func(st step) bool { return st.t.Type == TierHoldback }) {
		return d, credit, nil
	}
	trial := &engine{p: e.p, s: e.s.clone(), first: e.first}
	u, err := trial.tiers(d, all+credit, all+credit)
	if err != nil {
		return nil, 0, err
	}
	again := *d
	if again.Held = u.r.Trace.Held(); len(again.Held) == 0 {
		return d, credit, nil
	}
	more, err := e.creditUsed(&again, all, all)
	if err != nil || more == credit {
		return d, credit, err
	}
	return &again, more, nil
}

// settleAdvances takes the credit used off what the accounts are paid, in the order of
// their ids, and pays the new advances.
func (u *run) settleAdvances(credit int64) {
	s := u.s
	if credit == 0 && len(u.d.Advances) == 0 {
		return
	}
	k := s.need(columnAdvance, 0)
	u.r.advanced = make([]int64, len(u.r.totals))
	left := credit
	for i, x := range u.r.totals {
		used := max(0, min(left, min(x, s.cols[k].cents(i))))
		left -= used
		s.cols[k].addCents(i, -used)
		u.r.advanced[i] -= used
	}
	for _, a := range u.d.Advances {
		i := s.roster.index(a.Account)
		s.cols[k].addCents(i, a.Amount.Cents())
		u.r.advanced[i] += a.Amount.Cents()
	}
	for i, x := range u.r.advanced {
		s.acc.distributed[i] += x
		s.paid += x
	}
	u.r.Trace.Advances, u.r.Trace.Credit = u.d.Advances, cents(credit)
}
