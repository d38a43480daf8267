package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// event is a line of go test -json, see go doc test2json.
type event struct {
	Action     string
	Package    string
	ImportPath string // of build events
	Test       string
	Elapsed    float64 // seconds
	Output     string
}

// key names a test: its package and its name.
type key struct{ pkg, test string }

func (k key) String() string { return short(k.pkg) + " " + k.test }

// short is a package's path without the module's.
func short(pkg string) string {
	if pkg == module {
		return "."
	}
	return strings.TrimPrefix(pkg, module+"/")
}

const module = "github.com/freehold-go/freehold"

// report is what is known of a run so far.
type report struct {
	out      io.Writer
	running  map[key][]string // what tests without a verdict have printed
	seconds  map[key]float64
	skipped  map[key]string // with the reason
	packages map[string]float64
	passed   int
	failed   int
	broken   int // packages that failed, by their tests or without one
}

func newReport(out io.Writer) *report {
	return &report{
		out: out, running: map[key][]string{}, seconds: map[key]float64{},
		skipped: map[key]string{}, packages: map[string]float64{},
	}
}

// read follows a run to its end. A line that is no event is printed as it is.
func (r *report) read(in io.Reader) error {
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadString('\n')
		if line != "" {
			var e event
			if json.Unmarshal([]byte(line), &e) != nil || e.Action == "" {
				r.print(line)
			} else {
				r.add(e)
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}

func (r *report) add(e event) {
	k := key{e.Package, e.Test}
	switch {
	case e.Action == "build-output":
		r.print(e.Output)
	case e.Test == "":
		r.addPackage(e)
	case e.Action == "output":
		r.running[k] = append(r.running[k], e.Output)
	case e.Action == "pass":
		r.passed++
		r.end(k, e)
	case e.Action == "fail":
		r.failed++
		r.print(r.running[k]...)
		r.end(k, e)
	case e.Action == "skip":
		r.skipped[k] = reason(r.running[k])
		r.end(k, e)
	}
}

func (r *report) end(k key, e event) {
	r.seconds[k] = e.Elapsed
	delete(r.running, k)
}

// addPackage takes an event about a package as a whole.
func (r *report) addPackage(e event) {
	switch e.Action {
	case "output":
		if e.Output != "PASS\n" {
			r.print(e.Output)
		}
	case "pass":
		r.packages[e.Package] = e.Elapsed
	case "fail":
		r.broken++
		r.packages[e.Package] = e.Elapsed
		for _, k := range slices.SortedFunc(maps.Keys(r.running), byName) { // a panic, or the time was up
			if k.pkg == e.Package {
				r.print(r.running[k]...)
				delete(r.running, k)
			}
		}
	}
}

func byName(a, b key) int { return strings.Compare(a.String(), b.String()) }

// reason is what a skipped test said.
func reason(output []string) string {
	var said []string
	for _, line := range output {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "=== ") && !strings.HasPrefix(line, "--- ") {
			said = append(said, line)
		}
	}
	return strings.Join(said, " ")
}

func (r *report) print(lines ...string) {
	for _, line := range lines {
		_, _ = io.WriteString(r.out, line) // whoever closed the output reads no more of it
	}
}

// summary prints what was skipped, the slowest tests and the count, and tells whether the
// run failed.
func (r *report) summary(slowest int) error {
	for _, k := range slices.SortedFunc(maps.Keys(r.skipped), byName) {
		r.print(fmt.Sprintf("skipped: %s: %s\n", k, r.skipped[k]))
	}
	if slowest > 0 {
		r.print("the slowest tests:\n")
	}
	for i, k := range r.bySeconds() {
		if i == slowest {
			break
		}
		r.print(fmt.Sprintf("%8.1f s  %s\n", r.seconds[k], k))
	}
	r.print(fmt.Sprintf("%d passed, %d failed, %d skipped\n", r.passed, r.failed, len(r.skipped)))
	switch {
	case r.failed > 0 || r.broken > 0:
		return fmt.Errorf("%d tests and %d packages failed", r.failed, r.broken)
	case r.passed == 0:
		return errors.New("no test ran")
	}
	return nil
}

// bySeconds lists the tests that are nobody's part, the slowest first.
func (r *report) bySeconds() []key {
	var list []key
	for k := range r.seconds {
		if !strings.Contains(k.test, "/") {
			list = append(list, k)
		}
	}
	slices.SortFunc(list, func(a, b key) int {
		if d := r.seconds[b] - r.seconds[a]; d != 0 {
			return int(d / max(d, -d))
		}
		return byName(a, b)
	})
	return list
}
