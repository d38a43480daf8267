package migrations

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun"
)

// Config holds what a Migrator may be told. The zero value is ready for use.
type Config struct {
	// Logger gets a line for every migration applied or taken back; nil is silent.
	Logger *slog.Logger

	files fs.FS // other migrations than the embedded ones, for tests
}

// Migrator applies and takes back the library's migrations. It holds no
// connection and is safe for concurrent use.
type Migrator struct {
	all        []Migration // by version
	extensions []string    // that the schemas use
	log        *slog.Logger
}

// New returns a Migrator of the embedded migrations. It fails only when the
// files in the package are not well formed, which its tests exclude.
func New(c Config) (*Migrator, error) {
	files := c.files
	if files == nil {
		sub, err := fs.Sub(embedded, "sql")
		if err != nil {
			return nil, err
		}
		files = sub
	}
	all, err := load(files)
	if err != nil {
		return nil, err
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return &Migrator{all: all, extensions: []string{"postgis", "pg_trgm"}, log: c.Logger}, nil
}

// Migrations returns all migrations, in order.
func (m *Migrator) Migrations() []Migration { return append([]Migration(nil), m.all...) }

// Latest returns the number of the last migration, 0 when there is none.
func (m *Migrator) Latest() int {
	if len(m.all) == 0 {
		return 0
	}
	return m.all[len(m.all)-1].Version
}

// Up applies all migrations that the database lacks, after the extensions. Any
// number of processes may call it at once; each migration is applied once. It
// returns [ErrForeignObjects], [ErrDatabaseNewer], [ErrMigrationChanged],
// [ErrExtensionRights], [ErrExtensionMissing] or [ErrExtensionLoad] when it refuses, and leaves the
// database as it was. After any other error, and after a crash, calling it again
// goes on where it stopped.
func (m *Migrator) Up(ctx context.Context, db *bun.DB) error { return m.UpTo(ctx, db, m.Latest()) }

// UpTo is Up that stops after the migration numbered version. It returns
// [ErrUnknownVersion] when there is none.
func (m *Migrator) UpTo(ctx context.Context, db *bun.DB, version int) error {
	if err := m.known(version); err != nil {
		return err
	}
	if err := m.Extensions(ctx, db); err != nil {
		return err
	}
	for {
		var last bool
		err := inTx(ctx, db, func(tx bun.IDB) (err error) {
			last, err = m.up(ctx, tx, version)
			return err
		})
		if err != nil || last {
			return err
		}
	}
}

// UpTx applies all migrations that the database lacks, extensions included, in
// the caller's transaction. After an error the caller must roll it back. The
// transaction should be of level READ COMMITTED: with a snapshot that is older than
// its turn at the lock, it would fail where another process has just migrated.
// It returns [ErrNoTransaction] when tx is a pool, and Up's errors.
func (m *Migrator) UpTx(ctx context.Context, tx bun.IDB) error {
	if _, pool := tx.(*bun.DB); pool {
		return ErrNoTransaction
	}
	var path string
	if err := tx.NewRaw("SELECT current_setting('search_path')").Scan(ctx, &path); err != nil {
		return err
	}
	if err := m.prepare(ctx, tx); err != nil {
		return err
	}
	for last := false; !last; {
		var err error
		if last, err = m.up(ctx, tx, m.Latest()); err != nil {
			return err
		}
	}
	// What follows in the transaction is the caller's.
	_, err := tx.NewRaw("SELECT set_config('search_path', ?, true)", path).Exec(ctx)
	return err
}

// Down takes back, last first, the migrations numbered higher than version: all
// of them when it is 0, with everything the schemas hold. It returns
// [ErrUnknownVersion], [ErrDatabaseNewer] or [ErrMigrationChanged] when it refuses.
func (m *Migrator) Down(ctx context.Context, db *bun.DB, version int) error {
	if err := m.known(version); err != nil {
		return err
	}
	for {
		var last bool
		err := inTx(ctx, db, func(tx bun.IDB) (err error) {
			last, err = m.down(ctx, tx, version)
			return err
		})
		if err != nil || last {
			return err
		}
	}
}

// known checks that version is 0 or a migration's.
func (m *Migrator) known(version int) error {
	for _, step := range m.all {
		if step.Version == version {
			return nil
		}
	}
	if version == 0 {
		return nil
	}
	return ErrUnknownVersion.With("%d", version)
}

// inTx runs fn in a transaction. READ COMMITTED is asked for by name: every
// statement after the wait for the lock must see what the last holder did,
// whatever the database's default level is.
func inTx(ctx context.Context, db *bun.DB, fn func(tx bun.IDB) error) error {
	tx, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		return err
	}
	if err := fn(tx); err != nil {
		if rerr := tx.Rollback(); rerr != nil && !errors.Is(rerr, sql.ErrTxDone) {
			return errors.Join(err, rerr)
		}
		return err
	}
	return tx.Commit()
}

// lockKey is the key of the advisory lock: "freehold" in ASCII.
const lockKey = 0x66726565686f6c64

// lock waits for the turn of this transaction, which lasts until its end.
func lock(ctx context.Context, tx bun.IDB) error {
	_, err := tx.NewRaw("SELECT pg_advisory_xact_lock(?)", int64(lockKey)).Exec(ctx)
	return err
}

// bootstrap creates the version table.
const bootstrap = `CREATE SCHEMA IF NOT EXISTS freehold;
CREATE TABLE IF NOT EXISTS freehold.migrations (
    version    INTEGER NOT NULL,
    name       TEXT NOT NULL,
    checksum   TEXT NOT NULL,
    applied_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    CONSTRAINT pk_migrations PRIMARY KEY (version),
    CONSTRAINT chk_migrations_version CHECK (version > 0),
    CONSTRAINT chk_migrations_applied_at CHECK (isfinite(applied_at))
);
COMMENT ON TABLE freehold.migrations IS 'Migrations applied to this database';
`

// up applies the next migration up to version, or reports that none is left.
func (m *Migrator) up(ctx context.Context, tx bun.IDB, version int) (last bool, err error) {
	if err := lock(ctx, tx); err != nil {
		return false, err
	}
	done, err := m.applied(ctx, tx)
	if err != nil {
		return false, err
	}
	pending := m.all[len(done):]
	if len(pending) == 0 || pending[0].Version > version {
		return true, nil
	}
	if err := m.refuseForeign(ctx, tx, pending); err != nil {
		return false, err
	}
	if len(done) == 0 {
		if _, err := tx.ExecContext(ctx, bootstrap); err != nil {
			return false, fmt.Errorf("migrations: creating the version table: %w", err)
		}
	}
	next := pending[0]
	if err := m.run(ctx, tx, next, "up", next.Up); err != nil {
		return false, err
	}
	_, err = tx.NewRaw("INSERT INTO freehold.migrations (version, name, checksum) VALUES (?, ?, ?)",
		next.Version, next.Name, next.Checksum).Exec(ctx)
	return false, err
}

// down takes back the last migration, or reports that none above version is left.
// With the last one goes the version table.
func (m *Migrator) down(ctx context.Context, tx bun.IDB, version int) (last bool, err error) {
	if err := lock(ctx, tx); err != nil {
		return false, err
	}
	done, err := m.applied(ctx, tx)
	if err != nil {
		return false, err
	}
	if len(done) == 0 || done[len(done)-1].Version <= version {
		return true, nil
	}
	step := m.all[len(done)-1]
	if err := m.run(ctx, tx, step, "down", step.Down); err != nil {
		return false, err
	}
	if len(done) > 1 {
		_, err = tx.NewRaw("DELETE FROM freehold.migrations WHERE version = ?", step.Version).Exec(ctx)
		return false, err
	}
	_, err = tx.ExecContext(ctx, "DROP TABLE freehold.migrations; DROP SCHEMA freehold")
	return true, err
}

// run executes the statements of a migration as one batch. The search path holds
// only the catalog and the extensions' schemas: a name that lacks its schema
// fails instead of landing in the host's.
func (m *Migrator) run(ctx context.Context, tx bun.IDB, step Migration, way, statements string) error {
	_, err := tx.NewRaw(`SELECT set_config('search_path', 'pg_catalog' || coalesce(', ' ||
		(SELECT string_agg(DISTINCT quote_ident(n.nspname), ', ')
		FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname IN (?)), ''), true)`,
		bun.List(m.extensions)).Exec(ctx)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, statements); err != nil {
		return fmt.Errorf("migrations: %s, %s, %s: %w", step, way, line(statements, err), err)
	}
	m.log.InfoContext(ctx, "migration "+way, "migration", step.String())
	return nil
}

// line says where in the statements the server saw the error.
func line(statements string, err error) string {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || pg.Position <= 0 {
		return "somewhere"
	}
	runes := []rune(statements) // the server counts characters
	return fmt.Sprintf("line %d", 1+strings.Count(string(runes[:min(int(pg.Position)-1, len(runes))]), "\n"))
}
