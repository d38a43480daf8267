package arch

import (
	"encoding/json"
	"go/ast"
	"go/constant"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// code is a package of the module, type-checked from its source, with what each of its
// functions uses.
type code struct {
	pkg   *types.Package
	info  *types.Info
	files []*ast.File
	body  map[types.Object]*ast.FuncDecl
	uses  map[types.Object][]types.Object
}

// load type-checks a package of the module, by its folder.
func load(t *testing.T, dir string) *code {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-export", "-json=ImportPath,Export", "./"+dir)
	cmd.Dir = filepath.Join("..", "..")
	out, err := cmd.Output()
	require.NoError(t, err)
	exports := map[string]string{}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct{ ImportPath, Export string }
		err := d.Decode(&p)
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		exports[p.ImportPath] = p.Export
	}
	fset := token.NewFileSet()
	names, err := filepath.Glob(filepath.Join("..", "..", filepath.FromSlash(dir), "*.go"))
	require.NoError(t, err)
	c := &code{body: map[types.Object]*ast.FuncDecl{}, uses: map[types.Object][]types.Object{},
		info: &types.Info{Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
			Types: map[ast.Expr]types.TypeAndValue{}, Instances: map[*ast.Ident]types.Instance{}}}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		c.files = append(c.files, f)
	}
	read := func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) }
	cfg := types.Config{Importer: importer.ForCompiler(fset, "gc", read)}
	c.pkg, err = cfg.Check(dir, fset, c.files, c.info)
	require.NoError(t, err)
	for _, f := range c.files {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil {
				obj := c.info.Defs[fn.Name]
				c.body[obj] = fn
				c.uses[obj] = c.used(fn.Body)
			}
		}
	}
	return c
}

// used is what of the package a piece of code uses, by whatever instance.
func (c *code) used(n ast.Node) (out []types.Object) {
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if o := c.info.Uses[id]; o != nil && o.Pkg() == c.pkg {
				if f, ok := o.(*types.Func); ok {
					o = f.Origin()
				}
				out = append(out, o)
			}
		}
		return true
	})
	return out
}

// reachable are the functions that exported functions and methods of exported types
// lead to, but for those that leave says.
func (c *code) reachable(leave func(*types.Func) bool) map[types.Object]bool {
	seen := map[types.Object]bool{}
	var visit func(types.Object)
	visit = func(o types.Object) {
		if f, ok := o.(*types.Func); !ok || seen[o] || leave(f) {
			return
		}
		seen[o] = true
		for _, u := range c.uses[o] {
			visit(u)
		}
	}
	for o := range c.body {
		if o.Exported() && exportedReceiver(o.(*types.Func)) {
			visit(o)
		}
	}
	return seen
}

func exportedReceiver(f *types.Func) bool {
	recv := f.Signature().Recv()
	if recv == nil {
		return true
	}
	n := namedOf(recv.Type())
	return n != nil && n.Obj().Exported()
}

// namedOf is the named type that a type is, or points to.
func namedOf(t types.Type) *types.Named {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	n, _ := types.Unalias(t).(*types.Named)
	return n
}

// model is a table of the package.
type model struct {
	table  string
	fields map[string]string       // column by field
	types  map[string]*types.Named // of a column, where it is a type of the package
}

var tableTag = regexp.MustCompile(`table:([a-z_.]+)`)

// models are the structs that are tables, by name.
func (c *code) models() map[string]*model {
	out := map[string]*model{}
	for _, name := range c.pkg.Scope().Names() {
		tn, ok := c.pkg.Scope().Lookup(name).(*types.TypeName)
		if !ok || tn.IsAlias() { // another package's
			continue
		}
		st, ok := tn.Type().Underlying().(*types.Struct)
		if !ok || st.NumFields() == 0 || !st.Field(0).Embedded() {
			continue
		}
		m := tableTag.FindStringSubmatch(reflect.StructTag(st.Tag(0)).Get("bun"))
		if m == nil {
			continue
		}
		mod := &model{table: m[1], fields: map[string]string{}, types: map[string]*types.Named{}}
		for i := 1; i < st.NumFields(); i++ {
			col, _, _ := strings.Cut(reflect.StructTag(st.Tag(i)).Get("bun"), ",")
			mod.fields[st.Field(i).Name()] = col
			if n := namedOf(st.Field(i).Type()); n != nil && n.Obj().Pkg() == c.pkg {
				mod.types[col] = n
			}
		}
		out[name] = mod
	}
	return out
}

var (
	insertSQL = regexp.MustCompile(`(?s)INSERT INTO ([a-z_]+\.[a-z_]+)(?: AS \w+)? \(([^)]*)\)`)
	updateSQL = regexp.MustCompile(`(?s)(?:UPDATE ([a-z_]+\.[a-z_]+)|DO UPDATE) SET (.*?)(?:WHERE|RETURNING|$)`)
	setColumn = regexp.MustCompile(`(?:^|,)\s*([a-z_]+) = `)
)

// sqlWrites adds the columns that the text of a statement writes.
func sqlWrites(text string, add func(table, column string)) {
	inserted := ""
	for _, m := range insertSQL.FindAllStringSubmatch(text, -1) {
		inserted = m[1]
		for _, col := range strings.Split(m[2], ",") {
			add(m[1], strings.TrimSpace(col))
		}
	}
	for _, m := range updateSQL.FindAllStringSubmatch(text, -1) {
		table := m[1]
		if table == "" {
			table = inserted
		}
		for _, s := range setColumn.FindAllStringSubmatch(m[2], -1) {
			add(table, s[1])
		}
	}
}

// writes are what reachable functions write: columns by table.column, and the values of
// closed lists by type.value, whether as constants or in the text of a statement.
func (c *code) writes(reached map[types.Object]bool) (columns, values map[string]bool) {
	columns, values = map[string]bool{}, map[string]bool{}
	models := c.models()
	modelOf := func(t types.Type) *model {
		if n := namedOf(t); n != nil && n.Obj().Pkg() == c.pkg {
			return models[n.Obj().Name()]
		}
		return nil
	}
	add := func(table, column string) { columns[table+"."+column] = true }
	for fn := range reached {
		decl := c.body[fn]
		if decl == nil {
			continue
		}
		inserts := map[*model]bool{}
		var assigned []func()
		var stack []ast.Node
		ast.Inspect(decl.Body, func(n ast.Node) bool {
			if n == nil {
				stack = stack[:len(stack)-1]
				return true
			}
			stack = append(stack, n)
			switch x := n.(type) {
			case *ast.BasicLit, *ast.BinaryExpr:
				v := c.info.Types[n.(ast.Expr)].Value
				if v == nil || v.Kind() != constant.String {
					return true
				}
				text := constant.StringVal(v)
				sqlWrites(text, add)
				for _, m := range models {
					if strings.Contains(text, m.table) {
						for _, typ := range m.types {
							for _, q := range quoted.FindAllStringSubmatch(text, -1) {
								values[typ.Obj().Name()+"."+q[1]] = true
							}
						}
					}
				}
			case *ast.CompositeLit:
				if m := modelOf(c.info.TypeOf(x)); m != nil {
					for _, e := range x.Elts {
						if kv, ok := e.(*ast.KeyValueExpr); ok {
							add(m.table, m.fields[kv.Key.(*ast.Ident).Name])
						}
					}
				}
			case *ast.AssignStmt:
				for _, l := range x.Lhs {
					if sel, ok := l.(*ast.SelectorExpr); ok {
						if m := modelOf(c.info.TypeOf(sel.X)); m != nil {
							assigned = append(assigned, func() {
								if inserts[m] || strings.HasPrefix(fn.Name(), "from") {
									add(m.table, m.fields[sel.Sel.Name])
								}
							})
						}
					}
				}
			case *ast.CallExpr:
				sel, ok := x.Fun.(*ast.SelectorExpr)
				if !ok || len(x.Args) < 3 {
					return true
				}
				switch sel.Sel.Name {
				case "Insert", "InsertParams":
					inserts[modelOf(c.info.TypeOf(x.Args[2]))] = true
				case "Update", "Save":
					m := modelOf(c.info.TypeOf(x.Args[2]))
					for _, a := range x.Args[3:] { // of Save, the first is no constant
						if v := c.info.Types[a].Value; m != nil && v != nil {
							add(m.table, constant.StringVal(v))
						}
					}
				}
			case *ast.Ident:
				k, ok := c.info.Uses[x].(*types.Const)
				if ok && k.Pkg() == c.pkg && k.Val().Kind() == constant.String && !compared(stack) {
					if n := namedOf(k.Type()); n != nil {
						values[n.Obj().Name()+"."+constant.StringVal(k.Val())] = true
					}
				}
			}
			return true
		})
		for _, f := range assigned {
			f()
		}
	}
	return columns, values
}

var quoted = regexp.MustCompile(`'([a-z_]+)'`)

// compared reports whether the last node of a stack only stands in a comparison.
func compared(stack []ast.Node) bool {
	for i := len(stack) - 2; i >= 0; i-- {
		switch p := stack[i].(type) {
		case *ast.BinaryExpr:
			return p.Op == token.EQL || p.Op == token.NEQ
		case *ast.CaseClause:
			return ast.Node(p) == stack[i] && inList(p.List, stack[i+1])
		case *ast.CallExpr, *ast.CompositeLit, ast.Stmt:
			return false
		}
	}
	return false
}

func inList(list []ast.Expr, n ast.Node) bool {
	for _, e := range list {
		if ast.Node(e) == n {
			return true
		}
	}
	return false
}

// The columns of schema auth that no exported function of the package writes, and who
// does.
var writtenElsewhere = map[string]string{
	"auth.users.erased_at": "freehold.erase_person, for Platform.Erase",
}

// The values that only the caller knows, by the field that takes them.
var valuesGiven = map[string]string{"DeviceType": "Client.DeviceType"}

// Every column and every status of schema auth has a writer that an exported verb leads
// to.
func TestAuth_everythingIsWritten(t *testing.T) {
	t.Parallel()
	c := load(t, "realestate/auth")
	columns, values := c.writes(c.reachable(func(f *types.Func) bool { return f.Name() == "Valid" }))
	missing := func(columns, values map[string]bool) (out []string) {
		for name, m := range c.models() {
			for _, col := range m.fields {
				key := m.table + "." + col
				if col == "updated_at" || col == "created_at" { // the database keeps them
					continue
				}
				if !columns[key] && writtenElsewhere[key] == "" {
					out = append(out, key)
				}
			}
			require.NotEmpty(t, m.fields, name)
			for _, typ := range m.types {
				if from := valuesGiven[typ.Obj().Name()]; from != "" {
					require.True(t, c.takes(from, typ), "%s takes no %s", from, typ)
					continue
				}
				if method, _, _ := types.LookupFieldOrMethod(typ, false, c.pkg, "Valid"); method == nil {
					continue // an open list
				}
				for _, name := range c.pkg.Scope().Names() {
					k, ok := c.pkg.Scope().Lookup(name).(*types.Const)
					if ok && types.Identical(k.Type(), typ) && !values[typ.Obj().Name()+"."+constant.StringVal(k.Val())] {
						out = append(out, k.Name())
					}
				}
			}
		}
		return out
	}
	require.Empty(t, missing(columns, values))
	require.Greater(t, len(columns), 100)
	// What nothing leads to is found.
	columns, values = c.writes(c.reachable(func(f *types.Func) bool {
		return f.Name() == "SetErasureHold" || f.Name() == "Suspend" || f.Name() == "SetEmailFactor"
	}))
	require.ElementsMatch(t, []string{"auth.users.erasure_hold", "StatusSuspended", "RevokedSuspended", "MFAEmail"},
		missing(columns, values))
}

// takes reports whether Type.Field is of a type.
func (c *code) takes(field string, typ *types.Named) bool {
	name, f, _ := strings.Cut(field, ".")
	o, _, _ := types.LookupFieldOrMethod(c.pkg.Scope().Lookup(name).Type(), true, c.pkg, f)
	return o != nil && types.Identical(o.Type(), typ)
}

// What of schema documents is written by a statement that names its columns as it runs.
var documentsElsewhere = map[string]string{
	"documents.documents.deleted_at":  "DeleteDocument and RestoreDocument, over all versions",
	"documents.documents.hold_reason": "HoldDocument and ReleaseDocument, over all versions",
}

// The values that only the caller of schema documents knows, by the field that takes
// them.
var documentsGiven = map[string]string{"Type": "AddDocumentParams.Type", "Category": "AddDocumentParams.Category", "Visibility": "AddDocumentParams.Visibility",
	"SignatureType": "SignParams.Type", "VerificationMethod": "Verification.Method", "Access": "OpenDocumentParams.Access"}

// Every column and every status of schema documents has a writer that an exported verb
// leads to.
func TestDocuments_everythingIsWritten(t *testing.T) {
	t.Parallel()
	c := load(t, "documents")
	missing := func(leave ...string) (out []string) {
		columns, values := c.writes(c.reachable(func(f *types.Func) bool { return f.Name() == "Valid" || slices.Contains(leave, f.Name()) }))
		for _, m := range c.models() {
			for _, col := range m.fields {
				key := m.table + "." + col
				if col != "updated_at" && col != "created_at" && !columns[key] && documentsElsewhere[key] == "" {
					out = append(out, key)
				}
			}
			for _, typ := range m.types {
				if from := documentsGiven[typ.Obj().Name()]; from != "" {
					name, field, _ := strings.Cut(from, ".")
					o, _, _ := types.LookupFieldOrMethod(c.pkg.Scope().Lookup(name).Type(), true, c.pkg, field)
					require.Equal(t, typ, namedOf(o.Type()), from)
					continue
				}
				for _, name := range c.pkg.Scope().Names() {
					k, ok := c.pkg.Scope().Lookup(name).(*types.Const)
					if ok && types.Identical(k.Type(), typ) && !values[typ.Obj().Name()+"."+constant.StringVal(k.Val())] {
						out = append(out, k.Name())
					}
				}
			}
		}
		slices.Sort(out)
		return slices.Compact(out)
	}
	require.Empty(t, missing())
	require.Contains(t, missing("DeclineSignature"), "SignatureDeclined", "what nothing leads to is found")
}

// What of schema media is written by a statement that names its columns as it runs, or by a
// row that another function has made.
var mediaElsewhere = map[string]string{
	"media.property_photos.is_primary": "MakePrimary, with the status",
}

// The values that only the caller of schema media knows, by the field that takes them.
var mediaGiven = map[string]string{"PhotoType": "AddPhotoParams.Type", "PhotoCategory": "AddPhotoParams.Category", "VideoType": "AddVideoParams.Type",
	"TourType": "AddTourParams.Type", "SealedKey": "AddTourParams.MatterportSDKKey"}

// Every column and every status of schema media has a writer that an exported verb leads
// to.
func TestMedia_everythingIsWritten(t *testing.T) {
	t.Parallel()
	c := load(t, "properties/media")
	missing := func(leave ...string) (out []string) {
		columns, values := c.writes(c.reachable(func(f *types.Func) bool { return f.Name() == "Valid" || slices.Contains(leave, f.Name()) }))
		for _, m := range c.models() {
			for _, col := range m.fields {
				key := m.table + "." + col
				if col != "updated_at" && col != "created_at" && !columns[key] && mediaElsewhere[key] == "" {
					out = append(out, key)
				}
			}
			for _, typ := range m.types {
				if from := mediaGiven[typ.Obj().Name()]; from != "" {
					name, field, _ := strings.Cut(from, ".")
					o, _, _ := types.LookupFieldOrMethod(c.pkg.Scope().Lookup(name).Type(), true, c.pkg, field)
					require.Equal(t, typ, namedOf(o.Type()), from)
					continue
				}
				for _, name := range c.pkg.Scope().Names() {
					k, ok := c.pkg.Scope().Lookup(name).(*types.Const)
					if ok && types.Identical(k.Type(), typ) && !values[typ.Obj().Name()+"."+constant.StringVal(k.Val())] {
						out = append(out, k.Name())
					}
				}
			}
		}
		slices.Sort(out)
		return slices.Compact(out)
	}
	require.Empty(t, missing())
	require.Contains(t, missing("ArchiveVideo"), "VideoStatusArchived", "what nothing leads to is found")
}
