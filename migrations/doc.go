// Package migrations creates and updates the schemas of Freehold in a host's
// database.
//
//	m, err := migrations.New(migrations.Config{Logger: logger})
//	...
//	err = m.Up(ctx, db) // at every start of the host, from as many hosts as there are
//
// # What happens
//
// Migrations are numbered SQL files, embedded in the package, each with the file
// that takes it back. [Migrator.Up] applies those that are missing, in order.
// Each one runs together with its row in freehold.migrations in one transaction
// of its own, under a transaction-level advisory lock. So any number of hosts
// may start at once, and one that is killed anywhere leaves nothing half done:
// the next Up goes on from there.
//
// [Migrator.UpTx] does the same in a transaction of the caller's, all or
// nothing, together with the host's own tables if it likes. [Migrator.SQL]
// prints the statements for a host with its own migration tool.
//
// # What it refuses
//
// A database in which one of our schemas (auth, users, properties, ...) already
// holds objects of somebody else: [ErrForeignObjects]. A database migrated by a
// newer version of the library: [ErrDatabaseNewer]. A database whose applied
// migrations differ from the embedded ones: [ErrMigrationChanged]. Nothing is
// changed in any of these cases.
//
// # Extensions
//
// PostGIS and pg_trgm are needed. They come first, in a transaction of their own.
// A role without the right to create them gets [ErrExtensionRights], which names the
// statement for an administrator to run; when the extensions are there already,
// no right is needed. They may be installed in any schema. Down leaves them.
package migrations
