package migrations

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"
)

// Status says where one migration stands in a database.
type Status struct {
	Version   int
	Name      string
	AppliedAt *time.Time // nil when it is pending
	Changed   bool       // it was applied with other statements than the embedded ones
	Unknown   bool       // it was applied by a newer version of the library
}

// row is a line of freehold.migrations.
type row struct {
	Version   int
	Name      string
	Checksum  string
	AppliedAt time.Time
}

// rows reads the version table, empty when it does not exist. It asks the catalog
// as a table: a function such as to_regclass answers from the session's cache,
// which still knows nothing of what another process did while this one waited for
// the lock. The query is also what brings that cache up to date.
func rows(ctx context.Context, db bun.IDB) ([]row, error) {
	var exists bool
	err := db.NewRaw(`SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_class c
		JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = 'freehold' AND c.relname = 'migrations')`).Scan(ctx, &exists)
	if err != nil {
		return nil, err
	}
	if !exists {
		return nil, nil
	}
	var found []row
	err = db.NewRaw("SELECT version, name, checksum, applied_at FROM freehold.migrations ORDER BY version").Scan(ctx, &found)
	if sqlState(err) == "42703" { // undefined column
		return nil, ErrForeignObjects.With("freehold.migrations").Because(err)
	}
	return found, err
}

// applied reads the version table and checks that it holds the first so many of
// our migrations, unchanged.
func (m *Migrator) applied(ctx context.Context, db bun.IDB) ([]row, error) {
	found, err := rows(ctx, db)
	if err != nil {
		return nil, err
	}
	for i, r := range found {
		switch {
		case r.Version > m.Latest():
			return nil, ErrDatabaseNewer.With("it has migration %d, this version ends with %d", r.Version, m.Latest())
		case r.Version != m.all[i].Version:
			return nil, ErrMigrationChanged.With("%s was not applied, %d was", m.all[i], r.Version)
		case r.Checksum != m.all[i].Checksum:
			return nil, ErrMigrationChanged.With("%s", m.all[i])
		}
	}
	return found, nil
}

// Status lists all migrations, those of this version and those the database has
// beyond them, in order. It changes nothing.
func (m *Migrator) Status(ctx context.Context, db bun.IDB) ([]Status, error) {
	found, err := rows(ctx, db)
	if err != nil {
		return nil, err
	}
	var list []Status
	for _, step := range m.all {
		s := Status{Version: step.Version, Name: step.Name}
		i := slices.IndexFunc(found, func(r row) bool { return r.Version == step.Version })
		if i >= 0 {
			s.AppliedAt, s.Changed = &found[i].AppliedAt, found[i].Checksum != step.Checksum
		}
		list = append(list, s)
	}
	for i, r := range found {
		if m.known(r.Version) != nil {
			list = append(list, Status{Version: r.Version, Name: r.Name, AppliedAt: &found[i].AppliedAt, Unknown: true})
		}
	}
	slices.SortFunc(list, func(a, b Status) int { return a.Version - b.Version })
	return list, nil
}

// Validate checks that the database is exactly at this version of the library:
// it returns [ErrPending], [ErrDatabaseNewer] or [ErrMigrationChanged] when it
// is not. It changes nothing; hosts that migrate elsewhere call it at start.
func (m *Migrator) Validate(ctx context.Context, db bun.IDB) error {
	done, err := m.applied(ctx, db)
	if err != nil {
		return err
	}
	if len(done) < len(m.all) {
		return ErrPending.With("%s is the first of %d", m.all[len(done)], len(m.all)-len(done))
	}
	return nil
}

// refuseForeign checks that the schemas which pending migrations are to create
// hold nothing yet. They may exist: an administrator may have created them for us.
func (m *Migrator) refuseForeign(ctx context.Context, db bun.IDB, pending []Migration) error {
	names := schemas(pending)
	for _, made := range schemas(m.all[:len(m.all)-len(pending)]) {
		names = slices.DeleteFunc(names, func(name string) bool { return name == made })
	}
	if len(names) == 0 {
		return nil
	}
	var found []string
	err := db.NewRaw(`SELECT n.nspname || '.' || o.name
		FROM pg_namespace n JOIN (
			SELECT relnamespace AS space, relname::text AS name FROM pg_class
			UNION SELECT pronamespace, proname::text FROM pg_proc
			UNION SELECT typnamespace, typname::text FROM pg_type WHERE typtype IN ('d', 'e', 'r')
		) o ON o.space = n.oid
		WHERE n.nspname IN (?) AND NOT (n.nspname = 'freehold' AND o.name IN ('migrations', 'pk_migrations'))
		ORDER BY 1 LIMIT 5`, bun.List(names)).Scan(ctx, &found)
	if err != nil {
		return err
	}
	if len(found) > 0 {
		return ErrForeignObjects.With("%s", strings.Join(found, ", "))
	}
	return nil
}
