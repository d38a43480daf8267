package waterfall

import (
	"slices"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/realestate/money"
)

// ShareBy is what a split shares the investors' part by.
type ShareBy string

// The ways to share. Units are handed over with the distribution, since they are
// nothing that the engine keeps.
const (
	ShareCapital ShareBy = "capital" // contributed capital, the default
	ShareUnits   ShareBy = "units"   // the units of [Distribution]
)

// unitDecimals are the decimals that units have at most.
const unitDecimals = 6

// takeUnits reads the units of a distribution, where one of its tiers shares by
// them.
func (u *run) takeUnits(steps []step) error {
	if !slices.ContainsFunc(steps, func(st step) bool { return st.t.Share == ShareUnits }) {
		return nil
	}
	u.units = make([]int64, len(u.s.roster.ids))
	var sum int64
	for _, x := range u.d.Units {
		i := u.s.roster.index(x.Account)
		n := x.Units.Shift(unitDecimals)
		switch {
		case i < 0:
			return ErrUnknownPartner.On("units")
		case u.p.noCapitalAccount(u.s.roster, i):
			return ErrNoCapitalAccount.On("units")
		case x.Units.Exponent() < -1000 || x.Units.Exponent() > 15 || !n.IsInteger() || n.Sign() < 0 || n.GreaterThan(maxUnits) || u.units[i] != 0:
			return ErrEvent.With("units are given once an account, not below zero, with at most %d decimals", unitDecimals).On("units")
		}
		u.units[i] = n.IntPart()
		if sum += u.units[i]; sum > money.MaxCents {
			return ErrTooLarge.On("units")
		}
	}
	return nil
}

var maxUnits = decimal.NewFromInt(money.MaxCents)

// weight is what the investors' part of a step is shared by, in words.
func (u *run) weight(st *step) Weight {
	switch {
	case st.t.Share == ShareUnits:
		return WeightUnits
	case st.percent != nil:
		return WeightPercentages
	case u.diluted != nil && &u.basis(st)[0] == &u.diluted[0]:
		return WeightDiluted
	}
	return WeightContributed
}

// Preferred returns the terms of a distribution by the method preferred: the
// preferred returns of t, then at a sale or refinancing unreturned capital, and
// the rest pro rata without promote, by units or else by contributed capital.
// Every position has units, or none is shared by.
func Preferred(t *Terms, byUnits bool) *Terms {
	none := decimal.Zero
	rest := Tier{Name: "pro rata", Type: TierSplit, Promote: &none}
	if byUnits {
		rest.Share = ShareUnits
	}
	pref := Tier{Name: "preferred return", Type: TierPref}
	return &Terms{Name: t.Name, DayCount: t.DayCount, PromoteRecipient: t.PromoteRecipient, PromoteSplit: t.PromoteSplit, Prefs: t.Prefs,
		Tiers: Lists{Operating: []Tier{pref, rest}, Capital: []Tier{pref, {Name: "return of capital", Type: TierReturnOfCapital}, rest}}}
}
