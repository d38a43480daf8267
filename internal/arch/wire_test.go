package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/store"
)

// snake is a name on the wire.
var snake = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)

// columnWords are what the database calls what has another name on the wire: an
// offering is a row of opportunities, a position one of property_investments.
var columnWords = regexp.MustCompile(`(^|_)(opportunity|opportunities|investment|property_investment)_ids?($|_)`)

// fieldCalls are the functions whose text argument, the first or the second, names a
// field in an error.
var fieldCalls = map[string]int{"On": 0, "Given": 0, "Required": 0, "Add": 0, "AddErr": 0, "Check": 1}

// One vocabulary on the wire: members of JSON are in snake case, and they, the fields
// of events and the fields that errors name call an offering and a position the same.
func TestWire_oneVocabulary(t *testing.T) {
	t.Parallel()
	tags, fields := 0, 0
	walk(t, func(p string, src []byte) {
		if strings.HasSuffix(p, "_test.go") || strings.HasPrefix(p, "internal/") {
			return
		}
		file, err := parser.ParseFile(token.NewFileSet(), p, src, parser.SkipObjectResolution)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Field:
				if n.Tag == nil {
					return true
				}
				text, err := strconv.Unquote(n.Tag.Value)
				require.NoError(t, err)
				name, _, _ := strings.Cut(reflect.StructTag(text).Get("json"), ",")
				if name == "" || name == "-" {
					return true
				}
				tags++
				require.Regexp(t, snake, name, p)
				require.NotRegexp(t, columnWords, name, "%s: the wire says offering_id and position_id", p)
			case *ast.CallExpr:
				sel, ok := n.Fun.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				at, ok := fieldCalls[sel.Sel.Name]
				if !ok || len(n.Args) <= at {
					return true
				}
				if lit, ok := n.Args[at].(*ast.BasicLit); ok && lit.Kind == token.STRING {
					name, err := strconv.Unquote(lit.Value)
					require.NoError(t, err)
					fields++
					require.NotRegexp(t, columnWords, name, "%s: errors say offering_id and position_id", p)
				}
			}
			return true
		})
	})
	require.Greater(t, tags, 800)
	require.Greater(t, fields, 200)
	for _, column := range []string{"opportunity_id", "investment_id", "from_investment_id", "to_investment_id"} {
		require.NotRegexp(t, columnWords, store.WireName(column), "an error of the constraint on %s", column)
	}
}
