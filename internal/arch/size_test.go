package arch

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The hard caps; the aims, 350 and 60, are for the eye.
const (
	maxFileLines = 500
	maxFuncLines = 100
)

// walk calls see with every Go file of the module, its path relative to the
// module's root.
func walk(t *testing.T, see func(path string, src []byte)) {
	t.Helper()
	root := filepath.Join("..", "..")
	require.NoError(t, filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == ".git" || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if filepath.Ext(p) != ".go" {
			return nil
		}
		src, err := os.ReadFile(p)
		rel, _ := filepath.Rel(root, p)
		see(filepath.ToSlash(rel), src)
		return err
	}))
}

func TestSizes(t *testing.T) {
	t.Parallel()
	walk(t, func(p string, src []byte) {
		if strings.HasSuffix(p, "_test.go") {
			return
		}
		lines := strings.Count(string(src), "\n")
		require.LessOrEqual(t, lines, maxFileLines, "%s: could a noun move out?", p)
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, p, src, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				n := set.Position(f.End()).Line - set.Position(f.Pos()).Line + 1
				require.LessOrEqual(t, n, maxFuncLines, "%s: func %s", p, f.Name.Name)
			}
		}
	})
}

// The library starts nothing by itself, reads no clock of its own, opens no
// transaction past the store, and neither prints nor panics.
func TestSource_forbidden(t *testing.T) {
	t.Parallel()
	programs := func(p string) bool {
		return strings.HasPrefix(p, "examples/") || strings.HasPrefix(p, "migrations/migrate/") || strings.HasPrefix(p, "internal/") && !strings.HasPrefix(p, "internal/store/") ||
			strings.HasPrefix(p, "realestate/realestatetest/")
	}
	walk(t, func(p string, src []byte) {
		if strings.HasSuffix(p, "_test.go") || programs(p) {
			return
		}
		if p != "migrations/migrator.go" { // before there is a row to lock
			require.False(t, bytes.Contains(src, []byte("pg_advisory")), "%s locks a name, which is another one on each node: lock a row", p)
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, p, src, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			require.False(t, f.Recv == nil && f.Name.Name == "init", "%s has an init", p)
			mayPanic := strings.HasPrefix(f.Name.Name, "Must")
			ast.Inspect(f, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.GoStmt:
					require.True(t, strings.HasPrefix(f.Name.Name, "Start"), "%s: %s starts a goroutine", p, f.Name.Name)
				case *ast.CallExpr:
					name := called(n)
					require.False(t, name == "panic" && !mayPanic, "%s: %s panics", p, f.Name.Name)
					require.NotContains(t, []string{"time.Now", "context.Background", "context.TODO", "fmt.Print", "fmt.Println", "fmt.Printf", "log.Print", "log.Printf", "log.Println", "log.Fatal", "os.Exit"}, name, "%s: %s", p, f.Name.Name)
					if !strings.HasPrefix(p, "internal/store/") && p != "migrations/migrator.go" { // each migration has a transaction of its own
						require.False(t, strings.HasSuffix(name, ".RunInTx") || strings.HasSuffix(name, ".BeginTx"), "%s: %s opens a transaction past the store", p, f.Name.Name)
						require.False(t, strings.HasSuffix(name, ".QueryContext") || strings.HasSuffix(name, ".QueryRowContext"), "%s: %s reads rows past store.Query, by which their errors are faults", p, f.Name.Name)
						require.False(t, !strings.HasPrefix(p, "migrations/") && past(n), "%s: %s runs a query of bun's past store.Read and store.Write, with its values in the text", p, f.Name.Name)
					}
				}
				return true
			})
		}
	})
}

// past reports whether a call runs a query of bun's that the same expression builds. Migrations,
// which know of no store, may.
func past(c *ast.CallExpr) bool {
	f, ok := c.Fun.(*ast.SelectorExpr)
	if !ok || !slices.Contains([]string{"Scan", "Exec", "Count", "Exists", "ScanAndCount"}, f.Sel.Name) {
		return false
	}
	for {
		of, ok := f.X.(*ast.CallExpr)
		if !ok {
			return false
		}
		if f, ok = of.Fun.(*ast.SelectorExpr); !ok {
			return false
		}
		if strings.HasPrefix(f.Sel.Name, "New") && f.Sel.Name != "NewQuery" {
			return true
		}
	}
}

func called(c *ast.CallExpr) string {
	switch f := c.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		if x, ok := f.X.(*ast.Ident); ok {
			return x.Name + "." + f.Sel.Name
		}
		return "." + f.Sel.Name
	}
	return ""
}
