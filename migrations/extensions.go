package migrations

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"
)

// Extensions creates the extensions that the database lacks, in a transaction of
// its own. Up calls it first; it is here for hosts whose application role lacks
// the right, to be called with another. It refuses what Up refuses.
func (m *Migrator) Extensions(ctx context.Context, db *bun.DB) error {
	return inTx(ctx, db, func(tx bun.IDB) error { return m.prepare(ctx, tx) })
}

// prepare checks that the database is one we may migrate, then creates the
// extensions.
func (m *Migrator) prepare(ctx context.Context, tx bun.IDB) error {
	if err := lock(ctx, tx); err != nil {
		return err
	}
	done, err := m.applied(ctx, tx)
	if err != nil {
		return err
	}
	if err := m.refuseForeign(ctx, tx, m.all[len(done):]); err != nil {
		return err
	}
	for _, name := range m.extensions {
		var there bool
		err := tx.NewRaw("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = ?)", name).Scan(ctx, &there)
		if err != nil {
			return err
		}
		if there {
			continue
		}
		create := "CREATE EXTENSION IF NOT EXISTS " + name
		_, err = tx.ExecContext(ctx, create)
		switch sqlState(err) {
		case "":
			if err != nil {
				return err
			}
		case "42501": // insufficient privilege
			return ErrExtensionRights.With("%s", create).Because(err)
		case "0A000", "58P01": // not available; its control file is missing
			return ErrExtensionMissing.With("%s", name).Because(err)
		default:
			return fmt.Errorf("migrations: %s: %w", create, err)
		}
		m.log.InfoContext(ctx, "extension created", "extension", name)
	}
	return nil
}
