package investments

import (
	"cmp"
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// ErrTermsClass: a class holds capital and no tier of the terms pays it, so that
// its investors could never get anything.
var ErrTermsClass = fault.New(fault.Illegal, "terms_without_class", "a share class holds capital and no tier of the terms pays it").On("terms")

// classesServed reports a class with capital that the terms leave out. A position that
// percentages name is paid itself, whatever its class.
func classesServed(ctx context.Context, tx bun.IDB, o id.Of[Offering], t *waterfall.Terms) error {
	tiers := slices.Concat(t.Tiers.Capital, t.Tiers.Operating)
	var named []id.Of[Position]
	for i := range tiers {
		for name := range tiers[i].Percentages {
			if v, err := id.Parse[Position](name); err == nil {
				named = append(named, v)
			}
		}
	}
	var held []string
	err := store.Read(ctx, tx, tx.NewRaw(`SELECT DISTINCT share_class FROM investments.property_investments
		WHERE opportunity_id = ? AND status IN ('funded', 'exited') AND investment_amount > 0 AND deleted_at IS NULL AND NOT id = ANY (?::uuid[]) ORDER BY 1`,
		o, store.TextArray(named, func(v *id.Of[Position]) string { return v.String() })), &held)
	if err != nil {
		return store.Err(err, constraints)
	}
	for _, class := range held {
		if !slices.ContainsFunc(tiers, func(tier waterfall.Tier) bool { return pays(&tier, t, class) }) {
			return ErrTermsClass.With("%s", class)
		}
	}
	return nil
}

// pays reports whether a tier may pay the investors of a class.
func pays(tier *waterfall.Tier, t *waterfall.Terms, class string) bool {
	if len(tier.To) > 0 && !slices.Contains(tier.To, class) {
		return false
	}
	switch {
	case tier.Type == waterfall.TierFee || tier.Type == waterfall.TierHoldback:
		return false
	case tier.Pref != "": // one that has a name of its own, or is on another class's capital
		return cmp.Or(t.Prefs[tier.Pref].Class, tier.Pref) == class
	case tier.Type == waterfall.TierPref:
		p, ok := t.Prefs[class]
		return ok && p.On == "" && cmp.Or(p.Class, class) == class
	case tier.Percentages != nil:
		return tier.Percentages[class] != ""
	}
	return true
}
