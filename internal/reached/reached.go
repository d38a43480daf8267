// Package reached tells what of a schema a tour through the verbs of a package has not
// reached: columns that no verb fills, and statuses that no verb sets, are promises of the
// schema that nobody keeps.
package reached

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"
)

var literal = regexp.MustCompile(`'((?:[^']|'')*)'::`)

// Never lists the columns of a schema's tables that hold nothing in any row, and the values
// of its enumerations that no row has, as table.column=value. A zero and a false are nothing.
// History tables hold what the others did, and are left out.
func Never(t testing.TB, db bun.IDB, schema string) (never []string) {
	t.Helper()
	ctx := t.Context()
	var columns []struct{ Tab, Col, Typ, Checks string }
	require.NoError(t, db.NewRaw(`SELECT c.relname AS tab, a.attname AS col, format_type(a.atttypid, NULL) AS typ,
			COALESCE((SELECT string_agg(pg_get_constraintdef(k.oid), ' ') FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'c' AND k.conkey = ARRAY[a.attnum]), '') AS checks
		FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid WHERE c.relnamespace = ?::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
			AND c.relname NOT LIKE '%\_history' AND a.attnum > 0 AND NOT a.attisdropped`, schema).Scan(ctx, &columns))
	require.NotEmpty(t, columns)
	for _, c := range columns {
		name, filled := c.Tab+"."+c.Col, "? IS NOT NULL"
		switch c.Typ {
		case "boolean":
			filled = "?"
		case "integer", "bigint", "numeric":
			filled = "? <> 0"
		}
		var is bool
		require.NoError(t, db.NewRaw("SELECT EXISTS (SELECT 1 FROM ? WHERE "+filled+")", bun.Ident(schema+"."+c.Tab), bun.Ident(c.Col)).Scan(ctx, &is))
		if !is {
			never = append(never, name)
		}
		if !strings.Contains(c.Checks, "ARRAY[") || !strings.Contains(c.Typ, "character varying") {
			continue
		}
		for _, m := range literal.FindAllStringSubmatch(c.Checks, -1) {
			require.NoError(t, db.NewRaw("SELECT EXISTS (SELECT 1 FROM ? WHERE ? = ?)", bun.Ident(schema+"."+c.Tab), bun.Ident(c.Col), m[1]).Scan(ctx, &is))
			if !is {
				never = append(never, name+"="+m[1])
			}
		}
	}
	slices.Sort(never)
	return never
}
