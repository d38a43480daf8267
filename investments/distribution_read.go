package investments

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// Distribution reads a distribution. It returns [ErrDistributionNotFound].
func (s *Distributions) Distribution(ctx context.Context, db bun.IDB, v id.Of[Distribution]) (*Distribution, error) {
	return distributions.Get(ctx, db, v)
}

// Distributions lists the distributions of an offering, the newest first.
func (s *Distributions) Distributions(ctx context.Context, db bun.IDB, v id.Of[Offering], r page.Request) (page.Page[Distribution], error) {
	return distributions.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("di.opportunity_id = ?", v) })
}

// DistributionLines lists the lines of a distribution in the order they were
// written.
func (s *Distributions) DistributionLines(ctx context.Context, db bun.IDB, v id.Of[Distribution], r page.Request) (page.Page[DistributionLine], error) {
	return distributionLines.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery {
		// With the property, which the distribution determines, an index has the order.
		return q.Where("dl.distribution_id = ?", v).Where("dl.property_id = (SELECT property_id FROM investments.distributions WHERE id = ?)", v)
	})
}

// LineTiers reads what a line got from each tier.
func (s *Distributions) LineTiers(ctx context.Context, db bun.IDB, v id.Of[DistributionLine]) ([]LineTier, error) {
	return lineTiers.All(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("dt.line_id = ?", v).OrderExpr("dt.tier") })
}

// Calculation reads how a distribution was computed. It returns
// [ErrDistributionNotFound].
func (s *Distributions) Calculation(ctx context.Context, db bun.IDB, v id.Of[Distribution]) (*Calculation, error) {
	return calculations.One(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("dc.distribution_id = ?", v) })
}
