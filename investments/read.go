package investments

import (
	"context"
	"iter"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// Offering reads an offering that is not deleted. It returns
// [ErrOfferingNotFound].
func (s *Offerings) Offering(ctx context.Context, db bun.IDB, v id.Of[Offering]) (*Offering, error) {
	return offerings.One(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("o.id = ?", v).Where("o.deleted_at IS NULL") })
}

// OfferingBySlug reads an offering by its name in URLs. It returns
// [ErrOfferingNotFound].
func (s *Offerings) OfferingBySlug(ctx context.Context, db bun.IDB, slug string) (*Offering, error) {
	return offerings.One(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("o.slug = ?", slug).Where("o.deleted_at IS NULL")
	})
}

// OfferingFilter narrows a list of offerings; the zero value is all of them.
type OfferingFilter struct {
	PropertyID *id.Of[properties.Property]
	Status     OfferingStatus // "" is any
}

// Offerings lists offerings, the newest first.
func (s *Offerings) Offerings(ctx context.Context, db bun.IDB, f OfferingFilter, r page.Request) (page.Page[Offering], error) {
	return offerings.List(ctx, db, r, f.narrow)
}

func (f OfferingFilter) narrow(q *bun.SelectQuery) *bun.SelectQuery {
	q = q.Where("o.deleted_at IS NULL")
	if f.PropertyID != nil {
		q = q.Where("o.property_id = ?", *f.PropertyID)
	}
	if f.Status != "" {
		q = q.Where("o.status = ?", f.Status)
	}
	return q
}

// AllOfferings walks all pages of [Offerings.Offerings].
func (s *Offerings) AllOfferings(ctx context.Context, db bun.IDB, f OfferingFilter) iter.Seq2[Offering, error] {
	return page.All(ctx, func(ctx context.Context, r page.Request) (page.Page[Offering], error) {
		return s.Offerings(ctx, db, f, r)
	})
}

// ShareClasses reads the classes of an offering in their order. There are few,
// so they are not paged.
func (s *Offerings) ShareClasses(ctx context.Context, db bun.IDB, v id.Of[Offering]) ([]ShareClass, error) {
	return shareClasses.All(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("sc.opportunity_id = ?", v).OrderExpr("sc.sort_order, sc.code")
	})
}

// Account reads an investor account. It returns [ErrAccountNotFound].
func (s *Accounts) Account(ctx context.Context, db bun.IDB, v id.Of[Account]) (*Account, error) {
	return accounts.Get(ctx, db, v)
}

// Accounts lists the accounts of an investor, the newest first.
func (s *Accounts) Accounts(ctx context.Context, db bun.IDB, investor id.Of[auth.User], r page.Request) (page.Page[Account], error) {
	return accounts.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("ia.investor_id = ?", investor).Where("ia.deleted_at IS NULL")
	})
}

// Subscription reads a commitment. It returns [ErrSubscriptionNotFound].
func (s *Commitments) Subscription(ctx context.Context, db bun.IDB, v id.Of[Subscription]) (*Subscription, error) {
	return subscriptions.Get(ctx, db, v)
}

// SubscriptionFilter narrows a list of commitments; the zero value is all of
// them.
type SubscriptionFilter struct {
	OfferingID *id.Of[Offering]
	InvestorID *id.Of[auth.User]
	Status     SubscriptionStatus // "" is any
}

// Subscriptions lists commitments, the newest first.
func (s *Commitments) Subscriptions(ctx context.Context, db bun.IDB, f SubscriptionFilter, r page.Request) (page.Page[Subscription], error) {
	return subscriptions.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery {
		if f.OfferingID != nil {
			q = q.Where("s.opportunity_id = ?", *f.OfferingID)
		}
		if f.InvestorID != nil {
			q = q.Where("s.investor_id = ?", *f.InvestorID)
		}
		if f.Status != "" {
			q = q.Where("s.status = ?", f.Status)
		}
		return q
	})
}

// Position reads a position. It returns [ErrPositionNotFound].
func (s *Positions) Position(ctx context.Context, db bun.IDB, v id.Of[Position]) (*Position, error) {
	return positions.Get(ctx, db, v)
}

// PositionFilter narrows a list of positions; the zero value is all that are
// not deleted.
type PositionFilter struct {
	OfferingID *id.Of[Offering]
	InvestorID *id.Of[auth.User]
	Status     PositionStatus // "" is any
}

// Positions lists positions, the newest first.
func (s *Positions) Positions(ctx context.Context, db bun.IDB, f PositionFilter, r page.Request) (page.Page[Position], error) {
	return positions.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery {
		q = q.Where("pi.deleted_at IS NULL")
		if f.OfferingID != nil { // with the property, which it determines, an index has the order
			q = q.Where("pi.opportunity_id = ?", *f.OfferingID).
				Where("pi.property_id = (SELECT property_id FROM investments.opportunities WHERE id = ?)", *f.OfferingID)
		}
		if f.InvestorID != nil {
			q = q.Where("pi.investor_id = ?", *f.InvestorID)
		}
		if f.Status != "" {
			q = q.Where("pi.status = ?", f.Status)
		}
		return q
	})
}

// AllPositions walks all pages of [Positions.Positions].
func (s *Positions) AllPositions(ctx context.Context, db bun.IDB, f PositionFilter) iter.Seq2[Position, error] {
	return page.All(ctx, func(ctx context.Context, r page.Request) (page.Page[Position], error) {
		return s.Positions(ctx, db, f, r)
	})
}

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

// Transactions lists the movements of an investor's cash by the day they count
// from.
func (s *Reports) Transactions(ctx context.Context, db bun.IDB, investor id.Of[auth.User], r page.Request) (page.Page[Transaction], error) {
	return transactions.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("tx.investor_id = ?", investor) })
}

// AllTransactions walks all pages of [Reports.Transactions].
func (s *Reports) AllTransactions(ctx context.Context, db bun.IDB, investor id.Of[auth.User]) iter.Seq2[Transaction, error] {
	return page.All(ctx, func(ctx context.Context, r page.Request) (page.Page[Transaction], error) {
		return s.Transactions(ctx, db, investor, r)
	})
}

// ErrSeveralCurrencies: the investor holds more than one currency, and amounts of two
// are never added.
var ErrSeveralCurrencies = fault.New(fault.Conflict, "several_currencies", "the investor holds several currencies; name one").On("currency")

// Portfolio reads what an investor holds in total, as of its LastCalculatedAt, where
// they hold one currency; [Reports.Portfolios] lists those of each. It returns
// [ErrSeveralCurrencies] or [ErrPortfolioNotFound].
func (s *Reports) Portfolio(ctx context.Context, db bun.IDB, investor id.Of[auth.User]) (*Portfolio, error) {
	all, err := s.Portfolios(ctx, db, investor)
	switch {
	case err != nil:
		return nil, err
	case len(all) == 0:
		return nil, ErrPortfolioNotFound
	case len(all) > 1:
		return nil, ErrSeveralCurrencies.With("%d of them", len(all))
	}
	return &all[0], nil
}

// Portfolios reads what an investor holds in total of each currency, by its code.
func (s *Reports) Portfolios(ctx context.Context, db bun.IDB, investor id.Of[auth.User]) ([]Portfolio, error) {
	return portfolios.All(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("f.investor_id = ?", investor).OrderExpr("f.currency")
	})
}
