package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// pages are those that people read first.
var pages = []string{"README.md", "CHANGELOG.md", "CONTRIBUTING.md", "BENCHMARKS.md"}

// Prose fits a screen. Tables, programs and what they print are as wide as they
// are.
func TestPages_width(t *testing.T) {
	t.Parallel()
	for _, page := range pages {
		shown := false
		for i, line := range strings.Split(read(t, page), "\n") {
			shown = shown != strings.HasPrefix(line, "```")
			if shown || strings.HasPrefix(line, "|") || strings.HasPrefix(line, "    ") {
				continue
			}
			require.LessOrEqual(t, len([]rune(line)), 120, "%s:%d", page, i+1)
		}
	}
}

// The tables of verbs by task name verbs that the package has and examples that
// are there.
func TestPackageDocs_verbs(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(root, "*", "doc.go"))
	require.NoError(t, err)
	deeper, err := filepath.Glob(filepath.Join(root, "*", "*", "doc.go"))
	require.NoError(t, err)
	examples := sources(t, filepath.Join(root, "realestate"), true)
	tables := 0
	for _, file := range append(files, deeper...) {
		doc, err := os.ReadFile(file)
		require.NoError(t, err)
		_, table, found := strings.Cut(string(doc), "// # Verbs by task\n//\n")
		if !found {
			continue
		}
		tables++
		dir := filepath.Dir(file)
		code, tests := sources(t, dir, false), sources(t, dir, true)
		for line := range strings.Lines(table) {
			row, isRow := strings.CutPrefix(line, "//\t")
			if !isRow {
				break
			}
			cells := regexp.MustCompile(`\s{2,}`).Split(strings.TrimSpace(row), -1)
			require.GreaterOrEqual(t, len(cells), 2, "%s: %s", file, row)
			for _, verb := range strings.FieldsFunc(cells[1], func(r rune) bool { return r == ',' || r == ';' || r == ' ' }) {
				verb = verb[strings.LastIndex(verb, ".")+1:]
				known := regexp.MustCompile(`(?m)^(func (\([^)]*\) )?|type )` + verb + `[(\[ ]`)
				require.True(t, known.MatchString(code), "%s names %s", file, verb)
			}
			if len(cells) < 3 {
				continue
			}
			switch name := cells[2]; {
			case strings.HasPrefix(name, "examples/"):
				require.DirExists(t, filepath.Join(root, name), file)
			case strings.HasPrefix(name, "Example"):
				require.True(t, strings.Contains(tests, "func "+name+"("), "%s names %s", file, name)
			case strings.Contains(name, ".Example"):
				folder, example, _ := strings.Cut(name, ".")
				if folder == "realestate" {
					require.True(t, strings.Contains(examples, "func "+example+"("), "%s names %s", file, example)
				} else {
					require.True(t, strings.Contains(sources(t, filepath.Join(dir, folder), true), "func "+example+"("), "%s names %s", file, example)
				}
			default:
				require.True(t, strings.Contains(examples, "func ExamplePlatform_"+name+"("), "%s names %s", file, name)
			}
		}
	}
	require.Greater(t, tables, 15)
}

// sources are the Go files of a folder, its tests or the others.
func sources(t *testing.T, dir string, tests bool) string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	var b strings.Builder
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") == tests {
			data, err := os.ReadFile(name)
			require.NoError(t, err)
			b.Write(data)
		}
	}
	return b.String()
}

// Every link into the project leads somewhere.
func TestPages_links(t *testing.T) {
	t.Parallel()
	link := regexp.MustCompile(`\]\(([^)]+)\)|(?m)^\[[^\]]+\]: (\S+)$`)
	n := 0
	for _, page := range pages {
		for _, m := range link.FindAllStringSubmatch(read(t, page), -1) {
			target, _, _ := strings.Cut(m[1]+m[2], "#")
			if strings.Contains(target, "://") || target == "" {
				continue
			}
			n++
			_, err := os.Stat(filepath.Join(root, target))
			require.NoError(t, err, "%s links to %s", page, target)
		}
	}
	require.Greater(t, n, 20)
}

// Every make target that is named exists, and those of the README are all that
// a reader may want.
func TestPages_targets(t *testing.T) {
	t.Parallel()
	exists := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^([a-z][a-z-]*):`).FindAllStringSubmatch(read(t, "Makefile"), -1) {
		exists[m[1]] = true
	}
	named := map[string]bool{}
	for _, page := range pages {
		for _, m := range regexp.MustCompile("(?m)(?:`|^    )make ([a-z][a-z-]*)").FindAllStringSubmatch(read(t, page), -1) {
			require.True(t, exists[m[1]], "%s names make %s", page, m[1])
			named[m[1]] = true
		}
	}
	for _, target := range []string{"quickstart", "test", "help", "bench-finance"} {
		require.True(t, named[target], target)
	}
}

// Every package that a host can import is in the README's table, and every
// folder of a program in its text.
func TestREADME_packages(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "list", "../../...").Output()
	require.NoError(t, err)
	readme := read(t, "README.md")
	var missing []string
	for line := range strings.Lines(string(out)) {
		name := strings.TrimPrefix(strings.TrimSpace(line), "github.com/freehold-go/freehold/")
		if slices.Contains(strings.Split(name, "/"), "internal") {
			continue
		}
		if !strings.Contains(readme, "("+name+"/") && !strings.Contains(readme, "./"+name+" ") {
			missing = append(missing, name)
		}
	}
	require.Empty(t, missing)
}
