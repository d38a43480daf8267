package investments

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
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
// lock. The row says which offering it is, and it says so for ever.
func lockUnderOffering[T any](ctx context.Context, tx bun.IDB, v id.Of[T], behind reader[T]) (o *Offering, row *T, err error) {
	err = store.Together(ctx, tx, offeringOf(ctx, &o, v), store.Into(&row, func(tx bun.IDB) (*T, error) { return behind(ctx, tx, v) }))
	if err == nil && o == nil {
		err = ErrOfferingNotFound
	}
	return o, row, err
}

// lockOfJournal is lockUnderOffering for what is a journal and has no table of its own, so
// that it says by itself which offering it is of: it is read once before, unlocked.
func lockOfJournal[T any](ctx context.Context, tx bun.IDB, v id.Of[T], read reader[T], of func(*T) id.Of[Offering]) (*Offering, *T, error) {
	known, err := read(ctx, tx, v)
	if err != nil {
		return nil, nil, err
	}
	o, err := lockOffering(ctx, tx, of(known))
	if err != nil {
		return nil, nil, err
	}
	row, err := read(ctx, tx, v)
	return o, row, err
}

// offeringOf is the part of a verb that locks the live offering of a row. Without one
// there is none: it is the row itself, read behind it, that may be missing.
func offeringOf[T any](ctx context.Context, o **Offering, v id.Of[T]) store.Part {
	return func(tx bun.IDB) (err error) {
		*o, err = offerings.One(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
			of := tx.NewSelect().Model((*T)(nil)).Column("opportunity_id").Where("?TableAlias.id = ?", v)
			return q.Where("o.id = (?)", of).Where("o.deleted_at IS NULL").For("NO KEY UPDATE")
		})
		if fault.KindOf(err) == fault.NotFound {
			return nil
		}
		return err
	}
}

// lockSubscription locks a subscription behind its offering.
func lockSubscription(ctx context.Context, tx bun.IDB, v id.Of[Subscription]) (*Offering, *Subscription, error) {
	return lockUnderOffering(ctx, tx, v, subscriptions.Lock)
}
