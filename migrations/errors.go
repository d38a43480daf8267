package migrations

import (
	"errors"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/freehold-go/freehold/realestate/fault"
)

// The conditions of this package.
var (
	// ErrForeignObjects: a schema of ours holds objects that the library did not make.
	ErrForeignObjects = fault.New(fault.Conflict, "foreign_objects",
		"the database has a schema that Freehold needs, with objects of somebody else in it")
	// ErrDatabaseNewer: a newer version of the library has migrated the database.
	ErrDatabaseNewer = fault.New(fault.Illegal, "database_newer",
		"the database was migrated by a newer version of Freehold")
	// ErrMigrationChanged: an applied migration is not the embedded one.
	ErrMigrationChanged = fault.New(fault.Illegal, "migration_changed",
		"a migration applied to the database differs from this version's")
	// ErrPending: the database lacks migrations.
	ErrPending = fault.New(fault.Illegal, "migrations_pending",
		"the database lacks migrations of this version of Freehold")
	// ErrExtensionRights: the role may not create an extension that is missing.
	ErrExtensionRights = fault.New(fault.Forbidden, "extension_rights",
		"the database role may not create an extension; have an administrator run")
	// ErrExtensionMissing: the server does not have an extension to offer.
	ErrExtensionMissing = fault.New(fault.Illegal, "extension_missing",
		"an extension is not installed on the database server")
	// ErrExtensionLoad: the server has an extension and could not load it. The server's
	// own words follow.
	ErrExtensionLoad = fault.New(fault.Illegal, "extension_not_loaded",
		"the database server has an extension and cannot load it; reinstall it for this version of PostgreSQL")
	// ErrUnknownVersion: there is no migration of that number.
	ErrUnknownVersion = fault.New(fault.Invalid, "unknown_migration", "there is no such migration")
	// ErrNoCluster: the database has no engine that spreads tables over machines.
	ErrNoCluster = fault.New(fault.Illegal, "distribution_unavailable",
		"the database lacks the extension citus, which spreads tables over machines")
	// ErrGroup: the group is none whose tables can be spread.
	ErrGroup = fault.New(fault.Invalid, "distribution_group", "there is no group of this name that can be distributed").On("groups")
	// ErrShards: a group has at least one shard and at most 1,024.
	ErrShards = fault.New(fault.Invalid, "distribution_shards", "a group has 1 to 1024 shards").On("shards")
	// ErrNoTransaction: UpTx was given a pool instead of a transaction.
	ErrNoTransaction = fault.New(fault.Invalid, fault.CodeTransaction, "a transaction is needed, not a connection pool")
)

// sqlState returns the SQLSTATE of a driver's error, "" when it has none.
func sqlState(err error) string {
	state, _ := serverError(err)
	return state
}

// serverError returns the SQLSTATE and the message of a driver's error, "" when it has
// none. It knows pgx and bun's own driver.
func serverError(err error) (state, message string) {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code, pg.Message
	}
	var fields interface{ Field(k byte) string }
	if errors.As(err, &fields) {
		return fields.Field('C'), fields.Field('M')
	}
	return "", ""
}
