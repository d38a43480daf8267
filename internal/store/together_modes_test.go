package store_test

import (
	"context"
	"database/sql"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/pgxtx"
	"github.com/freehold-go/freehold/internal/store"
)

// Parts send and read the same whatever the pool's own way of sending statements is, and
// leave no named statements behind, which break behind pgbouncer.
func TestTogether_modes(t *testing.T) {
	t.Parallel()
	for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeExec, pgx.QueryExecModeCacheStatement, pgx.QueryExecModeCacheDescribe,
		pgx.QueryExecModeDescribeExec, pgx.QueryExecModeSimpleProtocol} {
		for _, lent := range []bool{true, false} {
			name := mode.String()
			if lent {
				name += " lent"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				ctx, own := t.Context(), pgtest.Clone(t)
				withLots(t, own)
				cfg, err := pgxpool.ParseConfig(pgtest.DSN(t, own))
				require.NoError(t, err)
				cfg.ConnConfig.DefaultQueryExecMode = mode
				var db *bun.DB
				if lent {
					pool, err := pgxpool.NewWithConfig(ctx, cfg)
					require.NoError(t, err)
					t.Cleanup(pool.Close)
					db = bun.NewDB(sql.OpenDB(pgxtx.Connector(pool)), pgdialect.New())
				} else {
					db = bun.NewDB(sql.OpenDB(stdlib.GetConnector(*cfg.ConnConfig)), pgdialect.New())
				}
				t.Cleanup(func() { require.NoError(t, db.Close()) })
				all, none := full("all"), lot("none")
				var first, second, alone *Lot
				var updated int64
				var named int
				require.NoError(t, store.InTx(ctx, db, func(tx bun.IDB) error {
					err := store.Together(ctx, tx,
						func(tx bun.IDB) error { return lots.Insert(ctx, tx, &all) },
						func(tx bun.IDB) error { return lots.InsertAll(ctx, tx, []Lot{none}) },
						func(tx bun.IDB) (err error) {
							updated, err = store.ExecParams(ctx, tx, nil, "UPDATE public.lots SET count = count WHERE name = $1", "all")
							return err
						})
					require.NoError(t, err)
					err = store.Together(ctx, tx,
						store.Into(&first, func(tx bun.IDB) (*Lot, error) { return lots.Lock(ctx, tx, all.ID) }),
						store.Into(&second, func(tx bun.IDB) (*Lot, error) { return lots.Get(ctx, tx, none.ID) }))
					require.NoError(t, err)
					if lent {
						require.NoError(t, tx.NewRaw("SELECT count(*) FROM pg_prepared_statements").Scan(ctx, &named))
					}
					alone, err = lots.Get(ctx, tx, all.ID)
					return err
				}))
				require.Equal(t, alone, first)
				require.Equal(t, none.ID, second.ID)
				require.EqualValues(t, 1, updated)
				require.Zero(t, named)
			})
		}
	}
}

// A context that ends while parts are on their way is the error, wherever it strikes, and
// nothing of them stays.
func TestTogether_cancelled(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	withLots(t, db)
	for asks := range 100 {
		gone, cancel := context.WithCancel(ctx)
		err := store.InTx(gone, db, func(tx bun.IDB) error {
			return store.Together(gone, tx,
				func(tx bun.IDB) error {
					go cancel()
					for range asks {
						if err := store.Exec(gone, tx, "SELECT 1"); err != nil {
							return err
						}
					}
					return nil
				},
				func(tx bun.IDB) error {
					l := lot("lost")
					if err := lots.Insert(gone, tx, &l); err != nil {
						return err
					}
					_, err := lots.Get(gone, tx, l.ID)
					return err
				})
		})
		cancel()
		if err == nil {
			_, err := db.ExecContext(ctx, "DELETE FROM public.lots")
			require.NoError(t, err)
			continue
		}
		require.ErrorIs(t, err, context.Canceled)
		require.Zero(t, count(t, db))
	}
}
