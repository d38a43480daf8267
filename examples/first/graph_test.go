package main

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// hostTest is how a host tests what it builds on the library.
const hostTest = `package main

import (
	"testing"

	"github.com/freehold-go/freehold/realestate/realestatetest"
)

func TestHost(t *testing.T) { realestatetest.Property(t, realestatetest.Tx(t)) }
`

// required lists the modules that a go.mod names, those that it needs itself.
func required(t *testing.T, dir string) (direct []string) {
	t.Helper()
	var mod struct {
		Require []struct {
			Path     string
			Indirect bool
		}
	}
	require.NoError(t, json.Unmarshal([]byte(sh(t, dir, "go mod edit -json")), &mod))
	for _, r := range mod.Require {
		if !r.Indirect {
			direct = append(direct, r.Path)
		}
	}
	return direct
}

// nested lists the folders of the modules inside the library's.
func nested(t *testing.T) (dirs []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && d.Name() != ".." && d.Name() != "."):
			return fs.SkipDir
		case d.Name() == "go.mod" && filepath.Dir(path) != filepath.Clean(root):
			dirs = append(dirs, filepath.Dir(path))
		}
		return nil
	}))
	return dirs
}

// A host that imports the library, and in its tests the helpers for them, takes none of
// the heavy modules, neither into its graph nor into its sums: neither Docker's client
// and what comes with it, nor whatever else stands in a module of its own.
func TestHost_graph(t *testing.T) {
	t.Parallel()
	dir := otherModule(t)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "main.go"), []byte(program(t)), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "main_test.go"), []byte(hostTest), 0o600))
	for _, line := range adding(t) {
		if strings.HasPrefix(line, "go mod edit") {
			sh(t, dir, line)
		}
	}
	sh(t, dir, "go mod tidy")
	sums, err := os.ReadFile(filepath.Join(dir, "go.sum"))
	require.NoError(t, err)
	graph := sh(t, dir, "go mod graph")
	require.Contains(t, graph, "github.com/uptrace/bun@")
	require.Contains(t, string(sums), "github.com/stretchr/testify ")

	heavy := []string{"docker", "runc", "mapstructure"}
	own := required(t, root)
	modules := nested(t)
	require.Contains(t, modules, filepath.Join(root, "internal", "localpg", "dockerpg"))
	for _, module := range modules {
		for _, path := range required(t, module) {
			if !slices.Contains(own, path) && path != "github.com/freehold-go/freehold" {
				heavy = append(heavy, path)
			}
		}
	}
	require.Contains(t, heavy, "github.com/ory/dockertest/v3")
	for _, name := range heavy {
		require.NotContains(t, graph, name)
		require.NotContains(t, string(sums), name)
	}
	require.Contains(t, sh(t, dir, "go list -deps -test ./..."), "/internal/pgtest", "the host's test needs the helpers")
}
