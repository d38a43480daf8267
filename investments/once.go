package investments

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
)

// onceOf runs do in a transaction whose first write claims c for request. A
// replay reads the row that the first use made or changed instead.
func onceOf[T any](ctx context.Context, db bun.IDB, c store.Command, request any, kind string, result id.Of[T], rows store.Repo[T],
	do func(tx bun.IDB) (*T, error)) (*T, error) {
	var out *T
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		first, replay, err := store.Once(ctx, tx, c, request, kind, result)
		if err != nil {
			return err
		}
		if replay {
			out, err = rows.Get(ctx, tx, first)
			return err
		}
		out, err = do(tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
