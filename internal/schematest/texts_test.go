package schematest

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
	"github.com/uptrace/bun"
)

// rowsApart holds the functions of the database and the SQL in the library's Go files to
// rowByRow.
func rowsApart(t *testing.T, tx bun.IDB, plan map[string]place) (out []string) {
	eachFunction(t, tx, func(name, statement string) {
		for _, what := range rowByRow(statement, plan, nil) {
			out = append(out, "R10 "+name+" asks for "+what)
		}
	})
	s := sourcesOf(t)
	for name, file := range s.files {
		for _, text := range s.texts(path.Dir(name), file) {
			for _, what := range rowByRow(text, plan, s.aliases[path.Dir(name)]) {
				out = append(out, "R10 "+name+" asks for "+what)
			}
		}
	}
	return out
}

// sources are the library's Go files, with what their statements are made of.
type sources struct {
	files   map[string]*ast.File
	named   map[string]map[string]ast.Expr      // by folder: constants
	made    map[string]map[string]*ast.FuncDecl // and functions that end by returning one expression
	aliases map[string]map[string]string        // of models, to their tables
}

// model is the tag of one.
var model = regexp.MustCompile("bun:\"table:([a-z_.]+),alias:([a-z_]+)\"")

func sourcesOf(t *testing.T) *sources {
	t.Helper()
	s := &sources{files: map[string]*ast.File{}, named: map[string]map[string]ast.Expr{}, made: map[string]map[string]*ast.FuncDecl{}, aliases: map[string]map[string]string{}}
	eachProgram(t, func(name, text string) {
		file, err := parser.ParseFile(token.NewFileSet(), name, text, 0)
		require.NoError(t, err)
		s.add(name, file)
		for _, m := range model.FindAllStringSubmatch(text, -1) {
			s.aliases[path.Dir(name)][m[2]] = m[1]
		}
	})
	return s
}

func (s *sources) add(name string, file *ast.File) {
	s.files[name] = file
	folder := path.Dir(name)
	if s.named[folder] == nil {
		s.named[folder], s.made[folder], s.aliases[folder] = map[string]ast.Expr{}, map[string]*ast.FuncDecl{}, map[string]string{}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ValueSpec:
			for i := range min(len(n.Names), len(n.Values)) {
				s.named[folder][n.Names[i].Name] = n.Values[i]
			}
		case *ast.FuncDecl:
			if n.Body == nil || len(n.Body.List) == 0 {
				break
			}
			if r, ok := n.Body.List[len(n.Body.List)-1].(*ast.ReturnStmt); ok && len(r.Results) == 1 {
				s.made[folder][n.Name.Name] = n
			}
		}
		return true
	})
}

// text is what an expression says, with a ? for what is not known before it runs. given is
// what the parameters of the function around it stand for.
func (s *sources) text(folder string, n ast.Expr, given map[string]string) (string, bool) {
	switch n := n.(type) {
	case *ast.BasicLit:
		if n.Kind == token.STRING {
			text, err := strconv.Unquote(n.Value)
			return text, err == nil
		}
	case *ast.ParenExpr:
		return s.text(folder, n.X, given)
	case *ast.Ident:
		if text, ok := given[n.Name]; ok {
			return text, true
		}
		if named := s.named[folder][n.Name]; named != nil {
			if is, ok := named.(*ast.Ident); !ok || is.Name != n.Name {
				return s.text(folder, named, map[string]string{n.Name: " ? "})
			}
		}
	case *ast.CallExpr:
		return s.returned(folder, n, given)
	case *ast.BinaryExpr:
		if n.Op == token.ADD {
			left, a := s.text(folder, n.X, given)
			right, b := s.text(folder, n.Y, given)
			return left + right, a || b
		}
	}
	return " ? ", false
}

// returned is what a function of the package returns, with what it is given.
func (s *sources) returned(folder string, call *ast.CallExpr, given map[string]string) (string, bool) {
	f, ok := call.Fun.(*ast.Ident)
	if !ok || s.made[folder][f.Name] == nil || given[f.Name] != "" {
		return " ? ", false
	}
	made, args := s.made[folder][f.Name], map[string]string{f.Name: " ? "} // not itself again
	i := 0
	for _, field := range made.Type.Params.List {
		for _, name := range field.Names {
			if i < len(call.Args) {
				args[name.Name], _ = s.text(folder, call.Args[i], given)
			}
			i++
		}
	}
	return s.text(folder, made.Body.List[len(made.Body.List)-1].(*ast.ReturnStmt).Results[0], args)
}

// texts are the statements of a file and the fragments of such, among them those that a
// chain of calls makes.
func (s *sources) texts(folder string, file *ast.File) (out []string) {
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if text := s.chain(folder, n); strings.Contains(text, "FROM") {
				out = append(out, text)
			}
		case *ast.BinaryExpr:
			text, is := s.text(folder, n, nil)
			if is {
				out = append(out, text)
			}
			return !is
		case *ast.BasicLit:
			if text, is := s.text(folder, n, nil); is {
				out = append(out, text)
			}
		}
		return true
	})
	return out
}

// chain is the statement that calls on the result of one another make, as bun does it.
func (s *sources) chain(folder string, call *ast.CallExpr) string {
	var columns, from, joins, where string
	for {
		f, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			break
		}
		if len(call.Args) > 0 {
			switch text, _ := s.text(folder, call.Args[0], nil); f.Sel.Name {
			case "TableExpr", "ModelTableExpr":
				from = " FROM " + text
			case "ColumnExpr":
				columns = text + ", " + columns
			case "Join":
				joins = " " + text + " " + joins
			case "Where", "WhereOr", "Having", "OrderExpr":
				where += " AND (" + text + ")"
			}
		}
		if call, ok = f.X.(*ast.CallExpr); !ok {
			break
		}
	}
	if from == "" {
		return ""
	}
	return "SELECT " + columns + " 1" + from + joins + " WHERE TRUE" + where
}
