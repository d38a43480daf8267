package localpg

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// ErrNotFound says that no PostgreSQL with PostGIS could be found. Its text
// (see [Start]) explains what was tried and how to install one.
var ErrNotFound = errors.New("no PostgreSQL with PostGIS found")

// oldest is the first major version of PostgreSQL that the library supports.
const oldest = 14

// programs is an installation of the server: initdb, postgres and their PostGIS.
type programs struct {
	dir     string // where the executables are
	version string // what postgres --version prints, and PostGIS's version
}

// findPrograms returns the first installation in dirs that is complete. The
// error lists, for each one that is not, what it lacks.
func findPrograms(ctx context.Context, dirs []string) (*programs, error) {
	var missing []error
	seen := map[string]bool{}
	for _, dir := range dirs {
		path, err := filepath.EvalSymlinks(filepath.Join(dir, "postgres"))
		if err != nil || seen[filepath.Dir(path)] {
			continue
		}
		dir = filepath.Dir(path)
		seen[dir] = true
		p, err := inspect(ctx, dir)
		if err == nil {
			return p, nil
		}
		missing = append(missing, fmt.Errorf("%s: %w", dir, err))
	}
	if len(missing) == 0 {
		missing = append(missing, errors.New("no postgres program in the PATH or the usual places"))
	}
	return nil, errors.Join(missing...)
}

var versionNumber = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// inspect checks that dir holds a server that the library can use.
func inspect(ctx context.Context, dir string) (*programs, error) {
	if _, err := os.Stat(filepath.Join(dir, "initdb")); err != nil {
		return nil, errors.New("initdb is missing")
	}
	out, err := exec.CommandContext(ctx, filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return nil, fmt.Errorf("postgres --version: %w", err)
	}
	m := versionNumber.FindSubmatch(out)
	if m == nil {
		return nil, fmt.Errorf("postgres --version printed %q", out)
	}
	if major, _ := strconv.Atoi(string(m[1])); major < oldest {
		return nil, fmt.Errorf("PostgreSQL %d is too old, %d or later is needed", major, oldest)
	}
	for _, share := range shareDirs(ctx, dir) {
		control, err := os.ReadFile(filepath.Join(share, "extension", "postgis.control"))
		if err == nil {
			return &programs{dir: dir, version: string(bytes.TrimSpace(out)) + "\n" + string(control)}, nil
		}
	}
	return nil, errors.New("PostGIS is not installed (no postgis.control)")
}

// shareDirs lists where the installation in dir may keep its extensions:
// where pg_config says, else where packagers put them.
func shareDirs(ctx context.Context, dir string) []string {
	var dirs []string
	if out, err := exec.CommandContext(ctx, filepath.Join(dir, "pg_config"), "--sharedir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	up := filepath.Dir(dir)
	return append(dirs,
		filepath.Join(up, "share"),
		filepath.Join(up, "share", "postgresql"),
		filepath.Join("/usr/share/postgresql", filepath.Base(up)),
	)
}

// binDirs lists the directories where server programs may be: the PATH first, so
// that a user can choose, then the usual places, newest version first.
func binDirs() []string {
	dirs := filepath.SplitList(os.Getenv("PATH"))
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin",
		"/usr/pgsql-*/bin",
		"/opt/homebrew/opt/postgresql*/bin",
		"/usr/local/opt/postgresql*/bin",
		"/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
		"/Applications/Postgres.app/Contents/Versions/*/bin",
		"/usr/local/pgsql/bin",
	} {
		found, _ := filepath.Glob(pattern) // the patterns are well formed
		slices.SortFunc(found, func(a, b string) int { return majorIn(b) - majorIn(a) })
		dirs = append(dirs, found...)
	}
	return dirs
}

var firstNumber = regexp.MustCompile(`\d+`)

// majorIn reads the version number out of a path such as /usr/lib/postgresql/15/bin.
func majorIn(path string) int {
	n, _ := strconv.Atoi(firstNumber.FindString(path)) // a path without one sorts last
	return n
}

// installHint is the line that installs PostgreSQL with PostGIS on this machine.
func installHint() string {
	has := func(program string) bool { _, err := exec.LookPath(program); return err == nil }
	switch {
	case runtime.GOOS == "darwin":
		return "brew install postgresql@17 postgis"
	case has("apt-get"):
		return "sudo apt-get install -y postgresql postgresql-contrib postgis 'postgresql-*-postgis-3'"
	case has("dnf"):
		return "sudo dnf install -y postgresql-server postgresql-contrib postgis"
	case has("apk"):
		return "sudo apk add postgresql postgresql-contrib postgis"
	case has("pacman"):
		return "sudo pacman -S postgresql postgis"
	}
	return "install PostgreSQL 14 or later with PostGIS, from https://www.postgresql.org/download/"
}
