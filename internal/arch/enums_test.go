package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/modeltest"
	"github.com/freehold-go/freehold/internal/pgtest"
)

// literal is a text of a check, as the server prints it.
var literal = regexp.MustCompile(`'((?:[^']|'')*)'::`)

// closedLists lists the values that checks allow, by table and column.
func closedLists(t *testing.T, db bun.IDB) map[string][]string {
	t.Helper()
	pin(t, db)
	var checks []struct{ Tab, Col, Def string }
	require.NoError(t, db.NewRaw(`SELECT n.nspname || '.' || c.relname AS tab, a.attname AS col, pg_get_constraintdef(k.oid) AS def
		FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[1]
		WHERE k.contype = 'c' AND cardinality(k.conkey) = 1 AND n.nspname IN (?) AND NOT c.relispartition
		AND pg_get_constraintdef(k.oid) ~ '(= ANY|<@) *\(*ARRAY\['`, bun.List(schemas())).Scan(t.Context(), &checks))
	lists := map[string][]string{}
	for _, c := range checks {
		key := c.Tab + "." + c.Col
		require.Empty(t, lists[key], "two lists for %s", key)
		for _, m := range literal.FindAllStringSubmatch(c.Def, -1) {
			lists[key] = append(lists[key], strings.ReplaceAll(m[1], "''", "'"))
		}
		slices.Sort(lists[key])
		require.NotEmpty(t, lists[key], c.Def)
	}
	require.Greater(t, len(lists), 50)
	return lists
}

// constants returns the values of the constants of a string type, from its
// package's source.
func constants(t *testing.T, typ reflect.Type) []string {
	t.Helper()
	dir, ok := ours(typ.PkgPath())
	require.True(t, ok, "%s", typ)
	files, err := filepath.Glob(filepath.Join("..", "..", filepath.FromSlash(dir), "*.go"))
	require.NoError(t, err)
	var values []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, d := range file.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST {
				continue
			}
			for _, s := range g.Specs {
				spec := s.(*ast.ValueSpec)
				if of, ok := spec.Type.(*ast.Ident); !ok || of.Name != typ.Name() {
					continue
				}
				for _, v := range spec.Values {
					text, err := strconv.Unquote(v.(*ast.BasicLit).Value)
					require.NoError(t, err)
					values = append(values, text)
				}
			}
		}
	}
	slices.Sort(values)
	return values
}

type valid interface{ Valid() bool }

// A closed list is one list: the check of the column, the constants of the
// field's type and what its Valid accepts are the same. A type without Valid is an
// open list, whose column has no check.
func TestEnumerations_equalTheChecks(t *testing.T) {
	t.Parallel()
	lists := closedLists(t, pgtest.Tx(t))
	all, used := tables(), map[string]bool{}
	for _, m := range modeltest.Tables() {
		tab := all.Get(m.Type)
		for _, f := range tab.Fields {
			key := name(tab) + "." + f.Name
			typ := f.StructField.Type
			for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
				typ = typ.Elem()
			}
			_, closed := reflect.Zero(typ).Interface().(valid)
			list, checked := lists[key]
			require.Equal(t, checked, closed && typ.Kind() == reflect.String, "%s: a closed list has a check and a type with Valid, an open one neither; %s", key, typ)
			if !checked {
				continue
			}
			used[key] = true
			require.Equal(t, list, constants(t, typ), "%s and the constants of %s", key, typ)
			accepts := func(text string) bool {
				v := reflect.New(typ).Elem()
				v.SetString(text)
				return v.Interface().(valid).Valid()
			}
			for _, text := range list {
				require.True(t, accepts(text), "%s refuses %q", typ, text)
				for _, not := range []string{strings.ToUpper(text), text + " ", text[1:]} {
					require.Equal(t, slices.Contains(list, not), accepts(not), "%s and %q", typ, not)
				}
			}
			require.False(t, accepts(""), "%s accepts nothing", typ)
		}
	}
	for key := range lists {
		table := key[:strings.LastIndexByte(key, '.')]
		require.True(t, used[key] || isHistory(table) || withoutModel[table] != "", "%s: no model's field has the list", key)
	}
}
