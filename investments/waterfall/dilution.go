package waterfall

import (
	"maps"
	"math/big"
	"slices"
	"strings"

	"github.com/freehold-go/freehold/realestate/money"
)

// columnDilution is what a dilution added to or took from the capital that an account
// shares by.
const columnDilution = "dilution"

// dilute takes percentage points from a partner who did not fund a call: (factor - 1)
// times the missing money over all capital, not below zero. The others get them in
// proportion, and where nobody else has capital, as once all of theirs went back, the
// partner keeps them. Preferred return, capital and hurdles by account stay as they are.
//
// A share of promote falls in the ratio in which the default lessens the percentage, and
// that is not the penalty alone: with the missing money the percentage would have been
// (capital + missing) / all of it, and it is (capital - (factor - 1) * missing) / all of
// it. Of 50/100 before a call that the other funds alone, 25 % are left with a factor of
// 1, and half of the promote.
func (e *engine) dilute(ev *Event) error {
	s := e.s
	i := s.roster.index(ev.Partner)
	if i < 0 {
		return ErrUnknownPartner.On("partner")
	}
	var f int64
	ok := ev.Factor != nil
	if ok {
		f, ok = fixedRate(*ev.Factor)
	}
	switch {
	case e.p.noCapitalAccount(s.roster, i):
		return ErrNoCapitalAccount.On("partner")
	case s.roster.treat[i] == treatLoan:
		return ErrEvent.With("a loan has no percentage").On("partner")
	case ev.Amount.Sign() <= 0:
		return ErrEvent.With("the missing money is above zero").On("amount")
	case !ok || f < unit || f > maxRate:
		return ErrEvent.With("a dilution's factor is from 1 to 10 with at most 10 decimals").On("factor")
	case ev.Promote != "" && s.roster.index(ev.Promote) < 0:
		return ErrUnknownPartner.On("promote")
	case ev.Promote != "" && e.p.promotedAlone(s.roster.index(ev.Promote)):
		return ErrEvent.With("nobody shares promote with the recipient, to get what it loses").On("promote")
	}
	if err := e.advance(ev.Date, EventContribution.phase()); err != nil {
		return err
	}
	k := s.need(columnDilution, 0)
	e.p.dilution = k
	shares := e.diluted()
	weights, gain := slices.Clone(shares), make([]int64, len(shares))
	weights[i] = 0
	for j, treat := range s.roster.treat {
		if treat == treatLoan {
			weights[j] = 0
		}
	}
	loss := min(shares[i], mulDiv(ev.Amount.Cents(), f-unit, unit))
	if !slices.ContainsFunc(weights, func(w int64) bool { return w > 0 }) {
		loss = 0
	}
	if ev.Promote != "" {
		e.cutPromote(ev.Promote, big.NewRat(shares[i]-loss, shares[i]+ev.Amount.Cents()))
	}
	if loss == 0 {
		return nil
	}
	if err := e.alloc.Int64(gain, loss, weights, nil); err != nil {
		return err
	}
	s.cols[k].addCents(i, -loss)
	for j, x := range gain {
		s.cols[k].addCents(j, x)
	}
	return nil
}

// diluted is what accounts share by after dilutions.
func (e *engine) diluted() []int64 {
	out := slices.Clone(e.s.acc.contributed)
	for i := range out {
		out[i] = max(0, out[i]+e.s.cols[e.p.dilution].cents(i))
	}
	return out
}

// cutPromote lessens a recipient's share of promote in a ratio.
func (e *engine) cutPromote(recipient string, ratio *big.Rat) {
	cuts := maps.Clone(e.s.cuts)
	if cuts == nil {
		cuts = map[string]*big.Rat{}
	}
	if old := cuts[recipient]; old != nil {
		ratio = new(big.Rat).Mul(old, ratio)
	}
	cuts[recipient] = ratio
	e.s.cuts = cuts
}

// PromoteCut is a recipient's share of promote that a dilution left, as a fraction.
type PromoteCut struct {
	Recipient string `json:"recipient"`
	Ratio     string `json:"ratio"`
}

func (s *State) cutRows() (out []PromoteCut) {
	for _, id := range slices.Sorted(maps.Keys(s.cuts)) {
		out = append(out, PromoteCut{id, s.cuts[id].RatString()})
	}
	return out
}

// maxRatio bounds what a stored ratio may be long: every dilution adds some 30 digits.
const maxRatio = 1 << 16

// restoreCuts reads what cutRows writes, and reports whether it is possible.
func (s *State) restoreCuts(rows []PromoteCut) bool {
	for _, row := range rows {
		if len(row.Ratio) > maxRatio || strings.ContainsAny(row.Ratio, "eEpPxX_.") || s.cuts[row.Recipient] != nil || s.roster.index(row.Recipient) < 0 {
			return false
		}
		x, ok := new(big.Rat).SetString(row.Ratio)
		if !ok || x.Sign() < 0 || x.Cmp(one) > 0 {
			return false
		}
		if s.cuts == nil {
			s.cuts = map[string]*big.Rat{}
		}
		s.cuts[row.Recipient] = x
	}
	return true
}

// promoteParts shares promote among the recipients of a step where some have vested
// only in part or were cut: what they lose goes to the others in proportion. Where
// everybody has lost something they share by what each keeps, and by their shares where
// nobody keeps anything; a recipient alone has all of it.
func (u *run) promoteParts(st *step, x int64) ([]int64, error) {
	weights := make([]*big.Rat, len(st.recipients))
	lost, whole := new(big.Rat), new(big.Rat)
	for k, to := range st.recipients {
		share := big.NewRat(to.share, unit)
		keeps := u.keeps(&st.recipients[k])
		weights[k] = new(big.Rat).Mul(share, keeps)
		if keeps.Cmp(one) < 0 {
			lost.Add(lost, new(big.Rat).Sub(share, weights[k]))
		} else {
			whole.Add(whole, share)
		}
	}
	if whole.Sign() > 0 {
		for k, to := range st.recipients {
			if u.keeps(&st.recipients[k]).Cmp(one) >= 0 {
				more := new(big.Rat).Mul(lost, big.NewRat(to.share, unit))
				weights[k].Add(weights[k], more.Quo(more, whole))
			}
		}
	}
	parts, err := allocateRats(x, weights)
	if err != nil { // nobody keeps anything
		parts = make([]int64, len(weights))
		shares := make([]int64, len(weights))
		for k, to := range st.recipients {
			shares[k] = to.share
		}
		return parts, money.AllocateInt64(parts, x, shares, nil)
	}
	return parts, nil
}

// promotedAlone reports whether some tier pays all of its promote to one recipient.
func (p *plan) promotedAlone(i int) bool {
	for _, list := range [][]step{p.capital, p.operate} {
		for k := range list {
			if to := list[k].recipients; len(to) == 1 && to[0].at == i {
				return true
			}
		}
	}
	return false
}

// keeps is the part of its share that a recipient has on the day of a distribution.
func (u *run) keeps(to *recipient) *big.Rat {
	out := to.vestedOn(u.s.asOf)
	if cut := u.s.cuts[u.s.roster.ids[to.at]]; cut != nil {
		out = new(big.Rat).Mul(out, cut)
	}
	return out
}
