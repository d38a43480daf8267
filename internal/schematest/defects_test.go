package schematest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// testdata/defects.tsv lists the known defects of the document, each with the
// tests that show it gone. Every test it names exists, every test of a defect is
// named, and no defect is without.
func TestDefects_haveTests(t *testing.T) {
	t.Parallel()
	tests := make(map[string]bool)
	files, err := filepath.Glob("*_test.go")
	require.NoError(t, err)
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Test") {
				tests[f.Name.Name] = true
			}
		}
	}
	named, ids := make(map[string]bool), make(map[string]bool)
	for _, r := range table(t, "defects.tsv", 4) {
		require.False(t, ids[r[0]], "%s stands twice", r[0])
		ids[r[0]] = true
		require.NotEmpty(t, strings.Fields(r[3]), r[0])
		for name := range strings.FieldsSeq(r[3]) {
			require.True(t, tests[name], "%s: there is no test %s", r[0], name)
			named[name] = true
		}
	}
	for name := range tests {
		if strings.HasPrefix(name, "TestDefect_") {
			require.True(t, named[name], "defects.tsv does not name %s", name)
		}
	}
	require.Len(t, ids, 53)
}
