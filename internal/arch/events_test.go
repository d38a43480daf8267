package arch

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the list of domain events anew")

// plainText lists the fields of events that may be text. Ids, amounts, dates and
// statuses have types of their own; what else is text might be somebody's name.
var plainText = []string{"share_class", "to_share_class", "terms_hash", "code", "currency", "hash", "columns", "fields", "basis", "preference", "index"}

// domainEvent is a type of event as its source declares it.
type domainEvent struct {
	pkg, typ, name string
	version        int
	fields         []string
}

func (e domainEvent) String() string {
	return fmt.Sprintf("%s %d {%s} %s.%s", e.name, e.version, strings.Join(e.fields, "; "), e.pkg, e.typ)
}

// domainEvents reads every payload of the module from its source: a type with a
// method EventType.
func domainEvents(t *testing.T) []domainEvent {
	t.Helper()
	structs, found := map[string]*ast.StructType{}, []domainEvent{}
	walk(t, func(p string, src []byte) {
		if strings.HasSuffix(p, "_test.go") {
			return
		}
		file, err := parser.ParseFile(token.NewFileSet(), p, src, parser.SkipObjectResolution)
		require.NoError(t, err)
		pkg := path.Dir(p)
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.GenDecl:
				for _, s := range d.Specs {
					if spec, ok := s.(*ast.TypeSpec); ok {
						if st, ok := spec.Type.(*ast.StructType); ok {
							structs[pkg+"."+spec.Name.Name] = st
						}
					}
				}
			case *ast.FuncDecl:
				if d.Name.Name != "EventType" || d.Recv == nil {
					continue
				}
				recv, ok := d.Recv.List[0].Type.(*ast.Ident)
				require.True(t, ok, "%s: EventType has a value as its receiver", p)
				e := domainEvent{pkg: pkg, typ: recv.Name}
				ret, ok := d.Body.List[0].(*ast.ReturnStmt)
				require.True(t, ok && len(ret.Results) == 2, "%s.%s: EventType returns two literals", pkg, e.typ)
				e.name, err = strconv.Unquote(ret.Results[0].(*ast.BasicLit).Value)
				require.NoError(t, err)
				e.version, err = strconv.Atoi(ret.Results[1].(*ast.BasicLit).Value)
				require.NoError(t, err)
				found = append(found, e)
			}
		}
	})
	for i := range found {
		e := &found[i]
		st := structs[e.pkg+"."+e.typ]
		require.NotNil(t, st, "%s.%s is a struct", e.pkg, e.typ)
		for _, f := range st.Fields.List {
			require.Len(t, f.Names, 1, "%s.%s: a field a line", e.pkg, e.typ)
			require.NotNil(t, f.Tag, "%s.%s.%s has a JSON name", e.pkg, e.typ, f.Names[0])
			tag, err := strconv.Unquote(f.Tag.Value)
			require.NoError(t, err)
			name, _, _ := strings.Cut(reflect.StructTag(tag).Get("json"), ",")
			require.Equal(t, strings.ToLower(f.Names[0].Name), strings.ReplaceAll(name, "_", ""), "%s.%s: the JSON name of %s", e.pkg, e.typ, f.Names[0])
			e.fields = append(e.fields, reflect.StructTag(tag).Get("json")+" "+types.ExprString(f.Type))
		}
	}
	slices.SortFunc(found, func(a, b domainEvent) int { return strings.Compare(a.name, b.name) })
	return found
}

// What events are called and what they hold is a promise to whoever reads them.
// The list of them changes only on purpose: go test ./internal/arch -run Events
// -update. A field that was removed or means something else makes a new version.
func TestEvents_areListed(t *testing.T) {
	t.Parallel()
	var lines []string
	for _, e := range domainEvents(t) {
		lines = append(lines, e.String())
	}
	got := strings.Join(lines, "\n") + "\n"
	golden := filepath.Join("testdata", "events.golden")
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

// A payload that no verb makes is a promise that nobody keeps.
func TestEvents_areEmitted(t *testing.T) {
	t.Parallel()
	made := map[string]bool{}
	walk(t, func(p string, src []byte) {
		if strings.HasSuffix(p, "_test.go") {
			return
		}
		file, err := parser.ParseFile(token.NewFileSet(), p, src, parser.SkipObjectResolution)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.CompositeLit); ok {
				if typ, ok := lit.Type.(*ast.Ident); ok {
					made[path.Dir(p)+"."+typ.Name] = true
				}
			}
			return true
		})
	})
	for _, e := range domainEvents(t) {
		require.True(t, made[e.pkg+"."+e.typ], "nothing makes %s.%s", e.pkg, e.typ)
	}
}

// An event is named after its package, once, and holds no personal data: ids,
// amounts, dates, numbers and statuses, and text only where it can be nobody's.
func TestEvents_keepTheRules(t *testing.T) {
	t.Parallel()
	name, field := regexp.MustCompile(`^[a-z]+\.[a-z0-9_]{3,80}$`), regexp.MustCompile(`^([a-z0-9_]+)(,omitempty)? (\[\])?\*?([A-Za-z0-9_.]+)(\[[A-Za-z.]+\])?$`)
	seen := map[string]string{}
	for _, e := range domainEvents(t) {
		require.Empty(t, seen[e.name], "%s is the name of two events", e.name)
		seen[e.name] = e.typ
		require.Regexp(t, name, e.name)
		require.Equal(t, path.Base(e.pkg)+".", e.name[:strings.IndexByte(e.name, '.')+1], "%s.%s", e.pkg, e.typ)
		require.True(t, ast.IsExported(e.typ), "%s.%s: readers need it", e.pkg, e.typ)
		require.Positive(t, e.version)
		for _, f := range e.fields {
			m := field.FindStringSubmatch(f)
			require.NotNil(t, m, "%s: field %s", e.name, f)
			require.NotContains(t, []string{"any", "byte", "float64", "time.Time", "json.RawMessage", "auth.Secret"}, m[4], "%s: field %s", e.name, f)
			require.True(t, m[4] != "string" || slices.Contains(plainText, m[1]), "%s: is the text %s nobody's name?", e.name, m[1])
		}
	}
	require.Greater(t, len(seen), 60)
}
