package sweeptest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/freehold-go/freehold"

// constants reads the values of the string constants of the library's types out of its
// source, by the type's package and name.
func constants(t testing.TB) map[string][]string {
	t.Helper()
	out, root := map[string][]string{}, filepath.Join("..", "..")
	require.NoError(t, filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || d.Name() == "examples"):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go"):
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		dir, err := filepath.Rel(root, filepath.Dir(file))
		if err != nil {
			return err
		}
		for _, decl := range f.Decls {
			if g, ok := decl.(*ast.GenDecl); ok && g.Tok == token.CONST {
				constantsOf(g, path.Join(module, filepath.ToSlash(dir)), out)
			}
		}
		return nil
	}))
	return out
}

func constantsOf(g *ast.GenDecl, pkg string, out map[string][]string) {
	for _, spec := range g.Specs {
		s, ok := spec.(*ast.ValueSpec)
		if !ok {
			continue
		}
		typ, ok := s.Type.(*ast.Ident)
		if !ok {
			continue
		}
		for _, v := range s.Values {
			if lit, ok := v.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if text, err := strconv.Unquote(lit.Value); err == nil {
					out[pkg+"."+typ.Name] = append(out[pkg+"."+typ.Name], text)
				}
			}
		}
	}
}
