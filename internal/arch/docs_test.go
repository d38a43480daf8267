package arch

import (
	"go/ast"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// columns are apart by two spaces or more.
var columns = regexp.MustCompile(`\s{2,}`)

// verbTable reads the table "Verbs by task" of a package's documentation: what it names,
// and the examples of its last column.
func verbTable(t *testing.T, doc string) (verbs, examples []string) {
	t.Helper()
	src, err := os.ReadFile(doc)
	require.NoError(t, err)
	_, rest, ok := strings.Cut(string(src), "// # Verbs by task\n//\n")
	require.True(t, ok, "%s has no verbs by task", doc)
	table, _, _ := strings.Cut(rest, "\n//\n")
	for line := range strings.Lines(table) {
		cells := columns.Split(strings.TrimSpace(strings.TrimPrefix(line, "//")), -1)
		require.GreaterOrEqual(t, len(cells), 2, "%s: %s", doc, line)
		verbs = append(verbs, strings.FieldsFunc(cells[1], func(r rune) bool { return strings.ContainsRune(",; ", r) })...)
		if len(cells) > 2 {
			examples = append(examples, cells[2])
		}
	}
	return verbs, examples
}

// Each package of a schema lists its verbs by task. What the list names is there, with its
// examples, and every verb that changes something is in it.
func TestDocs_verbsByTask(t *testing.T) {
	t.Parallel()
	declared, funcs := map[string]map[string]bool{}, map[string]map[string]bool{} // by package: what is exported; what stands in tests
	walk(t, func(p string, src []byte) {
		into := declared
		if strings.HasSuffix(p, "_test.go") {
			into = funcs
		}
		dir := path.Dir(p)
		if into[dir] == nil {
			into[dir] = map[string]bool{}
		}
		for _, m := range funcName.FindAllStringSubmatch(string(src), -1) {
			into[dir][m[1]] = true
		}
	})
	listed := map[string]map[string]bool{}
	for dir := range schemaOf {
		if dir == "internal/store" || dir == "realestate" {
			continue
		}
		verbs, examples := verbTable(t, "../../"+dir+"/doc.go")
		listed[dir] = map[string]bool{}
		for _, v := range verbs {
			name := v[strings.LastIndexByte(v, '.')+1:]
			require.True(t, declared[dir][name], "%s/doc.go lists %s", dir, v)
			listed[dir][name] = true
		}
		for _, e := range examples {
			require.True(t, exampleExists(dir, e, funcs), "%s/doc.go names the example %s", dir, e)
		}
	}
	var missing []string
	for verb := range verbsThat(t, writers) {
		dot := strings.LastIndexByte(verb, '.')
		typ := verb[:dot]
		dir := strings.TrimPrefix(typ[:strings.LastIndexByte(typ, '.')], module+"/")
		if in, ok := listed[dir]; ok && !in[verb[dot+1:]] {
			missing = append(missing, dir+"/doc.go: "+verb[dot+1:])
		}
	}
	require.Empty(t, missing, strings.Join(missing, "\n"))
}

// What CONTRIBUTING names as a test or a file is there.
func TestContributing_names(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile("../../CONTRIBUTING.md")
	require.NoError(t, err)
	tests := map[string]bool{}
	walk(t, func(p string, src []byte) {
		if strings.HasSuffix(p, "_test.go") {
			for _, m := range funcName.FindAllStringSubmatch(string(src), -1) {
				tests[m[1]] = true
			}
		}
	})
	named := regexp.MustCompile("`([^`\\s]+)`").FindAllStringSubmatch(string(src), -1)
	require.Greater(t, len(named), 60)
	for _, m := range named {
		switch name := m[1]; {
		case strings.HasPrefix(name, "Test"):
			require.True(t, tests[name], "CONTRIBUTING.md names %s", name)
		case strings.Contains(name, "/") && path.Ext(name) != "" && !strings.ContainsAny(name, "*("):
			_, err := os.Stat("../../" + name)
			require.NoError(t, err, "CONTRIBUTING.md names %s", name)
		}
	}
}

var funcName = regexp.MustCompile(`(?m)^func (?:\(\w+ \*?\w+(?:\[\w+\])?\) )?(\w+)[\[(]`)

// exampleExists finds a program of the repository, an example of the package, or one of the
// facade, which a name without its beginning means.
func exampleExists(dir, name string, tests map[string]map[string]bool) bool {
	if strings.HasPrefix(name, "examples/") {
		info, err := os.Stat("../../" + name)
		return err == nil && info.IsDir()
	}
	if short, ok := strings.CutPrefix(name, "realestate."); ok {
		return tests["realestate"][short]
	}
	return tests[dir][name] || ast.IsExported(name) == false && tests["realestate"]["ExamplePlatform_"+name]
}

// tables are those that a piece of documentation or of SQL names.
var (
	tableList = regexp.MustCompile(`(?s)\nTables?: (.*?)\n\n`)
	tableName = regexp.MustCompile(`[a-z]+\.[a-z_]+`)
	tableMade = regexp.MustCompile(`(?m)^CREATE TABLE ([a-z]+\.[a-z_]+)`)
)

// Where a package lists the tables of its schema, each table of the schema is in the list of
// one of them. Those of a history and the default of a partitioned one go without saying.
func TestDocs_tables(t *testing.T) {
	t.Parallel()
	listed := map[string]bool{}
	walk(t, func(p string, src []byte) {
		if path.Base(p) != "doc.go" {
			return
		}
		text := strings.NewReplacer("// ", "", "//", "").Replace(string(src)) + "\n\n"
		if m := tableList.FindStringSubmatch(strings.ReplaceAll(text, "\npackage ", "\n\npackage ")); m != nil {
			for _, name := range tableName.FindAllString(m[1], -1) {
				listed[name] = true
			}
		}
	})
	schemas := map[string]bool{"financials": true, "investments": true, "events": true, "documents": true, "communications": true, "users": true, "analytics": true}
	files, err := filepath.Glob(filepath.Join("..", "..", "migrations", "sql", "*.up.sql"))
	require.NoError(t, err)
	seen := 0
	for _, f := range files {
		src, err := os.ReadFile(f)
		require.NoError(t, err)
		for _, m := range tableMade.FindAllStringSubmatch(string(src), -1) {
			schema, _, _ := strings.Cut(m[1], ".")
			if schemas[schema] && !strings.HasSuffix(m[1], "_history") && !strings.HasSuffix(m[1], "_default") {
				seen++
				require.True(t, listed[m[1]], "no doc.go lists %s", m[1])
			}
		}
	}
	require.Greater(t, seen, 70)
}
