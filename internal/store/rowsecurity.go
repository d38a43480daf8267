package store

import (
	"context"

	"github.com/uptrace/bun"
)

// limited reports whether policies decide which rows of the table the
// connection's role sees, if only that it sees all. COPY refuses such a table.
func (b bulk) limited(ctx context.Context, db bun.IDB) (is bool, err error) {
	err = db.NewRaw("SELECT row_security_active(?::regclass)", string(b.table.SQLName)).Scan(ctx, &is)
	return is, err
}
