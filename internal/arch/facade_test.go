package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// domainSQL is SQL that names a table of a domain.
var domainSQL = regexp.MustCompile(`(?i)\b(from|join|into|update|only|table)\s+(` + strings.Join(domainSchemas(), "|") + `)\.[a-z_]+`)

// domainSchemas are those whose tables belong to a domain, and not to the library's
// own plumbing.
func domainSchemas() (out []string) {
	for _, s := range schemas() {
		if s != "freehold" {
			out = append(out, s)
		}
	}
	return out
}

// The facade joins services. What it wants to know of a domain it asks the domain: it
// has no SQL over a domain's tables and builds no query of its own.
func TestFacade_noSQL(t *testing.T) {
	t.Parallel()
	require.True(t, domainSQL.MatchString("SELECT EXISTS (SELECT FROM investments.subscriptions)"))
	files := 0
	walk(t, func(p string, src []byte) {
		if path.Dir(p) != "realestate" || strings.HasSuffix(p, "_test.go") {
			return
		}
		files++
		file, err := parser.ParseFile(token.NewFileSet(), p, src, parser.SkipObjectResolution)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BasicLit:
				if n.Kind == token.STRING {
					text, err := strconv.Unquote(n.Value)
					require.NoError(t, err)
					require.NotRegexp(t, domainSQL, text, "%s: the domain answers this", p)
				}
			case *ast.SelectorExpr:
				require.NotContains(t, []string{"NewSelect", "NewInsert", "NewUpdate", "NewDelete", "NewMerge"}, n.Sel.Name, "%s: the domain answers this", p)
			}
			return true
		})
	})
	require.Greater(t, files, 15)
}
