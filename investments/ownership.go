package investments

import (
	"context"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// Ownership is a position's part of its offering: its units over all units
// issued, or where a position that holds capital has no units, its contributed
// capital over all of it. Fraction is rounded to ten decimals, so that the
// fractions may miss one by a little; it is for display and never the basis of an
// allocation. Positions that left with the exit of the offering keep theirs.
type Ownership struct {
	PositionID  id.Of[Position]  `bun:"id" json:"position_id"`
	Units       *decimal.Decimal `bun:"units" json:"units"`
	Contributed money.Amount     `bun:"investment_amount" json:"contributed"`
	Fraction    decimal.Decimal  `bun:"fraction" json:"fraction"`
}

// ownershipQuery derives the ownership of the positions of one offering. The whole is
// added up once, whatever the planner knows of the table.
const ownershipQuery = `WITH t AS MATERIALIZED (SELECT COALESCE(sum(units), 0) AS units, sum(investment_amount) AS capital,
			COALESCE(bool_and(units IS NOT NULL) FILTER (WHERE investment_amount > 0), FALSE) AND COALESCE(sum(units), 0) > 0 AS by_units
		FROM investments.property_investments
		WHERE opportunity_id = ?0 AND status IN ('funded', 'exited') AND deleted_at IS NULL)
	SELECT p.id, p.units, p.investment_amount,
		COALESCE(round(CASE WHEN t.by_units THEN p.units / NULLIF(t.units, 0) ELSE p.investment_amount / NULLIF(t.capital, 0) END, 10), 0) AS fraction
	FROM investments.property_investments p CROSS JOIN t
	WHERE p.opportunity_id = ?0 AND p.status IN ('funded', 'exited') AND p.deleted_at IS NULL`

// seesAll reports whether row-level security leaves the session all positions. An
// investor, who sees their own, would otherwise get parts of a smaller whole.
func seesAll(ctx context.Context, db bun.IDB) (all bool, err error) {
	err = store.Read(ctx, db, db.NewRaw(`SELECT NOT row_security_active('investments.property_investments') OR EXISTS (
	SELECT 1 FROM pg_policy p WHERE p.polrelid = 'investments.property_investments'::regclass AND p.polname = 'freehold_platform'
		AND EXISTS (SELECT 1 FROM unnest(p.polroles) r WHERE pg_has_role(current_user, r, 'usage')))`), &all)
	return all, store.Err(err, constraints)
}

// needsAll refuses a session that does not see all positions ([seesAll]), and says why.
func needsAll(ctx context.Context, db bun.IDB, why string) error {
	all, err := seesAll(ctx, db)
	if err == nil && !all {
		return store.ErrPrivilege.With("%s", why)
	}
	return err
}

// Ownership derives who owns which part of an offering, by position, from what
// the positions hold now. Nothing is read from the stored percentages.
// A session that sees some investor's positions only is refused; each position's own
// OwnershipPercentage is there for it.
func (s *Positions) Ownership(ctx context.Context, db bun.IDB, v id.Of[Offering]) ([]Ownership, error) {
	db, done, err := store.Reader(ctx, db)
	if err != nil {
		return nil, err
	}
	defer done()
	if err := needsAll(ctx, db, "parts of a whole are not computed from some of it"); err != nil {
		return nil, err
	}
	out := []Ownership{}
	err = store.Read(ctx, db, db.NewRaw(ownershipQuery+" ORDER BY p.id", v), &out)
	return out, store.Err(err, constraints)
}

// RefreshOwnership stores the derived ownership with the positions of an
// offering, in one statement. The database forgets the stored ones (nil) as soon
// as a position of the offering changes what it holds, so that one that is there
// is right; call this after a closing or a transfer, for what reads the column.
//
// It locks the offering and returns [ErrOfferingNotFound].
func (s *Positions) RefreshOwnership(ctx context.Context, db bun.IDB, v id.Of[Offering]) error {
	return store.InTx(ctx, db, func(tx bun.IDB) error {
		if _, err := lockOffering(ctx, tx, v); err != nil {
			return err
		}
		_, err := store.Write(ctx, tx, tx.NewRaw(`UPDATE investments.property_investments pi SET ownership_percentage = w.fraction
			FROM (`+ownershipQuery+`) w WHERE pi.id = w.id AND pi.ownership_percentage IS DISTINCT FROM w.fraction`, v))
		return store.Err(err, constraints)
	})
}
