package pgtest

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"
)

// Logged is [Clone] with a database whose statements the server logs as it does by
// default, which the tests' cluster does not, and a function that reads the log.
func Logged(t testing.TB) (*bun.DB, func() string) {
	t.Helper()
	db := Clone(t)
	var name string
	require.NoError(t, db.NewRaw("SELECT current_database()").Scan(t.Context(), &name))
	for _, set := range []string{"log_min_messages = 'warning'", "log_min_error_statement = 'error'", "log_error_verbosity = 'default'"} {
		_, err := db.ExecContext(t.Context(), "ALTER DATABASE ? SET ?", bun.Ident(name), bun.Safe(set))
		require.NoError(t, err)
	}
	fresh, err := Open(DSN(t, db))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, fresh.Close()) })
	return fresh, func() string {
		var text string
		require.NoError(t, fresh.NewRaw("SELECT coalesce(pg_read_file(current_setting('data_directory') || '/../log', 0, 1 << 28, true), '')").Scan(t.Context(), &text))
		return text
	}
}
