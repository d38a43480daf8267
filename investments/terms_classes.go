package investments

import (
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

// classesServed reports a class with capital that the terms leave out.
func classesServed(ctx context.Context, tx bun.IDB, o id.Of[Offering], t *waterfall.Terms) error {
	var held []string
	err := tx.NewRaw(`SELECT DISTINCT share_class FROM investments.property_investments
		WHERE opportunity_id = ? AND status IN ('funded', 'exited') AND investment_amount > 0 AND deleted_at IS NULL ORDER BY 1`, o).Scan(ctx, &held)
	if err != nil {
		return store.Err(err, constraints)
	}
	tiers := slices.Concat(t.Tiers.Capital, t.Tiers.Operating)
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
	switch tier.Type {
	case waterfall.TierFee, waterfall.TierHoldback:
		return false
	case waterfall.TierPref:
		_, ok := t.Prefs[class]
		return ok
	}
	return true
}
