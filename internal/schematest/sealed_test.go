package schematest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// sealedColumns is the columns that the sources seal: each reseal.Column and
// vault.Place that is written out, by schema, table and column.
func sealedColumns(t *testing.T) map[string]string {
	t.Helper()
	files, texts := token.NewFileSet(), map[string]map[string]string{} // constants by folder
	parsed := map[string]*ast.File{}
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		parsed[path] = f
		return err
	})
	require.NoError(t, err)
	for path, f := range parsed {
		of := filepath.Dir(path)
		if texts[of] == nil {
			texts[of] = map[string]string{}
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if v, ok := n.(*ast.ValueSpec); ok && len(v.Names) == len(v.Values) {
				for i, name := range v.Names {
					if l, ok := v.Values[i].(*ast.BasicLit); ok && l.Kind == token.STRING {
						texts[of][name.Name], _ = strconv.Unquote(l.Value)
					}
				}
			}
			return true
		})
	}
	out := map[string]string{}
	for path, f := range parsed {
		ast.Inspect(f, func(n ast.Node) bool {
			l, ok := n.(*ast.CompositeLit)
			if !ok {
				return true
			}
			of, ok := l.Type.(*ast.SelectorExpr)
			if !ok || of.Sel.Name != "Column" && of.Sel.Name != "Place" {
				return true
			}
			if in, ok := of.X.(*ast.Ident); !ok || in.Name != "reseal" && in.Name != "vault" || strings.Contains(path, "internal/reseal") {
				return true
			}
			said := map[string]string{}
			for _, e := range l.Elts {
				field, ok := e.(*ast.KeyValueExpr)
				require.True(t, ok, files.Position(l.Pos()))
				switch v := field.Value.(type) {
				case *ast.BasicLit:
					said[field.Key.(*ast.Ident).Name], _ = strconv.Unquote(v.Value)
				case *ast.Ident:
					said[field.Key.(*ast.Ident).Name] = texts[filepath.Dir(path)][v.Name]
				}
			}
			column := said["Name"] + said["Column"]
			require.True(t, said["Table"] != "" && column != "", "%s: a test must be able to read which column is sealed", files.Position(l.Pos()))
			out[said["Table"]+"."+column] = files.Position(l.Pos()).String()
			return true
		})
	}
	return out
}

// Whatever the library seals, its column takes nothing that is not sealed.
func TestSealedColumns(t *testing.T) {
	t.Parallel()
	c, sealed := loadCatalog(t), sealedColumns(t)
	require.GreaterOrEqual(t, len(sealed), 8)
	for name, at := range sealed {
		guarded := false
		for _, k := range c.constraints {
			on := k.schema + "." + k.table + "."
			guarded = guarded || k.kind == "c" && len(k.columns) == 1 && on+k.columns[0] == name &&
				strings.Contains(k.def, `~ '^fv1\.[A-Za-z0-9_-]{1,32}\.[A-Za-z0-9_-]+$'`)
		}
		require.True(t, guarded, "%s, sealed at %s, has no CHECK of the sealed form", name, at)
	}
}
