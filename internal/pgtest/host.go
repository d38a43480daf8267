package pgtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/localpg"
	"github.com/freehold-go/freehold/migrations"
)

// The names of our databases: templates by what is in them, copies by the
// process that made them.
const (
	templatePrefix = "freehold_template_"
	copyPrefix     = "freehold_copy_"
)

// The server's codes that are expected here.
const (
	inUse     = "55006" // sessions are connected to the database
	duplicate = "42P04" // there is a database of that name
)

// host is the server with this process's place on it.
type host struct {
	server   *localpg.Server
	admin    *bun.DB      // on the maintenance database
	anchor   *pgx.Conn    // says that this process lives; unreferenced, it would be closed
	prefix   string       // begins the names of this process's copies; the anchor's name too
	count    atomic.Int64 // copies made so far
	strategy string       // how to copy a database: by files, where the server has a choice

	migrated template // has all migrations
	extended template // has the extensions
}

// theHost connects this process to the server, once.
var theHost = sync.OnceValues(func() (*host, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	server, err := localpg.Share(ctx, localpg.Options{
		// Autovacuum would come between a template and its copies.
		Settings: map[string]string{"autovacuum": "off"},
	})
	if err != nil {
		return nil, err
	}
	return newHost(ctx, server)
})

// newHost takes a place on the server and clears away what dead processes left.
func newHost(ctx context.Context, server *localpg.Server) (_ *host, err error) {
	h := &host{server: server, prefix: copyPrefix + strings.ToLower(rand.Text()[:12]) + "_"}
	h.extended = h.once("extensions", (*migrations.Migrator).Extensions)
	h.migrated = h.once("migrated", (*migrations.Migrator).Up)
	if h.admin, err = Open(server.DSN("")); err != nil {
		return nil, err
	}
	var choice bool
	err = h.admin.NewRaw("SELECT current_setting('server_version_num')::int >= 150000").Scan(ctx, &choice)
	if err != nil {
		return nil, err
	}
	if choice {
		h.strategy = "STRATEGY file_copy"
	}
	config, err := pgx.ParseConfig(server.DSN(""))
	if err != nil {
		return nil, err
	}
	config.RuntimeParams["application_name"] = h.prefix
	if h.anchor, err = pgx.ConnectConfig(ctx, config); err != nil {
		return nil, err
	}
	return h, h.sweep(ctx)
}

// sweep drops the copies of processes that have ended: those whose anchor no
// session is. It looks at databases of its own role only, whose sessions it sees.
func (h *host) sweep(ctx context.Context) error {
	var names []string
	err := h.admin.NewRaw(`SELECT d.datname FROM pg_database d
		WHERE starts_with(d.datname, ?) AND d.datdba = current_user::regrole AND NOT EXISTS (
			SELECT 1 FROM pg_stat_activity a
			WHERE starts_with(a.application_name, ?) AND starts_with(d.datname, a.application_name))`,
		copyPrefix, copyPrefix).Scan(ctx, &names)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := h.drop(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// create makes a copy of a template and returns its name.
func (h *host) create(ctx context.Context, template string) (string, error) {
	name := h.prefix + strconv.FormatInt(h.count.Add(1), 10)
	return name, h.whenFree(ctx, fmt.Sprintf("CREATE DATABASE %s TEMPLATE %s %s", name, template, h.strategy))
}

// drop removes a database, whoever is connected to it.
func (h *host) drop(ctx context.Context, name string) error {
	_, err := h.admin.ExecContext(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
	return err
}

// whenFree runs a statement that no session may disturb, again for a while when
// one that is just ending does.
func (h *host) whenFree(ctx context.Context, statement string) error {
	for tries := 0; ; tries++ {
		_, err := h.admin.ExecContext(ctx, statement)
		var pg *pgconn.PgError
		if !errors.As(err, &pg) || pg.Code != inUse || tries == 50 {
			return err
		}
		time.Sleep(20 * time.Millisecond)
	}
}
