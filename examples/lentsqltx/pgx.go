package main

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate"
)

// convertWithPgx is convert in a part of the host that works with pgx itself. It takes the
// connection of pgx that is under one of the pool's; a host with a *pgxpool.Pool begins the
// transaction there.
func (h *host) convertWithPgx(ctx context.Context, l lead) error {
	conn, err := h.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // gives it back to the pool
	return conn.Raw(func(driver any) error {
		return pgx.BeginFunc(ctx, driver.(*stdlib.Conn).Conn(), func(tx pgx.Tx) error {
			return realestate.InPgxTx(ctx, tx, func(db bun.IDB) error {
				s, err := h.commit(ctx, db, l)
				if err != nil {
					return err
				}
				_, err = tx.Exec(ctx, "UPDATE host.leads SET status = 'converted', subscription_id = $2 WHERE id = $1", l.id, s.ID.String())
				return err
			})
		})
	})
}
