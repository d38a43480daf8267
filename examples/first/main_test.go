package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
)

const root = "../.."

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, name))
	require.NoError(t, err)
	return string(b)
}

// program is the README's second program, the one with a database.
func program(t *testing.T) string {
	t.Helper()
	return shown(t, "go")[1]
}

// shown are the README's blocks of a language.
func shown(t *testing.T, language string) (blocks []string) {
	t.Helper()
	for _, m := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(read(t, "README.md"), -1) {
		blocks = append(blocks, m[1])
	}
	require.NotEmpty(t, blocks)
	return blocks
}

// What the README shows are the programs of these folders and the function of an example,
// and what the first of them prints is the output of its example.
func TestREADME_programs(t *testing.T) {
	t.Parallel()
	for i, folder := range []string{"waterfall", "first"} {
		_, source, _ := strings.Cut(read(t, "examples/"+folder+"/main.go"), "package main\n")
		require.Equal(t, "package main\n"+source, shown(t, "go")[i])
	}
	_, source, _ := strings.Cut(read(t, "realestate/example_signin_test.go"), "\nfunc pages(")
	source, _, _ = strings.Cut(source, "\n}\n")
	require.Equal(t, "func pages("+source+"\n}\n", shown(t, "go")[2])
	require.LessOrEqual(t, strings.Count(shown(t, "go")[2], "\n"), 25, "short enough to read first")
	_, output, _ := strings.Cut(read(t, "examples/waterfall/main_test.go"), "// Output:\n")
	output = strings.ReplaceAll(strings.ReplaceAll(strings.TrimSuffix(output, "}\n"), "\t// ", ""), "\t//\n", "\n")
	require.Equal(t, output, shown(t, "text")[0])
}

// The README's way to add the library to a project, followed to the letter:
// another module builds the README's program, and the program does its work on an
// empty database, twice.
func TestREADME_inAnotherModule(t *testing.T) {
	t.Parallel()
	dir := otherModule(t)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "main.go"), []byte(program(t)), 0o600))
	for _, line := range adding(t) {
		sh(t, dir, strings.Replace(line, "./...", "-o host .", 1))
	}
	dsn := pgtest.DSN(t, pgtest.Empty(t))
	for range 2 {
		out := sh(t, dir, "./host", "FREEHOLD_DSN="+dsn)
		require.Equal(t, "Elm Court: 2 units in Columbus\n", out)
	}
}

// adding are the README's lines that add the library to a project, but for the copy of it: in
// its own folder, what is built of it for other tests is not built once more.
func adding(t *testing.T) (lines []string) {
	t.Helper()
	dir, err := filepath.Abs(root)
	require.NoError(t, err)
	for _, line := range commands(t, "## Adding it to your project before it is published") {
		if !strings.HasPrefix(line, "git ") {
			lines = append(lines, strings.Replace(line, "./third_party/freehold", dir, 1))
		}
	}
	return lines
}

// otherModule is a folder with a new module. It starts with the library's own sums; what else
// it needs it has from the module cache or the proxy of the environment.
func otherModule(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.sum"), []byte(read(t, "go.sum")), 0o600))
	sh(t, dir, "go mod init example.com/host")
	return dir
}

// sh runs a line of the README in dir and returns what it prints.
func sh(t *testing.T, dir, line string, env ...string) string {
	t.Helper()
	c := exec.CommandContext(t.Context(), "bash", "-ec", line)
	c.Dir = dir
	c.Env = append(os.Environ(), append(env, "GOWORK=off")...)
	out, err := c.CombinedOutput()
	require.NoError(t, err, "%s\n%s", line, out)
	return string(out)
}

// commands are the indented lines of a section of the README.
func commands(t *testing.T, heading string) (lines []string) {
	t.Helper()
	_, section, found := strings.Cut(read(t, "README.md"), heading+"\n")
	require.True(t, found)
	section, _, _ = strings.Cut(section, "\n## ")
	for line := range strings.Lines(section) {
		if line, ok := strings.CutPrefix(line, "    "); ok {
			line, _, _ = strings.Cut(line, " #")
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	require.NotEmpty(t, lines)
	return lines
}
