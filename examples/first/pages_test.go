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
var pages = []string{"README.md", "CHANGELOG.md", "CONTRIBUTING.md"}

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
