package arch

import (
	"fmt"
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

// generalCodes reads the list of codes that any field may have, by the names of
// their constants: package fault declares it, and internal/check says it shorter.
func generalCodes(t *testing.T) map[string]string {
	t.Helper()
	codes := map[string]string{}
	file, err := parser.ParseFile(token.NewFileSet(), "../../realestate/fault/codes.go", nil, parser.SkipObjectResolution)
	require.NoError(t, err)
	eachConst(file, func(name string, value ast.Expr) {
		code, err := strconv.Unquote(value.(*ast.BasicLit).Value)
		require.NoError(t, err)
		codes["fault."+name] = code
	})
	file, err = parser.ParseFile(token.NewFileSet(), "../check/check.go", nil, parser.SkipObjectResolution)
	require.NoError(t, err)
	eachConst(file, func(name string, value ast.Expr) {
		if of, ok := value.(*ast.SelectorExpr); ok {
			codes["check."+name] = codes["fault."+of.Sel.Name]
			require.NotEmpty(t, codes["check."+name], name)
		}
	})
	require.Greater(t, len(codes), 40)
	return codes
}

func eachConst(file *ast.File, see func(name string, value ast.Expr)) {
	for _, d := range file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		for _, s := range g.Specs {
			spec := s.(*ast.ValueSpec)
			for i, n := range spec.Names {
				if i < len(spec.Values) {
					see(n.Name, spec.Values[i])
				}
			}
		}
	}
}

// sources calls see with every file that is not a test's.
func sources(t *testing.T, see func(p string, file *ast.File)) {
	t.Helper()
	walk(t, func(p string, src []byte) {
		if strings.HasSuffix(p, "_test.go") || strings.HasPrefix(p, "examples/") {
			return
		}
		file, err := parser.ParseFile(token.NewFileSet(), p, src, parser.SkipObjectResolution)
		require.NoError(t, err)
		see(p, file)
	})
}

// passed are helpers whose parameter is the code that their caller gives.
var passed = map[string]bool{"internal/check": true, "realestate/fault": true, "investments/waterfall.tierCheck.check": true}

// A field error's code is one of the list, or that of an error variable, or one
// that only this package has and lists in its codes.go. Nobody writes a code out
// where it is used: two spellings of one condition would not be seen.
func TestCodes_declaredOnce(t *testing.T) {
	t.Parallel()
	general := generalCodes(t)
	owner := map[string]string{} // of each code that is not general
	own := map[string]bool{}     // the constants of codes.go, by package and name
	var bad []string             // all at once
	report := func(ok bool, format string, args ...any) {
		if !ok {
			bad = append(bad, fmt.Sprintf(format, args...))
		}
	}
	claim := func(code, who string) {
		report(owner[code] == "", "%s declares %q, and so does %s", who, code, owner[code])
		owner[code] = who
		for name, g := range general {
			report(g != code, "%s is %s", who, name)
		}
	}
	sources(t, func(p string, file *ast.File) {
		pkg := path.Dir(p)
		if path.Base(p) == "codes.go" && pkg != "realestate/fault" {
			eachConst(file, func(name string, value ast.Expr) {
				code, err := strconv.Unquote(value.(*ast.BasicLit).Value)
				require.NoError(t, err)
				own[pkg+"."+name] = true
				claim(code, pkg+"."+name)
			})
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || called(call) != "fault.New" && (pkg != "realestate/fault" || called(call) != "New") || len(call.Args) != 3 {
				return true
			}
			switch code := call.Args[1].(type) {
			case *ast.BasicLit:
				text, err := strconv.Unquote(code.Value)
				require.NoError(t, err)
				claim(text, pkg+" "+text)
			case *ast.SelectorExpr:
				report(general[selector(code)] != "", "%s: %s is no code of the list", p, selector(code))
			default:
				report(false, "%s: a code is a literal, or one of the list, and no %T", p, code)
			}
			return true
		})
	})
	require.Greater(t, len(owner), 200)
	sources(t, func(p string, file *ast.File) {
		pkg := path.Dir(p)
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || passed[pkg] || passed[pkg+"."+receiver(f)+"."+f.Name.Name] {
				continue
			}
			ast.Inspect(f, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				code := codeArg(call)
				switch code := code.(type) {
				case nil:
				case *ast.Ident:
					report(own[pkg+"."+code.Name], "%s: %s gives a field the code %s", p, f.Name.Name, code.Name)
				case *ast.SelectorExpr:
					name := selector(code)
					report(general[name] != "" || strings.Contains(name, "Err") && strings.HasSuffix(name, ".Code"), "%s: %s gives a field the code %s", p, f.Name.Name, name)
				default:
					report(false, "%s: %s writes a code out", p, f.Name.Name)
				}
				return true
			})
		}
	})
	require.Empty(t, bad)
}

// codeArg is the code of a call that adds a field error, nil for other calls.
func codeArg(call *ast.CallExpr) ast.Expr {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	switch {
	case (sel.Sel.Name == "Check" || sel.Sel.Name == "check") && len(call.Args) == 4:
		return call.Args[2]
	case sel.Sel.Name == "Add" && len(call.Args) == 3:
		return call.Args[1]
	}
	return nil
}

func selector(e *ast.SelectorExpr) string {
	switch x := e.X.(type) {
	case *ast.Ident:
		return x.Name + "." + e.Sel.Name
	case *ast.SelectorExpr:
		return selector(x) + "." + e.Sel.Name
	}
	return "." + e.Sel.Name
}

func receiver(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return ""
	}
	switch x := f.Recv.List[0].Type.(type) {
	case *ast.StarExpr:
		if of, ok := x.X.(*ast.Ident); ok {
			return of.Name
		}
	case *ast.Ident:
		return x.Name
	}
	return ""
}

// generic are the endings of codes that say what the list says already.
var generic = regexp.MustCompile(`(_unknown|_negative|_too_precise|_out_of_range|_too_long|_required|_missing|_reversed|_inverted|_duplicate|_twice|_in_past|_in_future)$|^too_many_`)

// particular are the codes with such an ending that say more, with what it is. A row may only go.
var particular = map[string]string{
	"amount_out_of_range":          "a computed amount outside of what NUMERIC(15,2) holds, of no field",
	"date_out_of_range":            "a computed date outside of the years 1 to 9999, of no field",
	"rate_out_of_range":            "a computed rate of return outside of what is looked for; a name of the vectors",
	"idempotency_key_required":     "a missing key is the mistake of a program, told apart from fields that people fill in",
	"campaign_schedule_required":   "missing only in one status",
	"share_class_required":         "missing only where the offering has classes",
	"verification_review_required": "missing only in one status",
	"distribution_purpose_missing": "missing only where the payment is not made by terms",
	"tax_id_index_missing":         "missing beside another column",
	"signature_evidence_missing":   "missing only in one status",
	"withholding_rate_missing":     "no row of a table fits",
	"too_many_available_units":     "compares two columns",
	"investor_unknown":             "names a row that is not there",
	"projected_unit_unknown":       "names a row that is not there",
	"rent_roll_unit_unknown":       "names a row that is not there",
	"terms_name_unknown":           "names a row that is not there",
	"terms_party_unknown":          "names a row that is not there",
	"withholding_position_unknown": "names a row that is not there",
	"sealed_key_unknown":           "names a key of the vault that is not there",
}

// No error variable of an invalid value gives a general condition a second code.
func TestCodes_sayNothingTwice(t *testing.T) {
	t.Parallel()
	seen, bad := map[string]bool{}, []string{}
	sources(t, func(p string, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || called(call) != "fault.New" || len(call.Args) != 3 {
				return true
			}
			kind, isSel := call.Args[0].(*ast.SelectorExpr)
			lit, isLit := call.Args[1].(*ast.BasicLit)
			if !isSel || !isLit || kind.Sel.Name != "Invalid" {
				return true
			}
			code, err := strconv.Unquote(lit.Value)
			require.NoError(t, err)
			if generic.MatchString(code) {
				seen[code] = true
				if particular[code] == "" {
					bad = append(bad, p+": "+code)
				}
			}
			return true
		})
	})
	require.Empty(t, bad, "these say what the list of package fault says")
	for code := range particular {
		require.True(t, seen[code], "no error has the code %s", code)
	}
}
