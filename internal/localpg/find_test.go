package localpg

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// installation makes a directory that looks like an installed server.
func installation(t *testing.T, version string, files ...string) string {
	t.Helper()
	root := t.TempDir()
	bin := filepath.Join(root, "bin")
	require.NoError(t, os.MkdirAll(bin, 0o755))
	script := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+text+"\n"), 0o755))
	}
	script("postgres", "echo '"+version+"'")
	for _, f := range files {
		switch f {
		case "postgis":
			extension := filepath.Join(root, "share", "extension")
			require.NoError(t, os.MkdirAll(extension, 0o755))
			require.NoError(t, os.WriteFile(filepath.Join(extension, "postgis.control"), []byte("default_version = '3.3'"), 0o644))
		case "broken":
			script("postgres", "exit 1")
		default:
			script(f, "exit 0")
		}
	}
	return bin
}

// An installation is used when it is complete and new enough; else the error says
// what each one lacks, and the next one is tried.
func TestFindPrograms(t *testing.T) {
	t.Parallel()

	const v15, v13 = "postgres (PostgreSQL) 15.2 (Debian)", "postgres (PostgreSQL) 13.9"
	good := installation(t, v15, "initdb", "postgis")
	p, err := findPrograms(t.Context(), []string{
		t.TempDir(), installation(t, v13, "initdb", "postgis"), installation(t, v15, "initdb"), good})
	require.NoError(t, err)
	require.Equal(t, good, p.dir)

	for want, dir := range map[string]string{
		"PostgreSQL 13 is too old":       installation(t, v13, "initdb", "postgis"),
		"initdb is missing":              installation(t, v15, "postgis"),
		"PostGIS is not installed":       installation(t, v15, "initdb"),
		"postgres --version: exit":       installation(t, v15, "initdb", "postgis", "broken"),
		`postgres --version printed "So`: installation(t, "Something else", "initdb", "postgis"),
		"no postgres program":            t.TempDir(),
	} {
		_, err := findPrograms(t.Context(), []string{dir})
		require.ErrorContains(t, err, want)
	}
}

func TestMajorIn(t *testing.T) {
	t.Parallel()

	for path, want := range map[string]int{
		"/usr/lib/postgresql/15/bin": 15, "/usr/pgsql-9.6/bin": 9, "/opt/homebrew/opt/postgresql@17/bin": 17, "/usr/bin": 0,
	} {
		require.Equal(t, want, majorIn(path), path)
	}
}
