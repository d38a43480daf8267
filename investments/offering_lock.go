package investments

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate/id"
)

// lockOffering locks a live offering. Every verb that changes what belongs to
// an offering takes this lock first, so that none deadlocks with another.
func lockOffering(ctx context.Context, tx bun.IDB, v id.Of[Offering]) (*Offering, error) {
	return offerings.One(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("o.id = ?", v).Where("o.deleted_at IS NULL").For("NO KEY UPDATE")
	})
}

// seeOffering reads a live offering for what only reads, and locks nothing.
func seeOffering(ctx context.Context, tx bun.IDB, v id.Of[Offering]) (*Offering, error) {
	return offerings.One(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("o.id = ?", v).Where("o.deleted_at IS NULL")
	})
}

// reader reads a row by its id, and perhaps locks it.
type reader[T any] func(context.Context, bun.IDB, id.Of[T]) (*T, error)

// lockUnderOffering locks the offering that a row belongs to, and reads the row behind that
// lock. The row says which offering it is: it is read once before, unlocked.
func lockUnderOffering[T any](ctx context.Context, tx bun.IDB, v id.Of[T], before, behind reader[T], of func(*T) id.Of[Offering]) (*Offering, *T, error) {
	known, err := before(ctx, tx, v)
	if err != nil {
		return nil, nil, err
	}
	o, err := lockOffering(ctx, tx, of(known))
	if err != nil {
		return nil, nil, err
	}
	row, err := behind(ctx, tx, v)
	return o, row, err
}

// lockSubscription locks a subscription behind its offering.
func lockSubscription(ctx context.Context, tx bun.IDB, v id.Of[Subscription]) (*Offering, *Subscription, error) {
	return lockUnderOffering(ctx, tx, v, subscriptions.Get, subscriptions.Lock, func(s *Subscription) id.Of[Offering] { return s.OfferingID })
}
