package pgtest

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/localpg"
	"github.com/freehold-go/freehold/migrations"
)

// Own is a cluster of the test's own with these settings, which may be killed and
// backed up, and the name of a migrated database in it. It ends with the test.
func Own(t testing.TB, settings map[string]string) (*localpg.Server, string) {
	t.Helper()
	server, err := started(t.Context(), settings)
	stopWithout(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	return server, migrated
}

// migrated is the name of the database of a server that started makes.
const migrated = "deals"

// started starts a cluster of this process alone and makes a migrated database in it.
func started(ctx context.Context, settings map[string]string) (_ *localpg.Server, err error) {
	server, err := localpg.Start(ctx, localpg.Options{Own: true, Settings: settings})
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, server.Close())
		}
	}()
	admin, err := Open(server.DSN(""))
	if err != nil {
		return nil, err
	}
	defer func() { _ = admin.Close() }()
	if _, err := admin.ExecContext(ctx, "CREATE DATABASE "+migrated); err != nil {
		return nil, err
	}
	db, err := Open(server.DSN(migrated))
	if err != nil {
		return nil, err
	}
	defer func() { _ = db.Close() }()
	m, err := migrations.New(migrations.Config{})
	if err != nil {
		return nil, err
	}
	return server, errors.Join(m.Extensions(ctx, db), m.Up(ctx, db))
}
