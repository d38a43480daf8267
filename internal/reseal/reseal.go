// Package reseal seals stored values anew after the vault got another first key.
// The services apply it to their own columns.
package reseal

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/vault"
)

// The bounds of a batch.
const (
	defaultBatch = 500
	maxBatch     = 10_000
)

// ErrBatch: a batch is of 1 to 10,000 rows.
var ErrBatch = fault.New(fault.Invalid, fault.CodeOutOfRange, "a batch has 1 to 10,000 rows").On("batch")

// Column is a column of sealed values. Owner names the column of the same table
// that the values are bound to, see [vault.Place]. Indexed, when it is not "", is
// the column of the values' blind index, which moves to the new key with them.
type Column struct{ Table, Name, Owner, Indexed string }

// Place is where the column's value of a row is sealed for.
func (c Column) Place(row, owner string) vault.Place {
	return vault.Place{Table: c.Table, Column: c.Name, Row: row, Owner: owner}
}

// Run seals every value of the columns that is sealed by another key than the
// vault's first, batch by batch, each a transaction of its own where db is not one
// already. An error leaves what the batches before it did, and is returned with
// their report; inside a caller's transaction it leaves nothing. A value that cannot be
// opened stays as it is and is reported; the run goes on. Rows that somebody holds
// locked are left for the next run and counted as skipped. After a run that neither
// failed nor skipped, these columns no longer need the other keys.
func Run(ctx context.Context, db bun.IDB, v *vault.Vault, batch int, columns ...Column) (*vault.ResealReport, error) {
	if v == nil {
		return nil, vault.ErrNoVault
	}
	if batch == 0 {
		batch = defaultBatch
	}
	if batch < 0 || batch > maxBatch {
		return nil, ErrBatch
	}
	report := &vault.ResealReport{}
	all := func(db bun.IDB) error { return run(ctx, db, v, batch, columns, report) }
	if store.IsPool(db) {
		return report, all(db)
	}
	if err := store.InTx(ctx, db, all); err != nil { // all of it or nothing
		return nil, err
	}
	return report, nil
}

func run(ctx context.Context, db bun.IDB, v *vault.Vault, batch int, columns []Column, report *vault.ResealReport) error {
	for _, c := range columns {
		after := "00000000-0000-0000-0000-000000000000"
		for after != "" {
			var part vault.ResealReport
			err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
				part = vault.ResealReport{}
				after, err = c.batch(ctx, tx, v, after, batch, &part)
				return err
			})
			if err != nil {
				return err
			}
			report.Resealed += part.Resealed
			report.Failed = append(report.Failed, part.Failed...)
		}
		var left int
		if err := store.Scan(ctx, db, []any{&left}, "SELECT count(*) FROM "+c.Table+" WHERE "+c.stale(), v.Current()); err != nil {
			return err
		}
		for _, f := range report.Failed {
			if f.Table == c.Table && f.Column == c.Name {
				left--
			}
		}
		report.Skipped += max(left, 0)
	}
	return nil
}

// stale selects the values that another key than $1 has sealed.
func (c Column) stale() string {
	return fmt.Sprintf("%s IS NOT NULL AND split_part(%s, '.', 2) <> $1", c.Name, c.Name)
}

type row struct{ ID, Owner, Value string }

// batch seals up to n values whose row's id is above after, and returns the last
// id, "" when there are no more.
func (c Column) batch(ctx context.Context, tx bun.IDB, v *vault.Vault, after string, n int, report *vault.ResealReport) (string, error) {
	rows, err := store.Rows[row](ctx, tx, fmt.Sprintf(`SELECT id::text AS id, %s::text AS owner, %s AS value FROM %s
		WHERE %s AND id > $2 ORDER BY id LIMIT %d FOR NO KEY UPDATE SKIP LOCKED`, c.Owner, c.Name, c.Table, c.stale(), n), v.Current(), after)
	if err != nil {
		return "", err
	}
	for _, r := range rows {
		if err := c.one(ctx, tx, v, r, report); err != nil {
			return "", err
		}
	}
	if len(rows) < n {
		return "", nil
	}
	return rows[len(rows)-1].ID, nil
}

func (c Column) one(ctx context.Context, tx bun.IDB, v *vault.Vault, r row, report *vault.ResealReport) error {
	at := c.Place(r.ID, r.Owner)
	text, err := v.Open(at, r.Value)
	if err != nil {
		report.Failed = append(report.Failed, vault.Unsealable{Table: c.Table, Column: c.Name, ID: r.ID, Err: err})
		return nil
	}
	sealed, err := v.Seal(at, text)
	if err != nil {
		return err
	}
	if c.Indexed == "" {
		_, err = store.ExecParams(ctx, tx, nil, fmt.Sprintf("UPDATE %s SET %s = $1 WHERE id = $2", c.Table, c.Name), sealed, r.ID)
	} else {
		_, err = store.ExecParams(ctx, tx, nil, fmt.Sprintf("UPDATE %s SET %s = $1, %s = $3 WHERE id = $2", c.Table, c.Name, c.Indexed),
			sealed, r.ID, v.Index(c.Table, c.Name, text))
	}
	if err == nil {
		report.Resealed++
	}
	return err
}
