package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// An account of a book is named by its constant, in SQL too: a code that stands in
// a text is not found by who renames the account.
func TestAccountCodes_areConstants(t *testing.T) {
	t.Parallel()
	quoted, codes := regexp.MustCompile(`'[1-9][0-9]{3}'`), map[string]bool{}
	file, err := parser.ParseFile(token.NewFileSet(), "../../investments/book.go", nil, parser.SkipObjectResolution)
	require.NoError(t, err)
	eachConst(file, func(name string, value ast.Expr) {
		if lit, ok := value.(*ast.BasicLit); ok && strings.HasPrefix(name, "Account") {
			code, err := strconv.Unquote(lit.Value)
			require.NoError(t, err)
			codes[code] = true
		}
	})
	require.Greater(t, len(codes), 10)
	var bad []string
	sources(t, func(p string, file *ast.File) {
		if strings.HasPrefix(p, "internal/moneytest/") { // the second implementation says them by itself
			return
		}
		ast.Inspect(file, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(lit.Value)
			require.NoError(t, err)
			if m := quoted.FindString(text); m != "" {
				bad = append(bad, p+": "+m)
			}
			if codes[text] && p != "investments/book.go" && strings.HasPrefix(p, "investments/") {
				bad = append(bad, p+": "+text)
			}
			return true
		})
	})
	require.Empty(t, bad)
}

// openMaps are the files that may hold a map[string]any, with what it is. It is
// stored as it was given and read by nobody here: what steers the library has a
// type. A row may only go.
var openMaps = map[string]string{
	"documents/document.go":                            "the host's own metadata",
	"documents/document_add.go":                        "the host's own metadata",
	"documents/document_edit.go":                       "the host's own metadata",
	"events/interaction.go":                            "the host's own metadata",
	"investments/transaction.go":                       "the host's own metadata",
	"properties/floorplan.go":                          "features, shown as they are",
	"properties/floorplan_add.go":                      "features, shown as they are",
	"properties/property.go":                           "features, shown as they are",
	"properties/property_details.go":                   "features, shown as they are",
	"realestate/analytics/event.go":                    "the host's own properties of an event",
	"realestate/analytics/event_track.go":              "the host's own properties of an event",
	"realestate/communications/campaign.go":            "the host's own filter; the host chooses recipients by it",
	"realestate/communications/notification.go":        "what a screen shows beside a notice",
	"realestate/communications/notification_notify.go": "what a screen shows beside a notice",
	"realestate/hook_debtnotice.go":                    "what a screen shows beside a notice",
	"realestate/hook_callnotice.go":                    "what a screen shows beside a notice",
	"realestate/hook_paymentnotice.go":                 "what a screen shows beside a notice",
	"internal/check/json.go":                           "checks one",
}

// A map[string]any never steers what is stored: it stands only where a host's own
// JSON passes through, and nothing looks into it.
func TestMaps_steerNothing(t *testing.T) {
	t.Parallel()
	held, names := map[string]bool{}, map[string]bool{}
	sources(t, func(p string, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			if f, ok := n.(*ast.Field); ok && openMap(f.Type) {
				for _, name := range f.Names {
					if name.IsExported() {
						names[name.Name] = true
					}
				}
			}
			if e, ok := n.(ast.Expr); ok && openMap(e) {
				held[p] = true
				require.NotEmpty(t, openMaps[p], "%s holds a map[string]any; what steers the library has a type", p)
			}
			return true
		})
	})
	for p := range openMaps {
		require.True(t, held[p], "%s holds none", p)
	}
	require.Greater(t, len(names), 4)
	sources(t, func(p string, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			if x, ok := n.(*ast.IndexExpr); ok {
				if sel, ok := x.X.(*ast.SelectorExpr); ok {
					require.False(t, names[sel.Sel.Name], "%s looks into %s", p, sel.Sel.Name)
				}
			}
			if r, ok := n.(*ast.RangeStmt); ok {
				if sel, ok := r.X.(*ast.SelectorExpr); ok {
					require.False(t, names[sel.Sel.Name], "%s looks into %s", p, sel.Sel.Name)
				}
			}
			return true
		})
	})
}

// openMap reports the type map[string]any.
func openMap(e ast.Expr) bool {
	m, ok := e.(*ast.MapType)
	if !ok {
		return false
	}
	key, isIdent := m.Key.(*ast.Ident)
	value, isAny := m.Value.(*ast.Ident)
	if i, ok := m.Value.(*ast.InterfaceType); ok && len(i.Methods.List) == 0 {
		return isIdent && key.Name == "string"
	}
	return isIdent && isAny && key.Name == "string" && value.Name == "any"
}
