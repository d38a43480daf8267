package arch

import (
	"fmt"
	"go/ast"
	"path"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A field error names the field of the Params that the caller filled in, in
// snake_case: in a function that has Params, no other name is given to a check.
func TestFieldErrors_nameParams(t *testing.T) {
	t.Parallel()
	fields := map[string]map[string]bool{} // of a struct, by package and name
	embeds := map[string][]string{}
	sources(t, func(p string, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			key := path.Dir(p) + "." + spec.Name.Name
			fields[key] = map[string]bool{}
			switch typ := spec.Type.(type) {
			case *ast.StructType:
				for _, f := range typ.Fields.List {
					for _, name := range f.Names {
						fields[key][strings.ToLower(name.Name)] = true
					}
					if len(f.Names) == 0 {
						embeds[key] = append(embeds[key], path.Dir(p)+"."+baseName(f.Type))
						fields[key][strings.ToLower(baseName(f.Type))] = true
					}
				}
			case *ast.Ident:
				embeds[key] = append(embeds[key], path.Dir(p)+"."+typ.Name)
			}
			return true
		})
	})
	var has func(key, name string) bool
	has = func(key, name string) bool {
		if fields[key][name] {
			return true
		}
		for _, e := range embeds[key] {
			if has(e, name) {
				return true
			}
		}
		return false
	}
	var bad []string
	calls := 0
	sources(t, func(p string, file *ast.File) {
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			params := paramsName(f)
			if params == "" {
				continue
			}
			ast.Inspect(f, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				if name := fieldArg(call); name != "" {
					calls++
					first, _, _ := strings.Cut(strings.ReplaceAll(name, "[", "."), ".")
					if !has(path.Dir(p)+"."+params, strings.ReplaceAll(first, "_", "")) {
						bad = append(bad, fmt.Sprintf("%s: %s names %s, which %s has not", p, f.Name.Name, name, params))
					}
				}
				return true
			})
		}
	})
	require.Greater(t, calls, 150)
	require.Empty(t, bad)
}

// paramsName is the Params that a function is called with or is a method of.
func paramsName(f *ast.FuncDecl) string {
	if name := receiver(f); strings.HasSuffix(name, "Params") {
		return name
	}
	for _, p := range f.Type.Params.List {
		if name := baseName(p.Type); strings.HasSuffix(name, "Params") {
			return name
		}
	}
	return ""
}

func baseName(e ast.Expr) string {
	switch x := e.(type) {
	case *ast.Ident:
		return x.Name
	case *ast.StarExpr:
		return baseName(x.X)
	case *ast.SelectorExpr:
		return x.Sel.Name
	}
	return ""
}

// fieldChecks are the methods of check.Fields whose first argument is a field.
var fieldChecks = map[string]bool{"Text": true, "Required": true, "Slug": true, "Given": true, "Some": true, "Texts": true, "Integer": true,
	"Count": true, "Amount": true, "Above": true, "NotNegative": true, "Size": true, "Day": true, "Number": true, "Rate": true, "RateTo": true, "Fraction": true, "JSON": true, "Object": true, "Moment": true, "Address": true,
	"Happened": true, "Within": true, "Check": true, "Add": true}

// fieldArg is the literal name of the field that a call checks, or "".
func fieldArg(call *ast.CallExpr) string {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	at := -1
	if pkg, ok := sel.X.(*ast.Ident); ok && pkg.Name == "check" {
		at = 1
	} else if codeArg(call) != nil && sel.Sel.Name != "Add" {
		at = 1
	} else if fieldChecks[sel.Sel.Name] && sel.Sel.Name != "Check" && (sel.Sel.Name != "Add" || codeArg(call) != nil) {
		at = 0
	}
	if at < 0 || len(call.Args) <= at {
		return ""
	}
	lit, ok := call.Args[at].(*ast.BasicLit)
	if !ok {
		return ""
	}
	name, err := strconv.Unquote(lit.Value)
	if err != nil {
		return ""
	}
	return name
}
