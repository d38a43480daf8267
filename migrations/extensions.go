package migrations

import (
	"context"
	"fmt"
	"strings"

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
		err := tx.NewRaw("SELECT EXISTS (SELECT 1 FROM pg_extension WHERE extname = ?)", name).Scan(ctx, &there)
		if err != nil {
			return err
		}
		if there {
			continue
		}
		create := "CREATE EXTENSION IF NOT EXISTS " + name
		if _, err = tx.ExecContext(ctx, create); err != nil {
			return extensionError(name, create, err)
		}
		m.log.InfoContext(ctx, "extension created", "extension", name)
	}
	return nil
}

// extensionError says why an extension could not be created. The server's own words are
// kept where it has the extension and cannot load it: they name the library that is
// missing or of another version, and nothing of the database's.
func extensionError(name, create string, err error) error {
	state, message := serverError(err)
	switch {
	case state == "42501": // insufficient privilege
		return ErrExtensionRights.With("%s", create).Because(err)
	case (state == "0A000" || state == "58P01") && (strings.Contains(message, "control file") || strings.Contains(message, "is not available")):
		return ErrExtensionMissing.With("%s", name).Because(err)
	case state != "":
		return ErrExtensionLoad.With("%s: %s (%s)", name, message, state).Because(err)
	}
	return fmt.Errorf("migrations: %s: %w", create, err)
}
