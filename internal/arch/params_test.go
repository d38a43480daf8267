package arch

import (
	"go/ast"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate"
)

// positional are verbs of two scalars side by side. The list may only shrink.
var positional = map[string]bool{}

// writers are calls that a verb makes which writes.
var writers = map[string]bool{"store.InTx": true, "store.RunOnce": true, "store.CreateOnce": true}

// A verb that changes something takes its parameters in one struct, unless an id is all
// that it needs: two values side by side are mixed up. A read takes what it is of, a day, a
// filter and a page side by side, but no two values of one type. What is stored is never
// an input: a caller would have to guess which of a model's fields count.
func TestVerbs_params(t *testing.T) {
	t.Parallel()
	writes := verbsThat(t, writers)
	all := services(t)
	all["Platform"] = reflect.TypeFor[*realestate.Platform]()
	db, seen, exceptions := reflect.TypeFor[bun.IDB](), 0, map[string]bool{}
	var bad []string
	for name, service := range all {
		for i := range service.NumMethod() {
			m := service.Method(i)
			verb, in, usesDB := name+"."+m.Name, []reflect.Type{}, false
			for k := 1; k < m.Type.NumIn(); k++ {
				switch p := m.Type.In(k); {
				case p == db || p == reflect.TypeFor[*bun.DB]():
					usesDB = true
				case usesDB:
					in = append(in, p)
				}
			}
			if !usesDB {
				continue
			}
			seen++
			types := map[reflect.Type]bool{}
			twice := false
			for _, p := range in {
				if isModel(p) {
					bad = append(bad, verb+" takes the model "+p.String())
				}
				twice = twice || types[p]
				types[p] = true
			}
			changes := writes[service.Elem().PkgPath()+"."+service.Elem().Name()+"."+m.Name]
			if !(changes && len(in) > 1 || twice) {
				continue
			}
			if positional[verb] {
				exceptions[verb] = true
				continue
			}
			bad = append(bad, verb+" takes its parameters side by side")
		}
	}
	require.Empty(t, bad, strings.Join(bad, "\n"))
	require.Equal(t, positional, exceptions, "an exception that is none any more")
	require.Greater(t, seen, 200)
}

// verbsThat are the exported methods, by package, type and name, that call one of calls
// themselves.
func verbsThat(t *testing.T, calls map[string]bool) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	sources(t, func(p string, file *ast.File) {
		pkg := module
		if i := strings.LastIndexByte(p, '/'); i > 0 {
			pkg += "/" + p[:i]
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv == nil || !f.Name.IsExported() {
				continue
			}
			ast.Inspect(f, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok && calls[called(call)] {
					out[pkg+"."+receiver(f)+"."+f.Name.Name] = true
				}
				return true
			})
		}
	})
	return out
}

// isModel reports a row of a table, or a pointer or a list of them.
func isModel(p reflect.Type) bool {
	for p.Kind() == reflect.Pointer || p.Kind() == reflect.Slice {
		p = p.Elem()
	}
	if p.Kind() != reflect.Struct {
		return false
	}
	f, ok := p.FieldByName("BaseModel")
	return ok && f.Anonymous && f.Type == reflect.TypeFor[bun.BaseModel]()
}
