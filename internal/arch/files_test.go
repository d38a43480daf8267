package arch

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// general are the files of a package that are about no noun.
var general = []string{"doc", "service", "errors", "invariants", "personaldata", "core"}

// elsewhere are verbs whose name says their noun in another word, and the noun.
var elsewhere = map[string]string{
	"SignOut":   "session", // as everybody calls the end of one
	"Tenancies": "lease",   // what leases are to a unit
}

// source is the files of a domain package by name, tests aside.
type source map[string]*ast.File

// domains reads the packages that have services.
func domains(t *testing.T) map[string]source {
	t.Helper()
	out := map[string]source{}
	walk(t, func(p string, src []byte) {
		dir := path.Dir(p)
		if _, owns := schemaOf[dir]; !owns || dir == "internal/store" || strings.HasSuffix(p, "_test.go") {
			return
		}
		file, err := parser.ParseFile(token.NewFileSet(), p, src, parser.SkipObjectResolution)
		require.NoError(t, err)
		if out[dir] == nil {
			out[dir] = source{}
		}
		out[dir][strings.TrimSuffix(path.Base(p), ".go")] = file
	})
	require.Len(t, out, len(schemaOf)-1)
	return out
}

// noun is the first word of a file's name.
func noun(file string) string {
	first, _, _ := strings.Cut(file, "_")
	return first
}

// declared lists the exported types of a file.
func declared(f *ast.File) (out []string) {
	for _, d := range f.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.TYPE {
			for _, s := range g.Specs {
				if name := s.(*ast.TypeSpec).Name; name.IsExported() {
					out = append(out, name.Name)
				}
			}
		}
	}
	return out
}

// verbs lists the exported methods of a file that take a database.
func verbs(f *ast.File) (out []*ast.FuncDecl) {
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Recv == nil || !fn.Name.IsExported() {
			continue
		}
		for _, p := range fn.Type.Params.List {
			if sel, ok := p.Type.(*ast.SelectorExpr); ok && sel.Sel.Name == "IDB" {
				out = append(out, fn)
			}
		}
	}
	return out
}

// mentions lists the identifiers of a verb's signature.
func mentions(fn *ast.FuncDecl) (out []string) {
	ast.Inspect(fn.Type, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			out = append(out, id.Name)
		}
		return true
	})
	return out
}

// A file carries its noun first, and the noun has a file of its own name. A verb
// stands with its noun: it says it in its name, or takes or returns a type that the
// noun's files declare.
func TestFiles_nounFirst(t *testing.T) {
	t.Parallel()
	var wrong []string
	for dir, files := range domains(t) {
		types := map[string][]string{}
		for name, f := range files {
			types[noun(name)] = append(types[noun(name)], declared(f)...)
		}
		for name, f := range files {
			n := noun(name)
			if slices.Contains(general, name) {
				continue
			}
			if files[n] == nil {
				wrong = append(wrong, fmt.Sprintf("%s/%s.go: no file %s.go", dir, name, n))
			}
			for _, fn := range verbs(f) {
				said := strings.Contains(strings.ToLower(fn.Name.Name), n) || elsewhere[fn.Name.Name] == n
				if !said && !slices.ContainsFunc(mentions(fn), func(id string) bool { return slices.Contains(types[n], id) }) {
					wrong = append(wrong, fmt.Sprintf("%s/%s.go: %s is not about %s", dir, name, fn.Name.Name, n))
				}
			}
		}
	}
	slices.Sort(wrong)
	require.Empty(t, wrong, strings.Join(wrong, "\n"))
}

// An error stands with its noun: errors.go has the names of the database's constraints
// and nothing else.
func TestFiles_errorsOfConstraints(t *testing.T) {
	t.Parallel()
	var wrong []string
	for dir, files := range domains(t) {
		f, ok := files["errors"]
		if !ok {
			continue
		}
		for _, d := range f.Decls {
			var names []string
			switch d := d.(type) {
			case *ast.FuncDecl:
				names = []string{d.Name.Name}
			case *ast.GenDecl:
				for _, s := range d.Specs {
					if v, ok := s.(*ast.ValueSpec); ok {
						for _, n := range v.Names {
							names = append(names, n.Name)
						}
					}
				}
			}
			for _, n := range names {
				if n != "constraints" && n != "Constraints" {
					wrong = append(wrong, fmt.Sprintf("%s/errors.go: %s", dir, n))
				}
			}
		}
	}
	slices.Sort(wrong)
	require.Empty(t, wrong, strings.Join(wrong, "\n"))
}
