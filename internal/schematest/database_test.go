package schematest

import (
	"database/sql"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"
)

// rows runs a query whose columns are all text and returns its rows.
func rows(t *testing.T, db bun.IDB, query string, args ...any) [][]string {
	t.Helper()
	res, err := db.QueryContext(t.Context(), query, args...)
	require.NoError(t, err, query)
	defer res.Close()
	names, err := res.Columns()
	require.NoError(t, err)
	var all [][]string
	for res.Next() {
		values := make([]sql.NullString, len(names))
		into := make([]any, len(names))
		for i := range values {
			into[i] = &values[i]
		}
		require.NoError(t, res.Scan(into...), query)
		row := make([]string, len(names))
		for i, v := range values {
			row[i] = v.String
		}
		all = append(all, row)
	}
	require.NoError(t, res.Err(), query)
	return all
}

// one runs a query of one row and one column; NULL is "".
func one(t *testing.T, db bun.IDB, query string, args ...any) string {
	t.Helper()
	all := rows(t, db, query, args...)
	require.Len(t, all, 1, query)
	return all[0][0]
}

// exec runs a statement that must succeed.
func exec(t *testing.T, db bun.IDB, query string, args ...any) {
	t.Helper()
	_, err := db.ExecContext(t.Context(), query, args...)
	require.NoError(t, err, query)
}
