package pgtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/fnv"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/migrations"
)

// template returns the name of a database to copy, which it makes when missing.
type template func(context.Context) (string, error)

// once returns the template that fill makes out of an empty database. Its name
// holds the checksums of the migrations, so a changed file makes another one.
func (h *host) once(kind string, fill func(*migrations.Migrator, context.Context, *bun.DB) error) template {
	var mu sync.Mutex
	var made string
	return func(ctx context.Context) (string, error) {
		mu.Lock()
		defer mu.Unlock()
		if made != "" {
			return made, nil
		}
		m, err := migrations.New(migrations.Config{})
		if err != nil {
			return "", err
		}
		sum := sha256.New()
		for _, step := range m.Migrations() {
			_, _ = fmt.Fprintln(sum, step, step.Checksum) // a hash takes all
		}
		prefix := templatePrefix + kind + "_"
		name := prefix + hex.EncodeToString(sum.Sum(nil)[:8])
		err = h.ensure(ctx, prefix, name, func(db *bun.DB) error { return fill(m, ctx, db) })
		if err != nil {
			return "", fmt.Errorf("pgtest: making the template %s: %w", kind, err)
		}
		made = name
		return name, nil
	}
}

// ensure makes the database name unless it exists, one process at a time. It is
// filled under another name, so that what has the name is complete.
func (h *host) ensure(ctx context.Context, prefix, name string, fill func(*bun.DB) error) (err error) {
	tx, err := h.admin.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, tx.Rollback()) }() // it only holds the lock
	if _, err := tx.NewRaw("SELECT pg_advisory_xact_lock(?)", lockKey(name)).Exec(ctx); err != nil {
		return err
	}
	var there bool
	err = tx.NewRaw("SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = ?)", name).Scan(ctx, &there)
	if err != nil || there {
		return err
	}
	work, err := h.create(ctx, "template1")
	if err != nil {
		return err
	}
	db, err := Open(h.server.DSN(work))
	if err != nil {
		return errors.Join(err, h.drop(ctx, work))
	}
	if err := errors.Join(fill(db), db.Close()); err != nil {
		return errors.Join(err, h.drop(ctx, work))
	}
	// The comment says when, for prune.
	_, err = h.admin.ExecContext(ctx, fmt.Sprintf("COMMENT ON DATABASE %s IS '%d'", work, time.Now().Unix()))
	if err != nil {
		return errors.Join(err, h.drop(ctx, work))
	}
	err = h.whenFree(ctx, fmt.Sprintf("ALTER DATABASE %s RENAME TO %s", work, name))
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == duplicate {
		// A process with another maintenance database was faster: the lock is
		// one for each.
		return h.drop(ctx, work)
	}
	return errors.Join(err, h.prune(ctx, prefix, name))
}

// keep is how long a template of other migrations is kept for processes that may
// still be using it.
const keep = time.Hour

// prune drops templates of the same kind but of other migrations, once they are old.
func (h *host) prune(ctx context.Context, prefix, name string) error {
	var old []struct{ Name, Made string }
	err := h.admin.NewRaw(`SELECT datname AS name, COALESCE(shobj_description(oid, 'pg_database'), '') AS made
		FROM pg_database WHERE starts_with(datname, ?) AND datname <> ? AND datdba = current_user::regrole`,
		prefix, name).Scan(ctx, &old)
	if err != nil {
		return err
	}
	for _, t := range old {
		seconds, err := strconv.ParseInt(t.Made, 10, 64)
		if err != nil || time.Since(time.Unix(seconds, 0)) < keep {
			continue // not ours, or in use perhaps
		}
		if err := h.drop(ctx, t.Name); err != nil {
			return err
		}
	}
	return nil
}

// lockKey turns a name into the key of an advisory lock.
func lockKey(name string) int64 {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte("freehold pgtest " + name)) // never fails
	return int64(hash.Sum64())
}
