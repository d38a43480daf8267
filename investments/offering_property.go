package investments

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/id"
)

// PropertyUse says what a property is needed for by its offerings.
type PropertyUse struct {
	Open int `json:"open"` // offerings that take commitments
	Held int `json:"held"` // offerings in which somebody has a position or a commitment, the open ones included
}

// PropertyUse counts the offerings that need a property. An offering whose investors
// have all left, by its exit or by a refund, needs it no more, and a draft not yet.
func (s *Offerings) PropertyUse(ctx context.Context, db bun.IDB, property id.Of[properties.Property]) (PropertyUse, error) {
	db, done, err := store.Reader(ctx, db)
	if err != nil {
		return PropertyUse{}, err
	}
	defer done()
	if err := needsAll(ctx, db, "what holds a property is not told from some of it"); err != nil {
		return PropertyUse{}, err
	}
	var u PropertyUse
	err = store.Read(ctx, db, db.NewRaw(`SELECT count(*) FILTER (WHERE o.status = 'open'), count(*) FILTER (WHERE o.status = 'open'
			OR EXISTS (SELECT 1 FROM investments.property_investments p WHERE p.opportunity_id = o.id AND p.status NOT IN ('exited', 'cancelled') AND p.deleted_at IS NULL)
			OR EXISTS (SELECT 1 FROM investments.subscriptions s WHERE s.opportunity_id = o.id AND s.status IN ('waitlisted', 'open')))
		FROM investments.opportunities o WHERE o.property_id = ? AND o.deleted_at IS NULL AND o.status NOT IN ('draft', 'cancelled')`, property), &u.Open, &u.Held)
	return u, store.Err(err, constraints)
}
