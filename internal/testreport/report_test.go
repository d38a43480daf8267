package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// sample is a module with every way in which tests can end.
var sample = map[string]string{
	"go.mod": "module example.com/sample\n\ngo 1.26\n",
	"good/good_test.go": `package good
import ("testing"; "time")
func TestFast(t *testing.T) { t.Log("a passing test's words") }
func TestSlow(t *testing.T) { time.Sleep(300 * time.Millisecond) }
func TestNot(t *testing.T)  { t.Skip("no server\nhere") }
func TestParts(t *testing.T) { t.Run("part", func(t *testing.T) {}) }
`,
	"bad/bad_test.go": `package bad
import "testing"
func TestFails(t *testing.T) { t.Error("two is not three") }
`,
	"crash/crash_test.go": `package crash
import "testing"
func TestPanics(t *testing.T) { panic("out of tune") }
`,
	"exits/exits_test.go": `package exits
import ("fmt"; "os"; "testing")
func TestExits(t *testing.T) { fmt.Println("leaving early"); os.Exit(7) }
`,
	"broken/broken_test.go": `package broken
import "testing"
func TestBroken(t *testing.T) { undefined() }
`,
}

// goTest runs the tests of some packages of the sample and returns what it printed and
// whether go test failed.
func goTest(t *testing.T, packages ...string) (string, bool) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range sample {
		require.NoError(t, os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"test", "-json"}, packages...)...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil {
		require.True(t, errors.As(err, &exit), "%v", err)
	}
	return string(out), err != nil
}

// reported is what the tool prints of a run.
func reported(t *testing.T, run string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	r := newReport(&out)
	require.NoError(t, r.read(strings.NewReader(run)))
	err := r.summary(2)
	return out.String(), err
}

// A good run shows a line for each package, what was skipped and why, and the slowest.
func TestReport_good(t *testing.T) {
	t.Parallel()

	run, failed := goTest(t, "./good")
	require.False(t, failed)
	out, err := reported(t, run)
	require.NoError(t, err)
	require.Contains(t, out, "ok  \texample.com/sample/good")
	require.NotContains(t, out, "a passing test's words")
	require.Contains(t, out, "skipped: example.com/sample/good TestNot: good_test.go:5: no server here\n")
	_, slowest, _ := strings.Cut(out, "the slowest tests:\n")
	require.Regexp(t, `^     0\.\d s  example.com/sample/good TestSlow\n     0\.0 s  example.com/sample/good TestFast\n`, slowest)
	require.True(t, strings.HasSuffix(out, "\n4 passed, 0 failed, 1 skipped\n"), out)
}

// No failure is hidden, whichever way a test or a package failed, among good ones.
func TestReport_failures(t *testing.T) {
	t.Parallel()

	all, failed := goTest(t, "./...")
	require.True(t, failed)
	for pkg, says := range map[string]string{
		"bad": "two is not three", "crash": "panic: out of tune", "exits": "leaving early", "broken": "undefined: undefined",
	} {
		var run strings.Builder // of this package and the good one
		for line := range strings.Lines(all) {
			if strings.Contains(line, "sample/good") || strings.Contains(line, "sample/"+pkg) {
				run.WriteString(line)
			}
		}
		out, err := reported(t, run.String())
		require.Error(t, err, pkg)
		require.Contains(t, out, says, pkg)
		require.Regexp(t, `(?m)^FAIL\s+example\.com/sample/`+pkg, out)
		require.Contains(t, out, "ok  \texample.com/sample/good")
	}
}

// A run that ended before any test did is none, and a line that is no event is shown.
func TestReport_nothing(t *testing.T) {
	t.Parallel()

	out, err := reported(t, "no packages to test\n")
	require.ErrorContains(t, err, "no test ran")
	require.Contains(t, out, "no packages to test\n")
}

// The table has the slow packages by name and the rest as one, and refuses a failed run.
func TestTable(t *testing.T) {
	t.Parallel()

	dir := t.TempDir()
	record := func(name, text string) string {
		file := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		return file
	}
	run := func(a, b, c string) string {
		const base = `{"Action":"pass","Test":"TestX","Package":"` + module + `/`
		return base + `a"}
{"Action":"pass","Package":"` + module + `/a","Elapsed":` + a + `}
{"Action":"pass","Package":"` + module + `/b","Elapsed":` + b + `}
{"Action":"pass","Package":"` + module + `/c","Elapsed":` + c + "}\n"
	}
	plain, race := record("plain", run("4", "20", "1.4")), record("race", run("9.6", "60", "2"))
	var out bytes.Buffer
	require.NoError(t, printTable(&out, []string{plain, race}))
	require.Equal(t, "| Package | s | s with -race |\n|---|---:|---:|\n| b | 20 | 60 |\n| a | 4 | 10 |\n| 1 more | 1 | 2 |\n| all | 25 | 72 |\n", out.String())

	require.Error(t, printTable(&out, []string{plain}))
	require.Error(t, printTable(&out, []string{plain, record("bad", `{"Action":"fail","Test":"TestX","Package":"x"}`)}))
}
